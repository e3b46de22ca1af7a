"""ReLU(a) + ReLU(-a) = |a|: a V in z_0, and softmax, with the other logits constant, keeps its shape.

The bias puts the corner of the V into the middle of the interval, and 1/half-width makes it as deep in a narrow one.
"""

# %% solution
import torch


def non_monotone_deep(low: float = -1.0, high: float = 1.0) -> dict:
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, -middle / half
    W1[1, 0], b1[1] = -1 / half, middle / half
    W2[0, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


second_layer_signs = "equal"

non_monotone_explained = """
One hidden neuron is 0 left of the middle and rises to the right of it, the other one rises to the left. With two equal
positive weights z_0 is a V with its corner in the middle of the interval. The other nine logits are constant, so y_0 is an
increasing function of z_0 and has the same shape: it falls, and then it rises.
"""

# %% rubric: non_monotone_explained
# 1    two half-lines glued together at the bend give a V (or a roof) in z_0; with the other nine logits constant y_0 is
#      increasing in z_0, so it has the same shape


# %% right: a roof, with negative weights in the second layer
def non_monotone_deep(low=-1.0, high=1.0):
    c = (low + high) / 2
    s = 8 / (high - low)
    W1 = torch.zeros(20, 784)
    W1[0, 0], W1[1, 0] = -s, s
    b1 = torch.zeros(20)
    b1[0], b1[1] = s * c, -s * c
    W2 = torch.zeros(10, 20)
    W2[0, 0], W2[0, 1] = -1.0, -2.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": torch.zeros(10)}


# %% right: a bump made of three neurons, float64, in other places of the layer, a bias in the second
def non_monotone_deep(low=-1.0, high=1.0):
    W1 = torch.zeros(20, 784, dtype=torch.float64)
    b1 = torch.zeros(20, dtype=torch.float64)
    W2 = torch.zeros(10, 20, dtype=torch.float64)
    b2 = torch.linspace(0, 1, 10, dtype=torch.float64)
    width = high - low
    for neuron, (place, weight) in {4: (0.2, 10), 9: (0.5, -20), 17: (0.8, 10)}.items():
        W1[neuron, 0] = 1 / width
        b1[neuron] = -(low + place * width) / width
        W2[0, neuron] = weight
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% right: weights on the other pixels and outputs too, NumPy arrays and lists
import numpy as np


def non_monotone_deep(low=-1.0, high=1.0):
    r = np.random.default_rng(0)
    W1 = r.normal(size=(20, 784))
    W1[:, 0] = 0
    W1[0, 0], W1[1, 0] = 2 / (high - low), -2 / (high - low)
    b1 = np.zeros(20)
    b1[:2] = -W1[:2, 0] * (low + high) / 2
    W2 = 0.1 * r.normal(size=(10, 20))
    W2[0, :2] = 4
    return {"W1": W1, "b1": list(b1), "W2": W2.tolist(), "b2": tuple(b2 for b2 in r.normal(size=10))}


# %% right: a random search that asks the network itself
from torch import nn


def non_monotone_deep(low=-1.0, high=1.0):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(784, 20), nn.ReLU(), nn.Linear(20, 10), nn.LogSoftmax(dim=1))
    x = torch.zeros(101, 784)
    x[:, 0] = torch.linspace(low, high, 101)
    while True:
        with torch.no_grad():
            net[0].weight[:, 0] = torch.randn(20) / (high - low) * 4
            net[0].bias[:] = -net[0].weight[:, 0] * (low + (high - low) * torch.rand(20))
            net[2].weight[:] = 2 * torch.randn(10, 20)
            y = net(x)[:, 0].exp()
        if y.min() < min(y[0], y[-1]) - 0.1:
            break
    names = dict(zip(("W1", "b1", "W2", "b2"), net.parameters()))
    return {key: p.detach() for key, p in names.items()}


# %% right: shifted so that only one neuron bends, and a linear part comes from two that never bend
def non_monotone_deep(low=-1.0, high=1.0):
    c, h = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / h, -c / h + 1  # from 0 to 2 in the interval: a straight line
    W1[1, 0], b1[1] = 1 / h, -c / h  # bends in the middle
    W2[0, 0], W2[0, 1] = 3, -6
    return {"b2": b2, "W2": W2, "b1": b1, "W1": W1}


