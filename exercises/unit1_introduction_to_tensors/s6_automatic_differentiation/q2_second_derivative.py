"""# Differentiating the derivative

A derivative is computed by operations, too, so it can be recorded and differentiated in its turn. Take the
example of this section again, with one more argument, and go on:

```python
x = torch.tensor([2.0], requires_grad=True)
z = x**2 + x
z.backward(create_graph=True)
t = x.grad
x.grad = None
t.backward()
print(x.grad)
```

With `create_graph=True` the computation of the derivative is itself recorded. `t` is then no mere number,
but a function of `x`. And mind that `t` is the very tensor that was stored in `x.grad`, not a copy of it.
(PyTorch warns that this may keep memory alive for longer than needed. That is no error.)

- **`grad_after_second`**: the number that `x.grad` holds after these lines.
- **`grad_without_reset(x0)`**: suppose that the line `x.grad = None` is left out, and that `x` is not 2 but
  any number `x0`. Which number does `x.grad` hold at the end, as a function of `x0`? Derive it by hand and
  return it; automatic differentiation is switched off while your function is called.
- **`grad_with_zero_`**: the number that `x.grad` holds at the end, for x = 2 again, if the line
  `x.grad = None` is replaced by `x.grad.zero_()`. Predict it before you try.
- **`nth_derivative(f, x0, n)`**: the n-th derivative of `f` at `x0`, for any n ≥ 0 (for n = 0 it is the
  value of `f`). `f` is real PyTorch code that maps a tensor of shape `(1,)` to one of shape `(1,)`, and
  `x0` is a floating tensor of shape `(1,)`. The result has the shape and the dtype of `x0`. Where the
  derivative no longer depends on x (the second derivative of 3x + 1, for instance), the result is zero, not
  an error. Leave `x0` and its `.grad` as they were, also if `x0` already requires a gradient and holds one.
  The result must be as exact as the dtype allows: finite differences are not.

Then explain in your own words what happens in the lines above.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from grader.authoring import (
    Handle,
    Lab,
    Random,
    Student,
    a_tensor,
    check,
    close,
    ensure,
    equal,
    fail,
    formula,
    text,
    value,
)

kinds = ("gradient", "formula", "text")
budget_s = 2
stub = '''
from collections.abc import Callable

import torch

grad_after_second = None  # your answer: the number in x.grad after the lines above

grad_with_zero_ = None  # your answer: the number in x.grad with x.grad.zero_() in place of x.grad = None


def grad_without_reset(x0: float) -> float:
    """What x.grad holds at the end if the line x.grad = None is left out, for x = x0."""
    raise NotImplementedError


def nth_derivative(f: Callable[[torch.Tensor], torch.Tensor], x0: torch.Tensor, n: int) -> torch.Tensor:
    """The n-th derivative of f at x0, of the shape (1,) and the dtype of x0."""
    raise NotImplementedError
'''

# n -> the n-th derivative at x, as a number
Derivatives = Callable[[int, float], float]


@check(points=4)
def derivatives(student: Student, rng: Random) -> None:
    """nth_derivative is exact for n = 0 to 4, zero where x no longer matters, and leaves x0 alone"""
    for function, exact, title in rng.shuffled(known_functions(student, rng)):
        for dtype, rtol in ((torch.float64, 1e-9), (torch.float32, 1e-5)):
            for n in rng.shuffled(list(range(5))):
                # away from the zeros of sine and cosine, where a relative error says little
                x0 = (rng.rand(1, dtype=torch.float64) * 0.5 + 0.5).to(dtype)
                what = f"the derivative of order {n} of {title}"
                result = derivative(student, function, x0, n, what)
                compare(result, exact, n, x0, rtol, what)
    untouched(student, rng)


def derivative(
    student: Student, function: Handle | Lab, x0: torch.Tensor | Handle, n: int, what: str
) -> torch.Tensor:
    """The answer's n-th derivative, checked to be a tensor of shape (1,)."""
    outcome = student.nth_derivative.attempt(function, x0, n)
    if outcome.error is not None:
        hint = ""
        if "does not require grad" in outcome.error.message:
            hint = (
                " (Either the computation of the derivative was not recorded, which takes create_graph, or "
                "it does not depend on x any more, and then the next derivative is zero.)"
            )
        elif "not have been used in the graph" in outcome.error.message:
            hint = " (Where a derivative does not depend on x, the next one is zero.)"
        fail(f"For {what} `nth_derivative` raised {outcome.error}{hint}")
    return a_tensor(outcome.value, shape=(1,), what=what)


