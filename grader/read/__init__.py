"""From a path to a ``Submission``: notebooks, scripts, archives and folders are read here, never run.

What a file holds is the student's and may be anything. Whatever it is, ``read`` gives a
``Submission`` or raises ``BadInput``; nothing of it is evaluated, imported, unpickled or unpacked on disk.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from grader.nouns import BadInput, Cell, Exercise, Submission
from grader.read.archives import OTHERS, SUFFIXES, read_archive
from grader.read.cells import as_cells
from grader.read.file import CLEAR_OUTPUTS, LIMIT_BYTES, bytes_of, shown, text_of
from grader.read.members import MAX_TOTAL_BYTES, SMALLER

__all__ = ["read"]

_WANTED = "hand in a notebook (.ipynb) or a script (.py), or a folder with one as .zip or .tar.gz"


def read(
    path: Path, notebook: str | None = None, exercises: Mapping[str, Exercise] | None = None
) -> Submission:
    """Read what was handed in without running it: a notebook, a script, an archive or a folder.

    Cells that carry an explicit label (metadata, a tag, a first-line comment) know their exercise;
    ``grader.read.belonging.assign`` finds it for the others. What had to be repaired, and which of
    several notebooks was taken, is listed in ``Submission.notes``.

    Args:
        notebook: of an archive or a folder, the path in it of the file to grade.
        exercises: by which it is told which of several notebooks answers most. If not given, all of
            the course, which is loaded only where there is such a question.

    Raises:
        BadInput: the path is nothing that can be read. The message is one line and says how to mend it.
    """
    where = shown(path)
    if os.path.isdir(path):  # unlike the method of a Path, it raises nothing
        from grader.read.choosing import without_results
        from grader.read.folders import read_folder

        files = without_results(read_folder(path, where))
        return _one_of(files, path, _digest_of(files), notebook, exercises)
    if path.name.lower().endswith(SUFFIXES):
        from grader.read.choosing import without_results

        data = bytes_of(path, MAX_TOTAL_BYTES, SMALLER)
        files = without_results(read_archive(data, where))
        return _one_of(files, path, _digest(data), notebook, exercises)
    if notebook is not None:
        raise BadInput(f"{where}: is a single file; --notebook is for archives and folders")
    data = bytes_of(path, LIMIT_BYTES, CLEAR_OUTPUTS)
    content = _content(data, path.suffix, where)
    return Submission(
        path=path,
        name=shown(path.name),
        kind=content.kind,
        sha256=_digest(data),
        cells=content.cells,
        notes=content.notes,
    )


class _Content(NamedTuple):
    """What a notebook or a script holds."""

    kind: Literal["ipynb", "py"]
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]


def _content(data: bytes, suffix: str, where: str) -> _Content:
    """Raises ``BadInput`` where the bytes are no notebook or script that can be read."""
    match suffix.lower():
        case ".ipynb":
            from grader.read.ipynb import notebook_pieces  # nbformat costs 0.1 s to import

            pieces, notes = notebook_pieces(text_of(data, where), where)
            kind = "ipynb"
        case ".py":
            from grader.read.script import script_pieces  # jupytext costs 0.2 s to import

            pieces, notes = script_pieces(text_of(data, where), where), []
            kind = "py"
        case other:
            ending = f"'{shown(suffix)}'" if suffix else "no suffix"
            if other in OTHERS:
                raise BadInput(f"{where}: archives of this kind ({ending}) are not opened; {_WANTED}")
            if data.startswith(b"PK\x03\x04"):
                raise BadInput(f"{where}: looks like a zip archive; if it is one, rename it to end in .zip")
            raise BadInput(f"{where}: cannot tell what this is ({ending}); {_WANTED}")
    cells, repairs = as_cells(pieces, where)
    return _Content(kind, cells, (*notes, *repairs))


def _one_of(
    files: Mapping[str, bytes],
    path: Path,
    digest: str,
    wanted: str | None,
    exercises: Mapping[str, Exercise] | None,
) -> Submission:
    """The submission that consists of these files, by the one of them that is graded."""
    from grader.read.choosing import beside, choose

    where = shown(path)

    @functools.cache
    def content(member: str) -> _Content:
        return _content(files[member], PurePosixPath(member).suffix, f"{where}: {shown(member)}")

    def answers(member: str) -> int:
        from grader.catalogue import catalogue
        from grader.read.belonging import attempted

        try:
            submission = Submission(path, "", "ipynb", "", content(member).cells)
        except BadInput:
            return -1
        return len(attempted(submission, catalogue() if exercises is None else exercises))

    choice = choose(files, where, wanted, answers)
    chosen = content(choice.path)
    others, left_out = beside(files, choice.path)
    return Submission(
        path=path,
        name=shown(path.name or path.resolve().name or "submission"),
        kind=chosen.kind,
        sha256=digest,
        cells=chosen.cells,
        notes=(*choice.notes, *left_out, *chosen.notes),
        member=choice.path,
        files=others,
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest_of(files: Mapping[str, bytes]) -> str:
    """Of a folder: the digest of what ``sha256sum`` prints about its files, in the order of their paths."""
    lines = [f"{_digest(data)}  {path}\n" for path, data in sorted(files.items())]
    return _digest("".join(lines).encode())
