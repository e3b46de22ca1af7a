"""``grade similarity``: which submissions of a class share code beyond what the class shares."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from grader.nouns import HandedIn, Student, Submission
    from grader.similarity.pairs import Compared

SCHEMA = 1


@click.command()
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("similarity"),
    show_default=True,
    help="Folder for similarity.html and the pages of the pairs.",
)
@click.option("--only", default="", metavar="IDS", help="Units, sections or exercises, e.g. 1.2,1.3.1.")
@click.option(
    "--top",
    type=click.IntRange(1, 1_000),
    default=50,
    show_default=True,
    help="How many pairs are listed at most.",
)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the pairs as JSON.")
@click.option(
    "--roster", type=click.Path(path_type=Path), help="Table of the class (CSV), by which files find names."
)
@click.option("--quiet", "-q", is_flag=True, help="No progress and no table, only errors.")
def similarity(
    submissions: tuple[Path, ...],
    out: Path,
    only: str,
    top: int,
    json_file: Path | None,
    roster: Path | None,
    quiet: bool,
) -> None:
    """Compare SUBMISSIONS with each other: files, archives, folders, or a download of a whole class.

    Nothing of them is run. Similarity is no proof: look at the passages before you draw a conclusion.
    """
    from grader.catalogue import catalogue, select
    from grader.read.handed_in import handed_in
    from grader.read.roster import read_roster
    from grader.similarity.pairs import compare
    from grader.write.files import write_whole
    from grader.write.similarity_page import write_similarity

    exercises = select(only) if only else catalogue()
    students_known = read_roster(roster) if roster is not None else None
    handed = handed_in(submissions, roster=students_known, out=out)
    students = {each.student.id: each.student for each in handed}
    unreadable: dict[str, str] = {}
    with _bar(quiet) as bar:
        task = bar.add_task("reading", total=len(handed))

        def on_progress(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        compared = compare(
            _read(handed, unreadable, bar, task), exercises, catalogue(), top=top, progress=on_progress
        )
    names = {id: student.name or id for id, student in students.items()}
    page = write_similarity(compared, out, exercises, _distinct(names), unreadable)
    if json_file is not None:
        table = as_json(compared, students, unreadable)
        write_whole(json_file, json.dumps(table, indent=2, ensure_ascii=False) + "\n")
    if not quiet:
        _show(compared, names, unreadable, page)


def as_json(compared: Compared, students: dict[str, Student], unreadable: dict[str, str]) -> dict[str, Any]:
    """What ``--json`` writes. Shares are numbers from 0 to 1; nothing of the submissions' text is in it."""
    from grader.write.safe import storable

    def who(key: str) -> dict[str, str]:
        return {"id": storable(key), "name": storable(students[key].name)}

    return {
        "schema": SCHEMA,
        "submissions": len(compared.keys),
        "threshold": round(compared.threshold, 4),
        "standing_out": compared.standing_out,
        "distribution": list(compared.bins),
        "pairs": [
            {
                "first": who(pair.first),
                "second": who(pair.second),
                "share": round(pair.share, 4),
                "texts": round(pair.texts, 4),
                "exercises": {id: round(share, 4) for id, share in pair.exercises.items()},
                "stands_out": list(pair.because),
                "evidence": round(pair.evidence, 1),
                "page": f"similarity/{number}.html",
            }
            for number, pair in enumerate(compared.pairs, start=1)
        ],
        "groups": [[storable(key) for key in group] for group in compared.groups],
        "unreadable": [{**who(key), "why": storable(why)} for key, why in unreadable.items()],
    }


def _read(
    handed: Sequence[HandedIn], unreadable: dict[str, str], bar: Progress, task: Any
) -> Iterator[tuple[str, Submission]]:
    """The submissions that can be read, one by one; the others are written down."""
    from grader.nouns import BadInput
    from grader.read.taking import read_handed_in

    for done, each in enumerate(handed, start=1):
        try:
            submission = read_handed_in(each)
        except BadInput as error:
            unreadable[each.student.id] = str(error)
        else:
            yield each.student.id, submission
        bar.update(task, completed=done)


def _distinct(names: dict[str, str]) -> dict[str, str]:
    """Two people by the same name are told apart by their ids."""
    times: dict[str, int] = {}
    for name in names.values():
        times[name] = times.get(name, 0) + 1
    return {id: name if times[name] == 1 else f"{name} ({id})" for id, name in names.items()}


def _bar(quiet: bool) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=quiet or not sys.stderr.isatty(),
    )


def _show(compared: Compared, names: dict[str, str], unreadable: dict[str, str], page: Path) -> None:
    """The pairs that stand out as a table, and where the pages are."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from grader.write.safe import line
    from grader.write.similarity_style import percent

    console = Console()
    out = [pair for pair in compared.pairs if pair.because]
    if out:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, side in (("who", "left"), ("and", "left"), ("code", "right"), ("texts", "right")):
            table.add_column(name, justify=side)  # pyright: ignore[reportArgumentType]
        table.add_column("stands out")
        for pair in out[:20]:
            who = [escape(line(names[key], 40)) for key in (pair.first, pair.second)]
            table.add_row(*who, percent(pair.share), percent(pair.texts), escape(", ".join(pair.because)))
        console.print(table)
    several = "pair stands" if compared.standing_out == 1 else "pairs stand"
    console.print(
        f"{len(compared.keys)} submissions compared, {compared.standing_out} {several} out. "
        "Similarity is no proof.",
        highlight=False,
    )
    for key, why in list(unreadable.items())[:20]:
        said = f"{line(names[key], 40)}: {line(why, 300)}"
        console.print(f"Not read: {escape(said)}", highlight=False, soft_wrap=True)
    if len(unreadable) > 20:
        console.print(f"Not read: {len(unreadable) - 20} more", highlight=False)
    console.print(f"Pairs: [link]{page.resolve()}[/link]", soft_wrap=True)
