from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from made_up_grade import Sample
from rich.cells import cell_len
from rich.console import Console

from grader.nouns import ExerciseGrade, Finding, Grade, Status
from grader.write.table import print_table
from grader.write.words import gist, number, of_points, seconds, telling, totals


def shown(grade: Grade, width: int, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=width, **options)
    print_table(grade, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [24, 40, 60, 88, 120, 200])
def test_it_fits_the_terminal(sample: Sample, width: int) -> None:
    text = shown(sample.grade, width)
    assert max(cell_len(row) for row in text.splitlines()) <= width
    for exercise in sample.grade.exercises:
        assert exercise.id in text
        assert f"{number(exercise.points)} / {number(exercise.max_points)}" in text


@pytest.mark.parametrize("width", [60, 120])
def test_the_message_is_that_of_the_first_failed_check(sample: Sample, width: int) -> None:
    text = flat(re.sub(r"[─━]", "", shown(sample.grade, width)))
    assert "Two slices along" in text
    assert "First mend" not in text
    assert "3.2 times faster" not in text


def test_the_totals(sample: Sample) -> None:
    wide = flat(shown(sample.grade, 120))
    assert "Graded so far 23.5 of 48 points; 9 points wait for a person." in wide
    assert "The grader itself failed in 1.6.1." in wide
    assert "Note: Two cells had the same id" in wide


def test_what_a_person_should_look_at(sample: Sample) -> None:
    finding = Finding("accuracy", "is right", Status.PASSED, 1, 1, flag="Too good.")
    exercise = ExerciseGrade("2.9.4", "Moons", Status.PASSED, 1, 1, 0, 0, (finding,))
    wide = flat(shown(replace(sample.grade, exercises=(exercise,)), 120))
    assert "A person should look at 2.9.4: the report says why." in wide
    assert "A person should look" not in flat(shown(sample.grade, 120))


@pytest.mark.parametrize("width", [40, 120])
def test_nothing_of_the_student_acts_on_the_terminal(sample: Sample, width: int) -> None:
    text = shown(sample.grade, width, force_terminal=True, color_system=None)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


def test_markup_is_shown_and_not_obeyed(sample: Sample) -> None:
    finding = Finding(
        "a", "t", Status.FAILED, 0, 1, "[bold red]danger[/bold red] [/] [link=https://x.invalid]y"
    )
    exercise = ExerciseGrade("1.1.1", "[blink]title[/blink]", Status.FAILED, 0, 1, 0, 0, (finding,))
    grade = replace(sample.grade, exercises=(exercise,))
    text = flat(shown(grade, 200))
    assert "[bold red]danger[/bold red] [/] [link=https://x.invalid]y" in text
    assert "[blink]title[/blink]" in text


def test_a_terminal_without_unicode_gets_plain_signs(sample: Sample) -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    print_table(sample.grade, Console(file=file, width=120))
    file.flush()
    text = raw.getvalue().decode("ascii")
    assert "x failed" in text
    assert "+ passed" in text


def test_a_piped_table_is_not_coloured(sample: Sample) -> None:
    assert "\x1b" not in shown(sample.grade, 120)


def test_an_empty_grade_has_a_table_too(sample: Sample) -> None:
    assert "0 of 0 points." in shown(replace(sample.grade, exercises=()), 80)


# ------------------------------------------------------------------------------------ the words


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (2.50, "2.5"), (1 / 3, "0.33"), (0, "0"), (-0.001, "0"), (100, "100"), (float("nan"), "?")],
)
def test_points_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text


def test_singular_and_plural() -> None:
    assert [of_points(value) for value in (0, 0.5, 1, 2)] == ["0 points", "0.5 points", "1 point", "2 points"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0012, "1 ms"),
        (0.0996, "0.1 s"),
        (1.44, "1.4 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (-1, "?"),
    ],
)
def test_durations(value: float, text: str) -> None:
    assert seconds(value) == text


def exercise_of(*statuses: Status) -> ExerciseGrade:
    findings = tuple(Finding(s.value, f"is {s.value}", s, 0, 1, f"\n says {s.value}\nmore") for s in statuses)
    open_points = float(sum(status is Status.WAITING for status in statuses))
    return ExerciseGrade("1.1.1", "One", statuses[-1], 0, len(statuses), open_points, 0, findings)


def test_the_telling_finding() -> None:
    order = (Status.PASSED, Status.SKIPPED, Status.INCONCLUSIVE, Status.PARTIAL, Status.FAILED, Status.BROKEN)
    found = [telling(exercise_of(*order[: count + 1])) for count in range(len(order))]
    names = [finding.name if finding else None for finding in found]
    assert names == [None, None, "inconclusive", "partial", "partial", "broken"]


def test_the_gist() -> None:
    assert gist(exercise_of(Status.FAILED)) == "says failed"
    assert gist(exercise_of(Status.PASSED)) == ""
    assert gist(exercise_of(Status.PASSED, Status.WAITING)) == "1 point waits for a person."
    silent = replace(exercise_of(Status.FAILED), findings=(Finding("a", "is right", Status.FAILED, 0, 1),))
    assert gist(silent) == "Not so: is right"


def test_totals_without_open_points(sample: Sample) -> None:
    assert totals(replace(sample.grade, exercises=sample.grade.exercises[3:4])) == "6 of 6 points."
    one_open = replace(sample.grade.exercises[3], open_points=1.0, points=5)
    expected = "Graded so far 5 of 5 points; 1 point waits for a person."
    assert totals(replace(sample.grade, exercises=(one_open,))) == expected
