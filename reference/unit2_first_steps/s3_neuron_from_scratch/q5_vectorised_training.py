"""X @ w is all the z, residual @ X all the gradients: one compiled call each, whatever N and k are.

Saturated points need a residual y - yt that is computed without a quotient, and a cost from z itself (log(1 + e^z), as in
binary_cross_entropy_with_logits). With 20 seeds for each k and 500 iterations the accuracy is 1 for k >= 3, from 0.785 on for
k = 1 and from 0.5 on for k = 2, where two centres may nearly be equal.
"""

# %% solution
import torch
from sklearn.datasets import make_blobs
from torch.nn.functional import binary_cross_entropy_with_logits


def neuron_probability(X, w, b):
    return torch.sigmoid(X @ w + b)


def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y = Y.to(X.dtype)
    b = torch.tensor(b, dtype=X.dtype)
    cost = torch.empty(n_iter, dtype=X.dtype)
    for i in range(n_iter):
        residual = neuron_probability(X, w, b) - Y
        w = w - alpha * (residual @ X) / len(X)
        b = b - alpha * residual.mean()
        cost[i] = binary_cross_entropy_with_logits(X @ w + b, Y)
    return w, b, cost


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    points, labels = make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed)
    X, Y = torch.tensor(points), torch.tensor(labels)
    w, b, _ = train_vectorised(X, Y, torch.zeros(k, dtype=X.dtype), 0.0, alpha, n_iter)
    black = neuron_probability(X, w, b) > 0.5
    return {"w": w, "b": b, "accuracy": (black == (Y == 1)).double().mean().item()}


# %% right: a column of ones, logarithms with a small number inside
def neuron_probability(X, w, b):
    return 1 / (1 + torch.exp(-(X @ w + b)))


def train_vectorised(X, Y, w, b, alpha, n_iter):
    ones = torch.ones(X.shape[0], 1, dtype=X.dtype)
    inputs = torch.cat([X, ones], dim=1)
    params = torch.cat([w, torch.tensor([b], dtype=w.dtype)])
    cost = []
    for _ in range(n_iter):
        y = neuron_probability(inputs, params, 0)
        params = params - alpha * inputs.T @ (y - Y.to(y.dtype)) / X.shape[0]
        y = neuron_probability(inputs, params, 0)
        cost.append(-(Y * torch.log(y + 1e-12) + (1 - Y) * torch.log(1 - y + 1e-12)).mean())
    return params[:-1], params[-1], torch.stack(cost)


# %% right: broadcasting, nn.BCELoss for the cost, parameters updated in place
def train_vectorised(X, Y, w, b, alpha, n_iter):
    labels, w, b = Y.to(X), w.clone(), torch.as_tensor(b, dtype=X.dtype).clone()
    price, cost = torch.nn.BCELoss(), torch.zeros(n_iter)
    for i in range(n_iter):
        r = torch.sigmoid((X * w).sum(dim=1) + b) - labels
        w -= alpha * (r[:, None] * X).mean(0)
        b -= alpha * r.mean()
        cost[i] = price(torch.sigmoid((X * w).sum(dim=1) + b), labels)
    return w, b, cost


# %% right: PyTorch's layer, its stable loss and its optimiser
def train_vectorised(X, Y, w, b, alpha, n_iter):
    layer = torch.nn.Linear(X.shape[1], 1).to(X.dtype)
    with torch.no_grad():
        layer.weight.copy_(w[None])
        layer.bias.fill_(b)
    optimiser = torch.optim.SGD(layer.parameters(), lr=alpha)
    criterion = torch.nn.BCEWithLogitsLoss()
    cost = []
    for _ in range(n_iter):
        optimiser.zero_grad()
        criterion(layer(X).squeeze(1), Y.to(X.dtype)).backward()
        optimiser.step()
        with torch.no_grad():
            cost.append(criterion(layer(X).squeeze(1), Y.to(X.dtype)))
    return layer.weight[0].detach(), layer.bias[0].detach(), torch.stack(cost)


# %% right: NumPy with clipped logarithms, b as a number, the accuracy from z
import numpy as np


def neuron_probability(X, w, b):
    return torch.from_numpy(0.5 * (1 + np.tanh(0.5 * (X.numpy() @ w.numpy() + float(b)))))


