"""The same algorithm; only the rounding differs. The time goes into the interpreter, not into the gradient.

On the course's points, 1,000 iterations: (0.62186, -3.28585, 4.86395), last cost 0.0017535, with float64 or with a stable
cost. In float32 with hand-written logarithms the gradient is NaN from iteration 324 on: y rounds to 1, then 0 log 0, and
0/0 in its derivative. With 100 points PyTorch takes about 0.09 ms per iteration and the loop 4 to 5 ms. (A hand-written
closed form for all points at once takes 0.025 ms.) The course prints a cost of -0.5340 at the start; a cross-entropy is
never negative, and it is 0.8288.
"""

# %% solution
import time

import torch
from torch import nn


def train_scratch(X, Y, start, alpha, n_iter):
    w0, w1, b = (torch.tensor(value, dtype=torch.float64) for value in start)
    X, Y = X.double(), Y.double()
    costs = []
    for _ in range(n_iter):
        cost = w0_grad = w1_grad = b_grad = 0.0
        for (x0, x1), yt in zip(X, Y):
            z = w0 * x0 + w1 * x1 + b
            y = 1 / (1 + torch.exp(-z))
            cost += nn.functional.softplus(z) - yt * z
            w0_grad += (y - yt) * x0
            w1_grad += (y - yt) * x1
            b_grad += y - yt
        costs.append(cost / len(X))
        w0 = w0 - alpha * w0_grad / len(X)
        w1 = w1 - alpha * w1_grad / len(X)
        b = b - alpha * b_grad / len(X)
    return {"params": torch.stack([w0, w1, b]), "cost": torch.stack(costs)}


def vectorised(X, Y, start, alpha, n_iter):
    """The final parameters (3,) and the last cost before an update: the same training, fast, for the checks."""
    inputs = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)
    params, before = torch.tensor(start, dtype=X.dtype), None
    for _ in range(n_iter):
        before = inputs @ params
        params = params - alpha * ((torch.sigmoid(before) - Y) @ inputs) / len(X)
    return params, nn.functional.binary_cross_entropy_with_logits(before, Y.to(X.dtype)).item()


def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    layer = nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([start[:2]]))
        layer.bias.fill_(start[2])
    costs = torch.empty(n_iter)
    for i in range(n_iter):
        layer.zero_grad()
        cost = nn.functional.binary_cross_entropy_with_logits(layer(X).squeeze(1), Y)
        cost.backward()
        costs[i] = cost.detach()
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, costs


def compare_with_scratch(X, Y, start, alpha, n_iter):
    layer, _ = train_torch(X, Y, start, alpha, n_iter)
    ours = torch.cat([layer.weight.detach()[0], layer.bias.detach()])
    theirs = train_scratch(X, Y, start, alpha, n_iter)["params"]
    return {"max_difference": (ours - theirs).abs().max().item()}


def time_both(X, Y, start, alpha, n_iter):
    seconds = {}
    for name, train in (("scratch", train_scratch), ("torch", train_torch)):
        begin = time.perf_counter()
        train(X, Y, start, alpha, n_iter)
        seconds[name] = time.perf_counter() - begin
    return seconds


same_results = "b"

pytorch_discussion = """
(a) After 20 iterations the parameters differ by about 1e-7. Both do the same steps with the same gradient; float32, and
another order of the additions, make the difference. The literal loop in float32 becomes NaN at iteration 324: z is so large
for some black point that y rounds to 1. Then (1 - Y) log(1 - y) is 0 times minus infinity, and the derivative has 0/0. With
float64, or with nn.BCELoss or BCEWithLogitsLoss, this does not happen. (b) 20 iterations take 90 ms with the loop and 2 ms
with PyTorch, 45 times less. It is faster because all 100 points go through a few compiled calls, not because of autograd,
which even has some work more to do: the same formulas by hand for all points at once are faster still.
"""

# %% rubric: pytorch_discussion
# 0.5  the same algorithm and gradient; differences come from rounding, the order of operations or float32 only
# 0.5  the cause of NaN: y rounds to 1 in float32, then 0 times log 0 and 0/0
# 0.5  PyTorch is much faster than the loop, with numbers
# 0.5  since it handles all points in a few compiled calls, and not because of autograd


