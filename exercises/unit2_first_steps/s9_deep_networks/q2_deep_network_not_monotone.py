"""# A deep network that is not monotone

The deep network of this section has 784 inputs, 20 hidden neurons and 10 outputs,

```text
y = softmax(W2 · ReLU(W1·x + b1) + b2)          ReLU(a) = max(a, 0)
```

which is `nn.Sequential(nn.Linear(784, 20), nn.ReLU(), nn.Linear(20, 10), nn.LogSoftmax(dim=1))` in PyTorch (its
output is the logarithm of y). Show that such a network can respond to a single pixel in a way that goes up *and*
down: choose its parameters so that y_0, the probability of class 0, is not monotone in the pixel x_0, while all
other pixels are 0.

**`non_monotone_deep(low=-1.0, high=1.0)`** returns a dictionary with `"W1"` (20, 784), `"b1"` (20,), `"W2"` (10, 20)
and `"b2"` (10,). For the network with these parameters, as x_0 runs from `low` to `high`, y_0 must somewhere inside
be at least 0.05 *below* its values at both ends, or at least 0.05 *above* both. (It is tried at 201 places, evenly
spaced, in float32.)

The hint of the course: let two hidden neurons look at x_0, with weights of opposite sign, and set all other weights of
the first layer to 0. Then choose `W2[0, 0]` and `W2[0, 1]`, the two weights that lead from them to output 0. What do
ReLU(a) and ReLU(-a) look like, side by side, and what is their sum, and what their difference?

For the interval from -1 to 1 this is enough, even with all biases 0. But a pixel lies between 0 and 1, and there the
hint alone changes nothing: with zero biases both neurons bend at x_0 = 0, at the very end of the interval. So make use
of the biases as well. Your function will be called with -1 and 1, with 0 and 1, and with other intervals, such as
0.3 to 0.4 or 5 to 6.

**`second_layer_signs`**: take the hint literally. All biases are 0, the hidden neurons 0 and 1 have weights of opposite
sign on x_0, and the logits z_1 … z_9 are constant. Which signs must `W2[0, 0]` and `W2[0, 1]` have, so that y_0 turns?
"""

from __future__ import annotations

import torch
from torch import nn

from exercises.unit2_first_steps.s9_deep_networks.tables import table
from grader.authoring import Random, Student, check, choice, ensure, fail, instance, text

kinds = ("tensor", "choice", "text")
budget_s = 0.5
stub = '''
import torch


def non_monotone_deep(low: float = -1.0, high: float = 1.0) -> dict:
    """W1 (20, 784), b1 (20,), W2 (10, 20), b2 (10,): y_0 turns as x_0 runs from low to high."""
    raise NotImplementedError
'''

SHAPES = {"W1": (20, 784), "b1": (20,), "W2": (10, 20), "b2": (10,)}


def network(value: object, what: str) -> nn.Sequential:
    """The network with the parameters that came back, in float32."""
    given = instance(value, dict, what=f"the result of {what}")
    missing = [key for key in SHAPES if key not in given]
    ensure(not missing, f"The dictionary of {what} lacks {', '.join(map(repr, missing))}.")
    model = nn.Sequential(nn.Linear(784, 20), nn.ReLU(), nn.Linear(20, 10), nn.LogSoftmax(dim=1))
    state = {"0.weight": "W1", "0.bias": "b1", "2.weight": "W2", "2.bias": "b2"}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(table(given[state[name]], SHAPES[state[name]], f"{state[name]!r} of {what}"))
    return model


def turns(value: object, low: float, high: float, what: str) -> None:
    """Fails unless y_0 is 0.05 below, or 0.05 above, both of its ends somewhere between low and high."""
    model = network(value, what)
    x = torch.zeros(201, 784)
    x[:, 0] = torch.linspace(low, high, 201)
    with torch.no_grad():
        y = model(x)[:, 0].exp()
    ensure(bool(y.isfinite().all()), f"For {what} the network gives nan: its parameters are too large.")
    first, last, least, most = y[0].item(), y[-1].item(), y.min().item(), y.max().item()
    if least <= min(first, last) - 0.05 or most >= max(first, last) + 0.05:
        return
    hint = ""
    if most - least < 0.05 and (least > 0.9 or most < 0.01):
        hint = (
            " Softmax is saturated: in the whole interval z_0 is far above, or far below, the other logits."
        )
    elif most - least < 1e-6:
        hint = " y_0 does not depend on x_0 at all; mind that softmax looks at differences of logits only."
    elif most - least < 0.05:
        hint = " The change is too small: try larger weights."
    elif bool((y.diff() >= -1e-6).all() or (y.diff() <= 1e-6).all()):
        hint = " It is monotone in this interval. Where do the hidden neurons bend, and in which direction?"
    fail(
        f"With the parameters of {what} y_0 is {first:.3f} at x_0 = {low:.3g} and {last:.3f} at {high:.3g}, and "
        f"lies between {least:.3f} and {most:.3f} inside.{hint}"
    )


@check(points=4)
def hint_interval(student: Student) -> None:
    """non_monotone_deep: y_0 turns between x_0 = -1 and x_0 = 1"""
    turns(student.non_monotone_deep(), -1.0, 1.0, "non_monotone_deep()")
    turns(student.non_monotone_deep(-1.0, 1.0), -1.0, 1.0, "non_monotone_deep(-1.0, 1.0)")


@check(points=3)
def pixel_range(student: Student) -> None:
    """non_monotone_deep: y_0 turns between x_0 = 0 and x_0 = 1, where pixels are"""
    turns(student.non_monotone_deep(0.0, 1.0), 0.0, 1.0, "non_monotone_deep(0.0, 1.0)")


@check(points=1)
def other_intervals(student: Student, rng: Random) -> None:
    """non_monotone_deep: y_0 turns in other intervals, narrow and wide ones"""
    intervals = [(0.3, 0.4), (5.0, 6.0), (-3.0, -2.5)]
    for width in (0.06, 0.5, 3.0, 20.0):
        low = rng.uniform(-8, 8)
        intervals.append((low, low + width * rng.uniform(0.9, 1.1)))
    for low, high in rng.shuffled(intervals):
        turns(student.non_monotone_deep(low, high), low, high, f"non_monotone_deep({low:.3g}, {high:.3g})")


second_layer_signs = choice(
    points=1,
    question=(
        "All biases are 0, the hidden neurons 0 and 1 have weights of opposite sign on x_0, and z_1 ... z_9 are "
        "constant. What must hold for W2[0, 0] and W2[0, 1], so that y_0 is not monotone in x_0?"
    ),
    options={
        "opposite": "they have opposite signs",
        "equal": "they have equal signs: both positive or both negative",
        "any": "they may have any signs, as long as neither is 0",
    },
)

non_monotone_explained = text(
    points=1,
    question="What does y_0 look like as a function of x_0 in your network, and why? Two or three sentences.",
)
