"""# Why the level lines are straight

The neuron of this section computes

```text
z = w0·x0 + w1·x1 + b          y = S(z) = 1 / (1 + exp(-z))
```

and y is the probability that the point (x0, x1) is black. All points to which it gives the same probability p
form a *level line*, as the points of equal height do on a map. Draw some of them:

```python
import matplotlib.pyplot as plt
import torch

w0, w1, b = 0.4, -0.3, 1.0
x0, x1 = torch.meshgrid(torch.linspace(-12, 6, 200), torch.linspace(-8, 8, 200), indexing="xy")
y = torch.sigmoid(w0 * x0 + w1 * x1 + b)
lines = plt.contour(x0, x1, y, levels=[0.01, 0.1, 0.5, 0.9, 0.99])
plt.clabel(lines)
plt.axis("equal")
```

The sigmoid is curved, and yet all these lines are straight, and parallel. Find out why, and prove your
insight with two functions. In both, `(w0, w1)` is not (0, 0), but *one* of the two weights may be 0, and
either may be negative. Probabilities lie strictly between 0 and 1.

- **`level_point(w0, w1, b, p, t)`** returns a point `(x0, x1)` at which the neuron gives the probability p.
  As t runs over all real numbers, with the other arguments fixed, the point must run along the whole level
  line at a constant speed: both coordinates are of the form `constant + t·constant`, and the point does move.
  Where it starts (at t = 0), in which direction it runs and how fast is up to you.
- **`level_gap(w0, w1, p, q)`** returns the distance of the level line of p from the level line of q, measured
  perpendicularly to them. A distance is never negative, and it is 0 if p = q.

Work in double precision, as Python's own floats do: y must agree with p to nine decimal places.

Then ask yourself which property of the sigmoid the straightness hangs on. Six changed models are on offer. A
level set is the set of *all* points with one and the same output. Put into **`straight_activations`** the keys
of the models of which every level set that is not empty is still a straight line.
"""

from __future__ import annotations

import math

import torch

from grader.authoring import Random, Student, check, choice, close, ensure, fail, numbers, text

kinds = ("formula", "choice", "text")
budget_s = 1
stub = '''
def level_point(w0: float, w1: float, b: float, p: float, t: float) -> tuple[float, float]:
    """A point (x0, x1) with y = p; it runs along the whole level line as t runs over the real numbers."""
    raise NotImplementedError


def level_gap(w0: float, w1: float, p: float, q: float) -> float:
    """The perpendicular distance between the level lines of the probabilities p and q."""
    raise NotImplementedError
'''


def hidden_weights(rng: Random, count: int) -> list[tuple[float, float]]:
    """Pairs of weights of either sign; in a quarter of the pairs one of the two is 0."""
    found: list[tuple[float, float]] = []
    for number in range(count):
        w0, w1 = (rng.choice([-1, 1]) * rng.uniform(0.2, 4.0) for _ in range(2))
        found.append(((w0, 0.0), (0.0, w1), (w0, w1))[min(number % 8, 2)])
    return rng.shuffled(found)


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@check(points=4)
def level_point(student: Student, rng: Random) -> None:
    """level_point gives points with y = p, and runs along the whole level line at a constant speed"""
    levels = [0.001, 0.999, 0.5, 0.1, 0.9]
    for number, (w0, w1) in enumerate(hidden_weights(rng, 68)):
        b = rng.uniform(-6, 6)
        p = levels[number] if number < len(levels) else rng.uniform(0.01, 0.99)
        start = rng.uniform(-9, 9)  # three times that lie neither evenly nor around 0
        times = [start, start + rng.uniform(0.4, 2), start + rng.uniform(2.5, 6)]
        points = [point_at(student, w0, w1, b, p, t) for t in times]
        runs_evenly(times, points)


def point_at(student: Student, w0: float, w1: float, b: float, p: float, t: float) -> torch.Tensor:
    """The point that the answer gives, once it lies on the level line of p."""
    outcome = student.level_point.attempt(w0, w1, b, p, t)
    where = f"w0 = {w0:.4g}, w1 = {w1:.4g}, b = {b:.4g}, p = {p:.4g}"
    if outcome.error is not None:
        hint = " One of the weights may be 0, so neither may be divided by." if 0 in (w0, w1) else ""
        fail(f"For {where} `level_point` raised {outcome.error}.{hint}")
    point = numbers(outcome.value, 2, what=f"the point for {where}")
    x0, x1 = point.tolist()
    z, y = outputs(w0, w1, b, point)
    # float32 rounds the coordinates themselves
    tolerance = 1e-9 if point.dtype == torch.float64 else 1e-6 * (1 + abs(w0 * x0) + abs(w1 * x1) + abs(b))
    if not abs(y - p) <= tolerance:
        hint = ""
        if abs(y - p) < 1e-5:
            hint = " That is nearly right: compute in double precision (floats, or float64)."
        elif abs(z - p) < 1e-6:
            hint = " It is z that equals p there, but y = S(z) should. Which z gives this y?"
        elif abs(y - (1 - p)) < 1e-6:
            hint = " That is 1 - p: look at a sign where you solve S(z) = p for z."
        elif abs(y - 0.5) < 1e-9:
            hint = " That is the line of the probability 0.5, whatever p is."
        elif abs(outputs(w0, w1, b, numbers(student.level_point(w0, w1, b, p, 0.0), 2))[1] - p) < 1e-6:
            hint = " At t = 0 it does; then the point leaves the line. Which direction is along it?"
        fail(f"For {where} and t = {t:.4g} the neuron gives y = {y:.6g} at your point, not p.{hint}")
    return point


