"""Where our own time goes: the flow of ``grader.grading.grade`` with a stopwatch at each step.

The steps are the project's own; what is watched here is a warm parent and a session that note how long their
public methods take. ``grade`` itself is measured beside it, so that a difference between the two would show.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from benchmarks.workload import Workload
from grader.examine.examination import examine
from grader.execute.run import RunLimits
from grader.execute.session import Session
from grader.execute.warm import WarmParent
from grader.grading import environment
from grader.nouns import Submission
from grader.read import read
from grader.read.belonging import assign, written_answers
from grader.score import score


class Stopwatch:
    """Seconds and counts by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    @contextlib.contextmanager
    def __call__(self, name: str) -> Generator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
            self.counts[name] = self.counts.get(name, 0) + 1


class WatchedParent(WarmParent):
    """A warm parent that notes how long it takes to hand out a kernel and to sweep."""

    watch = Stopwatch()

    def spawn(self, **order: Any) -> Any:
        with self.watch("spawn"):
            return super().spawn(**order)

    def sweep(self) -> None:
        with self.watch("sweep"):
            super().sweep()


class WatchedChannel:
    """A channel that notes how long it sends and waits."""

    def __init__(self, channel: Any, watch: Stopwatch) -> None:
        self._channel = channel
        self._watch = watch

    def send(self, *args: Any) -> None:
        with self._watch("send"):
            self._channel.send(*args)

    def receive(self, *args: Any) -> Any:
        with self._watch("receive"):
            return self._channel.receive(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)


class WatchedSession(Session):
    """A session that notes how long a worker takes to start, and gives out watched channels."""

    def __init__(self, submission: Submission, source: WarmParent, watch: Stopwatch) -> None:
        super().__init__(submission, source)
        self.watch = watch

    def worker(self, exercise: str) -> Any:
        with self.watch("worker"):
            channel = super().worker(exercise)
        return channel and WatchedChannel(channel, self.watch)


def grade_in_stages(work: Workload, source: WatchedParent) -> dict[str, float]:
    """Grade the workload once. Stages that do not overlap, in their order, in seconds."""
    watch = source.watch = Stopwatch()
    with watch("all"):
        with watch("read"):
            submission = assign(read(Path(work.notebook)), work.exercises)
            written = {id: dict(written_answers(submission, e)) for id, e in work.exercises.items()}
        session = WatchedSession(submission, source, watch)
        try:
            kernel = _execute(session, work, watch)
            with watch("examine"):
                findings = {
                    id: examine(session, e, written[id], work.seed) for id, e in work.exercises.items()
                }
            with watch("verdict"):
                grades = [score(work.exercises[id], found) for id, found in findings.items()]
                environment(source, session.layers)
        finally:
            with watch("close"):
                session.close()
    if sum(grade.points for grade in grades) != work.points:
        raise RuntimeError(
            "the reference solutions did not earn everything; see `pytest tests/test_exercises.py`"
        )
    return _stages(session, watch, kernel)


def _execute(session: WatchedSession, work: Workload, watch: Stopwatch) -> float:
    """Run the cells. Seconds until the kernel could take the first one."""
    ends: list[float] = []
    start = time.perf_counter()
    with watch("execute"):
        session.execute(
            frozenset(work.exercises), RunLimits(), lambda done, total: ends.append(time.perf_counter())
        )
    return ends[0] - session.runs[0].seconds - start


def _stages(session: WatchedSession, watch: Stopwatch, kernel: float) -> dict[str, float]:
    seconds, counts = watch.seconds, watch.counts
    cells = sum(run.seconds for run in session.runs)
    waiting = seconds["send"] + seconds["receive"]
    stages = {
        "read the notebook, find the exercises": seconds["read"],
        "kernel: handed out by the warm parent": seconds["spawn"],
        "kernel: connected, answers": kernel - seconds["spawn"],
        f"cells run ({len(session.runs)})": cells,
        f"states kept ({len(session.kept)})": seconds["execute"] - kernel - cells,
        f"workers started ({counts['worker']})": seconds["worker"],
        f"requests to workers ({counts['receive']}): waiting": waiting,
        "checks, comparing, wire format: our side": seconds["examine"] - seconds["worker"] - waiting,
        "points, environment": seconds["verdict"],
        "processes swept away": seconds["sweep"],
        "kernel ended, files removed": seconds["close"] - seconds["sweep"],
    }
    return stages | {"the rest": seconds["all"] - sum(stages.values())}