# %% right: the section's own cost, in a layer of float64
def train_torch(X, Y, start, alpha, n_iter):
    X, Y, N = X.double(), Y.double(), len(X)
    layer = nn.Linear(2, 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight[0, 0], layer.weight[0, 1], layer.bias[0] = start
    costs = []
    for _ in range(n_iter):
        layer.weight.grad = layer.bias.grad = None
        y = torch.squeeze(torch.sigmoid(layer(X)), 1)
        cost = -1 / N * torch.sum(Y * torch.log(y) + (1 - Y) * torch.log(1 - y))
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            for p in layer.parameters():
                p.sub_(alpha * p.grad)
    return layer, torch.tensor(costs)


# %% right: nn.Sequential around the layer, nn.BCELoss and optim.SGD; the mean of three measurements
import timeit


def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    model = nn.Sequential(layer, nn.Sigmoid(), nn.Flatten(0))
    criterion, optimiser = nn.BCELoss(), torch.optim.SGD(model.parameters(), lr=alpha)
    costs = torch.zeros(n_iter)
    for i in range(n_iter):
        cost = criterion(model(X.to(torch.float32)), Y.to(torch.float32))
        costs[i] = cost.item()
        optimiser.zero_grad()
        cost.backward()
        optimiser.step()
    return model[0], costs


def time_both(X, Y, start, alpha, n_iter):
    return {
        "torch": timeit.timeit(lambda: train_torch(X, Y, start, alpha, n_iter), number=3) / 3,
        "scratch": timeit.timeit(lambda: train_scratch(X, Y, start, alpha, n_iter), number=3) / 3,
    }


same_results = ["B"]


# %% right: torch.autograd.grad, a layer of the dtype of X, .data for the update; the best of some runs, NumPy's numbers
import numpy as np


def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1).to(X.dtype)
    layer.weight.data = torch.tensor([[start[0], start[1]]], dtype=X.dtype)
    layer.bias.data = torch.tensor([start[2]], dtype=X.dtype)
    costs = []
    for _ in range(n_iter):
        z = layer(X)[:, 0]
        cost = (nn.functional.softplus(z) - Y * z).mean()
        gradients = torch.autograd.grad(cost, [layer.weight, layer.bias])
        costs.append(cost.detach())
        layer.weight.data -= alpha * gradients[0]
        layer.bias.data -= alpha * gradients[1]
    return layer, torch.stack(costs)


def compare_with_scratch(X, Y, start, alpha, n_iter):
    layer, _ = train_torch(X, Y, start, alpha, n_iter)
    w0, w1 = layer.weight.tolist()[0]
    reference = train_scratch(X, Y, start, alpha, n_iter)["params"].numpy()
    return {"max_difference": np.abs(reference - [w0, w1, layer.bias.item()]).max()}


def time_both(X, Y, start, alpha, n_iter):
    functions = {"scratch": train_scratch, "torch": train_torch}
    best = {}
    for name in functions:
        runs = []
        for _ in range(3 if name == "scratch" else 20):
            t0 = time.perf_counter_ns()
            functions[name](X, Y, start, alpha, n_iter)
            runs.append((time.perf_counter_ns() - t0) * 1e-9)
        best[name] = np.min(runs)
    return best


# %% right: clamped probabilities and a function of its own for a step; a subclass of nn.Linear
class Neuron(nn.Linear):
    def probability(self, X):
        return torch.sigmoid(self(X)).view(-1)


def price(layer, X, Y):
    y = layer.probability(X)
    return -(Y * y.clamp(min=1e-12).log() + (1 - Y) * (1 - y).clamp(min=1e-12).log()).mean()


