"""A cell of the submission and what became of it when it ran, as markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from grader.nouns import Cell, CellRun, Ending
from grader.write.images import Room, picture_tag
from grader.write.pictures import printed_block, traceback_block
from grader.write.prose import html_output, markdown, plain_source, source
from grader.write.safe import line, strip_ansi
from grader.write.words import seconds

OUTPUTS = 30  # of one cell

ENDINGS: dict[Ending, str] = {
    "ok": "ran",
    "error": "stopped with an error",
    "timeout": "did not finish in time and was stopped",
    "killed": "ended its own Python process",
    "memory": "used more memory than is allowed and was stopped",
    "processes": "wanted more processes or threads than are allowed",
    "disk": "wrote more than its work directory may hold",
    "flooded": "printed without end and was stopped",
    "not reached": "was not run",
}


def cell_source(cell: Cell, room: Room) -> Markup:
    """What the student wrote in a cell: code in colour, Markdown as text."""
    if room.word_share < min(len(cell.source), 3_000):
        return room.full()
    if cell.kind == "markdown":
        return room.text(markdown(cell.source))
    shown = source(cell.source)
    return room.text(shown if len(shown) <= room.word_share else plain_source(cell.source))


def cell_label(cell: Cell) -> str:
    """``Cell 4``: the place in the notebook, counted from 1 as people do."""
    return f"Cell {cell.index + 1}"


def ending_text(run: CellRun | None) -> str:
    """``ran in 20 ms``, ``stopped with an error after 1.4 s``."""
    if run is None:
        return ENDINGS["not reached"]
    if run.ending == "not reached":
        return ENDINGS[run.ending]
    return f"{ENDINGS[run.ending]} {'in' if run.ending == 'ok' else 'after'} {seconds(run.seconds)}"


def cell_outputs(cell: Cell, run: CellRun | None, room: Room) -> Markup:
    """The error, then what the cell printed and displayed."""
    if run is None or room.word_share < 1_000:
        return Markup("") if run is None or not (run.outputs or run.error) else room.full()
    blocks: list[Markup] = []
    if run.error is not None:
        blocks.append(_error(run.error.name, run.error.message, run.error.traceback, room))
    for output in run.outputs[:OUTPUTS]:
        if output.get("output_type") != "error":
            blocks.append(_output(output, cell, room))
        elif run.error is None:
            frames = tuple(str(frame) for frame in _texts(output.get("traceback")))
            blocks.append(_error(_text(output.get("ename")), _text(output.get("evalue")), frames, room))
    if len(run.outputs) > OUTPUTS:
        blocks.append(
            Markup('<p class="note">{:,} more outputs are not shown.</p>').format(len(run.outputs) - OUTPUTS)
        )
    return Markup("").join(blocks)


def _error(name: str, message: str, frames: tuple[str, ...], room: Room) -> Markup:
    block = traceback_block(name, strip_ansi(message), [strip_ansi(frame) for frame in frames])
    return room.text(block)


def _output(output: Mapping[str, Any], cell: Cell, room: Room) -> Markup:
    """The richest form of an output that can be shown safely."""
    where = cell_label(cell).lower()
    if output.get("output_type") == "stream":
        label = "Errors and warnings" if output.get("name") == "stderr" else "Printed"
        return room.text(printed_block(_text(output.get("text")), f"{label} by {where}"))
    data = output.get("data")
    if not isinstance(data, Mapping):
        return Markup("")
    plain = _text(data.get("text/plain"))
    if "image/png" in data:
        described = f", {line(plain, 80)}" if plain else ""
        return picture_tag(_text(data["image/png"]), f"Picture that {where} displayed{described}", room)
    if "text/html" in data and (table := html_output(_text(data["text/html"]))):
        return room.text(table)
    if "text/markdown" in data:
        return room.text(markdown(_text(data["text/markdown"])))
    unseen = [line(str(kind), 40) for kind in data if kind not in ("text/plain", "text/html", "text/latex")]
    note = (
        Markup('<p class="note">Also of the kind {}, which is not shown.</p>').format(unseen[0])
        if unseen
        else ""
    )
    return room.text(printed_block(plain, f"Value of {where}")) + note


def _text(value: Any) -> str:
    """A text of a notebook: one string, or its lines in a list."""
    return "".join(str(part) for part in _texts(value))


def _texts(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
