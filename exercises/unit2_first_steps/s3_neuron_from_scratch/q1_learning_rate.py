"""# Changing the learning rate

The training of this section takes alpha = 0.1 as its learning rate. Is that a good choice? Make alpha larger and
smaller, and find out whether the results get better.

The points, the first parameters and the number of iterations stay what they are, so that only alpha differs:

```python
import torch
from sklearn.datasets import make_blobs

points, labels = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
X, Y = torch.tensor(points), torch.tensor(labels)    # (100, 2) float64; (100,), 1 is black and 0 is white
start = (1.0, -1.0, 5.5)                             # w0, w1, b; 1,000 iterations
```

The first row of `X` is (−0.7942, 2.1050), and `Y` begins with 0, 1, 0, 0, 1. The neuron, its cost, and the
gradient of the cost are

```text
z = w0·x0 + w1·x1 + b,     y = 1 / (1 + exp(−z))        the probability that the point is black
C = −mean of [ yt·log(y) + (1 − yt)·log(1 − y) ]        over all points, natural logarithm
gradient = mean of (y − yt)·(x0, x1, 1)                 with respect to (w0, w1, b)
```

How you compute the gradient is up to you: with the three factors of the chain rule and a loop over the
points, with the simplified formula above, for all points at once, or with PyTorch.

**One training.** `train_neuron(X, Y, start, alpha, n_iter)` runs `n_iter` iterations and returns a
dictionary with

- `"params"`: the final parameters, a tensor of shape `(3,)` in the order w0, w1, b;
- `"cost"`: a tensor of shape `(n_iter,)`. `cost[i]` is the cost **after** `i + 1` updates, so the cost of
  the first parameters is not in it.

One iteration is: the gradient over all points with the current parameters, then
`params = params − alpha · gradient`, then the cost of the *new* parameters. The arguments are not changed. You can
test it on the first step: with the points and the start above the cost falls from 0.8288 and one
update with alpha = 0.1 leads to (0.7567, −1.1757, 5.5071).

**Several trainings.** `alpha_sweep(X, Y, start, alphas, n_iter)` trains once for each alpha of the list, every
time from `start`, and returns a dictionary: alpha → a dictionary of three numbers.

- `"final_cost"`: the cost after the last update.
- `"accuracy"`: the share of the points that are classified correctly, a number from 0 to 1. A point counts as
  black if y > 0.5.
- `"margin"`: how far the line keeps away from the points. It is the least *signed* distance of a point from
  the line, positive if the point is on its right side and negative if it is not:

```text
margin = min over the points of  s·(w0·x0 + w1·x1 + b) / sqrt(w0² + w1²),     s = +1 for black, −1 for white
```

**Three learning rates.** Play with your sweep on the points above, always with 1,000 iterations, and report

- `better_alpha`: an alpha that ends with a lower cost *and* a larger margin than alpha = 0.1;
- `too_small_alpha`: a positive alpha with which the training is far from done (the cost is still above 0.1);
- `too_large_alpha`: an alpha with which the training is unstable. Either some update raises the cost, or the loop of
  this section, which divides by y − y² in float64, stops giving finite numbers.

Finally, write down what you have tried and what you make of it.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from exercises.unit2_first_steps.clouds import (
    START,
    Neuron,
    course_points,
    hidden_clouds,
    hidden_start,
    neuron_cost,
)
from grader.authoring import (
    CheckFailed,
    Notes,
    Random,
    Reference,
    Replay,
    Run,
    Student,
    check,
    close,
    curves,
    ensure,
    fail,
    number,
    numbers,
    same_run,
    text,
    unchanged,
)

kinds = ("tensor", "accuracy", "text")
budget_s = 8
stub = '''
import torch


def train_neuron(
    X: torch.Tensor, Y: torch.Tensor, start: tuple[float, float, float], alpha: float, n_iter: int
) -> dict:
    """Train from start; X (N, 2) float64, Y (N,) of 0 and 1.

    Returns {"params": (3,) w0, w1, b; "cost": (n_iter,), cost[i] after i + 1 updates}.
    """
    raise NotImplementedError


def alpha_sweep(X: torch.Tensor, Y: torch.Tensor, start: tuple, alphas: list[float], n_iter: int) -> dict:
    """alpha -> {"final_cost", "accuracy", "margin"} of a training from start, for each of alphas."""
    raise NotImplementedError


better_alpha = None  # a lower cost and a larger margin than 0.1 after 1,000 iterations

too_small_alpha = None  # the cost is still above 0.1 after 1,000 iterations

too_large_alpha = None  # the training is unstable
'''

N_ITER = 1_000
# The cost of one step is known to about 1e-16; a rise above this is one of the training, not of rounding.
A_RISE = 1e-9
SHOWN = 5  # one cost of so many is drawn
SUMMARY = ("final_cost", "accuracy", "margin")


@check(points=3)
def train_neuron(student: Student, rng: Random, notes: Notes) -> None:
    """train_neuron reaches the parameters, by the costs, of gradient descent on hidden points"""
    # Float32 is welcome: its rounding errors, about 1e-7 in a gradient, add up to 1e-5 in 60 steps.
    cases = [(40, 0.3, 1), (1, 0.5, 1), (40, 0.5, 60), (23, rng.uniform(0.01, 0.4), 60), (1, 0.1, 60)]
    for n, alpha, n_iter in [*cases, (40, 0.01, 1)]:
        X, Y = hidden_clouds(rng, n)
        start = hidden_start(rng)
        what = f"training of {counted(n_iter, 'iteration')} on {counted(n, 'point')}"
        params, costs = trained(student, X, Y, start, alpha, n_iter, what)
        replay = Replay(Neuron(start), [(X, Y)] * n_iter, neuron_cost, alpha, after=True)
        if n == 40 and n_iter > 1 and len(costs) == n_iter:
            lines = {"yours": costs, "reference": replay.right.losses or ()}
            at = dict.fromkeys(lines, range(1, n_iter + 1))
            notes.draw(curves(lines, "update", "cost", at=at))
        try:
            same_run(
                Run(costs, {"params": params}), replay, rtol=0.0, atol=1e-4, mistakes=MISTAKES, what=what
            )
        except CheckFailed as error:
            raise CheckFailed(f"{error.message} {likely(params, replay)}".strip(), error.detail) from None


MISTAKES = {
    "Black and white are exchanged: y is the probability of black, and black is 1.": (
        lambda z, Y: neuron_cost(z, 1 - Y)
    )
}


def trained(
    student: Student, X: Tensor, Y: Tensor, start: tuple[float, ...], alpha: float, n_iter: int, what: str
) -> tuple[Tensor, Tensor]:
    """The parameters (3,) and the costs of the answer's training, which must leave X and Y alone."""
    points, labels = student.put(X), student.put(Y)
    result = student.train_neuron(points, labels, start, alpha, n_iter)
    if not isinstance(result, dict) or not {"params", "cost"} <= result.keys():
        fail(f'train_neuron should return a dictionary with the keys "params" and "cost" (a {what}).')
    for name in ("params", "cost"):
        ensure(
            isinstance(result[name], Tensor) or hasattr(result[name], "shape"),
            f'The entry "{name}" of a {what} should be a tensor.',
        )
    unchanged(points.fetch(), X, what="the argument X of train_neuron")
    unchanged(labels.fetch(), Y, what="the argument Y of train_neuron")
    params = numbers(result["params"], 3, finite=False, what=f'"params" of a {what}')
    return params, numbers(result["cost"], finite=False, what=f'"cost" of a {what}')


