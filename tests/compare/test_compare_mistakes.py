"""Each hypothesis finds its mistake, and none finds one in unrelated data."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import pad

from grader.compare import layout_mistakes as layout
from grader.compare import place_mistakes as place
from grader.compare import value_mistakes as value
from grader.compare.diagnosis import WRONG_VALUES
from grader.compare.pair import Hypothesis, Pair
from grader.compare.promote import inexact
from grader.compare.tolerance import FLOAT32

Change = Callable[[Tensor], Tensor]


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def pair(actual: Tensor, expected: Tensor) -> Pair:
    return Pair(inexact(actual), inexact(expected), FLOAT32)


X = noise(4, 5)
SQUARE = noise(4, 4)
CUBE = noise(2, 3, 4)
LINE = noise(12)
IMAGE = noise(2, 6, 6)
PROBABILITIES = X.softmax(1)


def changed(tensor: Tensor, at: object, by: float = 1.0) -> Tensor:
    tensor = tensor.clone()
    tensor[at] += by  # type: ignore[index]
    return tensor


def swapped(tensor: Tensor) -> Tensor:
    return tensor[torch.tensor([3, 0, 2, 1, *range(4, len(tensor))])]


def unpadded(image: Tensor) -> Tensor:
    return pad(image[..., 1:-1, 1:-1], (1, 1, 1, 1))


# (hypothesis, actual, expected, a part of what it says)
MISTAKES: list[tuple[Hypothesis, Tensor, Tensor, str]] = [
    (layout.extra_dimension, X[:, None], X, "`squeeze(1)`"),
    (layout.missing_dimension, X, X[None], "`unsqueeze(0)`"),
    (layout.missing_dimension, X.sum(1), X.sum(1, keepdim=True), "keepdim"),
    (layout.transposed, X.T, X, "`.T`"),
    (layout.transposed, SQUARE.T, SQUARE, "`.T`"),
    (layout.transposed, CUBE.transpose(0, 2), CUBE, "`.transpose(0, 2)`"),
    (layout.transposed, CUBE.permute(2, 0, 1), CUBE, "`.permute(1, 2, 0)`"),
    (layout.transposed, torch.arange(6).reshape(2, 3).T, torch.arange(6).reshape(2, 3), "transposed"),
    (layout.transposed, torch.complex(X, -X).T, torch.complex(X, -X), "transposed"),
    (layout.flattened, X.flatten(), X, "flattened"),
    (layout.reshaped, X.reshape(5, 4), X, "`reshape(4, 5)`"),
    (layout.not_reduced, X, X.mean(0), "The mean over dimension 0"),
    (layout.not_reduced, X, X.sum(), "The sum over all elements"),
    (layout.not_reduced, LINE, LINE.mean(), "The mean over all elements"),
    (layout.not_reduced, X, X.amax(1, keepdim=True), "The maximum over dimension 1"),
    (layout.reduced_too_far, X.mean(), X.mean(1), "the mean over all elements"),
    (layout.reduced_too_far, CUBE.sum(1), CUBE, "the sum over dimension 1"),
    (layout.cut_short, X[:3], X, "1 slice along dimension 0 is missing, at the end"),
    (layout.cut_short, X[:, 2:], X, "2 slices along dimension 1 are missing, at the start"),
    (layout.cut_short, X, X[1:], "1 slice along dimension 0 is too many, at the start"),
    (layout.not_broadcast, X[0], X[0].expand(3, 5), "broadcast"),
    (layout.flipped, LINE.flip(0), LINE, "reversed order"),
    (layout.flipped, X.flip(1), X, "dimension 1"),
    (layout.flipped, X.flip(0, 1), X, "dimensions 0, 1"),
    (layout.rolled, X.roll(1, 0), X, "by -1"),
    (layout.rolled, X.roll(2, 1), X, "by -2"),
    (layout.rolled, LINE.roll(-1), LINE, "off by one"),
    (layout.rolled, noise(200).roll(1), noise(200), "by -1"),
    (layout.shifted, torch.cat([X[:1], X[:-1]]), X, "too late"),
    (layout.shifted, torch.cat([LINE[1:], torch.zeros(1)]), LINE, "too early"),
    (layout.wrongly_sorted, X, X.sort(1).values, "ascending along dimension 1 is expected"),
    (layout.wrongly_sorted, LINE, LINE.sort(descending=True).values, "descending"),
    (layout.wrongly_sorted, X.sort(0).values, X, "which is not wanted"),
    (layout.in_another_order, swapped(LINE), LINE, "wrong places"),
    (value.not_finite, X.log(), X.exp(), "8 elements are NaN"),
    (value.not_finite, changed(X, (0, 0), float("inf")), X, "1 element is infinite"),
    (value.not_finite, torch.tensor(float("nan")), torch.tensor(1.5), "Does it come from"),
    (value.not_finite, changed(X, 0, float("nan")), changed(X, 0, float("nan")), "never counts as equal"),
    (value.not_finite, X, changed(X, 0, float("inf")), "expected in 5 elements"),
    (value.all_zero, torch.zeros(4, 5), X, "are 0"),
    (value.constant, torch.full((4, 5), 0.3), X, "the same value"),
    (value.constant, X[:1].expand(4, 5), X, "slices along dimension 0"),
    (value.sign_flipped, -X, X, "sign"),
    (value.sign_flipped, torch.tensor(-0.71234), torch.tensor(0.71234), "sign"),
    (value.constant_factor, X * 20, X, "20 times too large, which is the number of elements"),
    (value.constant_factor, X / 4, X, "4 times too small, 4 being the size of dimension 0"),
    (value.constant_factor, X * 5, X, "the size of dimension 1"),
    (value.constant_factor, LINE / 12, LINE, "the number of elements"),
    (value.constant_factor, X * 2, X, "2 times too large."),
    (value.constant_factor, X / 2, X, "2 times too small."),
    (value.constant_factor, X * torch.pi, X, "π times too large"),
    (value.constant_factor, X.exp().log2(), X, "logarithm to base 2"),
    (value.constant_factor, X, X.exp().log10(), "base 10"),
    (value.constant_factor, X * 12, X, "12 times too large: is a sum"),
    (value.constant_factor, X * -3, X, "has the wrong sign"),
    (value.constant_factor, X * 12**0.5 / 3**0.5 * 5**0.5 / 2, X, "√5 times too large"),
    (value.constant_factor, X * 0.7, X, "7/10 times"),
    (value.constant_factor, X * 0.7123, X, "about 0.71"),
    (value.constant_factor, X.var(0), X.var(0, correction=0), "n - 1"),
    (value.constant_factor, torch.tensor(0.71234 * 32), torch.tensor(0.71234), "32 times too large"),
    (value.constant_offset, X + 3, X, "too large by the same amount, 3"),
    (value.constant_offset, X - 0.371, X, "too small by the same amount, 0.37"),
    (value.constant_offset, torch.arange(8) + 1, torch.arange(8), "amount, 1"),
    (value.function_missing_or_surplus, X, X.abs(), "absolute value would be right"),
    (value.function_missing_or_surplus, X.abs(), X, "signs are lost"),
    (value.function_missing_or_surplus, X.square(), X.abs(), "It is the square"),
    (value.function_missing_or_surplus, X.abs().sqrt(), X.abs(), "Its square would be right"),
    (value.function_missing_or_surplus, X, X.exp(), "is `exp` missing"),
    (value.function_missing_or_surplus, X.exp(), X, "is a logarithm missing"),
    (value.function_missing_or_surplus, 1 / X, X, "reciprocal"),
    (value.function_missing_or_surplus, 1 - X, X, "complement"),
    (value.function_missing_or_surplus, LINE < 0, LINE >= 0, "`not x`"),
    (value.function_missing_or_surplus, X, X.relu(), "The ReLU of your result"),
    (value.function_missing_or_surplus, X.sigmoid(), X, "the sigmoid of what is expected"),
    (value.function_missing_or_surplus, X, X.tanh(), "The tanh of your result"),
    (value.function_missing_or_surplus, X * 10, (X * 10).round(), "Rounded"),
    (value.function_missing_or_surplus, (X * 10).trunc(), X * 10, "cut off"),
    (value.function_missing_or_surplus, X, X.softmax(1), "The softmax along dimension 1"),
    (value.function_missing_or_surplus, X, X.log_softmax(0), "The log-softmax along dimension 0"),
    (value.function_missing_or_surplus, X.softmax(1), X, "the softmax along dimension 1 of what is expected"),
    (value.function_missing_or_surplus, LINE, LINE.cumsum(0), "The cumulative sum of your"),
    (value.real_part_only, X, torch.complex(X, X + 1), "imaginary part is lost"),
    (value.conjugated, torch.complex(X, -X), torch.complex(X, X), "conjugate"),
    (value.softmax_over_wrong_dimension, X.softmax(0), X.softmax(1), "along dimension 0, where dimension 1"),
    (value.softmax_over_wrong_dimension, CUBE.softmax(2), CUBE.softmax(1), "2, where dimension 1"),
    (value.softmax_over_wrong_dimension, X.log_softmax(1), X.log_softmax(0), "1, where dimension 0"),
    (value.factor_per_slice, X.exp(), PROBABILITIES, "same factor"),
    (value.offset_per_slice, X, X - X.mean(1, keepdim=True), "Along dimension 1"),
    (value.reduced_precision, X.half(), X, "float16"),
    (value.reduced_precision, X.bfloat16(), X, "bfloat16"),
    (value.reduced_precision, X * (1 + 1e-3 * noise(4, 5, seed=3)), X, "half precision"),
    (place.only_at_the_border, unpadded(IMAGE), IMAGE, "padding"),
    (place.only_a_triangle, SQUARE.tril(), SQUARE, "above the diagonal"),
    (place.only_a_triangle, SQUARE.triu(), SQUARE, "below the diagonal"),
    (place.only_a_triangle, SQUARE + torch.eye(4), SQUARE, "on the diagonal"),
    (place.only_some_slices, changed(X, slice(2, 4)), X, "from index 2 on of dimension 0"),
    (place.only_some_slices, changed(X, (slice(None), 4)), X, "at the last index of dimension 1"),
    (place.only_some_slices, changed(X, (slice(None), 1)), X, "at index 1 of dimension 1"),
    (place.only_some_slices, changed(LINE, slice(3, 6)), LINE, "from index 3 to 5"),
]  # fmt: skip


@pytest.mark.parametrize(("hypothesis", "actual", "expected", "says"), MISTAKES)
def test_a_mistake_is_seen(hypothesis: Hypothesis, actual: Tensor, expected: Tensor, says: str) -> None:
    said = hypothesis(pair(actual, expected))
    assert said is not None
    assert says in said


def test_every_hypothesis_is_tested() -> None:
    assert {*WRONG_VALUES, *layout.WRONG_SHAPE} == {mistake[0] for mistake in MISTAKES}


shapes = st.lists(st.integers(1, 6), max_size=4).map(tuple)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), shapes, shapes, st.sampled_from(["normal", "uniform", "integer", "complex"]))
def test_none_is_seen_in_unrelated_data(
    seed: int, one: tuple[int, ...], other: tuple[int, ...], kind: str
) -> None:
    generator = torch.Generator().manual_seed(seed)

    def drawn(shape: tuple[int, ...]) -> Tensor:
        if kind == "integer":
            return torch.randint(-1000, 1000, shape, generator=generator)
        if kind == "complex":
            return torch.randn(shape, generator=generator, dtype=torch.complex64)
        return (torch.randn if kind == "normal" else torch.rand)(shape, generator=generator)

    expected = drawn(one)
    same = pair(drawn(one), expected)
    if same.wrong.all():  # of a few integers one may be right by chance, and then the rest is "only some"
        assert [hypothesis.__name__ for hypothesis in WRONG_VALUES if hypothesis(same)] == []
    if one != other:
        unlike = pair(drawn(other), expected)
        assert [hypothesis.__name__ for hypothesis in layout.WRONG_SHAPE if hypothesis(unlike)] == []


def test_few_are_seen_between_unrelated_numbers() -> None:
    """A hundred patterns and six digits: one number in a thousand fits one by chance."""
    numbers = torch.rand(2, 1000, generator=torch.Generator().manual_seed(0)) * 3
    found = [h for actual, expected in numbers.T for h in WRONG_VALUES if h(pair(actual, expected))]
    assert len(found) <= 3


POOR = [
    (torch.tensor([1, 2]), torch.tensor([2, 1])),
    (torch.tensor([[0, 1], [1, 1]]), torch.tensor([[1, 1], [1, 0]])),
    (torch.tensor(2.0), torch.tensor(4.0)),
    (torch.tensor(0.25), torch.tensor(0.75)),
    (torch.tensor(-3), torch.tensor(3)),
    (torch.full((3, 3), 2.0), torch.full((3, 3), 6.0)),
    (torch.full((5,), 1.5), torch.full((5,), 2.5)),
]


@pytest.mark.parametrize(("actual", "expected"), POOR)
def test_poor_data_is_no_evidence(actual: Tensor, expected: Tensor) -> None:
    """What fits by chance, or fits anything: a factor between two numbers, a constant expected."""
    assert [h.__name__ for h in WRONG_VALUES if h(pair(actual, expected))] == []


def test_wrong_values_in_half_precision_are_not_about_right() -> None:
    assert value.reduced_precision(pair(noise(4, 5, seed=9).half(), X)) is None


def test_a_few_elements_slightly_wrong_are_not_half_precision() -> None:
    slightly = X.clone()
    slightly.view(-1)[:8] *= 1 + 1e-3 * torch.tensor([1.0, -1.0] * 4)
    assert value.reduced_precision(pair(slightly, X)) is None


def test_a_loose_tolerance_is_no_evidence() -> None:
    loose = Pair(
        inexact(noise(3, seed=1)), inexact(noise(3, seed=2)), FLOAT32.looser(type(FLOAT32)(0.0, 1.0))
    )
    assert not loose.telling


def test_the_sentence_is_true_where_it_names_a_remedy() -> None:
    assert torch.equal(X.roll(1, 0).roll(-1, 0), X)
    assert torch.equal(CUBE.permute(2, 0, 1).permute(1, 2, 0), CUBE)
