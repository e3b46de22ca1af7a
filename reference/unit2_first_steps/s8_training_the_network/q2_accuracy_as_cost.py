"""argmax and == give whole numbers and truth values, which have no derivative and no record: backward() finds nothing to
walk through. And there would be nothing to find: between the places where two outputs change their order the accuracy
does not move at all.
"""

# %% solution
import torch
from torch import nn

failing_stage = "backward"


def attempt_accuracy_training(model: nn.Module, x: torch.Tensor, t: torch.Tensor) -> dict:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.zero_grad()
    accuracy = (model(x).argmax(dim=1) == t).sum() / len(t)
    report = {"acc": accuracy.item(), "requires_grad": accuracy.requires_grad, "error": ""}
    try:
        accuracy.backward()
        optimizer.step()
    except RuntimeError as error:
        report["error"] = str(error)
    accuracy.requires_grad_(True).backward()
    report["forced_grads_none"] = all(p.grad is None for p in model.parameters())
    return report


def flat_radius(model: nn.Module, x: torch.Tensor, t: torch.Tensor) -> float:
    with torch.no_grad():
        top = model(x).topk(2, dim=1).values
    return (top[:, 0] - top[:, 1]).min().item() / 2


def sweep_bias(
    model: nn.Module, x: torch.Tensor, t: torch.Tensor, values: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    accuracies, costs = [], []
    with torch.no_grad():
        bias = model[0].bias
        before = bias.clone()
        for value in values:
            bias[0] = value
            log_y = model(x)
            accuracies.append((log_y.argmax(dim=1) == t).double().mean())
            costs.append(nn.functional.nll_loss(log_y, t))
        bias.copy_(before)
    return torch.stack(accuracies), torch.stack(costs)


why_not_accuracy = """
It fails in backward(): argmax and == give whole numbers and truth values that are outside of the graph. In theory: the
accuracy is a step function of the parameters, constant between the places where two outputs change their order, so its
derivative is 0 wherever there is one, and at the jumps there is none. No direction of improvement is ever seen. The
cross-entropy is smooth, and it changes with the certainty also where the decision does not. Besides, descent would make
the accuracy small; 1 - accuracy has the right direction, but the same steps.
"""

# %% rubric: why_not_accuracy
# 0.5  fails at backward(): argmax and == give integers and booleans outside of the graph
# 1    accuracy is piecewise constant in the parameters: its derivative is 0 wherever it exists
# 0.5  at the jumps there is none, so no direction of improvement is ever seen
# 0.5  cross-entropy is smooth, and rewards more certainty where the decision does not change
# 0.5  gradient descent would also minimise accuracy; 1 - accuracy does not help with the real problem


# %% right: the radius by bisection, the sweep on logits, the accuracy in float64
failing_stage = ["Backward"]


def attempt_accuracy_training(model, x, t):
    acc = (model(x).argmax(1) == t).double().mean()
    needs, message = acc.requires_grad, None
    try:
        torch.autograd.backward(acc)
    except Exception as problem:
        message = problem.args[0]
    forced = acc.detach().clone().requires_grad_(True)
    forced.backward()
    nones = [p.grad is None for p in model.parameters()]
    return dict(acc=acc, requires_grad=needs, error=message, forced_grads_none=all(nones), more="x")


def flat_radius(model, x, t):
    y = model(x).detach()
    top = y.argmax(1)

    def safe(eps):
        for i in range(len(x)):
            change = torch.full((y.shape[1],), eps, dtype=y.dtype)
            change[top[i]] = -eps
            if (y[i] + change).argmax() != top[i]:
                return False
        return True

    low, high = 0.0, 100.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if safe(middle) else (low, middle)
    return torch.tensor(low)


def sweep_bias(model, x, t, values):
    z = (x @ model[0].weight.T + model[0].bias).detach()
    rest = z[:, 0] - model[0].bias[0].detach()
    accuracies, costs = torch.zeros(len(values)), torch.zeros(len(values))
    for i, value in enumerate(values.tolist()):
        moved = torch.cat([(rest + value)[:, None], z[:, 1:]], 1)
        accuracies[i] = (moved.argmax(1) == t).float().mean()
        costs[i] = nn.functional.cross_entropy(moved, t)
    return [accuracies, costs]


# %% right: a third of the radius, a copy for the sweep
import copy


def flat_radius(model, x, t):
    y = model(x).sort(dim=1, descending=True).values
    return float((y[:, 0] - y[:, 1]).min()) / 6


def sweep_bias(model, x, t, values):
    model = copy.deepcopy(model)
    out = []
    for value in values:
        model[0].bias.data[0] = value
        y = model(x)
        out.append(((y.argmax(1) == t).sum() / len(t), -y[range(len(t)), t].mean().detach()))
    a, c = zip(*out)
    return torch.tensor(a), torch.tensor(c)


# %% wrong: argmax is thought to complain -> failing_stage
failing_stage = "accuracy"

# %% wrong: it is thought to learn slowly -> failing_stage
failing_stage = "nowhere"


# %% wrong: a constant dictionary -> attempt
def attempt_accuracy_training(model, x, t):
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    return {"acc": 0.5, "requires_grad": False, "error": message, "forced_grads_none": True}


# %% wrong: the right accuracy, and the rest from memory -> attempt
def attempt_accuracy_training(model, x, t):
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    acc = (model(x).argmax(1) == t).float().mean().item()
    return {"acc": acc, "requires_grad": False, "error": message, "forced_grads_none": True}


# %% wrong: whatever fails is reported -> attempt
def attempt_accuracy_training(model, x, t):
    report = {"acc": (model(x).argmax(1) == t).double().mean().item(), "requires_grad": False}
    try:
        accuracy = (model(x.unsqueeze(5)).argmax(1) == t).sum() / len(t)
        accuracy.backward()
    except Exception as error:
        report["error"] = str(error)
    torch.ones((), requires_grad=True).backward()
    torch.ones((), requires_grad=True).backward()
    report["forced_grads_none"] = True
    return report


# %% wrong: the exception is let through -> attempt
def attempt_accuracy_training(model, x, t):
    accuracy = (model(x).argmax(dim=1) == t).sum() / len(t)
    accuracy.backward()


# %% wrong: only one of the two attempts -> attempt
def attempt_accuracy_training(model, x, t):
    accuracy = (model(x).argmax(dim=1) == t).sum() / len(t)
    try:
        accuracy.backward()
    except RuntimeError as error:
        return {
            "acc": accuracy.item(),
            "requires_grad": False,
            "error": str(error),
            "forced_grads_none": True,
        }


# %% wrong: a step with the cross-entropy is made as well -> attempt
_attempt = attempt_accuracy_training


def attempt_accuracy_training(model, x, t):
    report = _attempt(model, x, t)
    nn.functional.nll_loss(model(x), t).backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    return report


# %% wrong: requires_grad is looked at after it was set -> attempt
_attempt = attempt_accuracy_training


def attempt_accuracy_training(model, x, t):
    return _attempt(model, x, t) | {"requires_grad": True}


# %% wrong: tiny, to be on the safe side -> radius
def flat_radius(model, x, t):
    return 1e-12


# %% wrong: the whole margin, not half of it -> radius
def flat_radius(model, x, t):
    top = model(x).topk(2, dim=1).values
    return (top[:, 0] - top[:, 1]).min().item()


# %% wrong: the mean of the margins, not the smallest -> radius
def flat_radius(model, x, t):
    top = model(x).topk(2, dim=1).values
    return (top[:, 0] - top[:, 1]).mean().item() / 2


# %% wrong: the gap between the largest and the smallest output -> radius
def flat_radius(model, x, t):
    y = model(x)
    return (y.amax(1) - y.amin(1)).min().item() / 2


# %% wrong: zero -> radius
def flat_radius(model, x, t):
    return 0.0


# %% wrong: the last value stays in the model -> sweep
def sweep_bias(model, x, t, values):
    accuracies, costs = [], []
    with torch.no_grad():
        for value in values:
            model[0].bias[0] = value
            log_y = model(x)
            accuracies.append((log_y.argmax(dim=1) == t).double().mean())
            costs.append(nn.functional.nll_loss(log_y, t))
    return torch.stack(accuracies), torch.stack(costs)


# %% wrong: all biases are moved together: nothing changes -> sweep
def sweep_bias(model, x, t, values):
    accuracies, costs = [], []
    with torch.no_grad():
        before = model[0].bias.clone()
        for value in values:
            model[0].bias.copy_(before + value)
            log_y = model(x)
            accuracies.append((log_y.argmax(dim=1) == t).double().mean())
            costs.append(nn.functional.nll_loss(log_y, t))
        model[0].bias.copy_(before)
    return torch.stack(accuracies), torch.stack(costs)


# %% wrong: the values are added to the bias -> sweep
def sweep_bias(model, x, t, values):
    accuracies, costs = [], []
    with torch.no_grad():
        before = model[0].bias.clone()
        for value in values:
            model[0].bias[0] = before[0] + value
            log_y = model(x)
            accuracies.append((log_y.argmax(dim=1) == t).double().mean())
            costs.append(nn.functional.nll_loss(log_y, t))
        model[0].bias.copy_(before)
    return torch.stack(accuracies), torch.stack(costs)


# %% wrong: the wrong way round -> sweep
_sweep = sweep_bias


def sweep_bias(model, x, t, values):
    return _sweep(model, x, t, values)[::-1]


# %% wrong: softmax twice -> sweep
def sweep_bias(model, x, t, values):
    accuracies, costs = [], []
    with torch.no_grad():
        before = model[0].bias.clone()
        for value in values:
            model[0].bias[0] = value
            log_y = model(x)
            accuracies.append((log_y.argmax(dim=1) == t).double().mean())
            costs.append(nn.functional.cross_entropy(log_y.exp(), t))
        model[0].bias.copy_(before)
    return torch.stack(accuracies), torch.stack(costs)
