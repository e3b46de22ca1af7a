"""Each class has one weight per input and one bias; softmax has nothing to learn."""

# %% solution
flat_num_params = 7850


def count_flat_params(in_features: int, num_classes: int) -> int:
    return num_classes * in_features + num_classes


# %% right: counted by PyTorch
import torch

flat_num_params = sum(p.numel() for p in torch.nn.Linear(784, 10).parameters())


def count_flat_params(in_features, num_classes):
    return sum(p.numel() for p in torch.nn.Linear(in_features, num_classes).parameters())


# %% right: factored; a whole float
flat_num_params = 785 * 10.0


def count_flat_params(in_features, num_classes):
    return (in_features + 1) * num_classes


# %% right: a tensor, and NumPy's product of the shapes
import numpy as np
import torch

flat_num_params = torch.tensor(7850)


def count_flat_params(in_features, num_classes):
    return np.prod((num_classes, in_features)) + np.prod((num_classes,))


# %% right: an array with one element; a sum over the classes
import numpy as np

flat_num_params = np.array([7850])


def count_flat_params(in_features, num_classes):
    return sum(in_features + 1 for _ in range(num_classes))


# %% right: the formula gives the number; a lambda
count_flat_params = lambda in_features, num_classes: float(num_classes * in_features + num_classes)
flat_num_params = count_flat_params(784, 10)

# %% right: a state_dict on the meta device, in a tensor of one element
import torch


def count_flat_params(in_features, num_classes):
    layer = torch.nn.Linear(in_features, num_classes, device="meta")
    return torch.tensor([sum(value.numel() for value in layer.state_dict().values())])


flat_num_params = count_flat_params(784, 10)


# %% right: an object that can be called
class Count:
    def __call__(self, in_features, num_classes):
        self.weights, self.biases = num_classes * in_features, num_classes
        return self.weights + self.biases


count_flat_params = Count()


# %% wrong: biases forgotten -> flat_num_params, count_flat_params
flat_num_params = 7840


def count_flat_params(in_features, num_classes):
    return in_features * num_classes


# %% wrong: one bias shared by all classes -> flat_num_params, count_flat_params
flat_num_params = 7841


def count_flat_params(in_features, num_classes):
    return in_features * num_classes + 1


# %% wrong: softmax counted as a layer with weights -> flat_num_params, count_flat_params
flat_num_params = 784 * 11 + 10


def count_flat_params(in_features, num_classes):
    return in_features * (num_classes + 1) + num_classes


# %% wrong: softmax counted as a layer from ten to ten -> flat_num_params, count_flat_params
flat_num_params = 7850 + 110


def count_flat_params(in_features, num_classes):
    return (in_features + 1) * num_classes + (num_classes + 1) * num_classes


# %% wrong: the same number for all sizes -> count_flat_params
def count_flat_params(in_features, num_classes):
    return 7850


# %% wrong: a number in place of the function -> count_flat_params
count_flat_params = 7850


# %% wrong: the arguments exchanged -> count_flat_params
def count_flat_params(in_features, num_classes):
    return (num_classes + 1) * in_features


# %% wrong: a bias for each input -> flat_num_params, count_flat_params
flat_num_params = 7840 + 784


def count_flat_params(in_features, num_classes):
    return num_classes * in_features + in_features


# %% wrong: one neuron only -> flat_num_params, count_flat_params
flat_num_params = 785


def count_flat_params(in_features, num_classes):
    return in_features + 1


# %% wrong: always ten classes -> count_flat_params
def count_flat_params(in_features, num_classes):
    return 10 * in_features + 10


# %% wrong: always 784 inputs -> count_flat_params
def count_flat_params(in_features, num_classes):
    return 785 * num_classes


# %% wrong: text -> flat_num_params, count_flat_params
flat_num_params = "7850"


def count_flat_params(in_features, num_classes):
    return f"{(in_features + 1) * num_classes}"


# %% wrong: the number of parameter tensors -> flat_num_params, count_flat_params
flat_num_params = 2


def count_flat_params(in_features, num_classes):
    return 2


# %% wrong: near is not equal -> flat_num_params, count_flat_params
flat_num_params = 7850.001


def count_flat_params(in_features, num_classes):
    return (in_features + 1) * num_classes * 1.0000001


# %% wrong: the two terms, not added -> flat_num_params, count_flat_params
flat_num_params = (7840, 10)


def count_flat_params(in_features, num_classes):
    return num_classes * in_features, num_classes


# %% wrong: the names of both answers bound to zero -> flat_num_params, count_flat_params
flat_num_params = 0


def count_flat_params(in_features, num_classes):
    return 0


# %% wrong: a floor that drops one class -> count_flat_params
def count_flat_params(in_features, num_classes):
    return (in_features + 1) * (num_classes - 1)


# %% wrong: NaN and an error -> flat_num_params, count_flat_params
flat_num_params = float("nan")


def count_flat_params(in_features, num_classes):
    raise ValueError("no idea")
