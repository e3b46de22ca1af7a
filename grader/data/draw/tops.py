"""T-shirts, pullovers, coats, shirts and dresses: one pattern with many measures, so that they can be mixed."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from grader.data.draw.canvas import Canvas, Field, X, Y, bent, ellipse, rounded
from grader.data.draw.chance import Chance


@dataclass(frozen=True, slots=True)
class Top:
    """The measures, in the plane from -1 to 1; shares and tones from 0 to 1."""

    top: float  # where the shoulders begin
    bottom: float  # the hem
    shoulder: float  # half widths
    chest: float
    waist: float
    hem: float
    neck: float
    scoop: float  # how deep the neck is cut
    pointed: bool  # V, not round
    sleeve: float  # length, 0 for none
    spread: float  # how far the sleeves stand off, radians from straight down
    cuff: float  # half width of a sleeve's end
    collar: str  # none, turtle, folded, lapels, hood
    opening: float  # length of a line down the front, share of the body; 0 for none
    gap: float  # how far it stands open
    buttons: int
    pockets: str  # none, chest, flaps
    ribs: float  # a band at hem and cuffs
    belt: float
    cloth: str  # plain, stripes, columns, checks, print, block, knit
    contrast: float
    pitch: float
    tone: float
    trim: float  # of collar and sleeves, relative to the body


def t_shirt(c: Chance) -> Top:
    sleeve = c.one_of((0.0, c.between(0.3, 0.5), c.between(0.5, 0.75)), (0.1, 0.7, 0.2))
    chest = c.near(0.47, 0.06)
    return Top(
        top=c.near(-0.85, 0.05), bottom=c.near(0.88, 0.06), shoulder=c.near(0.5, 0.05), chest=chest,
        waist=chest + c.near(-0.03, 0.03), hem=chest + c.near(0.0, 0.05), neck=c.near(0.21, 0.04),
        scoop=c.between(0.08, 0.34), pointed=c.happens(0.25), sleeve=sleeve, spread=c.near(0.8, 0.15),
        cuff=c.near(0.17, 0.02), collar=c.one_of(("none", "folded"), (0.88, 0.12)),
        opening=0.25 if c.happens(0.1) else 0.0, gap=0.0, buttons=c.one_of((0, 3), (0.8, 0.2)),
        pockets=c.one_of(("none", "chest"), (0.92, 0.08)), ribs=0.0, belt=0.0,
        cloth=c.one_of(("plain", "print", "stripes", "block", "columns"), (0.4, 0.38, 0.14, 0.06, 0.02)),
        contrast=c.between(0.2, 0.8), pitch=c.between(0.2, 0.5), tone=c.between(0.25, 1.0),
        trim=c.one_of((1.0, c.between(0.5, 1.3)), (0.75, 0.25)),
    )  # fmt: skip


def pullover(c: Chance) -> Top:
    chest = c.near(0.46, 0.05)
    return Top(
        top=c.near(-0.85, 0.05), bottom=c.near(0.84, 0.08), shoulder=c.near(0.47, 0.05), chest=chest,
        waist=chest + c.near(-0.01, 0.03), hem=chest + c.near(0.0, 0.05), neck=c.near(0.2, 0.04),
        scoop=c.between(0.04, 0.25), pointed=c.happens(0.2), sleeve=c.between(1.3, 1.6),
        spread=c.near(0.3, 0.09), cuff=c.near(0.12, 0.02),
        collar=c.one_of(("none", "turtle", "hood", "folded"), (0.68, 0.14, 0.12, 0.06)),
        opening=0.3 if c.happens(0.08) else 0.0, gap=0.0, buttons=0,
        pockets=c.one_of(("none", "flaps"), (0.94, 0.06)), ribs=c.one_of((0.0, 0.1, 0.15), (0.3, 0.4, 0.3)),
        belt=0.0, cloth=c.one_of(("plain", "knit", "stripes", "print", "block"), (0.38, 0.24, 0.16, 0.14, 0.08)),
        contrast=c.between(0.15, 0.6), pitch=c.between(0.18, 0.45), tone=c.between(0.25, 0.95),
        trim=c.one_of((1.0, c.between(0.6, 1.3)), (0.7, 0.3)),
    )  # fmt: skip


def coat(c: Chance) -> Top:
    chest = c.near(0.47, 0.05)
    return Top(
        top=c.near(-0.87, 0.04), bottom=c.near(0.93, 0.04), shoulder=c.near(0.47, 0.05), chest=chest,
        waist=chest + c.near(-0.04, 0.04), hem=chest + c.near(0.04, 0.06), neck=c.near(0.19, 0.03),
        scoop=c.between(0.05, 0.3), pointed=c.happens(0.6), sleeve=c.between(1.3, 1.6),
        spread=c.near(0.27, 0.08), cuff=c.near(0.14, 0.02),
        collar=c.one_of(("lapels", "folded", "hood", "turtle", "none"), (0.38, 0.22, 0.16, 0.12, 0.12)),
        opening=1.0 if c.happens(0.9) else 0.0, gap=c.one_of((0.0, c.between(0.03, 0.2)), (0.75, 0.25)),
        buttons=c.one_of((0, 4, 6), (0.55, 0.25, 0.2)),
        pockets=c.one_of(("none", "flaps", "chest"), (0.45, 0.45, 0.1)),
        ribs=c.one_of((0.0, 0.1), (0.85, 0.15)), belt=c.one_of((0.0, 0.07), (0.85, 0.15)),
        cloth=c.one_of(("plain", "knit", "checks", "quilt"), (0.68, 0.1, 0.07, 0.15)),
        contrast=c.between(0.15, 0.5), pitch=c.between(0.2, 0.4), tone=c.between(0.2, 0.85),
        trim=c.one_of((1.0, c.between(0.6, 1.2)), (0.75, 0.25)),
    )  # fmt: skip


def shirt(c: Chance) -> Top:
    long = c.happens(0.62)
    chest = c.near(0.46, 0.06)
    return Top(
        top=c.near(-0.86, 0.05), bottom=c.near(0.9, 0.06), shoulder=c.near(0.47, 0.05), chest=chest,
        waist=chest + c.near(-0.04, 0.04), hem=chest + c.near(0.02, 0.06), neck=c.near(0.19, 0.04),
        scoop=c.between(0.06, 0.4), pointed=c.happens(0.5),
        sleeve=c.between(1.2, 1.55) if long else c.between(0.25, 0.85),
        spread=c.near(0.29, 0.09) if long else c.near(0.7, 0.18),
        cuff=c.near(0.12, 0.02) if long else c.near(0.16, 0.02),
        collar=c.one_of(("folded", "none", "turtle"), (0.66, 0.28, 0.06)),
        opening=c.one_of((1.0, 0.4, 0.0), (0.6, 0.18, 0.22)), gap=0.0, buttons=c.one_of((0, 5, 7), (0.35, 0.35, 0.3)),
        pockets=c.one_of(("none", "chest"), (0.72, 0.28)), ribs=c.one_of((0.0, 0.07), (0.85, 0.15)), belt=0.0,
        cloth=c.one_of(
            ("plain", "columns", "checks", "stripes", "print", "knit"), (0.4, 0.12, 0.16, 0.1, 0.16, 0.06)
        ),
        contrast=c.between(0.15, 0.65), pitch=c.between(0.15, 0.4), tone=c.between(0.3, 1.0),
        trim=c.one_of((1.0, c.between(0.6, 1.3)), (0.8, 0.2)),
    )  # fmt: skip


def dress(c: Chance) -> Top:
    sleeve = c.one_of((0.0, c.between(0.15, 0.4), c.between(0.8, 1.3)), (0.5, 0.27, 0.23))
    chest = c.near(0.29, 0.04)
    hem = c.one_of((chest + c.near(0.0, 0.04), c.between(0.4, 0.7)), (0.5, 0.5))
    return Top(
        top=c.near(-0.93, 0.03), bottom=c.near(0.95, 0.02), shoulder=c.near(0.3, 0.04), chest=chest,
        waist=chest * c.between(0.72, 1.0), hem=hem, neck=c.near(0.17, 0.03), scoop=c.between(0.06, 0.4),
        pointed=c.happens(0.35), sleeve=sleeve, spread=c.near(0.22, 0.07), cuff=c.near(0.09, 0.015),
        collar=c.one_of(("none", "folded", "turtle"), (0.84, 0.1, 0.06)), opening=0.5 if c.happens(0.1) else 0.0,
        gap=0.0, buttons=0, pockets="none", ribs=0.0, belt=c.one_of((0.0, 0.06), (0.7, 0.3)),
        cloth=c.one_of(
            ("plain", "stripes", "print", "block", "columns", "knit"), (0.5, 0.1, 0.15, 0.1, 0.08, 0.07)
        ),
        contrast=c.between(0.2, 0.7), pitch=c.between(0.18, 0.45), tone=c.between(0.25, 1.0),
        trim=c.one_of((1.0, c.between(0.6, 1.3)), (0.8, 0.2)),
    )  # fmt: skip


def between_tops(one: Top, other: Top, c: Chance) -> Top:
    """Something that could be either: numbers in between, and each detail taken from one of the two."""
    share = c.between(0.3, 0.7)
    values: dict[str, object] = {}
    for field in fields(Top):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, float) and field.name not in ("opening", "ribs", "belt", "gap", "pitch"):
            values[field.name] = share * a + (1 - share) * b
        else:
            values[field.name] = c.one_of((a, b))
    return Top(**values)  # type: ignore[arg-type]


def draw_top(canvas: Canvas, t: Top, c: Chance) -> None:
    """Sleeves first, then the body over them, then what is sewn on."""
    lean = c.near(0.0, 0.015)  # nothing lies quite straight
    slope = c.near(0.13, 0.025)  # how far the shoulders fall
    arm = t.top + slope + c.near(0.38, 0.03) * (0.85 if t.chest < 0.36 else 1.0)
    middle = arm + (t.bottom - arm) * c.between(0.35, 0.5)
    right = [
        (t.neck, t.top),
        (t.shoulder, t.top + slope),
        (t.chest, arm),
        (t.waist, middle),
        ((t.waist + t.hem) / 2 + 0.01, (middle + t.bottom) / 2),
        (t.hem, t.bottom - 0.03),
        (t.hem * 0.6, t.bottom),
    ]
    body = np.array(right + [(-x + lean, y) for x, y in reversed(right)])
    tone = _cloth(t, c)
    if t.collar == "hood":
        canvas.cloth(ellipse(0, t.top + 0.02, t.neck + 0.12, 0.19), t.tone * 0.8)
    if t.sleeve:
        for side in (-1, 1):
            _sleeve(canvas, t, side, slope, arm, tone * (t.trim if t.cloth != "block" else 1.0), c)
    cover = canvas.cloth(body, tone, rim=0.2)
    _folds(canvas, cover, t, c)
    if t.sleeve:
        for side in (-1, 1):
            seam = [(side * t.shoulder, t.top + slope), (side * t.chest, arm)]
            canvas.darken(canvas.line(seam, 0.8), 0.3)
    if t.ribs:
        band = [
            (-t.hem, t.bottom - t.ribs),
            (t.hem, t.bottom - t.ribs),
            (t.hem, t.bottom),
            (-t.hem, t.bottom),
        ]
        canvas.darken(canvas.shape(band)[0], 0.25, cover)
    _neck(canvas, t, cover)
    _front(canvas, t, cover)
    if t.belt:
        canvas.darken(
            canvas.line([(-0.8, middle), (0.8, middle)], t.belt * 26), 0.5 if t.tone > 0.5 else -0.8, cover
        )


def _sleeve(canvas: Canvas, t: Top, side: int, slope: float, arm: float, tone: Field, c: Chance) -> None:
    start = np.array([t.shoulder, t.top + slope])
    pit = np.array([t.chest, arm])
    spread = t.spread + c.near(0, 0.03)
    along = np.array([np.sin(spread), np.cos(spread)])
    across = np.array([along[1], -along[0]])
    end = (start + pit) / 2 + along * t.sleeve * 0.85 - np.array([0.02, 0.0])
    elbow = (start + pit) / 2 + along * t.sleeve * 0.45 + across * c.between(0.0, 0.05)
    wide = (t.cuff + 0.16) / 2
    outline = [
        start,
        elbow + across * wide,
        end + across * t.cuff,
        end - across * t.cuff,
        elbow - across * wide,
        pit,
    ]
    points = np.array([start * 0.8 + np.array([0.0, 0.2 * start[1]]), *outline, pit * np.array([0.6, 1.0])])
    points[:, 0] *= side
    cover = canvas.cloth(points, tone * 0.93, rim=0.3)
    if t.ribs and t.sleeve > 1:
        cuff = np.array(
            [
                end + across * 0.2 - along * t.ribs,
                end - across * 0.2 - along * t.ribs,
                end - across * 0.2,
                end + across * 0.2,
            ]
        )
        cuff[:, 0] *= side
        canvas.darken(canvas.shape(cuff)[0], 0.25, cover)


def _cloth(t: Top, c: Chance) -> Field:
    """The tone of the cloth at each pixel: its pattern and a soft light."""
    tone = np.full(X.shape, t.tone)
    wave = 2 * np.pi / t.pitch
    phase = c.between(0, 6)
    match t.cloth:
        case "stripes":
            tone = t.tone * (1 - t.contrast * 0.5 * (1 + np.clip(2.5 * np.sin(wave * Y + phase), -1, 1)))
        case "columns":
            tone = t.tone * (1 - t.contrast * 0.4 * (1 + np.sin(wave * X + phase)))
        case "checks":
            both = np.sin(wave * X + phase) + np.sin(wave * Y + phase)
            tone = t.tone * (1 - t.contrast * 0.3 * (2 - both) / 2)
        case "knit":
            tone = t.tone * (1 - 0.12 * (1 + np.sin(19 * Y + phase)))
        case "quilt":
            tone = t.tone * (1 - 0.35 * np.clip(np.sin(15 * Y + phase), 0.3, 1))
        case "block":
            edge = c.between(-0.3, 0.4)
            step = np.clip((Y - edge) * 8, 0, 1)
            other = c.between(0.2, 1.0)
            tone = t.tone * (1 - step) + other * step
        case "print":
            x, y, wide, high = c.near(0, 0.04), c.near(-0.1, 0.12), c.between(0.12, 0.3), c.between(0.08, 0.3)
            spot = np.clip(1.6 - 1.4 * (((X - x) / wide) ** 2 + ((Y - y) / high) ** 2), 0, 1)
            mark = np.sin(c.between(6, 16) * X + phase) * np.sin(c.between(6, 16) * Y + phase)
            other = 1.0 if t.tone < 0.55 else t.tone * (1 - t.contrast)
            tone = t.tone + (other - t.tone) * spot * (0.65 + 0.35 * mark)
        case _:
            pass
    light = c.between(0.0, 0.1) * np.sin(c.between(1, 3) * X + c.between(1, 3) * Y + c.between(0, 6))
    return tone * (1 + light)


def _folds(canvas: Canvas, cover: Field, t: Top, c: Chance) -> None:
    for _ in range(c.one_of((0, 1, 2, 3))):
        x, y = c.between(-0.3, 0.3), c.between(-0.1, 0.8)
        line = [(x, y), (x + c.near(0, 0.08), y - c.between(0.2, 0.6))]
        canvas.darken(canvas.line(line, 1.2), c.between(0.05, 0.2), cover)


def _neck(canvas: Canvas, t: Top, cover: Field) -> None:
    low = t.top + t.scoop
    if t.pointed:
        cut = np.array(
            [(-t.neck, t.top - 0.1), (t.neck, t.top - 0.1), (t.neck, t.top), (0, low), (-t.neck, t.top)]
        )
    else:
        inner = [
            (t.neck, t.top - 0.1),
            (t.neck, t.top),
            (t.neck * 0.85, low),
            (-t.neck * 0.85, low),
            (-t.neck, t.top),
            (-t.neck, t.top - 0.1),
        ]
        cut = rounded(inner, 2)
    edge = 0.85 * t.tone * t.trim
    if t.collar in ("none", "lapels", "folded"):
        inside, _ = canvas.shape(cut)
        canvas.paint(inside, 0.0)
        back = np.array(
            [
                (-t.neck, t.top - 0.05),
                (t.neck, t.top - 0.05),
                (t.neck, t.top),
                (0, t.top + 0.09),
                (-t.neck, t.top),
            ]
        )
        canvas.paint(np.minimum(canvas.shape(back)[0], inside), 0.45 * t.tone)
        if t.collar == "none":
            rim = cut[2:] if t.pointed else cut[3:-3]
            canvas.paint(canvas.line(rim, 1.1) * np.maximum(cover, 0.0) * 0.7, edge)
    if t.collar == "turtle":
        canvas.cloth(
            [
                (-t.neck, t.top - 0.12),
                (t.neck, t.top - 0.12),
                (t.neck * 1.05, t.top + 0.06),
                (-t.neck * 1.05, t.top + 0.06),
            ],
            edge,
        )
        canvas.darken(canvas.line([(-t.neck, t.top + 0.07), (t.neck, t.top + 0.07)], 0.8), 0.35)
    if t.collar == "hood":
        canvas.paint(canvas.shape(ellipse(0, t.top + 0.03, t.neck * 0.75, 0.11))[0], 0.35 * t.tone)
        for side in (-1, 1):
            canvas.darken(canvas.line([(side * 0.06, t.top + 0.13), (side * 0.07, t.top + 0.45)], 0.7), 0.45)
    if t.collar in ("folded", "lapels"):
        down = low + (0.35 if t.collar == "lapels" else 0.03)
        out = t.neck + (0.1 if t.collar == "lapels" else 0.04)
        for side in (-1, 1):
            leaf = [
                (side * t.neck * 0.8, t.top - 0.06),
                (side * out, t.top + 0.12),
                (side * out * 0.75, t.top + 0.24),
                (side * 0.01, down),
                (side * t.neck * 0.6, t.top + 0.06),
            ]
            canvas.cloth(leaf, min(edge * 1.12, 1.0), rim=0.35, depth=1.2)


def _front(canvas: Canvas, t: Top, cover: Field) -> None:
    begin = t.top + (t.scoop if t.collar in ("none", "folded", "lapels") else 0.1)
    if t.opening:
        end = begin + (t.bottom - begin) * t.opening
        if t.gap:
            wedge = [(0.0, begin), (t.gap, t.bottom + 0.05), (-t.gap, t.bottom + 0.05)]
            canvas.paint(canvas.shape(wedge)[0], 0.0)
        canvas.darken(
            canvas.line(bent([(0.0, begin), (0.01, (begin + end) / 2), (0.0, end)]), 0.8), 0.5, cover
        )
        for number in range(t.buttons):
            y = begin + (end - begin) * (number + 0.5) / t.buttons
            dot = canvas.shape(ellipse(0.06, y, 0.035, 0.035))[0]
            canvas.darken(dot, 0.6 if t.tone > 0.45 else -1.0, cover)
    if t.pockets == "chest":
        place = t.top + 0.62
        box = [
            (0.12, place),
            (0.32, place),
            (0.32, place + 0.2),
            (0.22, place + 0.24),
            (0.12, place + 0.2),
            (0.12, place),
        ]
        canvas.darken(canvas.line(box, 0.6), 0.35, cover)
    elif t.pockets == "flaps":
        place = t.bottom - 0.5
        for side in (-1, 1):
            line = [(side * t.hem * 0.4, place + 0.05), (side * t.hem * 0.85, place - 0.02)]
            canvas.darken(canvas.line(line, 1.2), 0.45, cover)
