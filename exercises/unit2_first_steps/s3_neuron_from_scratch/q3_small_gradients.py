"""# Why the gradients become so small

After 1,000 iterations of gradient descent, from (1, −1, 5.5) and with alpha = 0.1, the neuron of this section has the
parameters w0 = 0.6219, w1 = −3.2859, b = 4.8640. They classify all points correctly, and still the line is not the
best one: it passes the white cloud at a distance of 0.76, and a line with a distance of 4.07 to both clouds exists.
Why does the training not go there? Compute how hard a single point still pulls, and you will see.

The points, and the cost of a single point:

```python
import torch
from sklearn.datasets import make_blobs

points, labels = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
X, Y = torch.tensor(points), torch.tensor(labels)    # (100, 2) float64; (100,), 1 is black and 0 is white
```

```text
z = w0·x0 + w1·x1 + b,     y = 1 / (1 + exp(−z)),     H = −[ yt·log(y) + (1 − yt)·log(1 − y) ]
```

All gradients are those of H, with respect to (w0, w1, b), in this order. Work in float64: some of the numbers are
small.

- **`point_gradient(x0, x1, yt, params)`** returns the gradient of H at the point (x0, x1) with the label yt, a
  tensor of shape `(3,)`. `params` is a tensor of shape `(3,)`, the other arguments are plain numbers. By formula
  or by automatic differentiation, as you like.
- **`example_gradients(X, Y, params)`** picks one black and one white point, any you like, and returns

  ```text
  {"black": (index, gradient), "white": (index, gradient)}
  ```

  where `index` is the point's row number in `X`, counted from 0, and `gradient` is its gradient, of shape `(3,)`.
  The function will be called with other points too, where the two colours come in another order.
- **`gradient_norm(x0, x1, m)`** returns the Euclidean length of the gradient at a point (x0, x1) that is
  classified correctly, and for which |z| = m (m ≥ 0). Work out by hand what it is; automatic
  differentiation is switched off. m may be as large as 500, and the result must be right to eight digits there, too: a
  difference such as 1 − y has none of them left. Take and return plain numbers.
- **`same_line_small_gradient(X, Y, params, eps)`**: `params` are parameters that classify all of the given
  points correctly. Return other ones, finite and of shape `(3,)`, that have the *same* separating line with black on
  the same side, and with which the gradient of **every** point is shorter than `eps`. `eps` may be as small as 1e-12,
  and a point may be very close to the line (but not on it).

Then put it together: why are the gradients so small, although the classifier is not the best possible one?
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from exercises.unit2_first_steps.clouds import hidden_clouds, hidden_start
from grader.authoring import (
    CheckFailed,
    Random,
    Reference,
    Student,
    a_tensor,
    check,
    close,
    ensure,
    fail,
    formula,
    number,
    text,
)

kinds = ("gradient", "formula", "tensor", "text")
budget_s = 2
stub = '''
import torch


def point_gradient(x0: float, x1: float, yt: int, params: torch.Tensor) -> torch.Tensor:
    """The gradient of H at one point, with respect to params = (w0, w1, b): shape (3,)."""
    raise NotImplementedError


def example_gradients(X: torch.Tensor, Y: torch.Tensor, params: torch.Tensor) -> dict:
    """{"black": (index, gradient), "white": (index, gradient)} of one point of each colour."""
    raise NotImplementedError


def gradient_norm(x0: float, x1: float, m: float) -> float:
    """The length of the gradient at a point that is classified correctly, with |z| = m."""
    raise NotImplementedError


def same_line_small_gradient(X: torch.Tensor, Y: torch.Tensor, params: torch.Tensor, eps: float) -> torch.Tensor:
    """Parameters (3,) with the same line and orientation, and gradients shorter than eps at all points."""
    raise NotImplementedError
'''


@check(points=2)
def point_gradient(student: Student, reference: Reference, rng: Random) -> None:
    """point_gradient is the gradient of H, for both labels, at points on the right and on the wrong side"""
    for z in rng.shuffled([rng.uniform(low, low + 1.5) for low in (-6.0, -3.0, -1.5, 0.0, 1.5, 4.5)]):
        params = torch.tensor(hidden_start(rng), dtype=torch.float64)
        x0 = rng.uniform(-3, 3)
        x1 = (z - params[2].item() - params[0].item() * x0) / params[1].item()
        for yt in rng.shuffled([0, 1]):
            what = f"the gradient at a {'black' if yt else 'white'} point"
            given = student.point_gradient(x0, x1, yt, params)
            expected = differentiated(x0, x1, yt, params)
            try:  # float32 loses about 1e-7 of y, which is multiplied by the coordinates
                close(given, expected, rtol=1e-4, atol=3e-6, dtype="any", what=what)
            except CheckFailed as error:
                raise CheckFailed(
                    f"{error.message} {likely(given, x0, x1, yt, params)}".strip(), error.detail
                ) from None


def differentiated(x0: float, x1: float, yt: int, params: Tensor) -> Tensor:
    """The gradient of H by automatic differentiation: no closed form is believed, not even our own."""
    leaf = params.clone().requires_grad_()
    z = leaf @ torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    H = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(float(yt), dtype=torch.float64))
    (gradient,) = torch.autograd.grad(H, leaf)
    return gradient


def likely(given: Any, x0: float, x1: float, yt: int, params: Tensor) -> str:
    """Words on a mistake that would give this gradient, "" if none is known."""
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    y = torch.sigmoid(x @ params)
    known = {
        "This is the gradient of y. H depends on y, so the chain rule has one factor more.": y * (1 - y) * x,
        "It would be right for a point of the other colour: look at yt.": (y - (1 - yt)) * x,
    }
    for words, gradient in known.items():
        if (
            isinstance(given, Tensor)
            and given.shape == (3,)
            and torch.allclose(given.double(), gradient, rtol=1e-4)
        ):
            return words
    return ""


@check(points=2)
def example_gradients(student: Student, rng: Random) -> None:
    """example_gradients picks a black and a white point of hidden data and gives their gradients"""
    for order in rng.shuffled(["white first", "black first", "mixed", "one black"]):
        X, Y = hidden_clouds(rng, rng.integer(9, 20))
        if order == "one black":
            Y = torch.zeros_like(Y)
            Y[rng.integer(2, len(Y) - 1)] = 1
        elif order != "mixed":
            places = Y.argsort(descending=order == "black first")
            X, Y = X[places], Y[places]
        params = torch.tensor(hidden_start(rng), dtype=torch.float64)
        result = student.example_gradients(X, Y, params)
        ensure(
            isinstance(result, dict) and {"black", "white"} <= result.keys(),
            'example_gradients should return a dictionary with the keys "black" and "white".',
        )
        for colour, label in (("black", 1), ("white", 0)):
            judge_example(result[colour], colour, label, X, Y, params)


def judge_example(entry: Any, colour: str, label: int, X: Tensor, Y: Tensor, params: Tensor) -> None:
    ensure(
        isinstance(entry, tuple | list) and len(entry) == 2,
        f'The entry "{colour}" of example_gradients should be a pair: (index, gradient).',
    )
    place = number(entry[0], what=f'the index of "{colour}"')
    ensure(
        place == int(place) and 0 <= place < len(X),
        f'The index of "{colour}" is {place:g}; the rows of X are numbered from 0 to {len(X) - 1} here.',
    )
    index = int(place)
    ensure(
        Y[index].item() == label,
        f'The index of "{colour}" is {index}, and the label of that point is {Y[index].item()}. Look into Y for '
        f"the points whose label is {label}.",
    )
    x0, x1 = X[index].tolist()
    what = f'the gradient of "{colour}", at row {index} of hidden points'
    close(entry[1], differentiated(x0, x1, label, params), rtol=1e-4, atol=3e-6, dtype="any", what=what)


def a_point(rng: Random) -> tuple[float, float, float]:
    """x0, x1 and |z|: small, middling, large, or exactly 0."""
    m = rng.choice((0.0, rng.uniform(0, 3), rng.uniform(3, 30), rng.uniform(35, 60), rng.uniform(60, 500)))
    return rng.uniform(-9, 9), rng.uniform(-9, 9), m


gradient_norm = formula(
    points=2,
    title="gradient_norm is the length of the gradient at a point classified correctly, for small and large m",
    at=a_point,
    rtol=1e-8,
    atol=0.0,
    samples=30,
)


@check(points=2)
def same_line_small_gradient(student: Student, rng: Random) -> None:
    """same_line_small_gradient keeps the line and makes all gradients shorter than eps, also close to the line"""
    # The first tries are easy; in the last ones a point is so close to the line that no fixed factor will do.
    for closest, eps in ((1.0, 1e-3), (0.3, 1e-12), (1e-2, 1e-3), (1e-4, 1e-12)):
        X, Y, params = separated(rng, closest)
        what = f"same_line_small_gradient with eps = {eps:g}"
        result = a_tensor(
            student.same_line_small_gradient(X, Y, params, eps), shape=(3,), what=f"the result of {what}"
        ).double()
        ensure(bool(result.isfinite().all()), f"The result of {what} is not finite.")
        factor = (result @ params / (params @ params)).item()
        if factor < 0 and torch.allclose(result, factor * params, rtol=1e-5):
            fail(f"The result of {what} has the same line, but with black on the other side.")
        ensure(
            factor > 0 and torch.allclose(result, factor * params, rtol=1e-5, atol=0.0),
            f"The result of {what} has another line. Which changes of (w0, w1, b) leave the points with z = 0, and the "
            "signs of all other z, as they are?",
        )
        z = (2 * Y - 1) * (X @ result[:2] + result[2])
        lengths = (1 + X.square().sum(1)).sqrt() * torch.sigmoid(-z)
        ensure(
            lengths.max().item() <= eps * (1 + 1e-6),
            f"With the result of {what} the gradient of {int((lengths > eps).sum())} of {len(X)} points is still "
            "longer than eps. The point that is closest to the line decides.",
        )


def separated(rng: Random, closest: float) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden points, and parameters that classify them correctly; the point nearest to the line has |z| = closest."""
    params = torch.tensor(hidden_start(rng), dtype=torch.float64)
    X = 2 * rng.randn(30, 2, dtype=torch.float64)
    Y = (X @ params[:2] + params[2] > 0).long()
    z = X @ params[:2] + params[2]
    # Moved along the normal of the line: |z| grows from `closest` on.
    push = (2 * Y - 1) * closest + z * rng.rand(1, dtype=torch.float64)
    push[z.abs().argmin()] = (2 * Y[z.abs().argmin()] - 1) * closest
    X = X + ((push - z) / params[:2].square().sum())[:, None] * params[:2]
    return X, Y, params


small_gradient_explanation = text(
    points=2,
    question=(
        "Why are the gradients at the end of the training so small, although the line is not the best one? Use what "
        "you have found out about the gradient of a single point."
    ),
)
