"""# One SGD step, one full-gradient step, and their times

How much faster is a step that looks at 16 examples than one that looks at all of them? Write both, and
measure.

The model is a linear module `z = torch.nn.Linear(D, K)`, followed by softmax; the cost of a set of examples
is the mean of their cross-entropies `-log y_k`, k the true class. The parameters are `z.weight` and
`z.bias`. After `backward()` on the cost their gradients are in `z.weight.grad` and `z.bias.grad`. Three
things to keep in mind:

- gradients accumulate: whatever `.grad` held before the call must not count;
- the update `parameter <- parameter - lr * gradient` is no part of the model: do it inside
  `with torch.no_grad():`
- change the parameters **in place** (`z.weight -= ...`): they stay the objects that they are.

(a) **`sgd_step(z, imgs, labels, lr=0.1)`** does one step on a minibatch. `imgs` has shape `(B, ...)`, where
the sizes behind B multiply to `z.in_features`: `(16, 784)` and `(16, 1, 28, 28)` are both possible. `labels`
are the B classes, int64. `z` is updated; the cost **before** the step is returned, as a number.

(b) **`full_gradient_step(z, X, t, lr=0.1)`** does one step of ordinary gradient descent: the same with the
mean over **all** N examples, in exactly one update. `X` has shape `(N, D)`, `t` holds the N classes. N need
not be a multiple of anything. The cost before the step is returned.

(c) **`compare_step_times(z, X, t, batch_size=16, repeats=20)`** measures both (`time.perf_counter()` before
and after does it) on a copy of `z`, so that `z` itself has the same parameters afterwards. The minibatches,
of `batch_size` examples, are taken from `X` and `t`. Do each kind of step `repeats` times and return the
seconds of **one** step, the mean or the median, and their ratio:

```text
{"sgd": 0.00012, "gd": 0.051, "ratio": 425.0}          ratio = gd / sgd
```

Before you run it on the 60,000 images: which ratio do you expect, and is it reached?
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.authoring import (
    Clock,
    Handle,
    Random,
    Reference,
    Student,
    a_tensor,
    at_least,
    check,
    close,
    ensure,
    equal,
    fail,
    instance,
    number,
    partly,
)

kinds = ("tensor", "gradient", "timing")
budget_s = 5
stub = '''
import time

import torch
from torch import Tensor, nn


def sgd_step(z: nn.Linear, imgs: Tensor, labels: Tensor, lr: float = 0.1) -> float:
    """Part a. One step on a minibatch, in place; returns the cost before it."""
    raise NotImplementedError


def full_gradient_step(z: nn.Linear, X: Tensor, t: Tensor, lr: float = 0.1) -> float:
    """Part b. One step on all examples, in place; returns the cost before it."""
    raise NotImplementedError


def compare_step_times(
    z: nn.Linear, X: Tensor, t: Tensor, batch_size: int = 16, repeats: int = 20
) -> dict[str, float]:
    """Part c. {'sgd': seconds per step, 'gd': seconds per step, 'ratio': gd / sgd}."""
    raise NotImplementedError
'''

Step = Callable[..., Any]  # of the reference: (z, inputs, labels, lr) -> cost
NAMES = ("weight", "bias")
TRIES = 5  # a busy machine may spoil a measurement; it would have to spoil them all


@dataclass
class Twins:
    """A linear module in the student's process, and one with the same parameters here, in float64."""

    there: Handle
    here: torch.nn.Linear
    parameters: dict[str, Handle]  # of the module there, before any step

    def fetched(self, name: str, what: str) -> Tensor:
        return a_tensor(self.parameters[name].fetch(), what=f"z.{name} after {what}").detach()

    def ensure_same_objects(self, what: str) -> None:
        """The module's parameters are still those that it had in the beginning."""
        for name, before in self.parameters.items():
            now = self.there.get_parameter.keep(name)
            ensure(
                now.isinstance("torch.nn.Parameter") and now.is_leaf is True and now.requires_grad is True,
                f"After {what} z.{name} is no longer a leaf Parameter. Update it in place, under "
                "torch.no_grad().",
            )
            ensure(
                torch.equal(a_tensor(now.fetch()).nan_to_num(), a_tensor(before.fetch()).nan_to_num()),
                f"After {what} z.{name} is another object than before. Update the parameter in place.",
            )


