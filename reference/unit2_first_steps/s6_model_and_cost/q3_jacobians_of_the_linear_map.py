"""dZ/db = I and dz_m/dw_pq = delta_mp x_q; with W as a long vector this is the Kronecker product of I and x^T."""

# %% solution
import torch
from torch import Tensor


def dZ_db(K: int) -> Tensor:
    return torch.eye(K)


def dZ_dW(x: Tensor, K: int) -> Tensor:
    return torch.eye(K, dtype=x.dtype)[:, :, None] * x


def dZ_dvecW(x: Tensor, K: int) -> Tensor:
    return torch.kron(torch.eye(K, dtype=x.dtype), x[None])


# %% right: einsum, and its reshape
def dZ_db(K):
    return torch.eye(K, dtype=torch.int64)


def dZ_dW(x, K):
    return torch.einsum("mp,q->mpq", torch.eye(K, dtype=x.dtype), x)


def dZ_dvecW(x, K):
    return dZ_dW(x, K).reshape(K, -1)


# %% right: loops
def dZ_db(K):
    return torch.tensor([[1.0 if m == p else 0.0 for p in range(K)] for m in range(K)])


def dZ_dW(x, K):
    D = len(x)
    result = torch.zeros(K, K, D, dtype=x.dtype)
    for m in range(K):
        for p in range(K):
            for q in range(D):
                if m == p:
                    result[m, p, q] = x[q]
    return result


def dZ_dvecW(x, K):
    D = len(x)
    result = torch.zeros(K, K * D)
    for m in range(K):
        result[m, m * D : (m + 1) * D] = x
    return result


# %% right: blocks on the diagonal
def dZ_db(K):
    return torch.diag(torch.ones(K, dtype=torch.float64))


def dZ_dW(x, K):
    return torch.diag_embed(x.unsqueeze(1).expand(-1, K)).permute(1, 2, 0)


def dZ_dvecW(x, K):
    return torch.block_diag(*[x[None, :]] * K)


# %% right: an indexed assignment, and from the definition: Z of each unit matrix
def dZ_dW(x, K):
    result = x.new_zeros(K, K, x.numel())
    result[range(K), range(K)] = x
    return result


def dZ_dvecW(x, K):
    units = torch.eye(K * len(x), dtype=x.dtype).reshape(-1, K, len(x))
    return (units @ x).T


# %% right: comparison of indices
def dZ_db(K):
    return torch.arange(K)[:, None] == torch.arange(K)


def dZ_dW(x, K):
    return torch.where(dZ_db(K)[..., None], x, torch.zeros_like(x))


# %% right: tensordot; a matrix that is sparse until the end
def dZ_db(K):
    at = torch.arange(K)
    return torch.sparse_coo_tensor(torch.stack([at, at]), torch.ones(K), check_invariants=False).to_dense()


def dZ_dW(x, K):
    return torch.tensordot(torch.eye(K).to(x), x, dims=0)


def dZ_dvecW(x, K):
    return torch.tensordot(torch.eye(K).to(x), x, dims=0).flatten(start_dim=1)


# %% right: NumPy
import numpy as np


def dZ_db(K):
    return torch.from_numpy(np.identity(K))


def dZ_dW(x, K):
    return torch.from_numpy(np.multiply.outer(np.eye(K, dtype=x.numpy().dtype), x.numpy()))


def dZ_dvecW(x, K):
    return torch.from_numpy(np.kron(np.eye(K), x.numpy()))


# %% right: by shifting a row that ends with zeros
def dZ_dvecW(x, K):
    row = torch.cat([x, x.new_zeros((K - 1) * len(x))])
    return torch.stack([row.roll(m * len(x)) for m in range(K)])


# %% wrong: dZ/db = 1 -> by_b
def dZ_db(K):
    return 1.0


# %% wrong: a vector of ones -> by_b
def dZ_db(K):
    return torch.ones(K)


# %% wrong: a matrix of ones -> by_b
def dZ_db(K):
    return torch.ones(K, K)


# %% wrong: the identity, of size 10 always -> by_b
def dZ_db(K):
    return torch.eye(10)


# %% wrong: reversed -> by_b
def dZ_db(K):
    return torch.eye(K).flip(0)


# %% wrong: dZ/dW = x -> by_W, by_long_vector
def dZ_dW(x, K):
    return x


def dZ_dvecW(x, K):
    return x


# %% wrong: the index m lost -> by_W, by_long_vector
def dZ_dW(x, K):
    return x.expand(K, -1)


def dZ_dvecW(x, K):
    return x.repeat(K)


# %% wrong: x for every m and p -> by_W, by_long_vector
def dZ_dW(x, K):
    return x.expand(K, K, -1)


def dZ_dvecW(x, K):
    return x.repeat(K, K)


# %% wrong: the indices m and q exchanged -> by_W
def dZ_dW(x, K):
    return torch.einsum("mp,q->qpm", torch.eye(K, dtype=x.dtype), x)


# %% wrong: the indices p and q exchanged -> by_W
def dZ_dW(x, K):
    return torch.einsum("mp,q->mqp", torch.eye(K, dtype=x.dtype), x)


# %% wrong: x_p in place of x_q, where the sizes allow it -> by_W
def dZ_dW(x, K):
    if len(x) == K:
        return torch.einsum("mq,p->mpq", torch.eye(K, dtype=x.dtype), x)
    return torch.einsum("mp,q->mpq", torch.eye(K, dtype=x.dtype), x)


# %% wrong: always float32 -> by_W
def dZ_dW(x, K):
    return torch.eye(K)[:, :, None] * x.float()


# %% wrong: ones in place of x -> by_W, by_long_vector
def dZ_dW(x, K):
    return torch.eye(K, dtype=x.dtype)[:, :, None] * torch.ones_like(x)


def dZ_dvecW(x, K):
    return torch.kron(torch.eye(K), torch.ones(1, len(x)))


# %% wrong: column after column -> by_long_vector
def dZ_dvecW(x, K):
    return torch.kron(x[None], torch.eye(K, dtype=x.dtype))


# %% wrong: transposed -> by_long_vector
def dZ_dvecW(x, K):
    return torch.kron(torch.eye(K, dtype=x.dtype), x[:, None])


# %% wrong: folded into the right shape -> by_long_vector
def dZ_dvecW(x, K):
    return dZ_dW(x, K).permute(2, 0, 1).reshape(K, -1)


# %% wrong: the tensor as it is -> by_long_vector
def dZ_dvecW(x, K):
    return dZ_dW(x, K)


# %% wrong: autograd -> by_b, by_W, by_long_vector
from torch.autograd.functional import jacobian


def dZ_db(K):
    return jacobian(lambda b: b + 1, torch.zeros(K))


def dZ_dW(x, K):
    return jacobian(lambda W: W @ x, torch.zeros(K, len(x), dtype=x.dtype))


def dZ_dvecW(x, K):
    return jacobian(lambda w: w.reshape(K, -1) @ x, torch.zeros(K * len(x), dtype=x.dtype))


# %% wrong: zeros -> by_b, by_W, by_long_vector
def dZ_db(K):
    return torch.zeros(K, K)


def dZ_dW(x, K):
    return torch.zeros(K, K, len(x), dtype=x.dtype)


def dZ_dvecW(x, K):
    return torch.zeros(K, K * len(x), dtype=x.dtype)


# %% wrong: a nested list -> by_b, by_W
def dZ_db(K):
    return torch.eye(K).tolist()


def dZ_dW(x, K):
    return (torch.eye(K, dtype=x.dtype)[:, :, None] * x).tolist()
