"""# Two linear layers are one

Take the deep network of this section and leave out the ReLU. Then its first layer computes

```text
Z1 = W1 X + b1          X has D entries, W1 is (H, D), b1 is (H,)
```

and the second one, from that,

```text
Z2 = W2 Z1 + b2         W2 is (K, H), b2 is (K,)
```

with D = 784 pixels, H = 20 hidden numbers and K = 10 classes. Prove that this is nothing but one linear layer,
Z2 = A X + c. Then put the proof to use.

- **`compose_linear(W1, b1, W2, b2)`** returns the pair `(A, c)`, of shapes (K, D) and (K,). All tensors are float64;
  any of D, H, K may be 1.
- **`collapse_linear(model)`** takes an `nn.Sequential` of one or more `nn.Linear` layers and returns a single
  `nn.Linear`, with a bias, that computes the same. Some of the layers, or all, may have been made with `bias=False`.
  The result has the dtype of the model, which is float32 or float64. The model itself stays as it was, and the new
  layer shares no memory with it. Raise `ValueError` if anything else than `nn.Linear` (exactly this class) stands in
  the Sequential, another Sequential included, and also if the Sequential is empty.
- **`max_rank(sizes)`** returns the largest rank that the composed matrix A can have, for layers of the sizes
  [D, H1, H2, …, K], a list of two or more integers. (The rank of a product is at most the rank of each factor.)

Finally draw the conclusion: what is a deep network without an activation function between its layers worth, compared
with a flat one, and where does this comparison need care if a hidden layer is narrow?
"""

from __future__ import annotations

import torch

from grader.authoring import (
    Handle,
    Random,
    Student,
    a_tensor,
    check,
    close,
    ensure,
    equal,
    fail,
    text,
    unchanged,
)

kinds = ("formula", "module", "error", "text")
budget_s = 1
stub = '''
import torch
from torch import nn


def compose_linear(
    W1: torch.Tensor, b1: torch.Tensor, W2: torch.Tensor, b2: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """A (K, D) and c (K,), so that W2 (W1 X + b1) + b2 = A X + c for every X."""
    raise NotImplementedError


def collapse_linear(model: nn.Sequential) -> nn.Linear:
    """One nn.Linear that computes the same as the nn.Linear layers of the model. Raises ValueError if
    there is any other layer, or none at all."""
    raise NotImplementedError


def max_rank(sizes: list[int]) -> int:
    """The largest possible rank of the composed matrix, for layers of sizes [D, H1, ..., K]."""
    raise NotImplementedError
'''


@check(points=3)
def compose_linear(student: Student, rng: Random) -> None:
    """compose_linear gives A and c for all shapes, those with a 1 and square ones included"""
    shapes = [(5, 3, 4), (7, 1, 3), (4, 6, 1), (1, 5, 2), (4, 4, 4), (1, 1, 1), (30, 8, 10)]
    for D, H, K in rng.shuffled(shapes):
        W1, b1 = rng.randn(H, D, dtype=torch.float64), rng.randn(H, dtype=torch.float64)
        W2, b2 = rng.randn(K, H, dtype=torch.float64), rng.randn(K, dtype=torch.float64)
        of = f"for D = {D}, H = {H}, K = {K}"
        pair = student.compose_linear(W1, b1, W2, b2)
        ensure(
            isinstance(pair, list | tuple) and len(pair) == 2,
            "`compose_linear` should return two tensors, `return A, c`.",
        )
        A = a_tensor(pair[0], shape=(K, D), what=f"A {of}")
        c = a_tensor(pair[1], shape=(K,), what=f"c {of}")
        close(A, W2 @ W1, rtol=1e-10, atol=1e-10, dtype="any", what=f"A {of}")
        if torch.allclose(c.double(), b2):
            fail(f"c {of} is b2 alone. What becomes of b1 on its way through the second layer?")
        if H == K and torch.allclose(c.double(), b1 + b2):
            fail(f"c {of} is b1 + b2. But b1 passes through the second layer, too.")
        close(c, W2 @ b1 + b2, rtol=1e-10, atol=1e-10, dtype="any", what=f"c {of}")


def build(student: Student, rng: Random, sizes: list[int], biases: list[bool], dtype: torch.dtype) -> Handle:
    """A Sequential of linear layers over there, with parameters drawn here."""
    nn = student.lab.torch.nn
    layers: list[Handle] = []
    for fan_in, fan_out, bias in zip(sizes[:-1], sizes[1:], biases, strict=True):
        layer = nn.Linear.keep(fan_in, fan_out, bias=bias, dtype=dtype)
        state = {"weight": rng.randn(fan_out, fan_in, dtype=dtype)}
        if bias:
            state["bias"] = rng.randn(fan_out, dtype=dtype)
        layer.load_state_dict.keep(state)
        layers.append(layer)
    return nn.Sequential.keep(*layers)


