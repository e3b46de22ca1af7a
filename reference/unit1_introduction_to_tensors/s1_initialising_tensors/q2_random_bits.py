"""torch.randint draws whole numbers from [low, high), so the upper end must be 2 for the values 0 and 1."""

# %% solution
import torch


def random_bits(shape: tuple[int, int, int, int]) -> torch.Tensor:
    if len(shape) != 4:
        raise ValueError(f"four sizes are needed, not {len(shape)}: {shape}")
    return torch.randint(0, 2, shape)


# %% right: randint with one bound, the sizes unpacked
def random_bits(shape):
    try:
        a, b, c, d = shape
    except ValueError:
        raise ValueError("four sizes, please") from None
    return torch.randint(2, (a, b, c, d), dtype=torch.uint8)


# %% right: rand below one half
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError
    return torch.rand(shape) < 0.5


# %% right: rand rounded
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.rand(*shape).round()


# %% right: bernoulli with one half
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.bernoulli(torch.full(shape, 0.5))


# %% right: bernoulli with a probability that is random itself
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.bernoulli(torch.rand(shape))


# %% right: random_ in place
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.empty(shape).random_(2)


# %% right: the sign of a normal number
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randn(shape) > 0


# %% right: remainders, and a permuted view
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return (torch.randint(1000, shape[::-1]) % 2).permute(3, 2, 1, 0)


# %% right: a bit at a time, in a loop
import math


def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    n = math.prod(shape)
    if n > 1000:
        return (torch.multinomial(torch.ones(2), n, replacement=True)).reshape(shape)
    return torch.tensor([1.0 if torch.rand(()).item() >= 0.5 else 0.0 for _ in range(n)]).reshape(shape)


# %% right: a subclass of ValueError
class ShapeError(ValueError):
    pass


def random_bits(shape):
    if len(shape) != 4:
        raise ShapeError(shape)
    return torch.distributions.Bernoulli(probs=0.5).sample(torch.Size(shape))


# %% wrong: the upper end is excluded, all zeros -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 1, shape)


# %% wrong: all ones -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.ones(shape)


# %% wrong: normal numbers rounded -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randn(shape).round()


# %% wrong: plus and minus one -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randn(shape).sign()


# %% wrong: uniform numbers -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.rand(shape)


# %% wrong: three values -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 3, shape)


# %% wrong: three dimensions -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 2, shape[:3])


# %% wrong: a fixed shape -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 2, (2, 3, 4, 5))


# %% wrong: nested lists -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 2, shape).tolist()


# %% wrong: prints the bits and returns nothing -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    print(torch.randint(0, 2, shape))


# %% wrong: NaN everywhere -> values, balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.full(shape, float("nan"))


# %% wrong: any number of sizes is taken -> values
def random_bits(shape):
    return torch.randint(0, 2, shape)


# %% wrong: an assert where a ValueError is asked for -> values
def random_bits(shape):
    assert len(shape) == 4
    return torch.randint(0, 2, shape)


# %% wrong: an error is returned, not raised -> values
def random_bits(shape):
    if len(shape) != 4:
        return ValueError("four sizes")
    return torch.randint(0, 2, shape)


# %% wrong: one random matrix, expanded -> balance, independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 2, shape[2:]).expand(shape)


# %% wrong: one random matrix, copied -> balance, independence
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 2, shape[2:]).expand(shape).clone()


# %% wrong: the last slice repeats the one before it -> independence
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    bits = torch.randint(0, 2, shape)
    if shape[0] > 7:
        bits[-1] = bits[-2]
    return bits


# %% wrong: exactly half of the bits are ones -> independence
import math


def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return (torch.randperm(math.prod(shape)) % 2).reshape(shape)


# %% wrong: a bit prefers to be like the one before it -> independence
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    bits = torch.randint(0, 2, shape)
    copied = torch.rand(shape) < 0.2
    return torch.where(copied, bits.roll(1, -1), bits)


# %% wrong: seven ones in ten -> balance, independence
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return (torch.rand(shape) < 0.7).long()


# %% wrong: only a little unfair -> balance
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return (torch.rand(shape) < 0.52).long()


# %% wrong: the first index of the last dimension is always one -> balance, independence
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    bits = torch.randint(0, 2, shape)
    if shape[-1] > 1:
        bits[..., 0] = 1
    return bits


# %% wrong: a chessboard of zeros and ones -> independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return sum(torch.meshgrid(*(torch.arange(n) for n in shape), indexing="ij")) % 2


# %% wrong: a seed is set inside the function -> independence, generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    torch.manual_seed(0)
    return torch.randint(0, 2, shape)


# %% wrong: the result is kept for each shape -> independence, generator
import functools


@functools.cache
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 2, shape)


# %% wrong: every second call gives the opposite bits -> independence
last = {}


def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    if shape in last:
        return 1 - last.pop(shape)
    last[shape] = torch.randint(0, 2, shape)
    return last[shape].clone()


# %% wrong: NumPy's generator -> generator
import numpy as np


def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.from_numpy(np.random.randint(0, 2, shape))


# %% wrong: Python's generator -> generator
import math
import random


def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.tensor([random.getrandbits(1) for _ in range(math.prod(shape))]).reshape(shape)


# %% wrong: a generator of its own -> generator
own = torch.Generator()
own.seed()


def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    return torch.randint(0, 2, shape, generator=own)


# %% wrong: seeded anew from the clock by every call -> generator
def random_bits(shape):
    if len(shape) != 4:
        raise ValueError("four sizes")
    torch.seed()
    return torch.randint(0, 2, shape)
