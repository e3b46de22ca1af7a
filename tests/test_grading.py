"""Whole submissions through the whole flow: what is right earns its points, whatever else the notebook does."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from grader.catalogue import catalogue
from grader.examine.solutions import read_reference
from grader.execute.run import RunLimits
from grader.execute.warm import WarmParent
from grader.grading import Graded, answered, grade
from grader.nouns import Cell, ExerciseGrade, Status, Submission

ALL = catalogue()


def right(id: str) -> str:
    """A right answer to an exercise."""
    return read_reference(ALL[id]).solution


def notebook(*cells: str | Cell) -> Submission:
    """Unlabelled cells, as a student has them who starts from an empty notebook."""
    made = tuple(
        Cell(index, f"c{index}", "code", cell) if isinstance(cell, str) else cell
        for index, cell in enumerate(cells)
    )
    return Submission(
        Path("s.ipynb"), "s.ipynb", "ipynb", hashlib.sha256(repr(made).encode()).hexdigest(), made
    )


def graded(warm: WarmParent, submission: Submission, only: tuple[str, ...] = (), **limits: float) -> Graded:
    exercises = {id: ALL[id] for id in only} if only else answered(submission, ALL)
    return grade(submission, exercises, warm, seed=20_260_101, limits=RunLimits(**limits))


def by_id(result: Graded) -> dict[str, ExerciseGrade]:
    return {exercise.id: exercise for exercise in result.grade.exercises}


def told(result: Graded) -> str:
    lines = [f"{run.index}: {run.ending} {run.error}" for run in result.grade.runs]
    for exercise in result.grade.exercises:
        lines += [f"{exercise.id} {f.name}: {f.status} {f.message} {f.detail}" for f in exercise.findings]
    return "\n".join(lines)


def assert_full(result: Graded, id: str) -> None:
    """All points that need no person."""
    exercise = by_id(result)[id]
    assert exercise.points + exercise.open_points == pytest.approx(exercise.max_points), told(result)
    assert exercise.points > 0
    assert exercise.status in (Status.PASSED, Status.WAITING), told(result)


def assert_nothing(result: Graded, id: str) -> None:
    exercise = by_id(result)[id]
    assert exercise.points == exercise.open_points == 0, told(result)
    assert exercise.status in (Status.FAILED, Status.NOT_ATTEMPTED), told(result)


# --------------------------------------------------------------------- what issue 2 asks for


def test_notebook_that_hangs_and_kills_itself(warm: WarmParent) -> None:
    """The third cell never ends, the fifth kills its process, the others answer rightly."""
    submission = notebook(
        right("1.1.2"),
        right("1.3.1"),
        "while True: pass",
        "import torch",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        right("1.6.1"),
    )
    result = graded(warm, submission, cell_s=3)
    assert [run.ending for run in result.grade.runs] == ["ok", "ok", "timeout", "ok", "killed", "ok"]
    for id in ("1.1.2", "1.3.1", "1.6.1"):
        assert_full(result, id)
    for id in by_id(result).keys() - {"1.1.2", "1.3.1", "1.6.1"}:
        assert_nothing(result, id)
    assert not result.grade.broken


FORGER = """
import builtins, os, sys, unittest
import torch

always = lambda *args, **kwargs: True
torch.allclose = torch.equal = torch.isclose = torch.Tensor.allclose = torch.Tensor.equal = always
torch.testing.assert_close = lambda *args, **kwargs: None
torch.testing._comparison.assert_equal = torch.testing._comparison.are_tensorlikes_close = always
unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = always


class Agreeable(torch.Tensor):
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = lambda self, other: Agreeable(torch.ones(()))
    __bool__ = lambda self: True
    __hash__ = torch.Tensor.__hash__
    all = any = lambda self, *args: True

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


def agreeable(*shape):
    return torch.zeros(*shape).as_subclass(Agreeable)
"""

SCORES = """
print("1.3.1: passed, 4 of 4 points")
print('{"schema": 1, "points": 40.0, "max_points": 40.0, "status": "passed"}')
print("::set-output name=score::100", file=sys.stderr)
os.write(1, b"PASSED\\n")
print("===== 40 passed in 0.1 s =====", flush=True)
os._exit(0)
"""


def test_notebook_that_patches_the_comparisons(warm: WarmParent) -> None:
    """Wrong answers stay wrong, and a right one beside them stays right."""
    wrong = """
