"""Whose is what: layouts of folders, archives and downloads, told from names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from handmade import code, v4
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packing import NOTEBOOK, tarred, zipped

from grader.nouns import BadInput, HandedIn, Student
from grader.read import taking
from grader.read.class_archives import tidy
from grader.read.handed_in import handed_in
from grader.read.members import is_ignored
from grader.read.student_folders import folder_name
from grader.read.taking import read_handed_in

Files = Iterable[tuple[str, bytes]]


def notebook(text: str) -> bytes:
    return json.dumps(v4(code(f"x = {text!r}"))).encode()


def lay_out(folder: Path, files: Files) -> Path:
    for name, data in files:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return folder


@pytest.fixture(params=["folder", "zip", "tar", "tar.gz"])
def layout(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A function that lays files out in each of the ways in which a class comes."""

    def make(files: Files) -> Path:
        files = list(files)
        if request.param == "folder":
            return lay_out(tmp_path / "subs", files)
        path = tmp_path / f"subs.{request.param}"
        if request.param == "zip":
            path.write_bytes(zipped(files))
        else:
            mode = "w:gz" if request.param == "tar.gz" else "w"
            path.write_bytes(tarred(((n, d) for n, d in files if not n.endswith("/")), mode))
        return path

    return make


def students(found: Iterable[HandedIn]) -> list[str]:
    return [one.student.id for one in found]


def by_id(found: Iterable[HandedIn]) -> dict[str, HandedIn]:
    return {one.student.id: one for one in found}


def answer(one: HandedIn) -> str:
    """What the notebook that is graded says."""
    return read_handed_in(one, {}).cells[0].source


ADA = Student("u1", "Ada Lovelace", "ada@uni.edu", {"Username": "alove"})
EMMY = Student("u2", "Emmy Nöther", "en7@uni.edu", {"ID": "4711"})
ROSTER = {one.id: one for one in (ADA, EMMY)}


# ------------------------------------------------------------------------------ plain layouts


def test_a_folder_for_each_student(layout) -> None:  # type: ignore[no-untyped-def]
    path = layout(
        [
            ("ada/hw.ipynb", notebook("ada")),
            ("ada/model.py", b"y = 2\n"),
            ("bob/hw.ipynb", notebook("bob")),
            ("bob/data/x.csv", b"1"),
        ]
    )
    found = handed_in([path])
    assert students(found) == ["ada", "bob"]
    assert [answer(one) for one in found] == ["x = 'ada'", "x = 'bob'"]
    submission = read_handed_in(found[0])
    assert (submission.name, submission.member, submission.files) == (
        "ada",
        "hw.ipynb",
        {"model.py": b"y = 2\n"},
    )


def test_a_file_or_an_archive_for_each_student(layout) -> None:  # type: ignore[no-untyped-def]
    path = layout(
        [
            ("ada.ipynb", notebook("ada")),
            ("bob.zip", zipped([("hw/a.ipynb", notebook("bob")), ("hw/m.py", b"")])),
            ("cleo.tar.gz", tarred([("a.ipynb", notebook("cleo"))])),
            ("dan.py", b"x = 'dan'\n"),
        ]
    )
    found = handed_in([path])
    assert students(found) == ["ada", "bob", "cleo", "dan"]
    assert [answer(one).strip() for one in found] == [f"x = '{n}'" for n in ("ada", "bob", "cleo", "dan")]
    assert read_handed_in(found[1]).files == {"m.py": b""}


def test_what_systems_and_earlier_runs_leave_is_nobody(layout) -> None:  # type: ignore[no-untyped-def]
    told: list[str] = []
    path = layout(
        [
            ("ada.ipynb", notebook("ada")),
            ("bob.ipynb", notebook("bob")),
            ("__MACOSX/._ada.ipynb", b"x"),
            (".DS_Store", b"x"),
            ("Thumbs.db", b"x"),
            ("grade.json", b"{}"),
            ("report.html", b""),
            ("executed.ipynb", NOTEBOOK),
            ("gradebook.sqlite", b""),
            ("gradebook.sqlite-wal", b""),
            ("roster.csv", b""),
            ("out/index.html", b""),
            ("out/students/ada/report.html", b""),
        ]
    )
    assert students(handed_in([path], tell=told.append)) == ["ada", "bob"]
    assert sum("roster.csv" in note for note in told) == 1


