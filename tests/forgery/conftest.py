"""The forgery suite runs its answers in real workers, on the bench of ``tests/examine``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "examine"))

from workbench import Bench

from grader.execute.warm import WarmParent


@pytest.fixture(scope="module")
def bench(warm: WarmParent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(warm, tmp_path_factory.mktemp("bench"))
    yield bench
    bench.close()