def twins(student: Student, rng: Random, D: int, K: int) -> Twins:
    """Both of random parameters, of the size that torch.nn.Linear gives them."""
    values = {
        "weight": rng.randn(K, D) / math.sqrt(D),
        "bias": 0.3 * rng.randn(K),
    }
    there = student.lab.torch.nn.Linear.keep(D, K)
    there.load_state_dict.keep(values)
    here = torch.nn.Linear(D, K, dtype=torch.float64)
    here.load_state_dict({name: value.double() for name, value in values.items()})
    return Twins(there, here, {name: there.get_parameter.keep(name) for name in NAMES})


def one_step(
    answer: Handle, step: Step, model: Twins, arguments: tuple[Tensor, Tensor], lr: float | None, rng: Random
) -> tuple[float, float]:
    """Let both sides do a step, with a stale gradient in the answer's model; their costs.

    Fails unless the parameters are the same afterwards.
    """
    inputs, labels = arguments
    n, rate = len(labels), 0.1 if lr is None else lr
    what = f"{answer.label} on {n} example{'s' if n > 1 else ''}, {tuple(inputs.shape)}"
    before = {name: value.detach().clone() for name, value in model.here.named_parameters()}
    stale = {name: rng.randn(*value.shape) for name, value in before.items()}
    for name, handle in model.parameters.items():
        handle.set("grad", stale[name])
    given = answer(model.there, inputs.clone(), labels.clone(), *([] if lr is None else [lr]))
    cost = float(step(model.here, inputs.double(), labels, rate))
    for name in NAMES:
        found, expected = model.fetched(name, what), model.here.get_parameter(name).detach()
        if found.shape != expected.shape or not torch.allclose(
            found.double(), expected, rtol=1e-5, atol=2e-6
        ):
            model.ensure_same_objects(what)
            moved = found.double() - before[name], expected - before[name]
            explain_step(*moved, stale[name], rate, n, f"z.{name} after {what}")
        close(found, expected.float(), rtol=1e-5, atol=2e-6, what=f"z.{name} after {what}")
    return number(given, what=f"the cost that {what} returns"), cost


def explain_step(step: Tensor, expected: Tensor, stale: Tensor, lr: float, n: int, what: str) -> None:
    """Fails for a change of a parameter whose mistake can be named."""
    if step.shape != expected.shape or not step.isfinite().all():
        return
    scale = float(expected.abs().max())

    def is_like(other: Tensor) -> bool:
        return bool(((step - other).abs().max() <= 1e-3 * other.abs().max() + 1e-5 * scale).item())

    if is_like(expected):
        return
    ensure(bool(step.any()), f"{what} is what it was before: no step was done.")
    ensure(
        not is_like(expected - lr * stale.double()),
        f"{what}: the gradient that z held before the call was added to the new one. Clear it first.",
    )
    factors = [(-1.0, "the step goes uphill: the gradient is to be subtracted.")]
    if n > 1:
        factors += [
            (float(n), "the step is N times as long: take the mean over the examples, not the sum."),
            (1 / n, "the step is N times too short: is the mean divided by N once more?"),
        ]
    if not math.isclose(lr, 0.1):
        factors.append((0.1 / lr, "the learning rate that was given is not used."))
    factors += [
        (1 / lr, "the learning rate is left out."),
        (2.0, "the step is twice as long as it should be."),
    ]
    for factor, said in factors:
        ensure(not is_like(factor * expected), f"{what}: {said}")


