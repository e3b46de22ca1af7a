"""∂y_k/∂x_m = y_k (w_km - Σ_n y_n w_nm): the weight of class k against a weighted mean of its column.

As x_m grows, the mean rises from the least to the greatest weight of the column (its derivative is a variance). So the
bracket keeps its sign only where w_km is the greatest or the least, ties included; any other y_k rises first, then falls.
"""

# %% solution
import torch


def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    return y[:, None] * (W - y @ W)


def monotone_pairs(W):
    return (W == W.max(dim=0).values) | (W == W.min(dim=0).values)


def non_monotone_flat():
    # classes 0, 1, 2 win one after the other; class 1 is best in the middle
    W = torch.tensor([[0.0], [20.0], [40.0]])
    return {"W": W, "b": torch.tensor([0.0, -6.0, -20.0]), "x": torch.tensor([0.0]), "k": 1, "m": 0}


def darker_but_less_likely():
    return {"W": torch.tensor([[1.0], [5.0]]), "b": torch.zeros(2), "x": torch.zeros(1), "k": 0, "m": 0}


monotone_proof = """
By the chain rule dy_k/dx_m = sum_n y_k (δ_kn - y_n) w_nm = y_k (w_km - sum_n y_n w_nm). The y_n are positive with sum 1, so
the bracket compares w_km with a weighted mean of column m. For K = 2 it is (1 - y_k)(w_km - w_jm), with j the other class:
dy_0/dx_m = y_0 y_1 (w_0m - w_1m), whose sign is constant. For any K: if w_km is the greatest (or the least) weight of its
column, a mean can never exceed it (fall below it), so the bracket never changes its sign and y_k is monotone. If w_km lies
strictly between two others, then for x_m -> -∞ the mean tends to the least weight of the column and the bracket is
positive, for x_m -> +∞ it tends to the greatest one and the bracket is negative: y_k rises first and falls later.
"""

# %% rubric: monotone_proof
# 0.5  correct chain rule, up to the formula y_k (w_km - Σ_n y_n w_nm)
# 0.5  two classes: the derivative is y_0 y_1 (w_0m - w_1m), of constant sign
# 0.5  greatest or least weight of the column: the bracket never changes its sign
# 0.5  says clearly that weights in between lose monotonicity, with the limits or with an example (a proof only of the
#      fact that the odds y_k/y_j are monotone earns 1 in all)


# %% right: through the Jacobian of softmax, all weights positive, NumPy and lists
import numpy as np


def dyk_dxm(x, W, b):
    z = W.matmul(x) + b
    e = torch.exp(z - z.max())
    y = e / e.sum()
    return (torch.diag(y) - torch.outer(y, y)) @ W


def monotone_pairs(W):
    ordered = W.sort(dim=0).values
    return torch.logical_or(W >= ordered[-1], W <= ordered[0])


def non_monotone_flat():
    return {
        "W": np.array([[5.0, 2.0], [1.0, 22.0], [0.0, 42.0]]),
        "b": [11, 6, -9],
        "x": (0.0, 0.7),
        "k": np.int64(1),
        "m": torch.tensor(1),
    }


# %% right: loops
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    K, D = W.shape
    result = torch.zeros(K, D, dtype=torch.float64)
    for k in range(K):
        for m in range(D):
            for n in range(K):
                result[k, m] += y[k] * (float(k == n) - y[n]) * W[n, m]
    return result


def monotone_pairs(W):
    rows = [[w in (max(column), min(column)) for w in column] for column in W.T.tolist()]
    return torch.tensor(rows).T


# %% right: einsum, ten classes, the pixel among many
def dyk_dxm(x, W, b):
    y = torch.softmax(torch.einsum("kd,d->k", W, x) + b, -1)
    J = torch.einsum("k,kn->kn", y, torch.eye(len(y), dtype=y.dtype) - y)
    return torch.einsum("kn,nm->km", J, W)


