"""Submissions that use up something: time, memory, disk, processes, descriptors, output."""

from __future__ import annotations

import pytest

from tests.attacks.conftest import Attack, answers

SHORT = ("--cell-time", 3)


def test_cells_that_never_end(attack: Attack) -> None:
    """Loops, sleeping, a C function that never gives the interpreter back, ignored signals, stopping itself."""
    told = attack(
        "sum(range(10**12))",
        "import ctypes\nctypes.PyDLL(None).pause()  # holds the interpreter's lock",
        "import signal, resource\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass",
        "import time\nwhile True:\n    try:\n        time.sleep(1000)\n    except BaseException:\n        pass",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "while True: pass",
        "import time; time.sleep(10**6)",
        "import time\nwhile True:\n    print('.', end='', flush=True)\n    time.sleep(0.1)",
        options=SHORT,
    )
    assert told.endings == ["timeout"] * 8
    assert set(told.said(7).split("KeyboardInterrupt")[0]) == {"."}


def test_an_answer_that_never_returns(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call has a limit, too; the checks of other exercises go on."""
    monkeypatch.setattr("grader.examine.link.OVERHEAD_S", 1.0)
    told = attack(answers("sum(range(10**12))"), also=("1.3.2",))
    assert told.points["1.3.2"] == 0
    assert "took longer" in told.messages("1.3.2")


def test_memory(attack: Attack) -> None:
    """On the heap, shared and anonymous; what comes before and after still counts."""
    told = attack(
        "kept = 'before'",
        "hoard = []\nwhile True:\n    hoard.append(bytearray(50_000_000))",
        "import mmap\nkeep = []\nwhile True:\n    piece = mmap.mmap(-1, 50_000_000)\n"
        "    for place in range(0, 50_000_000, 4096):\n        piece[place] = 1\n    keep.append(piece)",
        "import torch\ngrowing = []\nwhile True:\n    growing.append(torch.ones(10_000_000))",
        "print(kept, 'after')",
    )
    assert [ending in ("memory", "error") for ending in told.endings[1:4]] == [True] * 3, told.endings
    assert "memory" in told.endings
    assert told.said(4) == "before after\n"


def test_a_list_that_grows_for_ever(attack: Attack) -> None:
    told = attack("numbers = []\nwhile True: numbers.append(object())")
    assert told.endings == ["memory"]


def test_children_that_are_killed_for_memory(attack: Attack) -> None:
    """Their parent ends well, and the verdict says memory all the same."""
    told = attack(
        "import os\npid = os.fork()\nif pid == 0:\n    hoard = []\n    while True:\n        hoard.append(bytearray(b'x' * 50_000_000))\n"
        "print('signal', os.waitpid(pid, 0)[1])",
        "print('alive')",
    )
    assert told.said(0) == "signal 9\n"
    assert told.endings == ["memory", "ok"]
    assert told.said(1) == "alive\n"


def test_disk(attack: Attack) -> None:
    """Each place that can be written to is bounded, in bytes and in number; one giant file, too."""
    told = attack(
        "with open('big', 'wb') as f:\n    while True: f.write(bytes(1_000_000))",
        "import os\nos.remove('big')\nwith open('/tmp/big', 'wb') as f:\n    while True: f.write(bytes(1_000_000))",
        "os.remove('/tmp/big')\nwith open('/dev/shm/big', 'wb') as f:\n    while True: f.write(bytes(1_000_000))",
        "os.remove('/dev/shm/big')\nfor i in range(200_000): open(f'f{i}', 'w').close()",
        "open('/tmp/giant', 'wb').truncate(2**40)",
        "for i in range(200_000): os.mkdir(f'/tmp/d{i}')",
        "print('still here')",
    )
    assert set(told.endings[:6]) <= {"error", "disk"}
    assert told.endings[6] == "ok"
    for number in range(6):
        assert "OSError" in told.said(number), told.said(number)
    assert told.said(6) == "still here\n"


def test_descriptors(attack: Attack) -> None:
    told = attack(
        "import os\nheld = []\nwhile True: held.append(open(os.devnull))",
        "held.clear(); print('again')",
    )
    assert told.endings == ["error", "ok"]
    assert "Too many open files" in told.said(0)
    assert told.said(1) == "again\n"


def test_processes(attack: Attack) -> None:
    """No more of them than are allowed. The state of the exercises is kept although none can be forked."""
    told = attack(
        "import os, time\nborn = 0\ntry:\n    while born < 500:\n        if os.fork() == 0:\n            time.sleep(10**6)\n            os._exit(0)\n"
        "        born += 1\nexcept OSError as error:\n    print(type(error).__name__, 10 < born < 100)",
        "print('still here')",
    )
    assert told.said(0) == "BlockingIOError True\n"
    assert told.said(1) == "still here\n"


def test_threads(attack: Attack) -> None:
    told = attack(
        "import threading\nstarted = 0\ntry:\n    while started < 500:\n"
        "        threading.Thread(target=threading.Event().wait, daemon=True).start()\n        started += 1\n"
        "except RuntimeError as error:\n    print(error, 10 < started < 100)",
    )
    assert told.said(0) == "can't start new thread True\n"


def test_a_fork_bomb(attack: Attack) -> None:
    """It forks wherever it can, and each child goes on as if it were the kernel."""
    told = attack("import os\nwhile True: os.fork()", "print('after')", options=("--cell-time", 5))
    assert told.endings[0] in ("timeout", "error", "killed", "processes", "memory"), told.endings
    assert told.said(1) == "after\n", told.endings


def test_a_crowd_does_not_outlive_a_cell_that_was_stopped(attack: Attack) -> None:
    """A few processes do: a loader's that the next cell goes on reading from."""
    start = (
        "import os, time\nfor _ in range({}):\n    if os.fork() == 0: time.sleep(10**6)\ntime.sleep(10**6)"
    )
    count = (
        "def state(name):\n    try: return open(f'/proc/{name}/stat').read().rpartition(')')[2].split()[:2]\n"
        "    except OSError: return ['', '']\n"
        "print(sum(state(name) == ['S', str(os.getpid())] for name in os.listdir('/proc')))"
    )
    told = attack(start.format(5), count, start.format(40), count, options=("--cell-time", 8))
    assert told.endings == ["timeout", "ok", "timeout", "ok"]
    before, after = int(told.said(1)), int(told.said(3))
    assert before - after == 5, "what is left over are states that are kept"


def test_output_is_cut_at_the_exact_character(attack: Attack) -> None:
    told = attack(
        "print('x' * 199_999)", "print('x' * 300_000)", "import sys\nprint('e' * 300_000, file=sys.stderr)"
    )
    assert told.endings == ["ok"] * 3
    assert told.said(0) == "x" * 199_999 + "\n"
    for number, letter in ((1, "x"), (2, "e")):
        kept, notice = told.said(number).split("\n", 1)
        assert kept == letter * 200_000
        assert "output cut" in notice


def test_a_flood_is_stopped(attack: Attack) -> None:
    told = attack(
        "while True: print('z' * 100_000)",
        "import os\nwhile True: os.write(1, b'z' * 100_000)",
        "print('calm')",
    )
    assert told.endings == ["flooded", "flooded", "ok"]
    assert len(told.said(0)) < 210_000
    assert told.said(2) == "calm\n"


def test_deep_recursion_and_segmentation_faults(attack: Attack) -> None:
    """A runtime error of that cell, whether Python sees it coming or not."""
    told = attack(
        "def deeper(): return deeper()\ndeeper()",
        "import sys\nsys.setrecursionlimit(10**9)\nnested = []\nfor _ in range(10**6): nested = [nested]\nrepr(nested)",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.abort()",
    )
    assert told.endings == ["error", "killed", "killed", "killed"]
    assert "RecursionError" in told.said(0)
