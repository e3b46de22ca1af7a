"""A neuron separates by a line, and a line misclassifies a tenth of two moons whatever it is; a hidden layer with a bend
folds the plane, so that the last neuron's line is a line of several pieces in the plane of the points.

The certificate is found by drawing quadruples at random: of those with two points in each moon about one in ten crosses.
"""

# %% solution
import torch
from matplotlib.figure import Figure
from sklearn.datasets import make_moons
from torch import nn


def moons_data(n: int = 500, noise: float = 0.1, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    X, t = make_moons(n, noise=noise, random_state=seed)
    return torch.from_numpy(X).float(), torch.from_numpy(t).float()


def moons_neuron() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())


def fit_binary_model(
    model: nn.Module, X: torch.Tensor, t: torch.Tensor, epochs: int, lr: float
) -> list[float]:
    costs = []
    for _ in range(epochs):
        model.zero_grad()
        cost = nn.functional.binary_cross_entropy(model(X).squeeze(1), t)
        cost.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        costs.append(cost.item())
    return costs


def _side(a, b, c):
    """> 0 where c lies to the left of the way from a to b; for many at a time."""
    u, v = b - a, c - a
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def crossing_certificate(X: torch.Tensor, t: torch.Tensor) -> tuple[int, int, int, int]:
    X = X.double()
    white, black = (t == 0).nonzero().squeeze(1), (t == 1).nonzero().squeeze(1)
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        i, j = (white[torch.randint(len(white), (20_000,), generator=generator)] for _ in range(2))
        k, l = (black[torch.randint(len(black), (20_000,), generator=generator)] for _ in range(2))
        apart = _side(X[i], X[j], X[k]) * _side(X[i], X[j], X[l]) < 0
        crossing = apart & (_side(X[k], X[l], X[i]) * _side(X[k], X[l], X[j]) < 0)
        if crossing.any():
            n = int(crossing.nonzero()[0])
            return int(i[n]), int(j[n]), int(k[n]), int(l[n])
    raise ValueError("no two segments cross")


def train_moons(X: torch.Tensor, t: torch.Tensor, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid()
    )
    fit_binary_model(model, X, t, epochs=1000, lr=0.5)
    return model


def plot_probability_map(model: nn.Module, X: torch.Tensor, t: torch.Tensor) -> Figure:
    (x0, y0), (x1, y1) = (X.amin(0) - 0.5).tolist(), (X.amax(0) + 0.5).tolist()
    x, y = torch.meshgrid(torch.linspace(x0, x1, 120), torch.linspace(y0, y1, 120), indexing="xy")
    with torch.no_grad():
        z = model(torch.stack([x, y], -1).reshape(-1, 2)).reshape(x.shape)
    figure = Figure(figsize=(6, 4.5))
    axes = figure.subplots()
    filled = axes.contourf(x.numpy(), y.numpy(), z.numpy(), levels=20, cmap="RdBu_r", vmin=0, vmax=1)
    figure.colorbar(filled, ax=axes, label="probability of class 1")
    for value, colour in ((0, "white"), (1, "black")):
        chosen = X[t == value]
        axes.scatter(chosen[:, 0], chosen[:, 1], c=colour, edgecolors="grey", s=15, label=f"class {value}")
    axes.set_xlabel("x0")
    axes.set_ylabel("x1")
    axes.legend()
    return figure


neuron_verdict = """
No: it stays at about 88 % of the points, however long it is trained. Where it changes its mind, y = 0.5, we have
w0 x0 + w1 x1 + b = 0, which is a straight line. The moons reach into each other, so each line has points of both
classes on one of its sides; two crossing segments prove it. More training, another learning rate or more points
do not help: it is the model that cannot do it, not the optimisation that does not find it.
"""

deep_verdict = """
Yes: over 99 % of 2,000 fresh points. Each hidden ReLU bends the plane along a line, so the boundary is a chain of
straight pieces that winds between the moons. The last neuron still separates by a line, or rather a plane, but in
the space of the hidden outputs, and there the classes can be separated. Without the ReLU the layers in a row would be one
linear function, and the boundary one line again.
"""

# %% rubric: neuron_verdict
# 0.5  not successful; about 88 %, with the student's own number
# 0.5  the boundary y = 0.5 is the straight line w0 x0 + w1 x1 + b = 0
# 0.5  the moons interlock: any line leaves points of both classes on one side; the certificate
# 0.5  so more training, another rate or more data do not help: a limit of the model, not of the optimisation

