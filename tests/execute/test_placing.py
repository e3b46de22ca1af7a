"""The files of a submission, put beside its notebook by the kernel that will run it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader.execute.client import in_portions
from grader.worker.placing import place


@pytest.fixture(autouse=True)
def work_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def test_files_and_the_folders_on_the_way(work_directory: Path) -> None:
    place("a.csv", b"1")
    place("x/y/b.csv", memoryview(b"2"))
    place("x/c.csv", b"")
    found = {str(path.relative_to(work_directory)) for path in work_directory.rglob("*") if path.is_file()}
    assert found == {"a.csv", "x/y/b.csv", "x/c.csv"}
    assert (work_directory / "x/y/b.csv").read_bytes() == b"2"
    assert stat.S_IMODE((work_directory / "a.csv").stat().st_mode) & 0o600 == 0o600


@pytest.mark.parametrize("path", ["", "..", "../a", "x/../../a", "/tmp/a"])
def test_nothing_leads_out(tmp_path: Path, path: str) -> None:
    with pytest.raises(OSError, match="leads out"):
        place(path, b"1")
    assert list(tmp_path.rglob("a")) == []


def test_nothing_is_overwritten_or_followed(tmp_path: Path, work_directory: Path) -> None:
    place("a", b"1")
    (work_directory / "link").symlink_to(tmp_path / "elsewhere")
    for path in ("a", "link"):
        with pytest.raises(FileExistsError):
            place(path, b"2")
    with pytest.raises(OSError):  # noqa: PT011 - the platforms differ in their words
        place("a/b", b"2")
    assert (work_directory / "a").read_bytes() == b"1"
    assert not (tmp_path / "elsewhere").exists()


def test_portions() -> None:
    files = {"a": bytes(3), "b": bytes(3), "c": bytes(9), "d": b"", "e": bytes(4)}
    assert list(in_portions(files, 6)) == [["a", "b"], ["c"], ["d", "e"]]
    assert list(in_portions({}, 6)) == []
