"""# A Dataset class of your own, a DataLoader around it, and a picture

Data rarely come as a Dataset. Mostly they are a folder full of files and a list that says what they show.
Here it is a folder with 500 images of Fashion-MNIST as PNG files, grey, 28 × 28 pixels. You get it with

```python
from grader.data import write_pictures
labels_file = write_pictures("clothes")
```

which writes the folder `clothes` and returns the path of the list in it, `clothes/labels.csv`.

The list is a text file (CSV, UTF-8). Its first line is the header `file,label`. Every other line stands for a
sample: the name of a file, relative to the folder, a comma, and a whole number from 0 to 9.

```text
file,label
images/00000.png,9
images/00001.png,0
```

The order of the samples is the order of the lines. A name may contain a subfolder and blanks, but never a
comma. The folder may hold other files as well; what the list does not name is no sample. The folder and the
list are always given as two arguments, and both may have any name.

(a) Check what you have got: **`folder_summary(labels_file, dir)`** returns a dictionary with the keys `rows`
(the number of samples listed), `missing` (how many of the rows name a file that does not exist; a row that is
repeated counts each time) and `per_class` (a list of ten whole numbers: how often each label is listed).

(b) Write the class **`FashionMNISTDataset(labels_file, dir, transform=None, target_transform=None)`**, a
subclass of `torch.utils.data.Dataset` with three methods:

- `__init__` takes the four arguments; the paths may be strings or `pathlib.Path` objects;
- `__len__` returns the number of samples;
- `__getitem__(self, idx)` returns the pair `image, label` of a sample, and raises `IndexError` for an `idx`
  that is `len` or more: this is how a plain `for` loop finds the end. (Negative `idx` are up to you.)

The label is an int. The image is a PIL image of mode "L", as `PIL.Image.open` gives it, or a uint8 tensor of
shape `(1, 28, 28)`, whichever you like; the pixel values are those of the file. If there is a `transform`, it
is called with that image, once for each access, and its result takes the place of the image. The same goes for
`target_transform` and the label. Each of the two may be missing (`None`).

(c) **`open_dataset(labels_file, dir)`** returns an object of your class whose images are tensors of shape
`(1, 28, 28)`: uint8 with values from 0 to 255, or float with values from 0 to 1. `PILToTensor` and `ToTensor`
in `torchvision.transforms` turn a PIL image into the one and the other.

(d) **`make_loader(dataset, batch_size=4, shuffle=False)`** wraps such a dataset in a
`torch.utils.data.DataLoader`, which gives minibatches: images of shape `(B, 1, 28, 28)` and labels of shape
`(B,)`, int64. The last minibatch may be shorter; it is kept.

(e) **`plot_batch(loader, class_names, n=4)`** takes **one** minibatch from `loader`, draws its first `n`
images with `imshow`, each in an Axes of its own, in the order of the minibatch, and returns the matplotlib
`Figure`. The title of an Axes is the name of the image's class: that is `class_names[label]`. Use a grey colour
map. If the minibatch has fewer than `n` images, draw them all.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
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
    data,
    ensure,
    equal,
    fail,
    instance,
    number,
)

kinds = ("tensor", "error", "figure")
budget_s = 3
stub = '''
import torch
from matplotlib.figure import Figure
from torch.utils.data import DataLoader, Dataset


def folder_summary(labels_file: str, dir: str) -> dict:
    """Part a. {"rows": ..., "missing": ..., "per_class": [ten numbers]}"""
    raise NotImplementedError


class FashionMNISTDataset(Dataset):
    """Part b. Images of a folder, with their labels, in the order of a list."""

    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        raise NotImplementedError

    def __len__(self):
        raise NotImplementedError

    def __getitem__(self, idx):
        raise NotImplementedError


def open_dataset(labels_file, dir) -> FashionMNISTDataset:
    """Part c. A dataset whose images are tensors (1, 28, 28)."""
    raise NotImplementedError


def make_loader(dataset, batch_size: int = 4, shuffle: bool = False) -> DataLoader:
    """Part d. A loader of minibatches of this dataset."""
    raise NotImplementedError


def plot_batch(loader, class_names: list[str], n: int = 4) -> Figure:
    """Part e. The first n images of one minibatch, each under the name of its class."""
    raise NotImplementedError
'''


@dataclass(frozen=True)
class Folder:
    """A folder in the student's process, and what is in it."""

    path: str
    labels_file: str
    images: Tensor  # (N, 28, 28), uint8, one per row of the list
    labels: Tensor  # (N,)


