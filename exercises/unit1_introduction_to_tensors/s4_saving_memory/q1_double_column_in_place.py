"""# Column vector added to itself in place

Here is a 1-D tensor, five times the number e:

```python
x = torch.exp(torch.ones(5))      # tensor([2.7183, 2.7183, 2.7183, 2.7183, 2.7183])
```

Turn it into a column, and add the column to itself, *in the memory that `x` already has*: afterwards that
memory holds the doubled values, and the result is nowhere else. Two functions are asked for.

**`double_as_column(x)`** gets a tensor of shape `(n,)` with n ≥ 1 and returns a tensor of shape `(n, 1)`:

- every value is doubled, once, and the dtype is that of `x` (floating or integer);
- the result lies in the memory of `x`: it begins at the same address, and a write to it is seen in `x`;
- `x` itself may keep its shape or become the column, as you like;
- `x` may be a slice of a larger tensor, such as `base[3:8]` or `base[::2]`. Then `base` shows the doubled
  values in those places, and its other elements stay as they are.

A temporary tensor along the way is allowed; what counts is where the result ends up.

**`shares_storage(a, b)`** returns `True` if the tensors `a` and `b` live in the same storage, and `False`
otherwise. Two different slices of one tensor do share its storage, even if they have no element in common;
a tensor and its clone do not, even if all values are equal. The tensors are not empty.
"""

from __future__ import annotations

import torch

from grader.authoring import Handle, Random, Student, a_tensor, check, ensure, equal, truth

kinds = ("tensor",)
budget_s = 1
stub = '''
import torch


def double_as_column(x: torch.Tensor) -> torch.Tensor:
    """Double x, of shape (n,), in its own memory and return it as a column of shape (n, 1)."""
    raise NotImplementedError


def shares_storage(a: torch.Tensor, b: torch.Tensor) -> bool:
    """True if a and b have the same underlying storage."""
    raise NotImplementedError
'''

EVERY_SECOND = slice(None, None, 2)


def numbers(rng: Random, n: int, dtype: torch.dtype) -> torch.Tensor:
    """n values, none of them zero: doubling changes each."""
    return (rng.integers(1, 50, (n,)) * 2 - 51).to(dtype)


def part(student: Student, tensor: Handle, index: object) -> Handle:
    """tensor[index], made in the student's process: a view stays a view."""
    return student.lab.operator.getitem.keep(tensor, index)


def is_doubled(values: torch.Tensor, x: torch.Tensor, what: str) -> None:
    """Fails unless `values`, in whatever shape, are those of x doubled once."""
    name, flat = what[:1].upper() + what[1:], values.flatten().to(torch.float64)
    before = x.flatten().to(torch.float64)
    if flat.shape == before.shape:
        ensure(
            not torch.equal(flat, before), f"{name} still holds the old values: nothing was doubled in place."
        )
        ensure(
            not torch.equal(flat, 4 * before),
            f"{name} holds four times the old values. A view and its original are the same memory, "
            "so add once only.",
        )
    equal(flat, 2 * before, what=what)


@check(points=3)
def result(student: Student, rng: Random) -> None:
    """returns a column of shape (n, 1), doubled exactly once, in the dtype of x"""
    for n in rng.shuffled([5, 1, 1000, rng.integer(2, 40)]):
        for dtype in (torch.float32, torch.float64, torch.int64):
            x = numbers(rng, n, dtype)
            column = a_tensor(student.double_as_column(x), what="the result")
            ensure(
                column.ndim != 1,
                f"For x of shape ({n},) the result is 1-D, of shape {tuple(column.shape)}; "
                f"a column has two dimensions, here ({n}, 1).",
            )
            column = a_tensor(column, shape=(n, 1), dtype=dtype, what="the result")
            is_doubled(column, x, "the result")


