"""``grade data``, ``grade run --data`` and what the doctor says of the data."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.authoring import data
from grader.cli import cli
from grader.data import generate, install, places
from grader.doctor import _data
from grader.execute.warm import WarmParent
from grader.grading import grade as grade_submission
from grader.nouns import BadInput, Cell, GraderError, Submission


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Real sets are looked for in an empty folder, whatever this machine has."""
    monkeypatch.setenv(places.FOLDER, str(tmp_path / "real"))
    monkeypatch.setenv(places.IN_USE, "")  # so that it is put back afterwards
    places.choose("small")
    return tmp_path / "real"


def grade(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_what_there_is() -> None:
    done = grade("data")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert "train 6,000, test 1,000, hidden 2,000" in lines[0]
    assert str(places.PUBLIC / "FashionMNIST") in lines[0]
    assert lines[1].split() == "fashion-mnist full not installed: grade data install fashion-mnist".split()
    assert "train 6,000, test 1,000, hidden 1,000" in lines[2]
    assert len(lines) == 4


def test_what_there_is_for_machines(nothing_installed: Path) -> None:
    found = json.loads(grade("data", "--json").output)
    assert [(one["name"], one["size"], one["installed"]) for one in found] == [
        ("fashion-mnist", "small", True),
        ("fashion-mnist", "full", False),
        ("mnist", "small", True),
        ("mnist", "full", False),
    ]
    assert found[0]["splits"] == {"train": 6000, "test": 1000, "hidden": 2000}
    assert found[0]["bytes"] > 1e6
    assert found[1]["folder"] == str(nothing_installed / "FashionMNIST" / "raw")


def test_check_says_that_the_files_are_as_drawn() -> None:
    done = grade("data", "generate", "--check", "--every", "500")
    assert (done.exit_code, done.output) == (0, "The files are what this code draws.\n")


def test_check_says_what_is_not_as_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = generate.draw

    def another(name: str, split: places.Split, indices: Any, hidden: Path) -> generate.Drawn:
        right = drawn(name, split, indices, hidden)
        return generate.Drawn(255 - right.images, right.labels)

    monkeypatch.setattr(generate, "draw", another)
    done = grade("data", "generate", "--check", "--every", "500")
    assert done.exit_code == 1
    assert "MNIST hidden: 2 pictures differ by more than a level of grey" in done.stderr
    assert len(done.stderr.splitlines()) == 6


def test_generated_anew_they_are_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few: dict[str, dict[places.Split, int]] = {
        name: {"train": 4, "test": 3, "hidden": 2} for name in generate.COUNTS
    }
    monkeypatch.setattr(generate, "COUNTS", few)
    told: list[str] = []
    contents: list[dict[str, bytes]] = []
    for place in ("a", "b"):
        (tmp_path / place / "hidden").mkdir(parents=True)
        (tmp_path / place / "hidden" / "seed.txt").write_text("1 2 3 4\n")
        generate.generate(tmp_path / place / "public", tmp_path / place / "hidden", told.append)
        files = [path for path in (tmp_path / place).rglob("*") if path.is_file()]
        contents.append({str(path.relative_to(tmp_path / place)): path.read_bytes() for path in files})
        assert generate.differences(1, tmp_path / place / "public", tmp_path / place / "hidden") == []
    assert contents[0] == contents[1]
    assert len(contents[0]) == 14
    assert len(told) == 24


def test_pictures(tmp_path: Path) -> None:
    done = grade("data", "pictures", str(tmp_path / "clothes"))
    assert done.output.strip() == str(tmp_path / "clothes" / "labels.csv")
    assert len(list((tmp_path / "clothes" / "images").glob("*.png"))) == 500


# ------------------------------------------------------------------------------------------ installing


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A web server with small files under the names of the real ones, and torchvision told their checksums."""
    from grader.torchvision_mend import mend

    mend()
    from torchvision.datasets import FashionMNIST

    folder = places.PUBLIC / "FashionMNIST" / "raw"
    sums = [
        (name, hashlib.md5((folder / name).read_bytes()).hexdigest()) for name, _ in FashionMNIST.resources
    ]
    monkeypatch.setattr(FashionMNIST, "resources", sums)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_install_from_a_mirror(mirror: str, nothing_installed: Path) -> None:
    old = os.umask(0o077)
    try:
        done = grade("data", "install", "fashion-mnist", "--mirror", mirror)
    finally:
        os.umask(old)
    assert done.exit_code == 0, done.output
    assert str(nothing_installed / "FashionMNIST") in done.output
    assert places.is_installed("FashionMNIST")
    assert len(data.fashion_mnist("train", "full").images) == 6000
    assert "train 6,000, test 1,000; " in grade("data").output.splitlines()[1]
    for path in nothing_installed.rglob("*"):  # the sandbox reads as another user
        assert path.stat().st_mode & (0o005 if path.is_dir() else 0o004), stat.filemode(path.stat().st_mode)
    assert "GRADER_DATA" not in done.output, "the usual folder need not be told again"


def test_install_elsewhere_says_how_to_find_it(mirror: str, tmp_path: Path) -> None:
    done = grade("data", "install", "fashion-mnist", "--root", str(tmp_path / "x"), "--mirror", mirror)
    assert done.exit_code == 0, done.output
    assert f"Set GRADER_DATA={tmp_path / 'x'}" in done.output


def test_files_that_somebody_brought_are_not_fetched(mirror: str, nothing_installed: Path) -> None:
    target = nothing_installed / "FashionMNIST" / "raw"
    target.mkdir(parents=True)
    for path in (places.PUBLIC / "FashionMNIST" / "raw").iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    install.install("fashion-mnist", mirror="http://127.0.0.1:1")
    assert (target / "train-images-idx3-ubyte").is_file()


def test_no_network_is_told_with_the_remedy(nothing_installed: Path) -> None:
    with pytest.raises(
        GraderError, match=r"(?s)could not be downloaded .*bring train-images.*FashionMNIST/raw"
    ):
        install.install("fashion-mnist", mirror="http://127.0.0.1:1")


def test_another_file_under_that_name_is_refused(mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import FashionMNIST

    wrong = [(name, "0" * 32) for name, _ in FashionMNIST.resources]
    monkeypatch.setattr(FashionMNIST, "resources", wrong)
    with pytest.raises(GraderError, match="corrupted"):
        install.install("fashion-mnist", mirror=mirror)


def test_names_that_nobody_knows() -> None:
    assert grade("data", "install", "cifar").exit_code == 2
    with pytest.raises(BadInput, match="fashion-mnist, mnist"):
        install.install("cifar")


# ------------------------------------------------------------------------------ choosing, and the doctor


def test_full_without_the_real_sets_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("x = 1\n")
    done = grade("run", str(tmp_path / "s.py"), "--data", "full", "--quiet")
    assert isinstance(done.exception, BadInput)
    assert "`grade data install fashion-mnist` and `grade data install mnist`" in str(done.exception)
    assert places.chosen() == "small"
    with pytest.raises(FileNotFoundError, match="grade data install mnist"):
        data.mnist("train", "full")


def test_a_run_records_what_it_used(warm: WarmParent, nothing_installed: Path) -> None:
    made = (Cell(0, "c", "code", "x = 1"),)
    submission = Submission(Path("s.py"), "s.py", "py", "0" * 64, made)
    assert grade_submission(submission, {}, warm, seed=1).grade.environment["data"] == "small"
    os.environ[places.IN_USE] = str(nothing_installed)
    assert grade_submission(submission, {}, warm, seed=1).grade.environment["data"] == "full"


def test_the_doctor_tells_what_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = {line.what.strip(): line for line in _data()}
    assert lines["data"].state == "ok"
    assert "fashion-mnist, mnist" in lines["data"].found
    assert lines["real mnist"].remedy == "`grade data install mnist`"
    monkeypatch.setattr(install, "HIDDEN", tmp_path)
    (broken,) = [line for line in _data() if line.what == "data"]
    assert broken.state == "missing"
    assert "hidden/MNIST/hidden-labels-idx1-ubyte.gz" in broken.found