def test_the_folder_of_the_results_is_nobody_even_before_anything_is_in_it(tmp_path: Path) -> None:
    subs = lay_out(tmp_path, [("ada.ipynb", NOTEBOOK), ("results/half.txt", b""), ("bob/a.ipynb", NOTEBOOK)])
    assert students(handed_in([subs])) == ["ada", "bob", "results"]
    assert students(handed_in([subs], out=subs / "results")) == ["ada", "bob"]
    lay_out(subs, [("students/ada/report.html", b"")])
    assert students(handed_in([subs], out=subs)) == ["ada", "bob", "results"]


def test_an_empty_folder_is_a_student_all_the_same(tmp_path: Path) -> None:
    subs = lay_out(tmp_path, [("ada/", b""), ("bob/a.ipynb", NOTEBOOK)])
    found = handed_in([subs])
    assert students(found) == ["ada", "bob"]
    with pytest.raises(BadInput, match="is empty; there is nothing in it to grade"):
        read_handed_in(found[0])
    (tmp_path / "x.zip").write_bytes(zipped([("ada/", b""), ("bob/a.ipynb", NOTEBOOK)]))
    assert students(handed_in([tmp_path / "x.zip"])) == ["ada", "bob"]


def test_a_document_is_a_student_whose_work_cannot_be_read(tmp_path: Path) -> None:
    subs = lay_out(tmp_path, [("ada.ipynb", NOTEBOOK), ("bob.docx", b"x"), ("cleo.rar", b"x")])
    found = handed_in([subs])
    assert students(found) == ["ada", "bob", "cleo"]
    with pytest.raises(BadInput, match=r"cannot tell what this is \('.docx'\)"):
        read_handed_in(found[1])


def test_a_folder_alone_in_an_archive_is_looked_into(layout) -> None:  # type: ignore[no-untyped-def]
    path = layout([("subs/hw 2/ada/a.ipynb", NOTEBOOK), ("subs/hw 2/bob/a.ipynb", NOTEBOOK)])
    found = handed_in([path])
    assert students(found) == ["ada", "bob"]
    assert answer(found[0]) == "x = 1"


def test_a_class_of_one(layout) -> None:  # type: ignore[no-untyped-def]
    path = layout([("ada/hw/a.ipynb", NOTEBOOK), ("ada/hw/m.py", b"")])
    assert students(handed_in([path])) == ["ada"]


def test_several_paths(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [
            ("subs/ada/a.ipynb", NOTEBOOK),
            ("subs/bob/a.ipynb", NOTEBOOK),
            ("subs/bob/scratch.ipynb", notebook("other")),
            ("subs/cleo/m.py", b"x = 1"),
            ("subs/dan/", b""),
        ],
    )
    (tmp_path / "subs" / "eve.zip").write_bytes(zipped([("a.ipynb", NOTEBOOK), ("data/x.csv", b"")]))
    (tmp_path / "subs" / "fay.zip").write_bytes(b"spoilt")
    (tmp_path / "subs" / "gus.ipynb").write_bytes(NOTEBOOK)
    everybody = ["ada", "bob", "cleo", "dan", "eve", "fay", "gus"]
    assert students(handed_in(sorted((tmp_path / "subs").iterdir()))) == everybody
    assert students(handed_in([tmp_path / "subs"])) == everybody


def test_several_classes(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [
            ("monday/ada.ipynb", NOTEBOOK),
            ("monday/bob.ipynb", NOTEBOOK),
            ("tuesday/cleo/a.ipynb", NOTEBOOK),
            ("tuesday/dan/a.ipynb", NOTEBOOK),
        ],
    )
    (tmp_path / "late.zip").write_bytes(
        zipped(
            [
                ("Eve_1_assignsubmission_file_/a.ipynb", NOTEBOOK),
                ("Fay_2_assignsubmission_file_/a.ipynb", NOTEBOOK),
            ]
        )
    )
    found = handed_in([tmp_path / "monday", tmp_path / "tuesday", tmp_path / "late.zip"])
    assert students(found) == ["1", "2", "ada", "bob", "cleo", "dan"]
    assert [answer(one) for one in found] == ["x = 1"] * 6


