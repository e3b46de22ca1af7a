"""docs/exports.md and docs/gradescope.md, which fail when they are wrong."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from grader.cli import cli
from grader.export_command import OF_A_CLASS, OF_ONE
from grader.write.exports.csv_table import LONG, WIDE
from grader.write.exports.spreadsheet import PREFIX, cell

DOCS = Path(__file__).parents[2] / "docs"
EXPORTS = (DOCS / "exports.md").read_text(encoding="utf-8")
GRADESCOPE = (DOCS / "gradescope.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ {4}(grade .*)$", EXPORTS + GRADESCOPE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_accepted(line: str) -> None:
    context = click.Context(cli, info_name="grade")
    name, command, rest = cli.resolve_command(context, shlex.split(line)[1:])
    assert name == "export"
    command.make_context(name, list(rest), parent=context)  # parses the options; runs nothing


def test_every_format_is_shown_and_named_with_its_file() -> None:
    shown = {match[1] for match in re.finditer(r"--to ([\w-]+)", "\n".join(COMMANDS))}
    assert shown == {*OF_A_CLASS, *OF_ONE}
    for form, file in (OF_ONE | OF_A_CLASS).items():
        assert re.search(rf"^\| `{form}` \| `{re.escape(file)}/?`", EXPORTS, re.MULTILINE), form


def test_every_column_is_named() -> None:
    for name in (*WIDE, *LONG):
        assert f"`{name}`" in EXPORTS


def test_the_prefix_is_the_one_that_is_told() -> None:
    assert f"an apostrophe `{PREFIX}` in" in EXPORTS
    assert f"`{cell('=1+2')}`" in EXPORTS
