"""# A list of mixed types as a tensor

A Python list may hold anything: a float beside an int beside a piece of text. May a tensor?

**Try it.** Build a list `mixed_list` whose elements are of at least three different types, among them an
`int` (not a `bool`), a `float` and a string of exactly one character. Then try to make a tensor of it with
`torch.tensor(mixed_list)`. Did it work? Hand in a list that PyTorch refuses.

**Survive it.** Write `to_tensor_or_none(items)`. It makes the attempt and returns the tensor that
`torch.tensor(items)` gives: the same values, shape and dtype. Where PyTorch refuses the list, it returns
`None` and no error comes out. The list may be flat, nested (a list of lists), empty, or ragged (rows of
different lengths). A piece of text is never turned into a number, not even `"3"`. The list itself stays as
it was.

PyTorch refuses in more than one way. Look at the errors of several bad lists: text at the beginning, text
further back, a `None`, a ragged list.

**Predict it.** Write `predict_dtype(items)`. For a flat list of Python values, each a `bool`, `int`,
`float`, `complex`, `str` or `None`, it returns the dtype that `torch.tensor(items)` would choose, or `None`
if PyTorch would refuse the list. It must find this out from the elements, without building any tensor or
array. With PyTorch's default settings:

| the list holds | the tensor's dtype |
|---|---|
| only bools | `torch.bool` |
| ints, perhaps with bools | `torch.int64` |
| at least one float, perhaps with ints and bools | `torch.float32` |
| at least one complex number, perhaps with any of the above | `torch.complex64` |
| nothing at all | `torch.float32` |
| a piece of text or a `None` | refused |

In Python `isinstance(True, int)` is true: a bool counts as an int unless you look for bools first.
"""

from __future__ import annotations

from typing import Any

import torch

from grader.authoring import (
    Random,
    Reference,
    Student,
    a_tensor,
    check,
    choice,
    ensure,
    equal,
    fail,
    instance,
    text,
    unchanged,
)

kinds = ("tensor", "error", "choice", "text")
budget_s = 1
stub = '''
import torch

# at least three types of elements: an int, a float, a string of one character, ...
mixed_list = None  # your answer: a list that torch.tensor refuses


def to_tensor_or_none(items: list) -> torch.Tensor | None:
    """Return the tensor that torch.tensor(items) gives, or None where PyTorch refuses the list.

    `items` may be flat, nested, empty or ragged, and is not altered.
    """
    raise NotImplementedError


def predict_dtype(items: list) -> torch.dtype | None:
    """Return the dtype that torch.tensor would choose for a flat list, or None if it would refuse it.

    The elements are bool, int, float, complex, str or None. No tensor and no array is built.
    """
    raise NotImplementedError
'''

BUILDERS = ("torch.tensor", "torch.as_tensor", "torch.asarray", "torch.scalar_tensor", "torch.full")
BUILDERS += ("torch.from_numpy", "numpy.array", "numpy.asarray", "numpy.full")


@check(points=2)
def mixed_list(student: Student) -> None:
    """is a list with an int, a float and a one-character string, and PyTorch refuses it"""
    items: list[Any] = instance(student.mixed_list, list, what="mixed_list")
    types = [type(item) for item in items]
    ensure(int in types, "mixed_list holds no int. A bool does not count as one, and neither does 2.0.")
    ensure(float in types, "mixed_list holds no float, such as 2.5.")
    ensure(
        any(isinstance(item, str) and len(item) == 1 for item in items),
        "mixed_list holds no string of exactly one character. Numbers of different kinds alone are not "
        "refused: PyTorch turns them all into one common type.",
    )
    attempt = student.lab.torch.tensor.handle().attempt(items)
    ensure(attempt.error is not None, "torch.tensor(mixed_list) works; find a list that PyTorch refuses.")


def numbers(rng: Random) -> dict[str, list[Any]]:
    """Lists that torch.tensor takes, by what they are."""
    i, j, k = (rng.integer(-(2**40), 2**40) for _ in range(3))
    f, g = rng.uniform(-9, 9), rng.uniform(-9, 9)
    c, b = complex(f, g), rng.choice([True, False])
    return {
        "a list of ints": [i, j, k],
        "a list of floats": [f, g],
        "a list of bools": [b, not b, b],
        "a list of complex numbers": [c, c.conjugate()],
        "a list of a bool and ints": rng.shuffled([b, i, j]),
        "a list of ints and a float": rng.shuffled([i % 1000, j % 1000, f]),
        "a list of a bool and a float": rng.shuffled([b, g]),
        "a list of complex, float, int and bool values": rng.shuffled([c, f, k % 1000, b]),
        "an empty list": [],
        "a list with one int": [k],
        "a list of lists of ints and bools": [[i, b], [j, k], [not b, i]],
        "a list of lists of ints and a float": [[j % 1000, f, k % 1000]],
        "a list with one empty list in it": [[]],
        "a list nested three deep": [[[f, g], [g, f]], [[i % 1000, 1], [0, g]]],
    }


