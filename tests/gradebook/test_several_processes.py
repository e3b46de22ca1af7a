"""Processes that die in the middle, and processes that come with the same at the same moment."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import recorder
from made_up_attempts import ASSIGNMENT, attempt
from sqlalchemy import func, select

from grader.gradebook import Gradebook
from grader.gradebook.tables import AttemptRow, CheckRow, DocumentRow, ExerciseRow


def start(where: Path | str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, recorder.__file__, str(where), *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "it ended by itself"
    return line.strip()


def rows(book: Gradebook, table: type) -> dict[int, int]:
    """Number of attempt -> how many rows it has."""
    query = select(table.attempt_id, func.count()).group_by(table.attempt_id)
    with book._engine.connect() as connection:
        return dict(connection.execute(query).all())


@pytest.mark.parametrize("pause", [0.0, 0.007])
def test_a_process_that_is_killed_leaves_whole_attempts_only(where: Path | str, pause: float) -> None:
    """SIGKILL, three times at another moment after a result; what was said to be recorded is there."""
    promised: list[str] = []
    for turn in range(3):
        process = start(where, "crash", 1000 * turn)
        assert said(process) == "ready"
        promised += [said(process) for _ in range(2)]
        time.sleep(pause * (turn + 1))
        process.kill()
        promised += process.communicate()[0].split()  # whole lines: each is one write
    with Gradebook.open(where, create=False) as book:
        with book._engine.connect() as connection:
            numbers = set(connection.scalars(select(AttemptRow.id)))
        assert rows(book, ExerciseRow) == dict.fromkeys(numbers, 10)
        assert rows(book, CheckRow) == dict.fromkeys(numbers, 400)
        assert rows(book, DocumentRow) == dict.fromkeys(numbers, 2)
        kept = {one.student.id for one in book.grades(ASSIGNMENT).attempts}
        assert set(promised) <= kept
        assert len(kept) <= len(promised) + 3  # at most one a process was recorded and not yet told
        for student in kept:
            assert book.documents(ASSIGNMENT, student) == recorder.DOCUMENTS
        assert book.record(ASSIGNMENT, attempt("after")) == attempt("after")


def test_processes_that_come_with_the_same_agree_on_the_first(where: Path | str) -> None:
    """Also that the file is not there yet, that its seed is not drawn yet, and that no student is known."""
    processes = [start(where, "race", me) for me in range(3)]
    for process in processes:
        assert said(process) == "ready"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(answers[0].splitlines()) == 30
    assert answers == [answers[0]] * 3
    with Gradebook.open(where, create=False) as book:
        grades = book.grades(ASSIGNMENT)
        assert [f"{one.student.id} {one.points:g}" for one in grades.attempts] == sorted(
            answers[0].splitlines()
        )
        assert grades.earlier == {}
        for one in grades.attempts:
            assert book.document(ASSIGNMENT, one.student.id, "grade.json") == b"%d" % one.points
