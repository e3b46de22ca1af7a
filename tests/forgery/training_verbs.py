"""The verbs of trainings, each as one tiny check; see ``verbs``."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import mse_loss
from verb import (
    FRESH,
    NOT_RANDOM,
    NOT_TIMED,
    OF_RESULTS,
    USUAL,
    Verb,
    without,
)

from grader.authoring import (
    Handle,
    Network,
    Random,
    Replay,
    Student,
    a_tensor,
    calibrated,
    close,
    ensure,
    facts,
    forwards,
    gradients,
    moved,
    numbers,
    optimises,
    parameters,
    recorded,
    same_run,
)
from grader.examine.calibration import Limit
from grader.examine.notes import Notes

LR, STEPS = 0.3, 4

ROWS = """
def honest(x):
    return x.double().square().sum(1).tolist()
def wrong(x):
    return x.double().abs().sum(1).tolist()
"""


def of_rows(student: Student, rng: Random) -> None:
    for _ in range(3):
        x = rng.randn(12, 10)
        close(numbers(student.answer(x), 12), x.double().square().sum(1), dtype="any")


TRAININGS = """
def train(model, x, t, lr, resets):
    losses = []
    model.zero_grad()
    for _ in range(4):
        if resets:
            model.zero_grad()
        cost = torch.nn.functional.mse_loss(model(x), t)
        cost.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(cost.item())
    return losses
honest = lambda *a: train(*a, True)
wrong = lambda *a: train(*a, False)
"""


def a_network(student: Student, rng: Random) -> tuple[Network, Handle, Tensor, Tensor]:
    """Hidden weights, the network over there, inputs and targets."""
    network = Network(rng, ("Linear", 5, 4), ("Tanh",), ("Linear", 4, 3), dtype=torch.float64)
    x, t = (rng.randn(8, n, dtype=torch.float64) for n in (5, 3))
    return network, network.there(student), x, t


def of_trainings(student: Student, rng: Random) -> None:
    for _ in range(2):
        network, model, x, t = a_network(student, rng)
        losses = student.answer(model, x, t, LR)
        same_run(recorded(model, losses), Replay(network.here(), [(x, t)] * STEPS, mse_loss, LR))


BACKWARDS = """
def honest(model, x, t):
    model.zero_grad()
    torch.nn.functional.mse_loss(model(x), t).backward()
def wrong(model, x, t):
    model.zero_grad()
    torch.nn.functional.mse_loss(model(x), t, reduction="sum").backward()
"""


def of_gradients_left(student: Student, rng: Random) -> None:
    for _ in range(2):
        network, model, x, t = a_network(student, rng)
        student.answer(model, x, t)
        here = network.here()
        mse_loss(here(x), t).backward()
        for name, p in here.named_parameters():
            found = gradients(model).get(name)
            ensure(found is not None, f"{name} has no gradient.")
            close(found, p.grad, what=f"the gradient of {name}")
            close(parameters(model)[name], p.detach(), what=name)


STEPPED = """
def step(model, x, t, lr, names):
    model.zero_grad()
    torch.nn.functional.mse_loss(model(x), t).backward()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name in names:
                p -= lr * p.grad
NAMES = ("0.weight", "0.bias", "2.weight", "2.bias")
honest = lambda *a: step(*a, NAMES)
wrong = lambda *a: step(*a, NAMES[:-1])
"""


def of_movements(student: Student, rng: Random) -> None:
    for _ in range(2):
        network, model, x, t = a_network(student, rng)
        student.answer(model, x, t, LR)
        moved(parameters(model), network.state)


OPTIMISERS = """
def honest(model, lr):
    return torch.optim.SGD(model.parameters(), lr=lr)
def wrong(model, lr):
    return torch.optim.SGD([torch.zeros(3, requires_grad=True)], lr=lr)
"""


def of_optimisers(student: Student, rng: Random) -> None:
    for _ in range(2):
        _, model, _, _ = a_network(student, rng)
        optimizer = student.answer.keep(model, 0.1)
        ensure(isinstance(optimizer, Handle), "An optimiser is asked for.")
        optimises(optimizer, model)


MODELS = """
def honest(inputs, outputs):
    return torch.nn.Linear(inputs, outputs)
def wrong(inputs, outputs):
    model = torch.nn.Linear(inputs, outputs)
    model.bias.requires_grad = False
    return model
"""


def of_facts(student: Student, rng: Random) -> None:
    for _ in range(2):
        inputs, outputs = rng.integer(2, 9), rng.integer(2, 9)
        model = student.answer.keep(inputs, outputs)
        ensure(isinstance(model, Handle), "A model is asked for.")
        held = [(one.name, one.shape, one.trainable) for one in facts(model)]
        ensure(
            held == [("weight", (outputs, inputs), True), ("bias", (outputs,), True)],
            "A linear layer with a weight and a bias is asked for, both of them trainable.",
        )


PASSES = """
def honest(model, x):
    model.eval()
    with torch.no_grad():
        return model(x)
