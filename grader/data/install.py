"""The real sets, fetched by torchvision's own downloaders, and what there is in general."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from grader.data.places import (
    HIDDEN,
    PUBLIC,
    SETS,
    Size,
    Split,
    file_names,
    folder,
    installed_root,
    is_installed,
)
from grader.nouns import BadInput, GraderError


@dataclass(frozen=True, slots=True)
class Available:
    """One set: its name on the command line, where it is, how many images each split has, bytes on disk."""

    name: str
    size: Size
    folder: Path
    splits: dict[str, int]
    bytes: int
    remedy: str = ""  # where it is not there


def available() -> list[Available]:
    """All sets, small and full; a full one that is not installed has no splits and a remedy."""
    found: list[Available] = []
    for word, name in SETS.items():
        found.append(_look(word, name, "small", ("train", "test", "hidden")))
        if is_installed(name):
            found.append(_look(word, name, "full", ("train", "test")))
        else:
            place = folder(name, "train", "full")
            found.append(Available(word, "full", place, {}, 0, f"grade data install {word}"))
    return found


def _look(word: str, name: str, size: Size, splits: Sequence[Split]) -> Available:
    from grader.data.idx import read_idx

    counts: dict[str, int] = {}
    volume = 0
    for split in splits:
        paths = [folder(name, split, size) / file for file in file_names(split)]
        if not all(path.is_file() for path in paths):
            continue  # a kit for students has no hidden split
        counts[split] = len(read_idx(paths[1]))
        volume += sum(path.stat().st_size for path in paths)
    return Available(word, size, folder(name, "train", size), counts, volume)


def damaged() -> list[str]:
    """Public files of the package that are missing or not as they were made; and hidden ones that are not there."""
    bad: list[str] = []
    for line in (PUBLIC / "md5sums.txt").read_text(encoding="ascii").splitlines():
        expected, name = line.split(maxsplit=1)
        path = PUBLIC / name
        if (
            not path.is_file()
            or hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != expected
        ):
            bad.append(f"public/{name}")
    for name in SETS.values():
        bad += [
            f"hidden/{name}/{file}" for file in file_names("hidden") if not (HIDDEN / name / file).is_file()
        ]
    return bad


def install(word: str, root: Path | None = None, mirror: str | None = None) -> Path:
    """Download a real set into `root` (``installed_root()`` if None) and unpack it; returns its folder.

    Files that are there already, for instance because somebody brought them on a stick, are not fetched again. Raises
    ``BadInput`` for an unknown name, ``GraderError`` with the remedy where the download fails.
    """
    if word not in SETS:
        raise BadInput(f"there is no data set {word!r}: it is one of {', '.join(SETS)}")
    from grader.torchvision_mend import mend

    try:
        mend()
    except ImportError as error:
        raise GraderError(f"{error}: pip install 'torchvision>=0.21,<0.29'") from error
    from torchvision import datasets

    kind = getattr(datasets, SETS[word])
    if mirror is not None:
        kind = type(SETS[word], (kind,), {"mirrors": [mirror.rstrip("/") + "/"]})
    root = root or installed_root()
    target = root / SETS[word]
    try:
        for train in (True, False):
            kind(str(root), train=train, download=True)
    except (RuntimeError, URLError, OSError) as error:
        files = ", ".join(file for split in ("train", "test") for file in file_names(split))
        raise GraderError(
            f"{word} could not be downloaded ({str(error).strip()}). Try again, or bring {files} "
            f"into {target / 'raw'} from elsewhere and run this command again."
        ) from error
    _let_everybody_read(target)
    return target


def _let_everybody_read(target: Path) -> None:
    """The sandbox reads as another user."""
    target.parent.chmod(target.parent.stat().st_mode | 0o055)
    for path in (target, *target.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
