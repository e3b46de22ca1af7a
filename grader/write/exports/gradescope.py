"""One grading -> results.json, as Gradescope's harness takes it from an autograder.

The fields are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/ and no others. ``output`` of the
format ``text`` stands in a <pre>, escaped. Standard output is shown to instructors only, unless told otherwise:
``stdout_visibility`` stays ``hidden``, since the log of a grading is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, cast

from grader import __version__
from grader.nouns import Attempt, ExerciseGrade, Finding, Status
from grader.write.exports.hidden import Hidden, without_titles
from grader.write.files import write_whole
from grader.write.safe import body, cut, line
from grader.write.words import OPEN, number, of_points, seconds

Visibility = Literal["hidden", "after_due_date", "after_published"]

_FORMATS = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}


def results(
    attempt: Attempt, hidden: Hidden = frozenset(), when: Visibility = "after_published"
) -> dict[str, Any]:
    """The JSON data of results.json: a test per check, and the total.

    The score is the attempt's, with weights and lateness, and not the sum of the tests. Checks in ``hidden`` are shown
    ``when``; one without points never, since Gradescope keeps the total from students while tests with points are
    hidden. What a person decides has no score: it is not lost.
    """
    if attempt.state != "graded":
        return failure(attempt.message or "The submission could not be graded.")
    exercises = [without_titles(exercise, hidden) for exercise in attempt.exercises]
    tests = [
        _test(f"{exercise.id}.{place}", exercise, finding, _visibility(exercise, finding, hidden, when))
        for exercise in exercises
        for place, finding in enumerate(exercise.findings, start=1)
    ]
    return {
        "score": _points(attempt.points),
        "execution_time": _points(attempt.seconds),
        "output": "\n".join(_summary(attempt)),
        **_FORMATS,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "grader_version": __version__,
            "max_points": _points(attempt.max_points),
            "open_points": _points(attempt.open_points),
            "sha256": attempt.sha256,
            "seed": str(attempt.seed),  # may be larger than what a JavaScript number holds
            "isolation": attempt.isolation,
        },
        "tests": tests,
    }


def failure(message: str) -> dict[str, Any]:
    """What is shown where nothing could be graded: no points, and the message."""
    return {
        "score": 0.0,
        "output": cut(message, body, characters=4_000, lines=60).text.strip() or "Nothing could be graded.",
        **_FORMATS,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def results_text(data: dict[str, Any]) -> str:
    """The text of results.json; ASCII, so that no container's locale matters."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False, indent=2) + "\n"


def write_results(data: dict[str, Any], path: Path) -> None:
    """Write results.json, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, results_text(data))


def _test(number: str, exercise: ExerciseGrade, finding: Finding, visibility: str) -> dict[str, Any]:
    name = f"{exercise.id} {line(exercise.title, 80)}: {line(finding.title)}"
    test: dict[str, Any] = {
        "number": number,
        "name": name,
        "name_format": "text",
        "status": "passed",
        "output": _output(finding),
        "output_format": "text",
        "tags": [exercise.id, finding.status.value],
        "visibility": visibility,
    }
    if finding.status in OPEN:
        # Gradescope knows passed and failed only, and shows what has neither as failed.
        return test | {"name": f"Not decided yet: {name}"}
    scores = {"score": _points(finding.points), "max_score": _points(finding.max_points)}
    good = finding.status in (Status.PASSED, Status.INCONCLUSIVE)
    return scores | test | {"status": "passed" if good else "failed"}


def _output(finding: Finding) -> str:
    """The message, and what the student's code said. Rubrics, written answers and our own faults stay out."""
    said = [finding.message]
    detail = finding.detail or {}
    if detail.get("kind") == "traceback":
        frames: Any = detail.get("frames")
        if isinstance(frames, list):
            said += [str(frame) for frame in cast("list[Any]", frames)[:20]]
        said.append(f"{detail.get('name', '')}: {detail.get('message', '')}")
    elif detail.get("kind") == "stdout":
        said += ["Printed:", str(detail.get("text", ""))]
    shown = cut("\n".join(text for text in said if text), body)
    return "\n".join(text for text in (shown.text, shown.note) if text)


def _visibility(exercise: ExerciseGrade, finding: Finding, hidden: Hidden, when: Visibility) -> str:
    if (exercise.id, finding.name) not in hidden:
        return "visible"
    return when if finding.max_points else "hidden"


def _summary(attempt: Attempt) -> Iterator[str]:
    yield f"{number(attempt.points)} of {of_points(attempt.max_points)}."
    if number(attempt.open_points) != "0":
        verb = "waits" if number(attempt.open_points) == "1" else "wait"
        yield f"{of_points(attempt.open_points)} {verb} for a person."
    if attempt.days_late > 0:
        yield f"Late: {of_points(attempt.raw_points)} without the deduction."
    if attempt.seconds:
        yield f"Graded in {seconds(attempt.seconds)}."


def _points(value: float) -> float:
    return round(value, 6)
