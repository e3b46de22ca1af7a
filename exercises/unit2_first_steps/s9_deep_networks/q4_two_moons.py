"""# Two moons with one neuron and with a deep network

`sklearn.datasets.make_moons(n_samples, noise=..., random_state=...)` draws points on two half circles that reach
into each other. It returns an array `X` of shape `(n, 2)` in float64 and the classes 0 and 1 (white and black) as
an array of shape `(n,)` in int64.

**(a) The points.** `moons_data(n, noise, seed)` returns what `make_moons` gives for `n` points, that `noise` and
`random_state=seed`, as two float32 tensors: `X` of shape `(n, 2)` and `t` of shape `(n,)`.

**(b) One neuron.** `moons_neuron()` returns a new `nn.Module` that maps `(n, 2)` to `(n, 1)`: the probability
y = sigmoid(w0 x0 + w1 x1 + b) of class 1. It has three parameters and no more.
`fit_binary_model(model, X, t, epochs, lr)` trains any model from `(n, 2)` to probabilities `(n, 1)`, in place, by
plain gradient descent: `epochs` updates, parameter ← parameter − `lr` · gradient, each with the gradient of

    C = -mean(t log y + (1 - t) log(1 - y))

over all n points. Gradients that the model holds from before must not count. The result is a list of `epochs`
numbers: the cost before each of the updates.

**(c) Does the neuron succeed?** Classify as 1 where y > 0.5. The neuron separates by a straight line. If the segment
between two points of class 0 crosses the segment between two points of class 1, no line has the classes on
different sides. `crossing_certificate(X, t)` finds such points: it returns indices `(i, j, k, l)`, where points `i`
and `j` are of class 0, `k` and `l` of class 1, and the segments `X[i] X[j]` and `X[k] X[l]` cross between their ends.
If there are none, it raises a `ValueError`. (You will be asked about several hundred points; trying all quadruples
takes too long, but in two moons there are many that cross.)

**(d) A deep network.** `train_moons(X, t, seed)` builds a model with at least one hidden layer and with a single
classifying neuron, trains it on the points that it is given, and returns it: `(n, 2)` to probabilities `(n, 1)`.
Layers, activations, optimiser, learning rate and number of steps are your choice; `seed` may be used to make the
result reproducible. It has 10 seconds. The points are those of two moons with noise 0.1, at least 400 of them, but
the moons may have been moved by up to 1 in each direction, and the classes may have been swapped. The model is then
tried on 2,000 fresh points of the same kind, and at least 97 % of them should be classified rightly. (From 93 % on
there is half the credit. A line gets at most about 89 %.)

**(e) The picture.** `plot_probability_map(model, X, t)` returns a matplotlib figure: the probability that the model
gives over the plane, as filled contours, a colour mesh or an image, over a region that covers all the points, and
the points on top, so that the two classes can be told apart.

Train both models, look at their pictures, and answer the two questions below.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from grader.authoring import (
    Network,
    Notes,
    Random,
    Reference,
    Replay,
    Student,
    a_tensor,
    calibrated,
    check,
    close,
    drawn,
    ensure,
    equal,
    facts,
    fail,
    leave_gradients,
    parameters,
    raises,
    recorded,
    same_run,
    text,
    unchanged,
)

kinds = ("tensor", "module", "accuracy", "error", "figure", "text")
budget_s = 20
stub = '''
import torch
from matplotlib.figure import Figure
from torch import nn


def moons_data(n: int = 500, noise: float = 0.1, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """n points of two moons: X float32 (n, 2) and t float32 (n,) of 0 and 1."""
    raise NotImplementedError


def moons_neuron() -> nn.Module:
    """A new neuron: (n, 2) -> probabilities (n, 1), three parameters."""
    raise NotImplementedError


def fit_binary_model(
    model: nn.Module, X: torch.Tensor, t: torch.Tensor, epochs: int, lr: float
) -> list[float]:
    """Train in place by gradient descent on all points; the cost before each of the updates."""
    raise NotImplementedError


def crossing_certificate(X: torch.Tensor, t: torch.Tensor) -> tuple[int, int, int, int]:
    """Indices (i, j, k, l): t = 0 at i and j, t = 1 at k and l, and the segments ij and kl cross."""
    raise NotImplementedError


def train_moons(X: torch.Tensor, t: torch.Tensor, seed: int = 0) -> nn.Module:
    """A deep network, trained on these points: (n, 2) -> probabilities (n, 1)."""
    raise NotImplementedError


def plot_probability_map(model: nn.Module, X: torch.Tensor, t: torch.Tensor) -> Figure:
    """The model's probability over the plane, and the points of both classes on top of it."""
    raise NotImplementedError
