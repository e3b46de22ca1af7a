"""same_run: is a training the reference's, step by step? And the curves that show it.

The verdict is a comparison of numbers: losses and metrics of each step, parameters at the end. Only when it is
negative are the known mistakes replayed, and the one that gives the student's own numbers is named. A message
says at which step the two part, and never what the reference has there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from grader.compare.outcome import CheckFailed
from grader.compare.replay import Cost, Replay, Run
from grader.compare.runs import checked, difference
from grader.compare.tolerance import Tolerance
from grader.compare.training_mistakes import cause_of


def same_run(
    actual: Run,
    expected: Replay | Run,
    *,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    mistakes: Mapping[str, Cost] | None = None,
    what: str = "training",
) -> None:
    """Demand that a training went as it should: what `actual` recorded is compared, and nothing else.

    Args:
        actual: what the student's training gave: losses, metrics, parameters; what is None is not compared.
            ``steps``, where the check could watch them, only help to say where the two part.
        expected: the training to be compared with; a ``Run`` instead of a ``Replay`` gives no diagnosis.
        rtol, atol: for each number, ``|actual - expected| <= atol + rtol * |expected|``.
        mistakes: further mistakes of the exercise: what to tell -> the cost that it leads to.
        what: names the training in the message.

    Raises CheckFailed with the step, the likely mistake, and the learning curves as its detail.
    """
    right = expected.right if isinstance(expected, Replay) else expected
    tolerance = Tolerance(rtol, atol)
    actual = checked(actual, right, what)
    differs = difference(actual, right, tolerance, what)
    if differs is None:
        return
    cause = cause_of(actual, expected, tolerance, mistakes or {}) if isinstance(expected, Replay) else None
    detail = None
    if actual.losses is not None and right.losses is not None:
        detail = curves({"yours": actual.losses, "reference": right.losses}, "step", "cost")
    raise CheckFailed(f"{differs} {cause}" if cause else differs, detail)


def curves(
    series: Mapping[str, Sequence[float] | Tensor],
    x_label: str,
    y_label: str,
    *,
    at: Mapping[str, Sequence[float]] | None = None,
    caption: str = "",
) -> dict[str, Any]:
    """Learning curves for the report, as the detail of a finding: see ``Notes.draw`` and ``CheckFailed``.

    Args:
        series: name -> values; the student's and the reference's side by side, for instance.
        x_label, y_label: of the axes.
        at: name -> where its values stand on the x axis, ascending; 0, 1, 2, … where it is not given.
        caption: a sentence below.
    """
    at = at or {}
    drawn: list[dict[str, Any]] = []
    for name, values in series.items():
        one: dict[str, Any] = {"name": name, "values": [_plain(value) for value in values]}
        if name in at:
            one["at"] = [float(place) for place in at[name]]
        drawn.append(one)
    return {"kind": "curve", "series": drawn, "x_label": x_label, "y_label": y_label, "caption": caption}


def _plain(value: float | Tensor) -> float:
    return float(value.detach() if isinstance(value, Tensor) else value)
