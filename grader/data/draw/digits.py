"""Handwritten digits: scikit-learn's 1,797 real ones of 8 x 8 pixels, enlarged, each written anew several times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader.data.draw.canvas import CENTRES, SIDE
from grader.data.draw.chance import Chance

PIXEL = 2.7  # of the large picture, per pixel of the small one: the digit fills 20 x 20, as in MNIST


def originals() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The small pictures (1797, 8, 8), 0 to 1, and what they show. Needs scikit-learn, which ships them."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return np.asarray(images, np.float64).reshape(-1, 8, 8) / 16, np.asarray(labels, np.int64)


def cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' kernel of cubic interpolation: keeps the holes of a digit open, where a bell would fill them."""
    x = np.abs(x)
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def rewrite(original: NDArray[np.float64], chance: Chance) -> NDArray[np.float64]:
    """The picture (28, 28), 0 to 1, of the same digit: shifted, turned, slanted, wider or narrower, bolder or finer."""
    angle, slant = chance.near(0, 0.1), chance.near(0, 0.12)
    wide, high = chance.between(0.82, 1.12), chance.between(0.88, 1.08)
    shift = np.array([chance.between(-1.6, 1.6), chance.between(-1.2, 1.2)])
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1.0, slant], [0.0, 1.0]]) @ np.diag([wide, high])
    places = (CENTRES - shift) @ np.linalg.inv(turn).T / PIXEL  # of the large pixels, in small ones
    wobble, phase = chance.between(0.0, 0.25), chance.between(0, 6)
    places = places + wobble * np.sin(places[:, ::-1] * 1.1 + phase)
    steps = np.arange(8) - 3.5
    across, down = cubic(places[:, 0, None] - steps), cubic(places[:, 1, None] - steps)
    ink = np.einsum("py,yx,px->p", down, original, across)
    pen, edge = chance.between(0.42, 0.6), chance.between(0.45, 0.7)
    return np.clip((ink - pen) / edge + 0.5, 0, 1).reshape(SIDE, SIDE)
