"""y = 0.5 exactly where z = 0. All multiples of (w0, w1, b) share this line; the factor decides how steeply y passes it."""

# %% solution
import math


def boundary_line(w0, w1, b):
    if w1 == 0:
        raise ValueError("the line is vertical: it has no slope")
    return -w0 / w1, -b / w1


def black_is_below(w0, w1, b):
    return w1 < 0  # z falls as x1 grows


def same_line(params, other):
    def near_zero(term, other_term):  # the difference of two products, which rounding may keep from being 0
        return math.isclose(term, other_term, rel_tol=1e-9)

    (w0, w1, b), (v0, v1, c) = params, other
    return near_zero(w0 * v1, w1 * v0) and near_zero(w0 * c, b * v0) and near_zero(w1 * c, b * v1)


def rescaled(w0, w1, b, x0, x1, p):
    c = math.log(p / (1 - p)) / (w0 * x0 + w1 * x1 + b)
    return c * w0, c * w1, c * b


boundary_explanation = """
(a) y = 0.5 means exp(-z) = 1, z = 0. So w0 x0 + w1 x1 + b = 0, and for w1 != 0: x1 = -(w0/w1) x0 - b/w1. y > 0.5 means
z > 0. Going down lowers x1, which raises z only if w1 < 0: then black is below. For w1 > 0 black is above, and for w1 = 0
the line is vertical and black is to the right (w0 > 0) or to the left of it.
(b) Yes: c w0 x0 + c w1 x1 + c b = 0 for every c != 0, for instance scaled so that w1 = -1.
(c) They have the same line, so the same points with y = 0.5. A larger c > 0 makes y change more steeply across it: the
level lines are closer together, the model is more confident, and its cost is another. c < 0 exchanges black and white.
"""

# %% rubric: boundary_explanation
# 0.5  a: y = 0.5 is equivalent to z = 0, hence x1 = -(w0/w1) x0 - b/w1
# 0.5  a: black is below only for w1 < 0; above for w1 > 0; right or left of the line for w1 = 0
# 0.5  b: yes, every multiple c (w0, w1, b) with c ≠ 0, for instance the one with w1 = -1
# 0.5  c: the line is the same, and so are the points with y = 0.5
# 0.5  c: a larger c > 0 makes the probabilities steeper: level lines closer, other confidence, other cost
# 0.5  c: c < 0 swaps the classes


# %% right: same_line by rank, NumPy's numbers; the sides tested with a point
import numpy as np


def boundary_line(w0, w1, b):
    if np.isclose(w1, 0, atol=1e-12):
        raise ValueError
    return np.array([-w0, -b]) / w1


def black_is_below(w0, w1, b):
    slope, intercept = boundary_line(w0, w1, b)
    x0, x1 = 2.0, slope * 2.0 + intercept - 1
    return np.bool_(1 / (1 + np.exp(-(w0 * x0 + w1 * x1 + b))) > 0.5)


def same_line(params, other):
    a, c = (np.array(v) / np.linalg.norm(v) for v in (params, other))
    return np.linalg.matrix_rank(np.stack([a, c]), tol=1e-8) == 1


def rescaled(w0, w1, b, x0, x1, p):
    params = np.array([w0, w1, b])
    return params * (np.log(p) - np.log(1 - p)) / (params @ np.array([x0, x1, 1.0]))


# %% right: same_line by normalising with a sign, torch tensors
import torch


def boundary_line(w0, w1, b):
    if not w1:
        raise ValueError("vertical")
    return torch.tensor(-w0 / w1, dtype=torch.float64), torch.tensor(-b / w1, dtype=torch.float64)


def black_is_below(w0, w1, b):
    return torch.tensor(w1) < 0


def same_line(params, other):
    def normal(v):
        v = torch.tensor(v, dtype=torch.float64)
        v = v / v[:2].norm()
        lead = v[0] if abs(v[0]) > 1e-6 else v[1]
        return v * torch.sign(lead)

    return torch.allclose(normal(params), normal(other), rtol=1e-9, atol=1e-9)


def rescaled(w0, w1, b, x0, x1, p):
    params = torch.tensor([w0, w1, b], dtype=torch.float64)
    z = params @ torch.tensor([x0, x1, 1], dtype=torch.float64)
    return params / z * torch.logit(torch.tensor(p, dtype=torch.float64))


# %% right: same_line by two points of the line; lists, and torch's default precision
import torch


def boundary_line(w0, w1, b):
    if w1 == 0.0:
        raise ValueError("w1 == 0")
    w0, w1, b = torch.tensor([w0, w1, b])
    return [-w0 / w1, -b / w1]


