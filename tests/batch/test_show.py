"""What one sees of a batch."""

from __future__ import annotations

import signal

import pytest

from grader.batch.job import Outcome
from grader.batch.run import Stop, Tally
from grader.batch.show import duration, line_of, pace, summary
from grader.nouns import Attempt, ClassGrades, Student


def test_a_line_for_a_result() -> None:
    outcome = Outcome("ada", "Ada L.", "graded", "", 17.5, 20, 2, {"passed": 2, "waiting": 1}, "", 3.14)
    text = line_of(outcome).plain
    assert text.split() == "ada Ada L. 17.5 of 20, 2 open 2 passed, 1 waiting 3.1 s".split()


def test_a_line_for_what_could_not_be_read() -> None:
    assert line_of(Outcome("bob", "", "unreadable", message="no notebook")).plain.split() == (
        "bob unreadable: no notebook".split()
    )


@pytest.mark.parametrize(
    "evil", ["\x1b[2J", "\x1b]0;title\x07", "a\nb", "\u202eevil", "[red]x[/red]", "x" * 500]
)
def test_a_name_does_nothing_to_the_terminal(evil: str) -> None:
    text = line_of(Outcome("id" + evil, evil, "unreadable", message=evil))
    assert text.plain.isprintable()
    assert not text.plain.count("\n")
    assert len(text.plain) < 400
    assert all(span.style in ("", "yellow") for span in text.spans)


def test_pace_counts_what_was_done_now() -> None:
    kept = [Outcome(str(n), "", "graded", kept=True) for n in range(90)]
    fresh = [Outcome(str(n), "", "graded") for n in range(90, 95)]
    assert pace(Tally(100, kept), 10) == ""
    assert pace(Tally(100, kept + fresh), 10) == "30 a minute, 10 s left"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3_599, "59 min 59 s"), (7_384, "2 h 03 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_summary() -> None:
    outcomes = [
        Outcome("a", "", "graded", kept=True),
        Outcome("b", "", "graded"),
        Outcome("c", "", "unreadable"),
    ]
    attempts = tuple(
        Attempt(Student(id), "", state, points=points, open_points=still)
        for id, state, points, still in (
            ("a", "graded", 3, 0),
            ("b", "graded", 4, 1),
            ("c", "unreadable", 0, 0),
        )
    )
    lines = summary(Tally(4, outcomes), ClassGrades("T", attempts, (Student("d"),), points=5), 75)
    assert lines == [
        "1 graded, 1 graded before, 1 unreadable, 1 not begun; 1 min 15 s",
        "Points of 2: median 3.5 of 5, from 3 to 4",
        "1 wait for a person to mark something",
        "1 of the roster handed in nothing",
    ]


def test_ctrl_c_asks_once_and_insists_the_second_time() -> None:
    told: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    with Stop(lambda: told.append("stop")) as stop:
        assert not stop.asked
        signal.raise_signal(signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert told == ["stop"]
    assert signal.getsignal(signal.SIGINT) is before
