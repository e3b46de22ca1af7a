"""The worker's datasets: they behave as a Dataset of torch and of torchvision does, in loaders and in loops."""

from __future__ import annotations

import pytest
import torch
from workbench import Bench

from grader.authoring import Student, equal, raises

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
