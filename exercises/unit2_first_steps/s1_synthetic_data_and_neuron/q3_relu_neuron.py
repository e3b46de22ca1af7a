"""# ReLU as the activation of the neuron

The neuron of this section computes `z = w0·x0 + w1·x1 + b` and then the sigmoid of z, which is read as the
probability that the point (x0, x1) is black. A point counts as black if this exceeds 0.5. Now replace the
sigmoid by the *rectified linear unit*:

```text
ReLU(z) = 0   for z < 0
ReLU(z) = z   for z ≥ 0
```

**(a) Draw it.** `plot_relu()` returns a matplotlib figure with one pair of axes (`fig, ax = plt.subplots()`),
both labelled. It shows the graph of ReLU as a line, at least from z = -2 to z = 2. Between the points that it
is given, matplotlib draws straight lines: take care that the corner at 0 is one (the line must be within 0.1
of ReLU).

**(b) Try it**, on the points of the section:

```python
from sklearn.datasets import make_blobs

X, Y = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
```

Label 1 is black, around (-10, -4); label 0 is white, around (-1.7, 4.4); the standard deviation is 1 in both
directions. The output ReLU(z) is to be the probability of black, and that leads to difficulties. Show two of
them by examples, for any parameters with (w0, w1) ≠ (0, 0); they may be very small or very large, and one of
the weights may be 0.

- `above_one_point(w0, w1, b)` returns a point (x0, x1) at which this neuron gives more than 1.
- `tied_points(w0, w1, b)` returns two points ((x0, x1), (x0, x1)) on the negative side, where z < 0, to which
  the neuron gives exactly the same output, although their distances from the line z = 0 differ by 1 or more.

**(c) Repair it**, by a small change of the model. `relu_probability(X, w0, w1, b)` takes points X of shape
(N, 2), float32 or float64, where N may be 1, and returns a tensor of shape (N,) with the probabilities of
black that your model gives them. You are free to invent, but

- the outputs lie between 0 and 1, for z up to ±10,000 too, and never fall when z rises;
- what a point gets does not depend on which other points are in X;
- the model is built on ReLU, and contains no sigmoid under whatever name. So it still is flat far out on the
  negative side: z = -50 and z = -100 get exactly the same;
- it is more than a hard step: for z between -5 and 5 there are at least three different outputs.

`relu_params` is a triple (w0, w1, b) of your choice with which your model classifies at least 97 % of the
section's points rightly, and as many of new points from the same two clouds. Find it by looking at the drawing;
no training is needed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from grader.authoring import (
    Handle,
    Random,
    Student,
    a_tensor,
    check,
    data,
    ensure,
    fail,
    figure,
    numbers,
    text,
)

kinds = ("figure", "formula", "tensor", "accuracy", "text")
budget_s = 3
stub = '''
import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure


def plot_relu() -> Figure:
    """The graph of ReLU, at least from -2 to 2, as a figure with one pair of labelled axes."""
    raise NotImplementedError


def above_one_point(w0: float, w1: float, b: float) -> tuple[float, float]:
    """A point (x0, x1) at which the bare ReLU neuron gives more than 1."""
    raise NotImplementedError


def tied_points(w0: float, w1: float, b: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two points with z < 0 and the same output, whose distances to the line z = 0 differ by 1 or more."""
    raise NotImplementedError


def relu_probability(X: torch.Tensor, w0: float, w1: float, b: float) -> torch.Tensor:
    """(N, 2) -> (N,): the probabilities of black that the repaired model gives."""
    raise NotImplementedError


