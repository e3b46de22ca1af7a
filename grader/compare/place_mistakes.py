"""Mistakes of place: part of the result is right, and the part that is not has a shape."""

from __future__ import annotations

import torch
from torch import Tensor

from grader.compare.pair import Pair


def only_at_the_border(pair: Pair) -> str | None:
    """The inside of the last two dimensions is right and most of the border is not: padding, as a rule."""
    wrong = pair.wrong
    if wrong.ndim < 2 or min(wrong.shape[-2:]) < 3:
        return None
    border = torch.ones_like(wrong)
    border[..., 1:-1, 1:-1] = False
    if not bool((wrong & ~border).any()) and float(wrong[border].double().mean()) > 0.75:
        return "Only the border is wrong, the inside is right: look at the padding."
    return None


def only_a_triangle(pair: Pair) -> str | None:
    """The last two dimensions are a square matrix, wrong on one side of its diagonal, or on it."""
    wrong = pair.wrong
    if wrong.ndim < 2 or wrong.shape[-1] != wrong.shape[-2] or wrong.shape[-1] < 3:
        return None
    ones = torch.ones(wrong.shape[-2:], dtype=torch.bool)
    parts = {
        "on the diagonal": torch.eye(wrong.shape[-1], dtype=torch.bool),
        "above the diagonal": ones.triu(1),
        "below the diagonal": ones.tril(-1),
    }
    for where, part in parts.items():
        if not bool((wrong & ~part).any()) and float(wrong[..., part].double().mean()) > 0.75:
            return f"Only the elements {where} are wrong."
    return None


def only_some_slices(pair: Pair) -> str | None:
    """A run of rows (or columns, ...) is wrong and all others are right."""
    if not pair.telling or int(pair.wrong.sum()) == 1:  # of one element the message has said where
        return None
    found: list[tuple[float, str]] = []
    for dim, size in enumerate(pair.wrong.shape):
        bad = _slices(pair.wrong, dim).nonzero().flatten().tolist()
        first, last = bad[0], bad[-1]
        if len(bad) == size or len(bad) != last - first + 1 or size < 3:
            continue
        if last == size - 1 and first > 0:
            which = f"from index {first} on" if first < last else "at the last index"
        elif first == last:
            which = f"at index {first}"
        else:
            which = f"from index {first} to {last}"
        found.append((len(bad) / size, f"Only the part {which} of dimension {dim} is wrong."))
    return min(found)[1] if found else None


def _slices(wrong: Tensor, dim: int) -> Tensor:
    """Which slices along a dimension hold a wrong element."""
    return wrong.movedim(dim, 0).flatten(1).any(1) if wrong.ndim > 1 else wrong
