"""Exceptions of student code, put into words: plain strings, capped, the student's own frames only."""

from __future__ import annotations

import linecache
import re
import traceback
from types import TracebackType
from typing import Any

MESSAGE_CAP = 2_000
FRAMES = 12
CELL_FILE = re.compile(r"ipykernel_\d+[/\\]|^<ipython-input|^<submission|[/\\]grade-[^/\\]*[/\\]")


def describe(error: BaseException) -> dict[str, Any]:
    """``name``, ``types`` (names of the class and its bases), ``message`` and ``frames`` of an exception.

    Never raises, whatever the exception's own ``__str__`` does.
    """
    kind = type(error)
    try:
        message = str(error)
    except Exception:  # noqa: BLE001
        message = "(the exception's own message cannot be shown)"
    if not isinstance(message, str):
        message = ""
    return {
        "name": str(kind.__name__)[:100],
        "types": [str(base.__name__)[:100] for base in kind.__mro__][:20],
        "message": "".join(message)[:MESSAGE_CAP],
        "frames": _frames(error.__traceback__),
    }


def _frames(start: TracebackType | None) -> list[str]:
    """The innermost frames in the student's cells, outermost first: ``line 3, in conv2d: return a @ b``."""
    frames: list[str] = []
    try:
        for frame, line in traceback.walk_tb(start):
            code = frame.f_code
            if CELL_FILE.search(code.co_filename):
                text = linecache.getline(code.co_filename, line).strip()[:200]
                name = "the cell" if code.co_name == "<module>" else code.co_name
                frames.append(f"line {line}, in {name}: {text}")
    except Exception:  # noqa: BLE001 - a broken traceback is no reason to lose the error itself
        return frames[-FRAMES:]
    return frames[-FRAMES:]
