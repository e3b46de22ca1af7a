"""A process of its own that records; ``test_several_processes.py`` starts it.

recorder.py PLACE crash FIRST     attempts FIRST, FIRST + 1, ..., each named on stdout once it is recorded
recorder.py PLACE race ME         opens a new gradebook and records the same thirty as the others do
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from made_up_attempts import ASSIGNMENT, attempt, exercise

from grader.gradebook import Gradebook

EXERCISES = tuple(exercise(f"1.1.{number}", 40) for number in range(10))
DOCUMENTS = {"grade.json": b"{}", "report.html": bytes(range(256)) * 200}


def crash(book: Gradebook, first: int) -> None:
    print("ready", flush=True)
    for number in count(first):
        student = f"s{number}"
        book.record(ASSIGNMENT, attempt(student, exercises=EXERCISES), DOCUMENTS)
        print(student, flush=True)


def race(book: Gradebook, me: int) -> None:
    for number in range(30):
        kept = book.record(ASSIGNMENT, attempt(f"s{number}", points=float(me)), {"grade.json": b"%d" % me})
        print(f"s{number} {kept.points:g}")


if __name__ == "__main__":
    place, what, number = sys.argv[1:]
    if what == "race":
        print("ready", flush=True)
        sys.stdin.readline()
    with Gradebook.open(place if "://" in place else Path(place)) as book:
        book.begin(ASSIGNMENT, "Unit 1", None)
        (crash if what == "crash" else race)(book, int(number))
