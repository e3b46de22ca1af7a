"""# Equation of the separating line

The neuron of this section computes

```text
z = w0·x0 + w1·x1 + b          y = 1 / (1 + exp(-z))
```

where x0 is the horizontal and x1 the vertical coordinate of a point, and y the probability that the point is
black. On the *separating line* the neuron is undecided: y = 0.5. On one side of it points are classified as
black (y > 0.5), on the other as white. Everywhere below, `(w0, w1)` is not (0, 0).

**(a) Find the line.** When is it right to say that the points *below* the line are the black ones?

- `boundary_line(w0, w1, b)` returns the pair `(slope, intercept)` of the line `x1 = slope·x0 + intercept`.
  For the parameters (1, -1, 5.5) it is (1, 5.5). If `w1 == 0` the line is vertical and has no such equation:
  raise `ValueError`.
- `black_is_below(w0, w1, b)`, for w1 ≠ 0, is `True` if the points below the line have y > 0.5, and `False` if
  the points above it do.

**(b) Is there another equation of the same line?** In other words: which parameters belong to one line?

- `same_line(params, other)` takes two triples `(w0, w1, b)` and is `True` if they have the same separating
  line, and `False` otherwise. Vertical lines and lines through the origin are lines, too. The numbers are
  floats, so a multiple of a triple is a multiple only up to rounding: let relative deviations of 1e-9 pass.
  Lines that are not the same differ by much more than that.

**(c) Two different sets of parameters have the same separating line. Do their models differ, and how?**

- `rescaled(w0, w1, b, x0, x1, p)` returns new parameters, a triple, with the *same* separating line as
  `(w0, w1, b)`, for which the point `(x0, x1)` gets the probability p. The point does not lie on the line, and
  p is between 0 and 1 but not 0.5. It may well be that the point was black before and is to be white now.
  Work in double precision, as Python's floats do: nine digits should be right.
"""

from __future__ import annotations

import math

import torch

from grader.authoring import Random, Student, check, close, ensure, fail, numbers, raises, text, truth

kinds = ("formula", "error", "text")
budget_s = 1
stub = '''
def boundary_line(w0: float, w1: float, b: float) -> tuple[float, float]:
    """(slope, intercept) of the line where y = 0.5. Raises ValueError if it is vertical."""
    raise NotImplementedError


def black_is_below(w0: float, w1: float, b: float) -> bool:
    """For w1 != 0: True if the points below the line have y > 0.5, False if those above do."""
    raise NotImplementedError


def same_line(params: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    """True if the two triples (w0, w1, b) have the same separating line."""
    raise NotImplementedError


def rescaled(
    w0: float, w1: float, b: float, x0: float, x1: float, p: float
) -> tuple[float, float, float]:
    """New (w0, w1, b) with the same separating line, for which the point (x0, x1) gets probability p."""
    raise NotImplementedError
'''

Triple = tuple[float, float, float]


def some(rng: Random) -> float:
    """A number of either sign, not near 0."""
    return rng.choice([-1, 1]) * rng.uniform(0.3, 6.0)


def told(params: Triple) -> str:
    return "({:.4g}, {:.4g}, {:.4g})".format(*params)


@check(points=2)
def boundary_line(student: Student, rng: Random) -> None:
    """a: boundary_line gives slope and intercept, and raises ValueError for a vertical line"""
    cases = [(some(rng), some(rng), some(rng)) for _ in range(24)]
    cases += [(0.0, some(rng), some(rng)), (some(rng), some(rng), 0.0), (1.0, -1.0, 5.5)]
    for w0, w1, b in rng.shuffled(cases):
        what = f"(slope, intercept) for {told((w0, w1, b))}"
        found = numbers(student.boundary_line(w0, w1, b), 2, what=what)
        expected = torch.tensor([-w0 / w1, -b / w1], dtype=torch.float64)
        rtol = 1e-9 if found.dtype == torch.float64 else 1e-5
        if w0 and torch.allclose(found.double(), expected.flip(0)) and w0 != b:
            fail(f"The {what}: the two numbers are exchanged.")
        close(found, expected, rtol=rtol, atol=rtol, dtype="any", what=what)
    for w0, b in ((some(rng), some(rng)), (some(rng), 0.0)):
        raises(ValueError, student.boundary_line, w0, 0.0, b)


@check(points=1)
def black_is_below(student: Student, rng: Random) -> None:
    """a: black_is_below tells the two cases apart"""
    cases = [(some(rng), sign * abs(some(rng)), some(rng)) for sign in (-1, 1) for _ in range(8)]
    cases += [(0.0, sign * abs(some(rng)), some(rng)) for sign in (-1, 1)]
    for w0, w1, b in rng.shuffled(cases):
        found = truth(student.black_is_below(w0, w1, b), what="the result of `black_is_below`")
        ensure(
            found == (w1 < 0),
            f"For {told((w0, w1, b))} `black_is_below` says {found}. Go straight down from a point of the "
            "line, where z = 0: what becomes of z?",
        )


def pairs_of_one_line(rng: Random) -> list[tuple[Triple, Triple]]:
    """Two triples each, of which the second is a multiple of the first."""
    lines = [(some(rng), some(rng), some(rng)) for _ in range(6)]
    lines += [(some(rng), some(rng), 0.0), (0.0, some(rng), some(rng)), (some(rng), 0.0, some(rng))]
    lines += [(0.0, some(rng), 0.0), (some(rng), 0.0, 0.0)]
    found: list[tuple[Triple, Triple]] = []
    for w0, w1, b in lines:
        for factor in (1.0, -1.0, rng.uniform(0.01, 0.9), rng.uniform(1.1, 90), -rng.uniform(0.01, 90)):
            found.append(((w0, w1, b), (factor * w0, factor * w1, factor * b)))
    return found


