"""Time: nobody can set the clock, and nobody on the trusted side asks a clock that can be set."""

from __future__ import annotations

import ast
from pathlib import Path

import grader
from tests.attacks.conftest import Attack

PACKAGE = Path(grader.__file__).parent
SETTABLE = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
}


def test_the_clock_cannot_be_set(attack: Attack) -> None:
    told = attack(
        "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "class Spec(ctypes.Structure): _fields_ = (('s', ctypes.c_long), ('n', ctypes.c_long))\n"
        "print(libc.settimeofday(ctypes.byref(Spec(1, 0)), None), libc.clock_settime(0, ctypes.byref(Spec(1, 0))))",
    )
    assert "PermissionError" in told.said(0)
    assert told.said(1) == "-1 -1\n"


# What writes down when something was done, for people to read. Nothing is decided by it.
DATED = {"gradebook/rows.py", "batch/bench.py", "batch/log.py"}


def test_no_trusted_code_asks_the_wall_clock() -> None:
    """Limits and durations are of the monotonic clock: a step of the wall clock ends nothing early or late."""
    files = [path for path in PACKAGE.rglob("*.py") if "write" not in path.parts]
    files = [path for path in files if path.relative_to(PACKAGE).as_posix() not in DATED]
    assert len(files) > 50
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in SETTABLE, f"{path}:{node.lineno}"
