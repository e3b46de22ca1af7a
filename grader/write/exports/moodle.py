"""ClassGrades -> what Moodle imports: its offline grading worksheet filled in, or a file for the gradebook.

The worksheet ("Offline grading worksheet" in https://docs.moodle.org/en/Assignment_settings; read by
mod/assign/feedback/offline) belongs to one assignment. Moodle finds the student by the number at the end of
``Identifier`` and needs the columns ``Grade`` and ``Last modified (grade)``; a grade above the maximum, and one that is
empty, it passes over. Feedback may change without a grade.

The gradebook's import (https://docs.moodle.org/en/Grade_import) matches a column that is chosen on its page, by email
address, where case counts, or ID number. It wants grade and feedback in one go, since a missing one is lost.

Moodle shows feedback as HTML, so what students are quoted with is escaped here.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from grader.nouns import Attempt, BadInput, ClassGrades, Student
from grader.write.exports.columns import column, plain
from grader.write.exports.hidden import told
from grader.write.exports.sheet import Sheet
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


def moodle_csv(grades: ClassGrades, sheet: Sheet | None = None) -> str:
    """The worksheet where the roster was one, else the file for the gradebook. ``sheet`` is the roster as it was."""
    if sheet is not None and not _is_worksheet(sheet):
        sheet = None
    return worksheet_csv(grades, sheet) if sheet or is_worksheet(grades) else gradebook_csv(grades)


def write_moodle(grades: ClassGrades, path: Path, sheet: Sheet | None = None) -> None:
    """Write moodle_csv, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, moodle_csv(grades, sheet))


def is_worksheet(grades: ClassGrades) -> bool:
    """Whether students come from an offline grading worksheet."""
    return any(_on_worksheet(student) for student in _students(grades))


def participant(student: Student) -> str | None:
    """Moodle's number of the student in this assignment: of ``Participant 123456``, or of a downloaded file's name.

    An id of digits does not count where the roster is another list: there it may be any number.
    """
    of_moodle = _on_worksheet(student) or not (student.extra or student.email)
    return _number(column(student, IDENTIFIER) or (student.id if of_moodle else ""))


def _number(identifier: str) -> str | None:
    match = _PARTICIPANT.fullmatch(identifier.strip())
    return match[1] if match else None


def _on_worksheet(student: Student) -> bool:
    return bool(column(student, IDENTIFIER)) or any(plain(key) == plain(CHANGED) for key in student.extra)


# ------------------------------------------------------------------------------------- worksheet


def worksheet_csv(grades: ClassGrades, sheet: Sheet | None = None) -> str:
    """The worksheet with Grade and Feedback comments filled in, every row and column as it was.

    ``sheet`` is the worksheet; without it one is made of what the roster's reader kept (``Student.extra``), with a row
    for each student whom Moodle knows. Grades are on Moodle's scale: where Maximum Grade is 100 and the assignment has
    54 points, 27 points are 50. They never exceed it. Where there is no grade the cell is as it was; an unreadable
    submission gets the reason as feedback. A text that a spreadsheet would compute gets an apostrophe in columns that
    Moodle does not read back. Raises BadInput where nobody of the class is on the worksheet, or two have one number.
    """
    whole = _complete(sheet or _remembered(grades))
    rows = _with_attempts(whole, grades)
    if grades.attempts and not any(attempt for _, attempt in rows):
        raise BadInput(
            "Nobody who was graded is on the worksheet, by Identifier or e-mail address: is it this class's?"
        )
    filled = [_filled(row, whole, attempt, grades) for row, attempt in rows]
    return csv_verbatim([cells(whole.header), *filled])


def unknown_to_moodle(grades: ClassGrades, sheet: Sheet | None = None) -> tuple[Student, ...]:
    """Who handed in something and gets no row of moodle_csv for want of an Identifier."""
    if sheet is None or not _is_worksheet(sheet):
        if not is_worksheet(grades):
            return ()
        sheet = _remembered(grades)
    known = {attempt.student.id for _, attempt in _with_attempts(sheet, grades) if attempt is not None}
    return tuple(attempt.student for attempt in grades.attempts if attempt.student.id not in known)


def participants(grades: ClassGrades, sheet: Sheet | None = None) -> dict[str, Attempt]:
    """Who handed in something, by Moodle's number in this assignment: of the worksheet, else of the roster's memory.

    Raises BadInput where two have the same.
    """
    if sheet is not None and _is_worksheet(sheet):
        number_at = sheet.at(IDENTIFIER) or 0
        rows = [(_number(row[number_at]), attempt) for row, attempt in _with_attempts(sheet, grades)]
    else:
        by_id = sorted(grades.attempts, key=lambda attempt: attempt.student.id)
        rows = [(participant(attempt.student), attempt) for attempt in by_id]
    found: dict[str, Attempt] = {}
    for whose, attempt in rows:
        if whose is None or attempt is None:
            continue
        if (other := found.setdefault(whose, attempt)) is not attempt:
            both = f"{other.student.id!r} and {attempt.student.id!r}"
            raise BadInput(f"{both} both are Moodle's participant {whose}; mend the roster.")
    return found


