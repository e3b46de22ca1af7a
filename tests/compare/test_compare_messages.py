"""What a failed comparison says and draws, and what it must not give away."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.compare import CheckFailed, close, diagnosis, equal
from grader.compare.diagnosis import explain
from grader.compare.heatmap import CELLS, heatmap
from grader.compare.promote import beyond, distance
from grader.compare.tolerance import FLOAT32
from grader.compare.wording import number_text, sentence, share_text, size_text


def failure(actual: object, expected: object, verb: Any = close, **options: Any) -> CheckFailed:
    with pytest.raises(CheckFailed) as failed:
        verb(actual, expected, **options)
    return failed.value


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# ------------------------------------------------------------------------------------------ messages


def test_how_many_where_how_far_and_how_far_allowed() -> None:
    expected = torch.arange(12.0).reshape(3, 4)
    actual = expected.clone()
    actual[0, 1] += 0.5
    actual[2, 3] -= 1.234
    assert failure(actual, expected, rtol=1e-3, atol=0.01, what="the output").message == (
        "The output differs from what is expected in 2 of 12 elements (17 %), by up to 1.2, at index (2, 3), "
        "where yours is 9.766 (allowed: 0.01 + 0.001 × |expected|). The first of them is at index (0, 1)."
    )


def test_one_number() -> None:
    assert (
        failure(7, 5).message == "The result is 7 and differs from what is expected by 2 (it must be equal)."
    )
    message = failure(0.71234, 0.5, rtol=0.01, atol=0, what="x.grad").message
    assert (
        message == "x.grad is 0.7123 and differs from what is expected by 0.21 (allowed: 0.01 × |expected|)."
    )


def test_shape_dtype_and_mistake() -> None:
    x = noise(4, 5)
    assert failure(x.T, x).message.startswith(
        "The result has shape (5, 4); (4, 5) is expected. It is transposed"
    )
    assert failure(x.double(), x).message == (
        "The result has dtype float64; float32 is expected. "
        "The values are right: `.to(torch.float32)` converts them."
    )
    assert failure(-x, x).message.endswith("The sign is flipped: minus your result would be right.")
    assert failure(x.numpy(), -x, dtype="any").message.endswith("minus your result would be right.")


def test_nan_alone() -> None:
    actual = torch.tensor([1.0, float("nan"), 3.0])
    assert failure(actual, torch.tensor([1.0, 2.0, 3.0])).message == (
        "The result differs from what is expected in 1 of 3 elements (33 %), first at index 1, "
        "where yours is nan. 1 element is NaN: from a division, a logarithm or a root?"
    )


def test_rounding_errors_are_called_so() -> None:
    x = noise(50).double()
    assert failure(x * 1.1 / 1.1, x, equal).message.endswith("It is off by no more than rounding errors.")
    ints = torch.tensor([2**60, 5])
    assert "rounding" not in failure(ints + 1, ints, equal).message


def test_float32_where_float64_is_expected() -> None:
    x = noise(20).double() / 3
    assert "rounded to float32" in failure(x.float().double(), x, rtol=1e-12, atol=0.0).message


def test_a_broken_hypothesis_does_not_break_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(pair: object) -> str:
        raise RuntimeError("boo")

    monkeypatch.setattr(diagnosis, "WRONG_VALUES", (broken, *diagnosis.WRONG_VALUES))
    assert "sign is flipped" in failure(-noise(5), noise(5)).message


def test_huge_tensors_are_compared_but_not_explained() -> None:
    x = noise(2**17 + 1)
    assert explain(-x, x, FLOAT32) is None
    assert "all 131073 elements" in failure(-x, x).message


NUMBER = re.compile(r"\d[\d.]*(?:e[+-]?\d+)?")


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10**6), st.sampled_from([(), (3,), (4, 5), (2, 3, 4)]), st.sampled_from(["zeros", "noise"])
)
def test_messages_never_tell_what_is_expected(seed: int, shape: tuple[int, ...], answer: str) -> None:
    """Nothing to three digits in the message is an expected value, and the picture has two decimals."""
    expected = noise(*shape, seed=seed)
    actual = torch.zeros(shape) if answer == "zeros" else noise(*shape, seed=seed + 1)
    failed = failure(actual, expected, rtol=1e-4, atol=1e-6)
    secrets = {f"{abs(value):.3g}" for value in expected.flatten().tolist()}
    secrets -= {f"{abs(value):.3g}" for value in actual.flatten().tolist()}
    secrets = {secret for secret in secrets if len(secret.lstrip("0.").replace(".", "")) == 3}
    told = {f"{float(number.rstrip('.')):.3g}" for number in NUMBER.findall(failed.message)}
    assert not secrets & told
    cells = [cell for row in (failed.detail or {"grid": []})["grid"] for cell in row if cell is not None]
    assert all(cell == round(cell, 2) for cell in cells)


def test_containers_do_not_tell_what_is_expected_either() -> None:
    for actual, expected in [
        ({"own": 1}, {"secret": 1}),
        ({"own"}, {"secret"}),
        ("own", "secret"),
        (b"own", b"secret"),
        (torch.float32, "secret"),
        (["own"], ["secret"]),
        (None, "secret"),
    ]:
        assert "secret" not in failure(actual, expected).message


def test_own_text_is_shown_escaped_and_short() -> None:
    message = failure("\x1b[31m\u202e" + "x" * 1000, "y").message
    assert "\\x1b[31m\\u202e" in message
    assert len(message) < 200


# ------------------------------------------------------------------------------------------- wording


def test_numbers_in_words() -> None:
    assert number_text(0.123456) == "0.1235"
    assert number_text(123456789) == "123456789"
    assert number_text(10**20) == "1e+20"
    assert number_text(1 - 2.5j) == "1-2.5j"
    assert number_text(complex(0, float("nan"))) == "0+nanj"
    assert [size_text(x) for x in (0.314, 1234.5, 100, 2, 1e-9, 3e7, 0)] == [
        "0.31", "1200", "100", "2", "1e-09", "3e+07", "0"
    ]  # fmt: skip
    assert share_text(1, 1000) == "1 of 1000 elements (under 1 %)"
    assert share_text(999, 1000) == "999 of 1000 elements (over 99 %)"
    assert share_text(1000, 1000) == "all 1000 elements"
    assert [sentence(x) for x in ("the loss", "your x", "x.grad", "")] == ["The loss", "Your x", "x.grad", ""]


# ------------------------------------------------------------------------------------------ pictures


def picture(actual: Tensor, expected: Tensor) -> dict[str, Any]:
    apart = distance(actual, expected)
    detail = heatmap(beyond(apart, expected, 0, 0), apart, expected)
    assert json.loads(json.dumps(detail, allow_nan=False)) == detail
    return detail


def test_picture_of_a_matrix() -> None:
    expected = torch.full((2, 3), 2.0)
    actual = torch.tensor([[2.0, 2.5, 2.0], [2.0, float("nan"), 2.001]])
    assert picture(actual, expected) == {
        "kind": "tensor",
        "shape": [2, 3],
        "mismatched": 3,
        "total": 6,
        "grid": [[None, 0.25, None], [None, 1.0, 0.01]],
        "rows": 2,
        "cols": 3,
        "caption": "Relative error; blank where right.",
    }


def test_picture_of_a_vector_is_one_row() -> None:
    assert picture(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 2.0]))["grid"] == [[None, 0.5]]


def test_picture_of_many_elements_shows_the_worst_of_each_block() -> None:
    expected = torch.ones(100, 65)
    actual = expected.clone()
    actual[99, 64] = 1.5
    actual[98, 64] = 1.2
    detail = picture(actual, expected)
    assert (len(detail["grid"]), len(detail["grid"][0])) == (25, 22)
    assert detail["grid"][24][21] == 0.5
    assert sum(cell is not None for row in detail["grid"] for cell in row) == 1
    assert (detail["rows"], detail["cols"]) == (100, 65)
    assert "4 × 3 elements" in detail["caption"]


def test_picture_of_more_than_two_dimensions() -> None:
    small = picture(torch.zeros(2, 3, 4), torch.ones(2, 3, 4))
    assert (small["rows"], small["cols"], small["shape"]) == (6, 4, [2, 3, 4])
    assert "below the other" in small["caption"]
    actual = torch.ones(5, 4, 8, 8)
    actual[3, 2, 1, 1] = actual[3, 2, 1, 2] = actual[0, 0, 0, 0] = 3
    large = picture(actual, torch.ones(5, 4, 8, 8))
    assert "[3, 2, :, :]" in large["caption"]
    assert large["mismatched"] == 3
    assert [i for i, row in enumerate(large["grid"]) if any(row)] == [1]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=3).map(tuple),
    st.sampled_from([0.0, float("nan"), float("inf"), 1e308, 5e-324]),
    st.sampled_from([torch.float64, torch.float32, torch.int64, torch.complex128]),
)
def test_every_picture_is_small_and_finite(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> None:
    expected = noise(*shape).to(dtype)
    actual = expected + 1
    if dtype in (torch.float64, torch.complex128):
        actual.view(-1)[0] = value
        expected.view(-1)[-1] = -value
    detail = picture(actual, expected)
    assert 1 <= len(detail["grid"]) <= CELLS
    assert all(1 <= len(row) <= CELLS for row in detail["grid"])
    assert all(cell is None or 0.01 <= cell <= 1 for row in detail["grid"] for cell in row)


def test_a_single_number_has_no_picture() -> None:
    assert failure(1.0, 2.0).detail is None
    assert failure(torch.tensor([1.0]), torch.tensor([2.0])).detail is None
    assert failure(torch.ones(2), torch.zeros(2)).detail is not None
