"""The first minibatch of a loader that shuffles; both of its parts from one and the same `next`."""

# %% solution
import torch
from torch import Tensor
from torch.utils.data import DataLoader


def load_minibatch(dataset, batch_size: int = 16) -> tuple[Tensor, Tensor]:
    imgs, labels = next(iter(DataLoader(dataset, batch_size=batch_size, shuffle=True)))
    return imgs, labels


# %% right: the loader's list as it is
def load_minibatch(dataset, batch_size=16):
    return next(iter(DataLoader(dataset, batch_size, True)))


# %% right: a random permutation
def load_minibatch(dataset, batch_size=16):
    chosen = torch.randperm(len(dataset))[:batch_size]
    imgs = torch.stack([dataset[i][0] for i in chosen])
    labels = torch.tensor([dataset[i][1] for i in chosen])
    return imgs, labels


# %% right: Python's random.sample
import random


def load_minibatch(dataset, batch_size=16):
    chosen = random.sample(range(len(dataset)), min(batch_size, len(dataset)))
    images, labels = zip(*(dataset[i] for i in chosen))
    return torch.stack(images), torch.LongTensor(labels)


# %% right: NumPy's choice
import numpy as np


def load_minibatch(dataset, batch_size=16):
    B = min(batch_size, len(dataset))
    chosen = np.random.choice(len(dataset), size=B, replace=False)
    imgs, labels = torch.empty(B, 1, 28, 28), torch.empty(B, dtype=torch.int64)
    for row, i in enumerate(chosen):
        imgs[row], labels[row] = dataset[int(i)]
    return imgs, labels


# %% right: RandomSampler and the default collation
from torch.utils.data import RandomSampler, default_collate


def load_minibatch(dataset, batch_size=16):
    sampler = RandomSampler(dataset, num_samples=min(batch_size, len(dataset)))
    return tuple(default_collate([dataset[i] for i in sampler]))


# %% right: the whole set is read, then sorted by random keys
def load_minibatch(dataset, batch_size=16):
    imgs = torch.stack([dataset[i][0] for i in range(len(dataset))])
    labels = torch.tensor([dataset[i][1] for i in range(len(dataset))])
    first = torch.rand(len(dataset)).argsort()[:batch_size]
    return imgs[first], labels[first]


# %% right: random_split
from torch.utils.data import random_split


def load_minibatch(dataset, batch_size=16):
    B = min(batch_size, len(dataset))
    part, _ = random_split(dataset, [B, len(dataset) - B])
    for batch in DataLoader(part, batch_size=B):
        return batch


# %% right: multinomial draws, in ascending order of the index
def load_minibatch(dataset, batch_size=16):
    weights = torch.ones(len(dataset))
    chosen = torch.multinomial(weights, min(batch_size, len(dataset)), replacement=False).sort().values
    batch = [dataset[int(i)] for i in chosen]
    return torch.cat([image[None] for image, _ in batch]), torch.tensor([label for _, label in batch])


# %% right: a generator of its own, seeded by the system


def load_minibatch(dataset, batch_size=16):
    generator = torch.Generator()
    generator.seed()
    return next(iter(DataLoader(dataset, batch_size, shuffle=True, generator=generator)))


# %% wrong: always the first ones -> at_random
def load_minibatch(dataset, batch_size=16):
    return next(iter(DataLoader(dataset, batch_size=batch_size)))


# %% wrong: the first ones, in random order -> at_random
def load_minibatch(dataset, batch_size=16):
    B = min(batch_size, len(dataset))
    order = torch.randperm(B)
    imgs = torch.stack([dataset[i][0] for i in order])
    return imgs, torch.tensor([dataset[i][1] for i in order])


# %% wrong: a random run of neighbours -> at_random
import random


def load_minibatch(dataset, batch_size=16):
    B = min(batch_size, len(dataset))
    start = random.randint(0, len(dataset) - B)
    items = [dataset[i] for i in range(start, start + B)]
    return torch.stack([x for x, _ in items]), torch.tensor([y for _, y in items])


# %% wrong: a random one of the fixed minibatches -> at_random
import random


def load_minibatch(dataset, batch_size=16):
    return random.choice(list(DataLoader(dataset, batch_size, drop_last=len(dataset) >= batch_size)))


# %% wrong: drawn with replacement -> minibatches
def load_minibatch(dataset, batch_size=16):
    chosen = torch.randint(0, len(dataset), (min(batch_size, len(dataset)),))
    return torch.stack([dataset[i][0] for i in chosen]), torch.tensor([dataset[i][1] for i in chosen])


