"""The class report's table: a row for each student, a cell for each exercise."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from grader.item_analysis import in_order
from grader.nouns import Attempt, ClassGrades, ExerciseGrade, Status, Student
from grader.write.bars import slug
from grader.write.safe import line
from grader.write.words import number, seconds

# The filters of the table: what a row may be marked with, and what the reader reads.
FLAGS: Mapping[str, str] = {
    "waiting": "waiting for marking",
    "unreadable": "unreadable",
    "failed": "failed by the grader",
    "late": "late",
    "missing": "handed in nothing",
}
STEPS = 20  # of the thin bars below numbers


@dataclass(frozen=True, slots=True)
class Who:
    """A student as the page shows them: clean text, and where their report is."""

    row: int  # of the table, from 0
    name: str
    id: str
    href: str  # "" where there is no report


@dataclass(frozen=True, slots=True)
class Row:
    key: str  # the student's id as it is, for look-ups only
    who: Who
    flags: str  # of FLAGS, with blanks between
    state: str  # "graded", "unreadable", "failed", "missing"
    points: str
    step: int  # share of the points, in STEPS
    open: str
    late: str
    seconds: str
    sort: tuple[float, float, float, float]  # points, open points, days late, seconds
    note: str
    cells: Markup  # of a graded attempt: one <td> for each exercise
    message: str  # instead of them


def make_rows(grades: ClassGrades, order: Sequence[str]) -> list[Row]:
    """All of the class by name, those who handed in nothing too. ``order``: ids of the exercises."""
    everybody: list[tuple[Student, Attempt | None]] = [(one.student, one) for one in grades.attempts]
    everybody += [(student, None) for student in grades.missing]
    everybody.sort(key=lambda pair: (shown_name(pair[0]).casefold(), pair[0].id))
    return [_row(i, student, attempt, grades, order) for i, (student, attempt) in enumerate(everybody)]


def exercise_order(attempts: Iterable[Attempt]) -> list[str]:
    return sorted({one.id for attempt in attempts for one in attempt.exercises}, key=in_order)


def shown_name(student: Student) -> str:
    """The name, or the id of somebody without one; one harmless line."""
    return line(student.name, 80) or line(student.id, 80) or "(no name)"


def report_link(folder: str) -> str:
    """The address of the report in ``folder``, from the folder of the batch; "" for a folder that leads out of it.

    Every part is percent-encoded, so that no name of a file can be a scheme, a query or a fragment.
    """
    parts = folder.split("/")
    if not folder or any(part in ("", ".", "..") for part in parts):
        return ""
    try:
        return "/".join([*(quote(os.fsencode(part), safe="") for part in parts), "report.html"])
    except UnicodeEncodeError:  # no name of a file
        return ""


def days(late: float) -> str:
    """``3 d``, ``5 h``; "" for what was in time."""
    if not math.isfinite(late) or late <= 0:
        return ""
    return f"{number(round(late, 1))} d" if late >= 1 else f"{max(round(late * 24), 1)} h"


def _row(
    index: int, student: Student, attempt: Attempt | None, grades: ClassGrades, order: Sequence[str]
) -> Row:
    name = shown_name(student)
    id = line(student.id, 80)
    folder = (
        attempt.folder if attempt is not None and attempt.state == "graded" else ""
    )  # else there is no report
    who = Who(index, name, "" if id == name else id, report_link(folder) if folder else "")
    if attempt is None:
        return Row(
            student.id,
            who,
            "missing",
            "missing",
            "",
            0,
            "",
            "",
            "",
            (math.nan, 0, 0, 0),
            "",
            Markup(""),
            "handed in nothing",
        )
    graded = attempt.state == "graded"
    flags = [
        *(["waiting"] if graded and number(attempt.open_points) != "0" else []),
        *([attempt.state] if not graded else []),
        *(["failed"] if graded and any(one.status is Status.BROKEN for one in attempt.exercises) else []),
        *(["late"] if attempt.days_late > 0 else []),
    ]
    earlier = grades.earlier.get(student.id, 0)
    full = grades.points or attempt.max_points
    return Row(
        key=student.id,
        who=who,
        flags=" ".join(flags),
        state=attempt.state,
        points=number(attempt.points) if graded else "",
        step=_step(attempt.points, full) if graded else 0,
        open=number(attempt.open_points) if "waiting" in flags else "",
        late=days(attempt.days_late),
        seconds=seconds(attempt.seconds) if attempt.seconds else "",
        sort=(
            _finite(attempt.points) if graded else math.nan,
            _finite(attempt.open_points),
            _finite(attempt.days_late),
            _finite(attempt.seconds),
        ),
        note=f"{earlier} earlier {'attempt' if earlier == 1 else 'attempts'}" if earlier else "",
        cells=_cells(attempt.exercises, order) if graded else Markup(""),
        message=line(attempt.message, 300),
    )


def _cells(exercises: Iterable[ExerciseGrade], order: Sequence[str]) -> Markup:
    held = {one.id: one for one in exercises}
    return Markup("").join(_cell(held[id]) if id in held else _EMPTY for id in order)


_EMPTY = Markup("<td></td>")


def _cell(one: ExerciseGrade) -> Markup:
    return _td(one.status, number(one.points), number(one.open_points))


@lru_cache(maxsize=4096)
def _td(status: Status, points: str, still_open: str) -> Markup:
    """The status is the class: the style sheet adds its colour, its symbol, and its name for a screen reader."""
    text = points if still_open == "0" else f"{points} +{still_open}"
    return Markup('<td class="c-{}">{}</td>').format(slug(status), text)


def _step(points: float, full: float) -> int:
    return step(points / full if full > 0 and math.isfinite(points) else 0.0)


def step(share: float | None) -> int:
    """The share as the number of a thin bar's class, 0 to 20; only a whole share fills it."""
    if share is None or not share > 0:
        return 0
    return STEPS if share >= 1 - 1e-9 else min(max(round(STEPS * share), 1), STEPS - 1)


def _finite(value: float) -> float:
    return round(value, 4) if math.isfinite(value) else 0.0
