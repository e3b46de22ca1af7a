"""From an executed notebook to findings: every status, and an answer that kills everything it can reach."""

from __future__ import annotations

import dataclasses
import hashlib
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.authoring import (
    Clock,
    Inconclusive,
    Random,
    Reference,
    Skipped,
    Student,
    check,
    close,
    ensure,
    equal,
    partly,
    text,
)
from grader.examine.examination import examine
from grader.execute.run import RunLimits
from grader.execute.session import Session, execute
from grader.execute.warm import WarmParent
from grader.nouns import Cell, Check, Exercise, Finding, Status, Submission

ID = "99.1.1"
SOLUTION = '''"""It doubles."""
# %% solution
def double(x):
    return x * 2
def odd(x):
    return 1
why = "because"
'''

Findings = dict[str, Finding]
Examined = Callable[..., Findings]


def exercise(*functions: Any) -> Exercise:
    checks = tuple(f if isinstance(f, Check) else f.__check__ for f in functions)
    return Exercise(ID, "made_up", "Made up", "", "", "", "", checks, ("tensor",), 1, {}, Path("a/b/c.py"))


@pytest.fixture
def reference_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "reference.py"
    path.write_text(SOLUTION)
    monkeypatch.setattr("grader.examine.solutions.reference_path", lambda exercise: path)


@pytest.fixture
def run(warm: WarmParent, reference_file: None) -> Iterator[Callable[..., Session]]:
    """``run(cell, cell, ...)``: a session in which they were executed; the last `others` of no exercise."""
    sessions: list[Session] = []

    def start(*sources: str, others: int = 0) -> Session:
        own = len(sources) - others
        cells = tuple(
            Cell(i, f"cell{i}", "code", textwrap.dedent(source), ID if i < own else None)
            for i, source in enumerate(sources)
        )
        digest = hashlib.sha256(repr(sources).encode()).hexdigest()
        submission = Submission(Path("made_up.ipynb"), "made_up.ipynb", "ipynb", digest, cells)
        sessions.append(execute(submission, warm, frozenset({ID}), RunLimits(cell_s=30, total_s=60)))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


def found(
    session: Session, *functions: Any, seed: int = 1, written: dict[str, str] | None = None
) -> Findings:
    return {f.name: f for f in examine(session, exercise(*functions), written or {}, seed)}


@check(points=2)
def doubles(student: Student, reference: Reference, rng: Random) -> None:
    """doubles a hidden tensor"""
    x = rng.randn(5)
    close(student.double(x), reference.double(x))


@check(points=1, after="doubles")
def later(student: Student) -> None:
    """is looked at only then"""


@check(points=4)
def half(student: Student) -> None:
    """is half right"""
    partly(1, 2, "Half of it.")


@check(points=1)
def noisy(student: Student, clock: Clock) -> None:
    """cannot be told"""
    raise Inconclusive("too noisy")


@check(points=1)
def elsewhere(student: Student) -> None:
    """needs a GPU"""
    raise Skipped("There is no GPU here.")


@check(points=1)
def bug(student: Student) -> None:
    """has a bug"""
    raise KeyError("my own")


@check(points=1)
def trips(student: Student) -> None:
    """uses the answer without care"""
    equal({1: "one"}[student.odd(1)], "one")


@check(points=1)
def calls_odd(student: Student) -> None:
    """survives"""
    student.odd(1)


RIGHT = """
def double(x):
    return 2 * x
"""


def test_every_status(run: Callable[..., Session]) -> None:
    session = run(RIGHT)
    findings = found(session, doubles, later, half, noisy, elsewhere, bug)
    assert {name: (f.status, f.points) for name, f in findings.items()} == {
        "doubles": (Status.PASSED, 2),
        "later": (Status.PASSED, 1),
        "half": (Status.PARTIAL, 2),
        "noisy": (Status.INCONCLUSIVE, 1),
        "elsewhere": (Status.SKIPPED, 0),
        "bug": (Status.BROKEN, 0),
    }
    assert "my own" in (findings["bug"].detail or {})["traceback"]
    assert "KeyError" not in findings["bug"].message


def test_wrong_and_missing(run: Callable[..., Session]) -> None:
    findings = found(run("def double(x):\n    return 3 * x"), doubles, later)
    assert [f.status for f in findings.values()] == [Status.FAILED, Status.SKIPPED]
    assert "factor" in findings["doubles"].message or "times" in findings["doubles"].message
    assert "doubles a hidden tensor" in findings["later"].message
    findings = found(run("def triple(x):\n    return 3 * x"), doubles)
    assert findings["doubles"].status is Status.NOT_ATTEMPTED
    findings = found(run("def double(x):\n    raise NotImplementedError"), doubles)
    assert findings["doubles"].status is Status.NOT_ATTEMPTED


@pytest.mark.parametrize("value", ["2", "[1]", "None", "float('nan')", "print", "'one'", "10**5000"])
def test_an_answer_that_trips_a_check_is_to_blame(run: Callable[..., Session], value: str) -> None:
    (finding,) = found(run(f"def odd(x):\n    return {value}"), trips).values()
    assert (finding.status, finding.points) == (Status.FAILED, 0)
    assert finding.message


