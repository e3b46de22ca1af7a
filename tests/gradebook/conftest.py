"""Every test of the gradebook's promises runs on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from made_up_attempts import ASSIGNMENT

from grader.gradebook import Gradebook
from tests.postgres import new_schema
from tests.postgres import postgres_server as postgres_server


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """The place of a gradebook that is not there yet."""
    if request.param == "sqlite":
        return tmp_path / "gradebook.db"
    return new_schema(request.getfixturevalue("postgres_server"))


@pytest.fixture
def book(where: Path | str) -> Iterator[Gradebook]:
    """An empty gradebook with one assignment."""
    with Gradebook.open(where) as opened:
        opened.begin(ASSIGNMENT, "Unit 1", 7)
        yield opened
