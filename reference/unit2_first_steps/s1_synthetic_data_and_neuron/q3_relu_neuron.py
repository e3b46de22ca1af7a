"""Two ReLUs, one a little later than the other, make a ramp from 0 to 1 with its middle on the line z = 0.

Any of (-0.2, -0.2, -0.2), (-1, -1, -3.4) and (-1, -1, 0) separates the clouds, whichever repair is chosen.
"""

# %% solution
import math

import matplotlib.pyplot as plt
import torch


def plot_relu():
    z = torch.linspace(-3, 3, 121)
    fig, ax = plt.subplots()
    ax.plot(z, torch.relu(z))
    ax.set(xlabel="z", ylabel="ReLU(z)", title="Rectified linear unit")
    return fig


def at(z, w0, w1, b):  # the point of the level line of z that is nearest to the origin
    c = (z - b) / (w0**2 + w1**2)
    return c * w0, c * w1


def above_one_point(w0, w1, b):
    return at(2.0, w0, w1, b)


def tied_points(w0, w1, b):
    norm = math.hypot(w0, w1)
    return at(-1 * norm, w0, w1, b), at(-3 * norm, w0, w1, b)


def relu_probability(X, w0, w1, b):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.relu(z + 0.5) - torch.relu(z - 0.5)


relu_params = (-1.0, -1.0, -3.4)

relu_explanation = """
ReLU(z) has no upper limit, so it is no probability. All points with z < 0 get exactly 0: the model is as sure of a point
beside the line as of one far away, the cost would take the logarithm of 0, and there is no gradient to learn from. And 0.5
is reached at z = 0.5, not on the line z = 0. Subtracting a second ReLU bounds the output by 1 and puts 0.5 at z = 0. Near
the line there are degrees of certainty now, but beyond |z| = 0.5 the output is still flat, at exactly 0 or 1.
"""

# %% rubric: relu_explanation
# 0.5  the output is not bounded, so it is no probability
# 0.5  all points on one side get exactly 0: no degrees of certainty (and later a zero gradient, or log 0 in the cost)
# 0.5  0.5 is reached at z = 0.5 and not at z = 0, so the separating line is shifted
# 0.5  says which of these the change repairs and which remain


# %% right: three points, by plt; clamped; tensors
def plot_relu():
    plt.figure()
    plt.plot([-5, 0, 5], [0, 0, 5], "r-")
    plt.xlabel("z")
    plt.ylabel("y")
    plt.grid()
    return plt.gcf()


def above_one_point(w0, w1, b):
    return torch.tensor(at(1.5, w0, w1, b), dtype=torch.float64)


def tied_points(w0, w1, b):
    norm = math.hypot(w0, w1)
    return torch.tensor([at(-0.1 * norm, w0, w1, b), at(-1.5 * norm, w0, w1, b)], dtype=torch.float64)


def relu_probability(X, w0, w1, b):
    return torch.relu(X @ torch.tensor([w0, w1], dtype=X.dtype) + b).clamp(max=1)


relu_params = [-0.2, -0.2, -0.2]


# %% right: 1 - exp(-ReLU), the graph in two pieces with an axis cross, NumPy
import numpy as np


def plot_relu():
    fig = plt.figure(figsize=(3, 3))
    ax = fig.add_subplot()
    ax.axhline(0, color="grey")
    ax.axvline(0, color="grey")
    left, right = np.linspace(-4, 0, 9), np.arange(0, 4.5, 0.5)
    ax.plot(left, 0 * left, color="C0")
    ax.plot(right, right, color="C0")
    ax.set_xlabel("input")
    ax.set_ylabel("output")
    return fig


def above_one_point(w0, w1, b):
    x = np.array([w0, w1])
    return x / (x @ x) * (10 - b)


def tied_points(w0, w1, b):
    n = np.array([w0, w1]) / np.hypot(w0, w1)
    foot = -b / np.hypot(w0, w1) * n
    return np.stack([foot - n, foot - 5 * n])


def relu_probability(X, w0, w1, b):
    return 1 - torch.exp(-torch.nn.functional.relu(w0 * X[:, 0] + w1 * X[:, 1] + b))


relu_params = np.array([-1, -1, 0])


# %% right: ReLU / (1 + ReLU), compared with the sigmoid in the drawing, limits turned round
def plot_relu():
    z = torch.arange(-3, 3.01, 0.25)
    fig, ax = plt.subplots()
    ax.plot(z, torch.sigmoid(z), "--", label="sigmoid")
    ax.plot(z, torch.nn.ReLU()(z), "o-", label="ReLU")
    ax.set(xlabel="$z$", ylabel="$y$", xlim=(3, -3))
    ax.legend()
    return fig


