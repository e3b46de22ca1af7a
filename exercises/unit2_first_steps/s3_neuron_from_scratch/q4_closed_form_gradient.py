"""# Closed-form gradient instead of the chain rule

The training of this section computes the gradient of H at each point as a product of three factors. Multiplied
out, most of it cancels. Write both versions, let them compete, and form an opinion: which one is better?

```text
z = w0·x0 + w1·x1 + b,     y = 1 / (1 + exp(−z))

chain rule      A = −(yt − y) / (y − y²),   B = y·(1 − y),   gradient of H = (A·B·x0, A·B·x1, A·B)
closed form     gradient of H = (y − yt)·(x0, x1, 1)
```

The gradient of the cost is the mean of these over all points. `X` has shape `(N, 2)` and is float64, `Y` holds N
labels 0 or 1 (integers), and `params` is a float64 tensor of shape `(3,)`: w0, w1, b. The loop over the points may be
written out, or all points be treated at once; but do it in the same way in both versions, else the comparison says
nothing about the formulas.

- **`gradient_chain(X, Y, params)`**: the gradient of the cost, shape `(3,)`, by the three factors as they stand above.
  Leave out every protection (no `clamp`, no small number added): where the formula fails the function may fail.
- **`gradient_closed(X, Y, params)`**: the same by the closed form. It must be right wherever z is a number, for |z| up
  to 10,000 and more.
- **`train_with(gradient, X, Y, start, alpha, n_iter)`**: gradient descent with *any* gradient function. It begins with
  the parameters `start` (a tuple of three numbers) and in each of the `n_iter` iterations calls
  `gradient(X, Y, params)` once, with the current parameters as a tensor of shape `(3,)`, and goes
  `params − alpha · gradient`. It returns the final parameters, a tensor of shape `(3,)`.
- **`compare_versions(X, Y, start, alpha, n_iter)`** trains twice from the same start, with `gradient_chain` and with
  `gradient_closed`, and returns a dictionary:

  | key | what |
  |---|---|
  | `"seconds_chain"` | the seconds that the training with `gradient_chain` took |
  | `"seconds_closed"` | the seconds that the training with `gradient_closed` took |
  | `"max_difference"` | the largest absolute difference between the final parameters of the two |

  `time.perf_counter()` before and after a training does it. The function is called with at most 100 points and 20
  iterations.
- **`nan_case`**: a tuple `(x0, x1, yt, w0, w1, b)` of finite numbers, one point with its label and the parameters, for
  which the chain rule gives NaN or infinity in float64, while the closed form is finite. (In floating point y becomes
  exactly 1 for large z: from about 17 on in float32, from about 37 on in float64.)

Finally, say which version you prefer, and why.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import torch
from torch import Tensor

from exercises.unit2_first_steps.clouds import hidden_clouds, hidden_start
from grader.authoring import (
    CheckFailed,
    Clock,
    Random,
    Reference,
    Student,
    a_tensor,
    at_most,
    check,
    close,
    ensure,
    equal,
    fail,
    number,
    text,
)

kinds = ("gradient", "timing", "error", "text")
budget_s = 5
stub = '''
import time
from collections.abc import Callable

import torch


def gradient_chain(X: torch.Tensor, Y: torch.Tensor, params: torch.Tensor) -> torch.Tensor:
    """The gradient of the cost, shape (3,), by the three factors of the chain rule."""
    raise NotImplementedError


def gradient_closed(X: torch.Tensor, Y: torch.Tensor, params: torch.Tensor) -> torch.Tensor:
    """The gradient of the cost, shape (3,), by the closed form; right for any finite z."""
    raise NotImplementedError


def train_with(
    gradient: Callable, X: torch.Tensor, Y: torch.Tensor, start: tuple, alpha: float, n_iter: int
) -> torch.Tensor:
    """The parameters (3,) after n_iter steps from start; calls gradient(X, Y, params) once in each."""
    raise NotImplementedError


def compare_versions(X: torch.Tensor, Y: torch.Tensor, start: tuple, alpha: float, n_iter: int) -> dict[str, float]:
    """{"seconds_chain", "seconds_closed", "max_difference"} of two trainings from start."""
    raise NotImplementedError


nan_case = None  # (x0, x1, yt, w0, w1, b)
'''

FIRST = "the gradient of the cost by `gradient_chain`"
SECOND = "the gradient of the cost by `gradient_closed`"


def points_with(rng: Random, n: int, largest: float) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden points and parameters with |z| up to `largest`; the point with the largest is on the wrong side."""
    X, Y = hidden_clouds(rng, n)
    params = torch.tensor(hidden_start(rng), dtype=torch.float64)
    z = X @ params[:2] + params[2]
    farthest = z.abs().argmax()
    Y[farthest] = int(z[farthest] < 0)
    return X, Y, params * (largest / z.abs().max())


