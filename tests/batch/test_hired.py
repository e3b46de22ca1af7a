"""A process that grades, started in either way."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEADER = """
import os, signal, threading, time
from grader.batch import hired
os.environ.update(hired.ONE_THREAD)
import torch
"""

HIRES = """
marker = hired.Marker({"no": "job"})
print(type(marker._process).__name__)
try:
    marker.hear()
except hired.MarkerDied as death:
    print(death)
marker.close()
print(marker._process.poll())
"""


def lead(program: str) -> list[str]:
    """What a process prints that has no threads unless `program` starts one."""
    source = LEADER + textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_fork_where_there_are_no_threads() -> None:
    said = lead(HIRES + "print(hired._may_fork())")
    assert said[0] == "_Fork"
    assert "KeyError" in said[1]
    assert said[2] in ("0", "1"), "0 where it sees us hang up before it has ended by itself"
    assert said[3] == "True"


def test_another_program_where_there_are_some() -> None:
    said = lead("threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()" + HIRES)
    assert said[0] == "Popen"
    assert "KeyError" in said[1]
    assert said[2] in ("0", "1")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_forks_hold_no_end_of_each_other() -> None:
    """One that is killed is heard of at once, though another was forked after it; and so is the end of us."""
    said = lead("""
        import socket, tempfile
        from grader.batch import marker as module
        module.serve = lambda connection: connection.recv(1) or os._exit(os.getsid(0) == os.getpid())
        pairs = [socket.socketpair() for _ in range(2)]
        with tempfile.TemporaryFile() as log:
            processes = [hired._fork(theirs, log) for _, theirs in pairs]
        for _, theirs in pairs:
            theirs.close()
        processes[0].kill()
        print(processes[0].wait(60), pairs[0][0].recv(1))
        pairs[1][0].close()
        print(processes[1].wait(60))
    """)
    assert said == ["-9 b''", "1"], "the second is the leader of a session: Ctrl-C is not for it"
