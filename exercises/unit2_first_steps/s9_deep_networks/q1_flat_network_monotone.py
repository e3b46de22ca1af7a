"""# Is a flat network monotone in each pixel?

A flat classifier turns D pixels x into the probabilities of K classes,

```text
Z = W x + b          y = softmax(Z):   y_k = exp(z_k) / Σ_n exp(z_n)
```

with W of shape (K, D) and b of shape (K,). A pixel x_m lies between 0 and 1, where 1 is dark. What happens to y_k
when one pixel gets darker, and all others stay as they are? Each z_n is linear in x_m, so it is tempting to say:
if w_km > 0, then class k gets more probable, and if not, less; in any case y_k is *monotone* in x_m, which means
that it never falls, or never rises, as x_m runs over all real numbers. For two classes the last part of this is
true. For ten classes it is not!

- **`dyk_dxm(x, W, b)`** returns all derivatives ∂y_k/∂x_m as a tensor of shape (K, D), entry [k, m]. The
  derivatives of softmax are `∂y_k/∂z_n = y_k·(δ_kn - y_n)`, where δ_kn is 1 for k = n and 0 otherwise, and
  `∂z_n/∂x_m = w_nm`. Derive a short formula, and work with the float64 tensors that you get: automatic
  differentiation is switched off while your function runs, and ten digits should be right.

Now look at the sign of your formula.

- **`monotone_pairs(W)`** returns a bool tensor of shape (K, D): `True` at [k, m] if y_k is monotone in x_m
  *whatever* b and the other pixels are, and `False` if for some b it is not. K may be 1 or 2 as well. (If y_k
  does not depend on x_m at all, it is monotone.)
- **`non_monotone_flat()`** returns an example of your own: a dictionary with `"W"` (K, D), `"b"` (K,), `"x"` (D,),
  `"k"` and `"m"`, with K ≥ 3 classes. As the pixel x_m runs from 0 to 1 and the others stay as they are in x, y_k
  must rise to a maximum inside that is at least 0.05 above its values at *both* ends. (What x itself holds at m
  does not matter.)
- **`darker_but_less_likely()`** returns another example, with the same keys and K ≥ 2. Here W[k, m] > 0, and yet
  y_k falls all the way as x_m runs from 0 to 1, by 0.05 or more in total.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from exercises.unit2_first_steps.s9_deep_networks.tables import table
from grader.authoring import Random, Student, a_tensor, check, close, ensure, fail, instance, number, text

kinds = ("formula", "tensor", "text")
budget_s = 0.5
stub = '''
import torch


def dyk_dxm(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """x (D,), W (K, D), b (K,) -> (K, D): entry [k, m] is the derivative of y_k by x_m."""
    raise NotImplementedError


def monotone_pairs(W: torch.Tensor) -> torch.Tensor:
    """(K, D) -> bool (K, D): where y_k is monotone in x_m, whatever b and the other pixels are."""
    raise NotImplementedError


def non_monotone_flat() -> dict:
    """W (K, D), b (K,), x (D,), k and m, K >= 3: y_k has a maximum inside, as x_m runs from 0 to 1."""
    raise NotImplementedError


def darker_but_less_likely() -> dict:
    """W (K, D), b (K,), x (D,), k and m, K >= 2: W[k, m] > 0, and y_k falls as x_m runs from 0 to 1."""
    raise NotImplementedError
'''


# ---------------------------------------------------------------------------------------- the derivative


@check(points=3)
def dyk_dxm(student: Student, rng: Random) -> None:
    """dyk_dxm equals the derivative that automatic differentiation finds, for small and large weights"""
    shapes = [(2, 3), (3, 1), (3, 7), (10, 6), (10, 40), (2, 1), (4, 4), (1, 3)]
    with student.without_autograd():
        for K, D in rng.shuffled(shapes):
            for size in (0.01, 1.0, 30.0):
                x = rng.rand(D, dtype=torch.float64)
                W = size * rng.randn(K, D, dtype=torch.float64) / D**0.5
                b = rng.randn(K, dtype=torch.float64)
                what = f"the result of dyk_dxm for K = {K}, D = {D}"
                found = a_tensor(student.dyk_dxm(x, W, b), shape=(K, D), what=what)
                recognise(found.double(), x, W, b, what)
                close(
                    found,
                    jacobian(x, W, b),
                    rtol=1e-10,
                    atol=1e-12 * W.abs().max().item(),
                    dtype="any",
                    what=what,
                )


def probabilities(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.softmax(W @ x + b, dim=0)


def jacobian(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The derivatives by autograd, (K, D)."""
    with torch.enable_grad():
        found: Any = torch.autograd.functional.jacobian(lambda x: probabilities(x, W, b), x)
    return found