def relu_probability(X, w0, w1, b):
    y = (w0 * X[:, 0] + w1 * X[:, 1] + b).clamp(min=0)
    return y / (1 + y)


relu_params = (-1, -1, -3.4)


# %% right: tanh of ReLU, by an nn.Linear; points far away
def above_one_point(w0, w1, b):
    far = 1e3 + (abs(b) + 2) / max(abs(w0), abs(w1))
    return math.copysign(far, w0) if w0 else 0.0, math.copysign(far, w1) if w1 else 0.0


def tied_points(w0, w1, b):
    x0, x1 = above_one_point(w0, w1, b)
    return [(-x0, -x1), [-2 * x0, -2 * x1]]


def relu_probability(X, w0, w1, b):
    layer = torch.nn.Linear(2, 1, dtype=X.dtype)
    with torch.no_grad():
        layer.weight[:] = torch.tensor([[w0, w1]], dtype=X.dtype)
        layer.bias[:] = b
    return torch.tanh(torch.relu(layer(X))).squeeze(1)


# %% right: two outputs, normalised; a table of points that is drawn from right to left
def plot_relu():
    fig, ax = plt.subplots()
    z = [2.5, 2, 1, 0.05, 0, -1, -2]
    ax.plot(z, [max(0, v) for v in z])
    ax.set(xlabel="z", ylabel="max(0, z)", xlim=(-2, 2), ylim=(0, 2))
    return fig


def relu_probability(X, w0, w1, b):
    z = X[:, 0] * w0 + X[:, 1] * w1 + b
    black, white = torch.relu(1 + z), torch.relu(1 - z)
    return black / (black + white)


# %% right: a staircase of many short ReLUs, points in random order joined to a curve, seaborn-like style
def plot_relu():
    z, _ = torch.cat([torch.zeros(1), torch.empty(200).uniform_(-2.5, 2.5), torch.tensor([-2.5, 2.5])]).sort()
    with plt.style.context("ggplot"):
        fig, ax = plt.subplots(layout="constrained")
        ax.plot(z.numpy(), z.clamp(min=0).numpy(), lw=3, label="$\\max(0, z)$")
        ax.fill_between(z.numpy(), z.clamp(min=0).numpy(), alpha=0.2)
        ax.set_xlabel("z")
        ax.set_ylabel("activation")
        ax.legend(loc="upper left")
    return fig


def relu_probability(X, w0, w1, b):
    z = (X * torch.tensor([w0, w1]).to(X)).sum(1) + b
    corners = torch.linspace(-1, 1, 6)
    bent = [torch.relu(z - c) - torch.relu(z - c - 0.1) for c in corners]
    return torch.stack(bent).sum(0) / 0.6


# %% right: one minus ReLU twice, in a loop over the points; steep
def relu(z):
    return z if z > 0 else 0.0


def relu_probability(X, w0, w1, b):
    found = []
    for x0, x1 in X.tolist():
        z = w0 * x0 + w1 * x1 + b
        found.append(1 - relu(1 - relu(10 * z + 0.5)))
    return torch.tensor(found)


# %% right: ReLU6, an nn.Module that is called; points by case distinction, as NumPy scalars
import numpy as np


class Neuron(torch.nn.Module):
    def __init__(self, w0, w1, b):
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor([[w0], [w1]], dtype=torch.float64))
        self.b = b

    def forward(self, X):
        return torch.nn.functional.relu6(X.double() @ self.w + self.b + 3).flatten() / 6


def relu_probability(X, w0, w1, b):
    return Neuron(w0, w1, b)(X)


def above_one_point(w0, w1, b):
    return (np.float64((3 - b) / w0), np.float64(0)) if w0 else (np.float64(0), np.float64((3 - b) / w1))


def tied_points(w0, w1, b):
    size = max(abs(w0), abs(w1))
    steps = [-2 * size, -9 * size]
    return tuple((s - b) / w0 if w0 else 0 for s in steps) and tuple(
        ((s - b) / w0, 0) if w0 else (0, (s - b) / w1) for s in steps
    )


# %% wrong: only the positive half is drawn -> plot_relu
def plot_relu():
    z = torch.linspace(0, 3, 50)
    fig, ax = plt.subplots()
    ax.plot(z, torch.relu(z))
    ax.set(xlabel="z", ylabel="ReLU(z)")
    return fig


