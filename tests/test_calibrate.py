"""Calibrated accuracies: the threshold, the tries, the power gate, and a calibration that no longer holds."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader.authoring import Random, Student, calibrated
from grader.calibrate import SWEEP_AFTER, Workers, calibrate
from grader.calibrate_command import calibrate_and_show
from grader.compare import CheckFailed, Partly
from grader.examine import calibration as store
from grader.examine.calibrated import reach
from grader.examine.calibration import (
    Calibration,
    Limit,
    limit_of,
    read_calibrations,
    scored,
    staleness,
    write_calibrations,
)
from grader.examine.notes import Notes
from grader.examine.outcomes import Unanswered
from grader.execute.warm import WarmParent
from grader.nouns import Check, Exercise, Finding, GraderError, Status
from grader.power import bound, proof_of, verdict
from grader.write.distribution import histogram_lines, save_figure

EXERCISE = '''"""# Made up

A question.
"""
'''
REFERENCE = '''"""Trains a little."""
# %% solution
import random
def train():
    return 0.9 + 0.05 * random.random()
# %% right: the same
def train():
    return 0.9 + 0.05 * random.random()
# %% wrong: too little -> accuracy
def train():
    return 0.5 + 0.05 * random.random()
# %% wrong: lucky now and then -> accuracy
def train():
    return 0.96 if random.random() < 0.3 else 0.5
# %% wrong: raises -> accuracy
def train():
    raise ValueError("no")
'''


@calibrated(points=4, asked=0.93, half=0.91)
def accuracy(student: Student, rng: Random) -> float:
    """reaches 93 %"""
    return student.train()


@calibrated(points=1)
def measured_only(student: Student, rng: Random) -> float:
    """reaches what the reference reaches"""
    return student.train()


def check_of(function: Any) -> Check:
    return function.__check__


@pytest.fixture
def exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exercise:
    path, reference = tmp_path / "exercise.py", tmp_path / "reference.py"
    path.write_text(EXERCISE)
    reference.write_text(REFERENCE)
    for module in ("grader.examine.solutions", "grader.examine.calibration"):
        monkeypatch.setattr(f"{module}.reference_path", lambda exercise: reference)
    checks = (check_of(accuracy), check_of(measured_only))
    return Exercise("99.1.1", "made_up", "Made up", "", "", "", "", checks, ("accuracy",), 1, {}, path)


class Fake:
    """A student whose trainings give these scores, or raise these errors, one after the other."""

    def __init__(self, *results: float | Exception) -> None:
        self.results = iter(results)
        self.seeds: list[int] = []

    def restart(self) -> None: ...

    def seed(self, seed: int) -> None:
        self.seeds.append(seed)

    def train(self) -> float:
        result = next(self.results)
        if isinstance(result, Exception):
            raise result
        return result


def tried(*results: float | Exception, threshold: float = 0.93) -> Fake:
    student: Any = Fake(*results)
    kind = scored(check_of(accuracy))
    assert kind is not None
    reach(kind, student, Random(1), threshold)
    return student


@pytest.mark.parametrize("results", [(0.95,), (0.5, 0.95), (0.5, 0.6, 0.93), (CheckFailed("diverged"), 0.95)])
def test_any_of_three_tries_passes(results: tuple[Any, ...]) -> None:
    assert len(set(tried(*results).seeds)) == len(results)


def test_three_tries_below_fail_with_the_best_of_them() -> None:
    with pytest.raises(CheckFailed, match=r"best of 3 trainings reached 0.6; at least 0.93") as caught:
        tried(0.5, 0.6, 0.4)
    assert not isinstance(caught.value, Partly)


def test_half_of_the_points() -> None:
    with pytest.raises(Partly) as caught:
        tried(0.5, 0.92, 0.4)
    assert caught.value.share == 0.5


def judged(score: float, known: Calibration) -> Finding:
    """What becomes of a score, with this calibration."""
    check, notes = check_of(accuracy), Notes()
    student: Any = Fake(score)
    assert check.function is not None
    check.function(student, Random(1), Limit(0.8, "", known.too_good), notes)
    return notes.beside(Finding("accuracy", "", Status.PASSED, 4, 4))


def test_a_score_that_is_too_good_is_flagged_and_costs_nothing() -> None:
    known = Calibration((0.86, 0.88, 0.87), {})
    assert known.too_good == pytest.approx(0.92)
    for score, flagged in ((0.87, False), (0.91, False), (0.93, True), (1.0, True)):
        finding = judged(score, known)
        assert bool(finding.flag) is flagged
        assert (finding.status, finding.points) == (Status.PASSED, 4)


def test_without_a_spread_a_better_answer_has_some_room() -> None:
    known = Calibration((0.8, 0.8), {})
    assert not judged(0.805, known).flag
    assert judged(0.82, known).flag


def test_a_score_of_one_is_never_too_good_where_the_reference_reaches_it() -> None:
    assert not judged(1.0, Calibration((0.9955, 1.0, 1.0), {})).flag


def test_the_same_failure_twice_is_not_tried_a_third_time() -> None:
    with pytest.raises(CheckFailed, match="it raised"):
        tried(CheckFailed("it raised"), CheckFailed("it raised"))


def test_what_is_not_written_is_not_tried_again() -> None:
    with pytest.raises(Unanswered):
        tried(Unanswered("not there"))


@pytest.mark.parametrize("score", [float("nan"), None, "0.99", True])
def test_no_strange_score_passes(score: Any) -> None:
    with pytest.raises(CheckFailed):
        tried(score, score, score)


def test_limits(exercise: Exercise) -> None:
    asked, own = exercise.checks
    assert limit_of(exercise, asked).threshold == 0.93
    assert "never measured" in limit_of(exercise, asked).remark
    with pytest.raises(GraderError, match="grade calibrate"):
        limit_of(exercise, own)
    kind = scored(asked)
    assert kind is not None
    now = store.circumstances(exercise, kind)
    known = Calibration((0.99, 0.95, 0.97), now)
    write_calibrations(exercise, {"accuracy": known, "measured_only": known})
    assert limit_of(exercise, asked).threshold == 0.93
    assert limit_of(exercise, own).threshold == 0.95
    assert not limit_of(exercise, own).remark
    low = Calibration((0.99, 0.9), now)
    write_calibrations(exercise, {"accuracy": low, "measured_only": low})
    assert limit_of(exercise, asked).threshold == 0.9, "never more than the reference reaches"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"torch": "1.9.0"}, "torch 1.9.0 was in use"),
        ({"device": "cuda"}, "device was cuda"),
        ({"data": "others"}, "data were others"),
        ({"exercise": "x"}, "exercise has changed"),
        ({"solution": "x"}, "reference solution has changed"),
    ],
)
def test_a_stale_calibration_is_told(exercise: Exercise, change: dict[str, str], words: str) -> None:
    check = exercise.checks[0]
    kind = scored(check)
    assert kind is not None
    now = store.circumstances(exercise, kind)
    write_calibrations(exercise, {"accuracy": Calibration((0.99,), now | change)})
    known = read_calibrations(exercise)["accuracy"]
    assert words in staleness(known, exercise, kind)[0]
    assert words in limit_of(exercise, check).remark


def test_another_wording_of_the_prompt_is_no_change(exercise: Exercise) -> None:
    kind = scored(exercise.checks[0])
    assert kind is not None
    known = Calibration((0.99,), store.circumstances(exercise, kind))
    exercise.path.write_text(EXERCISE.replace("A question.", "Another\n\nquestion."))
    assert staleness(known, exercise, kind) == []
    exercise.path.write_text(EXERCISE + "NOISE = 1\n")
    assert staleness(known, exercise, kind) != []


@pytest.mark.parametrize(
    "text", ["", "{}", '{"checks": {"accuracy": {"scores": [], "made_with": {}}}}', "[1]"]
)
def test_a_damaged_file_is_told(exercise: Exercise, text: str) -> None:
    store.calibration_path(exercise).write_text(text)
    with pytest.raises(GraderError, match="damaged"):
        read_calibrations(exercise)


def test_verdicts_of_the_power_gate() -> None:
    assert verdict(20, 0, [], 0.9, 3) == ("no score", True)
    assert verdict(5, 0, [0.5] * 9, 0.9, 3) is None
    assert verdict(299, 0, [0.5, 0.89] * 400, 0.9, 3) == ("count", True)
    assert verdict(200, 0, [0.5, 0.89] * 300, 0.9, 3) is None
    assert verdict(10, 2, [0.5] * 20, 0.9, 3) == ("count", False)
    assert verdict(40, 1, [0.5] * 100, 0.9, 3) is None
    assert verdict(4, 0, [0.50, 0.51, 0.49] * 4, 0.9, 3) == ("margin", True)
    assert verdict(4, 0, [0.85, 0.88, 0.80] * 4, 0.9, 3) is None


@pytest.mark.parametrize(
    ("passed", "of", "holds"),
    [(200, 200, True), (199, 200, True), (198, 200, False), (9, 10, True), (8, 10, False)],
)
def test_the_proof_of_the_reference(passed: int, of: int, holds: bool) -> None:
    gradings = [(True, [0.99])] * passed + [(False, [0.5, 0.6, 0.7])] * (of - passed)
    proof = proof_of(gradings)
    assert (proof.gradings, proof.passed, proof.holds) == (of, passed, holds)
    assert len(proof.scores) == passed + 3 * (of - passed)


def test_the_bound_is_far_above_what_is_normal() -> None:
    import random

    draws = random.Random(0)
    scores = [draws.gauss(0.5, 0.01) for _ in range(12)]
    assert 0.53 < bound(scores, 0.003) < 0.75
    assert bound(scores * 10, 0.003) < bound(scores, 0.003)


def test_histogram() -> None:
    lines = histogram_lines([0.9, 0.91, 0.95, 0.95, 1.0], 0.9)
    assert len(lines) == 10
    assert "threshold" in lines[0]
    assert "threshold" in histogram_lines([0.5, 0.5], 0.3)[0]
    assert len(histogram_lines([0.5], 0.5)) == 10


def test_figures(tmp_path: Path) -> None:
    paths = save_figure(
        "2.9.4 <x> $y", [0.9, 0.95], 0.9, {"wrong $x_": (0.5, 0.5), "none": ()}, tmp_path / "a.b"
    )
    assert [path.name for path in paths] == ["a.b.png", "a.b.svg"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")


def test_calibrate(
    exercise: Exercise, warm: WarmParent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = dataclasses.replace(exercise, checks=exercise.checks[:1])
    steps: list[tuple[str, int, int]] = []
    measured = calibrate(
        exercise, exercise.checks[0], warm, seeds=6, most=40, progress=lambda *step: steps.append(step)
    )
    scores = measured.calibration.scores
    assert len(scores) == len(set(scores)) == 6
    assert all(0.9 <= score <= 0.95 for score in scores)
    again = calibrate(exercise, exercise.checks[0], warm, seeds=6, jobs=1, gate=False, prove=8)
    assert again.calibration.scores == scores, "the seeds decide, and nothing else"
    assert again.calibration.power.keys() == measured.calibration.power.keys(), (
        "what the gate found still holds"
    )
    proof = again.calibration.proof
    assert proof is not None
    assert (proof.gradings, proof.passed, proof.holds) == (8, 8, True)
    assert not set(proof.scores) & set(scores), "fresh seeds"
    assert read_calibrations(exercise)["accuracy"].proof is not None
    assert ("reference", 6, 6) in steps
    power = measured.calibration.power
    assert (power["too little"].holds, power["too little"].told_by) == (True, "margin")
    assert (power["raises"].holds, power["raises"].told_by) == (True, "no score")
    assert power["lucky now and then"].holds is False
    assert any("lucky" in complaint for complaint in measured.complaints)
    assert any("reaches only" in complaint for complaint in measured.complaints)
    held = json.loads(store.calibration_path(exercise).read_text())["checks"]["accuracy"]
    assert held["made_with"]["device"] == "cpu"
    console = Console(width=100, record=True, file=io.StringIO())
    options: dict[str, Any] = {"seeds": 3, "jobs": 2, "most": 5, "gate": False}
    assert not calibrate_and_show({"99.1.1": exercise}, warm, tmp_path, **options, console=console)
    assert "threshold" in console.export_text()
    kept = read_calibrations(exercise)["accuracy"]
    assert kept.power == {}, "another set of scores: the gate must be run again"
    assert (tmp_path / "99.1.1-accuracy.png").is_file()


def test_between_gradings_what_ended_processes_left_is_cleared_away(tmp_path: Path) -> None:
    """A zygote keeps each child's first process until a sweep: 600 of them brought a calibration to a halt."""

    class Source:
        swept = 0

        def sweep(self) -> None:
            assert not inside, "nobody's process may be ended in the middle of a grading"
            self.swept += 1

        def bare_worker(self, *_: object) -> Path:
            raise GraderError("no process")

    inside: list[int] = []
    source: Any = Source()

    def graded(workers: Workers, number: int) -> None:
        with workers.turn():
            inside.append(number)
            with contextlib.suppress(GraderError):
                workers.student(f"# {number}").f()
            inside.remove(number)

    with Workers(source, 2) as workers:
        workers.each(
            lambda number: graded(workers, number), list(range(2 * SWEEP_AFTER + 10)), lambda done: None
        )
        assert 1 <= source.swept <= 2
    assert source.swept >= 2


def test_a_reference_that_fails_is_told(exercise: Exercise, warm: WarmParent, tmp_path: Path) -> None:
    (tmp_path / "reference.py").write_text(REFERENCE.replace("return 0.9 +", "return None and", 1))
    with pytest.raises(GraderError, match=r"the reference of .* fails"):
        calibrate(exercise, exercise.checks[0], warm, seeds=2, gate=False)
