"""S is one-to-one, so y = p means z = log(p / (1 - p)), and this is the equation of a line with normal (w0, w1).

The foot point c·(w0, w1)/|w|², with c = logit(p) - b, lies on the line nearest to the origin; (-w1, w0) runs along it.
"""

# %% solution
import math


def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b  # w0·x0 + w1·x1 = c
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - t * w1, c * w1 / norm2 + t * w0


def level_gap(w0, w1, p, q):
    return abs(math.log(p / (1 - p)) - math.log(q / (1 - q))) / math.hypot(w0, w1)


straight_activations = {"a", "b", "c"}

level_lines_explanation = """
The sigmoid is strictly increasing, so each value p is taken at exactly one z: y = p is the same as z = log(p/(1-p)).
But z = w0 x0 + w1 x1 + b is linear in the coordinates, and w0 x0 + w1 x1 = log(p/(1-p)) - b is a straight line.
The left-hand side, and so the normal vector (w0, w1), is the same for every p: the lines are parallel. Two of them are
|logit p - logit q| / |(w0, w1)| apart: large weights mean narrow spacing, and equal steps of p do not mean equal distances.
"""

# %% rubric: level_lines_explanation
# 1    S is strictly increasing (one-to-one), so y = p is the same as z = S⁻¹(p) = log(p/(1-p))
# 1    z is linear in x0 and x1, so this is the equation of a straight line
# 0.5  all levels have the normal vector (w0, w1) in common, hence they are parallel
# 0.5  the spacing is set by the difference of the logits and by the length of (w0, w1)


# %% right: cases w1 == 0 and w1 != 0, solved for x1; NumPy scalars
import numpy as np


def level_point(w0, w1, b, p, t):
    z = np.log(p) - np.log(1 - p)
    if w1 == 0:
        return (z - b) / w0, np.float64(t)
    return np.float64(t), (z - b - w0 * t) / w1


def level_gap(w0, w1, p, q):
    return np.abs(np.log(p * (1 - q) / (q * (1 - p)))) / np.linalg.norm([w0, w1])


straight_activations = ["c", "b", "a"]

# %% right: arc length as the parameter, torch tensors in float64
import torch


def level_point(w0, w1, b, p, t):
    w = torch.tensor([w0, w1], dtype=torch.float64)
    n = w / w.norm()
    along = torch.stack([n[1], -n[0]])
    return (torch.logit(torch.tensor(p, dtype=torch.float64)) - b) / w.norm() * n + t * along


def level_gap(w0, w1, p, q):
    z = torch.logit(torch.tensor([p, q], dtype=torch.float64))
    return torch.dist(z[0], z[1]) / torch.tensor([w0, w1], dtype=torch.float64).norm()


straight_activations = "a, b, c"


# %% right: in torch's default precision, returned as it is
import torch


def level_point(w0, w1, b, p, t):
    c = torch.log(torch.tensor(p) / (1 - torch.tensor(p))) - b
    n2 = torch.tensor(w0) ** 2 + torch.tensor(w1) ** 2
    return c * w0 / n2 - t * w1, c * w1 / n2 + t * w0


def level_gap(w0, w1, p, q):
    z = torch.logit(torch.tensor([p, q]))
    return (z[0] - z[1]).abs() / torch.tensor([w0, w1]).norm()


# %% right: another starting point, backwards, twice as fast, as a list; S inverted by bisection
def level_point(w0, w1, b, p, t):
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        if 1 / (1 + math.exp(-middle)) < p:
            low = middle
        else:
            high = middle
    u = (low - b) / (w0 * w0 + w1 * w1)
    s = 7 - 2 * t
    return [w0 * u - w1 * s, w1 * u + w0 * s]


def level_gap(w0, w1, p, q):
    a, b = level_point(w0, w1, 0, p, 0), level_point(w0, w1, 0, q, 0)
    return math.dist(a, b)


# %% right: the plane as complex numbers
def level_point(w0, w1, b, p, t):
    w = complex(w0, w1)
    point = (math.log(p) - math.log1p(-p) - b) / w.conjugate() + 1j * t * w / abs(w)
    return point.real, point.imag


def level_gap(w0, w1, p, q):
    return abs(2 * math.atanh(2 * p - 1) - 2 * math.atanh(2 * q - 1)) / abs(complex(w0, w1))


# %% right: SciPy's logit, least squares for the foot point, a NumPy array
import numpy as np
from scipy.special import logit


def level_point(w0, w1, b, p, t):
    foot = np.linalg.lstsq(np.array([[w0, w1]]), np.array([logit(p) - b]), rcond=None)[0]
    return foot + np.array([[0, -1], [1, 0]]) @ np.array([w0, w1]) * t


def level_gap(w0, w1, p, q):
    return np.linalg.norm(level_point(w0, w1, 0, p, 0) - level_point(w0, w1, 0, q, 0))


# %% right: solved for the coordinate with the larger weight, a named tuple
from collections import namedtuple

Point = namedtuple("Point", "x0 x1")


