"""What went wrong in a training: known mistakes are replayed until one gives the student's own numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from grader.compare.promote import inexact
from grader.compare.replay import Cost, Habit, Replay, Run, by_class, scaled
from grader.compare.runs import difference, parting, wrong_parameters
from grader.compare.tolerance import Tolerance
from grader.compare.wording import joined, number_text

SEARCH_S = 4.0  # for the mistake; a long training is replayed only a few times
WIDER = 30.0  # a mistake's run may be further off than the right one's: factors are estimated

OPTIMISERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Adam", "Adam", {}),
    ("SGD with momentum 0.9", "SGD", {"momentum": 0.9}),
    ("SGD with momentum 0.5", "SGD", {"momentum": 0.5}),
    ("SGD with Nesterov momentum 0.9", "SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD with weight decay 0.01", "SGD", {"weight_decay": 0.01}),
    ("SGD with weight decay 0.001", "SGD", {"weight_decay": 0.001}),
    ("SGD with weight decay 0.0001", "SGD", {"weight_decay": 0.0001}),
    ("AdamW", "AdamW", {}),
    ("RMSprop", "RMSprop", {}),
    ("Adagrad", "Adagrad", {}),
    ("plain SGD", "SGD", {}),
)


def cause_of(actual: Run, replay: Replay, tolerance: Tolerance, mistakes: Mapping[str, Cost]) -> str | None:
    """The mistake that explains the run, as a sentence; None where none does."""
    if _not_finite(actual):
        return "The numbers are no longer finite. Is the update too long, or a logarithm taken of 0?"
    if stuck := _stuck(actual, replay):
        return stuck
    wider = Tolerance(min(tolerance.rtol * WIDER, 1e-2), tolerance.atol * WIDER)
    until = time.monotonic() + SEARCH_S
    for habit, words in _suspects(actual, replay, mistakes):
        try:
            suspect = replay.run(habit)
        except Exception:  # noqa: BLE001  the verdict stands: a mistake that cannot be replayed is not named
            continue
        changes = difference(suspect, replay.right, tolerance, "") is not None  # in one step few mistakes do
        if changes and difference(actual, suspect, wider, "") is None:
            return words
        if time.monotonic() > until:
            break
    return _recorded_otherwise(actual, replay, wider)


def _not_finite(actual: Run) -> bool:
    tensors = [t for t in (actual.parameters or {}).values() if t.is_floating_point()]
    losses = torch.tensor(list(actual.losses or ()), dtype=torch.float64)
    return not all(bool(t.isfinite().all()) for t in [*tensors, losses])


def _stuck(actual: Run, replay: Replay) -> str | None:
    """Parameters that did not move although they should have."""
    if actual.parameters is None:
        return None
    start, right = replay.start, replay.right.parameters or {}
    due = [name for name in right if not torch.equal(right[name], start[name])]
    still = [name for name in due if torch.equal(inexact(actual.parameters[name]), inexact(start[name]))]
    if not still:
        return None
    if still == due:
        return (
            "No parameter has moved at all: is there an update, is it made to the model that was handed over, "
            "and are the gradients still there when it is made (reset them before `backward()`, not after)?"
        )
    shown = joined([f"`{name}`" for name in still[:3]], "and")
    return f"{shown} never moved: does the update reach all parameters?"


def _suspects(actual: Run, replay: Replay, mistakes: Mapping[str, Cost]) -> Iterator[tuple[Habit, str]]:
    """Known mistakes with the words for them, the likeliest first; factors are estimated one by one."""
    yield (
        Habit(accumulates=True),
        "That is what happens when gradients are never reset: `backward()` adds to what is in `.grad`, so each "
        "update uses the gradients of all steps before as well. Reset them in every step, before `backward()`.",
    )
    if replay.stale is not None:
        yield (
            Habit(starts_stale=True),
            "Gradients that the model held before are part of the first update: reset them before the first "
            "`backward()` too.",
        )
    for words, cost in mistakes.items():
        yield Habit(cost=cost), words
    yield (
        Habit(summed=True),
        "The cost is summed over the examples; its mean is asked for, and its gradient is that of the mean.",
    )
    for factor in _factors(actual, replay):
        yield scaled(Habit(), factor), _about_factor(factor, replay)
    yield (
        Habit(late=True),
        "Each update uses the gradient of the step before: `backward()` belongs between the cost and the update.",
    )
    if len(replay.batches) > 1:
        yield (
            Habit(first_batch=True),
            "Every step sees the first minibatch: `next(iter(loader))` starts anew each time. Loop over the "
            "loader.",
        )
    for title, name, options in OPTIMISERS:
        habit = Habit(optimiser=by_class(name, **options))
        yield habit, f"The updates are those of {title}; another way to update is asked for."


def _factors(actual: Run, replay: Replay) -> Iterator[float]:
    """How many times as long as they should be the updates may be."""
    size = float(replay.largest_batch)
    guesses = [-1.0, size, 1 / size if size else 0.0, 2.0, 0.5, 10.0, 0.1, 100.0, 0.01]
    estimates = [estimate(actual, replay) for estimate in (_from_steps, _from_losses)]
    seen: list[float] = [1.0, 0.0]
    for factor in [*(e for e in estimates if e is not None), *guesses]:
        factor = _rounded(factor)
        if factor == factor and all(abs(factor - known) > 1e-6 * abs(known) for known in seen):
            seen.append(factor)
            yield factor


def _rounded(factor: float) -> float:
    """An estimate of 31.998 is 32, and one of 0.0333 is a thirtieth."""
    if not 1e-9 < abs(factor) < 1e9:
        return float("nan")
    if abs(factor - round(factor)) < 1e-3 * abs(factor):
        return float(round(factor))
    if abs(1 / factor - round(1 / factor)) < 1e-3 / abs(factor):
        return 1 / round(1 / factor)
    return factor


def _from_steps(actual: Run, replay: Replay) -> float | None:
    """From the first update, where it was watched or is the only one: its length along the right one."""
    if actual.steps:
        mine = actual.steps[0]
    elif actual.parameters is not None and len(replay.batches) == 1:
        mine = actual.parameters
    else:
        return None
    start, right = replay.start, replay.run(steps=1).parameters or {}
    moved = torch.cat([(inexact(mine[n]) - inexact(start[n])).flatten() for n in right if n in mine])
    due = torch.cat([(inexact(right[n]) - inexact(start[n])).flatten() for n in right if n in mine])
    size = float(due @ due)
    return float(moved @ due) / size if size else None


def _from_losses(actual: Run, replay: Replay) -> float | None:
    """From the cost of the second step, which depends on the length of the first update: by secants."""
    if actual.losses is None or len(actual.losses) < 2:
        return None
    target = actual.losses[1]

    def gap(factor: float) -> float:
        return (replay.run(scaled(Habit(), factor), steps=2).losses or [0.0, 0.0])[1] - target

    a, b = 0.0, 1.0
    at_a, at_b = gap(a), gap(b)
    for _ in range(12):
        if at_a == at_b or abs(at_b) < 1e-12:
            break
        a, b, at_a = b, b - at_b * (b - a) / (at_b - at_a), at_b
        if not abs(b) < 1e6:
            return None
        at_b = gap(b)
    return b


def _about_factor(factor: float, replay: Replay) -> str:
    size = replay.largest_batch
    if factor < 0:
        long = "" if factor == -1 else f" (and {number_text(-factor, 3)} times as long as it should be)"
        return (
            f"Every update goes uphill{long}: subtract the gradient times the learning rate, do not add it."
        )
    if size > 1 and factor == size:
        return (
            f"Every update is {size} times too long: the gradient is that of the sum over the {size} examples, "
            "not of the mean."
        )
    if size > 1 and factor == 1 / size:
        return (
            f"Every update is {size} times too short: it looks as if the mean over the {size} examples were "
            "taken twice."
        )
    return (
        f"Every update is {number_text(factor, 3)} times as long as it should be: is the learning rate used as it "
        "was given, and the cost a mean over the examples?"
    )


def _recorded_otherwise(actual: Run, replay: Replay, tolerance: Tolerance) -> str | None:
    """The training may be right and its record wrong: what the numbers are instead."""
    if actual.parameters is not None and wrong_parameters(
        actual.parameters, replay.right.parameters, tolerance
    ):
        return None
    numbers = Run(actual.losses, None, actual.metrics)
    if difference(numbers, replay.run(Habit(records_otherwise=True)), tolerance, "") is None:
        taken, due = ("before", "after") if replay.after else ("after", "before")
        return f"The numbers are those {taken} the update of their step; record them {due} it."
    losses = replay.right.losses or []
    sizes = [len(targets) for _, targets in replay.batches]
    means = [sum(losses[: i + 1]) / (i + 1) for i in range(len(losses))]
    others: tuple[tuple[list[float], str], ...] = (
        (
            [a * n for a, n in zip(losses, sizes, strict=True)],
            "The costs are sums over the examples, not means.",
        ),
        (
            [a / n for a, n in zip(losses, sizes, strict=True)],
            "The costs are divided by the number of examples twice.",
        ),
        (
            means,
            "The costs are running means over all steps so far; the cost of each step itself is asked for.",
        ),
        ([-a for a in losses], "The costs have the wrong sign."),
    )
    if actual.losses is not None:
        for values, words in others:
            if parting(actual.losses, values, tolerance) is None:
                return words
    return None
