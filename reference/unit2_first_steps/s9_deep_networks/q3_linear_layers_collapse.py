"""W2 (W1 X + b1) + b2 = (W2 W1) X + (W2 b1 + b2): composing linear functions gives a linear function, whatever the depth."""

# %% solution
import torch
from torch import nn


def compose_linear(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1 + b2


def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError("only nn.Linear layers can be collapsed, and there must be one")
    weight = layers[0].weight
    D, K = layers[0].in_features, layers[-1].out_features
    A, c = torch.eye(D, dtype=weight.dtype), torch.zeros(D, dtype=weight.dtype)
    with torch.no_grad():
        for layer in layers:
            bias = torch.zeros(layer.out_features, dtype=weight.dtype) if layer.bias is None else layer.bias
            A, c = compose_linear(A, c, layer.weight, bias)
        result = nn.Linear(D, K, dtype=weight.dtype)
        result.weight.copy_(A)
        result.bias.copy_(c)
    return result


def max_rank(sizes):
    return min(sizes)


collapse_proof = """
Z2 = W2 Z1 + b2 = W2 (W1 X + b1) + b2 = (W2 W1) X + (W2 b1 + b2), by distributivity. So A = W2 W1, of shape (K, D), and
c = W2 b1 + b2, of shape (K,). With more layers, collapse the first two into one again and again (induction): any number of
linear layers is one. Softmax comes after both, so the deep network without activations can only do what a flat one can; all
that is gained is more parameters. The converse needs care: the rank of A is at most the narrowest size, so a flat network
whose matrix has a higher rank is no such deep one. With H >= min(D, K), as 20 >= 10 here, every flat network is.
"""

# %% rubric: collapse_proof
# 0.5  substitution and distributivity
# 0.5  A = W2 W1 and c = W2 b1 + b2 are named, with their shapes
# 0.5  induction to any number of layers; softmax after both is the same, so outputs and decisions are, and nothing is
#      gained but parameters
# 0.5  care with the converse: it needs H ≥ min(D, K), since the rank of A is at most H; true for 20 ≥ 10


# %% right: by feeding the zero vector and the identity
import numpy as np


def compose_linear(W1, b1, W2, b2):
    def f(X):
        return (X @ W1.T + b1) @ W2.T + b2

    c = f(torch.zeros(W1.shape[1], dtype=W1.dtype))
    return [(f(torch.eye(W1.shape[1], dtype=W1.dtype)) - c).T, c]


def collapse_linear(model):
    if len(model) == 0:
        raise ValueError("empty")
    for layer in model:
        if not isinstance(layer, nn.Linear):
            raise ValueError(f"{layer} is not linear")
    D, dtype = model[0].in_features, model[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(1, D, dtype=dtype))[0]
        A = (model(torch.eye(D, dtype=dtype)) - c).T
    new = nn.Linear(D, len(c)).to(dtype)
    new.load_state_dict({"weight": A, "bias": c})
    return new


def max_rank(sizes):
    return np.min(sizes)


# %% right: from the last layer to the first, torch.linalg.multi_dot, new Parameters
def compose_linear(W1, b1, W2, b2):
    return torch.einsum("kh,hd->kd", W2, W1), torch.addmv(b2, W2, b1)


def collapse_linear(model):
    weights, c = [], 0
    for layer in model.children():
        if layer.__class__ != nn.Linear:
            raise ValueError(type(layer))
        weights.insert(0, layer.weight.detach())
        c = (
            layer.weight.detach() @ c
            if torch.is_tensor(c)
            else torch.zeros(layer.out_features, dtype=layer.weight.dtype)
        )
        if layer.bias is not None:
            c = c + layer.bias.detach()
    if not weights:
        raise ValueError("nothing to collapse")
    A = torch.linalg.multi_dot(weights) if len(weights) > 1 else weights[0].clone()
    result = nn.Linear(*A.T.shape)
    result.weight, result.bias = nn.Parameter(A), nn.Parameter(c)
    return result


def max_rank(sizes):
    return sorted(sizes)[0]


# %% right: homogeneous coordinates, loops; the rank as a float and by torch
def compose_linear(W1, b1, W2, b2):
    K, H = W2.shape
    D = W1.shape[1]
    A, c = torch.zeros(K, D, dtype=W1.dtype), b2.clone()
    for k in range(K):
        for h in range(H):
            A[k] += W2[k, h] * W1[h]
            c[k] += W2[k, h] * b1[h]
    return A, c


def collapse_linear(model):
    kinds = {type(layer) for layer in model.children()}
    if kinds != {nn.Linear}:
        raise ValueError
    M = None
    for layer in model:
        W = layer.weight.detach().double()
        b = layer.bias.detach().double() if layer.bias is not None else torch.zeros(len(W)).double()
        top = torch.cat([W, b[:, None]], dim=1)
        bottom = torch.zeros(1, top.shape[1]).double()
        bottom[0, -1] = 1
        step = torch.cat([top, bottom])
        M = step if M is None else step @ M
    new = nn.Linear(M.shape[1] - 1, M.shape[0] - 1, bias=True, dtype=model[0].weight.dtype)
    new.weight.data = M[:-1, :-1].to(model[0].weight.dtype)
    new.bias.data = M[:-1, -1].to(model[0].weight.dtype)
    return new


def max_rank(sizes):
    return torch.tensor(sizes).min()


# %% right: functools.reduce over pairs, the new layer made in the same way as the old ones
import copy
import functools


def collapse_linear(model):
    if not all(type(layer) is nn.Linear for layer in model) or len(model) < 1:
        raise ValueError("a Sequential of nn.Linear, please")

    def pair(layer):
        b = layer.bias if layer.bias is not None else layer.weight.new_zeros(layer.out_features)
        return layer.weight.detach().clone(), b.detach().clone()

    A, c = functools.reduce(lambda f, g: compose_linear(*f, *g), map(pair, model))
    new = copy.deepcopy(model[0])
    new.in_features, new.out_features = A.shape[1], A.shape[0]
    new.weight = nn.Parameter(A)
    new.register_parameter("bias", nn.Parameter(c))
    return new


# %% right: by recursion from the end, the rank by running through the sizes
def collapse_linear(model):
    if len(model) == 0:
        raise ValueError("empty model")
    *earlier, last = model
    if type(last) is not nn.Linear:
        raise ValueError(f"{last.__class__.__name__} is not nn.Linear")
    bias = last.bias.data if last.bias is not None else torch.zeros(last.out_features).to(last.weight)
    if not earlier:
        A, c = last.weight.data, bias
    else:
        before = collapse_linear(nn.Sequential(*earlier))
        A, c = compose_linear(before.weight.data, before.bias.data, last.weight.data, bias)
    new = nn.Linear(A.size(1), A.size(0), dtype=A.dtype)
    new.weight.data.copy_(A)
    new.bias.data.copy_(c)
    return new


def max_rank(sizes):
    rank = sizes[0]
    for size in sizes[1:]:
        if size < rank:
            rank = size
    return rank


# %% right: a subclass of nn.Linear, whose forward is the same; the rank of a random product
class Collapsed(nn.Linear):
    pass


def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = Collapsed(D, len(c), dtype=dtype)
        result.weight.copy_(torch.func.jacrev(model)(torch.zeros(D, dtype=dtype)))
        result.bias.copy_(c)
    return result


def max_rank(sizes):
    torch.manual_seed(0)
    A = torch.eye(sizes[0], dtype=torch.float64)
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        A = torch.randn(fan_out, fan_in, dtype=torch.float64) @ A
    return torch.linalg.matrix_rank(A).item()


# %% wrong: the factors the other way round -> compose_linear, collapse_linear
def compose_linear(W1, b1, W2, b2):
    return W1 @ W2, W2 @ b1 + b2


# %% wrong: the transposes multiplied, right for no shape but (n, n) -> compose_linear, collapse_linear
def compose_linear(W1, b1, W2, b2):
    return (W1.T @ W2.T), W2 @ b1 + b2


# %% wrong: the biases added -> compose_linear, collapse_linear
def compose_linear(W1, b1, W2, b2):
    return W2 @ W1, (b1 + b2) if len(b1) == len(b2) else b2


# %% wrong: only the second bias -> compose_linear, collapse_linear
def compose_linear(W1, b1, W2, b2):
    return W2 @ W1, b2


# %% wrong: c as a column -> compose_linear
def compose_linear(W1, b1, W2, b2):
    return W2 @ W1, (W2 @ b1 + b2)[:, None]


def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: one tensor in place of two -> compose_linear
def compose_linear(W1, b1, W2, b2):
    return torch.cat([W2 @ W1, (W2 @ b1 + b2)[:, None]], dim=1)


def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: layers multiplied in the wrong order, seen where all are square -> collapse_linear
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        A = layers[0].weight.clone()
        for layer in layers[1:]:
            square = A.shape[0] == A.shape[1] == layer.out_features == layer.in_features
            A = A @ layer.weight if square else layer.weight @ A
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_(A)
        result.bias.copy_(c)
    return result


# %% wrong: no care for bias=False -> collapse_linear
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    with torch.no_grad():
        A, c = layers[0].weight.clone(), layers[0].bias.clone()
        for layer in layers[1:]:
            A, c = compose_linear(A, c, layer.weight, layer.bias)
        result = nn.Linear(A.shape[1], A.shape[0], dtype=A.dtype)
        result.weight.copy_(A)
        result.bias.copy_(c)
    return result


# %% wrong: the new layer has a bias only if the last one has -> collapse_linear
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), bias=layers[-1].bias is not None, dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        if result.bias is not None:
            result.bias.copy_(c)
    return result


