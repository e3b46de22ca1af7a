"""Attacks are cells of a notebook, graded through the command; see ``Attack``.

Every attack is followed by a normal submission on the same warm parent, which must get its usual grade, and by a
look round: no process, no file, no control group may be left.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import cli
from grader.catalogue import catalogue
from grader.examine.solutions import read_reference
from grader.execute.launch import ProcessLimits, launch
from grader.execute.warm import WarmParent

SMALL = ProcessLimits(memory=1200 * 2**20, processes=60, disk=32 * 2**20)
BEFORE, AFTER = "1.1.2", "1.3.1"  # exercises that are answered rightly before and after the attack
USUAL = 5.0  # points, for each of them
PATIENCE_S = 60.0


def right(id: str) -> str:
    """A right answer to an exercise."""
    return read_reference(catalogue()[id]).solution


def answers(body: str) -> str:
    """A cell that answers 1.3.2 (the functions ``to_3d`` and ``odd_slice``) in this way."""
    return f"def to_3d(*args): {body}\ndef odd_slice(*args): {body}\n"


def save(path: Path, *cells: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def soon(condition: Callable[[], object], seconds: float = PATIENCE_S) -> bool:
    """Whether it becomes true within a time that is enough on any machine."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def living(mark: str) -> list[psutil.Process]:
    """Processes of this machine whose command line or environment holds `mark`."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            there = mark in " ".join(process.cmdline()) or mark in repr(process.environ())
            if there and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@dataclass(frozen=True)
class Told:
    """What the command told, and wrote, about a notebook."""

    code: int
    out: str
    err: str
    folder: Path
    first: int = 0  # the cell that is number 0 of the attack

    @property
    def grade(self) -> dict[str, Any]:
        return json.loads((self.folder / "grade.json").read_text())

    @property
    def points(self) -> dict[str, float]:
        return {exercise["id"]: exercise["points"] for exercise in self.grade["exercises"]}

    @property
    def endings(self) -> list[str]:
        """How the cells of the attack ended."""
        cells = self.grade["cells"][self.first :]
        return [cell["ending"] for cell in (cells[:-1] if self.first else cells)]

    def said(self, number: int) -> str:
        """What a cell of the attack printed, and the exception that ended it."""
        index = number + self.first
        node = nbformat.read(self.folder / "executed.ipynb", as_version=4).cells[index]
        error = next(cell["error"] for cell in self.grade["cells"] if cell["index"] == index)
        text = "".join(str(output.get("text", "")) for output in node.outputs)
        return text + (f"{error['name']}: {error['message']}" if error else "")

    def messages(self, exercise: str) -> str:
        [found] = [entry for entry in self.grade["exercises"] if entry["id"] == exercise]
        return "\n".join(check["message"] for check in found["checks"])


class Lent:
    """A warm parent that the command may use but not close."""

    def __init__(self, warm: WarmParent) -> None:
        self._warm = warm

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warm, name)

    def __enter__(self) -> Lent:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this process makes its temporary files: by themselves, so that nothing else is taken for a leftover.

    Its path is short, for the sake of the sockets in it.
    """
    tmp_path_factory.getbasetemp()  # is to stay elsewhere
    folder = Path(tempfile.mkdtemp(prefix="at-"))
    folder.chmod(0o711)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    yield folder
    tempfile.tempdir = before
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def secret_in_environment() -> str:
    """In the environment before the warm parent starts; see ``test_secrets``."""
    return os.environ.setdefault("GRADE_SECRET", "".join(("cana", "ry-", secrets.token_hex(16))))


@pytest.fixture(scope="session")
def walled(room: Path, secret_in_environment: str) -> Iterator[WarmParent]:
    """A warm parent whose children have little of everything."""
    if sys.platform != "linux":
        pytest.skip("the walls are Linux's")
    with WarmParent(launch(limits=SMALL)) as parent:
        parent.wait_until_ready()
        yield parent


Command = Callable[..., Told]