def compare(
    result: torch.Tensor, exact: Derivatives, n: int, x0: torch.Tensor, rtol: float, what: str
) -> None:
    """Fails unless the result is exact(n, x0), in the dtype of x0; knows two mistakes by their results."""
    x = x0.item()
    expected = torch.tensor([exact(n, x)], dtype=torch.float64).to(x0.dtype)
    if n > 1 and result.dtype == x0.dtype and expected.any():
        # without a reset t becomes t + t' in every step
        never_reset = sum(math.comb(n - 1, k) * exact(k + 1, x) for k in range(n))
        ensure(
            math.isclose(result.item(), expected.item(), rel_tol=1e-4)
            or not math.isclose(result.item(), never_reset, rel_tol=1e-4),
            f"The result for {what} is a sum of derivatives: clear x.grad before each backward().",
        )
        ensure(
            bool(result.any()),
            f"The result for {what} is zero. Was the derivative not recorded (create_graph), or wiped by "
            "x.grad.zero_()? The tensor in x.grad is the derivative itself, not a copy of it.",
        )
    if expected.any():
        close(result, expected, rtol=rtol, atol=0.0, what=what)
    else:
        equal(result, expected, what=what)


def known_functions(student: Student, rng: Random) -> list[tuple[Handle | Lab, Derivatives, str]]:
    """Functions of the worker's library, with all of their derivatives in closed form."""
    functions = student.lab.functions
    a, w, c = (rng.uniform(0.6, 1.3) for _ in range(3))
    slope, intercept = rng.uniform(1.0, 4.0), rng.uniform(0.5, 2.0)
    cubic = [rng.uniform(0.5, 2.0) for _ in range(4)]
    phases = (math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x))
    return [
        (functions.square_plus_itself, lambda n, x: (x * x + x, 2 * x + 1, 2.0, 0.0, 0.0)[n], "x**2 + x"),
        (functions.sine(a, w), lambda n, x: a * w**n * phases[n % 4](w * x), "a sin(w x)"),
        (functions.exponential(c, 2.0), lambda n, x: c * 2.0**n * math.exp(2 * x), "c exp(2 x)"),
        (functions.power(c, 5.0), lambda n, x: c * math.perm(5, n) * x ** (5 - n), "c x**5"),
        (functions.reciprocal(a), lambda n, x: a * (-1) ** n * math.factorial(n) / x ** (n + 1), "a / x"),
        (functions.logarithm(a, 6.0), lambda n, x: logarithm(n, x, a, 6.0), "a log(6 x)"),
        (functions.polynomial(cubic), lambda n, x: polynomial(n, x, cubic), "a polynomial of degree 3"),
        (functions.triple_plus_one, lambda n, x: (3 * x + 1, 3.0, 0.0, 0.0, 0.0)[n], "3 x + 1"),
        (
            functions.affine(slope, intercept),
            lambda n, x: (slope * x + intercept, slope, 0.0, 0.0, 0.0)[n],
            "b x + c",
        ),
    ]


def polynomial(n: int, x: float, coefficients: list[float]) -> float:
    return sum(math.perm(k, n) * c * x ** (k - n) for k, c in enumerate(coefficients) if k >= n)


def logarithm(n: int, x: float, factor: float, scale: float) -> float:
    if n == 0:
        return factor * math.log(scale * x)
    return factor * (-1) ** (n - 1) * math.factorial(n - 1) / x**n


def untouched(student: Student, rng: Random) -> None:
    """x0 keeps its values, its requires_grad and its gradient, with and without one."""
    functions = student.lab.functions
    for n in (0, 1, 3):
        for records in (False, True):
            before = rng.rand(1) + 0.5
            x0, gradient = student.put(before.clone().requires_grad_(records)), None
            if records:
                student.lab.torch.autograd.backward(functions.exponential.keep(1.0, 1.0).keep(x0))
                gradient = x0.grad
            derivative(
                student, functions.square_plus_itself, x0, n, f"the derivative of order {n} of x**2 + x"
            )
            equal(x0.fetch(), before, what="the caller's x0 after the call")
            ensure(
                x0.requires_grad is records,
                "`nth_derivative` changed requires_grad of the caller's x0. Work on a fresh copy of it.",
            )
            if gradient is None:
                ensure(
                    x0.grad is None,
                    "`nth_derivative` left a gradient in the caller's x0. Work on a fresh copy of it.",
                )
            else:
                ensure(
                    x0.grad is not None, "`nth_derivative` cleared the gradient that the caller's x0 held."
                )
                equal(x0.grad, gradient, what="the gradient that the caller's x0 held before")


grad_after_second = value(points=1, title="x.grad after the lines as they stand, at x = 2")
grad_with_zero_ = value(points=1, title="x.grad at x = 2 with x.grad.zero_() in place of x.grad = None")
grad_without_reset = formula(
    points=1,
    title="x.grad without the reset, for any x0, derived by hand",
    at=lambda rng: (rng.uniform(-3, 3),),
)
second_derivative_explanation = text(
    points=3,
    question=(
        "What does the number in `x.grad` at the end mean? What is `create_graph=True` for, and why is "
        "`x.grad` reset in between?"
    ),
)
