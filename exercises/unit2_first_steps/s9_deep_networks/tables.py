"""Weights that an answer made up itself, in whatever form it holds them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from grader.authoring import a_tensor, ensure, fail


def table(value: object, shape: Sequence[int | None], what: str) -> torch.Tensor:
    """Demand a tensor, an array or (nested) lists of finite real numbers; a float64 copy.

    None in `shape` stands for any size. `what` names the table in the message.
    """
    if isinstance(value, list | tuple):
        try:
            value = torch.tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            fail(f"{what} is not a table of numbers.")
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        value = torch.from_numpy(value.astype(np.float64))
    found = a_tensor(value, shape=shape, dtype="numeric", what=what)
    ensure(not found.is_complex(), f"{what} holds complex numbers.")
    ensure(bool(found.isfinite().all()), f"In {what} there is nan or inf.")
    return found.detach().double()
