"""# Minibatches of 1, 4, 16 and 512

How large should a minibatch be? Repeat the training with several sizes, from the same initial weights and for the same
number of epochs, and compare. With N examples and minibatches of B there are ceil(N/B) updates per epoch: a smaller B
gives more updates, which are noisier, and uses the machine less well.

The data are tensors: `X` of shape `(N, D)`, in the dtype of the model, and `t`, int64, of shape `(N,)`. The model
returns logarithms of probabilities, and the cost is `nn.NLLLoss`.

- **`train_with_batch_size(model, X, t, orders, batch_size, lr)`** trains the model in place by plain SGD, one epoch for
  each entry of `orders`. An entry is a tensor with the numbers 0 … N−1 in some order; the minibatches of the epoch are
  consecutive pieces of it, and the last, shorter one is used as well (if `batch_size` is larger than N, there is only
  one minibatch). Every update subtracts `lr` times the gradient of the mean cost of the minibatch. The result is a
  dictionary: `updates` is the number of updates, and `loss` a list of the costs of the minibatches, each before its
  update.
- **`compare_batch_sizes(make_model, X, t, X_test, t_test, sizes, epochs, lr, seed)`** trains once for each of `sizes`,
  with the same `lr` and the same number of epochs, each time on a fresh model `make_model(seed)`, which is the same for
  the same seed. The order of the examples is up to you. It returns a dictionary with an entry for each size B, itself a
  dictionary: `updates`; `seconds`, how long the training took; `train_loss`, the mean cost on all of `(X, t)` after the
  training; `test_acc`, the accuracy on `(X_test, t_test)` after it; and the trained `model`.
- **`preferred_batch_size`**: which of the sizes 1, 4, 16 and 512 would you use?

Run the comparison on data of your choice (a few thousand pictures, two epochs), and discuss what you find, with your
numbers.
"""

from __future__ import annotations

import math
import statistics
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import nll_loss

from grader.authoring import (
    CheckFailed,
    Handle,
    Network,
    Notes,
    Random,
    Replay,
    Student,
    check,
    close,
    curves,
    ensure,
    fail,
    forwards,
    instance,
    number,
    parameters,
    recorded,
    same_run,
    text,
)

kinds = ("module", "timing", "text")
budget_s = 15
stub = '''
from collections.abc import Callable

import torch
from torch import nn


def train_with_batch_size(
    model: nn.Module,
    X: torch.Tensor,
    t: torch.Tensor,
    orders: list[torch.Tensor],
    batch_size: int,
    lr: float = 0.1,
) -> dict:
    """Train in place, one epoch for each of orders: {'updates': number, 'loss': one cost for each update}."""
    raise NotImplementedError


def compare_batch_sizes(
    make_model: Callable[[int], nn.Module],
    X: torch.Tensor,
    t: torch.Tensor,
    X_test: torch.Tensor,
    t_test: torch.Tensor,
    sizes: tuple[int, ...] = (1, 4, 16, 512),
    epochs: int = 2,
    lr: float = 0.1,
    seed: int = 0,
) -> dict:
    """For each size: {'updates', 'seconds', 'train_loss', 'test_acc', 'model'}."""
    raise NotImplementedError


preferred_batch_size = None  # your answer: 1, 4, 16 or 512
'''

D, K = 12, 4
LAYERS = (("Linear", D, K), ("LogSoftmax", 1))
KEYS = ("updates", "seconds", "train_loss", "test_acc", "model")
TRIES = 3  # of a measured time
SHOWN = 32  # examples of one point of a curve: single ones would be a thicket


def examples(rng: Random, n: int) -> tuple[Tensor, Tensor]:
    """Points of four classes, in float64."""
    t = rng.integers(0, K - 1, (n,))
    X = rng.randn(n, D, dtype=torch.float64)
    X[torch.arange(n), t] += 1.5
    return X, t


def pieces(X: Tensor, t: Tensor, orders: list[Tensor], size: int) -> list[tuple[Tensor, Tensor]]:
    return [(X[piece], t[piece]) for order in orders for piece in order.split(size)]


