"""Mistakes of layout: the right elements in the wrong shape, order or place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, permutations

import torch
from torch import Tensor

from grader.compare.pair import Hypothesis, Pair
from grader.compare.wording import shape_text

_MAX_NDIM = 5  # 120 permutations
_MAX_ROLL = 64


def extra_dimension(pair: Pair) -> str | None:
    """(4, 1) for (4,), (1, 3) for (3,)."""
    for dim, size in enumerate(pair.actual.shape):
        if size == 1 and pair.fits(pair.actual.squeeze(dim)):
            remedy = f"`squeeze({dim})` drops it"
            return f"The values are right, but dimension {dim}, of size 1, is too many: {remedy}."
    return None


def missing_dimension(pair: Pair) -> str | None:
    """(4,) for (4, 1): often a reduction without keepdim=True."""
    for dim, size in enumerate(pair.expected.shape):
        if size == 1 and pair.fits(pair.actual, pair.expected.squeeze(dim)):
            return (
                f"The values are right; only a dimension of size 1 is missing: `unsqueeze({dim})` adds it, "
                "and `keepdim=True` keeps it in a reduction."
            )
    return None


def transposed(pair: Pair) -> str | None:
    """Any other order of the dimensions, whether or not the shape gives it away."""
    ndim = pair.actual.ndim
    if ndim != pair.expected.ndim or ndim > _MAX_NDIM or not (pair.telling and pair.same_elements):
        return None
    for order in _orders(ndim):
        if pair.fits(pair.actual.permute(order)):
            return _transposed_sentence(order)
    return None


def _orders(ndim: int) -> list[tuple[int, ...]]:
    """The permutations other than the identity, those that move the fewest dimensions first."""
    others = [order for order in permutations(range(ndim)) if order != tuple(range(ndim))]
    return sorted(others, key=lambda order: sum(dim != place for place, dim in enumerate(order)))


def _transposed_sentence(order: tuple[int, ...]) -> str:
    moved = [place for place, dim in enumerate(order) if dim != place]
    if len(order) == 2:
        return "It is transposed: swapping rows and columns (`.T`) makes it right."
    if len(moved) == 2:
        first, second = moved
        return f"Dimensions {first} and {second} are swapped: `.transpose({first}, {second})` makes it right."
    return f"The dimensions are in the wrong order: `.permute{order}` makes it right."


def flattened(pair: Pair) -> str | None:
    """All elements in the right order, but in one row."""
    one_row = pair.actual.ndim == 1 and pair.expected.ndim > 1
    if one_row and pair.actual.numel() and pair.fits(pair.actual, pair.expected.flatten()):
        return "It is flattened: the values are right and in the right order, but in one dimension."
    return None


def reshaped(pair: Pair) -> str | None:
    """All elements in the right order, in another shape."""
    other = pair.actual.shape != pair.expected.shape
    if other and pair.actual.numel() and pair.fits(pair.actual.flatten(), pair.expected.flatten()):
        return (
            "The values are right and in the right order; only the shape is not: "
            f"`reshape{shape_text(pair.expected.shape)}` gives it."
        )
    return None


def not_reduced(pair: Pair) -> str | None:
    """The sum or mean over one dimension, or over all, is still to be taken."""
    for words, candidate in _reductions(pair.actual):
        if pair.telling and _alike(pair, candidate, pair.expected):
            return f"{words[0].upper()}{words[1:]} of your result would be right: the last step is missing."
    return None


def reduced_too_far(pair: Pair) -> str | None:
    """A sum or mean was taken over a dimension that should have stayed."""
    for words, candidate in _reductions(pair.expected):
        if pair.tells(candidate) and _alike(pair, pair.actual, candidate):
            return f"It is {words} of what is expected: reduced over a dimension too many."
    return None


def _alike(pair: Pair, candidate: Tensor, target: Tensor) -> bool:
    """Whether it fits up to dimensions of size 1."""
    return candidate.numel() == target.numel() and pair.fits(candidate.squeeze(), target.squeeze())


def _reductions(tensor: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Each sum, mean and (of real tensors) maximum: over one dimension, then over all."""
    if tensor.numel() < 2:
        return
    steps: list[tuple[str, Callable[..., Tensor]]] = [("mean", torch.mean), ("sum", torch.sum)]
    if not tensor.is_complex():
        steps.append(("maximum", torch.amax))
    for dim in range(tensor.ndim if tensor.ndim > 1 else 0):
        if tensor.shape[dim] > 1:
            yield from ((f"the {name} over dimension {dim}", step(tensor, dim=dim)) for name, step in steps)
    every = tuple(range(tensor.ndim))
    yield from ((f"the {name} over all elements", step(tensor, dim=every)) for name, step in steps)


