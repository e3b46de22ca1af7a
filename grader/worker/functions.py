"""Real torch functions that a check hands to an answer, where the answer must differentiate or trace them.

A callback served by the other side carries no record for autograd; these run here, beside the answer. Some
are plain functions, named after what they compute; the others are factories, so that a check chooses hidden
constants: ``student.lab.functions.polynomial([1.0, 0.0, 2.5])``. All of them work on tensors of any floating
dtype, element by element unless their name says otherwise, change no argument and suit ``torch.func``.

Whoever reads this file, a student's code included, learns nothing about a verdict.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from types import FunctionType
from typing import Any

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]

# --------------------------------------------------------- plain functions, element by element


def square_plus_itself(x: Tensor) -> Tensor:
    """x**2 + x. The square needs x again in the backward run."""
    return x**2 + x


def product_with_itself(x: Tensor) -> Tensor:
    """x * x. The product needs both factors again."""
    return x * x


def triple(x: Tensor) -> Tensor:
    """3 * x. Linear, and yet the product keeps its constant factor for the backward run."""
    return 3 * x


def triple_plus_one(x: Tensor) -> Tensor:
    """3 * x + 1. Its derivative is a constant, of which autograd keeps no record."""
    return 3 * x + 1


# ------------------------------------------------------- functions of a whole 1-D tensor: (n,) -> ()


def sum_of_doubles(x: Tensor) -> Tensor:
    """The sum of x + x, a 0-d tensor. Nothing is kept for the backward run."""
    return (x + x).sum()


def sum_of_negatives(x: Tensor) -> Tensor:
    """The sum of -x, a 0-d tensor. Nothing is kept for the backward run."""
    return (-x).sum()


def sum_without_the_first(x: Tensor) -> Tensor:
    """The sum of all elements but the first, as ``x.sum() - x[0]``, a 0-d tensor. Nothing is kept."""
    return x.sum() - x[0]


# ------------------------------------------------------------- factories, element by element


def affine(slope: float, intercept: float) -> Function:
    """slope * x + intercept."""

    def function(x: Tensor) -> Tensor:
        return slope * x + intercept

    return function


def polynomial(coefficients: Sequence[float]) -> Function:
    """c[0] + c[1] x + c[2] x**2 + ..., by Horner's rule; at least two coefficients."""
    *rest, last, top = (float(c) for c in coefficients)

    def function(x: Tensor) -> Tensor:
        result = top * x + last
        for coefficient in reversed(rest):
            result = result * x + coefficient
        return result

    return function


def power(factor: float, exponent: float) -> Function:
    """factor * x**exponent."""

    def function(x: Tensor) -> Tensor:
        return factor * x**exponent

    return function


def exponential(factor: float, rate: float) -> Function:
    """factor * exp(rate * x)."""

    def function(x: Tensor) -> Tensor:
        return factor * torch.exp(rate * x)

    return function


def sine(factor: float, frequency: float) -> Function:
    """factor * sin(frequency * x)."""

    def function(x: Tensor) -> Tensor:
        return factor * torch.sin(frequency * x)

    return function


def logarithm(factor: float, scale: float) -> Function:
    """factor * log(scale * x), for scale * x > 0."""

    def function(x: Tensor) -> Tensor:
        return factor * torch.log(scale * x)

    return function


def reciprocal(numerator: float) -> Function:
    """numerator / x."""

    def function(x: Tensor) -> Tensor:
        return numerator / x

    return function


# ------------------------------------------- factories of functions of a whole 1-D tensor: (n,) -> ()


def weighted_squares(weights: Tensor) -> Function:
    """The sum of weights * x**2, a 0-d tensor; `weights` has the shape of x."""

    def function(x: Tensor) -> Tensor:
        return (weights.to(x.dtype) * x**2).sum()

    return function


def refusing(message: str) -> Function:
    """A function that raises ``ValueError(message)`` whatever it is given."""

    def function(x: Tensor) -> Tensor:
        raise ValueError(message)

    return function


# --------------------------------------------------------------- many calls of an answer, in one request


def repeated_calls(function: Callable[..., Any], times: int, *arguments: Any) -> Tensor | list[Any]:
    """The results of that many calls, one after the other, with the same arguments.

    One tensor, (times, *shape), if they are plain tensors of one shape and dtype; otherwise a list.
    """
    results = [function(*arguments) for _ in range(times)]
    kinds = {(one.shape, one.dtype) if type(one) is Tensor else None for one in results}
    return torch.stack(results) if len(kinds) == 1 and None not in kinds else results


