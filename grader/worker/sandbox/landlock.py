"""Landlock: reading below the given paths, writing below others, nothing else (linux/landlock.h).

The second lock on the door of ``filesystem``, and the only one where mounting is not allowed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from grader.worker.sandbox import syscalls as sc

RULE_PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READING = EXECUTE | READ_FILE | READ_DIR
FILE_ONLY = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14)  # what may be asked of a single file
# rights by version of the interface: 13 at first, then refer, truncate, ioctl on devices
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """The version of the kernel's interface; 0 where there is none."""
    with contextlib.suppress(OSError):
        return sc.syscall(sc.SYS_LANDLOCK_CREATE_RULESET, None, 0, 1)
    return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Restrict this process and its children, for good. Raises ``OSError`` where the kernel cannot."""
    interface = version()
    if interface < 1:
        raise OSError("this kernel has no Landlock")
    handled = RIGHTS[min(interface, 5)]
    scoped = SCOPE_ABSTRACT_SOCKETS if interface >= 6 else 0
    ruleset = _Ruleset(handled, 0, scoped)
    size = ctypes.sizeof(_Ruleset) if interface >= 6 else 16 if interface >= 4 else 8
    descriptor = sc.syscall(sc.SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    try:
        for paths, rights in ((readable, READING), (writable, handled)):
            for path in paths:
                _allow(descriptor, path, rights & handled)
        sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
        sc.syscall(sc.SYS_LANDLOCK_RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= FILE_ONLY
        rule = _PathBeneath(rights, descriptor)
        sc.syscall(sc.SYS_LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)
