"""What grading costs beyond running the code: ``python benchmarks/overhead.py [--repeat 7] [--skip-others]``.

Everything is measured on the same light notebook in one run, in random order within each repetition, after
one repetition that does not count. See README.md in this folder for what each row is.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # a checkout need not be installed
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # for all contenders alike, before torch is imported

import nbformat  # noqa: E402
import psutil  # noqa: E402
import torch  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

import grader  # noqa: E402
from benchmarks import rivals  # noqa: E402
from benchmarks.stages import WatchedParent, grade_in_stages  # noqa: E402
from benchmarks.workload import IDS, Workload, make_workload  # noqa: E402
from grader.examine.solutions import read_reference  # noqa: E402
from grader.execute.launch import launch  # noqa: E402
from grader.grading import Graded, grade  # noqa: E402
from grader.read import read  # noqa: E402
from grader.write.report import write_report  # noqa: E402
from grader.write.results import write_json  # noqa: E402

SETTLE_S = 0.7  # after a run, before CPU seconds are read: the warm parent prepares its next kernel
IN_A_ROW = 3
WIDE = 132  # columns in which no cell of a table needs a second line
BARE = "bare"
OTHERS = {"nbgrader": "nbgrader>=0.9,<0.10", "otter-grader": "otter-grader>=6,<8"}


@dataclass
class Row:
    """One contender: `run` does it once and gives seconds, or raises ``rivals.Unavailable``."""

    key: str
    title: str
    run: Callable[[], float]
    notebooks: int = 1  # that one run grades
    wall: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])
    trouble: str = ""


# ------------------------------------------------------------------------------------- the contenders


class Bare:
    """The process that runs cells and checks without anything in between, in a fork for each notebook."""

    def __init__(self, work: Workload) -> None:
        self._work = work
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.in_process", str(work.description)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._line()  # it is ready
        self.inner: list[dict[str, Any]] = []

    def once(self) -> float:
        assert self.process.stdin is not None
        start = time.perf_counter()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        result = self._line()
        self._line()  # the child has been waited for
        seconds = time.perf_counter() - start
        if "error" in result or len(result["passed"]) != self._work.checks:
            raise SystemExit(f"the checks do not pass in process: {result.get('error', result)}")
        self.inner.append(result)
        return seconds

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the process that runs the checks without a grader ended; its error is above")
        return json.loads(line)


class Ours:
    """Our own rows: with the warm kernel, and the command as a whole."""

    def __init__(self, work: Workload, source: WatchedParent, folder: Path) -> None:
        self._work = work
        self._source = source
        self._folder = folder
        self.stages: list[dict[str, float]] = []

    def warm(self) -> float:
        start = time.perf_counter()
        self._grade()
        return time.perf_counter() - start

    def in_a_row(self) -> float:
        start = time.perf_counter()
        for _ in range(IN_A_ROW):
            self._grade()
        return time.perf_counter() - start

    def with_files(self) -> float:
        start = time.perf_counter()
        graded = self._grade()
        rubrics = {id: read_reference(exercise).rubrics for id, exercise in self._work.exercises.items()}
        write_json(graded.grade, self._folder / "grade.json")
        write_report(
            graded.grade,
            path=self._folder / "report.html",
            exercises=self._work.exercises,
            rubrics=rubrics,
            written=graded.written,
        )
        return time.perf_counter() - start

    def in_stages(self) -> float:
        start = time.perf_counter()
        self.stages.append(grade_in_stages(self._work, self._source))
        return time.perf_counter() - start

    def command(self) -> float:
        out = self._folder / "command"
        options = ["--only", IDS, "--seed", str(self._work.seed), "--out", str(out), "--quiet"]
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "grader", str(self._work.notebook), *options],
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - start
        self._demand(json.loads((out / "grade.json").read_text())["points"])
        return seconds

    def _grade(self) -> Graded:
        graded = grade(read(self._work.notebook), self._work.exercises, self._source, self._work.seed)
        self._demand(graded.grade.points)
        return graded

    def _demand(self, points: float) -> None:
        if points != self._work.points:
            raise SystemExit(f"our own grade is {points} of {self._work.points:g} points; mend that first")


def execute_only(work: Workload) -> float:
    """nbclient with a fresh kernel: no tests, no report."""
    start = time.perf_counter()
    notebook = nbformat.read(work.notebook, as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute(stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def rival_rows(work: Workload, folder: Path, say: Callable[[str], None]) -> Iterator[Row]:
    """Rows for the rivals that can be installed here; one that cannot says why."""
    makers = {"nbgrader": rivals.prepare_nbgrader, "otter-grader": rivals.prepare_otter}
    titles = {"nbgrader": "`nbgrader autograde`", "otter-grader": "`otter run`"}
    for package, requirement in OTHERS.items():
        say(f"{package}: installing into {rivals.HOME.relative_to(ROOT)} (only at the first time)")
        row = Row(package, titles[package], lambda: 0.0)
        try:
            rival = rivals.install(package, requirement)
            row.title += f" {rival.version}"
            row.run = makers[package](rival, work, folder / package)
        except rivals.Unavailable as error:
            row.trouble = str(error)
        yield row


# ------------------------------------------------------------------------------------------ measuring


def measure(rows: list[Row], repeat: int, processes: list[int], say: Callable[[str], None]) -> None:
    """Each row once per repetition, in random order; the first repetition does not count."""
    for repetition in range(repeat + 1):
        for row in random.sample(rows, len(rows)):
            if row.trouble:
                continue
            say(f"repetition {repetition} of {repeat}: {row.title}")
            before = cpu_seconds(processes)
            try:
                seconds = row.run()
            except rivals.Unavailable as error:
                row.trouble = str(error)
                continue
            time.sleep(SETTLE_S)
            if repetition:
                row.wall.append(seconds / row.notebooks)
                row.cpu.append((cpu_seconds(processes) - before) / row.notebooks)


def cpu_seconds(processes: list[int]) -> float:
    """CPU time so far of this process and of `processes`, with all their children that have ended."""
    return sum(sum(psutil.Process(pid).cpu_times()[:4]) for pid in (os.getpid(), *processes))


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model
        )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def seconds_to_import_checks(work: Workload) -> float:
    """What a kernel that has torch needs to import our checks: it is in the rows of the other graders."""
    code = (
        "import sys, time, torch\nstart = time.perf_counter()\nfrom benchmarks.in_process import Tasks\n"
        "Tasks(sys.argv[1])\nprint(time.perf_counter() - start)"
    )
    command = [sys.executable, "-c", code, str(work.description)]
    times = [subprocess.run(command, check=True, cwd=ROOT, capture_output=True).stdout for _ in range(3)]
    return statistics.median(map(float, times))


def versions() -> dict[str, str]:
    found = {"grader": grader.__version__}
    for package in ("torch", "nbclient", "jupyter-client", "ipykernel", "IPython"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


# -------------------------------------------------------------------------------------------- showing


def spread(values: list[float]) -> str:
    """Median and range, to three digits."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.3g} [dim]({low:.3g}–{high:.3g})[/dim]" if len(values) > 1 else f"{middle:.3g}"


