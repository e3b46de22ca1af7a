"""Gradings -> JUnit XML, which every service that runs tests can show: a testcase per check.

There is no standard. The elements and attributes are those that the schemas of Windy Road (JUnit.xsd, for Ant) and of
Jenkins' xUnit plugin (junit-10.xsd) have in common. ``failure`` is a check that lost points, ``error`` the grader's own
fault, ``skipped`` what was not looked at or waits for a person.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from grader.nouns import Attempt, ClassGrades, ExerciseGrade, Finding, Status, Student
from grader.write.exports.hidden import Hidden, told
from grader.write.files import write_whole
from grader.write.safe import body, cut, line

_ELEMENT = {
    Status.FAILED: "failure",
    Status.PARTIAL: "failure",
    Status.NOT_ATTEMPTED: "failure",
    Status.SKIPPED: "skipped",
    Status.WAITING: "skipped",
    Status.BROKEN: "error",
}
# Everything but https://www.w3.org/TR/xml/#charsets; ElementTree writes such characters, and no reader takes them.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def class_junit(grades: ClassGrades) -> str:
    """A testsuite per student, for instructors: hidden checks are in it. Who handed in nothing is skipped."""
    by_id = [(attempt.student.id, _student_suite(attempt)) for attempt in grades.attempts]
    by_id += [(student.id, _missing_suite(student)) for student in grades.missing]
    return _document(grades.title, [suite for _, suite in sorted(by_id, key=lambda pair: pair[0])])


def attempt_junit(attempt: Attempt, hidden: Hidden = frozenset()) -> str:
    """A testsuite per exercise of one grading; checks in ``hidden`` are left out."""
    if attempt.state != "graded":
        return _document(attempt.name, [_student_suite(attempt)])
    suites = [
        _suite(
            f"{exercise.id} {line(exercise.title)}",
            [_case(exercise, finding) for finding in told(exercise, hidden).findings],
        )
        for exercise in attempt.exercises
    ]
    return _document(attempt.name, suites)


def write_class_junit(grades: ClassGrades, path: Path) -> None:
    """Write class_junit, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, class_junit(grades))


def write_attempt_junit(attempt: Attempt, path: Path, hidden: Hidden = frozenset()) -> None:
    """Write attempt_junit, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, attempt_junit(attempt, hidden))


def _document(name: str, suites: list[ET.Element]) -> str:
    root = ET.Element("testsuites", name=_text(line(name)))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _student_suite(attempt: Attempt) -> ET.Element:
    name = " ".join(dict.fromkeys(part for part in (attempt.student.id, line(attempt.student.name)) if part))
    if attempt.state == "graded":
        cases = [_case(exercise, finding) for exercise in attempt.exercises for finding in exercise.findings]
    else:
        kind = "failure" if attempt.state == "unreadable" else "error"
        cases = [_submission(kind, attempt.state, attempt.message)]
    numbers = {"points": attempt.points, "max_points": attempt.max_points, "open_points": attempt.open_points}
    suite = _suite(name, cases, {key: f"{value:.6g}" for key, value in numbers.items()})
    if attempt.started is not None:
        suite.set("timestamp", attempt.started.strftime("%Y-%m-%dT%H:%M:%S"))  # the schema wants no time zone
    return suite


def _missing_suite(student: Student) -> ET.Element:
    name = f"{student.id} {line(student.name)}".strip()
    return _suite(name, [_submission("skipped", "missing", "Nothing was handed in.")])


def _suite(name: str, cases: list[ET.Element], properties: dict[str, str] | None = None) -> ET.Element:
    suite = ET.Element("testsuite", name=_text(line(name)), tests=str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
    if properties:
        parent = ET.SubElement(suite, "properties")
        for key, value in properties.items():
            ET.SubElement(parent, "property", name=key, value=value)
    suite.extend(cases)
    return suite


def _case(exercise: ExerciseGrade, finding: Finding) -> ET.Element:
    group = f"{exercise.id} {line(exercise.title)}"
    case = _testcase(group, f"{finding.name}: {line(finding.title)}", finding.seconds)
    message = cut(finding.message, body).text
    tag = _ELEMENT.get(finding.status)
    if tag is not None:
        _outcome(case, tag, finding.status.value, message or finding.status.value)
    elif message:
        ET.SubElement(case, "system-out").text = _text(message)
    return case


def _submission(tag: str, kind: str, message: str) -> ET.Element:
    case = _testcase("submission", "can be graded", 0.0)
    _outcome(case, tag, kind, cut(message, body).text or kind)
    return case


def _testcase(group: str, name: str, seconds: float) -> ET.Element:
    # A dot in a class name makes a package of what stands before it, so "1.2.1" would be cut into pieces.
    return ET.Element(
        "testcase", classname=_text(group.replace(".", "·")), name=_text(line(name)), time=f"{seconds:.3f}"
    )


def _outcome(case: ET.Element, tag: str, kind: str, message: str) -> None:
    outcome = ET.SubElement(case, tag, type=kind, message=_text(line(message, 300)))
    outcome.text = _text(message)


def _text(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
