"""A linear layer and softmax along the classes, which are dimension 1 of a minibatch."""

# %% solution
import torch
from torch import nn


def flat_model() -> nn.Module | tuple[nn.Linear, nn.Module]:
    z = nn.Linear(784, 10)
    return z, nn.Softmax(dim=1)


# %% right: one module
def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1))


# %% right: the last dimension, and a list
def flat_model():
    z = nn.Linear(784, 10)
    y = nn.Softmax(dim=-1)
    return [z, y]


# %% right: a class of its own, with a function in forward
class Flat(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(in_features=784, out_features=10, bias=True)

    def forward(self, X):
        return torch.softmax(self.linear(X), dim=1)


def flat_model():
    return Flat()


# %% right: the class itself is what is called
class flat_model(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.z = nn.Linear(28 * 28, 10)

    def forward(self, x):
        return nn.functional.softmax(self.z(self.flatten(x)), -1)


# %% right: a leading Flatten, names from an OrderedDict
from collections import OrderedDict


def flat_model():
    return nn.Sequential(
        OrderedDict(flat=nn.Flatten(), z=nn.Linear(784, 10), act=nn.Softmax(1)),
    )


# %% right: log-softmax and its exponential
class Exp(nn.Module):
    def forward(self, x):
        return x.exp()


def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.LogSoftmax(dim=1), Exp())


# %% right: parameters without a Linear, the matrix with one column per class
class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(0.01 * torch.randn(784, 10))
        self.b = nn.Parameter(torch.zeros(10))

    def forward(self, X):
        return torch.softmax(X @ self.W + self.b, dim=-1)


def flat_model():
    return Own()


# %% right: a function as the activation
def flat_model():
    return nn.Linear(784, 10), lambda z: torch.softmax(z, dim=1)


# %% right: zeros to begin with, nested modules
def flat_model():
    z = nn.Linear(784, 10)
    nn.init.zeros_(z.weight)
    nn.init.zeros_(z.bias)
    return nn.Sequential(nn.Sequential(z), nn.Sequential(nn.Identity(), nn.Softmax(1)))


# %% right: a copy of a pattern, always with the same weights
import copy

pattern = nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1))


def flat_model():
    return copy.deepcopy(pattern)


# %% right: built step by step, from a fixed seed
def flat_model():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 10))
    model.append(nn.Softmax(dim=1))
    return model.train()


# %% right: a convolution whose kernel is as large as the image
def flat_model():
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 10, kernel_size=28), nn.Flatten(), nn.Softmax(dim=1)
    )


# %% right: ten neurons side by side
class Ten(nn.Module):
    def __init__(self):
        super().__init__()
        self.neurons = nn.ModuleList(nn.Linear(784, 1) for _ in range(10))

    def forward(self, X):
        return torch.softmax(torch.cat([neuron(X) for neuron in self.neurons], dim=1), dim=1)


def flat_model():
    return Ten()


# %% right: softmax by its definition, shifted by the largest
class ByHand(nn.Linear):
    def forward(self, X):
        z = super().forward(X)
        e = torch.exp(z - z.amax(dim=1, keepdim=True))
        return e / e.sum(dim=1, keepdim=True)


def flat_model():
    return ByHand(784, 10)


# %% wrong: softmax along the minibatch -> rows
def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=0))


# %% wrong: no softmax -> rows
def flat_model():
    return nn.Sequential(nn.Linear(784, 10))


# %% wrong: log-softmax -> rows
def flat_model():
    return nn.Linear(784, 10), nn.LogSoftmax(dim=1)


# %% wrong: a sigmoid on each output -> rows
def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.Sigmoid())


# %% wrong: no bias -> values, parameters
def flat_model():
    return nn.Sequential(nn.Linear(784, 10, bias=False), nn.Softmax(dim=1))


# %% wrong: a hidden layer -> values, parameters
def flat_model():
    return nn.Sequential(nn.Linear(784, 20), nn.ReLU(), nn.Linear(20, 10), nn.Softmax(dim=1))


