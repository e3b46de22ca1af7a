"""y - y² = y(1 - y) is just what ∂y/∂z multiplies with: the two cancel, and y - yt is left.

So nothing is divided any more. At y = 0 and y = 1, where the factors are infinite and 0, the product is finite.
"""

# %% solution
import math


def gradient_from_y(y, x0, x1, yt):
    return (y - yt) * x0, (y - yt) * x1, y - yt


def gradient_of_H(w0, w1, b, x0, x1, yt):
    y = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b)))
    return (y - yt) * x0, (y - yt) * x1, y - yt


gradient_derivation = """
dH/dw0 = -(yt - y)/(y - y²) · y(1 - y) · x0. Since y - y² = y(1 - y), the second factor cancels the denominator of the first:
dH/dw0 = -(yt - y) x0 = (y - yt) x0. In the same way dH/dw1 = (y - yt) x1, and with dz/db = 1, dH/db = y - yt.
"""

# %% rubric: gradient_derivation
# 1    y - y² is recognised as y(1 - y)
# 1    it is cancelled against ∂y/∂z
# 1    the three components (y - yt)·x0, (y - yt)·x1 and y - yt are stated


# %% right: with -(yt - y), as a list; y by the hyperbolic tangent
def gradient_from_y(y, x0, x1, yt):
    delta = -(yt - y)
    return [x * delta for x in (x0, x1, 1)]


def gradient_of_H(w0, w1, b, x0, x1, yt):
    y = (1 + math.tanh((w0 * x0 + w1 * x1 + b) / 2)) / 2
    return gradient_from_y(y, x0, x1, yt)


# %% right: NumPy arrays, and the quotient in gradient_of_H, where it does no harm
import numpy as np


def gradient_from_y(y, x0, x1, yt):
    return (y - yt) * np.array([x0, x1, 1.0])


def gradient_of_H(w0, w1, b, x0, x1, yt):
    y = 1 / (1 + np.exp(-np.dot([w0, w1, b], [x0, x1, 1])))
    return -(yt - y) / (y - y**2) * y * (1 - y) * np.array([x0, x1, 1.0])


# %% right: torch tensors in float64
import torch


def gradient_from_y(y, x0, x1, yt):
    return torch.tensor([x0, x1, 1], dtype=torch.float64) * (y - yt)


def gradient_of_H(w0, w1, b, x0, x1, yt):
    x = torch.tensor([x0, x1, 1], dtype=torch.float64)
    y = torch.sigmoid(torch.tensor([w0, w1, b], dtype=torch.float64) @ x)
    return x * y - x * yt


# %% right: torch in its default precision, a tuple of tensors
import torch