def folder(
    student: Student,
    rng: Random,
    names: list[str],
    others: dict[str, bytes] | None = None,
    labels_file: str = "labels.csv",
) -> Folder:
    """A new folder with random images of those names; `others` are files that the list does not name."""
    images, labels = (
        rng.integers(0, 255, (len(names), 28, 28), torch.uint8),
        rng.integers(0, 9, (len(names),)),
    )
    files = data.picture_files(images, labels, names, labels_file)
    path = student.lab.image_sets.folder_of(files | (others or {}))
    ensure(isinstance(path, str), "The folder with the pictures could not be written.")
    return Folder(path, f"{path}/{labels_file}", images, labels)


def random_names(rng: Random, n: int) -> list[str]:
    """Names of files, in no order."""
    return [f"{number:05}.png" for number in rng.sample(range(100_000), n)]


def items(student: Student, dataset: Handle, indices: list[int], what: str) -> list[tuple[Any, str, Any]]:
    """Images, their kinds (a mode or a type) and labels of a dataset."""
    dataset[indices[0]]  # what goes wrong here is told under the name of the class
    outcome = student.lab.image_sets.read_items.handle().attempt(dataset, indices)
    if outcome.error is not None:
        fail(f"Reading the items of {what} raised {outcome.error}.")
    return instance(outcome.value, list, what=f"the items of {what}")


def grey(image: Any) -> Tensor:
    """An image of any size of numbers, channels and orientation as 784 numbers, of mean 0 and length 1."""
    values = torch.as_tensor(image).double() if isinstance(image, np.ndarray | Tensor) else torch.empty(0)
    if values.ndim == 3:
        values = values.mean(dim=2 if values.shape[2] in (3, 4) else 0)
    if values.numel() != 784:
        return torch.zeros(784, dtype=torch.float64)
    values = values.flatten() - values.mean()
    return values / values.norm().clamp(min=1e-9)


def recognise(image: Any, images: Tensor) -> int:
    """The number of the image that this is, scaled or inverted or not; -1 for none."""
    known = torch.stack([grey(one) for one in images])
    likeness = (known @ grey(image)).abs()
    return int(likeness.argmax()) if likeness.max() > 0.9 else -1


def compare_pixels(image: Any, kind: str, expected: Tensor, what: str) -> None:
    """Fails unless an item's image is a PIL image of mode L, or uint8 (1, 28, 28), with those pixels."""
    if isinstance(image, Tensor):
        image = a_tensor(image, shape=(1, 28, 28), dtype=torch.uint8, what=what)[0]
    else:
        ensure(
            isinstance(image, np.ndarray) and kind != "ndarray",
            f"{what} is of type {kind}; a PIL image of mode L or a uint8 tensor is asked for.",
        )
        ensure(kind == "L", f"{what} is a PIL image of mode {kind}; the files are grey, and so is mode L.")
        image = torch.as_tensor(image)
    equal(image, expected, what=what)


def type_of(value: Any) -> str:
    return value.type_name if isinstance(value, Handle) else type(value).__name__


def compare_label(label: Any, expected: int, what: str) -> None:
    whole = isinstance(label, int | np.integer) and not isinstance(label, bool)
    whole = whole or (isinstance(label, Tensor) and label.ndim == 0 and not label.dtype.is_floating_point)
    ensure(whole, f"{what} is of type {type_of(label)}; an int is asked for.")
    ensure(int(label) == expected, f"{what} is {int(label)}, which is the label of another sample.")


