"""Mistakes of value: every element is wrong in one and the same way."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

import torch
from torch import Tensor

from grader.compare.pair import Pair
from grader.compare.wording import counted, number_text, sentence

Function = Callable[[Tensor], Tensor]


def not_finite(pair: Pair) -> str | None:
    """NaN or infinity where a number is expected, or the other way round."""
    unwanted = ~pair.actual.isfinite() & pair.expected.isfinite()
    if count := int(unwanted.sum()):
        infinite = bool(pair.actual[unwanted].isinf().all())
        guess = "an overflow, or a division by zero" if infinite else "a division, a logarithm or a root"
        if pair.actual.numel() == 1:
            return f"Does it come from {guess}?"
        verb = "is" if count == 1 else "are"
        kinds = "infinite" if infinite else "NaN or infinite" if pair.actual.isinf().any() else "NaN"
        return f"{counted(count, 'element')} {verb} {kinds}: from {guess}?"
    if bool((pair.actual.isnan() & pair.expected.isnan()).any()) and not pair.equal_nan:
        return "NaN never counts as equal, not even to NaN."
    missing = pair.actual.isfinite() & ~pair.expected.isfinite()
    if count := int(missing.sum()):
        return f"NaN or infinity is expected in {counted(count, 'element')} where yours is finite."
    return None


def all_zero(pair: Pair) -> str | None:
    """Nothing was ever written into the result."""
    if pair.actual.numel() > 1 and not bool(pair.actual.any()) and bool(pair.expected.any()):
        return "All its elements are 0."
    return None


def constant(pair: Pair) -> str | None:
    """One value everywhere, or one slice over and over."""
    if not pair.telling or pair.actual.numel() < 2:
        return None
    if bool((pair.actual == pair.actual.flatten()[0]).all()):
        return "All its elements have the same value."
    for dim, size in enumerate(pair.actual.shape):
        if size > 1 and _same_along(pair.actual, dim) and not _same_along(pair.expected, dim):
            return f"It repeats itself: all slices along dimension {dim} are the same, which is not expected."
    return None


def _same_along(tensor: Tensor, dim: int) -> bool:
    return bool((tensor == tensor.narrow(dim, 0, 1)).all())


def sign_flipped(pair: Pair) -> str | None:
    """Minus the right values."""
    if pair.telling and pair.fits(-pair.actual):
        return "The sign is flipped: minus your result would be right."
    return None


# ------------------------------------------------------------------------------------------ factors


def constant_factor(pair: Pair) -> str | None:
    """A multiple of the right values: a sum for a mean, natural logarithms for binary ones, ..."""
    if not (pair.telling and pair.is_real):
        return None
    large = pair.expected.abs() > 0.1 * pair.expected[pair.expected.isfinite()].abs().max()
    ratios = pair.actual[large] / pair.expected[large]
    factor = float(ratios.median()) if ratios.numel() else math.nan
    if not 1e-9 < abs(factor) < 1e9:  # NaN included
        return None
    for exactly, name in _named_factors(pair.actual.shape):
        if math.isclose(factor, exactly, rel_tol=1e-3) and pair.fits(pair.actual / exactly):
            return f"Every element is {name}"
    return _unnamed_factor(pair, factor)


def _named_factors(shape: torch.Size) -> Iterator[tuple[float, str]]:
    """(factor, the end of a sentence about it): the most telling first."""
    sizes = {size: f"the size of dimension {dim}" for dim, size in reversed(list(enumerate(shape)))}
    if len(shape) > 1:
        sizes.setdefault(shape.numel(), "the number of elements")
    elif len(shape) == 1:
        sizes = {shape[0]: "the number of elements"}
    for size, name in sizes.items():
        if size > 2:
            yield size, f"{size} times too large, which is {name}: is a sum taken where a mean is expected?"
            yield (
                1 / size,
                f"{size} times too small, {size} being {name}: is a mean taken where a sum is expected?",
            )
    constants = {
        2.0: ("2", ""),
        math.pi: ("π", ""),
        2 * math.pi: ("2π", ""),
        1 / math.log(2): (
            "1 / ln 2",
            ": is the logarithm to base 2 taken for the natural one, or the reverse?",
        ),
        math.log(10): ("ln 10", ": is the natural logarithm taken for the one to base 10, or the reverse?"),
        math.log2(10): (
            "log2 10",
            ": is the logarithm to base 2 taken for the one to base 10, or the reverse?",
        ),
        math.sqrt(2): ("√2", ""),
    }
    for value, (name, guess) in constants.items():
        yield value, f"{name} times too large{guess or '.'}"
        yield 1 / value, f"{name} times too small{guess or '.'}"
    for size, name in sizes.items():
        if size > 2:
            yield math.sqrt(size), f"√{size} times too large, {size} being {name}."
            yield 1 / math.sqrt(size), f"√{size} times too small, {size} being {name}."


def _unnamed_factor(pair: Pair, factor: float) -> str | None:
    """A number fits one ratio always: from two elements on it is evidence, in one a whole number may be."""
    whole = round(factor if abs(factor) >= 1 else 1 / factor)
    exactly = float(whole) if abs(factor) >= 1 else 1 / whole
    if 1 < abs(whole) <= 256 and pair.fits(pair.actual / exactly):
        guess = "a sum taken where a mean is" if abs(factor) > 1 else "a mean taken where a sum is"
        size = "large" if abs(factor) > 1 else "small"
        sign = ", and has the wrong sign" if factor < 0 else ""
        which = "It is" if pair.actual.numel() == 1 else "Every element is"
        return f"{which} {abs(whole)} times too {size}{sign}: is {guess} expected?"
    few = Fraction(factor).limit_denominator(64)
    if (
        few.numerator
        and max(abs(few.numerator), few.denominator) <= 64
        and pair.fits(pair.actual / float(few))
    ):
        if abs(few.numerator - few.denominator) == 1:
            guess = "is it divided by n where n - 1 is expected, or the reverse?"
            return f"It is {few} times what is expected: {guess}"
        if pair.actual.numel() >= 3:
            return f"Every element is {few} times what is expected."
    if pair.actual.numel() < 3 or abs(factor - 1) < 1e-3 or not pair.fits(pair.actual / factor):
        return None
    return f"Every element is off by the same factor, about {number_text(factor, 2)}."


def factor_per_slice(pair: Pair) -> str | None:
    """A factor of its own for each row: a normalisation is missing, or one too many."""
    if pair.telling and pair.is_real:
        for dim, mean in _means(pair, pair.actual / pair.expected):
            normalised = bool(((mean - 1).abs() < 1e-3).all())  # that would be noise
            if bool(mean.all()) and not normalised and pair.fits(pair.actual / mean):
                return (
                    f"Along dimension {dim} all elements are off by the same factor: "
                    "are they normalised as asked?"
                )
    return None


def offset_per_slice(pair: Pair) -> str | None:
    """An offset of its own for each row: a mean, a maximum or a log-sum-exp not subtracted."""
    if pair.telling and pair.is_real:
        for dim, mean in _means(pair, pair.actual - pair.expected):
            if pair.fits(pair.actual - mean):
                return (
                    f"Along dimension {dim} all elements are off by the same amount: "
                    "is something to be subtracted, or added, for each slice?"
                )
    return None


def _means(pair: Pair, tensor: Tensor) -> Iterator[tuple[int, Tensor]]:
    """The means of a tensor along each dimension that is long enough for one to be evidence."""
    for dim, size in enumerate(tensor.shape):
        if size >= 3 and pair.tells(pair.expected - pair.expected.mean(dim, keepdim=True)):
            yield dim, tensor.mean(dim, keepdim=True)


def constant_offset(pair: Pair) -> str | None:
    """The right values plus something."""
    if not (pair.telling and pair.is_real) or pair.actual.numel() < 3:
        return None
    apart = pair.actual - pair.expected
    apart = apart[apart.isfinite()]
    offset = float(apart.median()) if apart.numel() else 0.0
    if abs(offset - round(offset)) < 1e-3:
        offset = float(round(offset)) or offset
    if offset and pair.fits(pair.actual - offset):
        direction = "large" if offset > 0 else "small"
        return f"Every element is too {direction} by the same amount, {number_text(abs(offset), 2)}."
    return None


# ---------------------------------------------------------------------------------------- functions


@dataclass(frozen=True, slots=True)
class Step:
    """A function that a formula may lack, or contain once too often."""

    function: Function
    missing: str  # said where step(actual) is right
    surplus: str  # said where step(expected) is what came


def _step(name: str, function: Function) -> Step:
    return Step(
        function,
        sentence(f"{name} of your result would be right: is a step missing?"),
        f"It is {name} of what is expected: is it applied once too often?",
    )


_STEPS = (
    Step(
        torch.abs,
        "Its absolute value would be right.",
        "It is the absolute value of what is expected: signs are lost.",
    ),
    Step(
        torch.square,
        "Its square would be right: is a root too many taken, or a square missing?",
        "It is the square of what is expected: is a root missing?",
    ),
    Step(
        torch.exp,
        "It is the logarithm of what is expected: is `exp` missing?",
        "It is the exponential of what is expected: is a logarithm missing?",
    ),
    Step(torch.reciprocal, "It is the reciprocal, 1 / x, of what is expected.", ""),
    Step(
        lambda x: 1 - x,
        "It is the complement of what is expected: 1 - x, or `not x`.",
        "",
    ),
)
_REAL_STEPS = (
    _step("the ReLU", torch.relu),
    _step("the sigmoid", torch.sigmoid),
    _step("the tanh", torch.tanh),
    Step(
        torch.round,
        "Rounded, it would be right.",
        "It is rounded to whole numbers, which is not expected.",
    ),
    Step(
        torch.trunc,
        "With the decimals cut off it would be right.",
        "The decimals are cut off: is it a division with `//`, or a conversion to int?",
    ),
)


def function_missing_or_surplus(pair: Pair) -> str | None:
    """One elementary step of the formula left out, or made twice."""
    steps = [*_STEPS, *_REAL_STEPS, *_steps_along(pair)] if pair.is_real else list(_STEPS)
    for step in steps:
        if pair.telling and pair.fits(step.function(pair.actual)):
            return step.missing
        if step.surplus:
            target = step.function(pair.expected)
            if pair.tells(target) and pair.fits(pair.actual, target):
                return step.surplus
    return None


def _steps_along(pair: Pair) -> Iterator[Step]:
    """Those that go along a dimension.

    Softmax only where a side sums to one: a tiny one takes milliseconds on a busy machine.
    """
    ndim, sides = pair.actual.ndim, (pair.actual, pair.expected)
    for dim in range(ndim):
        where = f" along dimension {dim}" if ndim > 1 else ""
        if any(_sums_to_one(side, dim) for side in sides):
            yield _step(f"the softmax{where}", lambda x, dim=dim: x.softmax(dim))
        if any(_sums_to_one(side.exp(), dim) for side in sides):
            yield _step(f"the log-softmax{where}", lambda x, dim=dim: x.log_softmax(dim))
        yield _step(f"the cumulative sum{where}", lambda x, dim=dim: x.cumsum(dim))


def real_part_only(pair: Pair) -> str | None:
    """The imaginary part was dropped."""
    if not pair.expected.is_complex() or not bool(pair.expected.imag.any()):
        return None
    have = pair.actual.real if pair.actual.is_complex() else pair.actual
    no_imaginary = not (pair.actual.is_complex() and bool(pair.actual.imag.any()))
    if no_imaginary and pair.tells(pair.expected.real) and pair.fits(have, pair.expected.real):
        return "It is the real part only: the imaginary part is lost."
    return None


def conjugated(pair: Pair) -> str | None:
    """The imaginary part has the wrong sign."""
    if pair.actual.is_complex() and pair.telling and pair.fits(pair.actual.conj().resolve_conj()):
        return "It is the complex conjugate of what is expected."
    return None


def softmax_over_wrong_dimension(pair: Pair) -> str | None:
    """Probabilities, or their logarithms, that sum to one along another dimension than expected.

    With x the logits, log a = x - L_j and log e = x - L_i, where L_i does not vary along i: the
    difference of the logarithms is the sum of one term that is constant along i and one along j.
    """
    if not (pair.telling and pair.is_real):
        return None
    for exp, log in ((_itself, torch.log), (torch.exp, _itself)):
        expected, actual = exp(pair.expected), exp(pair.actual)
        for want, have in permutations(range(pair.actual.ndim), 2):
            if not (_sums_to_one(expected, want) and _sums_to_one(actual, have)):
                continue
            apart = log(pair.actual) - log(pair.expected)
            terms = apart.mean(want, True) + apart.mean(have, True) - apart.mean((want, have), True)
            corrected = log(pair.actual) - terms
            if pair.fits(corrected.exp() if exp is _itself else corrected):
                return f"It is normalised along dimension {have}, where dimension {want} is expected."
    return None


def _itself(tensor: Tensor) -> Tensor:
    return tensor


def _sums_to_one(tensor: Tensor, dim: int) -> bool:
    sums = tensor.sum(dim)
    return tensor.shape[dim] > 1 and bool((tensor > 0).all()) and bool(((sums - 1).abs() < 1e-3).all())


_FORMATS = (
    (torch.bfloat16, "bfloat16", 2**-8),
    (torch.float16, "float16", 2**-11),
    (torch.float32, "float32", 2**-24),
)


def reduced_precision(pair: Pair) -> str | None:
    """About right everywhere, and no better: rounded to, or computed in, a short floating format."""
    if not (pair.telling and pair.is_real):
        return None
    size = pair.expected.abs()
    errors = (pair.actual - pair.expected)[size > 1e-3 * size.max()] / size[size > 1e-3 * size.max()]
    if not errors.numel() or not bool(errors.isfinite().all()):
        return None
    worst = float(errors.abs().max())
    for dtype, name, unit in _FORMATS:
        rounded = pair.actual.to(dtype).to(torch.float64)
        needs_more = bool((pair.expected.to(dtype).to(torch.float64) != pair.expected).any())
        if worst <= 4 * unit and needs_more and bool((rounded == pair.actual).all()):
            return f"It is about right, but rounded to {name}: compute in a more precise dtype throughout."
    noise = all(float((side > 0).double().mean()) > 0.1 for side in (errors, -errors))
    everywhere = float(pair.wrong.double().mean()) > 0.5
    if 1e-4 < worst < 1e-2 and errors.numel() >= 8 and noise and everywhere:
        return (
            "All elements are about right, to two or three digits: is it computed in half precision "
            "(float16, bfloat16), or by an approximation that is too coarse?"
        )
    return None
