"""Moodle's files, read back with pandas, csv and an HTML parser."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas
import pytest
from class_of_five import ADA, ATTEMPT, class_grades, with_message, with_student
from test_export_csv import FORMULAS, cells_of, computes

from grader.nouns import BadInput, ClassGrades, Student
from grader.write.exports.moodle import (
    MAX_FEEDBACK,
    feedback,
    gradebook_csv,
    is_worksheet,
    moodle_csv,
    participant,
    unknown_to_moodle,
    worksheet_csv,
    write_moodle,
)
from grader.write.exports.sheet import Sheet, read_sheet

# As Moodle 4 writes it; the names and the address are taken out of `extra` by whoever reads the roster.
SHEET = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Online text", "Last modified (grade)", "Feedback comments"),
)


def line_of(number: str, **other: str) -> dict[str, str]:
    row = dict.fromkeys(SHEET, "") | {
        "Identifier": f"Participant {number}",
        "Status": "Submitted for grading - ",
        "Maximum Grade": "100.00",
        "Grade can be changed": "Yes",
        "Last modified (submission)": "Monday, 2 March 2026, 12:30 AM",
        "Last modified (grade)": "-",
    }
    del row["Full name"], row["Email address"]
    return row | {key.replace("_", " "): value for key, value in other.items()}


def of_worksheet() -> ClassGrades:
    numbers = {"ada": "101", "ben": "102", "cleo": "103", "dan": "104", "eve": "105"}
    return class_grades(
        **{id: line_of(number, Grade="1.00" if id == "dan" else "") for id, number in numbers.items()}
    )


def read(text: str) -> pandas.DataFrame:
    return pandas.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def shown(markup: str) -> list[str]:
    """The lines that a browser shows, and nothing but text and line breaks in it."""

    class Lines(HTMLParser):
        lines: tuple[str, ...] = ("",)

        def handle_starttag(self, tag: str, attrs: object) -> None:
            assert (tag, attrs) == ("br", [])
            self.lines = (*self.lines, "")

        def handle_data(self, data: str) -> None:
            self.lines = (*self.lines[:-1], self.lines[-1] + data)

    parser = Lines(convert_charrefs=True)
    parser.feed(markup)
    parser.close()
    return list(parser.lines)


def test_the_worksheet_comes_back_with_grades_and_feedback_filled_in() -> None:
    sheet = read(worksheet_csv(of_worksheet())).set_index("Identifier")
    assert set(sheet.reset_index().columns) == set(SHEET)
    assert list(sheet.index) == [f"Participant {number}" for number in range(101, 106)]
    assert list(sheet["Grade"]) == ["26.25", "83.33", "", "1.00", ""]  # of 100; 3.15 and 10 of 12
    assert list(sheet["Full name"]) == ["Ada Lovelace", "בן אור", "Cleo", "Dan", "Eve"]
    assert sheet["Email address"]["Participant 101"] == "ada@example.org"
    assert (sheet["Last modified (grade)"] == "-").all()
    assert (sheet["Last modified (submission)"] == "Monday, 2 March 2026, 12:30 AM").all()
    assert (
        sheet["Feedback comments"]["Participant 104"] == sheet["Feedback comments"]["Participant 105"] == ""
    )
    assert shown(sheet["Feedback comments"]["Participant 103"]) == [
        "Your submission could not be graded. It is <no> notebook."
    ]


def test_other_columns_are_kept_as_they_are() -> None:
    odd = {
        "Group": "A, B",
        "Marker": ' "x" ',
        "Online text": "<p>two\nlines</p>",
        "Feedback files": "=kept",
        "Ω": "",
    }
    grades = class_grades(ada=line_of("101", Last_modified_="-") | odd, ben=line_of("102"))
    sheet = read(worksheet_csv(grades)).set_index("Identifier")
    for name, value in odd.items():
        assert sheet[name]["Participant 101"] == value
        assert sheet[name]["Participant 102"] == ""
    assert len(sheet) == 2  # the others are not on it


def test_a_formula_in_a_column_that_moodle_does_not_read_is_made_harmless() -> None:
    for formula in FORMULAS:
        extra = line_of("101", Online_text=formula, Status=formula)
        student = Student("ada", formula, formula, extra)
        text = worksheet_csv(with_student(class_grades(), student))
        assert [cell for cell in cells_of(text) if computes(cell)] == []
    kept = line_of("101") | {"Last modified (grade)": "=x", "Feedback files": "=y"}
    sheet = read(worksheet_csv(class_grades(ada=kept)))
    assert (sheet["Last modified (grade)"][0], sheet["Feedback files"][0]) == ("=x", "=y")


@pytest.mark.parametrize(
    ("maximum", "grade"),
    [
        ("100.00", "26.25"),
        ("12", "3.15"),
        ("100,00", "26.25"),
        ("1\u00a0000,00", "262.5"),
        ("-", "3.15"),
        ("0", "3.15"),
        ("", "3.15"),
        ("١٠٠", "3.15"),
    ],
)
def test_grades_are_on_moodles_scale(maximum: str, grade: str) -> None:
    sheet = read(worksheet_csv(class_grades(ada=line_of("101", Maximum_Grade=maximum))))
    assert sheet["Grade"][0] == grade


def test_extra_credit_does_not_exceed_what_moodle_takes() -> None:
    grades = class_grades(ada=line_of("101"))
    more = replace(grades, attempts=(replace(grades.attempts[0], points=15.0),))
    assert read(worksheet_csv(more))["Grade"][0] == "100"


def test_the_columns_that_make_up_the_student_may_have_been_taken_out() -> None:
    """A reader of rosters may make Identifier the id, and keep the rest; Moodle 5 writes 'Maximum grade'."""
    extra = {"Maximum grade": "24", "Last modified (grade)": "-"}
    student = Student("Participant 77", "Ada", "a@b", extra)
    grades = with_student(class_grades(), student)
    assert is_worksheet(grades)
    [row] = list(csv.DictReader(io.StringIO(worksheet_csv(grades))))
    assert (row["Identifier"], row["Full name"], row["Email address"], row["Grade"]) == (
        "Participant 77",
        "Ada",
        "a@b",
        "6.3",
    )
    assert row["Feedback comments"]


def test_nobody_known_to_moodle_is_one_clear_line() -> None:
    with pytest.raises(BadInput, match="--roster"):
        worksheet_csv(
            class_grades(ada={"Group": "A"}, ben={"x": ""}, cleo={"x": ""}, dan={"x": ""}, eve={"x": ""})
        )


@pytest.mark.parametrize(
    ("student", "number"),
    [
        (Student("x", extra={"Identifier": "Participant 123456"}), "123456"),
        (Student("x", extra={"identifier ": "Teilnehmer/in 7"}), "7"),
        (Student("x", extra={"\ufeffIdentifier": "Participant 5"}), "5"),
        (Student("123456"), "123456"),  # from the name of a downloaded file
        (Student("123456", extra={"Group": "A"}), None),  # from another list, where it may be any number
        (Student("ada"), None),
        (Student("x", extra={"Identifier": "../../7/.."}), None),
        (Student("x", extra={"Identifier": "Participant ١٢"}), None),
        (Student("x", extra={"Identifier": "9" * 10_000}), None),
    ],
)
def test_the_number_of_the_participant(student: Student, number: str | None) -> None:
    assert participant(student) == number


def test_the_file_for_the_gradebook_leaves_nothing_empty_that_would_be_deleted() -> None:
    grades = class_grades(ada={"ID number": "0017"})
    assert not is_worksheet(grades)
    assert moodle_csv(grades) == gradebook_csv(grades)
    sheet = read(gradebook_csv(grades))
    assert list(sheet.columns) == [
        "Full name",
        "Email address",
        "ID number",
        "Homework 1 (Real)",
        "Homework 1 (Feedback)",
    ]
    assert list(sheet["ID number"]) == ["0017", "ben"]
    assert list(sheet["Homework 1 (Real)"]) == ["3.15", "10"]
    assert (sheet["Homework 1 (Feedback)"] != "").all()
    assert not gradebook_csv(grades).startswith("ID")  # Excel's SYLK


def test_feedback_says_what_a_student_may_know() -> None:
    grades = class_grades()
    assert shown(feedback(grades.attempts[0], grades)) == [
        "3.15 of 12 points.",
        "4 points wait for a person.",
        "Handed in 1.5 days late: 3.5 points without the deduction.",
        "1.2.1 Batched matrix norms: 2.5 of 6 points. Is a <b>dim</b> missing; -x ?",
        "1.10.1 Random bits: 1 of 6 points. The grader failed here.",
    ]
    hidden = replace(grades, hidden=frozenset({("1.2.1", "shape"), ("1.2.1", "speed")}))
    said = "".join(shown(feedback(grades.attempts[0], hidden)))
    assert "dim" not in said
    assert "loop" not in said


@pytest.mark.parametrize(
    "message",
    [
        "<script>alert(1)</script>",
        "a <= b and c >= d & e",
        "&lt;=1+2; &amp;-1; &#61;@SUM(1)",
        "x <\n=cmd|' /C calc'!A0",
        '"><img src=x onerror=alert(1)>',
        "\x1b[31mred\x1b[0m \x00 \ud800 \u202e",
        ";".join("=+-@" * 20),
        "<=<=<-<@<＝<−",
        *FORMULAS,
    ],
)
def test_feedback_is_text_to_a_browser_and_to_a_spreadsheet(message: str) -> None:
    grades = with_message(class_grades(ada=line_of("101")), message, title=message)
    for text in (worksheet_csv(grades), gradebook_csv(grades)):
        text.encode("utf-8")
        assert [cell for cell in cells_of(text) if computes(cell)] == []
        row = list(csv.reader(io.StringIO(text, newline="")))[1]
        [said] = [cell for cell in row if "1.2.1 Batched" in cell]
        assert "\n" not in said
        shown(said)


def test_what_was_escaped_is_what_is_shown() -> None:
    message = 'Got a<=b; &-c &lt;=d <"=e"> '
    grades = with_message(class_grades(), message)
    said = feedback(grades.attempts[0], grades)
    assert html.unescape(said.split("<br>")[3]).endswith("points. " + message.strip())


def test_feedback_of_a_huge_submission_fits_a_cell() -> None:
    many = tuple(replace(ATTEMPT.exercises[0], id=f"1.1.{place}") for place in range(5_000))
    grades = class_grades()
    said = feedback(replace(ATTEMPT, student=ADA, exercises=many), grades)
    assert len(said) < MAX_FEEDBACK + 5_000
    assert said.endswith("…")


def test_it_is_written_in_utf_8_whole(tmp_path: Path) -> None:
    write_moodle(of_worksheet(), tmp_path / "moodle.csv")
    text = (tmp_path / "moodle.csv").read_bytes().decode("utf-8")
    assert text == worksheet_csv(of_worksheet())
    assert [one.name for one in tmp_path.iterdir()] == ["moodle.csv"]


# ------------------------------------------------------------------- the worksheet as it was uploaded

WORKSHEET = """\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Online text","Last modified (grade)","Feedback comments"
"Participant 102","Or, Ben",ben@example.org,"Submitted for grading - ",,100.00,Yes,"Monday, 2 March 2026, 12:30 AM","<p>a</p>
<p>b  ""c""</p>",-,
"Participant 101","Ada  Lovelace",ada@example.org,,5.00,100.00,Yes,-,,-,old
"Participant 999",Zoe,zoe@example.org,"No submission",,100.00,No,-,,-,
"Participant 103",Cleo,cleo@example.org,,,100.00,Yes,-,,-,
"""


def uploaded(tmp_path: Path, text: str = WORKSHEET, encoding: str = "utf-8") -> Sheet:
    path = tmp_path / "worksheet.csv"
    path.write_bytes(text.replace("\\\n", "").encode(encoding))
    return read_sheet(path)


def test_every_other_cell_and_row_is_as_it_was(tmp_path: Path) -> None:
    sheet = uploaded(tmp_path)
    made = list(csv.reader(io.StringIO(worksheet_csv(of_worksheet(), sheet), newline="")))
    assert made[0] == list(sheet.header) == list(SHEET)
    for before, after in zip(sheet.rows, made[1:], strict=True):
        told = dict(zip(SHEET, zip(before, after, strict=True), strict=True))
        changed = {name for name, (old, new) in told.items() if old != new}
        assert changed <= {"Grade", "Feedback comments"}
    grades = {row[0]: (row[SHEET.index("Grade")], bool(row[-1])) for row in made[1:]}
    assert grades == {
        "Participant 102": ("83.33", True),
        "Participant 101": ("26.25", True),
        "Participant 999": ("", False),
        "Participant 103": ("", True),
    }


def test_a_number_of_another_assignment_gives_nobody_anothers_grade(tmp_path: Path) -> None:
    """Moodle numbers participants anew in each assignment; 101 was Ada, and is Zoe here."""
    changed = WORKSHEET.replace("Participant 101", "Participant 500").replace(
        "Participant 999", "Participant 101"
    )
    made = read(moodle_csv(of_worksheet(), uploaded(tmp_path, changed))).set_index("Identifier")
    assert (made["Grade"]["Participant 500"], made["Grade"]["Participant 101"]) == ("26.25", "")
    assert made["Feedback comments"]["Participant 101"] == ""
    without = read(moodle_csv(of_worksheet(), uploaded(tmp_path, WORKSHEET.replace("ada@example.org", ""))))
    assert without.set_index("Identifier")["Grade"]["Participant 101"] == "26.25"


def test_another_list_is_no_worksheet(tmp_path: Path) -> None:
    no_worksheet = uploaded(tmp_path, "Email address,Group\nada@example.org,A\n")
    assert moodle_csv(class_grades(), no_worksheet) == gradebook_csv(class_grades())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_may_have_saved_it_again(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "Identifier,Full name,Last modified (grade)\r\nParticipant 101,Zoë,-\r\n\r\nParticipant 7\r\n"
    sheet = uploaded(tmp_path, text.replace(",", delimiter), encoding)
    assert sheet.header == ("Identifier", "Full name", "Last modified (grade)")
    assert sheet.rows == (("Participant 101", "Zoë", "-"), ("Participant 7", "", ""))
    made = read(worksheet_csv(of_worksheet(), sheet))
    assert list(made["Grade"]) == ["3.15", ""]  # nothing tells Moodle's maximum


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"x," * 200_000 + b'"' + b"y" * 200_000])
def test_what_is_no_table_is_one_clear_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(BadInput, match="export it again"):
        read_sheet(tmp_path / "x.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        read_sheet(tmp_path)


def test_hostile_rows_of_a_sheet_compute_nothing(tmp_path: Path) -> None:
    for formula in FORMULAS:
        quoted = formula.replace('"', '""').replace("\x00", "")
        sheet = uploaded(
            tmp_path,
            f'Full name,Identifier,Last modified (grade),Status\n"{quoted}",Participant 101,-,"{quoted}"\n',
            "utf-8",
        )
        text = worksheet_csv(of_worksheet(), sheet)
        assert [cell for cell in cells_of(text) if computes(cell)] == []


def test_a_row_is_found_by_address_where_the_number_is_not_known(tmp_path: Path) -> None:
    """The class may have been graded with another roster, or with none."""
    sheet = uploaded(tmp_path)
    made = read(worksheet_csv(class_grades(ben={"Group": "A"}), sheet)).set_index("Identifier")
    assert list(made["Grade"]) == ["83.33", "26.25", "", ""]
    assert [student.id for student in unknown_to_moodle(class_grades(), sheet)] == ["dan"]
    grades = class_grades()
    twins = replace(
        grades,
        attempts=tuple(
            replace(a, student=replace(a.student, email="BEN@example.org")) for a in grades.attempts
        ),
    )
    with pytest.raises(BadInput, match="Nobody"):
        worksheet_csv(twins, sheet)


def test_nobody_gets_anothers_grade(tmp_path: Path) -> None:
    two = class_grades(ada=line_of("102"), ben=line_of("102"))
    for make in (lambda: worksheet_csv(two), lambda: worksheet_csv(two, uploaded(tmp_path))):
        with pytest.raises(BadInput, match="'ada' and 'ben' both are Moodle's participant 102"):
            make()
    with pytest.raises(BadInput, match="Nobody"):
        worksheet_csv(class_grades(), uploaded(tmp_path, WORKSHEET.replace("example.org", "example.com")))
