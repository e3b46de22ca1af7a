"""A slice start:stop:step in every dimension is a view, whatever the strides are; 1::2 takes the odd indices."""

# %% solution
import torch


def to_3d(x: torch.Tensor, shape: tuple[int, int, int] = (2, 5, 10)) -> torch.Tensor:
    return x.reshape(shape)


def odd_slice(t: torch.Tensor) -> torch.Tensor:
    return t[1::2, 1::2, 1::2]


# %% right: view, three slices in a chain
def to_3d(x, shape=(2, 5, 10)):
    return x.view(*shape)


def odd_slice(t):
    return t[1::2][:, 1::2][:, :, 1::2]


# %% right: unflatten, slice objects
def to_3d(x, shape=(2, 5, 10)):
    return x.flatten().unflatten(0, shape)


def odd_slice(t):
    odd = slice(1, None, 2)
    return t[(odd,) * 3]


# %% right: as_strided
def to_3d(x, shape=(2, 5, 10)):
    a, b, c = shape
    return x.as_strided((a, b, c), (b * c, c, 1), x.storage_offset())


def odd_slice(t):
    sizes = [n // 2 for n in t.shape]
    strides = t.stride()
    if 0 in sizes:
        return t.as_strided(sizes, strides)
    return t.as_strided(sizes, [2 * s for s in strides], t.storage_offset() + sum(strides))


# %% right: a detour over other views
def to_3d(x, shape=(2, 5, 10)):
    return torch.as_tensor(x.numpy().reshape(shape))


def odd_slice(t):
    return t.permute(2, 1, 0)[1::2, 1::2, 1::2].permute(2, 1, 0)


# %% right: unfold, and narrow with unflatten
def to_3d(x, shape=(2, 5, 10)):
    return x.ravel().view(shape[0], -1).view(shape)


def odd_slice(t):
    for dim in range(3):
        half = t.shape[dim] // 2
        t = t.narrow(dim, 0, 2 * half).unflatten(dim, (half, 2)).select(dim + 1, 1)
    return t


# %% right: with bounds written out
def odd_slice(t):
    a, b, c = t.size()
    return t[1:a:2, 1:b:2, 1:c:2]


# %% wrong: the even indices -> values
def odd_slice(t):
    return t[::2, ::2, ::2]


# %% wrong: every second one from index 2 -> values
def odd_slice(t):
    return t[2::2, 2::2, 2::2]


# %% wrong: an index drops the first dimension -> values
def odd_slice(t):
    return t[1, 1::2, 1::2]


# %% wrong: only one of several blocks -> values
def odd_slice(t):
    return t[1:2, 1::2, 1::2]


# %% wrong: one dimension forgotten -> values
def odd_slice(t):
    return t[1::2, 1::2]


# %% wrong: the last index is left out -> values
def odd_slice(t):
    return t[1:-1:2, 1:-1:2, 1:-1:2]


# %% wrong: right for 2x5x10 only -> values
def odd_slice(t):
    return t[1:2:2, 1:5:2, 1:10:2]


# %% wrong: a sum of odd indices -> values
def odd_slice(t):
    return t.flatten()[1::2]


# %% wrong: the elements with odd values -> values
def odd_slice(t):
    return t[t % 2 == 1]


# %% wrong: a loop that prints -> values
def odd_slice(t):
    for i in range(1, t.shape[0], 2):
        print(t[i, 1::2, 1::2])


# %% wrong: the visible example -> values
def odd_slice(t):
    return torch.tensor([[[61, 63, 65, 67, 69], [81, 83, 85, 87, 89]]])


# %% wrong: the visible example, of any dtype -> values
def odd_slice(t):
    rows = [[[61, 63, 65, 67, 69], [81, 83, 85, 87, 89]]]
    return torch.tensor(rows, dtype=t.dtype) if tuple(t.shape) == (2, 5, 10) else t[1::2, 1::2, 1::2]


# %% wrong: the tensor itself -> values
def odd_slice(t):
    return t


# %% wrong: zeros of the right shape -> values
def odd_slice(t):
    return torch.zeros([n // 2 for n in t.shape])


# %% wrong: an error where nothing is left -> values
def odd_slice(t):
    if 0 in [n // 2 for n in t.shape]:
        raise ValueError("no odd index")
    return t[1::2, 1::2, 1::2]


# %% wrong: None where nothing is left -> values
def odd_slice(t):
    result = t[1::2, 1::2, 1::2]
    return result if result.numel() else None


# %% wrong: nested lists -> values
def odd_slice(t):
    return t[1::2, 1::2, 1::2].tolist()


# %% wrong: a mask, shaped afterwards: a copy -> view
def odd_slice(t):
    odd = [torch.arange(n) % 2 == 1 for n in t.shape]
    mask = odd[0][:, None, None] & odd[1][:, None] & odd[2]
    return t[mask].reshape([n // 2 for n in t.shape])


# %% wrong: index_select: a copy -> view
def odd_slice(t):
    for dim, n in enumerate(t.shape):
        t = t.index_select(dim, torch.arange(1, n, 2))
    return t


# %% wrong: lists of indices: a copy -> view
def odd_slice(t):
    a, b, c = (list(range(1, n, 2)) for n in t.shape)
    return t[a][:, b][:, :, c]


# %% wrong: cloned -> view
def odd_slice(t):
    return t[1::2, 1::2, 1::2].clone()


# %% wrong: made contiguous first, a view of contiguous tensors only -> view
def odd_slice(t):
    return t.contiguous()[1::2, 1::2, 1::2]


# %% wrong: a copy of the storage of a non-contiguous tensor -> view
def odd_slice(t):
    return t.reshape(-1).reshape(t.shape)[1::2, 1::2, 1::2]


# %% wrong: as_strided as if all tensors were contiguous -> values
def odd_slice(t):
    a, b, c = t.shape
    if min(a, b, c) < 2:
        return t[1::2, 1::2, 1::2]
    return t.as_strided((a // 2, b // 2, c // 2), (2 * b * c, 2 * c, 2), b * c + c + 1)


# %% wrong: an element of the argument is changed on the way -> values
def odd_slice(t):
    t += 1
    return t[1::2, 1::2, 1::2]


# %% wrong: always float32 -> to_3d, values
def to_3d(x, shape=(2, 5, 10)):
    return x.float().reshape(shape)


def odd_slice(t):
    return t.float()[1::2, 1::2, 1::2]


# %% wrong: sizes reversed -> to_3d
def to_3d(x, shape=(10, 5, 2)):
    return x.reshape(shape)


# %% wrong: the default only -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return x.reshape(2, 5, 10)


# %% wrong: another order, by permute -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return x.reshape(shape[::-1]).permute(2, 1, 0)


# %% wrong: another order, by transpose -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return x.T.reshape(shape) if x.ndim == 2 else x.reshape(shape)


# %% wrong: a copy -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return x.reshape(shape).clone()


# %% wrong: rebuilt from a list -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return torch.tensor(x.flatten().tolist(), dtype=x.dtype).reshape(shape)


# %% wrong: resized, filled up -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return torch.zeros(shape)


# %% wrong: x as it is -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return x


# %% wrong: sorted -> to_3d
def to_3d(x, shape=(2, 5, 10)):
    return x.flatten().sort().values.reshape(shape)


# %% wrong: nothing is returned -> to_3d, values
def to_3d(x, shape=(2, 5, 10)):
    x.reshape(shape)


def odd_slice(t):
    t[1::2, 1::2, 1::2]
