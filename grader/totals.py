"""The totals of a class: a histogram, quartiles, mean and standard deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from grader.nouns import ClassGrades

BINS = 25  # at most, up to the points that can be had
FEW = 40  # students, for whom so many bins would be a comb


@dataclass(frozen=True, slots=True)
class Bin:
    """Totals from ``start`` on, up to but without ``end``; the last bin has its end too."""

    start: float
    end: float
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All in points; those of attempts that were graded, with what still waits counted as zero."""

    count: int
    full: float  # that can be had, extra credit not counted
    mean: float
    deviation: float | None  # of the sample; None for one student
    lowest: float
    lower_quartile: float
    median: float
    upper_quartile: float
    highest: float
    bins: tuple[Bin, ...]


def totals(grades: ClassGrades) -> Totals | None:
    """The distribution of ``Attempt.points``; None where nobody's work was graded.

    Quartiles interpolate linearly (type 7 of Hyndman and Fan, The American Statistician 50, 1996), as the
    spreadsheets and NumPy do.
    """
    graded = [one for one in grades.attempts if one.state == "graded" and math.isfinite(one.points)]
    if not graded:
        return None
    points = np.array([one.points for one in graded], dtype=np.float64)
    full = grades.points or max((one.max_points for one in graded), default=0.0)
    lowest, lower, middle, upper, highest = (float(q) for q in np.quantile(points, [0, 0.25, 0.5, 0.75, 1]))
    return Totals(
        count=len(points),
        full=full if math.isfinite(full) else highest,
        mean=float(points.mean()),
        deviation=float(points.std(ddof=1)) if len(points) > 1 else None,
        lowest=lowest,
        lower_quartile=lower,
        median=middle,
        upper_quartile=upper,
        highest=highest,
        bins=_bins(sorted(points.tolist()), full if math.isfinite(full) else highest),
    )


def _bins(points: list[float], full: float) -> tuple[Bin, ...]:
    """Bins of a round width that start at a multiple of it and hold every total and the range 0 to ``full``."""
    low, high = min(points[0], 0.0), max(points[-1], full)
    width = _round_width((high - low or 1.0) / (BINS if len(points) > FEW else BINS // 2))
    first = math.floor(low / width + 1e-9)
    last = max(math.ceil(high / width - 1e-9), first + 1)
    counts = [0] * (last - first)
    for value in points:
        # 0.3 belongs to the bin from 0.3 on, although 0.3 / 0.1 is 2.9999…
        counts[min(math.floor(value / width + 1e-9) - first, len(counts) - 1)] += 1
    return tuple(Bin((first + i) * width, (first + i + 1) * width, n) for i, n in enumerate(counts))


def _round_width(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= least * (1 - 1e-9))