@check(points=1)
def folder_summary(student: Student, reference: Reference, rng: Random) -> None:
    """(a) counts rows, files that are missing, and the labels of each class"""
    absent = rng.integer(0, 9)
    for gone, classes in (
        ([], list(range(10))),
        (["a b.png", "deeper/c.png"], [k for k in range(10) if k != absent]),
    ):
        names = [*random_names(rng, 20), "a b.png", "deeper/c.png"]
        rows = [(name, rng.choice(classes)) for name in [*rng.shuffled(names), "a b.png", names[0]]]
        files = data.picture_files(rng.integers(0, 255, (22, 28, 28), torch.uint8), torch.zeros(22), names)
        files = {name: content for name, content in files.items() if name not in gone}
        lines = ["file,label", *(f"{name},{label}" for name, label in rows)]
        files |= {"list.csv": ("\n".join(lines) + "\n").encode(), "notes.txt": b"not an image"}
        path = student.lab.image_sets.folder_of(files)
        result = instance(
            student.folder_summary(f"{path}/list.csv", path), dict, what="the result of folder_summary"
        )
        ensure(
            all(key in result for key in ("rows", "missing", "per_class")),
            "folder_summary should return a dictionary with the keys rows, missing and per_class.",
        )
        missing = sum(name in gone for name, _ in rows)
        for key, expected in (("rows", len(rows)), ("missing", missing)):
            given = number(result[key], what=f"folder_summary(...)['{key}']")
            close(given, float(expected), rtol=0, atol=0, what=f"folder_summary(...)['{key}']")
        counts, what = result["per_class"], "folder_summary(...)['per_class']"
        counts = counts.tolist() if isinstance(counts, Tensor | np.ndarray) else counts
        counts = [number(count, what=what) for count in instance(counts, (list, tuple), what=what)]
        close(counts, [float(sum(k == label for _, label in rows)) for k in range(10)], what=what)


@check(points=4)
def follows_the_list(student: Student, rng: Random) -> None:
    """(b) is a Dataset whose length and order are those of the list, and which comes to an end"""
    stray = data.picture_files(rng.integers(0, 255, (1, 28, 28), torch.uint8), torch.zeros(1), ["x"])["x"]
    others = {"00000 stray.png": stray, "zz/stray.png": stray, "readme.txt": b"a text"}
    many = rng.shuffled([*random_names(rng, 9), "a long coat.png", "shoes/left one/7.png", "shoes/8.png"])
    for names, labels_file in ((many, "labels.csv"), (random_names(rng, 1), "the list.csv")):
        place = folder(student, rng, names, others, labels_file)
        dataset = student.FashionMNISTDataset(place.labels_file, place.path)
        n, what = len(names), f"a folder with {len(names)} sample{'s' if len(names) > 1 else ''}"
        ensure(
            isinstance(dataset, Handle) and dataset.isinstance("torch.utils.data.Dataset"),
            "FashionMNISTDataset must be a subclass of torch.utils.data.Dataset.",
        )
        ensure(
            len(dataset) == n,
            f"len(dataset) is {len(dataset)} for {what} (and other files). Each line below the header is a "
            "sample.",
        )
        order = [
            recognise(image, place.images) for image, _, _ in items(student, dataset, list(range(n)), what)
        ]
        ensure(-1 not in order, f"{what.capitalize()}: an item is not the image that the list names.")
        ensure(
            order == list(range(n)),
            f"The items of {what} are not in the order of the list (of the first lines you give "
            f"{', '.join(str(index + 1) for index in order[:4])}).",
        )
        beyond = student.lab.operator.getitem.handle().attempt(dataset, n)
        ensure(
            beyond.error is not None and beyond.error.isa(IndexError),
            f"dataset[{n}] should raise IndexError for {what}"
            + (f"; it raised {beyond.error}." if beyond.error else ", but it gives an item."),
        )
        ends = sum(1 for _ in itertools.islice(dataset, n + 2))
        ensure(ends == n, f"A for loop over {what} gives {ends} items, or more.")


