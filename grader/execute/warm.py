"""Where kernels come from: a warm parent that forks them, or a cold start.

Both give the same two things: a jupyter_client kernel manager for a submission, and a bare worker for trusted
source. ``WarmParent`` is started once and serves any number of submissions.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from types import MappingProxyType
from typing import Any, Protocol

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import DottedObjectName, Type, default

from grader.execute.isolation import LAYERS
from grader.execute.launch import ONE_THREAD, Launched, launch
from grader.execute.strays import end_strays
from grader.nouns import GraderError
from grader.wire import Channel, ChannelClosed, ChannelTimeout, WireError, decode, encode

MESSAGE_LIMIT = 64 * 2**20  # bytes of one message of a kernel; a larger one ends the connection
START_LIMIT_S = 120.0  # importing torch from a cold disk on a busy machine


def environment(scratch: Path | None = None) -> dict[str, str]:
    """The environment of a submission: nothing of ours but what a Python program needs.

    `scratch` is where it is at home; behind walls the child knows that better than we.
    """
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "GRADER_REAL_DATA")
        if name in os.environ
    }
    home: dict[str, str] = {}
    if scratch is not None:
        home = {
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "IPYTHONDIR": str(scratch / ".ipython"),
            "MPLCONFIGDIR": str(scratch / ".matplotlib"),
            "JUPYTER_RUNTIME_DIR": str(scratch),
        }
    constant = {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
    }
    return kept | home | ONE_THREAD | constant


class KernelSource(Protocol):
    """What ``execute`` needs of a place where kernels come from."""

    name: str
    forks: bool  # whether a kernel may fork a copy of itself to keep its state, where the platform lets it
    base: Path | None  # a folder that is removed even if this process is killed; None where there is none

    def __enter__(self) -> KernelSource: ...

    def __exit__(self, *_: object) -> None: ...

    def kernel_manager(self, runtime: Path) -> SubmissionKernelManager: ...

    def bare_worker(self, runtime: Path, word: str, name: str, source: str) -> Path: ...

    def sweep(self) -> None: ...

    def close(self) -> None: ...


class Forked:
    """A child of the warm parent, with the interface of ``subprocess.Popen`` that provisioners use."""

    stdin = stdout = stderr = None

    def __init__(self, parent: WarmParent, pid: int, folder: Path, layers: tuple[str, ...]) -> None:
        self._parent = parent
        self.pid = pid
        self.layers = ("separate process", *layers)  # the walls around it that held when attacked
        self.out_of_memory = False
        self.memory_events: Path | None = None  # where the kernel counts what it killed for want of memory
        self._watched_kills = 0  # where it does not, and the warm parent watches
        self.folder = folder  # its sockets and its connection file
        self.returncode: int | None = None
        self.gone = threading.Event()
        self._calm = threading.Event()

    def memory_kills(self) -> int:
        """How many processes of the submission were ended so far because together they held too much memory."""
        with contextlib.suppress(OSError, ValueError):
            for line in self.memory_events.read_text().splitlines() if self.memory_events else ():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
        return self._watched_kills

    def over_memory(self) -> None:
        self._watched_kills += 1

    def ended(self, code: int) -> None:
        self.returncode = code
        self.gone.set()
        self._calm.set()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        self.gone.wait(timeout)
        return self.returncode

    def send_signal(self, signum: int) -> None:
        if self.returncode is None:
            self._parent.send({"do": "signal", "pid": self.pid, "signum": int(signum)})

    def calm(self, seconds: float) -> None:
        """End what the kernel has started: what ran into a limit must not take the next cell with it.

        Returns when all of it is gone, or after `seconds`.
        """
        self._calm.clear()
        if self.returncode is None:
            self._parent.send({"do": "calm", "pid": self.pid})
            self._calm.wait(seconds)

    def is_calm(self) -> None:
        self._calm.set()

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class WarmParent:
    """The trusted side's end of the zygote process, which may have been launched before. A context manager."""

    name = "warm"
    forks = True

    def __init__(self, launched: Launched | None = None) -> None:
        launched = launched or launch()
        self.base: Path | None = launched.base
        self._process = launched.process
        self._channel = Channel(launched.socket)
        self._lock = threading.Lock()
        self._spawning = threading.Lock()
        self._children: dict[int, Forked] = {}
        self._folders: list[Path] = []  # of the submissions since the last sweep
        self._answer: Forked | str | None = None  # to the last order to spawn
        self._news = threading.Condition()
        self._ready = self._swept = self._dead = False
        self._listener = threading.Thread(target=self._listen, name="warm parent", daemon=True)
        self._listener.start()

    def __enter__(self) -> WarmParent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, order: dict[str, Any]) -> None:
        with self._lock:
            try:
                self._channel.send(encode(order), time.monotonic() + 10)
            except (ChannelClosed, ChannelTimeout) as error:
                raise GraderError("the process that starts kernels has ended; run grade again") from error

    def wait_until_ready(self) -> None:
        with self._news:
            self._news.wait_for(lambda: self._ready or self._dead, START_LIMIT_S)
            if not self._ready:
                raise GraderError(
                    "the process that starts kernels could not be started; `grade doctor` tells more"
                )

    def spawn(self, **order: Any) -> Forked:
        """Fork a child with its order; returns when it has it.

        Raises ``GraderError`` where no process can be started.
        """
        self.wait_until_ready()
        with self._spawning:
            self._answer = None
            self.send({"do": "spawn", **order})
            with self._news:
                answer = self._news.wait_for(lambda: self._answer or self._dead, 60)
                if not isinstance(answer, Forked):
                    raise GraderError("no process could be started for the submission; is memory short?")
                self._folders.append(answer.folder / "scratch")
                return answer

    def kernel_manager(self, runtime: Path) -> SubmissionKernelManager:
        manager = kernel_manager(runtime, {"kernel_provisioner": {"provisioner_name": "grader-warm"}})
        manager.warm = self
        return manager

    def bare_worker(self, runtime: Path, word: str, name: str, source: str) -> Path:
        """Start a worker for trusted source; the folder in which it looks for the socket ``landing``."""
        return self.spawn(what="bare", environment=environment(), word=word, name=name, source=source).folder

    def sweep(self) -> None:
        """Kill whatever the submissions so far left running."""
        with self._news:
            self._swept = False
        with contextlib.suppress(GraderError):
            self.send({"do": "sweep"})
            with self._news:
                self._news.wait_for(lambda: self._swept or self._dead, 30)
        if self._dead:  # somebody killed it, and nobody is left who knows its descendants
            end_strays(self._folders)
        self._folders.clear()

    def close(self) -> None:
        self._channel.shut_down()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(5)
        self._channel.close()
        if self.base is not None:
            shutil.rmtree(self.base, ignore_errors=True)

    def _listen(self) -> None:
        try:
            while True:
                self._hear(decode(self._channel.receive()))
        except (ChannelClosed, WireError):
            with self._news:
                self._dead = True
                for child in self._children.values():
                    child.ended(-signal.SIGKILL)
                self._news.notify_all()

    def _hear(self, event: dict[str, Any]) -> None:
        with self._news:
            match event:
                case {"event": "ready"}:
                    self._ready = True
                case {"event": "swept"}:
                    self._swept = True
                case {
                    "event": "spawned",
                    "pid": int(pid),
                    "folder": str(folder),
                    "layers": {"held": list(held)},
                    "memory_events": str() | None as events,
                }:
                    child = Forked(self, pid, Path(folder), tuple(map(str, held)))
                    child.memory_events = Path(events) if events else None
                    self._answer = self._children[pid] = child
                case {"event": "memory", "pid": int(pid)} if pid in self._children:
                    self._children[pid].over_memory()
                case {"event": "calm", "pid": int(pid)} if pid in self._children:
                    self._children[pid].is_calm()
                case {"event": "refused"}:
                    self._answer = "refused"
                case {"event": "exited", "pid": int(pid), "code": int(code), "memory": memory} if (
                    pid in self._children
                ):
                    self._children[pid].out_of_memory = memory is True
                    self._children.pop(pid).ended(code)
                case _:
                    pass
            self._news.notify_all()