# %% rubric: deep_verdict
# 0.5  better, with a number that was measured on fresh points
# 0.5  the hidden units bend the plane: the boundary is made of several straight pieces (or a curve)
# 0.5  the last neuron separates by a line in the space of the hidden outputs, where the classes can be separated
# 0.5  without the activation the same layers collapse to one line


# %% right: logits inside, Adam, tanh, an image, and a certificate from hulls of neighbours
import matplotlib.pyplot as plt
import numpy as np


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 24)
        self.out = nn.Linear(24, 1)

    def forward(self, X):
        return torch.sigmoid(self.out(torch.tanh(self.hidden(X))))


class Neuron(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(2))
        self.b = nn.Parameter(torch.zeros(()))

    def forward(self, X):
        return torch.sigmoid(X @ self.w + self.b)[:, None]


def moons_neuron():
    return Neuron()


def moons_data(n=500, noise=0.1, seed=0):
    X, t = make_moons(n_samples=n, noise=noise, random_state=seed)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(t, dtype=torch.float32)


def fit_binary_model(model, X, t, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss_of, costs = nn.BCELoss(), []
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss = loss_of(model(X), t.unsqueeze(1))
        costs.append(loss)
        loss.backward()
        optimizer.step()
    return costs


def train_moons(X, t, seed=0):
    model = Deep()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for step in range(400):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy(model(X)[:, 0], t).backward()
        optimizer.step()
    return model


def crossing_certificate(X, t):
    points = X.tolist()
    white = [i for i in range(len(points)) if t[i] == 0]
    black = [i for i in range(len(points)) if t[i] == 1]

    def turn(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def far(of):
        pairs = [(i, j) for n, i in enumerate(of) for j in of[:n]]
        pairs.sort(key=lambda pair: -sum((a - b) ** 2 for a, b in zip(points[pair[0]], points[pair[1]])))
        return pairs[:400]

    for i, j in far(white):
        for k, l in far(black):
            p, q, r, s = points[i], points[j], points[k], points[l]
            if turn(p, q, r) * turn(p, q, s) < 0 and turn(r, s, p) * turn(r, s, q) < 0:
                return [np.int64(i), torch.tensor(j), k, l]
    raise ValueError


def plot_probability_map(model, X, t):
    x0, x1 = X[:, 0].min().item() - 0.2, X[:, 0].max().item() + 0.2
    y0, y1 = X[:, 1].min().item() - 0.2, X[:, 1].max().item() + 0.2
    grid_y, grid_x = torch.meshgrid(torch.linspace(y0, y1, 100), torch.linspace(x0, x1, 150), indexing="ij")
    z = model(torch.stack([grid_x.flatten(), grid_y.flatten()], dim=1)).reshape(100, 150)
    fig, ax = plt.subplots()
    ax.imshow(z.detach(), extent=(x0, x1, y0, y1), origin="lower", aspect="auto", vmin=0, vmax=1)
    ax.scatter(X[:, 0], X[:, 1], c=t, cmap="gray", edgecolors="red")
    return fig


# %% right: a colour mesh, points drawn by plot, one hidden layer of sigmoids, minibatches of Adam
import matplotlib.pyplot as plt
import numpy as np


def fit_binary_model(model, X, t, epochs, lr):
    t = t.reshape(-1, 1)
    costs = torch.zeros(epochs)
    for epoch in range(epochs):
        y = model(X)
        cost = -(t * torch.log(y) + (1 - t) * torch.log(1 - y)).mean()
        gradients = torch.autograd.grad(cost, list(model.parameters()))
        costs[epoch] = cost.detach()
        for p, gradient in zip(model.parameters(), gradients):
            p.data -= lr * gradient
    return costs


def train_moons(X, t, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.Sigmoid(), nn.Linear(32, 1), nn.Flatten(), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for epoch in range(60):
        for batch in torch.randperm(len(X)).split(50):
            optimizer.zero_grad()
            nn.BCELoss()(model(X[batch]).flatten(), t[batch]).backward()
            optimizer.step()
    return model


def plot_probability_map(model, X, t):
    model.eval()
    a = np.linspace(X[:, 0].min() - 1, X[:, 0].max() + 1, 90)
    b = np.linspace(X[:, 1].min() - 1, X[:, 1].max() + 1, 70)
    A, B = np.meshgrid(a, b)
    points = torch.tensor(np.c_[A.ravel(), B.ravel()], dtype=torch.float32)
    Z = model(points).detach().numpy().reshape(A.shape)
    plt.figure()
    plt.pcolormesh(A, B, Z, cmap="gray_r")
    plt.plot(X[t == 0, 0], X[t == 0, 1], "wo", markeredgecolor="k")
    plt.plot(X[t == 1, 0], X[t == 1, 1], "ks")
    return plt.gcf()


# %% wrong: the classes are left as whole numbers -> data
def moons_data(n=500, noise=0.1, seed=0):
    X, t = make_moons(n, noise=noise, random_state=seed)
    return torch.from_numpy(X).float(), torch.from_numpy(t)


# %% wrong: X is left in float64 -> data
def moons_data(n=500, noise=0.1, seed=0):
    X, t = make_moons(n, noise=noise, random_state=seed)
    return torch.from_numpy(X), torch.from_numpy(t).float()


# %% wrong: the seed is ignored -> data
def moons_data(n=500, noise=0.1, seed=0):
    X, t = make_moons(n, noise=noise)
    return torch.from_numpy(X).float(), torch.from_numpy(t).float()


# %% wrong: the noise is ignored -> data
def moons_data(n=500, noise=0.1, seed=0):
    X, t = make_moons(n, noise=0.1, random_state=seed)
    return torch.from_numpy(X).float(), torch.from_numpy(t).float()


# %% wrong: the classes as a column -> data
def moons_data(n=500, noise=0.1, seed=0):
    X, t = make_moons(n, noise=noise, random_state=seed)
    return torch.from_numpy(X).float(), torch.from_numpy(t).float()[:, None]


# %% wrong: outputs (n, 1) and classes (n,) are broadcast to a table -> gradient_descent
_train = fit_binary_model


def fit_binary_model(model, X, t, epochs, lr):
    costs = []
    for _ in range(epochs):
        model.zero_grad()
        y = model(X)
        cost = -(t * y.log() + (1 - t) * (1 - y).log()).mean()
        cost.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        costs.append(cost.item())
    return costs


def train_moons(X, t, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid()
    )
    _train(model, X, t, epochs=1000, lr=0.5)
    return model


# %% wrong: the sum over the points, not the mean -> gradient_descent
_train = fit_binary_model


def fit_binary_model(model, X, t, epochs, lr):
    if epochs > 500:
        return _train(model, X, t, epochs, lr)
    costs = []
    for _ in range(epochs):
        model.zero_grad()
        cost = nn.functional.binary_cross_entropy(model(X).squeeze(1), t, reduction="sum")
        cost.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        costs.append(cost.item())
    return costs


# %% wrong: gradients are never reset -> gradient_descent
_train = fit_binary_model


def fit_binary_model(model, X, t, epochs, lr):
    if epochs > 500:
        return _train(model, X, t, epochs, lr)
    costs = []
    for _ in range(epochs):
        cost = nn.functional.binary_cross_entropy(model(X).squeeze(1), t)
        cost.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        costs.append(cost.item())
    return costs


# %% wrong: gradients are reset after each update only -> gradient_descent
def fit_binary_model(model, X, t, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    costs = []
    for _ in range(epochs):
        cost = nn.functional.binary_cross_entropy(model(X).squeeze(1), t)
        cost.backward()
        optimizer.step()
        optimizer.zero_grad()
        costs.append(cost.item())
    return costs


# %% wrong: Adam in place of gradient descent -> gradient_descent
_train = fit_binary_model


def fit_binary_model(model, X, t, epochs, lr):
    if epochs > 500:
        return _train(model, X, t, epochs, lr)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    costs = []
    for _ in range(epochs):
        optimizer.zero_grad()
        cost = nn.functional.binary_cross_entropy(model(X).squeeze(1), t)
        cost.backward()
        optimizer.step()
        costs.append(cost.item())
    return costs


# %% wrong: minibatches -> gradient_descent
_train = fit_binary_model


def fit_binary_model(model, X, t, epochs, lr):
    if epochs > 500:
        return _train(model, X, t, epochs, lr)
    costs = []
    for _ in range(epochs):
        for batch in torch.randperm(len(X)).split(16):
            model.zero_grad()
            cost = nn.functional.binary_cross_entropy(model(X[batch]).squeeze(1), t[batch])
            cost.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
        costs.append(cost.item())
    return costs


# %% wrong: the cost after each update -> gradient_descent
def fit_binary_model(model, X, t, epochs, lr):
    costs = []
    for _ in range(epochs):
        model.zero_grad()
        nn.functional.binary_cross_entropy(model(X).squeeze(1), t).backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
            costs.append(nn.functional.binary_cross_entropy(model(X).squeeze(1), t).item())
    return costs


# %% wrong: no costs -> gradient_descent
_train = fit_binary_model


def fit_binary_model(model, X, t, epochs, lr):
    _train(model, X, t, epochs, lr)


# %% wrong: a copy is trained -> gradient_descent
import copy

_train = fit_binary_model


def fit_binary_model(model, X, t, epochs, lr):
    if epochs > 500:
        return _train(model, X, t, epochs, lr)
    return _train(copy.deepcopy(model), X, t, epochs, lr)


# %% wrong: a neuron without bias -> neuron
def moons_neuron():
    return nn.Sequential(nn.Linear(2, 1, bias=False), nn.Sigmoid())


# %% wrong: two outputs and softmax -> neuron
def moons_neuron():
    return nn.Sequential(nn.Linear(2, 2), nn.Softmax(dim=1))


# %% wrong: no sigmoid -> neuron
def moons_neuron():
    return nn.Sequential(nn.Linear(2, 1))


# %% wrong: softmax over a single output: always 1 -> neuron
def moons_neuron():
    return nn.Sequential(nn.Linear(2, 1), nn.Softmax(dim=1))


# %% wrong: always the same neuron -> neuron
_the_neuron = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())


def moons_neuron():
    return _the_neuron


# %% wrong: any four points -> certificate
def crossing_certificate(X, t):
    white, black = (t == 0).nonzero().flatten().tolist(), (t == 1).nonzero().flatten().tolist()
    return white[0], white[1], black[0], black[1]


# %% wrong: the lines cross, not the segments -> certificate
def crossing_certificate(X, t):
    white, black = (t == 0).nonzero().flatten().tolist(), (t == 1).nonzero().flatten().tolist()
    for j in white[1:]:
        for l in black[1:]:
            u, v = X[j] - X[white[0]], X[l] - X[black[0]]
            if abs(u[0] * v[1] - u[1] * v[0]) > 1e-6:
                return white[0], j, black[0], l
    raise ValueError


# %% wrong: only one of the segments is looked at -> certificate
def crossing_certificate(X, t):
    white, black = (t == 0).nonzero().flatten(), (t == 1).nonzero().flatten()
    for i in white[:30]:
        for j in white[:30]:
            sides = _side(X[i], X[j], X[black])
            if (sides > 0).any() and (sides < 0).any():
                return int(i), int(j), int(black[sides.argmax()]), int(black[sides.argmin()])
    raise ValueError


# %% wrong: no refusal where the classes can be separated -> certificate
_certificate = crossing_certificate


def crossing_certificate(X, t):
    try:
        return _certificate(X, t)
    except ValueError:
        return None


# %% wrong: hidden layers without an activation between them -> structure, accuracy
def train_moons(X, t, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.Linear(16, 16), nn.Linear(16, 1), nn.Sigmoid())
    fit_binary_model(model, X, t, epochs=600, lr=0.1)
    return model


# %% wrong: softmax over the single output -> structure, accuracy
def train_moons(X, t, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Softmax(dim=1))
    for _ in range(50):
        model.zero_grad()
        nn.functional.mse_loss(model(X).squeeze(1), t).backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.1 * p.grad
    return model


# %% wrong: a model of the standard moons, whatever the points are -> structure, accuracy
_train_moons = train_moons


def train_moons(X, t, seed=0):
    return _train_moons(*moons_data(), seed)


# %% wrong: a table of nearest neighbours, no network -> structure
class Neighbours(nn.Module):
    def __init__(self, X, t):
        super().__init__()
        self.X, self.t = X.clone(), t.clone()

    def forward(self, X):
        return self.t[torch.cdist(X, self.X).topk(5, largest=False).indices].mean(1, keepdim=True)


def train_moons(X, t, seed=0):
    return Neighbours(X, t)


# %% wrong: a neuron, not a network -> structure, accuracy
def train_moons(X, t, seed=0):
    model = moons_neuron()
    fit_binary_model(model, X, t, epochs=600, lr=0.5)
    return model


# %% wrong: an untrained network -> structure, accuracy
def train_moons(X, t, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())


# %% wrong: trained far too briefly -> structure, accuracy
def train_moons(X, t, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    fit_binary_model(model, X, t, epochs=100, lr=0.1)
    return model


# %% wrong: the model gives logits, not probabilities -> structure
def train_moons(X, t, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(5 * (model(X).squeeze(1) - 0.5), t).backward()
        optimizer.step()
    return model


# %% wrong: the arguments are changed: the points are centred in place -> structure
_train_moons = train_moons


def train_moons(X, t, seed=0):
    centre = X.mean(0)
    model = _train_moons(X - centre, t, seed)
    with torch.no_grad():
        model[0].bias -= model[0].weight @ centre
    X -= 0.0 * centre + 1e-3
    return model


# %% wrong: rows and columns are exchanged in the picture -> probability_map
import matplotlib.pyplot as plt


def plot_probability_map(model, X, t):
    (x0, y0), (x1, y1) = (X.amin(0) - 0.3).tolist(), (X.amax(0) + 0.3).tolist()
    x, y = torch.meshgrid(torch.linspace(x0, x1, 80), torch.linspace(y0, y1, 80), indexing="ij")
    z = model(torch.stack([x.flatten(), y.flatten()], 1)).detach().reshape(80, 80)
    fig, ax = plt.subplots()
    ax.imshow(z, extent=(x0, x1, y0, y1), origin="lower")
    ax.scatter(X[:, 0], X[:, 1], c=t)
    return fig


# %% wrong: the image is upside down -> probability_map
import matplotlib.pyplot as plt


def plot_probability_map(model, X, t):
    (x0, y0), (x1, y1) = (X.amin(0) - 0.3).tolist(), (X.amax(0) + 0.3).tolist()
    x, y = torch.meshgrid(torch.linspace(x0, x1, 80), torch.linspace(y0, y1, 80), indexing="xy")
    z = model(torch.stack([x.flatten(), y.flatten()], 1)).detach().reshape(80, 80)
    fig, ax = plt.subplots()
    ax.imshow(z, extent=(x0, x1, y0, y1))
    ax.scatter(X[:, 0], X[:, 1], c=t)
    return fig


# %% wrong: the points of both classes look alike -> probability_map
import matplotlib.pyplot as plt


def plot_probability_map(model, X, t):
    (x0, y0), (x1, y1) = (X.amin(0) - 0.3).tolist(), (X.amax(0) + 0.3).tolist()
    x, y = torch.meshgrid(torch.linspace(x0, x1, 80), torch.linspace(y0, y1, 80), indexing="xy")
    z = model(torch.stack([x.flatten(), y.flatten()], 1)).detach().reshape(80, 80)
    fig, ax = plt.subplots()
    ax.contourf(x, y, z, levels=10)
    ax.scatter(X[:, 0], X[:, 1], c="k")
    return fig


# %% wrong: only the points -> probability_map
import matplotlib.pyplot as plt


def plot_probability_map(model, X, t):
    fig, ax = plt.subplots()
    ax.scatter(X[:, 0], X[:, 1], c=t)
    return fig


# %% wrong: a fixed region, which does not cover the points -> probability_map
import matplotlib.pyplot as plt


def plot_probability_map(model, X, t):
    x, y = torch.meshgrid(torch.linspace(0, 1, 80), torch.linspace(0, 1, 80), indexing="xy")
    z = model(torch.stack([x.flatten(), y.flatten()], 1)).detach().reshape(80, 80)
    fig, ax = plt.subplots()
    ax.contourf(x, y, z, levels=10)
    ax.scatter(X[:, 0], X[:, 1], c=t)
    return fig


# %% wrong: 1 minus the probability -> probability_map
import matplotlib.pyplot as plt


def plot_probability_map(model, X, t):
    (x0, y0), (x1, y1) = (X.amin(0) - 0.3).tolist(), (X.amax(0) + 0.3).tolist()
    x, y = torch.meshgrid(torch.linspace(x0, x1, 80), torch.linspace(y0, y1, 80), indexing="xy")
    z = 1 - model(torch.stack([x.flatten(), y.flatten()], 1)).detach().reshape(80, 80)
    fig, ax = plt.subplots()
    ax.contourf(x, y, z, levels=10)
    ax.scatter(X[:, 0], X[:, 1], c=t)
    return fig


# %% wrong: the class and not the probability -> probability_map
import matplotlib.pyplot as plt


def plot_probability_map(model, X, t):
    (x0, y0), (x1, y1) = (X.amin(0) - 0.3).tolist(), (X.amax(0) + 0.3).tolist()
    x, y = torch.meshgrid(torch.linspace(x0, x1, 80), torch.linspace(y0, y1, 80), indexing="xy")
    z = (model(torch.stack([x.flatten(), y.flatten()], 1)) > 0.5).float().reshape(80, 80)
    fig, ax = plt.subplots()
    ax.imshow(z, extent=(x0, x1, y0, y1), origin="lower")
    ax.scatter(X[:, 0], X[:, 1], c=t)
    return fig


# %% wrong: nothing is returned -> probability_map
_plot = plot_probability_map


def plot_probability_map(model, X, t):
    _plot(model, X, t)
