"""Canvas's gradebook import, read back with pandas, and by the rules by which Canvas looks at it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pandas
import pytest
from class_of_five import class_grades, with_student
from test_export_csv import FORMULAS, cells_of, computes

from grader.nouns import BadInput, ClassGrades, Student
from grader.write.exports.canvas import STUDENT, canvas_csv, known_to_canvas, write_canvas
from grader.write.exports.sheet import read_sheet

COLUMNS = ("Homework 1 (4242)", "Homework 10 (4243)", "Current Score")


def known(number: str, **other: str) -> dict[str, str]:
    row = {
        "Student": "Lovelace, Ada",
        "ID": number,
        "SIS User ID": "U1",
        "SIS Login ID": "ada1",
        "Section": "A",
    }
    return row | dict.fromkeys(COLUMNS, "") | other


def of_canvas() -> ClassGrades:
    return class_grades(
        ada=known("501"), ben=known("502", Student="Or, Ben"), cleo=known("503"), dan=known("504")
    )


def test_pandas_reads_what_canvas_wants() -> None:
    table = pandas.read_csv(io.StringIO(canvas_csv(of_canvas())), dtype={"ID": str})
    assert list(table.columns) == [*STUDENT, "Homework 1 (4242)"]
    assert list(table["Student"]) == ["    Points Possible", "Lovelace, Ada", "Or, Ben"]
    assert list(table["Homework 1 (4242)"]) == [12.0, 3.15, 10.0]
    assert list(table["ID"][1:]) == ["501", "502"]
    assert list(table["SIS Login ID"][1:]) == ["ada1", "ada1"]


def test_it_passes_the_rules_of_canvas_itself() -> None:
    header, possible, *students = list(csv.reader(io.StringIO(canvas_csv(of_canvas()))))
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert re.search(r"SIS\s+User\s+ID", header[2])
    assert re.search(r"SIS\s+Login\s+ID", header[3])
    assert "Section" in header[4]
    assert "Points Possible" in possible[0]
    assert all(len(row) == len(header) for row in students)
    # the separator is guessed from the first three lines, each read on its own
    lines = canvas_csv(of_canvas()).splitlines()
    assert {len(next(csv.reader([line]))) for line in lines[:3]} == {6}


def test_who_is_unknown_or_has_no_grade_is_left_out() -> None:
    grades = class_grades(ada=known("501"), ben={"Section": "A"}, eve=known("505"))
    assert [row[1] for row in csv.reader(io.StringIO(canvas_csv(grades)))][2:] == ["501"]
    with pytest.raises(BadInput, match="--roster"):
        canvas_csv(class_grades(eve=known("505")), "Homework 1 (4242)")


@pytest.mark.parametrize("id", ["", "x", "501; DROP", "٥", "5.0", "=1+2", "-5"])
def test_an_id_that_canvas_does_not_give_is_not_passed_on(id: str) -> None:
    extra = {"ID": id, "SIS User ID": "", "SIS Login ID": ""}
    assert not known_to_canvas(Student("x", extra=extra))
    assert known_to_canvas(Student("x", extra=extra | {"SIS Login ID": "ada1"}))


def test_canvas_own_id_may_be_the_students() -> None:
    student = Student("501", extra={"SIS Login ID": "ada1", "Homework 1 (4242)": ""})
    [*_, row] = list(csv.reader(io.StringIO(canvas_csv(with_student(class_grades(), student)))))
    assert row[:4] == ["", "501", "", "ada1"]


def test_the_column_is_never_guessed() -> None:
    unlike = replace(of_canvas(), title="Homework")
    with pytest.raises(BadInput, match=r"--column.*'Homework 1 \(4242\)', 'Homework 10 \(4243\)'"):
        canvas_csv(unlike)
    for wrong in ("Homework 1", "Homework 1 (x)", "(4242)", "Homework 1 (4242) "[:-3]):
        with pytest.raises(BadInput, match="number"):
            canvas_csv(unlike, wrong)
    assert "Homework 1 (4242)" in canvas_csv(unlike, "Homework 1 (4242)")
    assert "HOMEWORK 1 (7)" in canvas_csv(class_grades(ada={"ID": "1", "HOMEWORK  1 (7)": ""}))


def test_nothing_is_computed() -> None:
    for formula in FORMULAS:
        extra = known("501", Student=formula, Section=formula) | {
            "SIS User ID": formula,
            "SIS Login ID": formula,
        }
        text = canvas_csv(with_student(class_grades(), Student(formula, formula, formula, extra)))
        assert [cell for cell in cells_of(text) if computes(cell)] == []
        assert text.count("\r\n") == 3


def test_it_is_written(tmp_path: Path) -> None:
    write_canvas(of_canvas(), tmp_path / "canvas.csv")
    assert (tmp_path / "canvas.csv").read_bytes().decode() == canvas_csv(of_canvas())


def test_the_exported_gradebook_tells_the_column_and_its_points(tmp_path: Path) -> None:
    """A column without any grade is not in what the roster's reader keeps, so the file is looked at."""
    path = tmp_path / "gradebook.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (4242),Homework 10 (4243),Final Score\n"
        "    Points Possible,,,,,24,10,(read only)\n"
        '"Lovelace, Ada",501,U1,ada1,A,,,\n',
        encoding="utf-8",
    )
    grades = class_grades(ada={"ID": "501", "SIS Login ID": "ada1"})
    with pytest.raises(BadInput, match="--column"):
        canvas_csv(grades)
    made = pandas.read_csv(io.StringIO(canvas_csv(grades, sheet=read_sheet(path))))
    assert list(made["Homework 1 (4242)"]) == [24.0, 6.3]  # 3.15 of 12
    assert list(made["ID"][1:]) == [501]
    other = pandas.read_csv(io.StringIO(canvas_csv(grades, "Homework 10 (4243)", read_sheet(path))))
    assert list(other["Homework 10 (4243)"]) == pytest.approx([10.0, 2.625], abs=0.0051)
    more = replace(grades, attempts=(replace(grades.attempts[0], points=15.0),))
    assert list(
        pandas.read_csv(io.StringIO(canvas_csv(more, sheet=read_sheet(path))))["Homework 1 (4242)"]
    ) == [24.0, 30.0]
