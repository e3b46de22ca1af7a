"""Once all points are on the right side their gradients are tiny, and the line stays about where it began.

Final cost and margin on the course's points, 1,000 iterations with alpha = 0.1: (-1,-1,0) 0.00080, 1.94; (-1,-1,-5)
0.00030, 3.96; (-0.5,-0.5,-2) 0.00080, 3.04; (0,-1,1) 0.00114, 1.69; (-0.1,-0.1,0) 0.00101, 2.13; (0.2,-1,1) 0.00114,
1.68; (1,1,0) 0.00102, 2.12, but it starts with accuracy 0; (0,0,0) 0.00101, 2.12, from accuracy 0.5. The start of the
course: 0.00175, 0.76. The largest margin of any line is 4.07, at a slope of -0.954.
"""

# %% solution
import matplotlib.pyplot as plt
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

good_start = (-1.0, -1.0, -5.0)


def train(X, Y, start, alpha, n_iter):
    """The parameters (3,) and the costs (n_iter + 1,), that of the start first."""
    inputs = torch.cat([X, torch.ones(len(X), 1, dtype=X.dtype)], dim=1)
    labels = Y.to(X.dtype)
    params = torch.tensor(start, dtype=X.dtype)
    cost = [binary_cross_entropy_with_logits(inputs @ params, labels)]
    for _ in range(n_iter):
        params = params - alpha * ((torch.sigmoid(inputs @ params) - labels) @ inputs) / len(X)
        cost.append(binary_cross_entropy_with_logits(inputs @ params, labels))
    return params, torch.stack(cost)


def compare_starts(X, Y, starts, alpha, n_iter):
    def accuracy(params):
        z = X @ params[:2] + params[2]
        return ((z > 0) == (Y == 1)).double().mean().item()

    results = []
    for start in starts:
        params, cost = train(X, Y, start, alpha, n_iter)
        z = X @ params[:2] + params[2]
        results.append(
            {
                "initial_cost": cost[0].item(),
                "initial_accuracy": accuracy(torch.tensor(start, dtype=X.dtype)),
                "final_cost": cost[-1].item(),
                "final_accuracy": accuracy(params),
                "margin": ((2 * Y - 1) * z / params[:2].norm()).min().item(),
            }
        )
    return results


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    for start in starts:
        label = ", ".join(f"{value:.2f}" for value in start)
        ax.semilogy(range(n_iter + 1), train(X, Y, start, alpha, n_iter)[1], label=label)
    ax.set_xlabel("iteration")
    ax.set_ylabel("cost")
    ax.legend(title="w0, w1, b")
    return fig


start_discussion = """
From (-1, -1, -5) the cost ends at 0.0003 in place of 0.00175, and the margin is 3.96 in place of 0.76: the line ends far
from the white cloud. The accuracy is 1 in both cases. As soon as all points are on the right side the gradients are so
small that training hardly turns the line any more, it only makes the weights larger; so where the line began decides where
it stays. In problems with more dimensions or layers nobody can read a good start off a drawing.
"""

# %% rubric: start_discussion
# 0.5  compares numbers with those of the old start
# 0.5  the line ends farther from the white cloud
# 0.5  training moves the line little once the points are on the right side, so the start decides
# 0.5  in harder problems a good start is not known


# %% right: a loop over the points in Python numbers, a list as the start, a plain scale
import math

good_start = [-1, -1, 0]


def train(X, Y, start, alpha, n_iter):
    w0, w1, b = start
    points = [(x0, x1, yt) for (x0, x1), yt in zip(X.tolist(), Y.tolist())]
    costs = []
    for i in range(n_iter + 1):
        g0 = g1 = gb = cost = 0.0
        for x0, x1, yt in points:
            y = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + b)))
            A, B = -(yt - y) / (y - y**2), y * (1 - y)
            g0, g1, gb = g0 + A * B * x0, g1 + A * B * x1, gb + A * B
            cost -= yt * math.log(y) + (1 - yt) * math.log(1 - y)
        costs.append(cost / len(points))
        if i < n_iter:
            w0, w1, b = (p - alpha * g / len(points) for p, g in ((w0, g0), (w1, g1), (b, gb)))
    return torch.tensor([w0, w1, b], dtype=torch.float64), torch.tensor(costs)


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots(figsize=(8, 4))
    for i, start in enumerate(starts):
        costs = train(X, Y, start, alpha, n_iter)[1][1:]
        ax.plot(costs.numpy(), "--", label=f"start {i + 1}")
    ax.set(xlabel="number of updates", ylabel="C", title="Starts compared")
    ax.axhline(0, color="grey")
    ax.legend()
    return fig


