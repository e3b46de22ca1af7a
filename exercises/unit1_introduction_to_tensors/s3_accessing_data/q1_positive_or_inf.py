"""# Keep the positive elements, infinity elsewhere

**Two tensors.** `make_xy(n=10)` returns a pair `(x, y)` of tensors of shape `(n, n)` and of the same
floating dtype: the elements of `x` are drawn from the standard normal distribution (mean 0, variance 1) by
PyTorch's own generator, the one that `torch.manual_seed` sets; all elements of `y` are plus infinity.

**One out of two.** `keep_positive(x, y)` returns a new tensor. Where an element of `x` is positive, that
element is kept; where it is negative, the element of `y` in the same place stands instead:

```text
x = [[ 1.5, -0.2],       y = [[inf, inf],       result = [[1.5, inf],
     [-3.0,  0.7]]            [inf, inf]]                 [inf, 0.7]]
```

- `x` and `y` are two floating tensors of the same dtype and of the same shape, which may be any, and the
  result has that dtype and shape too.
- The elements of `y` are not always infinite. It is the element of `y` that must appear, whatever it is.
- Neither `x` nor `y` may be changed, and writing to the result later must not change them either.
- Elements that are exactly zero do not occur.

Hint: a comparison gives a boolean tensor; see what `torch.where` does with one.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from grader.authoring import Random, Reference, Student, a_tensor, check, ensure, equal, fail, unchanged

kinds = ("tensor",)
budget_s = 1
stub = '''
import torch


def make_xy(n: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    """Return x of shape (n, n), standard normal, and y of the same shape and dtype, all plus infinity."""
    raise NotImplementedError


def keep_positive(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return a new tensor: the elements of x where they are positive, those of y where they are negative."""
    raise NotImplementedError
