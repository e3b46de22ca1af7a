"""log L = Σ log P(label | point) = -N·C. With log y = logsigmoid(z) and log(1 - y) = logsigmoid(-z) nothing underflows."""

# %% solution
import math

import torch

likelihood_assumptions = {"a", "b", "c"}


def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    sign = 2 * Y.to(z.dtype) - 1  # +1 for the label 1, -1 for the label 0
    return torch.nn.functional.logsigmoid(sign * z).sum()


def likelihood_from_cost(cost, n):
    return math.exp(-n * cost)


def best_by_likelihood(candidates, X, Y):
    return max(range(len(candidates)), key=lambda i: log_likelihood(*candidates[i], X, Y))


likelihood_proof = """
(a) The points were sampled independently of each other: so the probability of all labels is the product of the probabilities
of the single ones. Given its point, each label is a Bernoulli variable that is 1 with the probability y which the model
gives: so the factor is y for yt = 1 and 1 - y for yt = 0. The points themselves are taken as given (their distribution does
not depend on the parameters), and one model holds for all points.
(b) The logarithm is strictly increasing, so for any two sets of parameters L is greater for the one for which log L is
greater. And log L = sum of [yt log y + (1 - yt) log(1 - y)] = -N C, where N > 0 is the same for all parameters. So L is
greater exactly where C is smaller, and parameters maximise L, if a maximum exists, exactly if they minimise C.
"""

# %% rubric: likelihood_proof
# 1    a: independent sampling gives the product
# 0.5  a: each label is Bernoulli, with the probability y that the model gives its point
# 0.5  a: the points are taken as given; one model for all of them (or: representative sampling)
# 1    b: the logarithm is strictly increasing, so L and log L have the same maximisers
# 1    b: log L = Σ [yt log y + (1 - yt) log(1 - y)] = -N·C
# 0.5  b: N > 0, so maximising -N·C is minimising C
# 0.5  b: both are functions of the same parameters; the conclusion is stated, with "if a maximum exists" or for every
#      pair of parameter sets


# %% right: binary_cross_entropy_with_logits with the sum, the best by the cost
def log_likelihood(w0, w1, b, X, Y):
    z = X @ torch.tensor([w0, w1], dtype=X.dtype) + b
    return -torch.nn.functional.binary_cross_entropy_with_logits(z, Y.to(X.dtype), reduction="sum")


def likelihood_from_cost(cost, n):
    return torch.exp(torch.tensor(-cost * n, dtype=torch.float64))


def best_by_likelihood(candidates, X, Y):
    costs = torch.stack([-log_likelihood(*c, X, Y) / len(X) for c in candidates])
    return costs.argmin()


likelihood_assumptions = "a b c"


# %% right: softplus, an integer of NumPy
import numpy as np


def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return -torch.where(Y == 1, torch.nn.functional.softplus(-z), torch.nn.functional.softplus(z)).sum()


def likelihood_from_cost(cost, n):
    return np.exp(-cost) ** n


def best_by_likelihood(candidates, X, Y):
    return np.argmax([log_likelihood(*c, X, Y).item() for c in candidates])


# %% right: y and 1 - y each as a sigmoid of its own, xlogy, in float64
def log_likelihood(w0, w1, b, X, Y):
    z = (w0 * X[:, 0] + w1 * X[:, 1] + b).double()
    return torch.xlogy(Y, torch.sigmoid(z)).sum() + torch.xlogy(1 - Y, torch.sigmoid(-z)).sum()


# %% right: a loop over the points with Python's numbers
def log_likelihood(w0, w1, b, X, Y):
    total = 0.0
    for (x0, x1), label in zip(X.tolist(), Y.tolist()):
        z = w0 * x0 + w1 * x1 + b
        if label == 0:
            z = -z
        total += -math.log1p(math.exp(-z)) if z > 0 else z - math.log1p(math.exp(z))
    return torch.tensor(total, dtype=torch.float64)


# %% right: logaddexp, and pairwise comparison of candidates
def log_likelihood(w0, w1, b, X, Y):
    z = torch.addmv(torch.full((len(X),), b).to(X), X, torch.tensor([w0, w1]).to(X))
    zero = torch.zeros_like(z)
    return (Y * z - torch.logaddexp(zero, z)).sum()