def right_gradient(value: Any, expected: Tensor, X: Tensor, what: str) -> None:
    try:
        close(value, expected, rtol=1e-6, atol=1e-6, dtype="any", what=what)
    except CheckFailed as error:
        summed = isinstance(value, Tensor) and torch.allclose(value.double(), expected * len(X), 1e-4)
        hint = "It is the sum over the points, and their mean is asked for." if summed and len(X) > 1 else ""
        raise CheckFailed(f"{error.message} {hint}".strip(), error.detail) from None


@check(points=1)
def gradient_chain(student: Student, reference: Reference, rng: Random) -> None:
    """gradient_chain is the gradient of the cost on hidden points, by the quotient of the chain rule"""
    for n, largest in ((30, 3.0), (1, 2.0), (30, 10.0)):
        X, Y, params = points_with(rng, n, largest)
        right_gradient(
            student.gradient_chain(X, Y, params), reference.gradient_closed(X, Y, params), X, FIRST
        )
    # A white point with z = 50: y is 1, A is 1/0, and B is 0. Python's own numbers raise ZeroDivisionError.
    X, Y = torch.tensor([[50.0, 0.0]], dtype=torch.float64), torch.tensor([0])
    outcome = student.gradient_chain.attempt(X, Y, torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64))
    if outcome.error is None:
        value = a_tensor(
            torch.as_tensor(outcome.value) if isinstance(outcome.value, np.ndarray) else outcome.value
        )
        ensure(
            not bool(value.isfinite().all()),
            "gradient_chain gives finite numbers for a white point with z = 50, where y rounds to 1. With the three "
            "factors as they stand there is a division by zero: A = 1/0. The two versions are to be compared, so "
            "this one should neither be protected nor use the closed form.",
        )


@check(points=2)
def gradient_closed(student: Student, reference: Reference, rng: Random) -> None:
    """gradient_closed is the gradient of the cost on hidden points, for very large |z|, too"""
    for n, largest in (
        (30, 3.0),
        (1, 2.0),
        (30, 10.0),
        (30, 40.0),
        (20, 1_000.0),
        (1, 800.0),
        (20, 10_000.0),
    ):
        X, Y, params = points_with(rng, n, largest)
        outcome = student.gradient_closed.attempt(X, Y, params)
        what = SECOND if largest <= 10 else f"{SECOND}, for |z| up to {largest:,.0f},"
        if outcome.error is not None:
            fail(
                f"gradient_closed raised {outcome.error} for |z| up to {largest:,.0f}."
                + (" math.exp raises where torch.exp gives inf." if outcome.error.isa(OverflowError) else "")
            )
        right_gradient(outcome.value, reference.gradient_closed(X, Y, params), X, what)


