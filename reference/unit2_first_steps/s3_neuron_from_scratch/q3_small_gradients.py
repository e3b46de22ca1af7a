"""The gradient of H is (y - yt)(x0, x1, 1); at a point classified correctly |y - yt| is 1/(1 + e^|z|).

At the parameters of the course, after 1,000 iterations: the lengths of the gradients run from 4.4e-8 to 0.056 at black
points and from 1.8e-7 to 0.179 at white ones; their mean is (0.0002, 0.0040, 0.0015). The smallest y of a black point
is 0.9939, the largest of a white one 0.0727.
"""

# %% solution
import math

import torch


def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return (torch.sigmoid(x @ params) - yt) * x


def example_gradients(X, Y, params):
    examples = {}
    for colour, label in (("black", 1), ("white", 0)):
        index = (Y == label).nonzero()[0].item()
        examples[colour] = (index, point_gradient(*X[index].tolist(), label, params))
    return examples


def gradient_norm(x0, x1, m):
    return math.sqrt(1 + x0**2 + x1**2) / (1 + math.exp(m))


def same_line_small_gradient(X, Y, params, eps):
    closest = (X @ params[:2] + params[2]).abs().min()
    longest = (1 + X.square().sum(1)).sqrt().max()
    enough = torch.log(longest / eps).clamp(min=0) + 1  # this |z| makes the longest gradient shorter than eps
    return params * torch.maximum(enough / closest, torch.ones(()))


small_gradient_explanation = """
The gradient of H at a point is (y - yt) (x0, x1, 1). At the end y is close to yt at all points, because the sigmoid
saturates: with |z| = m a point that is classified correctly has a gradient of length sqrt(1 + x0² + x1²)/(1 + e^m). The cost
sees only these probabilities, not where the line lies: if (w0, w1, b) is multiplied by a large factor the line stays, and
all gradients and the cost become as small as one likes. So any separating line can be made cheap by large weights, and
there is hardly anything left that would move it. Only the few points near the line still pull a little; the rest do not.
"""

# %% rubric: small_gradient_explanation
# 0.5  the gradient is (y - yt)(x0, x1, 1), and y is close to yt at all points
# 0.5  because the sigmoid saturates as soon as |z| is large
# 0.5  the cost sees probabilities, not the place of the line: large weights make any separating line cheap
# 0.5  a few points near the line dominate, the rest no longer pull


# %% right: tensors of no dimension as index, hypot, and doubling until it is enough
def example_gradients(X, Y, params):
    black = Y.argmax()
    white = Y.argmin()
    return {
        "black": (black, point_gradient(X[black][0], X[black][1], Y[black], params)),
        "white": (white, point_gradient(X[white][0], X[white][1], Y[white], params)),
    }


def gradient_norm(x0, x1, m):
    return math.hypot(1, x0, x1) * math.exp(-m) / (1 + math.exp(-m))


def same_line_small_gradient(X, Y, params, eps):
    candidate = params.clone()
    while max(point_gradient(x0, x1, yt, candidate).norm() for (x0, x1), yt in zip(X, Y)) >= eps:
        candidate = 2 * candidate
    return candidate


def point_gradient(x0, x1, yt, params):
    z = params[0] * x0 + params[1] * x1 + params[2]
    residual = -1 / (1 + torch.exp(z)) if yt == 1 else 1 / (1 + torch.exp(-z))
    return torch.stack([residual * x0, residual * x1, residual])


# %% right: automatic differentiation of the definition
def point_gradient(x0, x1, yt, params):
    p = params.detach().clone().requires_grad_()
    y = 1 / (1 + torch.exp(-(p[0] * x0 + p[1] * x1 + p[2])))
    (gradient,) = torch.autograd.grad(-(yt * torch.log(y) + (1 - yt) * torch.log(1 - y)), p)
    return gradient


# %% right: the factors of the chain rule, the last point of each colour, NumPy
import numpy as np


def point_gradient(x0, x1, yt, params):
    w0, w1, b = params.numpy()
    y = 1 / (1 + np.exp(-(w0 * x0 + w1 * x1 + b)))
    return -(yt - y) / (y - y**2) * (y * (1 - y)) * np.array([x0, x1, 1])


def example_gradients(X, Y, params):
    def example(label):
        index = np.flatnonzero(Y.numpy() == label)[-1]
        return [index, point_gradient(X[index, 0].item(), X[index, 1].item(), label, params)]

    return {"white": example(0), "black": example(1)}


def gradient_norm(x0, x1, m):
    return np.linalg.norm([x0, x1, 1]) * np.exp(-np.logaddexp(0, m))


def same_line_small_gradient(X, Y, params, eps):
    return params / (X @ params[:2] + params[2]).abs().min() * 700


# %% right: float32 in the gradients, torch in the formula, a random point of each colour
import random


def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1])
    return (torch.sigmoid(params.float() @ x) - yt) * x