def likelihood_from_cost(cost, n):
    L = 1.0
    for _ in range(n):
        L *= math.e**-cost
    return L


def best_by_likelihood(candidates, X, Y):
    best = 0
    for i, c in enumerate(candidates):
        if log_likelihood(*c, X, Y) > log_likelihood(*candidates[best], X, Y):
            best = i
    return best


# %% right: log_softmax over the two classes
def log_likelihood(w0, w1, b, X, Y):
    z = X[:, 0].mul(w0).add(X[:, 1], alpha=w1).add(b)
    logp = torch.log_softmax(torch.stack([torch.zeros_like(z), z], dim=1), dim=1)
    return logp.gather(1, Y.long().unsqueeze(1)).sum()


# %% right: NLL of the Bernoulli distribution of torch
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.distributions.Bernoulli(logits=z).log_prob(Y.to(z.dtype)).sum()


def best_by_likelihood(candidates, X, Y):
    return sorted(enumerate(candidates), key=lambda pair: -float(log_likelihood(*pair[1], X, Y)))[0][0]


# %% right: in NumPy, a 0-dimensional tensor of the result
import numpy as np


def log_likelihood(w0, w1, b, X, Y):
    z = X.numpy().astype(np.float64) @ np.array([w0, w1]) + b
    y = Y.numpy().astype(bool)
    return torch.tensor(-(np.logaddexp(0, -z[y]).sum() + np.logaddexp(0, z[~y]).sum()))


# %% right: black and white points apart, with a warning of the formula 1/(1 + e^-z) avoided
def log_likelihood(w0, w1, b, X, Y):
    def log_sigmoid(z):
        return torch.minimum(z, torch.zeros(())) - torch.log1p(torch.exp(-z.abs()))

    z = X.mv(torch.tensor([w0, w1], dtype=X.dtype)) + b
    return log_sigmoid(z[Y == 1]).sum() + log_sigmoid(-z[Y == 0]).sum()


def best_by_likelihood(candidates, X, Y):
    W = torch.tensor(candidates, dtype=X.dtype)
    z = X @ W[:, :2].T + W[:, 2]
    signs = (2 * Y - 1).to(X.dtype)[:, None]
    return torch.nn.functional.logsigmoid(signs * z).sum(0).argmax().item()


# %% right: through the cost
def cost(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.nn.BCEWithLogitsLoss()(z, Y.type_as(z))


def log_likelihood(w0, w1, b, X, Y):
    return -len(Y) * cost(w0, w1, b, X, Y)


def best_by_likelihood(candidates, X, Y):
    costs = [cost(*c, X, Y) for c in candidates]
    return costs.index(min(costs))


# %% wrong: the logarithm of the product -> log_likelihood, best_by_likelihood
def log_likelihood(w0, w1, b, X, Y):
    y = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return torch.log(torch.prod(y**Y * (1 - y) ** (1 - Y)))


# %% wrong: log(y) and log(1 - y), with y rounded to 1 -> log_likelihood, best_by_likelihood
def log_likelihood(w0, w1, b, X, Y):
    y = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return (Y * torch.log(y) + (1 - Y) * torch.log(1 - y)).sum()


# %% wrong: clamped logarithms -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    y = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return (Y * torch.log(y).clamp(min=-100) + (1 - Y) * torch.log(1 - y).clamp(min=-100)).sum()


# %% wrong: a small number in the logarithms -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    y = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return (Y * torch.log(y + 1e-12) + (1 - Y) * torch.log(1 - y + 1e-12)).sum()


# %% wrong: nan_to_num hides what cannot be computed -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    y = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return torch.nan_to_num(Y * torch.log(y) + (1 - Y) * torch.log(1 - y), neginf=-300).sum()


# %% wrong: the mean in place of the sum -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.nn.functional.logsigmoid((2 * Y.to(z.dtype) - 1) * z).mean()


# %% wrong: the sign, which makes it N times the cost -> log_likelihood, best_by_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return -torch.nn.functional.logsigmoid((2 * Y.to(z.dtype) - 1) * z).sum()


# %% wrong: labels exchanged -> log_likelihood, best_by_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.nn.functional.logsigmoid((1 - 2 * Y.to(z.dtype)) * z).sum()


# %% wrong: only the points with the label 1 count -> log_likelihood, best_by_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return (Y * torch.nn.functional.logsigmoid(z)).sum()


# %% wrong: one number for each point -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.nn.functional.logsigmoid((2 * Y.to(z.dtype) - 1) * z)


def best_by_likelihood(candidates, X, Y):
    return max(range(len(candidates)), key=lambda i: log_likelihood(*candidates[i], X, Y).sum())


# %% wrong: labels must be floats -> log_likelihood, best_by_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return -torch.nn.functional.binary_cross_entropy_with_logits(z, Y, reduction="sum")


# %% wrong: logarithm to the base 2 -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.nn.functional.logsigmoid((2 * Y.to(z.dtype) - 1) * z).sum() / math.log(2)


# %% wrong: the bias is forgotten -> log_likelihood, best_by_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1]
    return torch.nn.functional.logsigmoid((2 * Y.to(z.dtype) - 1) * z).sum()


# %% wrong: the result keeps a dimension -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    z = w0 * X[:, 0] + w1 * X[:, 1] + b
    return torch.nn.functional.logsigmoid((2 * Y.to(z.dtype) - 1) * z).sum(0, keepdim=True)


# %% wrong: binary_cross_entropy of the probabilities, whose logarithms are cut off at -100 -> log_likelihood
def log_likelihood(w0, w1, b, X, Y):
    y = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)
    return -torch.nn.functional.binary_cross_entropy(y, Y.to(y.dtype), reduction="sum")