relu_params = None  # your answer: (w0, w1, b), with which relu_probability classifies the section's points
'''

BLACK, WHITE = (-9.9977125, -3.95334855), (-1.65955991, 4.40648987)  # the centres of the two clouds
SIGMOIDS = (
    "torch.sigmoid",
    "torch.sigmoid_",
    "torch.Tensor.sigmoid",
    "torch.Tensor.sigmoid_",
    "torch.special.expit",
    "torch.nn.functional.sigmoid",
    "torch.nn.functional.logsigmoid",
    "torch.nn.Sigmoid",
    "torch.nn.LogSigmoid",
    "scipy.special.expit",
    "scipy.special.log_expit",
)


# ------------------------------------------------------------------------------------------- (a) the graph


def shows_relu(drawn: dict[str, Any], rng: Random) -> None:
    """The drawn line, or several that continue each other, is the graph of ReLU over [-2, 2]."""
    ensure(len(drawn["axes"]) == 1, f"The figure has {len(drawn['axes'])} axes; one is asked for.")
    axes = drawn["axes"][0]
    lines = [line for line in axes["lines"] if line["style"].strip() not in ("", "None")]
    ensure(bool(lines), "There is no line in the figure: `ax.plot(z, y)` draws one.")
    pieces = [_segments(line) for line in lines]
    fitting = [piece for piece in pieces if len(piece) and _misfit(piece) <= 0.1]
    if not fitting:
        piece = min((piece for piece in pieces if len(piece)), key=_misfit, default=None)
        ensure(piece is not None, "The line in the figure does not reach the interval from -2 to 2.")
        fail(
            f"The drawn line is off the graph of ReLU by up to {_misfit(piece):.2g} between z = -2 and z = 2. "
            "Is it ReLU, and is there a point at the corner?"
        )
    segments = np.concatenate(fitting)
    ensure(_covers(segments, -2, 0), "The part for negative z is missing: there ReLU is 0, and that is seen.")
    ensure(_covers(segments, 0, 2), "The drawn line does not reach to z = 2.")
    ensure(bool(axes["x_label"].strip() and axes["y_label"].strip()), "Label both axes.")
    window = (*sorted(axes["x_limits"]), *sorted(axes["y_limits"]))
    ensure(
        window[0] <= -1.9 and window[1] >= 1.9 and window[2] <= 0 and window[3] >= 1.9,
        "The limits of the axes hide a part of the graph between z = -2 and z = 2.",
    )


def _segments(line: dict[str, Any]) -> np.ndarray:
    """The straight pieces of a drawn line that touch [-2, 2]: rows of x, y, next x, next y."""
    x, y = np.asarray(line["x"]).ravel(), np.asarray(line["y"]).ravel()
    found = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)
    found = found[np.isfinite(found).all(axis=1)]
    return found[(found[:, [0, 2]].min(axis=1) <= 2) & (found[:, [0, 2]].max(axis=1) >= -2)]


def _misfit(segments: np.ndarray) -> float:
    """The greatest vertical distance from ReLU, on the part of the segments that is above [-2, 2]."""
    steps = np.linspace(0, 1, 1001 if len(segments) < 100 else 11)
    x = segments[:, :1] + steps * (segments[:, 2:3] - segments[:, :1])
    y = segments[:, 1:2] + steps * (segments[:, 3:] - segments[:, 1:2])
    apart = np.abs(y - np.maximum(x, 0))[np.abs(x) <= 2]
    return float(apart.max()) if apart.size else math.inf


def _covers(segments: np.ndarray, low: float, high: float) -> bool:
    """Whether the segments leave no gap between `low` and `high`."""
    spans = np.sort(segments[:, [0, 2]], axis=1)
    reached = low + 0.01
    for start, end in spans[np.argsort(spans[:, 0])]:
        if start > reached + 0.05:
            break
        reached = max(reached, end)
    return bool(reached >= high - 0.01)


plot_relu = figure(
    points=2,
    title="a: the graph of ReLU, negative part and corner included, in one pair of labelled axes",
    inspect=shows_relu,
)


# ------------------------------------------------------------------------------------ (b) the difficulties


def hidden_params(rng: Random, count: int) -> list[tuple[float, float, float]]:
    """Small and large weights of either sign; in some of the triples a weight or the bias is 0."""
    found: list[tuple[float, float, float]] = []
    for number in range(count):
        size = 10 ** rng.uniform(-3, 3)
        w0, w1 = (rng.choice([-1, 1]) * rng.uniform(0.2, 1.0) * size for _ in range(2))
        b = rng.choice([0.0, rng.uniform(-8, 8), size * rng.uniform(-8, 8)])
        found.append(((0.0, w1, b), (w0, 0.0, b), (w0, w1, b))[min(number % 6, 2)])
    return rng.shuffled(found)


@check(points=2)
def difficulties(student: Student, rng: Random) -> None:
    """b: a point with an output above 1, and two points on the negative side that are tied"""
    for w0, w1, b in hidden_params(rng, 60):
        params = f"w0 = {w0:.4g}, w1 = {w1:.4g}, b = {b:.4g}"
        with_hint(student.above_one_point, params, w0, w1, b)
        what = f"the point of `above_one_point` for {params}"
        x0, x1 = numbers(student.above_one_point(w0, w1, b), 2, what=what).tolist()
        z = w0 * x0 + w1 * x1 + b
        ensure(z > 1, f"At {what} the neuron gives {max(z, 0):.4g}, which is not above 1.")
        tied(student, w0, w1, b, params)


def with_hint(function: Handle, params: str, *args: float) -> Any:
    """The result of a call with these parameters; a division by a weight that is 0 gets a hint."""
    outcome = function.attempt(*args)
    if outcome.error is not None:
        hint = " One of the weights may be 0." if outcome.error.name == "ZeroDivisionError" else ""
        fail(f"For {params} `{function.label}` raised {outcome.error}.{hint}")
    return outcome.value


def tied(student: Student, w0: float, w1: float, b: float, params: str) -> None:
    """Fails unless tied_points gives what it should for these parameters."""
    value = with_hint(student.tied_points, params, w0, w1, b)
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim == 2:
        value = list(value)
    ensure(
        isinstance(value, list | tuple) and len(value) == 2,
        "`tied_points` should return two points, ((x0, x1), (x0, x1)).",
    )
    distances: list[float] = []
    for point, which in zip(value, ("first", "second"), strict=True):
        what = f"the {which} point of `tied_points` for {params}"
        x0, x1 = numbers(point, 2, what=what).tolist()
        z = w0 * x0 + w1 * x1 + b
        ensure(z < 0, f"At {what} z is {z:.4g}, which is not negative.")
        distances.append(-z / math.hypot(w0, w1))
    ensure(
        abs(distances[0] - distances[1]) >= 1 - 1e-6,
        f"The points of `tied_points` for {params} lie {distances[0]:.4g} and {distances[1]:.4g} from the line "
        "z = 0; these distances should differ by at least 1.",
    )


# ------------------------------------------------------------------------------------------ (c) the repair


def points_at(z: torch.Tensor, params: tuple[float, float, float], rng: Random) -> torch.Tensor:
    """Points (N, 2) at which the linear function takes the values z (N,), anywhere along their level lines."""
    w, b = torch.tensor(params[:2], dtype=torch.float64), params[2]
    along = torch.stack([-w[1], w[0]]) / w.norm()
    steps = 4 * rng.randn(len(z), 1, dtype=torch.float64)
    return (z.double() - b)[:, None] * w / w.dot(w) + steps * along


def outputs(student: Student, X: torch.Tensor, params: tuple[float, float, float]) -> torch.Tensor:
    """The answer's probabilities for X, of the right shape, finite and in [0, 1]; in float64."""
    what = f"the result of `relu_probability` for X of shape {tuple(X.shape)} ({str(X.dtype)[6:]})"
    y = a_tensor(student.relu_probability(X, *params), shape=(len(X),), dtype="floating", what=what).double()
    ensure(bool(y.isfinite().all()), f"In {what} there is nan or inf.")
    slack = 1e-9 if X.dtype == torch.float64 else 1e-5  # a difference of large numbers is rounded
    ensure(
        bool((y >= -slack).all() and (y <= 1 + slack).all()),
        f"In {what} there are outputs from {y.min().item():.4g} to {y.max().item():.4g}; a probability lies "
        "between 0 and 1.",
    )
    return y.detach()


@check(points=3)
def relu_probability(student: Student, rng: Random) -> None:
    """c: relu_probability gives probabilities that rise with z and are flat far out on the negative side"""
    why = "The repair is to do without the sigmoid."
    with student.forbid(*SIGMOIDS, why=why):
        for _ in range(4):
            w0, w1 = (rng.choice([-1, 1]) * rng.uniform(0.2, 2.0) for _ in range(2))
            params = (w0, w1, rng.uniform(-4, 4))
            in_range(student, params, rng)
            independent(student, params, rng)
            shaped(student, params, rng)


def in_range(student: Student, params: tuple[float, float, float], rng: Random) -> None:
    """Probabilities near and far, in both precisions."""
    far = torch.tensor([-1e4, -1234.5, -77.0, 77.0, 1234.5, 1e4])
    outputs(student, points_at(torch.cat([far, 20 * rng.randn(50)]), params, rng), params)
    outputs(student, points_at(5 * rng.randn(50), params, rng).float(), params)


def independent(student: Student, params: tuple[float, float, float], rng: Random) -> None:
    """A point gets the same alone, and in the company of others."""
    z = torch.tensor([-40.0, -3.0, -0.6, -0.2, 0.1, 0.3, 0.7, 2.0, 30.0])
    X = points_at(z, params, rng)
    together = outputs(student, X, params)
    for i in range(len(z)):
        alone = outputs(student, X[i : i + 1], params)
        ensure(
            abs(alone.item() - together[i].item()) < 1e-9,
            f"A point gets {alone.item():.4g} if it is the only one in X, but {together[i].item():.4g} together "
            "with others. Its probability should depend on itself and the parameters only.",
        )


def shaped(student: Student, params: tuple[float, float, float], rng: Random) -> None:
    """Never falling as z rises, flat far below, with more than two values around 0."""
    far = torch.logspace(0.7, 4, 100, dtype=torch.float64)
    z = torch.cat([-far, torch.linspace(-5, 5, 10_001, dtype=torch.float64), far]).sort().values
    y = outputs(student, points_at(z, params, rng), params)
    falls = (y[1:] - y[:-1] < -1e-9).nonzero()
    if len(falls):
        place = z[falls[0]].item()
        fail(f"The output falls as z rises, near z = {place:.2g}. More of z should mean more probably black.")
    below = outputs(student, points_at(torch.tensor([-50.0, -100.0]), params, rng), params)
    ensure(
        below[0].item() == below[1].item(),
        "The outputs for z = -50 and z = -100 are not the same. A model built on ReLU is flat there; is this "
        "the sigmoid, or a relative of it?",
    )
    steps = y[z.abs() <= 5].sort().values.diff()
    ensure(
        int((steps > 1e-7).sum()) >= 2,
        "For z between -5 and 5 there are fewer than three different outputs: a hard step tells nothing about "
        "how certain the model is.",
    )


# ------------------------------------------------------------------------------- (c) the parameters by hand


@check(points=1)
def accuracy(student: Student, rng: Random) -> None:
    """c: with relu_params, 97 % of the section's points and of new ones are classified rightly"""
    params = tuple(numbers(student.relu_params, 3, what="`relu_params`").tolist())
    section, labels = data.blobs(), rng.integers(0, 1, (2000,))
    centres = torch.tensor([WHITE, BLACK], dtype=torch.float64)
    fresh = centres[labels] + rng.randn(2000, 2, dtype=torch.float64)
    for X, Y, which in ((section.X, section.Y, "the section's points"), (fresh, labels, "new points")):
        y = a_tensor(student.relu_probability(X, *params), shape=(len(X),), what="the probabilities")
        share = ((y > 0.5) == (Y == 1)).double().mean().item()
        hint = ""
        if share < 0.1:
            hint = " Nearly all are on the wrong side: the outputs should exceed 0.5 for the black points."
        elif len(set((y > 0.5).tolist())) == 1:
            hint = " All points are given the same colour."
        ensure(share >= 0.97, f"Of {which} {share:.0%} are classified rightly.{hint}")


relu_explanation = text(
    points=2,
    question=(
        "Which difficulties does the bare ReLU have as an activation of this neuron? What does your change do "
        "about each of them, and which remain?"
    ),
)
