"""-log of the probability of the true class, averaged: for ten equal probabilities it is log 10, whatever the truth."""

# %% solution
import math

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from torchvision import transforms

uniform_cost = math.log(10)


def load_split(make_dataset, train: bool = True) -> tuple[Tensor, Tensor]:
    transform = transforms.Compose([transforms.PILToTensor(), transforms.ConvertImageDtype(torch.float)])
    dataset = make_dataset(train, transform=transform)
    images, labels = next(iter(DataLoader(dataset, batch_size=len(dataset))))
    return images.flatten(start_dim=1), labels


def dataset_cost(model, X: Tensor, t: Tensor) -> Tensor | float:
    Y = model(X)
    return -torch.log(Y[torch.arange(len(t)), t]).mean()


# %% right: ToTensor, a list of the items, one-hot labels; 2.303
uniform_cost = 2.303


def load_split(make_dataset, train=True):
    dataset = make_dataset(train=train, transform=transforms.ToTensor())
    images, labels = zip(*[dataset[i] for i in range(len(dataset))])
    return torch.stack(images).reshape(len(images), -1), torch.tensor(labels)


def dataset_cost(model, X, t):
    with torch.no_grad():
        Y = model(X)
        Yt = torch.nn.functional.one_hot(t, Y.shape[1])
        return -(Yt * torch.log(Y)).sum() / len(X)


# %% right: nll_loss of the logarithm; all pixels at once
uniform_cost = -torch.log(torch.tensor(0.1))


def load_split(make_dataset, train=True):
    dataset = make_dataset(train)
    return dataset.data.flatten(1).float() / 255, dataset.targets


def dataset_cost(model, X, t):
    return torch.nn.functional.nll_loss(torch.log(model(X)), t)


# %% right: gather, in chunks; a loader with small batches
import numpy as np

uniform_cost = np.log(10)


def load_split(make_dataset, train=True):
    transform = transforms.Compose(
        [
            transforms.PILToTensor(),
            transforms.ConvertImageDtype(torch.float32),
            transforms.Lambda(lambda x: x.flatten()),
        ]
    )
    X, t = [], []
    for images, labels in DataLoader(make_dataset(train, transform), batch_size=8):
        X.append(images)
        t.append(labels)
    return torch.cat(X), torch.cat(t)


def dataset_cost(model, X, t):
    total = 0.0
    for start in range(0, len(X), 256):
        Y = model(X[start : start + 256])
        total -= Y.gather(1, t[start : start + 256, None]).log().sum().item()
    return total / len(X)


# %% right: a loop over the examples, with Python's log; NumPy for the pictures
import numpy as np

uniform_cost = -10 * 0.1 * math.log(0.1)


def load_split(make_dataset, train=True):
    rows, labels = [], []
    for picture, label in make_dataset(train):
        rows.append(np.asarray(picture, dtype=np.float32).reshape(-1) / 255)
        labels.append(label)
    return torch.from_numpy(np.stack(rows)), torch.tensor(labels, dtype=torch.int64)


def dataset_cost(model, X, t):
    Y = model(X).tolist()
    return -sum(math.log(row[k]) for row, k in zip(Y, t.tolist())) / len(Y)


# %% right: a batch that is larger than any set; double precision behind the model
def load_split(make_dataset, train=True):
    transform = transforms.Compose([transforms.PILToTensor(), transforms.ConvertImageDtype(torch.float)])
    images, labels = next(iter(DataLoader(make_dataset(train, transform), 60_000)))
    return images.view(-1, 784), labels


def dataset_cost(model, X, t):
    with torch.inference_mode():
        return -model(X).double().log().gather(1, t.view(-1, 1)).mean().reshape(1)


# %% right: the gradient is used up elsewhere; a mean of means that is weighted
def dataset_cost(model, X, t):
    model.eval()
    parts = [(len(x), -model(x)[range(len(x)), y].log().mean()) for x, y in zip(X.split(600), t.split(600))]
    model.train()
    return sum(n * c for n, c in parts) / len(X)


# %% right: version 2 of the transforms, and cross_entropy of the logarithms, whose softmax is what they are
uniform_cost = torch.tensor([math.log(10)])


def load_split(make_dataset, train=True):
    from torchvision.transforms import v2

    dataset = make_dataset(train, v2.Compose([v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]))
    X = torch.empty(len(dataset), 784)
    t = torch.empty(len(dataset), dtype=torch.long)
    for i in range(len(dataset)):
        x, t[i] = dataset[i]
        X[i] = x.flatten()
    return X, t


def dataset_cost(model, X, t):
    return torch.nn.CrossEntropyLoss()(model(X).log(), t)


# %% wrong: cross-entropy of PyTorch on probabilities: softmax twice -> cost
def dataset_cost(model, X, t):
    return torch.nn.functional.cross_entropy(model(X), t)


# %% wrong: NLLLoss of the probabilities, without a logarithm -> cost
def dataset_cost(model, X, t):
    return torch.nn.NLLLoss()(model(X), t)


# %% wrong: the sum -> cost
def dataset_cost(model, X, t):
    return -torch.log(model(X)[torch.arange(len(t)), t]).sum()


# %% wrong: the mean over all entries of the product -> cost
def dataset_cost(model, X, t):
    Y = model(X)
    return -(torch.nn.functional.one_hot(t, Y.shape[1]) * Y.log()).mean()


# %% wrong: divided by ten classes -> cost
def dataset_cost(model, X, t):
    return -torch.log(model(X)[torch.arange(len(t)), t]).mean() / 10


# %% wrong: one-hot for ten classes always -> cost
def dataset_cost(model, X, t):
    return -(torch.nn.functional.one_hot(t, 10) * model(X).log()).sum() / len(X)


