"""What can come of a call into a student's process, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.compare import CheckFailed


class AnswerFailed(CheckFailed):
    """The answer raised, was missing, took too long or brought its process down."""

    unanswered = False


class Unanswered(AnswerFailed):
    """The stub is still in place, or the name is not defined at all."""

    unanswered = True


@dataclass(frozen=True, slots=True)
class RaisedError:
    """An exception that an answer let through, as a value."""

    name: str
    message: str
    types: tuple[str, ...] = ()  # the class and its bases: "ValueError" if Python's own, else "module.Name"
    frames: tuple[str, ...] = ()  # in the student's own code, innermost last

    def isa(self, *kinds: type[BaseException]) -> bool:
        """Whether it is an instance of one of these (compared by name: the class stayed over there).

        A class that the student's code calls ``ValueError`` is not Python's.
        """
        return any(_full_name(kind) in self.types for kind in kinds)

    @property
    def unwritten(self) -> bool:
        """Whether it is the NotImplementedError of a stub."""
        return self.isa(NotImplementedError) and not self.message

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


def _full_name(kind: type[BaseException]) -> str:
    own = kind.__module__ == "builtins"
    return kind.__name__ if own else f"{kind.__module__}.{kind.__name__}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that came of one call: see ``Handle.attempt``."""

    value: Any
    error: RaisedError | None
    stdout: str
    arguments: tuple[Any, ...]  # the positional arguments as they were after the call


@dataclass
class Settings:
    """How calls are made at the moment; ``Student``'s context managers change it for a block."""

    seconds: float = 10.0
    gradients: str = "on"
    forbid: dict[str, str] = field(default_factory=dict[str, str])  # name -> why


def failed_by(error: RaisedError, label: str) -> AnswerFailed:
    """The failure that an exception of the answer means."""
    name = f"`{label}`" if label else "The answer"
    if error.unwritten:
        return Unanswered(f"{name} is not written yet: it raises NotImplementedError.")
    where = f" ({error.frames[-1]})" if error.frames else ""
    detail: Mapping[str, Any] = {
        "kind": "traceback",
        "name": error.name,
        "message": error.message,
        "frames": list(error.frames),
    }
    return AnswerFailed(f"{name} raised {error}{where}", detail)