# %% wrong: the likelihood of one point -> likelihood_from_cost
def likelihood_from_cost(cost, n):
    return math.exp(-cost)


# %% wrong: the logarithm of the likelihood -> likelihood_from_cost
def likelihood_from_cost(cost, n):
    return -n * cost


# %% wrong: divided by n -> likelihood_from_cost
def likelihood_from_cost(cost, n):
    return math.exp(-cost / n)


# %% wrong: sign -> likelihood_from_cost
def likelihood_from_cost(cost, n):
    return math.exp(n * cost)


# %% wrong: products, which are all 0 in the end -> best_by_likelihood
def best_by_likelihood(candidates, X, Y):
    products = []
    for w0, w1, b in candidates:
        y = torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b)
        products.append(torch.prod(y**Y * (1 - y) ** (1 - Y)))
    return int(torch.stack(products).argmax())


# %% wrong: the most accurate -> best_by_likelihood
def best_by_likelihood(candidates, X, Y):
    hits = [((w0 * X[:, 0] + w1 * X[:, 1] + b > 0) == (Y == 1)).sum() for w0, w1, b in candidates]
    return int(torch.stack(hits).argmax())


# %% wrong: the least likely -> best_by_likelihood
def best_by_likelihood(candidates, X, Y):
    return min(range(len(candidates)), key=lambda i: log_likelihood(*candidates[i], X, Y))


# %% wrong: always the first -> best_by_likelihood
def best_by_likelihood(candidates, X, Y):
    return 0


# %% wrong: the candidate itself -> best_by_likelihood
def best_by_likelihood(candidates, X, Y):
    return max(candidates, key=lambda c: log_likelihood(*c, X, Y))


# %% wrong: the boldest of the most accurate -> best_by_likelihood
def best_by_likelihood(candidates, X, Y):
    def merit(c):
        w0, w1, b = c
        return ((w0 * X[:, 0] + w1 * X[:, 1] + b > 0) == (Y == 1)).sum().item(), abs(w0)

    return max(range(len(candidates)), key=lambda i: merit(candidates[i]))


# %% wrong: the least squared error -> best_by_likelihood
def best_by_likelihood(candidates, X, Y):
    errors = [((torch.sigmoid(w0 * X[:, 0] + w1 * X[:, 1] + b) - Y) ** 2).sum() for w0, w1, b in candidates]
    return int(torch.stack(errors).argmin())


# %% wrong: both classes need to be equally frequent, it is thought -> likelihood_assumptions
likelihood_assumptions = {"a", "b", "c", "d"}

# %% wrong: separable data, it is thought -> likelihood_assumptions
likelihood_assumptions = {"a", "e"}

# %% wrong: independence alone -> likelihood_assumptions
likelihood_assumptions = {"a"}