# %% wrong: always float32 -> collapse_linear
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c))
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: works in the first layer of the model -> collapse_linear
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        A = (model(torch.eye(D, dtype=dtype)) - c).T
    result = layers[0]
    result.weight.data, result.bias = A, nn.Parameter(c)
    result.out_features = len(c)
    return result


# %% wrong: a single layer is handed back as it is -> collapse_linear
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    if len(layers) == 1 and layers[0].bias is not None:
        return layers[0]
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: the first layer if all have the same size -> collapse_linear
import copy


def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    if len({layer.weight.shape for layer in layers}) == 1 and layers[0].bias is not None:
        return copy.deepcopy(layers[0])
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: two layers only -> collapse_linear
def collapse_linear(model):
    if any(type(layer) is not nn.Linear for layer in model) or not len(model):
        raise ValueError
    first, second = model[0], model[1]
    with torch.no_grad():
        A, c = compose_linear(first.weight, first.bias, second.weight, second.bias)
        result = nn.Linear(A.shape[1], A.shape[0], dtype=A.dtype)
        result.weight.copy_(A)
        result.bias.copy_(c)
    return result


# %% wrong: the parameters of a single layer are shared with the new one -> collapse_linear
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise ValueError
    A, c = layers[0].weight.data, layers[0].bias
    c = torch.zeros(len(A), dtype=A.dtype) if c is None else c.data
    for layer in layers[1:]:
        b = layer.bias.data if layer.bias is not None else torch.zeros(layer.out_features, dtype=A.dtype)
        A, c = compose_linear(A, c, layer.weight.data, b)
    result = nn.Linear(A.shape[1], A.shape[0])
    result.weight, result.bias = nn.Parameter(A), nn.Parameter(c)
    return result


