"""How the exercises and checks of an exam did with a class: classical test theory, on a ``ClassGrades``.

The terms and the formulas are those of Crocker and Algina, *Introduction to Classical and Modern Test Theory*
(Holt, Rinehart and Winston, 1986), chapters 5 to 7 (scores and reliability) and 14 (item analysis). An *item*
is an exercise, or one check of it.

Three decisions that the books leave to us:

* Everything is a share of the points that are *decided*. What waits for a person, or for us (``waiting``,
  ``broken``), is left out for that student and does not count as zero. So the numbers mean something before
  the written answers are marked.
* What was not attempted counts as zero, as usual in an exam without penalty for guessing; how many attempted
  the item is told beside it.
* Only attempts that were graded count. Who handed in nothing, or something unreadable, answered no item.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from grader.nouns import Attempt, ClassGrades, ExerciseGrade, Finding, Status

Numbers = NDArray[np.float64]

_UNDECIDED = (Status.WAITING, Status.BROKEN)
_TINY = 1e-9  # shares of points are sums of decimal fractions


@dataclass(frozen=True, slots=True)
class Item:
    """What a class made of one exercise, or of one check of it. Shares are between 0 and 1."""

    exercise: str
    check: str  # "" for the exercise as a whole
    title: str
    max_points: float
    students: int  # whose graded attempts hold the item
    attempted: int
    decided: int  # of whom at least some of the item's points are decided
    mean_share: float | None  # of the points: the difficulty, p, of an item that is worth several points
    success: float | None  # who earned all of it: p in the narrow sense
    discrimination: float | None  # corrected item-total correlation, -1 to 1
    undefined: str  # why there is no discrimination; "" where there is
    statuses: Mapping[Status, int] = field(hash=False)
    median_seconds: float | None  # of those who attempted it


@dataclass(frozen=True, slots=True)
class Reliability:
    """Cronbach's alpha over the exercises, or why it is not defined."""

    alpha: float | None
    undefined: str
    items: int
    students: int
    left_out: int  # checks that wait for a person in at least one attempt


@dataclass(frozen=True, slots=True)
class ItemAnalysis:
    exercises: tuple[Item, ...]
    checks: Mapping[str, tuple[Item, ...]] = field(hash=False)  # by exercise
    reliability: Reliability


def item_analysis(grades: ClassGrades) -> ItemAnalysis:
    """Analyse every exercise and every check, in the order in which the attempts hold them."""
    attempts = [attempt for attempt in grades.attempts if attempt.state == "graded"]
    totals = np.array([_total(attempt) for attempt in attempts], dtype=np.float64).reshape(-1, 2)
    wholes: dict[str, list[tuple[int, ExerciseGrade]]] = {}
    parts: dict[str, dict[str, list[tuple[int, Finding]]]] = {}
    for row, attempt in enumerate(attempts):
        for one in attempt.exercises:
            wholes.setdefault(one.id, []).append((row, one))
            checks = parts.setdefault(one.id, {})
            for finding in one.findings:
                checks.setdefault(finding.name, []).append((row, finding))
    order = sorted(wholes, key=in_order)
    return ItemAnalysis(
        exercises=tuple(_item(id, "", wholes[id], totals) for id in order),
        checks={id: tuple(_item(id, name, held, totals) for name, held in parts[id].items()) for id in order},
        reliability=_reliability([attempt.exercises for attempt in attempts], order),
    )


def in_order(id: str) -> tuple[tuple[int, int, str], ...]:
    """A key to sort the ids of exercises by: 1.2 before 1.10, and before names without a number."""
    return tuple((0, int(p), "") if p.isascii() and p.isdigit() else (1, 0, p) for p in id[:100].split("."))


def _item(
    exercise: str, check: str, held: Sequence[tuple[int, ExerciseGrade | Finding]], totals: Numbers
) -> Item:
    pairs = np.array([_points(one) for _, one in held], dtype=np.float64).reshape(-1, 2)
    rest = totals[[row for row, _ in held]] - pairs
    shares, rests = _shares(pairs), _shares(rest)
    decided = shares[np.isfinite(shares)]
    statuses = Counter(one.status for _, one in held)
    tried = [one.seconds for _, one in held if one.status is not Status.NOT_ATTEMPTED]
    r, undefined = _correlation(shares, rests)
    return Item(
        exercise=exercise,
        check=check,
        title=held[0][1].title,
        max_points=max((one.max_points for _, one in held if math.isfinite(one.max_points)), default=0.0),
        students=len(held),
        attempted=len(tried),
        decided=len(decided),
        mean_share=float(decided.mean()) if len(decided) else None,
        success=float((decided > 1 - 1e-6).mean()) if len(decided) else None,
        discrimination=r,
        undefined=undefined,
        statuses={status: statuses[status] for status in Status if statuses[status]},
        median_seconds=median(tried) if tried else None,
    )


