"""Become an ordinary user, and run a command: ``python -m tests.attacks.ordinary_user COMMAND...`` as root.

Python and the project may lie below a directory that only root can enter (/root, on many containers). In a mount
namespace of its own such a directory is covered by an empty one that holds nothing but what is needed. The
command then runs as any user's would: without capabilities, without groups, in no namespace but that one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.worker.sandbox import syscalls as sc

ROOT = Path(__file__).parents[2]
UID = 54_321  # nobody's


def needed() -> list[Path]:
    return [Path(os.path.realpath(path)) for path in (sys.prefix, sys.base_prefix, ROOT)]


def closed(path: Path) -> Path | None:
    """The outermost directory on the way to `path` that others may not enter."""
    for parent in reversed([path, *path.parents]):
        if not parent.stat().st_mode & 0o001:
            return parent
    return None


def open_the_way() -> None:
    """Make `needed` reachable for everybody, in this mount namespace."""
    sc.unshare(sc.CLONE_NEWNS)
    sc.mount("none", "/", flags=sc.MS_REC | sc.MS_PRIVATE)
    hidden = {path: outer for path in needed() if (outer := closed(path)) is not None}
    held = {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in hidden}
    for outer in set(hidden.values()):
        sc.mount("way", str(outer), "tmpfs", 0, "mode=755")
    for path, descriptor in held.items():
        path.mkdir(parents=True, exist_ok=True)
        sc.mount(f"/proc/self/fd/{descriptor}", str(path), flags=sc.MS_BIND | sc.MS_REC)
        os.close(descriptor)


def main() -> None:
    open_the_way()
    os.setgroups([])
    os.setresgid(UID, UID, UID)
    os.setresuid(UID, UID, UID)
    os.chdir(ROOT)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
