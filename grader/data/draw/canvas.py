"""A small canvas: shapes with smooth edges, shaded like cloth, on 28 x 28 pixels.

A shape is a polygon in a plane where the picture is the square from -1 to 1, x to the right and y downwards. How much
of a pixel it covers comes from the signed distance of the pixel's centre to its outline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIDE = 28
PIXELS = 13.2  # per unit of the plane: a margin of less than a pixel is left

Field = NDArray[np.float64]

_steps: Field = np.arange(SIDE, dtype=np.float64) - (SIDE - 1) / 2
CENTRES: Field = np.stack(np.meshgrid(_steps, _steps), axis=-1).reshape(-1, 2)  # (784, 2), in pixels
X: Field = CENTRES[:, 0].reshape(SIDE, SIDE) / PIXELS
Y: Field = CENTRES[:, 1].reshape(SIDE, SIDE) / PIXELS


@dataclass(frozen=True, slots=True)
class View:
    """How the plane lies in the picture: turned by `angle` (radians), stretched, shifted."""

    angle: float = 0.0
    stretch: tuple[float, float] = (1.0, 1.0)
    shift: tuple[float, float] = (0.0, 0.0)

    def pixels(self, points: ArrayLike) -> Field:
        """Points of the plane (n, 2) in pixels from the middle of the picture."""
        x, y = np.asarray(points, dtype=np.float64).T * np.array(self.stretch)[:, None]
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        turned = np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)
        return (turned + np.array(self.shift)) * PIXELS


class Canvas:
    """The picture, 0 (black, empty) to 1."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.grey: Field = np.zeros((SIDE, SIDE))

    def shape(self, outline: ArrayLike) -> tuple[Field, Field]:
        """How much of each pixel a polygon covers (0 to 1), and how deep inside it is (in pixels, else 0)."""
        distance = signed_distance(self.view.pixels(outline))
        return np.clip(0.5 - distance, 0, 1), np.clip(-distance, 0, None)

    def line(self, points: ArrayLike, width: float) -> Field:
        """How much of each pixel an open line of that width (in pixels) covers."""
        distance = distance_to_line(self.view.pixels(points), closed=False) - width / 2
        return np.clip(0.5 - distance, 0, 1)

    def paint(self, cover: Field, tone: Field | float) -> None:
        self.grey = self.grey * (1 - cover) + np.clip(tone, 0, 1) * cover

    def cloth(self, outline: ArrayLike, tone: Field | float, rim: float = 0.25, depth: float = 2.0) -> Field:
        """Paint a piece of cloth, darker towards its rim; returns what it covers."""
        cover, inside = self.shape(outline)
        self.paint(cover, tone * (1 - rim + rim * np.clip(inside / depth, 0, 1)))
        return cover

    def darken(self, cover: Field, amount: float, within: Field | None = None) -> None:
        """Take away `amount` (of 1) of the light there; a negative amount brings light."""
        share = cover if within is None else cover * within
        lit = self.grey > 0.02
        self.grey = np.clip(
            self.grey * (1 - amount * share) - np.minimum(amount, 0) * 0.25 * share * lit, 0, 1
        )


def signed_distance(outline: Field) -> Field:
    """Of the pixels' centres to a closed polygon (n, 2), in pixels; negative inside (even-odd rule)."""
    (ax, ay), (bx, by) = outline.T, np.roll(outline, -1, axis=0).T
    px, py = CENTRES[:, :1], CENTRES[:, 1:]
    straddles = (ay > py) != (by > py)
    slope = (bx - ax) / np.where(by == ay, 1.0, by - ay)
    crossings = straddles & (px < ax + (py - ay) * slope)
    inside = (crossings.sum(axis=1) % 2 == 1).reshape(SIDE, SIDE)
    distance = distance_to_line(outline, closed=True)
    return np.where(inside, -distance, distance)


def distance_to_line(points: Field, closed: bool) -> Field:
    """Of the pixels' centres to the nearest point of a polygonal line."""
    starts = points if closed else points[:-1]
    ends = np.roll(points, -1, axis=0) if closed else points[1:]
    edge = ends - starts
    to_start = CENTRES[:, None, :] - starts
    length2 = np.maximum((edge**2).sum(axis=1), 1e-12)
    along = np.clip((to_start * edge).sum(axis=2) / length2, 0, 1)
    gap2 = ((to_start - along[..., None] * edge) ** 2).sum(axis=2)
    return np.sqrt(gap2.min(axis=1)).reshape(SIDE, SIDE)


def rounded(outline: ArrayLike, times: int = 2) -> Field:
    """The closed polygon with its corners cut, again and again (Chaikin): a soft outline."""
    points = np.asarray(outline, dtype=np.float64)
    for _ in range(times):
        following = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1)
        points = points.reshape(-1, 2)
    return points


def bent(points: ArrayLike, times: int = 2) -> Field:
    """The same for an open line; its ends stay."""
    line = np.asarray(points, dtype=np.float64)
    for _ in range(times):
        first, second = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        cut = np.stack([first, second], axis=1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    return line


def ellipse(x: float, y: float, width: float, height: float) -> Field:
    """The outline of an ellipse, by half its width and half its height."""
    turn = np.arange(16) * (2 * np.pi / 16)
    return np.stack([x + width * np.cos(turn), y + height * np.sin(turn)], axis=1)
