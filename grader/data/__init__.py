"""The data sets of the course, embedded: small, always the same, and readable without a network.

    from grader.authoring import data

    images, labels = data.fashion_mnist("hidden")  # (2000, 28, 28) uint8 and (2000,) int64, tensors
    X, Y = data.blobs()  # (100, 2) float64 and (100,) int64

``"train"`` and ``"test"`` are what a student's own ``torchvision.datasets.FashionMNIST`` loads; ``"hidden"`` is for
checks only. Every call gives tensors of its own, which the caller may change. Splits are in random order, all classes
everywhere, so ``images[:512]`` is a fair sample.

docs/data.md tells how the sets were made and how hard they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.data.places import Size, Split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class Images(NamedTuple):
    """``images`` (N, 28, 28) uint8, 0 is background; ``labels`` (N,) int64, 0 to 9."""

    images: Tensor
    labels: Tensor


class Points(NamedTuple):
    """``X`` (100, 2) float64; ``Y`` (100,) int64, 1 is black and 0 white."""

    X: Tensor
    Y: Tensor


def fashion_mnist(split: Split, size: Size = "small") -> Images:
    """Drawn pieces of clothing: train 6,000, test 1,000, hidden 2,000; labels as in ``FASHION_CLASSES``.

    With ``size="full"`` the real set, where it is installed (60,000 and 10,000); it has no hidden part, so its
    "hidden" is its "test". Checks whose limits were calibrated stay with the small set, whatever the run uses.

    Raises ``FileNotFoundError`` with the remedy if the real set is not installed, ``ValueError`` for another split.
    """
    return _images("FashionMNIST", split, size)


def mnist(split: Split, size: Size = "small") -> Images:
    """Handwritten digits, made from scikit-learn's small ones: train 6,000, test 1,000, hidden 1,000.

    No two splits share a writer's digit. The rest is as in ``fashion_mnist``.
    """
    return _images("MNIST", split, size)


def blobs() -> Points:
    """The two clouds of sections 2.1 to 2.4: ``make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)``."""
    import torch

    from grader.data.points import read_points

    rows = read_points()
    return Points(
        torch.tensor([row[:2] for row in rows], dtype=torch.float64),
        torch.tensor([int(row[2]) for row in rows]),
    )


def picture_files(
    images: Tensor, labels: Tensor, names: Sequence[str] | None = None, labels_file: str = "labels.csv"
) -> dict[str, bytes]:
    """What a folder of PNG pictures and its list of labels hold: path below the folder -> content.

    `images` (N, H, W) uint8, `labels` (N,). The list has the header ``file,label`` and a row per image, in order.
    `names` may hold subfolders and blanks, no comma, and each once; without them ``images/00000.png`` and so on.
    """
    from grader.data.pictures import encode_pictures

    return encode_pictures(images, labels, names, labels_file)


def write_pictures(folder: Path | str) -> Path:
    """Write 500 training images of clothes and ``labels.csv`` into `folder`; returns the path of the list.

    The folder is made if need be. Files of those names are written over; others are left alone.
    """
    from grader.data.pictures import write_pictures

    return write_pictures(folder, *fashion_mnist("train"))


def _images(name: str, split: Split, size: Size) -> Images:
    import torch

    from grader.data.idx import read_idx
    from grader.data.places import SETS, STEMS, file_names, folder, installed_root, is_installed

    if split not in STEMS:
        raise ValueError(f"there is no split {split!r}: it is one of {', '.join(STEMS)}")
    if size == "full" and not is_installed(name):
        word = next(word for word, of in SETS.items() if of == name)
        raise FileNotFoundError(
            f"the real {word} is not in {installed_root()}: run `grade data install {word}`"
        )
    files = file_names("test" if size == "full" and split == "hidden" else split)
    images, labels = (torch.from_numpy(read_idx(folder(name, split, size) / file)) for file in files)
    return Images(images, labels.to(torch.int64))