# %% right: NumPy, a tensor as the start, pyplot's own functions
import numpy as np

good_start = torch.tensor([-0.5, -1.0, -1.0])


def compare_starts(X, Y, starts, alpha, n_iter):
    x, yt, results = np.c_[X, np.ones(len(X))], Y.numpy(), []
    for start in starts:
        p = np.array(start, dtype=float)
        entry = {}
        for i in range(n_iter + 1):
            y = 1 / (1 + np.exp(-x @ p))
            when = "initial" if i == 0 else "final"
            entry[f"{when}_cost"] = -np.mean(np.log(np.where(yt, y, 1 - y)))
            entry[f"{when}_accuracy"] = np.mean((y > 0.5) == yt)
            if i < n_iter:
                p = p - alpha * x.T @ (y - yt) / len(x)
        entry["margin"] = np.min(np.where(yt, 1, -1) * (x @ p)) / np.linalg.norm(p[:2])
        results.append(entry)
    return results


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    plt.figure()
    plt.plot(np.stack([train(X, Y, start, alpha, n_iter)[1] for start in starts], axis=1))
    plt.yscale("log")
    plt.xlabel("iteration")
    plt.ylabel("cost")
    plt.legend([f"start {start}" for start in starts])
    return plt.gcf()


# %% right: float32 with PyTorch's layer and optimiser; tensors as numbers; another good start
good_start = (0, -1, 0)


def train(X, Y, start, alpha, n_iter):
    layer = torch.nn.Linear(2, 1)
    layer.load_state_dict({"weight": torch.tensor([start[:2]]), "bias": torch.tensor([start[2]])})
    optimiser = torch.optim.SGD(layer.parameters(), lr=alpha)
    costs = []
    for i in range(n_iter + 1):
        loss = binary_cross_entropy_with_logits(layer(X.float())[:, 0], Y.float())
        costs.append(loss.detach())
        optimiser.zero_grad()
        if i < n_iter:
            loss.backward()
            optimiser.step()
    return torch.cat([layer.weight[0], layer.bias]).detach(), torch.stack(costs)


def compare_starts(X, Y, starts, alpha, n_iter):
    rows = []
    for start in starts:
        after, costs = train(X, Y, start, alpha, n_iter)
        y = [torch.sigmoid(X.float() @ p[:2] + p[2]) for p in (torch.tensor(start), after)]
        correct = [((one > 0.5) == Y.bool()).float().mean() for one in y]
        distance = (X.float() @ after[:2] + after[2]) / after[:2].norm()
        rows.append(
            dict(
                initial_cost=costs[0],
                initial_accuracy=correct[0],
                final_cost=costs[-1],
                final_accuracy=correct[1],
                margin=torch.minimum(distance[Y == 1].min(), -distance[Y == 0].max()),
            )
        )
    return rows


# %% right: a start from a support vector machine; two Axes, and the curves in the second
import numpy as np
from sklearn.datasets import make_blobs
from sklearn.svm import SVC

machine = SVC(kernel="linear", C=1e6).fit(*make_blobs(n_samples=100, n_features=2, centers=2, random_state=1))
good_start = np.array([*machine.coef_[0], machine.intercept_[0]])


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, (left, right) = plt.subplots(1, 2)
    left.scatter(X[:, 0], X[:, 1], c=Y)
    for start in starts:
        right.plot(np.arange(n_iter) + 1, train(X, Y, start, alpha, n_iter)[1][1:], label=f"{start}")
    right.set_xlabel("iteration")
    right.set_ylabel("cost")
    fig.legend(loc="upper left")
    return fig


# %% right: a small start; each figure is begun anew with pyplot's state
good_start = (-0.1, -0.1, 0.0)


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig = plt.figure()
    ax = fig.add_subplot(111)
    for w0, w1, b in reversed(starts):
        ax.plot(
            train(X, Y, (w0, w1, b), alpha, n_iter)[1].tolist(),
            label=f"w0 = {w0:.2f}, w1 = {w1:.2f}, b = {b:.2f}",
        )
    ax.set_yscale("log")
    ax.set_xlabel("Iteration")
    ax.set_ylabel("Kosten")
    ax.legend()
    ax.grid()
    plt.close(fig)
    return fig


# %% right: a figure without pyplot, steps in place of lines, a tuple of dictionaries
from matplotlib.figure import Figure

good_start = (-0.6, -0.6, -2.5)
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    return tuple(solution(X, Y, starts, alpha, n_iter))


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    figure = Figure()
    ax = figure.subplots()
    ax.set_yscale("log")
    for number, start in enumerate(starts, 1):
        costs = train(X, Y, start, alpha, n_iter)[1].numpy()
        ax.step(range(len(costs)), costs, label=f"no. {number}")
    ax.set_xlabel("iteration i")
    ax.set_ylabel("cost C")
    ax.legend(loc="upper right")
    return figure


