"""The bytes of a submission that is a single file, and the text in them."""

from __future__ import annotations

from pathlib import Path

from grader.nouns import BadInput
from grader.read.openings import NotRegular, TooLarge, read_file

LIMIT_BYTES = 50 * 2**20
CLEAR_OUTPUTS = "clear the outputs (Edit, Clear Outputs of All Cells) and save it again"


def shown(path: Path | str) -> str:
    """The path as it may stand in a one-line message: control characters and the like are escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(path))


def bytes_of(path: Path, limit: int, remedy: str, *, linked: bool = True) -> bytes:
    """The content of the regular file at ``path``, at most ``limit`` bytes of it; ``remedy`` makes it smaller.

    A link is followed where ``linked``: one that a person gave may be, one that was found may not.

    Raises:
        BadInput: there is no such file, it is a pipe, socket or device, it is not readable, it is
            empty or too large.
    """
    where = shown(path)
    try:
        data = read_file(path, limit, linked=linked)
    except FileNotFoundError:
        if path.is_symlink():
            raise BadInput(f"{where}: is a link to a file that does not exist; hand in the file") from None
        raise BadInput(f"{where}: there is no such file; check the path") from None
    except NotRegular as error:
        raise BadInput(f"{where}: {error}; hand in a regular file") from None
    except TooLarge as error:
        size, most = error.size / 2**20, limit // 2**20
        raise BadInput(
            f"{where}: has {size:.0f} MB, more than the {most} MB that are read; {remedy}"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL or a lone surrogate in the path
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput(f"{where}: cannot be read ({why}); check its name and permissions") from None
    if not data:
        raise BadInput(f"{where}: is empty; save it again and hand in that file")
    return data


def own_bytes(path: Path, limit: int) -> bytes:
    """The content of a file that the instructor wrote, such as a roster; it may be empty.

    Raises:
        BadInput: there is no such file, or it cannot be read, or has more than ``limit`` bytes.
    """
    where = shown(path)
    try:
        return read_file(path, limit, linked=True)
    except FileNotFoundError:
        raise BadInput(f"{where}: there is no such file; check the path") from None
    except NotRegular as error:
        raise BadInput(f"{where}: {error}; give a regular file") from None
    except TooLarge as error:
        raise BadInput(
            f"{where}: has {error.size:,} bytes, more than the {limit:,} that are read; is it the right file?"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput(f"{where}: cannot be read ({why}); check its name and permissions") from None


def text_of(data: bytes, where: str) -> str:
    """The text in ``data``, which must be UTF-8, with or without a byte-order mark; newlines become \\n.

    Raises:
        BadInput: the bytes are no UTF-8, hold a NUL, or nothing but blanks.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{where}: is saved as UTF-16; save it as UTF-8")
    if data.startswith(b"PK\x03\x04"):
        raise BadInput(f"{where}: is a zip archive; rename it to end in .zip")
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
