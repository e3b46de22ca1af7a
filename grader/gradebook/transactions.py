"""Transactions that are tried again where only the moment was wrong: a lock, a deadlock, a server that restarts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from grader.gradebook.address import Address
from grader.gradebook.engine import WRITES
from grader.nouns import GraderError

PATIENCE_S = 120.0  # after which a lock or a server that is away becomes an error
RACES = 5  # who writes a row second needs a second try; more are needed where the student is new as well

# PostgreSQL's: serialization failure, deadlock, lock not available, too many connections, shutting down,
# crashed, starting up. The class 08 is of connections.
_PASSING = {"40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03"}
_UNIQUE = "23505"

T = TypeVar("T")


class Transactions:
    """Runs a function in a transaction of its own, whole or not at all.

    The function may be called several times and must look at what is there before it writes: where the
    connection broke during the commit, nobody knows whether it was done.
    """

    def __init__(self, engine: Engine, address: Address) -> None:
        snapshot = {} if address.file is not None else {"isolation_level": "REPEATABLE READ"}
        self._reading = engine.execution_options(**snapshot)
        self._writing = engine.execution_options(**{WRITES: True})
        self._address = address

    def read(self, work: Callable[[Session], T]) -> T:
        """What `work` returns; all of its queries see the same state of the gradebook."""
        return self._try(self._reading, work)

    def write(self, work: Callable[[Session], T]) -> T:
        """What `work` returns, once what it wrote is durable."""
        return self._try(self._writing, work)

    def _try(self, engine: Engine, work: Callable[[Session], T]) -> T:
        """Raises GraderError where the database refuses, or is out of reach for longer than the patience."""
        deadline = time.monotonic() + PATIENCE_S
        races, pause = 0, 0.02
        while True:
            try:
                with Session(engine, expire_on_commit=False) as session, session.begin():
                    return work(session)
            except SQLAlchemyError as error:
                if is_race(error) and races < RACES:
                    races += 1
                    continue
                if not is_passing(error) or time.monotonic() > deadline:
                    raise self._told(error) from error
            time.sleep(pause * random.uniform(0.5, 1.0))  # processes that met once should not meet again
            pause = min(2 * pause, 2.0)

    def _told(self, error: SQLAlchemyError) -> GraderError:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        return GraderError(f"the gradebook {self._address.shown}: {self._address.without_secrets(cause)}")


def is_race(error: SQLAlchemyError) -> bool:
    """Whether another process has just written the row that was to be written; the next look will find it."""
    if not isinstance(error, IntegrityError):
        return False
    return getattr(error.orig, "sqlstate", None) == _UNIQUE or "UNIQUE constraint" in str(error.orig)


def is_passing(error: SQLAlchemyError) -> bool:
    """Whether the same may succeed a moment later."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or state in _PASSING or (state or "").startswith("08"):
        return True
    return "database is locked" in str(error.orig) or "database is busy" in str(error.orig)
