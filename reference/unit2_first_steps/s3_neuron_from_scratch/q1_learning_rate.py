"""A larger step does in 1,000 iterations what alpha = 0.1 does in many more, until the step is too large.

On the points of the course (float64, 1,000 iterations from (1, -1, 5.5)), alpha: cost, accuracy, margin.
0.0001: 0.415, 0.86; 0.001: 0.1215, 0.96; 0.01: 0.0183, 1, 0.11; 0.1: 0.001752, 1, 0.761; 0.5: 0.000317, 1, 1.013;
1: 0.000148, 1, 0.988; 2: 6.4e-5, 1, 0.835; 2.5: 4.7e-5, 1, 0.736. The first rise of the cost is at an alpha of about 110;
the loop with the quotient of the chain rule gives NaN from alpha = 1 on, since y rounds to 1 and 0/0 follows.
The largest margin that any line has is 4.07. Further iterations do help, but slowly: with alpha = 0.1 the margin is
0.76, 0.89, 1.03, 1.12, 1.35 after 1,000, 2,000, 5,000, 10,000 and 100,000 of them.
"""

# %% solution
import torch
from torch.nn.functional import binary_cross_entropy_with_logits


def train_neuron(X, Y, start, alpha, n_iter):
    inputs = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)  # (N, 3): x0, x1, 1
    labels = Y.to(X.dtype)
    params = torch.tensor(start, dtype=X.dtype)
    cost = []
    for _ in range(n_iter):
        residual = torch.sigmoid(inputs @ params) - labels
        params = params - alpha * (residual @ inputs) / len(X)
        cost.append(binary_cross_entropy_with_logits(inputs @ params, labels))
    return {"params": params, "cost": torch.stack(cost)}


def alpha_sweep(X, Y, start, alphas, n_iter):
    summaries = {}
    for alpha in alphas:
        run = train_neuron(X, Y, start, alpha, n_iter)
        w, b = run["params"][:2], run["params"][2]
        z = X @ w + b
        sign = 2 * Y - 1
        summaries[alpha] = {
            "final_cost": run["cost"][-1].item(),
            "accuracy": ((z > 0) == (Y == 1)).double().mean().item(),
            "margin": (sign * z / w.norm()).min().item(),
        }
    return summaries


better_alpha = 0.5
too_small_alpha = 0.001
too_large_alpha = 200.0

learning_rate_discussion = """
I tried alphas from 0.0001 to 200, and compared the cost, the accuracy and the margin. The accuracy is 1 from alpha = 0.01
up, so it says little. Smaller alphas are slower: with 0.001 the cost is still 0.12 after 1,000 iterations. Larger ones
are better up to a point: 0.5 ends with a cost of 0.0003 in place of 0.0018 and with a margin of 1.01 in place of 0.76; at
2.5 the cost is lower still, but the margin is down to 0.74. If alpha is too large the training is unstable: with 150 the
first update raises the cost, and the code with the quotient gives nan already from alpha = 1 on, because y rounds to 1.
"""

# %% rubric: learning_rate_discussion
# 0.5  measured more than the accuracy, which is 1 for a wide range of alphas
# 0.5  a smaller alpha is slower
# 0.5  a larger alpha is better, up to a point
# 0.5  too large an alpha is unstable or numerically unsafe, with an example


# %% right: the loop of the section over the points, with the factors of the chain rule
def train_neuron(X, Y, start, alpha, n_iter):
    w0, w1, b = start
    cost = torch.zeros(n_iter)
    for i in range(n_iter):
        w0_grad = w1_grad = b_grad = 0.0
        for (x0, x1), yt in zip(X, Y):
            z = w0 * x0 + w1 * x1 + b
            y = 1 / (1 + torch.exp(-z))
            A = -(yt - y) / (y - y**2)
            B = y * (1 - y)
            w0_grad += A * B * x0
            w1_grad += A * B * x1
            b_grad += A * B
        w0 = w0 - alpha * w0_grad / len(X)
        w1 = w1 - alpha * w1_grad / len(X)
        b = b - alpha * b_grad / len(X)
        for (x0, x1), yt in zip(X, Y):
            y = 1 / (1 + torch.exp(-(w0 * x0 + w1 * x1 + b)))
            cost[i] -= (yt * torch.log(y) + (1 - yt) * torch.log(1 - y)) / len(X)
    return {"params": torch.stack([w0, w1, b]), "cost": cost}


better_alpha = 2
too_small_alpha = 1e-4
too_large_alpha = 1.0


