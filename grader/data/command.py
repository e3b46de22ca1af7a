"""``grade data``: what data there is, where it came from, and how to get more."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from grader.data.places import SETS


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Machine readable.")
@click.pass_context
def data(ctx: click.Context, as_json: bool) -> None:
    """Show the data sets (name, size, splits, place); generate or install them."""
    if ctx.invoked_subcommand is None:
        _show(as_json)


def _show(as_json: bool) -> None:
    from grader.data.install import available

    found = available()
    if as_json:
        rows = [
            {"name": one.name, "size": one.size, "folder": str(one.folder), "splits": one.splits}
            | {"bytes": one.bytes, "installed": bool(one.splits)}
            for one in found
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for one in found:
        splits = ", ".join(f"{split} {count:,}" for split, count in one.splits.items())
        state = (
            f"{splits}; {one.bytes / 1e6:.1f} MB in {one.folder}"
            if splits
            else f"not installed: {one.remedy}"
        )
        click.echo(f"{one.name:14}{one.size:6}{state}")


@data.command()
@click.option(
    "--check", is_flag=True, help="Write nothing: tell whether the files are what would be written."
)
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="With --check: look at every so many pictures only.",
)
def generate(check: bool, every: int) -> None:
    """Draw the small sets anew, which takes some minutes, or prove that the files are as drawn.

    Exit code of --check: 0 they are, 1 they are not.
    """
    from grader.data import generate as generator

    if not check:
        generator.generate(told=click.echo)
        return
    found = generator.differences(every)
    for line in found:
        click.echo(line, err=True)
    if found:
        sys.exit(1)
    click.echo("The files are what this code draws.")


@data.command()
@click.argument("names", nargs=-1, required=True, type=click.Choice(list(SETS)))
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the real sets, in torchvision's layout; $GRADER_DATA, or one of your own, if not given.",
)
@click.option(
    "--mirror", metavar="URL", help="Fetch the files from there; their checksums are compared all the same."
)
def install(names: tuple[str, ...], root: Path | None, mirror: str | None) -> None:
    """Download real sets, for `grade run --data full`. Needs a network; grading never does."""
    from grader.data import install as installer
    from grader.data.places import installed_root

    for name in names:
        click.echo(f"{name}: {installer.install(name, root, mirror)}")
    if root is not None and root.resolve() != installed_root().resolve():
        click.echo(f"Set GRADER_DATA={root.resolve()} where you grade.")


@data.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def pictures(folder: Path) -> None:
    """Write 500 pictures of clothes and labels.csv into FOLDER, for the question about a Dataset of one's own."""
    from grader.data import write_pictures

    click.echo(write_pictures(folder))
