"""# The training loop with PyTorch

Write the training of the neuron with `nn.Linear(2, 1)`, the sigmoid, automatic gradients and an update by hand,
as in this section, and compare it with the training of section 2.3, which loops over the points. You need not write
that one again: it is `train_scratch`, given below.

```python
import torch
from sklearn.datasets import make_blobs

points, labels = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
X, Y = torch.tensor(points), torch.tensor(labels)    # (100, 2) float64; (100,), 1 is black and 0 is white
start, alpha = (1.0, -1.0, 5.5), 0.1                 # w0, w1, b, and the learning rate
```

One iteration of the loop is: clear the gradients of the layer; compute `y = sigmoid(layer(X))`, of shape `(N,)`;
compute the cost `C = −1/N · Σ [ yt·log(y) + (1 − yt)·log(1 − y) ]`, record it, and call `backward()` on it; then,
within `torch.no_grad()`, subtract alpha times its gradient from the weight and from the bias. The first weights are
written into the layer within `torch.no_grad()`, too.

Mind the types: `make_blobs` gives float64, and a new `nn.Linear` is float32. And there is a trap. Taken literally, in
float32, this loop ends in NaN before 1,000 iterations on the points above. Find out why, and write yours so that it
does not.

- **`train_torch(X, Y, start, alpha, n_iter)`** returns the trained layer and the costs. `X` has shape `(N, 2)`, N ≥ 1,
  and is float32 or float64; `Y` has shape `(N,)` and holds 0 and 1 as integers or as floating numbers; `start` is
  (w0, w1, b). The layer is an `nn.Linear`, float32 or float64 as you like, whose parameters still require gradients.
  The costs are a tensor of shape `(n_iter,)` without a record for autograd. This time `cost[i]` is the cost **before**
  update `i`, so that `cost[0]` belongs to `start` (in 2.3 it was the cost after the update). The gradients come from
  automatic differentiation, once per iteration. You can test yourself on the points above: the first cost is
  0.8288, and the first gradient is (2.4333, 1.7574, −0.0710).
- **`train_scratch(X, Y, start, alpha, n_iter)`** is given: float64, a loop over the points, the closed form of the
  gradient. It returns `{"params": (3,), "cost": (n_iter,)}`, with the cost before each update as well. It is slow, so
  keep `n_iter` at 30 or less. Leave it as it is.
- **`compare_with_scratch(X, Y, start, alpha, n_iter)`** trains with both functions and returns
  `{"max_difference": …}`, the largest absolute difference between the final values of w0, w1 and b.
- **`time_both(X, Y, start, alpha, n_iter)`** calls both functions, measures them, and returns
  `{"scratch": …, "torch": …}`: the seconds of one training by each. Measure by the clock on the wall, not the
  processor's: `time.perf_counter()` before and after does it.
- **`same_results`**: (a) are the results of the two implementations identical? Choose one answer below.

Then discuss both questions, (a) and (b): which code is faster?
"""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor, nn

from exercises.unit2_first_steps.clouds import (
    START,
    course_points,
    hidden_clouds,
    hidden_start,
    neuron_cost,
)
from grader.authoring import (
    Clock,
    Handle,
    Notes,
    Random,
    Reference,
    Replay,
    Run,
    Student,
    at_least,
    check,
    choice,
    close,
    curves,
    ensure,
    fail,
    number,
    numbers,
    recorded,
    same_run,
    text,
)

kinds = ("module", "gradient", "timing", "choice", "text")
budget_s = 10
stub = '''
import time

import torch
from torch import nn


def train_scratch(X: torch.Tensor, Y: torch.Tensor, start: tuple, alpha: float, n_iter: int) -> dict:
    """The training of section 2.3, by a loop over the points. This function is given: leave it as it is.

    Returns {"params": (3,), "cost": (n_iter,)}, float64; the cost before each update.
    """
    w0, w1, b = (torch.tensor(value, dtype=torch.float64) for value in start)
    X, Y = X.double(), Y.double()
    costs = []
    for _ in range(n_iter):
        cost = w0_grad = w1_grad = b_grad = 0.0
        for (x0, x1), yt in zip(X, Y):
            z = w0 * x0 + w1 * x1 + b
            y = 1 / (1 + torch.exp(-z))
            cost += nn.functional.softplus(z) - yt * z  # the same as -[yt log(y) + (1 - yt) log(1 - y)]
            w0_grad += (y - yt) * x0
            w1_grad += (y - yt) * x1
            b_grad += y - yt
        costs.append(cost / len(X))
        w0 = w0 - alpha * w0_grad / len(X)
        w1 = w1 - alpha * w1_grad / len(X)
        b = b - alpha * b_grad / len(X)
    return {"params": torch.stack([w0, w1, b]), "cost": torch.stack(costs)}


def train_torch(
    X: torch.Tensor, Y: torch.Tensor, start: tuple[float, float, float], alpha: float, n_iter: int
) -> tuple[nn.Linear, torch.Tensor]:
    """The trained layer and the costs (n_iter,), cost[i] before update i."""
    raise NotImplementedError


def compare_with_scratch(X: torch.Tensor, Y: torch.Tensor, start: tuple, alpha: float, n_iter: int) -> dict:
    """{"max_difference": float} between the final parameters of train_torch and train_scratch."""
    raise NotImplementedError


def time_both(X: torch.Tensor, Y: torch.Tensor, start: tuple, alpha: float, n_iter: int) -> dict[str, float]:
    """{"scratch": seconds, "torch": seconds} of one training by each function."""
    raise NotImplementedError
'''

