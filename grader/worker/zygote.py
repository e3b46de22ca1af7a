"""The warm parent: imports the heavy libraries once, then forks a ready kernel for each submission.

Started as ``python -m grader.worker.zygote DESCRIPTOR FOLDER`` with one end of a socket pair. It never runs
student code and holds no secret, since its children can read their copy of its memory. It runs no tensor
operation before a fork: a thread pool does not survive one. One child is kept in stock, whose kernel is
initialised and only waits for its order, so that the next submission need not wait for it.

Orders from the grader: ``spawn`` a kernel, ``bare`` a worker for trusted source, ``signal`` a child,
``sweep`` what a submission left running. Events to the grader: ``exited``.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grader.wire import Channel, ChannelClosed, decode, encode

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MADV_COLLAPSE = 25
HUGE_PAGE = 2 * 2**20
COLLAPSE_AFTER = 2  # children: worth its while in a batch, not for a single submission
IMPORTS = """
    matplotlib.backends.backend_agg matplotlib.pyplot matplotlib_inline.backend_inline
    numpy torch.nn.functional torch.utils.data PIL.PngImagePlugin
    executing stack_data pygments.formatters.terminal256 pygments.lexers.python
    IPython.core.completer IPython.core.ultratb
    grader.worker.bare grader.worker.functions grader.worker.kernel
    ipykernel.debugger ipykernel.zmqshell
"""  # in this order: ``grader.worker.kernel`` must come before the parts of ipykernel


def import_once() -> None:
    """What every submission would import for itself."""
    import matplotlib

    matplotlib.use("agg")
    for name in IMPORTS.split():
        importlib.import_module(name)

    import torch
    import torch._dynamo  # the first optimiser of a process imports it, which takes 1.4 s

    from grader.torchvision_mend import mend

    torch.set_num_threads(1)
    with contextlib.suppress(Exception):  # a submission without torchvision must still be graded
        mend()
        import torchvision.transforms  # noqa: F401


@dataclass(frozen=True, slots=True)
class Child:
    """The child in stock: its order goes into `pipe`, its kernel's sockets are in `folder`."""

    pid: int
    pipe: socket.socket
    folder: Path


class Zygote:
    """The loop of the warm parent; `base` is a private folder for its children's folders."""

    def __init__(self, channel: Channel, base: Path) -> None:
        self.channel = channel
        self.base = base
        self.stock: Child | None = None
        self.made = 0
        self.children: set[int] = set()
        self.wake, self.wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        self.tell({"event": "ready"})
        while True:
            if self.stock is None:
                if self.made == COLLAPSE_AFTER:
                    collapse_pages()
                self.stock = self.prepare_child()
            ready, _, _ = select.select([self.channel, self.wake], [], [])
            if self.wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 4096)
                self.reap()
            if self.channel in ready:
                try:
                    order = decode(self.channel.receive())
                except ChannelClosed:
                    self.sweep()
                    return
                getattr(self, "do_" + order.pop("do"))(**order)

    def tell(self, event: dict[str, Any]) -> None:
        self.channel.send(encode(event))

    # -- orders

    def do_spawn(self, **order: Any) -> None:
        """Hand an order to the child in stock, which becomes the kernel (or the bare worker)."""
        for _ in range(3):  # one that died in stock is replaced
            child = self.stock or self.prepare_child()
            self.stock = None
            channel = Channel(child.pipe)
            try:
                channel.receive()  # it is ready: its sockets are there
                channel.send(encode(order))
            except ChannelClosed:
                continue
            finally:
                channel.close()
            self.children.add(child.pid)
            self.tell({"event": "spawned", "pid": child.pid, "folder": str(child.folder)})
            return
        self.tell({"event": "refused"})

    def do_signal(self, pid: int, signum: int) -> None:
        if pid in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signum)

    def do_sweep(self) -> None:
        self.sweep()
        self.tell({"event": "swept"})

    # -- children

    def reap(self) -> set[int]:
        """Take note of the children that have ended, orphans of our children's included."""
        ended = set[int]()
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            ended.add(pid)
            if pid in self.children:
                self.children.discard(pid)
                self.tell({"event": "exited", "pid": pid, "code": os.waitstatus_to_exitcode(status)})
            elif self.stock is not None and pid == self.stock.pid:
                self.stock.pipe.close()
                self.stock = None

    def sweep(self) -> None:
        """Kill every descendant but the child in stock, until none is left.

        Orphans come to us (we are their subreaper), so a double fork hides nothing.
        """
        import psutil

        spare = self.stock.pid if self.stock else 0
        for _ in range(100):
            alive: list[psutil.Process] = []
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):  # gone since, reaped by its own parent
                    if process.pid != spare and process.status() != psutil.STATUS_ZOMBIE:
                        alive.append(process)
            if not alive:
                break
            for process in alive:
                with contextlib.suppress(psutil.Error):
                    process.suspend()  # first all are stopped, so that none forks while we count
            for process in alive:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            self.reap_all({process.pid for process in alive}, seconds=0.2)
        self.reap()

    def reap_all(self, pids: set[int], seconds: float) -> None:
        """Reap until these are gone: told by SIGCHLD, since psutil looks only every 0.04 s."""
        until = time.monotonic() + seconds
        while pids and (left := until - time.monotonic()) > 0:
            pids -= self.reap()
            if pids:
                select.select([self.wake], [], [], left)
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 4096)

    def prepare_child(self) -> Child:
        """Fork a child that initialises a kernel in a folder of its own and waits for its order."""
        self.made += 1
        folder = self.base / str(self.made)
        folder.mkdir(mode=0o700)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            for descriptor in (self.wake, self.wakes):
                os.close(descriptor)
            ours.close()
            self.channel.close()
            _child(theirs, folder)
        theirs.close()
        return Child(pid, ours, folder)


def _child(pipe: socket.socket, folder: Path) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        die_with_parent()
        from grader.worker import bare, kernel

        os.environ["IPYTHONDIR"] = str(folder / "ipython")
        app = kernel.prepare(folder)
        channel = Channel(pipe)
        channel.send(encode("ready"))
        order = decode(channel.receive())
        channel.close()
        os.chdir(order["directory"])
        os.environ.clear()
        os.environ.update(order["environment"])
        if order["what"] == "kernel":
            app.start()
        else:
            bare.run(order["address"], order["name"], order["source"])
        code = 0
    except ChannelClosed:
        code = 0
    except BaseException:  # noqa: BLE001 - shown on stderr, which the grader keeps as a log
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def collapse_pages() -> None:
    """Gather our memory in huge pages (Linux 6.1 and later): a fork then takes 2 ms, not 5, and so does an exit.

    Takes 0.2 s of CPU, which the third submission has brought in.
    """
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    with contextlib.suppress(OSError), open("/proc/self/maps", encoding="ascii") as maps:
        for line in maps.readlines():
            span, access, _, _, inode, *_ = line.split()
            if access == "rw-p" and inode == "0":
                start, end = (int(address, 16) for address in span.split("-"))
                start, end = -(-start // HUGE_PAGE) * HUGE_PAGE, end // HUGE_PAGE * HUGE_PAGE
                if start < end:
                    libc.madvise(start, end - start, MADV_COLLAPSE)


def die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main() -> None:
    die_with_parent()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which ends us by hanging up
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    import_once()
    Zygote(channel, Path(sys.argv[2])).run()
    os._exit(0)  # Python would take a second to tidy up its modules, and somebody waits for our end


if __name__ == "__main__":
    main()
