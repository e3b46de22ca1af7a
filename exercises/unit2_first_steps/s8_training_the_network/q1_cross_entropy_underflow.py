"""# The numerical problem of log(softmax)

The probability of class p is softmax(z)_p = exp(z_p) / Σ exp(z_n), and the cost of an example of that class is
−log softmax(z)_p. In float32 `exp(x)` is `inf` for x above about 88.7, and 0 for x below about −103.9. What can go
wrong when a component of softmax is nearly 0? And what when some `exp(z_n)` themselves are nearly 0? These are two
different troubles. Show both.

- **`underflow_logits()`** returns a float32 tensor `z` of shape `(K,)`, 2 ≤ K ≤ 10, and an index `p`, such that
  `torch.softmax(z, 0)[p]` is exactly 0, although the true cost −log softmax(z)_p is a finite number. All entries of `z`
  are finite and at most 10,000 in size.
- **`all_underflow_logits()`** returns a float32 tensor `z` of shape `(K,)`, K ≥ 2, such that `torch.exp(z)` is 0
  everywhere, so that the quotient by the letter is 0/0, although each of the true probabilities lies between 0.1
  and 0.9.
- **`stable_cross_entropy(z, t)`** computes the mean cost of a minibatch with neither problem: `z` are logits of shape
  `(N, K)`, `t` the true classes, int64 of shape `(N,)`. The result is a tensor without dimensions that can be
  differentiated with respect to `z`. Logits may be as large as 10,000 in size, of either sign, and very different from
  row to row. Build it from elementary operations: maximum, exp, log, sum, indexing (`gather`, one-hot vectors and their
  like) and arithmetic. What does the work for you is not allowed, under none of its names in `torch`,
  `torch.special`, `torch.nn` and `torch.nn.functional`: softmax, log_softmax, logsumexp, cross_entropy and nll_loss.

Two facts help: log softmax(z)_p = z_p − log Σ exp(z_n), and softmax does not change when the same number is subtracted
from all components of z.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from grader.authoring import (
    Random,
    Student,
    a_tensor,
    check,
    close,
    ensure,
    fail,
    number,
    text,
    unchanged,
)

kinds = ("tensor", "gradient", "text")
budget_s = 1
stub = '''
import torch


def underflow_logits() -> tuple[torch.Tensor, int]:
    """Logits z (K,) and p, such that softmax(z)[p] is 0 in float32, and the true cost finite."""
    raise NotImplementedError


def all_underflow_logits() -> torch.Tensor:
    """Logits z (K,), such that every exp(z) is 0 in float32, and every true probability ordinary."""
    raise NotImplementedError


def stable_cross_entropy(z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of logits z (N, K) and classes t (N,), for logits of any size."""
    raise NotImplementedError
