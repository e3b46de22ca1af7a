"""The list decides what is a sample, and in which order; an image is opened when it is asked for.

The conversion to a tensor belongs in `transform`: the loader stacks tensors, but not PIL images. Images and labels of a
drawing must come from one and the same minibatch.
"""

# %% solution
import csv
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import PILToTensor


def read_list(labels_file) -> list[tuple[str, int]]:
    with open(labels_file, encoding="utf-8", newline="") as file:
        return [(row["file"], int(row["label"])) for row in csv.DictReader(file)]


def folder_summary(labels_file: str, dir: str) -> dict:
    samples = read_list(labels_file)
    per_class = [0] * 10
    for _, label in samples:
        per_class[label] += 1
    missing = sum(not (Path(dir) / name).exists() for name, _ in samples)
    return {"rows": len(samples), "missing": missing, "per_class": per_class}


class FashionMNISTDataset(Dataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        self.samples = read_list(labels_file)
        self.dir = Path(dir)
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, idx):
        name, label = self.samples[idx]
        image = Image.open(self.dir / name)
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label


def open_dataset(labels_file, dir) -> FashionMNISTDataset:
    return FashionMNISTDataset(labels_file, dir, transform=PILToTensor())


def make_loader(dataset, batch_size: int = 4, shuffle: bool = False) -> DataLoader:
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def plot_batch(loader, class_names: list[str], n: int = 4) -> Figure:
    images, labels = next(iter(loader))
    n = min(n, len(images))
    fig = plt.figure()
    for i in range(n):
        ax = fig.add_subplot((n + 1) // 2, 2, i + 1)
        ax.imshow(images[i].squeeze(), cmap="Greys")
        ax.set_title(class_names[labels[i]])
        ax.get_xaxis().set_visible(False)
        ax.get_yaxis().set_visible(False)
    return fig


# %% right: lines split by hand, everything read in __init__, tensors throughout, Compose
import os

import numpy as np
import torch
from torchvision import transforms


def read_list(labels_file):
    samples = []
    for line in Path(labels_file).read_text(encoding="utf-8").strip().split("\n")[1:]:
        name, label = line.rsplit(",", 1)
        samples.append((name, int(label)))
    return samples


def folder_summary(labels_file, dir):
    samples = read_list(labels_file)
    labels = torch.tensor([label for _, label in samples])
    return dict(
        rows=len(samples),
        missing=len([name for name, _ in samples if not os.path.isfile(os.path.join(dir, name))]),
        per_class=torch.bincount(labels, minlength=10),
    )


class FashionMNISTDataset(Dataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        samples = read_list(labels_file)
        arrays = [np.array(Image.open(os.path.join(dir, name)).convert("L")) for name, _ in samples]
        self.images = torch.from_numpy(np.stack(arrays)).unsqueeze(1)
        self.labels = np.array([label for _, label in samples])
        self.transform, self.target_transform = transform, target_transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        image, label = self.images[idx], self.labels[idx]
        if self.transform:
            image = self.transform(image)
        if self.target_transform:
            label = self.target_transform(label)
        return image, label


def open_dataset(labels_file, dir):
    return FashionMNISTDataset(
        labels_file, dir, transforms.Compose([transforms.ConvertImageDtype(torch.float)])
    )


def plot_batch(loader, class_names, n=4):
    for images, labels in loader:
        break
    n = min(n, images.shape[0])
    fig, axes = plt.subplots(1, max(n, 2))
    for ax, image, label in zip(axes, images[:n], labels):
        ax.imshow(image[0].numpy(), cmap="gray")
        ax.set_title(class_names[label.item()])
        ax.axis("off")
    return fig


# %% right: matplotlib reads the files, scaled back to uint8; ToTensor; plt.subplot with empty places
import torch
from torchvision.transforms import ToTensor


class FashionMNISTDataset(Dataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        with open(labels_file, encoding="utf-8") as file:
            next(file)
            self.rows = [line.rstrip("\n").split(",") for line in file]
        self.dir = str(dir)
        self.transform = transform or (lambda image: image)
        self.target_transform = target_transform or (lambda label: label)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, idx):
        if idx >= len(self):
            raise IndexError(f"there are {len(self)} samples")
        name, label = self.rows[idx]
        grey = plt.imread(self.dir + "/" + name)
        image = Image.fromarray((grey * 255).round().astype("uint8"))
        return self.transform(image), self.target_transform(int(label))


def open_dataset(labels_file, dir):
    return FashionMNISTDataset(labels_file=labels_file, dir=dir, transform=ToTensor())


def make_loader(dataset, batch_size=4, shuffle=False):
    return torch.utils.data.DataLoader(dataset, batch_size, shuffle, num_workers=0, drop_last=False)


def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    plt.figure(figsize=(6, 6))
    plt.suptitle("a minibatch")
    for i in range(9):
        plt.subplot(3, 3, i + 1)
        plt.axis("off")
        if i < min(n, len(images)):
            plt.imshow(images[i, 0], cmap="viridis", vmin=0)
            plt.title(class_names[int(labels[i])])
    return plt.gcf()


# %% right: a TensorDataset inside, labels as tensors, a loader of its own samplers
import torch
from torch.utils.data import BatchSampler, RandomSampler, SequentialSampler


class FashionMNISTDataset(Dataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        self.names, labels = zip(*read_list(labels_file))
        self.labels = torch.tensor(labels)
        self.where, self.f, self.g = Path(dir), transform, target_transform

    def __len__(self):
        return self.labels.numel()

    def __getitem__(self, idx):
        image = PILToTensor()(Image.open(self.where.joinpath(self.names[idx])))
        label = self.labels[idx]
        return (image if self.f is None else self.f(image)), (label if self.g is None else self.g(label))


def open_dataset(labels_file, dir):
    return FashionMNISTDataset(labels_file, dir)


def make_loader(dataset, batch_size=4, shuffle=False):
    sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
    return DataLoader(dataset, batch_sampler=BatchSampler(sampler, batch_size, drop_last=False))


# %% right: imshow with its range given, titles with more than the name, a figure without pyplot
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    fig = Figure()
    for i, (image, label) in enumerate(zip(images[:n], labels[:n])):
        ax = fig.add_subplot(1, n, i + 1)
        ax.imshow(image.permute(1, 2, 0), cmap="gray_r", vmin=0, vmax=image.max())
        ax.set_title(f"{i}: {class_names[label]}", fontsize=8)
        ax.set(xticks=[], yticks=[])
    return fig


# %% right: an image is loaded at once and the file closed; a loop over the whole loader
def plot_batch(loader, class_names, n=4):
    images, labels = list(loader)[0]
    fig, axes = plt.subplots(2, 5)
    for i, ax in enumerate(axes.flat):
        if i < n and i < len(images):
            ax.matshow(images[i].float().squeeze(0) / 255, cmap=plt.cm.gray)
            ax.set_title(class_names[labels[i]])
        else:
            ax.remove()
    return fig


class FashionMNISTDataset(Dataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        self.__dict__.update(samples=read_list(labels_file), folder=f"{dir}")
        self.transforms = transform, target_transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, idx):
        name, label = self.samples[idx]
        with Image.open(f"{self.folder}/{name}") as file:
            sample = [file.copy(), label]
        return tuple(f(part) if f else part for f, part in zip(self.transforms, sample))


# %% right: np.genfromtxt, labels as NumPy integers, the sizes of the plot from the batch
import numpy as np


def read_list(labels_file):
    table = np.genfromtxt(
        labels_file, delimiter=",", skip_header=1, dtype=str, encoding="utf-8", autostrip=False
    )
    return [(str(name), np.int64(label)) for name, label in np.atleast_2d(table)]


def folder_summary(labels_file, dir):
    names, labels = zip(*read_list(labels_file))
    exist = [os.path.exists(os.path.join(dir, name)) for name in names]
    return {
        "rows": np.int64(len(names)),
        "missing": np.sum(~np.array(exist)),
        "per_class": np.bincount(labels, minlength=10),
    }


import os


# %% right: a subclass of a subclass, with items kept after the first access
class Kept(FashionMNISTDataset):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.files = {}

    def __getitem__(self, idx):
        if not 0 <= idx < len(self.samples):
            raise IndexError(idx)
        if idx not in self.files:
            self.files[idx] = Image.open(Path(self.dir, self.samples[idx][0])).copy()
        image, label = self.files[idx], self.samples[idx][1]
        return self.transform(image) if self.transform else image, (
            self.target_transform(label) if self.target_transform else label
        )


FashionMNISTDataset = Kept


def open_dataset(labels_file, dir):
    class Opened(FashionMNISTDataset):
        pass

    return Opened(labels_file, dir, PILToTensor())


# %% wrong: lists the folder, not the list -> follows_the_list, pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        super().__init__(labels_file, dir, transform, target_transform)
        labels = dict(self.samples)
        names = sorted(str(path.relative_to(dir)) for path in Path(dir).rglob("*.png"))
        self.samples = [(name, labels.get(name, 0)) for name in names]


# %% wrong: sorted by name -> follows_the_list, pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        super().__init__(labels_file, dir, transform, target_transform)
        self.samples.sort()


# %% wrong: the first row is taken for a second header -> follows_the_list, pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        super().__init__(labels_file, dir, transform, target_transform)
        del self.samples[0]


# %% wrong: the header is a sample -> folder_summary, follows_the_list, pixels_and_labels, transforms, open_dataset
def read_list(labels_file):
    rows = [line.split(",") for line in Path(labels_file).read_text().splitlines()]
    return [(name, int(label) if label.isdigit() else 0) for name, label in rows]


# %% wrong: labels left as strings -> pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        super().__init__(labels_file, dir, transform, target_transform)
        self.samples = [(name, str(label)) for name, label in self.samples]


# %% wrong: labels as floats -> pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        super().__init__(labels_file, dir, transform, target_transform)
        self.samples = [(name, float(label)) for name, label in self.samples]


# %% wrong: the folder is kept in the class -> pixels_and_labels, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        super().__init__(labels_file, dir, transform, target_transform)
        del self.dir
        type(self).dir = Path(dir)


# %% wrong: calls a transform that is None -> follows_the_list, pixels_and_labels, transforms
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        name, label = self.samples[idx]
        return self.transform(Image.open(self.dir / name)), label


# %% wrong: target_transform ignored -> transforms
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        name, label = self.samples[idx]
        image = Image.open(self.dir / name)
        return image if self.transform is None else self.transform(image), label


# %% wrong: the transform is applied to the label as well -> transforms
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        name, label = self.samples[idx]
        image = Image.open(self.dir / name)
        if self.transform is not None:
            image = self.transform(image)
            if not isinstance(self.transform, PILToTensor):
                label = self.transform(label)
        return image, label


# %% wrong: target_transform only beside a transform -> transforms
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        name, label = self.samples[idx]
        image = Image.open(self.dir / name)
        if self.transform is not None:
            image = self.transform(image)
            if self.target_transform is not None:
                label = self.target_transform(label)
        return image, label


# %% wrong: transforms are applied once, in __init__ -> transforms
class FashionMNISTDataset(FashionMNISTDataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        super().__init__(labels_file, dir, transform, target_transform)
        items = super().__getitem__
        self.items = [items(i) for i in range(len(self.samples))]

    def __getitem__(self, idx):
        return self.items[idx]


# %% wrong: each transform is called twice -> transforms
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        super().__getitem__(idx)
        return super().__getitem__(idx)


# %% wrong: opened as RGB -> pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        name, label = self.samples[idx]
        image = Image.open(self.dir / name).convert("RGB")
        image = image if self.transform is None else self.transform(image)
        return image, label if self.target_transform is None else self.target_transform(label)


# %% wrong: inverted -> pixels_and_labels, transforms, open_dataset
from PIL import ImageOps


class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        name, label = self.samples[idx]
        image = ImageOps.invert(Image.open(self.dir / name))
        image = image if self.transform is None else self.transform(image)
        return image, label if self.target_transform is None else self.target_transform(label)


# %% wrong: always a float tensor, even without a transform -> pixels_and_labels, transforms
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        image, label = super().__getitem__(idx)
        return PILToTensor()(image) / 255 if isinstance(image, Image.Image) else image, label


# %% wrong: a NumPy array -> pixels_and_labels, transforms
import numpy as np


class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        image, label = super().__getitem__(idx)
        return np.array(image) if isinstance(image, Image.Image) else image, label


# %% wrong: torchvision's own data set, whatever the folder holds -> follows_the_list, pixels_and_labels, transforms, open_dataset
import torchvision


class FashionMNISTDataset(Dataset):
    def __init__(self, labels_file, dir, transform=None, target_transform=None):
        self.set = torchvision.datasets.FashionMNIST(
            "data", download=True, transform=transform, target_transform=target_transform
        )

    def __len__(self):
        return 500

    def __getitem__(self, idx):
        return self.set[idx]


# %% wrong: no subclass of Dataset -> follows_the_list
class FashionMNISTDataset:
    __init__ = FashionMNISTDataset.__init__
    __len__ = FashionMNISTDataset.__len__
    __getitem__ = FashionMNISTDataset.__getitem__


# %% wrong: starts again behind the end -> follows_the_list
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        return super().__getitem__(idx % len(self))


# %% wrong: KeyError behind the end -> follows_the_list
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        return super().__getitem__({i: i for i in range(len(self))}[idx])


# %% wrong: subfolders are cut off -> folder_summary, follows_the_list
def read_list(labels_file):
    with open(labels_file, encoding="utf-8", newline="") as file:
        return [(Path(row["file"]).name, int(row["label"])) for row in csv.DictReader(file)]


# %% wrong: split at blanks -> folder_summary, follows_the_list
def read_list(labels_file):
    lines = Path(labels_file).read_text().replace(",", " ").split("\n")[1:]
    return [(line.split()[0], int(line.split()[1])) for line in lines if line]


# %% wrong: files that are missing are left out of the count -> folder_summary
solution = folder_summary


def folder_summary(labels_file, dir):
    summary = solution(labels_file, dir)
    return summary | {"rows": summary["rows"] - summary["missing"]}


# %% wrong: each missing file counts once -> folder_summary
solution = folder_summary


def folder_summary(labels_file, dir):
    names = {name for name, _ in read_list(labels_file)}
    return solution(labels_file, dir) | {"missing": sum(not (Path(dir) / name).exists() for name in names)}


# %% wrong: only the classes that occur -> folder_summary
from collections import Counter

solution = folder_summary


def folder_summary(labels_file, dir):
    counts = Counter(label for _, label in read_list(labels_file))
    return solution(labels_file, dir) | {"per_class": [counts[k] for k in sorted(counts)]}


# %% wrong: counts the files of the folder -> folder_summary
solution = folder_summary


def folder_summary(labels_file, dir):
    return solution(labels_file, dir) | {"rows": len(list(Path(dir).rglob("*.png")))}


# %% wrong: the numbers of the visible folder -> folder_summary
def folder_summary(labels_file, dir):
    return {"rows": 500, "missing": 0, "per_class": [50] * 10}


# %% wrong: no transform: PIL images -> open_dataset
def open_dataset(labels_file, dir):
    return FashionMNISTDataset(labels_file, dir)


# %% wrong: float from 0 to 255 -> open_dataset
def open_dataset(labels_file, dir):
    return FashionMNISTDataset(labels_file, dir, lambda image: PILToTensor()(image).float())


# %% wrong: the channel is squeezed away -> open_dataset
def open_dataset(labels_file, dir):
    return FashionMNISTDataset(labels_file, dir, lambda image: PILToTensor()(image).squeeze())


# %% wrong: normalised to -1 ... 1 -> open_dataset
def open_dataset(labels_file, dir):
    return FashionMNISTDataset(labels_file, dir, lambda image: PILToTensor()(image) / 127.5 - 1)


# %% wrong: a list of items, no object of the class -> open_dataset
def open_dataset(labels_file, dir):
    return list(FashionMNISTDataset(labels_file, dir, transform=PILToTensor()))


# %% wrong: one dataset for all calls -> open_dataset
opened = []


def open_dataset(labels_file, dir):
    if not opened:
        opened.append(FashionMNISTDataset(labels_file, dir, transform=PILToTensor()))
    return opened[0]


# %% wrong: the short last minibatch is dropped -> loader
def make_loader(dataset, batch_size=4, shuffle=False):
    return DataLoader(dataset, batch_size, shuffle, drop_last=True)


# %% wrong: always shuffled -> loader
def make_loader(dataset, batch_size=4, shuffle=False):
    return DataLoader(dataset, batch_size, shuffle=True)


# %% wrong: never shuffled -> loader
def make_loader(dataset, batch_size=4, shuffle=False):
    return DataLoader(dataset, batch_size)


# %% wrong: the batch size is ignored -> loader
def make_loader(dataset, batch_size=4, shuffle=False):
    return DataLoader(dataset, batch_size=4, shuffle=shuffle)


# %% wrong: one order that is shuffled once -> loader
import torch


def make_loader(dataset, batch_size=4, shuffle=False):
    order = torch.randperm(len(dataset)).tolist() if shuffle else range(len(dataset))
    return DataLoader(torch.utils.data.Subset(dataset, order), batch_size)


# %% wrong: drawn with replacement -> loader
from torch.utils.data import RandomSampler


def make_loader(dataset, batch_size=4, shuffle=False):
    return DataLoader(
        dataset, batch_size, sampler=RandomSampler(dataset, replacement=True) if shuffle else None
    )


# %% wrong: a list of minibatches -> loader
def make_loader(dataset, batch_size=4, shuffle=False):
    return list(DataLoader(dataset, batch_size, shuffle))


# %% wrong: labels that are not stacked -> loader
import torch


def make_loader(dataset, batch_size=4, shuffle=False):
    def collate(items):
        return torch.stack([image for image, _ in items]), [label for _, label in items]

    return DataLoader(dataset, batch_size, shuffle, collate_fn=collate)


# %% wrong: images from one minibatch, labels from another -> plot_batch
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))[0], next(iter(loader))[1]
    n = min(n, len(images))
    fig = plt.figure()
    for i in range(n):
        ax = fig.add_subplot(1, n, i + 1)
        ax.imshow(images[i].squeeze(), cmap="Greys")
        ax.set_title(class_names[labels[i]])
    return fig


# %% wrong: one montage with a single title -> plot_batch
import torch


def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    fig, ax = plt.subplots()
    ax.imshow(torch.cat(list(images[:n, 0]), dim=1), cmap="Greys")
    ax.set_title(", ".join(class_names[k] for k in labels[:n]))
    return fig


# %% wrong: inverted on the way -> plot_batch
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    n = min(n, len(images))
    fig = plt.figure()
    for i in range(n):
        ax = fig.add_subplot(1, n, i + 1)
        ax.imshow(images.max() - images[i].squeeze(), cmap="gray")
        ax.set_title(class_names[labels[i]])
    return fig


# %% wrong: numbers as titles -> plot_batch
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    n = min(n, len(images))
    fig = plt.figure()
    for i in range(n):
        ax = fig.add_subplot(1, n, i + 1)
        ax.imshow(images[i].squeeze(), cmap="Greys")
        ax.set_title(str(int(labels[i])))
    return fig


# %% wrong: the names in the order of the classes, not of the labels -> plot_batch
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    n = min(n, len(images))
    fig = plt.figure()
    for i in range(n):
        ax = fig.add_subplot(1, n, i + 1)
        ax.imshow(images[i].squeeze(), cmap="Greys")
        ax.set_title(class_names[i])
    return fig


# %% wrong: the real names, not those that are given -> plot_batch
names = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",")
solution = plot_batch


def plot_batch(loader, class_names, n=4):
    return solution(loader, names, n)


# %% wrong: always four -> plot_batch
solution = plot_batch


def plot_batch(loader, class_names, n=4):
    return solution(loader, class_names, 4)


# %% wrong: an error where the minibatch is smaller -> plot_batch
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    fig = plt.figure()
    for i in range(n):
        ax = fig.add_subplot(1, n, i + 1)
        ax.imshow(images[i].squeeze(), cmap="Greys")
        ax.set_title(class_names[labels[i]])
    return fig


# %% wrong: one image from each of several minibatches, in reverse -> plot_batch
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    n = min(n, len(images))
    fig = plt.figure()
    for i in reversed(range(n)):
        ax = fig.add_subplot(1, n, n - i)
        ax.imshow(images[i].squeeze(), cmap="Greys")
        ax.set_title(class_names[labels[i]])
    return fig


# %% wrong: all in one Axes -> plot_batch
def plot_batch(loader, class_names, n=4):
    images, labels = next(iter(loader))
    fig, ax = plt.subplots()
    for image, label in zip(images[:n], labels):
        ax.imshow(image.squeeze(), cmap="Greys")
        ax.set_title(class_names[label])
    return fig


# %% wrong: the Axes, not the Figure -> plot_batch
solution = plot_batch


def plot_batch(loader, class_names, n=4):
    return solution(loader, class_names, n).axes


# %% wrong: shown, not returned -> plot_batch
solution = plot_batch


def plot_batch(loader, class_names, n=4):
    solution(loader, class_names, n)
    plt.show()


# %% wrong: transposed images -> follows_the_list, pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        name, label = self.samples[idx]
        image = Image.open(self.dir / name).transpose(Image.Transpose.TRANSPOSE)
        image = image if self.transform is None else self.transform(image)
        return image, label if self.target_transform is None else self.target_transform(label)


# %% wrong: label and image exchanged -> follows_the_list, pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        image, label = super().__getitem__(idx)
        return label, image


# %% wrong: a dictionary for each sample -> follows_the_list, pixels_and_labels, transforms, open_dataset
class FashionMNISTDataset(FashionMNISTDataset):
    def __getitem__(self, idx):
        image, label = super().__getitem__(idx)
        return {"image": image, "label": label}