def train_vectorised(X, Y, w, b, alpha, n_iter):
    x, yt, w = X.numpy().astype(np.float64), Y.numpy(), w.numpy().astype(np.float64)
    cost = []
    for _ in range(n_iter):
        r = 0.5 * (1 + np.tanh(0.5 * (x @ w + b))) - yt
        w, b = w - alpha * r @ x / len(x), b - alpha * r.mean()
        z = x @ w + b
        cost.append(np.mean(np.logaddexp(0, np.where(yt == 1, -z, z))))
    return torch.from_numpy(w), float(b), torch.tensor(cost)


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    x, labels = make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed)
    start = torch.zeros(k, dtype=torch.float64)
    w, b, cost = train_vectorised(torch.from_numpy(x), torch.from_numpy(labels), start, 0.0, alpha, n_iter)
    hits = (x @ w.numpy() + b > 0).astype(int) == labels
    return {"accuracy": hits.mean(), "w": w.numpy(), "b": b, "cost": cost}


# %% right: einsum, the cost by softplus, b as a tensor of one element in the dictionary
def train_vectorised(X, Y, w, b, alpha, n_iter):
    N, k = X.shape
    sign = (1 - 2 * Y).to(X.dtype)
    costs = []
    for _ in range(n_iter):
        residual = torch.special.expit(torch.einsum("nk,k->n", X, w) + b) - Y
        w, b = (
            w - alpha / N * torch.einsum("n,nk->k", residual.to(X.dtype), X),
            b - alpha / N * residual.sum(),
        )
        costs.append(torch.nn.functional.softplus(sign * (torch.einsum("nk,k->n", X, w) + b)).mean())
    return w, b, torch.stack(costs)


solution = train_on_blobs


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    result = solution(k, n_samples, seed, alpha, n_iter)
    return {
        "w": result["w"].float(),
        "b": result["b"].reshape(1),
        "accuracy": torch.tensor(result["accuracy"]),
    }


# %% right: torch.autograd.grad on log-sigmoids
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y = Y.to(X.dtype)
    w, b = w.clone().requires_grad_(), torch.tensor(b, dtype=X.dtype, requires_grad=True)

    def price():
        z = X @ w + b
        logs = torch.nn.functional.logsigmoid
        return -(Y * logs(z) + (1 - Y) * logs(-z)).mean()

    costs = []
    for _ in range(n_iter):
        gw, gb = torch.autograd.grad(price(), (w, b))
        with torch.no_grad():
            w -= alpha * gw
            b -= alpha * gb
            costs.append(price())
    return w.detach(), b.detach(), torch.stack(costs)


# %% right: the rows of a matrix of points are its columns
def neuron_probability(X, w, b):
    return torch.special.expit((w.unsqueeze(0) @ X.mT).squeeze(0) + b)


def train_vectorised(X, Y, w, b, alpha, n_iter):
    columns, labels = X.mT.contiguous(), Y.type(X.dtype)
    w, b, costs = w.reshape(1, -1).clone(), X.new_tensor(b), X.new_zeros(n_iter)
    for i in range(n_iter):
        r = torch.special.expit(w @ columns + b) - labels  # (1, N)
        w, b = w - alpha * (r @ columns.mT) / r.numel(), b - alpha * r.mean()
        z = (w @ columns).view(-1) + b
        costs[i] = torch.mean(torch.logaddexp(z, torch.zeros_like(z)) - labels * z)
    return w.view(-1), b, costs


# %% right: a class that holds the parameters; labels as booleans
class Neuron:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def z(self, X):
        return torch.tensordot(X, self.w, dims=1) + self.b

    def learn(self, X, Y, alpha):
        r = self.z(X).sigmoid() - Y
        self.w, self.b = self.w - alpha * torch.tensordot(r, X, dims=1) / len(r), self.b - alpha * r.mean()

    def cost(self, X, Y):
        return -torch.nn.functional.logsigmoid(torch.where(Y.bool(), self.z(X), -self.z(X))).mean()