def judge_costs(costs: list[tuple[float, float]], name: str, earned: float, of: float) -> None:
    """The parameters are right: what is left are the costs that were returned."""
    for given, expected in costs:
        if not math.isclose(given, expected, rel_tol=1e-5, abs_tol=2e-6):
            message = f"The parameters are right after {name}, but the cost that it returns is not."
            message += " It is the mean cost of its examples before the step, a number without a minus."
            partly(earned, of, message)


@check(points=4)
def sgd(student: Student, reference: Reference, rng: Random) -> None:
    """(a) sgd_step changes the parameters as it should, in one step and in five, and returns the cost"""
    costs: list[tuple[float, float]] = []
    cases: list[tuple[int, tuple[int, ...], int, float | None]] = [
        (10, (16, 784), 1, None),
        (10, (16, 1, 28, 28), 5, None),
        (10, (1, 1, 28, 28), 1, rng.uniform(0.3, 0.8)),
        (3, (16, 20), 5, rng.uniform(0.3, 0.8)),
        (4, (1, 20), 1, None),
        (5, (7, 4, 5), 5, rng.uniform(0.01, 0.04)),
    ]
    for K, shape, steps, lr in rng.shuffled(cases):
        model = twins(student, rng, math.prod(shape[1:]), K)
        for _ in range(steps):
            arguments = rng.rand(*shape), rng.integers(0, K - 1, shape[:1])
            costs.append(one_step(student.sgd_step, reference.sgd_step, model, arguments, lr, rng))
        model.ensure_same_objects("sgd_step")
    judge_costs(costs, "sgd_step", 3, 4)


@check(points=3)
def full_gradient(student: Student, reference: Reference, rng: Random) -> None:
    """(b) full_gradient_step does one update, to which each of all the examples contributes"""
    costs: list[tuple[float, float]] = []
    D, K = 30, 4
    last, somewhere = rng.integer(1000, 1002), rng.integer(300, 999)
    for n, heavy in rng.shuffled([(1003, last), (1003, 0), (1003, somewhere), (1003, None), (1, None)]):
        model = twins(student, rng, D, K)
        inputs, labels = rng.rand(n, D), rng.integers(0, K - 1, (n,))
        if heavy is not None:  # one example that counts for many
            inputs[heavy] *= 5
            labels[heavy] = (model.here(inputs[heavy].double()).argmax() + 1) % K
        lr = rng.choice([None, rng.uniform(0.3, 0.8)])
        arguments = inputs, labels
        costs.append(
            one_step(student.full_gradient_step, reference.full_gradient_step, model, arguments, lr, rng)
        )
        model.ensure_same_objects("full_gradient_step")
    judge_costs(costs, "full_gradient_step", 2, 3)


