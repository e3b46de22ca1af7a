"""grade.json. To write the golden file anew after a change: GRADER_UPDATE_GOLDEN=1 pytest tests/write"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from made_up_grade import Sample

from grader import __version__
from grader.nouns import (
    BadInput,
    Cell,
    CellError,
    CellRun,
    ExerciseGrade,
    Finding,
    Grade,
    GraderError,
    Status,
    Submission,
)
from grader.write import files as writing
from grader.write.results import MAX_TEXT, to_json, to_text, write_json

GOLDEN = Path(__file__).parent / "golden" / "grade.json"
DOCS = Path(__file__).parents[2] / "docs" / "schema.md"


def load_schema() -> dict[str, Any]:
    return json.loads((files("grader.write") / "grade.schema.json").read_text(encoding="utf-8"))


def closed(schema: Any) -> Any:
    """The schema with no room for fields that it does not name; a detail may have more."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: part if key == "detail" else closed(part) for key, part in schema.items()}
    everything = "required" in schema and set(schema["required"]) == set(schema["properties"])
    return made | ({"additionalProperties": False} if everything else {})


def check(data: Any) -> None:
    jsonschema.Draft202012Validator(closed(load_schema())).validate(data)


def one_check(detail: dict[str, Any] | None = None, points: float = 1.0, message: str = "") -> Grade:
    finding = Finding("values", "is right", Status.PASSED, points, 1, message, detail)
    exercise = ExerciseGrade("1.1.1", "One", Status.PASSED, points, 1, 0, 0.1, (finding,))
    submission = Submission(Path("a.py"), "a.py", "py", "0" * 64, ())
    return Grade(submission, {}, (exercise,), (), seed=1, seconds=0.1)


def detail_of(grade: Grade) -> Any:
    return to_json(grade)["exercises"][0]["checks"][0]["detail"]


def test_the_golden_file(sample: Sample) -> None:
    # How well a picture is compressed is up to the zlib of the machine.
    made = re.sub('"png_base64": "[^"]*"', '"png_base64": "(a picture)"', to_text(sample.grade))
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        GOLDEN.write_text(made, encoding="utf-8")
    wanted = json.loads(GOLDEN.read_text(encoding="utf-8")) | {"grader_version": __version__}
    assert json.loads(made) == wanted


def test_a_rich_grade_obeys_the_schema(sample: Sample) -> None:
    check(json.loads(to_text(sample.grade)))


@pytest.mark.parametrize(
    ("where", "bad"),
    [
        (("points",), -1),
        (("exercises", 0, "status"), "splendid"),
        (("submission", "sha256"), "abc"),
        (("exercises", 2, "checks", 0, "detail", "grid", 0, 0), 1.5),
        (("exercises", 2, "checks", 1, "detail", "ratio"), {}),
        (("cells", 0, "ending"), "asleep"),
        (("surplus",), 1),
    ],
)
def test_the_schema_can_refuse(sample: Sample, where: tuple[Any, ...], bad: Any) -> None:
    data = to_json(sample.grade)
    spot: Any = data
    for key in where[:-1]:
        spot = spot[key]
    spot[where[-1]] = bad
    with pytest.raises(jsonschema.ValidationError):
        check(data)


def test_a_flag_is_written_only_where_there_is_one(sample: Sample) -> None:
    finding = replace(one_check().exercises[0].findings[0], flag="Too good.")
    exercise = replace(one_check().exercises[0], findings=(finding,))
    grade = replace(one_check(), exercises=(exercise,))
    data = to_json(grade)
    check(data)
    assert data["exercises"][0]["checks"][0]["flag"] == "Too good."
    assert "flag" not in to_json(sample.grade)["exercises"][0]["checks"][0]