# %% right: float32, autograd and an optimiser; numbers as tensors of one element
def train_neuron(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    w = torch.tensor(start[:2], requires_grad=True)
    b = torch.tensor(start[2], requires_grad=True)
    optimiser = torch.optim.SGD([w, b], lr=alpha)
    cost = []
    for _ in range(n_iter):
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy(torch.sigmoid(X @ w + b), Y).backward()
        optimiser.step()
        cost.append(torch.nn.functional.binary_cross_entropy(torch.sigmoid(X @ w + b), Y).detach())
    return {"params": torch.cat([w, b[None]]), "cost": torch.stack(cost), "steps": n_iter}


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = {}
    for alpha in alphas:
        run = train_neuron(X, Y, start, alpha, n_iter)
        p = run["params"].detach()
        z = X.float() @ p[:2] + p[2]
        distance = torch.where(Y == 1, z, -z) / torch.sqrt(p[0] ** 2 + p[1] ** 2)
        result[alpha] = {
            "margin": distance.min(),
            "accuracy": (torch.sigmoid(z).round() == Y).float().mean(),
            "final_cost": run["cost"][-1],
        }
    return result


better_alpha = torch.tensor(0.15)
too_small_alpha = 0.0005
too_large_alpha = torch.tensor([1000.0])

# %% right: NumPy
import numpy as np


def train_neuron(X, Y, start, alpha, n_iter):
    x, yt = np.c_[X.numpy(), np.ones(len(X))], Y.numpy()
    p, cost = np.array(start), []
    for _ in range(n_iter):
        p = p - alpha * x.T @ (1 / (1 + np.exp(-x @ p)) - yt) / len(x)
        y = 1 / (1 + np.exp(-x @ p))
        cost.append(-np.mean(yt * np.log(y) + (1 - yt) * np.log(1 - y)))
    return {"params": p, "cost": np.array(cost)}


def alpha_sweep(X, Y, start, alphas, n_iter):
    def summary(run):
        w0, w1, b = run["params"]
        z = w0 * X[:, 0].numpy() + w1 * X[:, 1].numpy() + b
        black = Y.numpy() == 1
        return {
            "final_cost": run["cost"][-1],
            "accuracy": np.mean((z > 0) == black),
            "margin": min((z if is_black else -z) / np.hypot(w0, w1) for z, is_black in zip(z, black)),
        }

    return {alpha: summary(train_neuron(X, Y, start, alpha, n_iter)) for alpha in alphas}


better_alpha = np.float32(2.3)
too_small_alpha = np.float64(0.00001)
too_large_alpha = 10**6

# %% right: plain Python numbers, and further entries
import math


def train_neuron(X, Y, start, alpha, n_iter):
    points, params, history = list(zip(X.tolist(), Y.tolist())), list(start), []

    def probability(x):
        return 1 / (1 + math.exp(-(params[0] * x[0] + params[1] * x[1] + params[2])))

    for _ in range(n_iter):
        gradient = [0.0, 0.0, 0.0]
        for x, yt in points:
            residual = (probability(x) - yt) / len(points)
            for k, factor in enumerate((*x, 1)):
                gradient[k] += residual * factor
        params = [p - alpha * g for p, g in zip(params, gradient)]
        history.append(
            -sum(math.log(probability(x) if yt else 1 - probability(x)) for x, yt in points) / len(points)
        )
    return {"params": torch.tensor(params, dtype=torch.float64), "cost": torch.tensor(history)}


better_alpha = 0.9
too_large_alpha = 1e300


# %% right: torch.autograd.grad on a float64 vector of parameters that is written in place
def train_neuron(X, Y, start, alpha, n_iter):
    params = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    cost = torch.empty(n_iter, dtype=torch.float64)

    def price():
        y = torch.sigmoid(X[:, 0] * params[0] + X[:, 1] * params[1] + params[2])
        return -(Y * y.log() + (1 - Y) * (1 - y).log()).mean()

    for i in range(n_iter):
        (gradient,) = torch.autograd.grad(price(), params)
        with torch.no_grad():
            params -= alpha * gradient
            cost[i] = price()
    return {"params": params, "cost": cost}


better_alpha = 1.5
too_large_alpha = 150


# %% right: all learning rates of a sweep are trained side by side; another kind of dictionary
from collections import OrderedDict


def side_by_side(X, Y, start, alphas, n_iter):
    inputs = torch.hstack([X, torch.ones(len(X), 1)])
    alpha = torch.as_tensor(alphas, dtype=torch.float64)[:, None]
    params = torch.as_tensor(start, dtype=torch.float64).repeat(len(alphas), 1)
    costs = []
    for _ in range(n_iter):
        params = params - alpha * ((inputs @ params.T).sigmoid() - Y[:, None]).T @ inputs / len(X)
        z = inputs @ params.T
        costs.append((torch.nn.functional.softplus(z) - Y[:, None] * z).mean(0))
    return params, torch.stack(costs)


def train_neuron(X, Y, start, alpha, n_iter):
    params, costs = side_by_side(X, Y, start, [alpha], n_iter)
    return OrderedDict(cost=costs[:, 0], params=params[0])


def alpha_sweep(X, Y, start, alphas, n_iter):
    params, costs = side_by_side(X, Y, start, alphas, n_iter)
    signed = (2 * Y - 1) * (params[:, :2] @ X.T + params[:, 2:]) / params[:, :2].norm(dim=1, keepdim=True)
    numbers = torch.stack([costs[-1], (signed > 0).double().mean(1), signed.amin(1)], dim=1)
    return OrderedDict(
        (a, dict(zip(("final_cost", "accuracy", "margin"), n))) for a, n in zip(alphas, numbers)
    )


# %% right: a layer of PyTorch in float64; the costs still require gradients
def train_neuron(X, Y, start, alpha, n_iter):
    layer = torch.nn.Linear(2, 1).double()
    with torch.no_grad():
        layer.weight[0] = torch.tensor(start[:2])
        layer.bias[0] = start[2]
    optimiser, costs = torch.optim.SGD(layer.parameters(), lr=alpha), []

    def price():
        return torch.nn.BCELoss()(torch.sigmoid(layer(X)).flatten(), Y.double())

    for _ in range(n_iter):
        optimiser.zero_grad()
        price().backward()
        optimiser.step()
        costs.append(price()[None])
    return {"params": torch.cat([layer.weight[0], layer.bias]), "cost": torch.cat(costs)}


def alpha_sweep(X, Y, start, alphas, n_iter):
    def summary(alpha):
        run = train_neuron(X, Y, start, alpha, n_iter)
        w0, w1, b = run["params"].tolist()
        signed = [(1 if yt else -1) * (w0 * x0 + w1 * x1 + b) for (x0, x1), yt in zip(X.tolist(), Y.tolist())]
        return {
            "final_cost": run["cost"][-1].item(),
            "accuracy": sum(s > 0 for s in signed) / len(signed),
            "margin": min(signed) / (w0**2 + w1**2) ** 0.5,
        }

    return {alpha: summary(alpha) for alpha in reversed(alphas)}


# %% right: a generator of steps, and a sweep that sorts its points by colour
def steps(X, Y, params, alpha):
    while True:
        r = torch.special.expit(X @ params[:2] + params[2]) - Y
        params = params - alpha * torch.cat([(r[:, None] * X).mean(0), r.mean()[None]])
        z = X @ params[:2] + params[2]
        yield params, -torch.nn.functional.logsigmoid(torch.where(Y == 1, z, -z)).mean()


def train_neuron(X, Y, start, alpha, n_iter):
    import itertools

    history = list(itertools.islice(steps(X, Y, torch.tensor(start, dtype=torch.float64), alpha), n_iter))
    return {"params": history[-1][0], "cost": torch.stack([cost for _, cost in history])}


def alpha_sweep(X, Y, start, alphas, n_iter):
    order = Y.argsort()
    X, Y, result = X[order], Y[order], {}
    for alpha in sorted(alphas):
        run = train_neuron(X, Y, start, alpha, n_iter)
        distance = (X @ run["params"][:2] + run["params"][2]) / torch.linalg.vector_norm(run["params"][:2])
        white, black = distance[Y == 0], distance[Y == 1]
        result[alpha] = {
            "final_cost": float(run["cost"][-1]),
            "accuracy": float((white <= 0).sum() + (black > 0).sum()) / len(Y),
            "margin": float(min(-white.max(), black.min())),
        }
    return result


# %% wrong: the cost before the update -> train_neuron, alpha_sweep
def train_neuron(X, Y, start, alpha, n_iter):
    inputs = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)
    params, labels, cost = torch.tensor(start, dtype=X.dtype), Y.to(X.dtype), []
    for _ in range(n_iter):
        cost.append(binary_cross_entropy_with_logits(inputs @ params, labels))
        params = params - alpha * ((torch.sigmoid(inputs @ params) - labels) @ inputs) / len(X)
    return {"params": params, "cost": torch.stack(cost)}


