"""# Which pairs of tensors can be broadcast

Six tensors have these shapes:

| tensor | shape |
|---|---|
| A | 2 × 1 × 2 |
| B | 2 × 1 × 1 × 3 |
| C | 5 × 1 |
| D | 1 × 5 |
| E | 1 (one dimension, of size 1) |
| F | 5 × 3 |

There are 15 pairs of different tensors.

**(a)** Decide for each pair whether the two can be broadcast with each other, and **(b)** give the shape of
the result where they can. Write both into one dictionary, **`pair_shapes`**: its keys are the 15 strings
`"AB"`, `"AC"`, `"AD"`, …, `"EF"` (two letters, in alphabetical order), and the value of a key is the shape
of the result as a tuple, or `None` if the pair cannot be broadcast. For instance, if G were of shape 7 × 1,
H of shape 4 and I of shape 3 × 4, the entries would be `"GH": (7, 4)`, `"GI": None` and `"HI": (3, 4)`.

Then write the rule down as a program: **`broadcast_shape(s, t)`** takes two shapes (tuples, lists or
`torch.Size`; of any lengths, also empty) and returns their common shape as a tuple. It raises `ValueError`
if there is none. Use plain Python on the sizes themselves, and let no library do the broadcasting: sizes
can be as large as 10⁹, so tensors of these shapes would not fit into any memory. A size can also be 0: a 1
is repeated to the size of the other tensor whatever that is, so 1 and 0 give 0, while 0 and 3 do not go
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch

from grader.authoring import Outcome, Random, Reference, Student, check, ensure, fail, instance, partly

kinds = ("tensor", "error")
budget_s = 1
stub = '''
import torch

pair_shapes = None  # your answer: a dictionary {"AB": ..., "AC": ..., and so on, "EF": ...}


def broadcast_shape(s: tuple[int, ...], t: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape of the shapes s and t. Raises ValueError if there is none."""
    raise NotImplementedError
