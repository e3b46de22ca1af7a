"""Start what kernels come from. Apart from the rest, so that the warm parent imports torch before we do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.execute.launch import ProcessLimits
    from grader.execute.warm import KernelSource


def start_kernels(kernel: str | None = None, limits: ProcessLimits | None = None) -> KernelSource:
    """The warm parent where processes can be forked, else cold starts; ``kernel`` is "warm" or "cold" to have one.

    Processes run in single threads and share nothing; a context manager.
    """
    if kernel == "cold" or (kernel is None and sys.platform != "linux"):
        from grader.execute.cold import ColdStart

        return ColdStart(limits=limits)
    from grader.execute.launch import launch

    launched = launch(limits=limits)

    from grader.execute.warm import WarmParent

    return WarmParent(launched)