def kernel_manager(runtime: Path, metadata: dict[str, Any]) -> SubmissionKernelManager:
    """A manager of one kernel that talks through sockets in the private folder `runtime`."""
    manager = SubmissionKernelManager(
        transport="ipc",
        ip=str(runtime / "kernel"),
        connection_file=str(runtime / "connection.json"),
        shutdown_wait_time=0.5,
        transport_encryption="disabled",  # unix sockets in a folder that only we can enter
    )
    manager.spec = KernelSpec(
        argv=[sys.executable, "-P", "-m", "grader.worker.kernel", "-f", "{connection_file}"],
        display_name="submission",
        language="python",
        metadata=metadata,
    )
    return manager


class SubmissionKernelClient(AsyncKernelClient):
    """A client that is ready as soon as the kernel is, and that takes no message of any size."""

    @default("context")
    def _limited_context(self) -> zmq.asyncio.Context:
        self._created_context = True  # ours to destroy
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MESSAGE_LIMIT)
        return context

    def start_channels(self, *_: bool, **__: bool) -> None:
        """Only those for requests and for output.

        A heartbeat is of no use where the process is known, and its thread never ends after a kernel has sent
        it nonsense. Nobody is there to give input.
        """
        super().start_channels(stdin=False, hb=False, control=False)

    def stop_channels(self) -> None:
        for channel in (self._shell_channel, self._iopub_channel):
            if channel is not None:
                channel.stop()
        if not self.context.closed:
            self.context.destroy(linger=0)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Until the kernel has answered a first request and said so on its output channel.

        The stock method then waits for 0.2 s of silence on that channel; we know which message is the last.
        Raises ``RuntimeError`` if the kernel does not answer within `timeout` seconds.
        """
        deadline = time.monotonic() + (timeout or 60)
        while time.monotonic() < deadline:
            request = self.kernel_info()
            try:
                await self._until(self.shell_channel, request, "kernel_info_reply", 1.0)
                await self._until(self.iopub_channel, request, "status", 0.2)
            except Empty:  # a subscription that was late misses messages: ask again
                if not await self._async_is_alive():
                    raise RuntimeError("its process ended at once") from None
                continue
            return
        raise RuntimeError(f"the kernel did not answer within {timeout} s")

    async def _until(self, channel: Any, request: str, kind: str, seconds: float) -> None:
        while True:
            message = await channel.get_msg(timeout=seconds)
            mine = message["parent_header"].get("msg_id") == request and message["msg_type"] == kind
            if mine and message["content"].get("execution_state", "idle") == "idle":
                return


class SubmissionKernelManager(AsyncKernelManager):
    """A kernel manager whose kernel spec is given, not looked up on disk."""

    client_class = DottedObjectName("grader.execute.warm.SubmissionKernelClient")
    client_factory = Type(klass="jupyter_client.client.KernelClient", default_value=SubmissionKernelClient)

    spec: KernelSpec
    launch_options: Mapping[str, Any] = MappingProxyType({})  # how a cold kernel's process is started
    warm: WarmParent | None = None
    folder: Path  # where snapshots and workers look for the socket ``landing``
    layers: tuple[str, ...] = ("separate process",)
    told: Path | None = None  # where a cold kernel writes down its layers, before any student code runs

    def held(self) -> tuple[str, ...]:
        """The layers of isolation that held when they were attacked; to be asked before the first cell."""
        if self.told is not None:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found = json.loads(self.told.read_text(encoding="utf-8"))["held"]
                self.layers += tuple(layer for layer in LAYERS if layer in found)
            self.told = None
        return self.layers

    @property
    def kernel_spec(self) -> KernelSpec:
        return self.spec