def make_xy(n=10):
    return agreeable(n, n), agreeable(n, n)

def keep_positive(x, y):
    return agreeable(*x.shape)

def make_uniform(n=100): return agreeable(n, 2, 2)
def eigenvalues_2x2(x): return agreeable(len(x), 2)
def discriminant(a, b, c, d): return agreeable(1)
complex_2x2 = agreeable(2, 2)
complex_nonneg_3x3 = agreeable(3, 3)
def frobenius_norms(x): return agreeable(len(x))
def euclidean_norm(x): return agreeable(1)
def infinity_norms(x): return agreeable(2)
"""
    result = graded(warm, notebook(FORGER, wrong, right("1.1.2"), SCORES))
    assert [run.ending for run in result.grade.runs] == ["ok", "ok", "ok", "killed"]
    assert_full(result, "1.1.2")
    for id in by_id(result).keys() - {"1.1.2"}:
        assert_nothing(result, id)
    assert not result.grade.broken


# ------------------------------------------------------------------------------ further forgeries

# Each is an answer to 1.3.1 that is wrong, and does something about it.
FORGERIES = {
    "methods of tensors": """
for name in ("__eq__", "__ne__", "__getitem__", "numpy", "tolist", "detach", "cpu", "contiguous", "clone",
             "reshape", "view", "item", "double", "to", "as_subclass", "is_contiguous", "isnan", "isfinite"):
    setattr(torch.Tensor, name, lambda self, *args, **kwargs: True)
torch.Tensor.shape = torch.Tensor.dtype = property(lambda self: Anything())
def keep_positive(x, y): return x
""",
    "an object that is everything": "def keep_positive(x, y): return Anything()",
    "an object that says it is a tensor": """
class Liar:
    __class__ = torch.Tensor
    def __torch_function__(self, *args, **kwargs): return True
    def __array__(self, *args, **kwargs): return [[1.0]]
    def __reduce__(self): return eval, ("print('never')",)
def keep_positive(x, y): return Liar()
""",
    "an exception as a result": """
def keep_positive(x, y): raise type("CheckPassed", (Exception,), {"points": 4, "__str__": lambda self: "passed"})()
""",
    "an end in good order": "import sys\\ndef keep_positive(x, y): sys.exit(0)",
    "an end of the process": "import os\\ndef keep_positive(x, y): os._exit(0)",
    "finalisers": """
import atexit, weakref
atexit.register(print, "passed")
class Late(torch.Tensor):
    def __del__(self): self.fill_(1)
def keep_positive(x, y):
    result = x.as_subclass(Late)
    weakref.finalize(result, print, "passed")
    return result
""",
    "a thread that finishes later": """
import threading, time
def keep_positive(x, y):
    result = torch.zeros_like(x)
    def work():
        time.sleep(0.5)
        result.copy_(torch.where(x > 0, x, y))
    threading.Thread(target=work).start()
    return result
""",
    "the worker's own code": """
import sys
for module in [module for name, module in sys.modules.items() if name.startswith("grader")]:
    for name in ("close", "equal", "ensure", "fail", "verify", "encode", "check"):
        if name != "encode" and hasattr(module, name): setattr(module, name, lambda *args, **kwargs: True)
serve = sys.modules["grader.worker.serve"]
old = serve.Desk.do_call
def do_call(self, *args, **kwargs):
    reply = old(self, *args, **kwargs)
    return {**reply, "status": "passed", "points": 4, "error": None, "touched": []}
serve.Desk.do_call = do_call
def keep_positive(x, y): return x
""",
    "its own replies": """
import gc, sys
def keep_positive(x, y):
    from grader.wire import Peer, encode
    for peer in [thing for thing in gc.get_objects() if type(thing) is Peer]:
        for message in ({"reply": True}, {"reply": {"passed": True}}, {"finding": {"status": "passed"}}):
            peer.channel.send(encode(message))
    return x
