"""grade.json -> the Attempt that it tells of, so that one grading is exported like one of a class."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from grader.nouns import Attempt, BadInput, ExerciseGrade, Finding, Grade, Status, Student
from grader.write.results import to_json

MAX_BYTES = 256 * 2**20  # a report with many pictures has some ten MB


def read_attempt(path: Path) -> Attempt:
    """The grading that a grade.json holds, schema 1 (docs/schema.md).

    Raises BadInput, with the place in the file, where it is not such a file.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path} is larger than {MAX_BYTES // 2**20} MB: this is no grade.json.")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: this is no grade.json.") from error
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror or error}).") from error
    try:
        data: Any = json.loads(text, parse_float=_finite, parse_int=_whole, parse_constant=_refused)
        return attempt_of(data)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is not JSON as `grade` writes it ({error}).") from error


def attempt_of_grade(grade: Grade) -> Attempt:
    """The same for a grade that has not been written."""
    return attempt_of(to_json(grade))


def attempt_of(data: Any) -> Attempt:
    """The same for the JSON data of a grade.json. Raises BadInput where it is not of schema 1."""
    if (problem := _problem(data)) is not None:
        raise BadInput(f"this is no grade.json of schema 1: {problem}")
    submission, environment = data["submission"], data["environment"]
    return Attempt(
        student=Student(id=submission["name"], name=submission["name"]),
        key="",
        state="graded",
        exercises=tuple(_exercise(exercise) for exercise in data["exercises"]),
        points=float(data["points"]),
        raw_points=float(data["points"]),
        max_points=float(data["max_points"]),
        open_points=float(data["open_points"]),
        name=submission["name"],
        sha256=submission["sha256"],
        seed=data["seed"],
        isolation=str(environment.get("isolation_level", "")),
        versions=environment.get("versions", {}),
        endings=Counter(cell["ending"] for cell in data["cells"]),
        seconds=float(data["seconds"]),
    )


def _exercise(data: Mapping[str, Any]) -> ExerciseGrade:
    return ExerciseGrade(
        id=data["id"],
        title=data["title"],
        status=Status(data["status"]),
        points=float(data["points"]),
        max_points=float(data["max_points"]),
        open_points=float(data["open_points"]),
        seconds=float(data["seconds"]),
        findings=tuple(_finding(check) for check in data["checks"]),
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        name=data["name"],
        title=data["title"],
        status=Status(data["status"]),
        points=float(data["points"]),
        max_points=float(data["max_points"]),
        message=data["message"],
        detail=data["detail"],
        seconds=float(data["seconds"]),
    )


def _problem(data: Any) -> str | None:
    """The first thing that the schema does not allow, with its place."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator().iter_errors(data))
    return None if error is None else f"{error.json_path}: {error.message[:200]}"


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads((files("grader.write") / "grade.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refused(text)


def _whole(text: str) -> int:
    return int(text) if len(text) <= 20 else _refused(text)


def _refused(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is no number that a grade holds")
