"""ClassGrades -> CSV: a row per student, or a row per check. Both are for instructors: hidden checks are in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from grader.nouns import Attempt, ClassGrades, Student
from grader.write.exports.spreadsheet import Cell, csv_text
from grader.write.files import write_whole

# "ID" may not stand first: Excel takes a file that begins so for one in the format SYLK.
WIDE = (
    *("student", "name", "email", "state", "total", "raw", "max", "open"),
    *("days_late", "submitted", "attempts", "message"),
)
LONG = (
    *("student", "exercise", "exercise_title", "check", "check_title"),
    *("status", "points", "max", "hidden", "seconds", "message"),
)


def wide_csv(grades: ClassGrades, *, bom: bool = False) -> str:
    """A row per student of the class, by id: the columns WIDE, then ``exercise 1.2.1`` and so on, in points.

    ``state`` is graded, unreadable, failed or missing. Only a graded one has numbers: what nobody could read is not
    worth nought until an instructor says so. An exercise that an attempt was not graded on is an empty cell.
    """
    exercises = exercise_ids(grades)
    header = [*WIDE, *(f"exercise {id}" for id in exercises)]
    rows = [(attempt.student.id, _wide_row(attempt, exercises, grades)) for attempt in grades.attempts]
    rows += [(student.id, [*_missing_row(student), *(None for _ in exercises)]) for student in grades.missing]
    return csv_text([header, *(row for _, row in sorted(rows, key=lambda pair: pair[0]))], bom=bom)


def checks_csv(grades: ClassGrades, *, bom: bool = False) -> str:
    """A row per check of each graded student (columns LONG), for statistics: one observation a row."""
    return csv_text([LONG, *_check_rows(grades)], bom=bom)


def write_wide(grades: ClassGrades, path: Path, *, bom: bool = False) -> None:
    """Write wide_csv, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, wide_csv(grades, bom=bom))


def write_checks(grades: ClassGrades, path: Path, *, bom: bool = False) -> None:
    """Write checks_csv, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, checks_csv(grades, bom=bom))


def exercise_ids(grades: ClassGrades) -> list[str]:
    """Every exercise that somebody was graded on, in the order of the course: 1.2.10 after 1.2.9."""
    ids = {exercise.id for attempt in grades.attempts for exercise in attempt.exercises}
    return sorted(ids, key=_by_number)


def _by_number(id: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", id) if part != "."
    ]


def _wide_row(attempt: Attempt, exercises: list[str], grades: ClassGrades) -> list[Cell]:
    student = attempt.student
    who: list[Cell] = [student.id, student.name, student.email, attempt.state]
    when: list[Cell] = [
        attempt.days_late,
        _time(attempt.submitted),
        grades.earlier.get(student.id, 0) + 1,
        attempt.message,
    ]
    if attempt.state != "graded":
        return [*who, None, None, None, None, *when, *(None for _ in exercises)]
    totals = [attempt.points, attempt.raw_points, attempt.max_points, attempt.open_points]
    points = {exercise.id: exercise.points for exercise in attempt.exercises}
    return [*who, *totals, *when, *(points.get(id) for id in exercises)]


def _missing_row(student: Student) -> list[Cell]:
    numbers_and_time = (None,) * 6
    return [student.id, student.name, student.email, "missing", *numbers_and_time, 0, None]


def _check_rows(grades: ClassGrades) -> Iterator[list[Cell]]:
    for attempt in sorted(grades.attempts, key=lambda attempt: attempt.student.id):
        for exercise in attempt.exercises:
            for finding in exercise.findings:
                hidden = (exercise.id, finding.name) in grades.hidden
                what: list[Cell] = [
                    attempt.student.id,
                    exercise.id,
                    exercise.title,
                    finding.name,
                    finding.title,
                ]
                worth: list[Cell] = [finding.status.value, finding.points, finding.max_points]
                yield [*what, *worth, "yes" if hidden else "no", finding.seconds, finding.message]


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
