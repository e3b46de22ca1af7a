"""# The full training loop with a test at the end of each epoch

Put the training together: several epochs of plain stochastic gradient descent, and at the end of every epoch cost and
accuracy on the whole test set.

The model returns logarithms of probabilities (its last layer is `LogSoftmax`), so `nn.NLLLoss` gives the
cross-entropy. A loader is an iterable of minibatches with a length: pairs of images `(B, 1, 28, 28)`, of the dtype of
the model, and labels `(B,)`, int64. The last minibatch may be shorter than the others, and a loader may give other
minibatches in each pass, as one that shuffles does. Images are flattened from axis 1 on before they enter the model.
The accuracy is the share of examples for which the largest output is that of the label.

- **`performance_on(model, loader)`** returns the mean cost per *example* and the accuracy, over all of the loader. It
  changes nothing: neither parameters nor their gradients.
- **`fit(model, train_loader, test_loader, epochs, lr)`** trains the model in place. An epoch uses each minibatch of the
  training loader exactly once: reset the gradients, forward, cost, backward, update (parameter ← parameter − `lr` ·
  gradient). It returns the history, a dictionary: `train_loss` and `train_acc` hold a number for each minibatch that
  was trained with, in order, cost and accuracy as they were *before* its update; `test_loss` and `test_acc` hold a
  number for each epoch, measured on the test loader when the epoch was over. The numbers must not hang on the graph of
  autograd any more.
- **`plot_history(history)`** returns a matplotlib figure of all four series, against the number of updates or of
  epochs, with labels at the axes, and a legend that tells training and test apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import nll_loss

from grader.authoring import (
    Feed,
    Handle,
    Network,
    Notes,
    Random,
    Replay,
    Run,
    Student,
    Watched,
    check,
    close,
    curves,
    drawn,
    ensure,
    fail,
    gradients,
    instance,
    leave_gradients,
    number,
    numbers,
    parameters,
    recorded,
    same_run,
    unchanged,
)

kinds = ("module", "tensor", "figure")
budget_s = 10
stub = '''
import torch
from matplotlib.figure import Figure
from torch import nn


def performance_on(model: nn.Module, loader) -> tuple[float, float]:
    """Mean cost per example, and accuracy, over all of the loader."""
    raise NotImplementedError


def fit(model: nn.Module, train_loader, test_loader, epochs: int, lr: float = 0.1) -> dict:
    """Train in place; 'train_loss', 'train_acc', one number a minibatch, 'test_loss', 'test_acc', one an epoch."""
    raise NotImplementedError


def plot_history(history: dict) -> Figure:
    """Cost and accuracy of training and test."""
    raise NotImplementedError
'''

Batch = tuple[Tensor, Tensor]
FLAT = (("Linear", 784, 10), ("LogSoftmax", 1))
DEEP = (("Linear", 784, 12), ("ReLU",), ("Linear", 12, 10), ("LogSoftmax", 1))
KEYS = ("train_loss", "train_acc", "test_loss", "test_acc")


def pictures(rng: Random, sizes: tuple[int, ...]) -> list[Batch]:
    """Minibatches of hidden images; the class shows in them, so that there is something to learn."""
    batches: list[Batch] = []
    for n in sizes:
        labels = rng.integers(0, 9, (n,))
        imgs = rng.rand(n, 1, 28, 28, dtype=torch.float64)
        imgs[torch.arange(n), 0, 2 * labels, :] += 1.0
        batches.append((imgs, labels))
    return batches


def share_right(outputs: Tensor, labels: Tensor) -> float:
    return float((outputs.argmax(1) == labels).double().mean())


def measured(model: nn.Module, batches: list[Batch]) -> tuple[float, float]:
    """Cost and accuracy per example."""
    imgs, labels = (torch.cat(part) for part in zip(*batches, strict=True))
    with torch.no_grad():
        outputs = model(imgs.flatten(1))
    return float(nll_loss(outputs, labels)), share_right(outputs, labels)


class Training:
    """A hidden training: loaders of changing minibatches over there, the same training replayed here."""

    def __init__(self, student: Student, rng: Random, layers: tuple[Any, ...], epochs: int) -> None:
        self.network = Network(rng, *layers, dtype=torch.float64)
        self.lr = rng.uniform(0.05, 0.2)
        self.epochs = [pictures(rng, (8, 8, 8, 3)) for _ in range(epochs)]
        self.test = pictures(rng, (5, 5, 1))
        self.model: Handle = self.network.there(student)
        turns = iter(range(10_000))

        def next_epoch() -> Iterator[Batch]:
            return iter(self.epochs[next(turns) % epochs])

        self.train_loader = Watched(next_epoch, self.model, length=4, samples=27)
        self.test_loader = Feed(self.test, samples=11)
        self.outcome = student.fit.attempt(self.model, self.train_loader, self.test_loader, epochs, self.lr)
        if self.outcome.error is not None:
            fail(f"`fit` raised {self.outcome.error}.")
        flat = [(imgs.flatten(1), labels) for epoch in self.epochs for imgs, labels in epoch]
        metrics = {"train_acc": share_right}
        self.replay = Replay(self.network.here(), flat, nll_loss, self.lr, metrics=metrics)

    @property
    def history(self) -> dict[str, Any]:
        history = self.outcome.value
        ensure(isinstance(history, dict), "`fit` should return the history, a dictionary.")
        missing = [key for key in KEYS if key not in history]
        ensure(not missing, f"The history lacks {', '.join(repr(key) for key in missing)}.")
        return history

    def tests(self) -> tuple[list[float], list[float]]:
        """Cost and accuracy on the test set at the end of each epoch, as they should be."""
        model, found = self.network.here(), []
        for end in range(4, 4 * len(self.epochs) + 1, 4):
            model.load_state_dict(dict(self.replay.right.steps[end - 1]))
            found.append(measured(model, self.test))
        return [cost for cost, _ in found], [accuracy for _, accuracy in found]


@check(points=6)
def training(student: Student, rng: Random) -> None:
    """fit trains like plain SGD, for 1, 2 and 3 epochs of minibatches that change and of unequal size"""
    for epochs, layers in ((1, FLAT), (2, DEEP), (3, FLAT)):
        run = Training(student, rng, layers, epochs)
        what = f"training of {epochs} epoch{'s' if epochs > 1 else ''}"
        steps = run.train_loader.steps
        same_run(recorded(run.model, steps=steps), run.replay, rtol=1e-4, atol=1e-7, what=what)


@check(points=4, after="training")
def training_record(student: Student, rng: Random, notes: Notes) -> None:
    """train_loss and train_acc hold cost and accuracy of each minibatch, before its update"""
    for epochs, layers in ((1, FLAT), (3, DEEP)):
        run = Training(student, rng, layers, epochs)
        expected, history = run.replay.right, run.history
        places = [4.0 * (epoch + 1) for epoch in range(epochs)]
        lines = {
            "training, yours": numbers(history["train_loss"], finite=False, what="train_loss"),
            "training, reference": expected.losses or (),
            "test, reference": run.tests()[0],
        }
        notes.draw(curves(lines, "update", "cost", at={"test, reference": places}))
        given = Run(history["train_loss"], None, {"train_acc": history["train_acc"]})
        same_run(given, run.replay, rtol=1e-4, atol=1e-6)


@check(points=2)
def performance(student: Student, rng: Random) -> None:
    """performance_on gives cost and accuracy per example, also where the minibatches are of unequal size"""
    for sizes, layers in (((5, 5, 1), FLAT), ((7,), DEEP), ((1, 9, 2, 9), FLAT)):
        network, batches = Network(rng, *layers, dtype=torch.float64), pictures(rng, sizes)
        outputs = [network.here()(imgs.flatten(1)).argmax(1) for imgs, _ in batches]
        # about half of the labels are those that the model gives, and more so in the first minibatch
        batches = [
            (imgs, torch.where(rng.rand(len(labels)) < (0.9 if number == 0 else 0.4), given, labels))
            for number, ((imgs, labels), given) in enumerate(zip(batches, outputs, strict=True))
        ]
        result = student.performance_on(network.there(student), Feed(batches, samples=sum(sizes)))
        ensure(
            isinstance(result, list | tuple) and len(result) == 2,
            "`performance_on` should return two numbers, the mean cost and the accuracy.",
        )
        for title, given, expected in zip(
            ("mean cost", "accuracy"), result, measured(network.here(), batches), strict=True
        ):
            what = f"the {title} over minibatches of {', '.join(map(str, sizes))} examples"
            close(number(given, what=what), expected, rtol=1e-5, atol=1e-7, what=what)


@check(points=2, after="training")
def test_record(student: Student, rng: Random) -> None:
    """test_loss and test_acc hold one number for each epoch, as of its end"""
    for epochs, layers in ((1, DEEP), (3, FLAT)):
        run = Training(student, rng, layers, epochs)
        for key, expected in zip(("test_loss", "test_acc"), run.tests(), strict=True):
            given = numbers(run.history[key], epochs, what=key)
            close(given, torch.tensor(expected).double(), rtol=1e-4, atol=1e-6, dtype="any", what=key)


@check(points=2)
def loaders(student: Student, rng: Random) -> None:
    """the training loader is read once per epoch, to its end, and the test changes nothing in the model"""
    run = Training(student, rng, FLAT, 2)
    feed = run.train_loader
    ensure(
        feed.starts == 2 and feed.complete == 2 and feed.served == 8,
        f"In 2 epochs of 4 minibatches the training loader was started {feed.starts} times, read to its end "
        f"{feed.complete} times, and gave {feed.served} minibatches.",
    )
    ensure(run.test_loader.complete >= 2, "The test loader was not read to its end in each epoch.")
    network = Network(rng, *DEEP, dtype=torch.float64)
    model, stale = network.there(student), {k: rng.randn(*v.shape) for k, v in network.state.items()}
    leave_gradients(student, model, stale)
    before = gradients(model)
    student.performance_on(model, Feed(run.test, samples=11))
    unchanged(parameters(model), network.state, what="the set of parameters after performance_on")
    for name, value in gradients(model).items():
        ensure(value is not None, f"`performance_on` removed the gradient of `{name}`.")
        unchanged(value, before[name], what=f"the gradient of `{name}` after performance_on")


@check(points=2)
def free_of_the_graph(student: Student, rng: Random) -> None:
    """all recorded numbers are free of autograd's graph"""
    network, batches = Network(rng, *FLAT, dtype=torch.float64), pictures(rng, (4, 2))
    loader = Feed(batches, samples=6)
    history = student.fit.keep(network.there(student), loader, Feed(batches, samples=6), 2, 0.1)
    held = instance(history.fetch(), dict, what="the result of fit")
    for key in KEYS:
        ensure(key in held, f"The history lacks {key!r}.")
        ensure(len(numbers(held[key], finite=False, what=key)) > 0, f"`{key}` is empty.")
    attached = student.lab.functions.in_the_graph(history)
    names = ", ".join(f"`{name}`" for name in attached[:4]) if isinstance(attached, list) else ""
    ensure(
        attached == [],
        f"{names}: these still hang on the graph, which keeps all of it in memory. Take `.item()` or `.detach()`.",
    )