def recognise(found: torch.Tensor, x: torch.Tensor, W: torch.Tensor, b: torch.Tensor, what: str) -> None:
    """Fails with advice where the result is one of the usual mistakes."""
    y = probabilities(x, W, b)[:, None]
    mistakes = {
        "is the derivative for a single sigmoid, y (1 - y) w. With softmax every y_k depends on every z_n": y
        * (1 - y)
        * W,
        "takes the plain sum of the weights of a column. By which numbers does softmax weigh them?": y
        * (W - W.sum(0)),
        "takes the plain mean of the weights of a column. By which numbers does softmax weigh them?": y
        * (W - W.mean(0)),
        "has the wrong sign": -y * (W - y.T @ W),
        "lacks the factor y_k": W - y.T @ W,
    }
    expected = y * (W - y.T @ W)
    for words, values in mistakes.items():
        if torch.allclose(found, values, rtol=1e-6) and not torch.allclose(expected, values, rtol=1e-3):
            fail(f"{what[0].upper()}{what[1:]} {words}.".replace("?.", "?"))


# -------------------------------------------------------------------------------------- monotone or not


def weights_with_ties(rng: Random, K: int) -> torch.Tensor:
    """Small whole numbers, so that extremes are tied now and then; columns of one sign, and equal ones."""
    columns = [rng.integers(-3, 3, (K,)) for _ in range(3)]
    columns += [rng.integers(1, 4, (K,)), rng.integers(-4, -1, (K,)), torch.full((K,), rng.integer(-2, 2))]
    columns += [10 * rng.permutation(K) + 2, -7 * rng.permutation(K) - 1]  # no ties
    tied = rng.permutation(K)
    tied[tied == K - 1] = K - 2 if K > 1 else 0  # the greatest one twice
    columns += [tied, -tied]
    return torch.stack([columns[i] for i in rng.permutation(len(columns)).tolist()], dim=1)


@check(points=2)
def monotone_pairs(student: Student, rng: Random) -> None:
    """monotone_pairs finds exactly the pairs, for 1 to 6 classes, with ties and with columns of one sign"""
    for K in rng.shuffled([1, 2, 2, 3, 3, 4, 5, 6]):
        W = weights_with_ties(rng, K).to(rng.choice([torch.float32, torch.float64]))
        what = f"the result of monotone_pairs for K = {K}"
        value = student.monotone_pairs(W)
        if isinstance(value, np.ndarray) and value.dtype == np.bool_:
            value = torch.from_numpy(value)
        found = a_tensor(value, shape=tuple(W.shape), dtype=torch.bool, what=what)
        expected = W.eq(W.amax(0)) | W.eq(W.amin(0))
        wrong = (found != expected).nonzero()
        if not len(wrong):
            continue
        k, m = wrong[0].tolist()
        said = bool(found[k, m])
        hint = " Does the sign of your formula depend on b there?"
        if said:
            hint += " Let x_m run to minus and to plus infinity: to which classes does all the weight go?"
        column = ", ".join(f"{w:g}" for w in W[:, m].tolist())
        fail(
            f"For K = {K} `monotone_pairs` is {said} for a class k with w_km = {W[k, m]:g}, where the column of "
            f"the pixel holds {column}; it is wrong in {len(wrong)} of {W.numel()} places.{hint}"
        )


