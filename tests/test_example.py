"""The bundled example gets the grade that it was written to get."""

from __future__ import annotations

from pathlib import Path

from grader.catalogue import catalogue
from grader.execute.warm import WarmParent
from grader.grading import answered, grade
from grader.nouns import Status
from grader.read import read

EXAMPLES = Path(__file__).parents[1] / "examples"
EXAMPLE = EXAMPLES / "submission.ipynb"

FAILING = {
    "1.1.1": {"to_tensor_or_none", "refusal_reasons"},
    "1.1.2": set[str](),
    "1.2.1": {"frobenius_norms", "infinity_norms"},
    "1.2.2": set[str](),
    "1.3.1": {"values"},
    "1.3.2": {"values"},
    "1.5.1": {"rule"},
    "1.6.1": set[str](),
    "1.6.2": {"derivatives", "grad_with_zero_"},
}


def test_the_example_is_graded_as_intended(warm: WarmParent) -> None:
    submission = read(EXAMPLE)
    result = grade(submission, answered(submission, catalogue()), warm, seed=3).grade
    assert not result.broken
    exercises = {exercise.id: exercise for exercise in result.exercises}
    assert exercises["1.4.1"].status is Status.NOT_ATTEMPTED
    for id, failing in FAILING.items():
        lost = {f.name for f in exercises[id].findings if f.status in (Status.FAILED, Status.PARTIAL)}
        assert lost == failing, (id, [(f.name, f.message) for f in exercises[id].findings])
    assert exercises["1.1.2"].status is Status.PASSED
    assert exercises["1.6.1"].status is Status.WAITING
    assert [run.ending for run in result.runs].count("error") == 1


def test_a_notebook_as_the_course_writes_them(warm: WarmParent) -> None:
    """``root="/22961"``, ``download=True``, a training in the notebook itself, ``plt.show()``, ``%%timeit``."""
    submission = read(EXAMPLES / "unit2.ipynb")
    result = grade(submission, answered(submission, catalogue()), warm, seed=3).grade
    assert [(run.ending, run.error) for run in result.runs if run.ending != "ok"] == []
    printed = "".join(str(output.get("text", "")) for run in result.runs for output in run.outputs)
    assert "6000 training images" in printed
    accuracy = float(printed.split("epoch 2: test accuracy ")[1].split()[0])
    assert accuracy > 0.6, "the embedded clothes are there to be learnt"
    assert not result.broken
    points = {exercise.id: exercise.points for exercise in result.exercises if exercise.points}
    assert points == {"2.2.1": 4, "2.6.1": 5, "2.6.4": 1, "2.7.1": 5}
    assert result.open_points == 3