def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.to(torch.float64), Y.to(torch.float64)
    layer = Neuron(2, 1).double()
    with torch.no_grad():
        layer.weight[:] = torch.tensor(start[:2])
        layer.bias[:] = start[2]
    costs = torch.zeros(n_iter, dtype=torch.float64)
    for i in range(n_iter):
        for p in layer.parameters():
            if p.grad is not None:
                p.grad.zero_()
        cost = price(layer, X, Y)
        cost.backward()
        with torch.no_grad():
            costs[i] = cost
            layer.weight.add_(layer.weight.grad, alpha=-alpha)
            layer.bias.add_(layer.bias.grad, alpha=-alpha)
    return layer, costs


# %% right: new parameters in each step
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.weight, layer.bias = nn.Parameter(torch.tensor([start[:2]])), nn.Parameter(torch.tensor([start[2]]))
    costs = []
    for _ in range(n_iter):
        cost = nn.BCEWithLogitsLoss()(layer(X.float()), Y.float().unsqueeze(1))
        cost.backward()
        costs.append(float(cost))
        layer.weight = nn.Parameter(layer.weight.detach() - alpha * layer.weight.grad)
        layer.bias = nn.Parameter(layer.bias.detach() - alpha * layer.bias.grad)
    return layer, torch.FloatTensor(costs)


def time_both(X, Y, start, alpha, n_iter):
    def stopwatch(function, *arguments):
        begin = time.time()
        function(*arguments)
        return time.time() - begin

    arguments = (X, Y, start, alpha, n_iter)
    train_torch(*arguments)
    return {"scratch": stopwatch(train_scratch, *arguments), "torch": stopwatch(train_torch, *arguments)}


# %% right: the layer is trained through torch.func, and written back at each step
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1, dtype=torch.float64)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    X, Y, costs = X.double(), Y.double(), []

    def price(params):
        z = torch.func.functional_call(layer, params, (X,)).squeeze(-1)
        return nn.functional.binary_cross_entropy_with_logits(z, Y)

    for _ in range(n_iter):
        params = dict(layer.named_parameters())
        gradients, cost = torch.func.grad_and_value(price)(params)
        costs.append(cost.detach())
        with torch.no_grad():
            for name, parameter in params.items():
                parameter -= alpha * gradients[name]
    return layer, torch.stack(costs)


def compare_with_scratch(X, Y, start, alpha, n_iter):
    layer, _ = train_torch(X, Y, start, alpha, n_iter)
    found = nn.utils.parameters_to_vector(layer.parameters())
    return {
        "max_difference": torch.dist(
            found, train_scratch(X, Y, start, alpha, n_iter)["params"], p=float("inf")
        )
    }


same_results = "b, "


# %% right: all in a closure, a cost with eps, foreach for the update, aliases of both functions
def train_torch(X, Y, start, alpha, n_iter):
    w0, w1, b = start
    layer = nn.Linear(in_features=2, out_features=1).to(torch.float64).requires_grad_(False)
    layer.weight[0, 0], layer.weight[0, 1], layer.bias[0] = w0, w1, b
    layer.requires_grad_(True)
    X, Y = torch.as_tensor(X, dtype=torch.float64), torch.as_tensor(Y, dtype=torch.float64)
    C = []
    while len(C) < n_iter:
        y = torch.sigmoid(layer(X)).reshape(-1)
        c = -torch.mean(Y * torch.log(y + 1e-12) + (1 - Y) * torch.log(1 - y + 1e-12))
        C.append(float(c.detach()))
        torch.autograd.backward(c)
        with torch.no_grad():
            torch._foreach_sub_(
                [layer.weight, layer.bias], [alpha * layer.weight.grad, alpha * layer.bias.grad]
            )
        layer.zero_grad(set_to_none=False)
    return layer, torch.tensor(C)


TRAININGS = {"torch": train_torch, "scratch": train_scratch}


def time_both(*arguments):
    from timeit import repeat

    return {name: min(repeat(lambda: f(*arguments), number=1, repeat=2)) for name, f in TRAININGS.items()}


