"""Attacks are cells of a submission that runs behind its walls; what they print is what they achieved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.execute.launch import ProcessLimits, launch
from grader.execute.run import RunLimits
from grader.execute.session import Session, execute
from grader.execute.warm import WarmParent
from grader.nouns import Cell, Submission

Attack = Callable[..., Session]

SMALL = ProcessLimits(memory=1200 * 2**20, processes=60, disk=32 * 2**20)


@pytest.fixture(scope="module")
def walled() -> Iterator[WarmParent]:
    """A warm parent whose children have little of everything."""
    with WarmParent(launch(limits=SMALL)) as parent:
        parent.wait_until_ready()
        yield parent


@pytest.fixture
def attack(walled: WarmParent) -> Iterator[Attack]:
    """Run cells as a submission; the session ends with the test."""
    sessions: list[Session] = []

    def run(*sources: str, cell_s: float = 60.0) -> Session:
        cells = tuple(Cell(i, f"c{i}", "code", source, f"0.0.{i}") for i, source in enumerate(sources))
        submission = Submission(Path("attack.ipynb"), "attack.ipynb", "ipynb", "", cells)
        names = frozenset(str(cell.exercise) for cell in cells)
        sessions.append(execute(submission, walled, names, RunLimits(cell_s=cell_s)))
        return sessions[-1]

    yield run
    for session in sessions:
        session.close()


def printed(session: Session, index: int) -> str:
    """What a cell printed, or the exception that ended it."""
    run = next(run for run in session.runs if run.index == index)
    text = "".join(str(output.get("text", "")) for output in run.outputs)
    return text + (f"{run.error.name}: {run.error.message}" if run.error else "")
