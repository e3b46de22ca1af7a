"""dL/dw_pq = d exp(-sum_i H_i)/dw_pq = -L sum_i dH_i/dw_pq = -N L dC/dw_pq: the gradient of C, times a number near 0.

Estimated L over L: exp(-N mean) / exp(-sum_i H_i), so that its logarithm is sum_i H_i - N mean. The mean over B examples
has the standard deviation sigma / sqrt(B), and the factor N makes it N sigma / sqrt(B).
"""

# %% solution
import math

import torch
from torch import Tensor

largest_n_float64 = 323


def dL_dW(X: Tensor, t: Tensor, W: Tensor, b: Tensor) -> Tensor:
    Y = torch.softmax(X @ W.T + b, dim=1)
    Yt = torch.nn.functional.one_hot(t, len(b))
    L = Y[torch.arange(len(t)), t].prod()
    return -L * (Y - Yt).T @ X


def log10_model_likelihood(N: int, C: float) -> float:
    return -N * C / math.log(10)


def log_ratio_of_estimate(H: Tensor, batch_idx: Tensor) -> float:
    return (H.sum() - len(H) * H[batch_idx].mean()).item()


def std_log_ratio(N: int, B: int, sigma: float) -> float:
    return N * sigma / math.sqrt(B)


why_minimise_C = """
grad L = -N L grad C: both gradients point along the same line and vanish at the same points, and they differ only by the
factor -N L. But L is a product of N numbers below 1. For an untrained model and 60,000 images it is 10^-60000, which is 0
in floating point, and with it its gradient: nothing would ever move. Even in exact arithmetic the steps would be as
small as L, tiny just where we are far from the optimum and would like to take large ones. And C is a mean of independent
terms, one for each example, while L does not split.
"""

why_grad_L_is_hard = """
grad C is a mean over all examples, so that the mean over a minibatch is an unbiased estimate, with an error of about
sigma / sqrt(B). grad L = -N L grad C has in it L, the product over ALL examples, of which a minibatch knows only B. If
its estimate of C is off by d, then that of L is off by the factor exp(-N d). For sigma = 1, B = 16 and N = 60,000 the
logarithm is typically off by 15,000: the estimate is wrong by thousands of orders of magnitude, in either direction.
"""

# %% rubric: why_minimise_C
# 0.5  grad L is grad C times the common factor -N L: the same direction, the same stationary points
# 0.5  L is a product of N numbers below 1, of order 10^-60000 at the start: it and its gradient are 0 in floating
#      point, and nothing moves
# 0.5  even in exact arithmetic the step length depends on L, tiny far from the optimum; and C is a mean of independent
#      terms, while L does not split (one of the two is enough)

# %% rubric: why_grad_L_is_hard
# 0.5  grad C is a mean over examples, so the minibatch's mean is an unbiased estimate with an error sigma / sqrt(B)
# 0.5  grad L contains L, a product over ALL examples; an error d in C becomes a factor exp(-N d) in L
# 0.5  with numbers, e.g. sigma = 1, B = 16: the log is off by 15,000; or: the product over the minibatch has another
#      order of magnitude


# %% right: -L N dC/dw, with L as the exponential of a sum
largest_n_float64 = torch.tensor(323)


def dL_dW(X, t, W, b):
    N = X.shape[0]
    log_Y = torch.log_softmax(X @ W.T + b, dim=1)
    Yt = torch.zeros_like(log_Y).scatter_(1, t[:, None], 1.0)
    C = -(Yt * log_Y).sum() / N
    dC = (log_Y.exp() - Yt).T @ X / N
    return -torch.exp(-N * C) * N * dC


def log10_model_likelihood(N, C):
    return -N * C * math.log10(math.e)


def log_ratio_of_estimate(H, batch_idx):
    N = H.numel()
    C, estimate = H.mean(), H[batch_idx].mean()
    return -N * (estimate - C)


def std_log_ratio(N, B, sigma):
    return torch.tensor(N * sigma / B**0.5)


# %% right: loops over examples, classes and inputs
largest_n_float64 = max(n for n in range(1, 500) if 0.1**n > 0)


def dL_dW(X, t, W, b):
    N, D = X.shape
    L, total = 1.0, torch.zeros_like(W)
    for i in range(N):
        z = W @ X[i] + b
        y = torch.exp(z - z.max())
        y = y / y.sum()
        L = L * y[t[i]].item()
        for p in range(len(b)):
            total[p] += (y[p] - (1.0 if p == t[i] else 0.0)) * X[i]
    return -L * total


def log_ratio_of_estimate(H, batch_idx):
    total = math.fsum(H.tolist())
    picked = [H[i].item() for i in batch_idx.tolist()]
    return total - len(H) * sum(picked) / len(picked)


# %% right: the finite population's factor, NumPy, the last normal number
import numpy as np

largest_n_float64 = 307.0


def log10_model_likelihood(N, C):
    return np.float64(-N * C) / np.log(10)


