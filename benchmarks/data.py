"""How hard the embedded sets are: what a flat softmax, a convolutional net and a large MLP reach, over seeds.

    python benchmarks/data.py [--seeds 5]

Prints the tables of docs/data.md. Takes about 15 minutes on one core. The numbers depend a little on the version of
torch; the files do not.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from grader import data
from grader.data.draw.fashion import AMBIGUOUS

Batch = tuple[Tensor, Tensor]


def prepared(images: Tensor, labels: Tensor) -> Batch:
    return images.unsqueeze(1).float() / 255, labels


def flat() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def large() -> nn.Module:
    layers = (nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(nn.Flatten(), *layers)


def measured(model: nn.Module, batch: Batch) -> tuple[float, float]:
    """Mean loss and accuracy."""
    with torch.no_grad():
        scores = model(batch[0])
    loss = nn.functional.cross_entropy(scores, batch[1]).item()
    return loss, (scores.argmax(1) == batch[1]).float().mean().item()


def train(
    make: Callable[[], nn.Module],
    training: Batch,
    optimiser: Callable[[nn.Module], torch.optim.Optimizer],
    epochs: int,
    size: int,
    seed: int,
    after_epoch: Callable[[nn.Module], None] = lambda model: None,
) -> nn.Module:
    torch.manual_seed(seed)
    model = make()
    steps = optimiser(model)
    images, labels = training
    for _ in range(epochs):
        for chosen in torch.randperm(len(labels)).split(size):
            steps.zero_grad()
            nn.functional.cross_entropy(model(images[chosen]), labels[chosen]).backward()
            steps.step()
        after_epoch(model)
    return model


def sgd(lr: float) -> Callable[[nn.Module], torch.optim.Optimizer]:
    return lambda model: torch.optim.SGD(model.parameters(), lr)


def adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), 1e-3)


def spread(values: Sequence[float], digits: int = 3) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def accuracies(name: str, of: Callable[[data.Split], data.Images], seeds: int) -> None:
    training, test, hidden = (prepared(*of(split)) for split in ("train", "test", "hidden"))
    rows = {
        "flat softmax, SGD 0.1, batch 64, 5 epochs": (flat, sgd(0.1), 5, 64),
        "flat softmax, SGD 0.1, batch 256, 5 epochs": (flat, sgd(0.1), 5, 256),
        "conv net, Adam 0.001, batch 32, 10 epochs": (convolutional, adam, 10, 32),
    }
    for what, (make, optimiser, epochs, size) in rows.items():
        models = [train(make, training, optimiser, epochs, size, seed) for seed in range(seeds)]
        found = [spread([measured(model, batch)[1] for model in models]) for batch in (test, hidden)]
        print(f"| {name} | {what} | {found[0]} | {found[1]} |", flush=True)


def overfitting(seeds: int, count: int) -> None:
    images, labels = data.fashion_mnist("train")
    training, validation = prepared(images[:count], labels[:count]), prepared(*data.fashion_mnist("test"))
    best: list[float] = []
    lowest: list[float] = []
    last: list[float] = []
    right: list[float] = []
    for seed in range(seeds):
        losses: list[float] = []
        model = train(
            large,
            training,
            sgd(0.1),
            100,
            64,
            seed,
            lambda model, to=losses: to.append(measured(model, validation)[0]),
        )
        best.append(1 + losses.index(min(losses)))
        lowest.append(min(losses))
        last.append(statistics.median(losses[-5:]))
        right.append(measured(model, training)[1])
    print(
        f"| {count:,} | {spread(best, 0)} | {spread(lowest, 2)} | {spread(last, 2)} | {spread(right, 2)} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {seeds} seeds: median (lowest to highest)\n")
    print("| set | pixels: mean | standard deviation | share of zeros |\n|---|---|---|---|")
    for name, of in (("fashion-mnist", data.fashion_mnist), ("mnist", data.mnist)):
        pixels = of("train").images.float() / 255
        print(f"| {name} | {pixels.mean():.3f} | {pixels.std():.3f} | {(pixels == 0).float().mean():.2f} |")
    print(f"\nclothes that could be of either of two classes: {2 * sum(AMBIGUOUS.values()) / 10:.1%}\n")
    print("| set | what was trained | accuracy, test | accuracy, hidden |\n|---|---|---|---|")
    accuracies("fashion-mnist", data.fashion_mnist, seeds)
    accuracies("mnist", data.mnist, seeds)
    print(
        "\n| training images | best epoch of 100 | its validation loss | median of the last 5 | train accuracy |"
    )
    print("|---|---|---|---|---|")
    for count in (2000, 200):
        overfitting(seeds, count)


if __name__ == "__main__":
    main()
