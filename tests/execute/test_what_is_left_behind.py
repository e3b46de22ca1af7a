"""Threads, processes and files that a submission leaves: gone when its session is closed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from cells_run import Of, answers, executed, printed, submission

from grader.compare import CheckFailed
from grader.execute.cold import ColdStart
from grader.execute.isolation import LAYERS
from grader.execute.launch import ProcessLimits, launch
from grader.execute.session import execute
from grader.execute.warm import WarmParent
from grader.nouns import GraderError

# Each leaves a process that sleeps, whose command line holds MARK, and says so when it has started.
LEAVES = """
import subprocess, sys, time
sleeper = [sys.executable, "-c", "import time; time.sleep(10**6)", MARK]

# a child, and one in a session of its own
children = [subprocess.Popen(sleeper), subprocess.Popen(sleeper, start_new_session=True)]

# a double fork: the grandchild has no parent of ours
twice = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"
subprocess.run([sys.executable, "-c", twice, *sleeper], check=True)

# one that ignores polite requests and holds stdout open
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(10**6)"
children.append(subprocess.Popen([sys.executable, "-c", stubborn, MARK]))

import multiprocessing
daemon = multiprocessing.get_context("fork").Process(target=time.sleep, args=(10**6,), daemon=True)
daemon.start()

import threading
def spin():
    while True: time.sleep(0.01)
for is_daemon in (True, False):
    threading.Thread(target=spin, daemon=is_daemon).start()
print("left")
"""


def living(mark: str) -> list[psutil.Process]:
    """Processes whose command line or environment holds `mark`."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            there = mark in " ".join(process.cmdline()) or mark in repr(process.environ())
            if there and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def on_the_host(pid: int, warm: WarmParent) -> psutil.Process:
    """The process that goes by the number `pid` in the namespace of a submission."""
    for process in psutil.Process(warm._process.pid).children(recursive=True):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("NSpid:") and line.split()[-1] == str(pid):
                return process
    raise AssertionError(f"no process {pid}")


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true within a generous time."""
    until = time.monotonic() + 30
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_nothing_survives_a_session(warm: WarmParent) -> None:
    mark = f"mark-{os.urandom(8).hex()}"
    made = submission(
        Of("1.1.1", f"MARK = {mark!r}" + LEAVES), "import os; os.killpg(0, 9)", Of("1.1.2", "answer = 2")
    )
    with execute(made, warm, frozenset({"1.1.1", "1.1.2"})) as session:
        assert printed(session.runs[0]) == "left\n"
        channel = session.worker("1.1.2")
        assert channel is not None
        # what the killed kernel had started went with it: only the states of exercises stay behind the walls
        assert soon(lambda: living(mark) == []) or not session.layers["read-only file system"]
        runtime = str(session._runtime)
        channel.close()
    assert living(mark) == []
    assert living(runtime) == []
    assert not Path(runtime).exists()


def test_nothing_survives_a_cold_session() -> None:
    mark = f"mark-{os.urandom(8).hex()}"
    with (
        ColdStart() as cold,
        executed(cold, Of("1.1.1", f"MARK = {mark!r}" + LEAVES + "answer = 1")) as session,
    ):
        assert answers(session, "1.1.1").answer == 1
        assert len(living(mark)) >= 2  # those of the kernel's own group went with it
        runtime = str(session._runtime)
    assert living(mark) == []
    assert living(runtime) == []
    assert not Path(runtime).exists()


def test_next_submission_is_not_touched(warm: WarmParent) -> None:
    """Closing one session leaves the kernel in stock alive, and the next one starts in a clean place."""
    with executed(
        warm, "x = 1\nimport os; os.environ['LEFT'] = 'x'; os.chdir('/')\nimport builtins; builtins.left = 1"
    ):
        pass
    with executed(
        warm, "import os, builtins\nprint('x' in dir(), 'LEFT' in os.environ, hasattr(builtins, 'left'))"
    ) as second:
        assert printed(second.runs[0]) == "False False False\n"


def test_busy_worker_is_ended_when_it_is_released(warm: WarmParent) -> None:
    with executed(
        warm, Of("1.1.1", "import os\ndef pid(): return os.getpid()\ndef spin():\n    while True: n = 1")
    ) as session:
        student = answers(session, "1.1.1")
        worker = on_the_host(student.pid(), warm)
        with student.within(0.1), pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.examine.link.OVERHEAD_S", 0.1)
            with pytest.raises(CheckFailed, match="took longer"):
                student.spin()
        session.release("1.1.1")
        assert soon(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
        assert isinstance(student.pid(), int)  # a fresh one


def test_background_threads_do_not_run_during_the_examination(warm: WarmParent) -> None:
    source = (
        "import threading, time, pathlib\n"
        "beat = pathlib.Path('beat')\n"
        "def tick():\n    while True:\n        beat.write_text(str(time.monotonic()))\n        time.sleep(0.01)\n"
        "threading.Thread(target=tick, daemon=True).start()\ntime.sleep(0.1)"
    )
    with executed(warm, Of("1.1.1", source), "answer = 1") as session:
        beat = answers(session, "1.1.1").lab.pathlib.Path("beat")
        before = beat.read_text()
        time.sleep(0.2)
        assert beat.read_text() == before


FILES = """
import os, pathlib
locked = pathlib.Path("locked/inner"); locked.mkdir(parents=True)
(locked / "file").write_text("x")
(locked / "file").chmod(0); locked.chmod(0); locked.parent.chmod(0)
os.mkfifo("pipe")
os.symlink("/", "root"); os.symlink("nowhere", "dangling"); os.symlink(".", "loop")
pathlib.Path("-rf *\\n").touch()
os.mkdir("deep"); home = os.open(".", os.O_RDONLY)
os.chdir("deep")
for _ in range(3000):
    os.mkdir("d"); os.chdir("d")
