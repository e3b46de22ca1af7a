"""What a hypothesis about a mistake looks at: a wrong answer beside the right one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from grader.compare.promote import beyond, distance
from grader.compare.tolerance import Tolerance

Hypothesis = Callable[["Pair"], str | None]
"""Looks for one mistake. Returns a sentence for the student, or None where it was not made.

It must reproduce: the sentence may only be said if undoing the mistake gives the expected values.
"""

# A pattern found in data poorer than this is chance: some hundred patterns are tried.
_ENOUGH_BITS = 8.0  # in all small integers together
_ENOUGH_SPREAD = 100.0  # in tolerances
_ENOUGH_DECADES = 4.0  # of spread, in all elements together: two of a spread of 100, or one of 10,000
_SIMPLE = 64 * 9 * 25


@dataclass(frozen=True)
class Pair:
    """Two tensors, float64 or complex128, on the CPU, that differ; of one shape or not."""

    actual: Tensor
    expected: Tensor
    tolerance: Tolerance
    equal_nan: bool = False

    def fits(self, candidate: Tensor, target: Tensor | None = None) -> bool:
        """Whether the candidate equals the target (default: what is expected): shape and all elements."""
        target = self.expected if target is None else target
        if candidate.shape != target.shape:
            return False
        apart = distance(candidate, target, equal_nan=self.equal_nan)
        return not bool(beyond(apart, target, self.tolerance.rtol, self.tolerance.atol).any())

    def tells(self, target: Tensor | None = None) -> bool:
        """Whether reproducing the target (default: what is expected) is evidence and not chance.

        Its elements must differ among themselves by much more than the tolerance. A few integers or
        simple fractions say too little: 0.25 is one minus 0.75, and a third of it.
        """
        target = self.expected if target is None else target
        finite = target[target.isfinite()]
        if not finite.numel():
            return False
        size = float(finite.abs().max())
        spread = float((finite - finite[0]).abs().max()) if finite.numel() > 1 else size
        spread /= max(self.tolerance.atol + self.tolerance.rtol * size, 1e-300)
        if spread < _ENOUGH_SPREAD or finite.numel() * math.log10(spread) < _ENOUGH_DECADES:
            return False
        parts = torch.view_as_real(finite.resolve_conj()).flatten() if finite.is_complex() else finite
        return not _simple(parts) or parts.numel() * math.log2(parts.unique().numel()) >= _ENOUGH_BITS

    @cached_property
    def telling(self) -> bool:
        """``tells()`` of what is expected, which nearly every hypothesis asks first."""
        return self.tells()

    @property
    def is_real(self) -> bool:
        return not (self.actual.is_complex() or self.expected.is_complex())

    @cached_property
    def wrong(self) -> Tensor:
        """Where the elements differ, as a bool tensor; for sides of one shape."""
        apart = distance(self.actual, self.expected, equal_nan=self.equal_nan)
        return beyond(apart, self.expected, self.tolerance.rtol, self.tolerance.atol)

    @cached_property
    def same_elements(self) -> bool:
        """Whether the expected elements are all there, in whatever order.

        If some rearrangement fits, so do the sorted elements. One look thus spares many.
        """
        if self.actual.numel() != self.expected.numel():
            return False
        parts: tuple[Callable[[Tensor], Tensor], ...] = (lambda x: x,)
        if not self.is_real:
            parts = (lambda x: x.real, lambda x: x.imag if x.is_complex() else torch.zeros_like(x))
        return all(self._equal_when_sorted(part(self.actual), part(self.expected)) for part in parts)

    def _equal_when_sorted(self, actual: Tensor, expected: Tensor) -> bool:
        return self.fits(actual.flatten().sort().values, expected.flatten().sort().values)


def _simple(numbers: Tensor) -> bool:
    """Whether all are multiples of 1/64, 1/9 or 1/100, up to what float32 rounds off."""
    scaled = numbers * _SIMPLE
    return bool(((scaled - scaled.round()).abs() <= 1e-3 + 1e-7 * scaled.abs()).all())
