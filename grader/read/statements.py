"""A plain script, cut between its top-level statements.

Each statement becomes a cell of its own, so that one which crashes does not take the rest with it.
jupytext's light reader, which cuts at blank lines, separates an ``else:`` from its ``if`` and takes
a comment such as ``# + bias`` for a marker; so the parser says where a statement ends. A syntax
error spoils the statement that it is in and no other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.read.syntax import parse_python

# Lines in column 0 that go on with a statement instead of beginning one.
_GOES_ON = re.compile(r"[\s#)\]}]|(?:else|elif|except|finally)\b|\Z")

_MAX_TRIES = 50  # places at which a broken statement may have begun
_WORK = 10  # characters parsed, as a multiple of the script's, before the rest stays in one piece
_WORK_AT_LEAST = 1_000_000


@dataclass(frozen=True, slots=True)
class _Span:
    """Lines ``first`` to ``stop`` (exclusive) of the script, counted from 0."""

    first: int
    stop: int


def split_statements(source: str) -> list[str]:
    """The script in pieces, a top-level statement each, with the comments that stand above it.

    Statements on one line stay together, as do a decorator and its function. The pieces joined
    together hold every line of the script that is not blank. No piece of valid code is cut.
    """
    lines = source.split("\n")
    spans = _merged(_spans(lines))
    if not spans:
        return [_stripped(source)] if source.strip() else []
    pieces: list[str] = []
    first = 0
    for span in spans:
        pieces.append("\n".join(lines[first : span.stop]))
        first = span.stop
    if any(line.strip() for line in lines[first:]):  # comments at the end
        pieces[-1] = "\n".join([pieces[-1], *lines[first:]])
    return [_stripped(piece) for piece in pieces]


def _stripped(piece: str) -> str:
    """The piece without blank lines around it, but for the one that a backslash at its end needs."""
    text = piece.strip("\n")
    return text + "\n\n" if text.endswith("\\") else text


def _spans(lines: list[str]) -> list[_Span]:
    """Where the statements stand, those with a syntax error included."""
    starts = _starts(lines)
    budget = max(_WORK_AT_LEAST, _WORK * _length(lines, 0, len(lines)))
    spans: list[_Span] = []
    base = 0
    while base < len(lines):
        found = _parsed(lines, base, len(lines)) if budget > 0 else _NOWHERE
        if not isinstance(found, int):
            return spans + found
        if found == _NOWHERE:
            return [*spans, _Span(base, len(lines))]
        # The parser stops at the fault, mostly; what lies beyond costs it a fraction.
        budget -= _length(lines, base, found + 1) + _length(lines, base, len(lines)) // 10
        whole, broken = _last_whole(lines, base, found, starts)
        stop = next((start for start in starts if start > broken), len(lines))
        spans += [*whole, _Span(broken, _trimmed(lines, broken, stop))]
        base = stop
    return spans


_NOWHERE = -1  # a syntax error without a line


def _parsed(lines: list[str], first: int, stop: int) -> list[_Span] | int:
    """The statements in a part of the script, or the line on which the parser stumbled."""
    try:
        tree = parse_python("\n".join(lines[first:stop]) + "\n")
    except SyntaxError as error:
        if error.lineno is None:
            return _NOWHERE
        return min(first + max(error.lineno, 1) - 1, stop - 1)
    # A decorator stands above the line that the node tells, but below the end of what comes before.
    return [_Span(first + node.lineno - 1, first + (node.end_lineno or node.lineno)) for node in tree.body]


def _length(lines: list[str], first: int, stop: int) -> int:
    return sum(map(len, lines[first:stop]))


def _last_whole(lines: list[str], base: int, fault: int, starts: list[int]) -> tuple[list[_Span], int]:
    """The statements before the broken one, and the line on which the broken one begins."""
    before = [start for start in starts if base <= start <= fault]
    for start in reversed(before[-_MAX_TRIES:]):
        found = _parsed(lines, base, start)
        if not isinstance(found, int):
            return found, start
    return [], base


def _starts(lines: list[str]) -> list[int]:
    """The lines on which a statement may begin."""
    starts: list[int] = []
    decorated = False
    for number, line in enumerate(lines):
        if _GOES_ON.match(line):
            continue
        if not decorated:
            starts.append(number)
        decorated = line.startswith("@")
    return starts


def _trimmed(lines: list[str], first: int, stop: int) -> int:
    """``stop`` without the comments and blank lines before it, which belong to what comes next."""
    while stop > first + 1 and (not lines[stop - 1].strip() or lines[stop - 1].startswith("#")):
        stop -= 1
    return stop


def _merged(spans: list[_Span]) -> list[_Span]:
    """Spans that share a line, as in ``a = 1; b = 2``, as one."""
    merged: list[_Span] = []
    for span in spans:
        if merged and span.first < merged[-1].stop:
            merged[-1] = _Span(merged[-1].first, max(span.stop, merged[-1].stop))
        else:
            merged.append(span)
    return merged
