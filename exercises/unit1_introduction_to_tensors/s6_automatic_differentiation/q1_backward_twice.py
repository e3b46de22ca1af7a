"""# Calling backward a second time

Run the example of this section,

```python
x = torch.tensor([2.0], requires_grad=True)
y = x**2
z = y + x
z.backward()
print(x.grad)         # tensor([5.])
```

and right after it call `z.backward()` once more. You get an error. Find out where it comes from, and then
write three functions. In the first two, `f` is a function from tensors to tensors (real PyTorch code, such
as `lambda x: x**2 + x`), and `x0` is a floating tensor, of a shape that suits `f`, without `requires_grad`.
Leave `x0` as you found it: work on a fresh leaf, an independent copy that requires a gradient.

**`second_backward_fails(f, x0)`** computes `z = f(x)` once, for a fresh leaf `x` with the values of `x0`,
then calls `z.backward()`, and then `z.backward()` again, both with default arguments. It returns `True` if
the *second* call raises `RuntimeError`, and `False` if the second call succeeds. An error that comes from
`f` itself, or from the first `backward()` (for instance because `f(x)` is not a scalar), is none of its
business: let it pass on to the caller.

**`grad_after_backwards(f, x0, n)`** computes `z = f(x)` once, runs backward n ≥ 1 times on this one `z`,
without an error, and returns what `x.grad` then holds. Here `x0` is 1-D of any length, and `f(x)` is a
scalar or has one element. Try it with the example and n = 2: does the result surprise you?

**`reusable_function(x)`** is a function of your own choice: for `x` of shape `(n,)` it returns a scalar,
the gradient of which is not zero for any element of `x`, and on this result `backward()` can be called
twice as it is, without `retain_graph`. Which operations need no recorded values for their derivative?

Finally, name the reason for the error and explain it in your own words.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from grader.authoring import (
    Handle,
    Lab,
    Random,
    Reference,
    Student,
    a_tensor,
    check,
    choice,
    close,
    ensure,
    equal,
    fail,
    text,
    truth,
)

kinds = ("gradient", "error", "choice", "text")
budget_s = 1
stub = '''
from collections.abc import Callable

import torch


def second_backward_fails(f: Callable[[torch.Tensor], torch.Tensor], x0: torch.Tensor) -> bool:
    """True if, on one result f(x), the second of two plain backward calls raises RuntimeError."""
    raise NotImplementedError


def grad_after_backwards(f: Callable[[torch.Tensor], torch.Tensor], x0: torch.Tensor, n: int) -> torch.Tensor:
    """What x.grad holds after n backward calls on one result f(x)."""
    raise NotImplementedError


def reusable_function(x: torch.Tensor) -> torch.Tensor:
    """A scalar, computed from x of shape (n,), on which backward can be called twice."""
    raise NotImplementedError
'''

Function = Callable[[torch.Tensor], torch.Tensor]


def left_alone(x0: Handle, before: torch.Tensor, name: str) -> None:
    """Fails if a call left its trace on the caller's tensor."""
    ensure(
        x0.requires_grad is False,
        f"`{name}` switched requires_grad on for the caller's x0. Work on a copy of it.",
    )
    ensure(x0.grad is None, f"`{name}` left a gradient in the caller's x0. Work on a copy of it.")
    equal(x0.fetch(), before, what="the caller's x0 after the call")


def called_once(calls: int, name: str) -> None:
    ensure(calls != 0, f"`{name}` did not call f at all.")
    ensure(
        calls == 1,
        f"`{name}` called f {calls} times. Compute z = f(x) once, and call backward on this z each time: "
        "a new f(x) comes with a new record.",
    )


@check(points=3)
def second_backward(student: Student, reference: Reference, rng: Random) -> None:
    """second_backward_fails says whether the second call fails, and passes other errors on"""
    functions, several = student.lab.functions, rng.integer(2, 5)
    weights = rng.rand(several) + 0.5
    # Which operations keep nothing may differ between versions of torch: the reference says it for this one.
    cases: list[tuple[Handle | Lab, Function, int, str]] = [
        (functions.square_plus_itself, lambda x: x**2 + x, 1, "x**2 + x"),
        (student.lab.torch.exp, torch.exp, 1, "exp(x)"),
        (functions.product_with_itself, lambda x: x * x, 1, "x * x"),
        (functions.triple, lambda x: 3 * x, 1, "3 * x"),
        (functions.weighted_squares(weights), lambda x: (weights * x**2).sum(), several, "(w * x**2).sum()"),
        (functions.sum_of_doubles, lambda x: (x + x).sum(), several, "(x + x).sum()"),
        (functions.sum_of_negatives, lambda x: (-x).sum(), 1, "(-x).sum()"),
        (functions.sum_of_negatives, lambda x: (-x).sum(), several, "(-x).sum()"),
        (functions.sum_without_the_first, lambda x: x.sum() - x[0], several, "x.sum() - x[0]"),
    ]
    for function, here, n, formula in rng.shuffled(cases):
        before = rng.rand(n) + 0.5
        x0, counter = student.put(before), student.count(function)
        verdict = truth(
            student.second_backward_fails(counter, x0), what="the result of `second_backward_fails`"
        )
        expected = reference.second_backward_fails(here, before.clone())
        ensure(
            verdict == expected,
            f"For f(x) = {formula} and x0 of shape ({n},) the second backward() "
            f"{'fails' if expected else 'succeeds'}, but `second_backward_fails` returns {verdict}.",
        )
        called_once(counter.calls, "second_backward_fails")
        left_alone(x0, before, "second_backward_fails")
    errors_pass(student, rng)


