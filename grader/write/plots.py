"""Small plots drawn as SVG by hand: no script, colours and dashes from the style sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 360
POINTS = 240  # of one curve; more would not be seen

_SVG = Markup(
    '<svg class="plot" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
)
_LINE = Markup('<path class="{}" d="{}"/>')
_TEXT = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}"{}>{}</text>')


def interval_svg(
    interval: tuple[float, float, float],
    bound: float | None,
    at_least: bool,
    samples: Sequence[float],
    label: str,
) -> Markup:
    """A ratio (low, median, high) on a logarithmic axis, with the allowed side of ``bound`` shaded."""
    low, median, high = interval
    everything = [low, high, *samples, *([bound] if bound else [])]
    ticks = _log_ticks(min(everything) / 1.4, max(everything) * 1.4)
    first, last = math.log10(ticks[0]), math.log10(ticks[-1])
    left, right, base = 14.0, WIDTH - 14.0, 62.0

    def at(value: float) -> float:
        share = (math.log10(value) - first) / (last - first)
        return left + (right - left) * min(max(share, 0.0), 1.0)

    parts = [_LINE.format("axis", f"M{left:.1f} {base}H{right:.1f}")]
    if bound:
        x = at(bound)
        start, end = (x, right) if at_least else (left, x)
        anchor = "start" if x < WIDTH / 2 else "end"
        name = f"{'at least' if at_least else 'at most'} {_short(bound)}"
        parts += [
            Markup('<rect class="allowed" x="{:.1f}" y="16" width="{:.1f}" height="{:.1f}"/>').format(
                start, end - start, base - 16
            ),
            _LINE.format("bound", f"M{x:.1f} 14V{base}"),
            _TEXT.format(x, 10, anchor, Markup(' class="strong"'), name),
        ]
    for tick in ticks:
        parts.append(_LINE.format("axis", f"M{at(tick):.1f} {base}v4"))
        parts.append(_TEXT.format(at(tick), base + 16, "middle", "", f"{_short(tick)}×"))
    dots = "".join(f"M{at(value):.1f} {28 + 6 * (i % 3)}h0" for i, value in enumerate(samples))
    parts.append(_LINE.format("samples", dots) if dots else Markup(""))
    parts.append(
        _LINE.format("interval", f"M{at(low):.1f} 46V56M{at(low):.1f} 51H{at(high):.1f}M{at(high):.1f} 46V56")
    )
    parts.append(Markup('<circle class="median" cx="{:.1f}" cy="51" r="4.5"/>').format(at(median)))
    return _SVG.format(WIDTH, 82, WIDTH, 82, label, Markup("").join(parts))


@dataclass(frozen=True, slots=True)
class Curve:
    """One series: its values, None being a gap, over ascending places (0, 1, 2, … if there are none)."""

    name: str
    values: Sequence[float | None]
    at: Sequence[float] = ()

    def place(self, index: int) -> float:
        return self.at[index] if self.at else float(index)


def curve_svg(curves: Sequence[Curve], x_label: str, y_label: str, label: str) -> Markup:
    """Curves in one frame. Three decades or more of values get a logarithmic axis."""
    values = [value for one in curves for value in one.values if value is not None]
    low, high = min(values), max(values)
    logarithmic = low > 0 and high / low >= 1_000
    ticks = _log_ticks(low, high) if logarithmic else _even_ticks(low, high)
    scale: Callable[[float], float] = math.log10 if logarithmic else float
    bottom, top = scale(min(low, ticks[0])), scale(max(high, ticks[-1]))
    first = min(one.place(0) for one in curves)
    last = max(one.place(len(one.values) - 1) for one in curves)
    last = last if last > first else first + 1
    left, right, upper, base = 46.0, WIDTH - 12.0, 22.0, 172.0

    def x(place: float) -> float:
        return left + (right - left) * (place - first) / (last - first)

    def y(value: float) -> float:
        return base - (base - upper) * (scale(value) - bottom) / (top - bottom)

    parts: list[Markup] = []
    for tick in ticks:
        parts.append(_LINE.format("grid", f"M{left} {y(tick):.1f}H{right}"))
        parts.append(_TEXT.format(left - 5, y(tick) + 4, "end", "", _short(tick)))
    parts.append(_LINE.format("axis", f"M{left} {base}H{right}"))
    for place in _places(first, last):
        anchor = "start" if place == first else "end" if place == last else "middle"
        parts.append(_LINE.format("axis", f"M{x(place):.1f} {base}v4"))
        parts.append(_TEXT.format(x(place), base + 16, anchor, "", _short(place)))
    parts.append(_TEXT.format((left + right) / 2, base + 33, "middle", Markup(' class="strong"'), x_label))
    y_title = y_label + (" (logarithmic)" if logarithmic else "")
    parts.append(_TEXT.format(4, 11, "start", Markup(' class="strong"'), y_title))
    for number, one in enumerate(curves):
        parts.append(_LINE.format(f"curve-{number}", _polyline(one, x, y)))
    height = 212 if x_label else 194
    return _SVG.format(WIDTH, height, WIDTH, height, label, Markup("").join(parts))


def _polyline(curve: Curve, x: Callable[[float], float], y: Callable[[float], float]) -> str:
    """The path through the values; a long series is thinned out, keeping the extremes of every stretch."""
    values = curve.values
    keep = range(len(values))
    if len(values) > POINTS:
        stretch = 2 * len(values) / POINTS
        chosen = {0, len(values) - 1}
        for start in range(POINTS // 2):
            block = range(int(start * stretch), min(int((start + 1) * stretch), len(values)))
            known = [(value, i) for i in block if (value := values[i]) is not None]
            chosen |= {min(known)[1], max(known)[1]} if known else set(block[:1])
        keep = sorted(chosen)
    steps: list[str] = []
    pen_down = False
    for index in keep:
        value = values[index]
        if value is not None:
            steps.append(f"{'L' if pen_down else 'M'}{x(curve.place(index)):.1f} {y(value):.1f}")
            if not pen_down:
                steps.append("h0")  # a value between two gaps still shows, as a dot
        pen_down = value is not None
    return "".join(steps)


def _places(first: float, last: float) -> list[float]:
    """Both ends of the x axis and the round numbers between, as far as they do not run into the ends' labels."""
    room = (last - first) / 8
    ticks = [tick for tick in _even_ticks(first, last) if first + room < tick < last - room]
    if last - first >= 4:  # steps and epochs are whole
        ticks = [tick for tick in ticks if tick == round(tick)]
    return [first, *ticks, last]


def _even_ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers that span low to high."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= span / 4.5)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, max(last, first + 1) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten that span low to high; 1, 2, 5 where these would be too few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    last = max(last, first + 1)
    if last - first > 6:
        step = math.ceil((last - first) / 6)
        return [10.0**power for power in range(first, last + step, step)]
    if last - first > 2:
        return [10.0**power for power in range(first, last + 1)]
    fine = [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 2, 5)]
    inner = [tick for tick in fine if low / 2.6 < tick < high * 2.6]
    return inner if len(inner) > 1 else [10.0**first, 10.0**last]


def _short(value: float) -> str:
    """A number of at most six characters for an axis."""
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
