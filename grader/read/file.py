"""The bytes of a submission: from a regular file only, never blocking, never more than the limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grader.nouns import BadInput

LIMIT_BYTES = 50 * 2**20

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def shown(path: Path) -> str:
    """The path as it may stand in a one-line message: control characters and the like are escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(path))


def bytes_of(path: Path) -> bytes:
    """The content of the regular file at ``path``, at most ``LIMIT_BYTES`` of it.

    Raises:
        BadInput: there is no such file, it is a directory, pipe, socket or device, it is not
            readable, it is empty or too large.
    """
    where = shown(path)
    try:
        # Looked at before it is opened: to open a device can already do something.
        _regular(os.stat(path), path)
        # Between the two it may have been exchanged: O_NONBLOCK does not wait for a pipe's writer.
        flags = os.O_RDONLY | _flag("O_NONBLOCK") | _flag("O_CLOEXEC") | _flag("O_NOCTTY") | _flag("O_BINARY")
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            _regular(os.fstat(descriptor), path)
            data = file.read(LIMIT_BYTES + 1)
    except FileNotFoundError:
        if path.is_symlink():
            raise BadInput(f"{where}: is a link to a file that does not exist; hand in the file") from None
        raise BadInput(f"{where}: there is no such file; check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL or a lone surrogate in the path
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput(f"{where}: cannot be read ({why}); check its name and permissions") from None
    if not data:
        raise BadInput(f"{where}: is empty; save the notebook again and hand in that file")
    if len(data) > LIMIT_BYTES:
        raise _too_large(where, len(data))
    return data


def text_of(data: bytes, where: str) -> str:
    """The text in ``data``, which must be UTF-8, with or without a byte-order mark; newlines become \\n.

    Raises:
        BadInput: the bytes are no UTF-8, hold a NUL, or nothing but blanks.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{where}: is saved as UTF-16; save it as UTF-8")
    if data.startswith(b"PK\x03\x04"):
        raise BadInput(f"{where}: is a zip archive; unpack it and hand in the file inside")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise BadInput(
            f"{where}: is not UTF-8 text (byte 0x{byte:02x} at offset {error.start}); save it as UTF-8"
        ) from None
    if "\0" in text:
        raise BadInput(
            f"{where}: holds a NUL character at offset {text.index(chr(0))}, so it is no text; "
            "hand in the notebook or the script itself"
        )
    if not text.strip():
        raise BadInput(f"{where}: is empty; save the notebook again and hand in that file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _regular(status: os.stat_result, path: Path) -> None:
    """Raise ``BadInput`` unless this is a regular file of an acceptable size."""
    where = shown(path)
    if stat.S_ISDIR(status.st_mode):
        raise BadInput(f"{where}: is a directory; name the notebook (.ipynb) or the script (.py) in it")
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
        raise BadInput(f"{where}: is {kind}; hand in a regular file")
    if status.st_size > LIMIT_BYTES:
        raise _too_large(where, status.st_size)


def _too_large(where: str, size: int) -> BadInput:
    return BadInput(
        f"{where}: has {size / 2**20:.0f} MB, more than the {LIMIT_BYTES // 2**20} MB that are read; "
        "clear the outputs (Edit, Clear Outputs of All Cells) and save it again"
    )


def _flag(name: str) -> int:
    """An ``open`` flag, or 0 where the platform has none of that name."""
    return int(getattr(os, name, 0))
