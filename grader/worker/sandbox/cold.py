"""Start a cold kernel or worker behind the walls that need no fork.

``python -m grader.worker.sandbox.cold WRAPPER LIMITS FOLDER MODULE [ARGUMENTS]`` runs MODULE. WRAPPER is the
path of bubblewrap, or nothing. FOLDER holds the sockets and the work directory ``scratch``; what held of the
walls is written into ``layers.json`` in it before the module, and so any student code, begins.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

from grader.worker.sandbox import filesystem, trials, walls
from grader.worker.sandbox.walls import Limits

WRAPPED = "GRADER_WRAPPED"
# what bubblewrap puts up; the trials then tell what really holds
NAMESPACES = ["process namespace", "read-only file system", "no network", "own IPC"]


def main() -> None:
    wrapper, limits, folder, module, *arguments = sys.argv[1:]
    wrapped = os.environ.pop(WRAPPED, "") == "yes"
    if wrapper and not wrapped and _works(wrapper):
        os.environ[WRAPPED] = "yes"
        # ipykernel takes a parent with the number 1 for a sign that its own is gone; --die-with-parent sees to that
        os.environ.pop("JPY_PARENT_PID", None)
        command = [wrapper, *_options(Path(folder)), "--", sys.executable, "-P", "-m", __spec__.name]
        os.execv(wrapper, [*command, *sys.argv[1:]])
    place = Path(folder)
    inside = walls.lock_in(place, place / "scratch", Limits.from_text(limits), NAMESPACES if wrapped else [])
    # the folder itself stays writable for the sockets, so that is not what is tried
    held = trials.held(inside.layers, Path(os.__file__).parent)
    (place / "layers.json").write_text(json.dumps({"held": held, "notes": inside.notes}))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _works(wrapper: str) -> bool:
    """Whether bubblewrap may do here what it is for; some systems forbid user namespaces."""
    trial = [wrapper, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    try:
        return subprocess.run(trial, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _options(folder: Path) -> list[str]:
    """The same view of the disk as behind our own walls (see ``filesystem``)."""
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--tmpfs", "/tmp"]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for path in filesystem.needed():
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        else:
            options += ["--ro-bind", str(path), str(path)]
    for path in filesystem.hidden():
        options += ["--tmpfs", str(path), "--remount-ro", str(path)]
    options += ["--bind", str(folder), str(folder), "--remount-ro", "/"]
    return [*options, "--chdir", str(folder / "scratch")]


if __name__ == "__main__":
    main()