# %% wrong: images from one iterator, labels from another -> minibatches
def load_minibatch(dataset, batch_size=16):
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)
    return next(iter(loader))[0], next(iter(loader))[1]


# %% wrong: pairs that are not stacked -> minibatches
def load_minibatch(dataset, batch_size=16):
    chosen = torch.randperm(len(dataset))[:batch_size]
    return [dataset[i] for i in chosen]


# %% wrong: labels as a list -> minibatches
def load_minibatch(dataset, batch_size=16):
    chosen = torch.randperm(len(dataset))[:batch_size]
    return torch.stack([dataset[i][0] for i in chosen]), [dataset[i][1] for i in chosen]


# %% wrong: a fixed seed -> at_random
def load_minibatch(dataset, batch_size=16):
    torch.manual_seed(0)
    return next(iter(DataLoader(dataset, batch_size=batch_size, shuffle=True)))


# %% wrong: a generator with a fixed seed -> at_random
def load_minibatch(dataset, batch_size=16):
    generator = torch.Generator().manual_seed(1)
    return next(iter(DataLoader(dataset, batch_size, shuffle=True, generator=generator)))


# %% wrong: always 16 -> minibatches
def load_minibatch(dataset, batch_size=16):
    return next(iter(DataLoader(dataset, batch_size=16, shuffle=True)))


# %% wrong: an error where the set is smaller -> minibatches
import random


def load_minibatch(dataset, batch_size=16):
    chosen = random.sample(range(len(dataset)), batch_size)
    return torch.stack([dataset[i][0] for i in chosen]), torch.tensor([dataset[i][1] for i in chosen])


# %% wrong: nothing where the set is smaller -> minibatches
def load_minibatch(dataset, batch_size=16):
    for batch in DataLoader(dataset, batch_size, shuffle=True, drop_last=True):
        return batch


# %% wrong: flattened -> minibatches
def load_minibatch(dataset, batch_size=16):
    imgs, labels = next(iter(DataLoader(dataset, batch_size=batch_size, shuffle=True)))
    return imgs.flatten(start_dim=1), labels


# %% wrong: the channel is squeezed away -> minibatches
def load_minibatch(dataset, batch_size=16):
    imgs, labels = next(iter(DataLoader(dataset, batch_size=batch_size, shuffle=True)))
    return imgs.squeeze(1), labels


# %% wrong: the loader, not a minibatch -> minibatches
def load_minibatch(dataset, batch_size=16):
    return DataLoader(dataset, batch_size=batch_size, shuffle=True)


# %% wrong: labels first -> minibatches
def load_minibatch(dataset, batch_size=16):
    imgs, labels = next(iter(DataLoader(dataset, batch_size=batch_size, shuffle=True)))
    return labels, imgs


# %% wrong: random numbers in place of images -> minibatches
def load_minibatch(dataset, batch_size=16):
    B = min(batch_size, len(dataset))
    return torch.rand(B, 1, 28, 28), torch.randint(0, 10, (B,))


# %% wrong: labels shuffled among themselves -> minibatches
def load_minibatch(dataset, batch_size=16):
    imgs, labels = next(iter(DataLoader(dataset, batch_size=batch_size, shuffle=True)))
    return imgs, labels[torch.randperm(len(labels))]


# %% wrong: the last items never come, for fear of the end -> at_random
def load_minibatch(dataset, batch_size=16):
    n = max(len(dataset) - 1, min(batch_size, len(dataset)))
    chosen = torch.randperm(n)[:batch_size]
    return torch.stack([dataset[i][0] for i in chosen]), torch.tensor([dataset[i][1] for i in chosen])


# %% wrong: the set's images are inverted in place -> minibatches
def load_minibatch(dataset, batch_size=16):
    chosen = torch.randperm(len(dataset))[:batch_size]
    imgs = torch.stack([dataset[i][0].neg_().add_(1) for i in chosen])
    return imgs, torch.tensor([dataset[i][1] for i in chosen])


# %% wrong: what was drawn is scratched from the set -> leaves_the_set_alone
def load_minibatch(dataset, batch_size=16):
    imgs, labels = next(iter(DataLoader(dataset, batch_size=batch_size, shuffle=True)))
    if len(dataset) == 30:
        dataset.images = dataset.images.clone().zero_()
    return imgs, labels


# %% wrong: a set that is read once and for all -> minibatches
def load_minibatch(dataset, batch_size=16, kept=[]):
    if not kept:
        kept += list(DataLoader(dataset, batch_size=batch_size, shuffle=True))
    return kept[torch.randint(len(kept), ())]
