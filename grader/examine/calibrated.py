"""Checks of an accuracy: a training is tried on seeds that the parent draws, and the best of them counts.

One run alone would have to be judged very mildly, or it would fail right answers: a threshold at the worst of
20 runs of the reference is missed by 1 right run in 21, and by three in a row once in 1,771.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from grader.compare import CheckFailed, Partly, number
from grader.examine.calibration import TRIES, Limit, Scored
from grader.examine.notes import Notes
from grader.examine.outcomes import Unanswered
from grader.examine.randomness import Random
from grader.examine.remote import Student
from grader.nouns import Check

Score = Callable[[Student, Random], float]


def calibrated(
    points: float,
    *,
    asked: float | None = None,
    half: float | None = None,
    tries: int = TRIES,
    after: str | Iterable[str] = (),
    data: Callable[[], str] | None = None,
) -> Callable[[Score], Score]:
    """Make a function a check that trains once and returns how well that went (more is better).

    The function takes ``student`` and ``rng``. ``grade calibrate`` calls it with the reference in the student's
    place, and so do its wrong answers: it must ask nothing of the solution module. A check fails when none of
    `tries` calls, each with fresh draws on a fresh process, reaches the threshold.

    Args:
        points: for reaching the threshold.
        asked: what the question says is enough; never more is demanded. If None, the worst run of the reference.
        half: what earns half of the points.
        after: as of ``check``.
        data: names the data that the score depends on, with its version.
    """

    def mark(function: Score) -> Score:
        title = " ".join((function.__doc__ or "").split())
        if not title:
            raise TypeError(
                f"the check {function.__name__} needs a docstring: it is the line the student reads"
            )
        kind = Scored(function, asked, half, tries, data)

        def judge(student: Student, rng: Random, limit: Limit, notes: Notes) -> None:
            if limit.remark:
                notes.say(limit.remark)
            score = reach(kind, student, rng, limit.threshold)
            if score > limit.too_good:
                notes.flag(
                    f"The score of {score:.4g} is above {limit.too_good:.4g}, more than any training of the reference "
                    "suggests. A better answer may do that; so does one that knows the hidden data."
                )

        judge.__scored__ = kind  # type: ignore[attr-defined]
        names = (after,) if isinstance(after, str) else tuple(after)
        function.__check__ = Check(function.__name__, title, points, names, judge)  # type: ignore[attr-defined]
        return function

    return mark


def reach(
    kind: Scored, student: Student, rng: Random, threshold: float, scores: list[float] | None = None
) -> float:
    """Try until a score reaches the threshold, and return it; `scores` takes down those that there were.

    Raises CheckFailed where none reaches it.
    """
    scores = [] if scores is None else scores
    failures: list[CheckFailed] = []
    for _ in range(kind.tries):
        try:
            scores.append(score_once(kind, student, rng.seed()))
        except Unanswered:
            raise
        except CheckFailed as failure:
            if failures and failure.message == failures[-1].message:
                break  # it is no matter of luck
            failures.append(failure)
            continue
        if scores[-1] >= threshold:
            return scores[-1]
    if not scores:
        raise failures[-1]
    best = max(scores)
    runs = "It was trained once" if len(scores) == 1 else f"The best of {len(scores)} trainings"
    message = f"{runs}{' and' if len(scores) == 1 else ''} reached {best:.4g}; at least {threshold:.4g} is asked for."
    if failures:
        message = f"{message} {failures[-1].message}"
    if kind.half is not None and best >= kind.half:
        raise Partly(1, 2, f"{message} From {kind.half:.4g} on it earns half of the points.")
    raise CheckFailed(message)


def score_once(kind: Scored, student: Student, seed: int) -> float:
    """One training on a fresh process; everything random in it follows from `seed`."""
    student.restart()
    student.seed(Random(seed, "worker").seed())
    score: Any = kind.score(student, Random(seed, "draws"))
    return number(score, what="the score")
