"""Trainings beside each other: a right one passes however it is recorded, and each mistake is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from grader.compare import CheckFailed, Replay, Run, curves, same_run

Train = Callable[[nn.Module, list[tuple[Tensor, Tensor]], float], list[Any]]
LR = 0.3


def model(dtype: torch.dtype = torch.float64) -> nn.Module:
    generator = torch.Generator().manual_seed(1)
    made = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).to(dtype)
    for p in made.parameters():
        p.data = torch.randn(p.shape, generator=generator, dtype=torch.float64).to(dtype)
    return made


def batches(sizes: tuple[int, ...] = (8, 8, 8, 8, 8, 3)) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(2)
    return [
        (
            torch.randn(n, 5, generator=generator, dtype=torch.float64),
            torch.randint(3, (n,), generator=generator),
        )
        for n in sizes
    ]


def replay(**options: Any) -> Replay:
    return Replay(model(), batches(), F.cross_entropy, LR, **options)


def trained(train: Train, **options: Any) -> tuple[list[Any], dict[str, Tensor]]:
    mine = model(**options)
    losses = train(mine, batches(), LR)
    return losses, {name: p.detach() for name, p in mine.named_parameters()}


def loop(
    model: nn.Module,
    data: list[tuple[Tensor, Tensor]],
    lr: float,
    *,
    zero: bool = True,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
    reduction: str = "mean",
    order: str = "zbs",
    first: bool = False,
    only: str = "",
    record: str = "before",
) -> list[Any]:
    chosen = [p for name, p in model.named_parameters() if only in name]
    opt = optimizer(chosen, lr=lr)
    losses = []
    for batch in data:
        x, t = data[0] if first else batch
        loss = F.cross_entropy(model(x), t, reduction=reduction)
        for action in order:
            if action == "z" and zero:
                opt.zero_grad()
            elif action == "b":
                loss.backward()
            elif action == "s":
                opt.step()
        after = F.cross_entropy(model(x), t)
        losses.append({"before": loss, "after": after}[record].item())
    return losses


def with_options(**options: Any) -> Train:
    return lambda *arguments: loop(*arguments, **options)


def told(losses: Any, parameters: Any = None, **options: Any) -> str:
    with pytest.raises(CheckFailed) as caught:
        same_run(Run(losses, parameters), options.pop("replay", None) or replay(), **options)
    return caught.value.message


@pytest.mark.parametrize(
    "kind", [list, tuple, np.array, torch.tensor, lambda x: [torch.tensor(v) for v in x]]
)
def test_a_right_training_passes(kind: Callable[[list[float]], Any]) -> None:
    losses, parameters = trained(loop)
    same_run(Run(kind(losses), parameters), replay())
    same_run(Run(parameters=parameters), replay())
    same_run(Run(losses=kind(losses)), replay())


def test_a_training_by_hand_passes() -> None:
    def by_hand(model: nn.Module, data: list[tuple[Tensor, Tensor]], lr: float) -> list[Any]:
        losses = []
        for x, t in data:
            loss = F.nll_loss(F.log_softmax(model(x), 1), t)
            grads = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for p, g in zip(model.parameters(), grads, strict=True):
                    p -= lr * g
            losses.append(loss)
        return losses

    same_run(Run(*trained(by_hand)), replay())


MISTAKES: list[tuple[str, Train, str]] = [
    ("no zero_grad", with_options(zero=False), "never reset"),
    ("sum", with_options(reduction="sum"), "summed"),
    ("no movement", with_options(order="z"), "No parameter has moved"),
    ("zero_grad between backward and step", with_options(order="bzs"), "No parameter has moved"),
    ("first batch", with_options(first=True), "first minibatch"),
    ("adam", with_options(optimizer=torch.optim.Adam), "Adam"),
    ("momentum", with_options(optimizer=lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9)), "momentum 0.9"),
    ("decay", with_options(optimizer=lambda p, lr: torch.optim.SGD(p, lr, weight_decay=1e-3)), "decay 0.001"),
    ("uphill", with_options(optimizer=lambda p, lr: torch.optim.SGD(p, lr, maximize=True)), "uphill"),
    ("only the weights", with_options(only="weight"), "`0.bias` and `2.bias` never moved"),
    ("rate", with_options(optimizer=lambda p, lr: torch.optim.SGD(p, 0.7 * lr)), "0.7 times"),
    ("own rate", with_options(optimizer=lambda p, lr: torch.optim.SGD(p, 0.01)), "0.0333 times"),
    ("after", with_options(record="after"), "after the update"),
]


@pytest.mark.parametrize(("train", "words"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_each_mistake_is_named(train: Train, words: str) -> None:
    losses, parameters = trained(train)
    assert words in told(losses, parameters)


@pytest.mark.parametrize("name", ["no zero_grad", "sum", "first batch", "adam", "uphill", "rate", "own rate"])
def test_losses_alone_tell_as_much(name: str) -> None:
    train, words = next(m[1:] for m in MISTAKES if m[0] == name)
    losses, _ = trained(train)
    assert words in told(losses)


def test_an_update_before_its_gradient_is_there() -> None:
    """Of a linear model; others let torch itself complain."""

    def linear() -> nn.Module:
        return nn.Sequential(model()[0])  # type: ignore[index]

    mine = linear()
    losses = loop(mine, batches(), LR, order="szb")
    expected = Replay(linear(), batches(), F.cross_entropy, LR)
    parameters = {name: p.detach() for name, p in mine.named_parameters()}
    assert "of the step before" in told(losses, parameters, replay=expected)


def test_mean_where_the_update_uses_the_sum() -> None:
    def train(model: nn.Module, data: list[tuple[Tensor, Tensor]], lr: float) -> list[Any]:
        data[:] = data[:5]  # all of one size
        return loop(model, data, 8 * lr)

    losses, parameters = trained(train)
    message = told(losses, parameters, replay=Replay(model(), batches()[:5], F.cross_entropy, LR))
    assert "8 times too long" in message


def test_stale_gradients() -> None:
    stale = {name: torch.ones_like(p) for name, p in model().named_parameters()}

    def train(model: nn.Module, data: list[tuple[Tensor, Tensor]], lr: float) -> list[Any]:
        for p in model.parameters():
            p.grad = torch.ones_like(p)
        return loop(model, data, lr, order="bsz")

    losses, parameters = trained(train)
    assert "held before" in told(losses, parameters, replay=replay(stale=stale))


def test_a_mistake_of_the_exercise() -> None:
    def wrong(outputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(outputs.softmax(1), targets)

    def train(model: nn.Module, data: list[tuple[Tensor, Tensor]], lr: float) -> list[Any]:
        return loop(nn.Sequential(model, nn.Softmax(1)), data, lr)

    losses, parameters = trained(train)
    assert "softmax twice" in told(losses, parameters, mistakes={"It is softmax twice.": wrong})


def test_records_in_another_form_are_named() -> None:
    losses, parameters = trained(loop)
    sizes = [len(t) for _, t in batches()]
    assert "sums over" in told([a * n for a, n in zip(losses, sizes, strict=True)], parameters)
    means = [sum(losses[: i + 1]) / (i + 1) for i in range(len(losses))]
    assert "running means" in told(means, parameters)
    assert "holds 5 numbers; it should hold 6" in told(losses[:-1], parameters)


def test_metrics_are_compared_too() -> None:
    def accuracy(outputs: Tensor, targets: Tensor) -> float:
        return float((outputs.argmax(1) == targets).double().mean())

    expected = replay(metrics={"acc": accuracy})
    right = expected.right
    same_run(Run(right.losses, right.parameters, {"acc": right.metrics["acc"]}), expected)
    with pytest.raises(CheckFailed, match="`acc` of that step"):
        same_run(Run(right.losses, right.parameters, {"acc": [0.5] * 6}), expected)


def test_no_expected_value_is_told_and_the_curves_are_drawn() -> None:
    losses, parameters = trained(with_options(zero=False))
    with pytest.raises(CheckFailed) as caught:
        same_run(Run(losses, parameters), replay())
    for value in replay().right.losses or []:
        assert f"{value:.3g}" not in caught.value.message
    detail = caught.value.detail
    assert detail is not None
    assert [one["name"] for one in detail["series"]] == ["yours", "reference"]
    assert "step 2 of 6" in caught.value.message or "step 3 of 6" in caught.value.message


def test_watched_steps_say_where_parameters_part() -> None:
    def train(model: nn.Module, data: list[tuple[Tensor, Tensor]], lr: float) -> list[Any]:
        for number, batch in enumerate(data):
            loop(model, [batch], lr if number != 3 else lr / 2)
            steps.append({name: p.detach().clone() for name, p in model.named_parameters()})
        return []

    steps: list[dict[str, Tensor]] = []
    _, parameters = trained(train)
    with pytest.raises(CheckFailed, match="part at step 4 of 6"):
        same_run(Run(parameters=parameters, steps=steps), replay())


STRANGE: list[Any] = [
    None, 3, "losses", [], ["a"] * 6, [None] * 6, [[1.0]] * 6, [float("nan")] * 6, [float("inf")] * 6,
    torch.zeros(6, 1), torch.zeros(6, dtype=torch.complex64), np.array(["x"] * 6), {"a": 1}, [True] * 6,
    torch.zeros(6).to_sparse(), [torch.zeros(2)] * 6, [10**400] * 6, object(),
]  # fmt: skip


@pytest.mark.parametrize("losses", STRANGE[1:], ids=range(len(STRANGE) - 1))
def test_strange_records_fail_and_break_nothing(losses: Any) -> None:
    _, parameters = trained(loop)
    assert told(losses, parameters)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: {},
        lambda p: dict.fromkeys(p),
        lambda p: {name: value[:1] for name, value in p.items()},
        lambda p: {name: value.to_sparse() for name, value in p.items()},
        lambda p: {name: value * torch.nan for name, value in p.items()},
        lambda p: {name: value.to(torch.complex64) + 1j for name, value in p.items()},
        lambda p: {name: torch.zeros_like(value) for name, value in p.items()},
        lambda p: {name: value.bool() for name, value in p.items()},
    ],
)
def test_strange_parameters_fail_and_break_nothing(change: Callable[[Any], Any]) -> None:
    losses, parameters = trained(loop)
    assert told(losses, change(parameters))


def test_float32_is_close_enough() -> None:
    def train(model: nn.Module, data: list[tuple[Tensor, Tensor]], lr: float) -> list[Any]:
        return loop(model, [(x.float(), t) for x, t in data], lr)

    same_run(Run(*trained(train, dtype=torch.float32)), replay(), rtol=1e-4, atol=1e-5)


def test_a_replay_leaves_its_model_alone() -> None:
    given = model()
    before = copy.deepcopy(given.state_dict())
    made = Replay(given, batches(), F.cross_entropy, LR)
    assert made.right.losses != made.with_lr(2 * LR).right.losses
    assert all(torch.equal(value, before[name]) for name, value in given.state_dict().items())
    assert all(p.grad is None for p in given.parameters())


def test_numbers_may_be_asked_for_after_the_update() -> None:
    before, after = replay().right, replay(after=True).right
    assert after.parameters is not None
    assert before.parameters is not None
    assert all(torch.equal(after.parameters[name], value) for name, value in before.parameters.items())
    same_run(Run(after.losses, after.parameters), replay(after=True))
    with pytest.raises(CheckFailed, match="those after the update of their step; record them before it"):
        same_run(Run(after.losses, after.parameters), replay())
    with pytest.raises(CheckFailed, match="those before the update of their step; record them after it"):
        same_run(Run(before.losses, before.parameters), replay(after=True))


def test_a_mistake_that_changes_nothing_in_a_single_step_is_not_named() -> None:
    one = replay().batches[:1]
    expected = Replay(model(), one, F.cross_entropy, LR)
    off = [expected.right.losses[0] * (1 + 5e-4)]  # type: ignore[index]
    with pytest.raises(CheckFailed) as caught:
        same_run(Run(off, expected.right.parameters), expected, rtol=1e-4)
    assert "never reset" not in caught.value.message


def test_curves_are_plain_data() -> None:
    detail = curves({"a": torch.tensor([1.0, 2.0]), "b": [3]}, "epoch", "cost", at={"b": [1]}, caption="So.")
    assert detail["series"] == [
        {"name": "a", "values": [1.0, 2.0]},
        {"name": "b", "values": [3.0], "at": [1.0]},
    ]
