"""``grade calibrate``: measure the thresholds of accuracies, and whether wrong answers stay below them.

The reference is trained on many seeds, its worst score is the threshold. Then the power gate: each wrong answer
that names the check is graded until it is told whether it fails 99 times of 100, which a wide margin or an early
pass tells soon, and a count of 299 gradings in the worst case. The proof is the other half: the reference itself is
graded, with seeds that the threshold does not know, and hardly ever fails. Only our own code runs here.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from grader.compare import CheckFailed
from grader.examine.calibrated import score_once
from grader.examine.calibration import (
    Calibration,
    Power,
    Scored,
    circumstances,
    read_calibrations,
    scored,
    write_calibrations,
)
from grader.examine.link import Link
from grader.examine.randomness import Random
from grader.examine.remote import Student
from grader.examine.solutions import Variant, read_reference
from grader.examine.source import Sources
from grader.execute.landing import Landing
from grader.execute.warm import KernelSource
from grader.nouns import Check, Exercise, GraderError
from grader.power import grade_once, power_of, proof_of
from grader.wire import Channel

START_LIMIT_S = 60.0
SWEEP_AFTER = 50  # processes; what an ended one leaves behind is cleared away by a sweep only

Progress = Callable[[str, int, int], None]  # what, done, of
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one check."""

    exercise: Exercise
    check: Check
    calibration: Calibration

    @property
    def threshold(self) -> float:
        """What grading will demand."""
        kind = scored(self.check)
        asked = kind.asked if kind else None
        return self.calibration.threshold if asked is None else min(asked, self.calibration.threshold)

    @property
    def complaints(self) -> list[str]:
        """What is wrong with the check; empty where all is well."""
        kind = scored(self.check)
        found: list[str] = []
        if kind and kind.asked is not None and self.calibration.threshold < kind.asked:
            found.append(
                f"the reference itself reaches only {self.calibration.threshold:.4g}; the question asks for "
                f"{kind.asked:.4g}"
            )
        for name, power in self.calibration.power.items():
            if power.holds is False:
                found.append(f"a wrong answer passed {power.passed} of {power.gradings} gradings: {name}")
            elif power.holds is None:
                found.append(f"{power.gradings} gradings did not tell whether a wrong answer passes: {name}")
        proof = self.calibration.proof
        if proof and not proof.holds:
            failed = proof.gradings - proof.passed
            found.append(f"the reference failed {failed} of {proof.gradings} gradings")
        return found


def calibrated_checks(exercises: Mapping[str, Exercise]) -> list[tuple[Exercise, Check]]:
    """The checks that have a threshold to be measured."""
    return [(one, check) for one in exercises.values() for check in one.checks if scored(check)]


def calibrate(
    exercise: Exercise,
    check: Check,
    source: KernelSource,
    *,
    seeds: int = 20,
    jobs: int = 2,
    most: int = 300,
    gate: bool = True,
    prove: int = 0,
    progress: Progress = lambda what, done, of: None,
) -> Measured:
    """Measure one check and store the result. Raises ``GraderError`` where the reference fails altogether.

    Args:
        seeds: trainings of the reference, whose worst is the threshold.
        jobs: trainings at a time.
        most: gradings of a wrong answer after which it is given up.
        gate: whether wrong answers are graded; if not, what the last gate found is kept while it holds.
        prove: gradings of the reference; if 0, the last proof is kept while it holds.
        progress: is told what is being done.
    """
    kind = scored(check)
    assert kind is not None
    with Workers(source, jobs) as workers:
        bench = _Bench(exercise, check, kind, workers, progress)
        scores = bench.scores(seeds)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        measured = Calibration(scores, circumstances(exercise, kind), today)
        limit = min(scores) if kind.asked is None else min(kind.asked, *scores)
        measured = _with_the_rest(measured, exercise, check, limit)
        _store(exercise, check, measured)  # before the gate, which takes long and may be stopped
        if gate:
            measured = bench.gate(replace(measured, power={}), limit, most)
        if prove:
            measured = replace(measured, proof=bench.proof(limit, prove))
            _store(exercise, check, measured)
    return Measured(exercise, check, measured)


class _Bench:
    """Our own answers to one exercise, trained and graded again and again."""

    def __init__(
        self, exercise: Exercise, check: Check, kind: Scored, workers: Workers, progress: Progress
    ) -> None:
        self.exercise = exercise
        self.check = check
        self.kind = kind
        self.workers = workers
        self.progress = progress
        self.reference = read_reference(exercise)

    def scores(self, seeds: int) -> tuple[float, ...]:
        """What the reference reaches, seed by seed."""
        draws = [self._rng("calibrate", n).seed() for n in range(seeds)]

        def score(seed: int) -> float:
            try:
                with self.workers.turn():
                    return score_once(self.kind, self.workers.student(self.reference.solution), seed)
            except CheckFailed as failure:
                raise GraderError(
                    f"the reference of {self.exercise.id} fails: {failure.message}"
                ) from failure

        return tuple(self.workers.each(score, draws, lambda done: self.progress("reference", done, seeds)))

    def gate(self, measured: Calibration, limit: float, most: int) -> Calibration:
        """With the power against each wrong answer that names the check; stored as one after the other is told."""
        wrong = [variant for variant in self.reference.wrong if self.check.name in variant.fails]
        told: dict[str, Power] = {}
        lock = threading.Lock()

        def power(variant: Variant) -> None:
            found = power_of(
                lambda number: self._graded(variant.source, limit, "power", number),
                limit,
                self.kind.tries,
                most,
            )
            with lock:
                told[variant.description] = found
                _store(self.exercise, self.check, replace(measured, power=in_order()))

        def in_order() -> dict[str, Power]:
            return {one.description: told[one.description] for one in wrong if one.description in told}

        self.workers.each(power, wrong, lambda done: self.progress("wrong answers", done, len(wrong)))
        return replace(measured, power=in_order())

    def proof(self, limit: float, gradings: int) -> Power:
        """How the reference fares in so many gradings, with seeds that the threshold does not know."""
        graded = self.workers.each(
            lambda number: self._graded(self.reference.solution, limit, "proof", number),
            list(range(gradings)),
            lambda done: self.progress("proof", done, gradings),
        )
        return proof_of(graded)

    def _graded(self, source: str, limit: float, what: str, number: int) -> tuple[bool, list[float]]:
        with self.workers.turn():
            return grade_once(self.kind, self.workers.student(source), self._rng(what, number), limit)

    def _rng(self, what: str, number: int) -> Random:
        return Random(what, self.exercise.id, self.check.name, number)


