"""Hand-made submissions, executed, and what is left of them."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.examine.link import Link
from grader.examine.remote import Student
from grader.examine.source import Sources
from grader.execute.run import RunLimits
from grader.execute.session import Session, execute
from grader.execute.warm import KernelSource
from grader.nouns import Cell, CellRun, Submission

# For cells that never end. All else in the same notebook must be done within a moment.
SHORT = RunLimits(cell_s=2)

_links: list[Link] = []  # connections of the session that is open


@dataclass(frozen=True)
class Of:
    """A code cell that belongs to an exercise."""

    exercise: str
    source: str


def submission(*cells: str | Of | Cell) -> Submission:
    """A notebook of these cells; a string is the source of a code cell without an exercise."""
    made: list[Cell] = []
    for index, cell in enumerate(cells):
        match cell:
            case str():
                made.append(Cell(index, f"c{index}", "code", cell))
            case Of(exercise, source):
                made.append(Cell(index, f"c{index}", "code", source, exercise))
            case Cell():
                made.append(cell)
    digest = hashlib.sha256(repr(made).encode()).hexdigest()
    return Submission(Path("made.ipynb"), "made.ipynb", "ipynb", digest, tuple(made))


@contextlib.contextmanager
def executed(
    source: KernelSource, *cells: str | Of | Cell, limits: RunLimits | None = None
) -> Iterator[Session]:
    """A session in which all cells have run, and the state of every exercise among them is kept."""
    made = submission(*cells)
    exercises = frozenset(cell.exercise for cell in made.cells if cell.exercise)
    with execute(made, source, exercises, limits) as session:
        yield session
        hang_up()


def runs(source: KernelSource, *cells: str | Of | Cell, limits: RunLimits | None = None) -> list[CellRun]:
    """The record of each cell; the session is closed."""
    with executed(source, *cells, limits=limits) as session:
        return list(session.runs)


def endings(source: KernelSource, *cells: str | Of | Cell, limits: RunLimits | None = None) -> list[str]:
    return [run.ending for run in runs(source, *cells, limits=limits)]


def answers(session: Session, exercise: str) -> Student:
    """What an exercise's state holds, as a check sees it."""
    link = Link(lambda: session.worker(exercise), lambda: session.how_it_ended(exercise))
    _links.append(link)
    return Student(link, Sources([]))


def hang_up() -> None:
    """End the connections that ``answers`` made."""
    while _links:
        _links.pop().drop()


def printed(run: CellRun) -> str:
    """What a cell wrote on stdout and stderr."""
    return "".join(str(output["text"]) for output in run.outputs if output["output_type"] == "stream")


def shown(run: CellRun) -> list[dict[str, Any]]:
    """The rich outputs of a cell: MIME type -> data."""
    return [dict(output["data"]) for output in run.outputs if "data" in output]