def train_vectorised(X, Y, w, b, alpha, n_iter):
    neuron, cost = Neuron(w, b), []
    for _ in range(n_iter):
        neuron.learn(X, Y.to(X.dtype), alpha)
        cost.append(neuron.cost(X, Y))
    return neuron.w, neuron.b, torch.stack(cost)


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    X, Y = (
        torch.from_numpy(a)
        for a in make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed)
    )
    neuron = Neuron(torch.zeros(k).double(), 0.0)
    for _ in range(n_iter):
        neuron.learn(X, Y, alpha)
    return {"w": neuron.w, "b": neuron.b, "accuracy": (neuron.z(X).sigmoid().round() == Y).float().mean()}


# %% right: autograd through the probabilities of torch.distributions, written with clamped logarithms for the record
def train_vectorised(X, Y, w, b, alpha, n_iter):
    params = torch.cat([w, w.new_tensor([b])]).requires_grad_()
    costs = []
    for _ in range(n_iter):
        neuron = torch.distributions.Bernoulli(logits=X @ params[:-1] + params[-1])
        (-neuron.log_prob(Y.to(X.dtype)).mean()).backward()
        with torch.no_grad():
            params -= alpha * params.grad
            params.grad = None
            y = torch.sigmoid(X @ params[:-1] + params[-1])
            logs = torch.clamp(torch.log(torch.where(Y == 1, y, 1 - y)), min=-100)
            costs.append(-logs.mean().item())
    return params[:-1].detach(), params[-1].detach(), torch.tensor(costs)


# %% wrong: a loop over the points -> speed
def train_vectorised(X, Y, w, b, alpha, n_iter):
    cost = []
    for _ in range(n_iter):
        gw, gb = torch.zeros_like(w), torch.zeros((), dtype=X.dtype)
        for x, yt in zip(X, Y):
            r = torch.sigmoid(x @ w + b) - yt
            gw += r * x
            gb += r
        w, b = w - alpha * gw / len(X), b - alpha * gb / len(X)
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y.to(X.dtype)))
    return w, b, torch.stack(cost)


# %% wrong: a loop over the coordinates -> speed
def train_vectorised(X, Y, w, b, alpha, n_iter):
    N, k = X.shape
    w, b, cost = w.clone(), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        z = torch.zeros(N, dtype=X.dtype) + b
        for j in range(k):
            z = z + w[j] * X[:, j]
        r = torch.sigmoid(z) - Y
        for j in range(k):
            w[j] -= alpha * (r * X[:, j]).mean()
        b = b - alpha * r.mean()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y.to(X.dtype)))
    return w, b, torch.stack(cost)


# %% wrong: w as a column, so that (N, 1) minus (N,) is a table -> training, saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    w, b, Y, cost = w[:, None], torch.tensor(b, dtype=X.dtype), Y.to(X.dtype), []
    for _ in range(n_iter):
        r = torch.sigmoid(X @ w + b) - Y
        w = w - alpha * X.T @ r.mean(1, keepdim=True) / len(X)
        b = b - alpha * r.mean()
        cost.append(binary_cross_entropy_with_logits((X @ w + b).expand(-1, len(Y)), Y.expand(len(Y), -1)))
    return w[:, 0], b, torch.stack(cost)


# %% wrong: the probabilities as a column -> neuron_probability
def neuron_probability(X, w, b):
    return torch.sigmoid(X @ w[:, None] + b)


def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        residual = neuron_probability(X, w, b)[:, 0] - Y
        w, b = w - alpha * (residual @ X) / len(X), b - alpha * residual.mean()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
    return w, b, torch.stack(cost)


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    points, labels = make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed)
    X, Y = torch.tensor(points), torch.tensor(labels)
    w, b, _ = train_vectorised(X, Y, torch.zeros(k, dtype=X.dtype), 0.0, alpha, n_iter)
    return {"w": w, "b": b, "accuracy": ((X @ w + b > 0) == (Y == 1)).double().mean().item()}


# %% wrong: the mean over the coordinates, too -> training, saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        r = torch.sigmoid(X @ w + b) - Y
        w, b = w - alpha * (r[:, None] * X).mean(), b - alpha * r.mean()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
    return w, b, torch.stack(cost)


# %% wrong: b stays what it was -> training, saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        w = w - alpha * ((torch.sigmoid(X @ w + b) - Y) @ X) / len(X)
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
    return w, b, torch.stack(cost)


