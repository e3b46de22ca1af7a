"""CSV files are read back with pandas and csv, and by a model of what spreadsheets compute."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from dataclasses import replace
from pathlib import Path

import pandas
import pytest
from class_of_five import ATTEMPT, BITS, NORMS, class_grades, with_message, with_student
from hypothesis import given
from hypothesis import strategies as st

from grader.nouns import GraderError, Student
from grader.write.exports.csv_table import (
    LONG,
    WIDE,
    checks_csv,
    exercise_ids,
    wide_csv,
    write_checks,
    write_wide,
)
from grader.write.exports.spreadsheet import MAX_CELL, amount, cell, csv_text

FORMULAS = (
    "=1+2",
    "=cmd|' /C calc'!A0",
    "+SUM(1,2)",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+2",
    "\r=1+2",
    "\n=1+2",
    "\r\n@SUM(1)",
    "＝1+2",
    "＋SUM(1)",
    "－SUM(1)",
    "＠SUM(1)",
    "﹦1+2",
    "﹣SUM(1)",
    "−SUM(1)",
    " =1+2",
    "\u00a0=1+2",
    "\u3000=1+2",
    '"=1+2',
    "'=1+2",
    "“=1+2",
    "\" ' =1+2",
    "\x00=1+2",
    "\x1b[31m=1+2",
    "\x9b31m=1+2",
    "\u200b=1+2",
    "\ufeff=1+2",
    "\u202e=1+2",
    "\u2066=1+2",
    "\u00ad=1+2",
    "\U000e0041=1+2",
    '=1+2";=1+2',
    "=1+2'\" ;,=1+2",
    "harmless;=1+2",
    'harmless";=1+2',
    "harmless; '@SUM(1)",
    "-1-1",
    "1;-1-1",
    "+1 (800) 555",
    "--1",
    "-",
    "-5",
    "-5;x",
    "x;-5",
    "0+SUM(1);x",
)


def computes(text: str) -> bool:
    """A model of a spreadsheet, as suspicious as can be: what it makes of a cell that begins with an apostrophe is text."""
    if text in ("-", "–"):
        return False
    seen = [c for c in text if unicodedata.category(c)[0] not in "CZ" and not c.isspace()]
    if not seen or seen[0] == "'":
        return False
    while seen and seen[0] in "\"'“”‘’":
        seen.pop(0)
    first = unicodedata.normalize("NFKC", seen[0]) if seen else ""
    try:
        float(text)
    except ValueError:
        return first[:1] in ("=", "+", "-", "@", "−")
    return False


def cells_of(text: str) -> list[str]:
    """The cells as a reader of commas has them, and as one of semicolons."""
    found: list[str] = []
    for delimiter in ",;":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            found += row
    return found


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_spreadsheet_computes_nothing_of_what_a_student_wrote(formula: str) -> None:
    grades = with_student(class_grades(), Student(formula, formula, formula, {}))
    grades = replace(grades, missing=(Student("z" + formula, formula),), title=formula)
    message = with_message(class_grades(), formula, title=formula)
    for text in (
        wide_csv(grades),
        checks_csv(grades),
        checks_csv(message),
        csv_text([[formula, "x"], ["x", formula]]),
    ):
        assert [cell for cell in cells_of(text) if computes(cell)] == []


def test_two_harmless_cells_do_not_make_a_formula_for_a_reader_of_semicolons() -> None:
    for first in ("-5", "-", "+1", "x;-5", "x;-"):
        text = csv_text([[first, "0+SUM(1);x"], ["x", first, "0+SUM(1);x"]])
        assert [cell for cell in cells_of(text) if computes(cell)] == []


@pytest.mark.parametrize(
    "formula", [f for f in FORMULAS if "'" not in f[:1] and not {"\x1b", "\x9b"} & set(f)]
)
def test_the_model_would_find_it_without_the_guard(formula: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["x", formula], [formula, "0+SUM(1);x"]])
    harmless_alone = ("harmless; '@SUM(1)", "x;-5", "0+SUM(1);x")
    assert any(computes(cell) for cell in cells_of(text.getvalue())) or formula in harmless_alone


@given(st.lists(st.text(max_size=30), min_size=2, max_size=5))
def test_any_text_comes_back_as_one_cell_that_computes_nothing(texts: list[str]) -> None:
    text = csv_text([texts])
    [row] = list(csv.reader(io.StringIO(text, newline="")))
    assert row == [cell(one, first=place == 0) for place, one in enumerate(texts)]
    assert [one for one in cells_of(text) if computes(one)] == []
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in "".join(row))
    text.encode("utf-8")


@pytest.mark.parametrize("text", ["-5", "-2.5", "+3", "-1e3", "-2,5", "-10%", "0", "1.5"])
def test_a_number_stays_a_number_also_as_a_text(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (2.5, "2.5"),
        (-0.125, "-0.125"),
        (1e-9, "0"),
        (1e15, "1000000000000000"),
        (-0.0, "0"),
        (10, "10"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_numbers_are_written_in_full(value: float, text: str) -> None:
    assert amount(value) == cell(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_is_made_up(value: float) -> None:
    with pytest.raises(GraderError, match="made up"):
        csv_text([[value]])
    grades = class_grades()
    with pytest.raises(GraderError, match="made up"):
        wide_csv(replace(grades, attempts=(replace(ATTEMPT, points=value),)))


@pytest.mark.parametrize(
    "text", ["plain", "a, b", 'say "x"', "Müller; Ärger", "שלום", "x = 1", "a-b", "", "'quoted'", "e-mail@x"]
)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert cell(text) == text


def test_the_wide_table_is_what_pandas_reads() -> None:
    table = pandas.read_csv(io.StringIO(wide_csv(class_grades())))
    assert list(table.columns) == [*WIDE, "exercise 1.2.1", "exercise 1.10.1"]
    assert list(table["student"]) == ["ada", "ben", "cleo", "dan", "eve"]
    assert list(table["state"]) == ["graded", "graded", "unreadable", "failed", "missing"]
    assert list(table["total"][:2]) == [3.15, 10.0]
    assert table["total"][2:].isna().all()
    ada = table.iloc[0]
    assert (ada["raw"], ada["max"], ada["open"], ada["days_late"], ada["attempts"]) == (
        3.5,
        12.0,
        4.0,
        1.5,
        3,
    )
    assert (ada["exercise 1.2.1"], ada["exercise 1.10.1"]) == (2.5, 1.0)
    assert pandas.Timestamp(ada["submitted"]) == pandas.Timestamp("2026-03-01T23:30Z")
    assert table["name"][1] == "בן אור"
    assert math.isnan(table["exercise 1.10.1"][1])  # was not graded on it
    assert table["message"][2] == "It is <no> notebook."
    assert list(table["attempts"]) == [3, 1, 1, 1, 0]


def test_the_long_table_has_a_row_per_check() -> None:
    table = pandas.read_csv(io.StringIO(checks_csv(class_grades())), dtype={"exercise": str})
    assert list(table.columns) == list(LONG)
    assert len(table) == 8 + 4
    ada = table[table["student"] == "ada"].set_index(["exercise", "check"])
    for exercise in (NORMS, BITS):
        for finding in exercise.findings:
            row = ada.loc[(exercise.id, finding.name)]
            assert (row["points"], row["max"], row["status"]) == (
                finding.points,
                finding.max_points,
                finding.status.value,
            )
            assert row["hidden"] == ("yes" if finding.name == "speed" else "no")
    assert table["points"].sum() == pytest.approx(2.5 + 1.0 + 2.5)
    # what stands after a semicolon begins a cell in much of Europe
    assert ada.loc[("1.2.1", "shape"), "message"] == "Is a <b>dim</b> missing;' -x ?"


def test_exercises_stand_in_the_order_of_the_course() -> None:
    many = tuple(replace(NORMS, id=id) for id in ("1.10.1", "1.2.10", "10.1.1", "1.2.9", "2.1.1"))
    grades = replace(class_grades(), attempts=(replace(ATTEMPT, exercises=many),))
    assert exercise_ids(grades) == ["1.2.9", "1.2.10", "1.10.1", "2.1.1", "10.1.1"]


def test_the_mark_for_excel_is_an_option(tmp_path: Path) -> None:
    for write in (write_wide, write_checks):
        write(class_grades(), tmp_path / "with.csv", bom=True)
        write(class_grades(), tmp_path / "without.csv")
        marked, plain = (tmp_path / "with.csv").read_bytes(), (tmp_path / "without.csv").read_bytes()
        assert marked == b"\xef\xbb\xbf" + plain
        assert pandas.read_csv(tmp_path / "with.csv", encoding="utf-8-sig").columns[0] == "student"
        assert not plain.startswith(b"ID")  # Excel's SYLK
        assert plain.count(b"\n") == plain.count(b"\r\n")


def test_an_empty_class_is_a_header() -> None:
    empty = replace(class_grades(), attempts=(), missing=())
    assert list(pandas.read_csv(io.StringIO(wide_csv(empty))).columns) == list(WIDE)
    assert list(pandas.read_csv(io.StringIO(checks_csv(empty))).columns) == list(LONG)


def test_a_huge_text_is_cut() -> None:
    row = cell("x" * 10_000_000)
    assert len(row) == MAX_CELL
    assert row.endswith("…")
    assert len(cell("; =1" * 3_000)) < 32_767  # what a cell of Excel holds
