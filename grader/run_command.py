"""The command ``grade run``, or ``grade FILE``: one submission. It reads, executes, examines, scores and writes."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.data import places
from grader.exits import BELOW, GRADED, OUR_FAULT
from grader.nouns import BadInput
from grader.options import data_option, kernel_option, limit_options
from grader.write.files import results_folder

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.grading import Graded

# What a submission sees of the seeds that follow from it must not lead back to it by trying; a JSON number holds it.
SEEDS = 2**53


@click.command()
@click.argument("submission", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the results; beside the notebook or archive, or in the folder, if not given.",
)
@click.option(
    "--only",
    default="",
    metavar="IDS",
    help="Units, sections or exercises, e.g. 1.2,1.3.1; all that the submission answers if not given.",
)
@click.option(
    "--assignment",
    "assignment_file",
    type=click.Path(path_type=Path),
    help="An assignment.toml: exercises, limits, data and seed.",
)
@click.option(
    "--notebook",
    metavar="PATH",
    help="Of an archive or a folder with several: the notebook or script in it to grade.",
)
@click.option("--seed", type=int, help="Fixes the hidden inputs; random if not given. It is in grade.json.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 3 below that share of the points.",
)
@limit_options
@click.option(
    "--require-isolation",
    type=click.Choice(["full", "partial", "none"]),
    default=None,
    show_default="none",
    help="Refuse to run the submission where less holds; `grade doctor` tells what does.",
)
@kernel_option
@data_option
@click.option("--quiet", "-q", is_flag=True, help="No progress and no table, only errors.")
def run(
    submission: Path,
    out: Path | None,
    only: str,
    assignment_file: Path | None,
    notebook: str | None,
    seed: int | None,
    fail_under: float | None,
    given: dict[str, Any],
    require_isolation: str | None,
    kernel: str | None,
    size: places.Size | None,
    quiet: bool,
) -> None:
    """Run SUBMISSION, examine its answers, write report.html and grade.json. It is a notebook (.ipynb), a script
    (.py), or an archive (.zip, .tar.gz) or folder with one and what it imports or opens.

    Exit code: 0 graded, whatever the grade; 1 something of the grader broke; 2 bad input; 3 below --fail-under.
    """
    from grader.assignment import Limits
    from grader.execute.kernels import start_kernels
    from grader.limits import process_limits, run_limits
    from grader.read import read

    if require_isolation is not None:
        given["isolation"] = require_isolation
    assignment = _assignment(assignment_file, only)
    places.choose(size or (assignment.data if assignment else "small"))
    limits = replace(assignment.limits if assignment else Limits(), **given)
    read_in = read(submission, notebook)  # bad input is told before anything heavy starts
    folder = results_folder(out or (submission if submission.is_dir() else submission.parent))
    # begins to import torch in the background, while we do the same
    source = start_kernels(kernel, process_limits(limits))

    from rich.console import Console

    from grader.catalogue import catalogue, select
    from grader.grading import answered, grade
    from grader.write.results import write_json
    from grader.write.table import print_table

    with source:
        if assignment is not None:
            exercises = assignment.exercises
            seed = assignment.seed if seed is None else seed
        else:
            exercises = select(only) if only else answered(read_in, catalogue())
        with _Progress(submission.name, quiet) as progress:
            graded = grade(
                read_in,
                exercises,
                source,
                seed=secrets.randbelow(SEEDS) if seed is None else seed,
                limits=run_limits(limits),
                progress=progress,
            )
            write_json(graded.grade, folder / "grade.json")
            _write_report(graded, exercises, folder)
    if not quiet:
        console = Console()
        print_table(graded.grade, console)
        if assignment is not None:
            _print_score(assignment, graded, console)
        console.print(f"Report: [link]{(folder / 'report.html').resolve()}[/link]", soft_wrap=True)
    sys.exit(_exit_code(graded, fail_under))


def _assignment(file: Path | None, only: str) -> Assignment | None:
    if file is None:
        return None
    if only:
        raise BadInput("--only and --assignment both say what is graded; give one of them")
    from grader.assignment import read_assignment
    from grader.catalogue import catalogue

    return read_assignment(file, catalogue())


def _print_score(assignment: Assignment, graded: Graded, console: Any) -> None:
    """With the weights of the assignment; when it was handed in, nobody has said."""
    score = assignment.score(graded.grade.exercises, None, "")
    console.print(f"{assignment.title}: {score.points:g} of {score.max_points:g}", markup=False)


def _write_report(graded: Graded, exercises: Any, folder: Path) -> None:
    import nbformat

    from grader.examine.solutions import read_reference
    from grader.write.files import write_whole
    from grader.write.report import write_report

    rubrics = {id: read_reference(exercise).rubrics for id, exercise in exercises.items()}
    write_report(graded.grade, folder / "report.html", exercises, rubrics, graded.written)
    if graded.notebook is not None:
        write_whole(folder / "executed.ipynb", nbformat.writes(graded.notebook) + "\n")


def _exit_code(graded: Graded, fail_under: float | None) -> int:
    grade = graded.grade
    if grade.broken:
        return OUR_FAULT
    if fail_under is not None and grade.points + 1e-9 < fail_under / 100 * grade.max_points:
        return BELOW
    return GRADED


class _Progress:
    """A progress bar on stderr: cells first, then exercises. Silent where nobody watches."""

    def __init__(self, name: str, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=quiet or not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, step: Any) -> None:
        words = {"cells": "running cells", "exercises": "examining exercises"}
        self._bar.update(self._task, description=words[step.what], completed=step.done, total=step.total)
