"""HandedIn -> Submission: the files of one student are read when it is their turn, and not before."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grader.nouns import BadInput, Exercise, HandedIn, Submission
from grader.read.archives import SUFFIXES, read_archive
from grader.read.choosing import without_results
from grader.read.class_archives import read_part
from grader.read.contents import content_of, digest, digest_of, one_of
from grader.read.file import CLEAR_OUTPUTS, LIMIT_BYTES, bytes_of, shown
from grader.read.folders import read_folder
from grader.read.members import MAX_TOTAL_BYTES, SMALLER, Members, listed


def read_handed_in(handed: HandedIn, exercises: Mapping[str, Exercise] | None = None) -> Submission:
    """Read what one student handed in, as ``grader.read.read`` reads one path; nothing of it is run.

    Several files are read as if they were in one folder. No link is followed: nobody gave these paths, they were
    found. ``Submission.sha256`` covers every file that was handed in, under the name it was handed in with; it is
    the same whether those files lie in a folder or in an archive of the class.

    Args:
        exercises: by which it is told which of several notebooks answers most; all of the course if not given.

    Raises:
        BadInput: it is nothing that can be read. The message is one line and says how to mend it.
    """
    if not handed.paths:
        told = f" ({'; '.join(handed.notes)})" if handed.notes else ""
        raise BadInput(f"{shown(handed.student.id)}: handed in nothing that can be graded{told}")
    if handed.members:
        return _from_archive(handed, exercises)
    path = handed.paths[0]
    if len(handed.paths) > 1:
        return _from_files(handed, exercises)
    where = shown(path)
    if _is_folder(path):
        files = read_folder(path, where, linked=False)
        return _of_files(files, path, path.name, where, exercises)
    name = handed.names[0] if handed.names else path.name
    return _of_one(_bytes(path, name), path, name, where, exercises)


def _from_archive(handed: HandedIn, exercises: Mapping[str, Exercise] | None) -> Submission:
    path, members = handed.paths[0], handed.members
    names = handed.names or tuple(PurePosixPath(member).name for member in members)
    where = f"{shown(path)}: {listed(members, 2)}"
    files = read_part(path, members, names, where)
    member, name = PurePosixPath(members[0]).name, names[0]
    if len(members) > 1:
        return _of_files(files, path, handed.student.id, where, exercises)
    if not name:
        return _of_files(files, path, member, where, exercises)
    if len(files) != 1:
        raise BadInput(f"{where}: is no longer in the archive; run the batch again")
    (data,) = files.values()
    if not data:
        raise BadInput(f"{where}: is empty; save it again and hand in that file")
    return _of_one(data, path, name, where, exercises)


def _from_files(handed: HandedIn, exercises: Mapping[str, Exercise] | None) -> Submission:
    names = handed.names or tuple(path.name for path in handed.paths)
    where = f"{shown(handed.paths[0].parent)}: {listed([path.name for path in handed.paths], 2)}"
    members = Members(where)
    for path, name in zip(handed.paths, names, strict=True):
        kept = members.admit(name)
        if kept is not None:
            members.put(kept, _bytes(path, name, may_be_empty=True))
    return _of_files(members.files, handed.paths[0].parent, handed.student.id, where, exercises)


def _of_one(
    data: bytes, path: Path, name: str, where: str, exercises: Mapping[str, Exercise] | None
) -> Submission:
    """A single notebook, script or archive."""
    if name.lower().endswith(SUFFIXES):
        files = without_results(read_archive(data, where))
        return _named(one_of(files, path, digest(data), None, exercises), name)
    content = content_of(data, os.path.splitext(name)[1], where)
    return Submission(
        path=path,
        name=shown(name),
        kind=content.kind,
        sha256=digest(data),
        cells=content.cells,
        notes=content.notes,
    )


def _of_files(
    files: Mapping[str, bytes], path: Path, name: str, where: str, exercises: Mapping[str, Exercise] | None
) -> Submission:
    """A folder, or files as if they were in one; an archive that is all the work in it is opened."""
    files = without_results(files)
    if not files:
        raise BadInput(f"{where}: is empty; there is nothing in it to grade")
    sha256, notes = digest_of(files), ()
    archives = [each for each in files if each.lower().endswith(SUFFIXES)]
    if len(archives) == 1 and not any(each.lower().endswith((".ipynb", ".py")) for each in files):
        inner = without_results(read_archive(files[archives[0]], f"{where}: {shown(archives[0])}"))
        others = {each: data for each, data in files.items() if each != archives[0]}
        if lost := [each for each in others if each in inner]:
            notes = (f"left out, since {listed(archives)} holds files of these names: {listed(lost)}",)
        files = others | inner
    found = _named(one_of(files, path, sha256, None, exercises), name)
    return replace(found, notes=(*notes, *found.notes))


def _named(submission: Submission, name: str) -> Submission:
    return replace(submission, name=shown(name))


def _bytes(path: Path, name: str, may_be_empty: bool = False) -> bytes:
    is_archive = name.lower().endswith(SUFFIXES)
    most, remedy = (MAX_TOTAL_BYTES, SMALLER) if is_archive else (LIMIT_BYTES, CLEAR_OUTPUTS)
    try:
        if may_be_empty and stat.S_ISREG(os.lstat(path).st_mode) and not os.lstat(path).st_size:
            return b""
    except (OSError, ValueError):
        pass  # told right below
    return bytes_of(path, most, remedy, linked=False)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False
