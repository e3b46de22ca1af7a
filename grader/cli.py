"""The command ``grade``. Read top to bottom it is the flow: read, execute, examine, score, write.

Heavy libraries are imported inside the commands, so that ``grade --help`` answers at once and the warm parent
can begin to import torch before this process does.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.data import places
from grader.data.command import data
from grader.nouns import BadInput, GraderError

if TYPE_CHECKING:
    from grader.execute.launch import ProcessLimits
    from grader.execute.warm import KernelSource
    from grader.grading import Graded

GRADED, OUR_FAULT, BAD_INPUT, BELOW = 0, 1, 2, 3
# What a submission sees of the seeds that follow from it must not lead back to it by trying; a JSON number holds it.
SEEDS = 2**53


class Size(click.ParamType):
    """A number of bytes: ``512M``, ``4G``, ``100000``."""

    name = "size"

    def __init__(self, least: int = 16 * 2**20) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kKmMgG]?)i?[bB]?\s*", str(value))
        if match is None:
            self.fail(f"{value!r} is not a size; write 512M or 4G", param, ctx)
        size = int(float(match[1]) * 1024 ** " kmg".index(match[2].lower() or " "))
        if size < self.least:
            self.fail(f"{value!r} is too little; give at least {self.least:,} bytes", param, ctx)
        return size


class Commands(click.Group):
    """Sub-commands, and ``grade FILE`` as a short form of ``grade run FILE``."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["run", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # `grade --seed 3 file.ipynb`: an option of `run` may stand first
        if args and args[0].startswith("-") and args[0] not in ("--help", "-h", "--version"):
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("grade", "SUBMISSION [OPTIONS]  |  COMMAND [ARGS]...")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grade")
def cli() -> None:
    """Grade PyTorch assignments: `grade submission.ipynb` runs a notebook, examines its answers and writes a
    report."""


cli.add_command(data)


