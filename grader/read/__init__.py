"""From a path to a ``Submission``: notebooks, scripts, archives and folders are read here, never run.

What a file holds is the student's and may be anything. Whatever it is, ``read`` gives a
``Submission`` or raises ``BadInput``; nothing of it is evaluated, imported, unpickled or unpacked on disk.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from grader.nouns import BadInput, Exercise, Submission
from grader.read.archives import SUFFIXES, read_archive
from grader.read.contents import content_of, digest, digest_of, one_of
from grader.read.file import CLEAR_OUTPUTS, LIMIT_BYTES, bytes_of, shown
from grader.read.members import MAX_TOTAL_BYTES, SMALLER

__all__ = ["read"]


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
        return one_of(files, path, digest_of(files), notebook, exercises)
    if path.name.lower().endswith(SUFFIXES):
        from grader.read.choosing import without_results

        data = bytes_of(path, MAX_TOTAL_BYTES, SMALLER)
        files = without_results(read_archive(data, where))
        return one_of(files, path, digest(data), notebook, exercises)
    if notebook is not None:
        raise BadInput(f"{where}: is a single file; --notebook is for archives and folders")
    data = bytes_of(path, LIMIT_BYTES, CLEAR_OUTPUTS)
    content = content_of(data, path.suffix, where)
    return Submission(
        path=path,
        name=shown(path.name),
        kind=content.kind,
        sha256=digest(data),
        cells=content.cells,
        notes=content.notes,
    )