@check(points=4)
def pixels_and_labels(student: Student, rng: Random) -> None:
    """(b) gives the pixels and the label of each sample, for folders that use the same names"""
    names = random_names(rng, 25)
    places = [folder(student, rng, names), folder(student, rng, rng.shuffled(names))]
    paths = [student.lab.pathlib.Path.keep(text) for text in (places[0].labels_file, places[0].path)]
    datasets = [
        student.FashionMNISTDataset.keep(*paths),
        student.FashionMNISTDataset.keep(places[1].labels_file, places[1].path),
    ]
    for place, dataset in zip(places, datasets, strict=True):
        for i, (image, kind, label) in enumerate(items(student, dataset, list(range(25)), "a dataset")):
            compare_label(label, int(place.labels[i]), f"The label of the item {i}")
            compare_pixels(image, kind, place.images[i], f"The image of the item {i}")


class Recorder:
    """A transform that notes its arguments, and returns a number that nothing else gives."""

    def __init__(self, student: Student, first: int) -> None:
        self.student = student
        self.seen: list[Any] = []
        self.kinds: list[str] = []
        self.first = first

    def of_image(self, image: Any) -> Tensor:
        if isinstance(image, Handle):
            self.kinds.append(str(image.mode) if image.isinstance("PIL.Image.Image") else image.type_name)
            image = self.student.lab.numpy.array(image)
        else:
            self.kinds.append(type(image).__name__)
        self.seen.append(image)
        return torch.tensor(self.first + len(self.seen))

    def of_label(self, label: Any) -> int:
        self.seen.append(label)
        return self.first + len(self.seen)


@check(points=2)
def transforms(student: Student, rng: Random) -> None:
    """(b) calls each transform once per access, with the image or the label, and gives its result"""
    place = folder(student, rng, random_names(rng, 6))
    for with_transform, with_target in ((True, True), (True, False), (False, True)):
        first, second = Recorder(student, 1000), Recorder(student, 2000)
        f = first.of_image if with_transform else None
        g = second.of_label if with_target else None
        options: Any = (
            ((f, g), {}) if with_transform and with_target else ((), {"transform": f, "target_transform": g})
        )
        dataset = student.FashionMNISTDataset.keep(place.labels_file, place.path, *options[0], **options[1])
        for before_any_access in (first.seen, first.kinds, second.seen):
            before_any_access.clear()
        accesses = [4, 1, 4]
        given = instance(
            student.lab.image_sets.read_items(dataset, accesses), list, what="the items of the dataset"
        )
        for name, recorder, wanted in (("transform", first, f), ("target_transform", second, g)):
            expected = len(accesses) if wanted is not None else 0
            ensure(
                len(recorder.seen) == expected,
                f"{name} was called {len(recorder.seen)} times for {len(accesses)} accesses to items"
                f"{'' if wanted is not None else ', although it was not given'}.",
            )
        for turn, (i, (image, kind, label)) in enumerate(zip(accesses, given, strict=True)):
            if with_transform:
                compare_pixels(
                    first.seen[turn], first.kinds[turn], place.images[i], "The argument of transform"
                )
                result = image if isinstance(image, Tensor) else torch.tensor(-1)
                ensure(
                    result.numel() == 1 and int(result) == 1001 + turn,
                    "The image of an item is not what transform returned.",
                )
            else:
                compare_pixels(image, kind, place.images[i], "The image of an item without a transform")
            if with_target:
                compare_label(second.seen[turn], int(place.labels[i]), "The argument of target_transform")
                ensure(label == 2001 + turn, "The label of an item is not what target_transform returned.")
            else:
                compare_label(label, int(place.labels[i]), "The label of an item without a target_transform")


