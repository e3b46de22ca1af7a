"""A matplotlib figure read as data: what it shows, not how it looks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

PICTURE_DPI = 100
PICTURE_CAP = 2 * 2**20
POINT_CAP = 200_000
FIELD_CAP = 200


def read_figure(figure: Any) -> dict[str, Any]:
    """``{"axes": [...], "title": ..., "legend": [...], "png": bytes}``.

    Each of the axes is a dictionary with title, labels, scales, limits, legend, lines, points, images, fields, bars
    and the texts in it. Coordinates are float64 arrays. The figure's own ``legend`` is the one that ``fig.legend()``
    makes, outside of any axes. What is made invisible is left out.

    Raises ``TypeError`` for anything but a matplotlib figure.
    """
    from matplotlib.figure import Figure

    if not issubclass(type(figure), Figure):
        raise TypeError(f"expected a matplotlib figure, got an object of type {type(figure).__name__}")
    return {
        "axes": [_axes(axes) for axes in _seen(figure.axes)],
        "title": _suptitle(figure),
        "legend": [text.get_text() for legend in figure.legends for text in legend.get_texts()],
        "png": _picture(figure),
    }


def _axes(axes: Any) -> dict[str, Any]:
    legend = next(iter(_seen([axes.get_legend()])), None)
    return {
        "title": axes.get_title(),
        "x_label": axes.get_xlabel(),
        "y_label": axes.get_ylabel(),
        "x_scale": axes.get_xscale(),
        "y_scale": axes.get_yscale(),
        "x_limits": tuple(float(limit) for limit in axes.get_xlim()),  # left, right: may be turned round
        "y_limits": tuple(float(limit) for limit in axes.get_ylim()),
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
        "lines": [
            {
                "label": str(line.get_label()),
                "x": _numbers(line.get_xdata(orig=False)),  # as drawn: categories and dates are numbers
                "y": _numbers(line.get_ydata(orig=False)),
                "marker": str(line.get_marker()),
                "style": str(line.get_linestyle()),
            }
            for line in _seen(axes.get_lines())
        ],
        "points": [
            {
                "label": str(group.get_label()),
                "xy": _numbers(group.get_offsets()),
                "colors": _numbers(group.get_facecolors()),
                "edges": _numbers(group.get_edgecolors()),
                "values": _numbers(group.get_array()),
                "outline": _numbers(group.get_paths()[0].vertices)
                if len(group.get_paths()) == 1
                else _numbers(None),
            }
            for group in _seen(axes.collections)
            if hasattr(group, "get_offsets") and type(group).__name__ == "PathCollection"
        ],
        "images": [_numbers(image.get_array()) for image in _seen(axes.get_images())],
        "fields": list(_fields(axes))[:FIELD_CAP],
        "bars": [
            (float(bar.get_x()), float(bar.get_y()), float(bar.get_width()), float(bar.get_height()))
            for bar in _seen(axes.patches)
            if hasattr(bar, "get_height") and hasattr(bar, "get_x")  # an ellipse has no corner
        ][:10_000],
        "texts": [text.get_text() for text in _seen(axes.texts)],
    }


def _fields(axes: Any) -> Iterator[dict[str, Any]]:
    """What shows a number at each place of the plane, and where.

    ``image``: `values` (rows, columns) and the `box` (left, right, bottom, top) that they fill, first row at
    the bottom. ``mesh``: `values` and `corners` of the cells (rows + 1, columns + 1, 2). ``contour``: a band of
    a filled contour plot, the `levels` between which it lies and the `xy` of the points on its border.
    """
    for image in _seen(axes.get_images()):
        values = _numbers(image.get_array())
        left, right, bottom, top = (float(edge) for edge in image.get_extent())
        if image.origin == "upper":
            values = values[::-1]
        yield {"kind": "image", "values": values, "box": (left, right, bottom, top)}
    for group in _seen(axes.collections):
        if hasattr(group, "get_coordinates"):
            corners = _numbers(group.get_coordinates())
            values = _numbers(group.get_array())
            if corners.ndim == 3 and values.size == (corners.shape[0] - 1) * (corners.shape[1] - 1):
                values = values.reshape(corners.shape[0] - 1, corners.shape[1] - 1)
            yield {"kind": "mesh", "values": values, "corners": corners}
        elif getattr(group, "filled", False) and hasattr(group, "levels"):
            levels = _numbers(group.levels)
            for low, high, path in zip(levels[:-1], levels[1:], group.get_paths(), strict=False):
                yield {"kind": "contour", "levels": (float(low), float(high)), "xy": _numbers(path.vertices)}


def _seen(artists: Iterable[Any]) -> list[Any]:
    """Those that somebody who looks at the figure sees."""
    return [a for a in artists if a is not None and a.get_visible() and not _transparent(a.get_alpha())]


def _transparent(alpha: Any) -> bool:
    """Whether an opacity, or that of each point of a scatter plot, is zero."""
    return alpha is not None and not np.any(np.asarray(alpha, dtype=np.float64))


def _numbers(values: Any) -> np.ndarray:
    """An array of float64; NaN where a value is masked; empty where these are no numbers."""
    if values is None:
        return np.empty(0)
    try:
        filled = np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan)
    except (TypeError, ValueError):
        return np.empty(0)
    return filled if filled.size <= POINT_CAP else filled[: max(1, POINT_CAP // max(1, filled[0].size))]


def _suptitle(figure: Any) -> str:
    title = getattr(figure, "_suptitle", None)
    return title.get_text() if title is not None else ""


def _picture(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PICTURE_DPI)
    data = buffer.getvalue()
    return data if len(data) <= PICTURE_CAP else b""
