"""Messages that teach: how many elements are wrong, where, how far, and the mistake that explains it.

A message never prints an expected value, since a check's inputs are hidden and its message is not. It
tells the student's own value, rounded, and the size of the difference to two digits.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grader.compare.heatmap import heatmap
from grader.compare.layout_mistakes import (
    WRONG_SHAPE,
    flipped,
    in_another_order,
    rolled,
    shifted,
    transposed,
    wrongly_sorted,
)
from grader.compare.pair import Hypothesis, Pair
from grader.compare.place_mistakes import only_a_triangle, only_at_the_border, only_some_slices
from grader.compare.promote import INTEGERS, inexact
from grader.compare.tolerance import Tolerance
from grader.compare.value_mistakes import (
    all_zero,
    conjugated,
    constant,
    constant_factor,
    constant_offset,
    factor_per_slice,
    function_missing_or_surplus,
    not_finite,
    offset_per_slice,
    real_part_only,
    reduced_precision,
    sign_flipped,
    softmax_over_wrong_dimension,
)
from grader.compare.wording import (
    dtype_text,
    index_text,
    number_text,
    sentence,
    shape_text,
    share_text,
    size_text,
)

# The first that fits is told: what is seen at a glance, then what explains every element, the simplest
# first, then what explains a part.
WRONG_VALUES: tuple[Hypothesis, ...] = (
    not_finite,
    all_zero,
    constant,
    real_part_only,
    conjugated,
    sign_flipped,
    transposed,
    flipped,
    rolled,
    wrongly_sorted,
    constant_factor,
    constant_offset,
    function_missing_or_surplus,
    softmax_over_wrong_dimension,
    factor_per_slice,
    offset_per_slice,
    reduced_precision,
    shifted,
    in_another_order,
    only_at_the_border,
    only_a_triangle,
    only_some_slices,
)
_MAX_ELEMENTS = 2**17  # beyond, the search takes seconds


def explain(actual: Tensor, expected: Tensor, tolerance: Tolerance, *, equal_nan: bool = False) -> str | None:
    """The likely mistake, as a sentence for the student, or None where none is recognised.

    Undoing the mistake must give the expected values within the tolerance.
    """
    if max(actual.numel(), expected.numel()) > _MAX_ELEMENTS or not expected.numel():
        return None
    pair = Pair(inexact(actual), inexact(expected), _with_rounding(tolerance, expected), equal_nan)
    if actual.shape != expected.shape:
        return _first(WRONG_SHAPE, pair)
    if bool(pair.wrong.any()):
        return _first(WRONG_VALUES, pair)
    return None if expected.dtype in INTEGERS else "It is off by no more than rounding errors."


def _with_rounding(tolerance: Tolerance, expected: Tensor) -> Tolerance:
    """Room for what undoing a mistake rounds: times 3, divided by 3, is not exact where the check is."""
    dtype = torch.float64 if expected.dtype in INTEGERS else expected.dtype
    return tolerance.looser(Tolerance(min(8 * torch.finfo(dtype).eps, 1e-2), 0.0))


def _first(hypotheses: tuple[Hypothesis, ...], pair: Pair) -> str | None:
    for hypothesis in hypotheses:
        try:
            said = hypothesis(pair)
        except Exception:  # noqa: BLE001  the verdict stands: a strange answer must not break the check
            continue
        if said:
            return said
    return None


def about_shape(what: str, actual: Tensor, expected: Tensor, tolerance: Tolerance) -> str:
    """The message where the shapes differ."""
    have, want = shape_text(actual.shape), shape_text(expected.shape)
    return _with_likely(
        f"{sentence(what)} has shape {have}; {want} is expected.", explain(actual, expected, tolerance)
    )


def about_dtype(what: str, actual: Tensor, wanted: torch.dtype, *, values_right: bool) -> str:
    """The message where the shapes agree and the dtypes do not."""
    name = dtype_text(wanted)
    message = f"{sentence(what)} has dtype {dtype_text(actual.dtype)}; {name} is expected."
    if values_right:
        return f"{message} The values are right: `.to(torch.{name})` converts them."
    return f"{message} The values differ as well."


def about_values(
    what: str, actual: Tensor, wrong: Tensor, apart: Tensor, tolerance: Tolerance, likely: str | None
) -> str:
    """The message where elements differ: how many, the worst, the first, what was allowed, what is likely.

    ``wrong`` and ``apart`` say where and how far, and have the shape of ``actual``.
    """
    allowed = "it must be equal" if tolerance.exact else f"allowed: {tolerance}"
    measured = apart.where(wrong & apart.isfinite(), -1.0)
    worst = int(measured.argmax())
    far = float(measured.flatten()[worst])
    first = int(wrong.flatten().to(torch.uint8).argmax())
    if actual.numel() == 1:
        by = f"differs from what is expected by {size_text(far)}" if far >= 0 else "is not what is expected"
        return _with_likely(f"{sentence(what)} is {_own(actual, 0)} and {by} ({allowed}).", likely)
    message = (
        f"{sentence(what)} differs from what is expected in {share_text(int(wrong.sum()), wrong.numel())}"
    )
    if far < 0:  # nothing but NaN and infinities
        return _with_likely(f"{message}, first at {_at(actual, first)}.", likely)
    message += f", by up to {size_text(far)}, at {_at(actual, worst)} ({allowed})."
    if first != worst:
        message += f" The first of them is at {index_text(_index(first, actual.shape))}."
    return _with_likely(message, likely)


def picture(wrong: Tensor, apart: Tensor, expected: Tensor) -> dict[str, Any] | None:
    """The detail of the finding; None for a single number, of which there is nothing to draw."""
    return heatmap(wrong, apart, expected) if wrong.numel() > 1 else None


def _at(actual: Tensor, flat: int) -> str:
    return f"{index_text(_index(flat, actual.shape))}, where yours is {_own(actual, flat)}"


def _own(actual: Tensor, flat: int) -> str:
    value: float | complex = actual.detach().flatten()[flat].item()
    return str(value) if isinstance(value, bool) else number_text(value)


def _index(flat: int, shape: torch.Size) -> tuple[int, ...]:
    return tuple(int(i) for i in torch.unravel_index(torch.tensor(flat), shape))


def _with_likely(message: str, likely: str | None) -> str:
    return f"{message} {likely}" if likely else message