@check(points=2)
def open_dataset(student: Student, rng: Random) -> None:
    """(c) open_dataset gives an object of the class, with tensors, over the folder asked for"""
    names = random_names(rng, 8)
    places = [folder(student, rng, names), folder(student, rng, names, labels_file="other.csv")]
    datasets = [student.open_dataset(place.labels_file, place.path) for place in places]
    for place, dataset in zip(places, datasets, strict=True):
        ensure(
            isinstance(dataset, Handle)
            and student.lab.builtins.isinstance(dataset, student.FashionMNISTDataset) is True,
            "open_dataset should return an object of your class FashionMNISTDataset.",
        )
        ensure(len(dataset) == 8, "The dataset that open_dataset returns has not as many items as the list.")
        for i, (image, kind, label) in enumerate(
            items(student, dataset, list(range(8)), "open_dataset(...)")
        ):
            what = f"The image of the item {i} of open_dataset(...)"
            ensure(
                isinstance(image, Tensor),
                f"{what} is no tensor ({kind}), but one is asked for here. Give the class a transform.",
            )
            image = a_tensor(image, shape=(1, 28, 28), dtype="numeric", what=what)
            if image.dtype.is_floating_point:
                ensure(
                    bool((image <= 1).all()),
                    f"{what} is floating, with values above 1: float images go from 0 to 1.",
                )
                close(image.double(), place.images[i][None].double() / 255, rtol=1e-3, atol=1e-3, what=what)
            else:
                equal(a_tensor(image, dtype=torch.uint8, what=what), place.images[i][None], what=what)
            compare_label(label, int(place.labels[i]), f"The label of the item {i} of open_dataset(...)")