# %% wrong: w0 is updated first and used for the other gradients -> train_neuron, alpha_sweep
def train_neuron(X, Y, start, alpha, n_iter):
    w0, w1, b = start
    cost = []
    for _ in range(n_iter):
        w0 = w0 - alpha * ((torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b) - Y) * X[:, 0]).mean()
        w1 = w1 - alpha * ((torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b) - Y) * X[:, 1]).mean()
        b = b - alpha * (torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b) - Y).mean()
        z = w0 * X[:, 0] + w1 * X[:, 1] + b
        cost.append(binary_cross_entropy_with_logits(z, Y.double()))
    return {"params": torch.stack([w0, w1, b]), "cost": torch.stack(cost)}


# %% wrong: the sum of the gradients, not their mean -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    return solution(X, Y, start, alpha * len(X), n_iter)


# %% wrong: the gradient is added -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    return solution(X, Y, start, -alpha, n_iter)


# %% wrong: the update after each point -> train_neuron, alpha_sweep
def train_neuron(X, Y, start, alpha, n_iter):
    params, cost = torch.tensor(start, dtype=torch.float64), []
    inputs = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)
    for _ in range(n_iter):
        for x, yt in zip(inputs, Y):
            params = params - alpha * (torch.sigmoid(x @ params) - yt) * x / len(X)
        cost.append(binary_cross_entropy_with_logits(inputs @ params, Y.double()))
    return {"params": params, "cost": torch.stack(cost)}


