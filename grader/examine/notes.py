"""What a check wants to show or say beside its verdict, whether it passes or fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.nouns import Finding


class Notes:
    """Pictures and remarks of one check; a check gets it by the name ``notes``."""

    def __init__(self) -> None:
        self._detail: Mapping[str, Any] | None = None
        self._remarks: list[str] = []
        self._flag = ""

    def draw(self, detail: Mapping[str, Any]) -> None:
        """Have the report draw this beside the finding, ``curves(...)`` for instance; the last one counts.

        A verb that fails with a picture of its own draws that one.
        """
        self._detail = detail

    def say(self, remark: str) -> None:
        """Add a sentence to the finding's message."""
        self._remarks.append(remark)

    def flag(self, why: str) -> None:
        """Ask that a person look at the answer. It costs no point."""
        self._flag = why

    def beside(self, finding: Finding) -> Finding:
        """The finding with what was noted."""
        message = " ".join(filter(None, [finding.message, *self._remarks]))
        return replace(finding, message=message, detail=finding.detail or self._detail, flag=self._flag)