def refused(rng: Random) -> dict[str, list[Any]]:
    """Lists that torch.tensor refuses, by what is wrong with them."""
    i, j, f = rng.integer(1, 99), rng.integer(1, 99), rng.uniform(1, 9)
    word, digit = rng.choice(["a", "tensor", "x y"]), str(rng.integer(0, 9))
    return {
        "a list that begins with text (a ValueError)": [word, i, f],
        "a list that begins with a digit as text (a ValueError)": [digit, j],
        "a list of nothing but text (a ValueError)": [word, word],
        "a list that begins with an empty text (a TypeError)": ["", i],
        "a list with text further back (a TypeError)": [i, f, word],
        "a list with a digit as text further back (a TypeError)": [f, digit, i],
        "a list that begins with None (a RuntimeError)": [None, i],
        "a list with None further back (a RuntimeError)": [i, f, None],
        "a list of lists with text in it (a TypeError)": [[i, j], [f, word]],
        "a list of lists with None in it (a RuntimeError)": [[i, None], [j, f]],
        "a ragged list, the second row shorter (a ValueError)": [[i, j, i], [f]],
        "a ragged list, the second row longer (a ValueError)": [[f], [i, j]],
        "a list of a number and a list (a TypeError)": [i, [j, f]],
        "a list of a list and a number (a TypeError)": [[i, j], f],
    }


@check(points=3)
def to_tensor_or_none(student: Student, reference: Reference, rng: Random) -> None:
    """turns lists of numbers into the tensor that torch.tensor makes, and gives None for lists it refuses"""
    cases = [*numbers(rng).items(), *refused(rng).items()]
    for what, items in rng.shuffled(cases):
        expected, outcome = reference.to_tensor_or_none(items), student.to_tensor_or_none.attempt(items)
        if outcome.error is not None:
            advice = "PyTorch does take this list."
            if expected is None:
                advice = "catch it and return None. PyTorch refuses lists with errors of several kinds."
            fail(f"For {what} your function let an error out ({outcome.error}): {advice}")
        value = outcome.value
        if expected is None:
            ensure(
                value is None,
                f"For {what} your function returned something else than None. PyTorch refuses this list as "
                "it is, so the answer is None: nothing is converted, left out or filled in.",
            )
        else:
            ensure(value is not None, f"For {what} your function returned None, but PyTorch takes this list.")
            equal(a_tensor(value, what=f"the result for {what}"), expected, what=f"the result for {what}")
        unchanged(outcome.arguments[0], items, what=f"{what}, given as the argument items,")


def flat_lists(rng: Random) -> list[list[Any]]:
    """40 lists: all mixtures of up to two kinds, all of numbers, and some larger ones with text or None."""
    makers = {
        "bool": lambda: rng.choice([True, False]),
        "int": lambda: rng.choice([0, 1, -rng.integer(2, 99), rng.integer(2**31, 2**62)]),
        "float": lambda: rng.choice([0.0, 1.0, rng.uniform(-9, 9), float("inf")]),
        "complex": lambda: complex(rng.integer(-9, 9), rng.choice([0, 1])),
        "str": lambda: rng.choice(["", "a", "3", "2.5", "None", "True"]),
        "None": lambda: None,
    }
    names = list(makers)
    mixtures = [[], *([name] for name in names)]
    mixtures += [[a, b] for n, a in enumerate(names) for b in names[n + 1 :]]
    mixtures += [[name for name in names[:4] if name != left_out] for left_out in names[:5]]
    mixtures += [rng.sample(names, rng.integer(3, 6)) for _ in range(40 - len(mixtures))]
    lists = [[makers[name]() for name in mixture for _ in range(rng.integer(1, 3))] for mixture in mixtures]
    return rng.shuffled([rng.shuffled(items) for items in lists])


@check(points=2)
def predict_dtype(student: Student, reference: Reference, rng: Random) -> None:
    """names the dtype that torch.tensor would choose, or None, without building a tensor"""
    why = "The dtype is to be found from the types of the elements, without building a tensor or an array."
    with student.forbid(*BUILDERS, why=why):
        for items in flat_lists(rng):
            expected, predicted = reference.predict_dtype(items), student.predict_dtype(items)
            if predicted == expected:
                continue
            kinds_in_order = ", ".join("None" if item is None else type(item).__name__ for item in items)
            hint = ""
            if isinstance(predicted, type | str):
                hint = " A dtype is an object such as torch.int64, not a Python type and not a string."
            elif expected is None:
                hint = " Remember that not everything fits into a tensor."
            elif str(predicted) in ("torch.float64", "torch.int32", "torch.complex128"):
                hint = " That would be NumPy's habit; PyTorch's default types are others."
            elif all(isinstance(item, bool) for item in items) and predicted == torch.int64:
                hint = " isinstance(True, int) is true, so ask for bools first."
            elif items and predicted == reference.predict_dtype(items[:1]):
                hint = " That is what the first element alone would give; every element has a say."
            shown = "an empty list" if not items else f"a list of {kinds_in_order} (in this order)"
            fail(f"For {shown} your function says {predicted!r}, but PyTorch would do otherwise.{hint}")


refusal_reasons = choice(
    points=1,
    question="Why does PyTorch refuse the mixed list? Give the set of the keys of all true reasons.",
    options={
        "a": "all elements of a tensor share one dtype",
        "b": "PyTorch has no dtype that can hold text",
        "c": "a list may not contain both ints and floats",
        "d": "the data of a tensor is a block of numbers of fixed size, not of references to Python objects",
        "e": "a list must be turned into a NumPy array first",
        "f": "one-character strings are accepted only if they are digits",
    },
    several=True,
)

mixed_list_explanation = text(
    points=2,
    question=(
        "Did your list become a tensor? Explain in 3 to 6 sentences what happened and why. Say what "
        "PyTorch does with numbers of different kinds, which element made the attempt fail, and what is "
        "different about the way in which a list and a tensor store their elements."
    ),
)
