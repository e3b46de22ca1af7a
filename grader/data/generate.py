"""Draw the embedded sets anew, and prove that the files in the package are what this code draws.

Each picture has a random stream of its own (a set, a split, a number), so any of them can be drawn alone. The streams
are ``numpy.random.RandomState``'s, which NumPy has promised never to change. What may differ in the last bit between
versions of NumPy and processors are sines, roots and sums; so pictures are rounded to 64 levels of grey, and a check
allows one level in one pixel of ten thousand.

The streams of the hidden splits begin with a secret, `hidden/seed.txt`. It is hidden together with the pictures: this
code may be read by anybody, and draws nothing hidden without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.data.draw import digits, fashion
from grader.data.draw.chance import Chance
from grader.data.idx import Bytes, read_idx, write_idx
from grader.data.places import HIDDEN, PUBLIC, STEMS, Split, file_names

LEVELS = 63  # steps of grey
DIFFERENT_PIXELS = 1e-4  # share that may be off by one level, on another version or processor
SPLITS: dict[Split, int] = {"train": 1, "test": 2, "hidden": 3}
COUNTS: dict[str, dict[Split, int]] = {
    "FashionMNIST": {"train": 6000, "test": 1000, "hidden": 2000},
    "MNIST": {"train": 6000, "test": 1000, "hidden": 1000},
}
WRITERS: dict[Split, slice] = {
    "train": slice(0, 1200),
    "test": slice(1200, 1500),
    "hidden": slice(1500, 1797),
}

Drawer = Callable[[int], tuple[NDArray[np.float64], int]]  # a number of the split -> its picture and label


@dataclass(frozen=True, slots=True)
class Drawn:
    """A split's images (n, 28, 28) and labels (n,), both uint8."""

    images: Bytes
    labels: Bytes


def to_bytes(picture: NDArray[np.float64]) -> Bytes:
    """0 to 1 -> 0 to 255, in 64 levels."""
    return (np.floor(picture * LEVELS + 0.5).astype(np.int64) * 255 // LEVELS).astype(np.uint8)


def key(name: str, split: Split, hidden: Path = HIDDEN) -> tuple[int, ...]:
    """What the random streams of a split begin with."""
    secret: Sequence[int] = ()
    if split == "hidden":
        secret = [int(word, 16) for word in (hidden / "seed.txt").read_text(encoding="ascii").split()]
    return (*secret, list(COUNTS).index(name) + 1, SPLITS[split])


def draw(name: str, split: Split, indices: Iterable[int] | None = None, hidden: Path = HIDDEN) -> Drawn:
    """A whole split, or only the pictures of those numbers. Takes about 10 ms for a piece of clothing."""
    begin = key(name, split, hidden)
    chosen = list(range(COUNTS[name][split]) if indices is None else indices)
    order = Chance(*begin).order(COUNTS[name][split])
    one = _clothes(begin, order) if name == "FashionMNIST" else _digits(begin, order, split)
    pairs = [one(index) for index in chosen]
    images = np.stack([to_bytes(picture) for picture, _ in pairs])
    return Drawn(images, np.array([label for _, label in pairs], np.uint8))


def _clothes(begin: tuple[int, ...], order: list[int]) -> Drawer:
    """Every class as often as the others."""

    def one(index: int) -> tuple[NDArray[np.float64], int]:
        label = order[index] % 10
        return fashion.draw(label, Chance(*begin, index)), label

    return one


def _digits(begin: tuple[int, ...], order: list[int], split: Split) -> Drawer:
    """No two splits share an original, so that no split can be known from another."""
    images, labels = digits.originals()
    mine = Chance(COUNTS["MNIST"]["train"]).order(len(images))[WRITERS[split]]

    def one(index: int) -> tuple[NDArray[np.float64], int]:
        original = mine[order[index] % len(mine)]
        return digits.rewrite(images[original], Chance(*begin, index)), int(labels[original])

    return one


def place(name: str, split: Split, public: Path = PUBLIC, hidden: Path = HIDDEN) -> Path:
    return hidden / name if split == "hidden" else public / name / "raw"


def generate(
    public: Path = PUBLIC,
    hidden: Path = HIDDEN,
    told: Callable[[str], None] = print,
) -> None:
    """Draw everything and write it. Takes about two minutes."""
    for name in COUNTS:
        for split in SPLITS:
            drawn = draw(name, split, hidden=hidden)
            folder = place(name, split, public, hidden)
            for file, values in zip(file_names(split), (drawn.images, drawn.labels), strict=True):
                write_idx(folder / file, values)
                told(f"{name} {split}: {file}, {(folder / file).stat().st_size:,} bytes")
    write_checksums(public)


def write_checksums(public: Path) -> None:
    """``md5sums.txt``, in the format of the command ``md5sum``: torchvision compares what it has copied with it."""
    lines = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(public).as_posix()}"
        for path in sorted(public.rglob("*.gz"))
    ]
    (public / "md5sums.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
    (public / "md5sums.txt").chmod(0o644)


def differences(every: int = 1, public: Path = PUBLIC, hidden: Path = HIDDEN) -> list[str]:
    """What is not as this code draws it, in words; empty if all is. Looks at every `every`-th picture."""
    found: list[str] = []
    for name, counts in COUNTS.items():
        for split, count in counts.items():
            where = f"{name} {split}"
            folder = place(name, split, public, hidden)
            try:
                images, labels = (read_idx(folder / file) for file in file_names(split))
            except (OSError, ValueError) as error:
                found.append(f"{where}: {error}")
                continue
            if images.shape != (count, 28, 28) or labels.shape != (count,):
                found.append(f"{where}: shapes {images.shape} and {labels.shape}, expected {count} pictures")
                continue
            chosen = range(0, count, every)
            fresh = draw(name, split, chosen, hidden)
            found += [f"{where}: {what}" for what in _compare(images[::every], labels[::every], fresh)]
    return found


def _compare(images: Bytes, labels: Bytes, fresh: Drawn) -> list[str]:
    found: list[str] = []
    if wrong := int((labels != fresh.labels).sum()):
        found.append(f"{wrong} labels differ")
    apart = np.abs(images.astype(np.int64) - fresh.images.astype(np.int64))
    one_level = -(-255 // LEVELS)
    if far := int((apart > one_level).any(axis=(1, 2)).sum()):
        found.append(f"{far} pictures differ by more than a level of grey")
    elif (apart > 0).mean() > DIFFERENT_PIXELS:
        found.append(f"{int((apart > 0).sum())} pixels differ by a level of grey")
    return found


__all__ = ["COUNTS", "STEMS", "Drawn", "differences", "draw", "generate"]
