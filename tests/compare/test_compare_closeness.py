"""Verdicts of close, equal and unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from odd_values import tensor_of

from grader.compare import CheckFailed, close, equal, unchanged
from grader.compare.tolerance import DEFAULTS

NAN, INF = float("nan"), float("inf")


def passes(verb: Any, *args: object, **options: object) -> bool:
    try:
        verb(*args, **options)
    except CheckFailed:
        return False
    return True


def why(verb: Any, *args: object, **options: object) -> str:
    with pytest.raises(CheckFailed) as failed:
        verb(*args, **options)
    return failed.value.message


# -------------------------------------------------------------------------------------------- tensors

FLOATING = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128]


@pytest.mark.parametrize("dtype", FLOATING, ids=str)
def test_default_tolerances_are_those_of_torch_testing(dtype: torch.dtype) -> None:
    """Just within the tolerance that is documented and just beyond, in steps of the dtype."""
    limit = DEFAULTS[dtype].rtol + DEFAULTS[dtype].atol
    expected = torch.ones(1, dtype=dtype)
    verdicts: list[bool] = []
    for fraction in (0.2, 0.5, 0.9, 1.1, 1.5, 2.0):
        actual = (torch.ones(1, dtype=torch.complex128) + fraction * limit).real.to(dtype)
        try:
            torch.testing.assert_close(actual, expected)
            theirs = True
        except AssertionError:
            theirs = False
        assert passes(close, actual, expected) is theirs, fraction
        verdicts.append(theirs)
    assert set(verdicts) == {True, False}


seeds, sizes = st.integers(0, 10**6), st.lists(st.integers(1, 5), max_size=3).map(tuple)


@settings(max_examples=60, deadline=None)
@given(seeds, sizes, st.sampled_from([torch.float32, torch.float64, torch.complex128]), st.data())
def test_one_element_changed_beyond_tolerance_fails(
    seed: int, shape: tuple[int, ...], dtype: torch.dtype, data: st.DataObject
) -> None:
    expected = tensor_of(seed, shape, dtype)
    at = data.draw(st.integers(0, expected.numel() - 1))
    rtol, atol = data.draw(st.sampled_from([(1e-3, 0.0), (0.0, 1e-3), (1e-4, 1e-4), (0.1, 0.01)]))
    sign = data.draw(st.sampled_from([-1, 1]))
    allowed = atol + rtol * abs(expected.flatten()[at].item())
    assume(allowed > 1e-4)
    for factor, fine in ((0.9, True), (1.1, False)):
        actual = expected.clone()
        actual.view(-1)[at] += sign * factor * allowed
        assert passes(close, actual, expected, rtol=rtol, atol=atol) is fine
    assert passes(close, expected.clone(), expected)
    assert passes(equal, expected.clone(), expected)


@settings(max_examples=100, deadline=None)
@given(seeds, sizes, st.sampled_from([torch.float64, torch.complex128]))
def test_the_rule_is_that_of_torch_isclose(seed: int, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    expected = tensor_of(seed, shape, dtype)
    actual = expected + 2e-3 * tensor_of(seed + 1, shape, dtype)
    flat = [expected.view(-1), actual.view(-1)]
    for place, (e, a) in enumerate([(INF, INF), (INF, -INF), (NAN, NAN), (1.0, NAN), (INF, 1.0), (1.0, INF)]):
        for tensor, value in zip(flat, (e, a), strict=True):
            if (seed >> place) % 5 == 0:
                tensor[place % tensor.numel()] = value
    for equal_nan in (False, True):
        theirs = bool(torch.isclose(actual, expected, rtol=1e-2, atol=1e-3, equal_nan=equal_nan).all())
        assert passes(close, actual, expected, rtol=1e-2, atol=1e-3, equal_nan=equal_nan) is theirs


@settings(max_examples=15, deadline=None)
@given(seeds, st.lists(st.integers(2, 5), min_size=1, max_size=3).map(tuple))
def test_trivial_answers_fail(seed: int, shape: tuple[int, ...]) -> None:
    given_input = tensor_of(seed, shape, torch.float32)
    expected = given_input.exp() + given_input.flip(0)
    for answer in (
        torch.zeros(shape),
        torch.ones(shape),
        expected.mean().expand(shape),
        given_input,
        torch.full(shape, NAN),
        torch.full(shape, INF),
        torch.empty(shape).fill_(1e-30),
        expected.half().float(),
        expected[..., :1],
        expected.mean(),
        None,
        False,
        "",
        [],
        expected.tolist(),
    ):
        assert not passes(close, answer, expected)
        assert not passes(equal, answer, expected)


def test_one_wrong_element_in_ten_thousand_fails() -> None:
    expected = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
    actual = expected.clone()
    actual[1234] += 0.01
    assert "1 of 10000 elements (under 1 %)" in why(close, actual, expected)


def test_shapes_must_be_equal_and_are_not_broadcast() -> None:
    assert not passes(close, torch.ones(1), torch.ones(3))
    assert not passes(close, torch.tensor(1.0), torch.ones(1))
    assert not passes(close, torch.ones(1, 3), torch.ones(3))
    assert not passes(close, torch.empty(0, 3), torch.empty(0, 4))
    assert passes(close, torch.empty(0, 3), torch.empty(0, 3))


def test_nan_and_infinity() -> None:
    nan, inf = torch.tensor([1.0, NAN]), torch.tensor([1.0, INF])
    assert not passes(close, nan, nan)
    assert passes(close, nan, nan, equal_nan=True)
    assert not passes(close, torch.ones(2), nan, equal_nan=True)
    assert passes(close, inf, inf)
    assert not passes(close, -inf, inf)
    assert not passes(close, torch.ones(2), inf, rtol=0.5, atol=0.5)
    assert not passes(close, inf, torch.ones(2), rtol=0.5, atol=1e30)


def test_values_whose_size_overflows() -> None:
    large = torch.tensor([complex(1.5e308, 1.5e308)])
    assert passes(close, large, large.clone(), rtol=0.1, atol=0)
    assert not passes(close, large / 2, large, rtol=0.1, atol=0)
    assert not passes(close, -large.real, large.real, rtol=0.1, atol=0)


def test_dtype_rules() -> None:
    x = torch.tensor([1.0, 2.5])
    assert not passes(close, x.double(), x)
    assert passes(close, x.double(), x, dtype="any")
    assert passes(close, x.double(), x, dtype=torch.float64)
    assert not passes(close, x, x, dtype=torch.float64)
    assert ".to(torch.float32)" in why(close, x.double(), x)
    assert "differ as well" in why(close, x.double() + 1, x)
    assert not passes(equal, torch.tensor([1.0]), torch.tensor([1]))
    assert passes(equal, torch.tensor([1.0]), torch.tensor([1]), dtype="any")


def test_half_precision_does_not_widen_the_tolerance_of_any() -> None:
    x = torch.rand(100, generator=torch.Generator().manual_seed(0)) + 1
    assert not passes(close, x.bfloat16(), x, dtype="any")
    assert passes(close, x, x.double() + 1e-7, dtype="any")  # float32 for float64 is precise enough
    assert passes(close, x.bfloat16(), x.bfloat16() * 1.005)  # where it is asked for it has its own


def test_integers_are_compared_exactly() -> None:
    big = torch.tensor([2**60, -(2**63), 2**63 - 1])
    assert passes(close, big, big.clone())
    assert not passes(close, big + torch.tensor([1, 0, 0]), big)
    assert passes(close, big + torch.tensor([1, 0, 0]), big, rtol=0, atol=1)
    assert not passes(close, big + torch.tensor([2, 0, 0]), big, rtol=0, atol=1)
    assert not passes(close, big[1:], big[1:].flip(0), rtol=0, atol=1e18)  # the difference needs 65 bits
    unsigned = torch.tensor([2**64 - 1, 2**63], dtype=torch.uint64)
    assert passes(close, unsigned, unsigned.clone())
    assert not passes(close, torch.tensor([2**64 - 2, 2**63], dtype=torch.uint64), unsigned)
    assert not passes(close, unsigned.view(torch.int64), unsigned, dtype="any")


def test_views_conjugates_and_gradients_are_just_values() -> None:
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    assert passes(close, x.T.contiguous().T.requires_grad_(), x)
    z = torch.complex(x, x.flip(0))
    assert passes(close, z.conj(), torch.complex(x, -x.flip(0)))


def test_sparse_and_meta_tensors_are_refused() -> None:
    assert "dense" in why(close, torch.eye(3).to_sparse(), torch.eye(3))
    assert "dense" in why(close, torch.empty(3, device="meta"), torch.zeros(3))


# ------------------------------------------------------------------------- arrays, numbers, stand-ins


def test_arrays_stand_for_tensors_only_where_any_dtype_will_do() -> None:
    x = torch.tensor([1.0, 2.5])
    assert "is a NumPy array; return a torch tensor" in why(close, x.numpy(), x)
    assert passes(close, x.numpy(), x, dtype="any")
    assert not passes(close, x.numpy() + 1, x, dtype="any")
    assert "return a NumPy array" in why(close, x, x.numpy())
    assert passes(close, x.numpy(), x.numpy().copy())
    assert not passes(close, x.numpy(), x.numpy().astype(np.float64))
    assert passes(close, x.numpy().astype(">f4")[::-1], x.numpy()[::-1])
    read_only = np.frombuffer(x.numpy().tobytes(), dtype=np.float32)
    assert passes(close, read_only, x.numpy())


def test_arrays_of_text() -> None:
    words = np.array(["ab", "c"])
    assert passes(close, words.copy(), words)
    assert not passes(close, np.array(["ab", "d"]), words)
    assert not passes(close, np.array([object()], dtype=object), np.array([None], dtype=object))


def test_numbers_stand_for_scalar_tensors_only_where_any_dtype_will_do() -> None:
    scalar = torch.tensor(1.5)
    assert not passes(close, 1.5, scalar)
    assert passes(close, 1.5, scalar, dtype="any")
    assert not passes(close, 1.6, scalar, dtype="any")
    assert not passes(close, 1.5, torch.tensor([1.5]), dtype="any")
    assert ".item()" in why(close, scalar, 1.5)
    assert passes(close, scalar, 1.5, dtype="any")
    assert passes(close, torch.tensor(True), True, dtype="any")
    assert not passes(close, torch.tensor(True), True)
    assert not passes(close, 10**400, scalar, dtype="any")


@pytest.mark.parametrize(
    ("actual", "expected", "verdict"),
    [
        (3, 3, True),
        (3, 4, False),
        (10**9, 10**9 + 1, False),
        (10**400, 10**400, True),
        (10**400, 10**400 + 1, False),
        (10**400, INF, False),
        (10**400, 1.0, False),
        (3, 3.0, True),
        (3.0, 3, True),
        (0.1 + 0.2, 0.3, True),
        (0.3001, 0.3, False),
        (True, 1, False),
        (1, True, False),
        (True, True, True),
        (np.bool_(True), True, True),
        (False, 0.0, False),
        (None, 0, False),
        (None, None, True),
        (0, None, False),
        ("1", 1, False),
        (1, "1", False),
        (INF, INF, True),
        (-INF, INF, False),
        (NAN, NAN, False),
        (1 + 0j, 1.0, False),
        (1, 1 + 0j, True),
        (1 + 1j, 1 - 1j, False),
        (np.float32(0.1), 0.1, True),
        (np.float64(0.1), 0.1, True),
        (np.int64(3), 3, True),
        (complex(1.7e308, 1.7e308), complex(-1.7e308, 1.7e308), False),
    ],
)
def test_numbers(actual: object, expected: object, verdict: bool) -> None:
    assert passes(close, actual, expected) is verdict


def test_nan_numbers_where_allowed() -> None:
    assert passes(close, NAN, NAN, equal_nan=True)
    assert not passes(close, NAN, 1.0, equal_nan=True)
    assert not passes(close, 1.0, NAN, equal_nan=True)


def test_equal_is_exact() -> None:
    assert not passes(equal, 0.1 + 0.2, 0.3)
    assert passes(equal, 3, 3.0)
    assert not passes(equal, 2.0**53, 2**53 + 1)
    assert not passes(equal, torch.tensor(0.1) + 1e-8, torch.tensor(0.1, dtype=torch.float64), dtype="any")
    assert not passes(equal, [0.1 + 0.2, 1.0], [0.3, 1.0])


def test_stated_tolerances_hold_for_integers_of_any_size() -> None:
    assert passes(close, 10**400 + 1, 10**400, rtol=0, atol=1)
    assert not passes(close, 10**400 + 2, 10**400, rtol=0, atol=1)
    assert passes(close, 10**400 + 10**398, 10**400, rtol=0.01, atol=0)
    assert passes(close, 11, 10, rtol=0, atol=1)
    assert passes(close, [11, 20], [10, 20], rtol=0, atol=1)


# -------------------------------------------------------------------------------------- structures


def test_structures() -> None:
    x = torch.tensor([1.0, 2.0])
    value = {"a": [x, (1, "b")], 3: None}
    assert passes(close, {"a": (x.clone(), [1.0, "b"]), 3: None}, value)
    assert "the result['a'][1][1]" in why(close, {"a": [x, (1, "c")], 3: None}, value).replace("The", "the")
    assert "['a'][0]" in why(close, {"a": [x + 1, (1, "b")], 3: None}, value)
    assert not passes(close, {"a": [x, (1, "b")]}, value)
    assert not passes(close, {**value, "z": 1}, value)
    assert not passes(close, [x], [x, x])
    assert not passes(close, "ab", ["a", "b"])
    assert passes(close, torch.Size([2, 3]), (2, 3))
    assert not passes(close, torch.tensor([2, 3]), (2, 3))
    assert passes(close, [], ())


def test_long_lists_of_numbers() -> None:
    assert passes(close, [1, 2.0, 3], [1.0, 2, 3 + 1e-9])
    assert not passes(close, [10**9, 1], [10**9 + 1, 1])
    assert not passes(close, [2**53 + 1, 1], [float(2**53), 1], rtol=0, atol=0)
    assert not passes(close, [True, 2], [1, 2])
    assert not passes(close, [NAN, 1.0], [NAN, 1.0])
    assert passes(close, [NAN, 1.0], [NAN, 1.0], equal_nan=True)
    assert not passes(close, [10**400, 1], [10**400 + 1, 1])
    assert "2 of 3 elements" in why(close, [1.0, 5.0, 7.0], [1.0, 2.0, 3.0])


def test_sets_keys_and_other_data() -> None:
    assert passes(equal, {1, "a"}, frozenset({1, "a"}))
    assert not passes(equal, {1}, {1, "a"})
    assert not passes(equal, [1], {1})
    assert not passes(equal, {torch.zeros(1)}, {1})
    nan = NAN
    assert not passes(equal, {nan}, {nan})
    assert passes(equal, slice(1, None, 2), slice(1, None, 2))
    assert not passes(equal, slice(1, None, 3), slice(1, None, 2))
    assert passes(equal, range(0, 4, 2), range(0, 3, 2))
    assert passes(equal, torch.float32, torch.float)
    assert not passes(equal, torch.float64, torch.float32)
    assert not passes(equal, "float32", torch.float32)
    assert passes(equal, torch.device("cpu"), torch.device("cpu"))
    assert passes(equal, b"a", b"a")
    assert not passes(equal, "a", b"a")
    assert "upper and lower case only" in why(equal, "Cat", "cat")
    assert "white space only" in why(equal, "a  b\n", "a b")


def test_unchanged() -> None:
    before = [torch.tensor([1.0, NAN]), {"k": 2}]
    assert passes(unchanged, [before[0].clone(), {"k": 2}], before)
    message = why(unchanged, torch.ones(2), torch.zeros(2), what="the argument x")
    assert message == "The argument x is no longer what it was before the call: work on a copy (`clone()`)."
    assert not passes(unchanged, torch.zeros(2, 1), torch.zeros(2))
    assert not passes(unchanged, torch.zeros(2).double(), torch.zeros(2))
    assert not passes(unchanged, before[:1], before)


# ------------------------------------------------------------------------------- the author's mistakes


def test_options_that_make_no_sense_are_the_authors_fault() -> None:
    for options in ({"rtol": 1e-3}, {"atol": 1e-3}, {"rtol": -1.0, "atol": 0.0}, {"rtol": NAN, "atol": 0.0}):
        with pytest.raises(ValueError, match="toleranc"):
            close(1, 1, **options)
    with pytest.raises(TypeError, match="dtype must be"):
        close(1, 1, dtype="float32")  # type: ignore[arg-type]
