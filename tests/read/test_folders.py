"""Folders: what is read of them, and how nothing that changes underneath fools the reader."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packing import HOMEWORK, NOTEBOOK

from grader.nouns import BadInput
from grader.read import folders, members, openings, read
from grader.read.openings import Folder, NotRegular, TooLarge, read_file

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


@pytest.fixture(params=["by descriptor", "by path"])
def homework(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a notebook; read as on Linux, and as on a platform without ``dir_fd``."""
    monkeypatch.setattr(openings, "_BY_DESCRIPTOR", request.param == "by descriptor")
    for name, data in HOMEWORK:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path / "hw"


@pytest.fixture(autouse=True)
def no_descriptor_is_left_open() -> Iterator[None]:
    before = descriptors()
    yield
    assert descriptors() == before


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read(path)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith(str(path))
    return message.removeprefix(str(path))


def test_a_notebook_and_what_it_needs(homework: Path) -> None:
    submission = read(homework)
    assert (submission.path, submission.name, submission.member) == (homework, "hw", "a.ipynb")
    assert submission.files == {"model.py": b"y = 2\n", "data/x.csv": b"1,2\n"}
    assert submission.notes == ()
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name[3:]}\n" for name, data in sorted(HOMEWORK)]
    assert submission.sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    (homework / "model.py").write_bytes(b"y = 3\n")
    assert read(homework).sha256 != submission.sha256


