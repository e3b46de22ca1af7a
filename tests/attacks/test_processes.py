"""Tricks with processes: daemons, signals, early ends, ways to reach a process of somebody else's."""

from __future__ import annotations

import os

import psutil
import pytest

from grader.execute.warm import WarmParent
from tests.attacks.conftest import AFTER, Attack, answers

DAEMONS = """
import os, signal, subprocess, sys, time
sleeper = [sys.executable, "-c", "import time; time.sleep(10**6)", "MARK"]
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(10**6)"
started = [
    subprocess.Popen(sleeper),
    subprocess.Popen(sleeper, start_new_session=True),
    subprocess.Popen([sys.executable, "-c", stubborn, "MARK"], stdout=sys.__stdout__),  # holds stdout open
]
twice = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"
subprocess.run([sys.executable, "-c", twice, *sleeper], check=True)
if os.fork() == 0:  # a copy of the kernel itself
    os.setsid()
    if os.fork() == 0:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True: time.sleep(10**6)
    os._exit(0)
print("left")
"""


def test_daemons_are_ended(attack: Attack) -> None:
    """Double forks, sessions of their own, ignored signals, an open stdout: the fixture looks for the mark."""
    told = attack(DAEMONS, "print('on')")
    assert told.said(0) == "left\n"
    assert told.said(1) == "on\n"


def test_an_early_end_is_an_end_of_that_cell(attack: Attack) -> None:
    """``sys.exit`` is an error there, and the process lives on; ``os._exit`` takes it along."""
    told = attack("import os; os._exit(0)", "import sys; sys.exit(0)", "exit()", "quit(0)", "print('on')")
    assert told.endings == ["killed", "error", "error", "error", "ok"]
    assert told.said(4) == "on\n"


@pytest.mark.parametrize("way", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 9)"])
def test_an_early_end_is_never_a_pass(attack: Attack, way: str) -> None:
    told = attack("import os, sys\n" + answers(way), also=("1.3.2",))
    assert told.points["1.3.2"] == 0


def test_other_processes_are_neither_seen_nor_touched(attack: Attack, walled: WarmParent) -> None:
    """Not the command, not the warm parent, not the first process of the namespace: they carry on."""
    warm = walled._process.pid
    outside = [os.getpid(), warm, os.getppid()]
    told = attack(
        f"import os\npids = sorted(int(name) for name in os.listdir('/proc') if name.isdigit())\nprint(pids[0], [pid for pid in {outside} if pid in pids])",
        "import signal\nfor number in (signal.SIGKILL, signal.SIGSTOP):\n    for pid in (os.getppid(), 1):\n"
        "        try: os.kill(pid, number)\n        except PermissionError: pass\nprint('did nothing')",
        *(f"import os; os.kill({pid}, 0); print('there')" for pid in outside if pid > 5000),
    )
    assert told.said(0) == "1 []\n"
    assert told.said(1) == "did nothing\n"
    for number in range(2, len(told.endings)):
        assert "ProcessLookupError" in told.said(number)
    assert psutil.Process(warm).status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)


def test_killing_everything_harms_only_oneself(attack: Attack) -> None:
    """Its own group is its own kernel. With ``kill(-1)`` go the states of the exercises before it, and no others."""
    told = attack("import os, signal; os.killpg(0, signal.SIGKILL)")
    assert told.endings == ["killed"]
    attack("import os, signal; os.kill(-1, signal.SIGKILL)", spared=(AFTER,))


MEMORY = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
ATTACH, SEIZE = 16, 0x4206
for pid in (os.getppid(), 1):
    for way in (ATTACH, SEIZE):
        print("ptrace", libc.ptrace(way, pid, 0, 0), ctypes.get_errno())
    here = ctypes.create_string_buffer(8)
    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))
    mine = Vector(ctypes.addressof(here), 8)
    print("read", libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(mine), 1, 0), ctypes.get_errno())
    for name in ("mem", "environ", "maps", "fd", "root", "cwd"):
        try:
            place = f"/proc/{pid}/{name}"
            if name in ("fd", "root", "cwd"): os.listdir(place)
            else: open(place, "rb").read(8)
            print(name, "can be read")
        except OSError:
            print(name, "refused")
"""


def test_memory_of_other_processes_is_out_of_reach(attack: Attack) -> None:
    told = attack(MEMORY)
    lines = told.said(0).splitlines()
    assert lines.count("ptrace -1 1") == 4, lines
    assert lines.count("read -1 1") == 2, lines
    for name in ("mem", "environ", "maps", "fd"):
        assert lines.count(f"{name} refused") == 2, lines


PRIVILEGES = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
NEWUSER, NEWNS, NEWPID, NEWNET = 0x10000000, 0x20000, 0x20000000, 0x40000000
def call(name, *arguments):
    function = getattr(libc, name)
    print(name, function(*arguments), os.strerror(ctypes.get_errno()))
for flag in (NEWUSER, NEWNS, NEWPID, NEWNET): call("unshare", flag)
call("mount", b"none", b"/tmp", b"tmpfs", 0, 0)
call("umount2", b"/proc", 2)
call("chroot", b"/tmp")
call("pivot_root", b"/tmp", b"/tmp")
call("setns", 0, 0)
call("swapoff", b"/x")
call("reboot", 0)
for number in (425, 250, 321, 298, 323, 442, 56):  # io_uring, keyctl, bpf, perf, ..., clone
    arguments = (NEWUSER | 17, 0, 0, 0, 0) if number == 56 else (0, 0, 0, 0, 0)
    print(number, libc.syscall(number, *arguments), os.strerror(ctypes.get_errno()))
"""


def test_no_namespace_mount_or_strange_call(attack: Attack) -> None:
    """Nested unshare, mounts, io_uring, keyctl, bpf, perf events, userfaultfd: not permitted."""
    told = attack(
        PRIVILEGES,
        "import os; os.setuid(0)",
        "import os; os.setgroups([0])",
        "import subprocess; print(subprocess.run(['su', '-c', 'id'], stdin=-3, capture_output=True).returncode != 0)",
    )
    tries = told.said(0).splitlines()
    assert len(tries) == 18
    assert all(line.endswith(" -1 Operation not permitted") for line in tries), told.said(0)
    assert "PermissionError" in told.said(1)
    assert "PermissionError" in told.said(2)
    assert told.said(3) == "True\n"
