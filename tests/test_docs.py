"""Documentation that fails when it is wrong."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import grader.authoring
from grader.cli import cli
from grader.read import cells, ipynb, members
from grader.read.choosing import MAX_CANDIDATES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SUBMISSIONS = (ROOT / "docs" / "submissions.md").read_text(encoding="utf-8")
AUTHORING = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", grader.authoring.__all__)
def test_every_name_of_the_authoring_api_is_documented(name: str) -> None:
    assert re.search(rf"\b{name}\b", AUTHORING), f"docs/authoring.md does not mention {name}"


def documented_commands() -> list[list[str]]:
    """The lines of the README that begin with ``grade``, as arguments."""
    lines = [line.strip() for line in README.splitlines() if re.match(r" {4}grade ", line)]
    return [shlex.split(re.split(r"\s{2,}", line)[0])[1:] for line in lines]


def test_the_readme_shows_commands() -> None:
    assert len(documented_commands()) >= 8


@pytest.mark.parametrize("arguments", documented_commands(), ids=" ".join)
def test_commands_of_the_readme_are_accepted(arguments: list[str]) -> None:
    context = click.Context(cli, info_name="grade")
    name, command, rest = cli.resolve_command(context, list(arguments))
    assert name in cli.commands
    command.make_context(name, list(rest), parent=context)  # parses the options; runs nothing


def test_exit_codes_are_told_alike_in_readme_and_help() -> None:
    told = CliRunner().invoke(cli, ["run", "--help"]).output
    for code in ("0 graded", "1 something of the grader", "2 bad input", "3 below"):
        assert code in README
        assert code in re.sub(r"\s+", " ", told)


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("docs/*.md")) + [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("an archive, and all", f"{members.MAX_TOTAL_BYTES // 2**20} MB"),
        ("one file", f"{members.MAX_FILE_BYTES // 2**20} MB"),
        ("files", f"{members.MAX_FILES:,}, and {members.MAX_ENTRIES:,} entries"),
        ("unpacked to packed", f"{members.MAX_RATIO}, beyond {members.FREE_OF_RATIO // 2**20} MB"),
        ("folders in folders", f"{members.MAX_DEPTH}"),
        ("a name, a path", f"{members.MAX_NAME} bytes, {members.MAX_PATH:,} bytes"),
        ("cells, code", f"{cells.MAX_CELLS:,} cells, {cells.MAX_CODE // 10**6} million characters"),
        ("JSON", f"{ipynb.MAX_DEPTH} levels, a million lists"),
    ],
)
def test_the_limits_that_are_told_are_those_that_hold(row: str, words: str) -> None:
    assert ipynb.MAX_CONTAINERS == 10**6
    [line] = [line for line in SUBMISSIONS.splitlines() if line.startswith(f"| {row}")]
    assert f"| {words}" in line
    assert f"more than {MAX_CANDIDATES}, nothing is guessed" in SUBMISSIONS


def test_the_help_names_every_command() -> None:
    told = CliRunner().invoke(cli, ["--help"]).output
    for name in ("run", "list", "show", "notebook", "doctor"):
        assert name in told
        assert f"grade {name}" in README or name == "run"
