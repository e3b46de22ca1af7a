"""What runs in a Dask worker: it hands a task to a process that grades (``marker``), and waits for its outcome.

So that a task's time-outs, memory and end are the sandbox's matter, as on one machine, and not the cluster's. The
process stays for the next task of the same thread.
"""

from __future__ import annotations

import json
import threading
from typing import Any

from grader.batch.hired import Marker, MarkerDied
from grader.batch.job import Task

_markers: dict[tuple[str, int], Marker] = {}
_lock = threading.Lock()


def grade_remotely(job: dict[str, Any], task: dict[str, Any], failed: str = "") -> dict[str, Any]:
    """Grade a task of a job; all is plain data (``Job.to_data``, ``Task.to_data``, ``Outcome.to_data``).

    Raises ``RuntimeError`` where the process died of it.
    """
    mine = (json.dumps(job, sort_keys=True), threading.get_ident())
    with _lock:
        marker = _markers.get(mine)
    if marker is None:
        marker = Marker(job)
        with _lock:
            _markers[mine] = marker
    try:
        marker.give(Task.from_data(task), failed)
        while (outcome := marker.hear()) is None:
            pass
        return outcome.to_data()
    except BaseException as error:
        with _lock:
            _markers.pop(mine, None)
        marker.close()
        if isinstance(error, MarkerDied):
            raise RuntimeError(str(error)) from error
        raise


def dismiss() -> None:
    """End the processes of this Dask worker: a batch is over."""
    with _lock:
        markers = list(_markers.values())
        _markers.clear()
    for marker in markers:
        marker.close()
