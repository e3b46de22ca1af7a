"""Python scripts as notebooks: percent cells and jupytext's light format, or plain statements.

jupytext reads the cells' headers and the Markdown; three things are not left to it:

- Which format it is. jupytext believes the file's YAML header, and for some formats starts another
  program with the file as its input. The header is cut off here and never parsed.
- Where a cell begins. jupytext takes ``# %%`` for a marker inside a function too.
- Commented magics. In a file that jupytext wrote, ``# !ls`` stands for ``!ls``; in any other it is
  a comment and stays one.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

import jupytext
from jupytext.magics import uncomment_magic

from grader.nouns import BadInput
from grader.read.cells import MAX_CELLS, Piece
from grader.read.labels import comment_label
from grader.read.statements import split_statements
from grader.read.syntax import parse_cell

MAX_SCRIPT = 1_000_000  # characters; to parse them may take 600 MB
_MAX_LIGHT = 2_000  # lines: the light reader's time grows with their square
_MAX_HEADER = 2_000  # characters of a cell's header line: so does the time to read its metadata
_LOOK_AHEAD = 20  # markers that may stand inside a string or a statement

_MARKER = re.compile(r"#\s*(?:%%+(?:\s|\Z)|In\[[0-9 ]*\]:?\s*\Z|<codecell>\s*\Z)")
_PYCHARM_MARKDOWN = re.compile(r"#\s*%%\s+md\s*\Z")
_BARE = re.compile(r"#\s*%%\s*")  # a marker that says nothing more
_IS_TEXT = re.compile(r"\[(?:markdown|md|raw)\]|%%\s+md\s*\Z")
_HEADER = re.compile(
    r"(?:#(?!\s*---)[^\n]*\n){0,2}#\s*---[ \t]*\n((?:#(?!\s*---\s*\n)[^\n]*\n)*)#\s*---[ \t]*(?:\n|\Z)"
)
_WRITTEN_BY_JUPYTEXT = re.compile(r"^#\s+(?:jupyter|jupytext|kernelspec):", re.MULTILINE)
_LIGHT = re.compile(r"^#\s+format_name:\s*light\s*$", re.MULTILINE)

# What jupytext was seen to raise on hostile metadata.
_JUPYTEXT_ERRORS = (
    ValueError, SyntaxError, TypeError, AttributeError, LookupError,
    AssertionError, RecursionError, MemoryError,
)  # fmt: skip


def script_pieces(text: str, where: str) -> list[Piece]:
    """The cells of a script in order; blank ones are left out.

    Raises:
        BadInput: it is a notebook under a script's name, or too long.
    """
    if len(text) > MAX_SCRIPT:
        raise BadInput(
            f"{where}: has {len(text) / 1e6:.1f} million characters, more than the {MAX_SCRIPT // 10**6} "
            "million that are read of a script; load large data from a file instead of writing it there"
        )
    if text.lstrip().startswith("{") and '"nbformat"' in text:
        raise BadInput(f"{where}: is a notebook under the name of a script; rename it to end in .ipynb")
    header = _HEADER.match(text)
    from_jupytext = header is not None and _WRITTEN_BY_JUPYTEXT.search(header[1]) is not None
    body = text[header.end() :] if header and from_jupytext else text
    lines = body.split("\n")
    marked = sum(1 for line in lines if _MARKER.match(line))
    if marked > MAX_CELLS:  # before any time is spent on them
        raise BadInput(f"{where}: has {marked} cells, more than the {MAX_CELLS} that are read")
    if starts := _cell_starts(lines):
        pieces = _percent(lines, starts, from_jupytext)
    elif from_jupytext and header and _LIGHT.search(header[1]) and (light := _light(body)):
        pieces = light
    else:
        pieces = _plain(body)
    return [piece for piece in pieces if piece.source.strip()]


def _plain(body: str) -> list[Piece]:
    """A statement a cell. A label such as ``# exercise: 1.2.1`` holds until the next one."""
    exercise: str | None = None
    pieces: list[Piece] = []
    for source in split_statements(body):
        for line in source.split("\n"):
            if line.strip() and not line.startswith("#"):
                break
            exercise = comment_label(line).exercise or exercise
        pieces.append(Piece("code", source, {"exercise": exercise} if exercise else {}))
    return pieces