# %% wrong: the colours exchanged, y taken for the probability of white -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    return solution(X, 1 - Y, start, alpha, n_iter)


# %% wrong: the cost is a sum -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    run = solution(X, Y, start, alpha, n_iter)
    return {"params": run["params"], "cost": run["cost"] * len(X)}


# %% wrong: logarithms to the base 2 -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    run = solution(X, Y, start, alpha, n_iter)
    return {"params": run["params"], "cost": run["cost"] / torch.log(torch.tensor(2.0))}


# %% wrong: the start of the course, whatever is asked for -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    return solution(X, Y, (1.0, -1.0, 5.5), alpha, n_iter)


# %% wrong: always 1,000 iterations -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    return solution(X, Y, start, alpha, 1000)


# %% wrong: the mean over 100 points, as many as the course has -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    return solution(X, Y, start, alpha * len(X) / 100, n_iter)


# %% wrong: b is not updated -> train_neuron, alpha_sweep
def train_neuron(X, Y, start, alpha, n_iter):
    w, b, cost = torch.tensor(start[:2], dtype=X.dtype), start[2], []
    for _ in range(n_iter):
        w = w - alpha * ((torch.sigmoid(X @ w + b) - Y) @ X) / len(X)
        cost.append(binary_cross_entropy_with_logits(X @ w + b, Y.double()))
    return {"params": torch.tensor([*w, b]), "cost": torch.stack(cost)}


# %% wrong: zeros -> train_neuron, alpha_sweep
def train_neuron(X, Y, start, alpha, n_iter):
    return {"params": torch.zeros(3), "cost": torch.zeros(n_iter)}


# %% wrong: start comes back untrained -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    return solution(X, Y, start, 0.0, n_iter)


# %% wrong: X is centred in place -> train_neuron, alpha_sweep
solution = train_neuron


def train_neuron(X, Y, start, alpha, n_iter):
    X -= X.mean(0)
    return solution(X, Y, start, alpha, n_iter)


# %% wrong: a tuple in place of the dictionary -> train_neuron
solution, sweep = train_neuron, alpha_sweep


def train_neuron(X, Y, start, alpha, n_iter):
    return tuple(solution(X, Y, start, alpha, n_iter).values())


def alpha_sweep(*arguments):
    global train_neuron
    ours, train_neuron = train_neuron, solution
    try:
        return sweep(*arguments)
    finally:
        train_neuron = ours


# %% wrong: the sweep goes on from the last parameters -> alpha_sweep
def alpha_sweep(X, Y, start, alphas, n_iter):
    result = {}
    for alpha in alphas:
        run = train_neuron(X, Y, start, alpha, n_iter)
        start = tuple(run["params"].tolist())
        z = X @ run["params"][:2] + run["params"][2]
        result[alpha] = {
            "final_cost": run["cost"][-1].item(),
            "accuracy": ((z > 0) == Y).double().mean().item(),
            "margin": ((2 * Y - 1) * z / run["params"][:2].norm()).min().item(),
        }
    return result


