"""# Likelihood and cross-entropy

Where does the cross-entropy come from? Statistics gives an answer. The *likelihood* of a model is the
probability that it gives to the data that were in fact observed,

```text
L(Model) = P(Data | Model)
```

and a good model is one with a high likelihood. For binary classification one usually takes the product, over
all N points of the data, of

```text
y**yt · (1 - y)**(1 - yt)
```

where yt is the true label of the point, 0 or 1, and y the probability of label 1 that the model gives it. Here
the model is the neuron, y = 1 / (1 + exp(-(w0·x0 + w1·x1 + b))). Its cross-entropy cost is

```text
C = -1/N · Σ [ yt·log(y) + (1 - yt)·log(1 - y) ]          (the sum runs over the N points)
```

with the natural logarithm.

**(a)** Which assumptions about the data, and about the way they were collected, lead to this product?
Remember that P(A and B) = P(A)·P(B) for independent events, and look at what each factor is for yt = 1 and for
yt = 0. Put the keys of all that is needed into `likelihood_assumptions`, and explain.

**(b)** Prove that L has its maximum at the same parameters at which C has its minimum. (Hint: what does the
logarithm do to a product?) Then let your formulas work:

- `log_likelihood(w0, w1, b, X, Y)` returns log L, a 0-dimensional tensor, for points X of shape (N, 2),
  float32 or float64, and labels Y of shape (N,), which are 0 or 1 and either integers or floats. A product of
  thousands of probabilities underflows to 0, and a y that is rounded to 1 makes log(1 - y) infinite. Your
  function must give the true, finite value nevertheless: for N = 5,000, and (in float64) for z = w0·x0 + w1·x1
  + b up to ±300, also where the model is confident and wrong.
- `likelihood_from_cost(cost, n)` returns L itself, given the cost C and the number n of points.
- `best_by_likelihood(candidates, X, Y)` returns the index of the candidate with the greatest likelihood, where
  `candidates` is a list of triples (w0, w1, b), and X and Y are as above. Some candidates have the same
  separating line and differ in their confidence only.
"""

from __future__ import annotations

import math

import torch

from grader.authoring import (
    Random,
    Reference,
    Student,
    a_tensor,
    check,
    choice,
    close,
    ensure,
    fail,
    formula,
    number,
    text,
)

kinds = ("choice", "formula", "tensor", "text")
budget_s = 2
stub = '''
import torch


def log_likelihood(w0: float, w1: float, b: float, X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """log L for points X (N, 2) and labels Y (N,): 0-dimensional, and finite also for large N and |z|."""
    raise NotImplementedError


def likelihood_from_cost(cost: float, n: int) -> float:
    """The likelihood L, from the cost C of n points."""
    raise NotImplementedError


def best_by_likelihood(
    candidates: list[tuple[float, float, float]], X: torch.Tensor, Y: torch.Tensor
) -> int:
    """The index of the candidate (w0, w1, b) with the greatest likelihood."""
    raise NotImplementedError
'''

Triple = tuple[float, float, float]


likelihood_assumptions = choice(
    points=2,
    question="What is needed for this form of the likelihood?",
    options={
        "a": "the points were sampled independently of each other",
        "b": "given its point, a label is 1 with the probability y that the model gives; one model for all",
        "c": "the points themselves count as given: their distribution does not depend on the parameters",
        "d": "both classes are equally frequent",
        "e": "the classes can be separated by a straight line",
        "f": "the points of each class are normally distributed",
    },
    several=True,
)


