"""# Slice of the elements with three odd indices

**Three dimensions.** `to_3d(x, shape=(2, 5, 10))` turns `x`, for instance the 10×10 tensor of the previous
question, into a 3-D tensor of the given shape. The elements stay in the same order (row by row, as they lie
in memory), and the result is a *view*: it shares the memory of `x`, so that writing to it changes `x`. The
argument is always contiguous and has the right number of elements.

**Odd indices.** `odd_slice(t)` takes a 3-D tensor of shape `(a, b, c)` and returns the slice that contains
exactly the elements `t[i, j, k]` whose three indices `i`, `j`, `k` are all odd. Indices count from 0, so
index 1 is the first odd one. The result

- is 3-D again, of shape `(a // 2, b // 2, c // 2)`, with the elements in their order. It may be empty: a
  dimension of size 1 has no odd index;
- is a slice and not a copy: it lies in the memory of `t`, and writing to it changes exactly those elements
  of `t`. This holds for every `t`, contiguous or not.

An example: `odd_slice(to_3d(torch.arange(100)))` is

```text
tensor([[[61, 63, 65, 67, 69],
         [81, 83, 85, 87, 89]]])
```
"""

from __future__ import annotations

import torch

from grader.authoring import Handle, Random, Student, a_tensor, check, ensure, equal

kinds = ("tensor",)
budget_s = 1
stub = '''
import torch


def to_3d(x: torch.Tensor, shape: tuple[int, int, int] = (2, 5, 10)) -> torch.Tensor:
    """Return the elements of x, in the same order, as a 3-D tensor of this shape: a view of x."""
    raise NotImplementedError


def odd_slice(t: torch.Tensor) -> torch.Tensor:
    """Return the elements of t with three odd indices: (a, b, c) -> (a//2, b//2, c//2), a view of t."""
    raise NotImplementedError
'''

# A non-contiguous tensor is a view of a contiguous one: in the worker it is made by this permutation.
ORDER, BACK = (2, 0, 1), (1, 2, 0)


@check(points=1)
def to_3d(student: Student, rng: Random) -> None:
    """keeps the order of the elements, for any shape, and gives a view of x"""
    cases = [
        ((10, 10), None),
        ((100,), None),
        ((24,), (2, 3, 4)),
        ((6, 20), (4, 5, 6)),
        ((3, 2, 5), (5, 1, 6)),
    ]
    for number, (given, asked) in enumerate(rng.shuffled(cases)):
        shape = asked or (2, 5, 10)
        x = rng.randn(*given, dtype=(torch.float32, torch.float64)[number % 2])
        here = student.put(x)
        result = student.to_3d.keep(here, *([asked] if asked else []))
        what = f"to_3d of a tensor of shape {given}" + (f" with shape={asked}" if asked else "")
        equal(a_tensor(result.fetch(), shape=shape, what=what), x.reshape(shape), what=what)
        ensure(
            student.shares_memory(result, here),
            f"{what} is a copy: it does not lie in the memory of x. A reshape of a contiguous tensor is a "
            "view.",
        )
        place = [rng.integer(0, size - 1) for size in shape]
        result[tuple(place)] = 77.0
        after = a_tensor(here.fetch(), what="x after the call").flatten()
        expected = x.reshape(shape).clone()
        expected[tuple(place)] = 77.0
        equal(after, expected.flatten(), what=f"x after a write to an element of {what}")


def tensors(student: Student, rng: Random) -> list[tuple[torch.Tensor, Handle, str]]:
    """Tensors with different elements, each beside its copy over there: contiguous ones, then views."""
    made: list[tuple[torch.Tensor, torch.Tensor, str]] = []
    views: list[tuple[torch.Tensor, torch.Tensor, str]] = []
    shapes = [(2, 5, 10), (5, 4, 3), (1, 3, 9), (7, 7, 7), (4, rng.integer(2, 6), rng.integer(8, 9))]
    for number, shape in enumerate(rng.shuffled(shapes)):
        elements = rng.permutation(shape[0] * shape[1] * shape[2]).reshape(shape)
        t = elements.to((torch.float32, torch.float64, torch.int64)[number % 3])
        made.append((t, t, f"a tensor of shape {shape}"))
        if shape[0] > 1:
            views.append((t, t.permute(BACK).contiguous(), f"a non-contiguous tensor of shape {shape}"))
    there = student.put_each([base for _, base, _ in made + views])
    permute = student.lab.torch.permute.handle()
    there[len(made) :] = permute.keep_each([(base, ORDER) for base in there[len(made) :]])
    return rng.shuffled(
        [(t, handle, words) for (t, _, words), handle in zip(made + views, there, strict=True)]
    )


@check(points=2)
def values(student: Student, rng: Random) -> None:
    """picks exactly the elements with three odd indices and stays 3-D, also where nothing is left"""
    cases = tensors(student, rng)
    results = student.odd_slice.call_each([(there,) for _, there, _ in cases])
    for (t, _, description), result in zip(cases, results, strict=True):
        what = f"odd_slice of {description}"
        expected = t[1::2, 1::2, 1::2]
        found = a_tensor(result, dtype=t.dtype, what=what)
        ensure(
            found.ndim == 3,
            f"{what} has shape {tuple(found.shape)}; three dimensions are asked for. An index takes its "
            "dimension away, a slice keeps it; a mask always gives one dimension.",
        )
        ensure(
            not torch.equal(found, t[::2, ::2, ::2]),
            f"{what} holds the elements with even indices. Indices count from 0, so the first odd one is 1.",
        )
        a_tensor(found, shape=tuple(expected.shape), what=what)
        equal(found, expected, what=what)


@check(points=2, after="values")
def view(student: Student, rng: Random) -> None:
    """is a view: writing to it changes exactly those elements of the tensor, contiguous or not"""
    cases = tensors(student, rng)
    results = student.odd_slice.keep_each([(there,) for _, there, _ in cases])
    fill = student.lab.torch.Tensor.fill_.handle()
    for (t, there, description), result in zip(cases, results, strict=True):
        expected = t.clone()
        expected[1::2, 1::2, 1::2] = -5
        if expected.equal(t):  # an empty slice has nothing to share
            continue
        ensure(
            student.shares_memory(result, there),
            f"odd_slice of {description} is a copy: it does not lie in the memory of t. Indexing with lists "
            "or masks copies, and so can reshape or contiguous; a slice start:stop:step does not.",
        )
        fill.keep(result, -5)
        equal(there.fetch(), expected, what=f"{description} after odd_slice(t).fill_(-5)")