# %% right: a list as the pair, a learning-rate scheduler that changes nothing, in float32 with softplus
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    nn.init.constant_(layer.bias, start[2])
    layer.weight.data.copy_(torch.tensor(start[:2])[None])
    optimiser = torch.optim.SGD(layer.parameters(), lr=alpha)
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimiser, factor=1.0)
    costs = torch.full((n_iter,), torch.nan)
    sign = (1 - 2 * Y).float()[:, None]
    for i in range(n_iter):
        layer.zero_grad()
        cost = nn.functional.softplus(sign * layer(X.float())).mean()
        cost.backward()
        costs[i] = cost.item()
        optimiser.step()
        scheduler.step()
    return [layer, costs]


# %% wrong: the gradients are not cleared -> training, thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        cost = nn.functional.binary_cross_entropy_with_logits(layer(X).squeeze(1), Y)
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: no squeeze, so that (N, 1) and (N,) make a table -> training, thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.double(), Y.double()
    layer = nn.Linear(2, 1).double()
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        y = torch.sigmoid(layer(X))
        cost = -(Y * torch.log(y) + (1 - Y) * torch.log(1 - y)).mean()
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: squeeze() without a dimension, an error for a single point -> training
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        cost = nn.BCELoss()(torch.sigmoid(layer(X.float())).squeeze(), Y.float())
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: the update outside of no_grad -> training, thousand_iterations, autograd, compare_with_scratch, time_both
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        cost = nn.BCELoss()(torch.sigmoid(layer(X.float())).squeeze(1), Y.float())
        cost.backward()
        costs.append(cost.item())
        layer.weight -= alpha * layer.weight.grad
        layer.bias -= alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: a plain tensor in place of the parameter -> training, thousand_iterations, autograd, compare_with_scratch, time_both
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        cost = nn.BCELoss()(torch.sigmoid(layer(X.float())).squeeze(1), Y.float())
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            layer.weight = layer.weight - alpha * layer.weight.grad
            layer.bias = layer.bias - alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: a copy is updated, the layer never changes -> training, thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        cost = nn.BCELoss()(torch.sigmoid(layer(X.float())).squeeze(1), Y.float())
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            weight, bias = layer.weight.clone(), layer.bias.clone()
            weight -= alpha * layer.weight.grad
            bias -= alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: the section's loop in float32 with logarithms written out -> thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    layer = nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([start[:2]]))
        layer.bias.fill_(start[2])
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        y = torch.squeeze(torch.sigmoid(layer(X)), 1)
        cost = -1 / len(X) * torch.sum(Y * torch.log(y) + (1 - Y) * torch.log(1 - y))
        cost.backward()
        costs.append(cost.detach())
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.stack(costs)


# %% wrong: the dtype of X with logarithms written out: NaN in float32 only -> thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    Y = Y.to(X.dtype)
    layer = nn.Linear(2, 1, dtype=X.dtype)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([start[:2]]))
        layer.bias.fill_(start[2])
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        y = torch.squeeze(torch.sigmoid(layer(X)), 1)
        cost = -torch.mean(Y * torch.log(y) + (1 - Y) * torch.log(1 - y))
        cost.backward()
        costs.append(cost.detach())
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.stack(costs)


# %% wrong: NaN is turned into zero -> thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    layer = nn.Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([start[:2]]))
        layer.bias.fill_(start[2])
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        y = torch.squeeze(torch.sigmoid(layer(X)), 1)
        cost = -torch.mean(Y * torch.log(y) + (1 - Y) * torch.log(1 - y))
        cost.backward()
        costs.append(torch.nan_to_num(cost.detach()))
        with torch.no_grad():
            layer.weight -= alpha * torch.nan_to_num(layer.weight.grad)
            layer.bias -= alpha * torch.nan_to_num(layer.bias.grad)
    return layer, torch.stack(costs)


# %% wrong: it stops before NaN comes -> thousand_iterations
solution = train_torch


def train_torch(X, Y, start, alpha, n_iter):
    layer, costs = solution(X, Y, start, alpha, min(n_iter, 300))
    return layer, torch.cat([costs, costs[-1:].expand(n_iter - len(costs))])


