"""Item analysis against numbers worked out by hand, and against a class whose items are known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from made_up_class import made_up_class

from grader.item_analysis import Item, in_order, item_analysis
from grader.nouns import Attempt, ClassGrades, ExerciseGrade, Finding, Status, Student
from grader.score import OPEN, status_of
from grader.totals import totals


def exercise(id: str, *points: tuple[float, float] | tuple[float, float, Status]) -> ExerciseGrade:
    """Checks c0, c1, … with (earned, full) points and, where these do not tell it, their status."""
    findings = tuple(
        Finding(
            f"c{i}",
            f"check {i}",
            one[2] if len(one) > 2 else Status.PASSED if one[0] == one[1] else Status.FAILED,
            one[0],
            one[1],
            seconds=float(i + 1),
        )
        for i, one in enumerate(points)
    )
    return ExerciseGrade(
        id=id,
        title=f"Exercise {id}",
        status=status_of(findings),
        points=sum(one.points for one in findings),
        max_points=sum(one.max_points for one in findings),
        open_points=sum(one.max_points for one in findings if one.status in OPEN),
        seconds=float(len(points)),
        findings=findings,
    )


def class_of(*answers: tuple[ExerciseGrade, ...]) -> ClassGrades:
    attempts = [
        Attempt(
            Student(f"s{i}"), "key", "graded", held, points=sum(one.points for one in held), max_points=10
        )
        for i, held in enumerate(answers)
    ]
    return ClassGrades("made up", tuple(attempts), points=10)


def whole(grades: ClassGrades, id: str) -> Item:
    return next(one for one in item_analysis(grades).exercises if one.exercise == id)


DICHOTOMOUS = [(1, 1, 1), (1, 1, 0), (1, 0, 0), (0, 0, 0), (1, 1, 1), (0, 1, 0)]


@pytest.fixture
def small() -> ClassGrades:
    """Six students, three exercises of a point each, right or wrong."""
    return class_of(
        *(tuple(exercise(f"1.{i + 1}", (x, 1)) for i, x in enumerate(row)) for row in DICHOTOMOUS)
    )


def test_difficulty_is_the_share_of_those_who_have_it_right(small: ClassGrades) -> None:
    one = whole(small, "1.1")
    assert (one.students, one.attempted, one.decided) == (6, 6, 6)
    assert one.mean_share == one.success == pytest.approx(4 / 6)
    assert whole(small, "1.3").success == pytest.approx(2 / 6)


def test_discrimination_is_the_point_biserial_with_the_rest(small: ClassGrades) -> None:
    """The classical formula, (M1 - M0) / s · √(pq), on the rest of the total; s is the population's."""
    for place in range(3):
        item = np.array([row[place] for row in DICHOTOMOUS], dtype=float)
        rest = np.array([sum(row) - row[place] for row in DICHOTOMOUS], dtype=float)
        p = item.mean()
        by_hand = (rest[item == 1].mean() - rest[item == 0].mean()) / rest.std() * math.sqrt(p * (1 - p))
        assert whole(small, f"1.{place + 1}").discrimination == pytest.approx(by_hand)


def test_the_item_itself_is_not_part_of_the_rest() -> None:
    """An item that has nothing to do with the others correlates with a total that contains it."""
    grades = class_of(*((exercise("1", (a, 1)), exercise("2", (b, 1))) for a in (0, 1) for b in (0, 1)))
    assert whole(grades, "1").discrimination == pytest.approx(0)


def test_alpha_is_cronbachs(small: ClassGrades) -> None:
    scores = np.array(DICHOTOMOUS, dtype=float)
    by_hand = 3 / 2 * (1 - scores.var(0, ddof=1).sum() / scores.sum(1).var(ddof=1))
    found = item_analysis(small).reliability
    assert found.alpha == pytest.approx(by_hand)
    assert (found.items, found.students, found.left_out) == (3, 6, 0)


def test_alpha_of_the_same_item_twice_is_one() -> None:
    grades = class_of(*((exercise("1", (x, 4)), exercise("2", (x, 4))) for x in (0, 1, 4)))
    assert item_analysis(grades).reliability.alpha == pytest.approx(1)


def test_what_waits_is_left_out_and_not_taken_for_zero() -> None:
    waits = (0, 2, Status.WAITING)
    grades = class_of(
        (exercise("1", (2, 2), waits), exercise("2", (1, 1))),
        (exercise("1", (0, 2), waits), exercise("2", (0, 1))),
        (exercise("1", (1, 2), waits), exercise("2", (1, 1))),
    )
    one = whole(grades, "1")
    assert one.mean_share == pytest.approx(0.5)
    assert one.success == pytest.approx(1 / 3)
    written = item_analysis(grades).checks["1"][1]
    assert (written.students, written.attempted, written.decided) == (3, 3, 0)
    assert written.mean_share is written.success is written.discrimination is None
    assert written.undefined == "none of its points are decided yet"
    found = item_analysis(grades).reliability
    assert found.alpha is not None
    assert found.left_out == 1


def test_an_attempt_that_the_grader_broke_is_left_out_of_alpha(small: ClassGrades) -> None:
    broken = (exercise("1.1", (0, 1, Status.BROKEN)), exercise("1.2", (0, 1)), exercise("1.3", (0, 1)))
    extra = Attempt(Student("x"), "key", "graded", broken)
    more = replace(small, attempts=(*small.attempts, extra))
    assert item_analysis(more).reliability == item_analysis(small).reliability
    assert whole(more, "1.1").statuses[Status.BROKEN] == 1
    assert whole(more, "1.1").decided == 6


