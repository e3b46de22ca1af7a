"""What the checks of sections 2.3 and 2.4 share: the points of the course, hidden ones, and the neuron."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from grader.authoring import Random, data

START = (1.0, -1.0, 5.5)  # the course's first parameters w0, w1, b
CENTRES = ((-1.65955991, 4.40648987), (-9.9977125, -3.95334855))  # of the course's clouds: white, black


def course_points() -> tuple[Tensor, Tensor]:
    """The points of the course: X (100, 2) float64 and Y (100,) int64, 1 for black."""
    return data.blobs()


def hidden_clouds(rng: Random, n: int, apart: float = 1.0, spread: float = 0.8) -> tuple[Tensor, Tensor]:
    """Two clouds in a random direction: X (n, 2) float64, Y (n,) int64 in random order, both colours if n > 1.

    `apart` is the distance of each centre from the middle, `spread` the standard deviation. By default the
    clouds overlap, and training from weights of at most 1 keeps |z| below about 12: there neither the quotient
    of the chain rule nor the logarithms suffer in float32.
    """
    black = rng.integer(1, n - 1) if n > 1 else rng.integer(0, 1)
    if n > 8:  # in large clouds each colour has a fair share
        black = rng.integer(n // 3, n - n // 3)
    Y = (torch.arange(n) < black).long()[rng.permutation(n)]
    angle = rng.uniform(0, 2 * math.pi)
    direction = torch.tensor([math.cos(angle), math.sin(angle)], dtype=torch.float64)
    middle = 0.3 * rng.randn(2, dtype=torch.float64)
    X = middle + apart * (2 * Y[:, None] - 1) * direction + spread * rng.randn(n, 2, dtype=torch.float64)
    return X, Y


def hidden_start(rng: Random) -> tuple[float, float, float]:
    """Parameters (w0, w1, b) of size 0.3 to 1, of random sign: none of them can be left out unnoticed."""
    w0, w1, b = (rng.choice((-1, 1)) * rng.uniform(0.3, 1.0) for _ in range(3))
    return w0, w1, b


class Neuron(nn.Module):
    """The neuron before its sigmoid, in float64: X (N, 2) -> z (N,). Its one parameter is (w0, w1, b)."""

    def __init__(self, start: tuple[float, float, float]) -> None:
        super().__init__()
        self.params = nn.Parameter(torch.tensor(start, dtype=torch.float64))

    def forward(self, X: Tensor) -> Tensor:
        return X @ self.params[:2] + self.params[2]


def neuron_cost(z: Tensor, Y: Tensor) -> Tensor:
    """The mean cross-entropy; z and Y have one number for each point, z perhaps in a column."""
    return binary_cross_entropy_with_logits(z.reshape(-1), Y.to(z.dtype))
