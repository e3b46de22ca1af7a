"""The files that were handed in with a notebook, written beside it by the process that will run it.

So they belong to its user, count towards its room on the disk, and lie where only it can reach them; and the
grader never writes into a folder that a student's code may be changing at that moment.
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath


def place(path: str, data: bytes | memoryview) -> None:
    """Write a file below the work directory. ``path`` has parts joined by "/", and none of them leads up.

    Raises ``OSError`` where it cannot be written, and where there is something of that name already.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts:
        raise PermissionError(1, "the path leads out of the work directory")
    target = os.path.join(os.curdir, *parts)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "xb") as file:
        file.write(data)
