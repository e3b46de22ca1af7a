"""The points of sections 2.1 to 2.4, as a text file: they do not depend on a version of scikit-learn."""

from __future__ import annotations

import csv
import functools

from grader.data.places import PUBLIC

FILE = PUBLIC / "blobs.csv"


@functools.cache
def read_points() -> tuple[tuple[float, float, int], ...]:
    """Rows (x0, x1, label). Each number was written so that reading it gives the very same float64."""
    with FILE.open(encoding="ascii", newline="") as file:
        return tuple((float(row["x0"]), float(row["x1"]), int(row["label"])) for row in csv.DictReader(file))


def write_points() -> None:
    """Write them anew with the scikit-learn at hand (1.9 when the file was made)."""
    from sklearn.datasets import make_blobs

    X, Y = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)[:2]
    lines = [
        "x0,x1,label",
        *(f"{float(x0)!r},{float(x1)!r},{int(y)}" for (x0, x1), y in zip(X, Y, strict=True)),
    ]
    FILE.write_text("\n".join(lines) + "\n", encoding="ascii")
    FILE.chmod(0o644)
