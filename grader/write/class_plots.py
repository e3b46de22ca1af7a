"""The pictures of the class report, as SVG by hand: the distribution of totals, and what became of an exercise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from grader.nouns import Status
from grader.totals import Totals
from grader.write.bars import HEIGHT, slug
from grader.write.words import number

WIDTH, TOP, BASE = 480, 24.0, 190.0
_LEFT, _RIGHT = 34.0, WIDTH - 8.0

_LINE = Markup('<path class="{}" d="{}"/>')
_TEXT = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}"{}>{}</text>')
_STRONG = Markup(' class="strong"')


def distribution_svg(found: Totals) -> Markup:
    """A histogram with the quartiles as a box below it. The text alternative tells the numbers."""
    low, high = found.bins[0].start, found.bins[-1].end
    most = max(one.count for one in found.bins)
    ticks = _counts(most)

    def x(points: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (points - low) / (high - low)

    def y(count: float) -> float:
        return BASE - (BASE - TOP) * count / ticks[-1]

    parts = [_TEXT.format(0, 11, "start", _STRONG, "students")]
    for tick in ticks:
        parts.append(_LINE.format("grid", f"M{_LEFT} {y(tick):.1f}H{_RIGHT}"))
        parts.append(_TEXT.format(_LEFT - 6, y(tick) + 4, "end", "", f"{tick:,}"))
    for one in found.bins:
        if one.count:
            title = f"{number(one.start)} to {number(one.end)} points: {one.count:,}"
            parts.append(
                Markup(
                    '<rect class="bin" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
                ).format(
                    x(one.start) + 1,
                    y(one.count),
                    max(x(one.end) - x(one.start) - 2, 1),
                    BASE - y(one.count),
                    title,
                )
            )
    parts.append(_LINE.format("axis", f"M{_LEFT} {BASE}H{_RIGHT}"))
    step = max(1, round(len(found.bins) / 8))
    for index in range(0, len(found.bins) + 1, step):
        edge = low + index * (high - low) / len(found.bins)
        parts.append(_LINE.format("axis", f"M{x(edge):.1f} {BASE}v4"))
        parts.append(_TEXT.format(x(edge), BASE + 17, "middle", "", number(edge)))
    parts += _box(found, x)
    parts.append(_TEXT.format((_LEFT + _RIGHT) / 2, BASE + 66, "middle", _STRONG, "points"))
    return Markup('<svg class="plot totals" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, BASE + 72, described(found), Markup("").join(parts)
    )


def _box(found: Totals, x: Callable[[float], float]) -> list[Markup]:
    """Lowest, quartiles, highest, as Tukey drew them, with whiskers to the extremes."""
    at = BASE + 38
    lowest, lower, middle, upper, highest = (
        x(v) for v in (found.lowest, found.lower_quartile, found.median, found.upper_quartile, found.highest)
    )
    return [
        _LINE.format("whisker", f"M{lowest:.1f} {at}H{lower:.1f}M{upper:.1f} {at}H{highest:.1f}"),
        Markup('<rect class="box" x="{:.1f}" y="{}" width="{:.1f}" height="14"/>').format(
            lower, at - 7, max(upper - lower, 1)
        ),
        _LINE.format("middle", f"M{middle:.1f} {at - 10}V{at + 10}"),
    ]


def described(found: Totals) -> str:
    """The distribution as a sentence, for those who do not see it."""
    peak = max(found.bins, key=lambda one: one.count)
    return (
        f"Histogram of the totals of {found.count:,} students, from {number(found.lowest)} to "
        f"{number(found.highest)} points. Half of them have between {number(found.lower_quartile)} and "
        f"{number(found.upper_quartile)}; the median is {number(found.median)}. Most frequent: "
        f"{number(peak.start)} to {number(peak.end)} points, {peak.count:,} students."
    )


def outcome_bar(statuses: Mapping[Status, int], students: int) -> Markup:
    """Students by what became of them, as a bar in the patterns of the statuses; hidden from screen readers.

    The same numbers stand in the text beside it.
    """
    rects: list[Markup] = []
    at = 0.0
    for status in sorted(statuses, key=_GOOD_FIRST.index):
        width = 100 * statuses[status] / students if students else 0.0
        rects.append(
            Markup(
                '<rect class="s-{}" x="{:.3f}%" width="{:.3f}%" height="{}"><title>{}</title></rect>'
            ).format(slug(status), at, width, HEIGHT, f"{status.value}: {statuses[status]:,}")
        )
        at += width
    outline = Markup('<rect class="outline" width="{:.3f}%" height="{}"/>').format(min(at, 100.0), HEIGHT)
    return Markup(
        '<svg class="bar" width="100%" height="{}" aria-hidden="true" focusable="false">{}{}</svg>'
    ).format(HEIGHT, Markup("").join(rects), outline)


_GOOD_FIRST = (
    Status.PASSED,
    Status.INCONCLUSIVE,
    Status.WAITING,
    Status.PARTIAL,
    Status.FAILED,
    Status.SKIPPED,
    Status.BROKEN,
    Status.NOT_ATTEMPTED,
)


def outcome_text(statuses: Mapping[Status, int]) -> str:
    """``562 passed, 300 partial, 77 failed``."""
    return ", ".join(f"{statuses[s]:,} {s.value}" for s in sorted(statuses, key=_GOOD_FIRST.index))


def _counts(most: int) -> list[int]:
    """Three to six whole numbers from 0 that span the highest bar."""
    step = next(
        round(factor * 10**power)
        for power in range(1, 12)
        for factor in (0.1, 0.2, 0.5, 1, 2, 2.5, 5)
        if round(factor * 10**power) * 5 >= most
    )
    return list(range(0, -(-most // step) * step + 1, step))