@check(points=4)
def training(student: Student, rng: Random, notes: Notes) -> None:
    """train_with_batch_size trains like plain SGD with minibatches of 1, 4, 16 and 512"""
    cases = [(50, size, 2) for size in (1, 4, 16, 512)] + [(530, 1, 1), (530, 16, 2), (530, 512, 3)]
    shown: dict[str, list[float]] = {}
    seen: dict[str, list[float]] = {}
    for n, size, epochs in cases:
        X, t = examples(rng, n)
        network, lr = Network(rng, *LAYERS, dtype=torch.float64), rng.uniform(0.05, 0.2)
        orders = [rng.permutation(n) for _ in range(epochs)]
        model = network.there(student)
        outcome = student.train_with_batch_size.attempt(model, X, t, orders, size, lr)
        what = f"training with {n} examples in minibatches of {size}"
        if outcome.error is not None:
            fail(f"In {what} `train_with_batch_size` raised {outcome.error}.")
        result = instance(outcome.value, dict, what="the result of train_with_batch_size")
        ensure(
            "updates" in result and "loss" in result, "The result should have the keys 'updates' and 'loss'."
        )
        updates = epochs * math.ceil(n / size)
        given = number(result["updates"], what="updates")
        ensure(given == updates, f"In {what}, {epochs} epochs, there were {given:g} updates by your count.")
        replay = Replay(network.here(), pieces(X, t, orders, size), nll_loss, lr)
        same_run(recorded(model, result["loss"]), replay, rtol=1e-4, atol=1e-7, what=what)
        if n == 530:
            name, losses, group = f"minibatches of {size}", replay.right.losses or (), max(1, SHOWN // size)
            starts = range(0, len(losses), group)
            shown[name] = [statistics.fmean(losses[i : i + group]) for i in starts]
            seen[name] = [float(size * min(i + group, len(losses))) for i in starts]
    caption = f"Costs of small minibatches are means over {SHOWN} examples."
    notes.draw(curves(shown, "examples seen", "cost", at=seen, caption=caption))


def compared(student: Student, result: Any, sizes: tuple[int, ...]) -> dict[int, dict[str, Any]]:
    """The entries of a comparison by size; the models are handles."""
    ensure(
        isinstance(result, Handle | dict),
        "`compare_batch_sizes` should return a dictionary.",
    )
    found: dict[int, dict[str, Any]] = {}
    for size in sizes:
        entry: dict[str, Any] = {}
        for key in KEYS:
            try:
                entry[key] = result[size][key]
            except CheckFailed:
                fail(f"The result of `compare_batch_sizes` has no entry [{size}][{key!r}].")
            except (KeyError, TypeError, IndexError):
                fail(f"The result of `compare_batch_sizes` has no entry [{size}][{key!r}].")
        found[size] = entry
    return found


@check(points=3)
def comparison(student: Student, rng: Random) -> None:
    """compare_batch_sizes starts each size afresh, and its numbers are those of the models that it returns"""
    n, n_test, epochs, sizes = 60, 30, 2, (1, 7, 64)
    (X, t), (X_test, t_test) = examples(rng, n), examples(rng, n_test)
    seed = rng.integer(1, 10_000)
    maker = student.lab.functions.model_maker.keep([list(layer) for layer in LAYERS], torch.float64)
    with student.within(30):
        result = student.compare_batch_sizes.keep(
            maker, X, t, X_test, t_test, sizes=sizes, epochs=epochs, lr=0.1, seed=seed
        )
        entries = compared(student, result, sizes)
    seeds = maker.seeds
    ensure(isinstance(seeds, list) and len(seeds) > 0, "`make_model` was never called.")
    ensure(
        all(number(one) == seed for one in seeds),
        "`make_model` was called with another seed than the one that was given: all sizes start from the same weights.",
    )
    for size, entry in entries.items():
        what = f"with minibatches of {size}"
        updates = number(entry["updates"], what=f"updates {what}")
        ensure(
            updates == epochs * math.ceil(n / size),
            f"{updates:g} updates {what}: {epochs} epochs of {n} examples make another number, the last, shorter "
            "minibatch included.",
        )
        ensure(
            number(entry["seconds"], what=f"seconds {what}") > 0, f"The seconds {what} should be positive."
        )
        model = entry["model"]
        ensure(
            isinstance(model, Handle) and model.isinstance("torch.nn.Module"), f"The model {what} is none."
        )
        rows = sum(one.shape[0] for one in forwards(model) if one.gradients and one.shape)
        ensure(
            rows <= epochs * n + n + n_test,
            f"The model {what} has seen more examples than its {epochs} epochs: start each size from a fresh model.",
        )
        here = nn.Sequential(nn.Linear(D, K), nn.LogSoftmax(1)).double()
        here.load_state_dict(parameters(model))
        with torch.no_grad():
            loss = nll_loss(here(X), t)
            accuracy = (here(X_test).argmax(1) == t_test).double().mean()
        close(
            number(entry["train_loss"], what=f"train_loss {what}"),
            float(loss),
            rtol=1e-4,
            atol=1e-6,
            what=f"the train_loss {what}, computed again with the model that was returned,",
        )
        close(
            number(entry["test_acc"], what=f"test_acc {what}"),
            float(accuracy),
            rtol=1e-4,
            atol=1e-6,
            what=f"the test_acc {what}, computed again with the model that was returned,",
        )
    # the sizes start alike and go different ways
    weights = [parameters(entry["model"])["0.weight"] for entry in entries.values()]
    same = any(torch.equal(a, b) for i, a in enumerate(weights) for b in weights[:i])
    ensure(not same, "Two of the models are the same: each size needs a model of its own.")


@check(points=1)
def times(student: Student, rng: Random) -> None:
    """the seconds are those of a stopwatch held beside it, and the preferred size is one of the four"""
    ensure(
        number(student.preferred_batch_size, what="preferred_batch_size") in (1, 4, 16, 512),
        "`preferred_batch_size` should be 1, 4, 16 or 512.",
    )
    (X, t), (X_test, t_test) = examples(rng, 600), examples(rng, 50)
    maker = student.lab.functions.model_maker.keep([list(layer) for layer in LAYERS], torch.float64)
    doubt = ""
    for _ in range(TRIES):
        start = time.perf_counter()
        with student.within(60):
            result = student.compare_batch_sizes.keep(maker, X, t, X_test, t_test, sizes=(1, 4, 512))
        wall = time.perf_counter() - start
        entries = compared(student, result, (1, 4, 512))
        seconds = {size: number(entry["seconds"], what="seconds") for size, entry in entries.items()}
        total = sum(seconds.values())
        ensure(all(one > 0 for one in seconds.values()), "The seconds should be positive.")
        if seconds[1] <= seconds[512]:
            doubt = "By your seconds, minibatches of 1 are no slower than minibatches of 512."
        elif not wall / 3 <= total <= 1.05 * wall:
            doubt = f"By your seconds the trainings took {total:.3g} s together; by the clock beside it {wall:.3g} s."
        else:
            return
    fail(doubt)


batch_size_discussion = text(
    points=2,
    question=(
        "Compare the four sizes with your numbers: cost, accuracy on the test set, number of updates, and time. Which "
        "size would you use, and why?"
    ),
)
