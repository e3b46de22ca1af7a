"""# Load a minibatch of 16 examples

A step of stochastic gradient descent begins with a small random sample that stands for the whole set. Load
one into memory.

**`load_minibatch(dataset, batch_size=16)`** draws `batch_size` examples of `dataset` at random, without
replacement: no example comes twice. `dataset` is a `torch.utils.data.Dataset` with `len(dataset)` items;
`dataset[i]` is a pair of an image, a float32 tensor of shape `(1, 28, 28)`, and its label, an int.

The result is a pair of tensors: the B images, float32 of shape `(B, 1, 28, 28)`, and their B labels, int64 of
shape `(B,)`, in the same order. If `batch_size` is larger than the data set, B is `len(dataset)`, otherwise
it is `batch_size`.

Each call draws afresh: do not set a seed inside. The data set itself is not changed.
"""

from __future__ import annotations

import torch
from torch import Tensor

from grader.authoring import Handle, Random, Student, a_tensor, check, ensure, equal, instance

kinds = ("tensor",)
budget_s = 1
stub = '''
import torch
from torch import Tensor


def load_minibatch(dataset, batch_size: int = 16) -> tuple[Tensor, Tensor]:
    """A random minibatch: images (B, 1, 28, 28), float32, and labels (B,), int64."""
    raise NotImplementedError
'''

CALLS, ITEMS = 80, 40  # a right answer leaves an item out in 40 * 0.6**80 = 7e-17 of all runs


class Numbered:
    """A dataset in the student's process whose images tell which they are."""

    def __init__(self, student: Student, rng: Random, n: int) -> None:
        self.student = student
        self.images = rng.rand(n, 1, 28, 28)
        self.images[:, 0, 0, 0] = rng.permutation(n) / n  # a number for each of them, in no order
        self.number_of = {float(image[0, 0, 0]): number for number, image in enumerate(self.images)}
        self.labels = rng.integers(0, 9, (n,))
        self.there: Handle = student.lab.image_sets.Tensors.keep(self.images, self.labels)

    def draw(self, *batch_size: int) -> list[int]:
        """The indices of the examples of one minibatch, which is checked to be one."""
        n, asked = len(self.labels), (*batch_size, 16)[0]
        B, what = min(n, asked), f"load_minibatch of a set of {n}"
        if batch_size:
            what += f" with batch_size={asked}"
        result = instance(
            self.student.load_minibatch(self.there, *batch_size), (tuple, list), what=f"the result of {what}"
        )
        ensure(
            len(result) == 2,
            f"The result of {what} has {len(result)} parts. All images in one tensor and all labels in "
            "another are asked for.",
        )
        imgs = a_tensor(result[0], shape=(B, 1, 28, 28), dtype=torch.float32, what=f"the images of {what}")
        labels = a_tensor(result[1], shape=(B,), dtype=torch.int64, what=f"the labels of {what}")
        return self.recognise(imgs, labels, what)

    def recognise(self, imgs: Tensor, labels: Tensor, what: str) -> list[int]:
        indices = [self.number_of.get(float(image[0, 0, 0]), -1) for image in imgs]
        found = torch.tensor(indices)
        ensure(
            min(indices) >= 0 and self.images[found].equal(imgs),
            f"{what} gives an image that is not in the set: they must come out as they are.",
        )
        ensure(
            bool((self.labels[found] == labels).all()),
            f"In {what} an image stands beside the label of another one. Both must come from the same draw: "
            "each new iterator over a shuffling loader draws anew.",
        )
        ensure(
            len(set(indices)) == len(indices),
            f"{what} has an example twice: draw without replacement.",
        )
        return indices


@check(points=2)
def minibatches(student: Student, rng: Random) -> None:
    """gives distinct images beside their own labels, for small and large batch sizes"""
    for n, batch_size in rng.shuffled(
        [(40, ()), (40, (16,)), (17, (16,)), (12, (1,)), (7, (16,)), (25, (25,))]
    ):
        dataset = Numbered(student, rng, n)
        for _ in range(3):
            dataset.draw(*batch_size)


@check(points=2, after="minibatches")
def at_random(student: Student, rng: Random) -> None:
    """draws at random: each item has its turn, and batches are not just runs of neighbours"""
    dataset = Numbered(student, rng, ITEMS)
    batches = [dataset.draw() for _ in range(CALLS)]
    ensure(
        len({tuple(sorted(batch)) for batch in batches}) > 1,
        f"{CALLS} calls give the same examples each time. Draw at random, without a seed that is fixed.",
    )
    left_out = ITEMS - len({index for batch in batches for index in batch})
    ensure(
        not left_out,
        f"In {CALLS} calls with 16 of {ITEMS} examples, {left_out} of the examples are never drawn.",
    )
    ensure(
        any(max(batch) - min(batch) >= len(batch) for batch in batches),
        "All minibatches are runs of neighbours in the data set. Such a sample does not represent the set: "
        "draw each example at random.",
    )


@check(points=1, after="at_random")
def leaves_the_set_alone(student: Student, rng: Random) -> None:
    """leaves the data set as it was"""
    for batch_size in ((), (1,), (30,)):
        dataset = Numbered(student, rng, 30)
        dataset.draw(*batch_size)
        equal(dataset.there.images, dataset.images, what="the images of the set after a call")
        equal(dataset.there.labels, dataset.labels, what="the labels of the set after a call")
