"""IDX, the format of MNIST's files: a magic number, the sizes, the bytes. Written by the same bytes every time."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNSIGNED_BYTE = 8

Bytes = NDArray[np.uint8]


def to_idx(values: Bytes) -> bytes:
    """The uncompressed file of an array of uint8 of any shape."""
    head = struct.pack(f">HBB{values.ndim}I", 0, UNSIGNED_BYTE, values.ndim, *values.shape)
    return head + np.ascontiguousarray(values).tobytes()


def from_idx(content: bytes, name: str) -> Bytes:
    """The array of an uncompressed file, a copy of its own. Raises ``ValueError`` if `name` is not such a file."""
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise ValueError(f"{name} is not an IDX file of bytes")
    dimensions = content[3]
    start = 4 + 4 * dimensions
    shape = struct.unpack(f">{dimensions}I", content[4:start]) if len(content) >= start else ()
    if len(content) - start != int(np.prod(shape)) or dimensions == 0:
        raise ValueError(f"{name} is not whole: {len(content)} bytes for an array of shape {shape}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()


def write_idx(path: Path, values: Bytes) -> None:
    """Write a compressed file that anybody may read. The same values give the same bytes (no name, no date)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(to_idx(values), 9, mtime=0))
    path.chmod(0o644)  # the sandbox reads it as another user


def read_idx(path: Path) -> Bytes:
    """The array of a file, compressed (.gz) or not. Raises ``OSError`` or ``ValueError``."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return from_idx(content, path.name)
