"""Killed at random and run again, a class ends up with the same gradebook. 200 of them: see ``endurance``."""

from __future__ import annotations

import random
from pathlib import Path

from endurance import contents, disturbed, on_a_cluster, same


def test_killed_and_run_again(small_class: Path, graded: Path, tmp_path: Path) -> None:
    again = disturbed(small_class, tmp_path / "out", 1, 1, random.Random(3), "--workers", "2")
    assert again <= 1 * 2 + 1
    assert same(contents(graded), contents(tmp_path / "out")) == []


def test_a_cluster_that_loses_a_worker_and_its_scheduler(
    small_class: Path, graded: Path, tmp_path: Path
) -> None:
    assert on_a_cluster(small_class, tmp_path / "out", tmp_path / "cluster", random.Random(3)) == 0
    assert same(contents(graded), contents(tmp_path / "out")) == []
