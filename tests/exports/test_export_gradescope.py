"""results.json, held against the fields that Gradescope documents; and the autograder that makes it, run by bash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from class_of_five import ATTEMPT, BITS, HIDDEN, NORMS
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.nouns import Attempt, CellRun, Finding, Grade, Status, Submission
from grader.write.exports.grade_json import attempt_of_grade
from grader.write.exports.gradescope import failure, results, results_text
from grader.write.exports.junit import attempt_junit
from grader.write.results import write_json

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "gradescope"

# https://gradescope-autograders.readthedocs.io/en/latest/specs/, "Output format"
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
TEST = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "max_score": {"type": "number"},
        "status": {"enum": ["passed", "failed"]},
        "name": {"type": "string"},
        "name_format": FORMAT,
        "number": {"type": "string"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "tags": {"type": "array", "items": {"type": "string"}},
        "visibility": VISIBILITY,
        "extra_data": {"type": "object"},
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["score"],  # or one on every test
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": TEST},
        "leaderboard": {"type": "array"},
    },
}

SUBMISSION = Submission(Path("ada.ipynb"), "ada.ipynb", "ipynb", "0" * 64, ())
GRADE = Grade(SUBMISSION, {"isolation_level": "full"}, (NORMS, BITS), (CellRun(0, "ok"),), 7, 12.5)


def read(data: dict[str, Any]) -> dict[str, Any]:
    """As Gradescope gets it: through a file, and checked."""
    text = results_text(data)
    assert text.isascii()
    loaded = json.loads(text, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))
    jsonschema.Draft202012Validator(RESULTS).validate(loaded)
    return loaded


def by_number(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {test["number"]: test for test in read(data)["tests"]}


def test_every_check_is_a_test() -> None:
    data = read(results(ATTEMPT))
    assert (data["score"], data["execution_time"], data["stdout_visibility"]) == (3.15, 12.5, "hidden")
    assert "leaderboard" not in data
    assert data["output"].splitlines() == [
        "3.15 of 12 points.",
        "4 points wait for a person.",
        "Late: 3.5 points without the deduction.",
        "Graded in 12 s.",
    ]
    tests = by_number(results(ATTEMPT))
    assert list(tests) == [f"1.2.1.{n}" for n in range(1, 5)] + [f"1.10.1.{n}" for n in range(1, 5)]
    shape = tests["1.2.1.2"]
    assert (shape["score"], shape["max_score"], shape["status"]) == (0.0, 2.0, "failed")
    assert shape["name"] == "1.2.1 Batched matrix norms: has the right shape"
    assert (shape["output"], shape["output_format"]) == ("Is a <b>dim</b> missing; -x ?", "text")


@pytest.mark.parametrize(
    ("number", "status", "scored"),
    [
        *(("1.2.1.1", "passed", True), ("1.2.1.2", "failed", True), ("1.2.1.3", "failed", True)),
        *(("1.2.1.4", "failed", True), ("1.10.1.1", "passed", True), ("1.10.1.2", "passed", False)),
        *(("1.10.1.3", "passed", False), ("1.10.1.4", "failed", True)),
    ],
)
def test_what_is_not_decided_is_neither_lost_nor_scored(number: str, status: str, scored: bool) -> None:
    test = by_number(results(ATTEMPT))[number]
    assert test["status"] == status
    assert ("score" in test) == ("max_score" in test) == scored
    assert test["name"].startswith("Not decided yet") == (not scored)


def test_hidden_checks_are_hidden() -> None:
    tests = by_number(results(ATTEMPT, HIDDEN))
    assert [n for n, test in tests.items() if test["visibility"] != "visible"] == ["1.2.1.3"]
    assert tests["1.2.1.3"]["visibility"] == "after_published"
    assert by_number(results(ATTEMPT, HIDDEN, "after_due_date"))["1.2.1.3"]["visibility"] == "after_due_date"
    free = replace(NORMS, findings=(Finding("speed", "is fast", Status.FAILED, 0.0, 0.0),))
    # Gradescope shows no total while a hidden test has points; for one without, "hidden" is meant
    assert (
        by_number(results(replace(ATTEMPT, exercises=(free,)), HIDDEN))["1.2.1.1"]["visibility"] == "hidden"
    )


def test_no_message_quotes_a_hidden_check() -> None:
    skipped = Finding(
        "after", "is short", Status.SKIPPED, 0, 1, "Not looked at, because “is fast” did not pass."
    )
    attempt = replace(ATTEMPT, exercises=(replace(NORMS, findings=(NORMS.findings[2], skipped)),))
    tests = by_number(results(attempt, HIDDEN))
    assert tests["1.2.1.2"]["output"] == "Not looked at, because a hidden check did not pass."
    assert "is fast" in tests["1.2.1.1"]["name"]  # shown when grades are published
    assert "is fast" in by_number(results(attempt))["1.2.1.2"]["output"]
    assert "is fast" not in attempt_junit(attempt, HIDDEN)


@pytest.mark.parametrize(
    ("detail", "there", "not_there"),
    [
        (
            {"kind": "traceback", "name": "ValueError", "message": "bad", "frames": ["cell 2, line 1"]},
            "ValueError: bad",
            "x",
        ),
        ({"kind": "stdout", "text": "printed <b>"}, "printed <b>", "&lt;"),
        ({"kind": "fault", "traceback": "grader/secret.py"}, "message", "secret"),
        ({"kind": "written", "text": "an answer"}, "message", "answer"),
        ({"kind": "image", "png_base64": "QUFB"}, "message", "QUFB"),
        ({"kind": "traceback", "frames": "no list"}, "message", "no list"),
        ({"kind": "stdout", "text": "y" * 1_000_000}, "Shortened", "y" * 9_000),
    ],
)
def test_the_output_tells_what_the_students_code_said(
    detail: dict[str, Any], there: str, not_there: str
) -> None:
    finding = Finding("a", "b", Status.FAILED, 0.0, 1.0, "message", detail)
    attempt = replace(ATTEMPT, exercises=(replace(NORMS, title="norms", findings=(finding,)),))
    output = by_number(results(attempt))["1.2.1.1"]["output"]
    assert there in output
    assert not_there not in output


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m", "\x00\ud800", "\u202e", "x" * 10_000_000, "", " "])
def test_hostile_text(text: str) -> None:
    finding = Finding("a", text, Status.FAILED, 0.0, 1.0, text)
    attempt = replace(ATTEMPT, name=text, exercises=(replace(NORMS, title=text, findings=(finding,)),))
    test = by_number(results(attempt))["1.2.1.1"]
    assert len(test["output"]) < 10_000
    assert not {"\x1b", "\x00", "\ud800", "\u202e"} & set(test["output"] + test["name"])
    assert read(failure(text))["output"]


def test_an_attempt_that_was_not_graded_says_why() -> None:
    data = read(results(replace(ATTEMPT, state="unreadable", message="It is no notebook.")))
    assert (data["score"], data["output"], data["tests"]) == (0.0, "It is no notebook.", [])


# -------------------------------------------------------------------------------------- the command


def export(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["export", *map(str, arguments)])


def test_the_command_makes_it_from_grade_json(tmp_path: Path) -> None:
    write_json(GRADE, tmp_path / "grade.json")
    done = export(tmp_path / "grade.json", "--to", "gradescope", "--hide", "1.2.1:speed")
    assert done.exit_code == 0, done.output
    data = json.loads((tmp_path / "results.json").read_text())
    assert data == read(results(attempt_of_grade(GRADE), HIDDEN))
    assert data["score"] == 3.5
    assert (data["extra_data"]["isolation"], data["extra_data"]["seed"]) == ("full", "7")


def test_without_a_grade_it_tells_what_the_grader_said(tmp_path: Path) -> None:
    (tmp_path / "said").write_bytes(b"Traceback: /secret/grader.py\ngrade: There is no \xff notebook.\n")
    done = export(
        tmp_path / "grade.json",
        "--to",
        "gradescope",
        "--else-say",
        tmp_path / "said",
        "--out",
        tmp_path / "r.json",
    )
    assert done.exit_code == 0, done.output
    data = read(json.loads((tmp_path / "r.json").read_text()))
    assert (data["score"], data["output"]) == (0.0, "There is no \ufffd notebook.")
    for said in (b"", b"Traceback: /secret/grader.py", None):
        if said is None:
            (tmp_path / "said").unlink()
        else:
            (tmp_path / "said").write_bytes(said)
        export(
            tmp_path / "grade.json",
            "--to",
            "gradescope",
            "--else-say",
            tmp_path / "said",
            "--out",
            tmp_path / "r.json",
        )
        assert "tell your instructor" in read(json.loads((tmp_path / "r.json").read_text()))["output"]


# ----------------------------------------------------------------------------------- the autograder

FAKE = """#!/usr/bin/env bash
# stands for `grade`: `run` does what the test wants, `export` is ours
if [ "$1" = run ]; then
    shift
    printf '%s\\n' "$@" >"$AUTOGRADER/arguments"
    . "$AUTOGRADER/behaviour"
