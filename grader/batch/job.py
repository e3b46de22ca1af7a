"""What travels between the process that leads a batch and those that grade: a job, its tasks, their outcomes.

All of it goes over a socket, or a cluster's network, as plain data.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from grader.assignment import Assignment, Limits
from grader.lateness import LatePolicy
from grader.nouns import AttemptState, Cell, Exercise, HandedIn, Student, Submission

EVERYBODY = "all"  # among the ids of students whose work is graded again


@dataclass(frozen=True, slots=True)
class Job:
    """A batch: what every task of it has in common."""

    book: str  # the gradebook: a file or a URL
    name: str  # of the assignment in it
    assignment: Assignment
    seed: int
    results: str = ""  # the folder of the class, where whoever grades can write to it; else the leader writes
    kernel: Literal["warm", "cold"] = "warm"

    def to_data(self) -> dict[str, Any]:
        given = self.assignment
        plain = {
            "title": given.title,
            "exercises": list(given.exercises),
            "weights": dict(given.weights),
            "extra_credit": sorted(given.extra_credit),
            "seed": given.seed,
            "data": given.data,
            "due": _written(given.due),
            "late": {
                "per_day": given.late.per_day,
                "cap": given.late.cap,
                "grace": given.late.grace.total_seconds(),
                "until": _written(given.late.until),
            },
            "extensions": {id: _written(due) for id, due in given.extensions.items()},
            "limits": asdict(given.limits),
            "hidden": list(given.hidden),
        }
        common = {name: getattr(self, name) for name in ("book", "name", "seed", "results", "kernel")}
        return common | {"assignment": plain}

    @classmethod
    def from_data(cls, data: Mapping[str, Any], catalogue: Mapping[str, Exercise]) -> Job:
        plain = dict(data["assignment"])
        late = dict(plain["late"])
        late |= {"grace": timedelta(seconds=late["grace"]), "until": _read(late["until"])}
        plain |= {
            "exercises": {id: catalogue[id] for id in plain["exercises"]},
            "extra_credit": frozenset(plain["extra_credit"]),
            "due": _read(plain["due"]),
            "late": LatePolicy(**late),
            "extensions": {id: _read(due) for id, due in plain["extensions"].items()},
            "limits": Limits(**plain["limits"]),
            "hidden": tuple(plain["hidden"]),
        }
        common: dict[str, Any] = {**data, "assignment": Assignment(**plain)}
        return cls(**common)


@dataclass(frozen=True, slots=True)
class Task:
    """One submission to be graded."""

    handed: HandedIn
    folder: str  # where its results go, from the folder of the class
    again: bool = False  # even if it is graded already
    # Where whoever grades cannot open the paths: what was read from them, or why it could not be.
    submission: Submission | None = None
    unreadable: str = ""

    def to_data(self) -> dict[str, Any]:
        handed = asdict(self.handed)
        handed["paths"] = [str(path) for path in self.handed.paths]
        handed["submitted"] = _written(self.handed.submitted)
        return {
            "handed": handed,
            "folder": self.folder,
            "again": self.again,
            "submission": _packed(self.submission),
            "unreadable": self.unreadable,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Task:
        plain = dict(data["handed"])
        plain["student"] = Student(**plain["student"])
        plain["paths"] = tuple(map(Path, plain["paths"]))
        plain["submitted"] = _read(plain["submitted"])
        plain |= {name: tuple(plain[name]) for name in ("notes", "members", "names")}
        handed = HandedIn(**plain)
        return cls(handed, data["folder"], data["again"], _unpacked(data["submission"]), data["unreadable"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task. The result itself is in the gradebook."""

    student: str  # id
    name: str
    state: AttemptState
    key: str = ""  # of the attempt
    points: float = 0.0
    max_points: float = 0.0
    open_points: float = 0.0
    statuses: Mapping[str, int] = field(default_factory=dict[str, int])  # of exercises -> how many
    message: str = ""
    seconds: float = 0.0
    kept: bool = False  # it had been graded before

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Outcome:
        return cls(**data)


def _packed(submission: Submission | None) -> dict[str, Any] | None:
    if submission is None:
        return None
    files = {path: base64.b64encode(data).decode("ascii") for path, data in submission.files.items()}
    return asdict(replace(submission, files={})) | {"path": str(submission.path), "files": files}


def _unpacked(data: Mapping[str, Any] | None) -> Submission | None:
    if data is None:
        return None
    plain = dict(data)
    plain["path"] = Path(plain["path"])
    plain["cells"] = tuple(map(_cell, plain["cells"]))
    plain["notes"] = tuple(plain["notes"])
    plain["files"] = {path: base64.b64decode(text) for path, text in plain["files"].items()}
    return Submission(**plain)


def _cell(data: Mapping[str, Any]) -> Cell:
    plain: dict[str, Any] = dict(data)
    plain["also"] = tuple(plain["also"])
    return Cell(**plain)


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