def test_links_are_followed_where_a_person_gives_them_and_nowhere_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook("secret"))
    subs = lay_out(tmp_path / "subs", [("ada.ipynb", NOTEBOOK)])
    (subs / "eve.ipynb").symlink_to(secret)
    (subs / "fay").symlink_to(tmp_path)
    (tmp_path / "mine").symlink_to(subs)
    found = handed_in([tmp_path / "mine"])
    assert students(found) == ["ada", "eve", "fay"]
    for one in found[1:]:
        with pytest.raises(BadInput, match="is a symbolic link"):
            read_handed_in(one)
    (one,) = handed_in([subs / "eve.ipynb"])
    assert (one.student.id, answer(one)) == ("eve", "x = 'secret'")


# -------------------------------------------------------------------------------- Moodle, Canvas


def test_moodle_folders(layout) -> None:  # type: ignore[no-untyped-def]
    path = layout(
        [
            ("Ada Lovelace_123_assignsubmission_file_/hw.ipynb", notebook("ada")),
            ("Ada Lovelace_123_assignsubmission_file_/model.py", b"y = 1"),
            ("Ada Lovelace_123_assignsubmission_onlinetext_/onlinetext.html", b"<p>Dear ..."),
            ("Emmy Nöther_456_assignsubmission_file_/hw.zip", zipped([("d/hw.ipynb", notebook("emmy"))])),
            ("Only Text_789_assignsubmission_onlinetext_/onlinetext.html", b"<p>"),
        ]
    )
    found = by_id(handed_in([path]))
    assert {id: one.student.name for id, one in found.items()} == {
        "123": "Ada Lovelace",
        "456": "Emmy Nöther",
        "789": "Only Text",
    }
    assert answer(found["123"]) == "x = 'ada'"
    assert read_handed_in(found["123"]).files == {"model.py": b"y = 1"}
    assert "online text is not graded" in found["123"].notes[0]
    assert answer(found["456"]) == "x = 'emmy'"  # an archive that is all there is
    assert found["789"].paths == ()
    with pytest.raises(
        BadInput, match=r"789: handed in nothing that can be graded \(left out: .*online text"
    ):
        read_handed_in(found["789"])


def test_moodle_without_folders(layout) -> None:  # type: ignore[no-untyped-def]
    path = layout(
        [
            ("Ada Lovelace_123_assignsubmission_file_hw_1.ipynb", notebook("ada")),
            ("Ada Lovelace_123_assignsubmission_file_model.py", b"y = 1"),
            ("Emmy Nöther_456_assignsubmission_file_hw1.zip", zipped([("hw.ipynb", notebook("emmy"))])),
            ("Ada Lovelace_123_assignsubmission_onlinetext_onlinetext.html", b""),
        ]
    )
    found = handed_in([path])
    assert students(found) == ["123", "456"]
    submission = read_handed_in(found[0])
    assert (submission.member, submission.files) == ("hw_1.ipynb", {"model.py": b"y = 1"})
    assert answer(found[1]) == "x = 'emmy'"


def test_canvas(layout) -> None:  # type: ignore[no-untyped-def]
    path = layout(
        [
            ("lovelaceada_LATE_12345_67890_hw1-2.ipynb", notebook("ada")),
            ("lovelaceada_LATE_12345_67891_model-1.py", b"y = 1"),
            ("lovelaceada_LATE_12345_67892_train-1.csv", b"1"),
            ("nötheremmy_333_1001_hw1.ipynb", notebook("first")),
            ("nötheremmy_333_1002_hw1-1.ipynb", notebook("second")),
            ("nötheremmy_333_1010_hw1-10.ipynb", notebook("eleventh")),
            ("doejane_444_text.html", b""),
        ]
    )
    found = by_id(handed_in([path]))
    assert {id: (one.student.name, one.late) for id, one in found.items()} == {
        "12345": ("lovelaceada", True),
        "333": ("nötheremmy", False),
        "444": ("doejane", False),
    }
    submission = read_handed_in(found["12345"])
    assert (submission.member, submission.files) == (
        "hw1-2.ipynb",
        {"model.py": b"y = 1", "train-1.csv": b"1"},
    )
    assert answer(found["333"]) == "x = 'eleventh'"
    assert read_handed_in(found["333"]).name == "hw1.ipynb"
    assert "'nötheremmy_333_1001_hw1.ipynb', 'nötheremmy_333_1002_hw1-1.ipynb'" in found["333"].notes[0]
    assert found["444"].paths == ()


