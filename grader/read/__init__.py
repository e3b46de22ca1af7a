"""From a path to a ``Submission``: notebooks and scripts are read here, never run.

What a file holds is the student's and may be anything. Whatever it is, ``read`` gives a
``Submission`` or raises ``BadInput``; nothing of it is evaluated, imported or unpickled.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from grader.nouns import BadInput, Submission
from grader.read.cells import as_cells
from grader.read.file import bytes_of, shown, text_of

__all__ = ["read"]


def read(path: Path) -> Submission:
    """Read the notebook (``.ipynb``) or the script (``.py``) at ``path`` without running it.

    Cells that carry an explicit label (metadata, a tag, a first-line comment) know their exercise;
    ``grader.read.belonging.assign`` finds it for the others. What had to be repaired is listed in
    ``Submission.notes``.

    Raises:
        BadInput: the path is no regular file, or its content is no notebook or script that can be
            read. The message is one line and says how to mend it.
    """
    data = bytes_of(path)
    where = shown(path)
    match path.suffix.lower():
        case ".ipynb":
            from grader.read.ipynb import notebook_pieces  # nbformat costs 0.1 s to import

            pieces, notes = notebook_pieces(text_of(data, where), where)
            kind = "ipynb"
        case ".py":
            from grader.read.script import script_pieces  # jupytext costs 0.2 s to import

            pieces, notes = script_pieces(text_of(data, where), where), []
            kind = "py"
        case suffix:
            ending = f"'{suffix}'" if suffix else "no suffix"
            raise BadInput(
                f"{where}: cannot tell what this is ({ending}); hand in a notebook (.ipynb) or a script (.py)"
            )
    cells, repairs = as_cells(pieces, where)
    return Submission(
        path=path,
        name=shown(Path(path.name)),
        kind=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        cells=cells,
        notes=(*notes, *repairs),
    )
