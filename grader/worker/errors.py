"""Exceptions of student code, put into words: plain strings, capped, the student's own frames only."""

from __future__ import annotations

import builtins
import linecache
import re
import traceback
from types import TracebackType
from typing import Any

# The true ones, looked up before any student code runs: a class of the same name is another kind of error.
BUILTIN = frozenset(kind for kind in vars(builtins).values() if isinstance(kind, type))
MESSAGE_CAP = 2_000
FRAMES = 12
OUTER, INNER = 6, 12  # frames of a long traceback that are kept, at its beginning and at its end
CELL_FILE = re.compile(r"ipykernel_\d+[/\\]|^<ipython-input|^<submission|[/\\]grade-[^/\\]*[/\\]")


def describe(error: BaseException) -> dict[str, Any]:
    """``name``, ``types`` (of the class and its bases), ``message`` and ``frames`` of an exception.

    A type is told as ``ValueError`` where it is Python's own, else with its module: ``torch.OutOfMemoryError``.
    Never raises, whatever the exception's own ``__str__`` does.
    """
    kind = type(error)
    try:
        message = str.__str__(str(error))  # a plain string, even where the exception's own is a subclass
    except BaseException:  # noqa: BLE001 - sys.exit() in an exception's own __str__ included
        message = "(the exception's own message cannot be shown)"
    return {
        "name": _name(kind),
        "types": [_type(base) for base in type.__dict__["__mro__"].__get__(kind)][:20],
        "message": message[:MESSAGE_CAP],
        "frames": _frames(BaseException.__dict__["__traceback__"].__get__(error)),
    }


def _type(kind: type) -> str:
    if any(kind is known for known in BUILTIN):  # not `in`: a metaclass may say that it is equal
        return _name(kind)
    module = type.__dict__["__module__"].__get__(kind)
    return f"{str.__str__(module)[:100] if issubclass(type(module), str) else '?'}.{_name(kind)}"


def _name(kind: type) -> str:
    return type.__dict__["__name__"].__get__(kind)[:100]  # a metaclass may say something else


def shorten_tracebacks(error: BaseException | None, trace: TracebackType | None) -> TracebackType | None:
    """`trace` without the middle of a long one; those of the errors behind `error` are cut where they are."""
    seen: set[int] = set()
    behind = error and (error.__cause__ or error.__context__)
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        behind.__traceback__ = _shortened(behind.__traceback__)
        behind = behind.__cause__ or behind.__context__
    return _shortened(trace)


def _shortened(trace: TracebackType | None) -> TracebackType | None:
    links: list[TracebackType] = []
    while trace is not None:
        links.append(trace)
        trace = trace.tb_next
    kept = links if len(links) <= OUTER + INNER else links[:OUTER] + links[-INNER:]
    for link in reversed(kept):
        trace = TracebackType(trace, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return trace


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
