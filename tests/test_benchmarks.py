"""What the benchmarks compare does the same work, whatever the checks ask of an answer."""

from __future__ import annotations

from pathlib import Path

from benchmarks.in_process import Tasks, grade_once
from benchmarks.stages import WatchedParent, grade_in_stages
from benchmarks.workload import make_workload


def test_the_adapter_passes_every_check_of_the_workload(tmp_path: Path) -> None:
    """Another grader that is measured runs the checks on it; where one fails there is nothing to compare."""
    work = make_workload(tmp_path, 1)
    assert len(grade_once(Tasks(str(work.description)))["passed"]) == work.checks


def test_the_stages_are_those_of_a_grading(tmp_path: Path) -> None:
    with WatchedParent() as source:
        source.wait_until_ready()
        stages = grade_in_stages(make_workload(tmp_path, 1), source)
    assert len(stages) == 12
    assert all(seconds >= 0 for name, seconds in stages.items() if name != "the rest")
