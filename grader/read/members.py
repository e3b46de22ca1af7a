"""The files of a submission that has several: one set of rules for zip, tar and folders.

A name is what its maker wants it to be, and a size what its header says. So every name is looked at before
anything is done with it, and every byte is counted as it is read. Nothing is ever unpacked on disk here: the
files are kept in memory, and the sandboxed kernel writes them into its own work directory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from grader.nouns import BadInput
from grader.read.file import LIMIT_BYTES, shown

MAX_FILES = 1_000
MAX_ENTRIES = 20_000  # with those that are ignored; a forgotten .git may have thousands
MAX_CLASS_ENTRIES = 200_000  # of an archive with the submissions of a whole class
MAX_FILE_BYTES = LIMIT_BYTES
MAX_TOTAL_BYTES = 100 * 2**20  # of the archive, and of what is in it
MAX_RATIO = 100  # unpacked to packed; text reaches 10, a notebook of pictures 1, a bomb 1,000
FREE_OF_RATIO = 10 * 2**20  # bytes; an array of zeros is no bomb
MAX_DEPTH = 20
MAX_NAME = 255  # bytes, as most file systems have it
MAX_PATH = 1_000

SMALLER = "leave out what the notebook does not open, such as data sets that it downloads"
_PACK_AGAIN = "pack the folder of the notebook again, with names below it"
_RENAME = "rename it (and where the notebook opens it), and pack it again"

# What systems and editors leave behind. Whatever begins with a dot counts too: .git, .DS_Store,
# .ipynb_checkpoints, .venv, and .ipython, whose start-up files a kernel would run.
_IGNORED = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³]|conin\$|conout\$)\s*(?:\..*)?", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_SHOWN = 120  # characters of a name in a message


Part = Callable[[str], str | None]  # a name in an archive -> the one to keep it under, if it is wanted


@dataclass(frozen=True, slots=True)
class Listed:
    """A name in an archive, as it was written there; a folder's ends in "/"."""

    name: str
    modified: float  # seconds; to be compared within one archive


