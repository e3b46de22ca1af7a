"""What a cell says itself about where it belongs: its metadata, its tags, or its first line.

All of it is the student's to change, so nothing is taken that does not look exactly like a label.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ID = r"([0-9]{1,3}(?:\.[0-9]{1,3}){2})(?!\.?[0-9])"
_WORD = r"exercise\s*[:：=_-]?\s*"

_LONG = 300  # characters of a line or a tag that are looked at: blanks could make the search quadratic

_WHOLE_ID = re.compile(rf"\s*{_ID}\s*\Z")
_TAG = re.compile(rf"\s*(?:{_WORD})?{_ID}\s*\Z", re.IGNORECASE)
_COMMENT = re.compile(rf"\s*#+\s*{_WORD}{_ID}", re.IGNORECASE)
_HTML_COMMENT = re.compile(
    rf"\s*<!--\s*{_WORD}{_ID}(?:\s*[,;]?\s*answer\s*[:=]?\s*(\w{{1,80}}))?\s*-->", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Label:
    """Which exercise a cell belongs to, which written answer it holds, which role it plays."""

    exercise: str | None = None
    answer: str | None = None
    role: str | None = None


def label_of(kind: str, source: str, metadata: Mapping[str, Any]) -> Label:
    """The explicit label of a cell. Metadata wins over tags, tags win over a first-line comment."""
    told = metadata.get("grader")
    ours: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    commented = comment_label(_first_line(source), markdown=kind == "markdown")
    exercise = _exercise(ours.get("exercise")) or _exercise(metadata.get("exercise")) or _tagged(metadata)
    answer = ours.get("answer")
    role = ours.get("role")
    return Label(
        exercise=exercise or commented.exercise,
        answer=answer if isinstance(answer, str) and answer.isidentifier() else commented.answer,
        role=role if isinstance(role, str) and re.fullmatch(r"[a-z-]{1,20}", role) else None,
    )


def comment_label(line: str, *, markdown: bool = False) -> Label:
    """The label in a comment such as ``# exercise: 1.2.1``.

    In Markdown also ``<!-- exercise: 1.2.1, answer: NAME -->``.
    """
    line = line[:_LONG]
    if found := _COMMENT.match(line):
        return Label(_normal(found[1]))
    if markdown and (found := _HTML_COMMENT.match(line)):
        return Label(_normal(found[1]), found[2])
    return Label()


def is_label(line: str) -> bool:
    """Whether a line of Markdown is nothing but a label, so no part of an answer."""
    line = line.strip()
    found = (_HTML_COMMENT.fullmatch(line) or _COMMENT.match(line)) if len(line) <= _LONG else None
    return found is not None and not line[found.end() :].strip(" :.")


def _first_line(source: str) -> str:
    """The first line that is neither blank nor a cell magic such as ``%%time``."""
    for line in source.split("\n", 20)[:20]:
        if line.strip() and not line.startswith("%%"):
            return line
    return ""


def _exercise(value: object) -> str | None:
    found = _WHOLE_ID.match(value[:_LONG]) if isinstance(value, str) else None
    return _normal(found[1]) if found else None


def _tagged(metadata: Mapping[str, Any]) -> str | None:
    tags = metadata.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and (found := _TAG.match(tag[:_LONG])):
            return _normal(found[1])
    return None


def _normal(exercise: str) -> str:
    return ".".join(str(int(part)) for part in exercise.split("."))