# %% right: all starts side by side, entries in another order and one more of them
good_start = [-0.3, -0.4, 0]


def trajectories(X, Y, starts, alpha, n_iter):
    p = torch.tensor(starts, dtype=torch.float64)  # (S, 3)
    inputs = torch.nn.functional.pad(X, (0, 1), value=1.0)
    everything = [p]
    for _ in range(n_iter):
        p = p - alpha * ((p @ inputs.T).sigmoid() - Y) @ inputs / len(X)
        everything.append(p)
    z = torch.stack(everything) @ inputs.T  # (n_iter + 1, S, N)
    return p, z, torch.nn.functional.softplus((1 - 2 * Y) * z).mean(-1)


def compare_starts(X, Y, starts, alpha, n_iter):
    p, z, costs = trajectories(X, Y, starts, alpha, n_iter)
    right = ((z > 0).long() == Y).double().mean(-1)
    margins = ((2 * Y - 1) * z[-1]).amin(-1) / torch.linalg.norm(p[:, :2], dim=1)
    return [
        {
            "start": start,
            "margin": margins[i],
            "final_accuracy": right[-1, i],
            "final_cost": costs[-1, i],
            "initial_accuracy": right[0, i],
            "initial_cost": costs[0, i],
        }
        for i, start in enumerate(starts)
    ]


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    lines = ax.plot(trajectories(X, Y, starts, alpha, n_iter)[2][1:])
    ax.legend(lines, [" ".join(f"{value:.2f}" for value in start) for start in starts])
    ax.set_xlabel("iteration")
    ax.set_ylabel("cost")
    return fig


# %% right: a heavy start that hardly moves, two y axes, markers
good_start = (-5.0, -5.0, -30.0)


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    other = ax.twinx()
    for start in starts:
        ax.plot(train(X, Y, start, alpha, n_iter)[1], "o-", markersize=2, label=str(start))
    other.plot([0, n_iter], [0, 1], alpha=0)
    other.set_ylabel("share of the time")
    ax.set_xlabel("iteration")
    ax.set_ylabel("cost")
    ax.legend()
    return fig


# %% wrong: the start of the course with another b -> good_start
good_start = (1.0, -1.0, -8.0)

# %% wrong: the right line the wrong way round; it trains well, but from accuracy 0 -> good_start
good_start = (1.0, 1.0, 0.0)

# %% wrong: zero, where no point is black -> good_start
good_start = (0.0, 0.0, 0.0)

# %% wrong: separates, but so close to the white points that it stays there -> good_start
good_start = (-1.0, -8.0, 11.0)

# %% wrong: saturated and close to the white points, so that it does not move at all -> good_start
good_start = (-40.0, -60.0, 60.0)

# %% wrong: a line as slope and intercept -> good_start
good_start = (-1.0, -5.0)

# %% wrong: NaN -> good_start
good_start = (-1.0, -1.0, float("nan"))

# %% wrong: a string -> good_start
good_start = "(-1, -1, -5)"


# %% wrong: each training begins where the last one ended -> compare_starts
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    results, start = [], starts[0]
    for _ in starts:
        results += solution(X, Y, [start], alpha, n_iter)
        start = tuple(train(X, Y, start, alpha, n_iter)[0].tolist())
    return results


# %% wrong: the initial cost after the first update -> compare_starts
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    results = solution(X, Y, starts, alpha, n_iter)
    for start, entry in zip(starts, results):
        entry["initial_cost"] = train(X, Y, start, alpha, 1)[1][-1].item()
    return results


# %% wrong: y = 0.5 counts as black -> compare_starts
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    results = solution(X, Y, starts, alpha, n_iter)
    for start, entry in zip(starts, results):
        z = X @ torch.tensor(start[:2], dtype=X.dtype) + start[2]
        entry["initial_accuracy"] = ((z >= 0) == (Y == 1)).double().mean().item()
    return results


# %% wrong: the margin of the first line -> compare_starts
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    results = solution(X, Y, starts, alpha, n_iter)
    for start, entry in zip(starts, results):
        w, b = torch.tensor(start[:2], dtype=X.dtype), start[2]
        entry["margin"] = ((2 * Y - 1) * (X @ w + b) / w.norm().clamp(min=1e-9)).min().item()
    return results


# %% wrong: one update is missing -> compare_starts, plot_cost_curves
solution = train


def train(X, Y, start, alpha, n_iter):
    params, cost = solution(X, Y, start, alpha, n_iter - 1)
    return params, torch.cat([cost, cost[-1:]])


