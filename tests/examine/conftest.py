"""Answers in real worker processes, and checks that look at them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from workbench import Answer, Bench

from grader.examine import link as link_module
from grader.execute.warm import WarmParent


@pytest.fixture(scope="module")
def bench(warm: WarmParent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(warm, tmp_path_factory.mktemp("bench"))
    yield bench
    bench.close()


@pytest.fixture
def answer(bench: Bench) -> Answer:
    """``answer(source)`` is a student whose cells are `source`."""
    return bench.student


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time limits are meant to the letter; usually seconds are added for a machine that is busy."""
    monkeypatch.setattr(link_module, "OVERHEAD_S", 0.0)