def _points(one: ExerciseGrade | Finding) -> tuple[float, float]:
    """(earned, decided) points of an item; NaN where they are no finite numbers."""
    if not (math.isfinite(one.points) and math.isfinite(one.max_points)):
        return math.nan, math.nan
    if isinstance(one, ExerciseGrade):
        return one.points, one.max_points - one.open_points
    return one.points, 0.0 if one.status in _UNDECIDED else one.max_points


def _total(attempt: Attempt) -> tuple[float, float]:
    """The sums of these over an attempt: without weights or lateness, so that an item can be taken out."""
    pairs = [_points(one) for one in attempt.exercises]
    return math.fsum(p for p, _ in pairs), math.fsum(d for _, d in pairs)


def _shares(pairs: Numbers) -> Numbers:
    """Points as shares of what is decided, of shape (students,); NaN where nothing is."""
    earned, decided = pairs[:, 0], pairs[:, 1]
    known = np.isfinite(earned) & np.isfinite(decided) & (decided > _TINY)
    return np.divide(earned, decided, out=np.full(len(pairs), np.nan), where=known)


def _correlation(item: Numbers, rest: Numbers) -> tuple[float | None, str]:
    """Pearson's r of the item and the rest of the total, and why there is none where there is none.

    For an item that is right or wrong this is the point-biserial correlation; that the item is taken out of
    the total is the correction (Crocker and Algina 1986, section 14.2; Henrysson, Psychometrika 28, 1963).
    """
    both = np.isfinite(item) & np.isfinite(rest)
    x, y = item[both], rest[both]
    if not np.isfinite(item).any():
        return None, "none of its points are decided yet"
    if not np.isfinite(rest).any():
        return None, "there is no other item to compare it with"
    if len(x) < 3:
        return None, "fewer than three students"
    if float(np.ptp(x)) < 1e-6:
        return None, "everybody earned the same here"
    if float(np.ptp(y)) < 1e-6:
        return None, "everybody earned the same elsewhere"
    x, y = x - x.mean(), y - y.mean()
    r = float(x @ y / math.sqrt(float(x @ x) * float(y @ y)))
    return min(max(r, -1.0), 1.0), ""


# -------------------------------------------------------------------------------- reliability


def _reliability(answers: Sequence[Sequence[ExerciseGrade]], order: Sequence[str]) -> Reliability:
    """Cronbach's alpha, k / (k - 1) · (1 - Σ variances of the items / variance of their sum).

    Cronbach, Psychometrika 16, 1951; Crocker and Algina 1986, chapter 7. Items are the exercises, not the
    checks: the checks of one exercise look at one answer, and their dependence would pass for reliability. A
    check that waits for a person in any attempt is left out of its exercise, and so is an attempt in which
    anything else is missing or open. Alpha can be negative.
    """
    waiting = {
        (one.id, finding.name)
        for held in answers
        for one in held
        for finding in one.findings
        if finding.status is Status.WAITING
    }
    rows = [_complete(held, order, waiting) for held in answers]
    scores = np.array([row for row in rows if row is not None], dtype=np.float64)
    count = len(scores)
    # an exercise that is nothing but written answers has no score yet, and the same zero for everybody
    kept = len(order) - len(_wholly_waiting(answers, waiting))
    undefined = ""
    if kept < 2:
        undefined = "there are fewer than two exercises with decided points"
    elif count < 3:
        undefined = "fewer than three students have every exercise decided"
    elif float(np.ptp(scores.sum(1))) < 1e-6:
        undefined = "all totals are the same"
    if undefined:
        return Reliability(None, undefined, kept, count, len(waiting))
    within, total = float(scores.var(0, ddof=1).sum()), float(scores.sum(1).var(ddof=1))
    return Reliability(kept / (kept - 1) * (1 - within / total), "", kept, count, len(waiting))


def _complete(
    held: Sequence[ExerciseGrade], order: Sequence[str], waiting: set[tuple[str, str]]
) -> list[float] | None:
    """The points of every exercise without the checks that wait; None where something else is open."""
    by_id = {one.id: one for one in held}
    row: list[float] = []
    for id in order:
        one = by_id.get(id)
        if one is None:
            return None
        kept = [finding for finding in one.findings if (id, finding.name) not in waiting]
        if any(finding.status in _UNDECIDED or not math.isfinite(finding.points) for finding in kept):
            return None
        row.append(math.fsum(finding.points for finding in kept))
    return row


def _wholly_waiting(answers: Sequence[Sequence[ExerciseGrade]], waiting: set[tuple[str, str]]) -> set[str]:
    everywhere = {one.id for held in answers for one in held}
    kept = {
        one.id
        for held in answers
        for one in held
        for finding in one.findings
        if (one.id, finding.name) not in waiting
    }
    return everywhere - kept
