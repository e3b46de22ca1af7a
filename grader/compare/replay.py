"""Training carried out here: as an exercise asks for it, and as it goes when something is done wrongly.

Only our own models are trained in this process. What a student's training gave is compared with these runs
(``training``); the mistake whose run it equals is the one that was made.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

Batch = tuple[Tensor, Tensor]
Cost = Callable[[Tensor, Tensor], Tensor]
Metric = Callable[[Tensor, Tensor], float]
MakeOptimiser = Callable[[list[nn.Parameter], float], torch.optim.Optimizer]
Parameters = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Run:
    """A training that was recorded; what is None was not.

    `losses` and each series of `metrics` have one number per step, `parameters` are those after the last step,
    and `steps` those after each step (a tensor that is not there was not recorded).
    """

    losses: Sequence[float] | None = None
    parameters: Parameters | None = None
    metrics: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    steps: Sequence[Parameters] = ()


def plain_sgd(parameters: list[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """Stochastic gradient descent: parameter - lr * gradient."""
    return torch.optim.SGD(parameters, lr=lr)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a training loop goes about its steps. The defaults are right; each change is a known mistake."""

    factor: float = 1.0  # of every update, as a wrong learning rate makes it
    summed: bool = False  # the gradient of the sum over the examples, not of their mean
    accumulates: bool = False  # gradients are never reset
    starts_stale: bool = False  # they are, but not before the first step
    late: bool = False  # the update comes before backward(), so it uses the gradient of the step before
    first_batch: bool = False  # every step sees the first minibatch
    records_otherwise: bool = False  # the numbers of a step are taken on the other side of its update
    optimiser: MakeOptimiser | None = None
    cost: Cost | None = None


class Replay:
    """A training that the parent can carry out: a model, the minibatches in their order, a cost, a rate.

    Args:
        model: with the initial parameters; it is not changed.
        batches: pairs (inputs, targets), one for each step.
        cost: of the model's outputs and the targets, a 0-d mean over the examples.
        lr: the learning rate.
        metrics: further numbers of each step, of outputs and targets (before its update), by name.
        optimiser: makes the optimiser from parameters and rate; plain gradient descent if not given.
        stale: gradients that lay in the student's model before the training, by parameter, if any did.
        after: whether the numbers of a step are asked for as they are after its update, not before.
    """

    def __init__(
        self,
        model: nn.Module,
        batches: Iterable[Batch],
        cost: Cost,
        lr: float,
        *,
        metrics: Mapping[str, Metric] | None = None,
        optimiser: MakeOptimiser = plain_sgd,
        stale: Parameters | None = None,
        after: bool = False,
    ) -> None:
        self.model = model
        self.batches = list(batches)
        self.lr = lr
        self.stale = stale
        self.after = after
        self._cost = cost
        self._metrics = dict(metrics or {})
        self._optimiser = optimiser
        self._right: Run | None = None

    @property
    def right(self) -> Run:
        """The run as it should be."""
        if self._right is None:
            self._right = self.run()
        return self._right

    @property
    def start(self) -> dict[str, Tensor]:
        """The parameters before the first step."""
        return _copied(self.model)

    @property
    def largest_batch(self) -> int:
        return max((len(targets) for _, targets in self.batches), default=0)

    def run(self, habit: Habit | None = None, steps: int | None = None) -> Run:
        """Train a copy of the model; `habit` says what is done wrongly, `steps` ends it early."""
        habit = habit or Habit()
        model = copy.deepcopy(self.model)
        trained = [p for p in model.parameters() if p.requires_grad]
        optimiser = (habit.optimiser or self._optimiser)(trained, self.lr * abs(habit.factor))
        if self.stale is not None and (habit.starts_stale or habit.accumulates):
            for name, p in model.named_parameters():
                p.grad = self.stale[name].to(p.dtype).clone() if name in self.stale else None
        recorded: dict[str, list[float]] = {"": [], **{name: [] for name in self._metrics}}
        snapshots: list[dict[str, Tensor]] = []
        for number, batch in enumerate(self.batches[:steps]):
            inputs, targets = self.batches[0] if habit.first_batch else batch
            if habit.late:
                outputs, cost = self._forward(model, inputs, targets, habit)
                fresh = torch.autograd.grad(cost, trained)
                optimiser.step()
                for p, gradient in zip(trained, fresh, strict=True):
                    p.grad = gradient
            else:
                if not habit.accumulates and not (habit.starts_stale and number == 0):
                    optimiser.zero_grad()
                outputs, cost = self._forward(model, inputs, targets, habit)
                cost.backward()
                if habit.factor < 0:  # no optimiser takes a negative rate
                    for p in trained:
                        p.grad = None if p.grad is None else -p.grad
                optimiser.step()
            if habit.records_otherwise != self.after:
                with torch.no_grad():
                    outputs, cost = self._forward(model, inputs, targets, habit)
            recorded[""].append(float(cost.detach()))
            for name, metric in self._metrics.items():
                recorded[name].append(float(metric(outputs.detach(), targets)))
            snapshots.append(_copied(model))
        losses = recorded.pop("")
        return Run(losses, snapshots[-1] if snapshots else self.start, recorded, snapshots)

    def with_lr(self, lr: float) -> Replay:
        """The same training with another learning rate."""
        return Replay(
            self.model,
            self.batches,
            self._cost,
            lr,
            metrics=self._metrics,
            optimiser=self._optimiser,
            stale=self.stale,
            after=self.after,
        )

    def _forward(
        self, model: nn.Module, inputs: Tensor, targets: Tensor, habit: Habit
    ) -> tuple[Tensor, Tensor]:
        outputs = model(inputs)
        cost = (habit.cost or self._cost)(outputs, targets)
        return outputs, cost * len(targets) if habit.summed else cost


def scaled(habit: Habit, factor: float) -> Habit:
    """The same habit with every update `factor` times as long."""
    return replace(habit, factor=factor)


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def by_class(name: str, **options: Any) -> MakeOptimiser:
    """Makes an optimiser of ``torch.optim`` by its name."""
    kind = getattr(torch.optim, name)

    def make(parameters: list[nn.Parameter], lr: float) -> torch.optim.Optimizer:
        return kind(parameters, lr=lr, **options)

    return make
