"""``grade similarity``, with a stand-in for what finds submissions in a download."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result
from made_up_class import planted_class

from grader.cli import cli
from grader.nouns import HandedIn, Student, Submission
from grader.read import read

IDS = ["2.2.1", "2.3.1", "2.3.4", "2.6.2", "2.7.3", "2.9.1"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the finder of submissions was asked; each path is a student by the name of the file."""
    asked: list[Any] = []

    def handed_in(paths: Sequence[Path], roster: Any = None, out: Any = None) -> tuple[HandedIn, ...]:
        asked.append((roster, out))
        known = roster or {}
        return tuple(
            HandedIn(known.get(path.stem) or Student(path.stem, f"{path.stem} <b>"), (path,))
            for path in paths
        )

    def read_handed_in(handed: HandedIn) -> Submission:
        return read(handed.paths[0])

    finder, table = ModuleType("grader.read.handed_in"), ModuleType("grader.read.roster")
    finder.handed_in, finder.read_handed_in = handed_in, read_handed_in  # type: ignore[attr-defined]
    table.read_roster = lambda path: {"s0": Student("s0", "=cmd|' /C calc'!A0")}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "grader.read.handed_in", finder)
    monkeypatch.setitem(sys.modules, "grader.read.roster", table)
    return asked


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The planted class as notebooks, and two that cannot be read."""
    students, _ = planted_class(IDS)
    for key, work in students:
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell(f"# exercise: {id}\n{source}", id=f"c{at}")
                for at, (id, source) in enumerate(work.items())
            ]
        )
        (tmp_path / f"{key}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (tmp_path / "broken.ipynb").write_bytes(b"\xff\xfe{")
    (tmp_path / "none.ipynb").write_text("")
    return sorted(str(path) for path in tmp_path.glob("*.ipynb"))


@pytest.fixture
def grade(tmp_path: Path) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        found = CliRunner().invoke(cli, ["similarity", *arguments, "--out", str(tmp_path / "out")])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.output
        return found

    return run


def test_the_planted_class(
    told: list[Any], files: list[str], grade: Callable[..., Result], tmp_path: Path
) -> None:
    result = grade(*files, "--json", str(tmp_path / "pairs.json"))
    assert result.exit_code == 0
    assert "13 submissions compared" in result.output
    assert "Not read: broken <b>: " in result.output
    assert "Not read: none <b>: " in result.output
    assert told == [(None, tmp_path / "out")]
    index = (tmp_path / "out" / "similarity.html").read_text(encoding="utf-8")
    assert "s0 &lt;b&gt;" in index
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
    told: list[Any], files: list[str], grade: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "class.csv").write_text("id,name\n")
    result = grade(
        *files,
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
    assert told[0][0]["s0"].id == "s0"
    assert "=cmd" in (tmp_path / "out" / "similarity.html").read_text(encoding="utf-8")


def test_quiet(told: list[Any], files: list[str], grade: Callable[..., Result]) -> None:
    assert grade(*files[:3], "--quiet").output == ""


def test_bad_input_is_one_line(
    told: list[Any],
    files: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    from grader.cli import main

    for arguments, said in (
        (["--only", "9.9"], "no exercise, section or unit '9.9'"),
        (["--out", files[0]], "choose a folder with --out"),
        (["--top", "0"], "0 is not in the range"),
    ):
        monkeypatch.setattr(sys, "argv", ["grade", "similarity", *files[:2], *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 2
        assert said in capsys.readouterr().err