# %% wrong: b is updated once for each coordinate -> training, saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        r = torch.sigmoid(X @ w + b) - Y
        w, b = w - alpha * (r @ X) / len(X), b - alpha * X.shape[1] * r.mean()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
    return w, b, torch.stack(cost)


# %% wrong: b is updated with the new w -> training, saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        w = w - alpha * ((torch.sigmoid(X @ w + b) - Y) @ X) / len(X)
        b = b - alpha * (torch.sigmoid(X @ w + b) - Y).mean()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
    return w, b, torch.stack(cost)


# %% wrong: the cost before the update -> training, saturated
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
        r = torch.sigmoid(X @ w + b) - Y
        w, b = w - alpha * (r @ X) / len(X), b - alpha * r.mean()
    return w, b, torch.stack(cost)


# %% wrong: the quotient of the chain rule -> saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        y = torch.sigmoid(X @ w + b)
        r = -(Y - y) / (y - y**2) * (y * (1 - y))
        w, b = w - alpha * (r @ X) / len(X), b - alpha * r.mean()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
    return w, b, torch.stack(cost)


# %% wrong: the quotient, protected by a clamp, pulls too little from the wrong side -> saturated
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        y = torch.sigmoid(X @ w + b)
        r = -(Y - y) / (y - y**2).clamp(min=1e-12) * (y * (1 - y))
        w, b = w - alpha * (r @ X) / len(X), b - alpha * r.mean()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y))
    return w, b, torch.stack(cost)


# %% wrong: bare logarithms, 0 times minus infinity -> saturated
def train_vectorised(X, Y, w, b, alpha, n_iter):
    b, cost = torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        r = torch.sigmoid(X @ w + b) - Y.to(X.dtype)
        w, b = w - alpha * (r @ X) / len(X), b - alpha * r.mean()
        y = torch.sigmoid(X @ w + b)
        cost.append(-(Y * torch.log(y) + (1 - Y) * torch.log(1 - y)).mean())
    return w, b, torch.stack(cost)


# %% wrong: NaN costs become zero -> saturated
def train_vectorised(X, Y, w, b, alpha, n_iter):
    b, cost = torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        r = torch.sigmoid(X @ w + b) - Y.to(X.dtype)
        w, b = w - alpha * (r @ X) / len(X), b - alpha * r.mean()
        y = torch.sigmoid(X @ w + b)
        cost.append(torch.nan_to_num(-(Y * torch.log(y) + (1 - Y) * torch.log(1 - y)).mean()))
    return w, b, torch.stack(cost)


# %% wrong: differentiates nn.BCELoss, whose gradient vanishes where y is rounded -> saturated
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, cost = Y.to(X.dtype), []
    w, b = w.clone().requires_grad_(), torch.tensor(b, dtype=X.dtype, requires_grad=True)
    price = torch.nn.BCELoss()
    for _ in range(n_iter):
        gw, gb = torch.autograd.grad(price(torch.sigmoid(X @ w + b), Y), (w, b))
        with torch.no_grad():
            w -= alpha * gw
            b -= alpha * gb
            cost.append(price(torch.sigmoid(X @ w + b), Y))
    return w.detach(), b.detach(), torch.stack(cost)


# %% wrong: two coordinates, hard-wired -> training, saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    w0, w1 = w[0], w[1]
    for _ in range(n_iter):
        r = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b) - Y
        w0, w1 = w0 - alpha * (r * X[:, 0]).mean(), w1 - alpha * (r * X[:, 1]).mean()
        b = b - alpha * r.mean()
        cost.append(binary_cross_entropy_with_logits(w0 * X[:, 0] + w1 * X[:, 1] + b, Y))
    return torch.stack([w0, w1]), b, torch.stack(cost)


# %% wrong: starts from zero, whatever is asked for -> training, saturated
solution = train_vectorised


def train_vectorised(X, Y, w, b, alpha, n_iter):
    return solution(X, Y, torch.zeros_like(w), 0.0, alpha, n_iter)


# %% wrong: zeros -> neuron_probability, training, saturated, train_on_blobs
def neuron_probability(X, w, b):
    return torch.zeros(len(X))


def train_vectorised(X, Y, w, b, alpha, n_iter):
    return torch.zeros_like(w), torch.zeros(()), torch.zeros(n_iter)


