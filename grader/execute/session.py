"""What is left of a submission after it ran: its record, and its exercises ready to be examined."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import itertools
import os
import secrets
import signal
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from grader.execute.landing import Landing
from grader.execute.run import NotebookRun, Progress, RunLimits
from grader.execute.warm import KernelSource
from grader.nouns import CellRun, GraderError, Submission
from grader.wire import Channel, ChannelClosed, ChannelTimeout, WireError, decode, encode

WORKER_LIMIT_S = 10.0  # for a process that is there already, to report or to obey
REFERENCE_LIMIT_S = 60.0  # for a reference solution, which may have to import torch first
PATIENCE_S = 60.0  # in all, for processes of one submission that do not report; then they get a second each


class Session:
    """An executed submission. Use as a context manager; leaving it ends every process and removes its files."""

    def __init__(self, submission: Submission, source: KernelSource) -> None:
        self.submission = submission
        self.source = source
        self.runs: tuple[CellRun, ...] = ()
        self.notebook: NotebookNode | None = None
        self._runtime = Path(tempfile.mkdtemp(prefix="grade-", dir=source.base))
        self._landing = Landing()
        self._trusted = Landing()  # of reference solutions, in folders that no student's code can reach
        self._loop = asyncio.new_event_loop()
        self._run: NotebookRun | None = None
        self._time_left = 0.0  # for running the cells again, in all
        self._patience = PATIENCE_S
        self._given_up: set[str] = set()  # exercises whose state cannot be served
        self._snapshots: dict[str, Channel] = {}
        self._last_status: dict[str, int | None] = {}

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(
        self, exercises: frozenset[str], limits: RunLimits, progress: Progress, seed: int = 0
    ) -> None:
        """Run all cells and keep the state of each of `exercises`."""
        self._run = NotebookRun(
            self.submission, self.source, self._runtime, self._landing, limits, exercises, progress, seed
        )
        self._time_left = limits.total_s
        self._loop.run_until_complete(self._run.run())
        self.runs = tuple(self._run.runs[index] for index in sorted(self._run.runs))
        self.notebook = copy.deepcopy(self._run.notebook)
        if all(mode == "fork" for mode in self.kept.values()):
            # What the cells left running there would only disturb the examination.
            self._loop.run_until_complete(self._run.stop())

    @property
    def layers(self) -> Mapping[str, bool]:
        """Isolation layer -> whether it held around every kernel of this submission."""
        return self._run.layers if self._run else {}

    @property
    def kept(self) -> Mapping[str, str]:
        """Exercise -> how its state was kept ("fork" or "reference")."""
        return self._run.modes if self._run else {}

    def _state(self, exercise: str) -> str:
        """The name under which its state is kept; exercises that end with the same cell share one."""
        return self._run.states.get(exercise, exercise) if self._run else exercise

    def worker(self, exercise: str) -> Channel | None:
        """A connection to a fresh process (or, kept by reference, to the kernel) with the state of `exercise`.

        An earlier worker of the same exercise ends. None if there is nothing to serve: no cell of the exercise
        was reached, or its process could not be brought back.
        """
        mode = None if exercise in self._given_up else self.kept.get(exercise)
        for _ in range(2):
            if mode == "fork":
                channel = self._fork_worker(self._state(exercise))
            elif mode == "reference":
                channel = self._ask_kernel(exercise)
            else:
                return None
            if channel is not None:
                return channel
            self._again(exercise)
            mode = self.kept.get(exercise)
        self._given_up.add(exercise)  # each attempt may take minutes
        return None

    def bare_worker(self, name: str, source: str) -> Channel:
        """A worker that runs trusted `source` (a reference solution), in a process like the student's.

        It reports to a socket that the submission is not told of.
        """
        runtime = self._runtime / f"reference-{secrets.token_hex(4)}"
        runtime.mkdir()
        self._trusted.listen(self.source.bare_worker(runtime, self._trusted.word, name, source))
        channel = self._trusted.take("worker", name, REFERENCE_LIMIT_S)
        if channel is None:
            raise GraderError(f"the reference solution of {name} could not be started in a worker")
        return channel

    def release(self, exercise: str) -> None:
        """End the worker of the exercise, whatever it is busy with; a later one is as good as new."""
        self._order(self._state(exercise), "stop")

    def how_it_ended(self, exercise: str) -> str:
        """In words, how the last worker of the exercise ended; "" if it was ended by us."""
        state = self._state(exercise)
        self._last_status.pop(state, None)
        self._order(state, "end")
        status = self._last_status.get(state)
        if status is None or not 0 <= status < 2**16:
            return ""
        if number := status & 0x7F:
            with contextlib.suppress(ValueError):
                return f"the process was ended by the signal {signal.Signals(number).name}"
            return f"the process was ended by signal {number}"
        return f"the process ended itself with exit code {status >> 8}"

    def close(self) -> None:
        if self._loop.is_closed():
            return
        for channel in self._snapshots.values():
            channel.close()
        self._abandon()
        if self._run is not None:
            with contextlib.suppress(Exception):
                self._loop.run_until_complete(self._run.stop())
        self.source.sweep()
        self._landing.close()
        self._trusted.close()
        self._loop.close()
        _remove(self._runtime)

    def _abandon(self) -> None:
        """Where the run was interrupted (Ctrl-C): whatever it was about is not to go on."""
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=10))

    def _fork_worker(self, state: str) -> Channel | None:
        if state not in self._snapshots:
            snapshot = self._take("snapshot", state)
            if snapshot is None:
                return None
            self._snapshots[state] = snapshot
        self._landing.drop("worker", state)
        if not self._order(state, "worker"):
            return None
        return self._take("worker", state)

    def _take(self, kind: str, state: str) -> Channel | None:
        """A connection that must be on its way. A submission that keeps us waiting does so a few times only."""
        start = time.monotonic()
        channel = self._landing.take(kind, state, self._limit())
        if channel is None:
            self._patience -= time.monotonic() - start
        return channel

    def _limit(self) -> float:
        return min(WORKER_LIMIT_S, max(self._patience, 1.0))

    def _order(self, state: str, order: str) -> bool:
        """Give an order to a snapshot; notes how its last worker ended."""
        snapshot = self._snapshots.get(state)
        if snapshot is None:
            return False
        start = time.monotonic()
        deadline = start + self._limit()
        try:
            snapshot.send(encode(order), deadline)
            match decode(snapshot.receive(deadline)):
                case {"ended": int() | None as status}:
                    self._last_status[state] = status
                    return True
                case _:
                    return False
        except ChannelTimeout:
            self._patience -= time.monotonic() - start
            return False
        except (ChannelClosed, WireError):
            return False

    def _ask_kernel(self, exercise: str) -> Channel | None:
        assert self._run is not None
        if not self._loop.run_until_complete(self._run.serve(exercise, WORKER_LIMIT_S)):
            return None
        return self._take("worker", self._state(exercise))

    def _again(self, exercise: str) -> None:
        """The process that kept the state is gone: run the cells once more on a fresh kernel."""
        run, start = self._run, time.monotonic()
        assert run is not None
        snapshot = self._snapshots.pop(self._state(exercise), None)
        if snapshot is not None:
            snapshot.close()
        run.forget(exercise)
        if self._time_left <= 0:
            return
        run.deadline = start + self._time_left
        self._loop.run_until_complete(run.stop())
        with contextlib.suppress(GraderError):
            self._loop.run_until_complete(run.run())
        self._time_left -= time.monotonic() - start


def execute(
    submission: Submission,
    source: KernelSource,
    exercises: frozenset[str],
    limits: RunLimits | None = None,
    progress: Progress = lambda done, total: None,
    seed: int = 0,
) -> Session:
    """Run `submission` on kernels from `source`; the state of each of `exercises` is kept for examination.

    What is random in its cells follows from `seed`, unless they set seeds of their own.

    Raises ``GraderError`` where no kernel can be started at all. The caller closes the session.
    """
    session = Session(submission, source)
    try:
        session.execute(exercises, limits or RunLimits(), progress, seed)
    except BaseException:
        session.close()
        raise
    return session


def _remove(folder: Path) -> None:
    """Remove a folder that a submission may have filled with anything.

    With unreadable directories, say, or with thousands of them in one another: each is moved to the top
    before it is emptied, so that no path grows long and nothing recurses.
    """
    names = (folder / f"{secrets.token_hex(4)}-{number}" for number in itertools.count())
    todo, emptied = [folder], list[Path]()
    while todo:
        current = todo.pop()
        emptied.append(current)
        entries: list[os.DirEntry[str]] = []
        with contextlib.suppress(OSError), os.scandir(current) as found:
            entries += found
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    moved = next(names)
                    os.chmod(entry.path, 0o700)
                    os.rename(entry.path, moved)
                    todo.append(moved)
                else:
                    os.unlink(entry.path)
    for path in reversed(emptied):
        with contextlib.suppress(OSError):
            path.rmdir()
