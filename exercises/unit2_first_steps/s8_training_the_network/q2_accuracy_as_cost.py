"""# What happens when accuracy is used as the cost

In the end it is the accuracy that counts: the share of examples whose most probable class is the right one. Why not
take it as the cost? The model is `nn.Sequential(nn.Linear(D, K), nn.LogSoftmax(dim=1))` with parameters in float64, `x`
has shape `(N, D)` and `t`, int64, shape `(N,)`. The accuracy is

    accuracy = (model(x).argmax(dim=1) == t).sum() / len(t)

and an iteration consists of `zero_grad`, the forward pass, the cost, `backward` and the step of the optimiser.

- **`attempt_accuracy_training(model, x, t)`** really tries an iteration with the accuracy in place of the cost, and
  reports what happens, without letting an exception through. The parameters stay as they were. It returns a dictionary
  with the keys `acc` (the accuracy), `requires_grad` (that of the accuracy as a tensor), `error` (the message of the
  exception that ends the attempt, a string) and `forced_grads_none`: one may silence the exception by
  `accuracy.requires_grad_(True)` before `backward()`; True if after that the gradients of all parameters are still
  None.
- **`flat_radius(model, x, t)`** returns a number eps > 0 such that no change of the biases by at most eps each changes
  the accuracy on these examples. Make it no smaller than needed: at least a quarter of what the margins allow, which is
  half of the smallest gap, over the examples, between the two largest outputs.
- **`sweep_bias(model, x, t, values)`** lets the bias of class 0 take each of the `values` (a 1-D tensor), the other
  parameters being what they are, and returns two tensors as long as `values`: the accuracies, and the mean
  cross-entropies. Afterwards the model is what it was.

Then answer the questions: where does the attempt fail, and why can it not work?
"""

from __future__ import annotations

import torch
from torch import Tensor

from grader.authoring import (
    Handle,
    Network,
    Random,
    Reference,
    Student,
    check,
    choice,
    close,
    ensure,
    equal,
    instance,
    number,
    parameters,
    text,
    truth,
)

kinds = ("choice", "gradient", "tensor", "text")
budget_s = 2
stub = '''
import torch
from torch import nn


def attempt_accuracy_training(model: nn.Module, x: torch.Tensor, t: torch.Tensor) -> dict:
    """Try one iteration with the accuracy as the cost: 'acc', 'requires_grad', 'error', 'forced_grads_none'."""
    raise NotImplementedError


def flat_radius(model: nn.Module, x: torch.Tensor, t: torch.Tensor) -> float:
    """A size of changes of the biases that leave the accuracy as it is."""
    raise NotImplementedError


def sweep_bias(
    model: nn.Module, x: torch.Tensor, t: torch.Tensor, values: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Accuracy and mean cross-entropy for each value of the bias of class 0."""
    raise NotImplementedError
'''

failing_stage = choice(
    points=1,
    question="At which stage of the iteration is the error raised when the accuracy takes the place of the cost?",
    options={
        "forward": "in the forward pass of the model",
        "accuracy": "when the accuracy is computed, since argmax cannot be differentiated",
        "backward": "in backward()",
        "step": "in the step of the optimiser",
        "nowhere": "nowhere: it runs, and learns slowly",
    },
)

LEAST_GAP = 1e-3  # between the two largest outputs: no ties


def case(rng: Random, n: int, d: int, k: int) -> tuple[Network, Tensor, Tensor]:
    """A model, examples without ties, and classes of which some are predicted and some are not."""
    network = Network(rng, ("Linear", d, k), ("LogSoftmax", 1), dtype=torch.float64, scale=1.5)
    while True:
        x = rng.randn(n, d, dtype=torch.float64)
        outputs = network.here()(x).detach()
        if bool((gaps(outputs) > LEAST_GAP).all()):
            right = rng.rand(n) < 0.6
            return network, x, torch.where(right, outputs.argmax(1), rng.integers(0, k - 1, (n,)))


def gaps(outputs: Tensor) -> Tensor:
    top = outputs.topk(2, dim=1).values
    return top[:, 0] - top[:, 1]


def share(outputs: Tensor, t: Tensor) -> float:
    return float((outputs.argmax(1) == t).double().mean())


def untouched(model: Handle, network: Network, what: str) -> None:
    for name, value in parameters(model).items():
        close(value, network.state[name], rtol=1e-9, atol=1e-12, what=f"the parameter {name} after {what}")


