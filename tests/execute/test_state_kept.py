"""The state of an exercise after its last cell: later cells change nothing, and odd states are served too."""

from __future__ import annotations

import contextlib

import pytest
import torch
from cells_run import SHORT, Of, answers, executed, hang_up, submission

from grader.compare import CheckFailed
from grader.execute.cold import ColdStart
from grader.execute.run import END
from grader.execute.session import execute
from grader.execute.warm import WarmParent
from grader.nouns import Cell

REUSED = (
    Of("1.1.1", "import torch\nmodel = torch.full((3,), 1.0)\ndef helper(x): return x + 1"),
    Of("1.1.1", "def first(x): return helper(x) * model\nnames = ['a']"),
    "names.append('b'); model += 10",
    Of(
        "1.1.2",
        "model = torch.full((3,), 2.0)\ndef helper(x): return x - 1\ndef second(x): return helper(x) * model",
    ),
    "del helper, names; torch.add = None; model.zero_()",
)


def test_later_cells_change_nothing(warm: WarmParent) -> None:
    """Neither rebinding nor changing in place, neither deleting nor patching."""
    with executed(warm, *REUSED) as session:
        assert dict(session.kept) == {"1.1.1": "fork", "1.1.2": "fork", END: "fork"}
        first, second, end = (answers(session, id) for id in ("1.1.1", "1.1.2", END))
        assert first.first(torch.ones(3)).tolist() == [2.0, 2.0, 2.0]
        assert first.names == ["a"]
        assert not first.has("second")
        assert second.second(torch.ones(3)).tolist() == [0.0, 0.0, 0.0]
        assert second.names == ["a", "b"]
        assert end.model.tolist() == [0.0, 0.0, 0.0]
        assert not end.has("helper")


def test_calls_change_nothing_for_later_workers(warm: WarmParent) -> None:
    with executed(
        warm, Of("1.1.1", "calls = []\ndef note(x):\n    calls.append(x)\n    return len(calls)")
    ) as session:
        student = answers(session, "1.1.1")
        assert [student.note(n) for n in range(3)] == [1, 2, 3]
        assert answers(session, "1.1.1").note(0) == 1


def test_dead_worker_is_replaced(warm: WarmParent) -> None:
    source = "import os, signal\ndef die(how): os._exit(how)\ndef kill(): os.kill(os.getpid(), signal.SIGKILL)\nanswer = 7"
    with executed(warm, Of("1.1.1", source)) as session:
        student = answers(session, "1.1.1")
        for name, arguments, words in (
            ("die", [0], "exit code 0"),
            ("die", [3], "exit code 3"),
            ("kill", [], "SIGKILL"),
        ):
            with pytest.raises(CheckFailed, match=words):
                getattr(student, name)(*arguments)
            assert student.answer == 7


def test_killed_snapshot_is_made_again(warm: WarmParent) -> None:
    """An answer that kills its own snapshot, and the next check still gets a worker."""
    source = "import os, signal\nanswer = 7\ndef kill(): os.kill(os.getppid(), signal.SIGKILL)"
    with executed(warm, Of("1.1.1", source), Of("1.1.2", "other = 8")) as session:
        student = answers(session, "1.1.1")
        with contextlib.suppress(CheckFailed):  # whether it still gets its result out is a matter of luck
            student.kill()
        hang_up()
        assert answers(session, "1.1.1").answer == 7
        assert answers(session, "1.1.2").other == 8


def test_time_for_running_the_cells_again_is_limited(warm: WarmParent) -> None:
    source = "import os, signal\nanswer = 7\ndef kill(): os.kill(os.getppid(), signal.SIGKILL)"
    with executed(warm, Of("1.1.1", source)) as session:
        session._time_left = 0
        student = answers(session, "1.1.1")
        with contextlib.suppress(CheckFailed):
            student.kill()
        assert session.worker("1.1.1") is None


def test_cell_that_answers_several_exercises(warm: WarmParent) -> None:
    """Its state is kept for each of them."""
    cell = Cell(0, "c", "code", "one = 1\ntwo = 2", "1.1.1", also=("1.1.2",))
    with execute(submission(cell, "one = two = None"), warm, frozenset({"1.1.1", "1.1.2"})) as session:
        assert set(session.kept) == {"1.1.1", "1.1.2", END}
        for id, name, value in (("1.1.1", "one", 1), ("1.1.2", "two", 2)):
            channel = session.worker(id)
            assert channel is not None
            channel.close()
            assert getattr(answers(session, id), name) == value
            session.release(id)


# ---------------------------------------------------------------------------------- odd states

ANSWER = "\ndef answer(x): return (x @ x.T).sum()\n"