def _with_the_rest(measured: Calibration, exercise: Exercise, check: Check, limit: float) -> Calibration:
    """With the gate and the proof of an earlier calibration, as far as they still hold.

    Where the same seeds give the same scores, neither the data nor the training have changed, whatever else of the
    exercise did; and a limit has not changed for an answer if as many of its scores reach it as have passed.
    """
    earlier: Calibration | None = None
    with contextlib.suppress(GraderError):
        earlier = read_calibrations(exercise).get(check.name)
    if earlier is None or [round(score, 6) for score in measured.scores] != list(earlier.scores):
        return measured
    if any(
        measured.made_with[what] != earlier.made_with.get(what)
        for what in measured.made_with.keys() - {"exercise"}
    ):
        return measured

    def holds(one: Power) -> bool:
        return sum(score >= limit for score in one.scores) == one.passed

    power = {name: one for name, one in earlier.power.items() if holds(one)}
    proof = earlier.proof if earlier.proof and holds(earlier.proof) else None
    return replace(measured, power=power, proof=proof)


def _store(exercise: Exercise, check: Check, calibration: Calibration) -> None:
    """Beside what is known of the exercise's other checks; a damaged file is written anew."""
    others: dict[str, Calibration] = {}
    with contextlib.suppress(GraderError):
        others = read_calibrations(exercise)
    write_calibrations(exercise, others | {check.name: calibration})


# ----------------------------------------------------------------------------- processes


class Workers:
    """Processes with our own sources in them, for several threads. A context manager."""

    def __init__(self, source: KernelSource, jobs: int) -> None:
        self._source = source
        self._jobs = jobs
        self._folder = Path(tempfile.mkdtemp(prefix="grade-"))
        self._names = itertools.count()
        self._mine = threading.local()
        self._links: list[Link] = []
        self._landings: list[Landing] = []
        self._turns = self._started = 0
        self._between = threading.Condition()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for link in self._links:
            link.drop()
        for landing in self._landings:
            landing.close()
        self._source.sweep()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextlib.contextmanager
    def turn(self) -> Generator[None]:
        """A grading, with processes of its own. Between gradings what the ended ones left is cleared away."""
        with self._between:
            self._between.wait_for(lambda: self._started < SWEEP_AFTER)
            self._turns += 1
        try:
            yield
        finally:
            with self._between:
                self._turns -= 1
                if self._turns == 0 and self._started >= SWEEP_AFTER:
                    self._source.sweep()
                    self._started = 0
                self._between.notify_all()

    def student(self, source: str) -> Student:
        """This thread's process with `source` in it, started anew where the thread had another one."""
        if getattr(self._mine, "source", None) != source:
            link = Link(lambda: self._start(source))
            self._links.append(link)
            self._mine.source, self._mine.student = source, Student(link, Sources([source]))
        return self._mine.student

    def each(
        self, function: Callable[[Item], Result], items: list[Item], done: Callable[[int], None]
    ) -> list[Result]:
        """The function of each item, several at a time; results in the order of the items."""
        with ThreadPoolExecutor(self._jobs) as pool, contextlib.ExitStack() as stack:
            stack.callback(pool.shutdown, cancel_futures=True)
            futures = [pool.submit(function, item) for item in items]
            results: list[Result] = []
            done(0)
            for future in futures:
                results.append(future.result())
                done(len(results))
            return results

    def _start(self, source: str) -> Channel:
        with self._between:
            self._started += 1
        folder = self._folder / f"w{next(self._names)}"
        folder.mkdir()
        landing = Landing()
        self._landings.append(landing)
        landing.listen(self._source.bare_worker(folder, landing.word, "calibrate", source))
        channel = landing.take("worker", "calibrate", START_LIMIT_S)
        landing.close()
        self._landings.remove(landing)
        if channel is None:
            raise GraderError("a reference file's code could not be started in a worker: does it run?")
        return channel


def measured_before(
    exercises: Mapping[str, Exercise],
) -> Iterator[tuple[Exercise, Check, Calibration | None]]:
    """The calibrated checks, each with what is stored of it."""
    for exercise, check in calibrated_checks(exercises):
        yield exercise, check, read_calibrations(exercise).get(check.name)