def likely(params: Tensor, replay: Replay) -> str:
    """Words on a mistake of this exercise's that would give just these parameters; "" if it is none of them."""
    n_iter = len(replay.batches)
    missing = (replay.run(steps=n_iter - 1).parameters or {})["params"]
    if n_iter > 1 and torch.allclose(params.double(), missing, rtol=0.0, atol=1e-4):
        return "One update is missing."
    right = (replay.right.parameters or {})["params"]
    apart = (params.double() - right).abs() > 1e-4
    if n_iter == 1 and apart.tolist() == [False, True, True]:
        return (
            "w0 is right and the others are not: is each gradient computed with the parameters from before the "
            "update, all three of them?"
        )
    return ""


def counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


@check(points=2)
def alpha_sweep(student: Student, reference: Reference, rng: Random) -> None:
    """alpha_sweep tells cost, accuracy and signed margin of independent trainings on hidden points"""
    # One pair of clouds that overlap, so that the margin is negative, and one of clouds far apart.
    for apart, spread in ((1.0, 0.8), (2.0, 0.3)):
        X, Y = hidden_clouds(rng, 40, apart, spread)
        start = hidden_start(rng)
        alphas = rng.shuffled([rng.uniform(0.01, 0.05), rng.uniform(0.1, 0.2), rng.uniform(0.3, 0.5)])
        expected = reference.alpha_sweep(X, Y, start, alphas, 60)
        result = student.alpha_sweep(X, Y, start, alphas, 60)
        ensure(
            isinstance(result, dict) and len(result) == 3 and all(alpha in result for alpha in alphas),
            "alpha_sweep should return a dictionary whose keys are the given learning rates.",
        )
        for turn, alpha in enumerate(alphas):
            judge_summary(result[alpha], expected[alpha], turn)