def non_monotone_flat():
    W, b = torch.zeros(10, 784), torch.full((10,), -50.0)
    W[3, 100], W[7, 100] = 30.0, 60.0
    b[0], b[3], b[7] = 0.0, -10.0, -31.0
    return {"W": W, "b": b, "x": torch.rand(784), "k": 3, "m": 100}


def darker_but_less_likely():
    W = torch.zeros(10, 784)
    W[:, 5] = torch.arange(1.0, 11.0)
    return {"W": W, "b": -0.3 * W[:, 5], "x": torch.rand(784), "k": 0, "m": 5}


# %% right: by exponentials of the differences, each pair of classes on its own; where, any
def dyk_dxm(x, W, b):
    z = W @ x + b
    y = 1 / torch.exp(z[None, :] - z[:, None]).sum(1)
    return y[:, None] * ((W[:, None, :] - W[None, :, :]) * y[None, :, None]).sum(1)


def monotone_pairs(W):
    greater = (W[None] > W[:, None]).any(1)
    smaller = (W[None] < W[:, None]).any(1)
    return ~(greater & smaller)


# %% right: rank by counting, in NumPy; the examples in float64, found by a search
import numpy as np


def monotone_pairs(W):
    w = W.numpy()
    return (w == w.max(axis=0, keepdims=True)) | (w == w.min(axis=0, keepdims=True))


def non_monotone_flat():
    g = torch.Generator().manual_seed(0)
    t = torch.linspace(0, 1, 50, dtype=torch.float64)
    while True:
        W = 40 * torch.randn(4, 1, generator=g, dtype=torch.float64)
        b = 15 * torch.randn(4, generator=g, dtype=torch.float64)
        y = torch.softmax(t[:, None] @ W.T + b, 1)
        gain = y.max(0).values - torch.maximum(y[0], y[-1])
        if gain.max() > 0.2:
            return {"W": W, "b": b, "x": torch.zeros(1, dtype=torch.float64), "k": int(gain.argmax()), "m": 0}


# %% right: the weighted mean as an expectation
def dyk_dxm(x, W, b):
    log_y = torch.log_softmax(W @ x + b, dim=0)
    expected_weight = (log_y.exp().unsqueeze(1) * W).sum(dim=0, keepdim=True)
    return log_y.exp().unsqueeze(1) * (W - expected_weight)


# %% right: in NumPy, with whole numbers as weights
import numpy as np


def dyk_dxm(x, W, b):
    x, W, b = x.numpy(), W.numpy(), b.numpy()
    y = np.exp(W @ x + b)
    y /= y.sum()
    return torch.from_numpy(W * y[:, None] - np.outer(y, y @ W))


def non_monotone_flat():
    return dict(
        W=torch.tensor([[0], [40], [20]]), b=torch.tensor([0, -20, -6]), x=torch.tensor([1]), k=2, m=0
    )


# %% right: the formula for one k at a time, stacked; a symmetric example with both neighbours
def dyk_dxm(x, W, b):
    y = (W @ x + b).softmax(0)
    rows = []
    for k in range(W.size(0)):
        difference = W[k].unsqueeze(0) - W
        rows.append(y[k] * (y.unsqueeze(0) @ difference).squeeze(0))
    return torch.stack(rows)


def non_monotone_flat():
    return {
        "x": torch.full((3,), 0.5),
        "b": torch.tensor([9.0, 0, -9.0]),
        "k": 1,
        "m": 2,
        "W": torch.stack([torch.tensor([0, 0, s]) for s in (-18.0, 0.0, 18.0)]),
    }


def darker_but_less_likely():
    return {"x": [0.5], "b": [1.0, 0.0], "k": 1.0, "m": 0, "W": [[3.0], [0.001]]}


# %% right: sums of logarithms in double precision, cumulative extremes
def monotone_pairs(W):
    top = torch.cummax(W, dim=0).values[-1]
    bottom = torch.cummin(W, dim=0).values[-1]
    return torch.isin(W - top, torch.zeros(1).to(W)) | ((W - bottom).abs() == 0)


