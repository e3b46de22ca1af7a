"""The key of a grading: whatever could change the result is in it, and nothing else.

Two gradings with the same key come to the same points, so the second need not be done. Names, places on disk and
times are not in it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import grader
from grader.examine.solutions import reference_path
from grader.nouns import Exercise, Submission

# What of the package makes a grade: sources, and the data sets that checks draw from.
SOURCES = {".py", ".j2", ".css", ".json", ".gz", ".csv", ".txt"}
_QUESTION = re.compile(r"q\d+[a-z]?_\w+\.py")


def content_key(
    submission: Submission,
    assignment_key: str,
    exercises: Mapping[str, Exercise],
    data: str,
    seed: int,
    kernel: str = "warm",
) -> str:
    """The key, as 64 hexadecimal digits.

    Args:
        assignment_key: stands for the settings of the assignment that bear on the grading itself, such as limits.
        exercises: what is graded, by id.
        data: which data sets notebooks load: "small" or "full".
        kernel: how kernels are started: "warm" or "cold".
    """
    return _digest(
        {
            "submission": submission.sha256,
            "member": submission.member,
            "assignment": assignment_key,
            "grader": grader_digest(),
            "shared": shared_digest(),
            "exercises": {id: exercise_digest(exercise) for id, exercise in exercises.items()},
            "data": data,
            "seed": seed,
            "kernel": kernel,
            "torch": torch_version(),
        }
    )


@functools.cache
def grader_digest() -> str:
    """Of the grader's own sources, by their places in the package. Looked up once per process: 10 ms."""
    return tree_digest(Path(grader.__file__).parent)


def tree_digest(root: Path) -> str:
    """Of all sources below a folder. Where the folder is makes no difference."""
    return _digest({path.relative_to(root).as_posix(): _of_file(path) for path in _sources(root)})


@functools.cache
def shared_digest() -> str:
    """Of the modules beside the exercises that some of them import."""
    spec = importlib.util.find_spec("exercises")
    roots = [Path(root) for root in (spec and spec.submodule_search_locations) or ()]
    return _digest(
        {
            path.relative_to(root).as_posix(): _of_file(path)
            for root in roots
            for path in _sources(root)
            if not _QUESTION.fullmatch(path.name)
        }
    )


def exercise_digest(exercise: Exercise) -> str:
    """Of an exercise's file, its reference file, and the thresholds that were measured on it."""
    reference = reference_path(exercise)
    parts = {"exercise": exercise.path, "reference": reference}
    calibration = reference.with_suffix(".calibration.json")
    if calibration.is_file():
        parts["calibration"] = calibration
    return _digest({part: _of_file(path) for part, path in parts.items()})


@functools.cache
def torch_version() -> str:
    """As it is installed; importing torch for it would take seconds."""
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _sources(root: Path) -> Iterable[Path]:
    # Sorted by nothing: the canonical JSON does that.
    return (path for path in root.rglob("*") if path.suffix in SOURCES and path.is_file())


def _of_file(path: Path) -> str:
    """Files of the same size, place and time of change are the same within a run of the command."""
    status = path.stat()
    return _read_digest(path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=4096)
def _read_digest(path: Path, size: int, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(value: object) -> str:
    """Of canonical JSON: keys sorted, no spaces, ASCII only, so that lone surrogates do no harm."""
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
    ).hexdigest()
