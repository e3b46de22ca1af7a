"""The random generators that a submission may use, set by the parent: the same run gives the same numbers again."""

from __future__ import annotations

import random

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Seed random, NumPy and torch; a seed that the submission sets itself simply comes later."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    seed_torch(seed)


def seed_torch(seed: int) -> None:
    """What ``torch.manual_seed`` does, which writes down the whole call stack three times."""
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