# %% wrong: only the positive half is drawn, with the axis in place of the rest -> plot_relu
def plot_relu():
    z = torch.linspace(0, 3, 50)
    fig, ax = plt.subplots()
    ax.plot(z, torch.relu(z))
    ax.axhline(0)
    ax.set(xlabel="z", ylabel="ReLU(z)", xlim=(-3, 3))
    return fig


# %% wrong: the sigmoid is drawn -> plot_relu
def plot_relu():
    z = torch.linspace(-3, 3, 121)
    fig, ax = plt.subplots()
    ax.plot(z, torch.sigmoid(z))
    ax.set(xlabel="z", ylabel="S(z)")
    return fig


# %% wrong: leaky ReLU is drawn -> plot_relu
def plot_relu():
    z = torch.linspace(-3, 3, 121)
    fig, ax = plt.subplots()
    ax.plot(z, torch.nn.functional.leaky_relu(z, 0.1))
    ax.set(xlabel="z", ylabel="y")
    return fig


# %% wrong: the corner is cut off, whole numbers without 0 -> plot_relu
def plot_relu():
    fig, ax = plt.subplots()
    ax.plot([-3, -1, 1, 3], [0, 0, 1, 3])
    ax.set(xlabel="z", ylabel="y")
    return fig


# %% wrong: no labels -> plot_relu
def plot_relu():
    fig, ax = plt.subplots()
    ax.plot([-3, 0, 3], [0, 0, 3])
    return fig


# %% wrong: one label -> plot_relu
def plot_relu():
    fig, ax = plt.subplots()
    ax.plot([-3, 0, 3], [0, 0, 3])
    ax.set_xlabel("z")
    return fig


# %% wrong: the axes instead of the figure -> plot_relu
def plot_relu():
    fig, ax = plt.subplots()
    ax.plot([-3, 0, 3], [0, 0, 3])
    ax.set(xlabel="z", ylabel="y")
    return ax


# %% wrong: shows it and returns nothing -> plot_relu
def plot_relu():
    plt.plot([-3, 0, 3], [0, 0, 3])
    plt.xlabel("z")
    plt.ylabel("y")
    plt.close()


# %% wrong: loose points -> plot_relu
def plot_relu():
    z = torch.linspace(-3, 3, 121)
    fig, ax = plt.subplots()
    ax.scatter(z, torch.relu(z))
    ax.set(xlabel="z", ylabel="y")
    return fig


# %% wrong: an empty pair of axes -> plot_relu
def plot_relu():
    fig, ax = plt.subplots()
    ax.set(xlabel="z", ylabel="y")
    return fig


# %% wrong: the two halves in two pairs of axes -> plot_relu
def plot_relu():
    fig, axes = plt.subplots(1, 2)
    for ax, z in zip(axes, ([-3, 0], [0, 3])):
        ax.plot(z, [max(v, 0) for v in z])
        ax.set(xlabel="z", ylabel="y")
    return fig


# %% wrong: the negative part is drawn, but cut off by the limits -> plot_relu
def plot_relu():
    fig, ax = plt.subplots()
    ax.plot([-3, 0, 3], [0, 0, 3])
    ax.set(xlabel="z", ylabel="y", xlim=(0, 3))
    return fig


# %% wrong: the mirror image of ReLU -> plot_relu
def plot_relu():
    z = torch.linspace(-3, 3, 121)
    fig, ax = plt.subplots()
    ax.plot(z, torch.relu(-z))
    ax.set(xlabel="z", ylabel="y")
    return fig


# %% wrong: y over its index, not over z -> plot_relu
def plot_relu():
    z = torch.linspace(-3, 3, 121)
    fig, ax = plt.subplots()
    ax.plot(torch.relu(z))
    ax.set(xlabel="z", ylabel="y")
    return fig


# %% wrong: a constant point -> difficulties
def above_one_point(w0, w1, b):
    return 100.0, 100.0


# %% wrong: exactly 1, not above -> difficulties
def above_one_point(w0, w1, b):
    return at(1.0, w0, w1, b)


# %% wrong: divides by w0 -> difficulties
def above_one_point(w0, w1, b):
    return (2 - b) / w0, 0.0


# %% wrong: far away, but without regard to the signs of the weights -> difficulties
def above_one_point(w0, w1, b):
    return 1e9, 1e9


# %% wrong: the bias is forgotten -> difficulties
def above_one_point(w0, w1, b):
    return at(2.0, w0, w1, 0.0)


# %% wrong: two points of one level line, equally far from the line z = 0 -> difficulties
def tied_points(w0, w1, b):
    x0, x1 = at(-1.0, w0, w1, b)
    return (x0, x1), (x0 - w1, x1 + w0)


