"""No exercise gives a point to an answer that nobody thought about, whatever it returns.

Each unit is handed in as one notebook of lazy answers, made from the stubs; exercises that are added later are
covered as soon as they are in the catalogue. Where a lazy answer truly satisfies a check, the table below says
why.

    pytest tests/forgery/test_lazy_answers.py -k "1-zero"
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from lazy_answers import LAZY, Lazy, lazy_source

from grader.catalogue import catalogue
from grader.execute.warm import WarmParent
from grader.grading import grade
from grader.nouns import Cell, Finding, Status, Submission

EXERCISES = catalogue()
UNITS = sorted({exercise.unit for exercise in EXERCISES.values()}, key=int)
INTERNALS = ("Handle", "grader.", "WireError", "Traceback")

# Exercise, check, lazy answer -> why it has earned it.
ZERO_IS_RIGHT = "the derivative that is asked for is the number zero"
DESERVED: dict[tuple[str, str, str], str] = {
    ("1.6.2", "grad_with_zero_", "zero"): ZERO_IS_RIGHT,
    ("1.6.2", "grad_with_zero_", "a zero tensor"): ZERO_IS_RIGHT,
    ("2.3.1", "better_alpha", "a float"): "0.5 is one of the many learning rates that do better than 0.1",
}


def names_not_in_the_stub(id: str) -> str:
    """Choices and written answers need not stand in a stub; a lazy student defines them all the same."""
    exercise = EXERCISES[id]
    return "\n".join(f"{name} = None" for name in exercise.answers if name not in exercise.stub)


def submission(unit: str, lazy: Lazy) -> Submission:
    cells = tuple(
        Cell(
            index, f"cell{index}", "code", lazy_source(f"{e.stub}\n{names_not_in_the_stub(e.id)}", lazy), e.id
        )
        for index, e in enumerate(e for e in EXERCISES.values() if e.unit == unit)
    )
    digest = hashlib.sha256(f"{unit} {lazy.name}".encode()).hexdigest()
    return Submission(Path("lazy.ipynb"), "lazy.ipynb", "ipynb", digest, cells)


def told(id: str, finding: Finding) -> str:
    trace = str((finding.detail or {}).get("traceback", ""))
    return f"{id} {finding.name}: {finding.status}, {finding.points:g} points. {finding.message}\n{trace}"


@pytest.mark.parametrize("lazy", LAZY, ids=[lazy.name.replace(" ", "_") for lazy in LAZY])
@pytest.mark.parametrize("unit", UNITS)
def test_a_lazy_answer_earns_nothing(warm: WarmParent, unit: str, lazy: Lazy) -> None:
    exercises = {id: exercise for id, exercise in EXERCISES.items() if exercise.unit == unit}
    result = grade(submission(unit, lazy), exercises, warm, seed=20_260_102)
    assert all(run.ending == "ok" for run in result.grade.runs), result.grade.runs
    undeserved: list[str] = []
    for exercise in result.grade.exercises:
        for finding in exercise.findings:
            if finding.points > 0 and (exercise.id, finding.name, lazy.name) not in DESERVED:
                undeserved.append(told(exercise.id, finding))
            if finding.status is Status.BROKEN or any(word in finding.message for word in INTERNALS):
                undeserved.append(told(exercise.id, finding))
    assert not undeserved, "\n" + "\n".join(undeserved)


@pytest.mark.parametrize("id", EXERCISES)
def test_lazy_answers_have_all_names(id: str) -> None:
    """The notebooks above are what they should be: each name of the contract is there and can be called."""
    exercise = EXERCISES[id]
    for lazy in LAZY:
        source = lazy_source(f"{exercise.stub}\n{names_not_in_the_stub(id)}", lazy)
        for name in exercise.answers:
            assert name in source
        assert "NotImplementedError" not in source


def test_every_exception_is_an_exercise_that_exists() -> None:
    names = {lazy.name for lazy in LAZY}
    for id, check, lazy in DESERVED:
        assert check in {found.name for found in EXERCISES[id].checks}
        assert lazy in names
