"""How many submissions an hour: ``python benchmarks/throughput.py [--number 100] [--more 1000] [--skip-others]``.

One class of light notebooks, each with a comment of its own, graded by ``grade batch`` with one worker and with two,
by one call of ``nbgrader autograde`` and by ``otter run`` for each. Then a class ten times as large, to see whether
the leading process grows and whether a submission takes longer. See README.md in this folder.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # a checkout need not be installed
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import nbformat  # noqa: E402
import psutil  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from benchmarks import rivals  # noqa: E402
from benchmarks.overhead import OTHERS  # noqa: E402
from benchmarks.workload import IDS, Workload, make_workload  # noqa: E402
from grader.gradebook import Gradebook  # noqa: E402

OTTER_SAMPLE = 20  # runs of Otter that are enough: each is a command of its own


@dataclass(frozen=True, slots=True)
class Result:
    """One way to grade a class."""

    title: str
    number: int  # submissions
    seconds: float
    peak: int = 0  # bytes that the leading process held at most
    pace: tuple[float, float] = (0.0, 0.0)  # seconds a submission, in the first and the last third
    trouble: str = ""

    @property
    def each(self) -> float:
        return self.seconds / self.number


def make_class(folder: Path, work: Workload, number: int) -> Path:
    folder.mkdir()
    notebook = nbformat.read(work.notebook, as_version=4)
    source = notebook.cells[1].source
    for student in range(number):
        notebook.cells[1].source = f"{source}\n# student {student}"
        nbformat.write(notebook, folder / f"student{student:04}.ipynb")
    return folder


def ours(folder: Path, out: Path, number: int, workers: int) -> Result:
    """``grade batch``, start of the command and class report included; every student must get all points."""
    command = [
        sys.executable,
        "-m",
        "grader",
        "batch",
        str(folder),
        "--out",
        str(out),
        "--only",
        IDS,
        "--quiet",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    begin = time.perf_counter()
    process = subprocess.Popen([*command, "--workers", str(workers)], env=environment)
    peak = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, watched.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.1)
    code = process.wait()
    seconds = time.perf_counter() - begin
    with Gradebook.open(out, create=False) as book:
        attempts = book.grades("assignment").attempts
    right = sum(attempt.points == attempt.max_points > 0 for attempt in attempts)
    if code or right != number:
        raise SystemExit(f"grade batch ended with {code}, and {right} of {number} have all points")
    plural = "s" if workers > 1 else ""
    return Result(f"grade batch, {workers} worker{plural}", number, seconds, peak, pace(out / "batch.log"))


def pace(log: Path) -> tuple[float, float]:
    """Seconds between two results in the first and in the last third, start and end of the command left out."""
    events = [json.loads(line) for line in log.read_text().splitlines()]
    times = [
        datetime.fromisoformat(event["time"]).timestamp() for event in events if event["event"] == "graded"
    ]
    third = len(times) // 3
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return statistics.mean(gaps[:third]), statistics.mean(gaps[-third:])


def theirs(name: str, work: Workload, folder: Path, number: int, say: Callable[[str], None]) -> Result:
    try:
        say(f"installing {name}")
        rival = rivals.install(name, OTHERS[name])
        say(f"{name}: {number} submissions")
        if name == "nbgrader":
            grade = rivals.prepare_nbgrader(rival, work, folder, number)
            return Result(f"nbgrader autograde {rival.version}", number, grade())
        grade = rivals.prepare_otter(rival, work, folder)
        runs = min(number, OTTER_SAMPLE)
        return Result(f"otter run {rival.version}", runs, sum(grade() for _ in range(runs)))
    except rivals.Unavailable as problem:
        return Result(name, number, float("nan"), trouble=str(problem))


def show(results: list[Result], console: Console) -> None:
    best = min(result.each for result in results if not result.trouble)
    table = Table("", "submissions", "seconds", "each, s", "an hour", "times the fastest", title="Throughput")
    for result in results:
        if result.trouble:
            table.add_row(result.title, "", f"not measured: {result.trouble}")
            continue
        hour = f"{3600 / result.each:,.0f}"
        times = f"{result.each / best:.1f}"
        table.add_row(
            result.title, str(result.number), f"{result.seconds:.0f}", f"{result.each:.2f}", hour, times
        )
    console.print(table)
    table = Table("", "submissions", "peak of the leading process", "each at first, s", "each at last, s")
    for result in results:
        if result.peak:
            first, last = result.pace
            peak = f"{result.peak / 2**20:.0f} MiB"
            table.add_row(result.title, str(result.number), peak, f"{first:.3f}", f"{last:.3f}")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--number", type=int, default=100, help="submissions that all of them grade")
    parser.add_argument("--more", type=int, default=0, help="submissions of a larger class, for ours alone")
    parser.add_argument("--skip-others", action="store_true", help="leave nbgrader and Otter out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there")
    given = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    load = os.getloadavg()[0]
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="throughput-") as name, console.status("starting") as status:
        folder = Path(name)
        work = make_workload(folder, seed=1)
        light = make_class(folder / "class", work, given.number)
        for workers in (1, 2):
            status.update(f"ours, {workers} at a time")
            results.append(ours(light, folder / f"out{workers}", given.number, workers))
        if not given.skip_others:
            for rival in OTHERS:
                results.append(theirs(rival, work, folder / rival, given.number, status.update))
        if given.more:
            status.update(f"ours, {given.more} submissions")
            large = make_class(folder / "large", work, given.more)
            results.append(ours(large, folder / "more", given.more, 2))
    show(results, console)
    console.print(f"load before {load:.1f}, after {os.getloadavg()[0]:.1f}; cores {os.cpu_count()}")
    if given.json:
        plain: list[dict[str, Any]] = [
            {"title": r.title, "number": r.number, "seconds": r.seconds, "peak": r.peak, "pace": r.pace}
            for r in results
        ]
        given.json.write_text(json.dumps(plain, indent=2) + "\n")


if __name__ == "__main__":
    main()
