"""The nouns on the arrows of the flow: small, frozen, in the order in which they come about.

    path --read--> Submission --execute--> Session --examine--> Finding* --score--> Grade --write--> files

``Session`` lives in ``grader.execute`` because it holds processes; everything here is plain data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal


class GraderError(Exception):
    """Anything of the grader's own that a user should read as one line, without a traceback."""


class BadInput(GraderError):
    """The submission, or an option, cannot be used as it is. The message says what and how to mend it."""


class NotIsolated(GraderError):
    """Fewer walls hold around a submission than were asked for; it was not run."""


class Status(StrEnum):
    """What became of a check or of an exercise."""

    PASSED = "passed"
    FAILED = "failed"
    PARTIAL = "partial"
    SKIPPED = "skipped"  # a check that this one depends on failed, or the machine lacks a GPU
    WAITING = "waiting"  # a person must mark it
    INCONCLUSIVE = "inconclusive"  # the machine was too noisy to tell; never costs a point
    NOT_ATTEMPTED = "not attempted"
    BROKEN = "broken"  # the grader's own fault; never costs a point, always shown to the instructor


# ------------------------------------------------------------------------------------ catalogue

Form = Literal["function", "class", "value", "text", "choice", "formula", "figure"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of an exercise's marking scheme."""

    name: str
    title: str  # the docstring of the check: the line that the student reads
    points: float
    after: tuple[str, ...] = ()  # names of checks that must have passed first
    function: Callable[..., None] | None = None  # None: a written answer, which a person marks
    answers: tuple[str, ...] = ()  # the names it looks at, where it looks at one only (text, choice, ...)
    form: Form = "function"
    options: Mapping[str, str] = field(default_factory=dict[str, str])  # of a choice: key -> text
    several: bool = False  # of a choice: the answer is a set of keys, not one key


@dataclass(frozen=True, slots=True)
class Exercise:
    """A practice question: what the student reads, what they start from, and how it is judged."""

    id: str  # "1.2.1"
    slug: str  # "batched_matrix_norms"
    title: str
    section_title: str
    unit_title: str
    prompt: str  # Markdown, without the title
    stub: str  # Python source, without the written answers
    checks: tuple[Check, ...]
    kinds: tuple[str, ...]
    budget_s: float  # CPU seconds that the checks of a right answer may take on two cores
    answers: Mapping[str, Form]  # the contract: names that a submission defines
    path: Path

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def section(self) -> str:
        return self.id.rsplit(".", 1)[0]

    @property
    def unit(self) -> str:
        return self.id.split(".", 1)[0]


# ----------------------------------------------------------------------------------- submission


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a notebook, or of a script read as one."""

    index: int  # position in the notebook, from 0
    id: str
    kind: Literal["code", "markdown", "raw"]
    source: str
    exercise: str | None = None  # the id it belongs to, as far as is known
    answer: str | None = None  # of a Markdown cell: the written answer that it holds
    role: str | None = None  # "prompt": text that we put there ourselves; not an answer
    also: tuple[str, ...] = ()  # other exercises that have their answers in this cell and nowhere else


@dataclass(frozen=True, slots=True)
class Submission:
    """What a student handed in, read but not run."""

    path: Path
    name: str
    kind: Literal["ipynb", "py"]
    sha256: str
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()  # what had to be repaired to read it, and what was left out
    member: str = ""  # of an archive or a folder: the path in it of the notebook or script that is graded
    # What is put beside it before its cells run, by the paths from there.
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False, hash=False)

    def cells_of(self, exercise: str) -> tuple[Cell, ...]:
        """The exercise's cells, in order, with those that answer it beside another exercise."""
        return tuple(cell for cell in self.cells if cell.exercise == exercise or exercise in cell.also)


# ------------------------------------------------------------------------------------ execution

Ending = Literal["ok", "error", "timeout", "killed", "memory", "processes", "disk", "flooded", "not reached"]


@dataclass(frozen=True, slots=True)
class CellError:
    """An exception that a student's code let through. All of it is the student's text: escape it."""

    name: str  # "ValueError"
    message: str
    traceback: tuple[str, ...] = ()  # frames, the student's only, ANSI escapes removed


@dataclass(frozen=True, slots=True)
class CellRun:
    """What happened when a cell was executed."""

    index: int
    ending: Ending
    seconds: float = 0.0
    error: CellError | None = None
    outputs: tuple[Mapping[str, Any], ...] = ()  # nbformat outputs


# -------------------------------------------------------------------------------------- verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    title: str
    status: Status
    points: float
    max_points: float
    message: str = ""  # one or two sentences that help; may quote the student, so escape it
    detail: Mapping[str, Any] | None = None  # JSON data for the report; see docs/schema.md
    seconds: float = 0.0
    flag: str = ""  # what a person should look at; costs no point


@dataclass(frozen=True, slots=True)
class ExerciseGrade:
    """All findings of one exercise, added up."""

    id: str
    title: str
    status: Status
    points: float
    max_points: float
    open_points: float  # points that are still to be decided by a person
    seconds: float
    findings: tuple[Finding, ...]
    attempts: int = 1  # workers that were needed


@dataclass(frozen=True, slots=True)
class Grade:
    """The result of one submission: everything that grade.json holds."""

    submission: Submission
    environment: Mapping[str, Any]
    exercises: tuple[ExerciseGrade, ...]
    runs: tuple[CellRun, ...]
    seed: int
    seconds: float

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_points(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def open_points(self) -> float:
        return sum(exercise.open_points for exercise in self.exercises)

    @property
    def broken(self) -> bool:
        return any(exercise.status is Status.BROKEN for exercise in self.exercises)


# ---------------------------------------------------------------------------------------- class


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody of the class, as the roster or the names of the downloaded files tell."""

    id: str  # unique in the class: the roster's id, else what the file names say
    name: str = ""
    email: str = ""
    extra: Mapping[str, str] = field(
        default_factory=dict[str, str], hash=False
    )  # other columns of the roster


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What one student handed in, found but not yet read."""

    student: Student
    paths: tuple[Path, ...]  # one file, archive or folder, or several files that belong together; () if none
    submitted: datetime | None = None  # with a time zone
    late: bool | None = None  # what the learning-management system said, where it did not say when
    notes: tuple[str, ...] = ()  # e.g. which earlier versions were left out
    # Where the one path is an archive of the whole class: what in it is this student's, by its paths there, again
    # one file, archive or folder, or several files. It is read when it is graded; grader/read/taking.py does that.
    members: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # what the files were called before a download renamed them; else as they are


AttemptState = Literal["graded", "unreadable", "failed"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One grading of what a student handed in, as the gradebook keeps it."""

    student: Student
    key: str  # of submission, assignment, grader, exercises, data and seed; see grader/gradebook/keys.py
    state: AttemptState  # unreadable: bad input; failed: the grader's own fault, to be graded again
    exercises: tuple[ExerciseGrade, ...] = ()  # details of findings (pictures, values) are not kept here
    points: float = 0.0  # with weights, extra credit and lateness
    raw_points: float = 0.0  # before lateness
    max_points: float = 0.0
    open_points: float = 0.0
    submitted: datetime | None = None
    days_late: float = 0.0
    message: str = ""  # why it is unreadable or failed
    name: str = ""  # of the file, archive or folder
    sha256: str = ""
    seed: int = 0
    isolation: str = ""  # the level that held: full, partial or none
    versions: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    endings: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)  # of cells -> how many
    seconds: float = 0.0
    started: datetime | None = None
    worker: str = ""  # host and process
    generation: int = 0  # counts gradings under the same key: --regrade makes another
    folder: str = ""  # where the results are, from the folder of the batch: "students/ada"


@dataclass(frozen=True, slots=True)
class ClassGrades:
    """What reports and exports of a class are made of."""

    title: str
    attempts: tuple[Attempt, ...]  # the newest of each student who handed in something, by student id
    missing: tuple[Student, ...] = ()  # who is on the roster and handed in nothing
    points: float = 0.0  # that can be had, extra credit not counted
    hidden: frozenset[tuple[str, str]] = frozenset()  # (exercise, check) that students are not told about
    earlier: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)  # student id -> attempts