def log_ratio_of_estimate(H, batch_idx):
    H = H.numpy()
    return np.sum(H) - H.size * np.mean(H[batch_idx.numpy()])


def std_log_ratio(N, B, sigma):
    return N * sigma / np.sqrt(B) * np.sqrt((N - B) / (N - 1))


# %% right: the last one with all its bits, rounded
largest_n_float64 = np.int64(308) if "np" in globals() else 308


def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y.gather(1, t[:, None]).cumprod(dim=0)[-1]
    Y[torch.arange(len(t)), t] -= 1
    return -L * torch.einsum("np,nq->pq", Y, X)


# %% right: a sum over examples of L times the derivative of log y
def dL_dW(X, t, W, b):
    Y = torch.softmax(torch.nn.functional.linear(X, W, b), -1)
    L = math.prod(Y[i, k].item() for i, k in enumerate(t.tolist()))
    eye = torch.eye(len(b), dtype=X.dtype)
    return sum(L * torch.outer(eye[k] - y, x) for x, y, k in zip(X, Y, t))


def std_log_ratio(N, B, sigma):
    variance_of_mean = sigma**2 / B
    return (N**2 * variance_of_mean) ** 0.5


# %% right: the product rule, example by example, with the product of the others
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    y = Y[torch.arange(len(t)), t]
    total = torch.zeros_like(W)
    for i in range(len(t)):
        others = torch.cat([y[:i], y[i + 1 :]]).prod()
        dy = -y[i] * Y[i]
        dy[t[i]] += y[i]
        total += others * torch.outer(dy, X[i])
    return total


# %% right: the log10 of each factor; the ratio of both as a difference of sums
def log10_model_likelihood(N, C):
    return N * math.log10(math.exp(-C))


def log_ratio_of_estimate(H, batch_idx):
    weights = torch.ones_like(H)
    weights[batch_idx] -= len(H) / len(batch_idx)
    return (weights * H).sum()


# %% right: one matrix of weights for the rows, -L * grad of the sum by bmm
def dL_dW(X, t, W, b):
    Y = torch.nn.Softmax(dim=-1)(X.matmul(W.t()).add(b))
    y = Y.take_along_dim(t.unsqueeze(1), dim=1)
    Yt = torch.eye(W.shape[0], dtype=X.dtype)[t]
    each = torch.bmm((Yt - Y).unsqueeze(2), X.unsqueeze(1))
    return torch.prod(y) * each.sum(dim=0)


# %% right: mantissa and exponent of 0.1**n, by halving until nothing is left; an array
import numpy as np

n = 0
while 0.1 ** (n + 1) != 0.0:
    n += 1
largest_n_float64 = np.array([n])


def std_log_ratio(N, B, sigma):
    return np.sqrt(np.square(N) / B) * sigma


# %% wrong: without the factor L -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    return -(Y - torch.nn.functional.one_hot(t, len(b))).T @ X


# %% wrong: the gradient of C -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    return (Y - torch.nn.functional.one_hot(t, len(b))).T @ X / len(t)


# %% wrong: the factor N forgotten -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y[torch.arange(len(t)), t].prod()
    return -L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X / len(t)


# %% wrong: the sign -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y[torch.arange(len(t)), t].prod()
    return L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X


# %% wrong: transposed -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y[torch.arange(len(t)), t].prod()
    return -L * X.T @ (Y - torch.nn.functional.one_hot(t, len(b)))


# %% wrong: L divided by y in the product rule: nan where both are 0 -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    y = Y[torch.arange(len(t)), t]
    L = y.prod()
    dL = -L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X
    return dL * (L / y.prod())


# %% wrong: the exponential of a sum of logarithms, of the result's too -> gradient
def dL_dW(X, t, W, b):
    log_Y = torch.log_softmax(X @ W.T + b, dim=1)
    total = -(log_Y.exp() - torch.nn.functional.one_hot(t, len(b))).T @ X
    log_L = log_Y[torch.arange(len(t)), t].sum()
    return torch.sign(total) * torch.exp(log_L) * torch.exp(total.abs().log()) / (log_L.exp() / log_L.exp())


# %% wrong: the sum of the probabilities in place of their product -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y[torch.arange(len(t)), t].sum()
    return -L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X


# %% wrong: b forgotten -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T, dim=1)
    L = Y[torch.arange(len(t)), t].prod()
    return -L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X


# %% wrong: in float32 -> gradient
def dL_dW(X, t, W, b):
    X, W, b = X.float(), W.float(), b.float()
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y[torch.arange(len(t)), t].prod()
    return (-L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X).double()


# %% wrong: autograd -> gradient
def dL_dW(X, t, W, b):
    W = W.clone().requires_grad_()
    L = torch.softmax(X @ W.T + b, dim=1)[torch.arange(len(t)), t].prod()
    return torch.autograd.grad(L, W)[0]