def test_names_with_numbers_are_not_canvas(tmp_path: Path) -> None:
    subs = lay_out(tmp_path, [(f"hw_1_2_{name}.ipynb", NOTEBOOK) for name in ("ada", "bob")])
    assert students(handed_in([subs])) == ["hw_1_2_ada", "hw_1_2_bob"]


def test_files_of_a_download_given_one_by_one(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [
            ("lovelaceada_1_10_hw.ipynb", notebook("ada")),
            ("lovelaceada_1_11_m.py", b""),
            ("doejane_2_12_hw.zip", zipped([("hw.ipynb", NOTEBOOK)])),
        ],
    )
    found = handed_in(sorted(tmp_path.iterdir()))
    assert students(found) == ["1", "2"]
    assert read_handed_in(found[0]).files == {"m.py": b""}


# ------------------------------------------------------------------------------------- the roster


@pytest.mark.parametrize(
    "name",
    [
        "u1",
        "U1",
        "alove",
        "ada",
        "ada@uni.edu",
        "Ada Lovelace",
        "lovelace, ada",
        "Lovelace_Ada",
        "lovelaceada",
    ],
)
def test_names_that_are_in_the_roster(tmp_path: Path, name: str) -> None:
    subs = lay_out(tmp_path, [(f"{name}/a.ipynb", NOTEBOOK), ("stranger/a.ipynb", NOTEBOOK)])
    found = by_id(handed_in([subs], ROSTER))
    assert found["u1"].student == ADA
    assert found["u1"].notes == ()
    assert "not on the roster: 'stranger' fits nobody" in found["stranger"].notes[0]


def test_downloads_and_the_roster(tmp_path: Path) -> None:
    roster = ROSTER | {"u3": Student("u3", "Doe, Jane", extra={"Identifier": "Participant 99"})}
    lay_out(
        tmp_path,
        [
            ("m/Lovelace Ada_7_assignsubmission_file_/a.ipynb", NOTEBOOK),
            ("m/Nobody Knows_99_assignsubmission_file_/a.ipynb", NOTEBOOK),
            ("c/whoever_4711_5_a.ipynb", NOTEBOOK),
            ("c/doejane_8_6_b.ipynb", NOTEBOOK),
        ],
    )
    assert students(handed_in([tmp_path / "m"], roster)) == ["u1", "u3"]
    assert students(handed_in([tmp_path / "c"], roster)) == ["u2", "u3"]


def test_two_of_one_name_are_not_made_one(tmp_path: Path) -> None:
    subs = lay_out(
        tmp_path,
        [
            ("Ada Lovelace_1_assignsubmission_file_/a.ipynb", notebook("one")),
            ("Ada Lovelace_2_assignsubmission_file_/a.ipynb", notebook("other")),
        ],
    )
    found = handed_in([subs], ROSTER)
    assert students(found) == ["1", "2"]
    assert all("and so has another" in one.notes[0] for one in found)
    twins = ROSTER | {"u9": Student("u9", "Lovelace Ada")}
    (found_one,) = handed_in([lay_out(tmp_path / "x", [("Ada Lovelace.ipynb", NOTEBOOK)])], twins)
    assert "fits 2 students of the roster" in found_one.notes[0]


def test_one_student_in_several_places(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [
            ("a/u1/a.ipynb", notebook("old")),
            ("a/u2.ipynb", NOTEBOOK),
            ("a/Ada Lovelace.ipynb", notebook("older")),
            ("b/alove.ipynb", notebook("new")),
            ("b/u2/", b""),
        ],
    )
    for when, name in enumerate(("a/Ada Lovelace.ipynb", "a/u1/a.ipynb", "a/u2.ipynb", "b/alove.ipynb")):
        os.utime(tmp_path / name, (10**9 + when, 10**9 + when))
    one, two = handed_in([tmp_path / "a", tmp_path / "b"], ROSTER)
    assert answer(one) == "x = 'new'"
    assert one.notes == (
        "handed in 3 times; 'alove.ipynb' is the newest and was taken, not 'u1', 'Ada Lovelace.ipynb'",
    )
    assert "handed in 2 times" in two.notes[0]


