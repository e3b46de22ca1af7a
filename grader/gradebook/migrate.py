"""A gradebook's tables are made, or brought up to date, whenever it is opened."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from grader.gradebook.address import Address
from grader.gradebook.engine import WRITES, make_engine
from grader.gradebook.tables import Table
from grader.nouns import BadInput, GraderError

HEAD = "0001"  # the newest file in migrations/versions; a test compares
SCRIPTS = Path(__file__).parent / "migrations"
VERSION_TABLE = (
    "gradebook_version"  # not alembic's own name, which another program may use in the same database
)

_LOCK = 0x6772616465  # of PostgreSQL's advisory locks; "grade"
_one_at_a_time = threading.Lock()  # alembic keeps what it is doing in a global variable


def bring_up_to_date(engine: Engine, address: Address, create: bool, scripts: Path = SCRIPTS) -> None:
    """Make the tables, or change them to what this version of the grader expects.

    Any number of processes may do so at once: one does it, in one transaction, and the others wait.

    Raises:
        BadInput: it was made by a newer version, or belongs to another program, or there is none and `create`
            is false.
    """
    if address.file is not None:
        _write_ahead(engine)
    with engine.connect() as connection:
        version = _version(connection, address)
    if version is None and not create:
        raise BadInput(f"there is no gradebook in {address.shown}; `grade batch` makes one")
    if version == HEAD and scripts == SCRIPTS:
        return  # the usual case, without a lock and without loading alembic
    migrating = make_engine(address, foreign_keys=False)
    try:
        with _one_at_a_time, migrating.execution_options(**{WRITES: True}).begin() as connection:
            if address.file is None:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _upgrade(connection, address, scripts)
            if address.file is not None and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise GraderError(
                    f"{address.shown}: bringing it up to date would lose rows; it is as it was before"
                )
    finally:
        migrating.dispose()


def _version(connection: Connection, address: Address) -> str | None:
    """The version of the tables, or None where there are none. Raises BadInput where they are another program's."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
        return None if found is None else str(found)
    foreign = sorted(tables & set(Table.metadata.tables))
    if foreign or (tables and address.file is not None):
        raise BadInput(
            f"{address.shown} is a database of another program: it has a table {(foreign or sorted(tables))[0]!r} "
            "that no gradebook put there; give the gradebook one of its own"
        )
    return None


def _upgrade(connection: Connection, address: Address, scripts: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    version = _version(connection, address)  # again, now that nobody else changes it
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise BadInput(
            f"{address.shown} was made by a newer version of the grader (its tables are {version}, this version "
            f"knows {HEAD}); upgrade with `pip install --upgrade torch-grader`"
        )
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise GraderError(f"{address.shown}: cannot bring its tables up to date ({error})") from error


def _write_ahead(engine: Engine) -> None:
    """Let readers and a writer of an SQLite file not wait for one another, where its disk can do that.

    The file remembers it. Changing it needs the file for oneself for a moment, and SQLite does not wait then.
    """
    deadline = time.monotonic() + 60
    while True:
        connection = (
            engine.raw_connection()
        )  # below SQLAlchemy's transactions, in which the mode cannot change
        try:
            # Where shared memory cannot be had (most network disks) the answer is another mode, as safe as this.
            connection.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        finally:
            connection.close()
        time.sleep(0.02)
