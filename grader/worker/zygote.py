"""The warm parent: imports the heavy libraries once, then forks a ready kernel for each submission.

Started as ``python -m grader.worker.zygote DESCRIPTOR FOLDER LIMITS`` with one end of a socket pair. It never
runs student code and holds no secret, since its children can read their copy of its memory. It runs no tensor
operation before a fork: a thread pool does not survive one. One child is kept in stock, whose kernel is
initialised and only waits for its order, so that the next submission need not wait for it.

Orders from the grader: ``spawn`` a kernel, ``bare`` a worker for trusted source, ``signal`` a child, ``calm`` one
whose cell ran into a limit, ``sweep`` what a submission left running. Events to the grader: ``exited``.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import secrets
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grader.wire import Channel, ChannelClosed, decode, encode
from grader.worker.sandbox import trials, walls
from grader.worker.sandbox.cgroup import Group, remove_stale_groups
from grader.worker.sandbox.walls import Limits

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MADV_COLLAPSE = 25
HUGE_PAGE = 2 * 2**20
COLLAPSE_AFTER = 2  # children: worth its while in a batch, not for a single submission
IMPORTS = """
    matplotlib.backends.backend_agg matplotlib.pyplot matplotlib_inline.backend_inline
    numpy torch.nn.functional torch.utils.data PIL.PngImagePlugin
    IPython.core.debugger IPython.extensions.storemagic tornado.platform.asyncio
    executing stack_data pygments.formatters.terminal256 pygments.lexers.python
    IPython.core.completer IPython.core.ultratb
    grader.worker.bare grader.worker.functions grader.worker.kernel grader.worker.offline
    ipykernel.debugger ipykernel.zmqshell