# %% wrong: the margin without the norm -> alpha_sweep
def alpha_sweep(X, Y, start, alphas, n_iter):
    result = {}
    for alpha in alphas:
        run = train_neuron(X, Y, start, alpha, n_iter)
        z = X @ run["params"][:2] + run["params"][2]
        result[alpha] = {
            "final_cost": run["cost"][-1].item(),
            "accuracy": ((z > 0) == Y).double().mean().item(),
            "margin": ((2 * Y - 1) * z).min().item(),
        }
    return result


# %% wrong: the margin as an absolute distance -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = solution(X, Y, start, alphas, n_iter)
    for alpha in alphas:
        p = train_neuron(X, Y, start, alpha, n_iter)["params"]
        result[alpha]["margin"] = ((X @ p[:2] + p[2]).abs() / p[:2].norm()).min().item()
    return result


# %% wrong: the norm of all three parameters -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = solution(X, Y, start, alphas, n_iter)
    for alpha in alphas:
        p = train_neuron(X, Y, start, alpha, n_iter)["params"]
        result[alpha]["margin"] *= (p[:2].norm() / p.norm()).item()
    return result


# %% wrong: the mean distance, not the least -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = solution(X, Y, start, alphas, n_iter)
    for alpha in alphas:
        p = train_neuron(X, Y, start, alpha, n_iter)["params"]
        result[alpha]["margin"] = ((2 * Y - 1) * (X @ p[:2] + p[2]) / p[:2].norm()).mean().item()
    return result


# %% wrong: the accuracy in per cent -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = solution(X, Y, start, alphas, n_iter)
    for summary in result.values():
        summary["accuracy"] *= 100
    return result


# %% wrong: the first cost, not the last -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = solution(X, Y, start, alphas, n_iter)
    for alpha in alphas:
        result[alpha]["final_cost"] = train_neuron(X, Y, start, alpha, n_iter)["cost"][0].item()
    return result


# %% wrong: only the best learning rate is reported -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = solution(X, Y, start, alphas, n_iter)
    return min(result.values(), key=lambda summary: summary["final_cost"])


# %% wrong: a list in place of the dictionary -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    return list(solution(X, Y, start, alphas, n_iter).values())


# %% wrong: only the accuracy was looked at -> better_alpha
better_alpha = 0.01

# %% wrong: the cost is lower, the margin is not larger -> better_alpha, too_small_alpha
better_alpha = 2.5
too_small_alpha = 0.01

# %% wrong: unstable, and not better at all; stable, and not too large -> better_alpha, too_large_alpha
better_alpha = 500.0
too_large_alpha = 0.5

# %% wrong: no change -> better_alpha, too_small_alpha, too_large_alpha
better_alpha = 0.1
too_small_alpha = 0.1
too_large_alpha = 0.1

# %% wrong: not positive, not a number, infinite -> better_alpha, too_small_alpha, too_large_alpha
better_alpha = float("nan")
too_small_alpha = 0.0
too_large_alpha = float("inf")

# %% wrong: negative, and so small that rounding raises the cost -> too_small_alpha, too_large_alpha
too_small_alpha = -0.1
too_large_alpha = 1e-17


# %% wrong: momentum -> train_neuron, alpha_sweep
def train_neuron(X, Y, start, alpha, n_iter):
    params = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser, cost = torch.optim.SGD([params], lr=alpha, momentum=0.9), []

    def price():
        return binary_cross_entropy_with_logits(X @ params[:2] + params[2], Y.double())

    for _ in range(n_iter):
        optimiser.zero_grad()
        price().backward()
        optimiser.step()
        cost.append(price().detach())
    return {"params": params.detach(), "cost": torch.stack(cost)}


# %% wrong: the squared error in place of the cross-entropy -> train_neuron, alpha_sweep
def train_neuron(X, Y, start, alpha, n_iter):
    params, cost = torch.tensor(start, dtype=torch.float64), []
    for _ in range(n_iter):
        y = torch.sigmoid(X @ params[:2] + params[2])
        r = 2 * (y - Y) * y * (1 - y)
        params = params - alpha * torch.stack([(r * X[:, 0]).mean(), (r * X[:, 1]).mean(), r.mean()])
        cost.append((torch.sigmoid(X @ params[:2] + params[2]) - Y).square().mean())
    return {"params": params, "cost": torch.stack(cost)}


# %% wrong: the learning rates as strings -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    return {str(alpha): one for alpha, one in solution(X, Y, start, alphas, n_iter).items()}


# %% wrong: rounded to two digits -> alpha_sweep
solution = alpha_sweep


def alpha_sweep(X, Y, start, alphas, n_iter):
    result = solution(X, Y, start, alphas, n_iter)
    return {alpha: {name: round(value, 2) for name, value in one.items()} for alpha, one in result.items()}
