"""Where the data sets lie, and which of them a run uses.

``public`` is what student code may read: images and labels of the training and test splits, in torchvision's own
layout. ``hidden`` holds the splits that only checks see, and the seed they were drawn from; the sandbox does not show
it. The real sets, where somebody has installed them, are in a folder outside the package.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from grader.nouns import BadInput

Size = Literal["small", "full"]
Split = Literal["train", "test", "hidden"]

PUBLIC = Path(__file__).parent / "public"
HIDDEN = Path(__file__).parent / "hidden"

SETS = {"fashion-mnist": "FashionMNIST", "mnist": "MNIST"}  # the command line's names, and torchvision's
STEMS = {"train": "train", "test": "t10k", "hidden": "hidden"}  # what the files of a split begin with

FOLDER = "GRADER_DATA"  # environment: the folder of the real sets
IN_USE = "GRADER_REAL_DATA"  # environment: the same folder, where the run at hand uses it; its processes inherit it


def installed_root() -> Path:
    """The folder of the real sets: ``$GRADER_DATA``, or one in the user's own data directory."""
    if given := os.environ.get(FOLDER):
        return Path(given)
    data_home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data_home) / "torch-grader"


def file_names(split: str) -> tuple[str, str]:
    """The names of a split's images and labels, as torchvision calls them."""
    stem = STEMS[split]
    return f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz"


def folder(name: str, split: Split, size: Size = "small") -> Path:
    """Where the two files of a split lie. `name` is torchvision's class name.

    The real sets have no part that nobody has seen: their "hidden" split is their test split.
    """
    if size == "full":
        return installed_root() / name / "raw"
    return HIDDEN / name if split == "hidden" else PUBLIC / name / "raw"


def is_installed(name: str) -> bool:
    """Whether all four files of the real set are there."""
    here = folder(name, "train", "full")
    return all((here / file).is_file() for split in ("train", "test") for file in file_names(split))


def choose(size: Size) -> None:
    """Let this process, and those that it starts, use that size. Raises ``BadInput`` with the remedy."""
    missing = [word for word, name in SETS.items() if not is_installed(name)]
    if size == "full" and missing:
        remedy = " and ".join(f"`grade data install {word}`" for word in missing)
        raise BadInput(f"the real {' and '.join(missing)} not found in {installed_root()}: run {remedy}")
    if size == "full":
        os.environ[IN_USE] = str(installed_root().resolve())
    else:
        os.environ.pop(IN_USE, None)


def chosen() -> Size:
    return "full" if IN_USE in os.environ else "small"
