"""``grade attempts`` lists what a gradebook holds, and shows nothing of a student's unsanitised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up_attempts import ASSIGNMENT, attempt

from grader.cli import cli
from grader.gradebook import Gradebook
from grader.nouns import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Gradebook.open(tmp_path) as book:
        book.begin(ASSIGNMENT, "", 1)
        book.begin("unit-2", "", 1)
        book.record(ASSIGNMENT, attempt())
        hostile = {"name": "[red]\x1b[31m\u202e.zip", "message": "not\na notebook"}
        book.record("unit-2", attempt(state="unreadable", **hostile))
        book.record("unit-2", attempt("bob"))
    return tmp_path


def test_attempts_are_listed_oldest_first(folder: Path) -> None:
    shown = CliRunner().invoke(cli, ["attempts", str(folder), "ada"], catch_exceptions=False).output
    first, second = shown.splitlines()[1:3]
    assert first.startswith("unit-1")
    assert "1.9/4" in first
    assert second.startswith("unit-2")
    assert "unreadable" in second
    assert "[red]" in second
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "bob" not in shown


def test_as_json(folder: Path) -> None:
    run = CliRunner().invoke(cli, ["attempts", str(folder), "ada", "--json"], catch_exceptions=False)
    rows = json.loads(run.output)
    assert [(row["assignment"], row["state"], row["points"]) for row in rows] == [
        ("unit-1", "graded", 1.9),
        ("unit-2", "unreadable", 1.9),
    ]
    one = CliRunner().invoke(cli, ["attempts", str(folder), "ada", "--json", "--assignment", "unit-2"])
    assert len(json.loads(one.output)) == 1


def test_nobody_and_nothing(folder: Path, tmp_path: Path) -> None:
    assert "no attempts of eve" in CliRunner().invoke(cli, ["attempts", str(folder), "eve"]).output
    refused = CliRunner().invoke(cli, ["attempts", str(tmp_path / "none.db"), "ada"])
    assert isinstance(refused.exception, BadInput)
    assert not (tmp_path / "none.db").exists()
