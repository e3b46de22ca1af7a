"""Whether the walls hold: each layer is attacked, from inside, before any student code runs.

Asking the kernel for its features says little; a layer counts as held only if its attack fails.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path


def held(layers: Iterable[str], folder: Path) -> list[str]:
    """Those of `layers` whose attack failed; a layer without an attack of its own is believed."""
    return [layer for layer in layers if layer not in ATTACKS or not _succeeds(ATTACKS[layer], folder)]


def _succeeds(attack: Callable[[Path], bool], folder: Path) -> bool:
    try:
        return attack(folder)
    except (OSError, ValueError):
        return False


def _see_others(folder: Path) -> bool:
    """Find a process that is not of this submission."""
    return sum(name.isdigit() for name in os.listdir("/proc")) > 4


def _open_network_socket(folder: Path) -> bool:
    """Reach out of the machine: there must be no route, whether or not a socket can be had."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # TEST-NET-1: nothing is sent, only a route is looked up
        return True


def _write_outside(folder: Path) -> bool:
    for place in (folder, Path(os.__file__).parent, Path("/usr"), Path("/")):
        with contextlib.suppress(OSError):
            (place / "grade-trial").touch()
            (place / "grade-trial").unlink()
            return True
        with contextlib.suppress(OSError):
            os.utime(place)
            return True
    return False


def _be_root(folder: Path) -> bool:
    os.setuid(0)
    return True


def _list_root(folder: Path) -> bool:
    """Landlock alone refuses this: the directory is there and everybody may read it."""
    os.listdir("/")
    return True


def _new_namespace(folder: Path) -> bool:
    """A child would be lost to us if it worked, so ask for nothing that changes this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.unshare(ctypes.c_int(0)) == 0  # no flags: harmless where it is allowed


def _gain_privileges(folder: Path) -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("NoNewPrivs:"):
            return line.split()[1] != "1"
    return True


ATTACKS: dict[str, Callable[[Path], bool]] = {
    "process namespace": _see_others,
    "no network": _open_network_socket,
    "read-only file system": _write_outside,
    "unused user id": _be_root,
    "Landlock": _list_root,
    "seccomp": _new_namespace,
    "no new privileges": _gain_privileges,
}
