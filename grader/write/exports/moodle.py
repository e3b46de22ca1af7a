"""ClassGrades -> what Moodle imports: its offline grading worksheet filled in, or a file for the gradebook.

The worksheet (https://docs.moodle.org/en/Offline_grading_worksheet; read by mod/assign/feedback/offline) belongs to one
assignment. Moodle finds the student by the number at the end of ``Identifier`` and needs the columns ``Grade`` and
``Last modified (grade)``; a grade above the maximum, and one that is empty, it passes over. Feedback may change without
a grade.

The gradebook's import (https://docs.moodle.org/en/Grade_import) matches a column that is chosen on its page, by email
address, where case counts, or ID number. It wants grade and feedback in one go, since a missing one is lost.

Moodle shows feedback as HTML, so what students are quoted with is escaped here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grader.nouns import Attempt, BadInput, ClassGrades, ExerciseGrade, Student
from grader.write.exports.columns import column, plain
from grader.write.exports.spreadsheet import amount, cells, csv_verbatim, formula_at, guarded
from grader.write.files import write_whole
from grader.write.safe import line
from grader.write.words import gist, number, of_points

IDENTIFIER, GRADE, MAXIMUM = "Identifier", "Grade", "Maximum Grade"
CHANGED, FEEDBACK = "Last modified (grade)", "Feedback comments"
MAX_FEEDBACK = 15_000  # characters; a cell of Excel holds 32,767

# Moodle reads these, so they are left as Moodle wrote them whatever they look like; the others it only shows.
_READ_BACK = re.compile(r"identifier|grade|maximum grade|last modified \(grade\)|feedback.*")
_PARTICIPANT = re.compile(r"(?:\D*\s)?(\d{1,18})", re.ASCII)


def moodle_csv(grades: ClassGrades) -> str:
    """The worksheet where the roster was one, else the file for the gradebook."""
    return worksheet_csv(grades) if is_worksheet(grades) else gradebook_csv(grades)


def write_moodle(grades: ClassGrades, path: Path) -> None:
    """Write moodle_csv, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, moodle_csv(grades))


def is_worksheet(grades: ClassGrades) -> bool:
    """Whether students come from an offline grading worksheet."""
    return any(_on_worksheet(student) for student in _students(grades))


def participant(student: Student) -> str | None:
    """Moodle's number of the student in this assignment: of ``Participant 123456``, or of a downloaded file's name.

    An id of digits does not count where the roster is another list: there it may be any number.
    """
    of_moodle = _on_worksheet(student) or not student.extra
    told = column(student, IDENTIFIER) or (student.id.strip() if of_moodle else "")
    match = _PARTICIPANT.fullmatch(told)
    return match[1] if match else None


def _on_worksheet(student: Student) -> bool:
    return bool(column(student, IDENTIFIER)) or any(plain(key) == plain(CHANGED) for key in student.extra)


# ------------------------------------------------------------------------------------- worksheet


def worksheet_csv(grades: ClassGrades) -> str:
    """The worksheet with Grade and Feedback comments filled in, a row for each student whom Moodle knows.

    Grades are on Moodle's scale: where Maximum Grade is 100 and the assignment has 54 points, 27 points are 50. They
    never exceed it. Where there is no grade the cell is as it was; an unreadable submission gets the reason as
    feedback. Other columns are as they were, except that a text that a spreadsheet would compute gets an apostrophe,
    in columns that Moodle does not read back. Raises BadInput where nobody has an Identifier.
    """
    known = [student for student in _students(grades) if participant(student)]
    if not known:
        raise BadInput("No student has an Identifier of Moodle's: give its grading worksheet with --roster.")
    attempts = {attempt.student.id: attempt for attempt in grades.attempts}
    header = _header(known)
    rows = [_row(student, attempts.get(student.id), header, grades) for student in known]
    return csv_verbatim([cells(header), *rows])


def _header(students: list[Student]) -> list[str]:
    """The columns of the roster in their order, with those put in that make up the student, or that Moodle needs."""
    given = list(dict.fromkeys(key for student in students for key in student.extra))
    have = {plain(key) for key in given}
    first = [name for name in (IDENTIFIER, "Full name", "Email address") if plain(name) not in have]
    return [*first, *given, *(name for name in (GRADE, CHANGED, FEEDBACK) if plain(name) not in have)]


