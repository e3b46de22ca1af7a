"""Tables are made and changed on opening: once, whole, and without losing a row."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from made_up_attempts import ASSIGNMENT, attempt
from sqlalchemy import Engine, inspect

from grader.gradebook import Gradebook
from grader.gradebook.address import address_of
from grader.gradebook.engine import WRITES, make_engine
from grader.gradebook.migrate import HEAD, SCRIPTS, VERSION_TABLE, bring_up_to_date
from grader.gradebook.tables import Table
from grader.nouns import BadInput, Status

OLD = Path(__file__).parent / "old"  # rows as they were written by each version of the tables
NEXT = '''
"""Tables that others refer to are copied, dropped and renamed."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "next", "{head}"

def upgrade():
    for table in ("assignments", "students", "attempts", "exercise_results"):
        with op.batch_alter_table(table, recreate="{recreate}") as batch:
            batch.add_column(sa.Column("added", sa.Text(), nullable=False, server_default="new"))
    {last}
'''


@pytest.fixture
def engine(where: Path | str) -> Iterator[Engine]:
    made = make_engine(address_of(where))
    yield made
    made.dispose()


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def up_to(folder: Path, revision: str) -> Path:
    """A copy of the migrations as they were at that version."""
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / "versions").glob("*.py"):
        if path.name[:4] > revision:
            path.unlink()
    return folder


def next_version(folder: Path, engine: Engine, last: str = "pass") -> Path:
    """The migrations, and one more that does what is hardest in SQLite."""
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    recreate = "always" if engine.dialect.name == "sqlite" else "auto"
    (folder / "versions" / "next.py").write_text(NEXT.format(head=HEAD, recreate=recreate, last=last))
    return folder


def version(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar())


def test_the_newest_version_is_the_one_that_the_program_expects() -> None:
    assert revisions()[-1] == HEAD


def test_tables_and_migrations_agree(book: Gradebook) -> None:
    options = {"compare_type": True, "compare_server_default": True, "version_table": VERSION_TABLE}
    with book._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []
        inspector = inspect(connection)
        for name, table in Table.metadata.tables.items():
            key = inspector.get_pk_constraint(name)
            assert key["constrained_columns"] == [column.name for column in table.primary_key]
            assert key["name"] == table.primary_key.name
        connection.exec_driver_sql("DROP INDEX ix_attempts_student_id")
        assert compare_metadata(context, Table.metadata) != []  # it does look


@pytest.mark.parametrize("old", revisions())
def test_a_gradebook_of_an_old_version_keeps_what_is_in_it(
    old: str, where: Path | str, engine: Engine, tmp_path: Path
) -> None:
    bring_up_to_date(engine, address_of(where), True, up_to(tmp_path / "old", old))
    assert version(engine) == old
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        for statement in (OLD / f"{old}.sql").read_text().splitlines():
            connection.exec_driver_sql(statement)
    with Gradebook.open(where) as book:
        assert book.begin(ASSIGNMENT, "Unit 1", None) == 7
        (found,) = book.grades(ASSIGNMENT).attempts
        assert (found.student.name, found.student.extra, found.points) == ("Ada", {"group": "B"}, 1.5)
        assert found.exercises[0].findings[0].status is Status.FAILED
        assert found.endings == {"ok": 3}
        if engine.dialect.name == "sqlite":  # PostgreSQL reads the times in its own zone
            assert found.submitted == datetime(2026, 3, 1, 12, tzinfo=UTC)
        book.record(ASSIGNMENT, attempt())
    assert version(engine) == HEAD


def test_tables_that_are_copied_take_along_no_rows_of_others(
    book: Gradebook, where: Path | str, engine: Engine, tmp_path: Path
) -> None:
    """SQLite would delete every result of a student whose table is dropped to be changed."""
    before = book.record(ASSIGNMENT, attempt(), {"grade.json": b"{}"})
    bring_up_to_date(engine, address_of(where), True, next_version(tmp_path / "next", engine))
    assert version(engine) == "next"
    assert book.attempts(ASSIGNMENT, "ada") == (before,)
    assert book.document(ASSIGNMENT, "ada", "grade.json") == b"{}"
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT added FROM attempts").scalar() == "new"


@pytest.mark.parametrize(
    "last", ["1 / 0", "op.execute('DELETE FROM nothing')", "op.execute('DELETE FROM students')"]
)
def test_a_migration_that_fails_changes_nothing(
    last: str, book: Gradebook, where: Path | str, engine: Engine, tmp_path: Path
) -> None:
    before = book.record(ASSIGNMENT, attempt())
    with pytest.raises(Exception, match=r"zero|nothing|foreign key|lose rows"):
        bring_up_to_date(engine, address_of(where), True, next_version(tmp_path / "next", engine, last))
    assert version(engine) == HEAD
    assert book.attempts(ASSIGNMENT, "ada") == (before,)
    with engine.connect() as connection:
        assert "added" not in {column["name"] for column in inspect(connection).get_columns("students")}


def test_a_gradebook_of_a_newer_version_is_left_alone(
    book: Gradebook, where: Path | str, engine: Engine
) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(BadInput, match=r"newer version .*9999.*pip install --upgrade"):
        Gradebook.open(where)
    assert version(engine) == "9999"


def test_many_open_a_new_one_at_once(where: Path | str) -> None:
    gate = threading.Barrier(8)
    seeds: list[int] = []

    def come() -> None:
        gate.wait()
        with Gradebook.open(where) as book:
            seeds.append(book.begin(ASSIGNMENT, "", None))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seeds) == 8
    assert len(set(seeds)) == 1
