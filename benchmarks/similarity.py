"""What comparing a class costs, and how well it separates: ``python benchmarks/similarity.py [--students 1000]``.

The class is made from the reference solutions and the other right answers, as that of the tests. There are fewer
right answers than students, so some of them are changed a little, until there are forty ways to answer each exercise:
statements that do nothing, other operators, other calls. Each student takes one at random.
See README.md in this folder.
"""

from __future__ import annotations

import argparse
import ast
import json
import platform
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "similarity")]  # a checkout need not be installed

from planted_class import answers, handed_in, planted_class, renamed  # noqa: E402

from grader.catalogue import catalogue  # noqa: E402
from grader.nouns import Submission  # noqa: E402
from grader.similarity import fingerprints  # noqa: E402
from grader.similarity.pairs import compare  # noqa: E402

ALL = catalogue()
LENGTHS = (6, 8, 10, 16)
WAYS = 40  # to answer an exercise
_SWAPS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Mult,
    ast.Mult: ast.Add,
}


def own_way(source: str, rng: random.Random, share: float = 0.12) -> str:
    """The answer as somebody else might have written it: some statements more, some operators and calls changed."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and rng.random() < share:
            node.op = _SWAPS.get(type(node.op), ast.Add)()
        elif isinstance(node, ast.Attribute) and rng.random() < share:
            node.attr = f"{node.attr}_{rng.randrange(4)}"
        elif isinstance(node, ast.FunctionDef):
            for at in range(len(node.body), -1, -1):
                if rng.random() < share:
                    more = f"q{at} = [{at}, x.s{rng.randrange(9)}()] if y.t{rng.randrange(9)} else z[{at}:]"
                    node.body[at:at] = ast.parse(more).body
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def class_of(students: int, copies: int, seed: int = 1) -> Iterator[tuple[str, Submission]]:
    """Submissions of the whole course; the last ``copies`` are the first ones with other names."""
    rng = random.Random(seed)
    ways = {id: [own_way(rng.choice(answers(id)), rng) for _ in range(WAYS)] for id in ALL}
    first: list[dict[str, str]] = []
    for number in range(students - copies):
        work = {id: rng.choice(ways[id]) for id in ALL}
        if number < copies:
            first.append(work)
        yield f"s{number}", handed_in(work)
    for number, work in enumerate(first):
        yield f"copy of s{number}", handed_in({id: renamed(source) for id, source in work.items()})


def cost(students: int) -> dict[str, Any]:
    """Seconds and megabytes of a class of that size, and whether the copies were found."""
    copies = max(students // 50, 1)
    made, started, cpu = 0.0, time.perf_counter(), time.process_time()

    def timed() -> Iterator[tuple[str, Submission]]:
        nonlocal made
        source = class_of(students, copies)
        while True:
            start = time.process_time()
            each = next(source, None)
            made += time.process_time() - start
            if each is None:
                return
            yield each

    stages: dict[str, float] = {}

    def on_progress(what: str, done: int, of: int) -> None:
        stages.setdefault(what, time.process_time() - cpu - made)

    found = compare(timed(), ALL, top=max(50, copies), progress=on_progress)
    right = {frozenset((f"s{number}", f"copy of s{number}")) for number in range(copies)}
    whole = [frozenset((pair.first, pair.second)) for pair in found.pairs if "code" in pair.because]
    hits = len(right & set(whole))
    total = time.process_time() - cpu - made
    return {
        "students": students,
        "cpu_s": round(total, 1),
        "of_which_tokens_s": round(stages["comparing"], 1),
        "of_which_passages_s": round(total - stages.get("finding passages", total), 1),
        "wall_s_with_making_the_class": round(time.perf_counter() - started, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "pairs": students * (students - 1) // 2,
        "copies": copies,
        "copies_among_as_many_first": len(right & set(whole[:copies])),
        "recall": round(hits / copies, 3),
        "precision": round(hits / len(whole), 3) if whole else None,
        "threshold": round(found.threshold, 3),
        "standing_out_at_all": found.standing_out,
    }


def separation(seeds: int) -> list[dict[str, Any]]:
    """For each length of n-grams: the least share of a whole copy, the largest of two who copied nothing."""
    ids = [id for id in ALL if len(answers(id)) >= 9]
    rows: list[dict[str, Any]] = []
    chosen = fingerprints.CODE_N
    for length in LENGTHS:
        fingerprints.CODE_N = length
        copies: list[float] = []
        partial: list[float] = []
        others: list[float] = []
        found = wanted = hits = 0
        for seed in range(1, seeds + 1):
            students, planted = planted_class(ids, seed)
            compared = compare([(key, handed_in(work)) for key, work in students], ALL, top=100)
            for pair in compared.pairs:
                who = frozenset((pair.first, pair.second))
                if who not in planted:
                    others.append(pair.share)
                elif "s12" in who:
                    partial.append(max(pair.exercises.values()))
                else:
                    copies.append(pair.share)
                found += "code" in pair.because
                hits += "code" in pair.because and who in planted
            wanted += 4
        rows.append(
            {
                "n": length,
                "least_copy": round(min(copies), 3),
                "most_independent": round(max(others), 3),
                "median_independent": round(sorted(others)[len(others) // 2], 3),
                "one_exercise": round(min(partial), 3),
                "precision": round(hits / found, 3),
                "recall": round(hits / wanted, 3),
            }
        )
    fingerprints.CODE_N = chosen
    return rows


def main() -> None:
    """Print both tables, and write them with ``--json``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=5, help="planted classes; 0: only the cost")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    table: dict[str, Any] = {"machine": platform.platform(), "python": platform.python_version()}
    if options.seeds:
        table["separation"] = separation(options.seeds)
        for row in table["separation"]:
            print(row)
    if options.students:
        table["cost"] = cost(options.students)
        print(table["cost"])
    if options.json:
        options.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
