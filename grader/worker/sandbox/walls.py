"""Go behind the walls: called in a forked child, before it has threads and before any student code.

    warm parent ── fork into new namespaces ── B: init of the process namespace, new root
                                               └ fork ── C: drops its rights, becomes the kernel

B stays as the namespace's first process. It never runs student code. It reaps orphans, tells the warm parent when
C has ended, and is killed at the end, which ends everything in the namespace however it was started. Where
namespaces cannot be had, the child of an ordinary fork goes on as C, with the layers that remain.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import pwd
import resource
import secrets
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from grader.worker.sandbox import KEPT, filesystem, landlock, seccomp
from grader.worker.sandbox import syscalls as sc
from grader.worker.sandbox.filesystem import Room

NAMESPACES = sc.CLONE_NEWNS | sc.CLONE_NEWPID | sc.CLONE_NEWNET | sc.CLONE_NEWIPC | sc.CLONE_NEWUTS
CALM = signal.SIGUSR1  # to the namespace's first process: end what the kernel has started, and say so
FIRST_UNUSED, UNUSED = 61_000, 4_000  # user ids


@dataclass(frozen=True, slots=True)
class Limits:
    """What the processes of one submission may use together (rlimits count each process, or each user)."""

    memory: int = 4 * 2**30
    processes: int = 128
    open_files: int = 1024
    file_size: int = 512 * 2**20
    room: Room = field(default_factory=Room)
    without: tuple[str, ...] = ()  # layers that are not put up even where they can be had

    @classmethod
    def from_text(cls, text: str) -> Limits:
        values = json.loads(text)
        return cls(room=Room(**values.pop("room", {})), **values)


@dataclass(slots=True)
class Inside:
    """What the kernel's process knows of its walls."""

    layers: list[str]
    seal: Callable[[], None]  # to be called once its sockets are bound
    notes: list[str]  # layers that could not be had, and why


@dataclass(frozen=True, slots=True)
class Forked:
    """What ``fork`` gives, in the warm parent and in the child."""

    pid: int  # of the child; 0 in the child itself
    apart: bool  # in namespaces of its own, so that its end is the end of everything in them
    uid: int  # who the kernel is to run as
    gid: int
    note: str = ""  # why it is not apart


def fork(limits: Limits) -> Forked:
    """``os.fork``, into new namespaces where they can be had; for an ordinary user by way of a user namespace.

    To be called where there is one thread.
    """
    uid, gid = _identity(limits)
    note = ""
    if "process namespace" not in limits.without:
        try:
            flags = NAMESPACES if os.geteuid() == 0 else _for_ordinary_users()
            return Forked(sc.fork(flags), True, uid, gid)
        except (OSError, KeyError) as error:
            note = f"namespaces: {error}"
    return Forked(os.fork(), False, uid, gid, note)


@functools.cache
def _for_ordinary_users() -> int:
    """The namespaces of an ordinary user's child. Raises ``OSError`` where it would be nobody in its own.

    Some systems let one make a user namespace and deny everything in it.
    """
    flags = NAMESPACES | sc.CLONE_NEWUSER
    uid, gid = os.geteuid(), os.getegid()
    pid = sc.fork(flags)
    if pid == 0:
        code = 1
        try:
            _be(uid, gid)
            code = 0
        finally:
            os._exit(code)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise PermissionError(1, "user namespaces are of no use here")
    return flags


def enter(folder: Path, scratch: Path, limits: Limits, outside: socket.socket, forked: Forked) -> Inside:
    """Put up every wall that can be had, and return in the process that will be the kernel.

    `folder` holds its sockets and `scratch`, its work directory. `outside` is one end of a socket pair with the
    warm parent, which is told how the kernel ended, where we are apart. `forked` is what ``fork`` gave here.
    """
    uid, gid = forked.uid, forked.gid
    inside = Inside([], lambda: None, [forked.note] if forked.note else [])
    if forked.apart and os.geteuid() != 0:
        _be(uid, gid)
    _give(uid, gid, folder, scratch)
    if forked.apart:
        inside.layers += ["process namespace", "no network", "own IPC"]
        inside.seal = _become_init(folder, scratch, limits, outside, uid, gid, inside)
    else:
        sc.prctl(sc.PR_SET_PDEATHSIG, signal.SIGKILL)
    outside.close()
    if "read-only file system" not in inside.layers and not _can_read_python(uid, gid):
        inside.notes.append("unused user id: only we may enter the directory that Python is in")
        uid, gid = os.geteuid(), os.getegid()
        _give(uid, gid, folder, scratch)
    _drop(uid, gid, inside)
    _lock_up(folder, scratch, limits, inside)
    return inside


