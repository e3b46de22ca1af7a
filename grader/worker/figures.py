"""A matplotlib figure read as data: what it shows, not how it looks."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import numpy as np

PICTURE_DPI = 100
PICTURE_CAP = 2 * 2**20
POINT_CAP = 200_000


def read_figure(figure: Any) -> dict[str, Any]:
    """``{"axes": [...], "png": bytes}``; each of the axes with title, labels, scales, legend, lines, points,
    images, bars and the texts in it. Coordinates are float64 arrays. What is made invisible is left out.

    Raises ``TypeError`` for anything but a matplotlib figure.
    """
    from matplotlib.figure import Figure

    if not issubclass(type(figure), Figure):
        raise TypeError(f"expected a matplotlib figure, got an object of type {type(figure).__name__}")
    return {
        "axes": [_axes(axes) for axes in _seen(figure.axes)],
        "title": _suptitle(figure),
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
                "values": _numbers(group.get_array()),
            }
            for group in _seen(axes.collections)
            if hasattr(group, "get_offsets") and type(group).__name__ == "PathCollection"
        ],
        "images": [_numbers(image.get_array()) for image in _seen(axes.get_images())],
        "bars": [
            (float(bar.get_x()), float(bar.get_y()), float(bar.get_width()), float(bar.get_height()))
            for bar in _seen(axes.patches)
            if hasattr(bar, "get_height") and hasattr(bar, "get_x")  # an ellipse has no corner
        ][:10_000],
        "texts": [text.get_text() for text in _seen(axes.texts)],
    }


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
