"""What is tried again, and what is told at once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from made_up_attempts import ASSIGNMENT, attempt
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from grader.gradebook import Gradebook, transactions
from grader.gradebook.transactions import is_passing, is_race
from grader.nouns import GraderError
from tests.postgres import Server, new_schema


class Refused(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57P01", "57P03", "08006", "53300"])
def test_what_passes_by_itself_is_tried_again(state: str) -> None:
    assert is_passing(OperationalError("SQL", {}, Refused(state)))


@pytest.mark.parametrize("state", ["42P01", "53100", "22P02", "23503", "28P01"])
def test_what_does_not_is_told_at_once(state: str) -> None:
    assert not is_passing(DBAPIError("SQL", {}, Refused(state)))
    assert not is_race(IntegrityError("SQL", {}, Refused(state)))


def test_a_row_that_somebody_else_has_just_written_is_looked_up() -> None:
    assert is_race(IntegrityError("SQL", {}, Refused("23505")))
    assert is_race(
        IntegrityError("SQL", {}, sqlite3.IntegrityError("UNIQUE constraint failed: attempts.key"))
    )
    assert not is_race(IntegrityError("SQL", {}, sqlite3.IntegrityError("FOREIGN KEY constraint failed")))


def test_a_result_is_recorded_after_failures_that_pass(
    book: Gradebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Serialization failures, and a connection that breaks just after the commit: there is one row all the same."""
    failures = iter(["40001", "40001", None, "08006"])
    session = transactions.Session

    class Unlucky(session):  # type: ignore[misc, valid-type]
        def commit(self) -> None:
            failure = next(failures, None)
            if failure == "40001":
                raise OperationalError("COMMIT", {}, Refused(failure))
            super().commit()
            if failure is not None:
                raise OperationalError("COMMIT", {}, Refused(failure))

        def begin(self, nested: bool = False):  # type: ignore[no-untyped-def]
            return _Committing(self, super().begin(nested))

    class _Committing:
        def __init__(self, owner: Unlucky, transaction: object) -> None:
            self.owner, self.transaction = owner, transaction

        def __enter__(self) -> None: ...

        def __exit__(self, kind: object, *_: object) -> None:
            if kind is None:
                self.owner.commit()
            else:
                self.owner.rollback()

    monkeypatch.setattr(transactions, "Session", Unlucky)
    assert book.record(ASSIGNMENT, attempt("ada")).student.id == "ada"
    assert book.record(ASSIGNMENT, attempt("bob")).student.id == "bob"
    assert next(failures, "none left") == "none left"
    monkeypatch.setattr(transactions, "Session", session)
    assert len(book.attempts(ASSIGNMENT, "bob")) == 1
    assert len(book.attempts(ASSIGNMENT, "ada")) == 1


def test_a_connection_that_the_server_closes_is_replaced(postgres_server: Server) -> None:
    import psycopg

    where = new_schema(postgres_server)
    with Gradebook.open(where) as book, psycopg.connect(where, autocommit=True) as admin:
        book.begin(ASSIGNMENT, "", 1)
        book.record(ASSIGNMENT, attempt("ada"))
        ended = admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
        assert ended
        assert book.record(ASSIGNMENT, attempt("bob")) == attempt("bob")
        assert len(book.known(ASSIGNMENT)) == 2


def test_a_lock_that_is_never_let_go_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "PATIENCE_S", 0.0)
    monkeypatch.setattr("grader.gradebook.engine.BUSY_S", 0)
    with Gradebook.open(tmp_path) as impatient:
        impatient.begin(ASSIGNMENT, "", 1)
        other = sqlite3.connect(tmp_path / "gradebook.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GraderError, match=r"gradebook\.db: database is locked"):
            impatient.record(ASSIGNMENT, attempt())
        other.execute("ROLLBACK")
        other.close()
        assert impatient.record(ASSIGNMENT, attempt()) == attempt()
