"""The walls that ``grade doctor`` tells of: put up in a process of their own, and attacked there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.doctor import LAYERS
from grader.worker.sandbox import trials

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")


def test_walls_are_put_up_and_told_truly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader.worker.sandbox", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = json.loads(done.stdout)
    assert set(told["held"]) <= set(LAYERS)
    assert {"no new privileges", "resource limits"} <= set(told["held"])
    if "process namespace" in told["held"]:  # where namespaces can be had, so can what hangs on them
        assert {"no network", "own IPC", "read-only file system"} <= set(told["held"]), told
    else:
        assert told["notes"], "a wall that is not there must say why"


@pytest.mark.parametrize("layer", ["Landlock", "seccomp", "no new privileges", "process namespace"])
def test_an_attack_succeeds_where_there_is_no_wall(layer: str, tmp_path: Path) -> None:
    if layer == "no new privileges" and "NoNewPrivs:\t1" in Path("/proc/self/status").read_text():
        pytest.skip("this process was itself started without the right to new privileges")
    assert trials.held([layer], tmp_path) == []


def test_writing_outside_succeeds_where_there_is_no_wall(tmp_path: Path) -> None:
    assert trials.held(["read-only file system"], tmp_path) == []


def test_a_layer_without_an_attack_is_believed(tmp_path: Path) -> None:
    assert trials.held(["resource limits"], tmp_path) == ["resource limits"]
