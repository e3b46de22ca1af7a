"""The list of a class: a CSV file that a system exported or a person wrote.

Columns are known by their headings, in any order and any case. docs/classes.md lists them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.nouns import BadInput, Student
from grader.read.file import own_bytes, shown
from grader.read.members import quoted

MAX_BYTES = 20 * 2**20
MAX_ROWS = 100_000
MAX_FIELD = 10_000  # characters
MAX_ID = 200

# In the order in which they are taken for the id. "ID" of a Canvas gradebook is Canvas's own number; the SIS id
# is the university's, so that is the student's id and the number stays for the names of downloaded files.
IDS = (
    "id number", "idnumber", "student id", "studentid", "student number", "matriculation number", "sid",
    "sis user id", "id", "sis login id", "username", "user name", "user", "login", "login id",
    "email address", "email", "e-mail", "mail",
    "identifier", "participant",  # Moodle's, another one for each assignment
)  # fmt: skip
_NAMES = ("full name", "fullname", "name", "student", "student name", "display name")
_FIRST = ("first name", "firstname", "given name", "forename")
_LAST = ("last name", "lastname", "surname", "family name")
_EMAILS = ("email address", "email", "e-mail", "mail", "e-mail address")
_KNOWN = {*IDS, *_NAMES, *_FIRST, *_LAST, *_EMAILS}
# Rows of a Canvas gradebook that are nobody: the maxima, how grades are posted, and the made-up student.
_NOBODY = {"points possible", "manual posting", "student, test", "test student"}
_DELIMITERS = ",;\t|"


def read_roster(path: Path) -> dict[str, Student]:
    """The students of the class by id, in the order of the file.

    Commas, semicolons or tabs; UTF-8, UTF-16 or Windows-1252: that is found out. Columns that are neither id nor
    name nor e-mail are kept in ``Student.extra`` by their headings.

    Raises:
        BadInput: it is no such file, has no column that identifies anybody, a row without an id, or one id twice.
    """
    where = shown(path)
    data = own_bytes(path, MAX_BYTES)
    rows = _rows(_text(data, where), where)
    number, headings = rows[0]
    columns = _columns(headings)
    if not any(name in columns for name in (*IDS, *_NAMES)):
        raise BadInput(
            f"{where}: line {number} has no column that identifies a student ({_listed(headings)}); name one id, "
            '"ID number", "SIS User ID" or "Email address"'
        )
    students: dict[str, Student] = {}
    lines: dict[str, int] = {}
    for number, row in rows[1:]:
        if len(row) > len(headings) and any(cell.strip() for cell in row[len(headings) :]):
            raise BadInput(
                f"{where}: line {number} has {len(row)} columns, the heading {len(headings)}; put quotes around "
                "what holds a separator"
            )
        if (student := _student(headings, columns, row, f"{where}: line {number}")) is None:
            continue
        same = student.id.casefold()
        if same in lines:
            raise BadInput(
                f"{where}: line {number} has the id {quoted(student.id)} of line {lines[same]} again; strike one "
                "of them off, or mend the id"
            )
        lines[same] = number
        students[student.id] = student
    if not students:
        raise BadInput(f"{where}: lists no students; write one below the headings in each line")
    return students


def _student(
    headings: Sequence[str], columns: Mapping[str, int], row: Sequence[str], where: str
) -> Student | None:
    """The student of a row; None where it is nobody's."""

    def cell(names: Iterable[str]) -> str:
        found = (_clean(row[columns[name]]) for name in names if columns.get(name, len(row)) < len(row))
        return next((value for value in found if value), "")

    name = cell(_NAMES)
    if name.casefold() in _NOBODY or not any(value.strip() for value in row):
        return None
    first, last = cell(_FIRST), cell(_LAST)
    name = " ".join(part for part in (first, last) if part) or _first_name_first(name)
    id = cell(IDS) or ("" if any(known in columns for known in IDS) else name)
    if not id:
        raise BadInput(f"{where} has no id{f' ({quoted(name)})' if name else ''}; write one")
    if len(id) > MAX_ID:
        raise BadInput(f"{where} has an id of {len(id)} characters; write one of at most {MAX_ID}")
    email = cell(_EMAILS)
    extra = {
        _clean(heading): _clean(value)
        for heading, value in zip(headings, row, strict=False)
        if _clean(value)
        and _clean(value) not in (id, email)
        and _known(heading) not in (*_FIRST, *_LAST, *_NAMES)
    }
    return Student(id, name, email, extra)


def _first_name_first(name: str) -> str:
    """ "Lovelace, Ada", as Canvas has it, is Ada Lovelace."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name


def _columns(headings: Iterable[str]) -> dict[str, int]:
    """Where each known column is; the first of that name."""
    columns: dict[str, int] = {}
    for position, heading in enumerate(headings):
        columns.setdefault(_known(heading), position)
    return columns


def _known(heading: str) -> str:
    """ "User_Name " is "user name"."""
    return re.sub(r"[\s_]+", " ", heading.strip().casefold())


def _clean(cell: str) -> str:
    """One line, without what no database or screen takes."""
    return shown(" ".join(cell.split()))


def _rows(text: str, where: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line it ends in."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    told = re.match(r"sep=(.)\n", text, re.IGNORECASE)  # Excel writes that
    delimiter = told[1] if told else _delimiter(text)
    if told:
        text = "\n" + text[told.end() :]  # line numbers stay right
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if len(found) > MAX_ROWS:
                raise BadInput(f"{where}: has more than {MAX_ROWS:,} lines; give the roster of one class")
            if any(len(cell) > MAX_FIELD for cell in row):
                raise BadInput(
                    f"{where}: line {reader.line_num} has a cell of more than {MAX_FIELD:,} characters; is a "
                    "quotation mark open?"
                )
            if any(cell.strip() for cell in row):
                found.append((reader.line_num, row))
    except csv.Error as error:
        raise BadInput(f"{where}: line {reader.line_num} is no CSV ({error}); export it again") from None
    if not found:
        raise BadInput(f"{where}: is empty; write a line of headings, and one for each student")
    return found


def _delimiter(text: str) -> str:
    """The one by which the headings fall into the most columns that are known, then into the most columns."""
    first = text.partition("\n")[0][: 100 * MAX_FIELD]

    def fitness(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return sum(_known(cell) in _KNOWN for cell in cells), len(cells)

    return max(_DELIMITERS, key=fitness)


def _text(data: bytes, where: str) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            encodings = [encoding]
            break
    else:
        # Headings are mostly ASCII, of which every second byte is NUL in UTF-16.
        head = data[:200]
        encodings = ["utf-16-le", "utf-16-be"] if head.count(0) > len(head) // 4 else ["utf-8", "cp1252"]
        if head[:1] == b"\0":
            encodings.reverse()
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput(f"{where}: is no text that can be read; save it as CSV, in UTF-8")


def _listed(headings: Sequence[str]) -> str:
    return ", ".join(quoted(heading.strip()) for heading in headings[:6]) + (
        ", …" if len(headings) > 6 else ""
    )
