"""Frames to values; the format is described in ``grader.wire.codec``.

Decoding builds plain data only. Every limit is looked at before anything is allocated for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from json import JSONDecoder
from typing import Any

import numpy as np
import torch

from grader.wire.codec import (
    ALIGNMENT,
    ARRAY_KINDS,
    DEFAULT_LIMITS,
    DTYPES,
    ITEM_SIZES,
    MAGIC,
    MOST_FIELDS,
    NAMED_DTYPES,
    SMALL_INT,
    Base,
    Limits,
    Resolve,
    WireError,
    plainly,
    sensible,
    too_many_parts,
)

SAME_HASH = 100  # members of a set or keys of a dictionary

_ARRAY_DTYPE = re.compile(rf"[<>|][{ARRAY_KINDS}]\d{{1,9}}")
_empty, _frombuffer = torch.empty, torch.frombuffer


def _no_resolving(node: dict[str, Any]) -> Any:
    raise WireError("an object that is not data is not expected here")


def decode(
    frame: bytes | bytearray, resolve: Resolve = _no_resolving, limits: Limits = DEFAULT_LIMITS
) -> Any:
    """The value that a frame holds; tensors own their memory.

    Raises ``WireError`` for any bytes that are not a frame, and whatever `resolve` raises. What it allocates
    stays within a small multiple of the frame and of what the limits allow.
    """
    tree, buffers = _split(frame, limits)
    try:
        return _Decoder(buffers, resolve, limits).value(tree, 0)
    except WireError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, RuntimeError, MemoryError) as error:
        # a wrong type in the tree, an unhashable member of a set, a device that does not exist, ...
        raise WireError(f"malformed value ({type(error).__name__})") from error


def _split(frame: bytes | bytearray, limits: Limits) -> tuple[Any, list[memoryview]]:
    if len(frame) > limits.size:
        raise WireError(f"a frame of {len(frame):,} bytes is beyond the limit")
    if len(frame) < 8 or frame[:4] != MAGIC:
        raise WireError("not a frame")
    view = memoryview(frame)
    start = 8 + int.from_bytes(view[4:8], "big")
    if start > len(frame):
        raise WireError("the header is cut off")
    text = bytes(view[8:start])
    if too_many_parts(text, limits):
        raise WireError("the header has too many parts")
    try:
        header = _from_json(text.decode("ascii"))
    except (ValueError, RecursionError, MemoryError) as error:
        raise WireError("the header is not valid JSON") from error
    if type(header) is not dict or set(header) != {"value", "sizes"} or type(header["sizes"]) is not list:
        raise WireError("the header has the wrong fields")
    buffers = list[memoryview]()
    start += -start % ALIGNMENT
    for size in header["sizes"]:
        if type(size) is not int or size < 0 or start + size > len(frame):
            raise WireError("a buffer is cut off")
        buffers.append(view[start : start + size])
        start += size + -size % ALIGNMENT
    return header["value"], buffers


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


# made here, so that no patch of a student's reaches in
_from_json = JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates).decode


class _Decoder:
    def __init__(self, buffers: list[memoryview], resolve: Resolve, limits: Limits) -> None:
        self.buffers: list[memoryview | None] = [*buffers]
        self.resolve = resolve
        self.limits = limits
        self.nodes = 0

    def value(self, node: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > self.limits.depth or self.nodes > self.limits.nodes:
            raise WireError("the value is too deep or has too many parts")
        if type(node) is list:
            value, depth = self.value, depth + 1
            return [value(item, depth) for item in node]
        if type(node) is not dict:
            return self.plain(node)
        tag = node.get("$")
        reader = _READERS.get(tag) if type(tag) is str else None
        if reader is None:
            return self.resolve(node)
        return reader(self, node, depth)

    def plain(self, node: Any) -> Any:
        """JSON's own values, where they are what ``encode`` leaves to JSON."""
        kind = type(node)
        if kind is int and not -SMALL_INT < node < SMALL_INT:
            raise WireError("an integer is too long")
        if kind is float and not math.isfinite(node):  # 1e999
            raise WireError("a number is too large")
        return node

    def fields(self, node: dict[str, Any], depth: int) -> dict[str, Any]:
        """A dictionary with names for keys; that none stands twice has been looked at when JSON was parsed."""
        fields = node["of"]
        if type(fields) is not dict or len(fields) > MOST_FIELDS:
            raise WireError("fields must be an object, and not a large one")
        value, depth = self.value, depth + 1
        return {key: value(item, depth) for key, item in fields.items()}

    def items(self, node: dict[str, Any], depth: int) -> list[Any]:
        items = node["items"]
        if type(items) is not list:
            raise WireError("items must be an array")
        return [self.value(item, depth + 1) for item in items]

    def hashed(self, members: list[Any]) -> list[Any]:
        """`members`, unless many were made to have the same hash: a table of those takes quadratic time."""
        if len(members) > SAME_HASH:
            hashes = sorted(map(hash, members))
            if any(a == b for a, b in zip(hashes, hashes[SAME_HASH:], strict=False)):
                raise WireError("too many members with the same hash")
        return members

    def dictionary(self, node: dict[str, Any], depth: int) -> dict[Any, Any]:
        pairs = node["items"]
        if type(pairs) is not list or not all(type(pair) is list and len(pair) == 2 for pair in pairs):
            raise WireError("a dictionary holds pairs")
        keys = self.hashed([self.value(key, depth + 1) for key, _ in pairs])
        result = {key: self.value(item, depth + 1) for key, (_, item) in zip(keys, pairs, strict=True)}
        if len(result) != len(pairs):
            raise WireError("a key stands twice")
        return result

    def integer(self, node: dict[str, Any], depth: int) -> int:
        text = node["hex"]
        if type(text) is not str or len(text) > self.limits.int_bits // 4 + 4:
            raise WireError("an integer is too long")
        return int(text, 16)

    def floating(self, node: dict[str, Any], depth: int) -> float:
        if node["text"] not in ("nan", "inf", "-inf"):
            raise WireError("not a special float")
        return float(node["text"])

    def complex_number(self, node: dict[str, Any], depth: int) -> complex:
        real, imag = node["real"], node["imag"]
        if not (type(real) is str and type(imag) is str and len(real) + len(imag) < 64):
            raise WireError("not a complex number")
        return complex(float(real), float(imag))

    def slice_or_range(self, node: dict[str, Any], depth: int) -> slice | range:
        start, stop, step = self.items(node, depth)
        return slice(start, stop, step) if node["$"] == "slice" else range(start, stop, step)

    def buffer(self, node: dict[str, Any]) -> memoryview:
        """The node's buffer. Each is given out once, or a small frame could be copied a million times."""
        index = node["buffer"]
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise WireError("no such buffer")
        data, self.buffers[index] = self.buffers[index], None
        if data is None:
            raise WireError("a buffer is used twice")
        return data

    def memory(self, node: dict[str, Any], item_size: int) -> tuple[memoryview, list[int]]:
        """The buffer and the shape of a tensor or array; they agree to the byte."""
        shape, data = node["shape"], self.buffer(node)
        if type(shape) is not list or not all(type(size) is int and size >= 0 for size in shape):
            raise WireError("a shape must be an array of integers, none of them negative")
        if not sensible(shape, self.limits) or math.prod(shape) * item_size != len(data):
            raise WireError("a shape does not fit its buffer")
        return data, shape

    def tensor(self, node: dict[str, Any], depth: int) -> torch.Tensor:
        dtype = DTYPES[node["dtype"]]
        data, shape = self.memory(node, ITEM_SIZES[dtype])
        with plainly():
            if len(data) == 0:
                result = _empty(shape, dtype=dtype)
            elif dtype is torch.bool:  # a byte other than 0 and 1 in a bool is undefined behaviour
                result = Base.view(Base.ne(_frombuffer(bytearray(data), dtype=torch.uint8), 0), shape)
            else:
                result = Base.view(_frombuffer(bytearray(data), dtype=dtype), shape)
            if node["grad"] is True and (dtype.is_floating_point or dtype.is_complex):
                Base.requires_grad_(result)
        return result

    def array(self, node: dict[str, Any], depth: int) -> np.ndarray:
        text = node["dtype"]
        if type(text) is not str or not _ARRAY_DTYPE.fullmatch(text):
            raise WireError("not the name of a plain dtype")
        dtype = np.dtype(text)
        if dtype.itemsize == 0 or not dtype.isnative:
            raise WireError("not a dtype that is sent")
        data, shape = self.memory(node, dtype.itemsize)
        if dtype.kind == "b":
            return (np.frombuffer(bytearray(data), np.uint8) != 0).reshape(shape)
        if dtype.kind == "U":  # code points beyond Unicode would make later conversions fail
            points = np.frombuffer(bytearray(data), np.uint32)
            if points.size and points.max() > 0x10FFFF:
                raise WireError("text beyond Unicode")
        return np.frombuffer(bytearray(data), dtype).reshape(shape)

    def scalar(self, node: dict[str, Any], depth: int) -> Any:
        array = self.array(node, depth)
        if array.shape:
            raise WireError("a scalar has no dimensions")
        return array[()]

    def size(self, node: dict[str, Any], depth: int) -> torch.Size:
        sizes = node["items"]
        if type(sizes) is not list or not all(type(n) is int and -(2**63) <= n < 2**63 for n in sizes):
            raise WireError("a size is not an integer of 64 bits")
        return torch.Size(sizes)

    def device(self, node: dict[str, Any], depth: int) -> torch.device:
        if type(node["name"]) is not str:  # a number would be taken for that of a GPU
            raise WireError("a device has a name")
        return torch.device(node["name"])


_READERS: dict[str, Callable[[_Decoder, dict[str, Any], int], Any]] = {
    "text": lambda self, node, depth: str(self.buffer(node), "utf-8", "surrogatepass"),
    "int": _Decoder.integer,
    "float": _Decoder.floating,
    "complex": _Decoder.complex_number,
    "bytes": lambda self, node, depth: bytes(self.buffer(node)),
    "tuple": lambda self, node, depth: tuple(self.items(node, depth)),
    "set": lambda self, node, depth: set(self.hashed(self.items(node, depth))),
    "frozenset": lambda self, node, depth: frozenset(self.hashed(self.items(node, depth))),
    "dict": _Decoder.dictionary,
    "fields": _Decoder.fields,
    "slice": _Decoder.slice_or_range,
    "range": _Decoder.slice_or_range,
    "size": _Decoder.size,
    "dtype": lambda self, node, depth: NAMED_DTYPES[node["name"]],
    "device": _Decoder.device,
    "ellipsis": lambda self, node, depth: ...,
    "tensor": _Decoder.tensor,
    "array": _Decoder.array,
    "scalar": _Decoder.scalar,
}