@check(points=2)
def attempt(student: Student, rng: Random) -> None:
    """attempt_accuracy_training really tries, and reports what happens"""
    for n, d, k in ((13, 5, 3), (40, 8, 10), (7, 3, 2)):
        network, x, t = case(rng, n, d, k)
        model = network.there(student)
        result = student.lab.functions.with_backward_counted(student.attempt_accuracy_training, model, x, t)
        ensure(
            isinstance(result, tuple) and len(result) == 2,
            "`attempt_accuracy_training` gave nothing to look at.",
        )
        report = instance(result[0], dict, what="the result of attempt_accuracy_training")
        missing = [key for key in ("acc", "requires_grad", "error", "forced_grads_none") if key not in report]
        ensure(not missing, f"The dictionary lacks {', '.join(repr(key) for key in missing)}.")
        close(
            number(report["acc"], what="acc"), share(network.here()(x), t), rtol=1e-5, atol=1e-6, what="acc"
        )
        ensure(
            truth(report["requires_grad"], what="requires_grad") is False,
            "`requires_grad` should be that of the accuracy as it comes out of the computation.",
        )
        error = instance(report["error"], str, what="error")
        ensure(
            "does not require grad" in error,
            "`error` is not the message of the exception that the attempt meets: let `backward()` of the "
            "accuracy raise it, and take `str(exception)`.",
        )
        ensure(
            truth(report["forced_grads_none"], what="forced_grads_none") is True,
            "With requires_grad_(True) the accuracy is a leaf of its own: look again at the gradients.",
        )
        ensure(
            number(result[1]) >= 2,
            "There was no backward pass: really try it, with and without requires_grad_.",
        )
        untouched(model, network, "attempt_accuracy_training")


@check(points=2)
def radius(student: Student, rng: Random) -> None:
    """flat_radius: the accuracy stays as it is under every change of the biases of that size"""
    for n, d, k in ((9, 4, 3), (30, 6, 5), (4, 3, 2)):
        network, x, t = case(rng, n, d, k)
        model = network.there(student)
        eps = number(student.flat_radius(model, x, t), what="the result of flat_radius")
        ensure(eps > 0, "The result of `flat_radius` should be positive.")
        here = network.here()
        outputs = here(x).detach()
        least = float(gaps(outputs).min()) / 2
        ensure(
            eps >= 0.25 * least * 0.999,
            "The result of `flat_radius` is much smaller than the margins allow: an output changes by at most eps when "
            "its bias does.",
        )
        before, top = share(outputs, t), outputs.argmax(1)
        signs = [torch.where(torch.arange(k) == p, -1.0, 1.0) for p in top.tolist()]
        signs += [torch.where(rng.rand(k) < 0.5, -1.0, 1.0) for _ in range(20)]
        for sign in signs:
            changed = outputs + 0.99 * eps * sign
            ensure(
                share(changed, t) == before,
                "There is a change of the biases by no more than the result of `flat_radius` that changes the "
                "accuracy. Two outputs can move towards each other.",
            )
        untouched(model, network, "flat_radius")


@check(points=2)
def sweep(student: Student, reference: Reference, rng: Random) -> None:
    """sweep_bias: accuracies in steps and cross-entropies that differ, and the model is as before"""
    for n, d, k, count in ((12, 4, 3, 21), (30, 6, 10, 5), (5, 3, 2, 1)):
        network, x, t = case(rng, n, d, k)
        model, values = network.there(student), 4 * rng.randn(count, dtype=torch.float64)
        result = student.sweep_bias(model, x, t, values)
        ensure(
            isinstance(result, list | tuple) and len(result) == 2,
            "`sweep_bias` should return two tensors, the accuracies and the cross-entropies.",
        )
        expected = reference.sweep_bias(network.here(), x, t, values)
        for title, given, wanted in zip(("accuracies", "cross-entropies"), result, expected, strict=True):
            close(given, wanted, rtol=1e-5, atol=1e-6, dtype="any", what=f"the tensor of {title}")
        untouched(model, network, "sweep_bias")
        for name in network.state:
            equal(parameters(model)[name].shape, network.state[name].shape, what=f"the shape of {name}")


why_not_accuracy = text(
    points=3,
    question=(
        "Why does accuracy not suit an algorithm that follows a gradient, and cross-entropy does? Say where and why "
        "the attempt fails, what the accuracy looks like as a function of the parameters, and which sign it would need."
    ),
)
