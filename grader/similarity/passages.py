"""Where two submissions agree: passages, so that a person can look at them side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.similarity.fingerprints import Hashes, Piece, among

MOST = 200  # passages of a pair
_LONGEST = 4_000  # n-grams of a passage
_PLACES = 4  # at which an n-gram is looked for; one that is everywhere tells nothing

_CLOSING = re.compile(r"[),;]{1,20}")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a piece: ``pieces[piece].source[start:end]``."""

    piece: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The same in both submissions, names and layout apart."""

    first: Span
    second: Span


def passages(
    first: Sequence[Piece], second: Sequence[Piece], counting: Hashes, least: int = 1
) -> tuple[Passage, ...]:
    """The longest runs of n-grams that both have, in the order of the first, no place of either twice.

    Each holds ``least`` n-grams of ``counting`` (sorted): what is common to the class is no passage by itself,
    but does not interrupt one.
    """
    places: dict[int, list[tuple[int, int]]] = {}
    for number, piece in enumerate(second):
        for at, value in enumerate(piece.hashes.tolist()):
            places.setdefault(value, []).append((number, at))
    taken: list[bytearray] = [bytearray(len(piece.hashes)) for piece in second]
    found: list[Passage] = []
    for number, piece in enumerate(first):
        counts = among(piece.hashes, counting)
        values = piece.hashes.tolist()
        at, free_from = 0, 0
        while at < len(values) and len(found) < MOST:
            where = _longest(values, at, free_from, places, second, taken) if counts[at] else None
            if where is None:
                at += 1
                continue
            begin, other, start, length = where
            at = free_from = begin + length
            if counts[begin:at].sum() < least:
                continue
            taken[other][start : start + length] = b"\1" * length
            found.append(
                Passage(_span(number, piece, begin, length), _span(other, second[other], start, length))
            )
    return tuple(found)


def _longest(
    values: list[int],
    at: int,
    free_from: int,
    places: dict[int, list[tuple[int, int]]],
    second: Sequence[Piece],
    taken: list[bytearray],
) -> tuple[int, int, int, int] | None:
    """The longest run through ``at``: where it begins, and its piece, begin there, and length."""
    best: tuple[int, int, int, int] | None = None
    free = ((other, place) for other, place in places.get(values[at], ()) if not taken[other][place])
    for _, (other, place) in zip(range(_PLACES), free, strict=False):
        theirs, used = second[other].hashes, taken[other]
        back = 0
        while (
            back < at - free_from
            and back < place
            and not used[place - back - 1]
            and values[at - back - 1] == theirs[place - back - 1]
        ):
            back += 1
        on = 1
        while (
            on < min(len(values) - at, len(theirs) - place, _LONGEST)
            and not used[place + on]
            and values[at + on] == theirs[place + on]
        ):
            on += 1
        if best is None or back + on > best[3]:
            best = (at - back, other, place - back, back + on)
    return best


def _span(number: int, piece: Piece, begin: int, length: int) -> Span:
    end = int(piece.ends[begin + length - 1])
    after = _CLOSING.match(piece.source, end)  # brackets and commas are no tokens
    return Span(number, int(piece.starts[begin]), after.end() if after else end)