# %% wrong: the formula of a single sigmoid -> dyk_dxm
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)[:, None]
    return y * (1 - y) * W


# %% wrong: the weights y_n are forgotten in the sum -> dyk_dxm
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)[:, None]
    return y * W - y * W.sum(0)


# %% wrong: the plain mean of the column -> dyk_dxm
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)[:, None]
    return y * (W - W.mean(0))


# %% wrong: sign -> dyk_dxm
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    return y[:, None] * (y @ W - W)


# %% wrong: transposed -> dyk_dxm
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    return (y[:, None] * (W - y @ W)).T


# %% wrong: the derivative of log y -> dyk_dxm
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    return W - y @ W


# %% wrong: b is forgotten -> dyk_dxm
def dyk_dxm(x, W, b):
    y = torch.softmax(W @ x, dim=0)
    return y[:, None] * (W - y @ W)


# %% wrong: finite differences -> dyk_dxm
def dyk_dxm(x, W, b):
    h = 1e-5
    steps = h * torch.eye(len(x), dtype=x.dtype)
    columns = [
        (torch.softmax(W @ (x + s) + b, 0) - torch.softmax(W @ (x - s) + b, 0)) / (2 * h) for s in steps
    ]
    return torch.stack(columns, dim=1)


# %% wrong: autograd -> dyk_dxm
def dyk_dxm(x, W, b):
    return torch.autograd.functional.jacobian(lambda x: torch.softmax(W @ x + b, 0), x)


# %% wrong: computed in float32 -> dyk_dxm
def dyk_dxm(x, W, b):
    x, W, b = x.float(), W.float(), b.float()
    y = torch.softmax(W @ x + b, dim=0)
    return y[:, None] * (W - y @ W)


# %% wrong: zeros -> dyk_dxm
def dyk_dxm(x, W, b):
    return torch.zeros_like(W)


# %% wrong: the weights themselves -> dyk_dxm
def dyk_dxm(x, W, b):
    return W


# %% wrong: always monotone, as is often claimed -> monotone_pairs
def monotone_pairs(W):
    return torch.ones_like(W, dtype=torch.bool)


# %% wrong: by the sign of the weight -> monotone_pairs
def monotone_pairs(W):
    return W > 0


# %% wrong: only the greatest weight -> monotone_pairs
def monotone_pairs(W):
    return W == W.max(dim=0).values


# %% wrong: the extremes of the row -> monotone_pairs
def monotone_pairs(W):
    return (W == W.max(dim=1, keepdim=True).values) | (W == W.min(dim=1, keepdim=True).values)


# %% wrong: only one of tied extremes -> monotone_pairs
def monotone_pairs(W):
    result = torch.zeros_like(W, dtype=torch.bool)
    result.scatter_(0, W.argmax(dim=0, keepdim=True), True)
    return result.scatter_(0, W.argmin(dim=0, keepdim=True), True)


# %% wrong: tied extremes do not count at all -> monotone_pairs
def monotone_pairs(W):
    counts_ge = (W[None] >= W[:, None]).sum(1)
    counts_le = (W[None] <= W[:, None]).sum(1)
    return (counts_ge == 1) | (counts_le == 1)


# %% wrong: monotone for two classes only -> monotone_pairs
def monotone_pairs(W):
    return torch.full(W.shape, len(W) <= 2)


# %% wrong: the sign at one place, b = 0 and x = 0 -> monotone_pairs
def monotone_pairs(W):
    d = dyk_dxm(torch.zeros(W.shape[1]).to(W), W, torch.zeros(len(W)).to(W))
    return d >= 0


# %% wrong: monotone after all, the example has an extreme weight -> non_monotone_flat
def non_monotone_flat():
    W = torch.tensor([[0.0], [20.0], [40.0]])
    return {"W": W, "b": torch.tensor([0.0, -6.0, -20.0]), "x": torch.tensor([0.0]), "k": 2, "m": 0}


