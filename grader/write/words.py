"""The words and numbers that the terminal and the report have in common."""

from __future__ import annotations

import math

from grader.nouns import ExerciseGrade, Finding, Grade, Status

# An icon of its own shape for every status; a terminal without Unicode gets the plain one.
ICONS: dict[Status, tuple[str, str]] = {
    Status.PASSED: ("✓", "+"),
    Status.FAILED: ("✗", "x"),
    Status.PARTIAL: ("◐", "~"),
    Status.SKIPPED: ("↷", ">"),
    Status.WAITING: ("⋯", "?"),
    Status.INCONCLUSIVE: ("≈", "="),
    Status.NOT_ATTEMPTED: ("○", "-"),
    Status.BROKEN: ("⚠", "!"),
}

MEANINGS: dict[Status, str] = {
    Status.PASSED: "all points earned",
    Status.FAILED: "not right yet",
    Status.PARTIAL: "right in part",
    Status.SKIPPED: "not looked at, because a check that it builds on failed or the machine lacks something",
    Status.WAITING: "a person reads the answer and gives the points",
    Status.INCONCLUSIVE: "the machine was too busy to tell; the points are given",
    Status.NOT_ATTEMPTED: "no answer was found",
    Status.BROKEN: "the grader failed here, not the answer; the points stay open",
}

# Not decided yet: no points here does not mean that none were earned.
OPEN = (Status.WAITING, Status.BROKEN)

# What deserves a reader's eye first: a defect of the grader hides what the answer is worth.
_URGENT = (Status.BROKEN, Status.FAILED, Status.PARTIAL, Status.INCONCLUSIVE)


def number(value: float) -> str:
    """Points as people write them: 3, 2.5, 0.33."""
    if not math.isfinite(value):
        return "?"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def of_points(value: float) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{number(value)} {'point' if number(value) == '1' else 'points'}"


def seconds(value: float) -> str:
    """A duration that a person takes in at a glance: ``20 ms``, ``1.4 s``, ``2 min 5 s``."""
    if not math.isfinite(value) or value < 0:
        return "?"
    if value < 0.0995:
        return f"{value * 1000:.0f} ms"
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def totals(grade: Grade) -> str:
    """``Graded so far 31.5 of 54 points; 8 points wait for a person.``"""
    decided = grade.max_points - grade.open_points
    earned = f"{number(grade.points)} of {of_points(decided)}"
    if number(grade.open_points) == "0":
        return f"{earned}."
    verb = "waits" if number(grade.open_points) == "1" else "wait"
    return f"Graded so far {earned}; {of_points(grade.open_points)} {verb} for a person."


def telling(exercise: ExerciseGrade) -> Finding | None:
    """The one finding that helps most: the first that failed, unless the grader broke; else None."""
    for status in _URGENT:
        wanted = (status, Status.PARTIAL) if status is Status.FAILED else (status,)
        for finding in exercise.findings:
            if finding.status in wanted:
                return finding
    return None


def gist(exercise: ExerciseGrade) -> str:
    """The first line of what the telling finding says; empty if there is nothing to say. Not escaped."""
    finding = telling(exercise)
    if finding is not None:
        said = next((row.strip() for row in finding.message.splitlines() if row.strip()), "")
        return said or f"Not so: {finding.title}"
    if exercise.status is Status.WAITING or number(exercise.open_points) != "0":
        verb = "waits" if number(exercise.open_points) == "1" else "wait"
        return f"{of_points(exercise.open_points)} {verb} for a person."
    return ""