def test_when_it_was_handed_in_is_taken_from_the_roster(tmp_path: Path) -> None:
    subs = lay_out(tmp_path, [("a.ipynb", NOTEBOOK), ("b.ipynb", NOTEBOOK), ("c.ipynb", NOTEBOOK)])
    roster = {
        "a": Student("a", extra={"Submission Time": "2026-11-20 23:59:00 +0200"}),
        "b": Student("b", extra={"Submitted": "2026-11-20T21:59:00"}),  # where?
        "c": Student("c", extra={"Submitted": "yesterday"}),
    }
    times = [one.submitted for one in handed_in([subs], roster)]
    assert times == [datetime(2026, 11, 20, 21, 59, tzinfo=UTC), None, None]


def test_ids_are_the_same_in_every_run_and_never_shared(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [
            ("m/Ada_7_assignsubmission_file_/a.ipynb", NOTEBOOK),
            ("m/Bob_8_assignsubmission_file_/a.ipynb", NOTEBOOK),
            ("c/lovelaceada_7_5_a.ipynb", NOTEBOOK),
            ("c/doejane_9_6_b.ipynb", NOTEBOOK),
            ("p/7.ipynb", NOTEBOOK),
            ("p/x.ipynb", NOTEBOOK),
        ],
    )
    paths = [tmp_path / name for name in "mcp"]
    expected = ["7", "7 (canvas)", "7 (moodle)", "8", "9", "x"]
    assert students(handed_in(paths)) == students(handed_in(paths[::-1])) == expected


# ------------------------------------------------------------------------------------ what is bad


def test_one_student_s_odd_names_spoil_nobody_else_s_work(tmp_path: Path) -> None:
    path = tmp_path / "subs.zip"
    path.write_bytes(
        zipped(
            [
                ("ada/a.ipynb", NOTEBOOK),
                ("eve/../../evil.ipynb", NOTEBOOK),
                ("eve/a.ipynb", NOTEBOOK),
                ("fay/a\\b.ipynb", NOTEBOOK),
                ("gus/a.ipynb", NOTEBOOK),
                ("gus/a.ipynb", NOTEBOOK),
                ("=cmd|x!A1\u202e\x1b[31m/a.ipynb", NOTEBOOK),
                ("/abs/a.ipynb", NOTEBOOK),
                ("hal/con.txt", b""),
            ]
        )
    )
    found = by_id(handed_in([path]))
    assert set(found) == {"ada", "eve", "fay", "gus", "=cmd|x!A1\\u202e\\x1b[31m", "abs", "hal"}
    assert answer(found["ada"]) == "x = 1"
    for id, why in (
        ("eve", "leads out of it"),
        ("fay", "a backslash"),
        ("gus", "twice"),
        ("hal", "Windows does not take"),
    ):
        with pytest.raises(BadInput, match=why) as caught:
            read_handed_in(found[id])
        assert str(caught.value).isprintable()
    assert all(note.isprintable() for one in found.values() for note in (*one.notes, one.student.id))


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    lay_out(tmp_path, [("ada.ipynb", NOTEBOOK)])
    with open(os.fsencode(tmp_path) + b"/b\xe9.ipynb", "wb") as file:
        file.write(NOTEBOOK)
    found = handed_in([tmp_path])
    assert students(found) == ["ada", "b\\udce9"]
    found[1].student.id.encode()  # a database takes it
    assert answer(found[1]) == "x = 1"


@pytest.mark.parametrize("make", ["nothing", "missing", "spoilt", "empty", "pipe"])
def test_what_is_no_class(tmp_path: Path, make: str) -> None:
    path = tmp_path / "subs.zip"
    match make:
        case "spoilt":
            path.write_bytes(b"PK\x03\x04spoilt")
        case "empty":
            path = tmp_path
        case "pipe":
            os.mkfifo(tmp_path / "subs.zip")
        case _:
            pass
    with pytest.raises(BadInput) as caught:
        handed_in([] if make == "nothing" else [path])
    assert "\n" not in str(caught.value)


def test_a_truncated_tar_archive_does_not_lose_students(tmp_path: Path) -> None:
    whole = tarred([(f"{name}/a.ipynb", NOTEBOOK) for name in ("ada", "bob", "cleo")], "w")
    path = tmp_path / "subs.tar"
    damaged = bytearray(whole)
    second = whole.index(b"bob/a.ipynb")
    damaged[second : second + 512] = b"\xff" * 512
    path.write_bytes(damaged)
    with pytest.raises(BadInput, match="is damaged"):
        handed_in([path])


