"""Rows -> the text of a CSV file that no spreadsheet takes for a program.

Quoting follows RFC 4180: commas, CRLF, quotes doubled. It keeps a text in its cell, but Excel, LibreOffice and Google
Sheets compute a cell that begins with ``=``, ``+``, ``-`` or ``@``, quoted or not
(https://owasp.org/www-community/attacks/CSV_Injection, CWE-1236). Such a text gets an apostrophe in front, which those
programs take for "this is text". What counts is the first character that a program might look at: after blanks, quotes
and characters that cannot be seen, and with full-width and small variants (＝ ﹢ －) taken for the plain ones, as Excel
does in some languages. Where a semicolon separates cells, as in much of Europe, it would cut a text into several, so
each part between semicolons is looked at.

Numbers stay numbers, negative ones too, and so do texts that are one, except where the cell of a reader that goes by
semicolons would begin with them and go on: ``-5`` and ``0+SUM(1);`` side by side would be its ``-5,0+SUM(1)``.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

from grader.nouns import GraderError
from grader.write.safe import strip_ansi

PREFIX = "'"
BOM = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine
MAX_CELL = 5_000  # characters; Excel holds 32,767 in a cell and shows 1,024

_STARTS = frozenset("=+-@−")  # − is U+2212, which LibreOffice reads as a minus
_BEFORE = "'\"`´‘’‚‛“”„‟«»"
_NUMBER = re.compile(r"\s*[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?\s*%?\s*", re.ASCII)
# A reader that goes by semicolons sees no quotes within its cells, so a line break ends the row for it.
_SEPARATES = re.compile(r"(?<=[;\r\n])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BLANK = re.compile(r"[\s\x85\u2028\u2029]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Overrides and isolates turn the neighbours' text around; the others only hide what a text begins with.
_UNSEEN = re.compile(r"[\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")

Cell = str | float | None


def csv_text(rows: Iterable[Sequence[Cell]], *, bom: bool = False) -> str:
    """The text of the file; each text is cleaned and guarded by :func:`cell`, each number written in full.

    ``bom``: begin with a byte order mark, for Excel. Raises GraderError where a number is not finite.
    """
    return csv_verbatim([cells(row) for row in rows], bom=bom)


def csv_verbatim(rows: Iterable[Sequence[str]], *, bom: bool = False) -> str:
    """The text of the file with its cells as they are: for cells that have been guarded, or must not be changed."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return (BOM if bom else "") + text.getvalue()


def cells(row: Sequence[Cell]) -> list[str]:
    """A row, each of its values as :func:`cell` has it."""
    return [cell(value, first=place == 0) for place, value in enumerate(row)]


def cell(value: Cell, first: bool = False) -> str:
    """What stands in a cell: one line without control characters, and nothing that would be computed.

    ``first``: the cell is the first of its row.
    """
    if value is None:
        return ""
    return guarded(flat(value), first) if isinstance(value, str) else amount(value)


def amount(value: float, digits: int = 6) -> str:
    """A number without an exponent and without zeros at its end: 3, 2.5, -0.125. GraderError if not finite."""
    if not math.isfinite(value):
        raise GraderError(f"{value} was to be exported as a number of points; no number is made up for it.")
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def flat(text: str, limit: int = MAX_CELL) -> str:
    """One line: blanks of any kind become one space, control and unseen characters go, the rest is cut."""
    # The cut comes first: the rest is linear, but a message may be megabytes long.
    line = _BLANK.sub(" ", strip_ansi(text[: limit * 8]))
    line = _UNSEEN.sub("", _CONTROL.sub("", _SURROGATE.sub("\ufffd", line))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def guarded(text: str, first: bool = False) -> str:
    """The text, with an apostrophe before it, and before each part after a semicolon or a line break, that would be
    computed."""
    whole, *parts = _SEPARATES.split(text)
    before = PREFIX if computed(text) or (first and formula_at(text) is not None) else ""
    return before + whole + "".join(PREFIX + part if formula_at(part) is not None else part for part in parts)


def computed(text: str) -> bool:
    """Whether a spreadsheet might take a cell of its own for a formula. A dash alone stands for "nothing"."""
    return not (_NUMBER.fullmatch(text) or text in ("-", "–")) and formula_at(text) is not None


def formula_at(text: str) -> int | None:
    """Where the character stands that a formula could begin with; None where nothing of the kind stands first."""
    for place, character in enumerate(text):
        first = unicodedata.normalize("NFKC", character)[:1]
        # controls, marks, blanks; also what has no meaning yet, which a font need not show
        if first in _BEFORE or first.isspace() or unicodedata.category(character)[0] in "CMZ":
            continue
        return place if first in _STARTS else None
    return None
