"""Where a gradebook may be, what is refused, and what nobody gets to read."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest
from made_up_attempts import ASSIGNMENT, attempt

from grader.gradebook import Gradebook
from grader.gradebook.address import address_of
from grader.nouns import BadInput, GraderError
from tests.postgres import Server, new_schema


def refusal(where: Path | str, create: bool = True) -> str:
    with pytest.raises(BadInput) as told:
        Gradebook.open(where, create)
    assert str(told.value).isprintable()
    return str(told.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "PostgreSQL"])
def test_all_ways_to_write_a_server(scheme: str) -> None:
    address = address_of(f"{scheme}://ada:s3cret@db.example.org:5433/grades?sslmode=require")
    assert address.file is None
    assert address.url.drivername == "postgresql+psycopg"
    assert (address.url.host, address.url.port, address.url.database) == ("db.example.org", 5433, "grades")
    assert address.url.query == {"sslmode": "require"}
    assert address.shown == "postgresql://ada@db.example.org:5433/grades"


@pytest.mark.parametrize(
    "where",
    [
        "postgresql://ada:s3cret@host:port/grades",
        "postgresql://ada:s3cret@host",
        "postgresql://ada:p@s3cret@host/grades",
        "postgresql://ada:s3cret@[::1/grades",
        "mysql://ada:s3cret@host/grades",
        "postgresql+asyncpg://ada:s3cret@host/grades",
        "http://s3cret",
        "postgresql://ada:s3cret@127.0.0.1:1/grades",
        "postgresql://127.0.0.1:1/grades?user=ada&password=s3cret",
        "postgresql://ada:s3cret@127.0.0.1:1/grades?s3cret=s3cret",
        "postgresql://ada:s3cret@127.0.0.1:1/grades?connect_timeout=s3cret",
    ],
)
def test_a_password_is_never_shown(where: str) -> None:
    assert "s3cret" not in refusal(where)


def test_a_password_is_not_in_what_a_debugger_shows() -> None:
    assert "s3cret" not in repr(address_of("postgresql://ada:s3cret@host/grades"))


def test_a_password_in_the_parameters_is_blotted_out_of_what_the_driver_says() -> None:
    address = address_of("postgresql://ada:one@h/d?sslpassword=two&password=three")
    assert address.without_secrets("bad one\nor two, three") == "bad *** or ***, ***"


def test_the_driver_that_is_missing_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'torch-grader[postgres]'" in refusal("postgresql://ada:s3cret@127.0.0.1:1/grades")


def test_a_folder_means_the_gradebook_in_it(tmp_path: Path) -> None:
    for where in (tmp_path, str(tmp_path), f"sqlite:///{tmp_path}/gradebook.db"):
        Gradebook.open(where).close()
    assert (tmp_path / "gradebook.db").is_file()


@pytest.mark.parametrize("name", ["a?b=c.db", "file:x", "50%.db", " ", "ü\u202e.db", "a;b.db", ":memory:"])
def test_odd_names_of_files(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Gradebook.open(Path(name)) as book:
        book.begin(ASSIGNMENT, "", 1)
        book.record(ASSIGNMENT, attempt())
    assert (tmp_path / name).stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]  # and no log beside it once it is closed
    with Gradebook.open(Path(name), create=False) as book:
        assert len(book.known(ASSIGNMENT)) == 1


@pytest.mark.parametrize("where", ["sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro"])
def test_what_is_no_file_is_refused(where: str) -> None:
    assert "is a file" in refusal(where)


def test_none_is_made_where_none_is_wanted(where: Path | str) -> None:
    assert "`grade batch` makes one" in refusal(where, create=False)
    if isinstance(where, Path):
        assert not where.exists()


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    assert "unable to open" in refusal(tmp_path / "missing" / "gradebook.db")
    (tmp_path / "file").write_text("")
    assert "unable to open" in refusal(tmp_path / "file" / "gradebook.db")
    (tmp_path / "notes.txt").write_text("Dear diary, " * 1000)
    assert "not a database" in refusal(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text().startswith("Dear diary")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (title)")
    other.close()
    assert "'songs'" in refusal(path)
    with sqlite3.connect(path) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["songs"]
    other.close()


def test_a_table_of_the_same_name_is_not_taken_over(postgres_server: Server) -> None:
    """On a server other tables may be there, as long as they have other names."""
    import psycopg

    where = new_schema(postgres_server)
    with psycopg.connect(where, autocommit=True) as other:
        other.execute("CREATE TABLE songs (title text)")
    Gradebook.open(where).close()
    where = new_schema(postgres_server)
    with psycopg.connect(where, autocommit=True) as other:
        other.execute("CREATE TABLE students (id int)")
    assert "'students'" in refusal(where)


def test_an_empty_file_becomes_a_gradebook(tmp_path: Path) -> None:
    (tmp_path / "gradebook.db").touch()
    Gradebook.open(tmp_path).close()


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as book:
        book.begin(ASSIGNMENT, "", 1)
        for number in range(30):
            book.record(ASSIGNMENT, attempt(f"s{number}"))
    path = tmp_path / "gradebook.db"
    held = path.read_bytes()
    path.write_bytes(held[:4096] + bytes([0x5A]) * (len(held) - 4096))
    with pytest.raises(GraderError) as told, Gradebook.open(path) as book:
        book.grades(ASSIGNMENT)
    assert str(told.value).isprintable()


def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    """A log, so that readers do not wait; a sync with every result; rows that refer to nothing refused."""
    with Gradebook.open(tmp_path) as book, book._engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}


def test_a_reader_does_not_wait_for_a_writer(book: Gradebook, where: Path | str) -> None:
    """While one transaction has written and not ended, another reads what was there before."""
    book.record(ASSIGNMENT, attempt())
    with Gradebook.open(where) as other, other._transactions._writing.begin() as writing:
        writing.exec_driver_sql("UPDATE attempts SET points = 99")
        assert [one.points for one in book.attempts(ASSIGNMENT, "ada")] == [1.9]
    assert [one.points for one in book.attempts(ASSIGNMENT, "ada")] == [99]
