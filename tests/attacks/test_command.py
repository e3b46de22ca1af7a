"""Attacks on the command as one types it: a process of its own, with a warm parent of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import grader
from tests.attacks.conftest import AFTER, BEFORE, USUAL, alive, living, right, save, soon

ROOT = Path(grader.__file__).parents[1]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")

STRAYS = """
import os, signal, subprocess, sys, time
sleeper = [sys.executable, "-c", "import time; time.sleep(10**6)", "MARK"]
subprocess.Popen(sleeper, start_new_session=True)
subprocess.run([sys.executable, "-c", "import subprocess, sys; subprocess.Popen(sys.argv[1:])", *sleeper])
for number in (signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
print("left", flush=True)
while True:
    try:
        time.sleep(10**6)
    except KeyboardInterrupt:
        pass
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """Where the command makes its temporary files; a short path, for the sake of the sockets in it."""
    with tempfile.TemporaryDirectory(prefix="at-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def start(path: Path, own: Path, *options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "grader", "run", str(path), *map(str, options)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(own), "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # where the tests run in the background of a shell, Ctrl-C is ignored from the start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def started(path: Path, own: Path, mark: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """The command in the middle of a submission that leaves processes, and all that runs below it."""
    grade = start(path, own)
    assert soon(lambda: len(living(mark)) >= 2 or grade.poll() is not None, 180)
    assert grade.poll() is None, grade.communicate()
    return grade, [p for p in psutil.Process(grade.pid).children(recursive=True) if p.pid != grade.pid]


def assert_all_gone(below: list[psutil.Process], own: Path, mark: str) -> None:
    """`below` know when they were born, also after their end."""
    assert len(below) >= 4  # warm parent, first process of the namespace, kernel, what the cell left
    assert soon(lambda: not [p for p in below if p.is_running() and alive(p)]), below
    assert living(mark) == []
    assert soon(lambda: list(own.glob("grade-*")) == []), list(own.rglob("*"))
    pids, born = {str(process.pid) for process in below}, min(process.create_time() for process in below)
    groups = [p for p in Path("/sys/fs/cgroup").rglob("grade-*-*") if p.name.split("-")[1] in pids]
    assert [p for p in groups if p.stat().st_ctime >= born - 1] == []


def test_the_command_is_killed(own: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle of a submission: nobody is left to tidy up, and yet no process and no file remains."""
    mark = f"mark-{os.urandom(8).hex()}"
    grade, below = started(save(tmp_path / "a.ipynb", STRAYS.replace("MARK", mark)), own, mark)
    os.kill(grade.pid, signal.SIGKILL)
    grade.communicate()
    assert_all_gone(below, own, mark)


def test_the_command_is_interrupted(own: Path, tmp_path: Path) -> None:
    """Ctrl-C: the same, and the command says in one line that it was stopped."""
    mark = f"mark-{os.urandom(8).hex()}"
    grade, below = started(save(tmp_path / "a.ipynb", STRAYS.replace("MARK", mark)), own, mark)
    grade.send_signal(signal.SIGINT)
    _, err = grade.communicate(timeout=120)
    assert (grade.returncode, err.strip()) == (130, "grade: stopped")
    assert_all_gone(below, own, mark)


def test_bombs_under_full_isolation(own: Path, tmp_path: Path) -> None:
    """A fork bomb, a memory hog and a process that kills all others; the answers around them earn their points.

    That the command accepts ``--require-isolation full`` is part of what is tested.
    """
    cells = (
        right(BEFORE),
        "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(10**6)",
        "hoard = []\nwhile True: hoard.append(bytearray(b'x' * 50_000_000))",
        "import os, signal; os.kill(-1, signal.SIGKILL); os._exit(0)",
        right(AFTER),
    )
    limits = ("--memory", "1200M", "--processes", 60, "--cell-time", 120)
    grade = start(
        save(tmp_path / "a.ipynb", *cells),
        own,
        *("--only", f"{BEFORE},{AFTER}", "--require-isolation", "full", *limits),
    )
    out, err = grade.communicate(timeout=600)
    if "full isolation is required" in err:
        pytest.skip(err)
    assert (grade.returncode, err) == (0, ""), out
    data = json.loads((tmp_path / "grade.json").read_text())
    assert {entry["id"]: entry["points"] for entry in data["exercises"]} == {BEFORE: USUAL, AFTER: USUAL}, (
        data
    )
    endings = [cell["ending"] for cell in data["cells"]]
    assert endings[0] == endings[4] == "ok"
    assert endings[1] in ("error", "processes"), endings
    assert endings[2] in ("memory", "error"), endings
    assert endings[3] in ("killed", "error"), endings
    assert list(own.glob("grade-*")) == []