def lock_in(folder: Path, scratch: Path, limits: Limits, layers: list[str]) -> Inside:
    """Put up the walls that need no fork, in a process that somebody else has put behind `layers`.

    To be called before there are threads.
    """
    inside = Inside([*layers], lambda: None, [])
    _drop(os.geteuid(), os.getegid(), inside)
    _lock_up(folder, scratch, limits, inside)
    return inside


def _lock_up(folder: Path, scratch: Path, limits: Limits, inside: Inside) -> None:
    if "resource limits" not in limits.without:
        _limit(limits, inside)
    if "Landlock" not in limits.without:
        _lock_files(folder, scratch, inside)
    if "seccomp" not in limits.without:
        _lock_calls(inside)


_numbers = itertools.count(secrets.randbelow(UNUSED))


def _identity(limits: Limits) -> tuple[int, int]:
    """Our own ids, or where we are root a pair that nobody uses: another one for each child."""
    if os.geteuid() != 0 or "unused user id" in limits.without:
        return os.geteuid(), os.getegid()
    number = next(n for n in (FIRST_UNUSED + each % UNUSED for each in _numbers) if n not in _users())
    return number, number


def _be(uid: int, gid: int) -> None:
    """In a fresh user namespace: be who we were outside."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


@functools.cache
def _users() -> frozenset[int]:
    return frozenset(entry.pw_uid for entry in pwd.getpwall())


def prepare() -> None:
    """Work out in the warm parent, once, what is the same for all of its children."""
    _users()
    filesystem.needed()
    with contextlib.suppress(KeyError):  # an architecture that we have no numbers for
        seccomp.program()


def _give(uid: int, gid: int, *places: Path) -> None:
    for place in places:
        place.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(place, uid, gid)


def _become_init(
    folder: Path,
    scratch: Path,
    limits: Limits,
    outside: socket.socket,
    uid: int,
    gid: int,
    inside: Inside,
) -> Callable[[], None]:
    """As the first process of the namespace: make the new root, fork the kernel's process, return in that one."""
    ours, theirs = socket.socketpair()
    hidden = False
    try:
        if "read-only file system" not in limits.without:
            filesystem.enter(folder, scratch, limits.room, uid, gid)
            inside.layers.append("read-only file system")
            hidden = True
    except OSError as error:
        inside.notes.append(f"file system: {error}")
    kernel = os.fork()
    if kernel:
        theirs.close()
        _init(kernel, outside, ours, folder, hidden)
    ours.close()
    os.setsid()  # Linux shares the processor out by session: a fork bomb must not starve who is to end it
    sc.prctl(sc.PR_SET_PDEATHSIG, signal.SIGKILL)

    def seal() -> None:
        theirs.send(b"s")
        theirs.recv(1)
        theirs.close()

    return seal


def _init(kernel: int, outside: socket.socket, inner: socket.socket, folder: Path, hidden: bool) -> NoReturn:
    """The life of B: until the warm parent closes its end, or kills us."""
    try:
        wake, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, lambda *_: _pass_on(kernel, signal.SIGINT))
        signal.signal(signal.SIGTERM, lambda *_: _pass_on(kernel, signal.SIGKILL))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(CALM, lambda *_: _calm(kernel, outside, hidden))
        close_others({2, outside.fileno(), inner.fileno(), wake, wakes})
        sc.prctl(
            sc.PR_SET_DUMPABLE, 0
        )  # where a submission has our user id, our /proc entries are not for it
        waiting: list[socket.socket | int] = [outside, inner, wake]
        while True:
            _reap(kernel, outside, hidden)
            for ready in select.select(waiting, [], [])[0]:
                if ready is outside:  # a closed connection: the warm parent is gone, or wants us gone
                    os._exit(0)
                if ready is wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, 4096)
                    continue
                if inner.recv(1) and hidden:
                    filesystem.seal(folder)
                with contextlib.suppress(OSError):
                    inner.send(b"s")
                waiting.remove(inner)
    except BaseException:  # noqa: BLE001
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(1)


