"""dH/dy_k = -Yt_k / y_k, dy_k/dz_m = y_k (delta_km - y_m), dz_m/dw_pq = delta_mp x_q.

In the product the y_k cancels: dH/dz_m = -sum_k Yt_k (delta_km - y_m) = y_m - Yt_m, as the Yt_k add up to 1. Hence
dH/dw_pq = (y_p - Yt_p) x_q and dH/db_p = y_p - Yt_p, without a division by a y_k that may be 0.
"""

# %% solution
import torch
from torch import Tensor


def dH_dyk(y: Tensor, yt: Tensor) -> Tensor:
    return -yt / y


def softmax_jacobian(y: Tensor) -> Tensor:
    return torch.diag(y) - torch.outer(y, y)


def dzm_dwpq(x: Tensor, m: int, p: int, q: int) -> Tensor | float:
    return x[q] if m == p else 0.0


def grad_H(x: Tensor, yt: Tensor, W: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    dz = torch.softmax(W @ x + b, dim=0) - yt
    return torch.outer(dz, x), dz


# %% right: loops over the indices, as on paper
def dH_dyk(y, yt):
    result = torch.zeros_like(y)
    for k in range(len(y)):
        if yt[k] == 1:
            result[k] = -1 / y[k]
    return result


def softmax_jacobian(y):
    K = len(y)
    J = torch.empty(K, K, dtype=y.dtype)
    for k in range(K):
        for m in range(K):
            J[k, m] = y[k] * (1 - y[k]) if k == m else -y[k] * y[m]
    return J


def dzm_dwpq(x, m, p, q):
    if m == p:
        return x[q].item()
    return 0


def grad_H(x, yt, W, b):
    z = W @ x + b
    e = torch.exp(z - z.max())
    y = e / e.sum()
    dW = torch.empty_like(W)
    db = torch.empty_like(b)
    for p in range(W.shape[0]):
        db[p] = y[p] - yt[p]
        for q in range(W.shape[1]):
            dW[p, q] = (y[p] - yt[p]) * x[q]
    return dW, db


# %% right: einsum over delta and x, with y - yt for the product of the first two factors
def dH_dyk(y, yt):
    return -(yt * y.reciprocal())


def softmax_jacobian(y):
    return y[:, None] * (torch.eye(len(y), dtype=y.dtype) - y[None, :])


def dzm_dwpq(x, m, p, q):
    return (m == p) * x[q]


def grad_H(x, yt, W, b):
    dz = torch.softmax(W @ x + b, -1) - yt
    eye = torch.eye(len(b), dtype=x.dtype)
    return torch.einsum("m,mp,q->pq", dz, eye, x), torch.einsum("m,mp->p", dz, eye)


# %% right: exp of log-softmax, a list of both, the true class found by argmax
def grad_H(x, yt, W, b):
    dz = torch.log_softmax(torch.mv(W, x) + b, dim=0).exp()
    dz[yt.argmax()] -= 1
    return [dz[:, None] * x, dz]


# %% right: NumPy
import numpy as np


def dH_dyk(y, yt):
    return torch.from_numpy(-yt.numpy() / y.numpy())


def softmax_jacobian(y):
    y = y.numpy()
    return torch.from_numpy(np.diag(y) - np.outer(y, y))


def dzm_dwpq(x, m, p, q):
    return np.float64(x[q]) if m == p else np.float64(0)


def grad_H(x, yt, W, b):
    z = W.numpy() @ x.numpy() + b.numpy()
    y = np.exp(z - np.logaddexp.reduce(z))
    dz = torch.from_numpy(y) - yt
    return dz.reshape(-1, 1) @ x.reshape(1, -1), dz


# %% right: the Jacobian in d applied to a vector that is not divided by y
def grad_H(x, yt, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    k = yt.nonzero().item()
    row = torch.eye(len(y), dtype=y.dtype)[k] - y  # row k of the Jacobian, without its factor y_k
    dz = -row
    return torch.kron(dz[:, None], x[None, :]), dz


# %% right: the mean of a sum over all the classes, with soft labels in mind
def grad_H(x, yt, W, b):
    y = torch.nn.Softmax(dim=0)(torch.nn.functional.linear(x, W, b))
    dz = sum(yt[n] * (y - torch.nn.functional.one_hot(torch.tensor(n), len(y))) for n in range(len(y)))
    return dz.unsqueeze(1).mul(x.unsqueeze(0)), dz


# %% right: the other probabilities' sum in place of 1 - y_k, where cancellation threatens
def softmax_jacobian(y):
    J = -y.unsqueeze(0) * y.unsqueeze(1)
    J.fill_diagonal_(0)
    return J - torch.diag(J.sum(dim=1))


def grad_H(x, yt, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    others = y * (1 - yt)
    dz = others - yt * others.sum()
    return torch.outer(dz, x), dz


# %% right: a shift by the logit of the true class would overflow; by the logsumexp it does not
def grad_H(x, yt, W, b):
    z = (W * x).sum(1) + b
    y = torch.exp(z - torch.logsumexp(z, 0))
    return (y - yt).view(-1, 1) * x.view(1, -1), (y - yt).clone()


# %% wrong: only the diagonal, as for the sigmoid -> of_softmax
def softmax_jacobian(y):
    return torch.diag(y * (1 - y))


# %% wrong: the sign off the diagonal -> of_softmax
def softmax_jacobian(y):
    J = torch.outer(y, y)
    J.fill_diagonal_(0)
    return J + torch.diag(y * (1 - y))


# %% wrong: the sign everywhere -> of_softmax
def softmax_jacobian(y):
    return torch.outer(y, y) - torch.diag(y)


# %% wrong: delta forgotten -> of_softmax
def softmax_jacobian(y):
    return -torch.outer(y, y)


# %% wrong: the diagonal as a vector -> of_softmax
def softmax_jacobian(y):
    return y * (1 - y)


# %% wrong: 1 - y_m off the diagonal too -> of_softmax
def softmax_jacobian(y):
    return y[:, None] * (1 - y)[None, :]


# %% wrong: softmax applied once more -> of_softmax
def softmax_jacobian(y):
    y = torch.softmax(y, 0)
    return torch.diag(y) - torch.outer(y, y)


# %% wrong: finite differences -> of_softmax, gradient
def softmax_jacobian(y):
    z, h = torch.log(y), 1e-6
    columns = [
        (torch.softmax(z + h * e, 0) - torch.softmax(z - h * e, 0)) / (2 * h)
        for e in torch.eye(len(z), dtype=z.dtype)
    ]
    return torch.stack(columns, dim=1)


def grad_H(x, yt, W, b):
    h = 1e-6
    H = lambda W, b: -(yt * torch.log_softmax(W @ x + b, 0)).sum()
    dW, db = torch.zeros_like(W), torch.zeros_like(b)
    for p in range(len(b)):
        e = torch.zeros_like(b)
        e[p] = h
        db[p] = (H(W, b + e) - H(W, b - e)) / (2 * h)
        for q in range(len(x)):
            E = torch.zeros_like(W)
            E[p, q] = h
            dW[p, q] = (H(W + E, b) - H(W - E, b)) / (2 * h)
    return dW, db


# %% wrong: autograd -> by_probabilities, of_softmax, gradient
def dH_dyk(y, yt):
    y = y.clone().requires_grad_()
    (-(yt * y.log()).sum()).backward()
    return y.grad


def softmax_jacobian(y):
    return torch.func.jacrev(lambda z: torch.softmax(z, 0))(torch.log(y))


def grad_H(x, yt, W, b):
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    return torch.autograd.grad(-(yt * torch.log_softmax(W @ x + b, 0)).sum(), (W, b))


# %% wrong: no minus -> by_probabilities
def dH_dyk(y, yt):
    return yt / y


# %% wrong: every class is treated as the true one -> by_probabilities
def dH_dyk(y, yt):
    return -1 / y


# %% wrong: the derivative with respect to z in place of y -> by_probabilities
def dH_dyk(y, yt):
    return y - yt


# %% wrong: H itself -> by_probabilities
def dH_dyk(y, yt):
    return -yt * torch.log(y)


# %% wrong: the derivative of the binary cost -> by_probabilities
def dH_dyk(y, yt):
    return -yt / y + (1 - yt) / (1 - y)


# %% wrong: only the component of the true class -> by_probabilities
def dH_dyk(y, yt):
    return -1 / y[yt.argmax()]


# %% wrong: x_q for every m -> of_linear_map
def dzm_dwpq(x, m, p, q):
    return x[q]


# %% wrong: the class index taken for x -> of_linear_map
def dzm_dwpq(x, m, p, q):
    return x[p % len(x)] if m == p else 0.0


# %% wrong: m compared with q -> of_linear_map
def dzm_dwpq(x, m, p, q):
    return x[q] if m == q else 0.0


# %% wrong: 1 in place of x_q -> of_linear_map
def dzm_dwpq(x, m, p, q):
    return float(m == p)


# %% wrong: the vector x -> of_linear_map
def dzm_dwpq(x, m, p, q):
    return x if m == p else torch.zeros_like(x)


# %% wrong: zero -> of_linear_map
def dzm_dwpq(x, m, p, q):
    return 0.0


# %% wrong: sign -> gradient
def grad_H(x, yt, W, b):
    dz = yt - torch.softmax(W @ x + b, dim=0)
    return torch.outer(dz, x), dz


# %% wrong: transposed -> gradient
def grad_H(x, yt, W, b):
    dz = torch.softmax(W @ x + b, dim=0) - yt
    return torch.outer(x, dz), dz


# %% wrong: in the other order -> gradient
def grad_H(x, yt, W, b):
    dz = torch.softmax(W @ x + b, dim=0) - yt
    return dz, torch.outer(dz, x)


# %% wrong: the chain product, with the division by y kept -> huge_logits
def grad_H(x, yt, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    dz = dH_dyk(y, yt) @ softmax_jacobian(y)
    return torch.outer(dz, x), dz


# %% wrong: softmax by its definition, without a shift -> huge_logits
def grad_H(x, yt, W, b):
    e = torch.exp(W @ x + b)
    dz = e / e.sum() - yt
    return torch.outer(dz, x), dz


# %% wrong: zeros where something was not finite -> huge_logits
def grad_H(x, yt, W, b):
    e = torch.exp(W @ x + b)
    dz = torch.nan_to_num(e / e.sum() - yt)
    return torch.outer(dz, x), dz


# %% wrong: protected by a small number in the denominator -> gradient
def grad_H(x, yt, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    dz = (-yt / (y + 1e-9)) @ softmax_jacobian(y)
    return torch.outer(dz, x), dz


# %% wrong: protected by a clamp -> huge_logits
def grad_H(x, yt, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    dz = (-yt / y.clamp(min=1e-100)) @ softmax_jacobian(y)
    return torch.outer(dz, x), dz


# %% wrong: b forgotten in Z -> gradient
def grad_H(x, yt, W, b):
    dz = torch.softmax(W @ x, dim=0) - yt
    return torch.outer(dz, x), dz


# %% wrong: dH/db summed to one number -> gradient
def grad_H(x, yt, W, b):
    dz = torch.softmax(W @ x + b, dim=0) - yt
    return torch.outer(dz, x), dz.sum()


# %% wrong: only the row of the true class -> gradient
def grad_H(x, yt, W, b):
    dz = yt * (torch.softmax(W @ x + b, dim=0) - 1)
    return torch.outer(dz, x), dz


# %% wrong: the gradient of the squared error -> gradient
def grad_H(x, yt, W, b):
    y = torch.softmax(W @ x + b, dim=0)
    dz = softmax_jacobian(y) @ (2 * (y - yt))
    return torch.outer(dz, x), dz


# %% wrong: computed in float32 -> gradient
def grad_H(x, yt, W, b):
    dz = torch.softmax((W @ x + b).float(), dim=0) - yt.float()
    return torch.outer(dz, x.float()).double(), dz.double()


# %% wrong: one tensor for both -> gradient
def grad_H(x, yt, W, b):
    dz = torch.softmax(W @ x + b, dim=0) - yt
    return torch.cat([torch.outer(dz, x), dz[:, None]], dim=1)


# %% wrong: zeros of the right shapes -> by_probabilities, of_softmax, of_linear_map, gradient
def dH_dyk(y, yt):
    return torch.zeros_like(y)


def softmax_jacobian(y):
    return torch.zeros(len(y), len(y), dtype=y.dtype)


def dzm_dwpq(x, m, p, q):
    return 0 * x[q]


def grad_H(x, yt, W, b):
    return torch.zeros_like(W), torch.zeros_like(b)


# %% wrong: the arguments as they came -> by_probabilities, of_softmax, of_linear_map, gradient
def dH_dyk(y, yt):
    return yt


def softmax_jacobian(y):
    return torch.diag(y)


def dzm_dwpq(x, m, p, q):
    return m


def grad_H(x, yt, W, b):
    return W, b
