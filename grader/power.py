"""How often an answer passes a calibrated check: the power gate for wrong answers, the proof for the reference."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable

from grader.compare import CheckFailed
from grader.examine.calibrated import reach
from grader.examine.calibration import Power, Scored
from grader.examine.randomness import Random
from grader.examine.remote import Student

RATE = 0.01  # of the gradings a wrong answer may pass
FALSE_FAILS = 0.005  # of the proof's gradings of the reference that may fail, and one in any case
DOUBT = 0.05  # chance that a count of gradings tells the wrong thing
ENOUGH = 12  # scores, or failures without one, before a margin is looked at


def power_of(
    grading_of: Callable[[int], tuple[bool, list[float]]], limit: float, tries: int, most: int
) -> Power:
    """Grade a wrong answer again and again, until it is told how often it passes."""
    scores: list[float] = []
    passed = 0
    for grading in itertools.count(1):
        passes, reached = grading_of(grading)
        passed += passes
        scores += reached
        told = verdict(grading, passed, scores, limit, tries)
        if told is not None or grading >= most:
            told_by, holds = told or ("", None)
            return Power(grading, passed, told_by, holds, tuple(scores))
    raise AssertionError("never reached")


def grade_once(kind: Scored, student: Student, rng: Random, limit: float) -> tuple[bool, list[float]]:
    """Whether an answer passes one grading, and the scores of its trainings."""
    scores: list[float] = []
    try:
        reach(kind, student, rng, limit, scores)
    except CheckFailed:
        return False, scores
    return True, scores


def proof_of(gradings: list[tuple[bool, list[float]]]) -> Power:
    """How the reference fared: at most one grading in 200 may fail, and one in any case."""
    passed = sum(passes for passes, _ in gradings)
    holds = len(gradings) - passed <= max(1, FALSE_FAILS * len(gradings))
    scores = tuple(score for _, reached in gradings for score in reached)
    return Power(len(gradings), passed, "count", holds, scores)


def verdict(
    gradings: int, passed: int, scores: list[float], limit: float, tries: int
) -> tuple[str, bool] | None:
    """Whether a wrong answer fails 99 gradings of 100, and what tells it; None as long as nothing does."""
    if at_least(passed, gradings, RATE) < DOUBT:
        return "count", False
    if at_most(passed, gradings, RATE) < DOUBT:
        return "count", True
    if passed:
        return None
    if not scores and gradings >= ENOUGH:
        return "no score", True  # it fails before it comes to a score, every time
    if len(scores) >= ENOUGH and bound(scores, 1 - (1 - RATE) ** (1 / tries)) < limit:
        return "margin", True
    return None


def at_least(hits: int, n: int, rate: float) -> float:
    """The probability of so many hits, or more, in n independent trials."""
    return 1.0 - sum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(hits))


def at_most(hits: int, n: int, rate: float) -> float:
    """The probability of so many hits, or fewer, in n independent trials."""
    return sum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(hits + 1))


def bound(scores: list[float], share: float) -> float:
    """What a single training exceeds at most with probability `share`: a one-sided tolerance bound.

    Of a normal distribution, with a confidence of 99 % (Natrella's approximation), and with the distance from
    the mean doubled, because scores are not normal.
    """
    n, z = len(scores), statistics.NormalDist().inv_cdf
    reach, sure = z(1 - share), z(0.99)
    a, b = 1 - sure**2 / (2 * (n - 1)), reach**2 - sure**2 / n
    factor = (reach + math.sqrt(max(reach**2 - a * b, 0.0))) / a
    return statistics.fmean(scores) + 2 * factor * statistics.stdev(scores)
