"""The flow for one submission: Submission -> Session -> Finding* -> Grade."""

from __future__ import annotations

import functools
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from grader import __version__
from grader.examine.examination import examine
from grader.execute.isolation import level
from grader.execute.run import RunLimits
from grader.execute.session import execute
from grader.execute.warm import KernelSource
from grader.nouns import Exercise, Grade, Submission
from grader.read.belonging import assign, written_answers
from grader.score import score


@dataclass(frozen=True, slots=True)
class Step:
    """How far a grading is: ``cells`` are being run, or ``exercises`` examined."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade, with what a report shows beside it."""

    grade: Grade
    notebook: NotebookNode | None  # as it was executed
    written: Mapping[str, Mapping[str, str]]  # exercise -> answer -> text


def grade(
    submission: Submission,
    exercises: Mapping[str, Exercise],
    source: KernelSource,
    seed: int,
    limits: RunLimits | None = None,
    progress: Callable[[Step], None] = lambda step: None,
) -> Graded:
    """Run and judge one submission. Raises ``GraderError`` only where no process can be started at all."""
    start = time.monotonic()
    submission = assign(submission, exercises)
    written = {id: dict(written_answers(submission, exercise)) for id, exercise in exercises.items()}
    present = frozenset(id for id in exercises if submission.cells_of(id))

    def on_cell(done: int, total: int) -> None:
        progress(Step("cells", done, total))

    with execute(submission, source, present, limits, on_cell) as session:
        grades = []
        for number, exercise in enumerate(exercises.values()):
            progress(Step("exercises", number, len(exercises)))
            findings = examine(session, exercise, written[exercise.id], seed)
            grades.append(score(exercise, findings))
        progress(Step("exercises", len(exercises), len(exercises)))
        for graded in grades:
            for finding in graded.findings:
                if finding.detail and finding.detail.get("kind") == "written":
                    written[graded.id].setdefault(finding.name, str(finding.detail["text"]))
        result = Grade(
            submission=submission,
            environment=environment(source, session.layers),
            exercises=tuple(grades),
            runs=session.runs,
            seed=seed,
            seconds=time.monotonic() - start,
        )
        return Graded(result, session.notebook, written)


def environment(source: KernelSource, layers: Mapping[str, bool]) -> dict[str, Any]:
    """What a grade was obtained with: versions, device, and the isolation that held."""
    return {
        "versions": dict(_versions()),
        "platform": platform.platform(terse=True),
        "device": "cpu",
        "kernel": source.name,
        "isolation": dict(layers),
        "isolation_level": level(layer for layer, holds in layers.items() if holds),
    }


@functools.cache
def _versions() -> Mapping[str, str]:
    """Looked up once per process: it takes 10 ms."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version(), "grader": __version__}
    for package in ("torch", "torchvision", "numpy", "matplotlib", "ipykernel"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "missing"
    return versions


def answered(submission: Submission, catalogue: Mapping[str, Exercise]) -> Mapping[str, Exercise]:
    """What to grade where nobody said: every exercise of each unit that the submission touches.

    Whole units, so that a question whose cell was deleted is seen as not attempted. All, if it touches none.
    """
    assigned = assign(submission, catalogue)
    units = {exercise.unit for id, exercise in catalogue.items() if assigned.cells_of(id)}
    return {id: exercise for id, exercise in catalogue.items() if exercise.unit in units} or catalogue
