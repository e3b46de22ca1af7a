"""ensure, fail, partly, a_tensor, number, numbers, truth, instance; and how a check can end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from grader.compare import (
    CheckEnded,
    CheckFailed,
    Inconclusive,
    Partly,
    Skipped,
    a_tensor,
    ensure,
    fail,
    instance,
    number,
    numbers,
    partly,
    truth,
)


def why(verb: Any, *args: object, **options: object) -> str:
    with pytest.raises(CheckFailed) as failed:
        verb(*args, **options)
    return failed.value.message


@pytest.mark.parametrize(
    "held", [True, np.bool_(True), torch.tensor(True), torch.tensor([[True]]), np.array([True])]
)
def test_ensure_passes(held: object) -> None:
    ensure(held, "not so")


@pytest.mark.parametrize(
    "broken",
    [
        False,
        None,
        1,
        "yes",
        [1],
        torch.tensor(1.0),
        torch.tensor([True, True]),
        torch.tensor([], dtype=torch.bool),
    ],
    ids=repr,
)
def test_ensure_takes_nothing_that_is_merely_truthy(broken: object) -> None:
    assert why(ensure, broken, "not so") == "not so"


def test_fail() -> None:
    assert why(fail, "wrong") == "wrong"


def test_partly() -> None:
    with pytest.raises(Partly) as part:
        partly(3, 4, "three of four")
    assert (part.value.earned, part.value.of, part.value.share) == (3, 4, 0.75)
    assert part.value.message == "three of four"
    partly(4, 4, "all is earned")
    for nothing in (0, -1, float("nan")):
        with pytest.raises(CheckFailed) as failed:
            partly(nothing, 4, "nothing")
        assert not isinstance(failed.value, Partly)
    with pytest.raises(ValueError, match="positive"):
        partly(1, 0, "of nothing")


def test_the_tree_of_endings() -> None:
    assert issubclass(Partly, CheckFailed)
    for ending in (CheckFailed("m", {"k": 1}), Inconclusive("m", {"k": 1}), Skipped("m"), Partly(1, 2, "m")):
        assert isinstance(ending, CheckEnded)
        assert ending.message == str(ending) == "m"
    assert not issubclass(Inconclusive, CheckFailed)
    assert not issubclass(Skipped, CheckFailed)
    assert CheckFailed("m", {"k": 1}).detail == {"k": 1}


def test_a_tensor() -> None:
    x = torch.zeros(2, 3)
    assert a_tensor(x, shape=(2, None), dtype="floating", ndim=2) is x
    assert a_tensor(x, dtype=torch.float32) is x
    assert a_tensor(x.long(), dtype="integer").dtype == torch.int64
    assert a_tensor(x.cfloat(), dtype="numeric").is_complex()
    assert why(a_tensor, None, what="your answer") == "Your answer is None; return a torch tensor."
    assert "NumPy array; return a torch tensor" in why(a_tensor, np.zeros(3))
    assert "shape (2, 3); (3,) is expected" in why(a_tensor, x, shape=(3,))
    assert "(any, 4) is expected" in why(a_tensor, x, shape=(None, 4))
    assert "; () is expected" in why(a_tensor, x, shape=())
    assert "2 dimensions" in why(a_tensor, x, ndim=3)
    assert "an integer dtype" in why(a_tensor, x, dtype="integer")
    assert "a floating dtype" in why(a_tensor, x.cfloat(), dtype="floating")
    for kind in ("floating", "integer", "numeric"):
        assert "dtype bool" in why(a_tensor, x.bool(), dtype=kind)
    assert "dense" in why(a_tensor, x.to_sparse())
    with pytest.raises(TypeError, match="dtype must be"):
        a_tensor(x, dtype="float")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        np.float32(2),
        np.int8(2),
        torch.tensor(2),
        torch.tensor([[2.0]]),
        np.array([2]),
        torch.tensor(2.0).half(),
    ],
    ids=repr,
)
def test_number(value: object) -> None:
    result = number(value)
    assert result == 2.0
    assert type(result) is float


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        "2",
        2j,
        [2],
        torch.tensor(True),
        torch.tensor([1.0, 2.0]),
        torch.tensor([]),
        torch.tensor(2j),
        float("nan"),
        float("inf"),
        torch.tensor(float("nan")),
        10**400,
        np.bool_(True),
        np.array(["2"]),
    ],
    ids=repr,
)
def test_number_refuses(value: object) -> None:
    assert why(number, value, what="the loss").startswith("The loss is ")


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ((2, -1.5), torch.float64),
        ([np.float64(2), np.int8(-1) - 0.5], torch.float64),
        (np.array([2.0, -1.5]), torch.float64),
        (torch.tensor([2.0, -1.5], dtype=torch.float64), torch.float64),
        ((torch.tensor(2), torch.tensor([-1.5], dtype=torch.float64)), torch.float64),
        (torch.tensor([2.0, -1.5], requires_grad=True), torch.float32),
        (np.array([2.0, -1.5], dtype=np.float16), torch.float32),
        ((2.0, torch.tensor(-1.5)), torch.float32),
        ((np.float32(2), -1.5), torch.float32),
    ],
    ids=repr,
)
def test_numbers(value: object, dtype: torch.dtype) -> None:
    result = numbers(value, 2)
    assert result.dtype == dtype
    assert result.tolist() == [2.0, -1.5]
    assert not result.requires_grad


def test_numbers_refuses() -> None:
    assert why(numbers, (1.0, None), 2, what="the point") == (
        "The point[1] is None; a real number is expected."
    )
    assert "is nan; a finite number" in why(numbers, torch.tensor([1.0, float("nan")]), 2)
    assert why(numbers, [1.0, 2.0, 3.0], 2) == "The result holds 3 numbers; it should hold 2."
    assert "holds 1 number; it should hold 3" in why(numbers, np.zeros(1), 3)
    assert "is a tensor of shape (2, 1); 2 numbers in a row" in why(numbers, torch.zeros(2, 1), 2)
    for nothing in (None, 2.0, "12", {1, 2}, {0: 1.0, 1: 2.0}, torch.zeros(2).to_sparse()):
        assert "2 numbers in a row are expected" in why(numbers, nothing, 2)
    for odd in ((True, False), ("1", "2"), torch.tensor([True, False]), np.array(["a", "b"]), [1j, 2]):
        why(numbers, odd, 2)


def test_number_may_be_infinite_where_allowed() -> None:
    assert number(float("inf"), finite=False) == float("inf")
    assert "far too large" in why(number, 10**400, finite=False)


def test_truth() -> None:
    assert truth(torch.tensor([True])) is True
    assert truth(np.bool_(False)) is False
    assert "True or False is expected" in why(truth, 1)


def test_instance() -> None:
    assert instance(3, int) == 3
    assert instance("a", (int, str)) == "a"
    assert instance(True, bool) is True
    assert why(instance, True, int) == "The result is a bool; `int` is expected."
    assert "`int` or `str` is expected" in why(instance, 2.5, (int, str))
    assert instance(torch.float32, torch.dtype) is torch.float32


def test_numbers_of_any_count_and_not_finite() -> None:
    held = numbers([1, float("nan"), np.float64("inf")], finite=False)
    assert torch.equal(held.nan_to_num(7.0, posinf=8.0), torch.tensor([1.0, 7.0, 8.0], dtype=torch.float64))
    assert numbers(torch.zeros(0)).tolist() == []
    assert "is a tensor of shape (2, 2); numbers in a row are expected" in why(numbers, torch.zeros(2, 2))
    assert "numbers in a row are expected" in why(numbers, np.array(["a", "b"]))
    assert "4 numbers in a row are expected" in why(numbers, 3, 4)