DEADLY = {
    "os._exit(3)": "the process ended itself with exit code 3",
    "ctypes.string_at(0)": "the process was ended by the signal SIGSEGV",
    "os.kill(os.getpid(), 9)": "the process was ended by the signal SIGKILL",
    "os.abort()": "the process was ended by the signal SIGABRT",
}


def test_an_answer_that_kills_its_process(run: Callable[..., Session]) -> None:
    """The message says how, and the next check finds everything as the cells left it."""
    session = run(f"""
        import ctypes, os
        state = []
        deaths = {list(DEADLY)!r}
        def die(i):
            state.append(i)
            exec(deaths[i])
        {textwrap.indent(RIGHT, " " * 8).strip()}
    """)

    def dies(i: int) -> Check:
        def function(student: Student) -> None:
            student.die(i)

        return Check(f"dies{i}", "dies", 1, (), function)

    @check(points=1)
    def untouched(student: Student) -> None:
        """finds the state of the cells"""
        equal(student.state, [])

    for i, words in enumerate(DEADLY.values()):
        findings = found(session, dies(i), untouched, doubles)
        assert words in findings[f"dies{i}"].message
        assert findings[f"dies{i}"].status is Status.FAILED
        assert findings["untouched"].status is Status.PASSED
        assert findings["doubles"].status is Status.PASSED


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_sleeps(run: Callable[..., Session]) -> None:
    @check(points=1)
    def quick(student: Student) -> None:
        """is quick"""
        with student.within(0.3):
            student.odd(1)

    findings = found(run("import time\ndef odd(x):\n    time.sleep(60)\n" + RIGHT), quick, doubles)
    assert "longer than 0.3 s and was stopped" in findings["quick"].message
    assert findings["doubles"].status is Status.PASSED


def test_an_answer_that_kills_the_copy_it_was_made_from(run: Callable[..., Session]) -> None:
    """The cells are run once more; the check that did it fails, the next one is judged rightly."""
    session = run("import os\ndef odd(x):\n    os.kill(os.getppid(), 9)\n    os._exit(0)\n" + RIGHT)
    findings = found(session, calls_odd, doubles)
    assert findings["calls_odd"].status is Status.FAILED
    assert findings["doubles"].status is Status.PASSED


def test_a_later_cell_changes_nothing(run: Callable[..., Session]) -> None:
    session = run(RIGHT, "def double(x):\n    return None\nx = double = None", others=1)
    assert found(session, doubles)["doubles"].status is Status.PASSED


def test_a_name_that_a_later_cell_defines_is_found(run: Callable[..., Session]) -> None:
    session = run("def double(x):\n    return factor * x", "factor = 2", others=1)
    assert found(session, doubles)["doubles"].status is Status.PASSED


def test_an_exercise_that_is_not_there(run: Callable[..., Session]) -> None:
    session = run("x = 1", others=1)
    (finding,) = found(session, doubles).values()
    assert finding.status is Status.NOT_ATTEMPTED


def test_written_answers(run: Callable[..., Session]) -> None:
    why = text(points=3, question="Why?").named("why")
    session = run("why = 'Because it is so.'")
    (finding,) = found(session, why).values()
    assert (finding.status, finding.points, finding.max_points) == (Status.WAITING, 0, 3)
    assert (finding.detail or {})["text"] == "Because it is so."
    (finding,) = found(session, why, written={"why": "Said in Markdown."}).values()
    assert (finding.detail or {})["text"] == "Said in Markdown."
    for empty in ("why = '  '", "why = None", "other = 1", "why = 7", "why = print"):
        (finding,) = found(run(empty), why).values()
        assert finding.status is Status.NOT_ATTEMPTED


def test_hidden_inputs_and_seeds_depend_on_the_run_alone(run: Callable[..., Session]) -> None:
    seen: list[Any] = []

    @check(points=1)
    def draws(student: Student, rng: Random) -> None:
        """is the same again"""
        seen.append((rng.randn(3).tolist(), student.noise(None).tolist()))

    session = run("import torch\ntorch.rand(7)\ndef noise(x):\n    return torch.rand(3)")
    other = run("import torch\ndef noise(x):\n    return torch.rand(3)")
    found(session, draws, seed=1)
    found(session, draws, seed=1)
    found(other, draws, seed=1)
    found(session, draws, seed=2)
    assert seen[0] == seen[1] == seen[2]
    assert seen[3][0] != seen[0][0]
    assert seen[3][1] != seen[0][1]


def test_a_check_may_time_the_answer_against_the_solution(run: Callable[..., Session]) -> None:
    @check(points=1)
    def speed(student: Student, reference: Reference, clock: Clock) -> None:
        """is timed beside the solution"""
        assert reference.double(2) == 4
        ratio = clock.ratio(student.double, clock.reference.double, lambda: (torch.rand(3),))
        ensure(ratio.median > 0, "A ratio is positive.")

    assert found(run(RIGHT), speed)["speed"].status is Status.PASSED


def test_findings_are_in_order_and_timed(run: Callable[..., Session]) -> None:
    findings = found(run(RIGHT), half, doubles)
    assert list(findings) == ["half", "doubles"]
    assert all(f.seconds >= 0 for f in findings.values())
    assert dataclasses.replace(findings["doubles"], seconds=0.0).max_points == 2
