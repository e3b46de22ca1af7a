"""How long a process has been on a processor, by the system's own account: the process itself has no say in it."""

from __future__ import annotations

import contextlib
from pathlib import Path


def processor_seconds(pid: int | None) -> float | None:
    """Of all threads that the process has now, to the nanosecond; None where nobody tells.

    Linux writes it down for each thread (Documentation/scheduler/sched-stats.rst). What its children take is not in it.
    """
    if pid is None:
        return None
    total, found = 0, False
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):  # a thread that has just ended
                total += int((thread / "schedstat").read_text().split()[0])
                found = True
    return total / 1e9 if found else None
