"""Trousers and bags."""

from __future__ import annotations

import numpy as np

from grader.data.draw.canvas import Canvas, X, Y, bent, ellipse, rounded
from grader.data.draw.chance import Chance


def draw_trousers(canvas: Canvas, c: Chance) -> None:
    """Two legs from a waist; wide, narrow, short or flared, the gap between them from wide to nothing."""
    waist, hip = c.near(0.25, 0.025), c.near(0.33, 0.035)
    hem = c.one_of((c.between(0.1, 0.17), c.between(0.18, 0.27)), (0.7, 0.3))
    gap = c.one_of((c.between(0.02, 0.16), c.between(-0.02, 0.02)), (0.85, 0.15))
    bottom = c.one_of((0.96, c.between(0.2, 0.7)), (0.88, 0.12))
    top, fork = -0.95, c.near(-0.4, 0.05)
    tone = c.between(0.3, 1.0) * (
        1 + c.between(0, 0.12) * np.sin(c.between(1, 5) * X + c.between(1, 3) * Y + c.between(0, 6))
    )
    if c.happens(0.12):
        tone = tone * (1 - 0.35 * np.clip(np.sin(c.between(8, 16) * Y), 0, 1))
    lean = c.near(0.0, 0.02)
    for side in (-1, 1):
        leg = [
            (0.0, top),
            (side * waist, top),
            (side * hip, -0.55),
            (side * (gap + 2 * hem * 0.62 + 0.09), 0.1),
            (side * (gap + 2 * hem) + lean, bottom),
            (side * gap + lean, bottom),
            (side * gap * 0.6, 0.1),
            (side * 0.005, fork),
        ]
        canvas.cloth(np.array(leg), tone, rim=0.25)
        crease = [(side * (gap * 0.8 + hem), -0.2), (side * (gap + hem) + lean, bottom - 0.05)]
        cover, _ = canvas.shape(np.array(leg))
        canvas.darken(canvas.line(crease, 1.0), c.between(-0.6, 0.25), cover)
        if c.happens(0.5):
            canvas.darken(canvas.line([(side * waist * 0.6, -0.88), (side * hip, -0.66)], 0.8), 0.35, cover)
    if c.happens(0.6):
        canvas.darken(canvas.line([(-waist, -0.86), (waist, -0.86)], 0.9), 0.35)
    canvas.darken(canvas.line([(0.0, -0.9), (0.0, fork)], 0.7), 0.3)


def draw_bag(canvas: Canvas, c: Chance) -> None:
    """A handbag, a tote, a satchel with a flap, a purse: a body, and some way to carry it."""
    kind = c.one_of(("hand", "tote", "satchel", "purse"), (0.42, 0.22, 0.24, 0.12))
    wide = c.between(0.72, 0.95)
    high = {
        "hand": c.between(0.95, 1.25),
        "tote": c.between(1.2, 1.45),
        "satchel": c.between(0.9, 1.3),
        "purse": c.between(0.8, 1.15),
    }[kind]
    bottom = c.between(0.7, 0.9) if kind != "purse" else high / 2
    top = bottom - high
    taper = c.between(0.72, 1.02)
    tone_of = c.between(0.25, 0.95)
    tone = tone_of * (
        1 + c.between(0, 0.15) * np.sin(c.between(1, 4) * X + c.between(1, 4) * Y + c.between(0, 6))
    )
    if c.happens(0.15):
        tone = tone * (
            1 - 0.3 * np.clip(2 * np.sin(c.between(8, 14) * X) * np.sin(c.between(8, 14) * Y), 0, 1)
        )
    handle = tone_of * c.between(0.6, 1.15)
    if kind in ("hand", "tote"):
        reach = max(top - c.between(0.35, 0.75), -0.97)
        span = wide * c.between(0.35, 0.6)
        strap = bent([(-span, top + 0.12), (-span * 0.9, reach), (span * 0.9, reach), (span, top + 0.12)], 3)
        canvas.paint(canvas.line(strap, c.between(1.2, 2.4)), handle)
    elif kind == "satchel":
        strap = bent(
            [(-wide * 0.9, top + 0.2), (-wide * 0.7, -1.0), (wide * 0.7, -1.0), (wide * 0.9, top + 0.2)], 3
        )
        canvas.paint(canvas.line(strap, c.between(1.0, 1.8)), handle)
    elif c.happens(0.5):
        canvas.paint(
            canvas.line(
                bent([(wide * 0.9, 0.0), (wide * 1.1, bottom + 0.2), (wide * 0.6, bottom + 0.35)]), 1.3
            ),
            handle,
        )
    outline = [(-wide * taper, top), (wide * taper, top), (wide, bottom), (-wide, bottom)]
    sharp = np.array(outline)
    body = rounded(
        [
            sharp[0],
            (sharp[0] + sharp[1]) / 2,
            sharp[1],
            (sharp[1] + sharp[2]) / 2,
            sharp[2],
            (sharp[2] + sharp[3]) / 2,
            sharp[3],
            (sharp[3] + sharp[0]) / 2,
        ],
        c.one_of((1, 2, 3)),
    )
    cover = canvas.cloth(body, tone, rim=0.25)
    if kind == "satchel" or c.happens(0.35):
        low = top + high * c.between(0.35, 0.65)
        canvas.darken(
            canvas.line(
                bent([(-wide, low - 0.1), (-wide * 0.5, low), (wide * 0.5, low), (wide, low - 0.1)]), 1.1
            ),
            0.45,
            cover,
        )
        canvas.darken(canvas.shape(ellipse(0, low, 0.07, 0.07))[0], -1.5 if tone_of < 0.6 else 0.6, cover)
    else:
        canvas.darken(canvas.line([(-wide, top + 0.13), (wide, top + 0.13)], 0.9), 0.4, cover)
    if c.happens(0.35):
        for side in (-1, 1):
            canvas.darken(
                canvas.line([(side * wide * 0.5, top), (side * wide * 0.5, bottom)], 1.0), 0.3, cover
            )
    if c.happens(0.25):
        pocket = [
            (-wide * 0.5, bottom - high * 0.5),
            (wide * 0.5, bottom - high * 0.5),
            (wide * 0.5, bottom - 0.12),
            (-wide * 0.5, bottom - 0.12),
            (-wide * 0.5, bottom - high * 0.5),
        ]
        canvas.darken(canvas.line(pocket, 0.8), 0.35, cover)