SHOWN = 5  # one cost of so many is drawn
TRIES = 5  # a busy machine may spoil a measurement; it would have to spoil them all


def trained(student: Student, *arguments: Any) -> tuple[Run, Any]:
    """The layer that train_torch gives, as it is then, and the costs, whatever they are."""
    result = student.train_torch(*arguments)
    if not isinstance(result, tuple | list) or len(result) != 2:
        fail("train_torch should return a tuple of the layer and the costs: return layer, cost.")
    layer, cost = result
    if not isinstance(layer, Handle) or not layer.isinstance("torch.nn.Linear"):
        fail("train_torch should return the nn.Linear itself, and the costs: a tuple (layer, cost).")
    run = recorded(layer)
    for name, shape in (("weight", (1, 2)), ("bias", (1,))):
        ensure(name in (run.parameters or {}), "The layer of train_torch should have a weight and a bias.")
        close(tuple((run.parameters or {})[name].shape), shape, what=f"the shape of the layer's {name}")
    return run, cost


def in_a_row(run: Run) -> Tensor:
    """w0, w1 and b of a layer, float64."""
    held = run.parameters or {}
    return torch.cat([held["weight"][0], held["bias"]]).double()


def replay_of(X: Tensor, Y: Tensor, start: tuple[float, float, float], alpha: float, n_iter: int) -> Replay:
    """The same training in float64."""
    layer = nn.Linear(2, 1, dtype=torch.float64)
    w0, w1, b = start
    layer.load_state_dict({"weight": torch.tensor([[w0, w1]]), "bias": torch.tensor([b])})
    return Replay(layer, [(X, Y)] * n_iter, neuron_cost, alpha)


def table_cost(z: Tensor, Y: Tensor) -> Tensor:
    """What comes of outputs (N, 1) and labels (N,): a table of all pairs."""
    return neuron_cost(z.expand(-1, len(Y)), Y.expand(len(Y), -1).reshape(-1))


MISTAKES = {
    "Outputs (N, 1) and labels (N,) were broadcast to a table (N, N): give both the same shape.": table_cost
}


@check(points=6)
def training(student: Student, rng: Random, notes: Notes) -> None:
    """train_torch gives the parameters and the costs of gradient descent on hidden points of either dtype"""
    for n, n_iter in ((1, 1), (30, 1), (30, 50), (1, 50), (17, 50)):  # from easy to hard
        for dtype in (torch.float32, torch.float64):
            X, Y = hidden_clouds(rng, n)
            start, alpha = hidden_start(rng), rng.uniform(0.05, 0.4)
            labels = rng.choice((Y, Y.to(dtype)))
            run, cost = trained(student, X.to(dtype), labels, start, alpha, n_iter)
            what = f"training of n_iter = {n_iter} on {n} points, X {str(dtype)[6:]},"
            replay = replay_of(X, Y, start, alpha, n_iter)
            ensure(hasattr(cost, "shape"), "The costs should be a tensor of shape (n_iter,).")
            costs = numbers(cost, n_iter, finite=False, what=f"the list of costs of your {what}")
            if n == 30 and n_iter > 1:
                lines = {"yours": costs, "reference": replay.right.losses or ()}
                notes.draw(curves(lines, "update", "cost"))
            same_run(
                Run(costs, run.parameters), replay, rtol=1e-3, atol=1e-4, mistakes=MISTAKES, what=what[:-1]
            )


