"""The key of a grading: whatever could change the result changes it, and nothing else does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.gradebook import keys
from grader.gradebook.keys import content_key, tree_digest
from grader.nouns import Cell, Exercise, Submission

SUBMISSION = Submission(Path("in/ada.ipynb"), "ada.ipynb", "ipynb", "a" * 64, (), member="src/a.ipynb")


def make_exercise(root: Path, id: str, prompt: str = "Add.") -> Exercise:
    unit, section, question = id.split(".")
    path = root / f"unit{unit}_x" / f"s{section}_y" / f"q{question}_z.py"
    for top in (path, root / "reference" / path.relative_to(root)):
        top.parent.mkdir(parents=True, exist_ok=True)
        top.write_text(f"# {id}")
    return Exercise(id, "z", "Z", "Y", "X", prompt, "", (), (), 1.0, {}, path)


def place(root: Path, part: str, id: str = "1.1.1") -> Path:
    unit, section, question = id.split(".")
    name = Path(f"unit{unit}_x", f"s{section}_y", f"q{question}_z.py")
    return {
        "exercise": root / name,
        "reference": root / "reference" / name,
        "calibration": (root / "reference" / name).with_suffix(".calibration.json"),
    }[part]


@pytest.fixture
def exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Exercise]:
    monkeypatch.setattr(
        keys, "reference_path", lambda exercise: tmp_path / "reference" / Path(*exercise.path.parts[-3:])
    )
    return {id: make_exercise(tmp_path, id) for id in ("1.1.1", "1.1.2")}


@pytest.fixture
def key(exercises: Mapping[str, Exercise]) -> Callable[..., str]:
    """The key of a usual grading, but for what the test changes."""

    def make(**changes: Any) -> str:
        given: dict[str, Any] = {
            "submission": SUBMISSION,
            "assignment_key": "limits",
            "exercises": exercises,
            "data": "small",
            "seed": 7,
            "kernel": "warm",
        }
        return content_key(**(given | changes))

    return make


def test_a_key_is_a_digest_and_the_same_every_time(key: Callable[..., str]) -> None:
    assert key() == key()
    assert len(bytes.fromhex(key())) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"submission": replace(SUBMISSION, sha256="b" * 64)},
        {"submission": replace(SUBMISSION, member="src/b.ipynb")},
        {"assignment_key": "other limits"},
        {"data": "full"},
        {"seed": 8},
        {"seed": -7},
        {"kernel": "cold"},
    ],
    ids=str,
)
def test_what_is_handed_over_changes_it(key: Callable[..., str], change: dict[str, Any]) -> None:
    assert key(**change) != key()


def test_fields_do_not_run_into_one_another(key: Callable[..., str]) -> None:
    assert key(assignment_key="ab", data="c") != key(assignment_key="a", data="bc")
    assert key(assignment_key="a,b", data="c") != key(assignment_key="a", data="b,c")


@pytest.mark.parametrize("part", ["exercise", "reference", "calibration"])
def test_the_files_of_its_exercises_change_it(key: Callable[..., str], tmp_path: Path, part: str) -> None:
    before = key()
    place(tmp_path, part).write_text("# changed")
    changed = key()
    assert changed != before
    place(tmp_path, part).write_text("# twice")
    assert key() not in (changed, before)


def test_which_exercises_there_are_changes_it(
    key: Callable[..., str], exercises: Mapping[str, Exercise]
) -> None:
    one = {"1.1.1": exercises["1.1.1"]}
    assert key(exercises=one) != key()
    assert key(exercises={"1.1.9": exercises["1.1.1"]}) != key(exercises=one)


def test_an_exercise_that_is_not_graded_does_not(key: Callable[..., str], tmp_path: Path) -> None:
    before = key()
    make_exercise(tmp_path, "1.1.3")
    place(tmp_path, "calibration", "1.1.3").write_text("{}")
    assert key() == before


def test_names_places_and_times_do_not(
    key: Callable[..., str],
    exercises: Mapping[str, Exercise],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = key()
    elsewhere = replace(SUBMISSION, path=Path("/else/where.zip"), name="where.zip", notes=("mended",))
    assert key(submission=elsewhere) == before
    assert key(submission=replace(SUBMISSION, cells=(Cell(0, "c", "code", "1"),))) == before
    assert key(exercises=dict(reversed(exercises.items()))) == before
    os.utime(place(tmp_path, "exercise"), (1, 1))
    assert key() == before
    moved = tmp_path / "moved"
    shutil.copytree(tmp_path / "unit1_x", moved / "unit1_x")
    there = {id: replace(one, path=moved / one.path.relative_to(tmp_path)) for id, one in exercises.items()}
    assert key(exercises=there) == before


def test_names_that_are_no_text_do_no_harm(key: Callable[..., str]) -> None:
    assert key(submission=replace(SUBMISSION, member="\udcff\x00")) != key()


@pytest.mark.parametrize("what", ["torch_version", "grader_digest", "shared_digest"])
def test_the_program_changes_it(key: Callable[..., str], monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    before = key()
    monkeypatch.setattr(keys, what, lambda: "other")
    assert key() != before


def test_every_source_of_the_grader_is_in_its_digest(tmp_path: Path) -> None:
    root = tmp_path / "grader"
    names = ["cli.py", "write/report.html.j2", "write/report.css", "data/x.json", "data/hidden/images.gz"]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1")
    digests = [tree_digest(root)]
    for name in names:
        (root / name).write_text("22")
        digests.append(tree_digest(root))
    (root / "cli.py").rename(root / "cla.py")
    digests.append(tree_digest(root))
    assert len(set(digests)) == len(digests)
    (root / "__pycache__").mkdir()
    (root / "__pycache__" / "cli.pyc").write_text("3")
    (root / ".cli.py.swp").write_text("3")
    assert tree_digest(root) == digests[-1]
    assert tree_digest(shutil.copytree(root, tmp_path / "installed")) == digests[-1]


def test_the_digest_is_of_this_package() -> None:
    assert keys.grader_digest() == tree_digest(Path(grader.__file__).parent)
    assert keys.shared_digest() != keys._digest({})


def test_a_real_exercise_has_a_digest_of_its_own() -> None:
    """By the real places of reference files; the catalogue, which imports torch, is not needed for it."""
    paths = sorted((Path(grader.__file__).parents[1] / "exercises").glob("unit1_*/s1_*/q*.py"))
    digests = {
        keys.exercise_digest(Exercise("1.1.1", "", "", "", "", "", "", (), (), 1.0, {}, path))
        for path in paths
    }
    assert len(digests) == len(paths) > 1


def test_neither_keys_nor_gradebook_load_torch() -> None:
    """A key of a submission that is known already must not cost seconds."""
    program = (
        "import sys; from grader.gradebook import Gradebook; from grader.gradebook.keys import torch_version; "
        "assert torch_version() != 'missing'; "
        "sys.exit(' '.join(m for m in ('torch', 'alembic', 'psycopg') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
