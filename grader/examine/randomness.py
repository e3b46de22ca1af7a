"""Hidden inputs: a seeded source of random tensors and numbers that a submission cannot foresee."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

import torch

Item = TypeVar("Item")


class Random:
    """Draws for one check of one run. The same run seed, exercise and check give the same draws.

    Tensors come from a generator of its own: neither torch's global generator nor the student's matters.
    """

    def __init__(self, *key: object) -> None:
        digest = hashlib.sha256("/".join(str(part) for part in key).encode()).digest()
        self._python = random.Random(digest)
        self._torch = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))

    def randn(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Standard normal, of that shape. Drawn in float64, so that all dtypes see the same numbers."""
        return torch.randn(shape, generator=self._torch, dtype=torch.float64).to(dtype)

    def rand(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Uniform on [0, 1)."""
        return torch.rand(shape, generator=self._torch, dtype=torch.float64).to(dtype)

    def integers(
        self, low: int, high: int, shape: Sequence[int], dtype: torch.dtype = torch.int64
    ) -> torch.Tensor:
        """Integers from `low` to `high`, both included. As floats they make linear arithmetic exact."""
        return torch.randint(low, high + 1, tuple(shape), generator=self._torch).to(dtype)

    def permutation(self, n: int) -> torch.Tensor:
        """A random order of 0 ... n-1, int64."""
        return torch.randperm(n, generator=self._torch)

    def uniform(self, low: float, high: float) -> float:
        return self._python.uniform(low, high)

    def integer(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return self._python.randint(low, high)

    def choice(self, items: Sequence[Item]) -> Item:
        return self._python.choice(items)

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """`count` different ones."""
        return self._python.sample(items, count)

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """A new list in random order."""
        return self._python.sample(items, len(items))

    def seed(self) -> int:
        """A seed for the answer's own generators."""
        return self._python.randrange(2**31)