def test_not_attempted_counts_as_zero_and_has_no_time() -> None:
    nothing = (0, 1, Status.NOT_ATTEMPTED)
    grades = class_of((exercise("1", (1, 1)),), (exercise("1", nothing),), (exercise("1", nothing),))
    one = item_analysis(grades).checks["1"][0]
    assert (one.students, one.attempted) == (3, 1)
    assert one.mean_share == pytest.approx(1 / 3)
    assert one.median_seconds == 1.0
    assert one.undefined == "there is no other item to compare it with"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([(1, 1), (1, 0), (1, 1)], "everybody earned the same here"),
        ([(1, 1), (0, 1), (1, 1)], "everybody earned the same elsewhere"),
        ([(1, 1), (0, 0)], "fewer than three students"),
    ],
)
def test_why_there_is_no_discrimination(answers: list[tuple[int, int]], reason: str) -> None:
    grades = class_of(*((exercise("1", (a, 1)), exercise("2", (b, 1))) for a, b in answers))
    one = whole(grades, "1")
    assert one.discrimination is None
    assert one.undefined == reason


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([], "there are fewer than two exercises with decided points"),
        ([(1, 0), (0, 1)], "fewer than three students have every exercise decided"),
        ([(1, 0), (0, 1), (1, 0)], "all totals are the same"),
    ],
)
def test_why_there_is_no_alpha(answers: list[tuple[int, int]], reason: str) -> None:
    grades = class_of(*((exercise("1", (a, 1)), exercise("2", (b, 1))) for a, b in answers))
    found = item_analysis(grades).reliability
    assert found.alpha is None
    assert found.undefined == reason


def test_points_that_are_no_number_are_left_out() -> None:
    grades = class_of(
        *((exercise("1", (x, 1)), exercise("2", (1, 1))) for x in (0.0, 1.0, math.nan, math.inf))
    )
    one = whole(grades, "1")
    assert (one.students, one.decided) == (4, 2)
    assert one.mean_share == pytest.approx(0.5)


def test_exercises_of_no_points_do_no_harm() -> None:
    grades = class_of(*((exercise("1", (0, 0)), exercise("2", (x, 1))) for x in (0, 1, 1)))
    assert whole(grades, "1").mean_share is None
    assert whole(grades, "2").mean_share == pytest.approx(2 / 3)


def test_it_finds_the_item_with_the_wrong_key() -> None:
    """The maker gives one check a negative slope; of 400 students the analysis shows which."""
    found = item_analysis(made_up_class(400, exercises=8)).checks
    signs = {(id, one.check): one.discrimination for id, checks in found.items() for one in checks}
    wrong = min((r, key) for key, r in signs.items() if r is not None)
    assert wrong[1] == ("1.3.2", "values")
    assert wrong[0] < 0.05
    others = sorted(r for key, r in signs.items() if r is not None and key != wrong[1])
    assert others[len(others) // 4] > 0.3


def test_only_graded_attempts_count() -> None:
    grades = made_up_class(60)
    graded = [one for one in grades.attempts if one.state == "graded"]
    assert len(graded) < len(grades.attempts)
    assert {one.students for one in item_analysis(grades).exercises} == {len(graded)}
    found = totals(grades)
    assert found is not None
    assert found.count == len(graded)


def test_ids_are_sorted_as_people_count() -> None:
    assert sorted(["1.10", "2", "1.2", "x.1", "1.2.1", "²"], key=in_order) == [
        "1.2",
        "1.2.1",
        "1.10",
        "2",
        "x.1",
        "²",
    ]


# ------------------------------------------------------------------------------------- totals


def with_points(*points: float, full: float = 10) -> ClassGrades:
    attempts = tuple(Attempt(Student(f"s{i}"), "k", "graded", points=p) for i, p in enumerate(points))
    return ClassGrades("made up", attempts, points=full)


def test_quartiles_are_those_of_a_spreadsheet() -> None:
    found = totals(with_points(1, 2, 3, 4))
    assert found is not None
    assert (found.lowest, found.lower_quartile, found.median, found.upper_quartile, found.highest) == (
        1,
        1.75,
        2.5,
        3.25,
        4,
    )
    assert found.mean == 2.5
    assert found.deviation == pytest.approx(math.sqrt(5 / 3))


@pytest.mark.parametrize(
    "points",
    [(0.3,), (0.1, 0.2, 0.3), (0, 0, 0), (12.5, 3), (-1, 4), (10, 10), tuple(i / 7 for i in range(71))],
)
def test_every_total_is_in_one_bin(points: tuple[float, ...]) -> None:
    found = totals(with_points(*points))
    assert found is not None
    assert sum(one.count for one in found.bins) == len(points)
    assert found.bins[0].start <= min(0, *points)
    assert found.bins[-1].end >= max(10, *points)
    for one, after in zip(found.bins, found.bins[1:], strict=False):
        assert one.end == pytest.approx(after.start)
        inside = [p for p in points if one.start - 1e-9 <= p < one.end - 1e-9]
        assert one.count == len(inside)
    assert len(found.bins) <= 27


def test_nobody_graded_no_totals() -> None:
    assert totals(ClassGrades("empty", ())) is None
    assert totals(with_points(math.nan)) is None


def test_without_a_maximum_that_of_the_attempts_counts() -> None:
    grades = ClassGrades("x", (Attempt(Student("a"), "k", "graded", points=3, max_points=8),))
    found = totals(grades)
    assert found is not None
    assert found.full == 8
    assert found.deviation is None