'''

SIZES = {"A": (2, 1, 2), "B": (2, 1, 1, 3), "C": (5, 1), "D": (1, 5), "E": (1,), "F": (5, 3)}
PAIRS = [first + second for first, second in combinations(SIZES, 2)]

HELPERS = (
    "torch.broadcast_shapes",
    "torch.broadcast_tensors",
    "torch.broadcast_to",
    "torch.functional.broadcast_shapes",
    "torch.functional.broadcast_tensors",
    "torch.Tensor.broadcast_to",
    "torch.Tensor.expand",
    "torch.Tensor.expand_as",
    "numpy.broadcast_shapes",
    "numpy.broadcast_arrays",
    "numpy.broadcast_to",
    "numpy.broadcast",
)


def as_shape(value: Any) -> tuple[int, ...] | None:
    """The sizes in a tuple, list, torch.Size or 1-D integer tensor; None for anything else."""
    if isinstance(value, torch.Tensor | np.ndarray):
        value = value.tolist()
    if not isinstance(value, tuple | list):
        return None
    sizes = [n.tolist() if isinstance(n, torch.Tensor | np.generic) else n for n in value]
    return tuple(sizes) if all(type(n) is int for n in sizes) else None


def aligned_left(s: Sequence[int], t: Sequence[int]) -> bool:
    """A common mistake: the rule with the shapes aligned at the left."""
    return all(a == b or 1 in (a, b) for a, b in zip(s, t, strict=False))


def of_one_length(s: Sequence[int], t: Sequence[int]) -> bool:
    """A common mistake: only tensors with the same number of dimensions go together."""
    return len(s) == len(t) and aligned_left(s, t)


@check(points=4)
def which_pairs(student: Student, reference: Reference) -> None:
    """(a) has None for exactly those of the 15 pairs that cannot be broadcast"""
    given = instance(student.pair_shapes, dict, what="pair_shapes")
    missing = [pair for pair in PAIRS if pair not in given]
    refused = {pair for pair in PAIRS if pair in given and given[pair] is None}
    expected = {pair for pair in PAIRS if reference.pair_shapes[pair] is None}
    too_strict, too_lax = refused - expected, expected - refused - set(missing)
    mistakes = len(missing) + len(too_strict) + len(too_lax)
    if not mistakes:
        return
    message: list[str] = []
    if missing:
        message.append(f"These pairs are missing: {', '.join(missing)}.")
    if too_strict:
        message.append(f"Pairs with None that can be broadcast: {len(too_strict)}.")
    if too_lax:
        message.append(f"Pairs with another value than None that cannot be broadcast: {len(too_lax)}.")
    for mistake, remark in (
        (
            aligned_left,
            "It looks as if you aligned the shapes at the left; the rule aligns them at the right.",
        ),
        (of_one_length, "Shapes of different lengths can go together: missing leading sizes count as 1."),
    ):
        if refused == {pair for pair in PAIRS if not mistake(SIZES[pair[0]], SIZES[pair[1]])}:
            message.append(remark)
    partly(max(0, 4 - mistakes), 4, " ".join(message))


@check(points=3)
def result_shapes(student: Student, reference: Reference) -> None:
    """(b) gives the right shape for the pairs that can be broadcast"""
    given = instance(student.pair_shapes, dict, what="pair_shapes")
    expected = {pair: shape for pair, shape in reference.pair_shapes.items() if shape is not None}
    answered = {pair: given[pair] for pair in expected if given.get(pair) is not None}
    wrong = sorted(pair for pair, shape in answered.items() if as_shape(shape) != expected[pair])
    ensure(
        len(answered) > len(wrong),
        "None of the pairs that can be broadcast has its right shape. A shape is a tuple with one size for "
        "each dimension, and the result has as many dimensions as the longer of the two.",
    )
    if not wrong:
        return
    message = f"Not the shape of the result: {', '.join(wrong)}."
    if unreadable := [pair for pair in wrong if as_shape(answered[pair]) is None]:
        message += f" (Not a tuple of whole numbers at all: {', '.join(unreadable)}.)"
    message += " Align the shapes at the right; a 1, or a missing size, becomes the size of the other tensor."
    partly(max(0, 3 - len(wrong)), 3, message)


@check(points=3)
def rule(student: Student, reference: Reference, rng: Random) -> None:
    """broadcast_shape finds the common shape of 200 hidden pairs, or raises ValueError, in plain Python"""
    why = "Write the rule in plain Python, without a library that broadcasts."
    used = student.source("broadcast_shape").uses(*HELPERS)
    ensure(used is None, f"`broadcast_shape` uses `{used}`. {why}")
    pairs: list[tuple[Sequence[int], Sequence[int]]] = []
    for s, t in hidden_pairs(rng):
        if rng.integer(0, 1):
            s, t = t, s
        kind_s, kind_t = rng.choice([tuple, list, torch.Size]), rng.choice([tuple, list, torch.Size])
        pairs.append((kind_s(s), kind_t(t)))
    with student.forbid(*HELPERS, why=why):
        for (s, t), outcome in zip(pairs, student.broadcast_shape.attempt_each(pairs), strict=True):
            judge(outcome, reference, s, t)


def judge(outcome: Outcome, reference: Reference, s: Sequence[int], t: Sequence[int]) -> None:
    """What came of one hidden pair; the message names what is special about it."""
    pair = f"{tuple(s)} and {tuple(t)}"
    try:
        expected = reference.broadcast_shape(s, t)
    except ValueError:
        wanted = f"The shapes {pair} have no common shape, so `broadcast_shape` must raise ValueError"
        if outcome.error is None:
            fail(f"{wanted}. It returned a value.")
        ensure(outcome.error.isa(ValueError), f"{wanted}. It raised {outcome.error.name}.")
        return
    if outcome.error is not None:
        hint = " (Work with the sizes alone: no memory holds such a tensor.)"
        fail(
            f"The shapes {pair} can be broadcast, but `broadcast_shape` raised {outcome.error}"
            + (hint if max((*s, *t), default=0) > 10**6 else "")
        )
    shape = as_shape(outcome.value)
    if shape is None:
        fail(f"For the shapes {pair} `broadcast_shape` did not return a tuple of whole numbers.")
    if shape == expected:
        return
    hint = "Align the shapes at the right."
    if len(shape) != len(expected):
        hint = "The result has as many dimensions as the longer of the two shapes."
    elif shape == tuple(reversed(expected)):
        hint = "The sizes are right, but in reverse order."
    elif 0 in expected:
        hint = "A size 1 becomes the size of the other tensor, also if that is 0."
    fail(f"For the shapes {pair} `broadcast_shape` gives a wrong shape. {hint}")


def hidden_pairs(rng: Random) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """200 pairs: sizes beyond any memory, the corners of the rule, random ones. Many have no common shape."""
    big, other = 10**9 + rng.integer(0, 10**6), 10**8 + rng.integer(0, 10**6)
    # The first: here real tensors fail at once, before smaller ones fill the memory.
    huge = [((big, 1, other), (big, 1)), ((1, other, 1), (big, 1, big)), ((big, 1, other), (other, other, 1))]
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((), ()),
        ((), (1,)),
        ((), (rng.integer(2, 9), 0)),
        ((1,), (1, 1)),
        ((0,), (1,)),
        ((0,), (0,)),
        ((0,), (rng.integer(2, 9),)),
        ((rng.integer(2, 9), 0), (1, 1)),
        ((1, 0), (rng.integer(2, 9), 1)),
        ((2,), (3,)),
        ((2,), (4,)),
        ((3, 2), (3,)),
        ((3, 2), (3, 1, 2)),
    ]
    while len(pairs) < 200 - len(huge):
        common = [rng.choice([0, 1, 2, 3, 5, 7, rng.integer(2, 99), big]) for _ in range(rng.integer(0, 6))]
        s, t = ([rng.choice([n, n, 1]) for n in common] for _ in range(2))
        if s and rng.integer(0, 2) == 0:
            position = rng.integer(0, len(s) - 1)
            s[position], t[position] = rng.choice([(2, 3), (0, 2), (4, 2), (big, big + 1), (3, 0)])
        pairs.append((tuple(s), tuple(t[rng.integer(0, len(t)) :])))
    return huge + rng.shuffled(pairs)
