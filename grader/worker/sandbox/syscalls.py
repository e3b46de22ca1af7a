"""The system calls that Python's library does not offer, by way of libc. Each raises ``OSError`` with its name."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_libc_with_gil = ctypes.PyDLL(None, use_errno=True)  # which a fork must not let go of
_libc_with_gil.syscall.argtypes = [ctypes.c_long] * 6
_libc_with_gil.syscall.restype = ctypes.c_long

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
AT_RECURSIVE = 0x8000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
UNCHANGEABLE = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_SET_CHILD_SUBREAPER = 36

# The same numbers on every architecture, since Linux 5.1
SYS_MOUNT_SETATTR = 442
SYS_LANDLOCK_CREATE_RULESET = 444
SYS_LANDLOCK_ADD_RULE = 445
SYS_LANDLOCK_RESTRICT_SELF = 446
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CLONE = {"x86_64": 56, "aarch64": 220}


def call(name: str, *arguments: Any) -> int:
    """A function of libc that returns -1 and sets errno on failure."""
    result = getattr(_libc, name)(*arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result


def syscall(number: int, *arguments: Any) -> int:
    """A system call by number; integers are passed as longs."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return call("syscall", ctypes.c_long(number), *converted)


def unshare(flags: int) -> None:
    call("unshare", ctypes.c_int(flags))


def fork(flags: int) -> int:
    """``os.fork`` into the new namespaces that `flags` name: one process, where unsharing first takes two.

    libc's own fork knows no flags. What it does beside the call is for threads, of which there must be none; the
    child has it done, in its own child, by its next ordinary fork. Raises ``KeyError`` where we do not know the
    call's number.
    """
    number = _CLONE[platform.machine()]
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _libc_with_gil.syscall(number, flags | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    error = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, f"clone: {os.strerror(error)}")
    return pid


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    call(
        "mount",
        source.encode(),
        target.encode(),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )


def unmount(target: str) -> None:
    call("umount2", target.encode(), ctypes.c_int(MNT_DETACH))


def pivot_root(new: str, old: str) -> None:
    syscall(_PIVOT_ROOT[platform.machine()], new.encode(), old.encode())


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def make_readonly(target: str) -> None:
    """Everything mounted at and below `target`, read-only and without set-user-id programs and devices."""
    _set_attributes(target, AT_RECURSIVE, _MountAttr(attr_set=UNCHANGEABLE))


def make_writable(target: str) -> None:
    """What is mounted at `target`, and not what is mounted below it."""
    _set_attributes(target, 0, _MountAttr(attr_clr=MOUNT_ATTR_RDONLY))


def _set_attributes(target: str, flags: int, attributes: _MountAttr) -> None:
    size = ctypes.sizeof(attributes)
    syscall(SYS_MOUNT_SETATTR, -100, target.encode(), flags, ctypes.byref(attributes), size)


def prctl(option: int, value: int = 0) -> None:
    call("prctl", ctypes.c_int(option), *(ctypes.c_ulong(v) for v in (value, 0, 0, 0)))


def empty_bounding_set() -> None:
    """No program that we execute can gain a capability. Needs the right to say so (``CAP_SETPCAP``)."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            return  # beyond the last one


def drop_capabilities() -> None:
    """Give up every capability that this process has."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    syscall(_CAPSET[platform.machine()], header, data)
