"""Values for the tests: everything that may come from a student, and hypothesis strategies of it."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.compare.promote import NUMERIC

DTYPES = sorted(NUMERIC, key=str)


class Opaque:
    """Stands for an object that stayed in the worker. Using it, other than to name it, fails the test."""

    type_name = "Linear"

    def _never(self, *args: object) -> NoReturn:
        raise AssertionError("a method of an opaque object was called")

    __eq__ = __ne__ = __bool__ = __len__ = __iter__ = __getattr__ = __call__ = _never
    __getitem__ = __contains__ = __float__ = __int__ = __index__ = __lt__ = __gt__ = _never
    __array__ = __torch_function__ = __str__ = __format__ = _never

    def __hash__(self) -> int:
        return id(self)


def _holding(item: object) -> np.ndarray:
    array = np.empty(1, dtype=object)
    array[0] = item
    return array


def tensor_of(seed: int, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Reproducible noise of any dtype that the comparison knows."""
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 3
    if not dtype.is_floating_point and not dtype.is_complex:
        noise = noise.abs().round() if str(dtype).startswith(("torch.u", "torch.b")) else noise.round()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # complex32 is experimental
        return noise.to(dtype)


def special(tensor: Tensor, value: float) -> Tensor:
    """With a NaN, an infinity or (for 1e300) the largest number at the start, where the dtype has it."""
    if tensor.numel() and tensor.dtype.is_floating_point and tensor.dtype.itemsize > 1:
        tensor.view(-1)[0] = min(value, torch.finfo(tensor.dtype).max) if value == 1e300 else value
    return tensor


def one_of_these(values: list[Any]) -> st.SearchStrategy[Any]:
    """Like sampled_from, but never prints the values, which not all of these can bear."""
    return st.integers(0, len(values) - 1).map(lambda place: values[place])


shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
tensors = st.builds(tensor_of, st.integers(0, 9), shapes, st.sampled_from(DTYPES)).flatmap(
    lambda t: st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0, 1e300]).map(
        lambda value: special(t.clone(), value)
    )
)
odd_tensors = one_of_these(
    [
        torch.eye(3).to_sparse(),
        torch.empty(2, 3, device="meta"),
        torch.tensor([2**62, -(2**63), 2**63 - 1]),
        torch.tensor([2**64 - 1, 0], dtype=torch.uint64),
        torch.tensor([5e-324, 1.7e308, -1.7e308], dtype=torch.float64),
        torch.tensor([complex(1.7e308, 1.7e308), complex("nan+infj")]),
        torch.randn(3, requires_grad=True),
        torch.randn(3, 4).T,
        torch.randn(1).expand(4, 4),
        torch.tensor([1 + 2j]).conj(),
        torch.empty(3, dtype=torch.bits8),
        torch.empty(0, 5),
    ]
)
arrays = one_of_these(
    [
        np.arange(6.0).reshape(2, 3),
        np.arange(6)[::-1],
        np.float32(1.5),
        np.bool_(True),
        np.datetime64("2020-01-01"),
        np.timedelta64(3, "D"),
        np.array(["a", "b"]),
        np.array([b"a"]),
        np.array([None, 3, "x"], dtype=object),
        _holding(Opaque()),
        np.array(3 + 4j),
        np.zeros(2, dtype=[("a", "i4"), ("b", "f8")]),
        np.array([1, 2], dtype=">i4"),
        np.array([1.5], dtype=np.longdouble),
        np.longdouble("1e4000"),
        np.array([2**64 - 1], dtype=np.uint64),
        np.array(["2020", "NaT"], dtype="M8[D]"),
    ]
)
huge = st.sampled_from([10**400, -(10**400), 10**4000, 2**63, -(2**63) - 1, 2**53 + 1, 2**64])
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    huge,
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.just("\ud800\u202e\x1b[31m"),
    st.binary(max_size=5),
    st.sampled_from([range(3), slice(1, None, 2), slice("a", [1], None), torch.float32, torch.device("cpu")]),
    st.sampled_from([torch.Size([2, 3]), 2.0**53, float(2**63)]),
)
leaves = st.one_of(plain, tensors, odd_tensors, arrays, st.builds(Opaque))
keys = st.one_of(
    st.none(), st.booleans(), st.integers(), huge, st.floats(), st.text(max_size=3), st.tuples(st.floats())
)
odd_keys = st.one_of(
    keys, st.builds(Opaque), st.builds(lambda: torch.zeros(2)), st.builds(lambda: (Opaque(),))
)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(odd_keys, inner, max_size=3),
        st.sets(odd_keys, max_size=3),
        st.lists(st.one_of(st.integers(), st.floats(), huge), min_size=2, max_size=5),
    )


anything = st.recursive(leaves, _containers, max_leaves=8)

tensors_without_nan = st.builds(tensor_of, st.integers(0, 9), shapes, st.sampled_from(DTYPES))
keys_without_nan = st.one_of(st.none(), st.integers(), huge, st.floats(allow_nan=False), st.text(max_size=3))
data_without_nan = st.recursive(
    plain.filter(lambda value: value == value) | tensors_without_nan,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys_without_nan, inner, max_size=3),
    ),
    max_leaves=8,
)
