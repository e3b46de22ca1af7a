"""Finding.detail -> a picture for the report: maps of errors, intervals, curves, figures, what was printed.

Every function takes the detail of one kind and returns markup, or nothing where the data are not of the
shape that docs/schema.md describes: a report without a picture is better than none.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from markupsafe import Markup

from grader.write.images import Room, picture_tag
from grader.write.plots import Curve, curve_svg, interval_svg
from grader.write.prose import inline
from grader.write.safe import body, cut, line

LEVELS = 7  # steps of the colour ramp of an error map
MAX_GRID = 64  # rows and columns of an error map; the rest is not drawn


def picture(detail: Mapping[str, Any] | None, room: Room) -> Markup:
    """The picture of a check's detail; empty where there is none, or its kind is not known here."""
    kind = detail.get("kind") if detail else None
    draw = _KINDS.get(kind) if isinstance(kind, str) else None
    if detail is None or draw is None:
        return Markup("")
    markup = draw(detail, room)
    return markup if kind == "image" else room.text(markup)


# -------------------------------------------------------------------------------- tensors


def _tensor(detail: Mapping[str, Any], room: Room) -> Markup:
    """Where two tensors differ: a map with one square for each element, or for each block of elements."""
    grid = [
        [_relative(value) for value in _list(row)[:MAX_GRID]] for row in _list(detail.get("grid"))[:MAX_GRID]
    ]
    columns = max((len(row) for row in grid), default=0)
    summary = _tensor_summary(detail)
    if columns == 0:
        return Markup("")
    size = max(6.0, min(26.0, 288 / max(columns, len(grid))))
    width, height = columns * size, len(grid) * size
    rows, cols = _whole(detail.get("rows"), len(grid)), _whole(detail.get("cols"), columns)
    squares = Markup("").join(_squares(grid, level, size) for level in range(-1, LEVELS))
    svg = Markup(
        '<svg class="plot errors" viewBox="0 0 {w:.0f} {h:.0f}" width="{w:.0f}" height="{h:.0f}" role="img" '
        'aria-label="{label}">{squares}<g class="tick"><text x="30" y="{top}" text-anchor="end">0</text>'
        '{last_row}<text x="36" y="9">0</text>{last_column}</g></svg>'
    ).format(
        w=width + 37,
        h=height + 14,
        label=f"Map of the differences. {summary}",
        squares=Markup('<g transform="translate(36 13)">{}</g>').format(squares),
        top=f"{13 + min(size, 12):.1f}",
        last_row=_label(30, 13 + height - 2, rows - 1) if len(grid) > 1 else "",
        last_column=_label(36 + width, 9, cols - 1) if columns > 1 else "",
    )
    blocks = (rows, cols) != (len(grid), columns)
    return _figure(svg, _caption(detail, summary), _ramp_legend(blocks))


def _squares(grid: list[list[float | None]], level: int, size: float) -> Markup:
    """All squares of one level as one path; level -1 is agreement. Neighbours are drawn in one go."""
    steps: list[str] = []
    for i, row in enumerate(grid):
        start = None
        for j, value in enumerate([*row, math.nan]):
            inside = j < len(row) and _level(value) == level
            if inside and start is None:
                start = j
            elif not inside and start is not None:
                across = (j - start) * size
                steps.append(f"M{start * size:.4g} {i * size:.4g}h{across:.4g}v{size:.4g}h-{across:.4g}z")
                start = None
    name = "agree" if level < 0 else f"e{level}"
    return Markup('<path class="{}" d="{}"/>').format(name, "".join(steps)) if steps else Markup("")


def _level(value: float | None) -> int:
    return -1 if value is None else min(int(value * LEVELS), LEVELS - 1)


def _relative(value: Any) -> float | None:
    """An error between 0 and 1; what is not a finite number counts as the largest."""
    if value is None:
        return None
    return (
        min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) and math.isfinite(value) else 1.0
    )


def _label(x: float, y: float, value: int) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>').format(x, y, value)


def _tensor_summary(detail: Mapping[str, Any]) -> str:
    total, wrong = _whole(detail.get("total"), 0), _whole(detail.get("mismatched"), 0)
    shape = [size for size in _list(detail.get("shape")) if isinstance(size, int)]
    inside = (
        f", shape ({', '.join(str(size) for size in shape)}{',' if len(shape) == 1 else ''})" if shape else ""
    )
    share = f" ({100 * wrong / total:.3g} %)" if total else ""
    return f"{wrong:,} of {total:,} elements differ{share}{inside}."


_KEY = Markup(
    '<span><svg class="swatch" width="26" height="10" aria-hidden="true">'
    '<path class="curve-{}" d="M0 5H26"/></svg> <bdi>{}</bdi></span> '
)
_RAMP = Markup(
    '<p class="legend"><span><svg class="swatch" width="12" height="10" aria-hidden="true">'
    '<rect class="agree" width="12" height="10"/></svg> agrees</span> <span>small '
    '<svg class="swatch" width="{}" height="10" aria-hidden="true">{}</svg> large relative error{}</span></p>'
)


def _ramp_legend(blocks: bool) -> Markup:
    squares = Markup("").join(
        Markup('<rect class="e{}" x="{}" width="12" height="10"/>').format(level, 12 * level)
        for level in range(LEVELS)
    )
    return _RAMP.format(12 * LEVELS, squares, " (the largest of each block)" if blocks else "")


# --------------------------------------------------------------------- timings and curves