def test_the_work_of_others_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class may be larger than the memory: what is read is bounded by what one student handed in."""
    path = tmp_path / "subs.zip"
    big = os.urandom(200_000)
    path.write_bytes(
        zipped(
            [
                (f"s{n}/{name}", data)
                for n in range(40)
                for name, data in (("a.ipynb", NOTEBOOK), ("x.bin", big))
            ]
        )
    )
    monkeypatch.setattr("grader.read.members.MAX_TOTAL_BYTES", 300_000)
    found = handed_in([path])
    assert len(found) == 40
    assert read_handed_in(found[7]).files == {"x.bin": big}


def test_a_large_class_is_one_archive(tmp_path: Path) -> None:
    path = tmp_path / "subs.zip"
    path.write_bytes(zipped([(f"s{n:04}/a.ipynb", NOTEBOOK) for n in range(3_000)]))
    found = handed_in([path])  # more files than one submission may have
    assert len(found) == 3_000
    assert answer(found[-1]) == "x = 1"


def test_the_digest_covers_everything_and_does_not_depend_on_the_packing(tmp_path: Path) -> None:
    files = [("ada/a.ipynb", NOTEBOOK), ("ada/m.py", b"y = 1"), ("bob.ipynb", NOTEBOOK)]
    folder = lay_out(tmp_path / "subs", files)
    archive = tmp_path / "subs.zip"
    digests = set()
    for change in (b"y = 1", b"y = 2"):
        files[1] = ("ada/m.py", change)
        lay_out(folder, files)
        archive.write_bytes(zipped(files))
        one, two = handed_in([folder]), handed_in([archive])
        assert read_handed_in(one[0]).sha256 == read_handed_in(two[0]).sha256
        assert read_handed_in(one[1]).sha256 == read_handed_in(two[1]).sha256
        digests.add(read_handed_in(one[0]).sha256)
    assert len(digests) == 2


def test_an_archive_that_was_exchanged(tmp_path: Path) -> None:
    path = tmp_path / "subs.zip"
    path.write_bytes(zipped([("ada.ipynb", NOTEBOOK), ("bob.ipynb", NOTEBOOK)]))
    found = handed_in([path])
    path.write_bytes(zipped([("bob.ipynb", NOTEBOOK)]))
    with pytest.raises(BadInput, match="no longer in the archive"):
        read_handed_in(found[0])


def test_the_limits_of_one_submission_hold_in_an_archive_of_the_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "subs.zip"
    path.write_bytes(
        zipped([("bob/a.ipynb", NOTEBOOK), ("eve/a.ipynb", NOTEBOOK), ("eve/bomb", bytes(20 * 2**20))])
    )
    found = handed_in([path])
    with pytest.raises(BadInput, match="100 times its size"):
        read_handed_in(found[1])
    assert answer(found[0]) == "x = 1"
    assert taking.MAX_TOTAL_BYTES == 100 * 2**20


def test_what_lies_beside_an_archive_goes_with_it(tmp_path: Path) -> None:
    inner = zipped([("a.ipynb", NOTEBOOK), ("m.py", b"inner")])
    subs = lay_out(
        tmp_path, [("ada/hw.zip", inner), ("ada/x.csv", b"1"), ("ada/m.txt", b"2"), ("bob.ipynb", NOTEBOOK)]
    )
    submission = read_handed_in(handed_in([subs])[0])
    assert submission.files == {"m.py": b"inner", "x.csv": b"1", "m.txt": b"2"}


def test_results_among_the_paths_given(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        [
            ("ada/a.ipynb", NOTEBOOK),
            ("bob/a.ipynb", NOTEBOOK),
            ("out/index.html", b""),
            ("out/students/x.html", b""),
            ("new/half.txt", b""),
            ("roster.csv", b""),
            ("__MACOSX/x", b""),
        ],
    )
    told: list[str] = []
    paths = [*sorted(tmp_path.iterdir()), tmp_path / "ada" / ".." / "ada"]
    assert students(handed_in(paths, out=tmp_path / "new", tell=told.append)) == ["ada", "bob"]
    assert [note.removeprefix(f"{tmp_path}/") for note in told] == [
        "__MACOSX is no submission, and was left out",
        "new holds results of a batch, and was left out",
        "out holds results of a batch, and was left out",
        "roster.csv is no submission, and was left out",
    ]


def test_nobody_hides_behind_a_folder_that_looks_like_results(tmp_path: Path) -> None:
    files = [("u1/index.html", b""), ("u1/students/a.ipynb", NOTEBOOK), ("u2/a.ipynb", NOTEBOOK)]
    told: list[str] = []
    assert students(handed_in([lay_out(tmp_path, files)], tell=told.append)) == ["u2"]
    assert "u1 holds results of a batch" in told[0]
    assert students(handed_in([tmp_path], ROSTER)) == ["u1", "u2"]


NAMES = st.one_of(
    st.text("ab_-.12 é", min_size=1, max_size=6),
    st.builds("{}_{}_{}_{}".format, st.sampled_from(["ada", "bob"]), st.integers(1, 3), st.integers(1, 9), st.text("ab-1", min_size=1, max_size=3)),
    st.builds("{}_{}_assignsubmission_{}_{}".format, st.sampled_from(["Ada L", "Bob"]), st.integers(1, 3), st.sampled_from(["file", "onlinetext"]), st.text("ab", max_size=2)),
    st.sampled_from(["u1", "Ada Lovelace", "alove", "lovelaceada", "4711", "index", "students", "out", "grade"]),
)  # fmt: skip
SUFFIXES = st.sampled_from([".ipynb", ".py", ".zip", ".tar.gz", ".txt", ".docx", "", "/a.ipynb", "/"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.builds("{}{}".format, NAMES, SUFFIXES), min_size=1, max_size=8, unique=True), st.booleans()
)
def test_nothing_is_lost_without_a_word(tmp_path: Path, names: list[str], with_roster: bool) -> None:
    """Each name is what a student handed in, or in a student's notes, or told; and each id is there once."""
    path = tmp_path / "subs.zip"
    path.write_bytes(zipped([(name, b"") for name in names]))
    told: list[str] = []
    try:
        found = handed_in([path], ROSTER if with_roster else None, tell=told.append)
    except BadInput:
        found = ()
    everything = "\n".join([*told, *(note for one in found for note in one.notes)])
    kept = [member for one in found for member in one.members]
    tops = {
        Path(name).parts[0]
        for name in map(tidy, names)
        if name and not any(is_ignored(p) for p in name.split("/"))
    }
    for top in tops:
        is_kept = any(member == top or member.startswith(f"{top}/") for member in kept)
        assert is_kept or f"'{top}'" in everything or f"'{top}/" in everything, (names, top)
    assert len(set(students(found))) == len(found)
    assert len(kept) == len(set(kept))
    again = handed_in([path], ROSTER if with_roster else None) if found else ()
    assert again == found
    assert len({folder_name(one.student) for one in found}) == len(found)


