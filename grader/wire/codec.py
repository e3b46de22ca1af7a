"""Values to bytes and back, without pickle.

A frame is::

    b"GRW1" | header length, 4 bytes | header, JSON | padding to 16 | buffers, each padded to 16

The header is ``{"value": tree, "sizes": [bytes of each buffer]}``. In the tree JSON's own null, bools,
strings, finite floats, small integers and arrays stand for themselves (an array is a Python list); anything
else is an object ``{"$": tag, ...}``. Tensors and arrays keep dtype and shape in the tree and their elements,
in row-major order and the machine's byte order, in a buffer.

What is not data (a module, a function, a generator) becomes a handle: ``encode`` asks ``wrap`` for a JSON
object to put in its place, and ``decode`` gives that object to ``resolve``.
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

MAGIC = b"GRW1"
ALIGNMENT = 16
SMALL_INT = 2**53

# Captured when the module is imported, which is before any student code runs: a submission that later
# patches torch.Tensor cannot make the worker misread a tensor by accident.
_Tensor = torch.Tensor
_without_torch_function = torch._C.DisableTorchFunctionSubclass

DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (
        "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 bfloat16 float32 float64 "
        "complex32 complex64 complex128 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz"
    ).split()
    if hasattr(torch, name)
}
# dtypes without elements of their own on the wire, but which can be named (torch.quint8 and so on)
_NAMED_DTYPES = {str(value)[6:]: value for value in vars(torch).values() if isinstance(value, torch.dtype)}
_DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_ITEM_SIZES = {dtype: dtype.itemsize for dtype in DTYPES.values()}
_ARRAY_KINDS = "biufcUS"  # plain memory; object, void and datetime arrays travel as handles


class WireError(ValueError):
    """Bytes that are no frame, or a value that is beyond the limits of one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one frame: bytes in all, nesting depth, nodes of the tree, digits of an integer."""

    size: int = 256 * 2**20
    depth: int = 64
    nodes: int = 1_000_000
    int_bits: int = 1_000_000


DEFAULT_LIMITS = Limits()


class Opaque(Exception):
    """Raised by ``wrap`` for an object that may not cross at all."""


Wrap = Callable[[Any], dict[str, Any]]
Resolve = Callable[[dict[str, Any]], Any]


def _no_handles(value: Any) -> dict[str, Any]:
    raise WireError(f"an object of type {type(value).__name__} is not data")


def _no_resolving(node: dict[str, Any]) -> Any:
    raise WireError(f"a {node.get('$')!r} is not expected here")


# ------------------------------------------------------------------------------------- encoding


def encode(value: Any, wrap: Wrap = _no_handles, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """One frame that holds `value`.

    Raises ``WireError`` beyond the limits, and whatever `wrap` raises for an object that is not data.
    """
    encoder = _Encoder(wrap, limits)
    tree = encoder.node(value, 0)
    header = json.dumps(
        {"value": tree, "sizes": [len(buffer) for buffer in encoder.buffers]}, separators=(",", ":")
    ).encode("ascii")
    if len(header) + encoder.size > limits.size:
        raise WireError(f"the value needs more than {limits.size:,} bytes")
    parts = [MAGIC, len(header).to_bytes(4, "big"), header, b"\0" * (-(8 + len(header)) % ALIGNMENT)]
    for buffer in encoder.buffers:
        parts += [buffer, b"\0" * (-len(buffer) % ALIGNMENT)]
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
            raise WireError(f"the value is nested deeper than {self.limits.depth} levels")
        if self.nodes > self.limits.nodes:
            raise WireError(f"the value has more than {self.limits.nodes:,} parts")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str:
            self.count(len(value))
            return value
        scalar = _SCALARS.get(kind)
        if scalar is not None:
            return scalar(self, value)
        if kind is list:
            return [self.node(item, depth + 1) for item in value]
        if kind in (OrderedDict, defaultdict, dict):
            items = dict.items(value)
            return {
                "$": "dict",
                "items": [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in items],
            }
        if kind in (set, frozenset):
            return {"$": kind.__name__, "items": [self.node(item, depth + 1) for item in value]}
        if issubclass(kind, tuple) and kind is not torch.Size:  # named tuples, torch.return_types
            return {"$": "tuple", "items": [self.node(item, depth + 1) for item in tuple.__iter__(value)]}
        if kind in (slice, range):
            parts = [self.node(part, depth + 1) for part in (value.start, value.stop, value.step)]
            return {"$": kind.__name__, "items": parts}
        if kind is torch.Size:
            return {"$": "size", "items": [int(n) for n in tuple.__iter__(value)]}
        if issubclass(kind, _Tensor):
            return self.tensor(value)
        if kind is np.ndarray and value.dtype.kind in _ARRAY_KINDS:
            return self.array("array", value)
        if issubclass(kind, np.generic) and np.dtype(kind).kind in _ARRAY_KINDS:
            return self.array("scalar", np.asarray(value))
        return self.wrap(value)

    def count(self, size: int) -> None:
        self.size += size
        if self.size > self.limits.size:
            raise WireError(f"the value needs more than {self.limits.size:,} bytes")

    def buffer(self, data: bytes | memoryview) -> int:
        self.count(len(data))
        self.buffers.append(data)
        return len(self.buffers) - 1

    def integer(self, value: int) -> Any:
        if -SMALL_INT < value < SMALL_INT:
            return value
        if value.bit_length() > self.limits.int_bits:
            raise WireError(f"an integer has more than {self.limits.int_bits:,} bits")
        return {"$": "int", "hex": hex(value)}  # decimal digits would take quadratic time

    def floating(self, value: float) -> Any:
        return value if math.isfinite(value) else {"$": "float", "text": repr(value)}

    def tensor(self, value: torch.Tensor) -> Any:
        with _without_torch_function(), torch.no_grad():
            plain = value.as_subclass(_Tensor)
            name = _DTYPE_NAMES.get(plain.dtype)
            if name is None or plain.layout is not torch.strided or plain.is_meta:
                return self.wrap(value)
            self.count(plain.numel() * _ITEM_SIZES[plain.dtype])  # before it is copied
            self.size -= plain.numel() * _ITEM_SIZES[plain.dtype]
            node = {"$": "tensor", "dtype": name, "shape": list(plain.shape), "grad": plain.requires_grad}
            flat = plain.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
            flat = flat.as_strided(flat.shape, (1,))  # one expanded element is contiguous, with stride 0
            node["buffer"] = self.buffer(memoryview(flat.view(torch.uint8).numpy()))
            if plain.device.type != "cpu":
                node["device"] = str(plain.device)
            return node

    def array(self, tag: str, value: np.ndarray) -> Any:
        native = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("="), copy=False)
        node = {"$": tag, "dtype": native.dtype.str, "shape": list(value.shape)}
        node["buffer"] = self.buffer(native.tobytes())
        return node


_SCALARS: dict[type, Callable[[_Encoder, Any], Any]] = {
    int: _Encoder.integer,
    float: _Encoder.floating,
    complex: lambda self, v: {"$": "complex", "items": [self.floating(v.real), self.floating(v.imag)]},
    bytes: lambda self, v: {"$": "bytes", "buffer": self.buffer(v)},
    bytearray: lambda self, v: {"$": "bytes", "buffer": self.buffer(bytes(v))},
    torch.dtype: lambda self, v: {"$": "dtype", "name": str(v)[6:]},
    torch.device: lambda self, v: {"$": "device", "name": str(v)},
    type(...): lambda self, v: {"$": "ellipsis"},
}


# ------------------------------------------------------------------------------------- decoding


def decode(frame: bytes | bytearray, resolve: Resolve = _no_resolving, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The value that a frame holds; tensors own their memory.

    Raises ``WireError`` for any bytes that are not a frame, and whatever `resolve` raises.
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
    if len(frame) > limits.size + 2**20:
        raise WireError(f"a frame of {len(frame):,} bytes is beyond the limit")
    if len(frame) < 8 or frame[:4] != MAGIC:
        raise WireError("not a frame")
    length = int.from_bytes(frame[4:8], "big")
    start = 8 + length
    if start > len(frame):
        raise WireError("the header is cut off")
    try:
        header = json.loads(
            bytes(frame[8:start]).decode("ascii"),
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_duplicates,
        )
    except (ValueError, RecursionError) as error:
        raise WireError("the header is not valid JSON") from error
    if type(header) is not dict or set(header) != {"value", "sizes"} or type(header["sizes"]) is not list:
        raise WireError("the header has the wrong fields")
    view, buffers = memoryview(frame), list[memoryview]()
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


class _Decoder:
    def __init__(self, buffers: list[memoryview], resolve: Resolve, limits: Limits) -> None:
        self.buffers = buffers
        self.resolve = resolve
        self.limits = limits
        self.nodes = 0

    def value(self, node: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > self.limits.depth or self.nodes > self.limits.nodes:
            raise WireError("the value is too deep or has too many parts")
        if type(node) is list:
            return [self.value(item, depth + 1) for item in node]
        if type(node) is not dict:
            return node
        tag = node.get("$")
        reader = _READERS.get(tag) if type(tag) is str else None
        if reader is None:
            return self.resolve(node)
        return reader(self, node, depth)

    def items(self, node: dict[str, Any], depth: int) -> list[Any]:
        items = node["items"]
        if type(items) is not list:
            raise WireError("items must be an array")
        return [self.value(item, depth + 1) for item in items]

    def dictionary(self, node: dict[str, Any], depth: int) -> dict[Any, Any]:
        pairs = self.items(node, depth)
        result = {key: value for key, value in pairs}  # noqa: C416 - unpacking checks for pairs
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
        real, imag = self.items(node, depth)
        return complex(real, imag)

    def memory(self, node: dict[str, Any], item_size: int) -> tuple[memoryview, list[int]]:
        """The buffer and the shape of a tensor or array; they agree to the byte."""
        shape, index = node["shape"], node["buffer"]
        if type(shape) is not list or len(shape) > self.limits.depth:
            raise WireError("a shape must be a short array")
        if not all(type(size) is int and 0 <= size < SMALL_INT for size in shape):
            raise WireError("a size of a shape is not a small non-negative integer")
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise WireError("no such buffer")
        if math.prod(shape) * item_size != len(self.buffers[index]):
            raise WireError("a shape does not fit its buffer")
        return self.buffers[index], shape

    def tensor(self, node: dict[str, Any], depth: int) -> torch.Tensor:
        dtype = DTYPES[node["dtype"]]
        data, shape = self.memory(node, _ITEM_SIZES[dtype])
        if len(data) == 0:
            result = torch.empty(shape, dtype=dtype)
        elif dtype is torch.bool:  # a byte other than 0 and 1 in a bool is undefined behaviour
            result = (torch.frombuffer(bytearray(data), dtype=torch.uint8) != 0).reshape(shape)
        else:
            result = torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)
        if node["grad"] is True and (dtype.is_floating_point or dtype.is_complex):
            result.requires_grad_()
        return result

    def array(self, node: dict[str, Any], depth: int) -> np.ndarray:
        text = node["dtype"]
        if type(text) is not str or len(text) > 16:
            raise WireError("not the name of a dtype")
        dtype = np.dtype(text)
        if dtype.kind not in _ARRAY_KINDS or dtype.subdtype is not None:
            raise WireError("an array of objects is not data")
        if dtype.itemsize == 0:  # '<U0': numpy widens it, so that no buffer is needed
            return np.zeros(self.memory(node, 0)[1], dtype)
        data, shape = self.memory(node, dtype.itemsize)
        if dtype.kind == "b":
            return (np.frombuffer(bytearray(data), np.uint8) != 0).reshape(shape)
        if dtype.kind == "U":  # code points beyond Unicode would make later conversions fail
            points = np.frombuffer(bytearray(data), np.uint32)
            if points.size and points.max() > 0x10FFFF:
                raise WireError("text beyond Unicode")
        return np.frombuffer(bytearray(data), dtype).reshape(shape)

    def scalar(self, node: dict[str, Any], depth: int) -> Any:
        return self.array(node, depth)[()]

    def blob(self, node: dict[str, Any], depth: int) -> bytes:
        index = node["buffer"]
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise WireError("no such buffer")
        return bytes(self.buffers[index])

    def size(self, node: dict[str, Any], depth: int) -> torch.Size:
        sizes = node["items"]
        if type(sizes) is not list or not all(type(n) is int and abs(n) < SMALL_INT for n in sizes):
            raise WireError("a size is not a small integer")
        return torch.Size(sizes)


_READERS: dict[str, Callable[[_Decoder, dict[str, Any], int], Any]] = {
    "int": _Decoder.integer,
    "float": _Decoder.floating,
    "complex": _Decoder.complex_number,
    "bytes": _Decoder.blob,
    "tuple": lambda self, node, depth: tuple(self.items(node, depth)),
    "set": lambda self, node, depth: set(self.items(node, depth)),
    "frozenset": lambda self, node, depth: frozenset(self.items(node, depth)),
    "dict": _Decoder.dictionary,
    "slice": lambda self, node, depth: slice(*self.items(node, depth)),
    "range": lambda self, node, depth: range(*self.items(node, depth)),
    "size": _Decoder.size,
    "dtype": lambda self, node, depth: _NAMED_DTYPES[node["name"]],
    "device": lambda self, node, depth: torch.device(node["name"]),
    "ellipsis": lambda self, node, depth: ...,
    "tensor": _Decoder.tensor,
    "array": _Decoder.array,
    "scalar": _Decoder.scalar,
}
