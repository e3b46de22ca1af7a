"""Messages fall into groups by the mistake that they name, whatever the hidden inputs were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hostile_text import ATTACKS, LONG_LINE
from made_up_class import made_up_class
from torch import Tensor

from grader.common_mistakes import common_mistakes, diagnosis_of
from grader.compare.closeness import close
from grader.compare.outcome import CheckFailed
from grader.nouns import Attempt, ClassGrades, ExerciseGrade, Finding, Status, Student

# What students do to the right answer, a square matrix without a pattern.
WRONG: dict[str, Callable[[Tensor], Tensor]] = {
    "transposed": lambda x: x.T,
    "sign": lambda x: -x,
    "flipped": lambda x: x.flip(0),
    "offset": lambda x: x + 3,
    "factor": lambda x: x * 1.37,
    "dimension": lambda x: x[:, None],
    "flat": lambda x: x.flatten(),
    "zero": lambda x: x * 0,
    "nan": lambda x: x.where(x > x.median(), torch.nan),
    "dtype": lambda x: x.to(torch.float32),
    "noise": lambda x: x + torch.randn(x.shape, generator=torch.Generator().manual_seed(9), dtype=x.dtype),
}


def said(wrong: Callable[[Tensor], Tensor], size: int, seed: int) -> str:
    """What the student reads, from the verb that checks use."""
    x = torch.randn(size, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    with pytest.raises(CheckFailed) as failed:
        close(wrong(x), x, what="the result of `f(x)`")
    return failed.value.message


@pytest.mark.parametrize("name", list(WRONG))
def test_the_same_mistake_is_one_group_whatever_the_input(name: str) -> None:
    messages = [said(WRONG[name], size, seed) for size, seed in ((4, 0), (5, 1), (9, 2), (6, 3))]
    assert len(set(messages)) > 1 or name in ("zero", "sign", "dtype"), "the inputs should make a difference"
    assert len(groups(messages)) == 1, messages


def test_different_mistakes_are_different_groups() -> None:
    found = groups([said(wrong, 5, 1) for wrong in WRONG.values()])
    assert len(found) == len(WRONG), found


def groups(messages: list[str]) -> list[str]:
    return [one.diagnosis for one in common_mistakes(class_saying(*messages))]


def class_saying(*messages: str, status: Status = Status.FAILED) -> ClassGrades:
    attempts: list[Attempt] = []
    for i, message in enumerate(messages):
        finding = Finding("values", "gives the right values", status, 0, 2, message)
        one = ExerciseGrade("1.1", "Title", Status.FAILED, 0, 2, 0, 0, (finding,))
        attempts.append(Attempt(Student(f"s{i}"), "key", "graded", (one,)))
    return ClassGrades("made up", tuple(attempts))


@pytest.mark.parametrize(
    ("message", "diagnosis"),
    [
        ("Every element is 32 times too large, which is the size of dimension 0.", "Every element is … times too large, which is the size of dimension …."),
        ("It is rolled: `torch.roll` by -1 puts it right.", "It is rolled: `torch.roll` by … puts it right."),
        ("`f` raised ValueError: my own text 3 (line 5).", "`f` raised ValueError."),
        ("`f` raised torch.cuda.OutOfMemoryError: no. More.", "`f` raised torch.cuda.OutOfMemoryError."),
        ("`fit` raised ValueError for a model of 3 layers.", "`fit` raised ValueError for a model of … layers."),
        ("No error was raised, although 2 are due.", "No error was raised, although … are due."),
        ("The text is 'abc', which isn't \"x y\".", "The text is …, which isn't …."),
        ("x is [1, 2, 3, 4, 5, 6, 7].", "x is […]."),
        ("mat1 and mat2 do not fit (3x4 and 5×6).", "mat1 and mat2 do not fit (… and …)."),
        ("It must be float32, not float64.", "It must be float32, not float64."),
        ("1,200 of 1e-05 are nan or -inf (60 %).", "… of … are … or … (…)."),
        ("Two slices are equal.\n\n```python\ntorch.randint(0, 2, shape)\n```", "Two slices are equal."),
        ("The result has shape (3,); (4,) is expected.", "The shape is wrong."),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_left_of_a_message(message: str, diagnosis: str) -> None:
    assert diagnosis_of(message) == diagnosis


def test_one_and_several_are_the_same_diagnosis() -> None:
    assert groups(["1 element is NaN: why?", "3 elements are NaN: why?", "4 elements are NaN: why?"]) == [
        "… elements are NaN: why?"
    ]


def test_groups_are_by_exercise_and_check_and_the_largest_comes_first() -> None:
    grades = made_up_class(60, exercises=6)
    found = common_mistakes(grades)
    sizes = [len(one.students) for one in found]
    assert sizes == sorted(sizes, reverse=True)
    failures = {
        (attempt.student.id, one.id, finding.name)
        for attempt in grades.attempts
        for one in attempt.exercises
        for finding in one.findings
        if finding.status in (Status.FAILED, Status.PARTIAL)
    }
    grouped = [(student, one.exercise, one.check) for one in found for student in one.students]
    assert sorted(grouped) == sorted(failures)
    assert {one.hidden for one in found if (one.exercise, one.check) in grades.hidden} == {True}


@pytest.mark.parametrize("status", [one for one in Status if one not in (Status.FAILED, Status.PARTIAL)])
def test_only_failures_are_mistakes(status: Status) -> None:
    assert common_mistakes(class_saying("It is transposed.", status=status)) == ()


def test_what_is_lost_is_added_up_and_the_example_is_kept() -> None:
    (one,) = common_mistakes(class_saying("It is 3 too large.", "It is 4 too large."))
    assert (one.lost, one.students, one.example) == (4, ("s0", "s1"), "It is 3 too large.")


def test_hostile_messages_are_one_short_line_each() -> None:
    for attack in (
        *ATTACKS,
        LONG_LINE,
        "'" * 100_000,
        "1" * 100_000,
        "(" * 50_000,
        "raised " * 9_000,
        "1,2" * 9_000,
    ):
        found = diagnosis_of(attack)
        assert len(found) <= 300
        assert "\n" not in found


def test_attempts_that_were_not_graded_say_nothing() -> None:
    grades = class_saying("It is transposed.")
    unread = replace(grades.attempts[0], state="unreadable")
    assert common_mistakes(replace(grades, attempts=(unread,))) == ()
