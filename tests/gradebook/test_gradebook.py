"""What is recorded comes back, whole and once, from SQLite and from PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_up_attempts import ADA, ASSIGNMENT, SUBMITTED, attempt, exercise, finding
from sqlalchemy import event

from grader.gradebook import Gradebook
from grader.nouns import Attempt, BadInput, GraderError, Student

REPORT = {"grade.json": b'{"points": 2}', "report.html": b"<!doctype html>" * 1000, "executed.ipynb": b""}


def statements(book: Gradebook, work: Callable[[], object]) -> list[str]:
    """The SQL that `work` sends, without settings and beginnings of transactions."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(
            ("SELECT a", "SELECT c", "SELECT d", "SELECT e", "SELECT s", "INS", "UPD", "DEL")
        ):
            seen.append(statement)

    event.listen(book._engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(book._engine, "before_cursor_execute", note)
    return seen


# ------------------------------------------------------------------------------------ round trip


def test_an_attempt_comes_back_as_it_went_in(book: Gradebook, where: Path | str) -> None:
    given = attempt()
    assert book.record(ASSIGNMENT, given, REPORT) == given
    with Gradebook.open(where, create=False) as again:
        assert again.find(ASSIGNMENT, "ada", given.key) == given
        assert again.attempts(ASSIGNMENT, "ada") == (given,)
        assert again.documents(ASSIGNMENT, "ada") == REPORT
        assert again.document(ASSIGNMENT, "ada", "grade.json") == REPORT["grade.json"]
        found = again.find(ASSIGNMENT, "ada", given.key)
    assert found is not None
    assert (found.versions, found.endings, found.student.extra) == (
        given.versions,
        given.endings,
        {"group": "B"},
    )
    assert found.submitted == SUBMITTED
    assert found.submitted is not None
    assert found.submitted.utcoffset() == UTC.utcoffset(None)


def test_an_attempt_that_was_not_graded(book: Gradebook) -> None:
    given = Attempt(Student("bob"), "k", "unreadable", message="bob.zip: no notebook in it")
    assert book.record(ASSIGNMENT, given) == given
    assert book.find(ASSIGNMENT, "bob", "k") == given
    assert book.documents(ASSIGNMENT, "bob") == {}


def test_details_of_findings_are_not_kept(book: Gradebook) -> None:
    detailed = attempt(exercises=(exercise(findings=(finding(detail={"picture": "x" * 9999}),)),))
    kept = book.record(ASSIGNMENT, detailed)
    assert kept.exercises == (exercise(findings=(finding(),)),)


def test_nothing_is_found_where_there_is_nothing(book: Gradebook) -> None:
    assert book.find(ASSIGNMENT, "ada", "k") is None
    assert book.attempts(ASSIGNMENT, "ada") == ()
    assert book.document(ASSIGNMENT, "ada", "grade.json") is None
    assert dict(book.known(ASSIGNMENT)) == {}
    assert book.grades(ASSIGNMENT).attempts == ()


def test_an_assignment_that_was_never_begun_is_named_with_those_there_are(book: Gradebook) -> None:
    with pytest.raises(BadInput, match=r"no assignment 'unit\?'; it has unit-1"):
        book.grades("unit?")
    with pytest.raises(BadInput, match="no assignment"):
        book.record("unit-2", attempt())


def test_assignments_do_not_mix(book: Gradebook) -> None:
    book.begin("unit-2", "Unit 2", None)
    book.record(ASSIGNMENT, attempt())
    book.record("unit-2", attempt(points=3.0))
    assert [one.points for one in book.attempts(ASSIGNMENT, "ada")] == [1.9]
    assert [one.points for one in book.grades("unit-2").attempts] == [3.0]
    assert len(book.known("unit-2")) == 1
    assert book.assignments() == {"unit-1": "Unit 1", "unit-2": "Unit 2"}


# ----------------------------------------------------------------------------------------- seeds


def test_a_seed_is_kept_until_another_is_asked_for(where: Path | str) -> None:
    with Gradebook.open(where) as book:
        drawn = book.begin("a", "A", None)
        assert 0 <= drawn < 2**53
        assert book.begin("b", "B", None) != drawn
    with Gradebook.open(where) as book:
        assert book.begin("a", "A", None) == drawn
        assert book.begin("a", "A", 5) == 5
        assert book.begin("a", "Another title", None) == 5
        assert book.assignments()["a"] == "Another title"


@pytest.mark.parametrize("seed", [-(2**63), 2**63 - 1, 0])
def test_a_seed_of_64_bits_is_kept(book: Gradebook, seed: int) -> None:
    assert book.begin("big", "", seed) == seed
    assert book.record("big", attempt(seed=seed)).seed == seed


@pytest.mark.parametrize("seed", [2**63, -(2**63) - 1, 10**40])
def test_a_larger_one_is_refused(book: Gradebook, seed: int) -> None:
    with pytest.raises(BadInput, match=str(seed)):
        book.begin("big", "", seed)


# ------------------------------------------------------------------------------------------ once


def test_the_same_twice_gives_back_the_first(book: Gradebook) -> None:
    first = book.record(ASSIGNMENT, attempt(), REPORT)
    second = book.record(ASSIGNMENT, attempt(points=0.0, worker="other"), {"grade.json": b"other"})
    assert second == first
    assert book.attempts(ASSIGNMENT, "ada") == (first,)
    assert book.documents(ASSIGNMENT, "ada") == REPORT


def test_another_generation_is_another_attempt_and_the_newest_counts(book: Gradebook) -> None:
    book.record(ASSIGNMENT, attempt(points=1.0))
    newer = book.record(ASSIGNMENT, attempt(points=2.0, generation=1), {"grade.json": b"newer"})
    assert book.find(ASSIGNMENT, "ada", newer.key) == newer
    assert [one.points for one in book.attempts(ASSIGNMENT, "ada")] == [1.0, 2.0]
    assert book.known(ASSIGNMENT)["ada", newer.key].generation == 1
    assert book.document(ASSIGNMENT, "ada", "grade.json") == b"newer"
    grades = book.grades(ASSIGNMENT)
    assert (grades.attempts, grades.earlier) == ((newer,), {"ada": 1})


def test_threads_that_record_the_same_at_once_make_one_row(book: Gradebook, where: Path | str) -> None:
    """All come with a student who is not there yet, and each with points of its own."""
    gate = threading.Barrier(6)
    kept: list[Attempt] = []

    def come(number: int) -> None:
        with Gradebook.open(where) as own:
            gate.wait()
            kept.append(own.record(ASSIGNMENT, attempt(points=float(number)), REPORT))

    threads = [threading.Thread(target=come, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 6
    assert len({one.points for one in kept}) == 1
    assert book.attempts(ASSIGNMENT, "ada") == (kept[0],)


# -------------------------------------------------------------------------------- hostile values

ODD = "\x00 \ud800 \x1b[31m \u202e ‮ =cmd|' /C calc'!A0 '); DROP TABLE attempts;-- ../../etc/passwd 🎓 ﷽"


def test_text_that_databases_refuse_is_kept_as_it_can_be(book: Gradebook) -> None:
    clean = ODD.replace("\x00", "␀").replace("\ud800", "\ufffd")
    odd = attempt(
        Student(ODD, ODD, ODD, {ODD: ODD}),
        key=ODD,
        message=ODD,
        name=ODD,
        worker=ODD,
        versions={ODD: ODD},
        endings={ODD: 1},
        folder=ODD,
        exercises=(exercise(title=ODD, findings=(finding(name=ODD, title=ODD, message=ODD),)),),
    )
    kept = book.record(ASSIGNMENT, odd, {ODD: b"\x00"})
    assert (kept.student.id, kept.student.extra, kept.versions) == (clean, {clean: clean}, {clean: clean})
    assert kept.exercises[0].findings[0].message == clean
    assert book.record(ASSIGNMENT, odd) == kept
    assert book.find(ASSIGNMENT, ODD, ODD) == kept
    assert book.document(ASSIGNMENT, ODD, ODD) == b"\x00"
    assert book.known(ASSIGNMENT)[clean, clean].name == clean
    assert (ODD, ODD) in book.known(ASSIGNMENT)
    grades = book.grades(ASSIGNMENT, [Student(ODD, "on the roster")], [ODD], {ODD: ODD})
    assert [one.student.name for one in grades.attempts] == ["on the roster"]
    assert grades.missing == ()
    assert book.begin(ODD, ODD, 1, ODD) == 1


@pytest.mark.parametrize("text", ["", "x" * 500, "ﷺ" * 500, "🎓" * 500])
def test_ids_of_any_usual_length_are_kept(book: Gradebook, text: str) -> None:
    kept = book.record(ASSIGNMENT, attempt(Student(text), exercises=(exercise(text),)), {text: b"1"})
    assert kept.student.id == text
    assert book.document(ASSIGNMENT, text, text) == b"1"


def test_an_id_that_no_index_takes_is_refused(book: Gradebook) -> None:
    with pytest.raises(BadInput, match=r"the id of a student 'xxx.*at most 500"):
        book.record(ASSIGNMENT, attempt("x" * 501))
    with pytest.raises(BadInput, match="assignment"):
        book.begin("x" * 5000, "", 1)
    with pytest.raises(BadInput, match="document"):
        book.record(ASSIGNMENT, attempt(), {"x" * 5000: b""})
    assert book.attempts(ASSIGNMENT, "ada") == ()


def test_long_messages_and_large_documents_are_kept(book: Gradebook) -> None:
    message, document = "ab\n" * 500_000, bytes(range(256)) * 40_000
    kept = book.record(ASSIGNMENT, attempt(message=message), {"report.html": document})
    assert kept.message == message
    assert book.document(ASSIGNMENT, "ada", "report.html") == document


def test_what_cannot_be_kept_leaves_nothing_behind(book: Gradebook) -> None:
    """Two exercises of the same id fail after the attempt and the student were written."""
    with pytest.raises(GraderError) as told:
        book.record(ASSIGNMENT, attempt(exercises=(exercise(), exercise())), REPORT)
    assert "\n" not in str(told.value)
    assert book.attempts(ASSIGNMENT, "ada") == ()
    assert dict(book.known(ASSIGNMENT)) == {}
    assert book.record(ASSIGNMENT, attempt()) == attempt()


def test_a_time_without_zone_is_a_mistake(book: Gradebook) -> None:
    with pytest.raises(GraderError, match="time zone"):
        book.record(ASSIGNMENT, attempt(submitted=datetime(2026, 1, 1)))


# ------------------------------------------------------------------------------------- the class


def test_students_get_what_is_told_of_them_last_and_nothing_wipes_it_out(book: Gradebook) -> None:
    book.record(ASSIGNMENT, attempt("ada"))
    book.record(ASSIGNMENT, attempt(ADA, "2"))
    book.record(ASSIGNMENT, attempt("ada", "3"))
    assert [one.student for one in book.attempts(ASSIGNMENT, "ada")] == [ADA] * 3


def test_the_class_is_one_attempt_each_and_who_is_missing(book: Gradebook) -> None:
    roster = [Student("zoe", "Zoe"), Student("ada", "On the roster"), Student("bob"), Student("cyd")]
    for student in ("cyd", "ada", "guest"):
        book.record(ASSIGNMENT, attempt(student))
    grades = book.grades(ASSIGNMENT, roster)
    assert grades.title == "Unit 1"
    assert grades.points == 4.0
    assert [one.student.id for one in grades.attempts] == ["ada", "cyd", "guest"]
    assert grades.attempts[0].student.name == "On the roster"
    assert grades.attempts[0].exercises == attempt().exercises
    assert [student.id for student in grades.missing] == ["zoe", "bob"]
    assert grades.earlier == {}
    few = book.grades(ASSIGNMENT, roster, handed_in={"ada", "bob"})
    assert [one.student.id for one in few.attempts] == ["ada"]
    assert [student.id for student in few.missing] == ["zoe", "cyd"]


def test_who_went_back_to_an_earlier_version_gets_its_grade(book: Gradebook) -> None:
    for key, points in (("first", 1.0), ("second", 2.0)):
        for generation in (0, 1):
            book.record(ASSIGNMENT, attempt(key=key, points=points + generation / 10, generation=generation))
    assert [one.points for one in book.grades(ASSIGNMENT).attempts] == [2.1]
    assert [one.points for one in book.grades(ASSIGNMENT, keys={"ada": "first"}).attempts] == [1.1]
    assert [one.points for one in book.grades(ASSIGNMENT, keys={"ada": "third"}).attempts] == [2.1]
    assert book.document(ASSIGNMENT, "ada", "grade.json", "first") is None


def test_a_rescored_class_keeps_everything_but_points(book: Gradebook) -> None:
    before = book.record(ASSIGNMENT, attempt(), REPORT)
    book.record(ASSIGNMENT, attempt("bob"))

    def halve(one: Attempt) -> Attempt:
        if one.student.id == "bob":
            return replace(one, message="not kept")
        return replace(one, points=one.points / 2, days_late=3.0, message="not kept", exercises=())

    assert book.rescore(ASSIGNMENT, halve) == 1
    assert book.find(ASSIGNMENT, "ada", before.key) == replace(
        before, points=before.points / 2, days_late=3.0
    )
    assert book.find(ASSIGNMENT, "bob", before.key) == attempt("bob")
    assert book.documents(ASSIGNMENT, "ada") == REPORT
    assert book.rescore(ASSIGNMENT, lambda one: one) == 0


def test_durations_are_the_newest_by_student_and_by_submission(book: Gradebook) -> None:
    book.record(ASSIGNMENT, attempt(key="1", sha256="a", seconds=5.0))
    book.record(ASSIGNMENT, attempt(key="2", sha256="b", seconds=7.0))
    book.record(ASSIGNMENT, attempt("bob", state="failed", sha256="c", seconds=900.0))
    assert book.durations(ASSIGNMENT) == {"ada": 7.0, "a": 5.0, "b": 7.0}


def test_a_class_is_read_with_a_few_queries(book: Gradebook) -> None:
    """However many they are: as many for 3 students as for 40."""

    def asked() -> list[int]:
        works = (
            lambda: book.grades(ASSIGNMENT),
            lambda: book.known(ASSIGNMENT),
            lambda: book.durations(ASSIGNMENT),
        )
        return [len(statements(book, work)) for work in works]

    for number in range(3):
        book.record(ASSIGNMENT, attempt(f"s{number}"))
    few = asked()
    for number in range(3, 40):
        book.record(ASSIGNMENT, attempt(f"s{number}"))
    assert asked() == few
    assert max(few) <= 5
    assert few[0] >= 4  # it did count


def test_what_an_assignment_is_worth_and_hides_is_kept(book: Gradebook) -> None:
    book.record(ASSIGNMENT, attempt())
    assert book.grades(ASSIGNMENT).points == attempt().max_points  # nobody said
    book.begin(ASSIGNMENT, "Unit 1", None, points=12.5, hidden={("1.1.1", "values"), ("1.1.2", "shape")})
    grades = book.grades(ASSIGNMENT)
    assert grades.points == 12.5
    assert grades.hidden == {("1.1.1", "values"), ("1.1.2", "shape")}