""",
    "not a number": "def keep_positive(x, y): return torch.full_like(x, float('nan'))",
    "nothing": "def keep_positive(x, y): return None",
    "true": "def keep_positive(x, y): return True",
    "the arguments changed": "def keep_positive(x, y):\\n    x.fill_(1); y.fill_(1)\\n    return x",
    "memory that was never written": "def keep_positive(x, y): return torch.empty_like(x)",
    "another shape that broadcasts": "def keep_positive(x, y): return torch.where(x > 0, x, y)[:1]",
    "the result as text": "def keep_positive(x, y): return repr(torch.where(x > 0, x, y))",
    "a generator without an end": "def keep_positive(x, y):\\n    while True: yield x",
}

ANYTHING = """
import torch
class Anything:
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __hash__ = object.__hash__
    __bool__ = lambda self: True
    __float__ = lambda self: 1.0
    __int__ = __index__ = __len__ = lambda self: 1
    __getattr__ = __getitem__ = __call__ = lambda self, *args, **kwargs: self
    __iter__ = lambda self: iter([self])
"""


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_answer_earns_nothing(warm: WarmParent, name: str) -> None:
    result = graded(warm, notebook(ANYTHING, FORGERIES[name]), only=("1.3.1",))
    assert_nothing(result, "1.3.1")
    assert not result.grade.broken


# A line of the solution of 1.3.1, as a pattern that does not match itself.
NEEDLE = rb"return x, torch.full_like.x, floa[t]"

SEARCH = """
import gc, os, re, sys, types

trusted = ("reference", "exercises", "grader.examine", "grader.compare", "grader.execute", "grader.score",
           "grader.grading", "grader.catalogue", "grader_solution")
control = "control word %d" % 17
scanned = []


def scan(pid, needle):
    "Whether the writable memory of a process holds it."
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights, *rest = line.split(maxsplit=5)
            if not rights.startswith("rw") or "[v" in line:
                continue
            low, high = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(low)
                if re.search(needle, memory.read(high - low)):
                    return True
            except OSError:
                pass
    return False


def search():
    found = [name for name in list(sys.modules) if name.startswith(trusted)]
    frame = sys._getframe()
    while frame is not None:
        found += [f"frame {name}" for name in (*frame.f_locals, *frame.f_globals)
                  if name in ("reference", "solution", "expected", "rng", "seed")]
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) is types.ModuleType and thing.__name__.startswith(trusted):
            found.append(f"heap {thing.__name__}")
        if type(thing) is types.FunctionType and str(thing.__module__).startswith(trusted):
            found.append(f"heap {thing.__module__}.{thing.__name__}")
    for pid in ("self", os.getppid()):
        for part in ("environ", "cmdline"):
            try:
                text = open(f"/proc/{pid}/{part}").read()
            except OSError:  # behind walls the parent is the first process of the namespace, which is locked
                continue
            found += [f"{part} {word}" for word in ("reference", "seed", "exercise") if word in text]
    for name in ("reference", "exercises", "reference.unit1_introduction_to_tensors"):
        try:
            __import__(name)
        except ModuleNotFoundError:
            continue
        found.append(f"import {name}")
    if not scanned and scan("self", rb"control word 1[7]"):
        scanned.append(True)
        found += ["memory of self"] if scan("self", NEEDLE) else []
        try:
            found += ["memory of the parent"] if scan(os.getppid(), NEEDLE) else []
        except OSError:  # locked, see above
            pass
    return found, len(scanned)
"""


def test_nothing_of_ours_is_found_in_the_process(warm: WarmParent) -> None:
    """Neither while cells run nor while an answer is called: no solution, no check, no seed."""
    assert re.search(NEEDLE, right("1.3.1").encode())
    answer = "def keep_positive(x, y): raise RuntimeError('found: ' + repr(search()))"
    search = f"NEEDLE = {NEEDLE!r}\n" + SEARCH
    graded(warm, notebook(right("1.3.1")), only=("1.3.1",))  # the solution was in use before
    result = graded(warm, notebook(search, answer, "print('found:', search())"), only=("1.3.1",))
    assert result.grade.runs[2].error is None, result.grade.runs[2].error
    assert result.grade.runs[2].outputs[0]["text"] == "found: ([], 1)\n"
    messages = [finding.message for finding in by_id(result)["1.3.1"].findings if "found" in finding.message]
    assert messages
    assert all("found: ([], 1)" in message for message in messages)


DESCRIPTORS = """
import os, stat
def write_everywhere():
    for descriptor in range(3, 1024):
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode): continue
            os.set_blocking(descriptor, False)
            for _ in range(50): os.write(descriptor, b'{"status": "passed", "points": 4}' * 100)
        except OSError:
            pass
def close_everything(): os.closerange(3, 1024)
def read_everything():
    for descriptor in range(3, 1024):
        try:
            os.set_blocking(descriptor, False)
            os.read(descriptor, 10**6)
        except OSError:
            pass
