"""Where two tensors differ, as a small table of numbers from which the report draws a picture."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from grader.compare.promote import inexact

CELLS = 32  # per side


def heatmap(wrong: Tensor, apart: Tensor, expected: Tensor) -> dict[str, Any]:
    """The detail of a finding about two tensors of one shape with at least one element.

    ``wrong`` says where they differ by too much, ``apart`` by how much. JSON-safe:
    ``grid`` holds at most 32 x 32 relative errors from 0.01 to 1, None where all is right;
    ``rows`` and ``cols`` are the size of the matrix that it is a picture of.
    """
    matrix, caption = _as_matrix(_severity(wrong, apart, expected), wrong)
    rows, cols = matrix.shape
    block = (math.ceil(rows / CELLS), math.ceil(cols / CELLS))
    pooled = max_pool2d(matrix[None, None], block, ceil_mode=True)[0, 0]
    if block != (1, 1):
        caption += f" Each cell stands for {block[0]} × {block[1]} elements, the worst of them."
    return {
        "kind": "tensor",
        "shape": list(wrong.shape),
        "mismatched": int(wrong.sum()),
        "total": wrong.numel(),
        "grid": [[round(cell, 2) if cell else None for cell in row] for row in pooled.tolist()],
        "rows": rows,
        "cols": cols,
        "caption": caption,
    }


def _severity(wrong: Tensor, apart: Tensor, expected: Tensor) -> Tensor:
    """Relative error between 0.01 and 1, and 0 where right.

    Relative to the expected element or, near zero, to their mean size: else noise around a zero looks
    like the worst place of all.
    """
    size = inexact(expected).abs()
    finite = size[size.isfinite()]
    typical = float(finite.mean()) if finite.numel() else 0.0
    relative = apart / size.clamp(min=max(typical, 1e-300))
    return torch.where(wrong, relative.nan_to_num(nan=1.0, posinf=1.0).clamp(0.01, 1.0), 0.0)


def _as_matrix(severity: Tensor, wrong: Tensor) -> tuple[Tensor, str]:
    """A matrix of it, and what the reader must know about how it came about."""
    caption = "Relative error; blank where right."
    if severity.ndim <= 2:
        return severity.reshape(1, -1) if severity.ndim < 2 else severity, caption
    *leading, rows, cols = severity.shape
    if math.prod(leading) * rows <= CELLS:
        return severity.reshape(-1, cols), f"{caption} All leading dimensions one below the other."
    counts = wrong.flatten(end_dim=-3).sum((-1, -2))
    worst = int(counts.argmax())
    index = [int(i) for i in torch.unravel_index(torch.tensor(worst), leading)]
    shown = ", ".join([*map(str, index), ":", ":"])
    return severity.reshape(-1, rows, cols)[worst], f"{caption} The slice [{shown}], which differs most."
