"""Start the warm parent's process. Apart from the rest, so that it can begin to import torch before we do."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # a pool of threads does not survive a fork


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What the processes of one submission may use together: bytes, and a number of processes.

    `without` names layers of isolation to go without, as a poorer platform would.
    """

    memory: int = 4 * 2**30
    processes: int = 128
    disk: int = 512 * 2**20  # in its work directory; /tmp has half of it, /dev/shm twice
    without: tuple[str, ...] = ()

    @property
    def wrapper(self) -> str:
        """The path of bubblewrap, for cold kernels; nothing where it is missing or not wanted."""
        return "" if "process namespace" in self.without else shutil.which("bwrap") or ""

    def to_text(self) -> str:
        room = {"work": self.disk, "temporary": self.disk // 2, "shared_memory": 2 * self.disk}
        given = {"memory": self.memory, "processes": self.processes, "room": room, "without": self.without}
        return json.dumps(given)


@dataclass(frozen=True, slots=True)
class Launched:
    """A zygote that is starting, our end of the connection to it, and the folder of its children's folders."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    base: Path


def launch(log: Path | None = None, limits: ProcessLimits | None = None) -> Launched:
    """Start the zygote; returns at once. What it and its children write on stderr goes to `log`, or nowhere."""
    base = Path(tempfile.mkdtemp(prefix="grade-"))
    base.chmod(0o711)  # each folder in it is private to the user that its kernel runs as
    ours, theirs = socket.socketpair()
    given = (limits or ProcessLimits()).to_text()
    with contextlib.ExitStack() as stack, theirs:
        target: Any = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.worker.zygote", str(theirs.fileno()), str(base), given],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=target,
            start_new_session=True,
            env=_environment(),
        )
    return Launched(process, ours, base)


def with_project_path(variables: dict[str, str]) -> dict[str, str]:
    """The child must import this very package, also when it runs from a checkout that is not installed."""
    return variables | {"PYTHONPATH": str(Path(__file__).parents[2])}


def _environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "TMPDIR", "GRADER_REAL_DATA")
    ours = {name: os.environ[name] for name in kept if name in os.environ}
    # Huge pages: a fork copies the table of pages, and 250 MB in pages of 4 kB make it take 10 ms.
    pages = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    # Hash seed: sets of strings come in the same order in every run, so a submission gives the same again.
    return with_project_path(ours | ONE_THREAD | pages | {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0"})
