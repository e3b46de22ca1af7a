"""Zip archives, read in memory by the standard library, which believes less of them each year."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from datetime import UTC, datetime
from typing import BinaryIO, cast

from grader.read.members import MAX_CLASS_ENTRIES, MAX_ENTRIES, SMALLER, Listed, Members, Part, quoted
from grader.read.openings import kind_of

_ENTRY = b"PK\x01\x02"  # every entry of the directory begins with it
_READ = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
_NAMES = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd", 99: "AES"}
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # the classic way, the strong one, and a hidden directory
_UTF8 = 0x800

# What zipfile raises on damaged archives: RuntimeError and NotImplementedError for what it cannot do,
# the others from the decoders below it.
_ZIP_ERRORS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError,
    ValueError, OverflowError, RuntimeError, NotImplementedError,
)  # fmt: skip


def read_zip(data: bytes, where: str) -> dict[str, bytes]:
    """The files in a zip archive, by their paths in it.

    Raises:
        BadInput: it is damaged, encrypted, packed in an unusual way, too large unpacked, or a member
            is no file or has a name that may not be.
    """
    members = Members(where, len(data))
    # Counted before the directory is read: it costs ten times its size in memory.
    if data.count(_ENTRY) > MAX_ENTRIES:
        raise members.refused(f"has more than the {MAX_ENTRIES:,} entries that are looked at; {SMALLER}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                _take(archive, info, _name(info), members)
    except _ZIP_ERRORS as error:
        raise members.damaged(_reason(error)) from None
    return members.files


def list_zip(file: BinaryIO, where: str) -> list[Listed]:
    """The names in the zip archive of a whole class, of which no content is looked at.

    Names are as they were written, and may be anything.

    Raises:
        BadInput: it is damaged, or has too many entries.
    """
    members = Members(where)
    try:
        # As above, without the archive in memory; the entries of 1,000 students are 100,000 at most.
        found, tail = 0, b""
        while piece := file.read(2**20):
            found += (tail + piece).count(_ENTRY)
            tail = piece[-len(_ENTRY) + 1 :]
            if found > MAX_CLASS_ENTRIES:
                raise members.refused(
                    f"has more than the {MAX_CLASS_ENTRIES:,} entries that are looked at; split it in two"
                )
        with zipfile.ZipFile(file) as archive:
            return [Listed(_name(info), _seconds(info)) for info in archive.infolist()]
    except _ZIP_ERRORS as error:
        raise members.damaged(_reason(error)) from None


def read_part_of_zip(file: BinaryIO, where: str, part: Part) -> dict[str, bytes]:
    """What one student has in the zip archive of a class; ``part`` gives each of the names in it a new one.

    Raises ``BadInput`` as ``read_zip`` does, about these members alone.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            chosen = [(info, part(_name(info))) for info in archive.infolist()]
            members = Members(where, sum(info.compress_size for info, name in chosen if name is not None))
            for info, name in chosen:
                if name is not None:
                    _take(archive, info, name, members)
            return members.files
    except _ZIP_ERRORS as error:
        raise Members(where).damaged(_reason(error)) from None


def _seconds(info: zipfile.ZipInfo) -> float:
    """When a member was changed. Zip has no time zone; among the members of one archive that is no matter."""
    try:
        return datetime(*info.date_time, tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _take(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, members: Members) -> None:
    is_folder = name.endswith("/")  # info.is_dir() trips over a name that begins with a NUL
    path = members.admit(name, is_folder=is_folder)
    if path is None or is_folder:
        return
    mode = info.external_attr >> 16  # as Unix has it; 0 where another system packed it
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        raise members.refused(
            f"holds {quoted(name)}, which is {kind_of(mode)}; put the file itself there and pack it again"
        )
    if info.flag_bits & _ENCRYPTED:
        raise members.refused(f"holds {quoted(name)}, which is encrypted; pack it without a password")
    if info.compress_type not in _READ:
        method = _NAMES.get(info.compress_type, f"method {info.compress_type}")
        raise members.refused(
            f"holds {quoted(name)}, which is packed with {method}; pack it the ordinary way (Deflate)"
        )
    members.expect(path, info.file_size)
    with archive.open(info) as stream:
        members.take(path, cast(BinaryIO, stream), info.file_size)


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was written; ``info.filename`` ends at a NUL.

    Macs write UTF-8 and do not say so. What is not ASCII and happens to be valid UTF-8 is UTF-8.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8 and not name.isascii():
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return name


def _reason(error: Exception) -> str:
    """The library's words as one line, without what they quote."""
    if isinstance(error, EOFError):
        return "it ends too soon"
    text = str(error).split("%r")[0].split("\n")[0]
    return "".join(c if c.isprintable() else "?" for c in text[:100]) or type(error).__name__
