"""Our end of a process that grades (``marker``): start it, give it tasks, hear from it, be rid of it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

from grader.batch.job import Outcome, Task
from grader.batch.lines import Hung, Lines
from grader.execute.launch import with_project_path
from grader.nouns import GraderError

LOG_TAIL = 4_000  # bytes of what it wrote before it died


class MarkerDied(Exception):
    """The process ended, perhaps in the middle of a task. The message is the end of what it wrote."""


class Marker:
    """A process that grades the tasks of one job (the data of a ``Job``). At most one task is under way."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - until `close`
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.batch.marker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,  # Ctrl-C is for us, who let it finish what it does
                env=with_project_path(dict(os.environ)) | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            )
        self._lines = Lines(ours)
        self._lines.say({"job": job})
        self.task: Task | None = None
        self.ready = False
        self.step = ""
        self.heard = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        return self._lines.fileno()

    def give(self, task: Task, failed: str = "") -> None:
        """Have it grade a task, or record that it could not be done and why. Raises ``MarkerDied``."""
        self.task, self.step, self.heard = task, "", time.monotonic()
        try:
            self._lines.say({"task": task.to_data(), "failed": failed})
        except Hung as error:
            raise MarkerDied(self._last_words()) from error

    def hear(self) -> Outcome | None:
        """What it says next: an outcome, or None if it is something else. Waits for it.

        Raises ``MarkerDied`` where it is gone, ``GraderError`` where it says that nothing can be graded here.
        """
        try:
            events = self._lines.hear()
        except Hung as error:
            raise MarkerDied(self._last_words()) from error
        self.heard = time.monotonic()
        outcome = None
        for event in events:
            match event:
                case {"outcome": dict() as told}:
                    outcome = Outcome.from_data(told)
                    self.task = None
                case {"step": str() as step}:
                    self.step = step
                case {"ready": True}:
                    self.ready = True
                case {"refused": str() as why}:
                    raise GraderError(why)
                case _:
                    raise MarkerDied(str(event.get("broken", "it spoke nonsense")))
        return outcome

    def close(self) -> None:
        """End it, whatever it does."""
        self._lines.hang_up()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(self._log.tell() - LOG_TAIL, 0))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        code = self._process.poll()
        how = "does not answer" if code is None else f"ended with {code}"
        return f"the process that graded it {how}" + (f": {lines[-1]}" if lines else "")
