"""How a check ends when it does not simply pass.

    CheckEnded
    ├── CheckFailed       failed: the answer is wrong, and the message says how
    │   └── Partly        partial: some of the points are earned
    ├── Inconclusive      inconclusive: the machine could not tell; never costs a point
    └── Skipped           skipped: what the check needs is missing here, a GPU for instance

A check that returns has passed. Any other exception is a fault of the grader (``broken``), and a
broken check never costs a point. That is why nothing in ``grader.compare`` lets another exception
out because of a *value*: else a strange enough answer would be a free pass. Only options that make
no sense, which no student can choose, raise ``TypeError`` or ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CheckEnded(Exception):
    """A check ended early. ``message`` is for the student; ``detail`` is JSON data for the report."""

    def __init__(self, message: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class CheckFailed(CheckEnded):
    """The answer is wrong."""


class Partly(CheckFailed):
    """The answer is right in part: ``earned`` of ``of`` (any unit) are the share of the points."""

    def __init__(
        self, earned: float, of: float, message: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, detail)
        self.earned = earned
        self.of = of

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(max(self.earned / self.of, 0.0), 1.0)


class Inconclusive(CheckEnded):
    """Neither right nor wrong can be told, because the machine is too noisy for instance."""


class Skipped(CheckEnded):
    """The check cannot be made here."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