def wrong(model, x):
    return model(x).detach()
"""


def of_passes(student: Student, rng: Random) -> None:
    for _ in range(3):
        network = Network(rng, ("Linear", 10, 10), ("Tanh",))
        model, x = network.there(student), rng.randn(12, 10)
        result = student.answer(model, x)
        with torch.no_grad():
            close(result, network.here()(x))
        used = forwards(model)
        ensure(len(used) == 1 and used[0].shape == (12, 10), "One pass through the network is asked for.")
        ensure(not used[0].training, "The network is to be in evaluation mode.")
        ensure(not used[0].gradients, "Nothing is to be recorded for autograd.")


CLASSIFIERS = """
def distances(x, t, fresh):
    return torch.cdist(fresh, torch.stack([x[t == k].mean(0) for k in (0, 1)]))
honest = lambda *a: distances(*a).argmin(1)
wrong = lambda *a: distances(*a).argmax(1)
"""


def accuracy(student: Student, rng: Random) -> float:
    """classifies 95 % of fresh points rightly"""
    direction = torch.nn.functional.normalize(rng.randn(5), dim=0)

    def clouds(n: int) -> tuple[Tensor, Tensor]:
        t = (rng.rand(n) < 0.5).long()
        return rng.randn(n, 5) + 3 * (2 * t[:, None] - 1) * direction, t

    (x, t), (fresh, labels) = clouds(60), clouds(400)
    found = a_tensor(student.answer(x, t, fresh), shape=(400,), what="the labels")
    return float((found == labels).double().mean())


def of_scores(student: Student, rng: Random) -> None:
    made: Any = calibrated(1, asked=0.95)(accuracy)
    made.__check__.function(student, rng, Limit(0.95), Notes())


THE_MODEL = "the model is looked at, not the result"
THE_OBJECT = "the object is asked for its parameters, no number of it is compared"
OBJECT = (aspect for aspect in OF_RESULTS if aspect != "result")
PRETENDED = "what a module calls its parameters is asked of it, in its own process"
ANY_NUMBER = "a number of any kind is taken"
NO_TENSOR = "the result has no tensor"
SILENT = {"same object": FRESH, "random": NOT_RANDOM, "time": NOT_TIMED}
OF_MODELS = without(*OF_RESULTS, because=THE_MODEL) | SILENT
OF_OBJECTS = {**without(*OBJECT, because=THE_OBJECT), **SILENT}
ASKED_OF = {
    "lazy_object": "the work may be done when it is asked for: what is asked for is right",
    "proxy": "it hands every question on to a right object",
}
LIKE_NUMBERS = {aspect: why for aspect, why in USUAL.items() if aspect != "plain"} | {
    "elements": NO_TENSOR,
    "dtype": ANY_NUMBER,
}

TRAINING_VERBS = (
    Verb("numbers", "`numbers`", "so many numbers in a row, compared then", ROWS, of_rows, LIKE_NUMBERS),
    Verb(
        "same_run",
        "`same_run`, `recorded`",
        "a training like the reference's: its record, and the model",
        TRAININGS,
        of_trainings,
        LIKE_NUMBERS,
        believed={"parameters_pretended": PRETENDED},
    ),
    Verb(
        "parameters",
        "`parameters`, `gradients`",
        "what a module's parameters hold, and their gradients",
        BACKWARDS,
        of_gradients_left,
        OF_MODELS,
        believed={"parameters_pretended": PRETENDED},
    ),
    Verb(
        "moved",
        "`moved`",
        "each parameter is no longer what it was",
        STEPPED,
        of_movements,
        OF_MODELS,
        believed={"parameters_pretended": PRETENDED},
    ),
    Verb(
        "optimises",
        "`optimises`",
        "an optimiser of that model's parameters, and no others",
        OPTIMISERS,
        of_optimisers,
        OF_OBJECTS,
        harmless=ASKED_OF | {"mutated_argument": "no tensor arrives"},
    ),
    Verb(
        "facts",
        "`facts`",
        "names, shapes and whether parameters are trainable",
        MODELS,
        of_facts,
        OF_OBJECTS | {"argument": "the arguments are numbers"},
        harmless=ASKED_OF,
    ),
    Verb(
        "forwards",
        "`forwards`",
        "how a network was used",
        PASSES,
        of_passes,
        USUAL,
        believed={"notes_edited": "noted in the student's own process, and believed as far as that is"},
    ),
    Verb(
        "calibrated",
        "`calibrated`",
        "a score that the reference reaches, in any of three tries",
        CLASSIFIERS,
        of_scores,
        {
            **USUAL,
            "precision": "rounding changes no label",
            "elements": "a few labels may be wrong: the share of the right ones is asked for",
            "dtype": "labels of any dtype are taken",
            "repeats": "it is called once in each fresh process",
        },
        restarts=True,
    ),
)