'''

NOISE = 0.1
TRAINING_S = 30.0  # the prompt says 10; a busy machine is no fault of the answer
FIT_STEPS = 25


def moons(rng: Random, n: int, noise: float) -> tuple[Tensor, Tensor]:
    """Hidden points of two moons: float32 (n, 2), and their classes as float32 (n,)."""
    from sklearn.datasets import make_moons

    X, t = make_moons(n, noise=noise, random_state=rng.seed())
    return torch.from_numpy(X).float(), torch.from_numpy(t).float()


def moved_moons(rng: Random, n: int, fresh: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training and test points of moons that were moved, with their classes swapped or not."""
    X, t = moons(rng, n, NOISE)
    X_test, t_test = moons(rng, fresh, NOISE)
    # far enough that a model of moons in their usual place is of no use for any of several tries
    shift = torch.tensor([rng.choice((-1, 1)) * rng.uniform(0.5, 1.0) for _ in range(2)])
    if rng.choice((True, False)):
        t, t_test = 1 - t, 1 - t_test
    return X + shift, t, X_test + shift, t_test


def share_right(outputs: Any, t: Tensor, what: str = "the output of the trained model") -> float:
    """The share of points whose probability lies on the right side of 0.5."""
    y = a_tensor(outputs, dtype="floating", what=what)
    ensure(y.numel() == len(t), f"Of {len(t)} points {what} has shape {tuple(y.shape)}: one number each.")
    return float(((y.reshape(-1) > 0.5) == (t > 0.5)).double().mean())


# ------------------------------------------------------------------------------------- (a)


@check(points=2)
def data(student: Student, reference: Reference, rng: Random) -> None:
    """moons_data gives the points of make_moons as float32 tensors, the same for the same arguments"""
    for n, noise in ((100, 0.1), (2, 0.0), (rng.integer(30, 300), rng.uniform(0.05, 0.3))):
        seed = rng.integer(1, 10_000)
        what = f"moons_data({n}, {noise:.3g}, seed)"
        for _ in range(2):
            result = student.moons_data(n, noise, seed)
            ensure(isinstance(result, list | tuple) and len(result) == 2, f"`{what}` should return X and t.")
            X, t = result
            a_tensor(X, shape=(n, 2), dtype=torch.float32, what=f"X of {what}")
            a_tensor(t, shape=(n,), dtype=torch.float32, what=f"t of {what}")
            expected = reference.moons_data(n, noise, seed)
            equal(t, expected[1], what=f"t of {what}")
            close(X, expected[0], rtol=1e-5, atol=1e-6, what=f"X of {what}")
    X, t = student.moons_data()
    a_tensor(X, shape=(500, 2), dtype=torch.float32, what="X of moons_data()")
    a_tensor(t, shape=(500,), dtype=torch.float32, what="t of moons_data()")


# ------------------------------------------------------------------------------------- (b)


def cost(y: Tensor, t: Tensor) -> Tensor:
    return binary_cross_entropy(y.reshape(-1), t)


def broadcast_cost(y: Tensor, t: Tensor) -> Tensor:
    """What comes of outputs (n, 1) and classes (n,): a table of all pairs."""
    return -(t * y.log() + (1 - t) * (1 - y).log()).mean()


MISTAKES = {
    "The outputs (n, 1) and the classes (n,) were broadcast to a table (n, n): give both the same shape.": (
        broadcast_cost
    )
}


@check(points=3)
def gradient_descent(student: Student, rng: Random) -> None:
    """fit_binary_model: the parameters and the costs are those of gradient descent on all points"""
    small = (("Linear", 2, 6), ("Tanh",), ("Linear", 6, 1), ("Sigmoid",))
    for layers in ((("Linear", 2, 1), ("Sigmoid",)), small):
        X, t = moons(rng, rng.integer(40, 90), NOISE)
        lr = rng.uniform(0.3, 0.8)
        network = Network(rng, *layers)
        model = network.there(student)
        stale = {name: rng.randn(*value.shape) for name, value in network.state.items()}
        leave_gradients(student, model, stale)
        outcome = student.fit_binary_model.attempt(model, X, t, FIT_STEPS, lr)
        if outcome.error is not None:
            fail(f"`fit_binary_model` raised {outcome.error} for a model of {len(layers) // 2} layer(s).")
        wide = network.here().double(), [(X.double(), t.double())] * FIT_STEPS
        replay = Replay(*wide, cost, lr, stale={name: value.double() for name, value in stale.items()})
        same_run(recorded(model, outcome.value), replay, rtol=1e-3, atol=1e-4, mistakes=MISTAKES)
        unchanged(outcome.arguments[1], X, what="the argument X of fit_binary_model")
        unchanged(outcome.arguments[2], t, what="the argument t of fit_binary_model")


@check(points=1)
def neuron(student: Student, rng: Random) -> None:
    """moons_neuron is a new neuron with three parameters, and gets as far as a line can"""
    first, model = student.moons_neuron.keep(), student.moons_neuron.keep()
    for one in (first, model):
        ensure(one.isinstance("torch.nn.Module"), "`moons_neuron` should return an nn.Module.")
    count = sum(one.size for one in facts(model) if one.trainable)
    ensure(count == 3, f"The neuron has {count} trainable parameters; w0, w1 and b are three.")
    X, t = moons(rng, 600, NOISE)
    before = parameters(first)
    student.lab.functions.fit_probabilities(model, X, t, 600, 1.0)
    y = a_tensor(model(X), shape=(600, 1), dtype="floating", what="the output of the neuron")
    ensure(bool(((y > 0) & (y < 1)).all()), "The outputs of the neuron should lie between 0 and 1.")
    accuracy = share_right(y, t)
    ensure(
        0.83 <= accuracy <= 0.91,
        f"After training, the neuron classifies {100 * accuracy:.1f} % of the points rightly; a neuron with "
        "these three parameters gets between 83 and 91 %.",
    )
    for name, value in parameters(first).items():
        equal(value, before[name], what="a parameter of one neuron after another one was trained")


# ------------------------------------------------------------------------------------- (c)


def crosses(p: Tensor, q: Tensor, r: Tensor, s: Tensor) -> bool:
    """Whether the open segments pq and rs cross."""

    def side(a: Tensor, b: Tensor, c: Tensor) -> float:
        u, v = b - a, c - a
        return float(u[0] * v[1] - u[1] * v[0])

    apart = side(p, q, r) * side(p, q, s) < 0
    return apart and side(r, s, p) * side(r, s, q) < 0


def four_indices(given: Any, n: int) -> list[int]:
    """The four indices of a certificate; whole numbers of any kind."""
    if isinstance(given, Tensor):
        given = given.tolist()
    ensure(
        isinstance(given, list | tuple) and len(given) == 4,
        "`crossing_certificate` should return four indices (i, j, k, l).",
    )
    found: list[int] = []
    for one in given:
        if isinstance(one, Tensor) and one.numel() == 1:
            one = one.item()
        whole = not isinstance(one, bool) and hasattr(one, "__index__")
        ensure(whole, "The entries of a certificate should be whole numbers.")
        found.append(int(one))
    ensure(all(-n <= index < n for index in found), "An index of the certificate is out of range.")
    return found


@check(points=2)
def certificate(student: Student, rng: Random) -> None:
    """crossing_certificate proves that no line separates the moons, and refuses where one does"""
    with student.within(30):
        for n in (60, 300):
            for _ in range(3):
                X, t = moons(rng, n, rng.uniform(0.02, 0.15))
                if rng.choice((True, False)):
                    t = 1 - t
                wide = X.double()
                i, j, k, l = four_indices(student.crossing_certificate(X, t), n)
                ensure(bool(t[i] == 0 and t[j] == 0), "The first two points should be of class 0.")
                ensure(bool(t[k] == 1 and t[l] == 1), "The last two points should be of class 1.")
                ensure(
                    crosses(wide[i], wide[j], wide[k], wide[l]),
                    f"The segments of the certificate do not cross between their ends ({n} points).",
                )
        angle = torch.tensor(rng.uniform(0, 6.28))
        gap = 4 * torch.stack([angle.cos(), angle.sin()])
        blobs = torch.cat(
            [0.5 * rng.randn(20, 2).clamp(-3, 3) - gap, 0.5 * rng.randn(20, 2).clamp(-3, 3) + gap]
        )
        order = rng.permutation(40)
        raises(ValueError, student.crossing_certificate, blobs[order], (order >= 20).float())


# ------------------------------------------------------------------------------------- (d)


# A training may end in a poor minimum: one in 200 of ours does. Another seed on the same points is of no use to a line.
TRIES = 3


@check(points=2)
def structure(student: Student, rng: Random) -> None:
    """train_moons returns a deep network with one classifying neuron that fits the points it was given"""
    X, t, _, _ = moved_moons(rng, rng.integer(400, 600), 2)
    with student.within(TRAINING_S):
        there_X, there_t = student.put(X), student.put(t)
        for _ in range(TRIES):
            model = student.train_moons.keep(there_X, there_t, rng.integer(0, 1000))
            unchanged(there_X.fetch(), X, what="the argument X of train_moons")
            unchanged(there_t.fetch(), t, what="the argument t of train_moons")
            ensure(model.isinstance("torch.nn.Module"), "`train_moons` should return an nn.Module.")
            weights = [one for one in facts(model) if one.trainable and len(one.shape) >= 2]
            ensure(
                len(weights) >= 2,
                f"The model has {len(weights)} trainable weight matrices; with a hidden layer there are two or more.",
            )
            for n in (1, 7, len(X)):
                y = a_tensor(model(X[:n]), shape=(n, 1), dtype="floating", what=f"the output for {n} points")
                ensure(bool(((y >= 0) & (y <= 1)).all()), "The outputs should be probabilities, from 0 to 1.")
            accuracy = share_right(y, t)
            if accuracy > 0.90:
                return
    ensure(
        accuracy > 0.90,
        f"The trained model classifies {100 * accuracy:.1f} % of its own training points rightly. A line does "
        "as much: is there an activation between the layers, and was the training long enough?",
    )


def origin_of_data() -> str:
    """The points are drawn by scikit-learn."""
    from importlib.metadata import version

    return "make_moons of scikit-learn " + ".".join(version("scikit-learn").split(".")[:2])


@calibrated(points=4, asked=0.97, half=0.93, data=origin_of_data)
def accuracy(student: Student, rng: Random) -> float:
    """classifies at least 97 % of 2,000 fresh points rightly (half of the points from 93 % on)"""
    X, t, X_test, t_test = moved_moons(rng, rng.integer(400, 600), 2000)
    with student.within(TRAINING_S):
        model = student.train_moons.keep(X, t, rng.integer(0, 1000))
        return share_right(model(X_test), t_test)


# ------------------------------------------------------------------------------------- (e)


@check(points=2)
def probability_map(student: Student, rng: Random, notes: Notes) -> None:
    """plot_probability_map shows the probability over the plane and the points of both classes"""
    X, t = moons(rng, 80, NOISE)
    X = X * torch.tensor([1.0, 1.4]) + (
        2 * rng.rand(2) - 1
    )  # another extent each way: an exchange of axes shows
    network = lively_network(rng, X)
    figure = drawn(student.plot_probability_map, network.there(student), X, t, notes=notes)
    axes: list[dict[str, Any]] = [one for one in figure["axes"] if one.get("fields")]
    with_points = [one for one in axes if one.get("points") or one.get("lines")]
    shown = (with_points or axes)[:1]
    ensure(
        bool(shown),
        "The figure should show the probability over the plane: filled contours, a colour mesh or an image.",
    )
    field_matches(shown[0]["fields"], network, X)
    classes_told_apart(shown[0], X, t)


def lively_network(rng: Random, X: Tensor) -> Network:
    """A network whose probability varies over the region of X, so much that no mix-up in a picture goes unseen."""
    axes = [
        torch.linspace(float(low), float(high), 20) for low, high in zip(X.amin(0), X.amax(0), strict=True)
    ]
    places = torch.cartesian_prod(*axes)
    while True:
        network = Network(rng, ("Linear", 2, 8), ("Tanh",), ("Linear", 8, 1), ("Sigmoid",), scale=2.0)
        with torch.no_grad():
            y = network.here()(places).reshape(20, 20)
        mixed_up = (y.T, y.flip(0), y.flip(1), 1 - y, (y > 0.5).float())
        if all(float((y - other).abs().mean()) > 0.1 for other in mixed_up):
            return network


def field_matches(fields: list[dict[str, Any]], network: Network, X: Tensor) -> None:
    """The field covers the points, and its values are the model's, up to the size of its cells."""
    places, low, high, cell = sampled(fields)
    box_low, box_high = places.amin(0) - cell, places.amax(0) + cell
    slack = 0.02 * (X.amax(0) - X.amin(0))
    ensure(
        bool((box_low <= X.amin(0) + slack).all() and (box_high >= X.amax(0) - slack).all()),
        "The region of the probability should cover all the points.",
    )
    keep = torch.randperm(len(places), generator=torch.Generator().manual_seed(0))[:1500]
    places, low, high = places[keep], low[keep], high[keep]
    steps = torch.cartesian_prod(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([-1.0, 0.0, 1.0]))
    model = network.here()
    with torch.no_grad():
        around = model((places[:, None] + steps * cell).reshape(-1, 2)).reshape(len(places), 9)
    allowed = 0.03
    fits = (high >= around.amin(1) - allowed) & (low <= around.amax(1) + allowed)
    share = float(fits.double().mean())
    ensure(
        share > 0.97,
        f"At {100 * (1 - share):.0f} % of the places the figure does not show the probability that the model "
        "gives there. Do the axes belong to the right inputs, and is the first row of an image at the bottom "
        "(`origin='lower'`)?",
    )
    inside = float(high.max() - low.min())
    ensure(inside > 0.05, "The field has the same value everywhere.")


def sampled(fields: list[dict[str, Any]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Places (m, 2) of a field, bounds of its value there, and the size (2,) within which it may vary."""
    contours = [one for one in fields if one.get("kind") == "contour"]
    for one in fields:
        values = (
            torch.as_tensor(one.get("values"), dtype=torch.float32) if "values" in one else torch.empty(0)
        )
        if values.ndim != 2 or min(values.shape) < 2:
            continue
        values = values.nan_to_num(-1.0)
        if one["kind"] == "image":
            left, right, bottom, top = one["box"]
            rows, columns = values.shape
            cell = torch.tensor([(right - left) / columns, (top - bottom) / rows])
            x = left + (torch.arange(columns) + 0.5) * cell[0]
            y = bottom + (torch.arange(rows) + 0.5) * cell[1]
            places = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)
        else:
            corners = torch.as_tensor(one["corners"], dtype=torch.float32)
            places = (corners[1:, 1:] + corners[:-1, :-1] + corners[1:, :-1] + corners[:-1, 1:]) / 4
            cell = (corners[1:, 1:] - corners[:-1, :-1]).abs().reshape(-1, 2).amax(0)
        flat = values.reshape(-1)
        return places.reshape(-1, 2), flat, flat, cell.abs()
    ensure(
        len(contours) >= 3,
        "The figure shows no field of numbers: too few levels, or colours without numbers.",
    )
    places, low, high = [], [], []
    for one in contours:
        xy = torch.as_tensor(one["xy"], dtype=torch.float32).reshape(-1, 2)
        places.append(xy)
        low.append(torch.full((len(xy),), float(one["levels"][0])))
        high.append(torch.full((len(xy),), float(one["levels"][1])))
    every = torch.cat(places)
    ensure(len(every) > 20, "The filled contours are empty.")
    return every, torch.cat(low), torch.cat(high), 0.02 * (every.amax(0) - every.amin(0))


def classes_told_apart(axes: dict[str, Any], X: Tensor, t: Tensor) -> None:
    """Each point is drawn, and no look of a point is used for both classes."""
    looks: list[set[tuple[float, ...]]] = [set(), set()]
    groups = list(marks(axes))
    ensure(bool(groups), "The figure should show the points, on top of the probability.")
    for number, point in enumerate(X):
        found = set()
        for xy, look in groups:
            near = (xy - point).abs().amax(1) < 1e-3
            found |= {look[int(index)] for index in near.nonzero()}
        ensure(bool(found), "Some of the points are missing in the figure.")
        looks[int(t[number])] |= found
    ensure(
        not looks[0] & looks[1],
        "Points of both classes look alike in the figure: give them different colours or markers.",
    )


def marks(axes: dict[str, Any]) -> Iterator[tuple[Tensor, list[tuple[float, ...]]]]:
    """Groups of drawn points: where they are, and the look of each."""
    for number, line in enumerate(axes["lines"]):
        if line["marker"] not in ("None", "none", "", " "):
            xy = torch.stack([torch.as_tensor(line["x"]), torch.as_tensor(line["y"])], 1).float()
            yield xy, [(-1.0, float(number))] * len(xy)
    for group in axes["points"]:
        xy = torch.as_tensor(group["xy"], dtype=torch.float32).reshape(-1, 2)
        outline = tuple(
            round(float(value), 3) for value in torch.as_tensor(group["outline"]).reshape(-1)[:40]
        )
        parts = [torch.as_tensor(group[name]).float() for name in ("values", "colors", "edges")]
        parts = [part.reshape(len(part), -1) for part in parts if part.numel()]
        yield (
            xy,
            [(*outline, *(float(v) for part in parts for v in part[i % len(part)])) for i in range(len(xy))],
        )


neuron_verdict = text(
    points=2,
    question=(
        "(c) Is one neuron successful on the two moons? Give the accuracy that you found, and explain it by what the "
        "model can do and by how the data lie. Would a longer training, another learning rate or more points help?"
    ),
)
deep_verdict = text(
    points=2,
    question=(
        "(e) Is the deep network better? Give its accuracy on fresh points, describe the boundary between the classes "
        "in your picture, and explain what the hidden layer does, and what the activation is needed for."
    ),
)