def _with_attempts(sheet: Sheet, grades: ClassGrades) -> list[tuple[tuple[str, ...], Attempt | None]]:
    """The rows, and whose they are: by an e-mail address that one student has, else by number.

    Numbers are another assignment's where the roster was that one's worksheet, so one that belongs to another address
    does not count.
    """
    numbers = participants(grades)
    addresses = Counter(_address(attempt.student.email) for attempt in grades.attempts)
    by_address = {
        address: attempt
        for attempt in grades.attempts
        if (address := _address(attempt.student.email)) and addresses[address] == 1
    }
    number_at, address_at = sheet.at(IDENTIFIER), sheet.at("Email address")
    found: list[tuple[tuple[str, ...], Attempt | None]] = []
    for row in sheet.rows:
        whose = _number(row[number_at]) if number_at is not None else None
        address = _address(row[address_at]) if address_at is not None else ""
        attempt = by_address.get(address) or numbers.get(whose or "")
        if attempt is not None and address and _address(attempt.student.email) not in ("", address):
            attempt = None
        found.append((row, attempt))
    return found


def _address(text: str) -> str:
    return text.strip().casefold()


def _is_worksheet(sheet: Sheet) -> bool:
    return sheet.at(IDENTIFIER) is not None and sheet.at(CHANGED) is not None


def _remembered(grades: ClassGrades) -> Sheet:
    """The worksheet as far as it is known from its students, in the order of their ids."""
    known = [student for student in _students(grades) if participant(student)]
    if not known:
        raise BadInput("No student has an Identifier of Moodle's: give its grading worksheet with --roster.")
    given = dict.fromkeys(key for student in known for key in student.extra)
    have = {plain(key) for key in given}
    header = [
        *(name for name in (IDENTIFIER, "Full name", "Email address") if plain(name) not in have),
        *given,
    ]
    made = [
        {IDENTIFIER: f"Participant {participant(one)}", "Full name": one.name, "Email address": one.email}
        for one in known
    ]
    rows = [
        tuple(one.extra.get(name, own.get(name, "")) for name in header)
        for one, own in zip(known, made, strict=True)
    ]
    return Sheet(tuple(header), tuple(rows))


def _complete(sheet: Sheet) -> Sheet:
    """The worksheet with those columns put in that Moodle needs, or that we fill in."""
    added = tuple(name for name in (GRADE, CHANGED, FEEDBACK) if sheet.at(name) is None)
    return Sheet((*sheet.header, *added), tuple((*row, *("" for _ in added)) for row in sheet.rows))


def _filled(row: tuple[str, ...], sheet: Sheet, attempt: Attempt | None, grades: ClassGrades) -> list[str]:
    new: dict[int | None, str] = {}
    if attempt is not None and attempt.state != "failed":
        new[sheet.at(FEEDBACK)] = feedback(attempt, grades)
        if attempt.state == "graded":
            maximum_at = sheet.at(MAXIMUM)
            maximum = maximum_of(row[maximum_at]) if maximum_at is not None else None
            new[sheet.at(GRADE)] = amount(
                on_scale(attempt.points, points_possible(grades), maximum, cap=True), 2
            )
    return [
        new[place] if place in new else old if _READ_BACK.fullmatch(plain(name)) else guarded(old, place == 0)
        for place, (name, old) in enumerate(zip(sheet.header, row, strict=True))
    ]


def on_scale(points: float, possible: float, maximum: float | None, *, cap: bool = False) -> float:
    """The points where ``maximum`` can be had instead of ``possible``, not more of them where there is a cap."""
    if maximum is None or possible <= 0:
        return points
    scaled = points * maximum / possible
    return min(scaled, maximum) if cap else scaled


def maximum_of(text: str) -> float | None:
    """The points that a cell names, ``100.00`` or ``1 000,00``; None if it names none, as a scale of words."""
    digits = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    return (
        float(digits)
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", digits, re.ASCII) and float(digits) > 0
        else None
    )


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
        said = gist(told(exercise, grades.hidden))
        points = f"{number(exercise.points)} of {of_points(exercise.max_points)}"
        name = f"{line(exercise.id)} {line(exercise.title, 80)}"
        yield _markup(f"{name}: {points}. {line(said, 300)}".rstrip())


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
