"""A class that hands in right, wrong, crashing, hostile and heavy notebooks, the same for the same number.

Also a program, for benchmarks and for trying things out: ``python tests/batch/made_class.py FOLDER 200 [--light]``.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from grader.catalogue import select
from grader.examine.solutions import ReferenceFile, read_reference
from grader.notebook import make_notebook
from grader.nouns import Exercise

IDS = "1.1.2,1.3.1,1.5.1"  # none of their checks depends on the machine's speed

# What the last cell of a bad notebook does, or a cell in its middle.
CRASHING = (
    "raise SystemExit(3)",
    "import os; os._exit(9)",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "1 / 0",
    "def broken(:",
    "import no_such_module",
    "raise KeyboardInterrupt",
)
HOSTILE = (
    "import os\nfor pid in range(2, 3000):\n    try:\n        os.kill(pid, 9)\n    except OSError:\n        pass",
    "while True:\n    print('x' * 10_000)",
    "import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)",
    "import pathlib\nfor path in pathlib.Path('/').glob('*/*'):\n    try:\n        path.unlink()\n    except OSError:\n        pass",
    "import torch\ntorch.equal = lambda *_: True\ntorch.allclose = lambda *_, **__: True",
    "import threading, time\nfor _ in range(20):\n    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
)
HEAVY = (
    "import torch\nx = torch.ones(150_000_000)",
    "import torch\nfor _ in range(60):\n    torch.randn(600, 600) @ torch.randn(600, 600)",
)


def make_class(folder: Path, number: int, light: bool = False, seed: int = 0) -> dict[str, str]:
    """Write `number` notebooks, one a student, and return what kind each student's is.

    Args:
        light: only right ones, each with a comment of its own.
    """
    exercises = select(IDS)
    references = {id: read_reference(exercise) for id, exercise in exercises.items()}
    rng = random.Random(seed)
    kinds: dict[str, str] = {}
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(number):
        student = f"student{index:04}"
        kind = "right" if light else KINDS[index % len(KINDS)]
        kinds[student] = kind
        if kind == "unreadable":
            (folder / f"{student}.ipynb").write_text("{" + f'"cells": [{index}')
            continue
        answers = {id: _answer(references[id], kind, rng) for id in exercises}
        _write(folder / f"{student}.ipynb", exercises, answers, _extra(kind, rng), index)
    return kinds


KINDS = ("right", "wrong", "crashing", "right", "hostile", "wrong", "heavy", "stub", "right", "unreadable")


def _answer(reference: ReferenceFile, kind: str, rng: random.Random) -> str | None:
    match kind:
        case "stub":
            return None
        case "wrong":
            return rng.choice(reference.wrong).source
        case _:
            return rng.choice([reference.solution, *(variant.source for variant in reference.right)])


def _extra(kind: str, rng: random.Random) -> str:
    extra: Mapping[str, Sequence[str]] = {"crashing": CRASHING, "hostile": HOSTILE, "heavy": HEAVY}
    return rng.choice(extra[kind]) if kind in extra else ""


def _write(
    path: Path, exercises: Mapping[str, Exercise], answers: Mapping[str, str | None], extra: str, index: int
) -> None:
    notebook = make_notebook(list(exercises.values()))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            id = cell.metadata["grader"]["exercise"]
            source = answers[id] if answers[id] is not None else cell.source
            cell.source = f"# exercise: {id}\n# of student {index}\n{source}"
    if extra:
        middle = len(notebook.cells) // 2 if index % 2 else len(notebook.cells)
        notebook.cells.insert(middle, nbformat.v4.new_code_cell(extra, id=f"extra{index}"))
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("number", type=int)
    parser.add_argument("--light", action="store_true")
    given = parser.parse_args()
    make_class(given.folder, given.number, given.light)
