"""# The gradient of the cross-entropy by hand

Take one example: a vector `X` of D numbers, and its class as a one-hot vector `Yt` of K numbers, with
`Yt_k = 1` for the true class k and 0 for all others. The flat classifier computes

```text
Z = W X + b                      W of shape (K, D), b of shape (K,)
y_k = exp(z_k) / sum_n exp(z_n)  softmax
H = -sum_n Yt_n log y_n          the cross-entropy of the example
```

`W` has one row per class and one column per input. `H` depends on a weight `w_pq` through `z_p` only, but
through **all** the `y_k`, because every `y_k` depends on every `z_m`:

```text
dH/dw_pq = sum_k sum_m  dH/dy_k  dy_k/dz_m  dz_m/dw_pq
```

Work out the factors on paper, and implement each of them.

- (a) **`dH_dyk(y, yt)`**: the derivatives of `H` by the probabilities. `y` and `yt` have shape `(K,)`, and
  so has the result: component k is `dH/dy_k`. All `y_k` are positive. (Each counts as a variable of its own
  here; that their sum is 1 plays no role.)
- (b) **`softmax_jacobian(y)`**: the derivatives of softmax, as a matrix of shape `(K, K)` whose entry
  `[k, m]` is `dy_k/dz_m`. They can be expressed by the probabilities alone: the argument `y`, of shape
  `(K,)`, is already what came *out* of softmax. Keep the cases k = m and k ≠ m apart.
- (c) **`dzm_dwpq(x, m, p, q)`**: the one number `dz_m/dw_pq` for an `x` of shape `(D,)`. Keep the cases
  m = p and m ≠ p apart.
- (d) **`grad_H(x, yt, W, b)`**: the pair of the gradients of `H`: `dH/dW`, of shape `(K, D)` like `W`, and
  `dH/db`, of shape `(K,)`. Put your factors together and **simplify as far as it goes** before you write
  code. The `z_k` may be as large as 10,000 or -10,000: some `y_k` is then exactly 0 in floating point, and
  even so the result must be finite and right.

All tensors are float64, and results must be right to ten digits. Automatic differentiation is switched off
while your functions are called, and finite differences are too coarse. To test your formulas at home,
autograd is just the thing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grader.authoring import (
    Random,
    Reference,
    Student,
    a_tensor,
    check,
    close,
    ensure,
    fail,
    instance,
    number,
)

kinds = ("formula", "gradient")
budget_s = 0.5
stub = '''
import torch
from torch import Tensor


def dH_dyk(y: Tensor, yt: Tensor) -> Tensor:
    """Part a. y (K,), yt (K,) one-hot -> (K,): component k is dH/dy_k."""
    raise NotImplementedError


def softmax_jacobian(y: Tensor) -> Tensor:
    """Part b. y (K,), the output of softmax -> (K, K): entry [k, m] is dy_k/dz_m."""
    raise NotImplementedError


def dzm_dwpq(x: Tensor, m: int, p: int, q: int) -> Tensor | float:
    """Part c. x (D,) -> the number dz_m/dw_pq."""
    raise NotImplementedError


def grad_H(x: Tensor, yt: Tensor, W: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Part d. x (D,), yt (K,) one-hot, W (K, D), b (K,) -> dH/dW (K, D) and dH/db (K,)."""
    raise NotImplementedError