def labelled(rng: Random, n: int, params: Triple, flips: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Points (n, 2) in float64 and the labels 0/1 on the right side of the line, a share of them flipped."""
    X = 3 * rng.randn(n, 2, dtype=torch.float64)
    Y = (X @ torch.tensor(params[:2], dtype=torch.float64) + params[2] > 0).long()
    return X, torch.where(rng.rand(n) < flips, 1 - Y, Y)


def some(rng: Random) -> float:
    return rng.choice([-1, 1]) * rng.uniform(0.3, 1.5)


@check(points=1.5)
def log_likelihood(student: Student, reference: Reference, rng: Random) -> None:
    """b: log_likelihood is right for 1, 10 and 5,000 points, for all kinds of labels, and far from the line"""
    kinds_of = [(x, y) for x in (torch.float64, torch.float32) for y in (torch.int64, x)]
    for n in (1, 1, 10, 10, 5000):
        for points, labels in rng.shuffled(kinds_of):
            params = (some(rng), some(rng), some(rng))
            X, Y = labelled(rng, n, params, flips=0.2)
            judge(student, reference, params, X.to(points), Y.to(labels), f"{n} points")
    for n in (1, 10):  # z from -300 to 300, right and wrong
        for sign in (1.0, -1.0):
            params = (sign * 200 / 3, 0.0, 0.0)
            X, Y = labelled(rng, n, params, flips=1.0 if n == 1 else 0.5)
            X[:, 0] = X[:, 0].sign() * (3 + 1.5 * rng.rand(n, dtype=torch.float64))
            judge(student, reference, params, X, Y, f"{n} points at |z| from 200 to 300")


def judge(
    student: Student, reference: Reference, params: Triple, X: torch.Tensor, Y: torch.Tensor, of: str
) -> None:
    """One call of log_likelihood, compared with the value in double precision."""
    expected = reference.log_likelihood(*params, X.double(), Y).item()
    what = f"log_likelihood of {of} ({str(X.dtype)[6:]}, labels {str(Y.dtype)[6:]})"
    found = student.log_likelihood(*params, X, Y)
    coarse = X.dtype != torch.float64
    if isinstance(found, torch.Tensor):
        a_tensor(found, shape=(), what=what)
        coarse = coarse or found.dtype != torch.float64
    value = number(found, finite=False, what=what)
    if math.isnan(value):
        fail(f"{what} is nan: where y is rounded to 0 or 1, 0 times the logarithm of 0 is not a number.")
    if math.isinf(value):
        fail(
            f"{what} is {value}. Either a product of many small numbers became 0 before its logarithm was "
            "taken, or y was rounded to 0 or 1. Which function of z is log(y), and which is log(1 - y)?"
        )
    if math.isclose(value, -expected, rel_tol=1e-3):
        fail(f"{what} is positive; the logarithm of a probability is not.")
    if len(X) > 1 and math.isclose(value * len(X), expected, rel_tol=1e-3):
        fail(f"{what} is the mean over the points; the logarithm of a product is a sum.")
    rtol = 1e-4 if coarse else 1e-6  # the parameters may have passed through float32 on their way
    close(value, expected, rtol=rtol, atol=rtol, what=what)


likelihood_from_cost = formula(
    points=0.5,
    title="b: likelihood_from_cost gives the likelihood that belongs to a cost of n points",
    at=lambda rng: (rng.uniform(0.05, 0.9), rng.integer(1, 9)),
)


@check(points=1)
def best_by_likelihood(student: Student, reference: Reference, rng: Random) -> None:
    """b: best_by_likelihood finds the candidate of least cost, also where every product underflows"""
    for run in range(20):
        n = (5000, 1000, 100, 30, 12)[run % 5]
        X, Y, candidates = hidden_candidates(rng, n, separable=run % 4 == 3)
        costs = [-reference.log_likelihood(*params, X, Y).item() / n for params in candidates]
        best, second = sorted(costs)[:2]
        assert second > best + 1e-3 * max(1.0, best)
        given = Y.to(rng.choice([torch.int64, torch.float64]))
        found = number(student.best_by_likelihood(candidates, X, given), what="the result")
        ensure(
            found in range(len(candidates)),
            f"The result {found:g} is not an index of the list of candidates.",
        )
        if costs[int(found)] > best:
            hint = ""
            if found == 0 and n > 500:  # the first is never the best
                hint = " Are all likelihoods 0 in your computer? Then the first one is as great as any."
            elif accuracy(candidates[int(found)], X, Y) == max(accuracy(c, X, Y) for c in candidates):
                hint = (
                    " It has as many points on the right side as any, but likelihood is more than counting."
                )
            fail(
                f"For {n} points and {len(candidates)} candidates another one has a greater likelihood.{hint}"
            )


def hidden_candidates(
    rng: Random, n: int, separable: bool
) -> tuple[torch.Tensor, torch.Tensor, list[Triple]]:
    """Points, labels, and candidates of which one is clearly the best, never the first of the list.

    Three of them have one line; where the labels are not separable, a bold version of it is punished.
    """
    while True:
        line = (some(rng), some(rng), some(rng))
        X, Y = labelled(rng, n, line, flips=0.0 if separable else 0.15)
        scales = [rng.uniform(0.02, 0.1), rng.uniform(0.4, 0.8), rng.uniform(20, 60)]
        candidates = [(s * line[0], s * line[1], s * line[2]) for s in scales]
        candidates += [(some(rng), some(rng), some(rng)), (-line[0], -line[1], -line[2])]
        candidates = rng.shuffled(candidates)
        costs = [cost(params, X, Y) for params in candidates]
        best, second = sorted(costs)[:2]
        if second > best + 0.01 * max(1.0, best) and costs[0] > best:
            return X, Y, candidates


def logits(params: Triple, X: torch.Tensor) -> torch.Tensor:
    return X @ torch.tensor(params[:2], dtype=torch.float64) + params[2]


def cost(params: Triple, X: torch.Tensor, Y: torch.Tensor) -> float:
    return torch.nn.functional.binary_cross_entropy_with_logits(logits(params, X), Y.double()).item()


def accuracy(params: Triple, X: torch.Tensor, Y: torch.Tensor) -> float:
    return ((logits(params, X) > 0) == (Y == 1)).double().mean().item()


likelihood_proof = text(
    points=5,
    question=(
        "(a) Which assumptions lead to this form of the likelihood, and where is each of them used? (b) Prove "
        "that the likelihood has its maximum at the parameters at which the cost has its minimum."
    ),
)
