"""A column view of a 1-D tensor always exists, whatever its stride, and an addition in place keeps its memory.

Two tensors share their numbers when their storages begin at the same address; `data_ptr()` of the tensors
themselves would differ for a slice that begins later.
"""

# %% solution
import torch


def double_as_column(x):
    column = x.unsqueeze(1)  # a view: a new header for the same memory
    column += column
    return column


def shares_storage(a, b):
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


# %% right: a view and the method add_
def double_as_column(x):
    c = x.view(-1, 1)
    return c.add_(c)


# %% right: a view times two
def double_as_column(x):
    c = x.view(-1, 1)
    c *= 2
    return c


# %% right: multiplied by two in place, then indexed with None
def double_as_column(x):
    x *= 2
    return x[:, None]


# %% right: torch.add with out
def double_as_column(x):
    c = x.reshape(len(x), 1)
    return torch.add(c, c, out=c)


# %% right: x itself becomes the column, and the values are assigned through a temporary
def double_as_column(x):
    x.unsqueeze_(1)
    x[:] = x + x
    return x


# %% right: copy_ into the view
def double_as_column(x):
    c = x[..., None]
    c.copy_(2 * x.clone()[:, None])
    return c


# %% right: a Python loop over the elements
def double_as_column(x):
    for i in range(len(x)):
        x[i] = x[i] + x[i]
    return x.as_strided((len(x), 1), (x.stride(0), 1))


# %% right: the data attribute, a split and a transpose
def double_as_column(x):
    row = x.data[None]
    torch.mul(row, 2, out=row)
    return row.T


# %% right: through the array that NumPy sees in the same memory
def double_as_column(x):
    numbers = x.numpy()
    numbers += numbers
    return torch.from_numpy(numbers.reshape(-1, 1))


# %% right: addresses compared as tensors, so that the verdict is a tensor
def shares_storage(a, b):
    return torch.tensor(a.untyped_storage().data_ptr()) == torch.tensor(b.untyped_storage().data_ptr())


# %% right: the beginning of the storage worked out from the offset
def shares_storage(a, b):
    def start(t):
        return t.data_ptr() - t.storage_offset() * t.element_size()

    return True if start(a) == start(b) else False


# %% wrong: a column view, but the sum is a new tensor -> same_memory, original
def double_as_column(x):
    x = x.reshape(-1, 1)
    x = x + x
    return x


# %% wrong: works on a clone -> same_memory, original
def double_as_column(x):
    c = x.clone().view(-1, 1)
    c += c
    return c


# %% wrong: works on torch.tensor(x) -> same_memory, original
def double_as_column(x):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        c = torch.tensor(x).unsqueeze(1)
    return c.mul_(2)


# %% wrong: in place on x and again on its view, four times -> result, same_memory, original
def double_as_column(x):
    x += x
    c = x.view(-1, 1)
    c += c
    return c


# %% wrong: the row and its column broadcast to (n, n) -> result, same_memory, original
def double_as_column(x):
    x += x.reshape(-1, 1)
    return x


# %% wrong: broadcast to (n, n), out of place -> result, same_memory, original
def double_as_column(x):
    return x + x.reshape(-1, 1)


# %% wrong: doubled in place, but still 1-D -> result
def double_as_column(x):
    x += x
    return x


# %% wrong: a row instead of a column -> result
def double_as_column(x):
    x += x
    return x.unsqueeze(0)


# %% wrong: a clone is doubled, written back, and returned -> same_memory
def double_as_column(x):
    c = x.clone().view(-1, 1)
    c += c
    x[:] = c[:, 0]
    return c


# %% wrong: doubled in place, then a copy of it is returned -> same_memory
def double_as_column(x):
    x *= 2
    return x.clone().reshape(-1, 1)


# %% wrong: only the Python object stays the same, its data is exchanged -> same_memory, original
def double_as_column(x):
    x.data = (x + x).reshape(-1, 1)
    return x


# %% wrong: set_ to a new tensor, so that id(x) is kept -> same_memory, original
def double_as_column(x):
    return x.set_((x + x).reshape(-1, 1))


# %% wrong: resize_ forgets the distance between the elements of a slice -> original
def double_as_column(x):
    x.resize_(x.numel(), 1)
    x += x
    return x


# %% wrong: the whole storage is doubled, not only x -> original
def double_as_column(x):
    c = x.view(-1, 1)
    c.as_strided((x.untyped_storage().nbytes() // x.element_size(),), (1,), 0).mul_(2)
    return c


# %% wrong: a column, but nothing is added -> result, same_memory, original
def double_as_column(x):
    return x.view(-1, 1)


# %% wrong: the argument as it is -> result, same_memory, original
def double_as_column(x):
    return x


# %% wrong: a factor that integers do not take in place -> result
def double_as_column(x):
    return x.view(-1, 1).mul_(2.0)


# %% wrong: zeros of the right shape -> result, same_memory, original
def double_as_column(x):
    return torch.zeros(len(x), 1, dtype=x.dtype)


# %% wrong: written for the example with five elements -> result, same_memory, original
def double_as_column(x):
    x += x
    return x.view(5, 1)


# %% wrong: doubles in place and returns nothing -> result, same_memory
def double_as_column(x):
    c = x.view(-1, 1)
    c += c


# %% wrong: a list of rows -> result, same_memory
def double_as_column(x):
    x += x
    return [[v] for v in x.tolist()]


# %% wrong: text -> result, same_memory, original
def double_as_column(x):
    return "passed"


# %% wrong: prints the result -> result, same_memory, original
def double_as_column(x):
    print((x + x).unsqueeze(1))


# %% wrong: raises -> result, same_memory, original
def double_as_column(x):
    raise RuntimeError("not today")


# %% wrong: right in the first call only -> result, same_memory, original
first_call = True


def double_as_column(x):
    global first_call
    c = x.view(-1, 1)
    if first_call:
        first_call = False
        c += c
    return c


# %% wrong: computed in float16 -> result, same_memory, original
def double_as_column(x):
    c = x.to(torch.float16).view(-1, 1)
    return c.add_(c)


# %% wrong: compares the Python objects -> sharing
def shares_storage(a, b):
    return id(a) == id(b)


# %% wrong: compares the addresses of the first elements -> sharing
def shares_storage(a, b):
    return a.data_ptr() == b.data_ptr()


# %% wrong: compares the values -> sharing
def shares_storage(a, b):
    return a.shape == b.shape and bool((a == b).all())


# %% wrong: asks whether the elements overlap, not the storages -> sharing
def shares_storage(a, b):
    import numpy as np

    return np.shares_memory(a.numpy(), b.numpy())


# %% wrong: writes to one and looks at the other -> sharing
def shares_storage(a, b):
    before = b.clone()
    a.fill_(float(b.max()) + 1.0)
    return not torch.equal(before, b)


# %% wrong: follows _base, which a detached tensor lacks -> sharing
def shares_storage(a, b):
    first = a if a._base is None else a._base
    second = b if b._base is None else b._base
    return first is second


# %% wrong: is_set_to wants the same shape and offset as well -> sharing
def shares_storage(a, b):
    return a.is_set_to(b)


# %% wrong: always true -> sharing
def shares_storage(a, b):
    return True


# %% wrong: always false -> sharing
def shares_storage(a, b):
    return False


# %% wrong: the verdict as text -> sharing
def shares_storage(a, b):
    return str(a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr())


# %% wrong: returns an address instead of a verdict -> sharing
def shares_storage(a, b):
    return a.untyped_storage().data_ptr() and b.untyped_storage().data_ptr()


# %% wrong: returns nothing -> sharing
def shares_storage(a, b):
    print(a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr())
