"""Sandals, sneakers and ankle boots, seen from the side, the toe to the left."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from grader.data.draw.canvas import Canvas, Field, X, Y, bent, ellipse, rounded
from grader.data.draw.chance import Chance


@dataclass(frozen=True, slots=True)
class Shoe:
    """The measures, in the plane from -1 to 1; the sole lies near y = `floor`."""

    floor: float
    sole: float  # its thickness
    heel: float  # how high the heel is lifted
    block: float  # width of the heel below
    shaft: float  # height of the shoe above the sole, at the ankle
    collar: float  # where the opening begins, x
    toe: float  # height of the toe cap
    tip: float  # x of the tip
    slant: float  # how far the shaft leans back
    openness: float  # share of the upper that is cut out between straps
    straps: int
    laces: int
    stripe: str  # none, swoosh, bars, panel
    tongue: float
    tone: float
    sole_tone: float
    trim: float


def sneaker(c: Chance) -> Shoe:
    return Shoe(
        floor=c.near(0.45, 0.06), sole=c.between(0.1, 0.24), heel=c.between(0.0, 0.08), block=0.0,
        shaft=c.one_of((c.between(0.42, 0.62), c.between(0.7, 0.95)), (0.85, 0.15)), collar=c.near(0.12, 0.08),
        toe=c.between(0.2, 0.34), tip=-0.97, slant=c.near(0.03, 0.04), openness=0.0, straps=0,
        laces=c.one_of((0, 3, 4, 5), (0.2, 0.3, 0.3, 0.2)),
        stripe=c.one_of(("none", "swoosh", "bars", "panel"), (0.3, 0.3, 0.2, 0.2)), tongue=c.between(0.0, 0.14),
        tone=c.between(0.25, 0.95), sole_tone=c.between(0.3, 1.0), trim=c.between(0.4, 1.5),
    )  # fmt: skip


def sandal(c: Chance) -> Shoe:
    high = c.happens(0.45)
    return Shoe(
        floor=c.near(0.5, 0.08), sole=c.between(0.08, 0.2), heel=c.between(0.3, 0.75) if high else c.between(0.0, 0.2),
        block=c.between(0.08, 0.26), shaft=c.between(0.3, 0.75), collar=c.near(0.15, 0.12),
        toe=c.between(0.16, 0.36), tip=-0.97, slant=c.near(0.0, 0.05),
        openness=c.one_of((c.between(0.55, 0.95), c.between(0.2, 0.5)), (0.82, 0.18)), straps=c.one_of((1, 2, 3, 4)),
        laces=0, stripe="none", tongue=0.0, tone=c.between(0.25, 0.95), sole_tone=c.between(0.25, 0.8),
        trim=c.between(0.6, 1.3),
    )  # fmt: skip


def ankle_boot(c: Chance) -> Shoe:
    return Shoe(
        floor=c.near(0.85, 0.06), sole=c.between(0.08, 0.2),
        heel=c.one_of((c.between(0.0, 0.15), c.between(0.2, 0.5)), (0.6, 0.4)),
        block=c.between(0.14, 0.4), shaft=c.one_of((c.between(1.25, 1.65), c.between(0.85, 1.2)), (0.8, 0.2)),
        collar=c.near(0.12, 0.1), toe=c.between(0.24, 0.4), tip=-0.95, slant=c.near(0.02, 0.04), openness=0.0, straps=0,
        laces=c.one_of((0, 5, 6), (0.55, 0.25, 0.2)), stripe=c.one_of(("none", "panel", "bars"), (0.7, 0.2, 0.1)),
        tongue=c.between(0.0, 0.1), tone=c.between(0.25, 0.95), sole_tone=c.between(0.2, 0.7), trim=c.between(0.5, 1.3),
    )  # fmt: skip


def between_shoes(one: Shoe, other: Shoe, c: Chance) -> Shoe:
    """Something that could be either: a covered sandal, a high sneaker, a low boot."""
    share = c.between(0.35, 0.65)
    values: dict[str, object] = {}
    for field in fields(Shoe):
        a, b = getattr(one, field.name), getattr(other, field.name)
        blend = isinstance(a, float) and field.name != "tip"
        values[field.name] = share * a + (1 - share) * b if blend else c.one_of((a, b))
    return Shoe(**values)  # type: ignore[arg-type]


def draw_shoe(canvas: Canvas, s: Shoe, c: Chance) -> None:
    """The sole, the upper on it, then holes, straps, laces and stripes."""
    floor = s.floor - s.sole  # of the upper, at the toe
    lifted = floor - s.heel  # at the heel
    top = lifted - s.shaft
    back = 0.88 + c.near(0, 0.03)
    under = bent([(s.tip, floor), (-0.35, floor), (0.2, (floor + lifted) / 2), (back, lifted)], 2)
    heel = [(back, lifted), (back + 0.06, lifted - s.shaft * 0.45), (back - s.slant, top)]
    instep = [
        (s.collar - s.slant, top + 0.1),
        (s.collar - 0.15, lifted - min(s.shaft * 0.42, 0.75)),
        (-0.35, floor - s.toe * 1.15),
        (-0.75, floor - s.toe),
        (s.tip - 0.02, floor - s.toe * 0.45),
    ]
    opening = [(s.collar + 0.08 - s.slant, top + 0.03)]
    upper = np.concatenate([under, bent(heel, 2), opening, bent(instep, 2)])
    light = 1 + c.between(0, 0.12) * np.sin(c.between(2, 4) * X + c.between(2, 4) * Y + c.between(0, 6))
    if s.openness >= 0.5:
        _strap(canvas, s, floor, lifted, c)
        _sole(canvas, s, under, back, c)
        return
    cover = canvas.cloth(upper, s.tone * light, rim=0.3)
    if s.openness:
        _open(canvas, s, upper, floor, lifted, top, c)
    else:
        _trimmings(canvas, s, cover, floor, lifted, top, c)
    _sole(canvas, s, under, back, c)


def _strap(canvas: Canvas, s: Shoe, floor: float, lifted: float, c: Chance) -> None:
    """Bands across the foot, and most times a strap round the ankle or the heel. The foot itself is not there."""
    instep = lifted - s.shaft * 0.75
    begin, end = -0.9, 0.0 if s.straps > 1 else -0.35
    straps = max(s.straps, 1)  # between a sandal and a sneaker there may be none
    pitch = (end - begin) / straps
    for number in range(straps):
        left = begin + pitch * (number + 0.15)
        wide = max(pitch * (1.45 - s.openness), 0.12)
        share = (left + wide / 2 + 0.9) / 1.3  # how far up the foot
        ground = floor + (lifted - floor) * np.clip(share - 0.35, 0, 1)
        height = s.toe + 0.5 * share * max(floor - instep - s.toe, 0.1)
        lean = c.between(0.1, 0.28)
        band = [
            (left, ground + 0.03), (left + lean * 0.6, ground - height * 0.75), (left + lean + 0.04, ground - height),
            (left + lean + wide * 0.85, ground - height - 0.02), (left + lean * 0.5 + wide, ground - height * 0.45),
            (left + wide, ground + 0.03),
        ]  # fmt: skip
        canvas.cloth(rounded(band, 1), s.tone * c.between(0.85, 1.1), rim=0.3)
    if c.happens(0.3):  # a buckle or a stone
        canvas.paint(
            canvas.shape(ellipse(begin + 0.4, floor - s.toe * 0.8, 0.06, 0.06))[0], min(1.0, s.tone * 1.6)
        )
    ankle = lifted - s.shaft * 0.8
    match c.one_of(("ankle", "heel", "t-bar", "none"), (0.4, 0.3, 0.15, 0.15)):
        case "ankle":
            counter = [(0.5, lifted + 0.03), (0.8, ankle + 0.05), (0.93, ankle), (0.93, lifted + 0.03)]
            canvas.cloth(counter, s.tone, rim=0.3)
            loop = ellipse(0.62, ankle + 0.06, 0.3, 0.1)
            canvas.paint(canvas.line(np.concatenate([loop, loop[:1]]), 1.2), s.tone * s.trim)
        case "heel":
            high = lifted - s.shaft * 0.45
            sling = bent([(0.0, floor - s.toe * 1.3), (0.5, high), (0.92, high - 0.1), (0.9, lifted)], 2)
            canvas.paint(canvas.line(sling, 1.4), s.tone * s.trim)
        case "t-bar":
            bar = bent(
                [
                    (-0.45, floor - s.toe),
                    (0.1, (floor + ankle) / 2),
                    (0.4, ankle + 0.05),
                    (0.92, ankle),
                    (0.9, lifted),
                ],
                2,
            )
            canvas.paint(canvas.line(bar, 1.5), s.tone * s.trim)
        case _:
            pass


def _open(canvas: Canvas, s: Shoe, upper: Field, floor: float, lifted: float, top: float, c: Chance) -> None:
    """Cut the upper away, but for straps across it and, most times, one round the heel."""
    cover, _ = canvas.shape(upper)
    away = np.zeros_like(cover)
    for number in range(s.straps + 1):  # the gaps between the straps
        left = -0.85 + 1.5 * number / (s.straps + 1)
        wide = 1.5 / (s.straps + 1) * s.openness
        hole = [
            (left + 0.1, top - 0.6),
            (left + wide + 0.1, top - 0.6),
            (left + wide, floor + 0.2),
            (left, floor + 0.2),
        ]
        away = np.maximum(away, canvas.shape(hole)[0])
    if c.happens(0.75):  # a strap round the heel, open above the sole
        high = lifted - s.shaft * 0.3
        window = [(0.35, high), (1.1, high), (1.1, lifted + 0.05), (0.35, lifted + 0.05)]
    else:
        window = [(0.3, top - 0.3), (1.1, top - 0.3), (1.1, lifted + 0.05), (0.3, lifted + 0.05)]
    away = np.maximum(away, canvas.shape(window)[0])
    bed = canvas.line([(s.tip, floor), (-0.35, floor), (0.2, (floor + lifted) / 2), (0.85, lifted)], 1.4)
    canvas.paint(away * (1 - bed), 0.0)
    if c.happens(0.25):
        canvas.paint(
            canvas.shape(ellipse(c.between(-0.6, 0.3), floor - s.toe * 0.8, 0.07, 0.07))[0],
            min(1.0, s.tone * 1.6),
        )


def _trimmings(
    canvas: Canvas, s: Shoe, cover: Field, floor: float, lifted: float, top: float, c: Chance
) -> None:
    canvas.darken(
        canvas.line(bent([(-0.62, floor), (-0.56, floor - s.toe * 0.7), (-0.42, floor - s.toe * 1.2)]), 0.8),
        0.3,
        cover,
    )
    low = np.array([-0.4, floor - s.toe * 1.1])
    high = np.array([s.collar - 0.02, top + 0.12])
    if s.tongue:
        tongue = [
            high + (0.0, 0.05),
            high + (-0.14, -s.tongue),
            high + (-0.02, -s.tongue - 0.03),
            high + (0.12, 0.0),
        ]
        canvas.cloth(np.array(tongue), min(1.0, s.tone * s.trim))
    for number in range(s.laces):
        at = low + (high - low) * (number + 0.4) / s.laces
        lace = canvas.line([at + (-0.03, -0.03), at + (0.13, 0.08)], 0.9)
        canvas.darken(lace, 0.5 if s.tone > 0.5 else -1.2)
    middle = (floor + lifted) / 2 - min(s.shaft, 0.8) * 0.35
    match s.stripe:
        case "swoosh":
            mark = bent([(-0.25, middle - 0.02), (0.0, middle + 0.14), (0.75, lifted - s.shaft * 0.55)], 2)
            canvas.darken(canvas.line(mark, 1.6), 0.55 if s.trim < 1 else -1.5, cover)
        case "bars":
            for x in (-0.1, 0.1, 0.3):
                bar = canvas.line([(x - 0.05, middle - 0.15), (x + 0.1, floor)], 1.1)
                canvas.darken(bar, 0.55 if s.trim < 1 else -1.5, cover)
        case "panel":
            panel = [(0.5, top - 0.1), (1.1, top - 0.1), (1.1, lifted + 0.1), (0.35, lifted + 0.1)]
            canvas.darken(canvas.shape(panel)[0], 0.4 if s.trim < 1 else -0.8, cover)
        case _:
            pass
    ankle = canvas.line([(s.collar, top + 0.09), (0.95, top + 0.09)], 1.0)
    canvas.darken(ankle, 0.3, cover)


def _sole(canvas: Canvas, s: Shoe, under: Field, back: float, c: Chance) -> None:
    below = under[::-1] + np.array([0.0, s.sole])
    if s.heel < 0.12 or (s.openness and c.happens(0.3)):  # flat, or a wedge
        below = bent([(back, s.floor), (-0.3, s.floor), (s.tip - 0.01, s.floor - 0.03)], 1)
        canvas.cloth(np.concatenate([under, below]), s.sole_tone, rim=0.15)
        return
    canvas.cloth(np.concatenate([under, below]), s.sole_tone, rim=0.15)
    width = s.block
    heel = [
        (back - width - 0.06, s.floor - s.heel - 0.05),
        (back, s.floor - s.heel - s.sole),
        (back - 0.02, s.floor),
        (back - width * 0.9, s.floor),
    ]
    canvas.cloth(np.array(heel), s.sole_tone, rim=0.2)
