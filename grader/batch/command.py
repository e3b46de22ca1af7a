"""The command ``grade batch``: a whole class."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from grader.batch.job import EVERYBODY, Job
from grader.execute.launch import ONE_THREAD
from grader.exits import GRADED, OUR_FAULT, STOPPED
from grader.nouns import BadInput
from grader.options import data_option, kernel_option, limit_options
from grader.write.files import results_folder
from grader.write.safe import line

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.batch.run import Engine
    from grader.nouns import Exercise, HandedIn

LOOKED_AT = 40  # submissions, to see which units a class was asked for
ENOUGH = 0.25  # of them


@click.command()
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for all results.")
@click.option(
    "--assignment",
    "assignment_file",
    type=click.Path(path_type=Path),
    help="An assignment.toml: exercises, weights, due date, limits.",
)
@click.option(
    "--only",
    default="",
    metavar="IDS",
    help="Units, sections or exercises, e.g. 1.2,1.3.1; the units that the class answers if not given.",
)
@click.option("--roster", type=click.Path(path_type=Path), help="A CSV file of the class: id, name, e-mail.")
@click.option(
    "--gradebook",
    "book",
    metavar="FILE|URL",
    help="Where results are kept; gradebook.db in the folder if not given. postgresql://USER:PASSWORD@HOST/NAME",
)
@click.option("--workers", type=click.IntRange(min=1), help="Submissions at a time; one a core if not given.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on a Dask cluster: tcp://HOST:8786.")
@click.option(
    "--resources",
    metavar="NAME=N",
    help="On a cluster: what a task takes of a worker, e.g. GPU=1 for one at a time on each GPU.",
)
@click.option("--regrade", default="", metavar="STUDENTS", help="Grade again: ids with commas, or `all`.")
@click.option(
    "--seed", type=click.IntRange(min=0), help="Fixes the hidden inputs; drawn once for a gradebook."
)
@click.option(
    "--require-isolation",
    "isolation",
    type=click.Choice(["full", "partial"]),
    help="What must hold around each submission.",
)
@click.option(
    "--allow-unsandboxed",
    is_flag=True,
    help="Grade several submissions even where no walls hold: they can then harm you and each other.",
)
@limit_options
@kernel_option
@data_option
@click.option("--quiet", "-q", is_flag=True, help="No lines, no bar, no summary; only errors.")
def batch(
    submissions: tuple[Path, ...],
    out: Path,
    assignment_file: Path | None,
    only: str,
    roster: Path | None,
    book: str | None,
    workers: int | None,
    scheduler: str | None,
    resources: str | None,
    regrade: str,
    seed: int | None,
    isolation: Literal["full", "partial"] | None,
    allow_unsandboxed: bool,
    given: dict[str, Any],
    kernel: Literal["warm", "cold"] | None,
    size: Literal["small", "full"] | None,
    quiet: bool,
) -> None:
    """Grade a class: SUBMISSIONS are folders or archives with a file, a folder or an archive per student, as Moodle
    and Canvas give them. Results go to the folder --out: index.html, students/…, gradebook.db.

    What is graded already is not graded again: run the same command after new submissions, or after a crash.

    Exit code: 0 everything was graded, whatever the grades; 1 something of the grader broke; 2 bad input;
    130 stopped before the end.
    """
    os.environ.update(ONE_THREAD)  # before torch is imported: processes that grade are forks of this one
    from grader.batch.log import Log
    from grader.batch.run import Stop, run, tasks_of, write_results
    from grader.batch.show import Show
    from grader.catalogue import catalogue
    from grader.gradebook import Gradebook
    from grader.read.handed_in import handed_in
    from grader.read.roster import read_roster

    students = read_roster(roster) if roster is not None else {}
    handed = handed_in(submissions, students or None, out, _note if not quiet else lambda note: None)
    if not handed:
        raise BadInput(f"no submission is in {', '.join(map(str, submissions))}")
    assignment = _assignment(assignment_file, only, handed, catalogue(), quiet)
    assignment = replace(
        assignment,
        seed=assignment.seed if seed is None else seed,
        data=size or assignment.data,
        limits=replace(assignment.limits, **given),
    )
    assignment = _isolated(assignment, isolation, allow_unsandboxed)
    for id in assignment.unknown_students({*students, *(each.student.id for each in handed)}):
        _note(f"{assignment_file}: has an extension for {id!r}, who is not in the class")
    results_folder(out)
    where = str(book or (out / "gradebook.db").resolve())
    with Gradebook.open(where) as kept:
        name = assignment_file.stem if assignment_file is not None else "assignment"
        job = Job(
            book=where,
            name=name,
            assignment=assignment,
            seed=kept.begin(
                name, assignment.title, assignment.seed, assignment.max_points, assignment.hidden_checks
            ),
            results="" if scheduler else str(out.resolve()),
            kernel=kernel or ("warm" if sys.platform == "linux" else "cold"),
        )
        again = {id.strip() for id in regrade.split(",") if id.strip()}
        _must_be_known(again, handed)
        tasks = tasks_of(handed, kept, job, again)
        engine = _engine(job, len(tasks), workers, scheduler, resources)
        with (
            Show(len(tasks), engine.under_way, quiet) as show,
            Stop(show.stopping) as stop,
            Log(out / "batch.log") as log,
        ):
            tally = run(engine, tasks, stop, log, show)
        grades = write_results(kept, job, out, tuple(students.values()), tally, handed)
    show.summary(tally, grades, str((out / "index.html").resolve()))
    sys.exit(STOPPED if tally.stopped else OUR_FAULT if tally.trouble else GRADED)


def _note(note: str) -> None:
    click.echo(f"note: {note}", err=True)


def _assignment(
    file: Path | None, only: str, handed: Sequence[HandedIn], exercises: Mapping[str, Exercise], quiet: bool
) -> Assignment:
    """What is graded: what the file says, or the units, or what the class answers."""
    from grader.assignment import Assignment, read_assignment
    from grader.catalogue import select

    if file is not None:
        if only:
            raise BadInput("--only and --assignment both say what is graded; give one of them")
        return read_assignment(file, exercises)
    chosen = select(only) if only else _answered(handed, exercises)
    if not only and not quiet:
        units = sorted({exercise.unit for exercise in chosen.values()})
        click.echo(f"Grading unit {', '.join(units)} ({len(chosen)} exercises); --only chooses others.")
    return Assignment.of(chosen, ", ".join(only.replace(",", " ").split()) or "Assignment")


def _answered(handed: Sequence[HandedIn], exercises: Mapping[str, Exercise]) -> Mapping[str, Exercise]:
    """Every exercise of the units that a good part of the class touches, by the first who can be read."""
    from grader.read.belonging import assign
    from grader.read.taking import read_handed_in

    read, units = 0, Counter[str]()
    for each in handed:
        with contextlib.suppress(BadInput):
            assigned = assign(read_handed_in(each, exercises), exercises)
            read += 1
            units.update({exercise.unit for id, exercise in exercises.items() if assigned.cells_of(id)})
        if read == LOOKED_AT:
            break
    chosen = {unit for unit, number in units.items() if number >= ENOUGH * read}
    if not chosen:
        raise BadInput("no submission answers an exercise that is known here; --only says what to grade")
    return {id: exercise for id, exercise in exercises.items() if exercise.unit in chosen}


def _isolated(
    assignment: Assignment, asked: Literal["full", "partial"] | None, unsandboxed: bool
) -> Assignment:
    """Several strangers' programs at once need walls, unless somebody says that they need none."""
    if asked and unsandboxed:
        raise BadInput("--require-isolation and --allow-unsandboxed contradict each other; give one of them")
    isolation = asked or assignment.limits.isolation
    if isolation == "none" and not unsandboxed:
        isolation = "partial"
    return replace(assignment, limits=replace(assignment.limits, isolation=isolation))


def _must_be_known(ids: Collection[str], handed: Sequence[HandedIn]) -> None:
    unknown = {*ids} - {each.student.id for each in handed} - {EVERYBODY}
    if unknown:
        raise BadInput(f"--regrade: nobody with the id {line(min(unknown), 80)!r} handed in anything")


def _engine(
    job: Job, tasks: int, workers: int | None, scheduler: str | None, resources: str | None
) -> Engine:
    if scheduler is None:
        if resources:
            raise BadInput("--resources is for a cluster; give its --scheduler too")
        from grader.batch.local import LocalEngine, sensible_size

        local = LocalEngine(job, workers or sensible_size(tasks))
        local.hire(tasks)
        return local
    from grader.batch.cluster import ClusterEngine

    return ClusterEngine(job, scheduler, _resources(resources or ""))


def _resources(text: str) -> dict[str, float]:
    """GPU=1,MEMORY=2e9 as Dask takes them."""
    found: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise BadInput(f"--resources: {part!r} is not NAME=NUMBER, e.g. GPU=1") from None
    return found
