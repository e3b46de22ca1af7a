"""The limits of an assignment, as the sandbox takes them."""

from __future__ import annotations

from grader.assignment import Limits
from grader.execute.client import OutputLimits
from grader.execute.launch import ProcessLimits
from grader.execute.run import RunLimits


def process_limits(limits: Limits) -> ProcessLimits:
    """Those that are put up around a submission's processes."""
    return ProcessLimits(limits.memory, limits.processes, limits.disk)


def run_limits(limits: Limits) -> RunLimits:
    """Those that hold while its cells are run."""
    return RunLimits(
        cell_s=limits.cell_time,
        total_s=limits.total_time,
        output=OutputLimits(flood=limits.output),
        isolation=limits.isolation,
    )
