"""The engine of one machine: a few processes that grade, each with its own warm parent.

One that dies is replaced, and what it was grading is given to another. A submission after which ``TRIES``
processes have died is recorded as failed, and the class goes on.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import psutil

from grader.batch.hired import Marker, MarkerDied
from grader.batch.job import Job, Outcome, Task
from grader.nouns import GraderError

TRIES = 3
# Beyond what the limits allow a submission and its checks: then the process itself hangs.
SILENCE_S = 900.0
ROOM = 2**30  # bytes that must be free before another submission is begun, until we know better
FOOTPRINT = 1.2e9  # bytes of one process with its warm parent and a light submission


class LocalEngine:
    """Grades tasks on `size` processes; see ``grade``."""

    def __init__(self, job: Job, size: int) -> None:
        self.job = job
        self.size = size
        self.stopping: Callable[[], bool] = lambda: False
        self.tell: Callable[..., None] = lambda event, **details: None
        self._markers: list[Marker] = []
        self._deaths: Counter[str] = Counter()
        self._why: dict[str, str] = {}
        self._stillborn = 0  # processes in a row that died before they were ready
        self._need = float(min(ROOM, job.assignment.limits.memory))
        self._free = _available()
        self._told = job.to_data()

    def hire(self, tasks: int) -> None:
        """Start the processes for that many tasks, before whoever calls has threads: then they are forks of it."""
        while len(self._markers) < min(self.size, tasks):
            self._markers.append(Marker(self._told))

    def under_way(self) -> list[tuple[str, str]]:
        """Student and step of what is being graded now."""
        busy = (marker for marker in self._markers if marker.task is not None)
        return [(marker.task.handed.student.id, marker.step) for marker in busy if marker.task is not None]

    def grade(self, tasks: Sequence[Task]) -> Generator[Outcome | None]:
        """The outcomes, as they come; None about once a second, so that whoever watches sees that time passes.

        Once ``stopping`` says so, no other task is begun, and it ends when those under way have. Raises
        ``GraderError`` where nothing can be graded on this machine.
        """
        waiting = deque(tasks)
        with contextlib.ExitStack() as stack:
            stack.callback(self._close)
            while True:
                self._hand_out(waiting)
                busy = [marker for marker in self._markers if marker.task is not None]
                if not busy and (not waiting or self.stopping()):
                    return
                yield from self._listen(waiting)
                yield None

    def _hand_out(self, waiting: deque[Task]) -> None:
        while waiting and not self.stopping() and self._room():
            idle = next((marker for marker in self._markers if marker.task is None), None)
            if idle is None and len(self._markers) < self.size:
                idle = Marker(self._told)
                self._markers.append(idle)
            if idle is None:
                return
            task = waiting.popleft()
            id = task.handed.student.id
            failed = self._why[id] if self._deaths[id] >= TRIES else ""
            self.tell("begun", student=id, process=idle.pid)
            try:
                idle.give(task, failed)
            except MarkerDied as death:
                self._mourn(idle, waiting, str(death))

    def _listen(self, waiting: deque[Task]) -> Generator[Outcome]:
        """What is said within a second, and who has been silent for too long."""
        with selectors.DefaultSelector() as selector:
            for marker in self._markers:
                selector.register(marker, selectors.EVENT_READ, marker)
            for key, _ in selector.select(timeout=1.0):
                marker: Marker = key.data
                try:
                    if (outcome := marker.hear()) is not None:
                        yield outcome
                except MarkerDied as death:
                    self._mourn(marker, waiting, str(death))
        limits = self.job.assignment.limits
        patience = max(limits.cell_time, SILENCE_S)
        for marker in [*self._markers]:
            if marker.task is not None and time.monotonic() - marker.heard > patience:
                self._mourn(marker, waiting, f"no sign of life for {patience:.0f} s")

    def _mourn(self, marker: Marker, waiting: deque[Task], why: str) -> None:
        self._markers.remove(marker)
        marker.close()
        self.tell("died", process=marker.pid, why=why)
        self._stillborn = 0 if marker.ready else self._stillborn + 1
        if self._stillborn >= TRIES:
            raise GraderError(f"no process that grades can be started: {why}")
        if marker.task is not None:
            id = marker.task.handed.student.id
            self._deaths[id] += marker.ready  # else it is not to blame
            self._why[id] = why
            if self._deaths[id] > TRIES:
                # It was only to be recorded that it failed: the gradebook is gone, say.
                raise GraderError(f"no result can be recorded: {why}")
            waiting.appendleft(marker.task)

    def _room(self) -> bool:
        """Whether memory is free for one more. What the submissions so far took is what the next may take."""
        busy = sum(marker.task is not None for marker in self._markers)
        free = _available()
        if not busy:
            self._free = max(self._free, free) if self._markers else free
            return True
        self._need = max(self._need, (self._free - free) / busy)
        return free > self._need

    def _close(self) -> None:
        for marker in self._markers:
            marker.close()
        self._markers.clear()


def sensible_size(tasks: int) -> int:
    """How many processes: one a core, as far as memory goes, and no more than there is to do."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(_available() / FOOTPRINT), tasks))


def _available() -> float:
    """Bytes that could be used now: the machine's, or less where a control group says so."""
    free = float(psutil.virtual_memory().available)
    root = Path("/sys/fs/cgroup")
    for limit, usage, cached in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
    ):
        with contextlib.suppress(OSError, ValueError, KeyError):
            at_most, used = ((root / name).read_text() for name in (limit, usage))
            stat = dict(
                line.split() for line in (root / usage).with_name("memory.stat").read_text().splitlines()
            )
            free = min(free, float(at_most) - float(used) + float(stat[cached]))
    return free
