"""The worker's datasets: they behave as a Dataset of torch and of torchvision does, in loaders and in loops."""

from __future__ import annotations

import io

import pytest
import torch
from PIL import Image
from workbench import Bench

from grader.authoring import Student, equal, raises
from grader.examine.outcomes import AnswerFailed

SOURCE = """
import torch
from torch.utils.data import DataLoader
from torchvision.transforms import PILToTensor

def everything(dataset):
    return [(x.clone(), y) for x, y in dataset]
def item(dataset, index):
    return dataset[index]
def by_tensor(dataset, index):
    return dataset[torch.tensor(index)]
def first_batch(dataset, n):
    return next(iter(DataLoader(dataset, batch_size=n)))
def split(make_dataset, train):
    dataset = make_dataset(train, transform=PILToTensor())
    return [list(batch) for batch in DataLoader(dataset, batch_size=2)]
def modes(make_dataset):
    return [(image.mode, image.size, type(label).__name__) for image, label in make_dataset(train=True)]
def all_at_once(make_dataset):
    dataset = make_dataset(False)
    return dataset.data, dataset.targets, len(dataset)
def label_times_ten(dataset):
    return dataset[0][1]
def of_folder(folder):
    from pathlib import Path
    from PIL import Image
    class Set:
        def __getitem__(self, index):
            image = Image.open(Path(folder, "in a folder", f"{index}.png"))
            return (image, index) if index < 2 else image
    return Set()
"""


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(SOURCE)


def test_tensors(student: Student) -> None:
    images, labels = torch.rand(5, 1, 28, 28), torch.tensor([3, 1, 4, 1, 5])
    dataset = student.lab.image_sets.Tensors.keep(images, labels)
    assert dataset.isinstance("torch.utils.data.Dataset")
    assert len(dataset) == 5
    found = student.everything(dataset)
    assert [label for _, label in found] == [3, 1, 4, 1, 5]
    assert all(type(label) is int for _, label in found)
    equal(torch.stack([image for image, _ in found]), images)
    equal(student.by_tensor(dataset, 2)[0], images[2])
    assert student.item(dataset, -1)[1] == 5
    raises(IndexError, student.item, dataset, 5)
    raises(TypeError, student.item, dataset, slice(0, 2))
    batch = student.first_batch(dataset, 3)
    equal(batch[0], images[:3])
    equal(batch[1], labels[:3])


def test_pictures_as_torchvision_has_them(student: Student) -> None:
    pixels = torch.randint(0, 256, (7, 28, 20), dtype=torch.uint8)
    labels = torch.tensor([0, 9, 3, 3, 2, 8, 1])
    make_dataset = student.lab.image_sets.train_and_test.keep(
        (pixels[:4], labels[:4]), (pixels[4:], labels[4:])
    )
    assert student.modes(make_dataset) == [("L", (20, 28), "int")] * 4
    for train, ours, theirs in ((True, pixels[:4], labels[:4]), (False, pixels[4:], labels[4:])):
        batches = student.split(make_dataset, train)
        equal(torch.cat([images for images, _ in batches]), ours[:, None])
        equal(torch.cat([targets for _, targets in batches]), theirs)
    data, targets, length = student.all_at_once(make_dataset)
    equal(data, pixels[4:])
    equal(targets, labels[4:])
    assert length == 3


def test_target_transform(student: Student) -> None:
    pixels, labels = torch.zeros(1, 2, 2, dtype=torch.uint8), torch.tensor([4])
    dataset = student.lab.image_sets.Pictures.keep(pixels, labels, target_transform=lambda label: 10 * label)
    assert student.label_times_ten(dataset) == 40


def test_a_folder_and_what_a_dataset_reads_from_it(student: Student) -> None:
    pixels = torch.randint(0, 256, (3, 6, 5), dtype=torch.uint8)
    files = {f"in a folder/{number}.png": png(image) for number, image in enumerate(pixels)}
    folder, other = (student.lab.image_sets.folder_of(files) for _ in range(2))
    assert folder != other
    dataset = student.of_folder(folder)
    first, second = student.lab.image_sets.read_items(dataset, [1, 0])
    assert first[0].tolist() == pixels[1].tolist()
    assert first[1:] == ("L", 1)
    assert second[0].tolist() == pixels[0].tolist()
    with pytest.raises(AnswerFailed, match="FileNotFoundError"):
        student.lab.image_sets.read_items(dataset, [7])
    with pytest.raises(AnswerFailed, match="item 2 is not a pair"):
        student.lab.image_sets.read_items(dataset, [2])
    tensors = student.lab.image_sets.Tensors.keep(pixels, torch.arange(3))
    ((image, kind, label),) = student.lab.image_sets.read_items(tensors, [2])
    equal(image, pixels[2])
    assert (kind, label) == ("Tensor", 2)


def png(image: torch.Tensor) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image.numpy()).save(file, format="PNG")
    return file.getvalue()
