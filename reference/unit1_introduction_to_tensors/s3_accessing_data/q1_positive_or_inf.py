"""torch.where(condition, a, b) takes from a where the condition holds, from b elsewhere, into a new tensor.

Multiplying by the mask does not work here: 0 times infinity is nan.
"""

# %% solution
import torch


def make_xy(n: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, n)
    return x, torch.full_like(x, float("inf"))


def keep_positive(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.where(x > 0, x, y)


# %% right: the opposite condition, a list for the pair
import math


def make_xy(n=10):
    return [torch.normal(0.0, 1.0, size=(n, n)), torch.ones(n, n) * math.inf]


def keep_positive(x, y):
    return torch.where(x < 0, y, x)


# %% right: a copy with some elements overwritten, y an expanded view
def make_xy(n=10):
    x = torch.empty(n, n, dtype=torch.float64).normal_()
    return x, torch.tensor(float("inf"), dtype=torch.float64).expand(n, n)


def keep_positive(x, y):
    result = x.clone()
    mask = x < 0
    result[mask] = y[mask]
    return result


# %% right: starting from y, in place on the copy
import numpy as np


def make_xy(n=10):
    return torch.randn((n, n)), torch.zeros(n, n).fill_(np.inf)


def keep_positive(x, y):
    return y.clone().masked_scatter_(x > 0, x[x > 0])


# %% right: the larger of two, each with its own places only
def make_xy(n=10):
    x = torch.randn(n * n).view(n, n)
    return x, 1 / torch.zeros(n, n)


def keep_positive(x, y):
    nothing = -float("inf")
    return torch.maximum(x.masked_fill(x < 0, nothing), y.masked_fill(x > 0, nothing))


# %% right: a loop
def make_xy(n=10):
    x = torch.stack([torch.randn(n) for _ in range(n)])
    return x, torch.tensor([[float("inf")] * n for _ in range(n)])


def keep_positive(x, y):
    result = []
    for a, b in zip(x.flatten().tolist(), y.flatten().tolist()):
        result.append(a if a > 0 else b)
    return torch.tensor(result, dtype=x.dtype).reshape(x.shape)


# %% right: NumPy's where, memory of its own
import numpy as np


def keep_positive(x, y):
    return torch.from_numpy(np.where(x.numpy() > 0, x.numpy(), y.numpy()))


# %% right: the positive part plus the rest
def keep_positive(x, y):
    return x.clamp(min=0) + torch.where(x > 0, torch.zeros_like(y), y)


# %% wrong: multiplied by the masks, 0 times infinity -> values
def keep_positive(x, y):
    return x * (x > 0) + y * (x < 0)


# %% wrong: only the selected elements, in a row -> values, finite_y
def keep_positive(x, y):
    return x[x > 0]


# %% wrong: infinity written into x -> finite_y, arguments_untouched
def keep_positive(x, y):
    x[x < 0] = float("inf")
    return x


# %% wrong: the right values written into x -> arguments_untouched
def keep_positive(x, y):
    x[x < 0] = y[x < 0]
    return x


# %% wrong: the right values written into y -> arguments_untouched
def keep_positive(x, y):
    y[x > 0] = x[x > 0]
    return y


# %% wrong: x is changed, though the result is a new tensor -> arguments_untouched
def keep_positive(x, y):
    result = torch.where(x > 0, x, y)
    x[x < 0] = float("inf")
    return result


# %% wrong: x itself where nothing is to be replaced -> arguments_untouched
def keep_positive(x, y):
    if (x > 0).all() and x.numel():
        return x
    return torch.where(x > 0, x, y)


# %% wrong: y is ignored -> finite_y
def keep_positive(x, y):
    return torch.where(x > 0, x, float("inf"))


# %% wrong: y is ignored, masked_fill -> finite_y
def keep_positive(x, y):
    return x.masked_fill(x < 0, torch.inf)


# %% wrong: the first element of y everywhere -> finite_y
def keep_positive(x, y):
    return torch.where(x > 0, x, y.flatten()[0]) if x.numel() else x.clone()


# %% wrong: the condition reversed -> values, finite_y
def keep_positive(x, y):
    return torch.where(x < 0, x, y)


# %% wrong: the condition asked of y -> values, finite_y
def keep_positive(x, y):
    return torch.where(y > 0, x, y)


# %% wrong: the absolute value -> values, finite_y
def keep_positive(x, y):
    return x.abs()


# %% wrong: zero in place of y -> values, finite_y
def keep_positive(x, y):
    return x.relu()


# %% wrong: nan from minus infinity plus infinity -> values, finite_y
def keep_positive(x, y):
    return torch.where(x > 0, x, y - y)


# %% wrong: the elements of y at the places in front -> finite_y
def keep_positive(x, y):
    result = x.clone()
    result[x < 0] = y.flatten()[: int((x < 0).sum())]
    return result


# %% wrong: x comes back -> values, finite_y
def keep_positive(x, y):
    return x


# %% wrong: y comes back -> values, finite_y
def keep_positive(x, y):
    return y.clone()


# %% wrong: the larger of the two, right for infinity only where x is negative -> values, finite_y
def keep_positive(x, y):
    return torch.maximum(x, y)


# %% wrong: matrices only -> values, finite_y
def keep_positive(x, y):
    result = x.clone()
    rows, columns = x.shape
    for i in range(rows):
        for j in range(columns):
            if x[i, j] < 0:
                result[i, j] = y[i, j]
    return result


# %% wrong: always float32 -> values, finite_y
def keep_positive(x, y):
    return torch.where(x > 0, x, y).float()


# %% wrong: through a list without a dtype -> values, finite_y
def keep_positive(x, y):
    pairs = zip(x.flatten().tolist(), y.flatten().tolist())
    return torch.tensor([a if a > 0 else b for a, b in pairs]).reshape(x.shape)


# %% wrong: a list -> values, finite_y
def keep_positive(x, y):
    return torch.where(x > 0, x, y).tolist()


# %% wrong: printed, not returned -> values, finite_y
def keep_positive(x, y):
    print(torch.where(x > 0, x, y))


# %% wrong: the result is kept by shape -> values, finite_y
kept = {}


def keep_positive(x, y):
    key = (tuple(x.shape), x.dtype)
    if key not in kept:
        kept[key] = torch.where(x > 0, x, y)
    return kept[key]


# %% wrong: uniform numbers -> make_xy
def make_xy(n=10):
    x = torch.rand(n, n)
    return x, torch.full((n, n), float("inf"))


# %% wrong: uniform numbers with mean 0 and variance 1 -> make_xy
def make_xy(n=10):
    x = (torch.rand(n, n) - 0.5) * 12**0.5
    return x, torch.full((n, n), float("inf"))


# %% wrong: minus infinity -> make_xy
def make_xy(n=10):
    return torch.randn(n, n), torch.full((n, n), float("-inf"))


# %% wrong: a very large number -> make_xy
def make_xy(n=10):
    return torch.randn(n, n), torch.full((n, n), 1e38)


# %% wrong: always 10 by 10 -> make_xy
def make_xy(n=10):
    return torch.randn(10, 10), torch.full((10, 10), float("inf"))


# %% wrong: only x -> make_xy
def make_xy(n=10):
    return torch.randn(n, n)


# %% wrong: in the opposite order -> make_xy
def make_xy(n=10):
    return torch.full((n, n), float("inf")), torch.randn(n, n)


# %% wrong: y of another dtype -> make_xy
def make_xy(n=10):
    return torch.randn(n, n), torch.full((n, n), float("inf"), dtype=torch.float64)


# %% wrong: y is a single number -> make_xy
def make_xy(n=10):
    return torch.randn(n, n), float("inf")


# %% wrong: a variance of 4 -> make_xy
def make_xy(n=10):
    return torch.normal(0.0, 2.0, (n, n)), torch.full((n, n), float("inf"))


# %% wrong: one row, repeated -> make_xy
def make_xy(n=10):
    return torch.randn(n).expand(n, n), torch.full((n, n), float("inf"))


# %% wrong: a seed is set inside -> make_xy
def make_xy(n=10):
    torch.manual_seed(0)
    return torch.randn(n, n), torch.full((n, n), float("inf"))


# %% wrong: NumPy's generator -> make_xy
import numpy as np


def make_xy(n=10):
    return torch.from_numpy(np.random.randn(n, n)), torch.full((n, n), float("inf"), dtype=torch.float64)


# %% wrong: zeros, and nothing -> make_xy, values, finite_y
def make_xy(n=10):
    return None


def keep_positive(x, y):
    return torch.zeros_like(x)