@check(points=4)
def thousand_iterations(student: Student, reference: Reference, notes: Notes) -> None:
    """train_torch ends where it should after 1,000 iterations on the points of the course, without NaN"""
    X, Y = course_points()
    expected, last = reference.vectorised(X, Y, START, 0.1, 1_000)
    right = replay_of(X, Y, START, 0.1, 1_000).right
    for dtype in (torch.float64, torch.float32):
        run, cost = trained(student, X.to(dtype), Y, START, 0.1, 1_000)
        params = in_a_row(run)
        what = f"1,000 iterations on the points of the course, X {str(dtype)[6:]}"
        if isinstance(cost, Tensor) and cost.shape == (1_000,):
            costs = {"yours": numbers(cost, finite=False), "reference": torch.tensor(right.losses)}
            notes.draw(
                curves(
                    {name: values[::SHOWN] for name, values in costs.items()},
                    "update",
                    "cost",
                    at=dict.fromkeys(costs, range(0, 1_000, SHOWN)),
                    caption=f"The points of the course, X {str(dtype)[6:]}.",
                )
            )
        if isinstance(cost, Tensor) and not (params.isfinite().all() and cost.isfinite().all()):
            first = (~cost.isfinite()).nonzero()
            at = f", from iteration {int(first[0])} on" if len(first) else ""
            fail(
                f"After {what} there are numbers that are not finite{at}. Look at y just before: what do log(1 − y) "
                "and its derivative give where y has been rounded to 1?"
            )
        close(params, expected, rtol=0.0, atol=1e-3, what=f"the parameters (w0, w1, b) after {what}")
        if not isinstance(cost, Tensor) or cost.shape != (1_000,):
            fail("The costs should be a tensor of shape (n_iter,).")
        close(cost[-1].item(), last, rtol=1e-2, atol=0.0, what=f"the last cost of {what}")


@check(points=2)
def autograd(student: Student, rng: Random) -> None:
    """the gradients come from autograd, the layer can be trained further, and the costs carry no record"""
    X, Y = hidden_clouds(rng, 20)
    n_iter = rng.integer(4, 9)
    engine = (
        student.lab.torch.autograd.graph._engine_run_backward.handle()
    )  # where every way to a gradient ends
    counter = student.count(student.lab.functions.twin.keep(engine))
    with student.lab.functions.in_place_of.keep(engine, counter):
        result = student.train_torch.keep(X, Y, hidden_start(rng), 0.1, n_iter)
    calls = counter.calls
    ensure(
        calls >= n_iter,
        f"In {n_iter} iterations automatic differentiation was used {calls} times. Call backward() in each.",
    )
    layer, cost = (student.lab.operator.getitem.keep(result, place) for place in (0, 1))
    ensure(layer.isinstance("torch.nn.Linear"), "The first result of train_torch should be the nn.Linear.")
    for name in ("weight", "bias"):
        parameter = student.lab.builtins.getattr.keep(layer, name)
        ensure(
            parameter.isinstance("torch.nn.Parameter") and parameter.requires_grad is True,
            f"The layer's {name} does not require a gradient any more, so the layer cannot be trained further.",
        )
    ensure(cost.isinstance("torch.Tensor"), "The costs should be a tensor of shape (n_iter,).")
    ensure(
        cost.requires_grad is False,
        "The costs still carry their record for autograd, which keeps all the memory of the training alive. Store "
        "cost.detach(), or cost.item().",
    )


@check(points=2)
def compare_with_scratch(student: Student, reference: Reference, rng: Random) -> None:
    """compare_with_scratch compares the final parameters of the two functions"""
    shift = torch.tensor(
        [rng.choice((-1, 1)) * rng.uniform(0.007, 0.013) for _ in range(3)], dtype=torch.float64
    )

    def shifted(X: Tensor, Y: Tensor, start: Any, alpha: float, n_iter: int) -> dict[str, Tensor]:
        result = reference.train_scratch(X, Y, start, alpha, n_iter)
        return {"params": result["params"] + shift, "cost": result["cost"]}

    for n_iter in (1, 20):
        X, Y = hidden_clouds(rng, 20)
        arguments = X, Y, hidden_start(rng), rng.uniform(0.1, 0.3), n_iter
        ours = in_a_row(trained(student, *arguments)[0])
        given = student.train_scratch(*arguments)
        if not isinstance(given, dict) or not isinstance(given.get("params"), Tensor):
            fail("train_scratch does not return what it did: leave it as it was given.")
        judge_difference(student, arguments, ours, given["params"], "compare_with_scratch")
        place = student.lab.functions.in_place_of
        with place.keep(student.train_scratch, shifted, student.compare_with_scratch):
            what = "compare_with_scratch, where the grader has moved the result of train_scratch a little,"
            judge_difference(student, arguments, ours, shifted(*arguments)["params"], what)


