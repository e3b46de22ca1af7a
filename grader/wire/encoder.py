"""Values to frames; the format is described in ``grader.wire.codec``."""

from __future__ import annotations

import math
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from json import JSONEncoder
from typing import Any

import numpy as np
import torch

from grader.wire.codec import (
    ALIGNMENT,
    ARRAY_KINDS,
    DEFAULT_LIMITS,
    DTYPE_NAMES,
    ITEM_SIZES,
    LONGEST_NAME,
    MAGIC,
    MOST_FIELDS,
    SMALL_INT,
    Base,
    Limits,
    Unencodable,
    Wrap,
    plainly,
    sensible,
    too_many_parts,
)

_Tensor, _no_grad = torch.Tensor, torch.no_grad
_to_json = JSONEncoder(separators=(",", ":")).encode  # made here, so that no patch of a student's reaches in


def _no_handles(value: Any) -> dict[str, Any]:
    raise Unencodable(f"an object of type {type(value).__name__} is not data")


def encode(value: Any, wrap: Wrap = _no_handles, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """One frame that holds `value`.

    Raises ``Unencodable`` beyond the limits, and whatever `wrap` raises for an object that is not data.
    """
    encoder = _Encoder(wrap, limits)
    tree = encoder.node(value, 0)
    sizes = [len(buffer) for buffer in encoder.buffers]
    header = _to_json({"value": tree, "sizes": sizes}).encode("ascii")
    if too_many_parts(header, limits):
        raise Unencodable(f"the value has more than {limits.nodes:,} parts")
    parts = [MAGIC, len(header).to_bytes(4, "big"), header, b"\0" * (-(8 + len(header)) % ALIGNMENT)]
    for buffer in encoder.buffers:
        parts += [buffer, b"\0" * (-len(buffer) % ALIGNMENT)]
    if sum(map(len, parts)) > limits.size:
        raise Unencodable(f"the value needs more than {limits.size:,} bytes")
    return b"".join(parts)


class _Encoder:
    def __init__(self, wrap: Wrap, limits: Limits) -> None:
        self.wrap = wrap
        self.limits = limits
        self.buffers: list[bytes | memoryview] = []
        self.size = 0
        self.nodes = 0

    def node(self, value: Any, depth: int) -> Any:
        # type(value), never value.__class__: the object may lie about itself
        self.nodes += 1
        if depth > self.limits.depth:
            raise Unencodable(f"the value is nested deeper than {self.limits.depth} levels")
        if self.nodes > self.limits.nodes:
            raise Unencodable(f"the value has more than {self.limits.nodes:,} parts")
        kind = type(value)
        # a class with a metaclass is none of ours, and could claim to be equal to one of them
        writer = _WRITERS.get(kind) if type(kind) is type else None
        if writer is not None:
            return writer(self, value, depth)
        if issubclass(kind, tuple):  # named tuples, torch.return_types
            return {"$": "tuple", "items": self.items(tuple.__iter__(value), depth)}
        if issubclass(kind, _Tensor):
            return self.tensor(value)
        if issubclass(kind, np.generic) and np.dtype(kind).kind in ARRAY_KINDS:
            return self.array("scalar", np.asarray(value))
        return self.wrap(value)

    def items(self, values: Iterable[Any], depth: int) -> list[Any]:
        node, depth = self.node, depth + 1
        return [node(value, depth) for value in values]

    def collection(self, value: Any, depth: int) -> Any:
        return {"$": type(value).__name__, "items": self.items(value, depth)}

    def dictionary(self, value: dict[Any, Any], depth: int) -> Any:
        if dict.__len__(value) <= MOST_FIELDS and all(map(_is_name, dict.keys(value))):
            node, depth = self.node, depth + 1
            return {"$": "fields", "of": {key: node(item, depth) for key, item in dict.items(value)}}
        return {"$": "dict", "items": [self.items(pair, depth) for pair in dict.items(value)]}

    def span(self, value: slice | range, depth: int) -> Any:
        parts = (value.start, value.stop, value.step)
        return {"$": type(value).__name__, "items": self.items(parts, depth)}

    def count(self, size: int) -> None:
        """Refuse what is too large before it is copied; ``encode`` looks again when all is known."""
        if self.size + size > self.limits.size:
            raise Unencodable(f"the value needs more than {self.limits.size:,} bytes")

    def buffer(self, data: bytes | memoryview) -> int:
        self.count(len(data))
        self.size += len(data)
        self.buffers.append(data)
        return len(self.buffers) - 1

    def text(self, value: str) -> Any:
        self.count(len(value))
        self.size += len(value)
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:  # lone surrogates, of which JSON would join a pair
                return {"$": "text", "buffer": self.buffer(value.encode("utf-8", "surrogatepass"))}
        return value

    def integer(self, value: int) -> Any:
        if -SMALL_INT < value < SMALL_INT:
            return value
        if value.bit_length() > self.limits.int_bits:
            raise Unencodable(f"an integer has more than {self.limits.int_bits:,} bits")
        return {"$": "int", "hex": hex(value)}  # decimal digits would take quadratic time

    def floating(self, value: float) -> Any:
        return value if math.isfinite(value) else {"$": "float", "text": repr(value)}

    def shape(self, shape: Sequence[int], item_size: int) -> list[int]:
        if not sensible(shape, self.limits):
            raise Unencodable(f"the shape {tuple(shape)} is too large")
        self.count(math.prod(shape) * item_size)
        return list(shape)

    def tensor(self, value: torch.Tensor) -> Any:
        with plainly(), _no_grad():
            name = DTYPE_NAMES.get(Base.dtype.__get__(value))
            dense = Base.layout.__get__(value) is torch.strided and not Base.is_nested.__get__(value)
            if name is None or not dense or Base.is_meta.__get__(value):
                return self.wrap(value)
            plain = Base.as_subclass(value, _Tensor)  # which loses requires_grad
            node: dict[str, Any] = {"$": "tensor", "dtype": name, "grad": Base.requires_grad.__get__(value)}
            node["shape"] = self.shape(Base.size(plain), ITEM_SIZES[plain.dtype])
            flat = Base.cpu(Base.detach(plain))
            flat = Base.contiguous(Base.resolve_neg(Base.resolve_conj(flat)))
            # one expanded element is contiguous, with stride 0
            flat = Base.as_strided(flat, (Base.numel(flat),), (1,))
            node["buffer"] = self.buffer(Base.numpy(Base.view(flat, torch.uint8)).data)
            if plain.device.type != "cpu":
                node["device"] = str(plain.device)
            return node

    def array(self, tag: str, value: np.ndarray) -> Any:
        if value.dtype.kind not in ARRAY_KINDS:
            return self.wrap(value)
        dtype = value.dtype.newbyteorder("=")
        if dtype.itemsize == 0:  # '<U0', which NumPy itself widens wherever it can
            dtype = np.dtype(f"{dtype.kind}1")
        node: dict[str, Any] = {"$": tag, "dtype": dtype.str}
        node["shape"] = self.shape(value.shape, dtype.itemsize)
        node["buffer"] = self.buffer(value.astype(dtype, copy=False).tobytes())
        return node


def _is_name(key: Any) -> bool:
    return type(key) is str and len(key) <= LONGEST_NAME and key.isascii()


_WRITERS: dict[type, Callable[[_Encoder, Any, int], Any]] = {
    type(None): lambda self, value, depth: None,
    bool: lambda self, value, depth: value,
    int: lambda self, value, depth: self.integer(value),
    float: lambda self, value, depth: self.floating(value),
    complex: lambda self, value, depth: {"$": "complex", "real": repr(value.real), "imag": repr(value.imag)},
    str: lambda self, value, depth: self.text(value),
    bytes: lambda self, value, depth: {"$": "bytes", "buffer": self.buffer(value)},
    bytearray: lambda self, value, depth: {"$": "bytes", "buffer": self.buffer(bytes(value))},
    list: lambda self, value, depth: self.items(value, depth),
    tuple: _Encoder.collection,
    set: _Encoder.collection,
    frozenset: _Encoder.collection,
    dict: _Encoder.dictionary,
    OrderedDict: _Encoder.dictionary,
    defaultdict: _Encoder.dictionary,
    slice: _Encoder.span,
    range: _Encoder.span,
    torch.Size: lambda self, value, depth: {"$": "size", "items": [int(n) for n in value]},
    torch.dtype: lambda self, value, depth: {"$": "dtype", "name": str(value)[6:]},
    torch.device: lambda self, value, depth: {"$": "device", "name": str(value)},
    type(...): lambda self, value, depth: {"$": "ellipsis"},
    np.ndarray: lambda self, value, depth: self.array("array", value),
}
