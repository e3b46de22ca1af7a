"""A submission of several files: all outputs name the one that was graded, whatever it is called."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from made_up_grade import Sample
from parsed_page import parse
from rich.console import Console

from grader.nouns import Grade
from grader.write.report import render
from grader.write.results import to_json, to_text
from grader.write.table import print_table

HOSTILE = "hw/<script>alert(1)</script>\u202egpj\x1b[31m.ipynb"


def packed(sample: Sample, member: str, files: int) -> Grade:
    beside = {f"{number}.csv": b"1" for number in range(files)}
    submission = replace(sample.grade.submission, name="sub.zip", member=member, files=beside)
    return replace(sample.grade, submission=submission)


@pytest.mark.parametrize(
    ("files", "words"), [(0, ""), (1, ", with 1 other file beside it"), (3, ", with 3 other files beside it")]
)
def test_everything_names_it(sample: Sample, files: int, words: str) -> None:
    grade = packed(sample, "hw/a.ipynb", files)
    facts = [fact.words for fact in parse(render(grade, {})).all("dl", "facts")]
    assert f"hw/a.ipynb in sub.zip{words} file" in facts[0]
    told = to_json(grade)["submission"]
    assert (told["member"], told["files"]) == ("hw/a.ipynb", files)
    console = Console(file=io.StringIO(), width=100)
    print_table(grade, console)
    assert "sub.zip: hw/a.ipynb" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_single_file_needs_no_such_line(sample: Sample) -> None:
    facts = parse(render(sample.grade, {})).one("dl", "facts")
    assert "graded" not in [term.words for term in facts.all("dt")]
    assert to_json(sample.grade)["submission"]["member"] is None


def test_a_hostile_name_is_shown_and_does_nothing(sample: Sample) -> None:
    grade = packed(sample, HOSTILE, 1)
    page = render(grade, {})
    assert "<script>alert(1)" not in page
    assert "\u202e" not in parse(page).one("dl", "facts").words
    assert "\u202e" not in to_text(grade)
    console = Console(file=io.StringIO(), width=200)
    print_table(grade, console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert not {"\x1b", "\u202e"} & set(printed)
