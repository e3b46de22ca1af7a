"""assignment.toml: what it says, what it may not say, and the points that come of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment import Assignment, Limits, read_assignment
from grader.lateness import LatePolicy
from grader.nouns import BadInput, Check, Exercise, ExerciseGrade, Status

ROOT = Path(__file__).parents[1]
DUE = datetime(2026, 11, 20, 21, 59, tzinfo=UTC)


def exercise(id: str, **points: float) -> Exercise:
    checks = tuple(Check(name, f"is right about {name}", worth) for name, worth in points.items())
    return Exercise(id, "slug", "T", "S", "U", "", "", checks, (), 1.0, {}, Path("x.py"))


CATALOGUE: Mapping[str, Exercise] = {
    each.id: each
    for each in (
        exercise("1.1.1", values=4, timing=1),
        exercise("1.2.1", values=2),
        exercise("1.2.2", values=3, timing=2),
        exercise("1.2.2a", values=1),
        exercise("1.20.1", values=9),
        exercise("2.4.1", values=5, timing=5),
    )
}


def made(tmp_path: Path, text: str) -> Assignment:
    path = tmp_path / "assignment.toml"
    path.write_text(text, encoding="utf-8")
    return read_assignment(path, CATALOGUE)


def graded(id: str, points: float, still_open: float = 0.0) -> ExerciseGrade:
    return ExerciseGrade(id, "T", Status.PARTIAL, points, CATALOGUE[id].points, still_open, 0.0, ())


# ------------------------------------------------------------------------------------- the file


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    from grader.catalogue import catalogue

    text = (ROOT / "docs" / "assignment.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    path = tmp_path / "assignment.toml"
    path.write_text(example[1], encoding="utf-8")
    found = read_assignment(path, catalogue())
    assert list(found.exercises) == ["1.2.1", "2.4.1"]
    assert (found.title, found.seed, found.due) == ("Homework 2", 7, DUE)
    assert found.limits == Limits()  # the page says that these are the defaults
    assert found.extensions == {"u1234": datetime(2026, 11, 23, 21, 59, tzinfo=UTC)}
    assert found.late == LatePolicy(10, 50, timedelta(minutes=15), datetime(2026, 11, 27, 21, 59, tzinfo=UTC))
    assert found.max_points == catalogue()["1.2.1"].points
    assert found.hides("1.2.1", "eigenvalues")
    assert not found.hides("1.2.1", "frobenius_norms")


def test_the_help_of_the_commands_tells_the_limits_there_are() -> None:
    from grader.batch.command import batch
    from grader.run_command import run
    from grader.sizes import parse_size

    usual = Limits()
    for command in (run, batch):
        told = {option.name: getattr(option, "show_default", None) for option in command.params}
        assert float(told["cell_time"]) == usual.cell_time
        assert float(told["total_time"]) == usual.total_time
        assert int(told["processes"]) == usual.processes
        for name in ("memory", "disk", "output"):
            assert parse_size(told[name]) == getattr(usual, name)
        assert told["size"] == "small"
    assert {option.name: option for option in run.params}["require_isolation"].show_default == usual.isolation  # type: ignore[attr-defined]


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        """
        title = "Homework"
        data = "full"
        due = 2026-11-20T23:59:00+02:00
        [exercises]
        "2" = { weight = 2, extra_credit = true }
        "1" = 0.5
        "1.2" = 3
        "1.2.2" = 0
        [late]
        grace = 30
        [limits]
        cell_time = 1.5
        memory = "1.5G"
        disk = 33554432
        isolation = "full"
        [checks]
        hidden = ["2.4", "1.*/timing"]
        """,
    )
    assert list(found.exercises) == ["2.4.1", "1.1.1", "1.2.1", "1.2.2a", "1.20.1"]
    assert found.weights == {"2.4.1": 2, "1.1.1": 0.5, "1.2.1": 3, "1.2.2a": 3, "1.20.1": 0.5}
    assert found.extra_credit == {"2.4.1"}
    assert found.max_points == 2.5 + 6 + 3 + 4.5
    assert found.late.grace == timedelta(minutes=30)
    assert found.limits == Limits(1.5, 900, 1536 * 2**20, 128, 2**25, 20 * 2**20, "full")
    assert found.hidden_checks == {("2.4.1", "values"), ("2.4.1", "timing"), ("1.1.1", "timing")}


def test_a_short_file(tmp_path: Path) -> None:
    found = made(tmp_path, '[exercises]\n"1.2.2" = 1')
    assert list(found.exercises) == ["1.2.2"]  # and not 1.2.2a
    assert found.title == "assignment"
    assert found == Assignment.of({"1.2.2": CATALOGUE["1.2.2"]}, "assignment") or found.weights == {
        "1.2.2": 1.0
    }
    assert found.due is None


E = '[exercises]\n"1.2" = 1\n'
LATE = "due = 2026-11-20T23:59:00Z\n" + E + "[late]\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "chooses no exercises; list them below [exercises]"),
        ("title = ", "is not TOML ("),
        ("[exercises]\n1.2 = 1", '[exercises] 1 needs quotes around the whole id: "1.2" = 1'),
        ('[exercises]\n"1.2" = 0', "leaves out every exercise"),
        ('[exercises]\n"1.3" = 1', '[exercises] "1.3" is no exercise, section or unit; did you mean 1.2'),
        ('[exercises]\n"zzz" = 1', "`grade list` shows them all"),
        ('[exercises]\n"1.2" = true', '"1.2" is true; write a weight'),
        ('[exercises]\n"1.2" = -1', "is -1; write a number from 0 to 1,000"),
        ('[exercises]\n"1.2" = nan', "is nan; write a number"),
        ('[exercises]\n"1.2" = { wieght = 1 }', "wieght means nothing here; did you mean weight?"),
        ('[exercises]\n"1.2" = { extra_credit = 1 }', "extra_credit is 1; write true or false"),
        ("exercises = 3", "exercises is 3; make it a table: [exercises]"),
        ("titel = 'x'\n" + E, "titel means nothing here; did you mean title?"),
        ("title = 3\n" + E, "title is 3; write one line of text in quotes"),
        ('title = "a\\u001b[31m"\n' + E, 'title is "a\\x1b[31m"; write one line'),
        ("seed = -1\n" + E, "seed is -1; write a whole number from 0 to"),
        ("seed = 1.5\n" + E, "seed is 1.5"),
        ("seed = true\n" + E, "seed is true"),
        ('data = "smal"\n' + E, 'data is "smal"; write one of "small", "full"; did you mean small?'),
        (
            "due = 2026-11-20T23:59:00\n" + E,
            "nothing says where; write 2026-11-20T23:59:00+02:00, or set timezone",
        ),
        (
            "due = 2026-11-20\n" + E,
            "write date and time, like 2026-11-20T23:59:00+02:00, e.g. 2026-11-20T23:59:00",
        ),
        ('due = "2026-11-20"\n' + E, "without quotes"),
        ("due = 0001-01-01T00:00:00+10:00\n" + E, "out of all bounds"),
        (
            'timezone = "Asia/Jerusalm"\n' + E,
            'timezone is "Asia/Jerusalm", no time zone that is known; did you mean',
        ),
        ('timezone = "../../etc/passwd"\n' + E, "no time zone that is known"),
        ("timezone = 2\n" + E, "timezone is 2, no time zone"),
        (E + "[late]\nper_day = 10", "[late] needs to know when it is late; set due"),
        (LATE + "per_day = 101", "[late] per_day is 101; write a number from 0 to 100"),
        (LATE + "cap = '50'", '[late] cap is "50"; write a number'),
        (LATE + "grace = '15 parsecs'", '[late] grace is "15 parsecs"; write "15 min"'),
        (LATE + "grace = -5", "[late] grace is -5"),
        (
            LATE + "until = 2026-11-19T00:00:00Z",
            "[late] until is 2026-11-19T00:00:00+00:00, before it is due",
        ),
        (E + "[extensions]\nu1 = 3", "[extensions] u1 is 3; write date and time"),
        (E + '[extensions]\n"a b\\u202e" = 3', '[extensions] "a b\\u202e" is 3'),
        (E + "[limits]\nmemory = '4 quarts'", "[limits] memory is not possible: '4 quarts' is not a size"),
        (E + "[limits]\nmemory = '1M'", "'1M' is too little; give at least 16,777,216 bytes"),
        (E + "[limits]\nmemory = -5", "-5 is not a size"),
        (E + "[limits]\nmemory = true", "True is not a size"),
        (E + "[limits]\nprocesses = 1", "[limits] processes is 1; write a whole number from 8"),
        (E + "[limits]\ncell_time = inf", "[limits] cell_time is inf; write a number"),
        (E + "[limits]\nisolation = 'ful'", "did you mean full?"),
        (E + "[limits]\nram = 1", "[limits] ram means nothing here"),
        (E + "[checks]\nhidden = '1.2'", '[checks] hidden is "1.2"; write a list of texts'),
        (E + "[checks]\nhidden = [1]", "[checks] hidden is a list; write a list of texts"),
        (
            E + "[checks]\nhidden = ['1.2.1/valeus']",
            '"1.2.1/valeus", which fits no check of this assignment; did you',
        ),
        (E + "[checks]\nhidden = ['2.4.1']", '"2.4.1", which fits no check of this assignment'),
        ("x = " + "[" * 5000, "is not TOML"),
        (E + E, "is not TOML (Cannot declare"),
    ],
)
def test_what_may_not_be_said(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        made(tmp_path, text)
    message = str(caught.value)
    assert told in message
    assert message.startswith(str(tmp_path / "assignment.toml") + ": ")
    assert message.isprintable()
    assert len(message) < 500


def test_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "assignment.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (E + "[extensions]\n").encode())
    assert read_assignment(path, CATALOGUE).due is None
    path.write_bytes('title = "Übung"\n'.encode("cp1252") + E.encode())
    with pytest.raises(BadInput, match=r"is not UTF-8 text \(at byte 9\); save it as UTF-8"):
        read_assignment(path, CATALOGUE)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_assignment(tmp_path / "no.toml", CATALOGUE)


def test_torch_is_not_needed() -> None:
    code = "import sys, grader.concealed, grader.read.handed_in, grader.read.taking, grader.read.roster; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------------------------- lateness


def lost(after: timedelta, **policy: object) -> tuple[int, float]:
    late = LatePolicy(**{"per_day": 10.0, "cap": 50.0, **policy})  # type: ignore[arg-type]
    found = late.lateness(DUE + after, DUE)
    return found.days, found.lost


HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after", "days", "share"),
    [
        (-HOUR, 0, 0.0),
        (timedelta(), 0, 0.0),
        (timedelta(microseconds=1), 1, 0.1),
        (24 * HOUR, 1, 0.1),
        (24 * HOUR + SECOND, 2, 0.2),
        (119 * HOUR, 5, 0.5),
        (1000 * HOUR, 42, 0.5),
    ],
)
def test_every_begun_day_costs(after: timedelta, days: int, share: float) -> None:
    assert lost(after) == (days, pytest.approx(share))


def test_grace_is_given_on_every_day() -> None:
    grace = timedelta(minutes=15)
    assert lost(grace, grace=grace) == (0, 0.0)
    assert lost(grace + SECOND, grace=grace) == (1, 0.1)
    assert lost(24 * HOUR + grace, grace=grace) == (1, 0.1)


def test_after_the_last_day_nothing_counts() -> None:
    until = DUE + 48 * HOUR
    assert lost(48 * HOUR, until=until) == (2, 0.2)
    assert lost(48 * HOUR + SECOND, until=until) == (3, 1.0)
    assert lost(SECOND, until=DUE, grace=HOUR) == (0, 0.0)  # in time, then


def test_an_extension_moves_everything() -> None:
    late = LatePolicy(10, 50, until=DUE + 24 * HOUR)
    extension = DUE + 72 * HOUR
    assert late.lateness(extension, DUE, extension).lost == 0
    assert late.lateness(extension + HOUR, DUE, extension).lost == 0.1
    assert late.lateness(extension + 25 * HOUR, DUE, extension).lost == 1.0
    assert LatePolicy(10).lateness(extension + HOUR, None, extension).lost == 0.1


def test_nobody_knows_when() -> None:
    assert LatePolicy(10, until=DUE).lateness(None, DUE).lost == 0
    assert LatePolicy(10).lateness(DUE, None).lost == 0


def test_a_day_in_which_summer_time_ends(tmp_path: Path) -> None:
    """25 October 2026 has 25 hours in Berlin; the clock on the wall would say one day."""
    text = 'due = 2026-10-24T23:59:00\ntimezone = "Europe/Berlin"\n' + E + "[late]\nper_day = 10"
    found = made(tmp_path, text)
    handed = datetime(2026, 10, 25, 23, 59, tzinfo=timezone(HOUR))
    assert found.score([], handed, "ada").days_late == 2
    assert found.score([], handed - HOUR, "ada").days_late == 1


@given(st.timedeltas(timedelta(days=-3), timedelta(days=30)), st.timedeltas(timedelta(), timedelta(days=3)))
def test_later_is_never_cheaper(after: timedelta, more: timedelta) -> None:
    policy = {"grace": HOUR, "until": DUE + timedelta(days=10)}
    assert lost(after, **policy)[1] <= lost(after + more, **policy)[1]


# --------------------------------------------------------------------------------------- points


def test_weights_extra_credit_and_lateness(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        """
        due = 2026-11-20T21:59:00Z
        [exercises]
        "1.1" = 1
        "1.2.1" = 3
        "2.4.1" = { weight = 2, extra_credit = true }
        [late]
        per_day = 10
        [extensions]
        bob = 2026-12-20T21:59:00Z
        """,
    )
    grades = [graded("1.1.1", 5), graded("1.2.1", 1, 1), graded("2.4.1", 10), graded("1.20.1", 9)]
    score = found.score(grades, None, "ada")
    assert (score.points, score.raw_points, score.max_points, score.open_points) == (28, 28, 11, 3)
    late = found.score(grades, DUE + 25 * HOUR, "ada")
    assert (late.points, late.raw_points, late.open_points) == (22.4, 28, 2.4)
    assert (late.days_late, late.lost) == (2, pytest.approx(0.2))
    assert found.score(grades, DUE + 25 * HOUR, "bob").points == 28
    assert found.unknown_students(["ada"]) == ("bob",)
    assert found.unknown_students({"ada", "bob"}) == ()
    assert found.due_for("bob") != found.due_for("ada") == DUE


def test_points_are_not_noisy(tmp_path: Path) -> None:
    found = made(tmp_path, '[exercises]\n"1.2.1" = 0.1\n"1.2.2" = 0.2')
    assert found.score([graded("1.2.1", 1), graded("1.2.2", 1)], None, "a").points == 0.3
    thirds = made(tmp_path, '[exercises]\n"1.2.1" = 0.333333')
    assert thirds.score([graded("1.2.1", 2)], None, "a").points == 0.666666  # and not 0.67


def test_the_maximum_does_not_depend_on_the_submission() -> None:
    found = Assignment.of(CATALOGUE, "all")
    assert (
        found.score([], None, "a").max_points == found.max_points == sum(e.points for e in CATALOGUE.values())
    )


# ------------------------------------------------------------------------------------- digests

BASE = (
    'title = "H"\ndue = 2026-11-20T21:59:00Z\n[exercises]\n"1.1" = 1\n"1.2" = 1\n[checks]\nhidden = ["1.1"]\n'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("21:59", "22:59"),
        ('"H"', '"G"'),
        ('"1.2" = 1', '"1.2" = 2'),
        ('"1.2" = 1', '"1.2" = { extra_credit = true }'),
        ('"1.1" = 1\n"1.2" = 1', '"1.2" = 1\n"1.1" = 1'),
        ('["1.1"]', '["1.2"]'),
        ("[checks]", "[late]\nper_day = 1\n[checks]"),
        ("[checks]", "[extensions]\nu = 2026-11-21T21:59:00Z\n[checks]"),
    ],
)
def test_what_only_changes_points_grades_nothing_again(tmp_path: Path, old: str, new: str) -> None:
    before, after = made(tmp_path, BASE), made(tmp_path, BASE.replace(old, new))
    assert before.key() == after.key()
    assert before.score_key() != after.score_key()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "H"', 'title = "H"\nseed = 7'),
        ('title = "H"', 'title = "H"\ndata = "full"'),
        ('"1.2" = 1', '"1.2.1" = 1'),
        ("[checks]", "[limits]\nmemory = '3G'\n[checks]"),
        ("[checks]", "[limits]\nisolation = 'full'\n[checks]"),
    ],
)
def test_what_changes_findings_grades_again(tmp_path: Path, old: str, new: str) -> None:
    assert made(tmp_path, BASE).key() != made(tmp_path, BASE.replace(old, new)).key()


def test_the_same_moment_in_other_words(tmp_path: Path) -> None:
    before, after = made(tmp_path, BASE), made(tmp_path, BASE.replace("21:59:00Z", "23:59:00+02:00"))
    assert (before.key(), before.score_key()) == (after.key(), after.score_key())
