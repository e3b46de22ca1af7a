"""One picture of a piece of clothing, of a class that is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader.data.draw.canvas import Canvas, View
from grader.data.draw.chance import Chance
from grader.data.draw.others import draw_bag, draw_trousers
from grader.data.draw.shoes import ankle_boot, between_shoes, draw_shoe, sandal, sneaker
from grader.data.draw.tops import between_tops, coat, draw_top, dress, pullover, shirt, t_shirt

T_SHIRT, TROUSER, PULLOVER, DRESS, COAT, SANDAL, SHIRT, SNEAKER, BAG, ANKLE_BOOT = range(10)

LIGHT = 0.65  # brightens as the photographs of the real set were; black and white stay

TOPS = {T_SHIRT: t_shirt, PULLOVER: pullover, DRESS: dress, COAT: coat, SHIRT: shirt}
SHOES = {SANDAL: sandal, SNEAKER: sneaker, ANKLE_BOOT: ankle_boot}

# What a piece that could be either may be mixed with, and how often that happens, in shares of the class. The
# table is symmetric, so that such a picture's label is the toss of a coin. As in the real set, a shirt is the
# hardest; trousers and bags are mistaken for nothing.
AMBIGUOUS: dict[tuple[int, int], float] = {
    (T_SHIRT, SHIRT): 0.12,
    (PULLOVER, SHIRT): 0.08,
    (COAT, SHIRT): 0.08,
    (PULLOVER, COAT): 0.08,
    (T_SHIRT, DRESS): 0.03,
    (DRESS, COAT): 0.03,
    (SANDAL, SNEAKER): 0.07,
    (SNEAKER, ANKLE_BOOT): 0.07,
}


def partners(label: int) -> tuple[list[int], list[float]]:
    """The classes that a picture of this class may be mixed with, each with its share."""
    shares = {(b if a == label else a): share for (a, b), share in AMBIGUOUS.items() if label in (a, b)}
    return list(shares), list(shares.values())


def draw(label: int, chance: Chance) -> NDArray[np.float64]:
    """A picture (28, 28), 0 to 1, of a piece of that class, or of one between it and another."""
    others, shares = partners(label)
    other: int | None = chance.one_of([None, *others], [1 - sum(shares), *shares])
    view = View(
        angle=chance.near(0, 0.06),
        stretch=(chance.between(0.9, 1.12), chance.between(0.9, 1.04)),
        shift=(chance.near(0, 0.045), chance.near(0, 0.035)),
    )
    canvas = Canvas(view)
    if label in TOPS:
        top = TOPS[label](chance)
        if other is not None:
            top = between_tops(top, TOPS[other](chance), chance)
        draw_top(canvas, top, chance)
    elif label in SHOES:
        shoe = SHOES[label](chance)
        if other is not None:
            shoe = between_shoes(shoe, SHOES[other](chance), chance)
        draw_shoe(canvas, shoe, chance)
    elif label == TROUSER:
        draw_trousers(canvas, chance)
    else:
        draw_bag(canvas, chance)
    return canvas.grey**LIGHT