def outputs(w0: float, w1: float, b: float, point: torch.Tensor) -> tuple[float, float]:
    """z and y of the neuron at a point."""
    x0, x1 = point.tolist()
    z = w0 * x0 + w1 * x1 + b
    return z, 0.5 * (1 + math.tanh(z / 2))


def runs_evenly(times: list[float], points: list[torch.Tensor]) -> None:
    """Fails unless the three points are passed at one and the same velocity, which is not 0."""
    first, middle, last = (point.double() for point in points)
    velocity = (middle - first) / (times[1] - times[0])
    later = (last - middle) / (times[2] - times[1])
    ensure(
        torch.dist(last, first).item() > 1e-6 * (times[2] - times[0]),
        "Different t give the same point: as t grows, the point should run along the line.",
    )
    exact = all(point.dtype == torch.float64 for point in points)
    size = 1 + max(point.abs().max().item() for point in points)
    ensure(
        torch.dist(velocity, later).item() <= (1e-8 if exact else 1e-5) * size,
        "The points do lie on the level line, but the speed at which they follow each other changes with t. "
        "Each coordinate should be a constant plus t times a constant; then the whole line is passed.",
    )


@check(points=2)
def level_gap(student: Student, rng: Random) -> None:
    """level_gap is the perpendicular distance, the same both ways round, and 0 for p = q"""
    for number, (w0, w1) in enumerate(hidden_weights(rng, 24)):
        p, q = rng.uniform(0.01, 0.45), rng.uniform(0.47, 0.99)
        p, q = rng.shuffled([p, p if number % 6 == 0 else q])
        norm, apart = math.hypot(w0, w1), abs(logit(p) - logit(q))
        where = f"w0 = {w0:.4g}, w1 = {w1:.4g}, p = {p:.4g}, q = {q:.4g}"
        answers = [student.level_gap(w0, w1, p, q), student.level_gap(w0, w1, q, p)]
        for answer, order in zip(answers, ("", " (p and q exchanged)"), strict=True):
            what = f"level_gap for {where}{order}"
            gap = numbers((answer,), 1, what=f"the value of {what}")
            recognise(gap.item(), norm, apart, abs(p - q), what)
            rtol = 1e-9 if gap.dtype == torch.float64 else 1e-3
            close(
                gap,
                torch.tensor([apart / norm], dtype=torch.float64),
                rtol=rtol,
                atol=rtol,
                dtype="any",
                what=what,
            )


def recognise(gap: float, norm: float, apart: float, probabilities: float, what: str) -> None:
    """Fails with advice where the value is one of the usual mistakes."""

    def is_like(value: float) -> bool:
        return math.isclose(gap, value, rel_tol=1e-6) and not math.isclose(gap, apart / norm, rel_tol=1e-6)

    ensure(gap >= 0, f"{what} is {gap:.4g}; a distance is not negative.")
    if is_like(apart):
        fail(f"{what} is the difference of z between the two lines. How far apart are they in the plane?")
    if is_like(probabilities / norm) or is_like(probabilities):
        fail(f"{what} follows from p - q. But z, not y, grows evenly as one walks across the lines.")
    if is_like(apart / norm**2):
        fail(f"{what} is divided by w0² + w1²; the length of (w0, w1) is the square root of that.")


straight_activations = choice(
    points=1,
    question="For which of these models is every level set that is not empty still a straight line?",
    options={
        "a": "tanh(z) instead of the sigmoid",
        "b": "z³ instead of the sigmoid",
        "c": "leaky ReLU instead of the sigmoid: z for z >= 0, and 0.1·z for z < 0",
        "d": "ReLU instead of the sigmoid: z for z >= 0, and 0 for z < 0",
        "e": "the sigmoid, but the neuron receives (x0², x1²) in place of (x0, x1)",
        "f": "the sum of two neurons with the sigmoid, whose weight vectors are not parallel",
    },
    several=True,
)

level_lines_explanation = text(
    points=3,
    question=(
        "Why are the level lines straight although the sigmoid is curved? Why are they parallel, and what "
        "decides how far apart they are? Three to six sentences or formulas."
    ),
)
