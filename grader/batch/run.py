"""The flow for a class: HandedIn* -> Task* -> engine -> Outcome* -> ClassGrades -> class report.

Everything that is done is in the gradebook at once, so this may be stopped, or killed, at any moment: the next run
does what is missing.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from grader.batch.job import EVERYBODY, Job, Outcome, Task
from grader.batch.log import Log
from grader.batch.publish import publish
from grader.gradebook import Gradebook
from grader.nouns import ClassGrades, HandedIn, Student
from grader.read.student_folders import folder_name
from grader.write.class_report import write_class_report


class Engine(Protocol):
    """Grades tasks somewhere; see ``local`` and ``cluster``."""

    stopping: Callable[[], bool]  # whether to begin nothing more
    tell: Callable[..., None]  # what happens, for the log: an event, and details by name

    def grade(self, tasks: Sequence[Task]) -> Generator[Outcome | None]: ...

    def under_way(self) -> list[tuple[str, str]]: ...


@dataclass(slots=True)
class Tally:
    """What has been done so far."""

    total: int
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    stopped: bool = False  # before everything was done

    def count(self, state: str) -> int:
        return sum(outcome.state == state and not outcome.kept for outcome in self.outcomes)

    @property
    def trouble(self) -> bool:
        """Whether something of the grader's own broke, and points wait for that to be mended."""
        return any(one.state == "failed" or one.statuses.get("broken") for one in self.outcomes)

    @property
    def kept(self) -> int:
        return sum(outcome.kept for outcome in self.outcomes)


class Stop:
    """Ctrl-C, or SIGTERM: the first asks to finish what is under way, the second ends it at once."""

    def __init__(self, told: Callable[[], None] = lambda: None) -> None:
        self.asked = False
        self._told = told
        self._before: dict[int, object] = {}

    def __enter__(self) -> Stop:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self._told()


def tasks_of(handed: Sequence[HandedIn], book: Gradebook, job: Job, again: Collection[str]) -> list[Task]:
    """What there is to do, the longest first where earlier times are known: so that no core idles at the end.

    Those never graded come first, since they may take any time.
    """
    durations = book.durations(job.name)
    tasks = [
        Task(each, f"students/{folder_name(each.student)}", EVERYBODY in again or each.student.id in again)
        for each in handed
    ]
    return sorted(tasks, key=lambda task: -durations.get(task.handed.student.id, float("inf")))


def run(
    engine: Engine,
    tasks: Sequence[Task],
    stop: Stop,
    log: Log,
    show: Callable[[Tally, Outcome | None], None],
) -> Tally:
    """Have the engine grade the tasks. `show` is told of each outcome, and about once a second of none."""
    tally = Tally(len(tasks))
    engine.stopping = lambda: stop.asked
    engine.tell = log.write
    log.write("start", tasks=len(tasks))
    with contextlib.closing(engine.grade(tasks)) as outcomes:
        for outcome in outcomes:
            if outcome is not None:
                tally.outcomes.append(outcome)
                log.write(
                    "kept" if outcome.kept else outcome.state,
                    student=outcome.student,
                    seconds=outcome.seconds,
                )
            show(tally, outcome)
    tally.stopped = len(tally.outcomes) < len(tasks)
    log.write("end", done=len(tally.outcomes))
    return tally


def write_results(
    book: Gradebook, job: Job, out: Path, roster: Sequence[Student], tally: Tally, handed: Sequence[HandedIn]
) -> ClassGrades:
    """Bring the class's folder up to date with the gradebook: points, students' files, index.html."""
    book.rescore(job.name, job.assignment.scored)  # a due date, weights or extensions may have changed
    keys = {outcome.student: outcome.key for outcome in tally.outcomes}
    grades = book.grades(job.name, roster, {each.student.id for each in handed}, keys)
    for attempt in grades.attempts:
        publish(book, job.name, attempt, out)
    write_class_report(grades, out / "index.html")
    return grades
