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

import math
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from json import dumps, loads  # by name, so that no patch of theirs reaches in here
from typing import Any

import numpy as np
import torch

MAGIC = b"GRW1"
ALIGNMENT = 16
SMALL_INT = 2**53
MOST_DIMENSIONS = 64  # torch and NumPy stop there
PARTS_PER_NODE = 4  # brackets and commas in the header; they bound what parsing it can allocate
SAME_HASH = 100

# The methods of the compiled base class, and functions bound before any student code runs: neither a patched
# torch nor a check that forbids ``torch.Tensor.reshape`` or ``torch.empty`` reaches into the codec.
_Base: Any = torch._C.TensorBase  # pyright: ignore[reportPrivateUsage]
_plainly: Any = torch._C.DisableTorchFunction  # pyright: ignore[reportPrivateUsage]
_Tensor, _no_grad, _empty, _frombuffer = torch.Tensor, torch.no_grad, torch.empty, torch.frombuffer

_DTYPES = """
    bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 bfloat16 float32 float64
    complex32 complex64 complex128 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu
"""
DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name) for name in _DTYPES.split() if hasattr(torch, name)
}
# dtypes without elements of their own on the wire, but which can be named (torch.quint8 and so on)
_NAMED_DTYPES = {str(value)[6:]: value for value in vars(torch).values() if isinstance(value, torch.dtype)}
_DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_ITEM_SIZES = {dtype: dtype.itemsize for dtype in DTYPES.values()}
_ARRAY_KINDS = "biufcUS"  # plain memory; object, void and datetime arrays travel as handles
_ARRAY_DTYPE = re.compile(rf"[<>|][{_ARRAY_KINDS}]\d{{1,9}}")


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


def _no_handles(value: Any) -> dict[str, Any]:
    raise Unencodable(f"an object of type {type(value).__name__} is not data")


def _no_resolving(node: dict[str, Any]) -> Any:
    raise WireError(f"a {node.get('$')!r} is not expected here")


# ------------------------------------------------------------------------------------- encoding