ODD = {
    "threads of torch": """
import torch
torch.set_num_threads(2)
a = torch.randn(400, 400); b = a @ a; c = torch.randn(10**6).sort()
""",
    "default dtype": "import torch; torch.set_default_dtype(torch.float64)",
    "default device": "import torch; torch.set_default_device('meta')",
    "seed": "import torch; torch.manual_seed(0)",
    "no gradients": "import torch; torch.set_grad_enabled(False)",
    "deterministic": "import torch; torch.use_deterministic_algorithms(True)",
    "backward": """
import torch
w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
def answer(x):
    v = x.clone().requires_grad_()
    (v @ v.T).sum().backward()
    return (x @ x.T).sum()
""",
    "loader with workers": """
import torch
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.arange(8.0))
def batches(): return sum(batch.sum().item() for (batch,) in DataLoader(data, batch_size=2, num_workers=2))
assert batches() == 28
def answer(x): return (x @ x.T).sum() + batches() - 28
""",
    "multiprocessing": """
import multiprocessing
fork = multiprocessing.get_context("fork")
def square(n): return n * n
def squares():
    with fork.Pool(2) as pool:
        return pool.map(square, range(4))
assert squares() == [0, 1, 4, 9]
def answer(x): return (x @ x.T).sum() + sum(squares()) - 14
""",
    "subprocess": """
import subprocess, sys
def answer(x): return (x @ x.T).sum() + int(subprocess.run([sys.executable, "-c", "print(0)"], capture_output=True).stdout)
""",
    "print redefined": "print = None",
    "ipython redefined": "get_ipython = None; In = Out = exit = quit = None",
    "builtins patched": "import builtins; builtins.print = lambda *args, **kwargs: None",
    "builtins shadowed": "len = type = int = list = dict = str = isinstance = None",
    "stdout replaced": "import sys, io; sys.stdout = sys.stderr = io.StringIO()",
    "stdout gone": "import sys; sys.stdout = sys.stderr = None",
    "signals ignored": "import signal\nfor n in (2, 15, 17, 18): signal.signal(n, signal.SIG_IGN)",
    "alarm": "import signal; signal.alarm(3600)",
    "profiler": "import sys; sys.setprofile(lambda *args: None); sys.settrace(lambda *args: None)",
    "hooks at fork": "import os; os.register_at_fork(after_in_child=lambda: 1 / 0, before=lambda: 1 / 0)",
    "folder changed": "import os; os.chdir('/')",
    "environment cleared": "import os; os.environ.clear()",
    "figures open": "import matplotlib.pyplot as plt\nfor _ in range(5): plt.figure()",
    "file open": """
import tempfile
file = tempfile.TemporaryFile("w+"); file.write("kept"); file.flush()
def answer(x):
    file.seek(0)
    assert file.read() == "kept"
    return (x @ x.T).sum()
""",
    "collector off": "import gc; gc.disable(); gc.freeze()",
    "threads at work": """
import threading, random
def work():
    while True: print(sum(random.random() for _ in range(1000)) < 0)
for _ in range(3): threading.Thread(target=work, daemon=True).start()
import time; time.sleep(0.1)
""",
    "warnings are errors": "import warnings; warnings.simplefilter('error')",
    "logging": "import logging; logging.basicConfig(level=logging.DEBUG, force=True)",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "event loop": """
import asyncio
async def tick():
    while True: await asyncio.sleep(0.01)
task = asyncio.create_task(tick())
""",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_state_is_served(warm: WarmParent, name: str) -> None:
    """The worker answers, rightly, and the cells after it run."""
    x = torch.arange(12.0).reshape(3, 4)
    source = ODD[name] if "def answer" in ODD[name] else ODD[name] + ANSWER
    with executed(warm, Of("1.1.1", source), Of("1.1.2", "after = 'all is well'")) as session:
        assert [run.ending for run in session.runs] == ["ok", "ok"], session.runs[0].error
        student = answers(session, "1.1.1")
        with student.within(60):
            result = student.answer(x)
        assert torch.as_tensor(result, dtype=torch.float64).item() == (x @ x.T).sum().item()
        assert answers(session, "1.1.2").after == "all is well"


SABOTAGE = {
    "threads": "import threading; threading.Thread.start = threading.get_ident = lambda *args: None",
    "sockets": "import socket; socket.socket.recv = socket.socket.sendall = socket.socket.connect = None",
    "json": "import json; json.loads = json.dumps = None",
    "fork": "import os; os.fork = lambda: 0",
    "exit": "import os; os._exit = lambda code: None",
    "time": "import time; time.monotonic = lambda: 1 / 0",
    "recursion limit": "import sys, inspect; sys.setrecursionlimit(len(inspect.stack()) + 20)",
    "import system": "import sys; sys.modules.clear(); sys.meta_path.clear(); sys.path.clear()",
    "kernel": "get_ipython().kernel.grader_capture = get_ipython().kernel.session.send = None",
    "lock": """
import logging, threading, time
def hold():
    with logging._lock: time.sleep(10**6)
threading.Thread(target=hold, daemon=True).start(); time.sleep(0.05)
""",
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_sabotage_harms_only_itself(warm: WarmParent, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What was kept before still answers; asking for the rest ends, and raises nothing but a failed check."""
    monkeypatch.setattr("grader.execute.run.CAPTURE_LIMIT_S", 2)
    monkeypatch.setattr("grader.execute.run.INTERRUPT_GRACE_S", 0.5)
    monkeypatch.setattr("grader.execute.session.WORKER_LIMIT_S", 2)
    cells = (Of("1.1.1", "answer = 'before'"), Of("1.1.2", SABOTAGE[name] + "\nlater = 'after'"), "x = 1")
    with executed(warm, *cells, limits=SHORT) as session:
        assert session.runs[0].ending == "ok"
        assert answers(session, "1.1.1").answer == "before"
        with contextlib.suppress(CheckFailed):
            assert answers(session, "1.1.2").later == "after"


# ------------------------------------------------------------------------ kept by reference, cold


def test_state_kept_without_a_fork() -> None:
    """Where no process can be forked the kernel itself serves the names as they were."""
    with ColdStart(forks=False) as cold:
        cells = (
            Of("1.1.1", "answer = 'first'\nimport os\ndef die(): os._exit(4)"),
            Of("1.1.2", "answer = 'second'\ndel die"),
        )
        with executed(cold, *cells) as session:
            assert dict(session.kept) == {"1.1.1": "reference", "1.1.2": "reference", END: "reference"}
            first = answers(session, "1.1.1")
            assert first.answer == "first"
            with pytest.raises(CheckFailed, match="ended in the middle"):
                first.die()
            assert first.answer == "first"  # on a fresh kernel that ran the cells again
            hang_up()
            second = answers(session, "1.1.2")
            assert second.answer == "second"
            assert not second.has("die")
