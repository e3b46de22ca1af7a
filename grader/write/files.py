"""One way to put a result on disk: whole or not at all, and never through somebody's link."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from grader.nouns import BadInput


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 text to ``path`` by way of a new file beside it, so that no reader ever sees half of it.

    A symbolic link at ``path`` is replaced, not followed: the folder may come from a student's archive.
    Raises BadInput where ``path`` is a folder, pipe or device, or where the folder cannot be written to.
    """
    data = text.encode("utf-8")
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path) -> Generator[BinaryIO]:
    """A new file beside ``path``, open for writing bytes; at the end of the block it takes the place of ``path``.

    For what is too large to be held in memory. Where the block raises, ``path`` is as it was, and nothing of the new
    file is left. Links and errors are treated as in write_whole.
    """
    try:
        kind = path.lstat().st_mode
    except OSError:
        kind = stat.S_IFREG  # nothing there yet, or no way to look: the writing below will tell
    if not (stat.S_ISREG(kind) or stat.S_ISLNK(kind)):
        raise BadInput(
            f"{path}: cannot write the result here, since this is no file. Remove it or choose another name."
        )
    fresh = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        with _create(fresh) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise BadInput(
            f"{path}: cannot write the result ({reason}). Choose another folder with --out."
        ) from problem
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)  # it is there only where something went wrong


def _create(path: Path) -> BinaryIO:
    # O_EXCL refuses whatever has that name already, a link included; the mode obeys the user's umask.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return open(os.open(path, flags, 0o666), "wb")


def results_folder(folder: Path) -> Path:
    """The folder, made where it was missing, once it is sure that files can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"{folder}: cannot write results here ({why}); choose a folder with --out") from error
