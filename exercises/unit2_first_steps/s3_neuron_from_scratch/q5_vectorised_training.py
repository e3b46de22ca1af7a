"""# Vectorised training in k dimensions

Two coordinates are nothing special. A black or white point may have k of them, and the neuron then has k weights and
a bias:

```text
z = w[0]·x[0] + w[1]·x[1] + … + w[k−1]·x[k−1] + b,      y = 1 / (1 + exp(−z))
C = −mean of [ yt·log(y) + (1 − yt)·log(1 − y) ]          over all points, natural logarithm
gradient:  mean of (y − yt)·x  for w,   mean of (y − yt)  for b
```

**(a)** Write the training in vectorised form: without a loop over the points, and without one over the
coordinates. (The loop over the iterations stays.) All k + 1 parameters are updated in every iteration, with the
gradient over all points.

- `neuron_probability(X, w, b)` returns the probabilities of black, shape `(N,)`, for points `X` of shape `(N, k)`,
  weights `w` of shape `(k,)` and a bias `b`, which is a number or a tensor of no dimension.
- `train_vectorised(X, Y, w, b, alpha, n_iter)` runs `n_iter` iterations of gradient descent with the step `alpha`,
  beginning with the weights `w` and the number `b`. It returns a tuple of three tensors: the final weights, shape
  `(k,)`; the final bias, shape `()`; and the costs, shape `(n_iter,)`, where `cost[i]` is the cost **after** `i + 1`
  updates. `X` is float32 or float64, `w` has the same dtype, and `Y` holds N labels 0 or 1, as integers or as floating
  numbers. k and N may be 1.

Mind large numbers. In many dimensions z easily gets so large that y rounds to exactly 0 or 1. Even then everything
must stay finite, in float32 as well, and a point far on the *wrong* side must pull with its full strength. Where a
point on the wrong side has a y that is rounded you may cut its cost off, at 27 or higher, as a small number inside the
logarithm or `nn.BCELoss` does.

**(b)** Try it: black and white points in k dimensions come from the same function as before.
`train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500)` draws

```python
make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed)    # from sklearn.datasets; float64
```

trains on these points from w = 0 and b = 0, and returns a dictionary with the final `"w"` and `"b"`, and with the
`"accuracy"` on the same points: the share of them that is classified correctly, where black means y > 0.5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.authoring import (
    CheckFailed,
    Clock,
    Handle,
    Random,
    Reference,
    Student,
    at_most,
    check,
    close,
    ensure,
    fail,
    number,
)

kinds = ("tensor", "timing", "accuracy")
budget_s = 8
stub = '''
import torch
from sklearn.datasets import make_blobs


def neuron_probability(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor | float) -> torch.Tensor:
    """X (N, k), w (k,) -> (N,): the probabilities of black."""
    raise NotImplementedError


def train_vectorised(
    X: torch.Tensor, Y: torch.Tensor, w: torch.Tensor, b: float, alpha: float, n_iter: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """X (N, k), Y (N,), start w (k,) and b -> w (k,), b (), cost (n_iter,), cost[i] after i + 1 updates."""
    raise NotImplementedError


def train_on_blobs(k: int, n_samples: int = 200, seed: int = 0, alpha: float = 0.1, n_iter: int = 500) -> dict:
    """{"w", "b", "accuracy"} of a training from zero on two blobs in k dimensions."""
    raise NotImplementedError
'''

DTYPES = {torch.float64: 1e-5, torch.float32: 1e-3}  # dtype -> tolerance
CUT = 27.0  # -log(1e-12) is 27.6: a cost may be cut off here or higher
Start = tuple[Tensor, Tensor, Tensor, float]  # X, Y, w, b
MakeInputs = Callable[[], tuple[Any, ...]]


def clouds(rng: Random, n: int, k: int, dtype: torch.dtype) -> Start:
    """Two overlapping clouds in k dimensions, and parameters to start from; z stays below about 10."""
    direction = rng.randn(k, dtype=torch.float64)
    direction /= direction.norm()
    Y = rng.permutation(n) % 2 if n > 1 else rng.integers(0, 1, (1,))
    X = (2 * Y[:, None] - 1) * direction + 0.7 * rng.randn(n, k, dtype=torch.float64)
    w = rng.randn(k, dtype=torch.float64) / k**0.5
    return X.to(dtype), Y, w.to(dtype), rng.choice((-1, 1)) * rng.uniform(0.3, 0.8)


@check(points=2)
def neuron_probability(student: Student, reference: Reference, rng: Random) -> None:
    """(a) neuron_probability gives the probabilities, shape (N,), for k from 1 to 50"""
    for n, k in ((5, 3), (1, 2), (4, 1), (7, 50)):
        X, _, w, b = clouds(rng, n, k, torch.float64)
        for bias in (b, torch.tensor(b, dtype=torch.float64)):
            y = student.neuron_probability(X, w, bias)
            what = f"neuron_probability of {n} points in {k} dimensions"
            close(y, reference.neuron_probability(X, w, b), rtol=1e-5, atol=1e-6, dtype="any", what=what)


@check(points=6)
def training(student: Student, reference: Reference, rng: Random) -> None:
    """(a) the parameters and the costs are right for k from 1 to 50, 1 to 40 points and both dtypes"""
    # From easy to hard; the hint is for who fails here and got everything before right.
    several = "With a single point it is right. Do tensors of shapes (N, 1) and (N,) meet, and is it a mean?"
    others = "With three coordinates it is right. Is their number taken from X?"
    longer = "After one iteration it is right. Does each one begin with the parameters of the one before?"
    for k, n, n_iter, hint in (
        (3, 1, 1, ""),
        (3, 40, 1, several),
        (1, 2, 1, others),
        (50, 40, 1, others),
        (2, 40, 100, longer),
        (50, 1, 100, longer),
        (1, 40, 100, longer),
        (3, 2, 100, longer),
    ):
        for dtype, tolerance in DTYPES.items():
            X, Y, w, b = clouds(rng, n, k, dtype)
            labels = Y if rng.integer(0, 1) else Y.to(dtype)
            alpha = rng.uniform(0.1, 0.3)
            expected = reference.train_vectorised(X.double(), Y, w.double(), b, alpha, n_iter)
            what = f"training on {n} points in {k} dimensions, n_iter = {n_iter}, {str(dtype)[6:]}"
            result = three_parts(student.train_vectorised(X, labels, w, b, alpha, n_iter))
            compare(result, expected, tolerance, what, hint)


def three_parts(result: Any) -> tuple[Any, Any, Any]:
    """w, b and the costs of an answer."""
    if not isinstance(result, tuple | list) or len(result) != 3:
        fail("train_vectorised should return a tuple of three tensors: w, b and the costs.")
    w, b, cost = result
    return w, b, cost


def compare(
    result: tuple[Any, Any, Any], expected: tuple[Tensor, ...], tolerance: float, what: str, hint: str = ""
) -> None:
    for name, actual, right in zip(("w", "b", "the cost"), result, expected, strict=False):
        try:
            close(actual, right, rtol=tolerance, atol=tolerance, dtype="any", what=f"{name} after {what}")
        except CheckFailed as error:
            raise CheckFailed(f"{error.message} {hint}".strip(), error.detail) from None


@check(points=3)
def saturated(student: Student, reference: Reference, rng: Random) -> None:
    """(a) everything stays finite and right where y rounds to 0 or 1, on the right side and on the wrong one"""
    for dtype, tolerance in DTYPES.items():
        X, Y, w, b = far_apart(rng, dtype)
        what = f"training on saturated points, {str(dtype)[6:]}"
        # Right from the beginning, up to a fifth of the points, which have |z| = 1.5: the cost is theirs alone.
        expected = reference.train_vectorised(X.double(), Y, w.double(), b, 0.1, 3)
        result = three_parts(student.train_vectorised(X, Y, w, b, 0.1, 3))
        finite(result, what)
        compare(result, expected[:2], tolerance, what)
        close(result[2], expected[2], rtol=0.0, atol=1e-3, dtype="any", what=f"the cost after {what}")
        # Wrong in the beginning, by the same distance: a few steps with the full gradient turn the line round.
        what = f"training on points far on the wrong side, {str(dtype)[6:]}"
        result = three_parts(student.train_vectorised(X, Y, -w, -b, 0.1, 6))
        finite(result, what)
        compare(
            result,
            reference.train_vectorised(X.double(), Y, -w.double(), -b, 0.1, 6)[:2],
            tolerance,
            what,
            "A point on the wrong side pulls with |y − yt| = 1 however far it is.",
        )
        judge_costs(result[2], X.double(), Y, -w.double(), -b, reference, what)


def far_apart(rng: Random, dtype: torch.dtype) -> Start:
    """Points with coordinates around 8 and -8 in 50 dimensions, z = 800 and -800: y is 1 and 0 in every dtype.

    Every fifth one is near the middle, at |z| = 1.5.
    """
    centre = 8.0 * rng.choice((-1, 1)) * (2 * rng.integers(0, 1, (50,)) - 1).double()
    Y = rng.permutation(40) % 2
    sign = 2 * Y[:, None].double() - 1
    X = sign * centre + 0.3 * rng.randn(40, 50, dtype=torch.float64)
    w = centre / 4
    near = torch.arange(40) % 5 == 0
    X[near] = sign[near] * centre * (1.5 / 800)
    return X.to(dtype), Y, w.to(dtype), rng.uniform(0.05, 0.1)


def finite(result: tuple[Any, Any, Any], what: str) -> None:
    for name, value in zip(("w", "b", "the cost"), result, strict=True):
        if isinstance(value, Tensor) and not bool(value.isfinite().all()):
            fail(
                f"After {what} there are numbers in {name} that are not finite. Where y rounds to 1, y − y² and "
                "1 − y are 0: no quotient, and no 0·log(0), survives that."
            )


def judge_costs(
    cost: Any, X: Tensor, Y: Tensor, w: Tensor, b: float, reference: Reference, what: str
) -> None:
    """Costs of points on the wrong side: exact, or cut off at CUT or higher, or at 100 as nn.BCELoss does."""
    close(
        torch.as_tensor(cost).shape if isinstance(cost, Tensor) else cost,
        (6,),
        what=f"the shape of the cost after {what}",
    )
    for i, value in enumerate(cost.tolist()):
        after_w, after_b, _ = reference.train_vectorised(X, Y, w, b, 0.1, i + 1)
        each = torch.nn.functional.softplus((1 - 2 * Y) * (X @ after_w + after_b))
        rounded = each > 15  # from here on y may be 1 in float32, and log(1 - y) whatever it is cut off at
        least = torch.where(rounded, each.clamp(max=CUT).clamp(min=15), each).mean().item()
        most = torch.where(rounded, each.clamp(min=101), each).mean().item()
        ensure(
            least - 2e-3 <= value <= most + 2e-3,
            f"cost[{i}] after {what} is {value:.4g}, which is too {'small' if value < least else 'large'}.",
        )


@check(points=3, after="training")
def speed(student: Student, reference: Reference, rng: Random, clock: Clock) -> None:
    """(a) is fast for many points, and for many coordinates: no loop goes over either"""
    for n, k, n_iter, over in ((20_000, 20, 50, "points"), (200, 2_000, 5, "coordinates")):
        X, Y, w, b = clouds(rng, n, k, torch.float64)
        given = X / k**0.5, Y, w, b
        message = (
            f"train_vectorised is slow for {n:,} points in {k:,} dimensions. Is there a loop over the {over}?"
        )
        ours, our_draws = laid_out(student, given, rng)
        theirs, their_draws = laid_out(clock.reference, given, rng)
        with student.within(30), clock.reference.within(30):
            # One iteration of the reference takes less than 1 ms, one with a loop over 20,000 points up to a second:
            # fifty of them would take too long to be measured. A short pause of the machine is no reason to fail.
            one = clock.seconds(ours, our_draws(1), repeats=2)
            if one > 0.2 and one > 200 * clock.seconds(theirs, their_draws(1)):
                fail(f"{message} One iteration took {one:.2g} s.")
            steps = n_iter if one < 0.02 else 3
            at_most(clock.ratio(ours, theirs, our_draws(steps), their_draws(steps)), 20, message)
            result = three_parts(student.train_vectorised(*given, 0.1, 3))
        what = f"training on {n:,} points in {k:,} dimensions"
        compare(result, reference.train_vectorised(*given, 0.1, 3), 1e-5, what)


def laid_out(process: Student, given: Start, rng: Random) -> tuple[Handle, Callable[[int], MakeInputs]]:
    """The training there, and what draws its arguments: X (3 MB) and Y lie in the process already."""
    X, Y, w, b = process.put(given[0]), process.put(given[1]), *given[2:]

    def draws(steps: int) -> MakeInputs:
        return lambda: ((X, Y, w * rng.uniform(0.5, 1.0), b, 0.1, steps),)

    return process.lab.functions.in_turn(process.train_vectorised), draws


@check(points=6)
def train_on_blobs(student: Student, reference: Reference, rng: Random) -> None:
    """(b) train_on_blobs gives the parameters and the accuracy for k = 1, 2, 5, 10 and 50 and hidden seeds"""
    judge_blobs(student.train_on_blobs(3), reference.train_on_blobs(3), 200, "train_on_blobs(3)")
    for k in rng.shuffled([1, 2, 5, 10, 50]):
        options = {
            "n_samples": rng.integer(50, 90),
            "alpha": rng.uniform(0.05, 0.15),
            "n_iter": rng.integer(80, 120),
        }
        seeds = rng.sample(range(1_000), 30)
        runs = {
            seed: reference.train_on_blobs(k, seed=seed, **options) for seed in seeds[: 30 if k < 3 else 3]
        }
        # In one or two dimensions the blobs often overlap: one of the three seeds is of that kind.
        hardest = min(runs, key=lambda seed, runs=runs: runs[seed]["accuracy"])
        for seed in {hardest, *seeds[:2]}:
            what = f"train_on_blobs({k}, n_samples={options['n_samples']}, n_iter={options['n_iter']}, …)"
            result = student.train_on_blobs(k, seed=seed, **options)
            judge_blobs(result, runs[seed], options["n_samples"], what)


def judge_blobs(result: Any, expected: dict[str, Any], n_samples: int, what: str) -> None:
    ensure(
        isinstance(result, dict) and {"w", "b", "accuracy"} <= result.keys(),
        f"{what} should return a dictionary with the keys w, b and accuracy.",
    )
    close(result["w"], expected["w"], rtol=1e-3, atol=1e-4, dtype="any", what=f"w of {what}")
    b = number(result["b"], what=f"b of {what}")
    close(b, expected["b"].item(), rtol=1e-3, atol=1e-4, what=f"b of {what}")
    accuracy = number(result["accuracy"], what=f"the accuracy of {what}")
    off = abs(accuracy - expected["accuracy"])
    ensure(
        off <= 1.01 / n_samples,  # a point may lie on the line, up to rounding
        f"The accuracy of {what} is {accuracy:.4g}; it is off by {off * n_samples:.0f} of {n_samples} points. "
        "It is the share of the points, from 0 to 1, for which y > 0.5 and the label agree.",
    )