# %% wrong: the sum in place of the mean -> compare_starts, plot_cost_curves
solution = train


def train(X, Y, start, alpha, n_iter):
    return solution(X, Y, start, alpha * len(X), n_iter)


# %% wrong: the order of the starts is lost -> compare_starts
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    return sorted(solution(X, Y, starts, alpha, n_iter), key=lambda entry: entry["final_cost"])


# %% wrong: a dictionary by start -> compare_starts
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    return dict(zip(starts, solution(X, Y, starts, alpha, n_iter)))


# %% wrong: zeros, and an empty figure -> compare_starts, plot_cost_curves
def compare_starts(X, Y, starts, alpha, n_iter):
    names = ["initial_cost", "initial_accuracy", "final_cost", "final_accuracy", "margin"]
    return [dict.fromkeys(names, 0.0) for _ in starts]


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    ax.set(xlabel="iteration", ylabel="cost")
    return fig


# %% wrong: one curve only -> plot_cost_curves
solution = plot_cost_curves


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    return solution(X, Y, starts[:1], alpha, n_iter)


# %% wrong: the accuracy in place of the cost -> plot_cost_curves
def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    for start in starts:
        values = [compare_starts(X, Y, [start], alpha, i)[0]["final_accuracy"] for i in range(n_iter)]
        ax.plot(values, label=str(start))
    ax.set(xlabel="iteration", ylabel="accuracy")
    ax.legend()
    return fig


# %% wrong: the points of the course, whatever is given -> plot_cost_curves
from sklearn.datasets import make_blobs

points, labels = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
solution = plot_cost_curves


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    return solution(torch.tensor(points), torch.tensor(labels), starts, alpha, n_iter)


# %% wrong: no legend -> plot_cost_curves
solution = plot_cost_curves


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig = solution(X, Y, starts, alpha, n_iter)
    fig.axes[0].get_legend().remove()
    return fig


# %% wrong: the same entry of the legend for all -> plot_cost_curves
def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    for start in starts:
        ax.plot(train(X, Y, start, alpha, n_iter)[1], label="cost")
    ax.set(xlabel="iteration", ylabel="cost")
    ax.legend()
    return fig


# %% wrong: no labels of the axes -> plot_cost_curves
solution = plot_cost_curves


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig = solution(X, Y, starts, alpha, n_iter)
    fig.axes[0].set(xlabel="", ylabel="")
    return fig


# %% wrong: logarithms drawn on a linear scale -> plot_cost_curves
def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    for start in starts:
        ax.plot(train(X, Y, start, alpha, n_iter)[1].log10(), label=str(start))
    ax.set(xlabel="iteration", ylabel="log cost")
    ax.legend()
    return fig


# %% wrong: one subplot for each start -> plot_cost_curves
def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, axes = plt.subplots(1, len(starts))
    for ax, start in zip(axes, starts):
        ax.plot(train(X, Y, start, alpha, n_iter)[1], label=str(start))
        ax.set(xlabel="iteration", ylabel="cost")
        ax.legend()
    return fig


# %% wrong: the last cost is missing -> plot_cost_curves
def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    for start in starts:
        ax.plot(train(X, Y, start, alpha, n_iter)[1][:-1], label=str(start))
    ax.set(xlabel="iteration", ylabel="cost")
    ax.legend()
    return fig


# %% wrong: shown, not returned -> plot_cost_curves
solution = plot_cost_curves


def plot_cost_curves(X, Y, starts, alpha, n_iter):
    solution(X, Y, starts, alpha, n_iter).show()


# %% wrong: right before training, but at the edge of the black cloud -> good_start
good_start = (-3.0, -3.0, -31.0)

# %% wrong: alpha and the number of iterations are those of the course -> compare_starts, plot_cost_curves
solution = train


def train(X, Y, start, alpha, n_iter):
    return solution(X, Y, start, 0.1, 1000)


# %% wrong: the accuracy with y >= 0.5, the costs of a sum -> compare_starts
solution = compare_starts


def compare_starts(X, Y, starts, alpha, n_iter):
    results = solution(X, Y, starts, alpha, n_iter)
    for entry in results:
        entry["final_cost"] *= len(X)
    return results


# %% wrong: the difference from the first curve is drawn -> plot_cost_curves
def plot_cost_curves(X, Y, starts, alpha, n_iter):
    fig, ax = plt.subplots()
    first = train(X, Y, starts[0], alpha, n_iter)[1]
    for start in starts:
        ax.plot(train(X, Y, start, alpha, n_iter)[1] - first, label=str(start))
    ax.set(xlabel="iteration", ylabel="cost")
    ax.legend()
    return fig
