"""What a submission sees of the disk: a new root that holds the system and Python, read-only, and little else.

The root is made from a list of what is needed, not from a list of what is hidden: references, gradebook, other
submissions and home directories are absent because nobody put them there.
"""

from __future__ import annotations

import contextlib
import functools
import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.worker.sandbox import syscalls as sc

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt")
CONFIGURATION = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/ssl/certs",
)
DEVICES = ("null", "zero", "full", "random", "urandom")
OURS = ("reference", "exercises")  # packages that must not be there even where they are installed
ANSWERS = Path("data", "hidden")  # below our own package: the test sets that submissions are judged by


@dataclass(frozen=True, slots=True)
class Room:
    """The writable places: bytes for the work directory, for /tmp and for /dev/shm."""

    work: int = 512 * 2**20
    temporary: int = 256 * 2**20
    shared_memory: int = 1024 * 2**20


def enter(folder: Path, scratch: Path, room: Room, uid: int, gid: int) -> None:
    """Make the new root and go there. Needs a mount namespace of our own and the right to mount.

    `folder` stays visible, for the sockets in it; `scratch`, below it, becomes a file system of limited size.
    """
    sc.mount("none", "/", flags=sc.MS_REC | sc.MS_PRIVATE)
    root = folder / "root"
    root.mkdir(exist_ok=True)
    sc.mount("root", str(root), "tmpfs", sc.MS_NOSUID | sc.MS_NODEV, "size=1m,mode=755")
    owner = f"uid={uid},gid={gid},mode=700"
    rooms = {f"{root}/tmp": room.temporary, f"{root}/dev/shm": room.shared_memory}
    for place, size in rooms.items():  # first of all: Python itself may be installed below /tmp
        Path(place).mkdir(parents=True)
        options = f"size={size},nr_inodes=50k,{owner}"
        sc.mount("room", place, "tmpfs", sc.MS_NOSUID | sc.MS_NODEV, options)
    for path in needed():
        _show(root, path)
    _hide_ours(root)
    _configuration(root, uid, gid)
    devices = _devices(root)
    sc.make_readonly(str(root))
    for device, place in devices:  # afterwards: read-only means without devices too
        sc.mount(device, place, flags=sc.MS_BIND)
    # terminals of its own: `!command` in a notebook runs in one
    sc.mount(
        "devpts",
        f"{root}/dev/pts",
        "devpts",
        sc.MS_NOSUID | sc.MS_NOEXEC,
        "newinstance,ptmxmode=0666,mode=620",
    )
    for place in rooms:
        sc.make_writable(place)
    _mount_point(root, folder)
    sc.mount(str(folder), f"{root}{folder}", flags=sc.MS_BIND)
    work = f"size={room.work},nr_inodes=50k,{owner}"
    sc.mount("work", f"{root}{scratch}", "tmpfs", sc.MS_NOSUID | sc.MS_NODEV, work)
    sc.mount("proc", f"{root}/proc", "proc", sc.MS_NOSUID | sc.MS_NODEV | sc.MS_NOEXEC)
    os.chdir(root)
    sc.pivot_root(".", ".")
    sc.unmount(".")  # the old root, which lies on top
    os.chdir("/")


def seal(folder: Path) -> None:
    """Make the folder of the sockets read-only, once they are bound; connecting to them still works."""
    flags = sc.MS_BIND | sc.MS_REMOUNT | sc.MS_RDONLY | sc.MS_NOSUID | sc.MS_NODEV
    sc.mount("none", str(folder), flags=flags)


@functools.cache
def needed() -> tuple[Path, ...]:
    """What Python and the packages need, as real directories and files, outer ones first."""
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *site.getsitepackages()}
    python |= {path for name in ("stdlib", "platstdlib", "purelib") if (path := sysconfig.get_path(name))}
    python |= {entry for entry in sys.path if entry and Path(entry).is_dir() and not _is_project(Path(entry))}
    ours = Path(__file__).parents[2]  # the package `grader`
    wanted = [*map(Path, SYSTEM), *map(Path, CONFIGURATION), *map(Path, python), ours]
    chosen: list[Path] = []
    for path in sorted({path for path in wanted if path.exists()}, key=lambda path: len(path.parts)):
        if not any(path.is_relative_to(outer) for outer in chosen):
            chosen.append(path)
    return tuple(chosen)


def _is_project(path: Path) -> bool:
    """Whether a directory on the path is a checkout of this project: only `grader` of it may be seen."""
    return any((path / name).is_dir() for name in OURS) and "site-packages" not in path.parts


def _show(root: Path, path: Path) -> None:
    if path.is_symlink():  # /bin -> usr/bin
        target = root / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(os.readlink(path))
        real = path.resolve()
        if not (root / real.relative_to("/")).exists():
            _show(root, real)
        return
    sc.mount(str(path), _mount_point(root, path), flags=sc.MS_BIND | sc.MS_REC)


def _mount_point(root: Path, path: Path) -> str:
    """A place in the new root to mount `path` at, made if need be."""
    target = root / path.relative_to("/")
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            target.touch()
    return str(target)


def _hide_ours(root: Path) -> None:
    """Cover what is ours and lies within what is shown."""
    for path in hidden():
        target = root / path.relative_to("/")
        if target.is_dir():
            sc.mount("nothing", str(target), "tmpfs", sc.MS_RDONLY, "size=4k,mode=755")


@functools.cache
def hidden() -> tuple[Path, ...]:
    """Folders with exercises, solutions and hidden data, where they are installed beside what is needed."""
    entries = [Path(entry) for entry in sys.path if entry]
    found = {entry / name for entry in entries for name in OURS}
    found |= {Path(__file__).parents[2] / ANSWERS}
    shown = needed()
    return tuple(
        sorted(path for path in found if path.is_dir() and any(path.is_relative_to(outer) for outer in shown))
    )


def without_ours(paths: Iterable[Path]) -> list[Path]:
    """The same places without the hidden folders in them, for a lock that knows no exceptions."""
    result: list[Path] = []
    for path in paths:
        within = [folder for folder in hidden() if folder.is_relative_to(path)]
        if path in within:
            continue
        result += without_ours(sorted(path.iterdir())) if within else [path]
    return result


def _configuration(root: Path, uid: int, gid: int) -> None:
    files = {
        "etc/passwd": f"student:x:{uid}:{gid}:student:/tmp:/bin/sh\n",
        "etc/group": f"student:x:{gid}:\n",
        "etc/hosts": "127.0.0.1 localhost\n",
        "etc/resolv.conf": "",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for place in ("proc", "dev/pts"):
        (root / place).mkdir(parents=True, exist_ok=True)


def _devices(root: Path) -> list[tuple[str, str]]:
    """The devices to show, each with its place; the usual links beside them."""
    found = [path for path in (Path("/dev") / name for name in DEVICES) if path.exists()]
    links: Iterable[tuple[str, str]] = (
        ("fd", "/proc/self/fd"),
        ("ptmx", "pts/ptmx"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    )
    for name, target in links:
        with contextlib.suppress(FileExistsError):
            (root / "dev" / name).symlink_to(target)
    return [(str(path), _mount_point(root, path)) for path in found]