# %% wrong: the gradient by hand, without backward -> autograd
def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    with torch.no_grad():
        for _ in range(n_iter):
            z = layer(X)[:, 0]
            costs.append(nn.functional.binary_cross_entropy_with_logits(z, Y))
            residual = torch.sigmoid(z) - Y
            layer.weight -= alpha * residual @ X / len(X)
            layer.bias -= alpha * residual.mean()
    return layer, torch.stack(costs)


# %% wrong: the costs keep their graph -> autograd
def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        cost = nn.functional.binary_cross_entropy_with_logits(layer(X).squeeze(1), Y)
        cost.backward()
        costs.append(cost)
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.stack(costs)


# %% wrong: the parameters are frozen in the end -> autograd
solution = train_torch


def train_torch(X, Y, start, alpha, n_iter):
    layer, costs = solution(X, Y, start, alpha, n_iter)
    return layer.requires_grad_(False), costs


# %% wrong: the cost after the update -> training
solution = train_torch


def train_torch(X, Y, start, alpha, n_iter):
    layer, costs = solution(X, Y, start, alpha, n_iter)
    with torch.no_grad():
        last = nn.functional.binary_cross_entropy_with_logits(layer(X.float()).squeeze(1), Y.float())
    return layer, torch.cat([costs[1:], last[None]])


# %% wrong: the sum in place of the mean -> training, thousand_iterations
solution = train_torch


def train_torch(X, Y, start, alpha, n_iter):
    layer, costs = solution(X, Y, start, alpha * len(X), n_iter)
    return layer, costs * len(X)


# %% wrong: Adam -> training, thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    optimiser = torch.optim.Adam(layer.parameters(), lr=alpha)
    costs = []
    for _ in range(n_iter):
        optimiser.zero_grad()
        cost = nn.BCEWithLogitsLoss()(layer(X.float()).squeeze(1), Y.float())
        cost.backward()
        costs.append(cost.item())
        optimiser.step()
    return layer, torch.tensor(costs)


# %% wrong: the layer keeps its random start -> training, thousand_iterations, compare_with_scratch
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        cost = nn.BCEWithLogitsLoss()(layer(X.float()).squeeze(1), Y.float())
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: a model with the sigmoid in place of the layer -> training, thousand_iterations, autograd, compare_with_scratch
solution, comparison = train_torch, compare_with_scratch


def train_torch(X, Y, start, alpha, n_iter):
    layer, costs = solution(X, Y, start, alpha, n_iter)
    return nn.Sequential(layer, nn.Sigmoid()), costs


def compare_with_scratch(X, Y, start, alpha, n_iter):
    layer = train_torch(X, Y, start, alpha, n_iter)[0][0]
    ours = torch.cat([layer.weight.detach()[0], layer.bias.detach()])
    return {"max_difference": (ours - train_scratch(X, Y, start, alpha, n_iter)["params"]).abs().max().item()}


# %% wrong: no difference, because there is none -> compare_with_scratch
def compare_with_scratch(X, Y, start, alpha, n_iter):
    return {"max_difference": 0.0}


# %% wrong: the difference of the costs -> compare_with_scratch
def compare_with_scratch(X, Y, start, alpha, n_iter):
    ours, theirs = train_torch(X, Y, start, alpha, n_iter), train_scratch(X, Y, start, alpha, n_iter)
    return {"max_difference": (ours[1] - theirs["cost"]).abs().max().item()}


# %% wrong: the bias is left out of the comparison, or the sign kept -> compare_with_scratch
def compare_with_scratch(X, Y, start, alpha, n_iter):
    weight = train_torch(X, Y, start, alpha, n_iter)[0].weight.detach()[0]
    return {
        "max_difference": (weight - train_scratch(X, Y, start, alpha, n_iter)["params"][:2]).mean().item()
    }


# %% wrong: one iteration only -> compare_with_scratch
solution = compare_with_scratch


def compare_with_scratch(X, Y, start, alpha, n_iter):
    apart = solution(X, Y, start, alpha, n_iter)["max_difference"]
    return {"max_difference": apart / n_iter}


