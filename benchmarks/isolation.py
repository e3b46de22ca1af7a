"""What the walls around a submission cost: each layer by itself, and all together, over a bare fork.

    python benchmarks/isolation.py [--repeat 40] [--json FILE]

The process is what the warm parent is (everything imported, one thread). For each row it forks a child, which puts
up its walls and says so; then the child and all that belongs to it are ended and cleared away. Rows take turns
within each repetition, in an order drawn anew; ratio and difference are taken within a repetition.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

LAYERS = (
    "process namespace",
    "read-only file system",
    "unused user id",
    "no new privileges",
    "resource limits",
    "Landlock",
    "seccomp",
    "memory and process group",
)
# A layer is measured together with what it cannot be without.
NEEDS = {"read-only file system": ("process namespace",), "Landlock": (), "seccomp": ()}
BARE, ALL, TRIED = "bare fork", "all of them", "all of them, and each attacked"


def rows() -> dict[str, tuple[str, ...]]:
    """Name of a row -> the layers that are put up in it."""
    each = {f"{layer}": (layer, *NEEDS.get(layer, ())) for layer in LAYERS}
    return {BARE: (), **each, ALL: LAYERS, TRIED: LAYERS}


def measure(base: Path, number: int, layers: tuple[str, ...], attacked: bool) -> tuple[float, float]:
    """Wall and CPU seconds of one child: fork, walls, end, clearing away."""
    from grader.worker.sandbox import trials, walls
    from grader.worker.sandbox.cgroup import Group

    limits = walls.Limits(without=tuple(layer for layer in LAYERS if layer not in layers))
    cpu, start = _cpu(), time.perf_counter()
    folder = base / str(number)
    folder.mkdir(mode=0o700)
    group = None
    if "memory and process group" in layers:
        group = Group.make(f"grade-{os.getpid()}-{number}", limits.memory, limits.processes)
    ready, tells = socket.socketpair()
    control, outside = socket.socketpair()
    forked = walls.fork(limits) if layers else None
    pid = os.fork() if forked is None else forked.pid
    if pid == 0:
        walls.close_others({0, 1, 2, tells.fileno(), outside.fileno()})
        os.setsid()
        if group is not None:
            group.join()
        if forked is not None:
            inside = walls.enter(folder, folder / "scratch", limits, outside, forked)
            inside.seal()
            if attacked:
                trials.held(inside.layers, folder)
        tells.send(b"r")
        tells.recv(1)
        os._exit(0)
    tells.close()
    outside.close()
    if ready.recv(1) != b"r":
        raise SystemExit(f"no walls for {', '.join(layers)}: try `grade doctor`")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    ready.close()
    control.close()
    if group is not None:
        group.remove()
    shutil.rmtree(folder)
    return time.perf_counter() - start, _cpu() - cpu


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def run(repeat: int) -> dict[str, list[tuple[float, float]]]:
    """Every row once in each repetition; the first three do not count, and huge pages come as in the warm parent."""
    from grader.worker import zygote
    from grader.worker.sandbox import walls

    zygote.import_once()
    walls.prepare()
    zygote.collapse_pages()
    zygote.ctypes.CDLL(None).prctl(zygote.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in rows()}
    numbers = iter(range(10**9))
    with tempfile.TemporaryDirectory(prefix="grade-") as folder:
        Path(folder).chmod(0o711)
        for repetition in range(repeat + 3):
            order = list(rows().items())
            random.shuffle(order)
            for name, layers in order:
                result = measure(Path(folder), next(numbers), layers, name == TRIED)
                if repetition >= 3:
                    found[name].append(result)
    return found


def summary(found: dict[str, list[tuple[float, float]]]) -> list[dict[str, object]]:
    """Medians in milliseconds; ratio and difference against the bare fork of the same repetition."""
    table: list[dict[str, object]] = []
    for name, results in found.items():
        pick: Callable[[int], list[float]] = lambda i, r=results: [1000 * one[i] for one in r]  # noqa: E731
        bare = [1000 * one[0] for one in found[BARE]], [1000 * one[1] for one in found[BARE]]
        walls = pick(0)
        table.append(
            {
                "layer": name,
                "ms": statistics.median(walls),
                "least": min(walls),
                "ratio": statistics.median(w / b for w, b in zip(walls, bare[0], strict=True)),
                "added": statistics.median(w - b for w, b in zip(walls, bare[0], strict=True)),
                "added_cpu": statistics.median(w - b for w, b in zip(pick(1), bare[1], strict=True)),
            }
        )
    return table


def show(table: list[dict[str, object]], repeat: int) -> None:
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=f"Cost of the walls, medians of {repeat} repetitions, ms", title_justify="left")
    shown.add_column("layer")
    for column in ("wall", "least", "ratio", "added, wall", "added, CPU"):
        shown.add_column(column, justify="right")
    for line in table:
        numbers = [f"{line[key]:.2f}" for key in ("ms", "least", "ratio", "added", "added_cpu")]
        shown.add_row(str(line["layer"]), *numbers)
    Console().print(shown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=40)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    from grader.execute.launch import _environment

    wanted = _environment()  # as the warm parent is started: one thread, huge pages
    if any(os.environ.get(name) != wanted[name] for name in ("GLIBC_TUNABLES", "OMP_NUM_THREADS")):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | wanted)
    table = summary(run(arguments.repeat))
    show(table, arguments.repeat)
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