def print_rows(rows: list[Row], console: Console) -> None:
    bare = next(row for row in rows if row.key == BARE).wall
    table = Table(title="The light notebook, start to end: median (range)")
    for name in ("", "seconds", "× in process", "seconds added", "CPU seconds"):
        table.add_column(name, justify="right" if name else "left", no_wrap=console.width >= WIDE)
    for row in rows:
        if not row.wall:
            table.add_row(row.title, "not measured")
            continue
        ratios = [a / b for a, b in zip(row.wall, bare, strict=False)]
        added = [a - b for a, b in zip(row.wall, bare, strict=False)]
        cells = ("", "") if row.key == BARE else (spread(ratios), spread(added))
        table.add_row(row.title, spread(row.wall), *cells, spread(row.cpu))
    console.print(table)
    for row in rows:
        if row.trouble:
            console.print(f"{row.title}: {row.trouble}", markup=False)


def print_stages(ours: Ours, bare: Bare, console: Console) -> None:
    table = Table(title="Where the time of a notebook goes, kernel warm: milliseconds")
    for name in ("", "median (range)", "share"):
        table.add_column(name, justify="right" if name else "left", no_wrap=console.width >= WIDE)
    total = statistics.median(sum(stages.values()) for stages in ours.stages)
    for name in ours.stages[0]:
        values = [stages[name] * 1e3 for stages in ours.stages]
        table.add_row(name, spread(values), f"{statistics.median(values) / total / 10:.0f} %")
    table.add_section()
    for name in ("cells", "checks"):
        values = [result[name] * 1e3 for result in bare.inner]
        table.add_row(f"in process, for comparison: {name}", spread(values), "")
    console.print(table)


