"""Keep the state that an exercise's last cell left behind, so that later cells cannot change it.

Where processes can be forked, the kernel forks a *snapshot*: a copy of the whole process that does nothing
but wait. To examine the exercise the snapshot forks a *worker* that serves the parent's requests; if an
answer kills its worker the snapshot forks another one, as good as new. The snapshot itself never runs student
code again. Elsewhere (and beside a CUDA runtime, which does not survive a fork) the names are kept in a
dictionary and the kernel serves by itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
import time
from typing import Any, NoReturn

import torch

from grader.wire import Channel, ChannelClosed, decode, encode
from grader.worker.sandbox import KEPT
from grader.worker.serve import Desk

NOWHERE = open(os.devnull, "w")  # noqa: SIM115 - lives as long as the process
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
CONNECT_PATIENCE_S = 20.0  # a bare worker may be there before its parent listens
GRACE_S = 1.0  # for a worker that has hung up to be gone: only then is there a status that says why


def can_fork() -> bool:
    """Fork only on Linux and only before CUDA is in use; elsewhere a fork may hang or crash."""
    return sys.platform == "linux" and not torch.cuda.is_initialized()


def fork_snapshot(address: str, exercise: str, namespace: dict[str, Any], ahead: bool) -> int:
    """Fork a snapshot that reports to the socket at `address`; return its process id.

    `ahead`: its first worker is forked at once, while the kernel goes on, and no check has to wait for it.
    The caller must be on the main thread. Raises ``OSError`` where there may be no more processes.
    """
    _rename(KEPT)  # before the fork: there must be no moment in which the child goes by another name
    try:
        # Hooks of the submission's own run during the fork; in the child IPython's streams take 3 s for a message.
        with contextlib.redirect_stdout(NOWHERE), contextlib.redirect_stderr(NOWHERE):
            pid = os.fork()
            if pid == 0:
                _forked(_keep_snapshot, address, exercise, namespace, ahead)
        return pid
    finally:
        _rename("kernel")


def serve_here(address: str, exercise: str, namespace: dict[str, Any]) -> None:
    """Serve `namespace` from this very process until the parent hangs up."""
    channel = _report(address, "worker", exercise)
    Desk(channel, namespace).serve()
    channel.close()


def _report(address: str, kind: str, exercise: str) -> Channel:
    """Tell the grader that there is something to be examined. `address` is a path and the word that goes with it."""
    path, word = address.rsplit(" ", 1)
    channel = Channel.connect(path, patience=CONNECT_PATIENCE_S)
    channel.send(encode({"hello": kind, "word": word, "exercise": exercise}))
    return channel


def _keep_snapshot(address: str, exercise: str, namespace: dict[str, Any], ahead: bool) -> None:
    os.setpgid(0, 0)  # a submission that kills its own process group spares the snapshots
    _silence()
    channel = _report(address, "snapshot", exercise)
    worker, ready = 0, None
    if ahead:
        with contextlib.suppress(OSError):  # no more processes for now; there may be one when it is asked for
            ready = _prepare_worker(channel, address, exercise, namespace)
    while True:
        try:
            order = decode(channel.receive())
        except ChannelClosed:
            _end(worker)
            return
        status = _end(worker, GRACE_S if order == "end" else 0)
        worker = 0
        if order == "worker":
            worker, begin = ready or _prepare_worker(channel, address, exercise, namespace)
            ready = None
            os.write(begin, b"!")
            os.close(begin)
        channel.send(encode({"ended": status}))


def _prepare_worker(
    channel: Channel, address: str, exercise: str, namespace: dict[str, Any]
) -> tuple[int, int]:
    """Fork a worker that waits for a byte; its process id, and where to write the byte."""
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        channel.close()
        os.close(write)
        _forked(_serve_worker, read, address, exercise, namespace)
    os.close(read)
    return worker, write


def _serve_worker(begin: int, address: str, exercise: str, namespace: dict[str, Any]) -> None:
    _die_with_parent()
    if os.read(begin, 1):
        os.close(begin)
        serve_here(address, exercise, namespace)


def _end(worker: int, grace: float = 0) -> int | None:
    """Kill and reap the worker; its wait status if it ended by itself within `grace` seconds, else None."""
    if not worker:
        return None
    until = time.monotonic() + grace
    while True:
        ended, status = os.waitpid(worker, os.WNOHANG)
        if ended:
            return status
        if time.monotonic() >= until:
            break
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    return None


def _forked(action: Any, *arguments: Any) -> NoReturn:
    """The rest of a forked child's life. It leaves by ``_exit``: no atexit, no finalisers, no event loop."""
    code = 1
    try:
        gc.freeze()  # the collector's marks would otherwise copy every page of ours
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        torch.set_num_threads(1)  # the copied thread pool has no threads; a parallel region would hang
        action(*arguments)
        code = 0
    except BaseException:  # noqa: BLE001 - a broken pipe, an answer that raised SystemExit, ...
        code = 1
    finally:
        os._exit(code)


def _silence() -> None:
    """Cut the copy off from the kernel's sockets and pipes: what it prints goes nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    sys.stdout = sys.stderr = NOWHERE
    with contextlib.suppress(Exception):
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        if shell is not None:  # rich output would go to a thread that does not exist in the copy
            shell.display_pub.publish = lambda *_args, **_kwargs: None
            shell.showtraceback = lambda *_args, **_kwargs: None


def _rename(name: str) -> None:
    """Change the name under which this thread, and what it forks, goes in /proc."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode(), 0, 0, 0)


def _die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
