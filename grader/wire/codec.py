"""The format of a frame: values as bytes, without pickle. See ``encoder`` and ``decoder``.

A frame is::

    b"GRW1" | header length, 4 bytes | header, JSON | padding to 16 | buffers, each padded to 16

The header is ``{"value": tree, "sizes": [bytes of each buffer]}``. In the tree JSON's own null, bools,
strings, finite floats, small integers and arrays stand for themselves (an array is a Python list); anything
else is an object ``{"$": tag, ...}``. A dictionary with short names for keys is ``{"$": "fields", "of": {...}}``.
Tensors and arrays keep dtype and shape in the tree and their elements, in row-major order and the machine's byte
order, in a buffer.

What is not data (a module, a function, a generator) becomes a handle: ``encode`` asks ``wrap`` for a JSON
object to put in its place, and ``decode`` gives that object to ``resolve``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

MAGIC = b"GRW1"
ALIGNMENT = 16
SMALL_INT = 2**53
LONGEST_NAME = 100  # characters of such a key
MOST_FIELDS = 100  # of a dictionary that is sent as a JSON object
MOST_DIMENSIONS = 64  # torch and NumPy stop there
PARTS_PER_NODE = 4  # brackets and commas in the header; they bound what parsing it can allocate

# The methods of the compiled base class. Encoder and decoder use these, and functions bound before any
# student code runs: neither a patched torch nor a check that forbids ``torch.Tensor.reshape`` reaches in.
Base: Any = torch._C.TensorBase  # pyright: ignore[reportPrivateUsage]
plainly: Any = torch._C.DisableTorchFunction  # pyright: ignore[reportPrivateUsage]

_DTYPES = """
    bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 bfloat16 float32 float64
    complex32 complex64 complex128 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu
"""
DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name) for name in _DTYPES.split() if hasattr(torch, name)
}
# dtypes without elements of their own on the wire, but which can be named (torch.quint8 and so on)
NAMED_DTYPES = {str(value)[6:]: value for value in vars(torch).values() if isinstance(value, torch.dtype)}
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}
ITEM_SIZES = {dtype: dtype.itemsize for dtype in DTYPES.values()}
ARRAY_KINDS = "biufcUS"  # plain memory; object, void and datetime arrays travel as handles


class WireError(ValueError):
    """Bytes that are no frame."""


class Unencodable(WireError):
    """A value that is no data, or beyond the limits of a frame."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one frame: bytes in all, nesting depth, nodes of the tree, digits of an integer."""

    size: int = 256 * 2**20
    depth: int = 64
    nodes: int = 1_000_000
    int_bits: int = 1_000_000


DEFAULT_LIMITS = Limits()

Wrap = Callable[[Any], dict[str, Any]]
Resolve = Callable[[dict[str, Any]], Any]


def too_many_parts(header: bytes, limits: Limits) -> bool:
    """Looked at before the header is parsed: three bytes of it become an object of sixty."""
    return sum(map(header.count, (b",", b"[", b"{"))) > PARTS_PER_NODE * limits.nodes + 1_000


def sensible(shape: Sequence[int], limits: Limits) -> bool:
    """Whether a shape may cross. An empty tensor of 2**40 rows holds no byte, but fills the memory of whoever
    takes it row by row."""
    return len(shape) <= MOST_DIMENSIONS and math.prod(max(size, 1) for size in shape) <= limits.size