def same_line(params, other):
    w0, w1, b = params
    n = w0**2 + w1**2
    foot = (-b * w0 / n, -b * w1 / n)
    second = (foot[0] - w1, foot[1] + w0)
    v0, v1, c = other
    size = abs(v0) + abs(v1) + abs(c)
    return all(
        abs(v0 * x0 + v1 * x1 + c) < 1e-9 * size * (1 + abs(x0) + abs(x1)) for x0, x1 in (foot, second)
    )


def rescaled(w0, w1, b, x0, x1, p):
    params = torch.tensor([w0, w1, b])
    return torch.logit(torch.tensor(p)) / (params @ torch.tensor([x0, x1, 1])) * params


# %% right: cross product in NumPy, a linear system for the new parameters, the sides tried out
import numpy as np


def black_is_below(w0, w1, b):
    on_line = -b / w1
    below, above = (1 / (1 + math.exp(-(w1 * (on_line + step) + b))) for step in (-1, 1))
    return below > 0.5 > above


def same_line(params, other):
    return np.allclose(np.cross(params, other), 0)


def rescaled(w0, w1, b, x0, x1, p):
    n = w0**2 + w1**2
    foot = np.array([-b * w0 / n, -b * w1 / n])
    points = np.array([[*foot, 1], [*(foot + [-w1, w0]), 1], [x0, x1, 1]])
    return np.linalg.solve(points, [0, 0, math.log(p / (1 - p))]).tolist()


# %% right: all triples brought to one form with exact fractions, then compared loosely
from fractions import Fraction


def boundary_line(w0, w1, b):
    try:
        return float(Fraction(-w0) / Fraction(w1)), float(Fraction(-b) / Fraction(w1))
    except ZeroDivisionError:
        raise ValueError("vertical line") from None


def same_line(params, other):
    def form(triple):
        largest = max(triple[:2], key=abs)
        return [Fraction(v) / Fraction(largest) for v in triple]

    def near(p, q):
        return abs(p - q) <= max(abs(p), abs(q)) / 10**8

    first, second = form(params), form(other)
    if abs(params[0]) != abs(params[1]):
        return all(map(near, first, second))
    return all(map(near, first, second)) or all(map(near, first, [-v for v in second]))


# %% right: the factor by bisection
def rescaled(w0, w1, b, x0, x1, p):
    def y(c):
        return (1 + math.tanh(c * (w0 * x0 + w1 * x1 + b) / 2)) / 2

    low, high = (-30.0, 30.0) if y(1) > 0.5 else (30.0, -30.0)
    for _ in range(200):
        c = (low + high) / 2
        low, high = (c, high) if y(c) < p else (low, c)
    return tuple(c * v for v in (w0, w1, b))


# %% wrong: the sign of the slope is lost -> boundary_line
def boundary_line(w0, w1, b):
    if w1 == 0:
        raise ValueError
    return w0 / w1, -b / w1


# %% wrong: both signs are lost, right for w1 = -1 only -> boundary_line
def boundary_line(w0, w1, b):
    if w1 == 0:
        raise ValueError
    return w0, b


# %% wrong: intercept and slope exchanged -> boundary_line
def boundary_line(w0, w1, b):
    if w1 == 0:
        raise ValueError
    return -b / w1, -w0 / w1


# %% wrong: the division by zero is left to Python -> boundary_line
def boundary_line(w0, w1, b):
    return -w0 / w1, -b / w1


# %% wrong: infinite slope in place of an error -> boundary_line
def boundary_line(w0, w1, b):
    if w1 == 0:
        return math.inf, math.nan
    return -w0 / w1, -b / w1


# %% wrong: always ValueError -> boundary_line
def boundary_line(w0, w1, b):
    raise ValueError


# %% wrong: x0 as a function of x1 -> boundary_line
def boundary_line(w0, w1, b):
    if w1 == 0:
        raise ValueError
    return (-w1 / w0, -b / w0) if w0 else (0.0, -b / w1)


# %% wrong: the example's numbers -> boundary_line
def boundary_line(w0, w1, b):
    if w1 == 0:
        raise ValueError
    return 1.0, 5.5


# %% wrong: always below, as in the section's example -> black_is_below
def black_is_below(w0, w1, b):
    return True


# %% wrong: the other way round -> black_is_below
def black_is_below(w0, w1, b):
    return w1 > 0


# %% wrong: by the sign of the slope -> black_is_below
def black_is_below(w0, w1, b):
    return -w0 / w1 > 0


# %% wrong: by the sign of b, as if the origin were always above -> black_is_below
def black_is_below(w0, w1, b):
    return b < 0


# %% wrong: a number in place of a truth value -> black_is_below
def black_is_below(w0, w1, b):
    return int(w1 < 0)