# %% wrong: takes the model to pieces -> collapse_linear
def collapse_linear(model):
    if not len(model) or any(type(layer) is not nn.Linear for layer in model):
        raise ValueError
    D, dtype = model[0].in_features, model[0].weight.dtype
    A, c = torch.eye(D, dtype=dtype), torch.zeros(D, dtype=dtype)
    with torch.no_grad():
        while len(model):
            layer = model[0]
            del model[0]
            b = layer.bias if layer.bias is not None else torch.zeros(layer.out_features, dtype=dtype)
            A, c = compose_linear(A, c, layer.weight, b)
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_(A)
        result.bias.copy_(c)
    return result


# %% wrong: a Sequential inside is collapsed as well, activation and all -> refusals
def collapse_linear(model):
    layers = list(model)
    if not layers or any(not isinstance(layer, (nn.Linear, nn.Sequential)) for layer in layers):
        raise ValueError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: the model itself, which does compute the same -> collapse_linear
def collapse_linear(model):
    if any(type(layer) is not nn.Linear for layer in model) or not len(model):
        raise ValueError
    return model


# %% wrong: the ReLU is passed over in silence -> refusals
def collapse_linear(model):
    layers = [layer for layer in model if type(layer) is nn.Linear]
    if not layers:
        raise ValueError
    model = nn.Sequential(*layers)
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: nothing is refused -> refusals
def collapse_linear(model):
    D, dtype = model[0].in_features, model[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: TypeError in place of ValueError -> refusals
def collapse_linear(model):
    layers = list(model)
    if not layers or any(type(layer) is not nn.Linear for layer in layers):
        raise TypeError
    D, dtype = layers[0].in_features, layers[0].weight.dtype
    with torch.no_grad():
        c = model(torch.zeros(D, dtype=dtype))
        result = nn.Linear(D, len(c), dtype=dtype)
        result.weight.copy_((model(torch.eye(D, dtype=dtype)) - c).T)
        result.bias.copy_(c)
    return result


# %% wrong: always ValueError -> collapse_linear
def collapse_linear(model):
    raise ValueError


# %% wrong: the ends only, a narrow hidden layer is overlooked -> max_rank
def max_rank(sizes):
    return min(sizes[0], sizes[-1])


# %% wrong: the hidden layers only -> max_rank
def max_rank(sizes):
    return min(sizes[1:-1] or sizes)


# %% wrong: the largest -> max_rank
def max_rank(sizes):
    return max(sizes)


# %% wrong: the number of classes -> max_rank
def max_rank(sizes):
    return sizes[-1]


# %% wrong: zeros -> compose_linear, collapse_linear, max_rank
def compose_linear(W1, b1, W2, b2):
    return torch.zeros(len(W2), W1.shape[1], dtype=W1.dtype), torch.zeros(len(W2), dtype=W1.dtype)


def max_rank(sizes):
    return 0
