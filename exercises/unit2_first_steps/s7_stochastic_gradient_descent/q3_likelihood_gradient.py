"""# Why minimise C and not maximise the likelihood

The flat classifier gives the true classes of N independent examples, all of them together, the probability

```text
L   = y_(true class of example 1) * ... * y_(true class of example N)
    = exp(-N C)
C   = (H_1 + ... + H_N) / N
H_i = -log y_(true class of example i)
```

`L` is the **likelihood**. The parameters that make `C` smallest are those that make `L` largest. So one might
just as well climb up `L`, might one not?

From question 2.6.2 you know, for one example with input `x`, probabilities `y` and one-hot label `yt`,

```text
dH/dw_pq = (y_p - yt_p) x_q
```

(a) **`dL_dW(X, t, W, b)`**: the derivative of `L` by all the weights, for the model
`softmax(X @ W.T + b)`. `X` has shape `(N, D)`, `t` holds the N true classes (int64), `W` has shape `(K, D)`
and `b` `(K,)`; all but `t` are float64. The result is a float64 tensor of shape `(K, D)`; its entry `[p, q]`
is `dL/dw_pq`. Results must be right to nine digits, and never `nan`: for a large N the likelihood is 0 in
floating point, and then so is the result. Derive it by hand; automatic differentiation is switched off.

**`log10_model_likelihood(N, C)`**: the logarithm to the base 10 of `L`, for N examples with the cost `C` per
example. (What is it for N = 60,000 examples and an untrained model, with C close to ln 10?)

**`largest_n_float64`**: a model answers 1/10 for every class, so that `L = 0.1**N`. What is the largest N for
which this is not yet 0 in float64? The smallest positive number there is about 4.9e-324.

In **`why_minimise_C`** explain with your results why one looks for the minimum of `C` and not for the maximum
of `L`. Think of numbers in a computer, but also of exact arithmetic.

(b) Someone knows only a minibatch. The mean of its `H_i` is their estimate of `C`, and `exp(-N * mean)` their
estimate of `L`.

**`log_ratio_of_estimate(H, batch_idx)`**: `H`, of shape `(N,)`, float64, holds the costs of all examples and
`batch_idx` (int64) the indices of the minibatch. Return the natural logarithm of the ratio of their estimate
to the true `L`. N may be 60,000.

**`std_log_ratio(N, B, sigma)`**: the standard deviation of this logarithm over random minibatches of B
examples, where B is much smaller than N, if the `H_i` of the whole set have the standard deviation `sigma`.
(One percent of accuracy is enough.)

In **`why_grad_L_is_hard`** explain, with your result from (a), why a small minibatch is good for
approximating `grad C`, but hardly for `grad L`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grader.authoring import Random, Reference, Student, a_tensor, check, close, ensure, fail, number, text

kinds = ("formula", "text")
budget_s = 0.5
stub = '''
import torch
from torch import Tensor

largest_n_float64 = None  # your answer: the largest N for which 0.1**N is not 0 in float64


def dL_dW(X: Tensor, t: Tensor, W: Tensor, b: Tensor) -> Tensor:
    """Part a. X (N, D), t (N,), W (K, D), b (K,) -> (K, D): the entry [p, q] is dL/dw_pq."""
    raise NotImplementedError


def log10_model_likelihood(N: int, C: float) -> float:
    """Part a. The logarithm to the base 10 of L."""
    raise NotImplementedError


def log_ratio_of_estimate(H: Tensor, batch_idx: Tensor) -> float:
    """Part b. H (N,), batch_idx (B,) -> the natural logarithm of (estimated L / L)."""
    raise NotImplementedError


def std_log_ratio(N: int, B: int, sigma: float) -> float:
    """Part b. The standard deviation of that logarithm over random minibatches of B examples."""
    raise NotImplementedError
'''

F64 = torch.float64


def draw(rng: Random, N: int, D: int, K: int, scale: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Arguments of dL_dW."""
    X, W, b = rng.randn(N, D, dtype=F64), scale * rng.randn(K, D, dtype=F64), scale * rng.randn(K, dtype=F64)
    return X, rng.integers(0, K - 1, (N,)), W, b


def answer(student: Student, arguments: tuple[Tensor, ...], what: str) -> Tensor:
    with student.without_autograd():
        given = student.dL_dW(*(argument.clone() for argument in arguments))
    given = a_tensor(given, what=what)
    ensure(
        not bool(given.isnan().any()),
        f"{what} holds nan. Where L is 0, nothing may be divided by it, nor by the probabilities.",
    )
    return given