def errors_pass(student: Student, rng: Random) -> None:
    """The errors of a non-scalar f, in its first backward, and of an f that raises reach the caller."""
    functions, message = student.lab.functions, f"no value at point {rng.integer(100, 999)}"
    for function, x0, kind, text_of_it, what in (
        (
            functions.square_plus_itself,
            rng.rand(3) + 0.5,
            RuntimeError,
            "scalar",
            "f(x) is not a scalar, so that the first backward() raises RuntimeError already",
        ),
        (functions.refusing(message), rng.rand(1) + 0.5, ValueError, message, "f raises ValueError"),
    ):
        outcome = student.second_backward_fails.attempt(function, x0)
        rule = f"{what}: this error must reach the caller as it is"
        if outcome.error is None:
            fail(f"{rule}, but `second_backward_fails` returned a value. Guard the second call only.")
        ensure(
            outcome.error.isa(kind) and text_of_it in outcome.error.message,
            f"{rule}, but `second_backward_fails` raised {outcome.error}",
        )


@check(points=2)
def accumulated(student: Student, reference: Reference, rng: Random) -> None:
    """grad_after_backwards returns n times the derivative, from one evaluation of f"""
    functions, length = student.lab.functions, rng.integer(2, 5)
    weights = rng.rand(length) + 0.5
    factor, rate = rng.uniform(0.5, 2.0), rng.uniform(0.5, 1.5)
    cases: list[tuple[Handle | Lab, Function, torch.Tensor]] = [
        (functions.square_plus_itself, lambda x: x**2 + x, torch.tensor([2.0])),
        (functions.exponential(factor, rate), lambda x: factor * torch.exp(rate * x), rng.rand(1) + 0.5),
        (functions.weighted_squares(weights), lambda x: (weights * x**2).sum(), rng.rand(length) + 0.5),
        (functions.sum_of_doubles, lambda x: (x + x).sum(), rng.rand(length) + 0.5),
    ]
    for n in rng.shuffled([1, 2, 5, rng.integer(3, 9)]):
        for function, here, before in rng.shuffled(cases):
            x0, counter = student.put(before), student.count(function)
            gradient = gradient_after(student, counter, x0, n)
            expected = reference.grad_after_backwards(here, before.clone(), n)
            ensure(
                n == 1 or gradient.shape != expected.shape or not torch.allclose(n * gradient, expected),
                f"For n = {n} the result is the derivative itself, as after a single call. Each backward "
                "adds to x.grad, and nothing must be cleared in between.",
            )
            close(gradient, expected, rtol=1e-5, atol=1e-6, what=f"the gradient for n = {n}")
            called_once(counter.calls, "grad_after_backwards")
            left_alone(x0, before, "grad_after_backwards")


def gradient_after(student: Student, f: Handle, x0: Handle, n: int) -> torch.Tensor:
    """What the answer returns: a tensor of the dtype of x0."""
    outcome = student.grad_after_backwards.attempt(f, x0, n)
    if outcome.error is not None:
        freed = "second time" in outcome.error.message
        fail(
            f"For n = {n} `grad_after_backwards` raised {outcome.error}"
            + (" (Which of the calls have to keep the record for the next one?)" if freed else "")
        )
    return a_tensor(outcome.value, dtype=torch.float32, what="the gradient")


@check(points=1)
def reusable(student: Student, rng: Random) -> None:
    """backward runs twice on the result of reusable_function, and the gradient has no zero"""
    what = "the gradient of `reusable_function`"
    for n in rng.shuffled([1, 4, rng.integer(5, 9)]):
        x = student.put(rng.randn(n).requires_grad_())
        z = student.reusable_function.keep(x)
        result = a_tensor(z.fetch(), what="the result of `reusable_function`")
        shape = tuple(result.shape)
        ensure(
            result.numel() == 1, f"For x of shape ({n},) the result has shape {shape}: it must be a scalar."
        )
        ensure(result.requires_grad, "The result of `reusable_function` does not depend on x.")
        once = gradient_of(student, z, x, "first")
        twice = gradient_of(student, z, x, "second")
        a_tensor(once, shape=(n,), what=what)
        ensure(bool((once != 0).all()), f"The{what[3:]} is zero for some of the elements of x.")
        close(twice, 2 * once, what=f"{what} after the second backward()")


def gradient_of(student: Student, z: Handle, x: Handle, turn: str) -> torch.Tensor:
    """x.grad after a plain backward on z, by the function of torch itself, not by a method of z."""
    outcome = student.lab.torch.autograd.backward.handle().attempt(z)
    if outcome.error is not None:
        fail(
            f"The {turn} backward() on the result of `reusable_function` fails. An operation in it keeps "
            "values for its derivative: sums and sign changes keep none; a product does, even by a constant."
        )
    gradient = x.grad
    ensure(gradient is not None, "The result of `reusable_function` does not depend on x.")
    return a_tensor(gradient, what="x.grad")


second_backward_reason = choice(
    points=1,
    question="Why does the second `z.backward()` of the example fail?",
    options={
        "a": "x.grad is filled already and may not be written again",
        "b": "the first call freed the values that were saved for the derivative of the square",
        "c": "z is no longer a scalar after the first call",
        "d": "backward() switched requires_grad off",
        "e": "y was deleted, because it is not a leaf",
    },
)
second_backward_explanation = text(
    points=3,
    question=(
        "Where does the error of the second `backward()` come from? How can it be avoided, and what does "
        "`x.grad` hold after the second call then?"
    ),
)
