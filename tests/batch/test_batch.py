"""``grade batch``, as one uses it: a class in a folder, results in another, the same command again."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Batch
from endurance import contents, same
from made_class import IDS, make_class

from grader.gradebook import Gradebook
from grader.nouns import Attempt, ClassGrades
from tests.postgres import Server, new_schema


def grades(out: Path | str, name: str = "assignment") -> ClassGrades:
    with Gradebook.open(out, create=False) as book:
        return book.grades(name)


def by_id(found: ClassGrades) -> dict[str, Attempt]:
    return {attempt.student.id: attempt for attempt in found.attempts}


def events(out: Path) -> list[str]:
    return [json.loads(line)["event"] for line in (out / "batch.log").read_text().splitlines()]


def copied(graded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "out"))


def test_everybody_has_a_result(graded: Path, small_class: Path) -> None:
    attempts = by_id(grades(graded))
    assert attempts.keys() == {path.stem for path in small_class.iterdir()}
    states = {id: attempt.state for id, attempt in attempts.items()}
    assert states.pop("student0009") == "unreadable"
    assert set(states.values()) == {"graded"}
    full = attempts["student0000"].max_points
    points = {id: attempt.points for id, attempt in attempts.items()}
    assert all(points[f"student000{n}"] == full > 0 for n in (0, 3, 6, 8))  # right ones, a heavy one
    assert all(0 < points[f"student000{n}"] < full for n in (1, 5))  # wrong in something
    assert points["student0007"] == 0  # untouched
    assert {attempts[f"student000{n}"].isolation for n in range(9)} <= {"full", "partial"}


def test_files_lie_where_the_report_of_the_class_says(graded: Path) -> None:
    page = (graded / "index.html").read_text()
    for id, attempt in by_id(grades(graded)).items():
        folder = graded / "students" / id
        if attempt.state == "graded":
            assert (folder / "report.html").read_text().startswith("<!doctype html>")
            grade = json.loads((folder / "grade.json").read_text())
            assert grade["points"] == attempt.points
            assert f"students/{id}/report.html" in page
        else:
            assert not (folder / "report.html").exists()
            assert f"students/{id}/report.html" not in page, "a link that leads nowhere"
            assert "damaged" in attempt.message
            assert "/" not in attempt.message, "it tells where the class lies on our disk"


def test_the_same_again_grades_nothing(graded: Path, batch: Batch, small_class: Path, tmp_path: Path) -> None:
    out = copied(graded, tmp_path)
    before = contents(out)
    page = (out / "index.html").read_text()
    (out / "index.html").unlink()
    (out / "students" / "student0000" / "report.html").unlink()
    (out / "students" / "student0000" / ".attempt").unlink()
    done = batch(small_class, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "10 graded before" in done.stdout
    assert "unreadable" in done.stdout  # what needs a person is told every time
    assert contents(out) == before
    assert (out / "students" / "student0000" / "report.html").is_file(), "a lost file was not made good"
    assert without_times((out / "index.html").read_text()) == without_times(page)


def without_times(page: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", "", page)


def test_only_what_is_new_or_asked_for_is_graded(
    graded: Path, batch: Batch, small_class: Path, tmp_path: Path
) -> None:
    out, submissions = copied(graded, tmp_path), Path(shutil.copytree(small_class, tmp_path / "class"))
    (submissions / "student0000.ipynb").rename(submissions / "newcomer.ipynb")
    shutil.copy(submissions / "student0003.ipynb", submissions / "student0001.ipynb")
    done = batch(submissions, "--out", out, "--regrade", "student0008", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    now = by_id(grades(out))
    assert "newcomer" in now
    assert now["student0001"].points == now["student0001"].max_points
    assert now["student0008"].generation == 1
    counts = {id: len(attempts) for id, attempts in contents(out).items()}
    assert {id for id, number in counts.items() if number == 2} == {"student0001", "student0008"}
    shown = (out / "index.html").read_text()
    assert "newcomer" in shown
    assert "students/student0000/" not in shown, "somebody who handed in nothing now is in the report"


def test_an_earlier_version_handed_in_again_is_found(
    graded: Path, batch: Batch, small_class: Path, tmp_path: Path
) -> None:
    out, submissions = copied(graded, tmp_path), Path(shutil.copytree(small_class, tmp_path / "class"))
    first = (submissions / "student0001.ipynb").read_bytes()
    report = (out / "students" / "student0001" / "report.html").read_text()
    points = by_id(grades(out))["student0001"].points
    shutil.copy(submissions / "student0003.ipynb", submissions / "student0001.ipynb")
    assert batch(submissions, "--out", out).returncode == 0
    assert (out / "students" / "student0001" / "report.html").read_text() != report
    (submissions / "student0001.ipynb").write_bytes(first)
    done = batch(submissions, "--out", out)
    assert "10 graded before" in done.stdout
    assert (out / "students" / "student0001" / "report.html").read_text() == report
    with Gradebook.open(out) as book:
        keys = {"student0001": book.attempts("assignment", "student0001")[0].key}
        assert by_id(book.grades("assignment", keys=keys))["student0001"].points == points


ASSIGNMENT = """
title = "Homework 1"
seed = 7
due = 2026-11-20T23:59:00+00:00
[exercises]
"1.1.2" = 2
"1.3.1" = { weight = 1, extra_credit = true }
[late]
per_day = 10
[limits]
cell_time = 20
[checks]
hidden = ["1.1.2/values"]
"""
ROSTER = """id,name,submitted
student0000,Ada Lovelace,2026-11-20T12:00:00+00:00
student0003,=Charles Babbage,2026-11-22T12:00:00+00:00
student0099,Grace Hopper,
"""


def test_an_assignment_and_a_roster(batch: Batch, small_class: Path, tmp_path: Path) -> None:
    submissions = tmp_path / "class"
    submissions.mkdir()
    for number in (0, 3):
        shutil.copy(small_class / f"student000{number}.ipynb", submissions)
    (tmp_path / "hw1.toml").write_text(ASSIGNMENT)
    (tmp_path / "roster.csv").write_text(ROSTER)
    options = (
        "--out",
        tmp_path / "out",
        "--assignment",
        tmp_path / "hw1.toml",
        "--roster",
        tmp_path / "roster.csv",
    )
    done = batch(submissions, *options, only="")
    assert done.returncode == 0, done.stderr
    assert "1 of the roster handed in nothing" in done.stdout
    assert re.search(r"student0000 Ada Lovelace +15 of 10 +2 passed", done.stdout)
    found = grades(tmp_path / "out", "hw1")
    assert found.title == "Homework 1"
    ada, charles = found.attempts
    assert (ada.points, ada.raw_points, ada.max_points, ada.days_late) == (15, 15, 10, 0)
    assert (charles.points, charles.raw_points, charles.days_late) == (12, 15, 2)
    assert ada.student.name == "Ada Lovelace"
    report = (tmp_path / "out" / "students" / "student0000" / "report.html").read_text()
    assert "hidden check" in report
    hidden = next(f for f in ada.exercises[0].findings if f.name == "values")
    assert hidden.title not in report

    (tmp_path / "hw1.toml").write_text(ASSIGNMENT.replace("per_day = 10", "per_day = 20"))
    done = batch(submissions, *options, only="")
    assert "2 graded before" in done.stdout, "a late policy is no reason to grade again"
    assert [attempt.points for attempt in grades(tmp_path / "out", "hw1").attempts] == [15, 9]


def test_ctrl_c_finishes_what_runs_and_the_rest_is_done_later(
    batch: Batch, small_class: Path, graded: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start(small_class, out)
    until(lambda: (out / "batch.log").exists() and "graded" in events(out))
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 130, errors
    assert "not begun" in output
    begun, ended = events(out).count("begun"), events(out).count("graded") + events(out).count("unreadable")
    assert begun == ended < 10, "something was begun and not finished"
    assert (out / "index.html").is_file()
    assert batch(small_class, "--out", out).returncode == 0
    assert same(contents(graded), contents(out)) == []


def test_postgresql_gives_the_same(
    batch: Batch, small_class: Path, graded: Path, postgres_server: Server, tmp_path: Path
) -> None:
    url = new_schema(postgres_server)
    done = batch(small_class, "--out", tmp_path / "out", "--gradebook", url)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "out" / "gradebook.db").exists()
    assert same(contents(graded), contents(url)) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--regrade", "nobody"), "nobody with the id 'nobody' handed in"),
        (("--resources", "GPU=1"), "--resources is for a cluster"),
        (("--require-isolation", "full", "--allow-unsandboxed"), "contradict"),
        (("--roster", "/none.csv"), "/none.csv"),
        (("--assignment", "/none.toml"), "give one of them"),
        (("--gradebook", "postgresql://grader:secret@127.0.0.1:9/none"), "gradebook"),
        (("--gradebook", "mysql://x"), "gradebook"),
    ],
)
def test_bad_input_is_one_line(
    batch: Batch, small_class: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    done = batch(small_class, "--out", tmp_path / "out", *options)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
    assert message in lines[-1]
    assert len(lines) == 1
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_folder_with_nothing_in_it(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = batch(tmp_path / "empty", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "empty" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_units_are_those_that_the_class_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.batch.command import _answered
    from grader.catalogue import catalogue
    from grader.read.handed_in import handed_in

    make_class(tmp_path / "class", 4)
    chosen = _answered(handed_in([tmp_path / "class"]), catalogue())
    assert {exercise.unit for exercise in chosen.values()} == {"1"}
    assert len(chosen) == sum(exercise.unit == "1" for exercise in catalogue().values())


def start(submissions: Path, out: Path) -> subprocess.Popen[str]:
    options = ["--only", IDS, "--seed", "7", "--cell-time", "20", "--total-time", "60", "--workers", "2"]
    return subprocess.Popen(
        [sys.executable, "-m", "grader", "batch", str(submissions), "--out", str(out), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(true: Any) -> None:
    for _ in range(6_000):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")