@dataclass
class Timed:
    """Both steps of the student's, on inputs that lie in their process."""

    student: Student
    rng: Random
    rows: int

    def __post_init__(self) -> None:
        D, K, few = 784, 10, 500
        self.model = twins(self.student, self.rng, D, K)
        some = self.student.put(self.rng.rand(few, D))
        labels = self.student.put(self.rng.integers(0, K - 1, (few,)))
        self.all = some.tile.keep(self.rows // few, 1), labels.tile.keep(self.rows // few)
        self.batch = self.rng.rand(16, D), self.rng.integers(0, K - 1, (16,))

    def full(self) -> tuple[Handle, Callable[[], tuple[Any, ...]]]:
        arguments = self.model.there, *self.all
        return self._in_turn(self.student.full_gradient_step), lambda: (arguments,)

    def sgd(self) -> tuple[Handle, Callable[[], tuple[Any, ...]]]:
        arguments = self.model.there, *(self.student.put(value) for value in self.batch)
        return self._in_turn(self.student.sgd_step), lambda: (arguments,)

    def _in_turn(self, step: Handle) -> Handle:
        """The step, of one argument, a tuple. (Under its own name the clock would ask the solution.)"""
        handle = self.student.lab.functions.in_turn(step)
        assert isinstance(handle, Handle)
        return handle


@check(points=2, after=("sgd", "full_gradient"))
def times(student: Student, rng: Random, clock: Clock) -> None:
    """(c) by the grader's clock a step on 20,000 examples takes much longer than one on 16"""
    student.lab.torch.set_num_threads(1)  # a busy machine wakes a pool of threads slowly
    steps = Timed(student, rng, 20_000)
    (full, of_all), (sgd_step, of_few) = steps.full(), steps.sgd()
    with student.within(60):
        at_least(
            clock.ratio(full, sgd_step, of_all, of_few),
            5,
            "A step on 20,000 examples hardly takes longer than one on 16. Does full_gradient_step look at "
            "all of them, and sgd_step at its minibatch only?",
        )


@check(points=1, after=("sgd", "full_gradient"))
def reported(student: Student, rng: Random, clock: Clock) -> None:
    """(c) compare_step_times reports seconds that agree with a stopwatch, and leaves z as it was"""
    student.lab.torch.set_num_threads(1)
    few, many = 1_000, 8_000
    doubt = ""
    for _ in range(TRIES):
        said: dict[int, float] = {}
        doubt = ""
        for rows in (few, many):
            steps = Timed(student, rng, rows)
            with student.within(60):
                own_sgd, own_gd = clock.seconds(*steps.sgd()), clock.seconds(*steps.full(), repeats=3)
                sgd_time, said[rows] = read_times(student, steps)
            doubt = doubt or doubts(rows, sgd_time, said[rows], own_sgd, own_gd)
        if not doubt and said[many] < 2.5 * said[few]:
            doubt = (
                f"According to compare_step_times a full step on {many:,} examples takes "
                f"{said[many] / said[few]:.2g} times as long as one on {few:,}. It is about {many // few} times."
            )
        if not doubt:
            return
    fail(doubt)


def read_times(student: Student, steps: Timed) -> tuple[float, float]:
    """The two times of the dictionary, which must fit its ratio; and z must be left alone."""
    before = {name: steps.model.fetched(name, "a step") for name in NAMES}
    repeats = 20
    result = instance(
        student.compare_step_times(steps.model.there, *steps.all, 16, repeats),
        dict,
        what="the result of compare_step_times",
    )
    ensure(
        all(key in result for key in ("sgd", "gd", "ratio")),
        "compare_step_times should return a dictionary with the keys sgd, gd and ratio.",
    )
    sgd_time, gd_time, ratio = (
        number(result[key], what=f"compare_step_times(...)['{key}']") for key in ("sgd", "gd", "ratio")
    )
    ensure(sgd_time > 0 and gd_time > 0, "compare_step_times reports a time that is not positive.")
    ensure(
        math.isclose(ratio, gd_time / sgd_time, rel_tol=0.05),
        f"compare_step_times reports {sgd_time:.3g} s, {gd_time:.3g} s and a ratio of {ratio:.3g}. The ratio "
        "is gd / sgd.",
    )
    for name, value in before.items():
        what = f"z.{name} after compare_step_times (work on a copy of z)"
        equal(steps.model.fetched(name, "compare_step_times"), value, what=what)
    return sgd_time, gd_time


def doubts(rows: int, sgd: float, gd: float, own_sgd: float, own_gd: float) -> str:
    """What is wrong with the times that were reported; empty if nothing is."""
    # sgd_step is so short that a first call, or a busy machine, may stretch the mean of 20 by more
    for name, said, own, factor in (("sgd", sgd, own_sgd, 10), ("gd", gd, own_gd, 5)):
        if not own / factor <= said <= own * factor:
            return (
                f"compare_step_times says {said:.3g} s for {name}, with {rows:,} examples in X; one such step "
                f"takes {own:.3g} s here. What counts is the time of one step, in seconds."
            )
    return ""