def test_the_example_in_the_documentation_is_what_is_written() -> None:
    example = re.search(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    wanted = json.loads(example[1])
    check(wanted)
    assert to_json(documented_grade()) == wanted | {"grader_version": __version__}


def test_the_documentation_names_every_field_and_status() -> None:
    text = DOCS.read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`\n]+)`", text))
    schema = load_schema()
    definitions = schema["$defs"]
    fields = {*schema["properties"], *schema["properties"]["submission"]["properties"]}
    fields |= {name for part in ("exercise", "check", "cell") for name in definitions[part]["properties"]}
    for rule in definitions["detail"]["allOf"]:
        fields |= {rule["if"]["properties"]["kind"]["const"], *rule["then"]["properties"]}
    fields |= set(definitions["status"]["enum"]) | set(definitions["cell"]["properties"]["ending"]["enum"])
    assert fields - named == set()
    assert {status.value for status in Status} == set(definitions["status"]["enum"])


def documented_grade() -> Grade:
    speed = {"kind": "timing", "ratio": {"low": 2.9, "median": 3.2, "high": 3.7}, "limit": {"at_least": 10}}
    slow = "It is only 3.2 times faster: is there a loop left in it?"
    findings = (
        Finding(
            "values",
            "has the asked-for shape and holds only zeros and ones",
            Status.PASSED,
            2,
            2,
            seconds=0.01,
        ),
        Finding("speed", "is at least 10 times faster than a loop", Status.FAILED, 0, 3, slow, speed, 0.3),
        Finding(
            "explanation",
            "Why do the bits differ from call to call?",
            Status.WAITING,
            0,
            2,
            "A person reads this answer.",
        ),
    )
    title = "Four-dimensional tensor of random bits"
    return Grade(
        submission=Submission(
            Path("/home/teacher/dana.ipynb"),
            "dana.ipynb",
            "ipynb",
            "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
            (Cell(0, "a", "code", "x"), Cell(1, "b", "code", "y")),
            ("Two cells had the same id; the second was given a new one.",),
        ),
        environment={
            "versions": {"python": "3.11.7", "torch": "2.13.0+cpu"},
            "device": "cpu",
            "data": "small",
            "isolation": {"network namespace": True, "memory limit": False},
        },
        exercises=(ExerciseGrade("1.1.2", title, Status.PARTIAL, 2, 7, 2, 0.31, findings),),
        runs=(
            CellRun(0, "ok", 0.02),
            CellRun(
                1,
                "error",
                0.004,
                CellError("NameError", "name 'x' is not defined", ("cell 2, line 1\n    print(x)",)),
            ),
        ),
        seed=7,
        seconds=1.25,
    )


# ------------------------------------------------------------------------------- values and text


def test_sums_of_tenths_come_out_round() -> None:
    assert to_json(one_check(points=0.1 + 0.2))["points"] == 0.3


@pytest.mark.parametrize("points", [math.nan, math.inf, -math.inf])
def test_points_that_are_no_number_are_refused_by_name(points: float) -> None:
    with pytest.raises(GraderError, match="submission"):
        to_json(one_check(points=points))


def test_what_was_not_finite_is_null() -> None:
    curve = {"kind": "curve", "series": [{"name": "loss", "values": [1.0, math.nan, math.inf]}]}
    assert detail_of(one_check(curve))["series"][0]["values"] == [1.0, None, None]


def test_an_infinite_error_in_a_map_is_not_an_agreement() -> None:
    grid = [[None, 0.5, math.inf, math.nan]]
    assert detail_of(one_check({"kind": "tensor", "grid": grid}))["grid"] == [[None, 0.5, 1.0, 1.0]]


def test_values_of_any_kind_become_data() -> None:
    loop: list[Any] = []
    loop.append(loop)
    detail = {
        "kind": "x",
        "tuple": (1, True, None),
        "set": {"b", "a"},
        3: Path("p"),
        "loop": loop,
        "huge": 10**400,
    }
    made = detail_of(one_check(detail))
    assert made["tuple"] == [1, True, None]
    assert made["set"] == ["a", "b"]
    assert made["3"] == "p"
    assert json.loads(json.dumps(made))["huge"] == 10**400


def test_a_long_message_is_cut_but_a_picture_is_not() -> None:
    grade = one_check({"kind": "image", "png_base64": "A" * 50_000}, message="m" * 50_000)
    made = to_json(grade)["exercises"][0]["checks"][0]
    assert made["message"] == "m" * MAX_TEXT + "… (30,000 more characters)"
    assert len(made["detail"]["png_base64"]) == 50_000


def test_the_text_of_the_file_is_safe_to_look_at_and_unchanged() -> None:
    message = "שלום \u202eabc\u200b \x1b[31m \x9b2J\x7f \u2028 \ud800 \x00"
    text = to_text(one_check(message=message))
    assert not set(text) & set("\u202e\u200b\x1b\x9b\x7f\u2028\x00")
    assert "שלום" in text
    stored = json.loads(text)["exercises"][0]["checks"][0]["message"]
    assert stored == message.replace("\ud800", "\ufffd").replace("\x00", "␀")


# ----------------------------------------------------------------------------------- the writing


def test_it_writes_the_file_and_nothing_else(tmp_path: Path, sample: Sample) -> None:
    path = tmp_path / "grade.json"
    path.write_text("old")
    write_json(sample.grade, path)
    assert json.loads(path.read_text(encoding="utf-8")) == to_json(sample.grade)
    assert [one.name for one in tmp_path.iterdir()] == ["grade.json"]


def test_a_symbolic_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    link = tmp_path / "grade.json"
    link.symlink_to(precious)
    write_json(one_check(), link)
    assert precious.read_text() == "keep me"
    assert not link.is_symlink()
    assert json.loads(link.read_text())["schema"] == 1


def test_a_pipe_or_a_folder_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(BadInput, match="no file"):
            write_json(one_check(), tmp_path / name)
    assert stat.S_ISFIFO((tmp_path / "pipe").lstat().st_mode)


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"grade\.json.*No such file or directory.*--out"):
        write_json(one_check(), tmp_path / "nowhere" / "grade.json")


def test_a_disk_that_fills_up_leaves_the_old_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "grade.json"
    path.write_text("old")

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(BadInput, match="No space left"):
        write_json(one_check(), path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["grade.json"]


def test_the_mode_of_the_file_obeys_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_json(one_check(), tmp_path / "grade.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "grade.json").stat().st_mode) == 0o640


def test_open_points_are_written_as_they_are(sample: Sample) -> None:
    data = to_json(replace(sample.grade, exercises=sample.grade.exercises[:1]))
    assert (data["points"], data["max_points"], data["open_points"]) == (5.5, 8.0, 2.0)
