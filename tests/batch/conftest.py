"""A class of some submissions of every kind, and the command that grades it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_class import IDS, make_class

from tests.postgres import postgres_server as postgres_server

ROOT = Path(__file__).parents[2]
Batch = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def batch() -> Batch:
    """``grade batch`` in a process of its own, with a seed and limits that tests need not wait for."""

    def run(
        *arguments: str | Path, seed: str = "7", only: str = IDS, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        chosen = ["--only", only] if only else []
        options = [*chosen, "--seed", seed, "--cell-time", "20", "--total-time", "60", "--workers", "2"]
        return subprocess.run(
            [sys.executable, "-m", "grader", "batch", *map(str, arguments), *options],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


@pytest.fixture(scope="session")
def small_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten notebooks: right, wrong, crashing, hostile, heavy, untouched, unreadable."""
    folder = tmp_path_factory.mktemp("class") / "handed in"
    make_class(folder, 10)
    return folder


@pytest.fixture(scope="session")
def graded(batch: Batch, small_class: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of results of that class, graded once."""
    out = tmp_path_factory.mktemp("graded") / "out"
    done = batch(small_class, "--out", out)
    assert done.returncode == 0, done.stderr
    return out