'''

F64 = torch.float64


def one_hot(k: int, classes: int) -> Tensor:
    """1.0 at position k."""
    return torch.eye(classes, dtype=F64)[k]


def probabilities(rng: Random, classes: int) -> Tensor:
    """The output of softmax for ordinary logits, (K,)."""
    return torch.softmax(1.5 * rng.randn(classes, dtype=F64), dim=0)


@check(points=2)
def by_probabilities(student: Student, rng: Random) -> None:
    """(a) dH/dy_k for K = 2, 5, 10 and every true class"""
    for classes in rng.shuffled([2, 5, 10]):
        for k in rng.shuffled(range(classes)):
            y, yt = probabilities(rng, classes), one_hot(k, classes)
            with student.without_autograd():
                given = student.dH_dyk(y.clone(), yt.clone())
            what = f"dH_dyk for K = {classes}"
            given = a_tensor(given, shape=(classes,), what=what)
            ensure(
                bool((given[yt == 0].abs() < 1e-9).all()),
                f"{what} is not zero for a class that is not the true one. Which terms of H contain its y_k, "
                "and what are they multiplied by?",
            )
            leaf = y.clone().requires_grad_()
            (expected,) = torch.autograd.grad(-(yt * leaf.log()).sum(), leaf)
            close(given, expected, rtol=1e-10, atol=1e-12, dtype="any", what=what)


@check(points=3)
def of_softmax(student: Student, rng: Random) -> None:
    """(b) dy_k/dz_m, on the diagonal and off it"""
    for classes in rng.shuffled([2, 3, 5, 10]):
        z = 1.5 * rng.randn(classes, dtype=F64)
        expected: Any = torch.autograd.functional.jacobian(lambda z: torch.softmax(z, dim=0), z)
        with student.without_autograd():
            given = student.softmax_jacobian(torch.softmax(z, dim=0))
        what = f"softmax_jacobian for K = {classes}"
        given = a_tensor(given, shape=(classes, classes), what=what).double()
        diagonal, off = given.diagonal(), ~torch.eye(classes, dtype=torch.bool)
        if torch.allclose(diagonal, expected.diagonal(), rtol=1e-9, atol=1e-12):
            ensure(
                bool(given[off].any()),
                f"{what} is right on its diagonal and 0 off it. Every y_k depends on every z_m, through the "
                "sum in the denominator.",
            )
            ensure(
                not torch.allclose(given[off], -expected[off], rtol=1e-9, atol=1e-12),
                f"{what} is right on its diagonal; off it all signs are wrong. If z_m grows, what happens to "
                "the probability of another class?",
            )
        close(given, expected, rtol=1e-10, atol=1e-12, dtype="any", what=what)


@check(points=1)
def of_linear_map(student: Student, reference: Reference, rng: Random) -> None:
    """(c) dz_m/dw_pq for m = p and m ≠ p"""
    for classes, inputs in rng.shuffled([(3, 3), (2, 1), (4, 5)]):
        x = rng.randn(inputs, dtype=F64)
        places = [(m, p, q) for m in range(classes) for p in range(classes) for q in range(inputs)]
        for m, p, q in rng.sample(places, min(24, len(places))):
            what = f"dzm_dwpq(x, m={m}, p={p}, q={q}) for D = {inputs}"
            with student.without_autograd():
                given = number(student.dzm_dwpq(x.clone(), m, p, q), what=what)
            expected = float(reference.dzm_dwpq(x, m, p, q))
            if m != p and given:
                fail(f"{what} is not 0. Does the weight w_pq occur in z_m if m is not p?")
            close(given, expected, rtol=1e-10, atol=0.0, what=what)


def compare_gradients(student: Student, x: Tensor, k: int, W: Tensor, b: Tensor, what: str) -> None:
    """Fails unless grad_H is the gradient: to ten digits, or to 1e-12 of the input where y - Yt cancels."""
    with student.without_autograd():
        pair = student.grad_H(x.clone(), one_hot(k, len(b)), W.clone(), b.clone())
    pair = instance(pair, (tuple, list), what=f"the result of grad_H {what}")
    ensure(len(pair) == 2, f"grad_H returns {len(pair)} things; the pair of dH/dW and dH/db is asked for.")
    leaves = [W.clone().requires_grad_(), b.clone().requires_grad_()]
    H = -torch.log_softmax(leaves[0] @ x + leaves[1], dim=0)[k]
    expected = torch.autograd.grad(H, leaves)
    sizes = float(x.abs().max()), 1.0
    for name, given, truth, size in zip(("W", "b"), pair, expected, sizes, strict=True):
        name = f"dH/d{name} {what}"
        given = a_tensor(given, what=name)
        ensure(
            bool(torch.isfinite(given).all()),
            f"{name} is not finite everywhere. Where some y_k is 0, nothing may be divided by it; and "
            "exp(z) itself overflows for large z.",
        )
        close(given, truth, rtol=1e-10, atol=1e-12 * size, dtype="any", what=name)


@check(points=3)
def gradient(student: Student, rng: Random) -> None:
    """(d) equals the gradient of H with respect to W and b"""
    cases = [(2, 1, 0.5), (3, 3, 1.0), (5, 4, 2.0), (4, 7, 0.01), (10, 20, 3.0)]
    for classes, inputs, scale in rng.shuffled(cases):
        for k in rng.sample(range(classes), 2):
            W, b = scale * rng.randn(classes, inputs, dtype=F64), rng.randn(classes, dtype=F64)
            x = rng.uniform(0.5, 3.0) * rng.randn(inputs, dtype=F64)
            compare_gradients(student, x, k, W, b, f"for K = {classes}, D = {inputs}")


@check(points=1, after="gradient")
def huge_logits(student: Student, rng: Random) -> None:
    """(d) stays finite and right where probabilities are 0 in floating point, for logits of size 10,000"""
    classes, inputs = 5, 6
    bits = rng.integers(-128, 128, (classes,), dtype=F64) / 64  # ordinary differences, from -2 to 2
    high, low = one_hot(0, classes), one_hot(1, classes)
    logits = {
        "where one logit is about 10,000": 1e4 * high + bits,
        "where one logit is about -10,000": -1e4 * low + bits,
        "where all logits are about 10,000": 1e4 - 2 + bits,
        "where all logits are about -10,000": -1e4 + 2 + bits,
        "where logits are about 10,000 and about -10,000": 1e4 * (high - low) + bits,
    }
    for what, z in rng.shuffled(list(logits.items())):
        for k in (0, 1, 2):
            # whole numbers: Z comes out exactly, in whatever order it is added up
            x = rng.integers(-4, 4, (inputs,), dtype=F64)
            W = rng.integers(-9, 9, (classes, inputs), dtype=F64)
            compare_gradients(student, x, k, W, z - W @ x, what)
