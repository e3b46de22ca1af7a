"""A process that grades, one submission after the other: ``python -m grader.batch.marker DESCRIPTOR``, or a fork.

It is told its job, then tasks; it answers each with steps and an outcome, once that is in the gradebook. It ends at
once when whoever leads the batch does: its warm parent then ends every process of the submission at hand.
"""

from __future__ import annotations

import gc
import os
import queue
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NoReturn

from grader.batch.lines import Hung, Lines
from grader.nouns import BadInput, NotIsolated

Orders = queue.SimpleQueue[dict[str, Any]]


def main() -> None:
    serve(socket.socket(fileno=int(sys.argv[1])))


def serve(connection: socket.socket) -> NoReturn:
    """The rest of this process's life, with whoever leads at the other end of `connection`."""
    lines = Lines(connection)
    orders: Orders = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines, orders), daemon=True).start()
    code = 0
    try:
        _work(lines, orders)
    except (BadInput, NotIsolated) as error:  # nothing can be graded here, by no other process either
        _say(lines, {"refused": str(error)})
    except BaseException as error:  # noqa: BLE001 - whoever leads shows it, and takes another process
        traceback.print_exc()
        code = 1
        _say(lines, {"broken": f"{type(error).__name__}: {error}"[:2_000]})
    finally:
        sys.stderr.flush()
        os._exit(code)  # nothing is left to be tidied up


def _listen(lines: Lines, orders: Orders) -> None:
    try:
        while True:
            for order in lines.hear():
                orders.put(order)
    except Hung:
        os._exit(0)  # the gradebook holds whole attempts or none; the warm parent sees us go


def _work(lines: Lines, orders: Orders) -> None:
    from grader.execute.kernels import start_kernels
    from grader.execute.launch import ProcessLimits

    told = orders.get()["job"]
    limits = told["assignment"]["limits"]
    process = ProcessLimits(limits["memory"], limits["processes"], limits["disk"])
    source = start_kernels(told["kernel"], process)  # imports torch while we do

    from grader.batch.bench import Bench
    from grader.batch.job import Job, Task
    from grader.catalogue import catalogue
    from grader.data import places
    from grader.examine.remembered import remember_in
    from grader.gradebook import Gradebook
    from grader.grading import Step

    job = Job.from_data(told, catalogue())
    places.choose(job.assignment.data)
    remember_in(Path(job.results) / ".references" if job.results else None)

    def say(step: Step) -> None:
        _say(lines, {"step": f"{step.what} {step.done}/{step.total}"})

    with source, Gradebook.open(job.book) as book:
        bench = Bench(job, source, book)
        _say(lines, {"ready": True})
        gc.collect()
        gc.freeze()  # what was imported is not garbage; looking through it took a tenth of the time
        while True:
            order = orders.get()
            task = Task.from_data(order["task"])
            failed = order["failed"]
            outcome = bench.failed(task, failed) if failed else bench.grade(task, say)
            _say(lines, {"outcome": outcome.to_data()})


def _say(lines: Lines, message: dict[str, Any]) -> None:
    try:
        lines.say(message)
    except Hung:
        os._exit(0)


if __name__ == "__main__":
    main()