def _pass_on(kernel: int, signum: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(kernel, signum)


def _calm(kernel: int, outside: socket.socket, hidden: bool) -> None:
    """End what the kernel has started, and tell once it is gone; where processes cannot be told apart, none ends."""
    if hidden:
        _end_strays(kernel)
    with contextlib.suppress(OSError):
        outside.send(b"calm\n")


def _reap(kernel: int, outside: socket.socket, hidden: bool) -> None:
    """Collect whatever has ended. If it was the kernel, end what it left running, and tell."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == kernel:
            if hidden:
                _end_strays()
            with contextlib.suppress(OSError):
                outside.send(f"ended {os.waitstatus_to_exitcode(status)}\n".encode())


def _end_strays(spared: int = 0) -> None:
    """End every process of the namespace but the states that were kept for exercises (see ``capture``), and `spared`.

    A program that takes their name lives as long as they do, and no longer.
    """
    for _ in range(100):  # until none is left: one that forks may have been faster than we
        strays = [
            pid
            for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
            if pid != spared and _is_stray(pid)
        ]
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        if not strays:
            return


def _is_stray(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    name, state = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 2]
    return pid != os.getpid() and name != KEPT and state not in "ZX"


def close_others(keep: set[int]) -> None:
    """Close every descriptor but those: what was inherited is no business of ours any more."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _can_read_python(uid: int, gid: int) -> bool:
    """Whether a user finds Python where it is: root's may be below root's own home."""
    if uid == os.geteuid():
        return True
    ours = os.getegid()
    os.setegid(gid)
    os.seteuid(uid)
    try:
        os.stat(os.__file__)
        return True
    except OSError:
        return False
    finally:
        os.seteuid(0)
        os.setegid(ours)


def _drop(uid: int, gid: int, inside: Inside) -> None:
    """No longer root, no capabilities, and no way to get them back."""
    sc.empty_bounding_set()
    if uid != os.geteuid():
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        sc.prctl(
            sc.PR_SET_DUMPABLE, 1
        )  # else what it finds below /proc/self is root's, and libraries stumble
        inside.layers.append("unused user id")
    with contextlib.suppress(OSError):
        sc.drop_capabilities()
    try:
        sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
        inside.layers.append("no new privileges")
    except OSError as error:
        inside.notes.append(f"no new privileges: {error}")


def _limit(limits: Limits, inside: Inside) -> None:
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_MEMLOCK: 64 * 2**20,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if not {"process namespace", "unused user id"} & {*inside.layers}:
        del wanted[resource.RLIMIT_NPROC]  # it would count everything that this user runs on the machine
    for name, value in wanted.items():
        _, hard = resource.getrlimit(name)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(name, (bound, bound))
    inside.layers.append("resource limits")


def _lock_files(folder: Path, scratch: Path, inside: Inside) -> None:
    """Landlock: for good, for every descendant."""
    covered = "read-only file system" in inside.layers  # then what is ours is hidden already
    places = filesystem.needed() if covered else filesystem.without_ours(filesystem.needed())
    readable = [
        *places,
        Path("/proc"),
        Path("/dev"),
        Path("/sys/devices/system/cpu"),
        Path("/etc"),
    ]
    writable = [
        folder,
        scratch,
        Path("/tmp"),
        Path("/dev/shm"),
        Path("/dev/pts"),
        Path("/dev/null"),
        Path("/dev/full"),
    ]
    if "read-only file system" not in inside.layers:
        writable.remove(Path("/tmp"))  # it is everybody's: the work directory must do
    try:
        landlock.restrict(readable, writable)
        inside.layers.append("Landlock")
    except OSError as error:
        inside.notes.append(f"Landlock: {error}")


def _lock_calls(inside: Inside) -> None:
    """Seccomp: for good, for every descendant."""
    try:
        seccomp.install()
        inside.layers.append("seccomp")
    except (OSError, KeyError) as error:
        inside.notes.append(f"seccomp: {error}")
        return
    if "no network" not in inside.layers:
        inside.layers.append("no network")  # no socket but a unix one can be made
