"""What all tests share: one warm parent, as in a batch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.execute.warm import WarmParent


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmParent]:
    with WarmParent() as parent:
        parent.wait_until_ready()
        yield parent
