"""# The flat classifier in two lines

With the building blocks of `torch.nn` the flat classifier is written in no time.

- `torch.nn.Linear(in_features, out_features)` holds a matrix `weight` of shape `(out_features, in_features)`
  and a vector `bias`, both filled at random to begin with. It maps a minibatch `X` of shape
  `(N, in_features)` to `X @ weight.T + bias`.
- `torch.nn.Softmax(dim=...)` turns numbers into probabilities. It has to be told **along which dimension**
  they are to sum to 1.
- `torch.nn.Sequential(a, b)` applies `a`, then `b`.

Write **`flat_model()`**, a function without arguments that builds a new classifier in every call. A minibatch
of flattened images, float32 of shape `(N, 784)`, goes in; the probabilities of ten classes, shape
`(N, 10)`, come out, a distribution for each image. Return one of the two:

- one `torch.nn.Module`, or
- the pair `(z, activation)` of a linear module and the activation that is applied to its output, so that
  the probabilities are `activation(z(X))`. The next section uses the parameters `z.weight` and `z.bias`
  directly, and this is handy there.

The parameters must be there as soon as the model is built (no lazy modules).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.authoring import Handle, Random, Student, a_tensor, check, close, ensure, fail

kinds = ("module", "tensor")
budget_s = 0.3
stub = '''
import torch
from torch import nn


def flat_model() -> nn.Module | tuple[nn.Linear, nn.Module]:
    """A new flat classifier, (N, 784) -> (N, 10): one module, or a linear module and its activation."""
    raise NotImplementedError
'''


@dataclass(frozen=True)
class Model:
    """What one call of flat_model gave: modules that are applied one after the other."""

    parts: list[Handle]

    def keep(self, X: Tensor) -> Handle:
        """The output, left in the student's process."""
        value: Any = X
        for part in self.parts:
            value = part.keep(value)
        return value

    def probabilities(self, X: Tensor) -> Tensor:
        what = f"the output for {len(X)} image{'s' if len(X) > 1 else ''}"
        return a_tensor(self.keep(X).fetch(), dtype="floating", what=what)

    def parameters(self) -> dict[tuple[int, str], Tensor]:
        """Copies of all parameters, by the number of their part and their name."""
        found: dict[tuple[int, str], Tensor] = {}
        for number, part in enumerate(self.parts):
            if part.kind == "module":
                for name, value in part.named_parameters():
                    found[number, str(name)] = a_tensor(value, what=f"the parameter {name}")
        return found

    def parameter(self, key: tuple[int, str]) -> Handle:
        return self.parts[key[0]].get_parameter.keep(key[1])


def build(student: Student) -> Model:
    answer: Any = student.flat_model
    if not isinstance(answer, Handle) or answer.kind == "module":
        fail("`flat_model` must be a function: each call of it builds a new model, and returns it.")
    result = answer()
    parts = list(result) if isinstance(result, (tuple, list)) else [result]
    ensure(
        len(parts) in (1, 2) and all(isinstance(part, Handle) for part in parts),
        "`flat_model()` must return a module, or a pair of a linear module and its activation.",
    )
    ensure(
        parts[0].kind == "module",
        "`flat_model()` must return a module (torch.nn), and that is not one: nothing could be trained.",
    )
    return Model(parts)


@check(points=2)
def rows(student: Student, rng: Random) -> None:
    """gives ten probabilities for each image, in minibatches of any size"""
    model = build(student)
    for n in (3, 1, 10, 256):
        found = model.probabilities(rng.rand(n, 784)).double()
        what = f"the output for {n} image{'s' if n > 1 else ''}"
        a_tensor(found, shape=(n, 10), what=what)
        ensure(
            bool((found >= 0).all()),
            f"The{what[3:]} has negative numbers in it; they are no probabilities. What must follow the linear map?",
        )
        of_rows, of_columns = found.sum(dim=1), found.sum(dim=0)
        ones = torch.ones(n, dtype=torch.float64)
        if not torch.allclose(of_rows, ones, rtol=0, atol=1e-5):
            by_columns = torch.allclose(of_columns, torch.ones(10).double(), rtol=0, atol=1e-5)
            fail(
                f"The{what[3:]} does not sum to 1 in each row. "
                + (
                    "It does in each column: softmax runs along the wrong dimension, from image to image."
                    if by_columns
                    else "The ten numbers of an image must be one distribution, which softmax makes."
                )
            )


@check(points=2, after="rows")
def values(student: Student, rng: Random) -> None:
    """equals softmax(X Wᵀ + b) when hidden weights are put in"""
    for scale in (0.03, 0.3):
        model = build(student)
        W, b = scale * rng.randn(10, 784), rng.randn(10)
        known: dict[tuple[int, ...], tuple[str, Tensor]] = {
            (10, 784): ("weight", W),
            (784, 10): ("weight", W.T),
            (10,): ("bias", b),
        }
        put: list[str] = []
        for key, parameter in model.parameters().items():
            shape = tuple(parameter.shape)
            if shape in known:
                name, value = known[shape]
                put.append(name)
                with student.no_grad():
                    model.parameter(key).copy_.keep(value)
        ensure(
            sorted(put) == ["bias", "weight"],
            "The model does not consist of one weight matrix of shape (10, 784) and one bias of shape (10,).",
        )
        for n in (10, 7):
            X = rng.rand(n, 784)
            found = model.probabilities(X)
            expected = torch.softmax(X.double() @ W.double().T + b.double(), dim=1)
            close(found, expected, rtol=1e-3, atol=1e-6, dtype="any", what="the output for known weights")


@check(points=1)
def parameters(student: Student, rng: Random) -> None:
    """has all its parameters, fresh ones in each call, and gradients reach them"""
    model, other = build(student), build(student)
    held = model.parameters()
    count = sum(value.numel() for value in held.values() if value.requires_grad)
    ensure(
        count == 7850,
        f"The model has {count} trainable parameters, but the flat classifier has a weight for each pair of "
        "class and pixel, and a bias for each class, and nothing else.",
    )
    output = model.keep(rng.rand(6, 784))
    ensure(
        output.requires_grad is True,
        "The output does not depend on the parameters, as far as autograd can see: training could not change "
        "them.",
    )
    output.backward(rng.randn(6, 10))
    for number, name in held:
        part = f" of part {number}" if len(model.parts) > 1 else ""
        gradient = model.parameter((number, name)).grad
        ensure(
            isinstance(gradient, Tensor) and bool(gradient.any()),
            f"No gradient reaches the parameter {name}{part}: training could not change it.",
        )
        for key in other.parameters():
            ensure(
                not student.shares_memory(model.parameter((number, name)), other.parameter(key)),
                "Two calls of `flat_model` return the same parameters. Build a new model inside the function.",
            )
