"""The engine of many machines: tasks go to a Dask cluster, a bounded number at a time.

Each Dask worker needs the same version of the grader, and a way to the gradebook; no shared disk: submissions travel
with their tasks. A worker that dies has its tasks run elsewhere; recording twice makes no second row. When the
scheduler dies, we wait for one at the same address and go on with what has not come back.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.batch.job import Job, Outcome, Task
from grader.batch.remote import dismiss, grade_remotely
from grader.nouns import BadInput, GraderError
from grader.read.taking import read_handed_in

TRIES = 3
AHEAD = 2  # tasks per thread of the cluster that are under way or wait there
PATIENCE_S = 600.0  # for a scheduler that has gone to come back
CONNECT_S = 10.0


class ClusterEngine:
    """Grades tasks on a cluster; `resources` are Dask's, e.g. ``{"GPU": 1}``: what each task takes of a worker."""

    def __init__(self, job: Job, scheduler: str, resources: Mapping[str, float] | None = None) -> None:
        try:
            import distributed
        except ImportError:
            raise BadInput("grading on a cluster needs Dask: pip install 'torch-grader[dask]'") from None
        self._distributed: Any = distributed
        self.job = job
        self.scheduler = scheduler
        self.resources = dict(resources or {})
        self.stopping: Callable[[], bool] = lambda: False
        self.tell: Callable[..., None] = lambda event, **details: None
        self._told = job.to_data()
        self._tasks: dict[str, Task] = {}  # future's key -> what it grades
        self._tries: Counter[str] = Counter()
        self._why: dict[str, str] = {}
        self._round = 0

    def under_way(self) -> list[tuple[str, str]]:
        return [(task.handed.student.id, "") for task in self._tasks.values()]

    def grade(self, tasks: Sequence[Task]) -> Generator[Outcome | None]:
        """The outcomes as they come; None about once a second. Raises ``GraderError`` where there is no cluster."""
        waiting = deque(tasks)
        lost_since: float | None = None
        while waiting and not (self.stopping() and lost_since is not None):
            before = len(waiting)
            try:
                with self._distributed.Client(
                    self.scheduler, timeout=CONNECT_S, set_as_default=False
                ) as client:
                    yield from self._with(client, waiting)
                    return
            except (OSError, self._distributed.comm.core.CommClosedError, TimeoutError) as error:
                self.tell("scheduler gone", why=str(error))
                waiting.extendleft(reversed(self._tasks.values()))
                self._tasks.clear()
                if lost_since is None or len(waiting) < before:
                    lost_since = time.monotonic()
                if time.monotonic() - lost_since > PATIENCE_S or not self._round:
                    raise GraderError(f"no Dask scheduler answers at {self.scheduler} ({error})") from error
                yield None
                time.sleep(1)

    def _with(self, client: Any, waiting: deque[Task]) -> Generator[Outcome | None]:
        """As long as the connection lasts."""
        done = self._distributed.as_completed(loop=client.loop)
        self._round += 1
        while True:
            self._submit(client, waiting, done)
            if not self._tasks:
                if not waiting or self.stopping():
                    with contextlib.suppress(Exception):  # they end when their worker does
                        client.run(dismiss)
                    return
                yield None
                time.sleep(1)  # no worker yet
                continue
            future = self._next(done)
            if future is None:
                if client.status not in ("running", "newly-created"):
                    raise OSError(f"the connection is {client.status}")
                yield None
                continue
            task = self._tasks.pop(future.key, None)
            if task is None:
                continue
            if (outcome := self._outcome(future, task)) is None:
                waiting.appendleft(task)
            else:
                yield outcome

    def _next(self, done: Any) -> Any:
        """The next future that has ended, within a second; else None."""
        until = time.monotonic() + 1
        while time.monotonic() < until:
            if done.has_ready():
                return next(done)
            time.sleep(0.02)
        return None

    def _submit(self, client: Any, waiting: deque[Task], done: Any) -> None:
        if not waiting or self.stopping():
            return
        room = AHEAD * max(sum(client.nthreads().values()), 0) - len(self._tasks)
        for _ in range(min(room, len(waiting))):
            task = waiting.popleft()
            id = task.handed.student.id
            self._tries[id] += 1
            key = f"grade-{self.job.name}-{id}-{self._round}-{self._tries[id]}"
            future = client.submit(
                grade_remotely,
                self._told,
                self._with_content(task).to_data(),
                self._why.get(id, "") if self._tries[id] > TRIES else "",
                key=key,
                pure=False,
                resources=self.resources or None,
            )
            self.tell("submitted", student=id)
            self._tasks[future.key] = task
            done.add(future)

    def _outcome(self, future: Any, task: Task) -> Outcome | None:
        """None where it has to be tried again."""
        id = task.handed.student.id
        if future.status == "finished":
            return Outcome.from_data(future.result())
        if future.status == "error":
            error = future.exception()
            if isinstance(error, GraderError):
                raise error
            self._why[id] = str(error)
            self.tell("died", student=id, why=self._why[id])
            if self._tries[id] > TRIES:
                return Outcome(id, task.handed.student.name, "failed", message=self._why[id])
        else:  # cancelled or lost: nobody's fault
            self._tries[id] -= 1
        return None

    def _with_content(self, task: Task) -> Task:
        """What was handed in travels along: the worker need not see our disk."""
        try:
            return replace(task, submission=read_handed_in(task.handed, self.job.assignment.exercises))
        except BadInput as error:
            return replace(task, unreadable=str(error))