@check(points=3)
def same_memory(student: Student, rng: Random) -> None:
    """keeps the result in the memory of x: same address, and a write to the result changes x"""
    for n in (rng.integer(2, 40), 1):
        base = student.put(numbers(rng, n + 4, torch.float64))
        x = part(student, base, slice(3, 3 + n))
        before, values = student.memory(x), x.fetch()
        column = student.double_as_column.keep(x)
        a_tensor(column.fetch(), dtype=torch.float64, what="the result")
        after = student.memory(column)
        ensure(
            after.pointer == before.pointer or after.storage == before.storage,
            "The result lies in new memory. Something on the way made a copy: x + x and 2 * x always do, and "
            "so do clone() and torch.tensor(x); a view and an operation in place do not.",
        )
        ensure(
            after.pointer == before.pointer,
            "The result is in the same storage as x, but it does not begin where x began.",
        )
        is_doubled(column.fetch(), values, "the result")
        column.fill_(0.5)
        written = part(student, base, slice(3, 3 + n)).fetch()
        ensure(
            bool((written == 0.5).all()),
            "A write to all of the result did not change all of x: element by element they are not the same "
            "memory.",
        )


@check(points=2)
def original(student: Student, rng: Random) -> None:
    """leaves the doubled values in the caller's x, also where x is a slice, and touches nothing else"""
    for index, cut in rng.shuffled(
        [(slice(None), "x"), (EVERY_SECOND, "x = base[::2]"), (slice(3, 8), "x = base[3:8]")]
    ):
        values = numbers(rng, 2 * rng.integer(5, 9), torch.float32)
        base = student.put(values)
        x = part(student, base, index)
        student.double_as_column.keep(x)
        inside, outside = values[index], torch.ones(len(values), dtype=torch.bool)
        outside[index] = False
        now = a_tensor(base.fetch(), shape=(len(values),), dtype=torch.float32, what="x")
        is_doubled(now[index], inside, f"the memory of the caller's {cut}")
        ensure(
            torch.equal(now[outside], values[outside]),
            f"For {cut} other elements of base were changed. Keep to the elements of x: their distance in "
            "memory is part of the view.",
        )
        is_doubled(a_tensor(x.fetch(), dtype=torch.float32, what="x"), inside, f"the caller's {cut}")


@check(points=2)
def sharing(student: Student, rng: Random) -> None:
    """tells views of one storage from copies"""
    rows, columns = rng.integer(4, 7), rng.integer(4, 7)
    base = student.put(rng.randn(rows, columns))
    upper, lower = part(student, base, slice(0, 2)), part(student, base, slice(2, None))
    column = part(student, base, (slice(None), slice(0, 1)))
    everywhere = torch.ones(rows, columns, dtype=torch.bool)
    transposed = base.t.keep()
    twin = base.fetch()
    cases = [
        (base, base, True, "a tensor and itself"),
        (base, base.view.keep(-1), True, "a tensor and a view of another shape"),
        (base, part(student, base, slice(1, 3)), True, "a tensor and a slice that begins later in it"),
        (upper, lower, True, "two slices of one tensor without a common element"),
        (base, transposed, True, "a tensor and its transpose"),
        (column, column.expand.keep(rows, columns), True, "a column and its expansion"),
        (base, base.detach.keep(), True, "a tensor and its detach()"),
        (base, base.clone.keep(), False, "a tensor and its clone"),
        (base, student.put(twin), False, "two tensors of equal values that were made apart"),
        (base, part(student, base, everywhere), False, "a tensor and a selection from it by a mask"),
        (base, student.lab.torch.add.keep(base, 0), False, "x and x + 0"),
        (transposed, transposed.reshape.keep(-1), False, "a transposed tensor and its reshape to 1-D"),
    ]
    for a, b, expected, title in rng.shuffled(cases):
        for first, second in ((a, b), (b, a)):
            verdict = truth(student.shares_storage(first, second), what="the result of `shares_storage`")
            ensure(
                verdict == expected,
                f"`shares_storage` is {verdict} for {title}, but they do "
                + ("share a storage." if expected else "not share a storage."),
            )
    ensure(
        torch.equal(base.fetch(), twin),
        "`shares_storage` changed the values of its arguments: only look at them.",
    )