'''

FORBIDDEN = (
    *(f"torch.{name}" for name in ("softmax", "log_softmax", "logsumexp", "nll_loss")),
    *(f"torch.Tensor.{name}" for name in ("softmax", "log_softmax", "logsumexp")),
    *(f"torch.special.{name}" for name in ("softmax", "log_softmax", "logsumexp")),
    *(
        f"torch.nn.functional.{name}"
        for name in ("softmax", "log_softmax", "softmin", "cross_entropy", "nll_loss")
    ),
    *(f"torch.nn.{name}" for name in ("Softmax", "LogSoftmax", "Softmin", "CrossEntropyLoss", "NLLLoss")),
)


@check(points=2)
def quotient_underflows(student: Student) -> None:
    """underflow_logits: softmax is 0 in float32 where the true cost is finite"""
    given = student.underflow_logits()
    ensure(isinstance(given, list | tuple) and len(given) == 2, "`underflow_logits` should return z and p.")
    z = a_tensor(given[0], ndim=1, dtype=torch.float32, what="z").detach()
    p = number(given[1], what="p")
    ensure(2 <= len(z) <= 10, f"z has {len(z)} components; from 2 to 10 are asked for.")
    ensure(
        bool(z.isfinite().all() and (z.abs() <= 1e4).all()),
        "The logits should be finite, and at most 1e4 in size.",
    )
    ensure(p == int(p) and -len(z) <= p < len(z), "p should be the index of one of the components.")
    ensure(
        torch.softmax(z, 0)[int(p)].item() == 0.0,
        f"softmax(z)[p] is {torch.softmax(z, 0)[int(p)].item():.3g} in float32; it should be 0.",
    )


@check(points=2)
def all_underflow(student: Student) -> None:
    """all_underflow_logits: every exp(z) is 0 in float32, and the true probabilities are ordinary"""
    z = a_tensor(student.all_underflow_logits(), ndim=1, dtype=torch.float32, what="z").detach()
    ensure(len(z) >= 2, "z should have two components or more.")
    ensure(bool(z.isfinite().all()), "The logits should be finite.")
    ensure(
        not bool(torch.exp(z).any()),
        f"The largest exp(z) is {torch.exp(z).max().item():.3g} in float32; all should be 0.",
    )
    y = torch.softmax(z.double(), 0)
    ensure(
        bool(((y > 0.1) & (y < 0.9)).all()),
        "The true probabilities (computed without underflow) should all lie between 0.1 and 0.9.",
    )


def minibatches(rng: Random) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Logits in float32 and classes, with what is special about them."""

    def classes(n: int, k: int) -> Tensor:
        return rng.integers(0, k - 1, (n,))

    z = 3 * rng.randn(16, 10)
    yield "ordinary logits", z, classes(16, 10)
    yield "one example", 3 * rng.randn(1, 5), classes(1, 5)
    yield "two classes", 3 * rng.randn(8, 2), classes(8, 2)
    for gap in (200.0, 1e4):
        z, t = rng.randn(6, 4), classes(6, 4)
        z[torch.arange(6), (t + 1) % 4] += gap  # another class wins by far
        yield f"a wrong class that wins by {gap:g}", z.clamp(-1e4, 1e4), t
    z, t = rng.randn(6, 4), classes(6, 4)
    z[torch.arange(6), t] += 200
    yield "a true class that wins by 200", z, t
    levels = torch.tensor([1e4 - 8, -1e4 + 8, 0.0, 300.0, -300.0])[:, None]
    yield "rows at very different levels", levels + 2 * rng.randn(5, 6), classes(5, 6)
    yield "rows at the level -300", rng.randn(5, 3) - 300, classes(5, 3)
    yield "equal logits", torch.full((4, 5), rng.uniform(-50, 50)), classes(4, 5)


def ulps(z: Tensor) -> float:
    """What every right form loses: some units in the last place of the largest logit."""
    return 4 * torch.finfo(z.dtype).eps * float(z.abs().max())


@check(points=3)
def values(student: Student, rng: Random) -> None:
    """stable_cross_entropy is right for logits of every size and level, in float32 and float64"""
    for title, z, t in minibatches(rng):
        for dtype, rtol, atol in ((torch.float32, 1e-5, 1e-6), (torch.float64, 1e-10, 1e-12)):
            expected = cross_entropy(z.double(), t)
            given = z.to(dtype)
            outcome = student.stable_cross_entropy.attempt(given, t)
            what = f"the cost for {title} ({str(dtype).removeprefix('torch.')})"
            if outcome.error is not None:
                fail(f"For {title} `stable_cross_entropy` raised {outcome.error}.")
            result = a_tensor(outcome.value, ndim=0, dtype="floating", what=what)
            about = _symptom(result)
            try:
                close(result.double(), expected, rtol=rtol, atol=atol + ulps(given), dtype="any", what=what)
            except Exception:
                if about:
                    fail(f"{what[:1].upper()}{what[1:]} is {result.item()}: {about}")
                raise
            unchanged(outcome.arguments[0], given, what="the argument z")
            unchanged(outcome.arguments[1], t, what="the argument t")


def _symptom(result: Tensor) -> str:
    if bool(result.isnan()):
        return "0/0 or inf - inf. What is subtracted before exp is taken, and from which row?"
    if bool(result.isinf()):
        return (
            "a logarithm of 0, or an exp that is too large. What is the largest number that exp is taken of?"
        )
    return ""


@check(points=1)
def gradient(student: Student, rng: Random) -> None:
    """stable_cross_entropy has the right, finite gradient, and does without the functions that are not allowed"""
    used = student.source("stable_cross_entropy").uses(*FORBIDDEN)
    ensure(used is None, f"`stable_cross_entropy` uses `{used}`, which is not allowed here.")
    with student.forbid(*FORBIDDEN):
        for title, z, t in minibatches(rng):
            cotangent = torch.tensor(rng.choice((-1, 1)) * rng.uniform(0.5, 2.0))
            found = student.vjp(student.stable_cross_entropy, z, t, cotangent=cotangent)
            ensure(found.connected, "The result of `stable_cross_entropy` cannot be differentiated.")
            given: Any = found.inputs[0]
            ensure(given is not None, "The result of `stable_cross_entropy` does not depend on z.")
            shares = torch.softmax(z.double(), 1) - one_hot(t, z.shape[1])
            expected = cotangent.double() * shares / len(t)
            ensure(
                bool(given.isfinite().all()), f"For {title} the gradient holds numbers that are not finite."
            )
            atol = (1e-5 + ulps(z)) * float(cotangent.abs())
            close(given.double(), expected, rtol=1e-4, atol=atol, what=f"the gradient for {title}")


underflow_explained = text(
    points=2,
    question=(
        "What goes wrong in log(softmax(z)) when a component is nearly 0: in the value, and in the gradient? Why "
        "does the stable form not suffer from it?"
    ),
)
