"""Two loops, one in the other, and everything at its place: gradients reset before backward, numbers taken before the
update and without their graph, the test summed over examples and not over minibatches.
"""

# %% solution
import torch
from matplotlib.figure import Figure
from torch import nn


def performance_on(model: nn.Module, loader) -> tuple[float, float]:
    cost = right = count = 0
    with torch.no_grad():
        for imgs, labels in loader:
            log_y = model(imgs.flatten(start_dim=1))
            cost += nn.functional.nll_loss(log_y, labels, reduction="sum").item()
            right += (log_y.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return cost / count, right / count


def fit(model: nn.Module, train_loader, test_loader, epochs: int, lr: float = 0.1) -> dict:
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    cost_of = nn.NLLLoss()
    history = {"train_loss": [], "train_acc": [], "test_loss": [], "test_acc": []}
    for _ in range(epochs):
        for imgs, labels in train_loader:
            optimizer.zero_grad()
            log_y = model(imgs.flatten(start_dim=1))
            cost = cost_of(log_y, labels)
            cost.backward()
            optimizer.step()
            history["train_loss"].append(cost.item())
            history["train_acc"].append((log_y.argmax(dim=1) == labels).double().mean().item())
        cost, accuracy = performance_on(model, test_loader)
        history["test_loss"].append(cost)
        history["test_acc"].append(accuracy)
    return history


def plot_history(history: dict) -> Figure:
    updates = range(1, len(history["train_loss"]) + 1)
    epochs = len(history["test_loss"])
    ends = [len(updates) // epochs * (epoch + 1) for epoch in range(epochs)]
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, key, label in zip(figure.subplots(1, 2), ("loss", "acc"), ("cost", "accuracy")):
        axes.plot(updates, history[f"train_{key}"], label="training")
        axes.plot(ends, history[f"test_{key}"], "o-", label="test")
        axes.set_xlabel("update")
        axes.set_ylabel(label)
        axes.legend()
    return figure


# %% right: by hand, train and eval, tensors, one legend for the whole figure
import matplotlib.pyplot as plt
from torch.nn import functional as F


def performance_on(model, loader):
    model.eval()
    imgs, labels = zip(*loader)
    imgs, labels = torch.cat(imgs), torch.cat(labels)
    with torch.inference_mode():
        log_y = model(imgs.reshape(len(imgs), -1))
        result = F.nll_loss(log_y, labels), (log_y.argmax(1) == labels).double().mean()
    model.train()
    return result


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    losses, accs, test = [], [], []
    for epoch in range(epochs):
        for i, (imgs, labels) in enumerate(train_loader):
            out = model(imgs.view(-1, 784))
            loss = F.cross_entropy(out, labels)
            for p in model.parameters():
                p.grad = None
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
            losses.append(loss.detach())
            accs.append((out.argmax(1) == labels).sum() / len(labels))
        test.append(performance_on(model, test_loader))
    a, b = zip(*test)
    return {
        "train_loss": torch.stack(losses),
        "train_acc": torch.stack(accs).numpy(),
        "test_loss": a,
        "test_acc": torch.tensor(b),
    }


def plot_history(history):
    fig, ax = plt.subplots()
    n, epochs = len(history["train_loss"]), len(history["test_loss"])
    x = [(i + 1) * epochs / n for i in range(n)]
    lines = ax.plot(x, history["train_loss"], "b", label="training cost")
    lines += ax.plot(range(1, epochs + 1), history["test_loss"], "bs", label="test cost")
    twin = ax.twinx()
    lines += twin.plot(x, [100 * a for a in history["train_acc"]], "g", label="training accuracy")
    points = twin.scatter(range(1, epochs + 1), [100 * a for a in history["test_acc"]], label="test accuracy")
    ax.set_xlabel("epochs")
    ax.set_ylabel("cost")
    twin.set_ylabel("accuracy in %")
    fig.legend(handles=[*lines, points])
    return fig


# %% right: the loader's lengths, sums, gradients left after the last step
def performance_on(model, loader):
    total, hits = 0.0, 0
    for imgs, labels in loader:
        out = model(imgs.flatten(1)).detach()
        total += nn.NLLLoss()(out, labels).item() * len(labels)
        hits += int((out.argmax(1) == labels).sum())
    return total / len(loader.dataset), hits / len(loader.dataset)


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    opt = torch.optim.SGD(model.parameters(), lr)
    n = len(train_loader)
    history = {
        "train_loss": [0.0] * (n * epochs),
        "train_acc": [0.0] * (n * epochs),
        "test_loss": [],
        "test_acc": [],
    }
    for epoch in range(epochs):
        for step, (imgs, labels) in zip(range(n + 1), train_loader):
            model.zero_grad()
            out = model(torch.flatten(imgs, 1))
            loss = nn.NLLLoss()(out, labels)
            loss.backward()
            opt.step()
            history["train_loss"][epoch * n + step] = float(loss)
            history["train_acc"][epoch * n + step] = float((out.argmax(1) == labels).float().mean())
        for key, value in zip(("test_loss", "test_acc"), performance_on(model, test_loader)):
            history[key].append(value)
    return history


# %% wrong: always the first minibatch of a fresh pass -> training, loaders
def fit(model, train_loader, test_loader, epochs, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"train_loss": [], "train_acc": [], "test_loss": [], "test_acc": []}
    for _ in range(epochs):
        for _ in range(len(train_loader)):
            imgs, labels = next(iter(train_loader))
            optimizer.zero_grad()
            log_y = model(imgs.flatten(start_dim=1))
            cost = nn.NLLLoss()(log_y, labels)
            cost.backward()
            optimizer.step()
            history["train_loss"].append(cost.item())
            history["train_acc"].append((log_y.argmax(dim=1) == labels).double().mean().item())
        cost, accuracy = performance_on(model, test_loader)
        history["test_loss"].append(cost)
        history["test_acc"].append(accuracy)
    return history


# %% wrong: gradients are never reset -> training
def fit(model, train_loader, test_loader, epochs, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"train_loss": [], "train_acc": [], "test_loss": [], "test_acc": []}
    for _ in range(epochs):
        for imgs, labels in train_loader:
            log_y = model(imgs.flatten(start_dim=1))
            cost = nn.NLLLoss()(log_y, labels)
            cost.backward()
            optimizer.step()
            history["train_loss"].append(cost.item())
            history["train_acc"].append((log_y.argmax(dim=1) == labels).double().mean().item())
        cost, accuracy = performance_on(model, test_loader)
        history["test_loss"].append(cost)
        history["test_acc"].append(accuracy)
    return history


# %% wrong: Adam in place of SGD -> training
_SGD = torch.optim.SGD
_fit = fit


def fit(*args, **kwargs):
    torch.optim.SGD = torch.optim.Adam
    try:
        return _fit(*args, **kwargs)
    finally:
        torch.optim.SGD = _SGD


# %% wrong: momentum -> training
_SGD = torch.optim.SGD
_fit = fit


def fit(*args, **kwargs):
    torch.optim.SGD = lambda parameters, lr: _SGD(parameters, lr=lr, momentum=0.9)
    try:
        return _fit(*args, **kwargs)
    finally:
        torch.optim.SGD = _SGD


# %% wrong: the learning rate is not used -> training
_fit = fit


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    return _fit(model, train_loader, test_loader, epochs, 0.01)


# %% wrong: it trains on the test set, too -> training
_fit = fit


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    history = _fit(model, train_loader, test_loader, epochs, lr)
    for imgs, labels in test_loader:
        model.zero_grad()
        nn.NLLLoss()(model(imgs.flatten(1)), labels).backward()
        torch.optim.SGD(model.parameters(), lr=lr).step()
    return history


# %% wrong: one epoch, whatever is asked for -> training, loaders
_fit = fit


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    return _fit(model, train_loader, test_loader, 1, lr)


# %% wrong: the last, shorter minibatch is left out -> training, loaders
_fit = fit


class Cut:
    def __init__(self, loader):
        self.loader = loader

    def __iter__(self):
        for number, batch in enumerate(self.loader):
            if number < len(self.loader) - 1:
                yield batch
            else:
                return


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    return _fit(model, Cut(train_loader), test_loader, epochs, lr)


# %% wrong: the mean of the means of the minibatches -> performance, test_record
def performance_on(model, loader):
    costs, accuracies = [], []
    with torch.no_grad():
        for imgs, labels in loader:
            log_y = model(imgs.flatten(1))
            costs.append(nn.functional.nll_loss(log_y, labels).item())
            accuracies.append((log_y.argmax(1) == labels).double().mean().item())
    return sum(costs) / len(costs), sum(accuracies) / len(accuracies)


# %% wrong: the first minibatch of the test set only -> performance, test_record, loaders
def performance_on(model, loader):
    with torch.no_grad():
        imgs, labels = next(iter(loader))
        log_y = model(imgs.flatten(1))
        return nn.functional.nll_loss(log_y, labels).item(), (
            log_y.argmax(1) == labels
        ).double().mean().item()


# %% wrong: sums in place of means -> performance, test_record
_performance_on = performance_on


def performance_on(model, loader):
    cost, accuracy = _performance_on(model, loader)
    return 11 * cost, 11 * accuracy


# %% wrong: the gradients of the test are computed, and stay -> loaders
def performance_on(model, loader):
    cost = right = count = 0
    for imgs, labels in loader:
        log_y = model(imgs.flatten(start_dim=1))
        one = nn.functional.nll_loss(log_y, labels, reduction="sum")
        one.backward()
        cost += one.item()
        right += (log_y.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return cost / count, right / count


# %% wrong: the test comes before the epoch -> test_record
_performance_on = performance_on


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"train_loss": [], "train_acc": [], "test_loss": [], "test_acc": []}
    for _ in range(epochs):
        cost, accuracy = performance_on(model, test_loader)
        history["test_loss"].append(cost)
        history["test_acc"].append(accuracy)
        for imgs, labels in train_loader:
            optimizer.zero_grad()
            log_y = model(imgs.flatten(start_dim=1))
            cost = nn.NLLLoss()(log_y, labels)
            cost.backward()
            optimizer.step()
            history["train_loss"].append(cost.item())
            history["train_acc"].append((log_y.argmax(dim=1) == labels).double().mean().item())
    return history


# %% wrong: a test after every minibatch -> test_record
def fit(model, train_loader, test_loader, epochs, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"train_loss": [], "train_acc": [], "test_loss": [], "test_acc": []}
    for _ in range(epochs):
        for imgs, labels in train_loader:
            optimizer.zero_grad()
            log_y = model(imgs.flatten(start_dim=1))
            cost = nn.NLLLoss()(log_y, labels)
            cost.backward()
            optimizer.step()
            history["train_loss"].append(cost.item())
            history["train_acc"].append((log_y.argmax(dim=1) == labels).double().mean().item())
            cost, accuracy = performance_on(model, test_loader)
            history["test_loss"].append(cost)
            history["test_acc"].append(accuracy)
    return history


# %% wrong: the numbers keep their graph -> free_of_the_graph
def fit(model, train_loader, test_loader, epochs, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"train_loss": [], "train_acc": [], "test_loss": [], "test_acc": []}
    for _ in range(epochs):
        for imgs, labels in train_loader:
            optimizer.zero_grad()
            log_y = model(imgs.flatten(start_dim=1))
            cost = nn.NLLLoss()(log_y, labels)
            cost.backward()
            optimizer.step()
            history["train_loss"].append(cost)
            history["train_acc"].append((log_y.argmax(dim=1) == labels).double().mean())
        cost, accuracy = performance_on(model, test_loader)
        history["test_loss"].append(cost)
        history["test_acc"].append(accuracy)
    return history


# %% wrong: accuracy and cost after the update -> training_record
def fit(model, train_loader, test_loader, epochs, lr=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"train_loss": [], "train_acc": [], "test_loss": [], "test_acc": []}
    for _ in range(epochs):
        for imgs, labels in train_loader:
            optimizer.zero_grad()
            nn.NLLLoss()(model(imgs.flatten(start_dim=1)), labels).backward()
            optimizer.step()
            with torch.no_grad():
                log_y = model(imgs.flatten(start_dim=1))
                history["train_loss"].append(nn.NLLLoss()(log_y, labels).item())
            history["train_acc"].append((log_y.argmax(dim=1) == labels).double().mean().item())
        cost, accuracy = performance_on(model, test_loader)
        history["test_loss"].append(cost)
        history["test_acc"].append(accuracy)
    return history


# %% wrong: one number per epoch in the record of the training -> training_record
_fit = fit


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    history = _fit(model, train_loader, test_loader, epochs, lr)
    n = len(history["train_loss"]) // epochs
    for key in ("train_loss", "train_acc"):
        history[key] = [sum(history[key][i * n : (i + 1) * n]) / n for i in range(epochs)]
    return history


# %% wrong: no accuracy of the test -> test_record, free_of_the_graph, training_record
_fit = fit


def fit(model, train_loader, test_loader, epochs, lr=0.1):
    history = _fit(model, train_loader, test_loader, epochs, lr)
    del history["test_acc"]
    return history


# %% wrong: only the costs are drawn -> figure
def plot_history(history):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(range(len(history["train_loss"])), history["train_loss"], label="training")
    axes.plot(range(len(history["test_loss"])), history["test_loss"], label="test")
    axes.set_xlabel("update")
    axes.set_ylabel("cost")
    axes.legend()
    return figure


# %% wrong: no legend -> figure
_plot = plot_history


def plot_history(history):
    figure = _plot(history)
    for axes in figure.axes:
        axes.get_legend().remove()
    return figure


# %% wrong: no labels -> figure
_plot = plot_history


def plot_history(history):
    figure = _plot(history)
    for axes in figure.axes:
        axes.set_xlabel("")
        axes.set_ylabel("")
    return figure


# %% wrong: smoothed -> figure
_plot = plot_history


def plot_history(history):
    smooth = {}
    for key, values in history.items():
        smooth[key] = [
            sum(values[max(0, i - 2) : i + 1]) / len(values[max(0, i - 2) : i + 1])
            for i in range(len(values))
        ]
    return _plot(smooth)
