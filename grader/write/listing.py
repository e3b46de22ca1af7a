"""The catalogue in the terminal: ``grade list`` and ``grade show``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table

from grader.nouns import Exercise


def listing_json(exercises: Mapping[str, Exercise]) -> list[dict[str, Any]]:
    """The catalogue as data: one object an exercise, without prompts and stubs."""
    return [
        {
            "id": exercise.id,
            "slug": exercise.slug,
            "title": exercise.title,
            "unit": exercise.unit_title,
            "section": exercise.section_title,
            "points": exercise.points,
            "kinds": list(exercise.kinds),
            "budget_s": exercise.budget_s,
            "answers": dict(exercise.answers),
            "checks": [
                {"name": check.name, "title": check.title, "points": check.points, "form": check.form}
                for check in exercise.checks
            ],
        }
        for exercise in exercises.values()
    ]


def print_listing(exercises: Mapping[str, Exercise], console: Console | None = None) -> None:
    """A table, with a heading a section."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", no_wrap=True)
    table.add_column("title", ratio=1)
    table.add_column("points", justify="right")
    table.add_column("budget", justify="right", no_wrap=True)
    table.add_column("kinds")
    section = ""
    for exercise in exercises.values():
        if exercise.section != section:
            section = exercise.section
            table.add_row(f"[dim]{section}[/dim]", f"[dim]{exercise.section_title}[/dim]")
        table.add_row(
            exercise.id,
            exercise.title,
            f"{exercise.points:g}",
            f"{exercise.budget_s:g} s",
            " ".join(exercise.kinds),
        )
    console = console or Console()
    console.print(table)
    points = sum(exercise.points for exercise in exercises.values())
    console.print(f"{len(exercises)} exercises, {points:g} points")


def print_prompt(exercise: Exercise, console: Console | None = None) -> None:
    """A question as the student reads it: prompt, stub, what is checked and for how many points."""
    console = console or Console()
    console.print(Markdown(f"# {exercise.id}  {exercise.title}"))
    console.print(Markdown(exercise.prompt))
    console.print()
    console.print(Padding(Syntax(exercise.stub, "python", background_color="default"), (0, 2)))
    for check in exercise.checks:
        console.print(f"  [bold]{check.points:>4g}[/bold]  {check.title}", highlight=False)
        for key, option in check.options.items():
            console.print(f"          {key}  {option}", highlight=False, markup=False)
    console.print()