# %% wrong: finite differences -> gradient
def dL_dW(X, t, W, b):
    L = lambda W: torch.softmax(X @ W.T + b, dim=1)[torch.arange(len(t)), t].prod()
    result, h = torch.zeros_like(W), 1e-6
    for p in range(W.shape[0]):
        for q in range(W.shape[1]):
            E = torch.zeros_like(W)
            E[p, q] = h
            result[p, q] = (L(W + E) - L(W - E)) / (2 * h)
    return result


# %% wrong: zeros -> gradient
def dL_dW(X, t, W, b):
    return torch.zeros_like(W)


# %% wrong: at least a tiny likelihood, so that something moves -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y[torch.arange(len(t)), t].prod().clamp(min=1e-300)
    return -L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X


# %% wrong: the natural logarithm -> log10_model_likelihood
def log10_model_likelihood(N, C):
    return -N * C


# %% wrong: by way of L, which is 0 -> log10_model_likelihood
def log10_model_likelihood(N, C):
    return math.log10(math.exp(-N * C))


# %% wrong: by way of L in torch: -inf -> log10_model_likelihood
def log10_model_likelihood(N, C):
    return torch.log10(torch.exp(torch.tensor(-N * C)))


# %% wrong: the sign of the logarithm -> log10_model_likelihood
def log10_model_likelihood(N, C):
    return N * C / math.log(10)


# %% wrong: -N, as for an untrained model -> log10_model_likelihood
def log10_model_likelihood(N, C):
    return -N


# %% wrong: multiplied with ln 10 -> log10_model_likelihood
def log10_model_likelihood(N, C):
    return -N * C * math.log(10)


# %% wrong: the first N that gives 0 -> largest_n_float64
largest_n_float64 = 324

# %% wrong: that of float32 -> largest_n_float64
largest_n_float64 = 45

# %% wrong: the size of the training set -> largest_n_float64
largest_n_float64 = 60_000

# %% wrong: the exponent with its sign -> largest_n_float64
largest_n_float64 = -323

# %% wrong: the bits of the exponent -> largest_n_float64
largest_n_float64 = 1074


# %% wrong: the ratio itself -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return torch.exp(-len(H) * H[batch_idx].mean()) / torch.exp(-H.sum())


# %% wrong: the logarithm of the ratio, computed by way of it -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return torch.log(torch.exp(-len(H) * H[batch_idx].mean()) / torch.exp(-H.sum()))


# %% wrong: upside down -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return len(H) * H[batch_idx].mean() - H.sum()


# %% wrong: per example -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return H.mean() - H[batch_idx].mean()


# %% wrong: the product over the minibatch taken for the estimate -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return H.sum() - H[batch_idx].sum()


# %% wrong: the first B examples -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return H.sum() - len(H) * H[: len(batch_idx)].mean()


# %% wrong: zero, as on average -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return 0.0


# %% wrong: the error of C -> std_log_ratio
def std_log_ratio(N, B, sigma):
    return sigma / math.sqrt(B)


# %% wrong: N sigma / B -> std_log_ratio
def std_log_ratio(N, B, sigma):
    return N * sigma / B


# %% wrong: the variance -> std_log_ratio
def std_log_ratio(N, B, sigma):
    return (N * sigma) ** 2 / B


# %% wrong: that of a sum of N -> std_log_ratio
def std_log_ratio(N, B, sigma):
    return math.sqrt(N) * sigma


# %% wrong: the example's 15,000 -> std_log_ratio
def std_log_ratio(N, B, sigma):
    return 15_000


# %% wrong: sqrt(N / B) -> std_log_ratio
def std_log_ratio(N, B, sigma):
    return sigma * math.sqrt(N / B)


# %% wrong: nothing at all is right -> gradient, log10_model_likelihood, largest_n_float64, log_ratio_of_estimate, std_log_ratio
largest_n_float64 = "323"


def dL_dW(X, t, W, b):
    return W


def log10_model_likelihood(N, C):
    return C


def log_ratio_of_estimate(H, batch_idx):
    return H


def std_log_ratio(N, B, sigma):
    return None


# %% wrong: the derivative of log10 L -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    return -(Y - torch.nn.functional.one_hot(t, len(b))).T @ X / math.log(10)


# %% wrong: L of the last example only -> gradient
def dL_dW(X, t, W, b):
    Y = torch.softmax(X @ W.T + b, dim=1)
    L = Y[-1, t[-1]]
    return -L * (Y - torch.nn.functional.one_hot(t, len(b))).T @ X


# %% wrong: the mean over a sorted minibatch's extremes -> log_ratio_of_estimate
def log_ratio_of_estimate(H, batch_idx):
    return H.sum() - len(H) * (H[batch_idx].max() + H[batch_idx].min()) / 2


# %% wrong: N / sqrt(B - 1) -> std_log_ratio
def std_log_ratio(N, B, sigma):
    return N * sigma / math.sqrt(B) / 2
