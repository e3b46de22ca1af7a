"""A control group for each submission: memory and number of processes, counted over its whole tree.

Version 1 has a hierarchy for each controller, version 2 one for all (kernel documentation, admin-guide/cgroup-v1
and cgroup-v2). Where none is writable, which is so for most ordinary users, ``Group.make`` gives None and the
resident size of the tree is watched instead.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Group:
    """The folders of one submission's group, one a controller (version 1), or one for all (version 2)."""

    folders: tuple[Path, ...]
    unified: bool

    @classmethod
    def make(cls, name: str, memory: int, processes: int) -> Group | None:
        """A group below our own with limits in bytes and in processes; None where there can be none."""
        for build in (_make_unified, _make_separate):
            folders: list[Path] = []
            try:
                return build(name, memory, processes, folders)
            except OSError:
                for folder in folders:
                    with contextlib.suppress(OSError):
                        folder.rmdir()
        return None

    def join(self) -> None:
        """Put this very process, which has one thread, and so its future children into the group."""
        # "0" is the writer, whatever its number is. A thread that moves itself need not wait for the whole machine to
        # agree, which takes 10 ms; version 2 lets only processes move.
        file = "cgroup.procs" if self.unified else "tasks"
        for folder in self.folders:
            (folder / file).write_text("0")

    @property
    def events(self) -> Path:
        """The file with a line ``oom_kill NUMBER``: how many of its processes were killed for want of memory."""
        return self.folders[0] / ("memory.events" if self.unified else "memory.oom_control")

    def memory_kills(self) -> int:
        with contextlib.suppress(OSError):
            for line in self.events.read_text().splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
        return 0

    def remove(self) -> None:
        """Remove the group, once its processes are gone; waits a moment for the last of them."""
        for folder in self.folders:
            for _ in range(50):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)


def remove_stale_groups() -> None:
    """Remove empty groups that a warm parent left which was killed."""
    with contextlib.suppress(OSError):
        own = _own()
        places = [ROOT / name / own[name].lstrip("/") for name in ("memory", "pids") if name in own]
        for place in (ROOT / own.get("", "/").lstrip("/"), *places):
            for folder in place.glob("grade-*-*"):
                if not Path("/proc", folder.name.split("-")[1]).exists():
                    with contextlib.suppress(OSError):  # somebody is in it after all
                        folder.rmdir()


def _own() -> dict[str, str]:
    """Controller -> our own group's path; "" is version 2's."""
    groups: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path
    return groups


def _make_unified(name: str, memory: int, processes: int, made: list[Path]) -> Group:
    parent = ROOT / _own().get("", "/").lstrip("/")
    if not {"memory", "pids"} <= set((parent / "cgroup.subtree_control").read_text().split()):
        (parent / "cgroup.subtree_control").write_text("+memory +pids")
    folder = parent / name
    folder.mkdir()
    made.append(folder)
    (folder / "memory.max").write_text(str(memory))
    (folder / "pids.max").write_text(str(processes))
    with contextlib.suppress(OSError):  # without swap accounting there is no such file
        (folder / "memory.swap.max").write_text("0")
    return Group((folder,), True)


def _make_separate(name: str, memory: int, processes: int, made: list[Path]) -> Group:
    own = _own()
    for controller, settings in (
        ("memory", {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory}),
        ("pids", {"pids.max": processes}),
    ):
        if controller not in own:
            raise OSError(f"no {controller} controller")
        folder = ROOT / controller / own[controller].lstrip("/") / name
        folder.mkdir()
        made.append(folder)
        for file, value in settings.items():
            try:
                (folder / file).write_text(str(value))
            except OSError:
                if "memsw" not in file:  # counting swap needs a kernel built for it
                    raise
    return Group(tuple(made), False)
