"""The engine of one machine, with processes that only pretend to grade."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from grader.assignment import Assignment
from grader.batch import local
from grader.batch.hired import MarkerDied
from grader.batch.job import Job, Outcome, Task
from grader.batch.local import TRIES, LocalEngine
from grader.nouns import GraderError, HandedIn, Student


class Pretender:
    """A process that does with each task what ``acts`` says: by student id; else it grades it."""

    made = 0
    open = 0
    most_busy = 0
    busy = 0
    acts: ClassVar[dict[str, Callable[[Pretender, str], Outcome | None]]] = {}
    given: ClassVar[list[tuple[str, str]]] = []
    born = True

    def __init__(self, job: dict[str, Any]) -> None:
        cls = type(self)
        cls.made += 1
        cls.open += 1
        self.pid = cls.made
        self.ours, self.theirs = socket.socketpair()
        self.task: Task | None = None
        self.step = ""
        self.ready = cls.born
        self.heard = 0.0
        if not cls.born:
            self.theirs.send(b"!")

    def fileno(self) -> int:
        return self.ours.fileno()

    def give(self, task: Task, failed: str = "") -> None:
        import time

        cls = type(self)
        self.task, self.heard = task, time.monotonic()
        cls.given.append((task.handed.student.id, failed))
        cls.busy += 1
        cls.most_busy = max(cls.most_busy, cls.busy)
        if self.acts.get(task.handed.student.id) is not silent or failed:
            self.theirs.send(b"!")

    def hear(self) -> Outcome | None:
        cls = type(self)
        self.ours.recv(1)
        if not self.ready:
            raise MarkerDied("no such library")
        assert self.task is not None
        id = self.task.handed.student.id
        failed = self.given[-1][1] if self.given[-1][0] == id else ""
        if failed:
            cls.busy -= 1
            self.task = None
            return Outcome(id, "", "failed", message=failed)
        return self.acts.get(id, grades)(self, id)

    def close(self) -> None:
        cls = type(self)
        cls.open -= 1
        cls.busy -= self.task is not None
        self.ours.close()
        self.theirs.close()


def grades(marker: Pretender, id: str) -> Outcome:
    Pretender.busy -= 1
    marker.task = None
    return Outcome(id, "", "graded")


def dies(marker: Pretender, id: str) -> Outcome:
    raise MarkerDied(f"{id} broke it")


def refuses(marker: Pretender, id: str) -> Outcome:
    raise GraderError("no walls here")


def silent(marker: Pretender, id: str) -> Outcome:
    raise AssertionError("nobody hears it")


@pytest.fixture(autouse=True)
def pretend(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Pretender.made = Pretender.open = Pretender.most_busy = Pretender.busy = 0
    Pretender.acts, Pretender.given, Pretender.born = {}, [], True
    monkeypatch.setattr(local, "Marker", Pretender)
    yield
    assert Pretender.open == 0, "a process was left behind"


def engine(size: int = 2) -> LocalEngine:
    return LocalEngine(Job("book", "a", Assignment.of({}, "A"), 0), size)


def tasks(*ids: str) -> list[Task]:
    return [Task(HandedIn(Student(id), (Path(id),)), id) for id in ids]


def states(engine: LocalEngine, *ids: str) -> dict[str, str]:
    outcomes = [outcome for outcome in engine.grade(tasks(*ids)) if outcome is not None]
    found = {outcome.student: outcome.state for outcome in outcomes}
    assert len(found) == len(outcomes)
    return found


def test_everybody_is_graded_once_by_as_many_processes_as_asked_for() -> None:
    names = [f"s{n}" for n in range(9)]
    assert states(engine(3), *names) == dict.fromkeys(names, "graded")
    assert Pretender.made == 3
    assert Pretender.most_busy <= 3
    assert [id for id, _ in Pretender.given] == names


def test_there_are_no_more_processes_than_tasks() -> None:
    assert states(engine(8), "a") == {"a": "graded"}
    assert Pretender.made == 1


def test_a_process_that_dies_costs_nobody_a_result() -> None:
    deaths = iter([True, True, False])
    Pretender.acts["b"] = lambda marker, id: (dies if next(deaths) else grades)(marker, id)
    assert states(engine(), "a", "b", "c") == dict.fromkeys("abc", "graded")
    assert [id for id, _ in Pretender.given].count("b") == 3


def test_what_kills_every_process_is_recorded_and_the_class_goes_on() -> None:
    Pretender.acts["b"] = dies
    assert states(engine(), "a", "b", "c", "d") == {
        "a": "graded",
        "b": "failed",
        "c": "graded",
        "d": "graded",
    }
    assert [failed for id, failed in Pretender.given if id == "b"] == [""] * TRIES + ["b broke it"]


def test_where_not_even_a_failure_can_be_recorded_the_batch_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def hear(marker: Pretender) -> None:
        raise MarkerDied("the gradebook cannot be reached")

    monkeypatch.setattr(Pretender, "hear", hear)
    with pytest.raises(GraderError, match="recorded: the gradebook cannot be reached"):
        states(engine(), "a", "b")


def test_one_that_says_nothing_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "SILENCE_S", -1.0)
    shorter = engine(1)
    limits = shorter.job.assignment.limits
    object.__setattr__(limits, "cell_time", -1.0)
    Pretender.acts["a"] = silent
    assert states(shorter, "a") == {"a": "failed"}
    assert "no sign of life" in Pretender.given[-1][1]


def test_a_machine_without_walls_ends_the_batch() -> None:
    Pretender.acts["a"] = refuses
    with pytest.raises(GraderError, match="no walls"):
        states(engine(), "a", "b")


def test_processes_that_cannot_start_end_the_batch() -> None:
    Pretender.born = False
    with pytest.raises(GraderError, match="can be started: no such library"):
        states(engine(), "a", "b")
    assert Pretender.made <= 2 * TRIES


def test_once_stopped_nothing_new_is_begun_and_what_runs_is_finished() -> None:
    one = engine(2)
    one.stopping = lambda: len(Pretender.given) >= 2
    assert states(one, "a", "b", "c", "d") == {"a": "graded", "b": "graded"}


def test_leaving_early_ends_the_processes() -> None:
    outcomes = engine(2).grade(tasks("a", "b", "c"))
    next(outcomes)
    outcomes.close()
    assert Pretender.open == 0


def test_one_at_a_time_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_available", lambda: 1e6)
    assert states(engine(4), "a", "b", "c") == dict.fromkeys("abc", "graded")
    assert Pretender.most_busy == 1


def test_memory_that_others_took_is_what_the_next_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 GB are free; each submission is seen to take 6, so there is room for one at a time."""
    monkeypatch.setattr(local, "_available", lambda: 10e9 - 6e9 * Pretender.busy)
    assert states(engine(4), "a", "b", "c") == dict.fromkeys("abc", "graded")
    assert Pretender.most_busy == 1
