"""For every exercise: the reference and other right answers earn everything, the stub nothing, and each wrong
answer fails exactly the checks that it names. Nothing is ever ``broken``.

    pytest tests/test_exercises.py -k 1.2.1
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import pytest

from grader.calibrate import Measured, calibrated_checks
from grader.catalogue import catalogue
from grader.examine.calibration import circumstances, read_calibrations, scored
from grader.examine.solutions import ReferenceFile, Variant, read_reference
from grader.execute.warm import WarmParent
from grader.grading import grade
from grader.nouns import Cell, Exercise, ExerciseGrade, Status, Submission

EXERCISES = catalogue()
OURS = ("exercise", "solution")  # of what a calibration depends on
HAS_A_SHARE = (Status.PASSED, Status.INCONCLUSIVE)
CAUGHT = (Status.FAILED, Status.PARTIAL, Status.NOT_ATTEMPTED)


@functools.cache
def reference(id: str) -> ReferenceFile:
    return read_reference(EXERCISES[id])


def cases(kind: str) -> list[object]:
    found = []
    for id in EXERCISES:
        for variant in getattr(reference(id), kind):
            found.append(pytest.param(id, variant, id=f"{id}-{variant.description}"))
    return found


def graded(warm: WarmParent, exercise: Exercise, source: str) -> ExerciseGrade:
    """Grade one exercise's answer, handed in as a notebook of one cell."""
    cell = Cell(0, "answer", "code", source, exercise.id)
    digest = hashlib.sha256(source.encode()).hexdigest()
    submission = Submission(Path("answer.ipynb"), "answer.ipynb", "ipynb", digest, (cell,))
    result = grade(submission, {exercise.id: exercise}, warm, seed=20_260_101)
    return result.grade.exercises[0]


def told(result: ExerciseGrade) -> str:
    lines = [f"{f.name}: {f.status}, {f.points:g} of {f.max_points:g}: {f.message}" for f in result.findings]
    details = [str((f.detail or {}).get("traceback", "")) for f in result.findings]
    return "\n".join(lines + [detail for detail in details if detail])


def assert_earns_everything(result: ExerciseGrade) -> None:
    for finding in result.findings:
        wanted = (Status.WAITING,) if finding.name in texts(result.id) else HAS_A_SHARE
        assert finding.status in wanted, told(result)
    assert result.points + result.open_points == pytest.approx(result.max_points), told(result)


def texts(id: str) -> set[str]:
    return {check.name for check in EXERCISES[id].checks if check.form == "text"}


@pytest.mark.parametrize("id", EXERCISES)
def test_reference_earns_everything(warm: WarmParent, id: str) -> None:
    assert_earns_everything(graded(warm, EXERCISES[id], reference(id).solution))


@pytest.mark.parametrize(("id", "variant"), cases("right"))
def test_other_right_answer_earns_everything(warm: WarmParent, id: str, variant: Variant) -> None:
    assert_earns_everything(graded(warm, EXERCISES[id], variant.source))


@pytest.mark.parametrize(("id", "variant"), cases("wrong"))
def test_wrong_answer_fails_the_checks_it_names(warm: WarmParent, id: str, variant: Variant) -> None:
    for _ in range(3):
        result = graded(warm, EXERCISES[id], variant.source)
        caught = {finding.name for finding in result.findings if finding.status in CAUGHT}
        if "timing" not in EXERCISES[id].kinds or caught == variant.fails:
            break  # a measured time may be inconclusive while the machine is busy with something else
    assert caught == variant.fails, told(result)
    for finding in result.findings:
        assert finding.status is not Status.BROKEN, told(result)
        if finding.name in variant.fails:
            assert finding.points < finding.max_points
            assert finding.message, "a failed check must say something that helps"


@pytest.mark.parametrize("id", EXERCISES)
def test_untouched_stub_earns_nothing(warm: WarmParent, id: str) -> None:
    result = graded(warm, EXERCISES[id], EXERCISES[id].stub)
    assert result.points == 0, told(result)
    assert result.open_points == 0, told(result)
    assert result.status is Status.NOT_ATTEMPTED, told(result)


@pytest.mark.parametrize("id", EXERCISES)
def test_exercise_is_complete(id: str) -> None:
    exercise, file = EXERCISES[id], reference(id)
    names = {check.name for check in exercise.checks}
    assert exercise.points > 0
    assert exercise.prompt
    assert len(file.wrong) >= 3
    assert file.right
    assert set(file.rubrics) == texts(id)
    for name, rubric in file.rubrics.items():
        worth = next(check.points for check in exercise.checks if check.name == name)
        assert sum(points for points, _ in rubric) == pytest.approx(worth)
    for variant in file.wrong:
        assert variant.fails <= names, f"{variant.description} names a check that does not exist"
    for answer in exercise.answers:
        assert answer in file.solution


def test_calibrations_are_those_of_these_exercises_and_references() -> None:
    """As far as the exercises decide: with another torch or scikit-learn the thresholds are stale and still used."""
    for exercise, check in calibrated_checks(EXERCISES):
        kind, known = scored(check), read_calibrations(exercise).get(check.name)
        assert kind is not None
        assert known is not None, f"grade calibrate {exercise.id} --prove 200"
        now = circumstances(exercise, kind)
        assert {what: known.made_with[what] for what in OURS} == {what: now[what] for what in OURS}
        wrong = {
            variant.description for variant in reference(exercise.id).wrong if check.name in variant.fails
        }
        assert set(known.power) == wrong, "the power gate is to be run again"
        assert Measured(exercise, check, known).complaints == []
        assert known.proof is not None
        assert known.proof.gradings >= 200