# %% wrong: the maximum lies outside [0, 1] -> non_monotone_flat
def non_monotone_flat():
    W = torch.tensor([[0.0], [20.0], [40.0]])
    return {"W": W, "b": torch.tensor([0.0, -36.0, -80.0]), "x": torch.tensor([0.0]), "k": 1, "m": 0}


# %% wrong: the maximum is too low -> non_monotone_flat
def non_monotone_flat():
    W = torch.tensor([[0.0], [1.0], [2.0]])
    return {"W": W, "b": torch.tensor([0.0, 0.0, -1.0]), "x": torch.tensor([0.0]), "k": 1, "m": 0}


# %% wrong: a network with a hidden layer -> non_monotone_flat
def non_monotone_flat():
    return {
        "W1": torch.tensor([[8.0], [-8.0]]),
        "W2": torch.tensor([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]),
        "x": torch.zeros(1),
        "k": 0,
        "m": 0,
    }


# %% wrong: a minimum in place of a maximum, by infinite weights -> non_monotone_flat
def non_monotone_flat():
    W = torch.tensor([[0.0], [float("inf")], [40.0]])
    return {"W": W, "b": torch.zeros(3), "x": torch.zeros(1), "k": 1, "m": 0}


# %% wrong: the weights transposed -> non_monotone_flat
def non_monotone_flat():
    W = torch.tensor([[0.0, 20.0, 40.0]])
    return {"W": W, "b": torch.tensor([0.0, -6.0, -20.0]), "x": torch.tensor([0.0]), "k": 1, "m": 0}


# %% wrong: two classes, where nothing can turn -> non_monotone_flat
def non_monotone_flat():
    return {
        "W": torch.tensor([[0.0], [20.0]]),
        "b": torch.tensor([0.0, -6.0]),
        "x": torch.zeros(1),
        "k": 1,
        "m": 0,
    }


# %% wrong: the weight is negative -> darker_but_less_likely
def darker_but_less_likely():
    return {"W": torch.tensor([[-1.0], [5.0]]), "b": torch.zeros(2), "x": torch.zeros(1), "k": 0, "m": 0}


# %% wrong: it rises -> darker_but_less_likely
def darker_but_less_likely():
    return {"W": torch.tensor([[5.0], [1.0]]), "b": torch.zeros(2), "x": torch.zeros(1), "k": 0, "m": 0}


# %% wrong: it rises first, and falls from start to end -> darker_but_less_likely
def darker_but_less_likely():
    W = torch.tensor([[0.0], [20.0], [60.0]])
    return {"W": W, "b": torch.tensor([0.0, -1.0, -25.0]), "x": torch.zeros(1), "k": 1, "m": 0}


# %% wrong: it hardly falls -> darker_but_less_likely
def darker_but_less_likely():
    return {"W": torch.tensor([[1.0], [1.1]]), "b": torch.zeros(2), "x": torch.zeros(1), "k": 0, "m": 0}


# %% wrong: there is no such class -> non_monotone_flat
def non_monotone_flat():
    W = torch.tensor([[0.0], [20.0], [40.0]])
    return {"W": W, "b": torch.tensor([0.0, -6.0, -20.0]), "x": torch.tensor([0.0]), "k": 3, "m": 0}


# %% wrong: the largest in size is taken for an extreme -> monotone_pairs
def monotone_pairs(W):
    return (W.abs() == W.abs().amax(0)) | (W.abs() == W.abs().amin(0))


# %% wrong: divided by the sum of the logits instead of softmax -> dyk_dxm
def dyk_dxm(x, W, b):
    z = W @ x + b
    y = z / z.sum()
    return y[:, None] * (W - y @ W)


# %% wrong: None -> non_monotone_flat, darker_but_less_likely
def non_monotone_flat():
    return None


def darker_but_less_likely():
    return None
