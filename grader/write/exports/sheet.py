"""A table of a learning-management system's as it is in its file, to be given back with grades filled in.

``Student.extra`` holds what a roster says, tidied up and without empty cells. What is uploaded again must have every
column and every cell as it was, so it is read once more, with nothing done to it.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from grader.nouns import BadInput
from grader.write.exports.columns import plain

MAX_BYTES = 20 * 2**20


@dataclass(frozen=True, slots=True)
class Sheet:
    """The headings, and rows that are as long as they are."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def at(self, name: str) -> int | None:
        """Where the column of that name is; None if there is none."""
        return next((place for place, key in enumerate(self.header) if plain(key) == plain(name)), None)


def read_sheet(path: Path) -> Sheet:
    """The table: UTF-8, UTF-16 or Windows-1252; commas, semicolons or tabs, as spreadsheets save it again.

    Raises BadInput where it is no such file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror or error}).") from error
    if len(data) > MAX_BYTES:
        raise BadInput(f"{path} is larger than {MAX_BYTES // 2**20} MB: this is no list of a class.")
    text = _text(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise BadInput(f"{path} is no table ({error}); export it again.") from error
    if not rows:
        raise BadInput(f"{path} is empty; export it again.")
    header, *others = rows
    width = len(header)
    return Sheet(tuple(header), tuple(tuple([*row, *[""] * width][:width]) for row in others))


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
