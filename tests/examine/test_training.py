"""Trainings in real worker processes: the same numbers on both sides, and eyes on what is done to a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional as F
from workbench import Bench

from grader.authoring import (
    CheckFailed,
    Feed,
    Handle,
    Network,
    Notes,
    Random,
    Replay,
    Student,
    Watched,
    drawn,
    facts,
    forwards,
    gradients,
    leave_gradients,
    moved,
    optimises,
    parameters,
    recorded,
    same_run,
)
from grader.nouns import Finding, Status

SOURCE = """
import torch
from torch.nn import functional as F

def fit(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for x, t in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

def fit_ahead(model, loader, lr):
    return fit(model, list(loader), lr)

def fit_without_reset(model, loader, lr):
    losses = []
    for x, t in loader:
        loss = F.cross_entropy(model(x), t)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss)
    return losses

def fit_late_reset(model, loader, lr):
    losses = []
    for x, t in loader:
        loss = F.cross_entropy(model(x), t)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
                p.grad = None
        losses.append(loss)
    return losses

def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        value = model(x)
    model.train()
    return value

def make(model, how):
    if how == "right":
        return torch.optim.SGD(model.parameters(), lr=0.1)
    if how == "weights":
        return torch.optim.SGD([model[0].weight, model[2].weight], lr=0.1)
    return torch.optim.SGD([*model.parameters(), torch.nn.Parameter(torch.zeros(2))], lr=0.1)

def lengths(loader):
    return len(loader), len(loader.dataset), sum(1 for _ in loader)

def records():
    x = torch.ones(2, requires_grad=True)
    return {"a": [x.sum(), x.detach()], "b": (1.0, x.detach()), "c": {"d": x * 2}}

def tries_backward(x):
    try:
        torch.ones(()).backward()
    except RuntimeError as error:
        x.sum().backward()
        return str(error)

def plot(values):
    from matplotlib.figure import Figure
    figure = Figure()
    axes = figure.subplots()
    axes.imshow(values, extent=(0, 2, 0, 1))
    axes.contourf([0.0, 1.0], [0.0, 1.0], [[0.0, 1.0], [0.0, 1.0]], levels=[0.0, 0.5, 1.0])
    axes.pcolormesh([0.0, 1.0, 2.0], [0.0, 1.0], [[3.0, 4.0]])
    figure.legend(handles=axes.plot([1, 2], [3, 4]), labels=["one"])
    return figure
