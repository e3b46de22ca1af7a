"""Our end of a process that grades (``marker``): start it, give it tasks, hear from it, be rid of it."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from typing import IO, Any, Protocol

from grader.batch.job import Outcome, Task
from grader.batch.lines import Hung, Lines
from grader.execute.launch import ONE_THREAD, with_project_path
from grader.nouns import GraderError

LOG_TAIL = 4_000  # bytes of what it wrote before it died


class MarkerDied(Exception):
    """The process ended, perhaps in the middle of a task. The message is the end of what it wrote."""


class Process(Protocol):
    """The part of ``subprocess.Popen`` that we use."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int | None: ...

    def kill(self) -> None: ...


class Marker:
    """A process that grades the tasks of one job (the data of a ``Job``). At most one task is under way.

    It is a fork of ours where we have no threads yet: what we have imported it need not import once more, which takes
    two seconds, nor hold in memory a second time.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - until `close`
        ours, theirs = socket.socketpair()
        with theirs:
            start = _fork if _may_fork() else _execute
            self._process: Process = start(theirs, self._log)
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


def _execute(theirs: socket.socket, log: IO[bytes]) -> Process:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "grader.batch.marker", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for us, who let it finish what it does
        env=with_project_path(dict(os.environ)) | ONE_THREAD,
    )


def _may_fork() -> bool:
    """Whether a fork is a whole process: no thread of ours holds a lock, and no pool of threads is expected there."""
    with contextlib.suppress(OSError):
        return len(os.listdir("/proc/self/task")) == 1 and os.environ.items() >= ONE_THREAD.items()
    return False


def _fork(theirs: socket.socket, log: IO[bytes]) -> Process:
    import grader.batch.bench
    import grader.execute.warm  # noqa: F401
    from grader.batch import marker

    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return _Fork(pid)
    try:
        gc.freeze()  # the collector's marks would copy the pages that it shares with us
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        connection = socket.socket(fileno=os.dup2(theirs.fileno(), 3))
        for name in os.listdir("/proc/self/fd"):  # above all our ends of the others' connections
            if int(name) > 3:
                with contextlib.suppress(OSError):
                    os.close(int(name))
        marker.serve(connection)
    except BaseException:  # noqa: BLE001 - it must not go on as if it were us
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(1)


class _Fork:
    """A child that was forked, and not executed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self, timeout: float | None = None) -> int | None:
        until = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while self.poll() is None:
            if time.monotonic() >= until:
                raise subprocess.TimeoutExpired("a process that grades", timeout or 0)
            time.sleep(0.01)
        return self._code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