def level_point(w0, w1, b, p, t):
    z = -math.log(1 / p - 1)
    if abs(w0) > abs(w1):
        return Point(x0=(z - b - w1 * t) / w0, x1=t)
    return Point(x0=1 - t, x1=(z - b - w0 * (1 - t)) / w1)


def level_gap(w0, w1, p, q):
    logits = sorted(-math.log(1 / level - 1) for level in (p, q))
    return (logits[1] - logits[0]) / (w0 * w0 + w1 * w1) ** 0.5


# %% wrong: divides by w1 -> level_point
def level_point(w0, w1, b, p, t):
    return t, (math.log(p / (1 - p)) - b - w0 * t) / w1


# %% wrong: divides by w0 -> level_point
def level_point(w0, w1, b, p, t):
    return (math.log(p / (1 - p)) - b - w1 * t) / w0, t


# %% wrong: z = p instead of y = p -> level_point
def level_point(w0, w1, b, p, t):
    c = p - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - t * w1, c * w1 / norm2 + t * w0


# %% wrong: sign of the logit, the probability is 1 - p -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log((1 - p) / p) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - t * w1, c * w1 / norm2 + t * w0


# %% wrong: the line of probability 0.5 for every p -> level_point
def level_point(w0, w1, b, p, t):
    norm2 = w0**2 + w1**2
    return -b * w0 / norm2 - t * w1, -b * w1 / norm2 + t * w0


# %% wrong: moves along (w0, w1), across the line -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 + t * w0, c * w1 / norm2 + t * w1


# %% wrong: right at t = 0 only, the weights are not swapped -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - t * w0, c * w1 / norm2 + t * w1


# %% wrong: one fixed point of the line -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2, c * w1 / norm2


# %% wrong: the speed changes, and only a part of the line is reached -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - math.tanh(t) * w1, c * w1 / norm2 + math.tanh(t) * w0


# %% wrong: t squared, one half of the line, twice -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - t**2 * w1, c * w1 / norm2 + t**2 * w0


# %% wrong: the bias is forgotten -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p))
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - t * w1, c * w1 / norm2 + t * w0


# %% wrong: divided by the length of the weights, not by its square -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm = math.hypot(w0, w1)
    return c * w0 / norm - t * w1, c * w1 / norm + t * w0


# %% wrong: the coordinates exchanged -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w1 / norm2 + t * w0, c * w0 / norm2 - t * w1


# %% wrong: a random point of the line -> level_point
import random


def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    t = random.uniform(-10, 10)
    return c * w0 / norm2 - t * w1, c * w1 / norm2 + t * w0


# %% wrong: only a half-line, since t enters by its size -> level_point
def level_point(w0, w1, b, p, t):
    c = math.log(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - abs(t) * w1, c * w1 / norm2 + abs(t) * w0


# %% wrong: the sum of the sizes in place of the length -> level_gap
def level_gap(w0, w1, p, q):
    return abs(math.log(p / (1 - p)) - math.log(q / (1 - q))) / (abs(w0) + abs(w1))


# %% wrong: logarithm to the base 10 -> level_point, level_gap
def level_point(w0, w1, b, p, t):
    c = math.log10(p / (1 - p)) - b
    norm2 = w0**2 + w1**2
    return c * w0 / norm2 - t * w1, c * w1 / norm2 + t * w0


def level_gap(w0, w1, p, q):
    return abs(math.log10(p / (1 - p)) - math.log10(q / (1 - q))) / math.hypot(w0, w1)


# %% wrong: zeros -> level_point, level_gap
def level_point(w0, w1, b, p, t):
    return 0.0, 0.0


def level_gap(w0, w1, p, q):
    return 0.0


# %% wrong: not divided by the length of the weights -> level_gap
def level_gap(w0, w1, p, q):
    return abs(math.log(p / (1 - p)) - math.log(q / (1 - q)))


# %% wrong: the difference of the probabilities -> level_gap
def level_gap(w0, w1, p, q):
    return abs(p - q) / math.hypot(w0, w1)


# %% wrong: with a sign -> level_gap
def level_gap(w0, w1, p, q):
    return (math.log(p / (1 - p)) - math.log(q / (1 - q))) / math.hypot(w0, w1)


# %% wrong: divided by w0² + w1² -> level_gap
def level_gap(w0, w1, p, q):
    return abs(math.log(p / (1 - p)) - math.log(q / (1 - q))) / (w0**2 + w1**2)


# %% wrong: the vertical distance, along x1 -> level_gap
def level_gap(w0, w1, p, q):
    return abs(math.log(p / (1 - p)) - math.log(q / (1 - q))) / abs(w1) if w1 else 0.0


# %% wrong: the ReLU too, though its value 0 is taken on a half-plane -> straight_activations
straight_activations = {"a", "b", "c", "d"}

# %% wrong: z cubed is thought to bend the lines -> straight_activations
straight_activations = {"a", "c"}

# %% wrong: everything -> straight_activations
straight_activations = {"a", "b", "c", "d", "e", "f"}
