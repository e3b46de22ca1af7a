"""JUnit XML, read back with junitparser and with ElementTree."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import junitparser
import pytest
from class_of_five import ATTEMPT, BITS, HIDDEN, NORMS, class_grades, with_message, with_student

from grader.nouns import Student
from grader.write.exports.junit import attempt_junit, class_junit, write_attempt_junit, write_class_junit

# Children and attributes that the schema of Jenkins' xUnit plugin (junit-10.xsd) has.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors", "skipped"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "skipped": {"type", "message"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
}
HOSTILE = (
    "<failure/>&amp;]]>",
    "\x00\x01\x08\x0b\x0c\x1b[31m\x1f\x7f\x85\x9b",
    "\ud800\udfff\ufffe\uffff",
    "\u202e\u200b",
    "two\nlines\ttab\r",
    "'\"><testcase name='forged'/>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "x" * 1_000_000,
    "",
)


def read(text: str) -> junitparser.JUnitXml:
    root = ET.fromstring(text.encode("utf-8"))
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag], element.tag
    parsed = junitparser.JUnitXml.fromstring(text.encode("utf-8"))
    for name in ("tests", "failures", "errors", "skipped"):
        told = [getattr(suite, name) for suite in parsed]
        assert getattr(parsed, name) == sum(told)
        parsed.update_statistics()
        assert [getattr(suite, name) for suite in parsed] == told, "the counts are those of the cases"
    return parsed


def outcome(case: junitparser.TestCase) -> tuple[str, str]:
    if case.is_passed:
        return "passed", ""
    [result] = case.result
    return type(result).__name__.lower(), result.message


def test_a_class_is_a_suite_per_student() -> None:
    suites = {suite.name.split()[0]: suite for suite in read(class_junit(class_grades()))}
    assert list(suites) == ["ada", "ben", "cleo", "dan", "eve"]
    ada = suites["ada"]
    assert (ada.name, ada.tests, ada.failures, ada.errors, ada.skipped) == ("ada Ada Lovelace", 8, 3, 1, 2)
    assert ada.timestamp == "2026-03-02T08:00:00"
    assert {one.name: one.value for one in ada.properties()} == {
        "points": "3.15",
        "max_points": "12",
        "open_points": "4",
    }
    cases = {case.name.partition(":")[0]: case for case in ada}
    assert {name: outcome(case) for name, case in cases.items()} == {
        "values": ("passed", ""),
        "shape": ("failure", "Is a <b>dim</b> missing; -x ?"),
        "speed": ("failure", "It is a loop that nobody is told of."),
        "device": ("skipped", "There is no GPU."),
        "noise": ("passed", ""),
        "why": ("skipped", "A person reads this."),
        "seed": ("error", "The grader failed here."),
        "size": ("failure", "No answer."),
    }
    assert (cases["values"].time, cases["shape"].time, ada.time) == (0.5, 0.25, 0.75)
    assert cases["speed"].result[0].type == "partial"
    assert cases["noise"].system_out == "The machine was too busy."
    assert "." not in cases["values"].classname  # it would be taken for a package


def test_who_was_not_graded_has_one_case_that_says_so() -> None:
    suites = {suite.name.split()[0]: suite for suite in read(class_junit(class_grades()))}
    told = {id: [outcome(case) for case in suites[id]] for id in ("cleo", "dan", "eve")}
    assert told == {
        "cleo": [("failure", "It is <no> notebook.")],
        "dan": [("error", "The disk was full.")],
        "eve": [("skipped", "Nothing was handed in.")],
    }


def test_one_grading_is_a_suite_per_exercise() -> None:
    suites = list(read(attempt_junit(ATTEMPT)))
    assert [suite.name for suite in suites] == ["1.2.1 Batched matrix norms", "1.10.1 Random bits"]
    assert [suite.tests for suite in suites] == [len(NORMS.findings), len(BITS.findings)]
    hidden = attempt_junit(ATTEMPT, HIDDEN)
    assert [suite.tests for suite in read(hidden)] == [3, 4]
    assert "loop" not in hidden
    [suite] = list(read(attempt_junit(replace(ATTEMPT, state="unreadable", message="no"))))
    assert suite.failures == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_xml(text: str) -> None:
    grades = with_message(class_grades(), text, title=text)
    grades = with_student(grades, Student(text or "x", text, text))
    for made in (
        class_junit(replace(grades, title=text)),
        attempt_junit(replace(grades.attempts[0], name=text)),
    ):
        parsed = read(made)
        assert parsed.tests == 1
        assert parsed.failures == 1
        assert len(made) < 100_000
        made.encode("utf-8")
    unread = replace(grades.attempts[0], state="unreadable", message=text)
    assert read(class_junit(replace(grades, attempts=(unread,), missing=(Student(text),)))).tests == 2


def test_right_to_left_is_left_alone() -> None:
    suites = [suite.name for suite in read(class_junit(class_grades()))]
    assert "ben בן אור" in suites


def test_an_empty_class(tmp_path: Path) -> None:
    assert read(class_junit(replace(class_grades(), attempts=(), missing=()))).tests == 0
    write_class_junit(class_grades(), tmp_path / "class.xml")
    write_attempt_junit(ATTEMPT, tmp_path / "one.xml")
    assert junitparser.JUnitXml.fromfile(str(tmp_path / "class.xml")).tests == 15
    assert junitparser.JUnitXml.fromfile(str(tmp_path / "one.xml")).tests == 8
