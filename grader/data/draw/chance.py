"""Random numbers whose stream never changes: NumPy promises it for ``RandomState``, not for ``Generator``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class Chance:
    """The stream that belongs to a key: the same numbers on every machine and with every version."""

    def __init__(self, *key: int) -> None:
        self._state = np.random.RandomState(list(key))

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * float(self._state.random_sample())

    def near(self, middle: float, spread: float) -> float:
        """Bell-shaped, never further than 3 spreads away."""
        total = sum(float(self._state.random_sample()) for _ in range(6))
        return middle + spread * (total - 3.0) * 2**0.5

    def happens(self, share: float) -> bool:
        return float(self._state.random_sample()) < share

    def one_of(self, things: Sequence[Any], weights: Sequence[float] | None = None) -> Any:
        shares = np.ones(len(things)) if weights is None else np.asarray(weights, dtype=np.float64)
        limits = np.cumsum(shares) / shares.sum()
        return things[min(int(np.searchsorted(limits, self._state.random_sample())), len(things) - 1)]

    def order(self, n: int) -> list[int]:
        """0 to n - 1 in random order."""
        return [int(index) for index in np.argsort(self._state.random_sample(n), kind="stable")]