def test_nobody_hands_in_for_others_from_a_folder_of_their_own(tmp_path: Path) -> None:
    files = [
        ("subs/bob/a.ipynb", NOTEBOOK),
        ("subs/eve/Ada Lovelace_1_assignsubmission_file_a.ipynb", notebook("eve")),
        ("subs/fay/u1.ipynb", notebook("fay")),
        ("subs/gus.ipynb", NOTEBOOK),
    ]
    subs = lay_out(tmp_path, files) / "subs"
    for one in (subs / "eve", subs / "fay"):
        for other in (subs / "bob", subs / "gus.ipynb"):
            with pytest.raises(BadInput, match=r"looks like a class, and '(bob|gus\.ipynb)' beside it"):
                handed_in([one, other], ROSTER)
    assert students(handed_in([subs], ROSTER)) == ["bob", "eve", "fay", "gus"]


def test_a_student_s_file_name_does_not_say_whose_it_is(tmp_path: Path) -> None:
    names = [
        "Eve_2_assignsubmission_file_Ada Lovelace_1_assignsubmission_file_a.ipynb",
        "Ada Lovelace_1_assignsubmission_file_b.ipynb",
    ]
    found = handed_in([lay_out(tmp_path / "m", [(name, notebook(name[:3])) for name in names])])
    assert [(one.student.id, answer(one)) for one in found] == [("1", "x = 'Ada'"), ("2", "x = 'Eve'")]
    names = ["eve_2_20_ada_1_99_a.ipynb", "ada_1_10_a.ipynb"]
    found = handed_in([lay_out(tmp_path / "c", [(name, notebook(name[:3])) for name in names])])
    assert [(one.student.id, answer(one)) for one in found] == [("1", "x = 'ada'"), ("2", "x = 'eve'")]
