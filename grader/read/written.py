"""The student's written answers, as they stand in the Markdown cells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from grader.notebook import PLACEHOLDER, our_texts
from grader.nouns import Cell, Exercise, Submission
from grader.read.labels import is_label
from grader.read.syntax import parse_cell

# How our own cells begin, by which they are known where an editor dropped their metadata.
_HEADING = re.compile(r"\s*(?:#{1,2}\s|#{3,6}\s+[0-9]+\.[0-9])")


def written_answers(submission: Submission, exercise: Exercise) -> Mapping[str, str]:
    """The texts for the exercise's written answers, by answer; those not answered are left out.

    A Markdown cell labelled by answer holds that answer, several of them together. Cells labelled
    only by exercise fill what is still open, in order; what is left over goes with the last. Where
    the cell for an answer still holds the placeholder, the unlabelled Markdown cells right below it,
    up to the next heading, are the answer. Where there is no Markdown, a string assigned to the
    answer's name in a code cell of the exercise counts. Our own texts (prompts, questions,
    placeholders) are not answers.

    The texts are the student's: Markdown, to be sanitised wherever they are shown.
    """
    asked = [name for name, form in exercise.answers.items() if form == "text"]
    ours = {_plain(text) for text in our_texts(exercise)}
    texts: dict[str, list[str]] = {name: [] for name in asked}
    loose: list[str] = []
    for position, cell in enumerate(submission.cells):
        if cell.exercise != exercise.id or cell.kind != "markdown" or cell.role == "prompt":
            continue
        named = cell.answer if cell.answer in texts else None
        text = _answer_in(cell, ours)
        if not text and named:
            text = _below(submission.cells[position + 1 :], ours)
        if text:
            _append(texts[named] if named else loose, text)
    _fill(texts, loose)
    for name, text in _assigned(submission.cells_of(exercise.id), asked):
        if not texts[name] and text.strip():
            texts[name] = [text.strip()]
    return {name: "\n\n".join(parts) for name, parts in texts.items() if parts}


def _answer_in(cell: Cell, ours: set[str]) -> str:
    """The text of a cell without labels and placeholders; nothing if it is our own."""
    lines = [line for line in cell.source.split("\n") if line.strip() != PLACEHOLDER and not is_label(line)]
    text = "\n".join(lines).strip()
    return "" if _plain(text) in ours else text


def _below(cells: Iterable[Cell], ours: set[str]) -> str:
    """The text of the unlabelled Markdown cells at the beginning of ``cells``."""
    texts: list[str] = []
    for cell in cells:
        labelled = cell.exercise is not None or cell.role == "prompt"
        if cell.kind != "markdown" or labelled or _HEADING.match(cell.source):
            break
        _append(texts, _answer_in(cell, ours))
    return "\n\n".join(text for text in texts if text)


def _fill(texts: dict[str, list[str]], loose: list[str]) -> None:
    """Give the texts that name no answer to the answers that have no text."""
    still_open = [name for name, parts in texts.items() if not parts]
    for name, text in zip(still_open, loose, strict=False):
        texts[name] = [text]
    if texts:
        last = (still_open or list(texts))[-1]
        for text in loose[len(still_open) :]:
            _append(texts[last], text)


def _append(texts: list[str], text: str) -> None:
    if text not in texts:  # a copied cell is no second answer
        texts.append(text)


def _assigned(cells: Iterable[Cell], names: list[str]) -> list[tuple[str, str]]:
    """Strings that code assigns to one of the names at the top level, the last one first."""
    found: list[tuple[str, str]] = []
    for cell in cells:
        tree = parse_cell(cell.source) if cell.kind == "code" and names else None
        for node in tree.body if tree else ():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))) if (
                    name in names
                ):
                    found.append((name, text))
                case _:
                    pass
    return found[::-1]


def _plain(text: str) -> str:
    """The text with every run of blanks as one space, to compare by."""
    return " ".join(text.split())