def _row(student: Student, attempt: Attempt | None, header: list[str], grades: ClassGrades) -> list[str]:
    made = {
        plain(IDENTIFIER): f"Participant {participant(student)}",
        plain("Full name"): student.name,
        plain("Email address"): student.email,
    }
    filled: dict[str, str] = {}
    if attempt is not None and attempt.state != "failed":
        filled[plain(FEEDBACK)] = feedback(attempt, grades)
        if attempt.state == "graded":
            filled[plain(GRADE)] = amount(_on_their_scale(attempt, grades), 2)
    row: list[str] = []
    for place, name in enumerate(header):
        if (new := filled.get(plain(name))) is not None:
            row.append(new)
            continue
        old = student.extra.get(name, made.get(plain(name), ""))
        row.append(old if _READ_BACK.fullmatch(plain(name)) else guarded(old, first=place == 0))
    return row


def _on_their_scale(attempt: Attempt, grades: ClassGrades) -> float:
    maximum, possible = their_maximum(attempt.student), points_possible(grades)
    if maximum is None or possible <= 0:
        return attempt.points
    return min(attempt.points * maximum / possible, maximum)


def their_maximum(student: Student) -> float | None:
    """The Maximum Grade of the worksheet; None if there is none, or it is a scale of words."""
    told = column(student, MAXIMUM).replace("\u00a0", "").replace(" ", "").replace(",", ".")
    return float(told) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", told, re.ASCII) and float(told) > 0 else None


def points_possible(grades: ClassGrades) -> float:
    """The points that can be had, extra credit not counted."""
    return grades.points or max((attempt.max_points for attempt in grades.attempts), default=0.0)


# ------------------------------------------------------------------------------------- gradebook


def gradebook_csv(grades: ClassGrades) -> str:
    """A row per graded student: name, email address, ID number, points (not scaled) and feedback.

    Who has no grade is left out: an empty cell would delete what Moodle has.
    """
    title = line(grades.title) or "Assignment"
    # "ID number" may not stand first: Excel takes a file that begins with ID for one in the format SYLK.
    header = ["Full name", "Email address", "ID number", f"{title} (Real)", f"{title} (Feedback)"]
    rows = [
        cells([student.name, student.email, column(student, "ID number") or student.id])
        + [amount(attempt.points, 2), feedback(attempt, grades)]
        for attempt in sorted(grades.attempts, key=lambda attempt: attempt.student.id)
        for student in [attempt.student]
        if attempt.state == "graded"
    ]
    return csv_verbatim([cells(header), *rows])


# -------------------------------------------------------------------------------------- feedback


def feedback(attempt: Attempt, grades: ClassGrades) -> str:
    """What the student reads in Moodle, as HTML on one line: points, lateness, and what would help most.

    Checks that students are not told about are not named. No part of it would be computed by a spreadsheet.
    """
    rows: list[str] = []
    for row in _feedback_rows(attempt, grades):
        if sum(map(len, rows)) + len(row) > MAX_FEEDBACK:
            rows.append("…")
            break
        rows.append(row)
    return "<br>".join(rows)


def _feedback_rows(attempt: Attempt, grades: ClassGrades) -> Iterator[str]:
    if attempt.state != "graded":
        yield f"Your submission could not be graded. {_markup(line(attempt.message, 500))}".rstrip()
        return
    yield f"{number(attempt.points)} of {of_points(points_possible(grades))}."
    if number(attempt.open_points) != "0":
        verb = "waits" if number(attempt.open_points) == "1" else "wait"
        yield f"{of_points(attempt.open_points)} {verb} for a person."
    if attempt.days_late > 0:
        days = f"{number(attempt.days_late)} {'day' if number(attempt.days_late) == '1' else 'days'}"
        yield f"Handed in {days} late: {of_points(attempt.raw_points)} without the deduction."
    for exercise in attempt.exercises:
        said = gist(_without_hidden(exercise, grades))
        points = f"{number(exercise.points)} of {of_points(exercise.max_points)}"
        name = f"{line(exercise.id)} {line(exercise.title, 80)}"
        yield _markup(f"{name}: {points}. {line(said, 300)}".rstrip())


def _without_hidden(exercise: ExerciseGrade, grades: ClassGrades) -> ExerciseGrade:
    told = (finding for finding in exercise.findings if (exercise.id, finding.name) not in grades.hidden)
    return replace(exercise, findings=tuple(told))


def _markup(text: str) -> str:
    """The text as HTML. The semicolon of an entity would separate cells in much of Europe, and ``&lt;=`` would then
    leave a cell that begins with ``=``: what stands there is written as an entity too."""
    first, *parts = html.escape(text, quote=False).split(";")
    made = [first]
    for part in parts:
        while (place := formula_at(part)) is not None:
            made.append(f"{part[:place]}&#{ord(part[place])}")
            part = part[place + 1 :]
        made.append(part)
    return ";".join(made)


def _students(grades: ClassGrades) -> list[Student]:
    everybody = [*(attempt.student for attempt in grades.attempts), *grades.missing]
    return sorted(everybody, key=lambda student: student.id)
