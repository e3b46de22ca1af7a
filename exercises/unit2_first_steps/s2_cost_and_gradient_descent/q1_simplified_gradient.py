"""# The gradient of the cost of one point, simplified

For one point (x0, x1) with the true label yt the neuron computes

```text
z = w0·x0 + w1·x1 + b          y = 1 / (1 + exp(-z))
H = -[ yt·log(y) + (1 - yt)·log(1 - y) ]
```

and the chain rule takes the gradient of H apart, for each of the three parameters:

```text
∂H/∂w0 = ∂H/∂y · ∂y/∂z · ∂z/∂w0
∂H/∂w1 = ∂H/∂y · ∂y/∂z · ∂z/∂w1
∂H/∂b  = ∂H/∂y · ∂y/∂z · ∂z/∂b
```

The factors are known:

```text
∂H/∂y = -(yt - y) / (y - y²)       ∂y/∂z = y·(1 - y)
∂z/∂w0 = x0        ∂z/∂w1 = x1        ∂z/∂b = 1
```

Insert them, on paper, and simplify as far as you can. It will be worth it.

- **`gradient_of_H(w0, w1, b, x0, x1, yt)`** returns the three numbers (∂H/∂w0, ∂H/∂w1, ∂H/∂b), from the
  parameters and the point.
- **`gradient_from_y(y, x0, x1, yt)`** returns the same three numbers, written with the neuron's output y in
  place of the parameters. It must be right for *every* y from 0 to 1, both ends included: where a neuron is
  so sure that y is rounded to 0 or 1, the simplified gradient still makes sense.

In both, yt may be any number from 0 to 1. (A label such as 0.9, "very probably black", is called a *soft
label*.) Work in double precision, as Python's floats do. Automatic differentiation is switched off while your
functions run.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from grader.authoring import Handle, Random, Student, check, close, fail, numbers, text

kinds = ("formula", "gradient", "text")
budget_s = 1
stub = '''
def gradient_of_H(
    w0: float, w1: float, b: float, x0: float, x1: float, yt: float
) -> tuple[float, float, float]:
    """(dH/dw0, dH/dw1, dH/db) of one point, from the parameters."""
    raise NotImplementedError


def gradient_from_y(y: float, x0: float, x1: float, yt: float) -> tuple[float, float, float]:
    """The same three numbers from the neuron's output y, which may be anything from 0 to 1."""
    raise NotImplementedError
'''


def label(rng: Random, number: int) -> float:
    """0 and 1 in turn; now and then a soft label."""
    return rng.uniform(0.05, 0.95) if number % 4 == 3 else float(number % 2)


def judge(answer: Handle, arguments: tuple[float, ...], expected: torch.Tensor, names: str) -> None:
    """One call, compared with the three derivatives."""
    what = f"the gradient for {names} = ({', '.join(f'{value:.4g}' for value in arguments)})"
    outcome = answer.attempt(*arguments)
    if outcome.error is not None:
        hint = " After the simplification nothing is left to divide by." if names.startswith("(y") else ""
        fail(f"For {names} = {arguments} `{answer.label}` raised {outcome.error}.{hint}")
    parts = outcome.value
    if isinstance(parts, torch.Tensor | np.ndarray):
        parts = parts.tolist()
    if isinstance(parts, list | tuple) and any(isinstance(p, float) and not math.isfinite(p) for p in parts):
        fail(f"In {what} there is nan or inf: something was divided by (nearly) 0. What can be cancelled?")
    found = numbers(outcome.value, 3, what=what)
    if expected.abs().max().item() > 1e-3 and not torch.allclose(found.double(), expected):
        if torch.allclose(found.double(), -expected, rtol=1e-6):
            fail(f"{what.capitalize()} has the wrong sign in all three components.")
        if found.abs().max().item() < 1e-9:
            fail(
                f"{what.capitalize()} comes out as 0, although the neuron is wrong there and ought to learn."
            )
    exact = found.dtype == torch.float64
    atol = 1e-12 if exact else 1e-6 * (1 + max(map(abs, arguments[-3:])))
    close(found, expected, rtol=1e-8 if exact else 1e-4, atol=atol, dtype="any", what=what)


@check(points=4)
def gradient_of_H(student: Student, rng: Random) -> None:
    """gradient_of_H equals the gradient that automatic differentiation finds, at hidden points"""
    with student.without_autograd():
        for number in range(60):
            w0, w1, x0, x1 = (rng.uniform(-4, 4) for _ in range(4))
            if number % 5 == 0:  # far away, with small weights: a finite difference is far off there
                w0, w1, x0, x1 = w0 / 100, w1 / 100, 100 * x0, 100 * x1
            b, yt = rng.uniform(-10, 10) - w0 * x0 - w1 * x1, label(rng, number)
            expected = differentiated((w0, w1, b), (x0, x1), yt)
            judge(student.gradient_of_H, (w0, w1, b, x0, x1, yt), expected, names="(w0, w1, b, x0, x1, yt)")


def differentiated(params: tuple[float, ...], point: tuple[float, ...], yt: float) -> torch.Tensor:
    """The gradient of H at `params`, by autograd."""
    p = torch.tensor(params, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        z = p @ torch.tensor([*point, 1.0], dtype=torch.float64)
        H = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(yt, dtype=torch.float64))
        (gradient,) = torch.autograd.grad(H, p)
    return gradient


@check(points=3)
def gradient_from_y(student: Student, rng: Random) -> None:
    """gradient_from_y is right for every y from 0 to 1, both ends included"""
    smallest = math.ulp(0.0)  # 5e-324: not 0, but one divided by it is infinite
    outputs = [rng.uniform(0.02, 0.98) for _ in range(24)] + 4 * [0.0, 1.0] + 4 * [smallest]
    with student.without_autograd():
        for y in rng.shuffled(outputs):
            for number in range(4):
                x0, x1, yt = rng.uniform(-9, 9), rng.uniform(-9, 9), label(rng, number)
                expected = torch.tensor([(y - yt) * x0, (y - yt) * x1, y - yt], dtype=torch.float64)
                judge(student.gradient_from_y, (y, x0, x1, yt), expected, names="(y, x0, x1, yt)")


gradient_derivation = text(
    points=3,
    question="Show how you simplified the gradient, step by step, and give the three components that result.",
)
