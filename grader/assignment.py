"""What a class was asked to do, from assignment.toml: exercises and weights, dates, limits, hidden checks.

docs/assignment.md shows a whole file. Two digests tell what a change of it means: another ``key`` and everything
is graded again, another ``score_key`` and points are only added up anew.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, cast

from grader.lateness import LatePolicy
from grader.nouns import Attempt, BadInput, Exercise, ExerciseGrade
from grader.read.settings import Table, clipped, meant, read_settings, told

MAX_WEIGHT = 1_000.0
MAX_PATTERN = 100  # characters
SEEDS = 2**53  # as `grade --seed` has them; a JSON number holds it


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may use: the options of `grade run`, with the same defaults."""

    cell_time: float = 120.0  # seconds
    total_time: float = 900.0
    memory: int = 4 * 2**30  # bytes
    processes: int = 128
    disk: int = 512 * 2**20
    output: int = 20 * 2**20
    isolation: Literal["full", "partial", "none"] = "none"  # what must hold before a cell is run


@dataclass(frozen=True, slots=True)
class Score:
    """The points of one submission under an assignment."""

    points: float  # with weights, extra credit and lateness
    raw_points: float  # before lateness
    max_points: float  # that can be had without extra credit
    open_points: float  # that a person may still add, after lateness
    days_late: int = 0  # begun days that are charged
    lost: float = 0.0  # share of raw_points lost by lateness, from 0 to 1


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which exercises count how much, until when, and under what limits they are graded."""

    title: str
    exercises: Mapping[str, Exercise]  # by id, in the order of the assignment
    weights: Mapping[str, float] = field(default_factory=dict[str, float])  # 1 where nothing is said
    extra_credit: frozenset[str] = frozenset()  # ids that count beyond the maximum
    seed: int | None = None
    data: Literal["small", "full"] = "small"
    due: datetime | None = None  # like all times here with a time zone
    late: LatePolicy = LatePolicy()
    extensions: Mapping[str, datetime] = field(default_factory=dict[str, datetime])  # student id -> due
    limits: Limits = Limits()
    hidden: tuple[str, ...] = ()  # patterns of exercises, or of exercise/check

    @classmethod
    def of(cls, exercises: Mapping[str, Exercise], title: str) -> Assignment:
        """An assignment without a file: these exercises, each for its own points, due at no time."""
        return cls(title, dict(exercises))

    @property
    def max_points(self) -> float:
        """The points that can be had, extra credit not counted."""
        counted = (one for id, one in self.exercises.items() if id not in self.extra_credit)
        return _plain(math.fsum(self.weights.get(one.id, 1.0) * one.points for one in counted))

    @property
    def hidden_checks(self) -> frozenset[tuple[str, str]]:
        """Pairs of exercise and check that students are not told about."""
        return frozenset(
            (id, check.name)
            for id, exercise in self.exercises.items()
            for check in exercise.checks
            if self.hides(id, check.name)
        )

    def hides(self, exercise_id: str, check_name: str) -> bool:
        return any(_fits(pattern, exercise_id, check_name) for pattern in self.hidden)

    def due_for(self, student_id: str) -> datetime | None:
        return self.extensions.get(student_id, self.due)

    def unknown_students(self, ids: Collection[str]) -> tuple[str, ...]:
        """Those with an extension who are not among ``ids``: somebody mistyped them, or they left."""
        return tuple(sorted(id for id in self.extensions if id not in ids))

    def score(self, exercises: Sequence[ExerciseGrade], submitted: datetime | None, student_id: str) -> Score:
        """Add up what a student earned. Exercises that are not of the assignment count nothing.

        Args:
            submitted: with a time zone; None where nobody knows, which costs nothing.
        """
        weighed = [(self.weights.get(one.id, 1.0), one) for one in exercises if one.id in self.exercises]
        raw = math.fsum(weight * one.points for weight, one in weighed)
        still_open = math.fsum(weight * one.open_points for weight, one in weighed)
        late = self.late.lateness(submitted, self.due, self.extensions.get(student_id))
        return Score(
            points=_plain(raw * (1 - late.lost)),
            raw_points=_plain(raw),
            max_points=self.max_points,
            open_points=_plain(still_open * (1 - late.lost)),
            days_late=late.days,
            lost=late.lost,
        )

    def scored(self, attempt: Attempt) -> Attempt:
        """The attempt with the points that its exercises, and when it was handed in, come to."""
        score = self.score(attempt.exercises, attempt.submitted, attempt.student.id)
        return replace(
            attempt,
            points=score.points,
            raw_points=score.raw_points,
            max_points=score.max_points,
            open_points=score.open_points,
            days_late=score.days_late,
        )

    def key(self) -> str:
        """A digest of all that can change a finding; the order of the exercises cannot.

        The isolation that is asked for counts: what was graded behind lower walls is to be graded again.
        """
        return _digest([sorted(self.exercises), self.seed, self.data, asdict(self.limits)])

    def score_key(self) -> str:
        """A digest of what else the results show: a change costs no grading, only adding up and writing."""
        times = {id: _utc(due) for id, due in sorted(self.extensions.items())}
        late = [self.late.per_day, self.late.cap, self.late.grace.total_seconds(), _utc(self.late.until)]
        return _digest(
            [
                self.title,
                [(id, self.weights.get(id, 1.0), id in self.extra_credit) for id in self.exercises],
                [_utc(self.due), times, late],
                sorted(map(list, self.hidden_checks)),
            ]
        )


def read_assignment(path: Path, catalogue: Mapping[str, Exercise]) -> Assignment:
    """The assignment in a TOML file, of exercises of the catalogue.

    Raises:
        BadInput: it cannot be read, or something in it is unknown, of the wrong kind or impossible. The message
            names file, key and value.
    """
    top = read_settings(path)
    top.only(
        ["title", "seed", "data", "due", "timezone", "exercises", "late", "extensions", "limits", "checks"]
    )
    top.zone = top.timezone("timezone")
    exercises, weights, extra = _exercises(top, catalogue)
    due = top.moment("due")
    checks = top.table("checks")
    checks.only(["hidden"])
    return Assignment(
        title=top.text("title", path.stem.replace("_", " ").strip() or "Assignment"),
        exercises=exercises,
        weights=weights,
        extra_credit=extra,
        seed=top.whole("seed", None, 0, SEEDS - 1),
        data=cast('Literal["small", "full"]', top.choice("data", ("small", "full"), "small")),
        due=due,
        late=_late(top.table("late"), due),
        extensions=_extensions(top.table("extensions")),
        limits=_limits(top.table("limits")),
        hidden=_hidden(checks, exercises),
    )


def _exercises(
    top: Table, catalogue: Mapping[str, Exercise]
) -> tuple[dict[str, Exercise], dict[str, float], frozenset[str]]:
    """The chosen exercises in the order of the entries that first speak of them, weights, and extra credit."""
    table = top.table("exercises")
    if not table.values:
        raise BadInput(f'{top.where}: chooses no exercises; list them below [exercises], e.g. "1.2" = 1')
    entries = {key: _entry(table, key) for key in table.values}
    chosen: dict[str, tuple[float, bool]] = {}
    for key in entries:
        matching = [id for id in catalogue if _within(id, key)]
        if not matching:
            known = {part for id in catalogue for part in (id, id.rsplit(".", 1)[0], id.split(".")[0])}
            hint = meant(key, sorted(known)) or "; `grade list` shows them all"
            raise table.wrong(key, f"is no exercise, section or unit{hint}")
        for id in matching:
            if id not in chosen:
                chosen[id] = entries[max((other for other in entries if _within(id, other)), key=len)]
    chosen = {id: entry for id, entry in chosen.items() if entry[0] > 0}
    if not chosen:
        raise BadInput(
            f"{top.where}: leaves out every exercise; give at least one a weight above 0 in [exercises]"
        )
    exercises = {id: catalogue[id] for id in chosen}
    weights = {id: weight for id, (weight, _) in chosen.items()}
    return exercises, weights, frozenset(id for id, (_, extra) in chosen.items() if extra)


def _within(id: str, key: str) -> bool:
    return id == key or id.startswith(key + ".")


def _entry(table: Table, key: str) -> tuple[float, bool]:
    """Weight, and whether it is extra credit."""
    value: Any = table.values[key]
    if not isinstance(value, dict):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise table.wrong(
                key, f"is {told(value)}; write a weight, or {{ weight = 2, extra_credit = true }}"
            )
        return table.number(key, 1.0, 0.0, MAX_WEIGHT), False
    entry = cast("dict[str, Any]", value)
    if entry and all(part.isdigit() for part in entry):  # 1.2 = 1 without quotes is a table in a table
        spelled = f'"{clipped(key)}.{clipped(next(iter(entry)))}"'
        raise BadInput(f"{table.where}: [exercises] {key} needs quotes around the whole id: {spelled} = 1")
    inner = Table(table.where, f'exercises."{clipped(key)}"', entry)
    inner.only(["weight", "extra_credit"])
    return inner.number("weight", 1.0, 0.0, MAX_WEIGHT), inner.truth("extra_credit", False)


def _late(table: Table, due: datetime | None) -> LatePolicy:
    table.only(["per_day", "cap", "grace", "until"])
    if table.values and due is None:
        raise BadInput(f"{table.where}: [late] needs to know when it is late; set due at the top of the file")
    until = table.moment("until")
    if until is not None and due is not None and until < due:
        raise table.wrong("until", f"is {until.isoformat()}, before it is due ({due.isoformat()})")
    return LatePolicy(
        per_day=table.number("per_day", 0.0, 0.0, 100.0),
        cap=table.number("cap", 100.0, 0.0, 100.0),
        grace=table.span("grace"),
        until=until,
    )


def _extensions(table: Table) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for student in table.values:
        until = table.moment(student)
        assert until is not None  # the key is there
        found[student] = until
    return found


def _limits(table: Table) -> Limits:
    usual = Limits()
    table.only(asdict(usual))
    return Limits(
        cell_time=table.number("cell_time", usual.cell_time, 1.0, 10.0**6),
        total_time=table.number("total_time", usual.total_time, 1.0, 10.0**6),
        memory=table.size("memory", usual.memory, 16 * 2**20),
        processes=table.whole("processes", usual.processes, 8, 10**6) or usual.processes,
        disk=table.size("disk", usual.disk, 16 * 2**20),
        output=table.size("output", usual.output, 10_000),
        isolation=cast(
            'Literal["full", "partial", "none"]',
            table.choice("isolation", ("full", "partial", "none"), usual.isolation),
        ),
    )


def _hidden(table: Table, exercises: Mapping[str, Exercise]) -> tuple[str, ...]:
    patterns = table.texts("hidden")
    names = [(id, check.name) for id, exercise in exercises.items() for check in exercise.checks]
    for pattern in patterns:
        if len(pattern) > MAX_PATTERN or not any(_fits(pattern, id, name) for id, name in names):
            known = [*exercises, *(f"{id}/{name}" for id, name in names)]
            hint = meant(pattern, known) or '; write an id, "1.2.1/values" or "*/timing"'
            raise table.wrong("hidden", f"has {told(pattern)}, which fits no check of this assignment{hint}")
    return patterns


def _fits(pattern: str, exercise: str, check: str) -> bool:
    """Whether ``1.2``, ``1.2.1``, ``1.2.1/values`` or ``*/timing`` means that check."""
    wanted, slash, name = pattern.partition("/")
    if slash and not fnmatchcase(check, name):
        return False
    return _within(exercise, wanted) or fnmatchcase(exercise, wanted)


def _plain(points: float) -> float:
    """Points without the noise of binary fractions: 0.3 and not 0.30000000000000004.

    Nothing is rounded to what a column shows, hundredths say: weights and per cents leave thirds and
    sevenths, and a sum over rounded exercises would differ from the rounded sum. What shows them rounds once.
    """
    return round(points, 6) + 0.0  # no -0.0


def _utc(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat()


def _digest(data: Iterable[Any]) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
