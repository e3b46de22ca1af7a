"""From pieces of a notebook or a script to the cells of a submission: clean text, one id each, labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from grader.nouns import BadInput, Cell
from grader.read.labels import label_of

MAX_CELLS = 10_000
MAX_CODE = 3_000_000  # characters in all code cells; pictures and data belong elsewhere

Kind = Literal["code", "markdown", "raw"]

_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # nbformat 4.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell as its file has it. The id may be missing, doubled or nonsense."""

    kind: Kind
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    id: object = None
    has_ids: bool = False  # whether the format of the file asks for ids


def as_cells(pieces: Sequence[Piece], where: str) -> tuple[tuple[Cell, ...], list[str]]:
    """The cells, and a note on each kind of repair that was needed.

    Raises:
        BadInput: there are more than ``MAX_CELLS`` cells or ``MAX_CODE`` characters of code.
    """
    if len(pieces) > MAX_CELLS:
        raise BadInput(f"{where}: has {len(pieces)} cells, more than the {MAX_CELLS} that are read")
    code = sum(len(piece.source) for piece in pieces if piece.kind == "code")
    if code > MAX_CODE:
        raise BadInput(
            f"{where}: has {code / 1e6:.0f} million characters of code, more than the {MAX_CODE // 10**6} "
            "million that are read; load large data from a file instead of writing it into a cell"
        )
    ids, invented = _unique_ids(pieces)
    cells: list[Cell] = []
    mended = 0
    for index, (piece, id) in enumerate(zip(pieces, ids, strict=True)):
        source = piece.source.replace("\r\n", "\n").replace("\r", "\n")
        # JSON can spell half a character, which no file, socket or parser takes.
        clean = source.encode("utf-8", "replace").decode("utf-8")
        mended += clean != source
        label = label_of(piece.kind, clean, piece.metadata)
        cells.append(Cell(index, id, piece.kind, clean, label.exercise, label.answer, label.role))
    notes: list[str] = []
    if invented:
        notes.append(f"{_count(invented)} no id of their own; new ones were given")
    if mended:
        notes.append(f"{_count(mended)} characters that do not exist (lone surrogates); they became '?'")
    return tuple(cells), notes


def _count(number: int) -> str:
    return "1 cell had" if number == 1 else f"{number} cells had"


def _unique_ids(pieces: Sequence[Piece]) -> tuple[list[str], int]:
    """An id for each cell, and how many had to be invented although the format asks for them.

    Of cells with the same id the first keeps it. The others get one made of their position, so
    that the same file always gives the same ids.
    """
    taken = {piece.id for piece in pieces if isinstance(piece.id, str)}
    used: set[str] = set()
    ids: list[str] = []
    invented = 0
    for index, piece in enumerate(pieces):
        id = piece.id
        if not isinstance(id, str) or id in used or not _VALID_ID.fullmatch(id):
            invented += piece.has_ids
            names = (f"cell-{index}-{number}" if number else f"cell-{index}" for number in count())
            id = next(name for name in names if name not in taken)
        used.add(id)
        taken.add(id)
        ids.append(id)
    return ids, invented
