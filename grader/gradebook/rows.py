"""Attempt <-> rows: one attempt is written as a handful of rows, and a whole class is read with three queries."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select
from sqlalchemy.orm import Session

from grader.gradebook.tables import AttemptRow, CheckRow, DocumentRow, ExerciseRow, StudentRow
from grader.nouns import Attempt, ExerciseGrade, Finding, Status, Student
from grader.write.safe import storable

# Fields of an Attempt that are columns of the same name.
_SAME = (
    "key", "state", "points", "raw_points", "max_points", "open_points", "submitted", "days_late", "message",
    "name", "sha256", "seed", "isolation", "seconds", "started", "worker", "generation", "folder",
)  # fmt: skip
_AT_A_TIME = 5_000  # ids in one query: SQLite takes 32,766, PostgreSQL 65,535
_STATUS = {status.value: status for status in Status}


def add_attempt(
    session: Session, assignment: int, student: int, attempt: Attempt, documents: Mapping[str, bytes]
) -> int:
    """All rows of an attempt; returns its number."""
    row = AttemptRow(
        assignment_id=assignment,
        student_id=student,
        versions=_plain(attempt.versions),
        endings={storable(ending): int(cells) for ending, cells in attempt.endings.items()},
        recorded=datetime.now(UTC),
        **{name: getattr(attempt, name) for name in _SAME},
    )
    session.add(row)
    session.flush()
    exercises = [_exercise_row(row.id, *numbered) for numbered in enumerate(attempt.exercises)]
    checks = [
        _check_row(row.id, exercise.id, position, finding)
        for exercise in attempt.exercises
        for position, finding in enumerate(exercise.findings)
    ]
    contents = [
        {"attempt_id": row.id, "name": name, "size": len(content), "content": zlib.compress(content)}
        for name, content in documents.items()
    ]
    for table, rows in ((ExerciseRow, exercises), (CheckRow, checks), (DocumentRow, contents)):
        if rows:
            session.connection().execute(insert(table), rows)
    return row.id


def keep_student(session: Session, student: Student) -> int:
    """The number of a student, entered or brought up to date. What is empty now does not wipe out what was known."""
    row = session.scalar(select(StudentRow).where(StudentRow.student == student.id))
    if row is None:
        row = StudentRow(student=student.id, name="", email="", extra={})
        session.add(row)
    row.name = storable(student.name) or row.name
    row.email = storable(student.email) or row.email
    row.extra = _plain(student.extra) or row.extra
    session.flush()
    return row.id


def light_attempts() -> Select[*tuple[Any, ...]]:
    """The query of attempts with their students; narrow it down and give its rows to ``light_attempt``."""
    columns = [getattr(AttemptRow, name) for name in _SAME]
    student = (StudentRow.student, StudentRow.name.label("full_name"), StudentRow.email, StudentRow.extra)
    return select(AttemptRow.id, AttemptRow.versions, AttemptRow.endings, *columns, *student).join(
        StudentRow, AttemptRow.student_id == StudentRow.id
    )


def light_attempt(row: Row[Any]) -> Attempt:
    """An attempt without its exercises."""
    return Attempt(
        student=Student(row.student, row.full_name, row.email, row.extra),
        versions=row.versions,
        endings=row.endings,
        **{name: getattr(row, name) for name in _SAME},
    )


def load_attempts(session: Session, numbers: Sequence[int]) -> dict[int, Attempt]:
    """Attempts with their exercises and findings, by their numbers, in the order in which they were recorded."""
    found: dict[int, Attempt] = {}
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _AT_A_TIME):
        some = ordered[start : start + _AT_A_TIME]
        exercises = _load_exercises(session, some)
        query = light_attempts().where(AttemptRow.id.in_(some)).order_by(AttemptRow.id)
        for row in session.execute(query):
            found[row.id] = replace(light_attempt(row), exercises=tuple(exercises[row.id]))
    return found


def _load_exercises(session: Session, numbers: Sequence[int]) -> Mapping[int, list[ExerciseGrade]]:
    connection = session.connection()  # plain rows: there may be a hundred thousand
    findings: defaultdict[tuple[int, str], list[Finding]] = defaultdict(list)
    checks = select(CheckRow.__table__).where(CheckRow.attempt_id.in_(numbers))
    for row in connection.execute(checks.order_by(CheckRow.attempt_id, CheckRow.exercise, CheckRow.position)):
        attempt, exercise, _position, name, title, status, points, max_points, message, seconds, flag = row
        found = Finding(name, title, _STATUS[status], points, max_points, message, None, seconds, flag)
        findings[attempt, exercise].append(found)
    exercises: defaultdict[int, list[ExerciseGrade]] = defaultdict(list)
    graded = select(ExerciseRow.__table__).where(ExerciseRow.attempt_id.in_(numbers))
    for row in connection.execute(graded.order_by(ExerciseRow.attempt_id, ExerciseRow.position)):
        exercises[row.attempt_id].append(
            ExerciseGrade(
                id=row.exercise,
                title=row.title,
                status=_STATUS[row.status],
                points=row.points,
                max_points=row.max_points,
                open_points=row.open_points,
                seconds=row.seconds,
                findings=tuple(findings[row.attempt_id, row.exercise]),
                attempts=row.workers,
            )
        )
    return exercises


def _exercise_row(attempt: int, position: int, exercise: ExerciseGrade) -> dict[str, Any]:
    return {
        "attempt_id": attempt,
        "exercise": exercise.id,
        "position": position,
        "title": exercise.title,
        "status": exercise.status.value,
        "points": exercise.points,
        "max_points": exercise.max_points,
        "open_points": exercise.open_points,
        "seconds": exercise.seconds,
        "workers": exercise.attempts,
    }


def _check_row(attempt: int, exercise: str, position: int, finding: Finding) -> dict[str, Any]:
    return {
        "attempt_id": attempt,
        "exercise": exercise,
        "position": position,
        "name": finding.name,
        "title": finding.title,
        "status": finding.status.value,
        "points": finding.points,
        "max_points": finding.max_points,
        "message": finding.message,
        "seconds": finding.seconds,
        "flag": finding.flag,
    }


def _plain(texts: Mapping[str, str]) -> dict[str, str]:
    return {storable(name): storable(value) for name, value in texts.items()}
