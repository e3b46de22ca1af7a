"""How far a value may be off: ``|actual - expected| <= atol + rtol * |expected|``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch

DtypeRule = Literal["same", "any"] | torch.dtype


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A relative and an absolute tolerance. Both zero: exact equality."""

    rtol: float
    atol: float

    def __post_init__(self) -> None:
        if not (0 <= self.rtol < math.inf and 0 <= self.atol < math.inf):
            raise ValueError(f"tolerances must be finite and not negative: {self.rtol=}, {self.atol=}")

    def __str__(self) -> str:
        """What a message says was allowed. The formula, not its value: that would tell the expected one."""
        parts = [f"{self.atol:g}"] if self.atol else []
        parts += [f"{self.rtol:g} × |expected|"] if self.rtol else []
        return " + ".join(parts) or "nothing"

    @property
    def exact(self) -> bool:
        return self.rtol == self.atol == 0

    def looser(self, other: Tolerance) -> Tolerance:
        """The larger of both, term by term."""
        return Tolerance(max(self.rtol, other.rtol), max(self.atol, other.atol))

    def tighter(self, other: Tolerance) -> Tolerance:
        """The smaller of both, term by term."""
        return Tolerance(min(self.rtol, other.rtol), min(self.atol, other.atol))


EXACT = Tolerance(0.0, 0.0)
FLOAT32 = Tolerance(1.3e-6, 1e-5)
FLOAT64 = Tolerance(1e-7, 1e-7)

# The table in the documentation of torch.testing.assert_close. Whatever is missing is exact, there as here.
DEFAULTS = {
    torch.float16: Tolerance(1e-3, 1e-5),
    torch.bfloat16: Tolerance(1.6e-2, 1e-5),
    torch.float32: FLOAT32,
    torch.float64: FLOAT64,
    torch.complex32: Tolerance(1e-3, 1e-5),
    torch.complex64: FLOAT32,
    torch.complex128: FLOAT64,
}


def stated(rtol: float | None, atol: float | None) -> Tolerance | None:
    """The tolerance that a check states, or None where it leaves it to the dtypes.

    Raises ValueError for one without the other: half a default is nobody's intention.
    """
    if rtol is None and atol is None:
        return None
    if rtol is None or atol is None:
        raise ValueError(f"give both tolerances or neither: {rtol=}, {atol=}")
    return Tolerance(rtol, atol)


def by_dtype(actual: torch.dtype, expected: torch.dtype, rule: DtypeRule) -> Tolerance:
    """The default: the looser of both dtypes', as in torch.testing.

    Under the rule "any" the answer chose its dtype. It may then work in float32 where the reference
    is in float64, but it does not widen the tolerance further by answering in half precision.
    """
    ours, theirs = DEFAULTS.get(expected, EXACT), DEFAULTS.get(actual, EXACT)
    return ours.looser(theirs.tighter(FLOAT32) if rule == "any" else theirs)