class Guide:
    """The gradient of no cost at all, so that only who calls it gets it right; it knows where descent must be."""

    def __init__(self, rng: Random, X: Tensor, Y: Tensor, start: tuple[float, ...], alpha: float) -> None:
        self.centre, self.matrix = rng.randn(3, dtype=torch.float64), rng.randn(3, 3, dtype=torch.float64)
        self.given = X, Y
        self.at = torch.tensor(start, dtype=torch.float64)
        self.alpha = alpha
        self.calls = 0

    def gradient(self, X: Any, Y: Any, params: Any) -> Tensor:
        self.calls += 1
        for letter, actual, expected in zip("XY", (X, Y), self.given, strict=True):
            equal(actual, expected, dtype="any", what=f"the argument {letter} of the gradient function")
        what = f"the argument params of call number {self.calls} of the gradient function"
        a_tensor(params, shape=(3,), what=what)
        close(params, self.at, rtol=1e-4, atol=1e-5, dtype="any", what=what)
        result = self.matrix @ (self.at - self.centre)
        self.at = self.at - self.alpha * result
        return result


@check(points=1)
def train_with(student: Student, rng: Random) -> None:
    """train_with calls the given function once per iteration with the current parameters, and follows it"""
    for n_iter in (1, rng.integer(5, 9)):
        X, Y = hidden_clouds(rng, 7)
        start, alpha = hidden_start(rng), rng.uniform(0.05, 0.3)
        guide = Guide(rng, X, Y, start, alpha)

        def gradient(X: Any, Y: Any, params: Any, guide: Guide = guide) -> Tensor:
            return guide.gradient(X, Y, params)

        result = student.train_with(gradient, X, Y, start, alpha, n_iter)
        ensure(
            guide.calls == n_iter,
            f"With n_iter = {n_iter} the gradient function was called {guide.calls} times. Call the function that is "
            "passed to train_with, once in each iteration.",
        )
        close(result, guide.at, rtol=1e-4, atol=1e-5, dtype="any", what="the result of train_with")


@check(points=1)
def compare_versions(student: Student, reference: Reference, rng: Random) -> None:
    """compare_versions measures both trainings and tells how far apart they end"""
    n_iter, alpha = rng.integer(8, 15), rng.uniform(0.1, 0.3)
    X, Y = hidden_clouds(rng, 30)
    start = hidden_start(rng)
    chain = final(student, student.gradient_chain, X, Y, start, alpha, n_iter)
    closed = final(student, student.gradient_closed, X, Y, start, alpha, n_iter)
    entries = compared(student, X, Y, start, alpha, n_iter)
    apart = (chain - closed).abs().max().item()
    close(entries["max_difference"], apart, rtol=0.01, atol=1e-5, what="max_difference")
    # Another function in the place of gradient_closed: slower and a little wrong, by hidden amounts.
    shift, pause = 0.01 * rng.randn(3, dtype=torch.float64), 0.004
    calls = 0

    def shifted(X: Any, Y: Any, params: Any) -> Tensor:
        nonlocal calls
        calls += 1
        time.sleep(pause)
        held = a_tensor(params, shape=(3,), what="the argument params of gradient_closed").double()
        return reference.gradient_closed(X.double(), Y, held) + shift

    place = student.lab.functions.in_place_of
    with place.keep(student.gradient_closed, shifted, student.compare_versions):
        entries = compared(student, X, Y, start, alpha, n_iter)
        ensure(
            calls > 0, "compare_versions does not call gradient_closed: train with both of your functions."
        )
        chain = final(student, student.gradient_chain, X, Y, start, alpha, n_iter)
        closed = final(student, shifted, X, Y, start, alpha, n_iter)
    apart = (chain - closed).abs().max().item()
    ensure(
        apart > 1e-4,
        "The grader has made your gradient_closed a little wrong, and train_with still ends in the same place with it "
        "as with gradient_chain. Do the two not depend on each other, and does train_with use what it is given?",
    )
    what = "max_difference, with a gradient_closed that the grader has made a little wrong,"
    close(entries["max_difference"], apart, rtol=0.01, atol=1e-6, what=what)
    ensure(
        entries["seconds_closed"] >= n_iter * pause,
        f"With a gradient_closed that rests {1000 * pause:g} ms in each call seconds_closed is "
        f"{entries['seconds_closed']:.3g} s for {n_iter} iterations. It is the time of the whole training, in seconds.",
    )


