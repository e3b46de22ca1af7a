"""An engine for a gradebook's address, with the settings on which its promises rest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from grader.gradebook.address import Address
from grader.nouns import BadInput

BUSY_S = 60  # how long a connection waits for another that writes; one result takes milliseconds
WRITES = "grader_writes"  # execution option: this transaction is going to write


def make_engine(address: Address, foreign_keys: bool = True) -> Engine:
    """An engine that has not connected yet.

    ``foreign_keys=False`` is for migrations: SQLite cannot change a table but by copying and dropping it, and
    dropping it would take along the rows that refer to it.

    Raises BadInput where the driver of PostgreSQL is not installed.
    """
    if address.file is not None:
        # No pool: a connection that is open while a process forks is a danger to the file's locks, and the
        # last one to close leaves a single file, without its log beside it.
        engine = create_engine(
            address.url, poolclass=NullPool, connect_args={"timeout": BUSY_S}, hide_parameters=True
        )
        _listen(engine, foreign_keys)
        return engine
    try:
        return create_engine(
            address.url,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 30, "application_name": "grade"},
        )
    except ImportError as error:  # also where the driver is there and its C library is not
        raise BadInput(
            "a gradebook on PostgreSQL needs its driver: pip install 'torch-grader[postgres]'"
        ) from error


def _listen(engine: Engine, foreign_keys: bool) -> None:
    """SQLite's settings belong to the connection, and Python's module would begin transactions too late."""

    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # from here on only `begun` begins a transaction
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        # With NORMAL a power cut may take back the last results. A result is minutes of work, and FULL costs
        # one more fsync for each.
        connection.execute("PRAGMA synchronous = FULL")

    def begun(connection: Connection) -> None:
        # Who reads first and writes later is refused at once if somebody wrote in between, without any
        # waiting; who announces it waits for their turn.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
