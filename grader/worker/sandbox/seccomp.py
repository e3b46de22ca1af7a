"""System calls that no assignment needs, refused by a filter in the kernel.

They answer EPERM, not with a kill: a library that merely tries one must go on. Sockets may only be unix ones. The
filter is a program for the kernel's classic BPF machine (linux/filter.h, linux/seccomp.h), a dozen lines, so that
it needs no package that must be compiled.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import platform
import socket
import struct
from collections.abc import Sequence

from grader.worker.sandbox import syscalls as sc

SET_MODE_FILTER, THREADS_TOO = 1, 1
ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
NO_FAMILY = 0x00050000 | errno.EAFNOSUPPORT
NOT_THERE = 0x00050000 | errno.ENOSYS

# offsets in struct seccomp_data
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

NAMESPACE_FLAGS = (
    sc.CLONE_NEWNS | sc.CLONE_NEWUTS | sc.CLONE_NEWIPC | sc.CLONE_NEWUSER | sc.CLONE_NEWPID | sc.CLONE_NEWNET
) | 0x02000000  # CLONE_NEWCGROUP

# name: (x86_64, aarch64); None where the architecture lacks it
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "memfd_secret": (447, 447),
}
SECCOMP = (317, 277)
SOCKET = (41, 198)
SOCKETPAIR = (53, 199)
CLONE = (56, 220)
CLONE3 = (435, 435)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
X32 = 0x40000000  # x86_64's other calling convention, by which a filter could be passed


def install(families: Sequence[int] = (socket.AF_UNIX,)) -> None:
    """Filter all threads of this process and all its children, for good.

    `families` are the address families of sockets that may be made. Raises ``OSError`` where the kernel cannot.
    """
    code = program(tuple(families))
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    described = Program(len(code) // STEP_SIZE, ctypes.cast(buffer, ctypes.c_void_p))
    sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
    sc.syscall(
        SECCOMP[ARCHITECTURES[platform.machine()][0]], SET_MODE_FILTER, THREADS_TOO, ctypes.byref(described)
    )


Step = tuple[int, int, int, int]  # operation, jump if true, jump if false, operand
STEP_SIZE = 8


@functools.cache
def program(families: tuple[int, ...] = (socket.AF_UNIX,)) -> bytes:
    """The filter as the kernel takes it."""
    return b"".join(struct.pack("=HBBI", *step) for step in _program(families))


def _program(families: Sequence[int]) -> list[Step]:
    which, architecture = ARCHITECTURES[platform.machine()]
    steps: list[Step] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, REFUSE),
        (LOAD, 0, 0, NUMBER),
    ]
    if which == 0:
        steps += [(JUMP_GREATER_EQUAL, 0, 1, X32), (RETURN, 0, 0, REFUSE)]
    for numbers in REFUSED.values():
        number = numbers[which]
        if number is not None:
            steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    # glibc falls back to clone, whose flags can be looked at
    steps += [(JUMP_EQUAL, 0, 1, CLONE3[which]), (RETURN, 0, 0, NOT_THERE)]
    steps += [
        (JUMP_EQUAL, 0, 4, CLONE[which]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_SET, 0, 1, NAMESPACE_FLAGS),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    for call in (SOCKET, SOCKETPAIR):
        tests = [(JUMP_EQUAL, len(families) - i, 0, family) for i, family in enumerate(families)]
        steps += [
            (JUMP_EQUAL, 0, len(tests) + 3, call[which]),
            (LOAD, 0, 0, FIRST_ARGUMENT),
            *tests,
            (RETURN, 0, 0, NO_FAMILY),
            (RETURN, 0, 0, ALLOW),
        ]
    return [*steps, (RETURN, 0, 0, ALLOW)]
