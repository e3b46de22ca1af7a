"""Read both shapes from the right, with ones in front of the shorter one.

In each position a size 1 gives way to the other size; two sizes that differ, neither of them 1, are an error.
`max` of the two would be wrong for 0 and 1, which give 0.
"""

# %% solution
import torch

pair_shapes = {
    "AB": None,
    "AC": (2, 5, 2),
    "AD": None,
    "AE": (2, 1, 2),
    "AF": None,
    "BC": (2, 1, 5, 3),
    "BD": None,
    "BE": (2, 1, 1, 3),
    "BF": (2, 1, 5, 3),
    "CD": (5, 5),
    "CE": (5, 1),
    "CF": (5, 3),
    "DE": (1, 5),
    "DF": None,
    "EF": (5, 3),
}


def broadcast_shape(s, t):
    length = max(len(s), len(t))
    padded_s = (1,) * (length - len(s)) + tuple(s)
    padded_t = (1,) * (length - len(t)) + tuple(t)
    common = []
    for a, b in zip(padded_s, padded_t):
        if a != b and 1 not in (a, b):
            raise ValueError(f"the shapes {tuple(s)} and {tuple(t)} cannot be broadcast: {a} against {b}")
        common.append(b if a == 1 else a)
    return tuple(common)


# %% right: zip_longest on the reversed shapes, and the pairs computed with the own function
from itertools import combinations, zip_longest


class NoCommonShape(ValueError):
    pass


def broadcast_shape(s, t):
    sizes = []
    for a, b in zip_longest(reversed(s), reversed(t), fillvalue=1):
        if a == 1:
            a = b
        elif b not in (1, a):
            raise NoCommonShape
        sizes.insert(0, a)
    return tuple(sizes)


pair_shapes = {}
tensors = {"A": (2, 1, 2), "B": (2, 1, 1, 3), "C": (5, 1), "D": (1, 5), "E": (1,), "F": (5, 3)}
for p, q in combinations("ABCDEF", 2):
    try:
        pair_shapes[p + q] = broadcast_shape(tensors[p], tensors[q])
    except ValueError:
        pair_shapes[p + q] = None


# %% right: by recursion from the right end
def broadcast_shape(s, t):
    s, t = tuple(s), tuple(t)
    if not s or not t:
        return s or t
    if s[-1] == t[-1] or t[-1] == 1:
        last = s[-1]
    elif s[-1] == 1:
        last = t[-1]
    else:
        raise ValueError("no common shape")
    return broadcast_shape(s[:-1], t[:-1]) + (last,)


# %% right: sets of sizes, a torch.Size as the result, and lists, Size and computed shapes in the dictionary
def broadcast_shape(s, t):
    n = max(len(s), len(t))
    result = []
    for i in range(-n, 0):
        sizes = {shape[i] for shape in (s, t) if i >= -len(shape)} - {1}
        if len(sizes) > 1:
            raise ValueError(sizes)
        result.append(sizes.pop() if sizes else 1)
    return torch.Size(result)


pair_shapes = dict(pair_shapes, AC=[2, 5, 2], CD=(torch.ones(5, 1) + torch.ones(1, 5)).shape, ZZ="unused")
pair_shapes["CF"] = tuple(torch.tensor([5, 3]))


# %% right: a dictionary of the shapes that torch finds itself, and a list as the result of the function
def pairs():
    names = {"A": (2, 1, 2), "B": (2, 1, 1, 3), "C": (5, 1), "D": (1, 5), "E": (1,), "F": (5, 3)}
    for p in names:
        for q in names:
            if p < q:
                try:
                    yield p + q, torch.broadcast_shapes(names[p], names[q])
                except RuntimeError:
                    yield p + q, None


pair_shapes = dict(pairs())


def broadcast_shape(s, t):
    s, t = list(s), list(t)
    while len(s) < len(t):
        s.insert(0, 1)
    while len(t) < len(s):
        t.insert(0, 1)
    for i, (a, b) in enumerate(zip(s, t)):
        if a == 1:
            s[i] = b
        elif a != b and b != 1:
            raise ValueError
    return s