@cli.command()
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
@click.option(
    "--time",
    "--cell-time",
    "cell_time",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="Limit for one cell.",
)
@click.option(
    "--total-time",
    type=click.FloatRange(min=1),
    default=900.0,
    show_default=True,
    metavar="SECONDS",
    help="Limit for all cells together.",
)
@click.option(
    "--memory",
    type=Size(),
    default="4G",
    show_default=True,
    metavar="SIZE",
    help="Limit for all processes of the submission together.",
)
@click.option(
    "--processes",
    type=click.IntRange(min=8),
    default=128,
    show_default=True,
    help="How many processes it may have at a time.",
)
@click.option(
    "--disk",
    type=Size(),
    default="512M",
    show_default=True,
    metavar="SIZE",
    help="Room in its work directory.",
)
@click.option(
    "--output",
    type=Size(least=10_000),
    default="20M",
    show_default=True,
    metavar="SIZE",
    help="What one cell may print before it is stopped; the report keeps the first 200,000 characters.",
)
@click.option(
    "--require-isolation",
    type=click.Choice(["full", "partial", "none"]),
    default="none",
    show_default=True,
    help="Refuse to run the submission where less holds; `grade doctor` tells what does.",
)
@click.option(
    "--kernel",
    type=click.Choice(["warm", "cold"]),
    default=None,
    help="Fork the kernel from a warm process (the default on Linux), or start a fresh one.",
)
@click.option(
    "--data",
    "size",
    type=click.Choice(["small", "full"]),
    default="small",
    show_default=True,
    help="What torchvision.datasets loads: the embedded sets, or the real ones (`grade data install`).",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress and no table, only errors.")
def run(
    submission: Path,
    out: Path | None,
    only: str,
    notebook: str | None,
    seed: int | None,
    fail_under: float | None,
    cell_time: float,
    total_time: float,
    memory: int,
    processes: int,
    disk: int,
    output: int,
    require_isolation: str,
    kernel: str | None,
    size: places.Size,
    quiet: bool,
) -> None:
    """Run SUBMISSION, examine its answers, write report.html and grade.json. It is a notebook (.ipynb), a script
    (.py), or an archive (.zip, .tar.gz) or folder with one and what it imports or opens.

    Exit code: 0 graded, whatever the grade; 1 something of the grader broke; 2 bad input; 3 below --fail-under.
    """
    from grader.execute.launch import ProcessLimits
    from grader.read import read

    places.choose(size)
    read_in = read(submission, notebook)  # bad input is told before anything heavy starts
    folder = _results_folder(out or (submission if submission.is_dir() else submission.parent))
    # begins to import torch in the background, while we do the same
    source = _start_kernels(kernel, ProcessLimits(memory, processes, disk))

    from rich.console import Console

    from grader.catalogue import catalogue, select
    from grader.execute.client import OutputLimits
    from grader.execute.run import RunLimits
    from grader.grading import answered, grade
    from grader.write.results import write_json
    from grader.write.table import print_table

    with source:
        exercises = select(only) if only else answered(read_in, catalogue())
        with _Progress(submission.name, quiet) as progress:
            graded = grade(
                read_in,
                exercises,
                source,
                seed=secrets.randbelow(SEEDS) if seed is None else seed,
                limits=RunLimits(
                    cell_s=cell_time,
                    total_s=total_time,
                    output=OutputLimits(flood=output),
                    isolation=require_isolation,
                ),
                progress=progress,
            )
            write_json(graded.grade, folder / "grade.json")
            _write_report(graded, exercises, folder)
    if not quiet:
        console = Console()
        print_table(graded.grade, console)
        console.print(f"Report: [link]{(folder / 'report.html').resolve()}[/link]", soft_wrap=True)
    sys.exit(_exit_code(graded, fail_under))


@cli.command("list")
@click.argument("selection", default="")
@click.option("--json", "as_json", is_flag=True, help="Machine readable.")
def list_exercises(selection: str, as_json: bool) -> None:
    """Show the exercises: id, title, points, kinds of check, time budget."""
    from grader.catalogue import catalogue, select
    from grader.write.listing import listing_json, print_listing

    exercises = select(selection) if selection else catalogue()
    if as_json:
        click.echo(json.dumps(listing_json(exercises), indent=2, ensure_ascii=False))
    else:
        print_listing(exercises)


@cli.command()
@click.argument("id")
def show(id: str) -> None:
    """Show the question with that id, e.g. 1.2.1 (or all of a section)."""
    from grader.catalogue import select
    from grader.write.listing import print_prompt

    for exercise in select(id).values():
        print_prompt(exercise)


@cli.command()
@click.argument("selection")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file to write; exercises-SELECTION.ipynb if not given.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
def notebook(selection: str, out: Path | None, force: bool) -> None:
    """Write the students' notebook for SELECTION: units, sections or exercises, e.g. 1 or 1.2,1.3.1."""
    import nbformat

    from grader.catalogue import section_texts, select
    from grader.notebook import make_notebook

    exercises = select(selection)
    target = out or Path(f"exercises-{selection.replace(',', '-')}.ipynb")
    if target.exists() and not force:
        raise BadInput(f"{target} exists, and may hold somebody's answers; --force overwrites it")
    made = make_notebook(list(exercises.values()), section_texts())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(nbformat.writes(made) + "\n", encoding="utf-8")
    click.echo(f"{target}: {len(exercises)} exercises")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Machine readable.")
def doctor(as_json: bool) -> None:
    """Look at this machine: versions, torch and torchvision, kernels, isolation, GPU, data."""
    from grader.doctor import examine_machine, print_health

    health = examine_machine()
    if as_json:
        click.echo(json.dumps([line.as_json() for line in health], indent=2))
    else:
        print_health(health)
    sys.exit(OUR_FAULT if any(line.state == "missing" and line.essential for line in health) else GRADED)


@cli.command()
@click.argument("selection", default="")
@click.option(
    "--seeds", type=click.IntRange(min=2), default=20, show_default=True, help="Trainings of each reference."
)
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Trainings at a time.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="Gradings of a wrong answer after which it is given up.",
)
@click.option("--gate/--no-gate", default=True, help="Whether wrong answers are graded too.")
@click.option(
    "--prove",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Then grade the reference N times with fresh seeds: at most one in 200 may fail.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("calibration"),
    show_default=True,
    help="Folder for the figures.",
)
def calibrate(selection: str, seeds: int, jobs: int, most: int, gate: bool, prove: int, out: Path) -> None:
    """Measure the thresholds of accuracies in SELECTION (all if not given), and whether wrong answers fail.

    Thresholds are stored beside the reference files. Exit code 1 where a check lets a wrong answer through.
    """
    from grader.calibrate_command import calibrate_and_show
    from grader.catalogue import catalogue, select

    exercises = select(selection) if selection else catalogue()
    folder = _results_folder(out)
    with _start_kernels() as source:
        good = calibrate_and_show(
            exercises, source, folder, seeds=seeds, jobs=jobs, most=most, gate=gate, prove=prove
        )
    sys.exit(GRADED if good else OUR_FAULT)


def _start_kernels(kernel: str | None = None, limits: ProcessLimits | None = None) -> KernelSource:
    """The warm parent where processes can be forked, else cold starts."""
    if kernel == "cold" or (kernel is None and sys.platform != "linux"):
        from grader.execute.cold import ColdStart

        return ColdStart(limits=limits)
    from grader.execute.launch import launch

    launched = launch(limits=limits)

    from grader.execute.warm import WarmParent

    return WarmParent(launched)


def _results_folder(folder: Path) -> Path:
    """The folder, made where it was missing, once it is sure that files can be written to it."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"{folder}: cannot write results here ({why}); choose a folder with --out") from error


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


def main() -> None:
    """The entry point: errors of ours are one line, never a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except BadInput as error:
        click.echo(f"grade: {error}", err=True)
        code = BAD_INPUT
    except click.ClickException as error:
        error.show()
        code = BAD_INPUT
    except click.Abort:
        click.echo("grade: stopped", err=True)
        code = 130
    except GraderError as error:
        click.echo(f"grade: {error}", err=True)
        code = OUR_FAULT
    except OSError as error:
        click.echo(f"grade: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
        code = BAD_INPUT
    sys.exit(code if isinstance(code, int) else GRADED)


if __name__ == "__main__":
    main()