open("bottom", "w").close()
os.fchdir(home)
for i in range(2000): open(f"file-{i}", "w").close()
with open("large", "wb") as file: file.truncate(2**28)
print("made")
"""


def test_any_files_are_removed(warm: WarmParent) -> None:
    """Unreadable, sparse, thousands deep; a link is removed, not what it points to."""
    outside = Path("/").stat()
    with executed(warm, FILES) as session:
        assert printed(session.runs[0]) == "made\n"
        runtime = session._runtime
    assert not runtime.exists()
    assert Path("/").stat().st_mode == outside.st_mode


def test_submission_that_removes_its_own_folders(warm: WarmParent) -> None:
    source = (
        "import os, shutil, pathlib\n"
        "place = pathlib.Path.cwd()\n"
        "shutil.rmtree(place, ignore_errors=True)\n"
        "os.chdir('/tmp')\n"
        "answer = 1"
    )
    with executed(warm, Of("1.1.1", source), "import tempfile; 1", Of("1.1.2", "answer = 2")) as session:
        assert [run.ending for run in session.runs] == ["ok", "ok", "ok"]
        assert answers(session, "1.1.1").answer == 1
        assert answers(session, "1.1.2").answer == 2


def test_full_folder_and_exhausted_descriptors(warm: WarmParent) -> None:
    """What the cell runs into is its own error; what it answers before is kept."""
    exhausted = (
        "import resource, os\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))\n"
        "held = []\nwhile True: held.append(open(os.devnull))"
    )
    limited = (
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "open('full', 'wb', buffering=0).write(bytes(900))\n"
        "with open('full2', 'wb') as file: file.write(bytes(10_000))"
    )
    with executed(
        warm, Of("1.1.1", "answer = 1"), exhausted, Of("1.1.2", "held.clear(); answer = 2"), limited
    ) as session:
        assert [run.ending for run in session.runs] == ["ok", "error", "ok", "disk"]
        assert answers(session, "1.1.1").answer == 1
        assert answers(session, "1.1.2").answer == 2


def test_submission_that_kills_the_warm_parent() -> None:
    """Without walls that is the end of this run, and told in one line; nothing is left of it."""
    deadly = (
        f"MARK = '{(mark := 'mark-' + os.urandom(8).hex())}'" + LEAVES + "import os; os.kill(os.getppid(), 9)"
    )
    with WarmParent(launch(limits=ProcessLimits(without=LAYERS))) as parent:
        told = ""
        try:
            with executed(parent, Of("1.1.1", "x = 1"), deadly):
                pass  # the kernel may have kept its states before the signal arrived
        except GraderError as error:
            told = str(error)
        base = parent.base
    assert told == "" or "run grade again" in told
    assert soon(lambda: living(mark) == [])
    assert base is not None
    assert not base.exists()
    assert soon(lambda: not any(str(base) in where(process) for process in psutil.process_iter())), "a fork"


def where(process: psutil.Process) -> str:
    """The directory in which it works; nothing where that cannot be seen."""
    try:
        return process.cwd()
    except (psutil.Error, OSError):
        return ""


def test_behind_walls_the_warm_parent_cannot_be_killed(warm: WarmParent) -> None:
    deadly = "import os; os.kill(os.getppid(), 9)"
    with executed(warm, Of("1.1.1", "x = 1"), deadly, Of("1.1.2", "answer = 2")) as session:
        assert answers(session, "1.1.2").answer == 2