# %% wrong: five points at a time through the layer -> speed
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    costs = []
    for _ in range(n_iter):
        layer.zero_grad()
        cost = 0.0
        for x, yt in zip(X.float().split(5), Y.float().split(5)):
            z = layer(x)[:, 0]
            cost = cost + nn.functional.binary_cross_entropy_with_logits(z, yt, reduction="sum") / len(X)
        cost.backward()
        costs.append(cost.item())
        with torch.no_grad():
            layer.weight -= alpha * layer.weight.grad
            layer.bias -= alpha * layer.bias.grad
    return layer, torch.tensor(costs)


# %% wrong: invented times -> time_both
def time_both(X, Y, start, alpha, n_iter):
    return {"scratch": 0.01, "torch": 0.0004}


# %% wrong: the names exchanged -> time_both
solution = time_both


def time_both(X, Y, start, alpha, n_iter):
    seconds = solution(X, Y, start, alpha, n_iter)
    return {"scratch": seconds["torch"], "torch": seconds["scratch"]}


# %% wrong: sorted, since it is known which one is slower -> time_both
solution = time_both


def time_both(X, Y, start, alpha, n_iter):
    fast, slow = sorted(solution(X, Y, start, alpha, n_iter).values())
    return {"scratch": slow, "torch": fast}


# %% wrong: the time of one iteration -> time_both
solution = time_both


def time_both(X, Y, start, alpha, n_iter):
    return {name: seconds / n_iter for name, seconds in solution(X, Y, start, alpha, n_iter).items()}


# %% wrong: milliseconds -> time_both
solution = time_both


def time_both(X, Y, start, alpha, n_iter):
    return {name: 1000 * seconds for name, seconds in solution(X, Y, start, alpha, n_iter).items()}


# %% wrong: ten trainings for one -> time_both
solution = time_both


def time_both(X, Y, start, alpha, n_iter):
    runs = [solution(X, Y, start, alpha, n_iter) for _ in range(10)]
    return {name: sum(run[name] for run in runs) for name in runs[0]}


# %% wrong: bit for bit -> same_results
same_results = "a"

# %% wrong: numerical derivatives -> same_results
same_results = "c"

# %% wrong: two keys -> same_results
same_results = {"b", "d"}


# %% wrong: momentum, and weight decay -> training, thousand_iterations
def train_torch(X, Y, start, alpha, n_iter):
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    optimiser = torch.optim.SGD(layer.parameters(), lr=alpha, momentum=0.5, weight_decay=0.01)
    costs = []
    for _ in range(n_iter):
        optimiser.zero_grad()
        cost = nn.BCEWithLogitsLoss()(layer(X.float()).squeeze(1), Y.float())
        cost.backward()
        costs.append(cost.item())
        optimiser.step()
    return layer, torch.tensor(costs)


# %% wrong: one backward pass for show, the rest by hand -> autograd
def train_torch(X, Y, start, alpha, n_iter):
    X, Y = X.float(), Y.float()
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    nn.functional.binary_cross_entropy_with_logits(layer(X).squeeze(1), Y).backward()
    costs = []
    with torch.no_grad():
        for _ in range(n_iter):
            z = layer(X)[:, 0]
            costs.append(nn.functional.binary_cross_entropy_with_logits(z, Y))
            residual = torch.sigmoid(z) - Y
            layer.weight -= alpha * residual @ X / len(X)
            layer.bias -= alpha * residual.mean()
    return layer, torch.stack(costs)


# %% wrong: the costs with the wrong sign, as the course prints one -> training, thousand_iterations
solution = train_torch


def train_torch(X, Y, start, alpha, n_iter):
    layer, costs = solution(X, Y, start, alpha, n_iter)
    return layer, -costs


# %% wrong: the sum of the differences -> compare_with_scratch
def compare_with_scratch(X, Y, start, alpha, n_iter):
    layer, _ = train_torch(X, Y, start, alpha, n_iter)
    ours = torch.cat([layer.weight.detach()[0], layer.bias.detach()])
    return {"max_difference": (ours - train_scratch(X, Y, start, alpha, n_iter)["params"]).abs().sum().item()}
