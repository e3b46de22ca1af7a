"""What docs/gradebook.md shows works, and it names every column."""

from __future__ import annotations

import re
from pathlib import Path

from made_up_attempts import ASSIGNMENT, attempt

from grader.gradebook import Gradebook
from grader.gradebook.tables import Table

TEXT = (Path(__file__).parents[2] / "docs" / "gradebook.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)


def test_its_queries_find_what_it_says(book: Gradebook) -> None:
    book.record(ASSIGNMENT, attempt("bob", "1", points=9.0))
    book.record(ASSIGNMENT, attempt("bob", "2", points=1.0))
    book.record(ASSIGNMENT, attempt("ada"))
    newest, costly, same = QUERIES
    with book._engine.connect() as connection:
        assert [tuple(row) for row in connection.exec_driver_sql(newest)] == [
            ("ada", "", 1.9, 4.0),
            ("bob", "", 1.0, 4.0),
        ]
        (lost,) = connection.exec_driver_sql(costly)
        assert tuple(lost)[:3] == ("1.10.1", "check_1", 2)
        assert [row.student for row in connection.exec_driver_sql(same)] == ["ada", "bob", "bob"]


def test_every_table_and_column_is_named() -> None:
    for name, table in Table.metadata.tables.items():
        (row,) = re.findall(rf"^\| `{name}` .*$", TEXT, re.MULTILINE)
        assert [column.name for column in table.columns if f"`{column.name}`" not in row] == []
