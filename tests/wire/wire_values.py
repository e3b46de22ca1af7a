"""Values that cross the wire: strategies that draw them, and what it means that one arrived unchanged."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.wire.codec import DTYPES

ALL_CHARACTERS = st.characters(exclude_categories=())  # lone surrogates and NUL included
INTEGERS = st.integers() | st.builds(lambda n, shift: n << shift, st.integers(), st.integers(0, 5_000))
NAMED_DTYPES = sorted((v for v in vars(torch).values() if isinstance(v, torch.dtype)), key=str)

plain_scalars = st.one_of(
    st.none(),
    st.booleans(),
    INTEGERS,
    st.floats(),
    st.complex_numbers(),
    st.text(ALL_CHARACTERS, max_size=20),
    st.binary(max_size=40),
    st.just(...),
)
named = st.one_of(
    st.sampled_from(NAMED_DTYPES),
    st.sampled_from(["cpu", "cpu:0", "cuda", "cuda:1", "meta"]).map(torch.device),
    st.lists(st.integers(0, 2**40), max_size=5).map(torch.Size),
    st.builds(range, st.integers(-9, 2**70), st.integers(-9, 2**70), st.sampled_from([-3, 1, 2, 2**60])),
    st.builds(slice, st.none() | INTEGERS, st.none() | INTEGERS, st.none() | st.integers(1, 5)),
)
hashable = plain_scalars | st.tuples(INTEGERS, st.text(ALL_CHARACTERS, max_size=5))

ARRAY_DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?"),
    hnp.complex_number_dtypes(endianness="?"),
    hnp.byte_string_dtypes(max_len=5),
    hnp.unicode_string_dtypes(endianness="?", max_len=5),
)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(0, 4), max_size=4)))


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Any dtype, shape and layout, of random bits: NaN and denormal numbers come by themselves."""
    dtype = DTYPES[draw(st.sampled_from(sorted(DTYPES)))]
    shape = draw(shapes())
    count = math.prod(shape)
    bits = bytearray(draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize)))
    if count == 0:
        base = torch.empty(shape, dtype=dtype)
    elif dtype is torch.bool:
        base = (torch.frombuffer(bits, dtype=torch.uint8) % 2 == 1).reshape(shape)
    else:
        base = torch.frombuffer(bits, dtype=dtype).reshape(shape)
    tensor = draw(st.sampled_from(LAYOUTS))(base)
    if (dtype.is_floating_point or dtype.is_complex) and draw(st.booleans()):
        tensor = tensor.detach().requires_grad_()
    return tensor


def _strided(t: torch.Tensor) -> torch.Tensor:
    return t[::2] if t.ndim else t


def _offset(t: torch.Tensor) -> torch.Tensor:
    return t[..., 1:] if t.ndim else t


def _expanded(t: torch.Tensor) -> torch.Tensor:
    return t.unsqueeze(0).expand(3, *t.shape)


def _conjugated(t: torch.Tensor) -> torch.Tensor:
    return t.conj() if t.is_complex() else t


def _negated(t: torch.Tensor) -> torch.Tensor:
    return t.conj().imag if t.dtype in (torch.complex64, torch.complex128) else t


def _permuted(t: torch.Tensor) -> torch.Tensor:
    return t.permute(tuple(reversed(range(t.ndim))))


LAYOUTS = [lambda t: t, _permuted, _strided, _offset, _expanded, _conjugated, _negated]


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    array = draw(hnp.arrays(draw(ARRAY_DTYPES), shapes()))
    match draw(st.sampled_from(["as it is", "Fortran", "strided", "broadcast"])):
        case "Fortran":
            return np.asfortranarray(array).reshape(array.shape)
        case "strided" if array.ndim:
            return array[::2]
        case "broadcast":
            return np.broadcast_to(array, (2, *array.shape))
        case _:
            return array


array_scalars = hnp.arrays(ARRAY_DTYPES, ()).map(lambda array: array[()])

leaves = plain_scalars | named | tensors() | arrays() | array_scalars


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(hashable, inner, max_size=4),
        st.sets(hashable, max_size=4),
        st.frozensets(hashable, max_size=4),
    )


values = st.recursive(leaves, containers, max_leaves=12)


def assert_same(actual: Any, expected: Any) -> None:
    """Equal to the bit, in the types that the format promises (a named tuple arrives as a tuple)."""
    match expected:
        case torch.Tensor():
            assert type(actual) is torch.Tensor
            assert actual.dtype == expected.dtype
            assert actual.shape == expected.shape
            assert actual.requires_grad == expected.requires_grad
            assert bits(actual) == bits(expected)
        case np.ndarray() | np.generic():
            assert type(actual) is type(expected)
            assert actual.dtype == expected.dtype.newbyteorder("=")
            assert actual.shape == expected.shape
            native = np.asarray(expected, actual.dtype)
            if native.dtype.char in "gG":  # a long double has unused bytes
                assert np.array_equal(actual, native, equal_nan=True)
            else:
                assert actual.tobytes() == native.tobytes()
        case float() | complex():
            assert type(actual) is type(expected)
            assert repr(actual) == repr(expected)  # tells -0.0 from 0.0, and one NaN is as good as another
        case torch.Size():
            assert type(actual) is torch.Size
            assert actual == expected
        case list() | tuple():
            assert type(actual) is (list if isinstance(expected, list) else tuple)
            assert len(actual) == len(expected)
            for a, b in zip(actual, expected, strict=True):
                assert_same(a, b)
        case dict():
            assert type(actual) is dict
            assert_same(list(actual), list(expected))
            assert_same(list(actual.values()), list(expected.values()))
        case set() | frozenset():
            assert type(actual) is type(expected)
            assert sorted(map(repr, actual)) == sorted(map(repr, expected))
        case _:
            assert type(actual) is type(expected)
            assert actual == expected


def bits(tensor: torch.Tensor) -> bytes:
    plain = tensor.detach().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format)
    return plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
