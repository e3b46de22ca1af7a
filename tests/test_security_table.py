"""The table of docs/security.md: every test that it names exists, and it names every test of the attack suite."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE))
OUTCOMES = {"T", "M", "D", "C", "K", "R", "N", "I"}


def named_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def rows() -> list[list[str]]:
    """The lines of the tables that have an attack, an outcome and a test."""
    lines = [
        line.strip("| ").split(" | ")
        for line in PAGE.splitlines()
        if line.startswith("| ") and ".py::" in line
    ]
    return [[cell.strip() for cell in line] for line in lines]


def test_every_test_that_is_named_exists() -> None:
    assert len(NAMED) > 50
    for file, name in sorted(NAMED):
        assert name in named_in(TESTS / file), f"docs/security.md names {file}::{name}"


def test_every_attack_is_in_the_table() -> None:
    ours = {
        (f"attacks/{path.name}", name) for path in TESTS.glob("attacks/test_*.py") for name in named_in(path)
    }
    missing = ours - NAMED - {("attacks/test_ordinary_user.py", "test_full_isolation_is_reached")}
    assert missing == set()


def test_every_line_has_an_outcome_and_a_test() -> None:
    assert len(rows()) > 50
    for row in rows():
        assert len(row) == 3, row
        attack, outcome, tests = row
        assert attack
        assert outcome
        assert re.fullmatch(r"`[\w/]+\.py::\w+`(, `[\w/]+\.py::\w+`)*", tests), row
    letters = {word for _, outcome, _ in rows() for word in re.findall(r"\b[A-Z]\b", outcome)}
    assert letters <= OUTCOMES
    assert {"T", "M", "D", "C", "K", "R", "N"} <= letters
