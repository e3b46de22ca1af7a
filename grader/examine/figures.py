"""Figures of a student's: had drawn over there, read as data here, and shown in the report."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from grader.compare import CheckFailed
from grader.examine.notes import Notes
from grader.examine.remote import Handle


def drawn(answer: Any, *arguments: Any, notes: Notes | None = None) -> dict[str, Any]:
    """The figure that a function of the student's returns for `arguments` (or a figure itself), as data.

    With `notes` the report shows its picture. Raises CheckFailed where it is no matplotlib figure.
    """
    name = answer.label if isinstance(answer, Handle) else "the answer"
    figure = answer
    if isinstance(answer, Handle) and answer.kind == "function":
        figure = answer.keep(*arguments)
    if not isinstance(figure, Handle) or not figure.isinstance("matplotlib.figure.Figure"):
        raise CheckFailed(
            f"`{name}` must give a matplotlib figure: `fig, ax = plt.subplots()` … `return fig`."
        )
    data = figure.figure()
    if notes is not None:
        notes.draw(picture(data, f"The figure of `{name}`"))
    return data


def picture(figure: Mapping[str, Any], caption: str) -> dict[str, Any]:
    """The picture of a figure that was read, as a detail for the report."""
    png = figure.get("png")
    data = base64.b64encode(png).decode("ascii") if isinstance(png, bytes) else ""
    return {"kind": "image", "png_base64": data, "caption": caption}
