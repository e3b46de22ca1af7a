"""Datasets of images that a check fills and hands to an answer, ``student.lab.image_sets.Pictures(...)``, and ways to
fill a folder for an answer's own dataset and to read what it gives.

They are real ``Dataset`` objects beside the answer, for its loaders to read at full speed; nothing is counted.
For counts, a check passes a ``Feed``.
"""

from __future__ import annotations

import operator
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

Transform = Callable[[Any], Any]


class Tensors(Dataset[tuple[Tensor, int]]):
    """Items are an image tensor, as it is given, and its label, an int."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images = images
        self.labels = labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Any) -> tuple[Tensor, int]:
        """Raises ``IndexError`` beyond the end, and ``TypeError`` for anything but one integer."""
        place = operator.index(index)
        return self.images[place], int(self.labels[place])


class Pictures(Dataset[tuple[Any, Any]]):
    """As torchvision's data sets of grey images: items are a PIL image of mode L, or `transform` of it, and an
    int, or `target_transform` of it. `data` holds all pixels, uint8 (N, H, W), and `targets` the labels, (N,).
    """

    def __init__(
        self,
        data: Tensor,
        targets: Tensor,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        self.data = data
        self.targets = targets
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: Any) -> tuple[Any, Any]:
        """Raises ``IndexError`` beyond the end, and ``TypeError`` for anything but one integer."""
        from PIL import Image  # an answer that needs no picture need not wait for it

        place = operator.index(index)
        image, target = Image.fromarray(self.data[place].numpy()), int(self.targets[place])
        return (
            image if self.transform is None else self.transform(image),
            target if self.target_transform is None else self.target_transform(target),
        )


def train_and_test(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]
) -> Callable[[bool, Transform | None], Pictures]:
    """``make_dataset(train, transform=None)``: the training set or the test set, a new object each time.

    Each of the two is a pair of pixels, uint8 (N, H, W), and labels (N,).
    """

    def make_dataset(train: bool, transform: Transform | None = None) -> Pictures:
        return Pictures(*(splits[0] if train else splits[1]), transform=transform)

    splits = train, test
    return make_dataset


def folder_of(files: dict[str, bytes]) -> str:
    """Write files, by their paths below it, into a new folder of this process; its path."""
    folder = Path(tempfile.mkdtemp(prefix="pictures-"))
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return str(folder)


def read_items(dataset: Any, indices: Sequence[int]) -> list[tuple[Any, str, Any]]:
    """Items of a dataset of images, in one request: the image, its kind, and the label.

    A PIL image comes as the array of its pixels, and its kind is its mode ("L"); of anything else it is the name of
    its type. Raises ``TypeError`` for an item that is no pair.
    """
    from PIL import Image

    found: list[tuple[Any, str, Any]] = []
    for index in indices:
        item = dataset[index]
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise TypeError(f"the item {index} is not a pair of an image and a label")
        image, label = item
        if isinstance(image, Image.Image):
            found.append((np.array(image), str(image.mode), label))
        else:
            found.append((image, type(image).__name__, label))
    return found
