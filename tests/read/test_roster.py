"""Lists of a class as systems export them and people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.nouns import BadInput, Student
from grader.read.matching import Register
from grader.read.roster import IDS, read_roster

MOODLE = """First name,Surname,ID number,Email address,Groups
Ada,Lovelace,u1,ada@uni.edu,A
Emmy,Nöther,,emmy@uni.edu,
"""
MOODLE_GRADING = """Identifier,"Full name","ID number","Email address",Status,Grade
"Participant 123456","Ada Lovelace",u1,ada@uni.edu,"Submitted for grading - Graded",
"""
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (991)
    Points Possible,,,,,10.00
"Lovelace, Ada",4711,u1,alove,"CS 1, A",
"Nöther, Emmy",4712,u2,en7,CS 1,9
"Student, Test",4713,,abcdef0123,CS 1,
"""
HAND = "id;name;tutor\nu1;Ada Lovelace;Bob\nu2;Emmy Nöther;\n\n"


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_moodle_participants(tmp_path: Path) -> None:
    assert list(read_roster(write(tmp_path, MOODLE)).values()) == [
        Student("u1", "Ada Lovelace", "ada@uni.edu", {"Groups": "A"}),
        Student("emmy@uni.edu", "Emmy Nöther", "emmy@uni.edu"),
    ]
    assert read_roster(tmp_path / "roster.csv")["u1"].extra == {"Groups": "A"}


def test_moodle_grading_worksheet(tmp_path: Path) -> None:
    (ada,) = read_roster(write(tmp_path, MOODLE_GRADING)).values()
    assert (ada.id, ada.name, ada.extra["Identifier"]) == ("u1", "Ada Lovelace", "Participant 123456")


def test_canvas_gradebook(tmp_path: Path) -> None:
    roster = read_roster(write(tmp_path, CANVAS))
    assert {id: one.name for id, one in roster.items()} == {"u1": "Ada Lovelace", "u2": "Emmy Nöther"}
    assert roster["u1"].extra == {"ID": "4711", "SIS Login ID": "alove", "Section": "CS 1, A"}
    register = Register(roster)
    assert register.canvas("4711", "x").student == register.plain("ALOVE").student == roster["u1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str, newline: str) -> None:
    path = write(tmp_path, HAND.replace(";", separator).replace("\n", newline), encoding)
    roster = read_roster(path)
    assert [(one.id, one.name) for one in roster.values()] == [("u1", "Ada Lovelace"), ("u2", "Emmy Nöther")]
    assert roster["u1"].extra == {"tutor": "Bob"}


def test_what_excel_writes_in_front(tmp_path: Path) -> None:
    assert list(read_roster(write(tmp_path, "sep=;\n" + HAND))) == ["u1", "u2"]


def test_one_column_is_enough(tmp_path: Path) -> None:
    assert list(read_roster(write(tmp_path, "Email\nada@uni.edu\n"))) == ["ada@uni.edu"]
    assert list(read_roster(write(tmp_path, "Name\nAda Lovelace\n"))) == ["Ada Lovelace"]


def test_what_no_screen_takes_is_escaped(tmp_path: Path) -> None:
    (one,) = read_roster(write(tmp_path, 'id,name\nu1,"a\x1b[31m\u202eb\nc"\n')).values()
    assert one.name == "a\\x1b[31m\\u202eb c"
    (one,) = read_roster(write(tmp_path, 'id,name\nu1,"=HYPERLINK(""x"")"\n')).values()
    assert one.name == '=HYPERLINK("x")'  # the name is the name; exports take care of it


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"id,name\n", "lists no students"),
        (b"colour,size\nred,1\n", "line 1 has no column that identifies a student ('colour', 'size')"),
        (b"id,name\nu1,Ada\nU1,Bob\n", "line 3 has the id 'U1' of line 2 again"),
        (b"id,name\nu1,Ada\n,Bob\n", "line 3 has no id ('Bob'); write one"),
        (b"id,name\nu1,Ada,extra\n", "line 2 has 3 columns, the heading 2"),
        (b'id,name\nu1,"Ada\n' + b"x" * 20_000, "is a quotation mark open?"),
        (b'id,name\nu1,"Ada\n' + b"x" * 200_000, "is no CSV"),
        (b"id,name\n" + b"u" * 300 + b",Ada\n", "an id of 300 characters"),
        (b"PK\x03\x04\x00\x00\x81\x8d", "is no text"),
        (b"id,name\nu1,\x81\n", "is no text"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        read_roster(path)
    assert told in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_roster(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("José García Márquez", "garciamarquezjose"),
        ("José García Márquez", "Marquez Jose Garcia"),
        ("Søren Łukasz", "Soren Lukasz"),
        ("Conan O’Brien", "obrienconan"),
        ("Anne-Marie Weiß", "anne marie weiss"),
        ("Anne-Marie Weiß", "weissannemarie"),
        ("נועה כהן", "כהן נועה"),
        ("Zoe\u0308 X", "Zoë X"),
    ],
)
def test_names_as_people_and_systems_spell_them(listed: str, found: str) -> None:
    student = Student("1", listed)
    match = Register({"1": student, "2": Student("2", "Somebody Else")}).plain(found)
    assert match.student is student
    assert match.by_name


def test_an_id_goes_before_a_name() -> None:
    roster = {"ada": Student("ada", "Bob"), "u2": Student("u2", "Ada", "bob@uni.edu")}
    register = Register(roster)
    assert register.plain("ada").student is roster["ada"]
    assert register.plain("bob").student is roster["u2"]  # the e-mail's local part before the name


def test_a_number_of_canvas_is_no_id_of_the_university() -> None:
    """Somebody's university number may be somebody else's number in Canvas."""
    roster = {"12345": Student("12345", "Ada Lovelace"), "7": Student("7", "Jane Doe")}
    register = Register(roster)
    assert register.canvas("12345", "doejane").student is roster["7"]
    assert register.canvas("12345", "lovelaceada").student is roster["12345"]
    assert register.canvas("12345", "strangeralice").student is None


def test_the_headings_of_the_documentation_are_known() -> None:
    page = (Path(__file__).parents[2] / "docs" / "classes.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| id, the first"))
    named = [heading.strip().lower() for heading in row.split("|")[2].split(",")]
    assert [heading for heading in IDS if heading in named] == named
