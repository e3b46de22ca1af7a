"""What checks of a training need: networks with the same numbers on both sides, and eyes on what is done to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from grader.compare import CheckFailed
from grader.compare.promote import distance
from grader.compare.replay import Parameters, Run
from grader.compare.wording import joined
from grader.examine.callbacks import Feed
from grader.examine.randomness import Random
from grader.examine.remote import Handle, Lab, Student

NOT_KEPT = object()
Layer = tuple[Any, ...]  # a class of torch.nn by its name, and its arguments: ("Linear", 4, 3)


class Network:
    """A network with hidden weights that is to exist here and in the student's process.

    ``Network(rng, ("Linear", 4, 8), ("ReLU",), ("Linear", 8, 3))`` is an ``nn.Sequential`` of these layers.
    Weights are drawn from `rng`, normal, of standard deviation `scale` / sqrt(inputs of the layer).
    """

    def __init__(
        self, rng: Random, *layers: Layer, dtype: torch.dtype = torch.float32, scale: float = 1.0
    ) -> None:
        self.layers = layers
        self.dtype = dtype
        self._state: dict[str, Tensor] = {}
        for name, value in self._blank().state_dict().items():
            if value.is_floating_point() and name.rpartition(".")[2] in ("weight", "bias"):
                inputs = value[0].numel() if value.ndim > 1 else 1
                value = rng.randn(*value.shape, dtype=dtype) * scale / max(inputs, 1) ** 0.5
            self._state[name] = value

    @property
    def state(self) -> dict[str, Tensor]:
        """A copy of the parameters and buffers, by name."""
        return {name: value.clone() for name, value in self._state.items()}

    def here(self) -> nn.Sequential:
        """A new one in this process."""
        made = self._blank()
        made.load_state_dict(self._state)
        return made

    def there(self, student: Student) -> Handle:
        """A new one in the student's process; ``forwards`` tells afterwards how it was used."""
        made = student.lab.functions.network.keep(list(self.layers), self.state, self.dtype)
        return made.labelled("model")

    def _blank(self) -> nn.Sequential:
        with torch.random.fork_rng(devices=[]):
            made = [getattr(nn, str(name))(*options) for name, *options in self.layers]
        return nn.Sequential(*made).to(self.dtype)


def parameters(model: Handle) -> dict[str, Tensor]:
    """The parameters of a module in the student's process, by name.

    Raises CheckFailed where it has none to be looked at: it is no module any more.
    """
    return {name: value for name, (value, _) in _held(model).items()}


def gradients(model: Handle) -> dict[str, Tensor | None]:
    """What lies in ``.grad`` of each parameter of a module in the student's process."""
    return {name: gradient for name, (_, gradient) in _held(model).items()}


def leave_gradients(student: Student, model: Handle, stale: Parameters) -> None:
    """Put gradients into the parameters of a model over there, as an earlier training leaves them."""
    student.lab.functions.set_gradients(model, dict(stale))


def _held(model: Handle) -> dict[str, tuple[Tensor, Tensor | None]]:
    held: Any = Lab(model.link).functions.parameters_and_gradients(model)
    if not isinstance(held, dict):
        raise model.link.nonsense(model.label)
    for name, pair in held.items():
        match name, pair:
            case str(), (Tensor(), None | Tensor()):
                pass
            case _:
                raise model.link.nonsense(model.label)
    return held


class Watched(Feed):
    """Minibatches for an answer, served one by one, with a look at the model's parameters at each.

    ``steps`` has the parameters after each step. It is empty where they did not change between the batches:
    an answer may take all batches first, and train then.
    """

    def __init__(
        self,
        batches: Sequence[Any] | Callable[[], Iterator[Any]],
        model: Handle,
        most: int = 100,
        length: int | None = None,
        samples: int | None = None,
    ) -> None:
        super().__init__(batches, length, samples)
        self._model = model
        self._most = most
        self._before: list[Parameters] = []

    def next(self, turn: Any) -> dict[str, Any]:
        if len(self._before) < self._most:
            self._before.append(parameters(self._model))
        return super().next(turn)

    @property
    def steps(self) -> list[Parameters]:
        seen = self._before[1:]
        moved = any(not _equal(value, self._before[0][name]) for one in seen for name, value in one.items())
        return seen if moved else []


def _equal(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool((distance(a, b) == 0).all())


@dataclass(frozen=True, slots=True)
class Forward:
    """A forward pass of a ``Network`` in the student's process, as that process tells it."""

    training: bool  # model.training
    gradients: bool  # whether autograd was recording
    shape: tuple[int, ...]  # of the input
    version: int  # grows with every change of the parameters


def forwards(model: Handle) -> list[Forward]:
    """How a network made by ``Network.there`` was used, in order. Believed only as far as its process is."""
    told: Any = model.forwards
    found: list[Forward] = []
    for one in told if isinstance(told, list) else [told]:
        match one:
            case {
                "training": bool(training),
                "gradients": bool(gradients),
                "shape": tuple(shape),
                "version": int(version),
            }:
                found.append(Forward(training, gradients, shape, version))
            case _:
                raise model.link.nonsense(model.label)
    return found


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is known of a parameter of a module over there."""

    name: str
    shape: tuple[int, ...]
    trainable: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def facts(model: Handle) -> list[Parameter]:
    """The parameters of a module in the student's process: names, shapes, and whether they are trainable."""
    told: Any = Lab(model.link).functions.parameter_facts(model)
    found: list[Parameter] = []
    for one in told if isinstance(told, list) else [told]:
        match one:
            case {"name": str(name), "shape": tuple(shape), "trainable": bool(trainable)}:
                found.append(Parameter(name, shape, trainable))
            case _:
                raise model.link.nonsense(model.label)
    return found


def moved(after: Parameters, before: Parameters, *, what: str = "the training") -> None:
    """Demand that each parameter is no longer what it was."""
    still = [name for name, value in before.items() if name in after and _equal(after[name], value)]
    if still:
        every = len(still) == len(before)
        names = (
            "no parameter has moved"
            if every
            else f"{joined([f'`{n}`' for n in still[:3]], 'and')} did not move"
        )
        raise CheckFailed(f"After {what} {names}.")


def optimises(optimizer: Handle, model: Handle) -> None:
    """Demand that an optimiser over there updates the parameters of `model`, all of them, and no others."""
    told: Any = Lab(model.link).functions.optimised(optimizer, model)
    match told:
        case {"held": list(), "missing": list(missing), "foreign": int(foreign)}:
            pass
        case _:
            raise model.link.nonsense(optimizer.label)
    if missing:
        shown = joined([f"`{name}`" for name in missing[:3]], "and")
        raise CheckFailed(f"The optimiser does not update {shown} of the model.")
    if foreign:
        raise CheckFailed(
            "The optimiser holds parameters that are not the model's: was it made for another one?"
        )


def recorded(
    model: Handle,
    losses: Any = NOT_KEPT,
    metrics: Mapping[str, Any] | None = None,
    steps: Sequence[Parameters] = (),
) -> Run:
    """What a training in the student's process gave, for ``same_run``: its record, and the model as it is now.

    Losses of None are an answer that returned nothing: leave them out where none are asked for.
    """
    if losses is None:
        raise CheckFailed("The training returned None; the list of its costs is expected.")
    return Run(None if losses is NOT_KEPT else losses, parameters(model), dict(metrics or {}), steps)
