"""The attacks once more, as an ordinary user in a plain shell, where the rest of the tests run as root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.conftest import AFTER, USUAL, right, save
from tests.attacks.ordinary_user import ROOT, UID

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's"),
    pytest.mark.skipif(
        sys.platform == "linux" and os.geteuid() != 0, reason="all the other tests run as an ordinary user already"
    ),
]  # fmt: skip


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="at-user-"))
    os.chown(folder, UID, UID)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def as_user(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment |= {"HOME": str(home), "USER": "ordinary", "TMPDIR": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.ordinary_user", *command],
        cwd=ROOT,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    if "unshare: Operation not permitted" in done.stderr:
        pytest.skip("root may not make a mount namespace here, so there is no way to Python for another user")
    return done


def test_full_isolation_is_reached(home: Path) -> None:
    """``grade`` in a plain shell, with nothing set up for it."""
    path = save(home / "a.ipynb", right(AFTER), "import os; print(os.getuid())")
    os.chown(path, UID, UID)
    command = (
        sys.executable,
        "-P",
        "-m",
        "grader",
        str(path),
        "--only",
        AFTER,
        "--require-isolation",
        "full",
    )
    done = as_user(home, *command)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    data = json.loads((home / "grade.json").read_text())
    assert data["points"] == USUAL
    assert (home / "grade.json").stat().st_uid == UID
    held = data["environment"]["isolation"]
    assert not held["unused user id"], "that one is for root"
    assert all(
        held[layer] for layer in held if layer not in ("unused user id", "memory and process group")
    ), held


def test_every_attack_has_the_same_outcome(home: Path) -> None:
    """All tests of this folder, in a process of that user's."""
    tests = (str(ROOT / "tests" / "attacks"), "--deselect", "tests/attacks/test_ordinary_user.py")
    options = ("-q", "-n", "0", "-p", "no:cacheprovider", "-rs", "--tb=short")
    done = as_user(home, sys.executable, "-m", "pytest", *tests, *options)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert " passed" in done.stdout
    print(done.stdout[-2_000:])
