"""``grade export`` through click, with a made-up gradebook, and grade.json read back whatever is in it."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import junitparser
import pandas
import pytest
from class_of_five import ATTEMPT, BITS, HIDDEN, NORMS, FakeBook, class_grades
from click.testing import CliRunner, Result

from grader import export_command
from grader.cli import cli, main
from grader.nouns import BadInput, CellRun, Grade, Student, Submission
from grader.write.exports.canvas import canvas_csv
from grader.write.exports.csv_table import checks_csv, wide_csv
from grader.write.exports.grade_json import attempt_of, read_attempt
from grader.write.exports.junit import attempt_junit, class_junit
from grader.write.exports.moodle import moodle_csv
from grader.write.results import to_json, write_json

GRADE = Grade(
    Submission(Path("ada.ipynb"), "ada.ipynb", "ipynb", "0" * 64, ()),
    {},
    (NORMS, BITS),
    (CellRun(0, "ok"), CellRun(1, "error"), CellRun(2, "ok")),
    7,
    12.5,
)
CANVAS = {"ID": "501", "SIS Login ID": "ada1", "Homework 1 (4242)": ""}


def export(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["export", *map(str, arguments)])


def refused(*arguments: object) -> str:
    done = export(*arguments)
    assert isinstance(done.exception, BadInput), done.output
    assert "\n" not in str(done.exception)
    return str(done.exception)


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> FakeBook:
    """What the command opens, whatever it is asked to."""
    made = FakeBook(class_grades(ada={"Identifier": "Participant 101"} | CANVAS))
    monkeypatch.setattr(export_command, "open_book", lambda where: made)
    return made


@pytest.mark.parametrize(
    ("form", "name", "make"),
    [
        ("csv", "grades.csv", wide_csv),
        ("checks", "checks.csv", checks_csv),
        ("moodle", "moodle.csv", moodle_csv),
        ("canvas", "canvas.csv", canvas_csv),
        ("junit", "junit.xml", class_junit),
    ],
)
def test_a_class_is_exported(form: str, name: str, make: Any, book: FakeBook, tmp_path: Path) -> None:
    done = export(tmp_path, "--to", form)
    assert done.exit_code == 0, done.output
    path = tmp_path / "exports" / name
    assert path.read_bytes().decode("utf-8") == make(book.of_class)
    assert str(path) in done.output
    assert "1 with points that are still to be decided" in done.output
    assert book.asked == [("hw1", ())]
    assert book.closed


def test_what_is_left_out_is_told(book: FakeBook, tmp_path: Path) -> None:
    assert "3 unknown to Canvas; 3 without a grade" in export(tmp_path, "--to", "canvas").output
    assert "3 not on the worksheet; 3 without a grade" in export(tmp_path, "--to", "moodle").output


def test_reports_are_exported(book: FakeBook, tmp_path: Path) -> None:
    assert "3 reports" in export(tmp_path, "--to", "feedback").output
    assert sorted(path.name for path in (tmp_path / "exports" / "feedback").iterdir()) == [
        "ada.zip",
        "ben.zip",
        "dan.zip",
    ]
    assert ": 1 report;" in export(tmp_path, "--to", "moodle-feedback").output
    with zipfile.ZipFile(tmp_path / "exports" / "moodle-feedback.zip") as archive:
        assert archive.read("Ada Lovelace_101_assignsubmission_file_/report.html") == b"report.html of ada"


def test_an_earlier_export_is_replaced(book: FakeBook, tmp_path: Path) -> None:
    for _ in range(2):
        assert export(tmp_path, "--to", "csv", "--out", tmp_path / "new" / "mine.csv").exit_code == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine.csv"]
    export(tmp_path, "--to", "csv", "--bom", "--out", tmp_path / "new" / "mine.csv")
    assert pandas.read_csv(tmp_path / "new" / "mine.csv", encoding="utf-8-sig").columns[0] == "student"
    assert (tmp_path / "new" / "mine.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_roster_is_read_and_never_overwritten(
    book: FakeBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    students: Sequence[Student] = (Student("ada"), Student("zoe"))
    monkeypatch.setattr(export_command, "read_roster", lambda path: students)
    roster = tmp_path / "roster.csv"
    roster.write_text("precious")
    assert export(tmp_path, "--to", "moodle", "--roster", roster).exit_code == 0
    assert book.asked == [("hw1", tuple(students))]
    assert "what is read" in refused(tmp_path, "--to", "moodle", "--roster", roster, "--out", roster)
    (tmp_path / "link").symlink_to(roster)
    assert "what is read" in refused(
        tmp_path, "--to", "moodle", "--roster", roster, "--out", tmp_path / "link"
    )
    assert roster.read_text() == "precious"


def test_the_assignment_is_asked_for_where_there_are_several(book: FakeBook, tmp_path: Path) -> None:
    book.names = ("hw2", "hw1")
    assert "--assignment: hw1, hw2" in refused(tmp_path, "--to", "csv")
    assert export(tmp_path, "--to", "csv", "--assignment", "hw2").exit_code == 0
    assert book.asked == [("hw2", ())]
    book.names = ()
    assert "grade batch" in refused(tmp_path, "--to", "csv")


def test_the_column_of_canvas(book: FakeBook, tmp_path: Path) -> None:
    assert export(tmp_path, "--to", "canvas", "--column", "Other (7)").exit_code == 0
    with (tmp_path / "exports" / "canvas.csv").open(newline="") as file:
        assert next(csv.reader(file))[-1] == "Other (7)"
    assert "'Other'" in refused(tmp_path, "--to", "canvas", "--column", "Other")


@pytest.mark.parametrize(
    "arguments",
    [
        ("DIR", "--to", "csv", "--column", "x"),
        ("DIR", "--to", "moodle", "--bom"),
        ("DIR", "--to", "csv", "--hide", "1.2.1:speed"),
        ("DIR", "--to", "csv", "--else-say", "x"),
        ("grade.json", "--to", "junit", "--else-say", "x"),
        ("grade.json", "--to", "csv"),
        ("grade.json", "--to", "gradescope", "--hide", "1.2.1"),
        ("grade.json", "--to", "gradescope", "--hide", ":speed"),
        ("DIR", "--to", "gradescope"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    write_json(GRADE, tmp_path / "grade.json")
    where = {"DIR": str(tmp_path), "grade.json": str(tmp_path / "grade.json")}
    assert refused(*(where.get(argument, argument) for argument in arguments))
    assert [path.name for path in tmp_path.iterdir()] == ["grade.json"]


def test_one_grade_json_becomes_junit(tmp_path: Path) -> None:
    write_json(GRADE, tmp_path / "grade.json")
    assert export(tmp_path / "grade.json", "--to", "junit", "--hide", "1.2.1:speed").exit_code == 0
    assert (tmp_path / "junit.xml").read_text(encoding="utf-8") == attempt_junit(
        read_attempt(tmp_path / "grade.json"), HIDDEN
    )
    assert junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml")).tests == 7
    same = tmp_path / "grade.json"
    assert "what is read" in refused(same, "--to", "junit", "--out", same)


def test_bad_input_is_one_line_and_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["grade", "export", str(tmp_path / "grade.json"), "--to", "junit"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("grade: ")
    assert said.count("\n") == 1


# ------------------------------------------------------------------------------------- grade.json


def test_grade_json_comes_back(tmp_path: Path) -> None:
    write_json(GRADE, tmp_path / "grade.json")
    attempt = read_attempt(tmp_path / "grade.json")
    assert attempt.exercises == GRADE.exercises
    assert attempt.endings == {"ok": 2, "error": 1}
    assert attempt == attempt_of(to_json(GRADE))
    assert replace(attempt, exercises=()) != replace(ATTEMPT, exercises=())


def spoilt(place: str, value: Any) -> bytes:
    data = to_json(GRADE)
    parent: Any = data
    *way, last = place.split("/")
    for step in way:
        parent = parent[int(step) if step.isdecimal() else step]
    parent[last] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"\x00",
        b"[" * 100_000,
        b"9" * 10_000,
        spoilt("schema", 2),
        spoilt("points", "3"),
        spoilt("points", None),
        spoilt("points", float("nan")),
        spoilt("points", float("inf")),
        spoilt("points", 10**400),
        spoilt("points", -1),
        spoilt("seed", "x"),
        spoilt("exercises", {}),
        spoilt("exercises/0/status", "excellent"),
        spoilt("exercises/0/checks/0/points", "1"),
        spoilt("exercises/0/checks/0/message", ["x"]),
        spoilt("exercises/0/checks/0/detail", "x"),
        spoilt("exercises/0/checks/0/points", float("nan")),
        spoilt("points", 1).replace(b'"points": 1,', b'"points": 1e999,'),
    ],
)
def test_what_is_no_grade_json_is_one_clear_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "grade.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"grade\.json") as raised:
        read_attempt(path)
    assert len(str(raised.value)) < 600
    assert "\n" not in str(raised.value)


def test_fields_that_are_not_known_are_passed_over(tmp_path: Path) -> None:
    data = to_json(GRADE) | {"new": {"x": [1]}}
    data["exercises"][0]["checks"][0]["new"] = 1
    assert attempt_of(data) == attempt_of(to_json(GRADE))


def test_places_that_are_no_files(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(BadInput, match="cannot be read"):
            read_attempt(path)