# %% wrong: aligned at the left -> which_pairs, rule
def broadcast_shape(s, t):
    from itertools import zip_longest

    common = []
    for a, b in zip_longest(s, t, fillvalue=1):
        if a != b and 1 not in (a, b):
            raise ValueError("no common shape")
        common.append(b if a == 1 else a)
    return tuple(common)


pair_shapes = {}
tensors = {"A": (2, 1, 2), "B": (2, 1, 1, 3), "C": (5, 1), "D": (1, 5), "E": (1,), "F": (5, 3)}
for p in "ABCDEF":
    for q in "ABCDEF":
        if p < q:
            try:
                pair_shapes[p + q] = broadcast_shape(tensors[p], tensors[q])
            except ValueError:
                pair_shapes[p + q] = None


# %% wrong: the larger of the two sizes, whatever they are -> rule
def broadcast_shape(s, t):
    n = max(len(s), len(t))
    s, t = (1,) * (n - len(s)) + tuple(s), (1,) * (n - len(t)) + tuple(t)
    return tuple(max(a, b) for a, b in zip(s, t))


# %% wrong: the check is right, but the larger size is taken, which is 1 for 0 and 1 -> rule
def broadcast_shape(s, t):
    n = max(len(s), len(t))
    s, t = (1,) * (n - len(s)) + tuple(s), (1,) * (n - len(t)) + tuple(t)
    if any(a != b and a != 1 and b != 1 for a, b in zip(s, t)):
        raise ValueError
    return tuple(max(a, b) for a, b in zip(s, t))


# %% wrong: 0 and 3 are taken for compatible -> rule
def broadcast_shape(s, t):
    n = max(len(s), len(t))
    s, t = (1,) * (n - len(s)) + tuple(s), (1,) * (n - len(t)) + tuple(t)
    if any(a > 1 and b > 1 and a != b for a, b in zip(s, t)):
        raise ValueError
    return tuple(a * b if 0 in (a, b) else max(a, b) for a, b in zip(s, t))


# %% wrong: a divisor passes as well -> rule
def broadcast_shape(s, t):
    n = max(len(s), len(t))
    s, t = (1,) * (n - len(s)) + tuple(s), (1,) * (n - len(t)) + tuple(t)
    for a, b in zip(s, t):
        if min(a, b) == 0:
            if max(a, b) > 1:
                raise ValueError
        elif max(a, b) % min(a, b):
            raise ValueError
    return tuple(b if a == 1 else a for a, b in zip(s, t))


# %% wrong: the pairs of equal numbers of dimensions only -> which_pairs
pair_shapes = {pair: shape if pair in ("CD", "CF") else None for pair, shape in pair_shapes.items()}

# %% wrong: all None -> which_pairs, result_shapes
pair_shapes = dict.fromkeys(pair_shapes, None)

# %% wrong: a shape for every pair -> which_pairs
pair_shapes = {pair: shape or (5, 3) for pair, shape in pair_shapes.items()}

# %% wrong: one pair taken for incompatible -> which_pairs
pair_shapes["AE"] = None

# %% wrong: one key forgotten -> which_pairs
del pair_shapes["BF"]

# %% wrong: False in place of None -> which_pairs
pair_shapes = {pair: shape or False for pair, shape in pair_shapes.items()}

# %% wrong: letters in the other order -> which_pairs, result_shapes
pair_shapes = {pair[::-1]: shape for pair, shape in pair_shapes.items()}

# %% wrong: the shape of C and D is that of C -> result_shapes
pair_shapes["CD"] = (5, 1)

# %% wrong: the result of C and D as one row of 25 -> result_shapes
pair_shapes["CD"] = (25,)

# %% wrong: numbers of elements in place of shapes -> result_shapes
pair_shapes = {pair: shape and torch.Size(shape).numel() for pair, shape in pair_shapes.items()}

# %% wrong: shapes read from right to left -> result_shapes
pair_shapes = {pair: shape and shape[::-1] for pair, shape in pair_shapes.items()}

# %% wrong: shapes as text -> result_shapes
pair_shapes = {pair: shape and "x".join(map(str, shape)) for pair, shape in pair_shapes.items()}