@check(points=2)
def figure(student: Student, rng: Random, notes: Notes) -> None:
    """plot_history shows the four series of the history, with labels and a legend"""
    for epochs, batches in ((3, 5), (4, 2)):
        history = {
            "train_loss": (2 * rng.rand(epochs * batches) + 0.1).tolist(),
            "train_acc": (0.1 + 0.8 * rng.rand(epochs * batches)).tolist(),
            "test_loss": (2 * rng.rand(epochs) + 0.1).tolist(),
            "test_acc": (0.1 + 0.8 * rng.rand(epochs)).tolist(),
        }
        shown = drawn(student.plot_history, history, notes=notes)
        used: list[dict[str, Any]] = []
        for key, values in history.items():
            found = [(axes, x) for axes in shown["axes"] for x, y in lines_of(axes) if alike(y, values)]
            ensure(bool(found), f"`{key}` of the history is not among the series that the figure shows.")
            ensure(
                any(bool((x[1:] > x[:-1]).all()) for _, x in found),
                f"The places of `{key}` on the horizontal axis should increase.",
            )
            used.append(found[0][0])
        ensure(all(axes["y_label"].strip() for axes in used), "Each vertical axis should have a label.")
        ensure(
            any(axes["x_label"].strip() for axes in shown["axes"]), "The horizontal axis should have a label."
        )
        entries = len(shown["legend"]) + sum(len(axes["legend"]) for axes in shown["axes"])
        ensure(entries >= 2, "There should be a legend that tells training and test apart.")


def lines_of(axes: dict[str, Any]) -> Iterator[tuple[Tensor, Tensor]]:
    """x and y of each line, and of each group of points."""
    for line in axes["lines"]:
        yield torch.as_tensor(line["x"]), torch.as_tensor(line["y"])
    for group in axes["points"]:
        xy = torch.as_tensor(group["xy"]).reshape(-1, 2)
        yield xy[:, 0], xy[:, 1]


def alike(y: Tensor, values: list[float]) -> bool:
    """Whether a series shows these values, as shares or in per cent."""
    wanted = torch.tensor(values, dtype=torch.float64)
    return y.shape == wanted.shape and any(torch.allclose(y, k * wanted, rtol=1e-4) for k in (1, 100))
