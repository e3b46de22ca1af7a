"""The state of an exercise after its last cell: later cells change nothing, and odd states are served too."""

from __future__ import annotations

import pytest
import torch
from cells_run import Of, answers, executed, hang_up, submission

from grader.compare import CheckFailed
from grader.execute.run import END
from grader.execute.session import execute
from grader.execute.warm import ColdStart, WarmParent
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
        for call, words in (
            (lambda: student.die(0), "exit code 0"),
            (lambda: student.die(3), "exit code 3"),
            (student.kill, "SIGKILL"),
        ):
            with pytest.raises(CheckFailed, match=words):
                call()
            assert student.answer == 7


def test_killed_snapshot_is_made_again(warm: WarmParent) -> None:
    """An answer that kills its own snapshot, and the next check still gets a worker."""
    source = "import os, signal\nanswer = 7\ndef kill(): os.kill(os.getppid(), signal.SIGKILL)"
    with executed(warm, Of("1.1.1", source), Of("1.1.2", "other = 8")) as session:
        student = answers(session, "1.1.1")
        with pytest.raises(CheckFailed, match="ended in the middle"):
            student.kill()
        assert student.answer == 7
        assert answers(session, "1.1.2").other == 8


def test_time_for_running_the_cells_again_is_limited(warm: WarmParent) -> None:
    source = "import os, signal\nanswer = 7\ndef kill(): os.kill(os.getppid(), signal.SIGKILL)"
    with executed(warm, Of("1.1.1", source)) as session:
        session._time_left = 0
        student = answers(session, "1.1.1")
        with pytest.raises(CheckFailed, match="ended in the middle"):
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

ODD = {
    "threads of torch": (
        "import torch\ntorch.set_num_threads(2)\n"
        "a = torch.randn(400, 400); b = a @ a; c = torch.randn(10**6).sort()\n"
        "def answer(x): return (x @ x.T).sum()"
    ),
    "default dtype": "import torch\ntorch.set_default_dtype(torch.float64)\ndef answer(x): return (x @ x.T).sum()",
    "default device": "import torch\ntorch.set_default_device('meta')\ndef answer(x): return (x @ x.T).sum()",
    "seed": "import torch\ntorch.manual_seed(0)\ndef answer(x): return (x @ x.T).sum()",
    "no gradients": "import torch\ntorch.set_grad_enabled(False)\ndef answer(x): return (x @ x.T).sum()",
    "deterministic": "import torch\ntorch.use_deterministic_algorithms(True)\ndef answer(x): return (x @ x.T).sum()",
    "after a backward": (
        "import torch\nw = torch.ones(3, requires_grad=True)\n(w * w).sum().backward()\n"
        "def answer(x):\n    v = x.clone().requires_grad_()\n    (v @ v.T).sum().backward()\n    return (x @ x.T).sum()"
    ),
    "loader with workers": (
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "data = TensorDataset(torch.arange(8.0))\nloader = DataLoader(data, batch_size=2, num_workers=2)\n"
        "assert sum(b.sum().item() for (b,) in loader) == 28\n"
        "def answer(x):\n    n = len(list(DataLoader(data, batch_size=2, num_workers=2)))\n"
        "    return (x @ x.T).sum() + n - 4"
    ),
    "multiprocessing": (
        "import torch, multiprocessing\nfork = multiprocessing.get_context('fork')\n"
        "def square(n): return n * n\n"
        "with fork.Pool(2) as pool: assert pool.map(square, range(4)) == [0, 1, 4, 9]\n"
        "def answer(x):\n    with fork.Pool(2) as pool: assert pool.map(square, [3]) == [9]\n    return (x @ x.T).sum()"
    ),
    "print redefined": "print = None\ndef answer(x): return (x @ x.T).sum()",
    "ipython redefined": "get_ipython = None; In = Out = exit = quit = None\ndef answer(x): return (x @ x.T).sum()",
    "builtins patched": (
        "import builtins\nbuiltins.print = builtins.isinstance_ = lambda *a, **k: None\n"
        "def answer(x): return (x @ x.T).sum()"
    ),
    "shadowed builtins": "len = type = int = list = dict = str = None\ndef answer(x): return (x @ x.T).sum()",
    "stdout replaced": "import sys, io\nsys.stdout = sys.stderr = io.StringIO()\ndef answer(x): return (x @ x.T).sum()",
    "stdout gone": "import sys\nsys.stdout = sys.stderr = None\ndef answer(x): return (x @ x.T).sum()",
    "threads patched": (
        "import threading\nthreading.Thread.start = threading.get_ident = lambda *a: None\n"
        "def answer(x): return (x @ x.T).sum()"
    ),
    "sockets patched": (
        "import socket, json\nsocket.socket.recv = json.loads = None\ndef answer(x): return (x @ x.T).sum()"
    ),
    "signals": (
        "import signal\nfor n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD): signal.signal(n, signal.SIG_IGN)\n"
        "def answer(x): return (x @ x.T).sum()"
    ),
    "alarm": "import signal\nsignal.alarm(3600)\ndef answer(x): return (x @ x.T).sum()",
    "profiler": (
        "import sys, threading\nsys.setprofile(lambda *a: None); sys.settrace(lambda *a: None)\n"
        "def answer(x): return (x @ x.T).sum()"
    ),
    "fork hooks": (
        "import os\nos.register_at_fork(after_in_child=lambda: 1 / 0, before=lambda: 1 / 0)\n"
        "def answer(x): return (x @ x.T).sum()"
    ),
    "recursion limit": "import sys\nsys.setrecursionlimit(60 + len(__import__('inspect').stack()))\ndef answer(x): return (x @ x.T).sum()",
    "folder changed": "import os\nos.chdir('/')\ndef answer(x): return (x @ x.T).sum()",
    "environment cleared": "import os\nos.environ.clear()\ndef answer(x): return (x @ x.T).sum()",
    "figures left open": (
        "import matplotlib.pyplot as plt\nfor _ in range(5): plt.figure()\ndef answer(x): return (x @ x.T).sum()"
    ),
    "open files": (
        "import tempfile\nfile = tempfile.TemporaryFile('w+'); file.write('kept'); file.flush()\n"
        "def answer(x):\n    file.seek(0)\n    assert file.read() == 'kept'\n    return (x @ x.T).sum()"
    ),
    "collector off": "import gc\ngc.disable(); gc.freeze()\ndef answer(x): return (x @ x.T).sum()",
    "locks held": (
        "import threading, logging, sys\nlock = threading.RLock()\n"
        "def hold():\n    with lock, logging._lock:\n        import time; time.sleep(10**6)\n"
        "threading.Thread(target=hold, daemon=True).start()\nimport time; time.sleep(0.05)\n"
        "def answer(x): return (x @ x.T).sum()"
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_state_is_served(warm: WarmParent, name: str) -> None:
    """The worker answers, rightly, and the cells after it run."""
    x = torch.arange(12.0).reshape(3, 4)
    with executed(warm, Of("1.1.1", ODD[name]), Of("1.1.2", "after = 'all is well'")) as session:
        assert [run.ending for run in session.runs] == ["ok", "ok"], session.runs[0].error
        student = answers(session, "1.1.1")
        with student.within(60):
            result = student.answer(x)
        assert torch.as_tensor(result, dtype=torch.float64).item() == (x @ x.T).sum().item()
        assert answers(session, "1.1.2").after == "all is well"


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
