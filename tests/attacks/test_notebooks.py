"""Notebooks that are no use as they are, and what cells may try on the way. Reading has its own tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.attacks.conftest import AFTER, Attack, Command, right, save

BROKEN = {
    "deep": '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "not UTF-8": b'\xff\xfe{"cells": []}',
    "future format": json.dumps({"cells": [], "metadata": {}, "nbformat": 99, "nbformat_minor": 0}),
    "no format": json.dumps({"cells": "none"}),
    "another language": json.dumps(
        {"cells": [], "metadata": {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}, "nbformat": 4, "nbformat_minor": 5}
    ),
    "a pickle": b"\x80\x04cos\nsystem\n(S'true'\ntR.",
}  # fmt: skip


def test_what_is_no_notebook_is_rejected_before_anything_runs(
    usual: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, data in BROKEN.items():
        path = tmp_path / "a.ipynb"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        with monkeypatch.context() as patch:
            patch.setattr("grader.grading.grade", lambda *_, **__: pytest.fail("it was run"))
            told = command(path)
        assert told.code == 2, (name, told)
        assert len(told.err.splitlines()) == 1, (name, told.err)
        assert told.err.startswith("grade: "), name


def test_a_huge_notebook_is_rejected(usual: str, command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(2**30)  # sparse: no disk is filled
    told = command(path)
    assert told.code == 2
    assert len(told.err) < 500


def test_a_byte_order_mark_is_no_fault(full: None, usual: str, command: Command, tmp_path: Path) -> None:
    path = save(tmp_path / "a.ipynb", right(AFTER))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert command(path, "--only", AFTER, "-q").points == {AFTER: 5.0}


def test_magics_commands_and_input(attack: Attack) -> None:
    """They run behind the walls, or are an error of that cell; nobody waits for input."""
    told = attack(
        "name = input('your name? ')",
        "import getpass; getpass.getpass()",
        "!cat /etc/shadow",
        "!touch /usr/MARK ; echo code $?",
        "%%bash\ncat /root/.bashrc /home/*/.bashrc; kill -9 1; echo ran",
        "%run nowhere.py",
        "%load_ext nothing",
        "%no_such_magic",
        "%%writefile written.py\nx = 1",
        "import sys; sys.stdin.read(); print('end of file')",
        "import pdb; pdb.set_trace()",
        "breakpoint()",
        "%debug",
        "print('after')",
        options=("--cell-time", 60),
    )
    assert not {"timeout", "killed"} & set(told.endings), list(zip(told.endings, range(20), strict=False))
    assert told.endings[0] == told.endings[1] == "error"
    assert "No such file" in told.said(2)
    assert "Read-only" in told.said(3)
    assert "code 1" in told.said(3)
    assert told.said(4).strip().splitlines()[-1] == "ran"
    assert told.said(13) == "after\n"
