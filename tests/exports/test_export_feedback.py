"""Archives to hand back, read with zipfile, and by the rules by which Moodle takes names apart."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from class_of_five import ATTEMPT, class_grades, report, with_student
from hypothesis import given
from hypothesis import strategies as st

from grader.nouns import BadInput, ClassGrades, Student
from grader.write.exports.feedback import moodle_folder, write_feedback, write_moodle_feedback
from grader.write.exports.names import MAX_BYTES, own_names, safe_name
from grader.write.exports.sheet import read_sheet
from grader.write.files import whole_file

NASTY = (
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows",
    "..",
    ".",
    "",
    " ",
    ".hidden",
    "~root",
    "-rf",
    "CON",
    "nul.txt",
    "a\x00b",
    "a\nb",
    "\u202egnp.exe",
    "x" * 10_000,
    "א" * 10_000,
    "🎓" * 100,
    "\ud800",
    "a_b_assignsubmission_file_",
    "_999_assignsubmission_file_",
    '*?<>|":',
    "trailing. .",
)


def as_moodle_reads(path: str) -> tuple[str, str, str, str]:
    """Name, participant, plugin and file: what mod/assign/feedback/file/importziplib.php makes of a path."""
    for part in path.split("/")[:-1]:
        pieces = part.split("_", 4)
        if len(pieces) >= 4 and pieces[1].isdecimal():
            rest = path.split("/")[path.split("/").index(part) + 1 :]
            return pieces[0], pieces[1], "_".join(pieces[2:4]), "/".join(rest)
    raise AssertionError(f"Moodle would pass over {path}")


def of_moodle(**other: str) -> ClassGrades:
    numbers = {"ada": "101", "ben": "102", "cleo": "103", "eve": "105"} | other
    return class_grades(**{id: {"Identifier": f"Participant {number}"} for id, number in numbers.items()})


def test_an_archive_per_student(tmp_path: Path) -> None:
    count = write_feedback(class_grades(), report, tmp_path / "new" / "feedback")
    made = sorted((tmp_path / "new" / "feedback").iterdir())
    assert [path.name for path in made] == [
        "ada.zip",
        "ben.zip",
        "dan.zip",
    ]  # Cleo has no report, Eve no attempt
    assert count == 3
    for path in made:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["report.html"]
            assert archive.read("report.html") == f"report.html of {path.stem}".encode()


def test_moodle_can_give_each_student_the_report(tmp_path: Path) -> None:
    path = tmp_path / "moodle.zip"
    assert (
        write_moodle_feedback(of_moodle(), report, path) == 2
    )  # Cleo has no report, Moodle does not know Dan
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "Ada Lovelace_101_assignsubmission_file_/report.html",
            "בן אור_102_assignsubmission_file_/report.html",
        ]
        for name, number, id in zip(archive.namelist(), ("101", "102"), ("ada", "ben"), strict=True):
            assert as_moodle_reads(name)[1:] == (number, "assignsubmission_file", "report.html")
            assert archive.read(name) == f"report.html of {id}".encode()


def test_archives_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    grades = of_moodle()
    for place, one in enumerate((grades, replace(grades, attempts=grades.attempts[::-1]))):
        write_moodle_feedback(one, report, tmp_path / f"{place}.zip")
        write_feedback(one, report, tmp_path / str(place))
        os.utime(tmp_path / f"{place}.zip", (place, place))
    assert (tmp_path / "0.zip").read_bytes() == (tmp_path / "1.zip").read_bytes()
    assert (tmp_path / "0" / "ada.zip").read_bytes() == (tmp_path / "1" / "ada.zip").read_bytes()


@pytest.mark.parametrize("text", NASTY)
def test_no_name_leads_anywhere_else(text: str, tmp_path: Path) -> None:
    extra = {"Identifier": "Participant 101"}
    grades = with_student(class_grades(), Student(text, text, "", extra))
    folder = tmp_path / "deep" / "folder"
    write_feedback(grades, report, folder)
    [made] = folder.iterdir()
    assert made.suffix == ".zip"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [made]

    write_moodle_feedback(grades, report, tmp_path / "m.zip")
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        [name] = archive.namelist()
        archive.extractall(tmp_path / "out")
    assert as_moodle_reads(name)[1:] == ("101", "assignsubmission_file", "report.html")
    assert len(PurePosixPath(name).parts) == len(PureWindowsPath(name).parts) == 2
    assert [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.html")] == [
        name
    ]


@given(st.text(max_size=200))
def test_a_safe_name_is_a_name(text: str) -> None:
    name = safe_name(text)
    assert name
    assert name == safe_name(name) or name.startswith("student")
    assert not set(name) & set('/\\:*?"<>|~\n\r\t\x00')
    assert name[0] not in ".- "
    assert name[-1] not in ". "
    assert len(name.encode("utf-8")) <= MAX_BYTES + len("student ")
    assert len(moodle_folder(Student(text, text), "1" * 18).encode("utf-8")) < 255


@given(st.lists(st.text(alphabet="aAbBéÉ/\\. ~_", max_size=4), unique=True, max_size=8))
def test_no_two_ids_share_a_name(ids: list[str]) -> None:
    names = own_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    assert own_names(ids) == names


def test_plain_ids_keep_their_names() -> None:
    assert own_names(["ada", "s1234567", "a_b", "É"]) == {
        "ada": "ada",
        "s1234567": "s1234567",
        "a_b": "a_b",
        "É": "É",
    }
    marked = own_names(["a/b", "a-b", "ADA", "ada"])
    assert marked["a-b"] == "a-b" or marked["a-b"].startswith("a-b~")
    assert own_names(["a/b"])["a/b"] == marked["a/b"], "a name does not depend on who else is there"


def test_two_students_with_one_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"'ada' and 'ben'.*participant 101"):
        write_moodle_feedback(of_moodle(ben="101"), report, tmp_path / "m.zip")
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_hand_back_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--roster"):
        write_moodle_feedback(
            with_student(class_grades(), Student("x", extra={"Group": "A"})), report, tmp_path / "m.zip"
        )
    (tmp_path / "m.zip").write_bytes(b"old")
    for write in (write_feedback, write_moodle_feedback):
        where = tmp_path / ("m.zip" if write is write_moodle_feedback else "folder")
        with pytest.raises(BadInput, match="has a report"):
            write(of_moodle(), lambda *_: None, where)
    assert (tmp_path / "m.zip").read_bytes() == b"old"
    with pytest.raises(BadInput, match="--out"):
        write_feedback(class_grades(), report, tmp_path / "m.zip" / "folder")


def test_an_error_on_the_way_leaves_the_old_archive(tmp_path: Path) -> None:
    path = tmp_path / "m.zip"
    path.write_bytes(b"old")

    def fails(id: str, name: str) -> bytes:
        if id == "ben":
            raise RuntimeError("the database is gone")
        return b"x" * 1_000_000

    with pytest.raises(RuntimeError, match="gone"):
        write_moodle_feedback(of_moodle(), fails, path)
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["m.zip"]


def test_reports_are_asked_for_one_at_a_time(tmp_path: Path) -> None:
    """A class of any size fits into memory: each report is on disk before the next is asked for."""
    many = tuple(replace(ATTEMPT, student=Student(str(n))) for n in range(100, 130))
    sizes: list[int] = []

    def noise(id: str, name: str) -> bytes:
        sizes.append(sum(path.stat().st_size for path in tmp_path.iterdir()))
        return os.urandom(200_000)  # does not compress

    assert write_moodle_feedback(replace(class_grades(), attempts=many), noise, tmp_path / "m.zip") == 30
    assert sizes[-1] > 29 * 190_000


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"keep")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    with whole_file(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "precious").read_bytes() == b"keep"
    assert (tmp_path / "link").read_bytes() == b"new"
    assert not (tmp_path / "link").is_symlink()


def test_numbers_are_those_of_the_worksheet_that_is_given(tmp_path: Path) -> None:
    """Moodle numbers participants anew in each assignment; what an earlier worksheet said may be another's."""
    (tmp_path / "w.csv").write_text(
        "Identifier,Email address,Last modified (grade)\n"
        "Participant 7,ada@example.org,-\nParticipant 101,zoe@example.org,-\nParticipant 102,,-\n"
    )
    write_moodle_feedback(of_moodle(), report, tmp_path / "m.zip", read_sheet(tmp_path / "w.csv"))
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        told = {as_moodle_reads(name)[1]: archive.read(name) for name in archive.namelist()}
    assert told == {"7": b"report.html of ada", "102": b"report.html of ben"}
