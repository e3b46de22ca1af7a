"""Hidden inputs: the same for the same key, different for another, and nobody else's business."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring import Random

KEY = (7, "1.2.1", "values")


def draws(rng: Random) -> list[Any]:
    tensors = [rng.randn(2, 3), rng.rand(4), rng.integers(-5, 5, (3, 3)), rng.permutation(6)]
    items = list(range(10))
    return [
        *(t.tolist() for t in tensors),
        rng.uniform(-1, 1),
        rng.integer(0, 10**9),
        rng.choice(items),
        rng.sample(items, 3),
        rng.shuffled(items),
        rng.seed(),
    ]


def test_the_same_key_gives_the_same_draws() -> None:
    assert draws(Random(*KEY)) == draws(Random(*KEY))


@pytest.mark.parametrize(
    "other", [(8, *KEY[1:]), (7, "1.2.2", "values"), (7, "1.2.1", "speed"), (*KEY, "worker")]
)
def test_another_key_gives_others(other: tuple[Any, ...]) -> None:
    mine, theirs = draws(Random(*KEY)), draws(Random(*other))
    assert sum(a == b for a, b in zip(mine, theirs, strict=True)) <= 1  # a choice of ten may coincide


def test_one_draw_follows_the_other() -> None:
    rng = Random(*KEY)
    assert not torch.equal(rng.randn(5), rng.randn(5))
    assert rng.seed() != rng.seed()


def test_nobody_elses_generator_matters_or_is_moved() -> None:
    expected = draws(Random(*KEY))
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    before = torch.random.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    assert draws(Random(*KEY)) == expected
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.random.get_state()[1].tolist() == before[2]


def test_all_dtypes_see_the_same_numbers() -> None:
    double = Random(*KEY).randn(100, dtype=torch.float64)
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        drawn = Random(*KEY).randn(100, dtype=dtype)
        assert drawn.dtype == dtype
        assert torch.equal(drawn, double.to(dtype))
    assert Random(*KEY).rand(3).dtype == torch.float32
    assert Random(*KEY).integers(0, 1, (2,)).dtype == torch.int64
    assert Random(*KEY).integers(0, 1, (2,), dtype=torch.float32).dtype == torch.float32
    assert Random(*KEY).randn().shape == ()


@settings(max_examples=50, deadline=None)
@given(st.integers(-1000, 1000), st.integers(0, 5), st.integers())
def test_both_ends_are_included(low: int, span: int, seed: int) -> None:
    rng = Random(seed)
    drawn = set(rng.integers(low, low + span, (300,)).tolist())
    assert drawn == set(range(low, low + span + 1))
    assert {rng.integer(low, low + span) for _ in range(300)} == drawn


def test_choices_are_fair_and_leave_the_original_alone() -> None:
    rng, items = Random(*KEY), list("abcdef")
    assert sorted(rng.shuffled(items)) == items
    assert items == list("abcdef")
    assert len(set(rng.sample(items, 4))) == 4
    assert {rng.choice(items) for _ in range(300)} == set(items)
    assert sorted(rng.permutation(5).tolist()) == [0, 1, 2, 3, 4]
    assert all(0 <= rng.uniform(0, 1) < 1 for _ in range(100))
    assert rng.rand(1000).min() >= 0
    assert rng.rand(1000).max() < 1