def judge_summary(summary: Any, expected: dict[str, float], turn: int) -> None:
    """One entry of a sweep, that of the alpha in place `turn` of the list."""
    ensure(
        isinstance(summary, dict) and all(name in summary for name in SUMMARY),
        f"For each alpha there should be a dictionary with the keys {', '.join(SUMMARY)}.",
    )
    for name in SUMMARY:
        what = f"{name} of alpha number {turn + 1} of a sweep"
        given = number(summary[name], what=what)
        likely = ""
        if abs(given - expected[name]) > 1e-4:
            if name == "margin" and abs(abs(given) - abs(expected[name])) <= 1e-4:
                likely = "Only its sign is wrong: points on the wrong side count with a negative distance."
            elif name == "margin":
                likely = "It is the least of the signed distances: s·z, divided by sqrt(w0² + w1²)."
            elif name == "accuracy" and abs(given - 100 * expected[name]) <= 1e-2:
                likely = "It is a share from 0 to 1, not a percentage."
            elif turn > 0:
                likely = "The first alpha of the list is right: does every training begin at `start` again?"
        try:
            close(given, expected[name], rtol=0.0, atol=1e-4, what=what)
        except CheckFailed as error:
            raise CheckFailed(f"{error.message} {likely}".strip()) from None


@check(points=1)
def better_alpha(student: Student, reference: Reference, notes: Notes) -> None:
    """better_alpha ends with a lower cost and a larger margin than alpha = 0.1"""
    alpha = number(student.better_alpha, what="better_alpha")
    X, Y = course_points()
    runs = reference.alpha_sweep(X, Y, START, [0.1, alpha], N_ITER)
    ours, theirs = runs[0.1], runs[alpha]
    show(notes, reference, alpha)
    if not all(map(math.isfinite, theirs.values())):
        fail(f"With alpha = {alpha:g} the training does not end with finite numbers.")
    ensure(
        theirs["final_cost"] < ours["final_cost"],
        f"With alpha = {alpha:g} the cost is {theirs['final_cost']:.3g} after 1,000 iterations, and with alpha = "
        f"0.1 it is {ours['final_cost']:.3g}: that is not better, even if the accuracy is 1 with both.",
    )
    ensure(
        theirs["margin"] > ours["margin"],
        f"With alpha = {alpha:g} the cost is lower than with alpha = 0.1, but the margin is "
        f"{theirs['margin']:.3f} in place of {ours['margin']:.3f}: the line comes closer to a point.",
    )


@check(points=1)
def too_small_alpha(student: Student, reference: Reference, notes: Notes) -> None:
    """with too_small_alpha the cost is still above 0.1 after 1,000 iterations"""
    alpha = number(student.too_small_alpha, what="too_small_alpha")
    ensure(alpha > 0, f"too_small_alpha is {alpha:g}; a learning rate is positive.")
    cost = show(notes, reference, alpha)[-1].item()
    ensure(
        cost > 0.1,
        f"With alpha = {alpha:g} the cost is {cost:.3g} after 1,000 iterations, so it is not too small.",
    )


@check(points=1)
def too_large_alpha(student: Student, reference: Reference, notes: Notes) -> None:
    """with too_large_alpha the training is unstable: the cost rises, or the chain rule gives no finite numbers"""
    alpha = number(student.too_large_alpha, what="too_large_alpha")
    ensure(alpha > 0, f"too_large_alpha is {alpha:g}; a learning rate is positive.")
    X, Y = course_points()
    before = reference.train_neuron(X, Y, START, 0.0, 1)["cost"]
    cost = torch.cat([before, show(notes, reference, alpha)])
    rises = bool((cost.diff() > A_RISE).any()) or not bool(cost.isfinite().all())
    ensure(
        rises or not chain_rule_lasts(alpha),
        f"With alpha = {alpha:g} every update lowers the cost, and the loop of this section still gives finite "
        "numbers after 1,000 iterations. Go higher.",
    )


def show(notes: Notes, reference: Reference, alpha: float) -> Tensor:
    """Draw the cost with this alpha beside that with 0.1 on the course's points; the costs (N_ITER,) with it."""
    X, Y = course_points()
    costs = {
        f"alpha = {rate:g}": reference.train_neuron(X, Y, START, rate, N_ITER)["cost"]
        for rate in (0.1, alpha)
    }
    after = [1, *range(SHOWN, N_ITER + 1, SHOWN)]  # so many updates
    at = dict.fromkeys(costs, after)
    shown = {name: [cost[n - 1] for n in after] for name, cost in costs.items()}
    notes.draw(curves(shown, "update", "cost", at=at, caption="The points of the course."))
    return costs[f"alpha = {alpha:g}"]


def chain_rule_lasts(alpha: float) -> bool:
    """Whether this section's training, chain rule and all, gives finite parameters after 1,000 iterations."""
    X, Y = course_points()
    inputs = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)
    params = torch.tensor(START, dtype=X.dtype)
    for _ in range(N_ITER):
        y = 1 / (1 + torch.exp(-inputs @ params))
        A, B = -(Y - y) / (y - y**2), y * (1 - y)
        params = params - alpha * ((A * B)[:, None] * inputs).mean(0)
        if not params.isfinite().all():
            return False
    return True


learning_rate_discussion = text(
    points=2,
    question=(
        "Which learning rates did you try, what did you measure, and what do you conclude? Give numbers, and say "
        "what happens if alpha is too small and if it is too large."
    ),
)