def encode(value: Any, wrap: Wrap = _no_handles, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """One frame that holds `value`.

    Raises ``Unencodable`` beyond the limits, and whatever `wrap` raises for an object that is not data.
    """
    encoder = _Encoder(wrap, limits)
    tree = encoder.node(value, 0)
    sizes = [len(buffer) for buffer in encoder.buffers]
    header = dumps({"value": tree, "sizes": sizes}, separators=(",", ":")).encode("ascii")
    if _too_many_parts(header, limits):
        raise Unencodable(f"the value has more than {limits.nodes:,} parts")
    parts = [MAGIC, len(header).to_bytes(4, "big"), header, b"\0" * (-(8 + len(header)) % ALIGNMENT)]
    for buffer in encoder.buffers:
        parts += [buffer, b"\0" * (-len(buffer) % ALIGNMENT)]
    if sum(map(len, parts)) > limits.size:
        raise Unencodable(f"the value needs more than {limits.size:,} bytes")
    return b"".join(parts)


def _too_many_parts(header: bytes, limits: Limits) -> bool:
    """Looked at before the header is parsed: three bytes of it become an object of sixty."""
    return sum(map(header.count, (b",", b"[", b"{"))) > PARTS_PER_NODE * limits.nodes + 1_000


def _sensible(shape: Sequence[int], limits: Limits) -> bool:
    """Whether a shape may cross. An empty tensor of 2**40 rows holds no byte, but fills the memory of whoever
    takes it row by row."""
    return len(shape) <= MOST_DIMENSIONS and math.prod(max(size, 1) for size in shape) <= limits.size


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
        if issubclass(kind, np.generic) and np.dtype(kind).kind in _ARRAY_KINDS:
            return self.array("scalar", np.asarray(value))
        return self.wrap(value)

    def items(self, values: Iterable[Any], depth: int) -> list[Any]:
        return [self.node(value, depth + 1) for value in values]

    def collection(self, value: Any, depth: int) -> Any:
        return {"$": type(value).__name__, "items": self.items(value, depth)}

    def dictionary(self, value: dict[Any, Any], depth: int) -> Any:
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
        if not _sensible(shape, self.limits):
            raise Unencodable(f"the shape {tuple(shape)} is too large")
        self.count(math.prod(shape) * item_size)
        return list(shape)

    def tensor(self, value: torch.Tensor) -> Any:
        with _plainly(), _no_grad():
            name = _DTYPE_NAMES.get(_Base.dtype.__get__(value))
            dense = _Base.layout.__get__(value) is torch.strided and not _Base.is_nested.__get__(value)
            if name is None or not dense or _Base.is_meta.__get__(value):
                return self.wrap(value)
            plain = _Base.as_subclass(value, _Tensor)  # which loses requires_grad
            node: dict[str, Any] = {"$": "tensor", "dtype": name, "grad": _Base.requires_grad.__get__(value)}
            node["shape"] = self.shape(_Base.size(plain), _ITEM_SIZES[plain.dtype])
            flat = _Base.cpu(_Base.detach(plain))
            flat = _Base.contiguous(_Base.resolve_neg(_Base.resolve_conj(flat)))
            # one expanded element is contiguous, with stride 0
            flat = _Base.as_strided(flat, (_Base.numel(flat),), (1,))
            node["buffer"] = self.buffer(_Base.numpy(_Base.view(flat, torch.uint8)).data)
            if plain.device.type != "cpu":
                node["device"] = str(plain.device)
            return node

    def array(self, tag: str, value: np.ndarray) -> Any:
        if value.dtype.kind not in _ARRAY_KINDS:
            return self.wrap(value)
        dtype = value.dtype.newbyteorder("=")
        if dtype.itemsize == 0:  # '<U0', which NumPy itself widens wherever it can
            dtype = np.dtype(f"{dtype.kind}1")
        node: dict[str, Any] = {"$": tag, "dtype": dtype.str}
        node["shape"] = self.shape(value.shape, dtype.itemsize)
        node["buffer"] = self.buffer(value.astype(dtype, copy=False).tobytes())
        return node


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


# ------------------------------------------------------------------------------------- decoding


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
    if _too_many_parts(text, limits):
        raise WireError("the header has too many parts")
    try:
        header = loads(
            text.decode("ascii"), parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates
        )
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
            return [self.value(item, depth + 1) for item in node]
        if type(node) is not dict:
            return self.plain(node)
        tag = node.get("$")
        reader = _READERS.get(tag) if type(tag) is str else None
        if reader is None:
            return self.resolve(node)
        return reader(self, node, depth)

    def plain(self, node: Any) -> Any:
        """JSON's own values, where they are what ``encode`` leaves to JSON."""
        if type(node) is int and not -SMALL_INT < node < SMALL_INT:
            raise WireError("an integer is too long")
        if type(node) is float and not math.isfinite(node):  # 1e999
            raise WireError("a number is too large")
        return node

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
        if not _sensible(shape, self.limits) or math.prod(shape) * item_size != len(data):
            raise WireError("a shape does not fit its buffer")
        return data, shape

    def tensor(self, node: dict[str, Any], depth: int) -> torch.Tensor:
        dtype = DTYPES[node["dtype"]]
        data, shape = self.memory(node, _ITEM_SIZES[dtype])
        with _plainly():
            if len(data) == 0:
                result = _empty(shape, dtype=dtype)
            elif dtype is torch.bool:  # a byte other than 0 and 1 in a bool is undefined behaviour
                result = _Base.view(_Base.ne(_frombuffer(bytearray(data), dtype=torch.uint8), 0), shape)
            else:
                result = _Base.view(_frombuffer(bytearray(data), dtype=dtype), shape)
            if node["grad"] is True and (dtype.is_floating_point or dtype.is_complex):
                _Base.requires_grad_(result)
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
    "slice": _Decoder.slice_or_range,
    "range": _Decoder.slice_or_range,
    "size": _Decoder.size,
    "dtype": lambda self, node, depth: _NAMED_DTYPES[node["name"]],
    "device": _Decoder.device,
    "ellipsis": lambda self, node, depth: ...,
    "tensor": _Decoder.tensor,
    "array": _Decoder.array,
    "scalar": _Decoder.scalar,
}
