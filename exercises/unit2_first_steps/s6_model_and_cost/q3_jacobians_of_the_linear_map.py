"""# Compact expressions for dZ/db and dZ/dW

In `Z = W X + b` the vector `X` has D numbers, `Z` and `b` have K, and `W` is a matrix of shape `(K, D)`:

```text
z_m = w_m0 x_0 + w_m1 x_1 + ... + b_m        for m = 0, ..., K-1
```

How does the whole vector `Z` depend on the whole vector `b`, and on the whole matrix `W`? A vector
differentiated by a vector has one entry for each pair of indices, and a vector differentiated by a matrix
one for each triple. Most of the entries are 0, and there is a simple expression for all of them at once.
Find it on paper, then write it as a tensor.

- **`dZ_db(K)`**: shape `(K, K)`, the entry `[m, p]` is `dz_m/db_p`. The dtype is up to you.
- **`dZ_dW(x, K)`**: for `x` of shape `(D,)`, shape `(K, K, D)`: the entry `[m, p, q]` is `dz_m/dw_pq`. It
  has the dtype of `x`.
- **`dZ_dvecW(x, K)`**: the same numbers as a matrix of shape `(K, K*D)`, for the case that `W` is written
  out **row after row** as one long vector of `K*D` numbers. The column `p*D + q` belongs to `w_pq`.

K and D are at least 1. Automatic differentiation is switched off while your functions are called.

A test of the last one that you can do yourself: for any vector `g` of K numbers, `g @ dZ_dvecW(x, K)` must
be `torch.outer(g, x).flatten()`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd.functional import jacobian

from grader.authoring import Random, Student, a_tensor, check, close, ensure

kinds = ("formula",)
budget_s = 0.2
stub = '''
import torch
from torch import Tensor


def dZ_db(K: int) -> Tensor:
    """(K, K): the entry [m, p] is dz_m/db_p."""
    raise NotImplementedError


def dZ_dW(x: Tensor, K: int) -> Tensor:
    """x (D,) -> (K, K, D), of the dtype of x: the entry [m, p, q] is dz_m/dw_pq."""
    raise NotImplementedError


def dZ_dvecW(x: Tensor, K: int) -> Tensor:
    """x (D,) -> (K, K*D): the column p*D + q belongs to w_pq."""
    raise NotImplementedError
'''

SIZES = [(3, 5), (4, 4), (5, 2), (2, 1), (1, 3), (1, 1)]  # K, D


def by_matrix(x: Tensor, K: int) -> Tensor:
    """The derivative of W x by W, (K, K, D), as autograd finds it."""
    found = jacobian(lambda W: W @ x, torch.zeros(K, len(x), dtype=x.dtype))
    return a_tensor(found, shape=(K, K, len(x)))


@check(points=1)
def by_b(student: Student, rng: Random) -> None:
    """dZ/db for K = 1, 3, 10"""
    for K in rng.shuffled([1, 3, 10]):
        with student.without_autograd():
            given = a_tensor(student.dZ_db(K), what=f"dZ_db({K})")
        ensure(
            given.ndim == 2,
            f"dZ_db({K}) has shape {tuple(given.shape)}. Each of the K numbers z_m is differentiated by each "
            "of the K numbers b_p: that makes a matrix.",
        )
        zeros = torch.zeros(K, dtype=torch.float64)
        expected = a_tensor(jacobian(lambda b: 1.0 + b, zeros))
        close(given.double(), expected, rtol=0.0, atol=1e-12, what=f"dZ_db({K})")


@check(points=2)
def by_W(student: Student, rng: Random) -> None:
    """dZ/dW as a tensor with three indices, K = D and D = 1 included"""
    for number, (K, D) in enumerate(rng.shuffled(SIZES)):
        x = rng.randn(D, dtype=(torch.float32, torch.float64)[number % 2])
        what = f"dZ_dW for K = {K}, D = {D}"
        with student.without_autograd():
            given = a_tensor(student.dZ_dW(x.clone(), K), what=what)
        ensure(
            given.ndim == 3,
            f"{what} has shape {tuple(given.shape)}; it needs three indices: m says which z is "
            "differentiated, p and q by which weight.",
        )
        expected = by_matrix(x, K)
        for order, said in (((0, 2, 1), "[m, q, p]"), ((1, 2, 0), "[p, q, m]"), ((2, 0, 1), "[q, m, p]")):
            other = expected.permute(order)
            ensure(
                given.shape != other.shape or not given.equal(other) or expected.equal(other),
                f"{what} has its indices in the order {said}; [m, p, q] is asked for.",
            )
        close(given, expected, rtol=1e-6, atol=0.0, what=what)


@check(points=2)
def by_long_vector(student: Student, rng: Random) -> None:
    """dZ/dW as a matrix, for W written out row after row"""
    for K, D in rng.shuffled(SIZES):
        x = rng.randn(D, dtype=torch.float64)
        what = f"dZ_dvecW for K = {K}, D = {D}"
        with student.without_autograd():
            given = a_tensor(student.dZ_dvecW(x.clone(), K), shape=(K, K * D), what=what).double()
        expected = by_matrix(x, K)
        column_by_column = expected.transpose(1, 2).reshape(K, K * D)
        expected = expected.reshape(K, K * D)
        ensure(
            given.equal(expected) or not given.equal(column_by_column),
            f"{what} has the right numbers for a W that is written out column after column. Row after row, "
            "the column p*D + q belongs to w_pq.",
        )
        close(given, expected, rtol=1e-6, atol=0.0, what=what)
