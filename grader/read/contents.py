"""What a submission is made of, once its bytes are read: a notebook or script, and the files beside it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from grader.nouns import BadInput, Cell, Exercise, Submission
from grader.read.archives import OTHERS
from grader.read.cells import as_cells
from grader.read.file import shown, text_of

WANTED = "hand in a notebook (.ipynb) or a script (.py), or a folder with one as .zip or .tar.gz"


class Content(NamedTuple):
    """What a notebook or a script holds."""

    kind: Literal["ipynb", "py"]
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]


def content_of(data: bytes, suffix: str, where: str) -> Content:
    """The cells in the bytes of a notebook or a script, told by the suffix.

    Raises ``BadInput`` where the bytes are no notebook or script that can be read."""
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
                raise BadInput(f"{where}: archives of this kind ({ending}) are not opened; {WANTED}")
            if data.startswith(b"PK\x03\x04"):
                raise BadInput(f"{where}: looks like a zip archive; if it is one, rename it to end in .zip")
            raise BadInput(f"{where}: cannot tell what this is ({ending}); {WANTED}")
    cells, repairs = as_cells(pieces, where)
    return Content(kind, cells, (*notes, *repairs))


def one_of(
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
    def content(member: str) -> Content:
        return content_of(files[member], PurePosixPath(member).suffix, f"{where}: {shown(member)}")

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


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of(files: Mapping[str, bytes]) -> str:
    """Of a folder: the digest of what ``sha256sum`` prints about its files, in the order of their paths."""
    lines = [f"{digest(data)}  {path}\n" for path, data in sorted(files.items())]
    return digest("".join(lines).encode())
