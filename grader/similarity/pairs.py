"""The pairs of a class that share more than the class does, and the groups that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.nouns import Exercise, Submission
from grader.similarity.fingerprints import Hashes, Piece, Prints, our_code, our_words, prints_of
from grader.similarity.passages import Passage, passages
from grader.similarity.scores import Shares, own_ngrams, shares

OVERALL_FLOOR, EXERCISE_FLOOR, TEXT_FLOOR = 0.2, 0.5, 0.35

# How much of their own both must have to be compared (n-grams weighted by rarity), and how much they must share
# for a single exercise, or a text, to stand out: two people who know how it is done write the same three lines.
# 60 n-grams are about ten lines; the right answers of the reference files share 51 at most.
LEAST_CODE, LEAST_EXERCISE, LEAST_TEXT = 40.0, 20.0, 12.0
ENOUGH_EXERCISE, ENOUGH_TEXT = 60.0, 15.0
CODE, TEXTS = "code", "texts"
_ENOUGH = {CODE: 0.0, TEXTS: ENOUGH_TEXT}
PASSAGE = 4  # n-grams that count, of which a passage of code has as many: eleven tokens, about two lines
SHOWN_FROM = 0.1  # a smaller share of an exercise is not listed


@dataclass(frozen=True, slots=True)
class Pair:
    """Two submissions, by their keys, and what they share. Shares are of the one who has less: 0 to 1."""

    first: str
    second: str
    share: float  # of all code
    exercises: Mapping[str, float]  # id -> share of the exercise's code; id "" of cells without an exercise
    texts: float  # of the written answers
    because: tuple[str, ...]  # what stands out: "code", "texts", ids of exercises; empty: nothing does
    evidence: float  # the weight of what stands out; pairs are ordered by it
    # What both wrote, of which passages tell the places; only of pairs that are shown.
    code: tuple[Passage, ...] = field(default=(), repr=False)
    words: tuple[Passage, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Compared:
    """A class compared with itself."""

    keys: tuple[str, ...]  # all that were compared
    pairs: tuple[Pair, ...]  # the strongest first; those that stand out, then the next ones
    groups: tuple[tuple[str, ...], ...]  # connected by listed pairs that stand out, the largest first
    standing_out: int  # pairs, also those beyond the ones listed
    prints: Mapping[str, Prints] = field(repr=False)  # of those in ``pairs``
    threshold: float  # of the share of all code
    bins: tuple[int, ...]  # how many pairs have which share of all code
    notes: Mapping[str, tuple[str, ...]]  # key -> what of it was not compared
    little: tuple[str, ...]  # keys of those with too little code of their own to be compared as a whole


Progress = Callable[[str, int, int], None]  # what, done, of


def similar_pairs(
    submissions: Iterable[tuple[str, Submission]], exercises: Mapping[str, Exercise], top: int = 50
) -> list[Pair]:
    """The pairs that share more than the class does, the strongest first; see ``compare``."""
    return [pair for pair in compare(submissions, exercises, top=top).pairs if pair.because]


def compare(
    submissions: Iterable[tuple[str, Submission]],
    exercises: Mapping[str, Exercise],
    everything: Mapping[str, Exercise] | None = None,
    *,
    top: int = 50,
    progress: Progress = lambda what, done, of: None,
) -> Compared:
    """Compare all submissions with each other. Nothing of them is run.

    Args:
        submissions: as ``read`` gave them, each with a key that nobody else has. They are taken one by one,
            and only fingerprints and sources are kept.
        exercises: what is compared, by id.
        everything: all exercises of the course, where ``exercises`` is a selection.
        top: how many pairs are listed at most.
    """
    prints = {key: prints_of(submission, exercises, everything) for key, submission in submissions}
    keys, all_prints = tuple(prints), list(prints.values())
    code = [_hashes(each.code) for each in all_prints]
    words = [_hashes(each.texts) for each in all_prints]
    known_code, known_words = our_code(everything or exercises), our_words(everything or exercises)
    progress("comparing", 0, len(exercises) + 2)
    overall = shares(code, known_code, least=LEAST_CODE, floor=OVERALL_FLOOR)
    progress("comparing", 1, len(exercises) + 2)
    texts = shares(words, known_words, least=LEAST_TEXT, floor=TEXT_FLOOR)
    by_exercise: dict[str, Shares] = {}
    for done, id in enumerate(exercises, start=2):
        progress("comparing", done, len(exercises) + 2)
        of_it = [_hashes([piece for piece in each.code if piece.exercise == id]) for each in all_prints]
        by_exercise[id] = shares(
            of_it, known_code, least=LEAST_EXERCISE, floor=EXERCISE_FLOOR, keep=SHOWN_FROM
        )
    table = _Table(keys, overall, texts, by_exercise)
    chosen = table.strongest(top)
    counting, counting_words = own_ngrams(code, known_code), own_ngrams(words, known_words)
    pairs: list[Pair] = []
    for done, at in enumerate(chosen, start=1):
        progress("finding passages", done, len(chosen))
        pairs.append(table.pair(at, all_prints, counting, counting_words))
    shown = {key for pair in pairs for key in (pair.first, pair.second)}
    return Compared(
        keys=keys,
        pairs=tuple(pairs),
        groups=_groups([(pair.first, pair.second) for pair in pairs if pair.because]),
        standing_out=table.standing_out,
        prints={key: prints[key] for key in keys if key in shown},
        threshold=overall.threshold,
        bins=overall.bins,
        notes={key: each.notes for key, each in prints.items() if each.notes},
        little=tuple(key for key, own in zip(keys, overall.enough, strict=True) if not own),
    )


class _Table:
    """All pairs that share code, by one number for each: ``first * N + second``."""

    def __init__(
        self, keys: Sequence[str], overall: Shares, texts: Shares, by_exercise: Mapping[str, Shares]
    ) -> None:
        self.keys = keys
        self.shares: dict[str, Shares] = {CODE: overall, TEXTS: texts, **by_exercise}
        self.numbers_of = {
            what: each.first.astype(np.int64) * len(keys) + each.second for what, each in self.shares.items()
        }
        self.out = {what: self._stands_out(what, each) for what, each in self.shares.items()}
        found = [numbers[self.out[what]] for what, numbers in self.numbers_of.items()]
        self.numbers = np.unique(np.concatenate([self.numbers_of[CODE], *found]))
        self.evidence = self._evidence()

    def _stands_out(self, what: str, each: Shares) -> NDArray[np.bool_]:
        """Which entries do. Where more pairs than people would, there are few ways to answer, and none does."""
        out = (each.share >= each.threshold) & (each.weight >= _ENOUGH.get(what, ENOUGH_EXERCISE))
        return out if what == CODE or out.sum() <= len(self.keys) else np.zeros_like(out)

    def _evidence(self) -> NDArray[np.float64]:
        """What stands out of each pair, added up; a part of a copy of everything does not count again."""
        whole, parts = np.zeros((2, len(self.numbers)))
        for what, numbers in self.numbers_of.items():
            out = self.out[what]
            places = np.searchsorted(self.numbers, numbers[out])
            (whole if what == CODE else parts)[places] += self.shares[what].weight[out]
        return np.maximum(whole, parts)

    def strongest(self, top: int) -> list[int]:
        """Positions of the ``top`` strongest pairs; those of which nothing stands out by the share of all code."""
        rest = np.zeros(len(self.numbers), np.float32)
        rest[np.searchsorted(self.numbers, self.numbers_of[CODE])] = self.shares[CODE].share
        return np.lexsort((-rest, -self.evidence))[:top].tolist()

    @property
    def standing_out(self) -> int:
        """How many pairs do, for whatever reason."""
        return int((self.evidence > 0).sum())

    def pair(self, at: int, prints: Sequence[Prints], counting: Hashes, counting_words: Hashes) -> Pair:
        number = int(self.numbers[at])
        one, two = divmod(number, len(self.keys))
        places = {what: np.searchsorted(numbers, number) for what, numbers in self.numbers_of.items()}
        found = {
            what: int(place)
            for what, place in places.items()
            if place < len(self.numbers_of[what]) and self.numbers_of[what][place] == number
        }
        share = {what: float(self.shares[what].share[place]) for what, place in found.items()}
        return Pair(
            first=self.keys[one],
            second=self.keys[two],
            share=share.pop(CODE, 0.0),
            texts=share.pop(TEXTS, 0.0),
            exercises=share,
            because=tuple(what for what, place in found.items() if self.out[what][place]),
            evidence=float(self.evidence[at]),
            code=passages(prints[one].code, prints[two].code, counting, PASSAGE),
            words=passages(prints[one].texts, prints[two].texts, counting_words),
        )


def _hashes(pieces: Sequence[Piece]) -> Hashes:
    return np.concatenate([np.empty(0, np.uint64), *(piece.hashes for piece in pieces)])


def _groups(edges: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Who is connected with whom, directly or by others; the largest group first."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    members = list(dict.fromkeys(key for edge in edges for key in edge))
    if not members:
        return ()
    place = {key: at for at, key in enumerate(members)}
    rows, columns = zip(*((place[one], place[two]) for one, two in edges), strict=True)
    graph: Any = csr_matrix((np.ones(len(edges)), (rows, columns)), shape=(len(members), len(members)))
    groups: dict[int, list[str]] = {}
    for key, label in zip(members, connected_components(graph, directed=False)[1].tolist(), strict=True):
        groups.setdefault(label, []).append(key)
    return tuple(sorted(map(tuple, groups.values()), key=len, reverse=True))
