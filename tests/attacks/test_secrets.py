"""Secrets beside the references, in the environment of the command, and in its memory: a submission finds none."""

from __future__ import annotations

import ast
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.execute.warm import WarmParent
from tests.attacks.conftest import Attack
from tests.attacks.hunter import EVERYWHERE, HUNTER

ROOT = Path(__file__).parents[2]
PATTERN = rb"canar[y]-(.{32})"

# In the memory of this process, which is the one that grades: as text and as bytes.
IN_MEMORY = ("".join(("cana", "ry-", secrets.token_hex(16))), b"cana" + b"ry-" + secrets.token_bytes(32))


@pytest.fixture
def secret_file() -> Iterator[Path]:
    """Where the references are; beside the home directory's other files for a user who cannot write there."""
    name = "".join(("cana", "ry-")) + secrets.token_hex(16)
    folder = ROOT / "reference"
    place = (folder if os.access(folder, os.W_OK) else Path.home()) / name
    place.write_text(name)
    yield place
    place.unlink()


def found(text: str) -> dict[str, list[str]]:
    """What the hunter printed or raised: where it found secrets, and where its own decoys."""
    match = re.search(r"\{[^}]*\}", text)
    assert match, text
    return ast.literal_eval(match[0])


def test_a_hostile_submission_finds_no_secret(
    attack: Attack, secret_file: Path, secret_in_environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while its cells run nor while an answer is called; its own decoys it finds everywhere."""
    monkeypatch.setattr(
        "grader.examine.link.OVERHEAD_S", 300.0
    )  # the search is long, and the machine may be slow
    assert os.environ["GRADE_SECRET"] == secret_in_environment
    assert all(re.search(PATTERN, s.encode() if isinstance(s, str) else s, re.DOTALL) for s in IN_MEMORY)
    answer = "def to_3d(*args): raise RuntimeError(repr(hunt()))\ndef odd_slice(*args): raise RuntimeError(repr(hunt()))"
    told = attack(HUNTER, "print(hunt())", answer, also=("1.3.2",), options=("--cell-time", 300))
    in_cell, in_answer = found(told.said(1)), found(told.messages("1.3.2"))
    for places in (in_cell, in_answer):
        assert places["secret"] == []
        assert set(places["decoy"]) >= EVERYWHERE


def test_the_warm_parent_holds_no_secret(walled: WarmParent, secret_in_environment: str) -> None:
    """Before any fork: its memory and its environment, looked through from outside. Ours, the control, holds all."""
    assert len(memory_finds(os.getpid())) >= 3
    assert memory_finds(walled._process.pid) == set()


def memory_finds(pid: int) -> set[bytes]:
    """The secrets in the memory of a process; its environment is part of that."""
    finds: set[bytes] = set()
    try:
        memory = open(f"/proc/{pid}/mem", "rb", 0)  # noqa: SIM115
    except OSError:
        pytest.skip("this machine does not let a process look at its own child")
    with memory, open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps:
        for line in maps.readlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw") or "[v" in line:
                continue
            low, high = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(low)
                finds.update(match[0] for match in re.finditer(PATTERN, memory.read(high - low), re.DOTALL))
            except OSError:
                continue
    return finds