def as_json(rows: list[Row], ours: Ours, bare: Bare, facts: Mapping[str, Any]) -> dict[str, Any]:
    """All samples, in seconds, in the order in which they were taken."""
    return {
        **facts,
        "rows": {
            row.key: {"title": row.title, "wall": row.wall, "cpu": row.cpu, "trouble": row.trouble}
            for row in rows
        },
        "stages": ours.stages,
        "in_process": [{"cells": r["cells"], "checks": r["checks"]} for r in bare.inner],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7, help="repetitions that count")
    parser.add_argument("--skip-others", action="store_true", help="leave nbgrader and Otter out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    options = parser.parse_args()
    if options.repeat < 1:
        parser.error("--repeat must be 1 or more")
    torch.set_num_threads(1)
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    with tempfile.TemporaryDirectory(prefix="overhead-") as folder, contextlib.ExitStack() as stack:
        status = stack.enter_context(console.status("starting"))
        run(options, Path(folder), stack, console, status.update)


def run(
    options: argparse.Namespace,
    folder: Path,
    stack: contextlib.ExitStack,
    console: Console,
    say: Callable[[str], None],
) -> None:
    load = os.getloadavg()[0]
    work = make_workload(folder, seed=random.randrange(2**31))
    start = time.perf_counter()
    launched = launch()
    source = WatchedParent(launched)
    stack.callback(source.close)
    source.wait_until_ready()
    ready = time.perf_counter() - start
    bare, ours = Bare(work), Ours(work, source, folder)
    stack.callback(bare.close)
    rows = [
        Row(BARE, "in process: cells and checks, in a fork", bare.once),
        Row("warm", "grade, kernel warm", ours.warm),
        Row("row", f"  {IN_A_ROW} notebooks in a row, each", ours.in_a_row, IN_A_ROW),
        Row("files", "  with grade.json and report.html", ours.with_files),
        Row("stages", "  with stopwatches", ours.in_stages),
        Row("command", "`grade FILE`, from nothing", ours.command),
        Row("nbclient", "nbclient, cold kernel, only running", lambda: execute_only(work)),
    ]
    if not options.skip_others:
        rows += rival_rows(work, folder, say)
    measure(rows, options.repeat, [launched.process.pid, bare.process.pid], say)
    ours.stages, bare.inner = ours.stages[1:], bare.inner[1:]
    say("done")
    facts = {
        "machine": machine() | {"load_before": load, "load_after": os.getloadavg()[0]},
        "versions": versions(),
        "workload": {"exercises": IDS, "cells": len(work.tasks), "checks": work.checks, "seed": work.seed},
        "warm_parent_ready": ready,
        "imports_of_the_checks": seconds_to_import_checks(work),
    }
    print_rows(rows, console)
    print_stages(ours, bare, console)
    for name, values in facts.items():
        told = values if isinstance(values, dict) else {"seconds": f"{values:.3g}"}
        console.print(
            f"[bold]{name.replace('_', ' ')}[/bold]", ", ".join(f"{k} {v}" for k, v in told.items())
        )
    if options.json:
        options.json.write_text(json.dumps(as_json(rows, ours, bare, facts), indent=2) + "\n")


if __name__ == "__main__":
    main()