"""
LAYERS = (("Linear", 5, 4), ("Tanh",), ("Linear", 4, 3))


@pytest.fixture
def student(bench: Bench) -> Student:
    return bench.shared(SOURCE)


@pytest.fixture
def network() -> Network:
    return Network(Random(1), *LAYERS, dtype=torch.float64)


def made(rng: Random) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(rng.randn(n, 5, dtype=torch.float64), rng.integers(0, 2, (n,))) for n in (8, 8, 8, 3)]


def test_a_network_is_the_same_on_both_sides(student: Student, network: Network) -> None:
    x = Random(2).randn(6, 5, dtype=torch.float64)
    there, here = network.there(student), network.here()
    assert torch.equal(there(x), here(x))
    assert all(torch.equal(value, network.state[name]) for name, value in parameters(there).items())
    assert there.isinstance("torch.nn.Sequential")
    assert network.there(student)(x).shape == (6, 3)


def test_drawing_a_network_leaves_the_generator_of_this_process_alone(network: Network) -> None:
    before = torch.get_rng_state()
    network.here()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", ["fit", "fit_ahead", "fit_late_reset"])
def test_right_trainings_pass(student: Student, network: Network, name: str) -> None:
    batches, model = made(Random(3)), network.there(student)
    feed = Watched(batches, model)
    losses = getattr(student, name)(model, feed, 0.3)
    assert (len(feed.steps) == 0) == (name == "fit_ahead")
    same_run(recorded(model, losses, steps=feed.steps), Replay(network.here(), batches, F.cross_entropy, 0.3))


def test_gradients_never_reset_are_named_at_the_step_where_it_shows(
    student: Student, network: Network
) -> None:
    batches, model = made(Random(3)), network.there(student)
    feed = Watched(batches, model)
    student.fit_without_reset(model, feed, 0.3)
    with pytest.raises(CheckFailed, match=r"step 2 of 4.*never reset") as caught:
        same_run(recorded(model, steps=feed.steps), Replay(network.here(), batches, F.cross_entropy, 0.3))
    assert "reset" in caught.value.message


def test_gradients_from_before_are_named(student: Student, network: Network) -> None:
    batches, model = made(Random(3)), network.there(student)
    stale = {name: torch.ones_like(value) for name, value in network.state.items()}
    leave_gradients(student, model, stale)
    assert all(
        torch.equal(value, stale[name]) for name, value in gradients(model).items() if value is not None
    )
    losses = student.fit_late_reset(model, batches, 0.3)
    replay = Replay(network.here(), batches, F.cross_entropy, 0.3, stale=stale)
    with pytest.raises(CheckFailed, match="held before"):
        same_run(recorded(model, losses), replay)


def test_forward_passes_are_noted(student: Student, network: Network) -> None:
    model, x = network.there(student), Random(2).randn(6, 5, dtype=torch.float64)
    model(x)
    student.evaluate(model, x)
    first, second = forwards(model)
    assert (first.training, first.gradients, first.shape) == (True, True, (6, 5))
    assert (second.training, second.gradients) == (False, False)
    assert first.version == second.version
    student.fit(model, made(Random(3)), 0.1)
    assert forwards(model)[-1].version > first.version


def test_moved(student: Student, network: Network) -> None:
    model = network.there(student)
    before = parameters(model)
    with pytest.raises(CheckFailed, match="no parameter has moved"):
        moved(parameters(model), before)
    student.fit(model, made(Random(3)), 0.1)
    moved(parameters(model), before)
    with pytest.raises(CheckFailed, match=r"`0.bias` did not move"):
        moved({**parameters(model), "0.bias": before["0.bias"]}, before)


@pytest.mark.parametrize(
    ("how", "words"),
    [("right", None), ("weights", "does not update `0.bias`"), ("foreign", "not the model's")],
)
def test_the_parameters_of_an_optimiser(
    student: Student, network: Network, how: str, words: str | None
) -> None:
    model = network.there(student)
    optimizer: Handle = student.make(model, how)
    if words is None:
        optimises(optimizer, model)
    else:
        with pytest.raises(CheckFailed, match=words):
            optimises(optimizer, model)


MEDDLING: list[tuple[str, Callable[[Any], Any]]] = [
    ("def spoil(model): model.forwards = 3", forwards),
    ("def spoil(model): model.forwards = [{'training': 1}]", forwards),
    ("def spoil(model): del model.forwards", forwards),
    ("def spoil(model): model.named_parameters = lambda: [(1, 2)]", parameters),
    ("def spoil(model): model.named_parameters = lambda: 7", gradients),
]


@pytest.mark.parametrize(("source", "look"), MEDDLING, ids=[source for source, _ in MEDDLING])
def test_meddling_with_the_model_fails_the_check(
    bench: Bench, network: Network, source: str, look: Callable[[Any], Any]
) -> None:
    student = bench.student(source)
    model = network.there(student)
    student.spoil(model)
    with pytest.raises(CheckFailed):
        look(model)


def test_a_feed_has_lengths_like_a_loader(student: Student) -> None:
    feed = Feed(lambda: iter([1, 2, 3]), length=3, samples=17)
    assert student.lengths(feed) == (3, 17, 3)


def test_what_hangs_on_the_graph(student: Student) -> None:
    assert student.lab.functions.in_the_graph(student.records.keep()) == ["a", "d"]
    assert student.lab.functions.in_the_graph([1.0, None, "x"]) == []


def test_backward_passes_are_counted(student: Student) -> None:
    x = student.put(torch.ones(2, requires_grad=True))
    message, count = student.lab.functions.with_backward_counted(student.tries_backward, x)
    assert "does not require grad" in message
    assert count == 2


def test_a_maker_of_models_takes_down_its_seeds(student: Student) -> None:
    maker = student.lab.functions.model_maker.keep([("Linear", 3, 2)], torch.float64)
    a, b, c = (parameters(maker.keep(seed)) for seed in (1, 1, 2))
    assert torch.equal(a["0.weight"], b["0.weight"])
    assert not torch.equal(a["0.weight"], c["0.weight"])
    assert maker.seeds == [1, 1, 2]


def test_fields_of_a_figure_are_read_as_numbers(student: Student) -> None:
    notes = Notes()
    shown = drawn(student.plot, [[1.0, 2.0], [3.0, 4.0]], notes=notes)
    by_kind = {one["kind"]: one for one in shown["axes"][0]["fields"]}
    assert by_kind["image"]["box"] == (0, 2, 0, 1)
    assert by_kind["image"]["values"].tolist() == [[3, 4], [1, 2]], "the first row at the bottom"
    assert by_kind["mesh"]["values"].tolist() == [[3, 4]]
    assert by_kind["mesh"]["corners"].shape == (2, 3, 2)
    assert by_kind["contour"]["levels"] == (0.5, 1.0)
    assert shown["legend"] == ["one"]
    finding = notes.beside(Finding("a", "b", Status.PASSED, 1, 1))
    assert (finding.detail or {})["kind"] == "image"


def test_notes_stand_beside_any_verdict() -> None:
    notes = Notes()
    notes.say("A remark.")
    notes.draw({"kind": "curve"})
    failed = notes.beside(Finding("a", "b", Status.FAILED, 0, 1, "Wrong.", {"kind": "tensor"}))
    assert failed.message == "Wrong. A remark."
    assert failed.detail == {"kind": "tensor"}
    passed = notes.beside(Finding("a", "b", Status.PASSED, 1, 1))
    assert (passed.message, passed.detail) == ("A remark.", {"kind": "curve"})


def test_facts(student: Student, network: Network) -> None:
    found = facts(network.there(student))
    assert [(one.name, one.size, one.trainable) for one in found][:2] == [
        ("0.weight", 20, True),
        ("0.bias", 4, True),
    ]