def pairs_of_two_lines(rng: Random) -> list[tuple[Triple, Triple]]:
    """Two triples each, of different lines: parallel, turned, mirrored, or with a 0 in another place."""
    found: list[tuple[Triple, Triple]] = []
    for off in (rng.uniform(1.2, 3.0), -rng.uniform(1.2, 3.0), 1.001):
        a, c, d, factor = some(rng), some(rng), some(rng), some(rng)
        found += [
            ((a, c, d), (factor * a, factor * c, factor * off * d)),  # parallel
            ((a, c, d), (factor * a, factor * c, 0.0)),
            ((a, c, 0.0), (factor * a, factor * c, factor * d)),
            ((0.0, c, d), (0.0, factor * c, factor * off * d)),
            ((a, 0.0, d), (factor * a, 0.0, factor * off * d)),
            ((a, c, d), (factor * a, factor * off * c, factor * d)),  # turned
            ((a, c, 0.0), (factor * a, factor * off * c, 0.0)),
            ((a, 0.0, d), (0.0, a, d)),
            ((a, 0.0, 0.0), (0.0, factor, 0.0)),
            ((a, c, d), (0.0, factor * c, factor * d)),
            ((a, c, d), (factor * a, 0.0, factor * d)),
            ((a, c, d), (a, c, -d)),  # mirrored
            ((a, c, d), (-a, c, d)),
            ((a, c, d), (a, -c, d)),
            ((a, c, 0.0), (a, -c, 0.0)),
        ]
    return [pair for first, second in found for pair in ((first, second), (second, first))]


@check(points=2)
def same_line(student: Student, rng: Random) -> None:
    """b: same_line knows every multiple, also negative ones, and is not misled by parallel lines"""
    cases = [(*pair, True) for pair in pairs_of_one_line(rng)]
    cases += [(*pair, False) for pair in pairs_of_two_lines(rng)]
    for params, other, expected in rng.shuffled(cases):
        outcome = student.same_line.attempt(params, other)
        if outcome.error is not None:
            hint = " Any of the three numbers may be 0." if 0 in (*params, *other) else ""
            fail(f"For {told(params)} and {told(other)} `same_line` raised {outcome.error}.{hint}")
        found = truth(outcome.value, what="the result of `same_line`")
        if found == expected:
            continue
        hint = ""
        if expected:
            hint = (
                " Does multiplying all three numbers by a factor, of either sign, change where z = 0? (And "
            )
            hint += "the products of floats are rounded.)"
        elif math.isclose(params[0] * other[1], params[1] * other[0]):
            hint = " They have the same direction, but are they in the same place?"
        fail(f"For {told(params)} and {told(other)} `same_line` says {found}.{hint}")


@check(points=2)
def rescaled(student: Student, rng: Random) -> None:
    """c: rescaled keeps the line and gives the point the probability p, on either side of 0.5"""
    for number in range(40):
        weights = [(some(rng), some(rng)), (0.0, some(rng)), (some(rng), 0.0)][min(number, 9) % 3]
        params = (*weights, 0.0 if number % 7 == 3 else some(rng))
        x0, x1 = point_beside(rng, params)
        p = rng.choice([rng.uniform(0.01, 0.45), rng.uniform(0.55, 0.99)])
        what = f"the parameters for {told(params)}, the point ({x0:.4g}, {x1:.4g}) and p = {p:.4g}"
        found = numbers(student.rescaled(*params, x0, x1, p), 3, what=what)
        same_place(found, params, what)
        z = found[0].item() * x0 + found[1].item() * x1 + found[2].item()
        y = 0.5 * (1 + math.tanh(z / 2))
        tolerance = 1e-9 if found.dtype == torch.float64 else 1e-4
        if not abs(y - p) <= tolerance:
            hint = ""
            if abs(y - (1 - p)) < 1e-6:
                hint = " That is 1 - p: a negative factor, too, keeps the line, and it swaps the sides."
            elif abs(y - p) < 1e-4:
                hint = " That is nearly right: compute in double precision (floats, or float64)."
            fail(f"With {what} the point has the probability {y:.6g}, not p.{hint}")


def point_beside(rng: Random, params: Triple) -> tuple[float, float]:
    """A point at which z is not near 0."""
    while True:
        x0, x1 = rng.uniform(-8, 8), rng.uniform(-8, 8)
        if abs(params[0] * x0 + params[1] * x1 + params[2]) > 0.5:
            return x0, x1


def same_place(found: torch.Tensor, params: Triple, what: str) -> None:
    """Fails unless the two triples are parallel vectors, none of them 0."""
    new, old = found.double(), torch.tensor(params, dtype=torch.float64)
    ensure(bool(new[:2].any()), f"The weights of {what} are both 0: there is no line any more.")
    apart = torch.linalg.cross(new / new.norm(), old / old.norm()).norm().item()
    tolerance = 1e-9 if found.dtype == torch.float64 else 1e-5
    if not apart <= tolerance:
        only_b = torch.allclose(new[:2], old[:2])
        hint = " They differ in b alone: that shifts the line." if only_b else ""
        fail(f"With {what} the line is not the one that it was.{hint}")


boundary_explanation = text(
    points=3,
    question=(
        "(a) How does the equation of the line follow, and when are the black points those below it? "
        "(b) Is there another equation of the same line? (c) Do models with the same line but different "
        "parameters differ, and in what?"
    ),
)
