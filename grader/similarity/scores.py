"""How much of each other's code all pairs of a class share: one sparse matrix product for each exercise.

The share of a pair is the weight of the n-grams that both have, divided by the weight of all n-grams of the one who
has less. An n-gram that two of a class have weighs 1, one that many have less (inverse document frequency), and one
that more than ``COMMON`` of the class have, or that we gave them, is nobody's own and weighs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from grader.similarity.fingerprints import Hashes, among

COMMON = 0.2  # of the class
COMMON_AT_LEAST = 5  # people who may share an n-gram before it is common, however small the class is
SMALL_CLASS = (
    20  # in a smaller one, n-grams weigh as in this: three of three who share one make it no less rare
)
BLOCK = 256  # rows of the product at a time: a class of 5,000 takes 10 MB for a block

BINS = 50
# Of a normal distribution, one pair in a thousand million lies so far out; a class of 1,000 has half a million.
# The spread is the median absolute deviation, which those who copied do not widen as long as they are few.
SPREADS = 6.0

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Shares:
    """The pairs of a class that have something in common, one entry each, ``first < second``, in the order of
    first, then second."""

    first: NDArray[np.int32]  # (P,)
    second: NDArray[np.int32]  # (P,)
    share: Floats  # (P,) of the one who has less: 0 to 1
    weight: Floats  # (P,) of what they share, in n-grams that only the two have
    threshold: float  # the share from which on a pair stands out from this class
    enough: NDArray[np.bool_]  # (N,) whether a submission has enough of its own to be compared
    bins: tuple[int, ...]  # how many pairs have which share, in ``BINS`` equal parts of 0 to 1

    @property
    def compared(self) -> int:
        """Pairs of which both have enough of their own."""
        return sum(self.bins)


def shares(
    prints: Sequence[Hashes], ours: Hashes, *, least: float, floor: float, keep: float = 0.0
) -> Shares:
    """Compare all N submissions, each given as its n-grams in any order.

    Args:
        ours: sorted n-grams that count for nobody.
        least: the weight of own n-grams below which a submission is compared with nobody.
        floor: the threshold is never below that.
        keep: pairs that share less are counted, but not returned.
    """
    matrix, own = _own(prints, ours)
    enough = own >= least
    found = list(_products(matrix, enough))
    rows = np.concatenate([np.empty(0, np.int32), *(each[0] for each in found)])
    columns = np.concatenate([np.empty(0, np.int32), *(each[1] for each in found)])
    weight = np.concatenate([np.empty(0, np.float32), *(each[2] for each in found)])
    share = np.minimum(weight / np.maximum(np.minimum(own[rows], own[columns]), 1e-9), 1.0).astype(np.float32)
    several = int(enough.sum())
    zeros = several * (several - 1) // 2 - len(share)
    bins = np.histogram(share, BINS, (0.0, 1.0))[0]
    bins[0] += zeros
    kept = share >= keep
    return Shares(
        rows[kept],
        columns[kept],
        share[kept],
        weight[kept],
        min(max(floor, _unusual(share, zeros)), 0.95),
        enough,
        tuple(int(count) for count in bins),
    )


def _unusual(share: Floats, zeros: int) -> float:
    """The median of all pairs plus ``SPREADS`` robust standard deviations; ``zeros`` pairs share nothing."""
    everything = np.concatenate([np.zeros(zeros, np.float32), share])
    if not len(everything):
        return 0.0
    middle = float(np.median(everything))
    spread = 1.4826 * float(np.median(np.abs(everything - middle)))
    return middle + SPREADS * spread


def own_ngrams(prints: Sequence[Hashes], ours: Hashes) -> Hashes:
    """The n-grams that count, sorted: neither ours nor common in this class."""
    vocabulary, frequency = _counted([np.unique(each) for each in prints])
    return vocabulary[(frequency <= _most(len(prints))) & ~among(vocabulary, ours)]


def _most(submissions: int) -> float:
    return max(COMMON * submissions, COMMON_AT_LEAST)


def _counted(prints: Sequence[Hashes]) -> tuple[Hashes, NDArray[np.int64]]:
    """All n-grams, and in how many submissions each of them is."""
    return np.unique(np.concatenate([np.empty(0, np.uint64), *prints]), return_counts=True)


def _own(prints: Sequence[Hashes], ours: Hashes) -> tuple[Any, Floats]:
    """The matrix (N, V) with the roots of weights of what is shared at all, and the weight of each one's own (N,)."""
    distinct = [np.unique(each) for each in prints]
    vocabulary, frequency = _counted(distinct)
    count = len(prints)
    people = max(count, SMALL_CLASS)
    weight = np.log((1 + people) / (1 + np.maximum(frequency, 2))) / np.log((1 + people) / 3)
    weight[(frequency > _most(count)) | among(vocabulary, ours)] = 0.0
    own = np.zeros(count)
    shared = (frequency > 1) & (weight > 0)
    column = (np.cumsum(shared) - 1).astype(np.int32)
    rows, columns, values = list[Any](), list[Any](), list[Any]()
    for row, hashes in enumerate(distinct):
        found = np.searchsorted(vocabulary, hashes)
        own[row] = weight[found].sum()
        found = found[shared[found]]
        rows.append(np.full(len(found), row, np.int32))
        columns.append(column[found])
        values.append(np.sqrt(weight[found], dtype=np.float32))
    whole, half = np.empty(0, np.int32), np.empty(0, np.float32)
    places = (np.concatenate([whole, *rows]), np.concatenate([whole, *columns]))
    entries = (np.concatenate([half, *values]), places)
    return sparse.csr_matrix(entries, shape=(count, int(shared.sum()))), own


def _products(matrix: Any, enough: NDArray[np.bool_]) -> Iterator[tuple[Any, Any, Any]]:
    """Rows, columns and values of the upper half of ``matrix @ matrix.T``, block by block."""
    transposed = matrix.T.tocsr()
    for start in range(0, matrix.shape[0], BLOCK):
        product = (matrix[start : start + BLOCK] @ transposed).tocoo()
        rows, columns = product.row.astype(np.int32) + start, product.col.astype(np.int32)
        kept = np.flatnonzero((rows < columns) & enough[rows] & enough[columns])
        kept = kept[np.lexsort((columns[kept], rows[kept]))]
        yield rows[kept], columns[kept], product.data[kept].astype(np.float32)
