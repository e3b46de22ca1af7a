"""How findings add up to the grade of an exercise."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.nouns import Exercise, Finding, Grade, Status, Submission
from grader.score import score, status_of

EXERCISE = Exercise("9.1.1", "made_up", "Made up", "", "", "", "", (), (), 1, {}, Path("q1_made_up.py"))


def finding(status: Status, points: float = 0, worth: float = 2) -> Finding:
    return Finding("check", "does it", status, points, worth, seconds=0.5)


PASSED = finding(Status.PASSED, 2)
FAILED = finding(Status.FAILED)
PARTIAL = finding(Status.PARTIAL, 0.5)
NOTHING_PARTIAL = finding(Status.PARTIAL, 0)
SKIPPED = finding(Status.SKIPPED)
WAITING = finding(Status.WAITING)
NOISY = finding(Status.INCONCLUSIVE, 2)
EMPTY = finding(Status.NOT_ATTEMPTED)
BROKEN = finding(Status.BROKEN)


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([PASSED, PASSED], Status.PASSED),
        ([PASSED, NOISY], Status.PASSED),
        ([NOISY], Status.PASSED),
        ([PASSED, WAITING], Status.WAITING),
        ([WAITING], Status.WAITING),
        ([NOISY, WAITING], Status.WAITING),
        ([PASSED, FAILED], Status.PARTIAL),
        ([PASSED, EMPTY], Status.PARTIAL),
        ([PASSED, SKIPPED], Status.PARTIAL),
        ([PARTIAL], Status.PARTIAL),
        ([PARTIAL, WAITING], Status.PARTIAL),
        ([FAILED, FAILED], Status.FAILED),
        ([FAILED, SKIPPED], Status.FAILED),
        ([FAILED, WAITING], Status.FAILED),
        ([NOTHING_PARTIAL], Status.FAILED),
        ([FAILED, EMPTY], Status.FAILED),
        ([EMPTY, EMPTY], Status.NOT_ATTEMPTED),
        ([EMPTY, SKIPPED], Status.NOT_ATTEMPTED),
        ([SKIPPED, SKIPPED], Status.SKIPPED),
        ([BROKEN, PASSED], Status.BROKEN),
        ([BROKEN, EMPTY, FAILED, WAITING], Status.BROKEN),
        ([], Status.NOT_ATTEMPTED),
    ],
)
def test_one_word_for_an_exercise(findings: list[Finding], status: Status) -> None:
    assert status_of(findings) is status
    assert status_of(reversed(findings)) is status


def test_points_add_up() -> None:
    result = score(EXERCISE, [PASSED, PARTIAL, FAILED, WAITING, BROKEN, SKIPPED, NOISY])
    assert result.points == 4.5
    assert result.max_points == 14
    assert result.open_points == 4  # that of the text and that of our own fault: neither earned nor lost
    assert result.seconds == 3.5
    assert (result.id, result.title) == ("9.1.1", "Made up")
    assert len(result.findings) == 7


def test_thirds_add_up_to_a_whole() -> None:
    result = score(EXERCISE, [finding(Status.PARTIAL, 1 / 3, 1 / 3)] * 3)
    assert result.points == 1


def test_totals_of_a_grade() -> None:
    submission = Submission(Path("a.ipynb"), "a.ipynb", "ipynb", "", ())
    exercises = (score(EXERCISE, [PASSED, WAITING]), score(EXERCISE, [FAILED]))
    grade = Grade(submission, {}, exercises, (), 1, 0.0)
    assert (grade.points, grade.max_points, grade.open_points) == (2, 6, 2)
    assert not grade.broken
    assert Grade(submission, {}, (score(EXERCISE, [PASSED, BROKEN]),), (), 1, 0.0).broken


@given(st.lists(st.sampled_from([PASSED, FAILED, PARTIAL, SKIPPED, WAITING, NOISY, EMPTY, BROKEN])))
def test_any_findings_give_a_sound_grade(findings: list[Finding]) -> None:
    result = score(EXERCISE, findings)
    assert 0 <= result.points <= result.points + result.open_points <= result.max_points
    assert result.status is not Status.INCONCLUSIVE
    assert (result.status is Status.BROKEN) == (BROKEN in findings)
    if result.status is Status.PASSED:
        assert result.points == result.max_points > 0
    if result.status in (Status.FAILED, Status.NOT_ATTEMPTED, Status.SKIPPED):
        assert result.points == 0