@check(points=3)
def loader(student: Student, rng: Random) -> None:
    """(d) make_loader gives minibatches, each sample exactly once, in order or shuffled"""
    images, labels = rng.integers(0, 255, (500, 1, 28, 28), torch.uint8), rng.integers(0, 9, (500,))
    number_of = {
        int.from_bytes(image.flatten()[:8].numpy().tobytes(), "big"): i for i, image in enumerate(images)
    }
    dataset = student.lab.image_sets.Tensors.keep(images, labels)

    def indices(loader: Handle, batch_size: int, what: str) -> list[int]:
        """Which samples one pass gives, in order; their pixels, labels and types are looked at."""
        order: list[int] = []
        sizes: list[int] = []
        for batch in loader:
            pair = instance(batch, (list, tuple), what=f"a minibatch of {what}")
            ensure(len(pair) == 2, f"A minibatch of {what} has {len(pair)} parts; images and labels are two.")
            imgs = a_tensor(pair[0], shape=(None, 1, 28, 28), dtype=torch.uint8, what=f"the images of {what}")
            t = a_tensor(pair[1], shape=(len(imgs),), dtype=torch.int64, what=f"the labels of {what}")
            found = [
                number_of.get(int.from_bytes(one.flatten()[:8].numpy().tobytes(), "big"), -1) for one in imgs
            ]
            ensure(
                -1 not in found and images[found].equal(imgs),
                f"{what} gives an image that is not in the dataset.",
            )
            equal(t, labels[found], what=f"the labels of {what}")
            order, sizes = order + found, [*sizes, len(imgs)]
        ensure(
            sizes == [batch_size] * (500 // batch_size) + [500 % batch_size] * (500 % batch_size > 0),
            f"500 samples in minibatches of {batch_size} should give {math.ceil(500 / batch_size)} minibatches, "
            f"of which only the last may be shorter; {what} gives {len(sizes)}, of sizes {sizes[:2]} … "
            f"{sizes[-2:]}.",
        )
        ensure(sorted(order) == list(range(500)), f"{what} does not give each sample exactly once.")
        return order

    plain = kept_loader(student.make_loader.keep(dataset, 64))
    ensure(
        indices(plain, 64, "make_loader(dataset, 64)") == list(range(500)),
        "Without shuffle the minibatches should follow the order of the dataset.",
    )
    shuffling = kept_loader(student.make_loader.keep(dataset, batch_size=125, shuffle=True))
    passes = [indices(shuffling, 125, "make_loader(dataset, 125, shuffle=True)") for _ in range(2)]
    ensure(passes[0] != list(range(500)), "With shuffle=True the order is still that of the dataset.")
    ensure(passes[0] != passes[1], "With shuffle=True the second pass has the same order as the first.")
    few = student.lab.image_sets.Tensors.keep(images[:6], labels[:6])
    sizes = [len(a_tensor(batch[0])) for batch in kept_loader(student.make_loader.keep(few))]
    ensure(
        sizes == [4, 2], f"make_loader(dataset) of 6 samples gives minibatches of {sizes}; 4 is the default."
    )


def kept_loader(made: Handle) -> Handle:
    ensure(
        made.isinstance("torch.utils.data.DataLoader"),
        "make_loader should return a torch.utils.data.DataLoader.",
    )
    return made


@check(points=4)
def plot_batch(student: Student, rng: Random) -> None:
    """(e) draws the images of one minibatch, each under the name of its class"""
    classes = [f"{name} no. {rng.integer(100, 999)}" for name in rng.shuffled(list(data.FASHION_CLASSES))]
    for B, n, shuffle, scaled in (
        (6, None, False, True),
        (7, 7, True, False),
        (5, 5, True, True),
        (3, 8, True, False),
    ):
        size = 8 if B > 3 else 3
        pixels, labels = rng.integers(0, 255, (size, 1, 28, 28), torch.uint8), rng.permutation(10)[:size]
        dataset = student.lab.image_sets.Tensors.keep(pixels.float() / 255 if scaled else pixels, labels)
        loader = student.lab.torch.utils.data.DataLoader.keep(dataset, batch_size=B, shuffle=shuffle)
        drawn = student.plot_batch.keep(loader, classes, *([] if n is None else [n]))
        ensure(
            drawn.isinstance("matplotlib.figure.Figure"),
            "plot_batch should return a matplotlib Figure: `fig = plt.figure()` … `return fig`.",
        )
        axes = [one for one in drawn.figure()["axes"] if len(one["images"])]
        expected, what = min(n or 4, B), f"a minibatch of {B} and n = {n or 4}"
        ensure(
            len(axes) == expected,
            f"For {what} there should be {expected} Axes with an image each; {len(axes)} have one.",
        )
        found = [read_axes(one, pixels, classes) for one in axes]
        numbers = [image for image, _ in found]
        ensure(len(set(numbers)) == len(numbers), f"For {what} an image is drawn twice.")
        for image, title in found:
            ensure(
                title == classes[int(labels[image])],
                "An image stands under the name of another class. Images and labels must come from the same "
                "minibatch (each new iterator over a shuffling loader draws anew), and the label is an index "
                "into class_names.",
            )
        if not shuffle:
            ensure(
                numbers == list(range(expected)),
                f"For {what}, without shuffling, the Axes do not show the first images in their order.",
            )


def read_axes(axes: dict[str, Any], pixels: Tensor, classes: list[str]) -> tuple[int, str]:
    """Which image an Axes shows, and the class that its title names."""
    ensure(len(axes["images"]) == 1, "An Axes holds several images: give each image one of its own.")
    drawn = torch.as_tensor(np.asarray(axes["images"][0], dtype=np.float64))
    ensure(
        drawn.squeeze().shape == (28, 28),
        f"An Axes shows an array of shape {tuple(drawn.shape)}; one image is a matrix of 28 × 28 numbers.",
    )
    number = recognise(drawn.squeeze(), pixels[:, 0])
    ensure(number >= 0, "An Axes shows something that is no image of the minibatch.")
    image = pixels[number, 0].double()
    factor = float((drawn.squeeze() * image).sum() / (image * image).sum())
    ensure(
        factor > 0 and torch.allclose(drawn.squeeze() / factor, image, rtol=0, atol=1.0),
        "An image is drawn with other values than it has (inverted, perhaps, or normalised). Leave the values "
        "to imshow, and choose the look by its colour map.",
    )
    title = str(axes["title"]).strip()
    named = [name for name in classes if name.casefold() in title.casefold()]
    ensure(
        len(named) == 1,
        f"The title of an Axes is {title[:80]!r}; it should be the name of the image's class.",
    )
    return number, named[0]
