"""Opening what a student made: a regular file or nothing, never through a link of theirs, never waiting.

Between the moment a path is looked at and the moment it is opened, whoever owns the folder can put something
else there. So a folder is opened once, and names are looked up in the open folder, one at a time: no link on
the way is followed, and what was opened is looked at again before a byte of it is read. A link that a person
gives on the command line is theirs to give; ``linked=True`` follows it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType


class NotRegular(OSError):
    """What is there is not what was asked for. ``str`` completes "It …": "is a named pipe"."""


class TooLarge(OSError):
    """A file is larger than what may be read of it."""

    def __init__(self, size: int) -> None:
        super().__init__(f"has {size} bytes")
        self.size = size  # bytes, as far as they were counted


_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def kind_of(mode: int) -> str:
    """In words, what a file's mode says it is."""
    return "a file" if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no regular file")


def _flag(name: str) -> int:
    """An ``open`` flag, or 0 where the platform has none of that name."""
    return int(getattr(os, name, 0))


# O_NONBLOCK does not wait for a pipe's writer, O_NOCTTY keeps a terminal from becoming ours.
_READ = os.O_RDONLY | _flag("O_NONBLOCK") | _flag("O_CLOEXEC") | _flag("O_NOCTTY") | _flag("O_BINARY")
_NO_LINK = _flag("O_NOFOLLOW")
_BY_DESCRIPTOR = os.open in os.supports_dir_fd  # not on Windows


def read_file(path: Path | str, limit: int, *, linked: bool = False, folder: int | None = None) -> bytes:
    """The content of a regular file of at most ``limit`` bytes.

    Args:
        linked: whether ``path`` may be a link; one that a person gave may, one that a student made may not.
        folder: the open directory in which ``path`` is looked up.

    Raises:
        NotRegular: it is something else, or became something else while it was being opened.
        TooLarge: it has more than ``limit`` bytes.
        OSError, ValueError: it cannot be opened.
    """
    # Looked at before it is opened: to open a device can already do something.
    seen = os.stat(path, dir_fd=folder, follow_symlinks=linked)
    _must_be_regular(seen, limit)
    with _opened(path, _READ | (0 if linked else _NO_LINK), folder) as descriptor:
        found = os.fstat(descriptor)
        _must_be_regular(found, limit)
        if not os.path.samestat(seen, found):
            raise NotRegular("was exchanged for another while it was read")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    if len(data) > limit:  # it grew
        raise TooLarge(len(data))
    return data


def _must_be_regular(status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotRegular(f"is {kind_of(status.st_mode)}")
    if status.st_size > limit:
        raise TooLarge(status.st_size)


@contextmanager
def _opened(path: Path | str, flags: int, folder: int | None) -> Generator[int, None, None]:
    descriptor = os.open(path, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        with suppress(OSError):
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a folder, and the mode of what it is the name of."""

    name: str
    mode: int

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class Folder:
    """An open directory, as a context manager.

    ``at`` opens one whose path a person gave; everything below is found by ``folder`` and ``read``, which take
    single names and follow no link.
    """

    def __init__(self, descriptor: int | None, path: Path) -> None:
        self._descriptor = descriptor  # None where the platform cannot look up names in an open directory
        self._path = path

    @classmethod
    def at(cls, path: Path) -> Folder:
        """Raises ``OSError`` where ``path`` is no directory that can be opened."""
        if not _BY_DESCRIPTOR:
            os.listdir(path)
            return cls(None, path)
        return cls(os.open(path, _READ | _flag("O_DIRECTORY")), path)

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def entries(self, most: int) -> list[Entry]:
        """What is in it, in the order of the names; ``most`` + 1 of them at most."""
        found: list[Entry] = []
        with os.scandir(self._path if self._descriptor is None else self._descriptor) as listed:
            for entry in listed:
                found.append(Entry(entry.name, self._look(entry.name).st_mode))
                if len(found) > most:
                    break
        return sorted(found, key=lambda entry: entry.name)

    def folder(self, name: str) -> Folder:
        """The directory of that name in it.

        Raises ``NotRegular`` where that is none, ``OSError`` where it cannot be opened.
        """
        seen = self._look(name)
        if not stat.S_ISDIR(seen.st_mode):
            raise NotRegular(f"is {kind_of(seen.st_mode)}")
        if self._descriptor is None:
            return Folder(None, self._path / name)
        flags = _READ | _NO_LINK | _flag("O_DIRECTORY")
        return Folder(os.open(name, flags, dir_fd=self._descriptor), self._path / name)

    def read(self, name: str, limit: int) -> bytes:
        """The content of the regular file of that name in it; raises as ``read_file`` does."""
        if self._descriptor is None:
            return read_file(self._path / name, limit)
        return read_file(name, limit, folder=self._descriptor)

    def _look(self, name: str) -> os.stat_result:
        if self._descriptor is None:
            return os.stat(self._path / name, follow_symlinks=False)
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
