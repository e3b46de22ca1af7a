"""The walls around a submission's processes: told truly, each by an attack, whatever the platform offers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.execute.cold import ColdStart
from grader.execute.isolation import FULL, LAYERS, level, reaches
from grader.execute.launch import ProcessLimits, launch
from grader.execute.session import execute
from grader.execute.warm import WarmParent
from grader.nouns import Cell, Submission
from grader.worker.sandbox import trials

linux = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")


def layers(source: WarmParent | ColdStart) -> Mapping[str, bool]:
    cell = Cell(0, "c0", "code", "answer = 1", "0.0.0")
    submission = Submission(Path("s.ipynb"), "s.ipynb", "ipynb", "", (cell,))
    with execute(submission, source, frozenset({"0.0.0"})) as session:
        assert [run.ending for run in session.runs] == ["ok"]
        worker = session.worker("0.0.0")
        assert worker is not None
        worker.close()
        return dict(session.layers)


@linux
@pytest.mark.parametrize("wrapped", [True, False], ids=["bubblewrap", "no bubblewrap"])
def test_cold_kernels_have_walls_too(wrapped: bool) -> None:
    limits = ProcessLimits(without=() if wrapped else ("process namespace",))
    if wrapped and not limits.wrapper:
        pytest.skip("bubblewrap is not installed")
    with ColdStart(limits=limits) as source:
        told = layers(source)
    assert told["Landlock"]
    assert told["seccomp"]
    assert told["no network"]
    assert told["read-only file system"] == told["process namespace"] == wrapped
    assert reaches("full" if wrapped else "partial", [layer for layer, holds in told.items() if holds])


def test_memory_of_a_cold_kernel_is_watched() -> None:
    """As on every platform, where there may be no other limit."""
    hog = Cell(0, "c0", "code", "hoard = []\nwhile True: hoard.append(bytearray(10**8))")
    after = Cell(1, "c1", "code", "print('alive')", "0.0.1")
    submission = Submission(Path("s.ipynb"), "s.ipynb", "ipynb", "", (hog, after))
    with (
        ColdStart(limits=ProcessLimits(memory=1500 * 2**20)) as source,
        execute(submission, source, frozenset({"0.0.1"})) as session,
    ):
        assert [run.ending for run in session.runs] == ["memory", "ok"]


@linux
def test_every_layer_is_accounted_for(warm: WarmParent) -> None:
    told = layers(warm)
    assert tuple(told) == LAYERS
    assert told["separate process"]
    assert told["no new privileges"]
    assert told["resource limits"]
    if told["process namespace"]:  # where namespaces can be had, so can what hangs on them
        assert told["no network"]
        assert told["own IPC"]
        assert told["read-only file system"]


@linux
@pytest.mark.parametrize(
    "without",
    ["process namespace", "read-only file system", "seccomp", "memory and process group", "everything"],
)
def test_what_is_not_there_is_told_and_grading_goes_on(without: str) -> None:
    """As on a platform that lacks it; what hangs on a layer that is missing is missing too."""
    lacking = LAYERS if without == "everything" else (without,)
    hangs_on_seccomp = {"no network"}  # no namespace, but no socket either
    with WarmParent(launch(limits=ProcessLimits(without=lacking))) as parent:
        told = layers(parent)
    for layer in lacking:
        if layer not in ("separate process", "own IPC", "no new privileges", *hangs_on_seccomp):
            assert not told[layer], told
    if without == "everything":
        assert {layer for layer, holds in told.items() if holds} <= {"separate process", "no new privileges"}


def test_levels() -> None:
    assert level(LAYERS) == level(FULL) == "full"
    assert level(FULL - {"seccomp"}) == "partial"
    assert level({"Landlock"}) == "partial"
    assert level({"separate process", "resource limits"}) == level(()) == "none"
    assert reaches("none", ())
    assert reaches("partial", FULL)
    assert not reaches("full", FULL - {"seccomp"})
    assert not reaches("partial", {"separate process"})


@linux
@pytest.mark.parametrize("layer", ["Landlock", "seccomp", "no new privileges", "process namespace"])
def test_an_attack_succeeds_where_there_is_no_wall(layer: str, tmp_path: Path) -> None:
    if layer == "no new privileges" and "NoNewPrivs:\t1" in Path("/proc/self/status").read_text():
        pytest.skip("this process was itself started without the right to new privileges")
    assert trials.held([layer], tmp_path) == []


@linux
def test_writing_outside_succeeds_where_there_is_no_wall(tmp_path: Path) -> None:
    assert trials.held(["read-only file system"], tmp_path) == []


def test_a_layer_without_an_attack_is_believed(tmp_path: Path) -> None:
    assert trials.held(["resource limits"], tmp_path) == ["resource limits"]