"""  # in this order: ``grader.worker.kernel`` must come before the parts of ipykernel


def import_once() -> None:
    """What every submission would import for itself.

    Not scikit-learn, which few import: it would take 1.5 s and 100 MB at every start, and where a cell imports it,
    the workers are forks of that kernel and have it already.
    """
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

    from grader.worker.kernel import make_shell

    make_shell()


@dataclass(slots=True)
class Child:
    """A child, in stock at first: its order goes into `pipe`, its kernel's sockets are in `folder`.

    `control` leads to the first process behind its walls, which tells when the kernel has ended; `group`
    counts its memory and processes.
    """

    pid: int
    behind_walls: bool  # then `pid` is the first process there, and the kernel another
    pipe: socket.socket
    control: socket.socket
    folder: Path
    group: Group | None
    reaped: bool = False  # from then on its number may be another process's
    over: bool = False  # one of its processes was ended by us, since they held too much memory

    def signal(self, signum: int) -> None:
        """Send a signal to the kernel; a kill spares the snapshots, which live behind the same walls."""
        if self.behind_walls and signum == signal.SIGKILL:
            signum = signal.SIGTERM  # init passes it on
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signum)

    def calm(self) -> bool:
        """End what the kernel has started, and neither it nor the snapshots; whether there is somebody who does so."""
        if self.behind_walls and not self.reaped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, walls.CALM)
                return True
        return False

    def end(self) -> bool:
        """End the kernel, and behind walls every process there is; whether there was something to be ended."""
        if not self.reaped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        return not self.reaped

    def clear_away(self) -> None:
        """After the end of all its processes: its group and its files."""
        self.control.close()
        if self.group is not None:
            self.group.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


class Zygote:
    """The loop of the warm parent; `base` is a private folder for its children's folders."""

    def __init__(self, channel: Channel, base: Path, limits: Limits) -> None:
        self.channel = channel
        self.base = base
        self.limits = limits
        self.stock: Child | None = None
        self.made = 0
        self.children: dict[int, Child] = {}
        self.done: list[Child] = []  # kernels that ended, whose snapshots may still be in use
        self.wake, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        self.tell({"event": "ready"})
        while True:
            if self.stock is None:
                if self.made == COLLAPSE_AFTER:
                    collapse_pages()
                self.stock = self.prepare_child()
            controls = {child.control: child for child in self.children.values() if child.behind_walls}
            watched = any(child.group is None for child in (*self.children.values(), *self.done))
            patience = 0.25 if watched else None
            ready, _, _ = select.select([self.channel, self.wake, *controls], [], [], patience)
            if self.wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 4096)
                self.reap()
            for control in controls.keys() & set(ready):
                self.listen(controls[control])
            self.watch()
            if self.channel in ready:
                try:
                    order = decode(self.channel.receive())
                except ChannelClosed:
                    self.leave()
                    return
                getattr(self, "do_" + order.pop("do"))(**order)

    def leave(self) -> None:
        """The grader has hung up, or was killed: end every child and remove every trace."""
        self.sweep()
        if self.stock is not None:
            self.stock.end()
            self.reap_all({self.stock.pid}, seconds=2.0)
            self.stock.clear_away()
        shutil.rmtree(self.base, ignore_errors=True)

    def tell(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(ChannelClosed):  # we learn of that when we listen
            self.channel.send(encode(event))

    # -- orders

    def do_spawn(self, **order: Any) -> None:
        """Hand an order to the child in stock, which becomes the kernel (or the bare worker)."""
        for _ in range(3):  # one that died in stock is replaced
            child = self.stock or self.prepare_child()
            self.stock = None
            channel = Channel(child.pipe)
            try:
                layers = decode(channel.receive())  # it is ready: its sockets are there
                channel.send(encode(order))
            except (ChannelClosed, OSError):
                child.end()
                child.clear_away()
                continue
            finally:
                channel.close()
            self.children[child.pid] = child
            events = str(child.group.events) if child.group is not None else None
            told = {"pid": child.pid, "folder": str(child.folder), "layers": layers, "memory_events": events}
            self.tell({"event": "spawned", **told})
            return
        self.tell({"event": "refused"})

    def do_signal(self, pid: int, signum: int) -> None:
        if pid in self.children:
            self.children[pid].signal(signum)

    def do_calm(self, pid: int) -> None:
        if pid in self.children and not self.children[pid].calm():
            self.tell({"event": "calm", "pid": pid})

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
            for child in (*self.children.values(), *self.done):
                child.reaped |= child.pid == pid
            if pid in self.children:
                self.ended(self.children[pid], os.waitstatus_to_exitcode(status))

    def listen(self, child: Child) -> None:
        """Init tells that what the kernel had started is gone, or how the kernel ended; it stays, for the snapshots."""
        heard = child.control.recv(100).decode()
        if not heard:
            self.ended(child, -signal.SIGKILL)
        for line in heard.splitlines():
            match line.split():
                case ["ended", code]:
                    self.ended(child, int(code))
                case ["calm"]:
                    self.tell({"event": "calm", "pid": child.pid})
                case _:
                    pass

    def ended(self, child: Child, code: int) -> None:
        if self.children.pop(child.pid, None) is not None:
            self.done.append(child)
            memory = child.over or (child.group is not None and child.group.memory_kills() > 0)
            self.tell({"event": "exited", "pid": child.pid, "code": code, "memory": memory})

    def watch(self) -> None:
        """Where there is no control group: of processes that hold too much memory together, end the largest."""
        for child in [*self.children.values(), *self.done]:
            if child.group is None:
                sizes = resident(child.pid)
                if sum(sizes.values()) > self.limits.memory:
                    largest = max(sizes, key=lambda pid: sizes[pid])
                    child.over = True
                    self.tell({"event": "memory", "pid": child.pid})
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(largest, signal.SIGKILL)

    def sweep(self) -> None:
        """Kill every descendant but the child in stock, until none is left.

        Orphans come to us (we are their subreaper), so a double fork hides nothing.
        """
        import psutil

        children = [*self.children.values(), *self.done]
        # behind walls that ends the rest: the first process of a namespace goes last
        self.reap_all({child.pid for child in children if child.end()}, seconds=2.0)
        spare = {self.stock.pid} if self.stock else set[int]()
        for _ in range(100):
            alive = _descendants(spare)
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
        for child in [*self.children.values(), *self.done]:
            self.ended(child, -signal.SIGKILL)
            child.clear_away()
        self.done.clear()

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
        group = None
        if "memory and process group" not in self.limits.without:
            # with a random part: an earlier process of our number may have left its groups behind
            name = f"grade-{os.getpid()}-{self.made}-{secrets.token_hex(4)}"
            group = Group.make(name, self.limits.memory, self.limits.processes)
        ours, theirs = socket.socketpair()
        control, outside = socket.socketpair()
        forked = walls.fork(self.limits)
        if forked.pid == 0:
            signal.set_wakeup_fd(-1)
            _child(theirs, outside, folder, group, self.limits, forked)
        theirs.close()
        outside.close()
        return Child(forked.pid, forked.apart, ours, control, folder, group)


def _child(
    pipe: socket.socket,
    outside: socket.socket,
    folder: Path,
    group: Group | None,
    limits: Limits,
    forked: walls.Forked,
) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        walls.close_others({0, 1, 2, pipe.fileno(), outside.fileno()})
        os.setsid()
        if group is not None:
            group.join()
        scratch = folder / "scratch"
        inside = walls.enter(folder, scratch, limits, outside, forked)
        if group is not None:
            inside.layers.append("memory and process group")
        from grader.worker import bare, kernel, offline

        os.environ["IPYTHONDIR"] = str(scratch / ".ipython")
        app = kernel.prepare(folder)
        inside.seal()
        channel = Channel(pipe)
        channel.send(encode({"held": trials.held(inside.layers, folder), "notes": inside.notes}))
        order = decode(channel.receive())
        channel.close()
        os.chdir(scratch)
        os.environ.clear()
        os.environ.update(order["environment"] | _places(scratch))
        if "no network" in inside.layers:
            offline.explain()
        if order["what"] == "kernel":
            app.start()
        else:
            bare.run(f"{folder / 'landing'} {order['word']}", order["name"], order["source"])
        code = 0
    except ChannelClosed:
        code = 0
    except BaseException:  # noqa: BLE001 - shown on stderr, which the grader keeps as a log
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def _places(scratch: Path) -> dict[str, str]:
    """Where a program finds its home and its temporary files."""
    return {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "IPYTHONDIR": str(scratch / ".ipython"),
        "MPLCONFIGDIR": str(scratch / ".matplotlib"),
        "JUPYTER_RUNTIME_DIR": str(scratch),
    }


def _descendants(spared: set[int]) -> list[Any]:
    """All living processes below us, without the spared ones and what is below them."""
    import psutil

    below = {process.pid: process for process in psutil.Process().children(recursive=True)}
    found: list[Any] = []
    for process in below.values():
        with contextlib.suppress(psutil.Error):
            line, above = {process.pid}, process.ppid()
            while above in below and above not in line:
                line.add(above)
                above = below[above].ppid()
            if not line & spared and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def resident(pid: int) -> dict[int, int]:
    """Bytes that a process and each of its descendants hold; pages that they share are counted once."""
    import psutil

    sizes: dict[int, int] = {}
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(OSError, IndexError, ValueError):
                for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        sizes[process.pid] = int(line.split()[1]) * 1024
    return sizes


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


def die_with_parent(base: Path) -> None:
    """Until there are children: where the grader is killed, remove the folder and go."""

    def go(*_: object) -> None:
        shutil.rmtree(base, ignore_errors=True)
        os._exit(1)

    signal.signal(signal.SIGTERM, go)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def main() -> None:
    base = Path(sys.argv[2])
    die_with_parent(base)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which ends us by hanging up
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    import_once()
    remove_stale_groups()
    walls.prepare()
    gc.collect()
    gc.freeze()  # the collector's marks would copy the pages of all that was imported, in each child
    zygote = Zygote(channel, base, Limits.from_text(sys.argv[3]))
    signal.signal(signal.SIGTERM, lambda *_: None)  # from now on a grader that is killed is one that hangs up
    zygote.run()
    os._exit(0)  # Python would take a second to tidy up its modules, and somebody waits for our end


if __name__ == "__main__":
    main()
