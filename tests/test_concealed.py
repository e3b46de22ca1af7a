"""What a student may see where checks are hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment import Assignment
from grader.concealed import HIDDEN, concealed
from grader.nouns import Check, Exercise, ExerciseGrade, Finding, Grade, Status, Submission
from grader.score import score
from grader.write.report import render
from grader.write.results import to_text

SECRET = "agrees with a secret closed form"
PNG = "iVBORw0KGgo="
CHECKS = (
    Check("shape", "has the right shape", 2),
    Check("secret_form", SECRET, 3),
    Check("later", "is fast", 1, after=("secret_form",)),
    Check("secret_essay", "Why is the secret so?", 2, form="text"),
    Check("last", "works", 1),
)
EXERCISE = Exercise("1.2.1", "s", "Norms", "S", "U", "Prompt", "", CHECKS, (), 1.0, {}, Path("x.py"))
FINDINGS = (
    Finding("shape", "has the right shape", Status.PASSED, 2, 2, seconds=0.25),
    Finding(
        "secret_form",
        SECRET,
        Status.FAILED,
        0,
        3,
        "The secret closed form gives 41.",
        {"kind": "image", "png_base64": PNG},
        7.125,
    ),
    Finding("later", "is fast", Status.SKIPPED, 0, 1, f"Looked at only when “{SECRET}” holds."),
    Finding(
        "secret_essay",
        "Why is the secret so?",
        Status.WAITING,
        0,
        2,
        "",
        {"kind": "written", "text": "My secret essay"},
    ),
    Finding("last", "works", Status.FAILED, 0, 1, f"It works only if it {SECRET}."),
)


def grade(findings: tuple[Finding, ...] = FINDINGS) -> Grade:
    other = ExerciseGrade(
        "1.3.1", "Other", Status.FAILED, 0, 1, 0, 1.5, (replace(FINDINGS[0], status=Status.FAILED),)
    )
    submission = Submission(Path("a.ipynb"), "a.ipynb", "ipynb", "0" * 64, ())
    return Grade(submission, {"versions": {}}, (score(EXERCISE, findings), other), (), 7, 1.0)


def hiding(*patterns: str) -> Assignment:
    return replace(Assignment.of({"1.2.1": EXERCISE}, "H"), hidden=patterns)


def test_nothing_hidden_is_nothing_changed() -> None:
    assert concealed(grade(), hiding()) == grade()


def test_what_is_flagged_for_a_person_is_not_the_students_to_read() -> None:
    flagged = grade((*FINDINGS[:4], replace(FINDINGS[4], flag="above the best of 20")))
    assert "above the best" in to_text(flagged)
    shown = concealed(flagged, hiding())
    assert "above the best" not in to_text(shown)
    assert "above the best" not in render(shown, {"1.2.1": EXERCISE})


def test_totals_and_statuses_of_exercises_stay() -> None:
    before, after = grade(), concealed(grade(), hiding("1.2.1/secret*"))
    assert (after.points, after.max_points, after.open_points) == (
        before.points,
        before.max_points,
        before.open_points,
    )
    assert [one.status for one in after.exercises] == [one.status for one in before.exercises]
    first = after.exercises[0]
    assert sum(one.points for one in first.findings) == first.points
    assert sum(one.max_points for one in first.findings) == first.max_points
    assert after.exercises[1] == before.exercises[1]


def test_hidden_checks_are_one_line_in_the_place_of_the_first() -> None:
    first = concealed(grade(), hiding("1.2.1/secret*")).exercises[0]
    assert [one.name for one in first.findings] == ["shape", HIDDEN, "later", "last"]
    line = first.findings[1]
    assert (line.title, line.points, line.max_points) == ("passes 2 hidden checks", 0, 5)
    assert (line.detail, line.seconds, first.seconds) == (None, 0, 0)


@pytest.mark.parametrize("form", ["json", "html"])
def test_nothing_of_them_is_left_in_what_is_written(form: str) -> None:
    shown = concealed(grade(), hiding("1.2.1/secret*"))
    if form == "json":
        text = to_text(shown)
        json.loads(text)
    else:
        text = render(shown, {"1.2.1": EXERCISE}, {"1.2.1": {"secret_essay": [(1, "secret rubric")]}}, {})
    assert "secret" not in text.lower()
    assert PNG not in text
    assert "7.125" not in text
    assert "a hidden check" in text
    assert "Looked at only when a hidden check holds." in text


def test_who_knows_which_of_several_failed() -> None:
    """Sum and status are all that is told, so two ways to the same sum look alike."""
    one = (
        replace(FINDINGS[0], status=Status.FAILED, points=0),
        replace(FINDINGS[1], points=2, status=Status.PARTIAL),
    )
    other = (replace(FINDINGS[0], points=2), FINDINGS[1])
    seen = [concealed(grade(two), hiding("1.2.1")).exercises[0] for two in (one, other)]
    assert seen[0] == seen[1]


def test_a_whole_exercise() -> None:
    first = concealed(grade(), hiding("1.2")).exercises[0]
    assert [one.name for one in first.findings] == [HIDDEN]
    assert first.findings[0].status is first.status


def test_a_short_title_is_not_replaced_where_it_is_a_word() -> None:
    findings = (
        Finding("works", "works", Status.FAILED, 0, 1),
        Finding("b", "b", Status.FAILED, 0, 1, "It works not."),
    )
    first = concealed(grade(findings), hiding("1.2.1/works")).exercises[0]
    assert first.findings[1].message == "It works not."
