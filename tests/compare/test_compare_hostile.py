"""Whatever a student returns, a comparison passes or is CheckFailed, and its message is fit to be shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_values import DTYPES, Opaque, anything, data_without_nan, special, tensor_of, tensors

from grader.compare import (
    CheckFailed,
    a_tensor,
    close,
    ensure,
    equal,
    instance,
    number,
    numbers,
    truth,
    unchanged,
)
from grader.compare.diagnosis import WRONG_VALUES
from grader.compare.layout_mistakes import WRONG_SHAPE
from grader.compare.pair import Pair
from grader.compare.promote import inexact
from grader.compare.tolerance import FLOAT32

often = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def message_of(verb: Callable[..., object], *args: object, **options: object) -> str | None:
    """The message with which the verb refuses, or None; it must be printable, and the detail JSON."""
    failed: CheckFailed | None = None
    try:
        verb(*args, **options)
    except CheckFailed as caught:
        failed = caught
    if failed is None:
        return None
    assert failed.message.isprintable()
    assert len(failed.message) < 2000
    json.dumps(failed.detail, allow_nan=False)
    return failed.message


@often
@given(anything, anything, st.booleans(), st.sampled_from(["same", "any", torch.float32]))
def test_nothing_but_check_failed_comes_out(actual: Any, expected: Any, equal_nan: bool, dtype: Any) -> None:
    message_of(close, actual, expected, equal_nan=equal_nan, dtype=dtype)
    message_of(close, actual, expected, rtol=0.1, atol=1.0, dtype=dtype)
    message_of(equal, actual, expected, dtype=dtype)
    message_of(unchanged, actual, expected)


@often
@given(anything)
def test_the_other_verbs_let_nothing_else_out(value: Any) -> None:
    message_of(number, value)
    message_of(number, value, finite=False)
    message_of(numbers, value, 2)
    message_of(numbers, [value, value], 2)
    message_of(truth, value)
    message_of(ensure, value, "not so")
    message_of(instance, value, (int, str))
    message_of(a_tensor, value, shape=(2, None), dtype="floating", ndim=2)
    message_of(a_tensor, value, shape=(), dtype="integer")
    message_of(a_tensor, value, dtype="numeric")


@settings(often, max_examples=60)
@given(st.data())
def test_two_tensors_of_one_shape_let_nothing_else_out(data: st.DataObject) -> None:
    actual = data.draw(tensors)
    expected = data.draw(
        st.builds(tensor_of, st.integers(0, 9), st.just(tuple(actual.shape)), st.sampled_from(DTYPES))
    )
    for value in (0.0, float("nan"), float("inf"), 1e300):
        message_of(close, actual, special(expected.clone(), value), dtype="any")
        message_of(close, special(expected.clone(), value), actual, rtol=1e-9, atol=0.0, dtype="any")


@often
@given(tensors, tensors)
def test_no_hypothesis_needs_the_net_under_it(actual: torch.Tensor, expected: torch.Tensor) -> None:
    pairs = [Pair(inexact(actual), inexact(expected), FLOAT32)]
    if actual.numel() == expected.numel():
        pairs.append(
            Pair(inexact(actual).reshape(expected.shape), inexact(expected), FLOAT32, equal_nan=True)
        )
    for pair in pairs:
        if not pair.expected.numel():
            continue
        same = pair.actual.shape == pair.expected.shape
        if same and not pair.wrong.any():
            continue
        for hypothesis in WRONG_VALUES if same else WRONG_SHAPE:
            said = hypothesis(pair)
            assert said is None or said.isprintable()


@often
@given(data_without_nan)
def test_everything_is_close_to_itself(value: Any) -> None:
    close(value, value)
    equal(value, value)
    unchanged(value, value)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype_is_close_to_itself_and_not_to_another(dtype: torch.dtype) -> None:
    tensor = tensor_of(3, (4, 4), dtype)
    assert message_of(close, tensor, tensor.clone()) is None
    assert message_of(close, tensor, tensor_of(4, (4, 4), dtype)) is not None


def test_integers_that_python_refuses_to_print() -> None:
    for expected in (1, 1.0, 10**5001, "a", torch.tensor(1), [1, 2]):
        assert message_of(close, 10**5000, expected, dtype="any") is not None
        assert message_of(close, [10**5000, 10**5000], expected) is not None
        assert message_of(close, {10**5000: 1}, {"a": expected}) is not None
    assert message_of(number, 10**5000) == "The result is an integer of about 5000 digits, far too large."


def nested(depth: int, leaf: object) -> Any:
    for level in range(depth):
        leaf = [leaf] if level % 2 else {"k": leaf}
    return leaf


def test_nested_fifty_deep() -> None:
    close(nested(50, 1.0), nested(50, 1.0))
    assert message_of(close, nested(50, 1.0), nested(50, 2.0)) is not None


def test_nested_beyond_reason() -> None:
    assert "too deeply" in str(message_of(close, nested(600, 1.0), nested(600, 1.0)))
    key: Any = ()
    for _ in range(600):
        key = (key,)
    assert message_of(close, {key}, {key}) is not None


def test_a_container_of_itself() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert message_of(close, loop, loop) is not None


@pytest.mark.parametrize(
    "expected",
    [torch.zeros(2), 1.0, True, None, "a", [1], (1, 2), {"a": 1}, {1}, slice(1), range(3), torch.float32],
    ids=repr,
)
def test_an_opaque_object_is_named_and_left_alone(expected: object) -> None:
    assert "an object of type 'Linear'" in str(message_of(close, Opaque(), expected))
    assert message_of(close, expected, Opaque()) is not None


def test_a_key_that_claims_to_be_the_right_one() -> None:
    class Chameleon:
        def __hash__(self) -> int:
            return hash("a")

        def __eq__(self, other: object) -> bool:
            return True

    assert "cannot be compared" in str(message_of(equal, {Chameleon(): 1}, {"a": 1}))
    assert "cannot be compared" in str(message_of(equal, {Chameleon()}, {"a"}))
    assert "cannot be compared" in str(message_of(equal, {(1, Chameleon())}, {(1, "a")}))


def test_an_object_that_lies_about_its_type() -> None:
    class Liar:
        @property
        def type_name(self) -> str:
            raise RuntimeError("boo")

    class Babbler:
        type_name = "x" * 10**6 + "\n\u202e"

    assert "'Liar'" in str(message_of(close, Liar(), 1))
    assert message_of(close, Babbler(), 1) is not None


def test_comparing_leaves_the_global_generator_alone() -> None:
    state = torch.random.get_rng_state()
    message_of(close, torch.ones(5, 5), torch.arange(25.0).reshape(5, 5))
    assert torch.equal(state, torch.random.get_rng_state())
