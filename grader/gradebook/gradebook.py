"""The gradebook: every attempt of a class, in SQLite or PostgreSQL."""

from __future__ import annotations

import json
import secrets
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from sqlalchemy import Engine, Select, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.gradebook.address import Address, address_of
from grader.gradebook.engine import make_engine
from grader.gradebook.migrate import bring_up_to_date
from grader.gradebook.rows import add_attempt, keep_student, light_attempt, light_attempts, load_attempts
from grader.gradebook.tables import AssignmentRow, AttemptRow, DocumentRow, StudentRow
from grader.gradebook.transactions import Transactions
from grader.nouns import Attempt, BadInput, ClassGrades, GraderError, Student
from grader.write.safe import line, storable

SEEDS = (
    2**53
)  # as on the command line: what a student sees of hidden inputs must not lead back to it by trying
LONGEST_NAME = (
    500  # characters of ids and names by which rows are found: PostgreSQL's indexes take 2,704 bytes
)
_FOUND_BY = "is too long to be kept: at most {limit} characters"

Known = Mapping[tuple[str, str], Attempt]


class Gradebook:
    """All attempts of a class. Every method is a transaction of its own; threads and processes may share it."""

    def __init__(self, engine: Engine, address: Address) -> None:
        self._engine = engine
        self._address = address
        self._transactions = Transactions(engine, address)

    @classmethod
    def open(cls, where: Path | str, create: bool = True) -> Gradebook:
        """Open a gradebook, make it where there is none, and bring its tables up to date.

        Args:
            where: a file, a folder (for the ``gradebook.db`` in it), or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
            create: whether to make one. If not, one that is not there is an error.

        Raises:
            BadInput: there is none, it cannot be reached, or it is another program's or a newer version's.
        """
        address = address_of(where)
        if address.file is not None and not create and not address.file.is_file():
            raise BadInput(f"there is no gradebook at {address.shown}; `grade batch` makes one")
        engine = make_engine(address)
        try:
            bring_up_to_date(engine, address, create)
        except (DBAPIError, sqlite3.Error) as error:
            engine.dispose()
            why = address.without_secrets(error.orig if isinstance(error, DBAPIError) else error)
            raise BadInput(f"cannot open the gradebook {address.shown}: {why}") from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, address)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------- assignments

    def begin(
        self,
        assignment: str,
        title: str,
        seed: int | None,
        points: float | None = None,
        hidden: Collection[tuple[str, str]] = (),
    ) -> int:
        """Enter an assignment, or bring what is known of it up to date; returns the seed to grade with.

        That is `seed`, and else the one that was used the last time, so that a run that is taken up again
        finds what it has graded. The first time it is drawn from the system's randomness.
        """
        if seed is not None and not -(2**63) <= seed < 2**63:
            raise BadInput(f"the seed {seed} is too large for a gradebook: it holds 64 bits")
        self._short(assignment, "the name of the assignment")

        def work(session: Session) -> int:
            row = session.scalar(select(AssignmentRow).where(AssignmentRow.slug == assignment))
            if row is None:
                row = AssignmentRow(slug=assignment, seed=secrets.randbelow(SEEDS) if seed is None else seed)
                session.add(row)
            row.title = storable(title)
            row.settings = json.dumps({"points": points, "hidden": sorted(hidden)})
            row.seed = row.seed if seed is None else seed
            return row.seed

        return self._transactions.write(work)

    def assignments(self) -> Mapping[str, str]:
        """The titles of all assignments, by their names."""
        query = select(AssignmentRow.slug, AssignmentRow.title).order_by(AssignmentRow.slug)
        return self._transactions.read(
            lambda session: {row.slug: row.title for row in session.execute(query)}
        )

    # ------------------------------------------------------------------------------------ attempts

    def record(
        self, assignment: str, attempt: Attempt, documents: Mapping[str, bytes] | None = None
    ) -> Attempt:
        """Keep an attempt with its documents, whole or not at all; when this returns, it outlasts a crash.

        Where the same student has one with the same key and generation already, nothing is written and that
        one is returned, also where two processes come with it at once.
        """
        self._short(attempt.student.id, "the id of a student")
        for exercise in attempt.exercises:
            self._short(exercise.id, "the id of an exercise")
        for name in documents or ():
            self._short(name, "the name of a document")

        def work(session: Session) -> Attempt:
            number = self._assignment(session, assignment).id
            same = (
                _of(number, attempt.student.id)
                .where(AttemptRow.key == attempt.key)
                .where(AttemptRow.generation == attempt.generation)
            )
            found = session.scalar(same)
            if found is None:
                student = keep_student(session, attempt.student)
                found = add_attempt(session, number, student, attempt, documents or {})
            return load_attempts(session, [found])[found]

        return self._transactions.write(work)

    def find(self, assignment: str, student_id: str, key: str) -> Attempt | None:
        """The attempt of a student under a key; the newest where it was graded several times."""

        def work(session: Session) -> Attempt | None:
            number = session.scalar(_newest(self._assignment(session, assignment).id, student_id, key))
            return None if number is None else load_attempts(session, [number])[number]

        return self._transactions.read(work)

    def attempts(self, assignment: str, student_id: str) -> tuple[Attempt, ...]:
        """All attempts of a student, in the order in which they were recorded."""

        def work(session: Session) -> tuple[Attempt, ...]:
            numbers = session.scalars(_of(self._assignment(session, assignment).id, student_id)).all()
            return tuple(load_attempts(session, numbers).values())

        return self._transactions.read(work)

    def known(self, assignment: str) -> Known:
        """What has been graded, by student id and key: the newest of each, without exercises. One query."""

        def work(session: Session) -> Known:
            number = self._assignment(session, assignment).id
            query = light_attempts().where(AttemptRow.assignment_id == number)
            rows = session.execute(query.order_by(AttemptRow.generation, AttemptRow.id))
            return _ByStoredText({(row.student, row.key): light_attempt(row) for row in rows})

        return self._transactions.read(work)

    def durations(self, assignment: str) -> Mapping[str, float]:
        """Seconds that gradings took, the newest of each student, by student id and by the submission's sha256."""

        def work(session: Session) -> Mapping[str, float]:
            number = self._assignment(session, assignment).id
            query = (
                select(StudentRow.student, AttemptRow.sha256, AttemptRow.seconds)
                .join(StudentRow, AttemptRow.student_id == StudentRow.id)
                .where(AttemptRow.assignment_id == number, AttemptRow.state == "graded")
                .order_by(AttemptRow.id)
            )
            rows = session.execute(query).all()
            of_submissions = {row.sha256: row.seconds for row in rows if row.sha256}
            return of_submissions | {row.student: row.seconds for row in rows}

        return self._transactions.read(work)

    # ------------------------------------------------------------------------------------- grades

    def grades(
        self,
        assignment: str,
        roster: Sequence[Student] = (),
        handed_in: Collection[str] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> ClassGrades:
        """What a report of the class is made of: one attempt of each student, by student id.

        Args:
            roster: the class. What it says of a student goes before what was recorded with an attempt.
            handed_in: ids of the students whose attempts count; everybody's if not given.
            keys: student id -> key of what the student has handed in now, where that is known. An attempt under
                that key counts before a newer one under another: the student may have gone back to an earlier
                version.
        """
        wanted = None if handed_in is None else {storable(student) for student in handed_in}
        told = {storable(student.id): student for student in roster}
        current = {storable(student): storable(key) for student, key in (keys or {}).items()}

        def work(session: Session) -> ClassGrades:
            row = self._assignment(session, assignment)
            query = (
                select(AttemptRow.id, StudentRow.student, AttemptRow.key)
                .join(StudentRow, AttemptRow.student_id == StudentRow.id)
                .where(AttemptRow.assignment_id == row.id)
                .order_by(AttemptRow.id)
            )
            chosen: dict[str, tuple[bool, int]] = {}  # student -> whether it has the wanted key, its number
            counts: Counter[str] = Counter()
            for number, student, key in session.execute(query):
                if wanted is None or student in wanted:
                    counts[student] += 1
                    chosen[student] = max(
                        chosen.get(student, (False, 0)), (current.get(student) == key, number)
                    )
            loaded = load_attempts(session, [number for _, number in chosen.values()]).values()
            attempts = [replace(one, student=told.get(one.student.id, one.student)) for one in loaded]
            present = chosen.keys() if wanted is None else wanted
            points, hidden = _settings(row.settings)
            return ClassGrades(
                title=row.title,
                attempts=tuple(sorted(attempts, key=lambda attempt: attempt.student.id)),
                missing=tuple(student for id, student in told.items() if id not in present),
                points=max((one.max_points for one in attempts), default=0.0) if points is None else points,
                hidden=hidden,
                earlier={student: count - 1 for student, count in counts.items() if count > 1},
            )

        return self._transactions.read(work)

    def rescore(self, assignment: str, score: Callable[[Attempt], Attempt]) -> int:
        """Let `score` work out the points anew, where a due date or a weight has changed; nothing is graded again.

        Of what it returns, points, raw_points, max_points, open_points and days_late are kept. Returns how many
        attempts changed.
        """

        def read(session: Session) -> dict[int, Attempt]:
            number = self._assignment(session, assignment).id
            query = select(AttemptRow.id).where(AttemptRow.assignment_id == number)
            return load_attempts(session, session.scalars(query).all())

        changed = [
            {"id": number, **_points(scored)}
            for number, attempt in self._transactions.read(read).items()
            if _points(scored := score(attempt)) != _points(attempt)
        ]

        def write(session: Session) -> None:
            if changed:
                session.execute(update(AttemptRow), changed)

        self._transactions.write(write)
        return len(changed)

    # ---------------------------------------------------------------------------------- documents

    def document(self, assignment: str, student_id: str, name: str, key: str | None = None) -> bytes | None:
        """A document of a student's newest attempt, or of the newest under that key; None where there is none."""
        return self._documents(assignment, student_id, key, name).get(storable(name))

    def documents(self, assignment: str, student_id: str, key: str | None = None) -> Mapping[str, bytes]:
        """All documents of a student's newest attempt, or of the newest under that key, by their names."""
        return self._documents(assignment, student_id, key, None)

    def _documents(
        self, assignment: str, student_id: str, key: str | None, name: str | None
    ) -> dict[str, bytes]:
        def work(session: Session) -> dict[str, bytes]:
            number = session.scalar(_newest(self._assignment(session, assignment).id, student_id, key))
            query = select(DocumentRow.name, DocumentRow.content).where(DocumentRow.attempt_id == number)
            if name is not None:
                query = query.where(DocumentRow.name == name)
            return {row.name: row.content for row in session.execute(query.order_by(DocumentRow.name))}

        packed = self._transactions.read(work)
        try:
            return {name: zlib.decompress(content) for name, content in packed.items()}
        except zlib.error as error:
            raise GraderError(f"the gradebook {self._address.shown} is damaged: {error}") from error

    # ----------------------------------------------------------------------------------------------

    def _assignment(self, session: Session, slug: str) -> AssignmentRow:
        row = session.scalar(select(AssignmentRow).where(AssignmentRow.slug == slug))
        if row is None:
            held = (
                ", ".join(session.scalars(select(AssignmentRow.slug).order_by(AssignmentRow.slug))) or "none"
            )
            raise BadInput(
                f"the gradebook {self._address.shown} has no assignment {line(slug, 80)!r}; it has {line(held)}"
            )
        return row

    @staticmethod
    def _short(text: str, what: str) -> None:
        if len(text) > LONGEST_NAME:
            raise BadInput(f"{what} {line(text, 40)!r} {_FOUND_BY.format(limit=LONGEST_NAME)}")


def _settings(text: str) -> tuple[float | None, frozenset[tuple[str, str]]]:
    """The points of an assignment and its hidden checks, as ``begin`` kept them."""
    kept = json.loads(text) if text else {}
    return kept.get("points"), frozenset((exercise, check) for exercise, check in kept.get("hidden", ()))


class _ByStoredText(Mapping[tuple[str, str], Attempt]):
    """Finds a student also by an id that could not be stored as it is."""

    def __init__(self, attempts: Mapping[tuple[str, str], Attempt]) -> None:
        self._attempts = attempts

    def __getitem__(self, place: tuple[str, str]) -> Attempt:
        student, key = place
        return self._attempts[storable(student), storable(key)]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._attempts)

    def __len__(self) -> int:
        return len(self._attempts)


def _of(assignment: int, student_id: str) -> Select[int]:
    """The numbers of a student's attempts, in the order in which they were recorded."""
    return (
        select(AttemptRow.id)
        .join(StudentRow, AttemptRow.student_id == StudentRow.id)
        .where(AttemptRow.assignment_id == assignment, StudentRow.student == student_id)
        .order_by(AttemptRow.id)
    )


def _newest(assignment: int, student_id: str, key: str | None) -> Select[int]:
    numbers = _of(assignment, student_id).order_by(None).limit(1)
    if key is None:
        return numbers.order_by(AttemptRow.id.desc())
    return numbers.where(AttemptRow.key == key).order_by(AttemptRow.generation.desc())


def _points(attempt: Attempt) -> dict[str, float]:
    names = ("points", "raw_points", "max_points", "open_points", "days_late")
    return {name: getattr(attempt, name) for name in names}