# %% wrong: z differs by 1, the distance does not -> difficulties
def tied_points(w0, w1, b):
    return at(-1.0, w0, w1, b), at(-2.0, w0, w1, b)


# %% wrong: one point on either side -> difficulties
def tied_points(w0, w1, b):
    norm = math.hypot(w0, w1)
    return at(-norm, w0, w1, b), at(norm, w0, w1, b)


# %% wrong: one point twice -> difficulties
def tied_points(w0, w1, b):
    return at(-5.0, w0, w1, b), at(-5.0, w0, w1, b)


# %% wrong: constant points -> difficulties
def tied_points(w0, w1, b):
    return (-10.0, -4.0), (-20.0, -8.0)


# %% wrong: the bare ReLU, with outputs above 1 -> relu_probability
def relu_probability(X, w0, w1, b):
    return torch.relu(w0 * X[:, 0] + w1 * X[:, 1] + b)


# %% wrong: divided by the maximum of the batch -> relu_probability
def relu_probability(X, w0, w1, b):
    y = torch.relu(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return y / y.max()


relu_params = (-1.0, -1.0, 0.0)


# %% wrong: divided by the maximum of the batch, guarded against 0 -> relu_probability
def relu_probability(X, w0, w1, b):
    y = torch.relu(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return y / (y.max() + 1e-9)


relu_params = (-1.0, -1.0, 0.0)


# %% wrong: the sigmoid written out -> relu_probability
def relu_probability(X, w0, w1, b):
    return 1 / (1 + torch.exp(-(w0 * X[:, 0] + w1 * X[:, 1] + b)))


# %% wrong: the sigmoid itself -> relu_probability
def relu_probability(X, w0, w1, b):
    return torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)


# %% wrong: the sigmoid of ReLU, called as a method -> relu_probability
def relu_probability(X, w0, w1, b):
    return torch.relu(w0 * X[:, 0] + w1 * X[:, 1] + b).sigmoid()


# %% wrong: the sigmoid as a softmax of two outputs -> relu_probability
def relu_probability(X, w0, w1, b):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.softmax(torch.stack([torch.relu(z), torch.relu(-z)]), dim=0)[0]


# %% wrong: a hard step -> relu_probability
def relu_probability(X, w0, w1, b):
    return (w0 * X[:, 0] + w1 * X[:, 1] + b > 0).to(X.dtype)


# %% wrong: constant -> relu_probability, accuracy
def relu_probability(X, w0, w1, b):
    return torch.full((len(X),), 0.5, dtype=X.dtype)


# %% wrong: two ReLUs normalised, which is a hard step again, and 0/0 on the line -> relu_probability
def relu_probability(X, w0, w1, b):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.relu(z) / (torch.relu(z) + torch.relu(-z))


# %% wrong: falls again far behind the line -> relu_probability
def relu_probability(X, w0, w1, b):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.relu(z + 0.5) - torch.relu(z - 0.5) - 1e-5 * torch.relu(z - 50)


# %% wrong: its own parameters in place of those that are passed -> relu_probability
def relu_probability(X, w0, w1, b):
    z = -X[:, 0] - X[:, 1] - 3.4
    return torch.relu(z + 0.5) - torch.relu(z - 0.5)


# %% wrong: the absolute value of tanh, black far out on both sides -> relu_probability, accuracy
def relu_probability(X, w0, w1, b):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.tanh(torch.relu(z) + torch.relu(-z))


# %% wrong: rescaled by the extremes of the batch -> relu_probability
def relu_probability(X, w0, w1, b):
    y = torch.relu(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return (y - y.min()) / (y.max() - y.min() + 1e-12)


relu_params = (-1.0, -1.0, 0.0)


# %% wrong: a column -> relu_probability, accuracy
def relu_probability(X, w0, w1, b):
    z = w0 * X[:, :1] + w1 * X[:, 1:] + b
    return torch.relu(z + 0.5) - torch.relu(z - 0.5)


# %% wrong: squeezed, so that one point gives a number -> relu_probability
def relu_probability(X, w0, w1, b):
    z = w0 * X[:, :1] + w1 * X[:, 1:] + b
    return (torch.relu(z + 0.5) - torch.relu(z - 0.5)).squeeze()


# %% wrong: the other way round, white is called black -> accuracy
relu_params = (1.0, 1.0, 3.4)

# %% wrong: the bad start of the section -> accuracy
relu_params = (1.0, -1.0, 5.5)

# %% wrong: two numbers -> accuracy
relu_params = (-1.0, -1.0)