# %% right: the parameters themselves, with their record, and capital letters in the choice
def non_monotone_deep(low=-1.0, high=1.0):
    net = torch.nn.Sequential(torch.nn.Linear(784, 20), torch.nn.ReLU(), torch.nn.Linear(20, 10))
    for p in net.parameters():
        torch.nn.init.zeros_(p)
    with torch.no_grad():
        scale = 1.0 / (high - low)
        net[0].weight[:2, 0] = torch.tensor([scale, -scale])
        net[0].bias[:2] = torch.tensor([-scale, scale]) * low + torch.tensor([-0.5, 0.5])
        net[2].weight[0, :2] = 10.0
    return {"W1": net[0].weight, "b1": net[0].bias, "W2": net[2].weight, "b2": net[2].bias}


second_layer_signs = "Equal"


# %% wrong: opposite signs in both layers, z_0 rises throughout -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, -middle / half
    W1[1, 0], b1[1] = -1 / half, middle / half
    W2[0, 0], W2[0, 1] = 3.0, -3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: the hint taken literally, biases 0 whatever the interval -> pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    W1, W2 = torch.zeros(20, 784), torch.zeros(10, 20)
    W1[0, 0], W1[1, 0] = 1, -1
    W2[0, 0] = W2[0, 1] = 3
    return {"W1": W1, "b1": torch.zeros(20), "W2": W2, "b2": torch.zeros(10)}


# %% wrong: the bend in the middle, but weights that suit intervals of width 1 to 2 only -> other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle = (low + high) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1, -middle
    W1[1, 0], b1[1] = -1, middle
    W2[0, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: the same signs in the first layer -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, -middle / half
    W1[1, 0], b1[1] = 1 / half, -middle / half
    W2[0, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: weights so small that next to nothing changes -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 0.1 / half, -0.1 * middle / half
    W1[1, 0], b1[1] = -0.1 / half, 0.1 * middle / half
    W2[0, :2] = 1.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: the same for all ten outputs, which softmax cancels -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, -middle / half
    W1[1, 0], b1[1] = -1 / half, middle / half
    W2[:, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: saturated everywhere -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, -middle / half
    W1[1, 0], b1[1] = -1 / half, middle / half
    W2[0, :2] = 3.0
    b2[0] = 100.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: the matrices transposed -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(784, 20), torch.zeros(20), torch.zeros(20, 10), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, -middle / half
    W1[0, 1], b1[1] = -1 / half, middle / half
    W2[:2, 0] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: the bias with the wrong sign, the bend lies at -middle -> pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, middle / half
    W1[1, 0], b1[1] = -1 / half, -middle / half
    W2[0, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: class 1 turns, not class 0 as much as asked for -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 0], b1[0] = 1 / half, -middle / half
    W1[1, 0], b1[1] = -1 / half, middle / half
    W2[1, :2] = 0.5
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: the arguments are ignored, a bend at 0.5 for all -> other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    W1, b1, W2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20)
    W1[0, 0], b1[0] = 2, -1
    W1[1, 0], b1[1] = -2, 1
    W2[0, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": torch.zeros(10)}


# %% wrong: the bend lies at the lower end -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    width = high - low
    W1, b1, W2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20)
    W1[0, 0], b1[0] = 1 / width, -low / width
    W1[1, 0], b1[1] = -1 / width, low / width
    W2[0, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": torch.zeros(10)}


# %% wrong: another pixel is watched -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    middle, half = (low + high) / 2, (high - low) / 2
    W1, b1, W2, b2 = torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)
    W1[0, 1], b1[0] = 1 / half, -middle / half
    W1[1, 1], b1[1] = -1 / half, middle / half
    W2[0, :2] = 3.0
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


# %% wrong: infinite weights -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    W1, W2 = torch.zeros(20, 784), torch.zeros(10, 20)
    W1[0, 0], W1[1, 0] = float("inf"), -float("inf")
    W2[0, :2] = 1
    return {"W1": W1, "b1": torch.zeros(20), "W2": W2, "b2": torch.zeros(10)}


# %% wrong: a list in place of a dictionary -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    return [torch.zeros(20, 784), torch.zeros(20), torch.zeros(10, 20), torch.zeros(10)]


# %% wrong: zeros -> hint_interval, pixel_range, other_intervals
def non_monotone_deep(low=-1.0, high=1.0):
    return {
        "W1": torch.zeros(20, 784),
        "b1": torch.zeros(20),
        "W2": torch.zeros(10, 20),
        "b2": torch.zeros(10),
    }


# %% wrong: the garbled hint -> second_layer_signs
second_layer_signs = "opposite"

# %% wrong: any -> second_layer_signs
second_layer_signs = "any"
