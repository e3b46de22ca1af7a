"""What one sees of a batch: a line for each student as the result comes, a bar with rate and time left, a summary."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from grader.batch.job import Outcome
from grader.batch.run import Tally
from grader.nouns import ClassGrades
from grader.write.safe import line

_STYLES = {"graded": "green", "unreadable": "yellow", "failed": "red"}
_ORDER = ("passed", "partial", "failed", "waiting", "not attempted", "broken", "skipped", "inconclusive")
BUSY_SHOWN = 3


class Show:
    """Told of each outcome; see ``run``. Lines go to standard output, the bar to the terminal only."""

    def __init__(self, total: int, under_way: Callable[[], list[tuple[str, str]]], quiet: bool) -> None:
        self._quiet = quiet
        self._under_way = under_way
        self._out = Console(highlight=False)
        self._start = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            console=self._out if self._out.is_terminal else Console(stderr=True),
            transient=True,
            disable=quiet or not (self._out.is_terminal or sys.stderr.isatty()),
        )
        self._task = self._bar.add_task("starting", total=total, pace="")

    def __enter__(self) -> Show:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, tally: Tally, outcome: Outcome | None) -> None:
        if outcome is not None and not self._quiet and not (outcome.kept and outcome.state == "graded"):
            self._out.print(line_of(outcome), soft_wrap=True)
        self._bar.update(
            self._task,
            completed=len(tally.outcomes),
            description=self._doing(),
            pace=pace(tally, time.monotonic() - self._start),
        )

    def stopping(self) -> None:
        if not self._quiet:
            self._bar.console.print(
                "Stopping: what is under way is finished; once more Ctrl-C ends it at once. "
                "The same command goes on later."
            )

    def summary(self, tally: Tally, grades: ClassGrades, where: str) -> None:
        if self._quiet:
            return
        for text in summary(tally, grades, time.monotonic() - self._start):
            self._out.print(text, soft_wrap=True, markup=False)
        self._out.print(f"Class report: {where}", soft_wrap=True, markup=False)

    def _doing(self) -> str:
        busy = self._under_way()
        if not busy:
            return "starting"
        names = [f"{line(id, 24)} {step}".strip() for id, step in busy[:BUSY_SHOWN]]
        return "; ".join(names) + (f" and {len(busy) - BUSY_SHOWN} more" if len(busy) > BUSY_SHOWN else "")


def line_of(outcome: Outcome) -> Text:
    """One student's result on one line. Names are the student's own text: control characters never get here."""
    who = line(f"{outcome.student} {outcome.name}".strip(), 44)
    if outcome.state != "graded":
        return Text.assemble(
            (f"{who:<44} ", ""), (outcome.state, _STYLES[outcome.state]), f": {line(outcome.message, 200)}"
        )
    points = f"{outcome.points:g} of {outcome.max_points:g}"
    still = f", {outcome.open_points:g} open" if outcome.open_points else ""
    found = ", ".join(
        f"{outcome.statuses[status]} {status}" for status in _ORDER if outcome.statuses.get(status)
    )
    style = "red" if outcome.statuses.get("broken") else "green"
    return Text.assemble(
        f"{who:<44} ", (f"{points + still:<24}", style), f" {found}  {outcome.seconds:.1f} s"
    )


def pace(tally: Tally, seconds: float) -> str:
    """How many a minute, and how long it will take. What had been graded before tells nothing of either."""
    fresh = len(tally.outcomes) - tally.kept
    if fresh < 2:
        return ""
    left = (tally.total - len(tally.outcomes)) * seconds / fresh
    return f"{60 * fresh / seconds:.3g} a minute, {duration(left)} left"


def summary(tally: Tally, grades: ClassGrades, seconds: float) -> list[str]:
    """What was done, in a few lines."""
    done = {
        "graded": tally.count("graded"),
        "graded before": tally.kept,
        "unreadable": tally.count("unreadable"),
        "failed": tally.count("failed"),
        "not begun": tally.total - len(tally.outcomes),
    }
    lines = [", ".join(f"{number} {what}" for what, number in done.items() if number) or "nothing to grade"]
    lines[0] += f"; {duration(seconds)}"
    scores = sorted(attempt.points for attempt in grades.attempts if attempt.state == "graded")
    if scores:
        median = (scores[(len(scores) - 1) // 2] + scores[len(scores) // 2]) / 2
        lines.append(
            f"Points of {len(scores)}: median {median:g} of {grades.points:g}, "
            f"from {scores[0]:g} to {scores[-1]:g}"
        )
    waiting = sum(attempt.open_points > 0 for attempt in grades.attempts)
    if waiting:
        lines.append(f"{waiting} wait for a person to mark something")
    if grades.missing:
        lines.append(f"{len(grades.missing)} of the roster handed in nothing")
    return lines


def duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