def _light(body: str) -> list[Piece] | None:
    """jupytext's light format, as jupytext itself wrote it; None where reading it would cut a statement."""
    if body.count("\n") > _MAX_LIGHT:
        return None
    pieces = _read_by_jupytext(body, "light")
    whole = parse_cell(body) is not None
    if (
        pieces
        and whole
        and any(piece.kind == "code" and parse_cell(piece.source) is None for piece in pieces)
    ):
        return None
    return pieces


def _percent(lines: list[str], starts: list[int], from_jupytext: bool) -> list[Piece]:
    """What stands above the first ``# %%`` marker, and the cells that begin at one."""
    stops = [*starts[1:], len(lines)]
    return [
        _piece(lines[: starts[0]], from_jupytext, marked=False),
        *(_piece(lines[start:stop], from_jupytext) for start, stop in zip(starts, stops, strict=True)),
    ]


def _cell_starts(lines: list[str]) -> list[int]:
    """The markers at which a cell begins, and not those inside a string or a statement.

    Where the code since the last marker makes no sense, but does together with what follows, the
    marker between is inside a statement. Where it makes no sense either way it is the student's
    syntax error, and the cell ends at the marker.
    """
    markers = [number for number, line in enumerate(lines) if _MARKER.match(line)]
    stops = [*markers, len(lines)]
    starts: list[int] = []
    begin, position = 0, 0
    budget = 10 * sum(len(line) for line in lines) + 100_000
    while position < len(markers):
        is_text = bool(starts) and _IS_TEXT.search(lines[begin][:_MAX_HEADER]) is not None
        ahead = range(position, min(position + _LOOK_AHEAD, len(stops)))
        chosen = position
        for candidate in () if is_text else ahead:
            budget -= sum(len(line) for line in lines[begin : stops[candidate]])
            if budget < 0:
                break
            if parse_cell("\n".join(_code(lines[begin : stops[candidate]]))) is not None:
                chosen = candidate
                break
        if chosen == len(markers):
            break
        begin = markers[chosen]
        starts.append(begin)
        position = chosen + 1
    return starts


def _code(lines: list[str]) -> list[str]:
    """A cell without its marker, so that a cell magic stands on its first line."""
    return lines[1:] if lines and _MARKER.match(lines[0]) else lines


def _piece(lines: list[str], from_jupytext: bool, marked: bool = True) -> Piece:
    """One cell, with its header line if ``marked``."""
    header = lines[0] if marked else ""
    code = "\n".join(lines[1:] if marked else lines).strip("\n")
    if from_jupytext:
        code = "\n".join(uncomment_magic(code.split("\n"), "python"))
    plain = Piece("code", code)
    if not marked or len(header) > _MAX_HEADER or _BARE.fullmatch(header):
        return plain
    if not _IS_TEXT.search(header):
        # The code is taken as it stands: only what the header says is jupytext's to read.
        read = _read_by_jupytext(f"{header}\n1\n", "percent")
        return replace(plain, metadata=read[0].metadata) if read else plain
    if _PYCHARM_MARKDOWN.match(header):
        header = "# %% [markdown]"
    read = _read_by_jupytext("\n".join([header, *lines[1:]]), "percent")
    return replace(read[0], source="\n\n".join(piece.source for piece in read)) if read else plain


def _read_by_jupytext(body: str, format_name: str) -> list[Piece] | None:
    """The cells that jupytext finds, or None where it fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The blank line keeps it from taking what comes first for a header.
            notebook = jupytext.reads(
                "\n" + body,
                {"extension": ".py", "format_name": format_name, "comment_magics": format_name == "light"},
            )
    except _JUPYTEXT_ERRORS:
        return None
    cells = cast(Iterable[Any], notebook["cells"])
    return [
        Piece(cell["cell_type"], cell["source"].strip("\n"), dict(cell["metadata"]))
        for cell in cells
        if cell["source"].strip()
    ]
