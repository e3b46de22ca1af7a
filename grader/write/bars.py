"""The picture of a result: bars as long as their points, each piece in the pattern of its status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from grader.nouns import ExerciseGrade, Finding, Grade, Status
from grader.write.safe import line
from grader.write.words import number, of_points

HEIGHT = 14


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a bar."""

    status: Status
    points: float
    title: str  # shown by the browser when the pointer rests on it


def exercise_bar(exercise: ExerciseGrade, full: float) -> Markup:
    """The bar of one exercise, as an SVG; ``full`` points would fill the whole width.

    The SVG is hidden from screen readers: the same facts stand beside it as text.
    """
    pieces = [piece for finding in exercise.findings for piece in _pieces(finding)]
    if not pieces and exercise.max_points > 0:
        pieces = [Piece(exercise.status, exercise.max_points, exercise.status.value)]
    return _bar(pieces, full)


def total_bar(grade: Grade) -> Markup:
    """The bar of the whole submission, its pieces sorted by status."""
    return _bar([Piece(status, points, status.value) for status, points in shares(grade)], grade.max_points)


def shares(grade: Grade) -> list[tuple[Status, float]]:
    """How many of the points have which fate, in the order of Status, without the empty ones."""
    sums = dict.fromkeys(Status, 0.0)
    for exercise in grade.exercises:
        pieces = [piece for finding in exercise.findings for piece in _pieces(finding)]
        for piece in pieces or [Piece(exercise.status, exercise.max_points, "")]:
            sums[piece.status] += piece.points
    return [(status, points) for status, points in sums.items() if number(points) != "0"]


def _pieces(finding: Finding) -> list[Piece]:
    """What was earned, then the rest under the status that says why."""
    full = max(finding.max_points, 0.0)
    earned = min(max(finding.points, 0.0), full)
    # The part that a partly right answer did not earn looks like any other loss.
    lost = Status.FAILED if finding.status in (Status.PARTIAL, Status.PASSED) else finding.status
    title = line(finding.title, 120)
    pieces = [
        Piece(Status.PASSED, earned, f"{title}: {of_points(earned)} earned"),
        Piece(lost, full - earned, f"{title}: {lost.value}, {of_points(full - earned)}"),
    ]
    return [piece for piece in pieces if piece.points > 1e-9]


def _bar(pieces: Iterable[Piece], full: float) -> Markup:
    rects: list[Markup] = []
    at = 0.0
    for piece in pieces:
        width = 100 * piece.points / full if full > 0 else 0.0
        rects.append(
            Markup(
                '<rect class="s-{}" x="{:.3f}%" width="{:.3f}%" height="{}"><title>{}</title></rect>'
            ).format(slug(piece.status), at, width, HEIGHT, piece.title)
        )
        at += width
    # A rectangle without a status is the outline; its width is that of all the pieces.
    outline = Markup('<rect class="outline" width="{:.3f}%" height="{}"/>').format(min(at, 100.0), HEIGHT)
    return Markup(
        '<svg class="bar" width="100%" height="{}" aria-hidden="true" focusable="false">{}{}</svg>'
    ).format(HEIGHT, Markup("").join(rects), outline)


def slug(status: Status) -> str:
    """The status as a CSS class: ``not-attempted``."""
    return status.value.replace(" ", "-")