class Members:
    """What was found so far. ``where`` is the submission as messages name it."""

    def __init__(self, where: str, packed: int | None = None) -> None:
        self.where = where
        self.files: dict[str, bytes] = {}
        self._packed = packed  # bytes of the archive
        self._entries = self._bytes = 0
        self._spelled: dict[str, str] = {}  # what a file system takes for the same -> as it is spelled
        self._folders: set[str] = set()

    def admit(self, name: str, *, is_folder: bool = False) -> str | None:
        """The path under which a member is kept, its parts joined by "/"; None if it is ignored.

        Raises:
            BadInput: the name leads out of the submission, no file system takes it, one would take it for
                another's, or there are too many.
        """
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise self.refused(f"has more than the {MAX_ENTRIES:,} entries that are looked at; {SMALLER}")
        parts = self._parts(name)
        if any(is_ignored(part) for part in parts):
            return None
        for part in parts:
            self._must_be_a_name(part, name)
        if not parts:
            if is_folder:
                return None  # "./", the top itself
            raise self.refused(f"holds a file without a name; {_PACK_AGAIN}")
        path = "/".join(parts)
        if len(parts) > MAX_DEPTH:
            raise self.refused(
                f"holds {quoted(name)}, which is nested deeper than the {MAX_DEPTH} folders that are opened; "
                "move it further up"
            )
        if len(path.encode()) > MAX_PATH:
            raise self._too_long(name)
        self._must_be_new(parts, name, is_folder)
        return path

    def take(self, path: str, stream: BinaryIO, size: int) -> None:
        """Read the file that was admitted as ``path``; its header says that it has ``size`` bytes.

        Raises:
            BadInput: there are more bytes than one file, or all of them, may have, more than the archive
                can honestly hold, or fewer or more than the header says.
        """
        self.expect(path, size)
        pieces: list[bytes] = []
        read = 0
        while piece := stream.read(2**16):
            read += len(piece)
            self._count(len(piece))
            self.expect(path, read)
            pieces.append(piece)
        if read != size:
            raise self.damaged(f"{quoted(path)} has {read} bytes instead of {size}")
        self.files[path] = b"".join(pieces)

    def put(self, path: str, data: bytes) -> None:
        """Keep what was read already of the file that was admitted as ``path``."""
        self.expect(path, len(data))
        self._count(len(data))
        self.files[path] = data

    def expect(self, path: str, size: int) -> None:
        """Raises BadInput where a file of ``size`` bytes is too large, or one too many."""
        if len(self.files) >= MAX_FILES:
            raise self.refused(f"holds more than the {MAX_FILES:,} files that are read; {SMALLER}")
        if size > MAX_FILE_BYTES:
            raise self.refused(
                f"holds {quoted(path)}, which has {size / 2**20:.0f} MB, more than the "
                f"{MAX_FILE_BYTES // 2**20} MB that a file may have; {SMALLER}"
            )

    def refused(self, why: str) -> BadInput:
        return BadInput(f"{self.where}: {why}")

    def damaged(self, why: str) -> BadInput:
        return self.refused(f"is damaged ({why}); pack it again and hand in that file")

    def _count(self, more: int) -> None:
        self._bytes += more
        if self._bytes > MAX_TOTAL_BYTES:
            raise self.refused(
                f"holds more than the {MAX_TOTAL_BYTES // 2**20} MB that are read of all files; {SMALLER}"
            )
        if self._packed is not None and self._bytes > max(FREE_OF_RATIO, MAX_RATIO * self._packed):
            raise self.refused(
                f"unpacks to more than {MAX_RATIO} times its size, as an archive does that is meant to fill "
                f"a disk; leave out files that hold the same byte over and over"
            )

    def _parts(self, name: str) -> list[str]:
        """The parts of a name, composed (é is one character), once it is sure that they lead downwards."""
        what = quoted(name)
        if len(name) > 2 * MAX_PATH:  # before any time is spent on it
            raise self._too_long(name)
        if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in name):
            raise self.refused(f"holds {what}, a name with a control character; {_RENAME}")
        if any(0xD800 <= ord(c) < 0xE000 for c in name):
            raise self.refused(f"holds {what}, a name that is not UTF-8; {_RENAME}")
        if "\\" in name:
            raise self.refused(f"holds {what}, a name with a backslash; {_RENAME}")
        if name.startswith("/") or _DRIVE.match(name):
            raise self.refused(f"holds {what}, which is an absolute path; {_PACK_AGAIN}")
        parts = name.split("/")
        if ".." in parts:
            raise self.refused(f"holds {what}, which leads out of it; {_PACK_AGAIN}")
        return [unicodedata.normalize("NFC", part) for part in parts if part not in ("", ".")]

    def _too_long(self, name: str) -> BadInput:
        return self.refused(f"holds {quoted(name)}, a path of more than {MAX_PATH:,} bytes; {_RENAME}")

    def _must_be_a_name(self, part: str, name: str) -> None:
        if len(part.encode()) > MAX_NAME:
            raise self.refused(f"holds {quoted(name)}, a name of more than {MAX_NAME} bytes; {_RENAME}")
        if _RESERVED.fullmatch(part) or part.endswith((".", " ")):
            raise self.refused(f"holds {quoted(name)}, a name that Windows does not take; {_RENAME}")

    def _must_be_new(self, parts: list[str], name: str, is_folder: bool) -> None:
        """Raise where this path, or a folder on the way, would be taken for another one somewhere."""
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            folder = is_folder or depth < len(parts)
            first = self._spelled.setdefault(_blurred(path), path)
            new = path not in self._folders and path not in self.files
            if first != path:
                raise self.refused(
                    f"holds both {quoted(first)} and {quoted(path)}, which some file systems take for the "
                    f"same; {_RENAME}"
                )
            if not new and (path in self.files or not folder):
                raise self.refused(f"holds {quoted(name)} twice; {_PACK_AGAIN}")
            if folder:
                self._folders.add(path)


def is_ignored(part: str) -> bool:
    """Whether a file or folder of that name is nobody's work: what systems and editors leave behind."""
    return part.startswith(".") or part.lower() in _IGNORED


def _blurred(path: str) -> str:
    """The same for paths that differ in case, in composition, or in characters that cannot be seen."""
    seen = "".join(c for c in path if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", seen).casefold())


def quoted(name: str) -> str:
    """A name for a message: one line, nothing hidden in it, not too long."""
    clear = shown(name if len(name) <= _SHOWN else name[:_SHOWN] + "…")
    return f"'{clear}'"


def listed(names: Iterable[str], most: int = 5) -> str:
    """Some names for a message: "'a', 'b' and 3 more"."""
    all_names = list(names)
    told = ", ".join(quoted(name) for name in all_names[:most])
    return told if len(all_names) <= most else f"{told} and {len(all_names) - most} more"