def final(student: Student, gradient: Any, *arguments: Any) -> Tensor:
    """Where the answer's own training ends with that gradient."""
    result = student.train_with(gradient, *arguments)
    if isinstance(result, np.ndarray):
        result = torch.as_tensor(result)
    return a_tensor(result, shape=(3,), what="the result of train_with").double()


def compared(
    student: Student, X: Tensor, Y: Tensor, start: tuple[float, ...], alpha: float, n_iter: int
) -> dict[str, float]:
    """The three numbers that compare_versions gives."""
    begin = time.perf_counter()
    result = student.compare_versions(X, Y, start, alpha, n_iter)
    elapsed = time.perf_counter() - begin
    names = ("seconds_chain", "seconds_closed", "max_difference")
    ensure(
        isinstance(result, dict) and all(name in result for name in names),
        f"compare_versions should return a dictionary with the keys {', '.join(names)}.",
    )
    entries = {name: number(result[name], what=name) for name in names}
    for name in names[:2]:
        ensure(entries[name] > 0, f"{name} is {entries[name]:g}; a time is positive.")
    total = entries["seconds_chain"] + entries["seconds_closed"]
    ensure(
        total <= elapsed,
        f"According to compare_versions the two trainings took {total:.3g} s, but it was back after {elapsed:.3g} s. "
        "Measure each training, in seconds.",
    )
    return entries


@check(points=1)
def nan_case(student: Student) -> None:
    """nan_case breaks the chain rule in float64, and not the closed form"""
    value = student.nan_case
    if isinstance(value, Tensor | np.ndarray) and value.ndim == 1:
        value = value.tolist()
    ensure(
        isinstance(value, tuple | list) and len(value) == 6,
        "nan_case should be a tuple of six numbers: (x0, x1, yt, w0, w1, b).",
    )
    x0, x1, yt, w0, w1, b = (number(one, what=f"nan_case[{i}]") for i, one in enumerate(value))
    ensure(yt in (0, 1), f"The label yt of nan_case is {yt:g}; it is 0 or 1.")
    z = torch.tensor(w0 * x0 + w1 * x1 + b, dtype=torch.float64)
    ensure(math.isfinite(z.item()), "In nan_case already z is not finite.")
    y = 1 / (1 + torch.exp(-z))
    A, B = -(yt - y) / (y - y**2), y * (1 - y)
    ensure(
        not math.isfinite((A * B).item()),
        f"In nan_case z is {z.item():.4g}, and the chain rule gives finite numbers there in float64. For which z does "
        "y − y² become 0?",
    )


@check(points=2, after=("gradient_chain", "gradient_closed"))
def speed(student: Student, rng: Random, clock: Clock) -> None:
    """gradient_closed takes no longer than gradient_chain on 100 points"""
    X, Y, params = points_with(rng, 100, 5.0)

    def draw() -> tuple[Any, ...]:
        return X, Y, params * rng.uniform(0.5, 1.0)

    # Many calls in one: the difference is small, and 20 ms of work outweigh whatever a request costs.
    many = max(2, min(400, round(0.02 / clock.seconds(student.gradient_chain, draw, repeats=3))))
    closed, chain = (
        student.lab.functions.in_turn(f) for f in (student.gradient_closed, student.gradient_chain)
    )
    at_most(
        clock.ratio(closed, chain, lambda: tuple(draw() for _ in range(many))),
        1.05,
        "gradient_closed takes longer than gradient_chain, although it has less to compute. Write both in the same "
        "way: both as a loop over the points, or both for all points at once.",
    )


versions_discussion = text(
    points=2,
    question=(
        "Compare the two versions: their results, their times and their behaviour for large |z|. Which one is better "
        "in your opinion, and is there anything to be said for the other one?"
    ),
)
