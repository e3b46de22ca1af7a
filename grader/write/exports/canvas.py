"""ClassGrades -> the CSV file that Canvas's gradebook imports.

As "How do I import grades in the Gradebook?" of the Canvas instructor guide has it, and lib/gradebook_importer.rb of
canvas-lms reads it: the columns Student, ID, SIS User ID, SIS Login ID and Section, then one per assignment, named
``Title (number)``; below them a row that begins with ``Points Possible``. Canvas finds the student by ID, then by SIS
User ID, then by SIS Login ID, and makes a new assignment of a column that it does not know. So the roster should be the
gradebook as Canvas exports it, which has all of these.
"""

from __future__ import annotations

import re
from pathlib import Path

from grader.nouns import BadInput, ClassGrades, Student
from grader.write.exports.columns import column, plain
from grader.write.exports.moodle import maximum_of, on_scale, points_possible
from grader.write.exports.sheet import Sheet
from grader.write.exports.spreadsheet import amount, cells, csv_verbatim, flat
from grader.write.files import write_whole

STUDENT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"  # with the four spaces that Canvas's own export has

_ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d{1,20})\)", re.ASCII | re.DOTALL)
_KEYS = STUDENT[1:4]


def canvas_csv(grades: ClassGrades, assignment: str = "", sheet: Sheet | None = None) -> str:
    """A row per graded student whom Canvas knows. Who has no grade is left out: an empty cell would delete one.

    ``assignment`` is the column's name in Canvas, ``Homework 1 (12345)``; where it is empty, the column with the title
    of the class in ``sheet``, the gradebook that Canvas exported, or in what was kept of it (``Student.extra``). Where
    that tells the points possible in Canvas, grades are on that scale. Raises BadInput where there is no such column,
    or Canvas knows nobody.
    """
    name = assignment_column(grades, assignment, sheet)
    if not any(known_to_canvas(attempt.student) for attempt in grades.attempts):
        raise BadInput(
            "Canvas knows none of the students: give the gradebook that Canvas exports with --roster."
        )
    possible = points_possible(grades)
    maximum = _points_in_canvas(sheet, name)
    rows = [
        [*_who(attempt.student), amount(on_scale(attempt.points, possible, maximum), 2)]
        for attempt in sorted(grades.attempts, key=lambda attempt: attempt.student.id)
        if attempt.state == "graded" and known_to_canvas(attempt.student)
    ]
    second = [POINTS_POSSIBLE, "", "", "", "", amount(maximum or possible, 2)]
    return csv_verbatim([cells([*STUDENT, name]), second, *rows])


def write_canvas(grades: ClassGrades, path: Path, assignment: str = "", sheet: Sheet | None = None) -> None:
    """Write canvas_csv, whole or not at all. Raises BadInput as it does, and where ``path`` cannot be written."""
    write_whole(path, canvas_csv(grades, assignment, sheet))


def known_to_canvas(student: Student) -> bool:
    """Whether the roster tells one of the ids that Canvas finds a student by."""
    return any(_key(student, key) for key in _KEYS)


def assignment_column(grades: ClassGrades, wanted: str = "", sheet: Sheet | None = None) -> str:
    """The name of the column, checked; see canvas_csv."""
    if wanted:
        if not _ASSIGNMENT.fullmatch(flat(wanted)):
            raise BadInput(
                f"{wanted!r} is not a column of Canvas's: give its title and number, as 'Homework 1 (12345)'; "
                "without the number Canvas would make a new assignment."
            )
        return wanted
    students = [*(attempt.student for attempt in grades.attempts), *grades.missing]
    headings = sheet.header if sheet else [key for student in students for key in student.extra]
    columns = dict.fromkeys(key for key in headings if _ASSIGNMENT.fullmatch(key))
    found = [key for key in columns if plain(_title(key)) == plain(grades.title)]
    if len(found) == 1:
        return found[0]
    there = f" The roster has {', '.join(repr(key) for key in columns)}." if columns else ""
    raise BadInput(
        f"Which column of Canvas's gradebook is {grades.title!r}? Give it with --column 'Homework 1 (12345)'."
        + there
    )


def _points_in_canvas(sheet: Sheet | None, name: str) -> float | None:
    """What the row below the headings says of the column."""
    place = sheet.at(name) if sheet else None
    if sheet is None or place is None:
        return None
    rows = (row for row in sheet.rows if row[0].strip().casefold() == POINTS_POSSIBLE.strip().casefold())
    return next((maximum_of(row[place]) for row in rows), None)


def _title(name: str) -> str:
    match = _ASSIGNMENT.fullmatch(name)
    return match["title"] if match else name


def _who(student: Student) -> list[str]:
    name = column(student, "Student") or student.name
    return cells([name, *(_key(student, key) for key in _KEYS), column(student, "Section")])


def _key(student: Student, name: str) -> str:
    """An id by which Canvas finds the student. Its own is a number; the roster's reader may have made it the id."""
    told = column(student, name)
    if name != "ID":
        return told
    have = {plain(key) for key in student.extra}
    if "id" not in have and have & {"sis user id", "sis login id"}:
        told = student.id
    return told if re.fullmatch(r"\d{1,20}", told, re.ASCII) else ""
