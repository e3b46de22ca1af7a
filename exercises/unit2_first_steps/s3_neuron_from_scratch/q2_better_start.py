"""# Starting from better parameters

The training of this section begins with w0 = 1, w1 = −1, b = 5.5: a line that has nothing to do with the two
clouds. After 1,000 iterations it separates them, but it has stopped close to the white points. Would it do better
if it began in a better place? A look at the points suggests a line with a negative slope:

```python
import torch
from sklearn.datasets import make_blobs

points, labels = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
X, Y = torch.tensor(points), torch.tensor(labels)    # (100, 2) float64; (100,), 1 is black and 0 is white
```

The black points lie around (−10, −4) and the white ones around (−1.7, 4.4). As before, the neuron is
`y = 1 / (1 + exp(−z))` with `z = w0·x0 + w1·x1 + b`, the probability that the point is black, and the training is
gradient descent over all points,

```text
C = −mean of [ yt·log(y) + (1 − yt)·log(1 − y) ]            natural logarithm
(w0, w1, b)  →  (w0, w1, b) − alpha · mean of (y − yt)·(x0, x1, 1)
```

You may use your training function of 2.3.1 again (copy it into your answer to this question), or write another
one.

**A good start.** `good_start` is a tuple `(w0, w1, b)` with which

- all 100 points are on the right side before any training,
- the cost is below 0.0015 after 1,000 iterations with alpha = 0.1, and the margin is at least 1.5 then.

The margin is the least signed distance of a point from the line: the least
`s·(w0·x0 + w1·x1 + b) / sqrt(w0² + w1²)`, with s = +1 for a black point and s = −1 for a white one. For
comparison: the start of the section ends with a cost of 0.00175 and a margin of 0.76. The trained neuron will also
be tried on many new points from the same two clouds.

**Comparing starts.** `compare_starts(X, Y, starts, alpha, n_iter)` trains once from each of the given starts
and returns a list with one dictionary for each, in the same order. Its entries are numbers:

| key | what |
|---|---|
| `"initial_cost"` | the cost before the first update |
| `"initial_accuracy"` | the share of the points that are classified correctly before the first update, 0 to 1 |
| `"final_cost"` | the cost after `n_iter` updates |
| `"final_accuracy"` | the share that is classified correctly after them |
| `"margin"` | the margin after them |

A point counts as black if y > 0.5, so y = 0.5 counts as white.

**The picture.** `plot_cost_curves(X, Y, starts, alpha, n_iter)` returns a matplotlib figure with the cost against
the iteration: all curves in one Axes, one line for each start, with labels on both axes and a legend that tells
the starts apart. A curve has the `n_iter` costs after each update; the cost before the first one may stand in
front of them. A logarithmic scale is a good idea (`ax.semilogy`, or `ax.set_yscale("log")`), but the values
themselves stay costs.

Finally, discuss what you see.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from exercises.unit2_first_steps.clouds import CENTRES, START, course_points, hidden_clouds, hidden_start
from grader.authoring import (
    CheckFailed,
    Notes,
    Random,
    Reference,
    Student,
    check,
    close,
    curves,
    drawn,
    ensure,
    fail,
    number,
    numbers,
    text,
)

kinds = ("tensor", "accuracy", "figure", "text")
budget_s = 5
stub = '''
import matplotlib.pyplot as plt
import torch

good_start = None  # (w0, w1, b)


def compare_starts(X: torch.Tensor, Y: torch.Tensor, starts: list[tuple], alpha: float, n_iter: int) -> list[dict]:
    """For each start, in order, a dictionary of its training.

    Keys: "initial_cost", "initial_accuracy", "final_cost", "final_accuracy", "margin".
    """
    raise NotImplementedError


def plot_cost_curves(X: torch.Tensor, Y: torch.Tensor, starts: list[tuple], alpha: float, n_iter: int) -> plt.Figure:
    """The cost against the iteration: one Axes, one line for each start, axis labels and a legend."""
    raise NotImplementedError
'''

ENTRIES = ("initial_cost", "initial_accuracy", "final_cost", "final_accuracy", "margin")
NEW_POINTS = 2_000
SHOWN = 5  # one cost of so many is drawn


@check(points=3)
def good_start(student: Student, reference: Reference, rng: Random, notes: Notes) -> None:
    """good_start separates the points before training, and ends with a low cost and a wide margin"""
    w0, w1, b = numbers(student.good_start, 3, what="good_start (w0, w1, b)").double().tolist()
    start = (w0, w1, b)
    X, Y = course_points()
    starts = {"from your start": start, "from that of the course": START}
    costs = {name: reference.train(X, Y, one, 0.1, 1_000)[1][::SHOWN] for name, one in starts.items()}
    at = dict.fromkeys(costs, range(0, 1_001, SHOWN))
    notes.draw(curves(costs, "update", "cost", at=at, caption="The points of the course, alpha = 0.1."))
    (run,) = reference.compare_starts(X, Y, [start], 0.1, 1_000)
    ensure(
        run["initial_accuracy"] == 1.0,
        f"With good_start only {run['initial_accuracy']:.0%} of the points are classified correctly before training. "
        "Black means y > 0.5, so z > 0 on the side of the black cloud. "
        + ("All of it is the wrong way round: change every sign." if run["initial_accuracy"] < 0.1 else ""),
    )
    ensure(
        run["final_cost"] < 0.0015,
        f"From good_start the cost ends at {run['final_cost']:.5f} after 1,000 iterations; below 0.0015 is asked for.",
    )
    ensure(
        run["margin"] >= 1.5,
        f"From good_start the margin ends at {run['margin']:.2f}; at least 1.5 is asked for. Where does your first "
        "line lie: in the middle between the clouds?",
    )
    trained = reference.train(X, Y, start, 0.1, 1_000)[0]
    labels = (rng.rand(NEW_POINTS) < 0.5).long()
    new = torch.tensor(CENTRES, dtype=torch.float64)[labels] + rng.randn(NEW_POINTS, 2, dtype=torch.float64)
    accuracy = ((new @ trained[:2] + trained[2] > 0) == (labels == 1)).double().mean().item()
    ensure(
        accuracy >= 0.995,
        f"Trained from good_start, the neuron classifies {accuracy:.1%} of {NEW_POINTS:,} new points of the same "
        "clouds correctly; 99.5 % is asked for.",
    )


@check(points=3)
def compare_starts(student: Student, reference: Reference, rng: Random) -> None:
    """compare_starts tells all five numbers of independent trainings on hidden points"""
    for n in (40, 25):
        X, Y = hidden_clouds(rng, n)
        # With (0, 0, 0) every y is 0.5, and every point counts as white.
        starts = rng.shuffled([(0.0, 0.0, 0.0), hidden_start(rng), hidden_start(rng)])
        alpha, n_iter = rng.uniform(0.1, 0.4), 40
        expected = reference.compare_starts(X, Y, starts, alpha, n_iter)
        early = reference.compare_starts(X, Y, starts, alpha, 1)
        result = student.compare_starts(X, Y, starts, alpha, n_iter)
        ensure(
            isinstance(result, list | tuple) and len(result) == len(starts),
            "compare_starts should return a list with one dictionary for each start.",
        )
        for turn, entry in enumerate(result):
            ensure(
                isinstance(entry, dict) and all(name in entry for name in ENTRIES),
                f"Each entry of the list should be a dictionary with the keys {', '.join(ENTRIES)}.",
            )
            for name in ENTRIES:
                hint = ""
                if name == "initial_cost" and near(entry[name], early[turn]["final_cost"]):
                    hint = "It is the cost after the first update."
                elif "accuracy" in name and starts[turn] == (0.0, 0.0, 0.0):
                    hint = "Mind the points with y = 0.5, or z = 0: they count as white."
                elif name == "margin":
                    hint = "It belongs to the trained line: the least of s·z, divided by sqrt(w0² + w1²)."
                elif turn > 0:
                    hint = "Does every training begin with its own start?"
                what = f"{name} of start number {turn + 1}"
                compare(entry[name], expected[turn][name], what, hint)


def near(value: Any, expected: float) -> bool:
    try:
        compare(value, expected, "", "")
    except CheckFailed:
        return False
    return True


def compare(value: Any, expected: float, what: str, hint: str) -> None:
    """A number within 1e-4, ten times what 40 steps in float32 can be wrong by."""
    given = number(value, what=what)
    try:
        close(given, expected, rtol=0.0, atol=1e-4, what=what)
    except CheckFailed as error:
        raise CheckFailed(f"{error.message} {hint}".strip()) from None


@check(points=2)
def plot_cost_curves(student: Student, reference: Reference, rng: Random, notes: Notes) -> None:
    """plot_cost_curves shows the cost curves of hidden starts in one Axes, with labels and a legend"""
    for count in rng.shuffled([2, 4]):  # the first one may have been drawn for a fixed number of starts
        X, Y = hidden_clouds(rng, 30)
        starts, alpha, n_iter = (
            [hidden_start(rng) for _ in range(count)],
            rng.uniform(0.1, 0.4),
            rng.integer(20, 30),
        )
        figure = drawn(student.plot_cost_curves, X, Y, starts, alpha, n_iter, notes=notes)
        axes = figure["axes"]
        ensure(bool(axes), "The figure of plot_cost_curves has no Axes in it.")
        runs = [reference.train(X, Y, start, alpha, n_iter)[1] for start in starts]
        shown = max(axes, key=lambda ax: sum(find(ax["lines"], costs) is not None for costs in runs))
        judge_curves(shown, runs, n_iter, many_axes=len(axes) > 1)
        ensure(
            bool(shown["x_label"].strip() and shown["y_label"].strip()),
            "Label both axes (ax.set_xlabel, ax.set_ylabel).",
        )
        entries = [entry for entry in shown["legend"] or figure["legend"] if entry.strip()]
        ensure(bool(entries), "There is no legend. Give each line a label, and call ax.legend().")
        ensure(
            len(entries) >= count and len(set(entries)) == len(entries),
            f"The legend has {len(set(entries))} different entries for {count} starts.",
        )


def judge_curves(ax: dict[str, Any], runs: list[Tensor], n_iter: int, many_axes: bool) -> None:
    """Each of the costs must be a line of its own; runs[i] has the cost of the start in front."""
    lines = list(ax["lines"])
    curves = [line for line in lines if len(line["y"]) in (n_iter, n_iter + 1)]
    for costs in runs:
        place = find(lines, costs)
        if place is not None:
            lines.pop(place)
            continue
        if len(curves) < len(runs):
            fail(
                f"{len(curves)} lines with {n_iter} or {n_iter + 1} values were found in one Axes, for {len(runs)} "
                "starts and as many iterations."
                + (" Put all curves into the same Axes." if many_axes else "")
            )
        if any(same(line["y"], costs[: len(line["y"])]) for line in curves if len(line["y"]) == n_iter):
            fail("A curve lacks its end: with n_iter values they are the costs after each update.")
        if any(same(line["y"], costs[-len(line["y"]) :].log10()) for line in curves):
            fail("The lines show the logarithms of the costs. Plot the costs, on a logarithmic scale.")
        fail(
            "No line shows the costs of one of the starts. They are those of the points, the starts, alpha and "
            "n_iter that the function is given."
        )


def find(lines: list[dict[str, Any]], costs: Tensor) -> int | None:
    """The place of the line that shows these costs, with or without the first of them."""
    for place, line in enumerate(lines):
        if same(line["y"], costs) or same(line["y"], costs[1:]):
            return place
    return None


def same(values: Any, costs: Tensor) -> bool:
    return (
        isinstance(values, np.ndarray) and values.shape == costs.shape and np.allclose(values, costs, 0, 1e-3)
    )


start_discussion = text(
    points=2,
    question=(
        "Compare your start with (1, −1, 5.5): what improves, what does not, and why does the start matter? Would "
        "this help in every problem?"
    ),
)