def cut_short(pair: Pair) -> str | None:
    """Rows are missing at the start or the end, or there are too many."""
    have, want = pair.actual.shape, pair.expected.shape
    unequal = [dim for dim in range(len(want)) if len(have) == len(want) and have[dim] != want[dim]]
    if len(unequal) != 1:
        return None
    dim = unequal[0]
    shorter, longer = sorted((pair.actual, pair.expected), key=lambda tensor: tensor.shape[dim])
    size, surplus = shorter.shape[dim], longer.shape[dim] - shorter.shape[dim]
    if not pair.tells(shorter):
        return None
    for place, start in (("end", 0), ("start", surplus)):
        if pair.fits(shorter, longer.narrow(dim, start, size)):
            slices = f"{surplus} slice{'s' * (surplus > 1)} along dimension {dim}"
            verb = "is" if surplus == 1 else "are"
            amiss = "missing" if shorter is pair.actual else "too many"
            return f"The rest is right, but {slices} {verb} {amiss}, at the {place}."
    return None


def not_broadcast(pair: Pair) -> str | None:
    """The right values, not stretched to the full shape."""
    try:
        stretched = pair.actual.expand(pair.expected.shape)
    except RuntimeError:  # the shapes do not go together
        return None
    if pair.telling and pair.fits(stretched):
        return "The values are right, but they are not broadcast to the full shape."
    return None


def flipped(pair: Pair) -> str | None:
    """Reversed along one dimension or several, as a kernel is in a convolution."""
    dims = [dim for dim, size in enumerate(pair.actual.shape) if size > 1]
    if len(dims) > _MAX_NDIM or not (pair.telling and pair.same_elements):
        return None
    for count in range(1, len(dims) + 1):
        for subset in combinations(dims, count):
            if pair.fits(pair.actual.flip(subset)):
                if pair.actual.ndim == 1:
                    return "It is in reversed order."
                where = ", ".join(map(str, subset))
                return f"It is flipped along dimension{'s' * (count > 1)} {where}."
    return None


def rolled(pair: Pair) -> str | None:
    """Moved along a dimension, what falls off coming in at the other end."""
    if not (pair.telling and pair.same_elements):
        return None
    for dim, size in enumerate(pair.actual.shape):
        reach = range(1, size) if size <= _MAX_ROLL else (1, 2, size - 2, size - 1)
        for shift in reach:
            if pair.fits(pair.actual.roll(shift, dim)):
                back = shift if shift <= size // 2 else shift - size
                guess = " Is an index off by one?" if abs(back) == 1 else ""
                return f"It is rolled along dimension {dim}: `torch.roll` by {back} puts it right.{guess}"
    return None


def shifted(pair: Pair) -> str | None:
    """Off by one along a dimension, something else coming in at the edge."""
    for dim, size in enumerate(pair.actual.shape):
        if size < 3:
            continue
        for late in (True, False):
            have = pair.actual.narrow(dim, int(late), size - 1)
            want = pair.expected.narrow(dim, int(not late), size - 1)
            if pair.tells(want) and pair.fits(have, want):
                when = "late" if late else "early"
                return f"It is off by one along dimension {dim}: every value comes one place too {when}."
    return None


def wrongly_sorted(pair: Pair) -> str | None:
    """Sorted where it should not be, or the other way round, along one dimension."""
    if not (pair.is_real and pair.telling and pair.same_elements):
        return None
    for dim, size in enumerate(pair.actual.shape):
        for down in (False, True) if size > 1 else ():
            order = "descending" if down else "ascending"
            if pair.fits(pair.actual.sort(dim=dim, descending=down).values):
                return f"The values are right, but not sorted: {order} along dimension {dim} is expected."
            if pair.fits(pair.actual, pair.expected.sort(dim=dim, descending=down).values):
                return f"The values are right, but sorted along dimension {dim}, which is not wanted."
    return None


def in_another_order(pair: Pair) -> str | None:
    """All the right elements, in no order that was recognised."""
    if pair.telling and pair.same_elements and pair.actual.numel() > 2:
        return "The right values are all there, but in the wrong places."
    return None


WRONG_SHAPE: tuple[Hypothesis, ...] = (
    extra_dimension,
    missing_dimension,
    transposed,
    flattened,
    reshaped,
    cut_short,
    not_broadcast,
    not_reduced,
    reduced_too_far,
)
