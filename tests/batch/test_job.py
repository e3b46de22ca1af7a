"""What travels to the processes that grade arrives as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from grader.assignment import Assignment, Limits
from grader.batch.job import Job, Outcome, Task
from grader.catalogue import catalogue, select
from grader.lateness import LatePolicy
from grader.nouns import Cell, HandedIn, Student, Submission

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=timezone(timedelta(hours=2)))


def test_a_job() -> None:
    assignment = Assignment(
        title="Homework שתיים",
        exercises=select("1.1"),
        weights={"1.1.1": 2.0, "1.1.2": 0.5},
        extra_credit=frozenset({"1.1.2"}),
        seed=2**52 + 1,
        due=DUE,
        late=LatePolicy(per_day=10, cap=50, grace=timedelta(minutes=15), until=DUE + timedelta(days=7)),
        extensions={"ada": DUE + timedelta(days=1)},
        limits=Limits(cell_time=7.5, memory=2**31, isolation="partial"),
        hidden=("1.1.1/*",),
    )
    job = Job("postgresql://x/y", "hw2", assignment, 3, "/results", "cold")
    back = Job.from_data(json.loads(json.dumps(job.to_data())), catalogue())
    assert back == job
    assert list(back.assignment.exercises) == list(assignment.exercises)
    assert back.assignment.key() == assignment.key()
    assert back.assignment.score_key() == assignment.score_key()


def test_a_task() -> None:
    submission = Submission(
        path=Path("/class/ada"),
        name="ada\ud800",
        kind="ipynb",
        sha256="0" * 64,
        cells=(
            Cell(0, "a", "code", "x = '\\u202e'", "1.1.1", also=("1.1.2",)),
            Cell(1, "b", "markdown", "t"),
        ),
        notes=("n",),
        member="a/b.ipynb",
        files={"data.bin": bytes(range(256)), "a/b.csv": b""},
    )
    student = Student("ada", "Ada Łovelace", "ada@x.org", {"Section": "=1+1"})
    handed = HandedIn(
        student, (Path("/class/a.zip"),), datetime(2026, 1, 1, tzinfo=UTC), True, ("late",), ("a/",), ("b",)
    )
    for task in (Task(handed, "students/ada", True, submission), Task(handed, "f", unreadable="why")):
        assert Task.from_data(json.loads(json.dumps(task.to_data()))) == task


def test_an_outcome() -> None:
    outcome = Outcome("ada", "Ada", "graded", "key", 1.5, 2.0, 0.5, {"passed": 1}, "m", 0.25, True)
    assert Outcome.from_data(json.loads(json.dumps(outcome.to_data()))) == outcome
