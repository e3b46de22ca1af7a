"""Grade -> grade.json, schema 1. docs/schema.md describes every field, grade.schema.json checks them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, cast

from grader import __version__
from grader.nouns import CellError, CellRun, ExerciseGrade, Finding, Grade, GraderError
from grader.write.files import write_whole
from grader.write.safe import storable

SCHEMA = 1

# Of any one text, except a picture: a message or a name that is longer helps nobody.
MAX_TEXT = 20_000
MAX_DEPTH = 12
MAX_ITEMS = 10_000

# What a terminal or an editor would act on or hide: C1 and DEL (JSON escapes C0 itself), bidi controls,
# zero-width characters, line separators. Escaped, the file holds the same text and is safe to look at.
_UNSHOWABLE = re.compile(r"[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def to_json(grade: Grade) -> dict[str, Any]:
    """The grade as plain JSON data: finite numbers, and text without lone surrogates or NUL.

    Raises GraderError where points are not a finite number; a total must never be made up.
    """
    submission = grade.submission
    return {
        "schema": SCHEMA,
        "grader_version": __version__,
        "submission": {
            "name": _text(submission.name),
            "sha256": submission.sha256,
            "kind": submission.kind,
            "member": _text(submission.member) if submission.member else None,
            "files": len(submission.files),
            "cells": len(submission.cells),
            "notes": [_text(note) for note in submission.notes],
        },
        "environment": _plain(grade.environment),
        "seed": grade.seed,
        "seconds": _seconds(grade.seconds),
        "points": _points(grade.points, "of the submission"),
        "max_points": _points(grade.max_points, "of the submission"),
        "open_points": _points(grade.open_points, "of the submission"),
        "exercises": [_exercise(exercise) for exercise in grade.exercises],
        "cells": [_run(run) for run in grade.runs],
    }


def to_text(grade: Grade) -> str:
    """The text of grade.json: readable in any script, with invisible characters written as escapes."""
    text = json.dumps(to_json(grade), ensure_ascii=False, allow_nan=False, indent=2)
    return _UNSHOWABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def write_json(grade: Grade, path: Path) -> None:
    """Write grade.json, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, to_text(grade))


def _exercise(exercise: ExerciseGrade) -> dict[str, Any]:
    where = f"of exercise {exercise.id}"
    return {
        "id": exercise.id,
        "title": _text(exercise.title),
        "status": exercise.status.value,
        "points": _points(exercise.points, where),
        "max_points": _points(exercise.max_points, where),
        "open_points": _points(exercise.open_points, where),
        "seconds": _seconds(exercise.seconds),
        "checks": [_check(finding, exercise.id) for finding in exercise.findings],
    }


def _check(finding: Finding, exercise: str) -> dict[str, Any]:
    where = f"of check {finding.name!r} in exercise {exercise}"
    flag = {"flag": _text(finding.flag)} if finding.flag else {}
    return {
        "name": _text(finding.name),
        "title": _text(finding.title),
        "status": finding.status.value,
        "points": _points(finding.points, where),
        "max_points": _points(finding.max_points, where),
        "message": _text(finding.message),
        "detail": None if finding.detail is None else _detail(finding.detail),
        "seconds": _seconds(finding.seconds),
        **flag,
    }


def _run(run: CellRun) -> dict[str, Any]:
    return {
        "index": run.index,
        "ending": run.ending,
        "seconds": _seconds(run.seconds),
        "error": None if run.error is None else _error(run.error),
    }


def _error(error: CellError) -> dict[str, Any]:
    return {
        "name": _text(error.name),
        "message": _text(error.message),
        "traceback": [_text(frame) for frame in error.traceback],
    }


def _detail(detail: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = _plain(detail)
    if isinstance(detail.get("png_base64"), str):
        data["png_base64"] = detail["png_base64"]
    grid = detail.get("grid")
    if isinstance(grid, Sequence):
        # In a map of errors null means "agrees"; an infinite error is the largest there is.
        rows = [row for row in cast("Sequence[Any]", grid) if isinstance(row, Sequence)]
        data["grid"] = [[_plain(value, beyond=1.0) for value in cast("Sequence[Any]", row)] for row in rows]
    return data


def _plain(value: Any, depth: int = 0, beyond: float | None = None) -> Any:
    """JSON data for any value of a detail or the environment; ``beyond`` stands for nan and inf."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else beyond
    if depth >= MAX_DEPTH:
        return _text(str(value))
    if isinstance(value, Mapping):
        items = list(cast("Mapping[Any, Any]", value).items())[:MAX_ITEMS]
        return {_text(str(key)): _plain(item, depth + 1) for key, item in items}
    if isinstance(value, AbstractSet):
        return sorted(_text(str(item)) for item in cast("AbstractSet[Any]", value))[:MAX_ITEMS]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [_plain(item, depth + 1) for item in list(cast("Sequence[Any]", value))[:MAX_ITEMS]]
    return _text(str(value))


def _text(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return storable(text)
    return f"{storable(text[:MAX_TEXT])}… ({len(text) - MAX_TEXT:,} more characters)"


def _points(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise GraderError(f"The points {where} are {value}, which is not a number of points.")
    # Sums of tenths come out as 0.30000000000000004.
    return round(value, 6)


def _seconds(value: float) -> float:
    return round(max(value, 0.0), 4) if math.isfinite(value) else 0.0