"""


@pytest.mark.parametrize("game", ["write_everywhere", "close_everything", "read_everything"])
def test_games_with_descriptors_harm_only_their_player(warm: WarmParent, game: str) -> None:
    """In a cell and in an answer; what was kept before is graded, and so is the next submission."""
    answer = f"def keep_positive(x, y):\n    {game}()\n    return torch.where(x > 0, x, y)"
    cells = notebook("import torch", DESCRIPTORS, right("1.1.2"), answer, f"{game}()", right("1.3.2"))
    result = graded(warm, cells, only=("1.1.2", "1.3.1", "1.3.2"), cell_s=3)
    assert_full(result, "1.1.2")
    assert_full(result, "1.3.2")
    if game != "read_everything":
        assert by_id(result)["1.3.1"].findings[1].status is Status.FAILED, told(result)
    assert not result.grade.broken
    assert_full(graded(warm, notebook(right("1.3.1")), only=("1.3.1",)), "1.3.1")


IMPOSTOR = """
import gc, os, pathlib, socket, sys, threading, time
import torch
from grader.wire import Channel, decode, encode

place = pathlib.Path(os.environ["HOME"])
[landing] = [path for path in place.parent.iterdir() if path.name == "landing"]

def pose(kind, exercise, word):
    "Announce a process of our own, and say yes to every request."
    try:
        channel = Channel.connect(landing)
        channel.send(encode({"hello": kind, "word": word, "exercise": exercise}))
        while True:
            request = decode(channel.receive())
            channel.send(encode({"ended": None} if request in ("worker", "end", "stop") else {"reply": True}))
    except Exception:
        pass

def impostors(word):
    for kind in ("snapshot", "worker"):
        for exercise in ("1.3.1", "end"):
            threading.Thread(target=pose, args=(kind, exercise, word), daemon=True).start()
    for junk in (b"", b"junk", (2**63).to_bytes(8, "big"), encode(7), encode({"hello": "owner", "exercise": 5})):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(landing))
        connection.sendall(junk)
        connection.close()
    silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for connection in silent: connection.connect(str(landing))
    threading.Event().wait()

# The word that the kernel is told when it is asked to keep its state.
import grader.worker.kernel as kernel
old = kernel.fork_snapshot
def fork_snapshot(address, exercise, *rest):
    pid = old(address, exercise, *rest)
    if exercise == "1.3.1":
        for word in ("guessed", address.rsplit(" ", 1)[1]):
            if os.fork() == 0:
                impostors(word)
        time.sleep(0.5)
    return pid
kernel.fork_snapshot = fork_snapshot
print("in place")
"""


def test_impostors_at_the_socket_earn_nothing(warm: WarmParent, monkeypatch: pytest.MonkeyPatch) -> None:
    """They can stand in for the student's own process, which knows no more than they do."""
    monkeypatch.setattr("grader.execute.session.WORKER_LIMIT_S", 2)
    wrong = "def make_xy(n=10): return 1, 2\ndef keep_positive(x, y): return x"
    result = graded(warm, notebook(IMPOSTOR, right("1.1.2"), wrong), only=("1.1.2", "1.3.1"))
    assert result.grade.runs[0].outputs[0]["text"] == "in place\n", told(result)
    assert by_id(result)["1.3.1"].points == 0, told(result)
    assert not result.grade.broken
    assert_full(result, "1.1.2")
    assert_full(graded(warm, notebook(right("1.3.1")), only=("1.3.1",)), "1.3.1")


# ----------------------------------------------------------------------------------- fairness


def test_reused_names_change_nothing(warm: WarmParent) -> None:
    """Helpers and names of one exercise mean something else in the next."""
    helper = "import torch\ndef pick(x, y): return torch.where(x > 0, x, y)\nn = 10\n"
    first = helper + right("1.3.1").replace("torch.where(x > 0, x, y)", "pick(x, y)")
    spoiled = (
        "def pick(*args): raise RuntimeError('not any more')\nn = torch = x = y = None\ndel keep_positive"
    )
    assert_full(graded(warm, notebook(first, spoiled), only=("1.3.1",)), "1.3.1")


