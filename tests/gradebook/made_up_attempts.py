"""Attempts of nobody: every field is filled, so that one that is not kept is missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from grader.nouns import Attempt, ExerciseGrade, Finding, Status, Student

ASSIGNMENT = "unit-1"
ADA = Student("ada", "Ada Lovelace", "ada@example.org", {"group": "B"})
SUBMITTED = datetime(2026, 3, 1, 23, 59, 58, 123456, timezone(timedelta(hours=5, minutes=30)))


def finding(number: int = 0, **changes: Any) -> Finding:
    made = Finding(
        name=f"check_{number}",
        title=f"does what line {number} says",
        status=Status.FAILED if number % 3 else Status.PASSED,
        points=1 / 3,
        max_points=0.7,
        flag="0.999 is above the best." if number == 1 else "",
        message="The result has shape (3, 4); (4, 3) is asked for.",
        seconds=0.125,
    )
    return replace(made, **changes)


def exercise(id: str = "1.1.1", checks: int = 2, **changes: Any) -> ExerciseGrade:
    made = ExerciseGrade(
        id=id,
        title="Norms",
        status=Status.PARTIAL,
        points=1.1,
        max_points=2.0,
        open_points=0.5,
        seconds=0.3,
        findings=tuple(finding(number) for number in range(checks)),
        attempts=3,
    )
    return replace(made, **changes)


def attempt(student: Student | str = ADA, key: str = "k" * 64, **changes: Any) -> Attempt:
    made = Attempt(
        student=Student(student) if isinstance(student, str) else student,
        key=key,
        state="graded",
        exercises=(exercise("1.10.1"), exercise("1.2.1", 0)),  # not in the order of the alphabet
        points=1.9,
        raw_points=2.1,
        max_points=4.0,
        open_points=1.0,
        submitted=SUBMITTED,
        days_late=0.25,
        message="",
        name="ada.ipynb",
        sha256="5" * 64,
        seed=2**53 - 1,
        isolation="full",
        versions={"torch": "2.9.0", "grader": "0.1.0"},
        endings={"ok": 12, "error": 1},
        seconds=12.5,
        started=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        worker="host 4711",
        folder="students/ada",
    )
    return replace(made, **changes)
