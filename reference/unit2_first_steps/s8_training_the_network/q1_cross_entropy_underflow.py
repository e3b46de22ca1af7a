"""log softmax(z)_p = (z_p - m) - log(sum exp(z_n - m)) with m the largest of the row: one term of the sum is exp(0) = 1, so
that its logarithm is taken of a number between 1 and K, and no quotient is ever formed.
"""

# %% solution
import torch


def underflow_logits() -> tuple[torch.Tensor, int]:
    return torch.tensor([0.0, 200.0]), 0


def all_underflow_logits() -> torch.Tensor:
    return torch.tensor([-200.0, -200.0, -199.5])


def stable_cross_entropy(z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    shifted = z - z.max(dim=1, keepdim=True).values
    log_sum = shifted.exp().sum(dim=1).log()
    return (log_sum - shifted[torch.arange(len(t)), t]).mean()


underflow_explained = """
exp(z_p) may be so much smaller than the sum that the quotient is rounded to 0 (underflow), although the true probability is
positive. Then log 0 = -inf: the cost is infinite, and in a sum over one-hot components 0 * log 0 is nan even where
another class is the true one. Backward divides by the probability: 1/0 times 0 is nan, and one update makes all
parameters nan. The stable form never forms the probability: after the largest logit of the row is subtracted the
sum contains exp(0) = 1, so its logarithm is harmless, and z_p - m is an ordinary number.
"""

# %% rubric: underflow_explained
# 0.5  a probability becomes exactly 0 although the true one is positive
# 0.5  log 0 is -inf: an infinite cost, or nan from 0 * log 0
# 0.5  in backward 1/0 times 0 is nan, and one update ruins all parameters
# 0.5  log-softmax never forms the probability: after the shift the sum is at least 1


# %% right: one-hot, the maximum detached, witnesses with more classes
def underflow_logits():
    return [torch.tensor([1e4, 3.0, -1e4, 0.0], requires_grad=True), torch.tensor(2)]


def all_underflow_logits():
    return torch.full((5,), -1e4)


def stable_cross_entropy(z, t):
    m = z.detach().amax(1, keepdim=True)
    one_hot = torch.eye(z.shape[1], dtype=z.dtype)[t]
    log_y = z - m - torch.log(torch.exp(z - m).sum(1, keepdim=True))
    return -(one_hot * log_y).sum() / len(z)


# %% right: a pairwise recursion for the logarithm of the sum
def stable_cross_entropy(z, t):
    total = z[:, 0]
    for k in range(1, z.shape[1]):
        a, b = torch.maximum(total, z[:, k]), torch.minimum(total, z[:, k])
        total = a + torch.log1p(torch.exp(b - a))
    return torch.mean(total - z.gather(1, t[:, None])[:, 0])


# %% right: example by example
def stable_cross_entropy(z, t):
    costs = []
    for row, k in zip(z, t):
        m = max(row)
        costs.append(torch.log(torch.sum(torch.exp(row - m))) + m - row[k])
    return sum(costs) / len(costs)


# %% right: torch.logaddexp
def stable_cross_entropy(z, t):
    total = z[:, 0]
    for column in z.T[1:]:
        total = torch.logaddexp(total, column)
    return (total - z[range(len(t)), t]).mean()


# %% wrong: a small number is added before the logarithm -> values, gradient
def stable_cross_entropy(z, t):
    e = torch.exp(z - z.amax(1, keepdim=True))
    y = e / e.sum(1, keepdim=True)
    return -torch.log(y[torch.arange(len(t)), t] + 1e-12).mean()


# %% wrong: the probability is clamped -> values, gradient
def stable_cross_entropy(z, t):
    e = torch.exp(z - z.amax(1, keepdim=True))
    y = e / e.sum(1, keepdim=True)
    return -torch.log(y[torch.arange(len(t)), t].clamp(min=1e-30)).mean()


# %% wrong: by the letter, without a shift -> values, gradient
def stable_cross_entropy(z, t):
    e = torch.exp(z)
    y = e / e.sum(1, keepdim=True)
    return -torch.log(y[torch.arange(len(t)), t]).mean()


# %% wrong: z_p minus the logarithm of the sum, without a shift -> values, gradient
def stable_cross_entropy(z, t):
    return (torch.log(torch.exp(z).sum(1)) - z[torch.arange(len(t)), t]).mean()


# %% wrong: the maximum of the whole minibatch is subtracted -> values, gradient
def stable_cross_entropy(z, t):
    z = z - z.max()
    return (torch.log(torch.exp(z).sum(1)) - z[torch.arange(len(t)), t]).mean()


# %% wrong: the maximum of each column is subtracted -> values, gradient
def stable_cross_entropy(z, t):
    z = z - z.amax(0, keepdim=True)
    return (torch.log(torch.exp(z).sum(1)) - z[torch.arange(len(t)), t]).mean()


# %% wrong: the mean of the row is subtracted -> values, gradient
def stable_cross_entropy(z, t):
    z = z - z.mean(1, keepdim=True)
    return (torch.log(torch.exp(z).sum(1)) - z[torch.arange(len(t)), t]).mean()


# %% wrong: float64 without a shift -> values, gradient
def stable_cross_entropy(z, t):
    z = z.double()
    return (torch.log(torch.exp(z).sum(1)) - z[torch.arange(len(t)), t]).mean()


# %% wrong: the library's function -> gradient
def stable_cross_entropy(z, t):
    return torch.nn.functional.cross_entropy(z, t)


# %% wrong: a method of the tensor -> gradient
def stable_cross_entropy(z, t):
    return -z.log_softmax(1)[torch.arange(len(t)), t].mean()


# %% wrong: modules under other names -> gradient
from torch.nn import LogSoftmax as A
from torch.nn import NLLLoss as B


def stable_cross_entropy(z, t):
    return B()(A(dim=1)(z), t)


# %% wrong: the sum, not the mean -> values, gradient
def stable_cross_entropy(z, t):
    z = z - z.amax(1, keepdim=True)
    return (torch.log(torch.exp(z).sum(1)) - z[torch.arange(len(t)), t]).sum()


# %% wrong: the class that is predicted -> values, gradient
def stable_cross_entropy(z, t):
    z = z - z.amax(1, keepdim=True)
    return (torch.log(torch.exp(z).sum(1)) - z.amax(1)).mean()


# %% wrong: no gradient -> gradient
def stable_cross_entropy(z, t):
    z = z.detach() - z.detach().amax(1, keepdim=True)
    return (torch.log(torch.exp(z).sum(1)) - z[torch.arange(len(t)), t]).mean()


# %% wrong: minus infinity as a logit -> quotient_underflows
def underflow_logits():
    return torch.tensor([0.0, float("-inf")]), 1


# %% wrong: logits that are too large -> quotient_underflows
def underflow_logits():
    return torch.tensor([0.0, 1e6]), 0


# %% wrong: small, but not 0 -> quotient_underflows
def underflow_logits():
    return torch.tensor([0.0, 60.0]), 0


# %% wrong: float64 -> quotient_underflows
def underflow_logits():
    return torch.tensor([0.0, 1000.0], dtype=torch.float64), 0


# %% wrong: the index of the component that wins -> quotient_underflows
def underflow_logits():
    return torch.tensor([0.0, 200.0]), 1


# %% wrong: one of them is far more probable -> all_underflow
def all_underflow_logits():
    return torch.tensor([-200.0, -300.0])


# %% wrong: not small enough -> all_underflow
def all_underflow_logits():
    return torch.tensor([-100.0, -100.0])


# %% wrong: minus infinity -> all_underflow
def all_underflow_logits():
    return torch.tensor([float("-inf"), float("-inf")])


# %% wrong: too many classes: each is improbable -> all_underflow
def all_underflow_logits():
    return torch.full((20,), -500.0)