# --------------------------------------------------------------------------------------- the two examples


@dataclass(frozen=True)
class Example:
    """A flat network and one of its probabilities, followed along one pixel."""

    weight: float  # W[k, m]
    values: torch.Tensor  # y_k at 201 places of x_m in [0, 1]


def example(value: object, name: str, fewest: int) -> Example:
    """What the answer returned, once it is a flat network with a class and a pixel."""
    given = instance(value, dict, what=f"the result of `{name}`")
    missing = [key for key in ("W", "b", "x", "k", "m") if key not in given]
    ensure(not missing, f"The dictionary of `{name}` lacks {', '.join(map(repr, missing))}.")
    W, b, x = (
        table(given[key], ndim * (None,), f"{key!r} of `{name}`")
        for key, ndim in (("W", 2), ("b", 1), ("x", 1))
    )
    K, D = W.shape
    ensure(
        tuple(b.shape) == (K,) and tuple(x.shape) == (D,),
        f"The shapes of `{name}` do not fit together: W {tuple(W.shape)}, b {tuple(b.shape)}, x "
        f"{tuple(x.shape)}. They should be (K, D), (K,) and (D,).",
    )
    ensure(len(b) >= fewest, f"The network of `{name}` has {K} classes; at least {fewest} are asked for.")
    k, m = (index(given[key], size, f"{key!r} of `{name}`") for key, size in (("k", K), ("m", D)))
    pixels = x.repeat(201, 1)
    pixels[:, m] = torch.linspace(0, 1, 201, dtype=torch.float64)
    return Example(W[k, m].item(), torch.softmax(pixels @ W.T + b, dim=1)[:, k])


def index(value: object, size: int, what: str) -> int:
    found = number(value, what=what)
    ensure(found in range(size), f"{what} is {found:g}; it should be a whole number from 0 to {size - 1}.")
    return int(found)


@check(points=2)
def non_monotone_flat(student: Student) -> None:
    """non_monotone_flat: y_k rises to a maximum inside [0, 1] that is 0.05 above both ends"""
    y = example(student.non_monotone_flat(), "non_monotone_flat", fewest=3).values
    first, last, top = y[0].item(), y[-1].item(), y.max().item()
    ensure(
        top >= max(first, last) + 0.05,
        f"In your example y_k is {first:.3f} at x_m = 0, {last:.3f} at x_m = 1, and at most {top:.3f} in "
        "between: that is not 0.05 above both ends. For which weights w_km can y_k turn at all, and what does "
        "b decide?",
    )


@check(points=1)
def darker_but_less_likely(student: Student) -> None:
    """darker_but_less_likely: W[k, m] > 0, and y_k falls by 0.05 or more as x_m runs from 0 to 1"""
    found = example(student.darker_but_less_likely(), "darker_but_less_likely", fewest=2)
    y = found.values
    ensure(found.weight > 0, f"In your example W[k, m] is {found.weight:g}; it should be positive.")
    ensure(
        bool((y.diff() <= 1e-12).all()),
        f"In your example y_k rises somewhere between x_m = 0, where it is {y[0].item():.3f}, and x_m = 1, where "
        f"it is {y[-1].item():.3f}.",
    )
    fall = (y[0] - y[-1]).item()
    ensure(fall >= 0.05, f"In your example y_k falls by {fall:.3f} only; 0.05 or more is asked for.")


monotone_proof = text(
    points=2,
    question=(
        "Derive the formula for ∂y_k/∂x_m. Say exactly for which pairs (k, m) y_k is monotone in x_m whatever b "
        "and the other pixels are, and prove it (at the least, prove it for two classes)."
    ),
)