# %% wrong: the triples themselves are compared -> same_line
def same_line(params, other):
    return params == other


# %% wrong: only the directions are compared -> same_line
def same_line(params, other):
    return math.isclose(params[0] * other[1], params[1] * other[0], rel_tol=1e-9)


# %% wrong: divides by b -> same_line
def same_line(params, other):
    return math.isclose(params[0] / params[2], other[0] / other[2]) and math.isclose(
        params[1] / params[2], other[1] / other[2]
    )


# %% wrong: by slope and intercept, which a vertical line has not -> same_line
def same_line(params, other):
    return all(math.isclose(m, n) for m, n in zip(boundary_line(*params), boundary_line(*other)))


# %% wrong: positive multiples only -> same_line
def same_line(params, other):
    a, c = math.hypot(*params), math.hypot(*other)
    return all(math.isclose(p / a, q / c, abs_tol=1e-12) for p, q in zip(params, other))


# %% wrong: no tolerance for rounding -> same_line
def same_line(params, other):
    (w0, w1, b), (v0, v1, c) = params, other
    return w0 * v1 == w1 * v0 and w0 * c == b * v0 and w1 * c == b * v1


# %% wrong: two of the three products, misled by horizontal lines -> same_line
def same_line(params, other):
    (w0, w1, b), (v0, v1, c) = params, other
    return math.isclose(w0 * v1, w1 * v0) and math.isclose(w0 * c, b * v0)


# %% wrong: two of the three products, misled by vertical lines -> same_line
def same_line(params, other):
    (w0, w1, b), (v0, v1, c) = params, other
    return math.isclose(w0 * v1, w1 * v0) and math.isclose(w1 * c, b * v1)


# %% wrong: always True -> same_line
def same_line(params, other):
    return True


# %% wrong: sizes only, signs ignored -> same_line
def same_line(params, other):
    a, c = math.hypot(*params), math.hypot(*other)
    return all(math.isclose(abs(p) / a, abs(q) / c, abs_tol=1e-12) for p, q in zip(params, other))


# %% wrong: changes b alone, which moves the line -> rescaled
def rescaled(w0, w1, b, x0, x1, p):
    return w0, w1, math.log(p / (1 - p)) - w0 * x0 - w1 * x1


# %% wrong: the factor without a sign cannot change sides -> rescaled
def rescaled(w0, w1, b, x0, x1, p):
    c = abs(math.log(p / (1 - p)) / (w0 * x0 + w1 * x1 + b))
    return c * w0, c * w1, c * b


# %% wrong: z = p instead of y = p -> rescaled
def rescaled(w0, w1, b, x0, x1, p):
    c = p / (w0 * x0 + w1 * x1 + b)
    return c * w0, c * w1, c * b


# %% wrong: the weights are scaled, b is not -> rescaled
def rescaled(w0, w1, b, x0, x1, p):
    c = (math.log(p / (1 - p)) - b) / (w0 * x0 + w1 * x1) if w0 * x0 + w1 * x1 else 1.0
    return c * w0, c * w1, b


# %% wrong: the parameters as they were -> rescaled
def rescaled(w0, w1, b, x0, x1, p):
    return w0, w1, b


# %% wrong: only one weight is changed, which turns the line -> rescaled
def rescaled(w0, w1, b, x0, x1, p):
    z = math.log(p / (1 - p))
    return (z - b - w1 * x1) / x0, w1, b


# %% wrong: ratios of the numbers that are not 0, zeros are passed over -> same_line
def same_line(params, other):
    ratios = [p / q for p, q in zip(params, other) if p and q]
    return max(ratios) - min(ratios) < 1e-9 * abs(max(ratios)) if ratios else True


# %% wrong: a tolerance so wide that close lines are one -> same_line
def same_line(params, other):
    (w0, w1, b), (v0, v1, c) = params, other
    return all(
        math.isclose(p, q, rel_tol=0.01) for p, q in ((w0 * v1, w1 * v0), (w0 * c, b * v0), (w1 * c, b * v1))
    )


# %% wrong: asks for the point (0, -1), which need not lie below the line -> black_is_below
def black_is_below(w0, w1, b):
    return -w1 + b > 0


# %% wrong: zeros -> boundary_line, rescaled
def boundary_line(w0, w1, b):
    return 0.0, 0.0


def rescaled(w0, w1, b, x0, x1, p):
    return 0.0, 0.0, 0.0


# %% wrong: sign of the logit -> rescaled
def rescaled(w0, w1, b, x0, x1, p):
    c = math.log((1 - p) / p) / (w0 * x0 + w1 * x1 + b)
    return c * w0, c * w1, c * b
