"""What may stand between a submission and the machine, and how much of it amounts to what.

Each layer is attacked from inside before a cell is run, and counts only if the attack fails (see
``grader.worker.sandbox.trials``). The names go into grade.json and the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Level = Literal["full", "partial", "none"]
LEVELS: tuple[Level, ...] = ("full", "partial", "none")

LAYERS = (
    "separate process",
    "process namespace",
    "read-only file system",
    "no network",
    "own IPC",
    "unused user id",
    "no new privileges",
    "Landlock",
    "seccomp",
    "resource limits",
    "memory and process group",
)

# An unused user id is for root only, a control group needs the right to make one (else the memory is watched),
# and Landlock is the second lock on a door that has one.
FULL = frozenset(LAYERS) - {"unused user id", "memory and process group", "Landlock"}
PARTIAL = frozenset({"read-only file system", "no network", "Landlock", "process namespace"})


def level(held: Iterable[str]) -> Level:
    """What these layers amount to.

    ``full``: no essential one is missing. ``partial``: one of those that hide files, processes or the network.
    """
    layers = frozenset(held)
    return "full" if layers >= FULL else "partial" if layers & PARTIAL else "none"


def reaches(wanted: str, held: Iterable[str]) -> bool:
    """Whether these layers amount to the level `wanted`, or to more."""
    return LEVELS.index(level(held)) <= [*LEVELS].index(wanted)  # type: ignore[arg-type]
