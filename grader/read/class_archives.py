"""An archive with the submissions of a whole class, which stays on disk: its names first, one student at a time after.

A thousand submissions of a megabyte are not held in memory, and one student's odd file name does not spoil the
download for the others: names are only judged when that student's files are read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grader.nouns import BadInput
from grader.read.file import shown
from grader.read.members import Listed, Part

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def list_class(path: Path) -> list[Listed]:
    """The names in the archive. They may be anything, and more than once there.

    Raises:
        BadInput: it is no zip or tar archive, is damaged, or has too many entries.
    """
    where = shown(path)
    with _opened(path) as (file, is_zip):
        if is_zip:
            from grader.read.zipped import list_zip

            return list_zip(file, where)
        from grader.read.tarred import list_tar

        return list_tar(file, where)


def read_part(path: Path, members: Sequence[str], names: Sequence[str], where: str) -> dict[str, bytes]:
    """The files that are the given members of the archive, or lie below them.

    Args:
        members: as ``tidy`` makes them of the names in the archive.
        names: for each of them what it is called here; "" for a folder, whose files keep their paths in it.
        where: the student's part of the archive, as messages name it.

    Raises:
        BadInput: as ``read_zip`` does. The rules for one submission hold for these files, and the limits too.
    """
    part = _renaming(dict(zip(members, names, strict=True)))
    with _opened(path) as (file, is_zip):
        if is_zip:
            from grader.read.zipped import read_part_of_zip

            return read_part_of_zip(file, where, part)
        from grader.read.tarred import read_part_of_tar

        return read_part_of_tar(file, where, part)


def tidy(name: str) -> str:
    """A name in an archive without what makes no difference: "./a//b/" is "a/b"."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _renaming(wanted: dict[str, str]) -> Part:
    def part(name: str) -> str | None:
        path = tidy(name)
        if (new := wanted.get(path)) is not None:
            return new or "./"
        for parent in PurePosixPath(path).parents:
            if (new := wanted.get(str(parent))) is not None:
                below = path[len(str(parent)) + 1 :]
                return (f"{new}/{below}" if new else below) + ("/" if name.endswith("/") else "")
        return None

    return part


@contextmanager
def _opened(path: Path) -> Generator[tuple[BinaryIO, bool], None, None]:
    """The archive, and whether it is a zip archive, told by its first bytes."""
    where = shown(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # to open a pipe would wait for its writer
            raise BadInput(f"{where}: is no regular file; give the archive itself")
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            yield file, start in _ZIP
    except FileNotFoundError:
        raise BadInput(f"{where}: there is no such file; check the path") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput(f"{where}: cannot be read ({why}); check its name and permissions") from None