def judge_difference(
    student: Student, arguments: tuple[Any, ...], ours: Tensor, theirs: Tensor, what: str
) -> None:
    """Compare what the answer says with the parameters that its own two functions give."""
    result = student.compare_with_scratch(*arguments)
    ensure(
        isinstance(result, dict) and "max_difference" in result,
        "compare_with_scratch should return a dictionary with the key max_difference.",
    )
    ensure(theirs.shape == ours.shape, "train_scratch does not return what it did: leave it as it was given.")
    given = number(result["max_difference"], what="max_difference")
    close(given, (ours - theirs).abs().max().item(), rtol=0.0, atol=1e-5, what=f"max_difference of {what}")


same_results = choice(
    points=1,
    question="(a) Are the results of train_torch and train_scratch the same?",
    options={
        "a": "Yes, bit for bit.",
        "b": "They are equal up to rounding errors, as long as no number saturates.",
        "c": "No: autograd approximates derivatives numerically.",
        "d": "No: PyTorch draws random batches of the points.",
    },
)


@check(points=2, after="training")
def speed(student: Student, rng: Random, clock: Clock) -> None:
    """(b) train_torch is at least 5 times as fast as the loop over 100 points"""
    for process in (student, clock.reference):
        process.lab.torch.set_num_threads(1)
    X, Y = hidden_clouds(rng, 100)

    def draw() -> tuple[Any, ...]:
        return ((X, Y, hidden_start(rng), 0.1, 10),)

    slow, fast = (
        process.lab.functions.in_turn(function)
        for process, function in (
            (clock.reference, clock.reference.train_scratch),
            (student, student.train_torch),
        )
    )
    at_least(
        clock.ratio(slow, fast, draw),
        5,
        "train_torch is not much faster than the loop over the points. Put all points through the layer at once.",
    )


@check(points=1)
def time_both(student: Student, rng: Random) -> None:
    """(b) time_both measures the seconds of one training by each function"""
    X, Y = hidden_clouds(rng, 60)
    arguments = X, Y, hidden_start(rng), 0.1, rng.integer(8, 12)
    for attempt in range(TRIES):
        said = reported(student, arguments)
        if said["scratch"] > said["torch"]:
            break
        ensure(
            attempt + 1 < TRIES,
            "According to time_both the loop over the points is faster. Is it exchanged?",
        )
    # Functions that take a known time stand in for both: the slower one is in another place than before.
    finished = student.train_torch.keep(*arguments)
    layer, cost = (student.lab.operator.getitem.keep(finished, place) for place in (0, 1))
    scratch = student.train_scratch(*arguments)
    pauses = {"scratch": rng.uniform(0.01, 0.015), "torch": rng.uniform(0.03, 0.04)}

    def slow_scratch(*given: Any, **options: Any) -> Any:
        time.sleep(pauses["scratch"])
        return scratch

    def slow_torch(*given: Any, **options: Any) -> Any:
        time.sleep(pauses["torch"])
        return layer, cost

    place = student.lab.functions.in_place_of
    doubt = ""
    with (
        place.keep(student.train_scratch, slow_scratch, student.time_both),
        place.keep(student.train_torch, slow_torch, student.time_both),
    ):
        for _ in range(TRIES):
            said = reported(student, arguments)
            doubt = next(
                (
                    f"time_both says {said[name]:.3g} s for train_{name}, with one in its place that the grader has "
                    f"made to take {seconds:.3g} s. It is the time of one whole training, in seconds."
                    for name, seconds in pauses.items()
                    if not seconds <= said[name] <= 5 * seconds
                ),
                "",
            )
            if not doubt:
                return
    fail(doubt)


def reported(student: Student, arguments: tuple[Any, ...]) -> dict[str, float]:
    """What time_both says, in positive seconds that are not more than it took itself."""
    begin = time.perf_counter()
    with student.within(60):  # it may repeat both, and the loop is slow
        result = student.time_both(*arguments)
    elapsed = time.perf_counter() - begin
    ensure(
        isinstance(result, dict) and {"scratch", "torch"} <= result.keys(),
        "time_both should return a dictionary with the keys scratch and torch.",
    )
    said = {name: number(result[name], what=f"time_both(…)['{name}']") for name in ("scratch", "torch")}
    for name, seconds in said.items():
        ensure(seconds > 0, f"time_both says {seconds:g} s for {name}; a time is positive.")
    ensure(
        sum(said.values()) <= elapsed,
        f"time_both says that both took {sum(said.values()):.3g} s, but it was back after {elapsed:.3g} s. "
        "Is it the time of one training, in seconds?",
    )
    return said


pytorch_discussion = text(
    points=2,
    question=(
        "(a) Compare the results of the two implementations, and explain where the NaN of the literal loop in float32 "
        "comes from. (b) How long do the two take, and what makes the difference?"
    ),
)
