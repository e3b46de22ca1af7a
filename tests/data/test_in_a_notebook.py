"""What a student's notebook loads with torchvision's own classes: nothing in it was changed for the grader."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from grader.authoring import data
from grader.data import places
from grader.data.idx import write_idx
from grader.execute.run import RunLimits
from grader.execute.session import execute
from grader.execute.warm import ColdStart, KernelSource, WarmParent
from grader.nouns import Cell, CellRun, Submission

COURSE = """
import torch, torchvision
from torchvision import transforms
train = torchvision.datasets.FashionMNIST(root="{root}", train=True, download={download}, transform=transforms.ToTensor())
test = torchvision.datasets.FashionMNIST("{root}", False, transforms.ToTensor(), download={download})
image, label = train[0]
print(len(train), len(test), tuple(image.shape), image.dtype, type(label).__name__, train.classes[9])
print(train.data.dtype, tuple(train.data.shape), train.targets.dtype)
print(type(train) is torchvision.datasets.FashionMNIST, type(train).__module__)
"""
EXPECTED = [
    "6000 1000 (1, 28, 28) torch.float32 int Ankle boot",
    "torch.uint8 (6000, 28, 28) torch.int64",
    "True torchvision.datasets.mnist",
]


def run(source: KernelSource, *cells: str) -> list[CellRun]:
    made = tuple(Cell(index, f"c{index}", "code", cell) for index, cell in enumerate(cells))
    submission = Submission(Path("made.ipynb"), "made.ipynb", "ipynb", "0" * 64, made)
    with execute(submission, source, frozenset(), RunLimits(cell_s=300, total_s=600)) as session:
        return list(session.runs)


def lines(run: CellRun) -> list[str]:
    assert run.ending == "ok", run.error
    written = [output for output in run.outputs if output.get("name") == "stdout"]
    return "".join(str(output["text"]) for output in written).splitlines()


@pytest.mark.parametrize("download", [True, False])
def test_clothes_from_any_root(warm: WarmParent, download: bool) -> None:
    roots = ["data", "/22961", "../data", "~/.torch", "/tmp/22961", ".", "/"]
    for root, done in zip(
        roots, run(warm, *(COURSE.format(root=r, download=download) for r in roots)), strict=True
    ):
        assert lines(done) == EXPECTED, root
    for outside in ("/22961", "/tmp/22961", "/FashionMNIST"):
        assert not os.path.exists(outside), "a submission's data must not litter the machine"


def test_a_kernel_that_was_started_cold() -> None:
    with ColdStart() as cold:
        first, second = run(
            cold,
            COURSE.format(root="/22961", download=True),
            "import importlib, torchvision; print(torchvision.__spec__.origin.endswith('__init__.py'), "
            "importlib.import_module('torchvision.transforms.functional').__name__)",
        )
    assert lines(first) == EXPECTED
    assert lines(second) == ["True torchvision.transforms.functional"]


def test_digits_and_paths_and_transforms(warm: WarmParent) -> None:
    (first,) = run(
        warm,
        "from pathlib import Path\n"
        "from torchvision.datasets import MNIST\n"
        "digits = MNIST(Path('d'), train=True, download=True, target_transform=lambda y: y + 100)\n"
        "image, label = digits[0]\n"
        "print(len(digits), image.mode, image.size, label - 100 == digits.targets[0], digits.classes[3])\n"
        "print(digits.class_to_idx['3 - three'], Path(digits.raw_folder).parts[-3:])\n"
        "print(len(MNIST('d', train=False)))",
    )
    assert lines(first) == [
        "6000 L (28, 28) tensor(True) 3 - three",
        "3 ('d', 'MNIST', 'raw')",
        "1000",
    ]


def test_pixels_and_labels_are_those_that_checks_see(warm: WarmParent) -> None:
    (first,) = run(
        warm,
        "import hashlib\n"
        "from torchvision.datasets import MNIST, FashionMNIST\n"
        "for kind in (FashionMNIST, MNIST):\n"
        "    for train in (True, False):\n"
        "        s = kind('data', train=train, download=True)\n"
        "        print(hashlib.sha256(s.data.numpy().tobytes() + s.targets.numpy().tobytes()).hexdigest())",
    )
    expected = [
        hashlib.sha256(images.numpy().tobytes() + labels.numpy().tobytes()).hexdigest()
        for of in (data.fashion_mnist, data.mnist)
        for images, labels in (of("train"), of("test"))
    ]
    assert lines(first) == expected


def test_a_loader_with_workers(warm: WarmParent) -> None:
    (first,) = run(
        warm,
        "import torch\nfrom torchvision import datasets, transforms\n"
        "test = datasets.FashionMNIST('/22961', train=False, download=True, transform=transforms.ToTensor())\n"
        "loader = torch.utils.data.DataLoader(test, batch_size=64, shuffle=True, num_workers=2)\n"
        "batches = list(loader)\n"
        "print(len(batches), sum(len(labels) for _, labels in batches), tuple(batches[-1][0].shape))\n"
        "print(torch.cat([labels for _, labels in batches]).bincount().tolist() == [100] * 10)",
    )
    assert lines(first) == ["16 1000 (40, 1, 28, 28)", "True"]


def test_a_class_of_the_students_own_and_other_sets(warm: WarmParent) -> None:
    (first, second) = run(
        warm,
        "from torchvision.datasets import FashionMNIST\n"
        "class Clothes(FashionMNIST):\n"
        "    def __getitem__(self, index):\n"
        "        image, label = super().__getitem__(index)\n"
        "        return image, self.classes[label]\n"
        "clothes = Clothes('/22961', download=True)\n"
        "print(len(clothes), clothes[0][1] in FashionMNIST.classes, repr(clothes).splitlines()[0])",
        "from torchvision.datasets import KMNIST\nKMNIST('k')",
    )
    assert lines(first) == ["6000 True Dataset Clothes"]
    assert second.ending == "error"
    assert "Dataset not found" in str(second.error)


def test_pictures_for_a_dataset_of_ones_own(warm: WarmParent) -> None:
    (first,) = run(
        warm,
        "from grader.data import write_pictures\nfrom pathlib import Path\nfrom PIL import Image\n"
        "labels = write_pictures('clothes')\n"
        "rows = labels.read_text().splitlines()\n"
        "print(rows[0], len(rows), len(list(Path('clothes').rglob('*.png'))))\n"
        "image = Image.open(labels.parent / rows[1].split(',')[0]); print(image.mode, image.size)",
    )
    assert lines(first) == ["file,label 501 500", "L (28, 28)"]


# ----------------------------------------------------------------------------------------- the real sets


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sets of three images that lie where the real ones would, and a run that asks for them."""
    monkeypatch.setenv(places.FOLDER, str(tmp_path))
    images, labels = data.fashion_mnist("train")
    for name in places.SETS.values():
        for split in ("train", "test"):
            for file, values in zip(places.file_names(split), (images[:3], labels[:3]), strict=True):
                write_idx(tmp_path / name / "raw" / file, values.byte().numpy())
    monkeypatch.setenv(places.IN_USE, "")  # so that it is put back afterwards
    places.choose("full")
    return tmp_path


def test_real_sets_are_used_where_they_are_asked_for(pretended: Path) -> None:
    with WarmParent() as warm:
        (first,) = run(
            warm,
            "from torchvision.datasets import FashionMNIST\nprint(len(FashionMNIST('/22961', download=True)))",
        )
    assert lines(first) == ["3"]
    assert len(data.fashion_mnist("train", "full").images) == 3
    assert (
        data.fashion_mnist("hidden", "full").labels.tolist()
        == data.fashion_mnist("test", "full").labels.tolist()
    )
    assert len(data.fashion_mnist("train").images) == 6000  # what checks see stays


def test_a_small_run_does_not_see_real_sets(pretended: Path, warm: WarmParent) -> None:
    places.choose("small")
    (first,) = run(
        warm, "from torchvision.datasets import FashionMNIST\nprint(len(FashionMNIST('d', download=True)))"
    )
    assert lines(first) == ["6000"]
