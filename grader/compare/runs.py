"""Two recorded trainings beside each other: where do they part?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from grader.compare.claims import numbers
from grader.compare.outcome import CheckFailed
from grader.compare.promote import NUMERIC, beyond, distance, inexact, is_dense
from grader.compare.replay import Parameters, Run
from grader.compare.tolerance import Tolerance
from grader.compare.wording import joined, sentence, shape_text, size_text


def checked(actual: Run, right: Run, what: str) -> Run:
    """The student's run as plain numbers and tensors of the right count and shape, or CheckFailed."""
    losses = None
    if actual.losses is not None:
        losses = _row(actual.losses, len(right.losses or ()), f"the list of costs of your {what}")
    metrics = {
        name: _row(values, len(right.metrics[name]), f"`{name}` of your {what}")
        for name, values in actual.metrics.items()
    }
    if actual.parameters is not None:
        for name, tensor in (right.parameters or {}).items():
            mine: Any = actual.parameters.get(name)
            if not isinstance(mine, Tensor) or not is_dense(mine) or mine.dtype not in NUMERIC:
                raise CheckFailed(f"The model has no parameter `{name}` any more after your {what}.")
            if mine.shape != tensor.shape:
                raise CheckFailed(
                    f"The parameter `{name}` has shape {shape_text(mine.shape)} after your {what}; it should "
                    f"keep the shape {shape_text(tensor.shape)}."
                )
    return Run(losses, actual.parameters, metrics, actual.steps)


def _row(values: Any, length: int, what: str) -> list[float]:
    return numbers(values, length, finite=False, what=what).tolist()


def difference(actual: Run, right: Run, tolerance: Tolerance, what: str) -> str | None:
    """Where the two part, as a sentence; None where they do not."""
    pairs: list[tuple[str, Sequence[float], Sequence[float]]] = []
    if actual.losses is not None:
        pairs.append(("the cost", actual.losses, right.losses or ()))
    pairs += [(f"`{name}`", values, right.metrics[name]) for name, values in actual.metrics.items()]
    partings = [
        (step, name, abs(mine[step] - theirs[step]), len(mine))
        for name, mine, theirs in pairs
        if (step := parting(mine, theirs, tolerance)) is not None
    ]
    wrong = wrong_parameters(actual.parameters, right.parameters, tolerance)
    if partings:
        step, name, apart, total = min(partings)
        off = f"it is off by {size_text(apart)}" if math.isfinite(apart) else "it is not a finite number"
        return (
            f"{sentence(f'your {what}')} parts from the reference at step {step + 1} of {total}: "
            f"{name} of that step differs ({off})."
        )
    if not wrong:
        return None
    both = zip(actual.steps, right.steps, strict=False)
    step = next((i for i, (a, b) in enumerate(both) if wrong_parameters(a, b, tolerance)), None)
    where = f" They part at step {step + 1} of {len(right.steps)}." if step is not None else ""
    names, worst = [name for name, _ in wrong], max(apart for _, apart in wrong)
    shown = joined([f"`{name}`" for name in names[:3]], "and") + (" and others" if len(names) > 3 else "")
    return f"After your {what} {shown} {'is' if len(names) == 1 else 'are'} off by up to {size_text(worst)}.{where}"


def parting(mine: Sequence[float], theirs: Sequence[float], tolerance: Tolerance) -> int | None:
    """The first index at which two series differ."""
    a, b = torch.tensor(list(mine), dtype=torch.float64), torch.tensor(list(theirs), dtype=torch.float64)
    wrong = beyond(distance(a, b), b, tolerance.rtol, tolerance.atol).nonzero()
    return int(wrong[0]) if len(wrong) else None


def wrong_parameters(
    mine: Parameters | None, theirs: Parameters | None, tolerance: Tolerance
) -> list[tuple[str, float]]:
    """The parameters that differ, each with its largest distance."""
    if mine is None or theirs is None:
        return []
    found: list[tuple[str, float]] = []
    for name, tensor in theirs.items():
        if not isinstance(mine.get(name), Tensor) or mine[name].shape != tensor.shape:
            found.append((name, float("inf")))
            continue
        apart = distance(mine[name], tensor)
        if bool(beyond(apart, inexact(tensor), tolerance.rtol, tolerance.atol).any()):
            found.append((name, float(apart.max())))
    return found
