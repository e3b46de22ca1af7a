"""Grade a class undisturbed, then another copy of it with everything killed at random, and compare the gradebooks.

    python tests/batch/endurance.py --number 200 --kills 3 --markers 1 --cluster
    python tests/batch/endurance.py --number 30 --other postgresql://…

``tests/batch/test_endurance.py`` does it with a small class.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import psutil  # noqa: E402
from made_class import IDS, make_class  # noqa: E402

from grader.gradebook import Gradebook  # noqa: E402

WORKERS = 2


def command(submissions: Path, out: Path, *more: str) -> list[str]:
    fixed = ["--only", IDS, "--seed", "7", "--cell-time", "20", "--total-time", "60"]
    return [sys.executable, "-m", "grader", "batch", str(submissions), "--out", str(out), *fixed, *more]


def start(submissions: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command(submissions, out, *more),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finish(submissions: Path, out: Path, *more: str) -> None:
    code = start(submissions, out, *more).wait()
    assert code == 0, f"grade batch ended with {code}"


def events(out: Path) -> list[dict[str, Any]]:
    with contextlib.suppress(FileNotFoundError):
        return [json.loads(line) for line in (out / "batch.log").read_text().splitlines()]
    return []


def done(out: Path) -> int:
    return sum(event["event"] in ("graded", "unreadable", "failed") for event in events(out))


def wait_until(out: Path, number: int, process: subprocess.Popen[bytes]) -> None:
    """Until so many results have come in this log, or the process has ended."""
    while done(out) < number and process.poll() is None:
        time.sleep(0.05)


def descendants(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []


def kill_command(process: subprocess.Popen[bytes]) -> float:
    """SIGKILL it; seconds until the last of its descendants was gone."""
    left = descendants(process.pid)
    process.kill()
    process.wait()
    begin = time.monotonic()
    while [one for one in left if alive(one)] and time.monotonic() - begin < 20:
        time.sleep(0.01)
    assert not [one for one in left if alive(one)]
    return time.monotonic() - begin


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def kill_marker(process: subprocess.Popen[bytes], rng: random.Random) -> bool:
    """SIGKILL one of the processes that grade."""
    markers: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        markers = psutil.Process(process.pid).children()
        rng.choice(markers).send_signal(signal.SIGKILL)
    return bool(markers)


def disturbed(submissions: Path, out: Path, kills: int, markers: int, rng: random.Random, *more: str) -> int:
    """Grade with so many kills at random moments; returns how many submissions were under way at one."""
    number = len(list(submissions.iterdir()))
    moments = sorted(rng.sample(range(1, max(number - 3, kills + markers + 1)), kills + markers))
    acts = ["command"] * kills + ["marker"] * markers
    rng.shuffle(acts)
    process = start(submissions, out, *more)
    for moment, act in zip(moments, acts, strict=True):
        wait_until(out, moment, process)
        time.sleep(rng.random())
        if process.poll() is not None:
            break
        if act == "command":
            print(f"killing the command after {done(out)}: all gone in {kill_command(process):.2f} s")
            process = start(submissions, out, *more)
        else:
            print(f"killing a process that grades after {done(out)}: {kill_marker(process, rng)}")
    code = process.wait()
    assert code == 0, f"grade batch ended with {code}"
    begun = Counter(event["student"] for event in events(out) if event["event"] == "begun")
    kept = Counter(event["student"] for event in events(out) if event["event"] == "kept")
    return sum((begun - kept).values()) - number


def on_a_cluster(submissions: Path, out: Path, folder: Path, rng: random.Random, *more: str) -> int:
    """Grade on a cluster of which a worker and the scheduler are killed; returns how many results came twice.

    What was recorded and not heard of, since the scheduler died, comes a second time from the gradebook: as kept.
    """
    from small_cluster import SmallCluster

    number = len(list(submissions.iterdir()))
    folder.mkdir()
    with SmallCluster(folder) as cluster:
        process = start(submissions, out, "--scheduler", cluster.address, *more)
        wait_until(out, number // 4, process)
        print(f"killing a worker after {done(out)}")
        cluster.kill_a_worker(rng)
        wait_until(out, number // 2, process)
        print(f"killing the scheduler after {done(out)}")
        cluster.kill("scheduler")
        code = process.wait()
        assert code == 0, f"grade batch ended with {code}"
    heard = [event["student"] for event in events(out) if event["event"] in ("graded", "unreadable", "kept")]
    assert len({*heard}) == number
    return len(heard) - number


def contents(where: str | Path) -> dict[str, list[Any]]:
    """Everything in a gradebook that must not depend on who graded when: student -> attempts."""
    with Gradebook.open(where, create=False) as book:
        grades = book.grades("assignment")
        return {
            one.student.id: [
                (
                    each.key,
                    each.generation,
                    each.state,
                    each.points,
                    each.max_points,
                    [
                        (
                            exercise.id,
                            exercise.status,
                            exercise.points,
                            [(f.name, f.status, f.points) for f in exercise.findings],
                        )
                        for exercise in each.exercises
                    ],
                    each.sha256,
                )
                for each in book.attempts("assignment", one.student.id)
            ]
            for one in grades.attempts
        }


def same(first: dict[str, list[Any]], second: dict[str, list[Any]]) -> list[str]:
    """The students whose attempts are not the same, and those with more than one."""
    odd = [student for student in first.keys() | second.keys() if first.get(student) != second.get(student)]
    return sorted({*odd, *(student for student, attempts in second.items() if len(attempts) != 1)})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--markers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cluster", action="store_true", help="then also on a Dask cluster")
    parser.add_argument("--other", help="the gradebook of the disturbed run, e.g. a URL")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        base = Path(folder)
        kinds = make_class(base / "class", given.number)
        print(f"{given.number} submissions: {dict(Counter(kinds.values()))}")
        begin = time.monotonic()
        finish(base / "class", base / "serial", "--workers", "1")
        print(f"undisturbed, one worker: {time.monotonic() - begin:.0f} s")
        more = ("--workers", str(WORKERS), *(("--gradebook", given.other) if given.other else ()))
        serial = contents(base / "serial")
        good = [_disturbed(base, given, rng, serial, kinds, more)]
        if given.cluster:
            good.append(_on_a_cluster(base, rng, serial, kinds))
        raise SystemExit(not all(good))


def _disturbed(
    base: Path,
    given: argparse.Namespace,
    rng: random.Random,
    serial: dict[str, list[Any]],
    kinds: dict[str, str],
    more: tuple[str, ...],
) -> bool:
    begin = time.monotonic()
    again = disturbed(base / "class", base / "disturbed", given.kills, given.markers, rng, *more)
    print(f"disturbed, {WORKERS} workers: {time.monotonic() - begin:.0f} s")
    allowed = given.kills * WORKERS + given.markers
    print(f"executed again: {again}, at most {allowed} allowed")
    return compared(serial, contents(given.other or base / "disturbed"), kinds) and again <= allowed


def _on_a_cluster(
    base: Path, rng: random.Random, serial: dict[str, list[Any]], kinds: dict[str, str]
) -> bool:
    begin = time.monotonic()
    twice = on_a_cluster(base / "class", base / "on a cluster", base / "cluster", rng)
    print(f"on a cluster: {time.monotonic() - begin:.0f} s; results that came twice: {twice}")
    return compared(serial, contents(base / "on a cluster"), kinds) and twice == 0


def compared(first: dict[str, list[Any]], second: dict[str, list[Any]], kinds: dict[str, str]) -> bool:
    """Whether the gradebooks are the same; prints who is not."""
    odd = same(first, second)
    print(f"students: {len(first)} and {len(second)}; not the same: {odd or 'none'}", flush=True)
    for student in odd[:5]:
        print(student, kinds[student], first.get(student), second.get(student), sep="\n  ")
    return not odd and len(first) == len(second) == len(kinds)


if __name__ == "__main__":
    main()
