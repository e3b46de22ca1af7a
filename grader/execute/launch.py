"""Start the warm parent's process. Apart from the rest, so that it can begin to import torch before we do."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Launched:
    """A zygote that is starting, our end of the connection to it, and the folder of its children's folders."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    base: Path


def launch(log: Path | None = None) -> Launched:
    """Start the zygote; returns at once. What it and its children write on stderr goes to `log`, or nowhere."""
    base = Path(tempfile.mkdtemp(prefix="grade-"))
    ours, theirs = socket.socketpair()
    with contextlib.ExitStack() as stack, theirs:
        target: Any = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.worker.zygote", str(theirs.fileno()), str(base)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=target,
            start_new_session=True,
            env=_environment(),
        )
    return Launched(process, ours, base)


def try_walls() -> list[str]:
    """The isolation layers that hold on this machine: put up around a process that attacks them from inside."""
    with tempfile.TemporaryDirectory(prefix="grade-") as folder:
        Path(folder).chmod(0o711)
        walls = Path(folder, "walls")
        walls.mkdir()
        command = [sys.executable, "-P", "-m", "grader.worker.sandbox", str(walls)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=_environment()
        )
    try:
        return [str(layer) for layer in json.loads(done.stdout)["held"]]
    except (ValueError, KeyError, TypeError):
        return []


def with_project_path(variables: dict[str, str]) -> dict[str, str]:
    """The child must import this very package, also when it runs from a checkout that is not installed."""
    return variables | {"PYTHONPATH": str(Path(__file__).parents[2])}


def _environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "TMPDIR")
    ours = {name: os.environ[name] for name in kept if name in os.environ}
    # One thread: a thread pool that exists does not survive a fork.
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    # Huge pages: a fork copies the table of pages, and 250 MB in pages of 4 kB make it take 10 ms.
    pages = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    # Hash seed: sets of strings come in the same order in every run, so a submission gives the same again.
    return with_project_path(ours | threads | pages | {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0"})