@pytest.fixture
def command(
    walled: WarmParent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """``command(path, *options)``: ``grade run`` through its entry point, on the warm parent of the tests."""
    monkeypatch.setattr("grader.execute.kernels.start_kernels", lambda *_, **__: Lent(walled))
    monkeypatch.setenv("COLUMNS", "200")

    def run(path: Path, *options: object) -> Told:
        monkeypatch.setattr(sys, "argv", ["grade", "run", str(path), *map(str, options)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Told(end.value.code, printed.out, printed.err, path.parent)

    return run


@pytest.fixture(scope="session")
def full(walled: WarmParent, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the machine cannot put all walls up there is nothing to attack; say so."""
    path = save(tmp_path_factory.mktemp("probe") / "probe.ipynb", "1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grader.execute.kernels.start_kernels", lambda *_, **__: Lent(walled))
        patch.setattr(sys, "argv", ["grade", "run", str(path), "--only", AFTER, "-q"])
        with pytest.raises(SystemExit):
            cli.main()
        held = json.loads((path.parent / "grade.json").read_text())["environment"]["isolation"]
        patch.setattr(sys, "argv", [*sys.argv, "--require-isolation", "full"])
        with pytest.raises(SystemExit) as end:
            cli.main()
    if end.value.code != 0:
        pytest.skip(f"this machine has not all walls: {held}")


@pytest.fixture
def usual(command: Command, walled: WarmParent, room: Path, tmp_path: Path) -> Iterator[str]:
    """A mark for the attack to leave everywhere. Afterwards a normal submission, and a look for leftovers."""
    mark = f"mark-{secrets.token_hex(8)}"
    yield mark
    told = command(
        save(tmp_path / "next" / "next.ipynb", f"print({mark!r})", right(AFTER)), "--only", AFTER, "-q"
    )
    assert (told.code, told.points, told.endings) == (0, {AFTER: USUAL}, ["ok", "ok"]), told
    assert_nothing_is_left(walled, room, mark)


@dataclass(frozen=True)
class Attack:
    """``attack(*cells)`` grades a notebook of those cells between two right answers, and demands their points.

    ``MARK`` in a cell is replaced by a word to be left everywhere.
    """

    command: Command
    folder: Path
    mark: str

    def __call__(
        self,
        *cells: str,
        options: tuple[object, ...] = (),
        also: tuple[str, ...] = (),
        spared: tuple[str, ...] = (BEFORE, AFTER),
    ) -> Told:
        """`also`: exercises that the attack answers; their points are for the caller to look at."""
        made = [cell.replace("MARK", self.mark) for cell in cells]
        path = save(self.folder / "attack" / "attack.ipynb", right(BEFORE), *made, right(AFTER))
        told = self.command(path, "--only", ",".join((BEFORE, *also, AFTER)), *options)
        told = Told(told.code, told.out, told.err, told.folder, first=1)
        assert told.code == 0, told
        assert {id: told.points[id] for id in spared} == dict.fromkeys(spared, USUAL), told.grade
        return told


@pytest.fixture
def attack(full: None, command: Command, usual: str, tmp_path: Path) -> Attack:
    return Attack(command, tmp_path, usual)


def assert_nothing_is_left(walled: WarmParent, room: Path, mark: str) -> None:
    """But the warm parent, and the one child that it has in stock."""
    parent = psutil.Process(walled._process.pid)

    def below() -> list[psutil.Process]:
        return [p for p in parent.children(recursive=True) if alive(p)]

    # the first process of a namespace and the kernel in it; while they are made there may be a third one
    assert soon(lambda: len(below()) <= 2), below()
    assert soon(lambda: living(mark) == []), living(mark)
    assert [path for path in room.iterdir() if path != walled.base] == []
    assert walled.base is not None
    assert len(list(walled.base.iterdir())) <= 1
    assert soon(lambda: len(groups(walled)) <= 2), groups(walled)
    for place in ("/tmp", "/dev/shm", os.getcwd(), str(Path.home())):
        assert not [name for name in os.listdir(place) if mark in name]


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def groups(walled: WarmParent) -> list[Path]:
    """Control groups of the warm parent's children: that of its stock, for one controller or for two."""
    found: list[Path] = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controller, path = line.split(":", 2)
        place = Path("/sys/fs/cgroup", controller, path.lstrip("/"))
        found += place.glob(f"grade-{walled._process.pid}-*")
    born = psutil.Process(walled._process.pid).create_time()  # an earlier process may have had its number
    return [folder for folder in found if folder.stat().st_ctime >= born - 1]