def test_the_folder_one_is_in(homework: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(homework)
    assert (read(Path()).name, read(Path()).member) == ("hw", "a.ipynb")


def test_a_link_to_the_folder_is_a_person_s_own(homework: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(homework)
    assert read(tmp_path / "mine").files == read(homework).files


def test_hidden_folders_are_not_even_opened(homework: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(homework)
    for name in (".git", ".venv", ".ipynb_checkpoints", "__pycache__", "__MACOSX"):
        (homework / name).mkdir()
        (homework / name / "link").symlink_to("/etc")
        (homework / name / "b.ipynb").write_bytes(NOTEBOOK)
    opened = Folder.folder
    monkeypatch.setattr(Folder, "folder", lambda self, name: _only_data(name) or opened(self, name))
    assert read(homework) == before


def _only_data(name: str) -> None:
    assert name == "data"


@pytest.mark.parametrize("place", ["extra", "data/extra"])
def test_links_are_refused(homework: Path, place: str) -> None:
    for target in ("/etc/passwd", "a.ipynb", "/etc", "nowhere"):
        (homework / place).symlink_to(target)
        assert f"holds '{place}', which is a symbolic link; put the file itself there" in refusal(homework)
        (homework / place).unlink()


@needs_pipes
def test_pipes_sockets_and_devices_do_not_block(homework: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(homework / "pipe")
    assert "'pipe', which is a named pipe" in refusal(homework)
    (homework / "pipe").unlink()
    monkeypatch.chdir(homework)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert "'socket', which is a socket" in refusal(homework)


def test_limits(homework: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (homework / "big.csv").open("wb") as big:
        big.truncate(2**31)
    assert "'big.csv', which has 2048 MB, more than the 50 MB" in refusal(homework)
    (homework / "big.csv").unlink()
    monkeypatch.setattr(members, "MAX_FILES", 2)
    assert "more than the 2 files" in refusal(homework)
    monkeypatch.setattr(members, "MAX_FILES", 3)
    monkeypatch.setattr(members, "MAX_TOTAL_BYTES", 2**20)
    (homework / "data" / "x.csv").write_bytes(bytes(2**20))
    assert "more than the 1 MB that are read of all files" in refusal(homework)
    monkeypatch.setattr(members, "MAX_ENTRIES", 2)
    assert "more than the 2 entries" in refusal(homework)


def test_a_million_names_are_not_all_listed(homework: Path) -> None:
    for number in range(20):
        (homework / f"{number}").touch()
    with Folder.at(homework) as folder:
        assert len(folder.entries(5)) == 6


def test_a_deep_folder(homework: Path) -> None:
    deep = homework.joinpath(*["d"] * 30)
    deep.mkdir(parents=True)
    assert "nested deeper than the 20 folders" in refusal(homework)


@pytest.mark.parametrize("name", ["a\\b.py", "nul", "x\ny.py", "trailing.", "A.IPYNB"])
def test_names_that_may_not_be(homework: Path, name: str) -> None:
    (homework / name).write_bytes(b"1")
    assert ": holds " in refusal(homework)


def test_a_name_that_is_not_utf8(homework: Path) -> None:
    with open(os.fsencode(homework) + b"/b\xe9.csv", "wb"):
        pass
    assert "'b\\udce9.csv', a name that is not UTF-8" in refusal(homework)


def test_what_cannot_be_opened(homework: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Folder, name: str, limit: int) -> bytes:
        raise PermissionError(13, "Permission denied")  # root may read everything

    monkeypatch.setattr(Folder, "read", denied)
    assert "'a.ipynb', which cannot be read (Permission denied); check its permissions" in refusal(homework)


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "holds no notebook (.ipynb) and no script (.py); it is empty" in refusal(tmp_path)


# ------------------------------------------------------------------- what changes while it is read


def exchange(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], None]) -> None:
    """Do something right after ``name`` was looked at for the last time before it is opened."""
    real = os.open

    def opened(path: object, *arguments: object, **options: object) -> int:
        if os.path.basename(str(path)) == name:
            monkeypatch.setattr(openings.os, "open", real)
            act()
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(openings.os, "open", opened)


@needs_pipes
@pytest.mark.parametrize("new", ["link", "pipe", "folder", "file", "nothing"])
def test_a_file_exchanged_between_the_look_and_the_opening(
    homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the answers")

    def act() -> None:
        path = homework / "model.py"
        path.rename(tmp_path / "old")
        match new:
            case "link":
                path.symlink_to(secret)
            case "pipe":
                os.mkfifo(path)
            case "folder":
                path.mkdir()
            case "file":
                path.write_text("another")
            case _:
                pass

    exchange(monkeypatch, "model.py", act)
    assert "'model.py', which " in refusal(homework)


@pytest.mark.parametrize("new", ["link", "file"])
def test_a_folder_exchanged_between_the_look_and_the_opening(
    homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: str
) -> None:
    """The secret beside it is not read, though a path through the link would lead to it."""
    if not openings._BY_DESCRIPTOR:
        pytest.skip("where folders cannot be opened, the last part of a path is all that is safe")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "x.csv").write_text("the answers")

    def act() -> None:
        (homework / "data").rename(tmp_path / "old")
        if new == "link":
            (homework / "data").symlink_to(tmp_path / "secrets")
        else:
            (homework / "data").write_text("a file")

    exchange(monkeypatch, "data", act)
    assert "'data', which " in refusal(homework)


def test_a_folder_moved_away_while_it_is_open(
    homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are looked up in the folder that was opened, not along its path."""
    if not openings._BY_DESCRIPTOR:
        pytest.skip("where folders cannot be opened, the last part of a path is all that is safe")

    def act() -> None:
        (homework / "data").rename(tmp_path / "old")
        (homework / "data").mkdir()
        (homework / "data" / "x.csv").write_text("another")

    exchange(monkeypatch, "x.csv", act)
    assert read(homework).files["data/x.csv"] == b"1,2\n"


def test_a_file_that_grows_while_it_is_read(homework: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_FILE_BYTES", 1_000)
    monkeypatch.setattr(members, "MAX_FILE_BYTES", 1_000)

    def act() -> None:
        (homework / "model.py").write_bytes(bytes(5_000))

    exchange(monkeypatch, "model.py", act)
    assert "'model.py', which has 0 MB, more than" in refusal(homework)


# ---------------------------------------------------------------------------------- single files


def test_read_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_file(tmp_path / "a", 5) == b"12345"
    with pytest.raises(TooLarge) as caught:
        read_file(tmp_path / "a", 4)
    assert caught.value.size == 5
    (tmp_path / "link").symlink_to("a")
    assert read_file(tmp_path / "link", 5, linked=True) == b"12345"
    with pytest.raises(NotRegular, match="is a symbolic link"):
        read_file(tmp_path / "link", 5)
    with pytest.raises(NotRegular, match="is a directory"):
        read_file(tmp_path, 5)
    with pytest.raises(NotRegular, match="is a device"):
        read_file("/dev/zero", 5)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "b", 5)
    with Folder.at(tmp_path) as folder, pytest.raises(NotRegular, match="is a file"):
        folder.folder("a")
