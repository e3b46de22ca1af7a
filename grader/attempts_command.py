"""``grade attempts``: what the gradebook holds of one student."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.nouns import Attempt


@click.command()
@click.argument("gradebook")
@click.argument("student")
@click.option("--assignment", help="One assignment only; all of the gradebook if not given.")
@click.option("--json", "as_json", is_flag=True, help="Machine readable.")
def attempts(gradebook: str, student: str, assignment: str | None, as_json: bool) -> None:
    """List the attempts of STUDENT, an id, in GRADEBOOK: a batch's folder, a file, or a server's URL.

    The oldest stands first. Nothing is changed.
    """
    from grader.gradebook import Gradebook

    with Gradebook.open(gradebook, create=False) as book:
        names = [assignment] if assignment is not None else list(book.assignments())
        found = [(name, attempt) for name in names for attempt in book.attempts(name, student)]
    if as_json:
        click.echo(json.dumps([_as_json(name, attempt) for name, attempt in found], indent=2))
    elif found:
        _print(found)
    else:
        from grader.write.safe import line

        click.echo(f"no attempts of {line(student, 80)}")


def _as_json(assignment: str, attempt: Attempt) -> dict[str, Any]:
    return {
        "assignment": assignment,
        "student": attempt.student.id,
        "state": attempt.state,
        "points": attempt.points,
        "raw_points": attempt.raw_points,
        "max_points": attempt.max_points,
        "open_points": attempt.open_points,
        "days_late": attempt.days_late,
        "submitted": attempt.submitted and attempt.submitted.isoformat(),
        "started": attempt.started and attempt.started.isoformat(),
        "seconds": attempt.seconds,
        "file": attempt.name,
        "sha256": attempt.sha256,
        "seed": attempt.seed,
        "key": attempt.key,
        "generation": attempt.generation,
        "message": attempt.message,
    }


def _print(found: list[tuple[str, Attempt]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from grader.write.safe import line

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("assignment", "graded", "state", "points", "file"):
        table.add_column(column, justify="right" if column == "points" else "left")
    for assignment, attempt in found:
        started = attempt.started.astimezone().strftime("%Y-%m-%d %H:%M") if attempt.started else ""
        points = f"{attempt.points:g}/{attempt.max_points:g}" if attempt.state == "graded" else "-"
        told = f"{attempt.name}: {attempt.message}" if attempt.message else attempt.name
        # Text, so that brackets in a file's name are no markup.
        table.add_row(*(Text(line(cell)) for cell in (assignment, started, attempt.state, points, told)))
    Console(markup=False, highlight=False).print(table)
