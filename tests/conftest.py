"""What all tests share: one warm parent, as in a batch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from grader.execute.warm import WarmParent

torch.set_num_threads(1)  # as grade() does: pools of threads fight over the cores of a busy machine


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmParent]:
    with WarmParent() as parent:
        parent.wait_until_ready()
        yield parent