def gradient_from_y(y, x0, x1, yt):
    y, x0, x1, yt = map(torch.tensor, (y, x0, x1, yt))
    return x0 * (y - yt), x1 * (y - yt), y - yt


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(float(torch.sigmoid(torch.tensor(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% right: the two labels apart, and the soft ones between them
def gradient_from_y(y, x0, x1, yt):
    black, white = y - 1, y
    return tuple((yt * black + (1 - yt) * white) * x for x in (x0, x1, 1.0))


# %% right: a loop, exact fractions for the difference
from fractions import Fraction


def gradient_from_y(y, x0, x1, yt):
    delta = float(Fraction(y) - Fraction(yt))
    gradient = []
    for x in (x0, x1):
        gradient.append(delta * x)
    return gradient + [delta]


# %% right: y by logaddexp, a dictionary's values as a tuple
import numpy as np


def gradient_of_H(w0, w1, b, x0, x1, yt):
    y = np.exp(-np.logaddexp(0, -(w0 * x0 + w1 * x1 + b)))
    return tuple({"w0": (y - yt) * x0, "w1": (y - yt) * x1, "b": y - yt}.values())


# %% right: a product that is expanded, with a named tuple
from collections import namedtuple

Gradient = namedtuple("Gradient", "w0 w1 b")


def gradient_from_y(y, x0, x1, yt):
    return Gradient(y * x0 - yt * x0, y * x1 - yt * x1, y - yt)


# %% wrong: the order b, w0, w1 -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    return y - yt, (y - yt) * x0, (y - yt) * x1


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: z in place of y -> gradient_of_H
def gradient_of_H(w0, w1, b, x0, x1, yt):
    z = w0 * x0 + w1 * x1 + b
    return (z - yt) * x0, (z - yt) * x1, z - yt


# %% wrong: nothing but the first two components -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    return (y - yt) * x0, (y - yt) * x1


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: sign reversed -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    return (yt - y) * x0, (yt - y) * x1, yt - y


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: gradient of the squared error -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    d = (y - yt) * y * (1 - y)
    return d * x0, d * x1, d


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: not simplified, 0/0 at the ends -> gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    d = -(yt - y) / (y - y**2) * y * (1 - y)
    return d * x0, d * x1, d


# %% wrong: not simplified, in NumPy, nan at the ends -> gradient_from_y
import numpy as np


def gradient_from_y(y, x0, x1, yt):
    with np.errstate(all="ignore"):
        d = -(yt - np.float64(y)) / (np.float64(y) - y**2) * y * (1 - y)
    return d * np.array([x0, x1, 1])


# %% wrong: a small number is added to the denominator -> gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    d = -(yt - y) / (y - y**2 + 1e-12) * y * (1 - y)
    return d * x0, d * x1, d


# %% wrong: y is kept away from the ends -> gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    y = min(max(y, 1e-7), 1 - 1e-7)
    return (y - yt) * x0, (y - yt) * x1, y - yt


# %% wrong: the ends by a case of their own, the quotient elsewhere -> gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    if y in (0, 1):
        d = y - yt
    else:
        d = -(yt - y) / (y - y**2) * y * (1 - y)
    return d * x0, d * x1, d


# %% wrong: the component of b multiplied by b -> gradient_of_H
def gradient_of_H(w0, w1, b, x0, x1, yt):
    y = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b)))
    return (y - yt) * x0, (y - yt) * x1, (y - yt) * b


# %% wrong: the component of b multiplied by x -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    return (y - yt) * x0, (y - yt) * x1, (y - yt) * x0 * x1


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: multiplied by the weights -> gradient_of_H
def gradient_of_H(w0, w1, b, x0, x1, yt):
    y = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b)))
    return (y - yt) * w0, (y - yt) * w1, y - yt


# %% wrong: hard labels only -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    d = y - 1 if yt >= 0.5 else y
    return d * x0, d * x1, d


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: the bias is forgotten in z -> gradient_of_H
def gradient_of_H(w0, w1, b, x0, x1, yt):
    y = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1)))
    return gradient_from_y(y, x0, x1, yt)


# %% wrong: only the factor of the chain rule that is left, without x -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    return (y - yt,) * 3


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: zeros -> gradient_of_H, gradient_from_y
def gradient_from_y(y, x0, x1, yt):
    return 0.0, 0.0, 0.0


def gradient_of_H(w0, w1, b, x0, x1, yt):
    return gradient_from_y(1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b))), x0, x1, yt)


# %% wrong: autograd in place of a formula -> gradient_of_H
import torch


def gradient_of_H(w0, w1, b, x0, x1, yt):
    p = torch.tensor([w0, w1, b], dtype=torch.float64, requires_grad=True)
    z = p @ torch.tensor([x0, x1, 1], dtype=torch.float64)
    torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(yt, dtype=torch.float64)).backward()
    return p.grad


# %% wrong: finite differences in place of a formula -> gradient_of_H
def gradient_of_H(w0, w1, b, x0, x1, yt):
    def H(w0, w1, b):
        z = w0 * x0 + w1 * x1 + b
        return yt * math.log1p(math.exp(-z)) + (1 - yt) * math.log1p(math.exp(z))

    h, p = 1e-5, (w0, w1, b)
    steps = ((h, 0, 0), (0, h, 0), (0, 0, h))
    return [
        (H(*(a + s for a, s in zip(p, step))) - H(*(a - s for a, s in zip(p, step)))) / (2 * h)
        for step in steps
    ]