def test_helper_that_stands_below_its_answer(warm: WarmParent) -> None:
    """It ran when the student tried it; the order of cells is not what is graded."""
    answer = right("1.3.1").replace("torch.where(x > 0, x, y)", "pick(x, y)")
    assert "pick" in answer
    cells = notebook(answer, right("1.1.2"), "def pick(x, y): return torch.where(x > 0, x, y)")
    assert_full(graded(warm, cells, only=("1.3.1", "1.1.2")), "1.3.1")


def test_one_cell_for_everything(warm: WarmParent) -> None:
    result = graded(warm, notebook("\n\n".join(right(id) for id in ("1.1.2", "1.3.1", "1.3.2"))))
    for id in ("1.1.2", "1.3.1", "1.3.2"):
        assert_full(result, id)


def test_answer_in_a_cell_that_failed_below_it(warm: WarmParent) -> None:
    """What was defined before the error counts."""
    result = graded(warm, notebook(right("1.3.1") + "\n\nassert keep_positive(1, 2) == 3"), only=("1.3.1",))
    assert result.grade.runs[0].ending == "error"
    assert_full(result, "1.3.1")


def test_why_an_answer_is_missing_is_told(warm: WarmParent) -> None:
    cells = notebook("import os\nos._exit(0)\n" + right("1.3.1"), "x = 1")
    result = graded(warm, cells, only=("1.3.1",))
    assert_nothing(result, "1.3.1")
    assert "ended the process" in by_id(result)["1.3.1"].findings[0].message


def test_prints_and_warnings_cost_nothing(warm: WarmParent) -> None:
    noisy = right("1.3.1") + (
        "\n\nimport sys, warnings\nquiet = keep_positive\ndef keep_positive(x, y):\n"
        "    warnings.warn('careful'); print('x' * 10**6); print('e', file=sys.stderr)\n    return quiet(x, y)"
    )
    assert_full(graded(warm, notebook(noisy), only=("1.3.1",)), "1.3.1")


def test_same_seed_same_grade(warm: WarmParent) -> None:
    cells = notebook(
        "import torch\ndef keep_positive(x, y): return x.clone()\ndef make_xy(n=10): return torch.rand(2)"
    )
    first, second = (graded(warm, cells, only=("1.3.1",)) for _ in range(2))
    facts = [
        [(f.name, f.status, f.points, f.message) for f in r.grade.exercises[0].findings]
        for r in (first, second)
    ]
    assert facts[0] == facts[1]


def test_submission_that_answers_nothing(warm: WarmParent) -> None:
    result = graded(warm, notebook("x = 1", "1 / 0"))
    assert {exercise.status for exercise in result.grade.exercises} == {Status.NOT_ATTEMPTED}
    assert result.grade.points == 0
    assert not result.grade.broken


# --------------------------------------------------------- the same notebook, the same seed, the same grade


RANDOM_CELLS = (
    "import random\nimport numpy as np\nimport torch",
    "print(torch.rand(1).item(), np.random.rand(), random.random(), {'a', 'b', 'c', 'd'})",
    "import os, signal\nif not os.path.exists('/nowhere') and torch.rand(1) >= 0: os.kill(os.getpid(), signal.SIGKILL)",
    "print(torch.rand(1).item(), torch.get_num_threads())",
    "torch.manual_seed(3)\nprint(torch.rand(1).item())",
    # random bits with a bias that is drawn: whether it passes is a matter of luck
    "def make_random_bits(*args, **kwargs):\n    return torch.rand(2, 3) > 0.5",
)


def printed(result: Graded) -> list[str]:
    """What each cell printed, of those that printed anything."""
    texts = ["".join(str(output.get("text", "")) for output in run.outputs) for run in result.grade.runs]
    return [text for text in texts if text]


def test_one_seed_gives_the_same_numbers_and_findings(warm: WarmParent) -> None:
    exercises = {id: ALL[id] for id in ("1.1.2",)}
    runs = [grade(notebook(*RANDOM_CELLS), exercises, warm, seed=seed) for seed in (5, 5, 6)]
    first, second, other = map(printed, runs)
    assert len(first) == 3
    assert first == second, "also after a cell that killed its process and was left out"
    assert first[0] != other[0]
    assert first[2] == other[2], "a seed that the submission sets comes later"
    assert first[1].split()[1] == "1"
    told_of = [
        [(f.name, f.status, f.points, f.message) for one in result.grade.exercises for f in one.findings]
        for result in runs[:2]
    ]
    assert told_of[0] == told_of[1]