def _timing(detail: Mapping[str, Any], room: Room) -> Markup:
    """A measured ratio of two times: its interval, the limit, and every single measurement."""
    ratio, limit = _map(detail.get("ratio")), _map(detail.get("limit"))
    low, median, high = (_positive(ratio.get(key)) for key in ("low", "median", "high"))
    if low is None or median is None or high is None:
        return Markup("")
    at_least, at_most = _positive(limit.get("at_least")), _positive(limit.get("at_most"))
    bound = at_least if at_least is not None else at_most
    samples = [value for value in map(_positive, _list(detail.get("samples"))[:400]) if value is not None]
    words = f"Measured {median:.3g}, most likely between {low:.3g} and {high:.3g}."
    if bound is not None:
        words += f" Asked for: at {'least' if at_least is not None else 'most'} {bound:.3g}."
    svg = interval_svg((low, median, high), bound, at_least is not None, samples, words)
    return _figure(svg, _caption(detail, words))


def _curve(detail: Mapping[str, Any], room: Room) -> Markup:
    """One or more series of numbers over their index, or over places of their own."""
    curves = [_one_curve(_map(one)) for one in _list(detail.get("series"))[:6]]
    drawn = [one for one in curves if any(value is not None for value in one.values)]
    if not drawn:
        return Markup("")
    x_label, y_label = (line(str(detail.get(key) or ""), 60) for key in ("x_label", "y_label"))
    ends = "; ".join(f"{one.name or 'values'} ends at {_last(one.values):.3g}" for one in drawn)
    svg = curve_svg(
        drawn, x_label, y_label, f"Curve of {y_label or 'values'} over {x_label or 'index'}: {ends}."
    )
    keys = Markup("").join(_KEY.format(i, one.name) for i, one in enumerate(drawn) if one.name)
    legend = Markup('<p class="legend">{}</p>').format(keys) if keys else Markup("")
    return _figure(svg, _caption(detail, ""), legend)


def _one_curve(series: Mapping[str, Any]) -> Curve:
    """A series as it can be drawn; places that are not one ascending number for each value are left out."""
    values = [_finite(value) for value in _list(series.get("values"))]
    at = [place for place in map(_finite, _list(series.get("at"))) if place is not None]
    ascending = len(at) == len(values) and all(a <= b for a, b in itertools.pairwise(at))
    return Curve(line(str(series.get("name", "")), 60), values, at if ascending else ())


def _last(values: Sequence[float | None]) -> float:
    return next(value for value in reversed(values) if value is not None)


# ----------------------------------------------------------------------- pictures and text


def _image(detail: Mapping[str, Any], room: Room) -> Markup:
    caption = line(str(detail.get("caption") or ""), 300)
    image = picture_tag(str(detail.get("png_base64") or ""), caption or "Picture that the answer drew", room)
    return _figure(image, caption) if image else Markup("")


def _traceback(detail: Mapping[str, Any], room: Room) -> Markup:
    return traceback_block(
        str(detail.get("name") or "Error"),
        str(detail.get("message") or ""),
        [str(f) for f in _list(detail.get("frames"))],
    )


def traceback_block(name: str, message: str, frames: Sequence[str]) -> Markup:
    """An exception of the student's code: what was raised first, then where, as Python prints it."""
    said = cut(message, body, 2_000, 30)
    where = cut("\n".join(frame.rstrip() for frame in frames[-12:]), body, 6_000, 120)
    head = Markup(
        '<div class="crash"><p class="raised" dir="auto"><strong>{}</strong>{}<span>{}</span></p>'
    ).format(line(name, 80), ": " if said.text else "", said.text)
    trace = Markup('<pre class="printed" tabindex="0" role="group" aria-label="Traceback" dir="ltr">{}</pre>')
    rest = trace.format(where.text) if where.text.strip() else Markup("")
    return head + rest + _note(where.note or said.note) + Markup("</div>")


def _stdout(detail: Mapping[str, Any], room: Room) -> Markup:
    return printed_block(str(detail.get("text") or ""), "Printed meanwhile")


def printed_block(text: str, label: str) -> Markup:
    """What was printed: scrolls sideways within its own box, and a keyboard can reach it."""
    shown = cut(text.rstrip("\n"), body)
    if not shown.text.strip():
        return Markup("")
    block = Markup('<pre class="printed" tabindex="0" role="group" aria-label="{}" dir="auto">{}</pre>')
    return block.format(label, shown.text) + _note(shown.note)


def _note(note: str) -> Markup:
    return Markup('<p class="note">{}</p>').format(note) if note else Markup("")


def _figure(inside: Markup, caption: str, legend: Markup = Markup("")) -> Markup:  # noqa: B008 - immutable
    words = Markup('<p dir="auto">{}</p>').format(inline(caption)) if caption else Markup("")
    below = Markup("<figcaption>{}{}</figcaption>").format(words, legend) if words or legend else Markup("")
    return Markup('<figure class="picture">{}{}</figure>').format(inside, below)


def _caption(detail: Mapping[str, Any], otherwise: str) -> str:
    own = line(str(detail.get("caption") or ""), 300)
    return f"{own.rstrip('.')}. {otherwise}".strip() if own else otherwise


_KINDS: dict[str, Callable[[Mapping[str, Any], Room], Markup]] = {
    "tensor": _tensor,
    "timing": _timing,
    "curve": _curve,
    "image": _image,
    "traceback": _traceback,
    "stdout": _stdout,
}


# ------------------------------------------------------------- reading data of any shape


def _list(value: Any) -> list[Any]:
    return list(cast("Sequence[Any]", value)) if isinstance(value, list | tuple) else []


def _map(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _finite(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if good else None


def _positive(value: Any) -> float | None:
    finite = _finite(value)
    return finite if finite is not None and finite > 0 else None
