"""``grade similarity``, on a folder with a notebook for each student."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from planted_class import planted_class

from grader.cli import cli

IDS = ["2.2.1", "2.3.1", "2.3.4", "2.6.2", "2.7.3", "2.9.1"]


@pytest.fixture
def submissions(tmp_path: Path) -> str:
    """The planted class as notebooks in a folder, and two that cannot be read."""
    folder = tmp_path / "class"
    folder.mkdir()
    students, _ = planted_class(IDS)
    for key, work in students:
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell(f"# exercise: {id}\n{source}", id=f"c{at}")
                for at, (id, source) in enumerate(work.items())
            ]
        )
        (folder / f"{key}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (folder / "broken.ipynb").write_bytes(b"\xff\xfe{")
    (folder / "none.ipynb").write_text("")
    return str(folder)


@pytest.fixture
def grade(tmp_path: Path) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        found = CliRunner().invoke(cli, ["similarity", *arguments, "--out", str(tmp_path / "out")])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.output
        return found

    return run


def test_the_planted_class(submissions: str, grade: Callable[..., Result], tmp_path: Path) -> None:
    result = grade(submissions, "--json", str(tmp_path / "pairs.json"))
    assert result.exit_code == 0
    assert "13 submissions compared" in result.output
    assert "Not read: broken: " in result.output
    assert "Not read: none: " in result.output
    index = (tmp_path / "out" / "similarity.html").read_text(encoding="utf-8")
    assert "Could not be read" in index
    table = json.loads((tmp_path / "pairs.json").read_text(encoding="utf-8"))
    assert table["submissions"] == 13
    assert {each["id"] for each in table["unreadable"]} == {"broken", "none"}
    _, planted = planted_class(IDS)
    found = [frozenset((pair["first"]["id"], pair["second"]["id"])) for pair in table["pairs"]]
    assert set(found[:5]) == planted
    for pair in table["pairs"]:
        assert (tmp_path / "out" / pair["page"]).is_file()
        assert 0 <= pair["share"] <= 1


def test_a_selection_a_roster_and_the_top(
    submissions: str, grade: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "class.csv").write_text("id,name\ns0,=cmd|' /C calc'!A0\ns1,Eve <b>\n")
    result = grade(
        submissions,
        "--only",
        "2.3.4,2.9",
        "--top",
        "3",
        "--json",
        str(tmp_path / "pairs.json"),
        "--roster",
        str(tmp_path / "class.csv"),
    )
    assert result.exit_code == 0
    table = json.loads((tmp_path / "pairs.json").read_text(encoding="utf-8"))
    assert len(table["pairs"]) == 3
    assert {id for pair in table["pairs"] for id in pair["exercises"]} <= {"2.3.4", "2.9.1"}
    assert len(list((tmp_path / "out" / "similarity").iterdir())) == 3
    index = (tmp_path / "out" / "similarity.html").read_text(encoding="utf-8")
    named = {who["name"] for pair in table["pairs"] for who in (pair["first"], pair["second"])}
    assert named & {"=cmd|' /C calc'!A0", "Eve <b>"}
    assert "<b>Eve" not in index
    assert "Eve <b>" not in index


def test_quiet(submissions: str, grade: Callable[..., Result]) -> None:
    assert grade(submissions, "--quiet").output == ""


def test_bad_input_is_one_line(
    submissions: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    from grader.cli import main

    for arguments, said in (
        (["--only", "9.9"], "no exercise, section or unit '9.9'"),
        (["--out", f"{submissions}/broken.ipynb"], "choose a folder with --out"),
        (["--top", "0"], "0 is not in the range"),
    ):
        monkeypatch.setattr(sys, "argv", ["grade", "similarity", submissions, *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 2
        assert said in capsys.readouterr().err
