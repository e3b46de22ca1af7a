"""A class in which every state of an attempt and every status of a check occurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from grader.nouns import Attempt, ClassGrades, ExerciseGrade, Finding, Status, Student

NORMS = ExerciseGrade(
    id="1.2.1",
    title="Batched matrix norms",
    status=Status.PARTIAL,
    points=2.5,
    max_points=6.0,
    open_points=0.0,
    seconds=0.75,
    findings=(
        Finding("values", "has the right values", Status.PASSED, 2.0, 2.0, seconds=0.5),
        Finding(
            "shape",
            "has the right shape",
            Status.FAILED,
            0.0,
            2.0,
            "Is a <b>dim</b> missing; -x ?",
            seconds=0.25,
        ),
        Finding("speed", "is fast", Status.PARTIAL, 0.5, 1.0, "It is a loop that nobody is told of."),
        Finding("device", "works on a GPU", Status.SKIPPED, 0.0, 1.0, "There is no GPU."),
    ),
)
BITS = ExerciseGrade(
    id="1.10.1",
    title="Random bits",
    status=Status.WAITING,
    points=1.0,
    max_points=6.0,
    open_points=4.0,
    seconds=0.0,
    findings=(
        Finding("noise", "is random", Status.INCONCLUSIVE, 1.0, 1.0, "The machine was too busy."),
        Finding("why", "Why do the bits differ?", Status.WAITING, 0.0, 2.0, "A person reads this."),
        Finding("seed", "obeys the seed", Status.BROKEN, 0.0, 2.0, "The grader failed here."),
        Finding("size", "has the size", Status.NOT_ATTEMPTED, 0.0, 1.0, "No answer."),
    ),
)
HIDDEN = frozenset({("1.2.1", "speed")})

ADA = Student("ada", "Ada Lovelace", "ada@example.org")
BEN = Student("ben", "בן אור", "ben@example.org")
CLEO = Student("cleo", "Cleo", "cleo@example.org")
DAN = Student("dan", "Dan", "dan@example.org")
EVE = Student("eve", "Eve", "eve@example.org")

ATTEMPT = Attempt(
    student=ADA,
    key="k",
    state="graded",
    exercises=(NORMS, BITS),
    points=3.15,
    raw_points=3.5,
    max_points=12.0,
    open_points=4.0,
    submitted=datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
    days_late=1.5,
    name="ada.ipynb",
    sha256="0" * 64,
    seed=7,
    seconds=12.5,
    started=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
)


def class_grades(**students: Mapping[str, str]) -> ClassGrades:
    """Ada late, Ben graded on one exercise, Cleo unreadable, Dan not graded for our own fault, Eve missing.

    Keywords give the other columns of the roster: ``ada={"ID number": "17"}``.
    """

    def on_roster(student: Student) -> Student:
        return replace(student, extra=dict(students.get(student.id, {})))

    ben = replace(ATTEMPT, exercises=(NORMS,), points=10.0, raw_points=10.0, open_points=0.0, days_late=0.0)
    nothing = replace(ben, exercises=(), points=0.0, raw_points=0.0, max_points=0.0)
    attempts = (
        replace(ATTEMPT, student=on_roster(ADA)),
        replace(ben, student=on_roster(BEN)),
        replace(nothing, student=on_roster(CLEO), state="unreadable", message="It is <no> notebook."),
        replace(nothing, student=on_roster(DAN), state="failed", message="The disk was full."),
    )
    return ClassGrades("Homework 1", attempts, (on_roster(EVE),), 12.0, HIDDEN, {"ada": 2})


def with_student(grades: ClassGrades, student: Student) -> ClassGrades:
    """The class of the first attempt alone, handed in by somebody else."""
    return replace(grades, attempts=(replace(grades.attempts[0], student=student),), missing=())


def with_message(grades: ClassGrades, message: str, title: str = "has the right shape") -> ClassGrades:
    """The class of the first attempt alone, with another message of the check that failed."""
    failed = replace(NORMS.findings[1], message=message, title=title)
    exercise = replace(NORMS, findings=(failed,))
    return replace(grades, attempts=(replace(grades.attempts[0], exercises=(exercise,)),), missing=())


class FakeBook:
    """A gradebook of one or more assignments, all with the same grades."""

    def __init__(self, grades: ClassGrades, names: Sequence[str] = ("hw1",)) -> None:
        self.of_class, self.names, self.closed = grades, names, False
        self.asked: list[tuple[str, tuple[Student, ...]]] = []

    def assignments(self) -> Mapping[str, str]:
        return {name: name.title() for name in self.names}

    def grades(self, assignment: str, roster: Sequence[Student] = ()) -> ClassGrades:
        self.asked.append((assignment, tuple(roster)))
        return self.of_class

    def document(self, assignment: str, student_id: str, name: str) -> bytes | None:
        return report(student_id, name)

    def close(self) -> None:
        self.closed = True


def report(student_id: str, name: str) -> bytes | None:
    """Cleo has no report."""
    return None if student_id == "cleo" else f"{name} of {student_id}".encode("utf-8", "replace")