# %% wrong: one more layer from ten to ten -> values, parameters
def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.Linear(10, 10), nn.Softmax(dim=1))


# %% wrong: one model for all calls -> parameters
model = nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1))


def flat_model():
    return model


# %% wrong: two models that share their weights -> parameters
shared = nn.Linear(784, 10)


def flat_model():
    z = nn.Linear(784, 10)
    z.weight = shared.weight
    return z, nn.Softmax(dim=1)


# %% wrong: the model itself, not a function -> rows, parameters
flat_model = nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1))


# %% wrong: softmax twice -> values
def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1), nn.Softmax(dim=1))


# %% wrong: softmin -> values
def flat_model():
    return nn.Linear(784, 10), nn.Softmin(dim=1)


# %% wrong: a ReLU before softmax -> values
def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.ReLU(), nn.Softmax(dim=1))


# %% wrong: the sizes exchanged -> rows, parameters
def flat_model():
    return nn.Sequential(nn.Linear(10, 784), nn.Softmax(dim=1))


# %% wrong: in the wrong order -> rows
def flat_model():
    return nn.Softmax(dim=1), nn.Linear(784, 10)


# %% wrong: softmax of the pixels as well -> values
def flat_model():
    return nn.Sequential(nn.Softmax(dim=1), nn.Linear(784, 10), nn.Softmax(dim=1))


# %% wrong: the weights are frozen -> parameters
def flat_model():
    z = nn.Linear(784, 10)
    z.weight.requires_grad_(False)
    return z, nn.Softmax(dim=1)


# %% wrong: the graph is cut -> parameters
class Cut(nn.Module):
    def __init__(self):
        super().__init__()
        self.z = nn.Linear(784, 10)

    def forward(self, X):
        return torch.softmax(self.z(X).detach(), dim=1)


def flat_model():
    return Cut()


# %% wrong: dropout on top -> values
def flat_model():
    return nn.Sequential(nn.Dropout(0.5), nn.Linear(784, 10), nn.Softmax(dim=1))


# %% wrong: uniform probabilities, whatever the weights are -> values, parameters
class Uniform(nn.Module):
    def __init__(self):
        super().__init__()
        self.z = nn.Linear(784, 10)

    def forward(self, X):
        return torch.full((len(X), 10), 0.1)


def flat_model():
    return Uniform()


# %% wrong: a plain function -> rows, parameters
def flat_model():
    z = nn.Linear(784, 10)
    return lambda X: torch.softmax(z(X), dim=1)


# %% wrong: the classes, not a model -> rows, parameters
def flat_model():
    return nn.Linear, nn.Softmax


# %% wrong: the output of a model -> rows, parameters
def flat_model():
    return nn.Softmax(dim=1)(nn.Linear(784, 10)(torch.rand(4, 784)))


# %% wrong: nothing is returned -> rows, parameters
def flat_model():
    nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1))


# %% wrong: lazy -> values, parameters
def flat_model():
    return nn.Sequential(nn.LazyLinear(10), nn.Softmax(dim=1))


# %% wrong: double precision, which float32 images do not fit -> rows, parameters
def flat_model():
    return nn.Sequential(nn.Linear(784, 10), nn.Softmax(dim=1)).double()


# %% wrong: the right number of parameters, but softmax of a square -> values
class Square(nn.Module):
    def __init__(self):
        super().__init__()
        self.neurons = nn.ModuleList(nn.Linear(784, 1) for _ in range(10))

    def forward(self, X):
        return torch.softmax(torch.cat([neuron(X) for neuron in self.neurons], dim=1) ** 2, dim=1)


def flat_model():
    return Square()


# %% wrong: an absolute value that is normalised -> values
class Normalised(nn.Linear):
    def forward(self, X):
        z = super().forward(X).abs()
        return z / z.sum(dim=1, keepdim=True)


def flat_model():
    return Normalised(784, 10)


# %% wrong: batch normalisation in between -> rows, parameters
def flat_model():
    return nn.Sequential(
        nn.BatchNorm1d(784, track_running_stats=False), nn.Linear(784, 10), nn.Softmax(dim=1)
    )
