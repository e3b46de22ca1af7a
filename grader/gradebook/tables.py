"""The tables of a gradebook, as docs/gradebook.md draws them.

A change here needs a new file in ``migrations/versions``; a test compares the two.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from grader.gradebook.columns import Moment, SafeText


class Table(DeclarativeBase):
    """What all tables share: names for their constraints, by which a migration can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy wants it
        str: SafeText(),
        float: Double(),
        datetime: Moment(),
        dict[str, str]: JSON(),
        dict[str, int]: JSON(),
    }


# SQLite numbers rows by itself only where the key is an INTEGER, which has 64 bits there anyway.
_NUMBER: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


class AssignmentRow(Table):
    __tablename__ = "assignments"

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    settings: Mapped[str]  # JSON: the points that can be had, and the hidden checks
    seed: Mapped[int] = mapped_column(BigInteger)  # of the hidden inputs, where a run asks for none


class StudentRow(Table):
    __tablename__ = "students"

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    student: Mapped[str] = mapped_column(unique=True)  # the id of the roster or of the files' names
    name: Mapped[str]
    email: Mapped[str]
    extra: Mapped[dict[str, str]]  # other columns of the roster


class AttemptRow(Table):
    """One grading of one submission. Nothing but its points ever changes."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("assignment_id", "student_id", "key", "generation"),)

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True)  # grows: the newest has the highest
    assignment_id: Mapped[int] = mapped_column(ForeignKey(AssignmentRow.id))
    student_id: Mapped[int] = mapped_column(ForeignKey(StudentRow.id), index=True)
    key: Mapped[str]
    generation: Mapped[int]
    state: Mapped[str]
    points: Mapped[float]
    raw_points: Mapped[float]
    max_points: Mapped[float]
    open_points: Mapped[float]
    submitted: Mapped[datetime | None]
    days_late: Mapped[float]
    message: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    isolation: Mapped[str]
    versions: Mapped[dict[str, str]]
    endings: Mapped[dict[str, int]]
    seconds: Mapped[float]
    started: Mapped[datetime | None]
    worker: Mapped[str]
    folder: Mapped[str]
    recorded: Mapped[datetime]


class ExerciseRow(Table):
    __tablename__ = "exercise_results"

    attempt_id: Mapped[int] = mapped_column(ForeignKey(AttemptRow.id, ondelete="CASCADE"), primary_key=True)
    exercise: Mapped[str] = mapped_column(primary_key=True)  # "1.2.1"
    position: Mapped[int]  # in the order of the course, from 0
    title: Mapped[str]
    status: Mapped[str]
    points: Mapped[float]
    max_points: Mapped[float]
    open_points: Mapped[float]
    seconds: Mapped[float]
    workers: Mapped[int]  # that were needed


class CheckRow(Table):
    __tablename__ = "check_results"
    __table_args__ = (
        ForeignKeyConstraint(
            ["attempt_id", "exercise"], [ExerciseRow.attempt_id, ExerciseRow.exercise], ondelete="CASCADE"
        ),
    )

    attempt_id: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    exercise: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # in the exercise, from 0
    name: Mapped[str]
    title: Mapped[str]
    status: Mapped[str]
    points: Mapped[float]
    max_points: Mapped[float]
    message: Mapped[str]
    seconds: Mapped[float]
    flag: Mapped[str]  # what a person should look at, whatever the points


class DocumentRow(Table):
    """A file of the results, beside the numbers so that one transaction makes both durable."""

    __tablename__ = "documents"

    attempt_id: Mapped[int] = mapped_column(ForeignKey(AttemptRow.id, ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)  # "report.html"
    size: Mapped[int] = mapped_column(BigInteger)  # bytes, not compressed
    content: Mapped[bytes] = mapped_column(LargeBinary)  # zlib
