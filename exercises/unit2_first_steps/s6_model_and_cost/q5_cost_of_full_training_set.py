"""# The cost of the untrained model on the whole training set

How wrong is the flat classifier before it has learnt anything? Load the whole training set as one batch, feed
it to a model that is as `torch.nn` initialised it, and compute the cost.

**Loading.** A data set of torchvision gives pairs of a picture (a grey PIL image of 28 × 28 pixels) and a
label (an int). What becomes of the picture is up to its `transform`. `PILToTensor()` makes a tensor of shape
`(1, 28, 28)` and dtype uint8, with values from 0 to 255, with which a linear layer cannot calculate. Behind
it, `ConvertImageDtype(torch.float)` makes float32 of it **and** brings the values to 0 ... 1: it divides by
255 itself. Both are in `torchvision.transforms`, and `Compose` joins them. With the images in one batch,
`flatten(start_dim=1)` makes a row of each and keeps the batch dimension.

**`load_split(make_dataset, train=True)`** does all this. `make_dataset(train, transform=None)` is a function
that opens the training set (`train=True`) or the test set; on your machine that may be

```python
def make_dataset(train, transform=None):
    return torchvision.datasets.FashionMNIST("data", train=train, transform=transform, download=True)
```

The result is the pair `(X, t)`: `X` is float32 of shape `(N, 784)` with values from 0 to 1, one image per
row, in the order of the data set, its pixels row by row; `t` holds the N labels, int64, shape `(N,)`.

**`dataset_cost(model, X, t)`** is the cost

```text
C = -(1/N) sum over the N examples of log y_k,        k the true class of the example,
```

the mean of the cross-entropies `H = -sum_n Yt_n log y_n`. Here `model` maps `(N, D)` to **probabilities**
`(N, K)`, for K classes, as `flat_model()` of the previous question does: softmax has been applied already.
(Beware of library functions that expect something else.) `X` is float32, `t` int64; all probabilities are
large enough for their logarithm. Return a number, or a tensor with one element, and leave the model's
parameters and their `.grad` as they were.

**`uniform_cost`**: before you run it on the real data, say which cost a model has that gives every one of the
ten classes the same probability. Three digits after the point are enough. An untrained model should not be
far from it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grader.authoring import (
    Handle,
    Random,
    Reference,
    Student,
    a_tensor,
    check,
    close,
    ensure,
    equal,
    fail,
    instance,
    number,
)

kinds = ("tensor",)
budget_s = 2
stub = '''
import torch
from torch import Tensor

uniform_cost = None  # your answer: the cost of a model that gives each of ten classes the same probability


def load_split(make_dataset, train: bool = True) -> tuple[Tensor, Tensor]:
    """Images, float32 (N, 784) from 0 to 1, and labels, int64 (N,), of the training or the test set."""
    raise NotImplementedError


def dataset_cost(model, X: Tensor, t: Tensor) -> Tensor | float:
    """The mean cross-entropy; model maps (N, D) to probabilities (N, K)."""
    raise NotImplementedError
'''


@check(points=3)
def load_split(student: Student, rng: Random) -> None:
    """loads images and labels of either set, in order, as numbers from 0 to 1"""
    sets: dict[bool, tuple[Tensor, Tensor]] = {}
    for train, n in ((True, 37), (False, 21)):
        pixels = rng.integers(0, 255, (n, 28, 28), dtype=torch.uint8)
        pixels[:, rng.integer(0, 27), rng.integer(0, 27)] = 255
        sets[train] = pixels, rng.integers(0, 9, (n,))
    make_dataset = student.lab.image_sets.train_and_test.keep(sets[True], sets[False])
    for arguments in ((), (False,), (True,)):
        pixels, labels = sets[not arguments or arguments[0]]
        said = "".join(f", {argument}" for argument in arguments)
        what = f"load_split(make_dataset{said})"
        result = instance(
            student.load_split(make_dataset, *arguments), (tuple, list), what=f"the result of {what}"
        )
        ensure(len(result) == 2, f"{what} returns {len(result)} things; a pair of images and labels is due.")
        images = a_tensor(result[0], what=f"X of {what}")
        expected = pixels.flatten(start_dim=1).float() / 255
        if images.dtype == torch.float32 and images.shape == expected.shape:
            explain_images(images, expected, f"X of {what}")
        close(images, expected, rtol=1e-6, atol=1e-7, what=f"X of {what}")
        bright = images[pixels.flatten(start_dim=1) == 255]
        ensure(bool((bright == 1).all()), f"X of {what} is not exactly 1 where a pixel is 255.")
        equal(a_tensor(result[1], what=f"t of {what}"), labels, what=f"t of {what}")


def explain_images(X: Tensor, expected: Tensor, what: str) -> None:
    """Fails for images whose mistake can be named."""
    for wrong, said in (
        (expected * 255, "holds values from 0 to 255: dividing by 255 is still due."),
        (expected / 255, "is divided by 255 once too often: the conversion to float has done it already."),
        (
            expected.reshape(-1, 28, 28).transpose(1, 2).flatten(start_dim=1),
            "has the pixels column by column; row by row is asked for.",
        ),
    ):
        ensure(not torch.allclose(X, wrong, rtol=1e-4, atol=1e-7), f"{what} {said}")


def softmax_model(student: Student, W: Tensor, b: Tensor) -> Handle:
    """A flat classifier with these parameters."""
    K, D = W.shape
    nn = student.lab.torch.nn
    model = nn.Sequential.keep(nn.Linear.keep(D, K), nn.Softmax.keep(dim=1))
    model.load_state_dict.keep({"0.weight": W, "0.bias": b})
    return model


def exactly(rng: Random, high: float, *shape: int) -> Tensor:
    """Multiples of 1/64 up to `high`, of both signs: products with eighths add up exactly in float32."""
    bound = round(64 * high)
    return rng.integers(-bound, bound, shape, dtype=torch.float32) / 64


def inputs(rng: Random, n: int, D: int) -> Tensor:
    """Eighths from 0 to 1."""
    return rng.integers(0, 8, (n, D), dtype=torch.float32) / 8


def compare_cost(student: Student, W: Tensor, b: Tensor, X: Tensor, t: Tensor, what: str) -> None:
    """Fails unless dataset_cost gives the mean cross-entropy; knows some mistakes by their result."""
    given = student.dataset_cost(softmax_model(student, W, b), X.clone(), t.clone())
    found = number(given, what=f"dataset_cost ({what})")
    n, K = len(X), len(b)
    log_y = torch.log_softmax(X.double() @ W.double().T + b.double(), dim=1)
    cost = -log_y[torch.arange(n), t]
    expected = float(cost.mean())
    for wrong, said in (
        (float(cost.sum()), "is the sum over the examples; the mean is asked for."),
        (
            expected / K,
            "is the mean over all N*K entries of the product; divide by the number N of examples.",
        ),
        (-expected, "has the wrong sign."),
        (
            float(torch.nn.functional.cross_entropy(log_y.exp(), t)),
            "is what comes out if softmax is applied to the probabilities once more.",
        ),
        (float(-log_y.amax(dim=1).mean()), "looks at the class that the model predicts, not the true one."),
        (expected / math.log(2), "is computed with log2; log means the natural logarithm."),
        (expected / math.log(10), "is computed with log10; log means the natural logarithm."),
        (float((1 - log_y.exp()[torch.arange(n), t]).mean()), "has no logarithm in it."),
    ):
        if math.isclose(found, wrong, rel_tol=1e-4) and not math.isclose(found, expected, rel_tol=1e-4):
            fail(f"dataset_cost ({what}) {said}")
    close(found, expected, rtol=1e-5, atol=1e-6, what=f"dataset_cost ({what})")


@check(points=5)
def cost(student: Student, rng: Random) -> None:
    """equals the mean cross-entropy, for models that are unsure and models that are sure"""
    cases = [(K, n, sure) for K in (10, 3) for n in (7, 1, 2000) for sure in (False, True)]
    for K, n, sure in rng.shuffled(cases):
        D = 784 if n == 2000 or rng.choice([True, False]) else 20
        # logits that spread by about 6: probabilities down to about 1e-20
        high = 24 / math.sqrt(D) if sure else 1.5 / math.sqrt(D)
        W, b, X = exactly(rng, high, K, D), exactly(rng, 1.0, K), inputs(rng, n, D)
        t = rng.integers(0, K - 1, (n,))
        what = f"{n} example{'s' if n > 1 else ''} and {K} classes"
        compare_cost(student, W, b, X, t, f"{what}, {'a sure' if sure else 'an unsure'} model")
    zeros, t = (torch.zeros(10, 784), torch.zeros(10)), rng.integers(0, 9, (50,))
    compare_cost(student, *zeros, inputs(rng, 50, 784), t, "a model whose parameters are all 0")


@check(points=1)
def uniform_cost(student: Student, reference: Reference) -> None:
    """the cost of a model that gives every class the same probability"""
    given = number(student.uniform_cost, what="`uniform_cost`")
    for wrong, said in (
        (-math.log(10), " A cost is not negative."),
        (1.0, " Is that log10? The natural logarithm is meant."),
        (math.log2(10), " Is that log2? The natural logarithm is meant."),
        (0.1, " That is the probability of a class; what is its cost?"),
        (0.9, " That is the probability of an error; what is the cost of such an answer?"),
        (10 * math.log(10), " Only the true class counts in H."),
        (math.log(10) / 10, " Only the true class counts in H, and it counts fully."),
    ):
        if math.isclose(given, wrong, rel_tol=2e-3):
            fail(f"`uniform_cost` is {given:g}, which is not the cost asked for.{said}")
    ensure(
        abs(given - reference.uniform_cost) <= 1e-3,
        f"`uniform_cost` is {given:g}, which is not the cost asked for, to three digits after the point.",
    )


@check(points=1, after="cost")
def leaves_the_model_alone(student: Student, rng: Random) -> None:
    """the model's parameters and their gradients are as before"""
    W, b = exactly(rng, 0.5, 10, 20), exactly(rng, 1.0, 10)
    X, t = inputs(rng, 12, 20), rng.integers(0, 9, (12,))
    for stale in (False, True):
        model = softmax_model(student, W, b)
        held = {"0.weight": rng.randn(10, 20), "0.bias": rng.randn(10)}
        if stale:
            for name, gradient in held.items():
                model.get_parameter.keep(name).set("grad", gradient)
        student.dataset_cost(model, X, t)
        for name, before in (("0.weight", W), ("0.bias", b)):
            parameter = model.get_parameter.keep(name)
            equal(parameter.fetch(), before, what=f"the model's {name[2:]} after dataset_cost")
            gradient = parameter.grad
            if stale:
                ensure(gradient is not None, f"dataset_cost cleared the gradient of the model's {name[2:]}.")
                equal(gradient, held[name], what=f"the gradient of the model's {name[2:]} after dataset_cost")
            else:
                ensure(gradient is None, f"dataset_cost left a gradient in the model's {name[2:]}.")
            ensure(
                parameter.requires_grad is True, f"dataset_cost switched the model's {name[2:]} to constant."
            )