def derivatives(X: Tensor, t: Tensor, W: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The likelihood, and its derivative by W, from autograd of the product."""
    leaf = W.clone().requires_grad_()
    L = torch.softmax(X @ leaf.T + b, dim=1)[torch.arange(len(t)), t].prod()
    (found,) = torch.autograd.grad(L, leaf)
    return L.detach(), found


@check(points=3)
def gradient(student: Student, rng: Random) -> None:
    """(a) dL_dW equals the derivative of the product, and is 0 where L is"""
    for N in rng.shuffled([1, 2, 3, 4, 5, 6, 40]):
        D, K = rng.integer(2, 6), rng.integer(2, 5)
        arguments = draw(rng, N, D, K, 0.6)
        what = f"dL_dW for N = {N}, D = {D}, K = {K}"
        given, (L, expected) = answer(student, arguments, what), derivatives(*arguments)
        size = float(expected.abs().max())
        if given.shape == expected.shape:
            for factor, said in (
                (-1.0, "has the wrong sign: where the costs fall, L grows."),
                (1 / float(L), "lacks the factor L: it is the derivative of log L."),
                (-1 / float(L), "is the derivative of the sum of the costs, not that of L."),
                (-1 / float(L) / N, "is the derivative of C, not that of L."),
                *(
                    [(1 / N, "is N times too small: L contains a sum of the H_i, not their mean.")]
                    if N > 1
                    else ()
                ),
            ):
                wrong = factor * expected
                ensure(
                    not torch.allclose(given.double(), wrong, rtol=1e-6, atol=1e-9 * abs(factor) * size)
                    or torch.allclose(wrong, expected),
                    f"{what} {said}",
                )
        close(given, expected, rtol=1e-9, atol=1e-12 * size, what=what)
    arguments = draw(rng, 2000, 5, 10, 0.1)
    what = "dL_dW for N = 2000"
    given = a_tensor(answer(student, arguments, what), shape=(10, 5), dtype=F64, what=what)
    ensure(not bool(given.any()), f"{what} is not 0, but L is: it is far below the smallest float64.")


@check(points=1)
def log10_model_likelihood(student: Student, rng: Random) -> None:
    """(a) the logarithm to the base 10 of L"""
    points = [(60_000, math.log(10)), (1, rng.uniform(0.1, 3)), (rng.integer(2, 50), rng.uniform(0.1, 3))]
    points += [(rng.integer(1_000, 90_000), rng.uniform(0.1, 3))]
    for N, C in rng.shuffled(points):
        what = f"log10_model_likelihood({N}, {C:.6g})"
        given = number(student.log10_model_likelihood(N, C), what=what)
        if math.isclose(given, -N * C, rel_tol=1e-6):
            fail(f"{what} is the natural logarithm; the one to the base 10 is asked for.")
        if math.isclose(given, N * C / math.log(10), rel_tol=1e-6):
            fail(f"{what} has the wrong sign: L is less than 1.")
        close(given, -N * C / math.log(10), rtol=1e-9, atol=0.0, what=what)


@check(points=1)
def largest_n_float64(student: Student, reference: Reference) -> None:
    """(a) the largest N for which 0.1**N is not 0 in float64"""
    given = number(student.largest_n_float64, what="`largest_n_float64`")
    # with full precision in mind, and not the last few bits, 307 or 308 is the end
    right = given in (reference.largest_n_float64, 307, 308)
    near = " It is close: try 0.1**N around it." if 300 <= given <= 330 else ""
    ensure(right, f"`largest_n_float64` is {given:.15g}, which is not the number asked for.{near}")


@check(points=1)
def log_ratio_of_estimate(student: Student, rng: Random) -> None:
    """(b) the logarithm of the estimated likelihood over the true one"""
    for N, B in rng.shuffled([(5, 2), (12, 12), (1_000, 16), (60_000, 16), (60_000, 1)]):
        H = rng.rand(N, dtype=F64) * 4 + 0.1 * rng.randn(N, dtype=F64).abs()
        batch = rng.permutation(N)[:B]
        what = f"log_ratio_of_estimate for N = {N}, B = {B}"
        with student.without_autograd():
            result = student.log_ratio_of_estimate(H.clone(), batch.clone())
        given, mean = number(result, finite=False, what=what), float(H[batch].mean())
        ensure(
            math.isfinite(given),
            f"{what} is {given}: L itself is 0 in floating point. Work out the logarithm on paper first.",
        )
        expected, total = float(H.sum()) - N * mean, float(H.sum())
        if N != B:
            for wrong, said in (
                (-expected, "has the wrong sign: it is log(estimate / L), and both are exp(-...)."),
                (expected / N, "is N times too small: it compares the costs per example, not the likelihoods."),
                (total - B * mean, "leaves out examples: the estimate is exp(-N * mean), not the product over "
                 "the minibatch."),
                (expected / math.log(10), "is to the base 10; the natural logarithm is asked for."),
            ):  # fmt: skip
                ensure(not math.isclose(given, wrong, rel_tol=1e-6), f"{what} {said}")
        close(given, expected, rtol=1e-9, atol=1e-10 * total, what=what)


@check(points=1)
def std_log_ratio(student: Student, rng: Random) -> None:
    """(b) the standard deviation of that logarithm over random minibatches"""
    points = [(60_000, 16, 1.0)]
    points += [(rng.integer(20_000, 90_000), rng.integer(2, 64), rng.uniform(0.2, 3)) for _ in range(5)]
    for N, B, sigma in rng.shuffled(points):
        what = f"std_log_ratio({N}, {B}, {sigma:.6g})"
        given, expected = number(student.std_log_ratio(N, B, sigma), what=what), N * sigma / math.sqrt(B)
        for wrong, said in (
            (sigma / math.sqrt(B), "is the error of C; what does it do to log L?"),
            (N * sigma / B, "has the wrong power of B: how does the error of a mean shrink?"),
            (N * sigma * math.sqrt(B), "grows with B; the error of a mean shrinks."),
            (N * sigma, "does not depend on B."),
            (math.sqrt(N) * sigma, "does not depend on B."),
            (N * sigma**2 / B, "looks like a variance; the standard deviation is asked for."),
            (N**2 * sigma**2 / B, "is the variance; the standard deviation is asked for."),
        ):
            if not math.isclose(wrong, expected, rel_tol=0.05):
                ensure(not math.isclose(given, wrong, rel_tol=1e-3), f"{what} {said}")
        close(given, expected, rtol=0.01, atol=0.0, what=what)


why_minimise_C = text(
    points=1.5,
    question=(
        "How are the gradients of `L` and of `C` related, and why does one look for the minimum of `C` and not "
        "for the maximum of `L`? Think of numbers in a computer, but also of exact arithmetic."
    ),
)
why_grad_L_is_hard = text(
    points=1.5,
    question=(
        "Why does a small minibatch give a good approximation of `grad C`, but hardly one of `grad L`? Use "
        "your result from (a), and an example with numbers."
    ),
)
