"""Kill what a submission left running, found by the environment that it was started with, or by where it works.

The last resort: behind walls the end of the namespace ends everything, and the warm parent knows its descendants.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil


def end_strays(folders: list[Path]) -> None:
    """Kill the processes of those submissions, as far as they still have their environment or their work directory."""
    for _ in range(20):  # until no new ones are found, and not for ever
        strays = [stray for folder in folders for stray in _processes_in(folder)]
        for stray in strays:
            with contextlib.suppress(psutil.Error):
                stray.suspend()  # first all are stopped, so that none forks while we count
        for stray in strays:
            with contextlib.suppress(psutil.Error):
                stray.kill()
        psutil.wait_procs(strays, timeout=0.2)
        if not strays:
            break


def _processes_in(scratch: Path) -> list[psutil.Process]:
    """Living processes that were started for the submission in that folder."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            mine = process.environ().get("JUPYTER_RUNTIME_DIR") == str(scratch)
            # a fork shows the environment of the program that it is a fork of
            if (mine or _below(scratch, process.cwd())) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _below(folder: Path, path: str) -> bool:
    return folder == Path(path) or folder in Path(path).parents
