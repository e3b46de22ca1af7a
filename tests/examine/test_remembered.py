"""Costly reference results are worked out once; whatever could make that wrong is not remembered."""

from __future__ import annotations

import random
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader.examine import remembered
from grader.examine.remembered import Memory, Remembered, remember_in


class Loader:
    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, name: str) -> str:
        return self.source


SOURCE = """
import random
import numpy as np
import torch
calls = []
constant = 3

def square(x, *, power=2):
    calls.append(power)
    return x**power

def pair(x):
    calls.append(0)
    return (x + 1, [x.sum().item(), None, "text", True], {"a": x})

def draws(x):
    calls.append(0)
    return x + {draw}

def spoils(x):
    calls.append(0)
    x += 1
    return x * 2

def differentiable(x):
    calls.append(0)
    return x * torch.ones(2, requires_grad=True)

def network(x):
    calls.append(0)
    return torch.nn.Linear(2, 2)
"""


def solution(source: str = SOURCE) -> Any:
    module = types.ModuleType("a_solution")
    module.__loader__ = Loader(source)  # type: ignore[assignment]
    exec(compile(source, "a_solution", "exec"), module.__dict__)
    return module


@pytest.fixture(autouse=True)
def everything_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "WORTH_S", -1.0)
    remember_in(None)


def test_the_second_time_it_takes_no_call_and_gives_the_same() -> None:
    module = solution()
    reference = Remembered(module)
    x = torch.arange(6.0).view(2, 3)
    reference.pair(x)  # the first call only learns that it is slow
    expected = module.pair(x)
    number = len(module.calls)
    first, second = reference.pair(x.clone()), reference.pair(x.clone())
    assert len(module.calls) == number + 1
    for result in (first, second):
        assert type(result) is tuple
        torch.testing.assert_close(result[0], expected[0], rtol=0, atol=0)
        assert result[1] == expected[1]
        assert torch.equal(result[2]["a"], x)
    second[0].zero_()
    assert torch.equal(reference.pair(x)[0], expected[0]), "what was given out was the memory itself"


@pytest.mark.parametrize(
    "other",
    [
        lambda f, x: f(x + 1),
        lambda f, x: f(x.double()),
        lambda f, x: f(x.view(3, 2)),
        lambda f, x: f(x, power=3),
        lambda f, x: f(3.0),
    ],
)
def test_another_call_is_another_result(other: Any) -> None:
    module = solution()
    reference = Remembered(module)
    x = torch.arange(6.0)
    for _ in range(3):
        reference.square(x)
    expected = other(module.square, x)
    result = other(reference.square, x)
    assert type(result) is type(expected)
    assert torch.equal(torch.as_tensor(result), torch.as_tensor(expected))


@pytest.mark.parametrize("draw", ["torch.rand(())", "np.random.rand()", "random.random()"])
def test_what_draws_at_random_is_not_remembered(draw: str) -> None:
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    reference = Remembered(solution(SOURCE.replace("{draw}", draw)))
    x = torch.zeros(())
    assert len({float(reference.draws(x)) for _ in range(5)}) == 5


@pytest.mark.parametrize("name", ["spoils", "differentiable", "network"])
def test_what_leaves_a_trace_or_is_no_data_is_not_remembered(name: str) -> None:
    module = solution()
    reference = Remembered(module)
    for number in range(4):
        x = torch.ones(2)
        getattr(reference, name)(x)
        assert len(module.calls) == number + 1
        if name == "spoils":
            assert torch.equal(x, torch.full((2,), 2.0))


def test_arguments_that_want_gradients_are_let_through() -> None:
    reference = Remembered(solution())
    for _ in range(3):
        x = torch.ones(2, requires_grad=True)
        reference.square(x).sum().backward()
        assert x.grad is not None


def test_other_names_are_the_solutions_own() -> None:
    module = solution()
    reference = Remembered(module)
    assert reference.constant == 3
    assert reference.torch is torch
    assert reference.square.__name__ == "square"
    with pytest.raises(AttributeError):
        reference.nothing  # noqa: B018


def test_another_process_finds_it_in_the_folder(tmp_path: Path) -> None:
    x = torch.arange(4.0)
    for turn in range(2):
        remember_in(tmp_path / "shared")
        module = solution()
        reference = Remembered(module)
        for _ in range(3 - turn):
            assert torch.equal(reference.square(x), x**2)
        assert len(module.calls) == (2 if turn == 0 else 0)


def test_another_solution_does_not(tmp_path: Path) -> None:
    x = torch.arange(4.0)
    for power in (2, 3):
        remember_in(tmp_path)
        reference = Remembered(solution(SOURCE.replace("power=2", f"power={power}")))
        for _ in range(3):
            assert torch.equal(reference.square(x), x**power)


def test_a_damaged_file_is_not_believed(tmp_path: Path) -> None:
    x = torch.arange(4.0)
    for _ in range(2):
        remember_in(tmp_path)
        reference = Remembered(solution())
        for _ in range(3):
            assert torch.equal(reference.square(x), x**2)
        for file in tmp_path.iterdir():
            if not file.name.startswith("slow-"):
                file.write_bytes(b"GRW1 nonsense")


def test_a_quick_call_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "WORTH_S", 60.0)
    module = solution()
    reference = Remembered(module)
    for number in range(3):
        reference.square(torch.ones(2))
        assert len(module.calls) == number + 1


def test_the_memory_is_bounded() -> None:
    memory = Memory(room=100)
    for number in range(10):
        memory.put(str(number), bytes(20))
    assert [memory.get(str(number)) is not None for number in range(10)] == [False] * 5 + [True] * 5
    memory.put("large", bytes(60))
    assert memory.get("large") is None
