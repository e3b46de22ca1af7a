"""What is too large, too deep or too many is refused on both sides, before it costs anything."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.wire import DEFAULT_LIMITS, Limits, Unencodable, WireError, decode, encode

SMALL = Limits(size=4096, depth=6, nodes=50, int_bits=256)


def nested(depth: int, kind: str) -> Any:
    value: Any = 1
    for _ in range(depth):
        match kind:
            case "list":
                value = [value]
            case "tuple":
                value = (value,)
            case "dict":
                value = {"key": value}
            case "slice":
                value = slice(None, value)
            case _:
                value = frozenset([value])
    return value


@pytest.mark.parametrize("kind", ["list", "tuple", "dict", "frozenset", "slice"])
@pytest.mark.parametrize("limits", [SMALL, DEFAULT_LIMITS], ids=["small", "default"])
def test_depth(kind: str, limits: Limits) -> None:
    deepest = nested(limits.depth, kind)
    assert decode(encode(deepest, limits=limits), limits=limits) == deepest
    too_deep = nested(limits.depth + 1, kind)
    with pytest.raises(Unencodable, match=f"deeper than {limits.depth} levels"):
        encode(too_deep, limits=limits)
    frame = encode(too_deep, limits=dataclasses.replace(limits, depth=limits.depth + 1))
    with pytest.raises(WireError, match="too deep"):
        decode(frame, limits=limits)


def test_a_number_may_stand_on_the_deepest_level() -> None:
    for number in (1 + 2j, float("nan"), 2**200, torch.Size([1, 2]), torch.ones(2), "\ud800"):
        value = nested(SMALL.depth, "list")
        inner = value
        for _ in range(SMALL.depth - 1):
            inner = inner[0]
        inner[0] = number
        assert repr(decode(encode(value, limits=SMALL), limits=SMALL)) == repr(value)


def test_parts() -> None:
    most = list(range(SMALL.nodes - 1))
    assert decode(encode(most, limits=SMALL), limits=SMALL) == most
    with pytest.raises(Unencodable, match="more than 50 parts"):
        encode([*most, 1], limits=SMALL)
    frame = encode([*most, 1], limits=dataclasses.replace(SMALL, nodes=51))
    with pytest.raises(WireError, match="too many parts"):
        decode(frame, limits=SMALL)


def test_integers() -> None:
    largest = 2**SMALL.int_bits - 1
    for value in (largest, -largest):
        assert decode(encode(value, limits=SMALL), limits=SMALL) == value
        with pytest.raises(Unencodable, match="more than 256 bits"):
            encode(value * 2, limits=SMALL)
    with pytest.raises(WireError):
        decode(encode(2 ** (SMALL.int_bits + 40)), limits=SMALL)


@pytest.mark.parametrize(
    "value",
    [
        b"x" * 4096,
        "x" * 4096,
        "ä" * 1000,  # six characters each in the header
        "\ud800" * 2000,
        torch.zeros(1025),
        torch.zeros(1).expand(4096, 4096),
        np.zeros(1025, np.float32),
        np.broadcast_to(np.zeros(1), (2**20, 2**20)),
        [b"x"] * 200,  # padding counts
        ["x" * 1500] * 3,
        torch.empty(2**40, 0),
        np.empty((2**40, 0)),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_size(value: Any) -> None:
    with pytest.raises(Unencodable, match=r"more than|too large"):
        encode(value, limits=dataclasses.replace(SMALL, nodes=1000))


def test_size_is_the_size_of_the_frame() -> None:
    value = [b"x" * n for n in range(1, 40)]
    frame = encode(value)
    exact = Limits(size=len(frame))
    assert decode(encode(value, limits=exact), limits=exact) == value
    tight = Limits(size=len(frame) - 1)
    with pytest.raises(Unencodable, match="bytes"):
        encode(value, limits=tight)
    with pytest.raises(WireError, match="beyond the limit"):
        decode(frame, limits=tight)


def test_huge_expanded_values_are_refused_without_being_copied() -> None:
    huge = torch.zeros(1).expand(2**50)
    with pytest.raises(Unencodable):
        encode(huge)
    with pytest.raises(Unencodable):
        encode(np.broadcast_to(np.float32(0), (2**50,)))
    assert decode(encode(torch.zeros(1).expand(2**10, 2**10))).shape == (2**10, 2**10)


def test_cycles_end() -> None:
    line: list[Any] = []
    line.append(line)
    wide: list[Any] = []
    wide.extend([wide] * 50)
    ring: dict[str, Any] = {}
    ring["again"] = (ring,)
    for value in (line, wide, ring):
        with pytest.raises(Unencodable, match=r"deeper|parts"):
            encode(value)


def test_what_is_shared_many_times_is_counted_each_time() -> None:
    value: Any = [1] * 10
    for _ in range(9):
        value = [value] * 10
    with pytest.raises(Unencodable, match="parts"):
        encode(value)


def test_lists_of_a_million_small_ones_do_not_reach_the_parser() -> None:
    """Three bytes of a header would become an object of sixty."""
    limits = Limits(nodes=1000)
    header = b'{"value":[' + b"[]," * 10_000 + b'[]],"sizes":[]}'
    frame = b"GRW1" + len(header).to_bytes(4, "big") + header
    with pytest.raises(WireError, match="too many parts"):
        decode(frame, limits=limits)


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.integers(0, 9) | st.text(max_size=9) | st.binary(max_size=9), st.lists, max_leaves=60))
def test_what_may_be_sent_may_be_received(value: Any) -> None:
    """Both sides have the same limits: a value that leaves the worker does not become nonsense on arrival."""
    try:
        frame = encode(value, limits=SMALL)
    except Unencodable:
        return
    assert decode(frame, limits=SMALL) == value
