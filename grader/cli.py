"""The command ``grade`` and its small sub-commands; ``run_command.py`` reads top to bottom as the flow.

Heavy libraries are imported inside the commands, so that ``grade --help`` answers at once and the warm parent
can begin to import torch before this process does.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import click

from grader import __version__
from grader.attempts_command import attempts
from grader.batch.command import batch
from grader.data.command import data
from grader.exits import BAD_INPUT, GRADED, OUR_FAULT, STOPPED
from grader.export_command import export
from grader.nouns import BadInput, GraderError
from grader.run_command import run
from grader.similarity_command import similarity
from grader.write.files import results_folder


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


for _command in (run, batch, attempts, export, similarity, data):
    cli.add_command(_command)


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
    from grader.execute.kernels import start_kernels

    exercises = select(selection) if selection else catalogue()
    folder = results_folder(out)
    with start_kernels() as source:
        good = calibrate_and_show(
            exercises, source, folder, seeds=seeds, jobs=jobs, most=most, gate=gate, prove=prove
        )
    sys.exit(GRADED if good else OUR_FAULT)


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
        code = STOPPED
    except GraderError as error:
        click.echo(f"grade: {error}", err=True)
        code = OUR_FAULT
    except OSError as error:
        click.echo(f"grade: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
        code = BAD_INPUT
    sys.exit(code if isinstance(code, int) else GRADED)


def command() -> NoReturn:
    """``main`` as it is installed. Python itself would take torch apart at the end, for half a second."""
    code: object = OUR_FAULT
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - a fault of ours, told as Python would
        traceback.print_exc()
    with contextlib.suppress(OSError):  # nobody reads any more
        atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else OUR_FAULT if code else GRADED)


if __name__ == "__main__":
    command()