'''


def xy(value: object, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The pair that make_xy(n) returned, once shapes, dtypes and infinities are right."""
    what = f"make_xy({n})"
    ensure(
        isinstance(value, tuple | list) and len(value) == 2,
        f"{what} should return two tensors: `return x, y`.",
    )
    assert isinstance(value, tuple | list)
    x = a_tensor(value[0], shape=(n, n), dtype="floating", what=f"x of {what}")
    y = a_tensor(value[1], shape=(n, n), dtype="floating", what=f"y of {what}")
    ensure(x.dtype == y.dtype, f"x and y of {what} are of different dtypes, {x.dtype} and {y.dtype}.")
    ensure(
        bool((y == float("inf")).all()), f"Not all elements of y of {what} are plus infinity, float('inf')."
    )
    return x.double(), y.double()


@check(points=1)
def make_xy(student: Student, rng: Random) -> None:
    """makes a standard normal x, a y that is all infinite, and follows torch.manual_seed"""
    seed = rng.seed()
    student.manual_seed(seed)
    first, _ = xy(student.make_xy(), 10)
    xy(student.make_xy(1), 1)
    x, _ = xy(student.make_xy(300), 300)
    # 90,000 numbers: the mean has standard deviation 0.0033 (0.02 is 6 of them), the variance 0.0047 (0.03 is
    # 6.4): false alarms of 2e-9 and 2e-10
    mean, variance = x.mean().item(), x.var().item()
    ensure(
        abs(mean) < 0.02 and abs(variance - 1) < 0.03,
        f"x has mean {mean:.3f} and variance {variance:.3f}; standard normal numbers have mean 0 and "
        "variance 1.",
    )
    # Kolmogorov and Smirnov's distance above 0.01 for so many numbers: a false alarm of 3e-8 at most
    steps = (torch.arange(x.numel(), dtype=torch.float64) + 0.5) / x.numel()
    distance = (torch.special.ndtr(x.flatten().sort().values) - steps).abs().max().item()
    ensure(
        distance < 0.01, "The numbers in x are not normally distributed, though mean and variance are right."
    )
    ensure(
        len(x.unique(dim=0)) == 300 and len(x.unique(dim=1)) == 300,
        "x holds the same row or column more than once; every element should be drawn on its own.",
    )
    ensure(
        not torch.equal(xy(student.make_xy(), 10)[0], first),
        "A later call of make_xy gave the same x again. Is a seed set inside?",
    )
    student.manual_seed(seed)
    ensure(
        torch.equal(xy(student.make_xy(), 10)[0], first),
        "After the same torch.manual_seed make_xy gave another x. Draw it with PyTorch's global generator.",
    )


def hidden_x(rng: Random, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Normal numbers, none of them zero, of both signs if there are at least two."""
    x = rng.randn(*shape, dtype=dtype)
    x = torch.where(x.abs() < 1e-3, 0.5, x)
    if x.numel() > 1:
        places = rng.permutation(x.numel())
        flat = x.flatten()
        flat[places[0]], flat[places[1]] = flat[places[0]].abs(), -flat[places[1]].abs()
        x = flat.reshape(shape)
    return x


Pair = tuple[torch.Tensor, torch.Tensor]


def compare(
    student: Student, reference: Reference, pairs: list[Pair], transposed: Sequence[Pair] = ()
) -> None:
    """keep_positive of each of the pairs, compared exactly; those that are `transposed` are handed over as views."""
    batch = [*pairs, *([student.put(t.T.contiguous()).t.keep() for t in pair] for pair in transposed)]
    results = student.keep_positive.call_each(batch)
    for number, ((x, y), result) in enumerate(zip([*pairs, *transposed], results, strict=True)):
        kind = "transposed tensors" if number >= len(pairs) else "tensors"
        judge(reference, x, y, result, f"keep_positive of {kind} of shape {tuple(x.shape)} ({x.dtype})")


def judge(reference: Reference, x: torch.Tensor, y: torch.Tensor, result: object, what: str) -> None:
    expected = reference.keep_positive(x, y)
    found = a_tensor(result, shape=tuple(x.shape), dtype=x.dtype, what=what)
    if found.isnan().any():
        fail(
            f"{what} holds {int(found.isnan().sum())} elements that are not a number: 0 times infinity is "
            "nan."
        )
    if found.numel() and torch.equal(found, torch.where(x < 0, x, y)):
        fail(f"{what}: the other way round. The positive elements of x are kept, the negative ones replaced.")
    if found.numel() and y.isfinite().all() and torch.equal(found, torch.where(x > 0, x, float("inf"))):
        fail(f"{what}: infinity was written, although y holds other values here. Take the elements of y.")
    equal(found, expected, what=what)


@check(points=2)
def values(student: Student, reference: Reference, rng: Random) -> None:
    """keeps the positive elements of x and is infinite elsewhere, for any shape and dtype"""
    shapes = rng.shuffled([(10, 10), (7,), (1,), (3, 4, 5), (2, 3, 1, 4), (0,), (0, 3)])
    xs = [hidden_x(rng, *shape, dtype=rng.choice([torch.float32, torch.float64])) for shape in shapes]
    xs += [sign * hidden_x(rng, 3, 3).abs() for sign in (1, -1)]  # all of x kept, nothing of x kept
    views = [hidden_x(rng, 4, 6, dtype=dtype) for dtype in (torch.float32, torch.float64)]

    def with_infinity(xs: list[torch.Tensor]) -> list[Pair]:
        return [(x, torch.full_like(x, float("inf"))) for x in xs]

    compare(student, reference, with_infinity(xs), transposed=with_infinity(views))


@check(points=1)
def finite_y(student: Student, reference: Reference, rng: Random) -> None:
    """takes the elements of y themselves where x is negative, when y is finite"""
    pairs = [
        (hidden_x(rng, *shape, dtype=dtype), rng.randn(*shape, dtype=dtype))
        for shape in rng.shuffled([(10, 10), (9,), (2, 3, 4)])
        for dtype in rng.shuffled(2 * [torch.float32, torch.float64])  # the same again with other elements
    ]
    compare(student, reference, pairs, transposed=[(hidden_x(rng, 5, 3), rng.randn(5, 3))])


@check(points=1, after="values")
def arguments_untouched(student: Student, rng: Random) -> None:
    """leaves x and y as they are and returns a tensor with memory of its own"""
    for shape, sign in rng.shuffled([((4, 5), 0), ((3, 3), 1), ((3, 3), -1)]):
        # sign 1: all of x is positive, and the result equals x; sign -1: it equals y
        x, y = hidden_x(rng, *shape), rng.randn(*shape)
        x = sign * x.abs() if sign else x
        here, there = student.put(x), student.put(y)
        result = student.keep_positive.keep(here, there)
        unchanged(here.fetch(), x, what="the argument x")
        unchanged(there.fetch(), y, what="the argument y")
        for name, argument in (("x", here), ("y", there)):
            ensure(
                not student.shares_memory(result, argument),
                f"The result lies in the memory of {name}: writing to one would change the other. Return a "
                "new tensor.",
            )