def example_gradients(X, Y, params):
    rows = {1: [], 0: []}
    for i in range(len(Y)):
        rows[int(Y[i])].append(i)
    chosen = {"black": random.choice(rows[1]), "white": random.choice(rows[0])}
    return {name: (i, point_gradient(*X[i].tolist(), Y[i].item(), params)) for name, i in chosen.items()}


def gradient_norm(x0, x1, m):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return torch.sigmoid(torch.tensor(-m, dtype=torch.float64)) * x.norm()


# %% right: just long enough, and no longer
def same_line_small_gradient(X, Y, params, eps):
    z = (X @ params[:2] + params[2]).abs()
    radius = (1 + X.square().sum(1)).sqrt()
    factors = torch.log((radius / eps - 1).clamp(min=1)) / z
    return params * factors.max()


# %% right: torch.func.grad, decimals, and a scale found by bisection
from decimal import Decimal, localcontext


def point_gradient(x0, x1, yt, params):
    def H(p):
        z = p[0] * x0 + p[1] * x1 + p[2]
        return torch.nn.functional.softplus(z) - yt * z

    return torch.func.grad(H)(params)


def gradient_norm(x0, x1, m):
    with localcontext() as context:
        context.prec = 50
        radius = (1 + Decimal(x0) ** 2 + Decimal(x1) ** 2).sqrt()
        return float(radius / (1 + Decimal(m).exp()))


def same_line_small_gradient(X, Y, params, eps):
    def longest(scale):
        z = scale * (X @ params[:2] + params[2]).abs()
        return (torch.sigmoid(-z) * (1 + X.square().sum(1)).sqrt()).max()

    low, high = 0.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if longest(middle) < eps else (middle, high)
    return high * params


# %% right: the parameters are first brought to length 1; an index of NumPy
import numpy as np


def example_gradients(X, Y, params):
    rows = np.random.permutation(len(Y))
    black = next(i for i in rows if Y[i] == 1)
    white = next(i for i in rows if Y[i] == 0)
    return {
        "black": (black, point_gradient(X[black, 0].item(), X[black, 1].item(), 1, params)),
        "white": (white, point_gradient(X[white, 0].item(), X[white, 1].item(), 0, params)),
    }


def gradient_norm(x0, x1, m):
    return math.exp(0.5 * math.log(1 + x0 * x0 + x1 * x1) - m - math.log1p(math.exp(-m)))


def same_line_small_gradient(X, Y, params, eps):
    unit = params / params.norm()
    distance = (X @ unit[:2] + unit[2]).abs().min().item()
    return unit * (100 - math.log(eps)) / distance


# %% right: written out for the two colours, a list as the pair, a very large scale
def point_gradient(x0, x1, yt, params):
    w0, w1, b = params.tolist()
    z = w0 * x0 + w1 * x1 + b
    size = -1 / (1 + math.exp(z)) if yt == 1 else 1 / (1 + math.exp(-z))
    return torch.tensor([size * x0, size * x1, size], dtype=torch.float64)


def example_gradients(X, Y, params):
    black, white = torch.where(Y == 1)[0][-1], torch.where(Y == 0)[0][-1]
    return {
        name: [row.reshape(1), point_gradient(*X[row], int(Y[row]), params)]
        for name, row in (("white", white), ("black", black))
    }


def same_line_small_gradient(X, Y, params, eps):
    return params * 1e12


# %% wrong: the gradient of the mean over 100 points -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return (torch.sigmoid(x @ params) - yt) * x / 100


# %% wrong: the gradient with respect to y is forgotten -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    y = torch.sigmoid(x @ params)
    return y * (1 - y) * x


# %% wrong: the sign -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return (yt - torch.sigmoid(x @ params)) * x


# %% wrong: the label is ignored, all points are taken for black -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return (torch.sigmoid(x @ params) - 1) * x


# %% wrong: right only for points on the right side -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return (1 - 2 * yt) * x / (1 + torch.exp((x @ params).abs()))


# %% wrong: b comes first -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return ((torch.sigmoid(x @ params) - yt) * x).roll(1)


# %% wrong: the parameters of the course, whatever is given -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    x = torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    return (torch.sigmoid(x @ torch.tensor([0.6219, -3.2859, 4.8640], dtype=torch.float64)) - yt) * x


# %% wrong: zeros -> point_gradient, example_gradients, gradient_norm, same_line_small_gradient
def point_gradient(x0, x1, yt, params):
    return torch.zeros(3)


def gradient_norm(x0, x1, m):
    return 0.0


def same_line_small_gradient(X, Y, params, eps):
    return torch.zeros(3)


# %% wrong: rows 0 and 1, without a look at the labels -> example_gradients
def example_gradients(X, Y, params):
    def example(index):
        return index, point_gradient(*X[index].tolist(), Y[index].item(), params)

    return {"white": example(0), "black": example(1)}


# %% wrong: the colours exchanged -> example_gradients
solution = example_gradients


def example_gradients(X, Y, params):
    examples = solution(X, Y, params)
    return {"black": examples["white"], "white": examples["black"]}