# %% wrong: only the last cost -> training, saturated
solution = train_vectorised


def train_vectorised(*arguments):
    w, b, cost = solution(*arguments)
    return w, b, cost[-1]


# %% wrong: b as a tensor of one element -> training, saturated
solution = train_vectorised


def train_vectorised(*arguments):
    w, b, cost = solution(*arguments)
    return w, b.reshape(1), cost


# %% wrong: the accuracy is always 1 -> train_on_blobs
solution = train_on_blobs


def train_on_blobs(*arguments, **options):
    return {**solution(*arguments, **options), "accuracy": 1.0}


# %% wrong: the labels swapped -> train_on_blobs
def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    points, labels = make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed)
    X, Y = torch.tensor(points), 1 - torch.tensor(labels)
    w, b, _ = train_vectorised(X, Y, torch.zeros(k, dtype=X.dtype), 0.0, alpha, n_iter)
    return {"w": w, "b": b, "accuracy": ((X @ w + b > 0) == (Y == 1)).double().mean().item()}


# %% wrong: the accuracy of white -> train_on_blobs
solution = train_on_blobs


def train_on_blobs(*arguments, **options):
    result = solution(*arguments, **options)
    return {**result, "accuracy": 1 - result["accuracy"]}


# %% wrong: the number of hits -> train_on_blobs
solution = train_on_blobs


def train_on_blobs(k, n_samples=200, **options):
    result = solution(k, n_samples, **options)
    return {**result, "accuracy": result["accuracy"] * n_samples}


# %% wrong: always the same seed -> train_on_blobs
solution = train_on_blobs


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    return solution(k, n_samples, 0, alpha, n_iter)


# %% wrong: on other points than it was trained on -> train_on_blobs
solution = train_on_blobs


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    result = solution(k, n_samples, seed, alpha, n_iter)
    points, labels = make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed + 1)
    black = torch.tensor(points) @ result["w"] + result["b"] > 0
    return {**result, "accuracy": (black == torch.tensor(labels)).double().mean().item()}


# %% wrong: other defaults -> train_on_blobs
solution = train_on_blobs


def train_on_blobs(k, n_samples=100, seed=1, alpha=0.1, n_iter=1000):
    return solution(k, n_samples, seed, alpha, n_iter)


# %% wrong: one point at a time, the next with the new parameters -> training, saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    cost = []
    for _ in range(n_iter):
        r = torch.sigmoid(X[:1] @ w + b) - Y[:1]
        w, b = w - alpha * r @ X[:1], b - alpha * r.sum()
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y.to(X.dtype)))
    return w, torch.as_tensor(b, dtype=X.dtype), torch.stack(cost)


# %% wrong: the cost counts the black points only -> training, saturated
solution = train_vectorised


def train_vectorised(X, Y, w, b, alpha, n_iter):
    cost = [
        -(Y * torch.nn.functional.logsigmoid(X @ v + c)).mean()
        for v, c, _ in (solution(X, Y, w, b, alpha, i + 1) for i in range(n_iter))
    ]
    return *solution(X, Y, w, b, alpha, n_iter)[:2], torch.stack(cost)


# %% wrong: z is cut off at 10, which changes the costs and the pull -> saturated, train_on_blobs
def train_vectorised(X, Y, w, b, alpha, n_iter):
    Y, b, cost = Y.to(X.dtype), torch.tensor(b, dtype=X.dtype), []
    for _ in range(n_iter):
        r = torch.sigmoid((X @ w + b).clamp(-10, 10)) - Y
        w, b = w - alpha * (r @ X) / len(X), b - alpha * r.mean()
        cost.append(binary_cross_entropy_with_logits((X @ w + b).clamp(-10, 10), Y))
    return w, b, torch.stack(cost)


# %% wrong: the accuracy of a line through the origin -> train_on_blobs
solution = train_on_blobs


def train_on_blobs(k, n_samples=200, seed=0, alpha=0.1, n_iter=500):
    points, labels = make_blobs(n_samples=n_samples, n_features=k, centers=2, random_state=seed)
    result = solution(k, n_samples, seed, alpha, n_iter)
    black = torch.tensor(points) @ result["w"] > 0
    return {**result, "accuracy": (black == torch.tensor(labels)).double().mean().item()}