def in_turn(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of tuples of arguments that calls `function` with each; its result is the last one's."""

    def calls(*batches: tuple[Any, ...]) -> Any:
        return [function(*arguments) for arguments in batches][-1]

    return calls


# ------------------------------------------------------------------- networks, and what is done with them


class Network(torch.nn.Sequential):
    """A network of a check's, which notes how it is used: one entry of ``forwards`` for each forward pass.

    Believed only as far as the worker is: it explains, and catches honest mistakes.
    """

    def __init__(self, layers: Sequence[tuple[Any, ...]]) -> None:
        made = [getattr(torch.nn, str(name))(*options) for name, *options in layers]
        super().__init__(*made)
        self.forwards: list[dict[str, Any]] = []

    def forward(self, input: Tensor) -> Tensor:
        self.forwards.append(
            {
                "training": self.training,
                "gradients": torch.is_grad_enabled(),
                "shape": tuple(input.shape),
                "version": sum(p._version for p in self.parameters()),
            }
        )
        return super().forward(input)


def network(layers: Sequence[tuple[Any, ...]], state: dict[str, Tensor], dtype: torch.dtype) -> Network:
    """A network of layers of ``torch.nn``, each given as a tuple of its name and its arguments."""
    made = Network(layers).to(dtype)
    made.load_state_dict(state)
    return made


def set_gradients(model: torch.nn.Module, gradients: dict[str, Tensor | None]) -> None:
    """Leave gradients in the parameters of a model, as an earlier training would."""
    for name, parameter in model.named_parameters():
        gradient = gradients.get(name)
        parameter.grad = None if gradient is None else gradient.to(parameter.dtype).clone()


def parameters_and_gradients(model: torch.nn.Module) -> dict[str, tuple[Tensor, Tensor | None]]:
    """What each parameter of a model holds, with its gradient."""
    return {
        name: (p.detach().clone(), None if p.grad is None else p.grad.detach().clone())
        for name, p in model.named_parameters()
    }


def optimised(optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> dict[str, Any]:
    """Which parameters of `model` an optimiser updates, which not, and how many it updates that are not the model's."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    named = dict(model.named_parameters())
    return {
        "held": [name for name, p in named.items() if id(p) in held],
        "missing": [name for name, p in named.items() if id(p) not in held and p.requires_grad],
        "foreign": len(held - {id(p) for p in named.values()}),
    }


def parameter_facts(model: torch.nn.Module) -> list[dict[str, Any]]:
    """Name, shape and requires_grad of each parameter of a model."""
    return [
        {"name": name, "shape": tuple(p.shape), "trainable": p.requires_grad}
        for name, p in model.named_parameters()
    ]


def fit_probabilities(model: torch.nn.Module, X: Tensor, t: Tensor, steps: int, lr: float) -> None:
    """Train a model of probabilities, (n, 2) -> (n, 1), by gradient descent on all points; t (n,) of 0 and 1."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    for _ in range(steps):
        y = model(X).reshape(-1).clamp(1e-6, 1 - 1e-6)
        cost = -(t * y.log() + (1 - t) * (1 - y).log()).mean()
        with torch.no_grad():
            for p, gradient in zip(parameters, torch.autograd.grad(cost, parameters), strict=True):
                p -= lr * gradient


# ------------------------------------------------------------- another function in the place of an answer's


def _handed_on(*arguments: Any, instead: Callable[..., Any], **options: Any) -> Any:
    return instead(*arguments, **options)


@contextlib.contextmanager
def in_place_of(
    function: Callable[..., Any], substitute: Callable[..., Any], caller: Callable[..., Any] | None = None
) -> Generator[None]:
    """Within the block every call of `function` is one of `substitute`, whatever name it is called by.

    So a check sees whether an answer really calls another one. The function object stays what it is, in every
    list, alias and default argument that holds it; only its code is exchanged. Of any other callable, such as a
    ``functools.partial``, the global names that `caller` sees are bound to `substitute`.

    Raises ``TypeError`` where neither can be done.
    """
    if isinstance(function, FunctionType):
        before = function.__code__, function.__kwdefaults__
        # A code object fits only a function with as many free variables.
        function.__code__ = _handed_on.__code__.replace(co_freevars=function.__code__.co_freevars)
        function.__kwdefaults__ = {"instead": substitute}
        try:
            yield
        finally:
            function.__code__, function.__kwdefaults__ = before
        return
    if not isinstance(caller, FunctionType):
        raise TypeError(f"expected a function written with def, got {type(function).__name__}")
    names = [name for name, value in caller.__globals__.items() if value is function]
    caller.__globals__.update(dict.fromkeys(names, substitute))
    try:
        yield
    finally:
        caller.__globals__.update(dict.fromkeys(names, function))


def twin(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that does the same as `function`, and still does it while another is ``in_place_of`` it."""
    if not isinstance(function, FunctionType):
        return function
    copy = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


class ModelMaker:
    """``make_model(seed)``: a new network, the same for the same seed; ``seeds`` tells which were asked for."""

    def __init__(self, layers: Sequence[tuple[Any, ...]], dtype: torch.dtype) -> None:
        self._layers = layers
        self._dtype = dtype
        self.seeds: list[Any] = []

    def __call__(self, seed: int = 0) -> Network:
        self.seeds.append(seed)
        generator = torch.Generator().manual_seed(int(seed))
        made = Network(self._layers).to(self._dtype)
        with torch.no_grad():
            for p in made.parameters():
                inputs = p[0].numel() if p.ndim > 1 else 1
                p.copy_(torch.randn(p.shape, generator=generator, dtype=torch.float64) / inputs**0.5)
        return made


def model_maker(layers: Sequence[tuple[Any, ...]], dtype: torch.dtype) -> ModelMaker:
    """A ``make_model`` for layers of ``torch.nn``, each given as a tuple of its name and its arguments."""
    return ModelMaker(layers, dtype)


def with_backward_counted(function: Callable[..., Any], *arguments: Any) -> tuple[Any, int]:
    """The result of a call, and how often a backward pass was asked for in it, successfully or not."""
    count = 0
    kept = torch.autograd.backward, torch.autograd.grad

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            return original(*args, **kwargs)

        return call

    torch.autograd.backward, torch.autograd.grad = counted(kept[0]), counted(kept[1])
    try:
        return function(*arguments), count
    finally:
        torch.autograd.backward, torch.autograd.grad = kept


def in_the_graph(value: Any, name: str = "") -> list[str]:
    """The names of the tensors in a structure that still hang on autograd's record (at most ten)."""
    if isinstance(value, Tensor):
        return [name] if value.requires_grad else []
    found: list[str] = []
    if isinstance(value, dict):
        for key, one in value.items():
            found += in_the_graph(one, str(key))
    elif isinstance(value, list | tuple):
        for one in value:
            found += in_the_graph(one, name)
            if found:
                break
    return found[:10]