# %% wrong: numbers among the points of the colour, not rows of X -> example_gradients
def example_gradients(X, Y, params):
    return {
        "black": (1, point_gradient(*X[Y == 1][0].tolist(), 1, params)),
        "white": (1, point_gradient(*X[Y == 0][0].tolist(), 0, params)),
    }


# %% wrong: only the gradients -> example_gradients
solution = example_gradients


def example_gradients(X, Y, params):
    return {colour: gradient for colour, (_, gradient) in solution(X, Y, params).items()}


# %% wrong: the length, not the gradient -> example_gradients
solution = example_gradients


def example_gradients(X, Y, params):
    return {colour: (index, gradient.norm()) for colour, (index, gradient) in solution(X, Y, params).items()}


# %% wrong: without the factor of the coordinates -> gradient_norm
def gradient_norm(x0, x1, m):
    return 1 / (1 + math.exp(m))


# %% wrong: without the 1 that belongs to b -> gradient_norm
def gradient_norm(x0, x1, m):
    return math.sqrt(x0**2 + x1**2) / (1 + math.exp(m))


# %% wrong: y(1 - y) for the size of the gradient -> gradient_norm
def gradient_norm(x0, x1, m):
    y = 1 / (1 + math.exp(-m))
    return y * (1 - y) * math.sqrt(1 + x0**2 + x1**2)


# %% wrong: 1 - y, which has no digits left -> gradient_norm
def gradient_norm(x0, x1, m):
    return (1 - 1 / (1 + math.exp(-m))) * math.sqrt(1 + x0**2 + x1**2)


# %% wrong: a bound, e^(-m), not the length itself -> gradient_norm
def gradient_norm(x0, x1, m):
    return math.exp(-m) * math.sqrt(1 + x0**2 + x1**2)


# %% wrong: of a point on the wrong side -> gradient_norm
def gradient_norm(x0, x1, m):
    return math.sqrt(1 + x0**2 + x1**2) / (1 + math.exp(-m))


# %% wrong: the square of the length -> gradient_norm
def gradient_norm(x0, x1, m):
    return (1 + x0**2 + x1**2) / (1 + math.exp(m)) ** 2


# %% wrong: by automatic differentiation -> gradient_norm
def gradient_norm(x0, x1, m):
    p = torch.tensor([0.0, 0.0, m], dtype=torch.float64, requires_grad=True)
    z = p @ torch.tensor([x0, x1, 1.0], dtype=torch.float64)
    torch.nn.functional.softplus(-z).backward()
    return p.grad.norm().item()


# %% wrong: a fixed factor, too small for a point close to the line -> same_line_small_gradient
def same_line_small_gradient(X, Y, params, eps):
    return 1000 * params


# %% wrong: a factor from eps alone -> same_line_small_gradient
def same_line_small_gradient(X, Y, params, eps):
    return params * (10 - 10 * math.log(eps))


# %% wrong: a factor for the mean of |z| -> same_line_small_gradient
def same_line_small_gradient(X, Y, params, eps):
    return params * (10 - math.log(eps)) / (X @ params[:2] + params[2]).abs().mean()


# %% wrong: without the coordinates in the length -> same_line_small_gradient
def same_line_small_gradient(X, Y, params, eps):
    return params * math.log(1 / eps - 1) / (X @ params[:2] + params[2]).abs().min()


# %% wrong: the other side is black -> same_line_small_gradient
solution = same_line_small_gradient


def same_line_small_gradient(X, Y, params, eps):
    return -solution(X, Y, params, eps)


# %% wrong: only the weights grow, which moves the line -> same_line_small_gradient
solution = same_line_small_gradient


def same_line_small_gradient(X, Y, params, eps):
    return torch.cat([solution(X, Y, params, eps)[:2], params[2:]])


# %% wrong: infinite -> same_line_small_gradient
def same_line_small_gradient(X, Y, params, eps):
    return params * float("inf")


# %% wrong: the parameters as they are -> same_line_small_gradient
def same_line_small_gradient(X, Y, params, eps):
    return params


# %% wrong: by the hyperbolic tangent, which rounds to 1 -> gradient_norm
def gradient_norm(x0, x1, m):
    return 0.5 * (1 - math.tanh(m / 2)) * math.hypot(1, x0, x1)


# %% wrong: rows are counted from 1 -> example_gradients
solution = example_gradients


def example_gradients(X, Y, params):
    return {colour: (index + 1, gradient) for colour, (index, gradient) in solution(X, Y, params).items()}


# %% wrong: a list, the label as a factor -> point_gradient, example_gradients
def point_gradient(x0, x1, yt, params):
    z = params[0] * x0 + params[1] * x1 + params[2]
    size = (yt * (torch.sigmoid(z) - 1)).item()
    return [size * x0, size * x1, size]


# %% wrong: rounded to whole numbers, which turns the line a little -> same_line_small_gradient
solution = same_line_small_gradient


def same_line_small_gradient(X, Y, params, eps):
    return solution(X, Y, params, eps).round()