fi
[ -z "${NO_EXPORT:-}" ] || exit 1
exec "$PYTHON" -m grader "$@"
"""


def autograde(
    root: Path, behaviour: str, **environment: str
) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    """Run run_autograder as Gradescope does, but below ``root``; what it left, and how it ended."""
    for name in ("venv/bin", "submission", "results", "tmp"):
        (root / name).mkdir(parents=True)
    write_json(GRADE, root / "made.json")
    fake = root / "venv" / "bin" / "grade"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    (root / "behaviour").write_text(behaviour)
    script = root / "run_autograder"
    shutil.copy(EXAMPLE / "run_autograder", script)
    done = subprocess.run(
        [str(script)],
        cwd=root,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHON": sys.executable,
            "AUTOGRADER": str(root),
            "TMPDIR": str(root / "tmp"),
        }
        | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert list((root / "tmp").iterdir()) == [], "it cleans up"
    return json.loads((root / "results" / "results.json").read_text()), done


bash = pytest.mark.skipif(
    not shutil.which("bash") or not shutil.which("timeout"), reason="needs bash and timeout"
)


@bash
def test_the_autograder_grades_the_submission(tmp_path: Path) -> None:
    data, done = autograde(tmp_path, 'cp "$AUTOGRADER/made.json" "$3/grade.json"; exit 0')
    assert "exit code 0" in done.stdout, done.stderr
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments[:2] == [str(tmp_path / "submission"), "--out"]
    assert read(data)["score"] == 3.5
    assert len(data["tests"]) == 8


@bash
@pytest.mark.parametrize(
    ("behaviour", "environment", "said"),
    [
        ('echo "grade: There is no notebook in it." >&2; exit 2', {}, "There is no notebook in it."),
        ("kill -9 $$", {}, "took longer than 540 seconds"),  # 137 is what timeout's own kill looks like
        ('echo "{" >"$3/grade.json"; exit 0', {}, "tell your instructor"),
        ("exit 1", {"NO_EXPORT": "1"}, "The autograder itself failed"),
    ],
)
def test_the_autograder_never_fails_silently(
    tmp_path: Path, behaviour: str, environment: dict[str, str], said: str
) -> None:
    data, done = autograde(tmp_path, behaviour, **environment)
    jsonschema.Draft202012Validator(RESULTS).validate(data)
    assert data["score"] == 0
    assert said in data["output"], done.stderr


def test_the_scripts_can_be_run() -> None:
    for name in ("setup.sh", "run_autograder"):
        path = EXAMPLE / name
        assert os.access(path, os.X_OK)
        assert path.read_text().startswith("#!/usr/bin/env bash\n")
        if shutil.which("bash"):
            subprocess.run(["bash", "-n", str(path)], check=True)
    told = CliRunner().invoke(cli, ["export", "--help"]).output
    assert "--else-say" in told
    script = (EXAMPLE / "run_autograder").read_text()
    for option in ("--out", "--total-time"):
        assert option in script
        assert option in CliRunner().invoke(cli, ["run", "--help"]).output


def test_a_grade_is_an_attempt() -> None:
    attempt = attempt_of_grade(GRADE)
    assert isinstance(attempt, Attempt)
    assert attempt.exercises == GRADE.exercises
    assert (attempt.points, attempt.max_points, attempt.open_points) == (3.5, 12.0, 4.0)
    assert (attempt.endings, attempt.seed, attempt.isolation, attempt.name) == (
        {"ok": 1},
        7,
        "full",
        "ada.ipynb",
    )
