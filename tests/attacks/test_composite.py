"""Several attacks at once, in one cell or in one submission."""

from __future__ import annotations

from tests.attacks.conftest import Attack, answers

EVERYTHING = """
import os, resource, signal, socket, subprocess, sys, threading, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(10**6)", "MARK"], start_new_session=True)

def fill():
    for place in ("/tmp/MARK", "/dev/shm/MARK", "MARK"):
        try:
            with open(place, "wb") as file:
                while True: file.write(bytes(100_000))
        except OSError:
            pass

def fork():
    for _ in range(200):
        try:
            if os.fork() == 0:
                os.setsid()
                time.sleep(10**6)
        except OSError:
            return

def shout():
    for _ in range(2_000): sys.__stdout__.write("z" * 1_000)

def knock():
    for family in (socket.AF_INET, socket.AF_NETLINK, 40):
        try: socket.socket(family)
        except OSError: pass
    for pid in {1, os.getppid()}:
        try: os.kill(pid, signal.SIGSTOP)
        except OSError: pass

threads = [threading.Thread(target=work, daemon=True) for work in (fill, shout, knock)]
for thread in threads: thread.start()
fork()
"""


def test_everything_at_once(attack: Attack) -> None:
    """A daemon, a forest of processes, full disks, a flood, sockets and signals, and then no end."""
    told = attack(EVERYTHING + "while True:\n    pass", "print('calm')", options=("--cell-time", 5))
    assert told.endings[0] in ("timeout", "killed", "memory", "processes", "flooded"), told.endings
    assert told.said(1) == "calm\n"


def test_everything_at_once_and_then_memory(attack: Attack) -> None:
    told = attack(
        EVERYTHING + "hoard = []\nwhile True:\n    hoard.append(bytearray(b'x' * 20_000_000))",
        "print('calm')",
        options=("--cell-time", 60),
    )
    assert told.endings[0] in ("memory", "killed", "error"), told.endings
    assert told.said(1) == "calm\n"


def test_attacks_from_inside_an_answer(attack: Attack) -> None:
    """While a check calls it: the worker, its snapshot and the socket are there for the taking."""
    hostile = """
import os, signal, sys, time
def hostile():
    if os.fork() == 0:
        os.setsid()
        while True: time.sleep(10**6)
    open("/tmp/MARK", "w").write("x")
    for fd in range(3, 256):
        try: os.set_blocking(fd, False); os.write(fd, b"\\0" * 1000)
        except OSError: pass
    os.kill(-1, signal.SIGSTOP)
    os._exit(0)
"""
    told = attack(hostile, answers("hostile()"), also=("1.3.2",), options=("--total-time", 60))
    assert told.points["1.3.2"] == 0