def composed(state: dict[str, torch.Tensor], depth: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A and c of the whole model, in float64."""
    A = torch.eye(state["0.weight"].shape[1], dtype=torch.float64)
    c = torch.zeros(len(A), dtype=torch.float64)
    for i in range(depth):
        W = state[f"{i}.weight"].double()
        A, c = W @ A, W @ c + state.get(f"{i}.bias", torch.zeros(len(W))).double()
    return A, c


@check(points=3)
def collapse_linear(student: Student, rng: Random) -> None:
    """collapse_linear gives one layer that computes the same, with and without biases, and leaves the model alone"""
    cases = [
        ([4, 3], [True]),
        ([4, 3], [False]),
        ([5, 3, 4], [True, True]),
        ([5, 3, 4], [False, True]),
        ([5, 3, 4], [True, False]),
        ([5, 3, 4], [False, False]),
        ([4, 4, 4], [True, True]),
        ([3, 3, 3, 3, 3, 3], 5 * [True]),
        ([6, 2, 5, 1, 4, 3], [True, False, True, True, False]),
    ]
    for number, (sizes, biases) in enumerate(rng.shuffled(cases)):
        dtype = (torch.float32, torch.float64)[number % 2]
        model = build(student, rng, sizes, biases, dtype)
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        of = f"layers of sizes {sizes} with bias={biases}, {str(dtype)[6:]}"
        layer = student.collapse_linear.keep(model)
        computes_the_same(layer, before, sizes, dtype, rng, of)
        after = model.state_dict()
        ensure(
            list(after) == list(before) and len(model) == len(biases),
            "After the call the model has other layers.",
        )
        for name, tensor in before.items():
            unchanged(after[name], tensor, what=f"the model's parameter {name}")
        shares_nothing(student, layer, model, len(biases))


def computes_the_same(
    layer: Handle,
    state: dict[str, torch.Tensor],
    sizes: list[int],
    dtype: torch.dtype,
    rng: Random,
    of: str,
) -> None:
    """Fails unless the layer is an nn.Linear with a bias that maps hidden inputs as the model does."""
    ensure(layer.isinstance("torch.nn.Linear"), f"For {of} `collapse_linear` should return an nn.Linear.")
    weight, bias = layer.weight, layer.bias
    ensure(bias is not None, f"For {of} the new layer has no bias; it should have one, if only of zeros.")
    a_tensor(weight, shape=(sizes[-1], sizes[0]), dtype=dtype, what=f"the weight for {of}")
    a_tensor(bias, shape=(sizes[-1],), dtype=dtype, what=f"the bias for {of}")
    A, c = composed(state, len(sizes) - 1)
    x = rng.randn(9, sizes[0], dtype=dtype)
    rtol = 1e-9 if dtype == torch.float64 else 1e-4
    scale = 1 + A.abs().max().item()
    expected = x.double() @ A.T + c
    what = f"the new layer's output for {of}"
    if torch.allclose(weight.double(), A, rtol=1e-4, atol=1e-4):
        what += " (its weight is right, so look at the bias)"
    close(layer(x), expected, rtol=rtol, atol=rtol * scale, dtype="any", what=what)


def shares_nothing(student: Student, layer: Handle, model: Handle, depth: int) -> None:
    """Fails if the new layer's weight or bias lies in the memory of one of the model's."""
    take = student.lab.builtins.getattr
    old = [take.keep(model[i], name) for i in range(depth) for name in ("weight", "bias")]
    old = [parameter for parameter in old if parameter.type_name != "NoneType"]
    for name in ("weight", "bias"):
        new = take.keep(layer, name)
        ensure(
            not any(student.shares_memory(new, parameter) for parameter in old),
            f"The {name} of the new layer lies in the memory of the model's: training one would change the "
            "other. Make a copy.",
        )


@check(points=1)
def refusals(student: Student, rng: Random) -> None:
    """collapse_linear raises ValueError where there is another layer, or none"""
    nn = student.lab.torch.nn

    def linear(fan_in: int, fan_out: int) -> Handle:
        return nn.Linear.keep(fan_in, fan_out)

    inner = nn.Sequential.keep(linear(3, 3), nn.Tanh.keep())
    models = {
        "Linear, ReLU, Linear": [linear(4, 3), nn.ReLU.keep(), linear(3, 2)],
        "ReLU, Linear": [nn.ReLU.keep(), linear(4, 3)],
        "Linear, Linear, ReLU": [linear(4, 3), linear(3, 3), nn.ReLU.keep()],
        "Flatten, Linear": [nn.Flatten.keep(), linear(4, 3)],
        "Linear, a Sequential with a Tanh in it, Linear": [linear(4, 3), inner, linear(3, 2)],
        "nothing at all": [],
    }
    for title in rng.shuffled(list(models)):
        outcome = student.collapse_linear.attempt(nn.Sequential.keep(*models[title]))
        came = f"raised {outcome.error}" if outcome.error else "returned a result"
        ensure(
            outcome.error is not None and outcome.error.isa(ValueError),
            f"For a Sequential of {title} `collapse_linear` should raise ValueError, but it {came}.",
        )


def hidden_sizes(rng: Random) -> tuple[list[int]]:
    """Two to six sizes, of which the least is as often in the middle as at an end."""
    return ([rng.integer(2, 40) for _ in range(rng.integer(2, 6))],)


@check(points=1)
def max_rank(student: Student, rng: Random) -> None:
    """max_rank is right for narrow and wide layers, at hidden sizes"""
    cases = [hidden_sizes(rng)[0] for _ in range(12)] + [
        [784, 20, 10],
        [784, 5, 10],
        [3, 50, 10],
        [7, 1, 7],
        [4, 9],
    ]
    for sizes in rng.shuffled(cases):
        found = student.max_rank(list(sizes))
        what = f"max_rank({sizes})"
        equal(found, min(sizes), dtype="any", what=what)


collapse_proof = text(
    points=2,
    question=(
        "Prove that two linear layers in a row are one, and name A and c. What follows for a deep network "
        "without activation functions? Is every flat network such a deep one, if the hidden layer is narrow?"
    ),
)
