"""Tar archives, plain or packed with gzip, xz or bzip2, read in memory by the standard library."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from grader.nouns import BadInput
from grader.read.members import (
    FREE_OF_RATIO,
    MAX_CLASS_ENTRIES,
    MAX_ENTRIES,
    MAX_RATIO,
    MAX_TOTAL_BYTES,
    SMALLER,
    Listed,
    Members,
    Part,
    quoted,
)

MAX_HEADER = 2**14  # bytes of a long name or of a pax header
MAX_HEADER_WORK = 10**9  # squared bytes: so grows the time of tarfile before Python 3.11.10; 3 s
MAX_XZ_MEMORY = 2**27  # bytes for its dictionary; ``xz -9`` needs 65 MB, a hostile header asks for 4 GB
MAX_CLASS_TAR = 2**28  # bytes of a packed tar archive of a whole class, unpacked; about a second
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_PIECE = 2**20

# Headers, the members' own blocks and the padding at the end: what a tar adds to its files.
_MAX_TAR = MAX_TOTAL_BYTES + 1024 * MAX_ENTRIES

_LONG_HEADERS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_KINDS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
}

_TAR_ERRORS = (
    tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError,
    ValueError, OverflowError, IndexError, RecursionError,
)  # fmt: skip


class _HeaderRefused(tarfile.TarError):
    """A header over which tarfile would take minutes, or go round in circles."""


def _careful_header() -> type[tarfile.TarInfo]:
    """A class for the headers of one archive that looks at each before tarfile acts on it."""
    work = 0

    class Header(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str | None, errors: str) -> Any:
            nonlocal work
            found = super().frombuf(buf, cast(str, encoding), errors)
            if found.size < 0:
                raise _HeaderRefused("a member has a negative size")
            if found.type in _LONG_HEADERS:
                work += found.size**2
                if found.size > MAX_HEADER or work > MAX_HEADER_WORK:
                    raise _HeaderRefused("its headers are longer than its files")
            return found

    return Header


def read_tar(data: bytes, where: str) -> dict[str, bytes]:
    """The files in a tar archive, by their paths in it.

    Raises:
        BadInput: it is damaged, too large unpacked, or a member is no file or has a name that may not be.
    """
    members = Members(where, len(data))
    try:
        plain = _unpacked(data, members)
        with tarfile.open(
            fileobj=io.BytesIO(plain), mode="r:", tarinfo=_careful_header(), encoding="utf-8"
        ) as archive:
            for info in archive:
                _take(archive, info, info.name, members)
            # tarfile takes a broken header in the middle for the end.
            if plain[archive.offset : archive.offset + tarfile.BLOCKSIZE] != bytes(tarfile.BLOCKSIZE):
                raise EOFError
    except _TAR_ERRORS as error:
        raise members.damaged(_reason(error)) from None
    return members.files


def list_tar(file: BinaryIO, where: str) -> list[Listed]:
    """The names in the tar archive of a whole class; see ``list_zip``."""
    with _class_archive(file, where) as archive:
        return [Listed(f"{info.name}/" if info.isdir() else info.name, float(info.mtime)) for info in archive]


def read_part_of_tar(file: BinaryIO, where: str, part: Part) -> dict[str, bytes]:
    """What one student has in the tar archive of a class; see ``read_part_of_zip``."""
    members = Members(where)
    with _class_archive(file, where) as archive:
        for info in archive:
            if (name := part(info.name)) is not None:
                _take(archive, info, name, members)
    return members.files


@contextmanager
def _class_archive(file: BinaryIO, where: str) -> Generator[tarfile.TarFile, None, None]:
    """A tar archive on disk, to be gone through once. A plain one is not read into memory.

    A packed one is unpacked for every student, since there is no way to the middle of it; hence the limit.
    """
    members = Members(where)
    start = file.read(8)
    file.seek(0)
    try:
        if start.startswith(_PACKED):
            data = file.read(MAX_CLASS_TAR + 1)
            if len(data) > MAX_CLASS_TAR:
                raise _too_large(members, MAX_CLASS_TAR)
            plain: BinaryIO = io.BytesIO(_unpacked(data, Members(where, len(data)), MAX_CLASS_TAR))
        else:
            plain = file
        with tarfile.open(fileobj=plain, mode="r:", tarinfo=_careful_header(), encoding="utf-8") as archive:
            for count, info in enumerate(archive):  # all headers first: a broken one must not hide students
                if info.size < 0:
                    raise _HeaderRefused("a member has a negative size")
                if count >= MAX_CLASS_ENTRIES:
                    raise members.refused(
                        f"has more than the {MAX_CLASS_ENTRIES:,} entries that are looked at; split it in two"
                    )
            plain.seek(archive.offset)
            if plain.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                raise EOFError
            yield archive
    except _TAR_ERRORS as error:
        raise members.damaged(_reason(error)) from None


def _take(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, members: Members) -> None:
    if info.size < 0:  # a pax header said so
        raise _HeaderRefused("a member has a negative size")
    path = members.admit(name, is_folder=info.isdir())
    if path is None or info.isdir():
        return
    if info.type not in _FILES or info.issparse():
        kind = _KINDS.get(info.type, "no ordinary file")
        raise members.refused(
            f"holds {quoted(name)}, which is {kind}; put the file itself there and pack it again"
        )
    if hasattr(tarfile, "data_filter"):  # Python 3.11.4; a second pair of eyes
        tarfile.data_filter(info, "/nonexistent")
    members.expect(path, info.size)
    stream = archive.extractfile(info)
    if stream is None:
        raise members.damaged(f"{quoted(name)} has no content")
    with stream:
        members.take(path, cast(BinaryIO, stream), info.size)


def _unpacked(data: bytes, members: Members, most: int = _MAX_TAR) -> bytes:
    """The tar itself, of bounded size."""
    if not (pieces := _pieces(data)):
        return data
    limit = min(most, max(FREE_OF_RATIO, MAX_RATIO * len(data)))
    found: list[bytes] = []
    size = 0
    for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size > limit:
            raise _too_large(members, limit)
    return b"".join(found)


def _too_large(members: Members, limit: int) -> BadInput:
    if limit == MAX_CLASS_TAR:
        return members.refused(
            f"unpacks to more than {MAX_CLASS_TAR // 2**20} MB, which would have to be unpacked for every "
            "student; pack it as .zip, or as .tar"
        )
    if limit == _MAX_TAR:
        return members.refused(f"holds more than the {MAX_TOTAL_BYTES // 2**20} MB that are read; {SMALLER}")
    return members.refused(
        f"unpacks to more than {MAX_RATIO} times its size, as an archive does that is meant to fill a disk; "
        "leave out files that hold the same byte over and over"
    )


def _pieces(data: bytes) -> Iterator[bytes] | None:
    """The unpacked bytes, a piece at a time; None where nothing is packed."""
    if data.startswith(b"\x1f\x8b"):
        return _read_in_pieces(gzip.GzipFile(fileobj=io.BytesIO(data)))
    if data.startswith(b"BZh"):
        return _read_in_pieces(bz2.BZ2File(io.BytesIO(data)))
    if data.startswith(b"\xfd7zXZ\x00"):
        return _xz_pieces(data)
    return None


def _read_in_pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


def _xz_pieces(data: bytes) -> Iterator[bytes]:
    """lzma.LZMAFile takes no limit of memory."""
    decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MAX_XZ_MEMORY)
    yield decoder.decompress(data, _PIECE)
    while not decoder.eof:
        piece = decoder.decompress(b"", _PIECE)
        if not piece and decoder.needs_input:
            raise EOFError
        yield piece


def _reason(error: Exception) -> str:
    """The library's words as one line."""
    if isinstance(error, EOFError):
        return "it ends too soon"
    if isinstance(error, RecursionError):
        return "it has headers of headers without end"
    text = str(error).split("\n")[0][:100]
    return "".join(c if c.isprintable() else "?" for c in text) or type(error).__name__