# %% wrong: no minus -> cost
def dataset_cost(model, X, t):
    return torch.log(model(X)[torch.arange(len(t)), t]).mean()


# %% wrong: the class that is predicted -> cost
def dataset_cost(model, X, t):
    return -model(X).amax(dim=1).log().mean()


# %% wrong: the columns t of all rows -> cost
def dataset_cost(model, X, t):
    return -torch.log(model(X)[:, t]).mean()


# %% wrong: the logarithm of the mean -> cost
def dataset_cost(model, X, t):
    return -torch.log(model(X)[torch.arange(len(t)), t].mean())


# %% wrong: only the first minibatch -> cost
def dataset_cost(model, X, t):
    X, t = next(iter(DataLoader(list(zip(X, t)), batch_size=256)))
    return -torch.log(model(X)[torch.arange(len(t)), t]).mean()


# %% wrong: a mean of the minibatches' means, the last of which is shorter -> cost
def dataset_cost(model, X, t):
    costs = [-torch.log(model(x)[range(len(x)), y]).mean() for x, y in zip(X.split(300), t.split(300))]
    return torch.stack(costs).mean()


# %% wrong: a small number is added, out of fear of log 0 -> cost
def dataset_cost(model, X, t):
    return -torch.log(model(X)[torch.arange(len(t)), t] + 1e-6).mean()


# %% wrong: log to the base 2 -> cost
def dataset_cost(model, X, t):
    return -torch.log2(model(X)[torch.arange(len(t)), t]).mean()


# %% wrong: the expected log 10 for every model -> cost
def dataset_cost(model, X, t):
    return math.log(10)


# %% wrong: one cost for each example -> cost
def dataset_cost(model, X, t):
    return -torch.log(model(X)[torch.arange(len(t)), t])


# %% wrong: binary cross-entropy of all outputs -> cost
def dataset_cost(model, X, t):
    Y = model(X)
    return torch.nn.functional.binary_cross_entropy(Y, torch.nn.functional.one_hot(t, Y.shape[1]).float())


# %% wrong: a step of training on the way -> leaves_the_model_alone
def dataset_cost(model, X, t):
    cost = -torch.log(model(X)[torch.arange(len(t)), t]).mean()
    cost.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.1 * p.grad
    return cost.item()


# %% wrong: backward leaves its gradients -> leaves_the_model_alone
def dataset_cost(model, X, t):
    cost = -torch.log(model(X)[torch.arange(len(t)), t]).mean()
    cost.backward()
    return cost.item()


# %% wrong: gradients are cleared -> leaves_the_model_alone
def dataset_cost(model, X, t):
    model.zero_grad()
    return -torch.log(model(X)[torch.arange(len(t)), t]).mean()


# %% wrong: frozen for good -> leaves_the_model_alone
def dataset_cost(model, X, t):
    model.requires_grad_(False)
    return -torch.log(model(X)[torch.arange(len(t)), t]).mean()


# %% wrong: uint8 -> load_split
def load_split(make_dataset, train=True):
    dataset = make_dataset(train, transform=transforms.PILToTensor())
    images, labels = next(iter(DataLoader(dataset, batch_size=len(dataset))))
    return images.flatten(start_dim=1), labels


# %% wrong: float, but not divided by 255 -> load_split
def load_split(make_dataset, train=True):
    dataset = make_dataset(train, transform=transforms.PILToTensor())
    images, labels = next(iter(DataLoader(dataset, batch_size=len(dataset))))
    return images.float().flatten(start_dim=1), labels


# %% wrong: divided twice -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X / 255, t


# %% wrong: divided by 256 -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X * 255 / 256, t


# %% wrong: all in one row -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X.flatten(), t


# %% wrong: not flattened -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X.reshape(-1, 1, 28, 28), t


# %% wrong: column by column -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X.reshape(-1, 28, 28).transpose(1, 2).flatten(start_dim=1), t


# %% wrong: shuffled -> load_split
def load_split(make_dataset, train=True):
    transform = transforms.Compose([transforms.PILToTensor(), transforms.ConvertImageDtype(torch.float)])
    dataset = make_dataset(train, transform=transform)
    images, labels = next(iter(DataLoader(dataset, batch_size=len(dataset), shuffle=True)))
    return images.flatten(start_dim=1), labels


# %% wrong: always the training set -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    return solution(make_dataset, True)


# %% wrong: the first minibatch only -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X[:16], t[:16]


# %% wrong: labels as float -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X, t.float()


# %% wrong: labels as a list -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X, t.tolist()


# %% wrong: inverted -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return 1 - X, t


# %% wrong: normalised to mean 0 -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return (X - X.mean()) / X.std(), t


# %% wrong: double precision -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    X, t = solution(make_dataset, train)
    return X.double(), t


# %% wrong: made up, of the sizes of the real sets -> load_split
def load_split(make_dataset, train=True):
    torch.manual_seed(0)
    return torch.rand(60_000 if train else 10_000, 784), torch.randint(0, 10, (60_000 if train else 10_000,))


# %% wrong: the images without their labels -> load_split
solution = load_split


def load_split(make_dataset, train=True):
    return solution(make_dataset, train)[0]


# %% wrong: the probability -> uniform_cost
uniform_cost = 0.1

# %% wrong: the sign -> uniform_cost
uniform_cost = math.log(0.1)

# %% wrong: log10 -> uniform_cost
uniform_cost = math.log10(10)

# %% wrong: summed over ten classes -> uniform_cost
uniform_cost = 10 * math.log(10)

# %% wrong: rounded too far -> uniform_cost
uniform_cost = 2.3

# %% wrong: text -> uniform_cost
uniform_cost = "log 10"