# %% wrong: yes and no only -> which_pairs, result_shapes
pair_shapes = {pair: shape is not None for pair, shape in pair_shapes.items()}

# %% wrong: a list of pairs -> which_pairs, result_shapes
pair_shapes = list(pair_shapes.items())

# %% wrong: an empty dictionary -> which_pairs, result_shapes
pair_shapes = {}

# %% wrong: a string -> which_pairs, result_shapes
pair_shapes = "AB: None"

# %% wrong: returns None where there is no common shape -> rule
solved = broadcast_shape


def broadcast_shape(s, t):
    try:
        return solved(s, t)
    except ValueError:
        return None


# %% wrong: returns False where there is no common shape -> rule
solved = broadcast_shape


def broadcast_shape(s, t):
    try:
        return solved(s, t)
    except ValueError:
        return False


# %% wrong: an assert instead of ValueError -> rule
def broadcast_shape(s, t):
    n = max(len(s), len(t))
    s, t = (1,) * (n - len(s)) + tuple(s), (1,) * (n - len(t)) + tuple(t)
    assert all(a == b or 1 in (a, b) for a, b in zip(s, t))
    return tuple(b if a == 1 else a for a, b in zip(s, t))


# %% wrong: torch.broadcast_shapes -> rule
def broadcast_shape(s, t):
    try:
        return tuple(torch.broadcast_shapes(tuple(s), tuple(t)))
    except RuntimeError as error:
        raise ValueError(str(error))


# %% wrong: torch.broadcast_shapes under another name -> rule
from torch import broadcast_shapes as find


def broadcast_shape(s, t):
    try:
        return tuple(find(tuple(s), tuple(t)))
    except RuntimeError as error:
        raise ValueError(str(error))


# %% wrong: numpy.broadcast_shapes -> rule
import numpy as np


def broadcast_shape(s, t):
    return np.broadcast_shapes(tuple(s), tuple(t))


# %% wrong: adds real tensors -> rule
def broadcast_shape(s, t):
    try:
        return tuple((torch.empty(tuple(s)) + torch.empty(tuple(t))).shape)
    except RuntimeError as error:
        raise ValueError(str(error))


# %% wrong: adds tensors without memory -> rule
def broadcast_shape(s, t):
    try:
        return tuple((torch.empty(tuple(s), device="meta") + torch.empty(tuple(t), device="meta")).shape)
    except RuntimeError as error:
        raise ValueError(str(error))


# %% wrong: the result is left in reverse order -> rule
def broadcast_shape(s, t):
    from itertools import zip_longest

    common = []
    for a, b in zip_longest(reversed(s), reversed(t), fillvalue=1):
        if a != b and 1 not in (a, b):
            raise ValueError
        common.append(b if a == 1 else a)
    return tuple(common)


# %% wrong: zip stops at the shorter shape -> rule
def broadcast_shape(s, t):
    common = []
    for a, b in zip(reversed(s), reversed(t)):
        if a != b and 1 not in (a, b):
            raise ValueError
        common.append(b if a == 1 else a)
    return tuple(reversed(common))


# %% wrong: only the second shape may be stretched -> rule
def broadcast_shape(s, t):
    n = max(len(s), len(t))
    s, t = (1,) * (n - len(s)) + tuple(s), (1,) * (n - len(t)) + tuple(t)
    if any(a != b and b != 1 for a, b in zip(s, t)):
        raise ValueError
    return s


# %% wrong: returns its first argument -> rule
def broadcast_shape(s, t):
    return s


# %% wrong: always raises -> rule
def broadcast_shape(s, t):
    raise ValueError("no common shape")


# %% wrong: returns nothing -> rule
def broadcast_shape(s, t):
    print((5, 3))


# %% wrong: only the pairs of this exercise -> rule
def broadcast_shape(s, t):
    known = {((5, 1), (1, 5)): (5, 5), ((2, 1, 2), (1,)): (2, 1, 2), ((1,), (5, 3)): (5, 3)}
    if (tuple(s), tuple(t)) not in known:
        raise ValueError
    return known[tuple(s), tuple(t)]
