"""Thresholds that were measured: what the reference reached on many seeds, kept beside its file.

``grade calibrate`` writes ``q4_two_moons.calibration.json`` beside ``q4_two_moons.py``. What it holds is true of
the versions, the device, the data and the sources that it was measured with; with others it is stale, and
whoever uses it says so.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.examine.randomness import Random
from grader.examine.solutions import read_reference, reference_path
from grader.nouns import Check, Exercise, GraderError

SCHEMA = 1
SPREADS = 2.0  # how far above the best score a better answer may be, in spreads of the reference's scores
LEAST_MARGIN = 0.01  # and at least this share of the best score
TRIES = 3  # any of them may pass: a right answer fails one time in C(23, 3) = 1,771, with 20 seeds

WORDS = {
    "torch": "torch {then} was in use, and now it is {now}",
    "device": "the device was {then}, and now it is {now}",
    "data": "the data were {then}, and now they are {now}",
    "exercise": "the exercise has changed since",
    "solution": "the reference solution has changed since",
}


@dataclass(frozen=True, slots=True)
class Scored:
    """What the decorator ``calibrated`` knows of a check: one training, and what its score is compared with."""

    score: Callable[[Any, Random], float]  # trains once and tells how well; more is better
    asked: float | None  # what the question promises to be enough
    half: float | None  # what earns half of the points
    tries: int
    data: Callable[[], str] | None  # names the data, with its version


@dataclass(frozen=True, slots=True)
class Power:
    """How often a wrong answer passed."""

    gradings: int
    passed: int
    told_by: str  # "margin", "count", "no score", or "" where it could not be told
    holds: bool | None  # fails 99 times of 100 or more; None: not told
    scores: tuple[float, ...] = ()  # of single trainings, as far as they came to a score


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the reference reached, and with what."""

    scores: tuple[float, ...]
    made_with: Mapping[str, str]
    made_on: str = ""
    power: Mapping[str, Power] = field(default_factory=dict[str, Power])  # wrong answer -> how it fared
    proof: Power | None = None  # gradings of the reference: how often it passed

    @property
    def threshold(self) -> float:
        return min(self.scores)

    @property
    def too_good(self) -> float:
        """What no honest training is expected to exceed: twice the spread of the scores above the best of them."""
        best = max(self.scores)
        return best + max(SPREADS * (best - min(self.scores)), LEAST_MARGIN * abs(best))


@dataclass(frozen=True, slots=True)
class Limit:
    """What a check demands, and what has to be said about it."""

    threshold: float
    remark: str = ""
    too_good: float = math.inf  # a person looks at a score above this; it costs no point


def scored(check: Check) -> Scored | None:
    """The check's training, if it is one with a calibrated threshold."""
    return getattr(check.function, "__scored__", None)


def limit_of(exercise: Exercise, check: Check) -> Limit:
    """The threshold of a calibrated check.

    What the question asks for, where the reference always reached it; else the worst that it reached.
    Raises ``GraderError`` where nothing is asked for and nothing was measured.
    """
    kind = scored(check)
    assert kind is not None
    known = read_calibrations(exercise).get(check.name)
    remedy = f"An instructor can run `grade calibrate {exercise.id}`."
    if known is None:
        if kind.asked is None:
            raise GraderError(
                f"{exercise.id} {check.name} has no threshold yet: `grade calibrate {exercise.id}`"
            )
        return Limit(kind.asked, f"(This limit was never measured on this installation. {remedy})")
    threshold = known.threshold if kind.asked is None else min(kind.asked, known.threshold)
    reasons = staleness(known, exercise, kind)
    remark = f"(This limit was measured when {reasons[0]}. {remedy})" if reasons else ""
    return Limit(threshold, remark, known.too_good)


def staleness(known: Calibration, exercise: Exercise, kind: Scored) -> list[str]:
    """Why a calibration no longer holds; empty where it does."""
    now = circumstances(exercise, kind)
    return [
        WORDS[what].format(then=known.made_with.get(what, "unknown"), now=value)
        for what, value in now.items()
        if _compared(what, known.made_with.get(what, "")) != _compared(what, value)
    ]


def circumstances(exercise: Exercise, kind: Scored) -> dict[str, str]:
    """What a threshold depends on."""
    import torch

    return {
        "torch": torch.__version__,
        "device": "cpu",
        "data": kind.data() if kind.data else "drawn by the check",
        "exercise": _digest(_without_docstring(exercise.path.read_text(encoding="utf-8"))),
        "solution": _digest(read_reference(exercise).solution),
    }


def read_calibrations(exercise: Exercise) -> dict[str, Calibration]:
    """What was measured for an exercise, by check; empty where there is nothing.

    Raises ``GraderError`` for a file that is damaged.
    """
    path = calibration_path(exercise)
    if not path.is_file():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {name: _calibration(one) for name, one in held["checks"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraderError(
            f"{path} is damaged ({error}); `grade calibrate {exercise.id}` makes it anew"
        ) from error


def write_calibrations(exercise: Exercise, known: Mapping[str, Calibration]) -> Path:
    """Store what was measured beside the reference file; returns where."""
    from grader.write.files import write_whole

    path = calibration_path(exercise)
    held = {"schema": SCHEMA, "checks": {name: _rounded(asdict(one)) for name, one in known.items()}}
    text = json.dumps(held, indent=1, ensure_ascii=False)
    # scores by the hundred, in one line and not in as many
    text = re.sub(r"\[[-+\d.e,\s]*\]", lambda row: re.sub(r"\s+", " ", row[0]), text)
    write_whole(path, text + "\n")
    return path


def calibration_path(exercise: Exercise) -> Path:
    return reference_path(exercise).with_suffix(".calibration.json")


def _calibration(held: Mapping[str, Any]) -> Calibration:
    scores = tuple(float(score) for score in held["scores"])
    if not scores:
        raise ValueError("no scores")
    power = {str(name): _power(one) for name, one in held.get("power", {}).items()}
    proof = _power(held["proof"]) if held.get("proof") else None
    return Calibration(scores, dict(held["made_with"]), str(held.get("made_on", "")), power, proof)


def _power(held: Mapping[str, Any]) -> Power:
    scores = tuple(float(score) for score in held["scores"])
    return Power(held["gradings"], held["passed"], held["told_by"], held["holds"], scores)


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 6)
        case dict():
            return {key: _rounded(one) for key, one in value.items()}
        case tuple() | list():
            return [_rounded(one) for one in value]
        case _:
            return value


def _compared(what: str, value: str) -> str:
    """Of torch the minor version matters: 2.13.0 and 2.13.1+cpu are alike."""
    return ".".join(value.split(".")[:2]) if what == "torch" else value


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def _without_docstring(source: str) -> str:
    """The code of an exercise: another wording of its prompt changes no score."""
    first = ast.parse(source).body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return "\n".join(source.splitlines()[first.end_lineno if is_text else 0 :])
