"""The embedded sets: their layout, where they come from, and that no split gives another away."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.authoring import data
from grader.data import generate, places
from grader.data.idx import from_idx, read_idx, to_idx, write_idx
from grader.data.install import damaged

ROOT = Path(data.__file__).parents[2]
SPLITS: tuple[places.Split, ...] = ("train", "test", "hidden")
SETS: dict[str, Callable[..., data.Images]] = {"FashionMNIST": data.fashion_mnist, "MNIST": data.mnist}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("split", SPLITS)
def test_shapes_types_and_classes(name: str, split: places.Split) -> None:
    images, labels = SETS[name](split)
    count = generate.COUNTS[name][split]
    assert images.shape == (count, 28, 28)
    assert images.dtype == torch.uint8
    assert labels.shape == (count,)
    assert labels.dtype == torch.int64
    share = labels.bincount(minlength=10) / count
    assert (share == 0.1).all() if name == "FashionMNIST" else ((share > 0.07) & (share < 0.13)).all()
    early = labels[:200].bincount(minlength=10)
    assert (early >= 8).all(), "the first images must be a fair sample"
    assert images.amin() == 0
    assert images.amax() == 255
    assert (images.flatten(1).float().mean(dim=1) > 5).all(), "no picture is empty"


def test_everybody_gets_tensors_of_their_own() -> None:
    first = data.fashion_mnist("test")
    first.images.zero_()
    first.labels.fill_(3)
    again = data.fashion_mnist("test")
    assert again.images.any()
    assert len(again.labels.unique()) == 10


def test_wrong_names_are_told() -> None:
    with pytest.raises(ValueError, match="train, test, hidden"):
        data.mnist("valid")  # type: ignore[arg-type]


def test_names_of_the_classes_are_torchvisions() -> None:
    from grader.torchvision_mend import mend

    mend()
    from torchvision.datasets import FashionMNIST

    assert list(data.FASHION_CLASSES) == FashionMNIST.classes


@pytest.mark.parametrize("name", SETS)
def test_no_two_images_are_alike(name: str) -> None:
    """Within a split or between two: not the same picture, nor nearly."""
    everything = torch.cat([SETS[name](split).images for split in SPLITS])
    assert len({image.numpy().tobytes() for image in everything}) == len(everything)
    known = SETS[name]("train").images.flatten(1).float()
    hidden = SETS[name]("hidden").images[:300].flatten(1).float()
    assert torch.cdist(hidden, known).min() > 250, "one level of grey in every pixel would be 112"


def test_digits_of_different_splits_were_written_differently() -> None:
    spans = [generate.WRITERS[split] for split in SPLITS]
    writers = [set(range(1797)[span]) for span in spans]
    assert sum(map(len, writers)) == len(set.union(*writers)) == 1797


# ---------------------------------------------------------------------------------------- generation


def test_the_files_are_what_the_code_draws() -> None:
    """A sample of them; ``grade data generate --check`` looks at all."""
    assert generate.differences(every=250) == []


def test_one_picture_can_be_drawn_alone() -> None:
    some = generate.draw("FashionMNIST", "test", [5, 17])
    alone = generate.draw("FashionMNIST", "test", [17])
    assert (some.images[1] == alone.images[0]).all()


def test_a_difference_is_found(tmp_path: Path) -> None:
    for name in SETS:
        for split in SPLITS:
            folder = generate.place(name, split, tmp_path / "public", tmp_path / "hidden")
            count = generate.COUNTS[name][split]
            images, labels = SETS[name](split)
            if (name, split) == ("MNIST", "train"):
                images[0, 14] += 40
            if (name, split) == ("MNIST", "test"):
                labels[0] = (labels[0] + 1) % 10
            if (name, split) == ("FashionMNIST", "test"):
                images = images[:-1]
            assert count
            for file, values in zip(places.file_names(split), (images, labels), strict=True):
                write_idx(folder / file, values.byte().numpy())
    (tmp_path / "hidden" / "seed.txt").write_text((places.HIDDEN / "seed.txt").read_text())
    (tmp_path / "hidden" / "MNIST" / "hidden-labels-idx1-ubyte.gz").unlink()
    found = "\n".join(generate.differences(1000, tmp_path / "public", tmp_path / "hidden"))
    assert re.search("MNIST train: 1 pictures differ", found)
    assert re.search("MNIST test: 1 labels differ", found)
    assert re.search("FashionMNIST test: shapes", found)
    assert re.search("MNIST hidden: .*No such file", found)
    assert len(found.splitlines()) == 4, found


def test_hidden_pictures_need_the_secret(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        generate.draw("FashionMNIST", "hidden", [0], hidden=tmp_path)
    (tmp_path / "seed.txt").write_text("1 2 3 4")
    guessed = generate.draw("FashionMNIST", "hidden", [0], hidden=tmp_path)
    assert (guessed.images[0] != data.fashion_mnist("hidden").images[0].numpy()).any()


def test_rounding_does_not_hang_on_the_last_bit() -> None:
    """Sines and sums may differ by a few units in the last place between machines: almost no pixel may notice."""
    from grader.data.draw import fashion
    from grader.data.draw.chance import Chance

    for label in range(10):
        picture = fashion.draw(label, Chance(5, label))
        nudged = np.clip(picture * (1 + 1e-12), 0, 1)
        assert (generate.to_bytes(picture) == generate.to_bytes(nudged)).all()


# --------------------------------------------------------------------------------------------- files


def test_nothing_hidden_lies_in_the_public_folder() -> None:
    names = sorted(
        path.relative_to(places.PUBLIC).as_posix() for path in places.PUBLIC.rglob("*") if path.is_file()
    )
    layout = [
        f"{name}/raw/{file}"
        for name in SETS
        for split in ("train", "test")
        for file in places.file_names(split)
    ]
    assert names == sorted([*layout, "blobs.csv", "md5sums.txt"])
    everything = b"".join(
        gzip.decompress(path.read_bytes()) for path in places.PUBLIC.rglob("*-images-idx3-ubyte.gz")
    )
    for name in SETS:
        images, _ = SETS[name]("hidden")
        assert not any(image.numpy().tobytes() in everything for image in images[:50])


def test_no_code_outside_the_folder_knows_the_secret() -> None:
    words = (places.HIDDEN / "seed.txt").read_text().split()
    assert len(words) == 4
    ours = ("grader", "exercises", "reference", "tests", "docs", "scripts", "benchmarks", "examples")
    for path in (path for folder in ours for path in (ROOT / folder).rglob("*")):
        if path.suffix in (".py", ".md", ".csv", ".txt", ".json") and path.parent != places.HIDDEN:
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not any(word in text for word in words), path


def test_another_user_may_read_what_is_public() -> None:
    for path in (places.PUBLIC, *places.PUBLIC.rglob("*")):
        assert path.stat().st_mode & 0o004, path
        assert not path.is_dir() or path.stat().st_mode & 0o001, path


def test_files_are_small_and_whole() -> None:
    assert damaged() == []
    files = [*places.PUBLIC.rglob("*"), *places.HIDDEN.rglob("*")]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 4e6


def test_checksums_are_in_the_format_of_md5sum() -> None:
    done = subprocess.run(
        ["md5sum", "--check", "--quiet", "md5sums.txt"],
        cwd=places.PUBLIC,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shape", [(3,), (0,), (2, 28, 28)])
def test_idx_there_and_back(shape: tuple[int, ...], tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    write_idx(tmp_path / "a.gz", values)
    first = (tmp_path / "a.gz").read_bytes()
    write_idx(tmp_path / "a.gz", values)
    assert (tmp_path / "a.gz").read_bytes() == first, "no date, no name"
    (tmp_path / "a").write_bytes(to_idx(values))
    for name in ("a.gz", "a"):
        assert (read_idx(tmp_path / name) == values).all()
        assert read_idx(tmp_path / name).shape == shape


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", b"\0\0\x08\1\0\0\0\5abc", b"\0\0\x0d\1\0\0\0\1a", b"\0\0\x08\3\0"]
)
def test_what_is_not_idx_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"labels\.gz"):
        from_idx(content, "labels.gz")


# ------------------------------------------------------------------------------------------- the rest


def test_blobs_are_scikit_learns() -> None:
    from sklearn.datasets import make_blobs

    X, Y = data.blobs()
    assert X.shape == (100, 2)
    assert X.dtype == torch.float64
    assert Y.dtype == torch.int64
    assert Y[:5].tolist() == [0, 1, 0, 0, 1]
    assert torch.allclose(X[0], torch.tensor([-0.79415228, 2.10495117], dtype=torch.float64), atol=5e-9)
    theirs = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
    assert np.allclose(X.numpy(), theirs[0], rtol=1e-12)
    assert (Y.numpy() == theirs[1]).all()


def test_pictures_and_their_list(tmp_path: Path) -> None:
    from PIL import Image

    images, labels = data.fashion_mnist("train")
    (tmp_path / "mine.txt").write_text("stays")
    listed = data.write_pictures(str(tmp_path / "sub" / "clothes"))
    assert (tmp_path / "mine.txt").read_text() == "stays"
    rows = listed.read_bytes().decode("utf-8").split("\n")
    assert rows[0] == "file,label"
    assert rows[-1] == ""
    assert len(rows) == 502
    for number in (0, 1, 499):
        name, label = rows[number + 1].split(",")
        picture = Image.open(listed.parent / name)
        assert picture.mode == "L"
        assert (np.asarray(picture) == images[number].numpy()).all()
        assert int(label) == labels[number]


def test_pictures_under_other_names() -> None:
    images, labels = data.mnist("hidden")
    files = data.picture_files(images[:2], labels[:2], ["a b.png", "sub/x.png"], "list.csv")
    assert files["list.csv"].decode() == f"file,label\na b.png,{labels[0]}\nsub/x.png,{labels[1]}\n"
    assert set(files) == {"a b.png", "sub/x.png", "list.csv"}
    for names in (["a.png"], ["a.png", "a.png"], ["a.png", "b.png", "c.png"]):
        with pytest.raises(ValueError, match="2 images"):
            data.picture_files(images[:2], labels[:2], names)
