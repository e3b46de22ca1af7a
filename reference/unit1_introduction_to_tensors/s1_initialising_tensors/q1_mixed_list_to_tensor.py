"""torch.tensor promotes numbers to one common dtype (bool < int64 < float32 < complex64) and refuses the rest.

It refuses with errors of different types: text in front looks like a sequence (ValueError), text further back is an
invalid element (TypeError), None has no dtype (RuntimeError), so all three must be caught.
"""

# %% solution
import torch

mixed_list = [3.14, 2, "a", True]


def to_tensor_or_none(items: list) -> torch.Tensor | None:
    try:
        return torch.tensor(items)
    except (TypeError, ValueError, RuntimeError):
        return None


RANKS = {bool: torch.bool, int: torch.int64, float: torch.float32, complex: torch.complex64}


def predict_dtype(items: list) -> torch.dtype | None:
    types = {type(item) for item in items}
    if not types <= set(RANKS):
        return None
    if not types:
        return torch.float32  # an empty list
    ranked = list(RANKS)
    return RANKS[max(types, key=ranked.index)]


refusal_reasons = {"a", "b", "d"}

mixed_list_explanation = """
The attempt fails with a TypeError. All elements of a tensor share one dtype, so PyTorch looks for a type that can
hold them all. For numbers of different kinds there is one: the int and the bool would have been promoted to float32
together with the float. The text cannot be promoted: PyTorch has no dtype for text. A list only stores references to
objects that lie elsewhere, each with its own type, while the data of a tensor is one block of numbers of equal size.
"""

# %% rubric: mixed_list_explanation
# 0.5  numbers of different kinds do convert, by promotion to one common type
# 0.5  the text element makes it fail
# 0.5  a tensor has one dtype for all its elements
# 0.5  there is no dtype for text; or: storage of fixed-size numbers, where a list holds references

# %% right: any exception is a refusal, as_tensor, ranks as numbers
mixed_list = ["z", 1, 2.0, None, (3, 4)]


def to_tensor_or_none(items):
    try:
        return torch.as_tensor(items)
    except Exception as error:
        print("refused:", error)
        return None


def predict_dtype(items):
    rank = 0 if items else 2
    for item in items:
        if isinstance(item, bool):
            continue
        elif isinstance(item, int):
            rank = max(rank, 1)
        elif isinstance(item, float):
            rank = max(rank, 2)
        elif isinstance(item, complex):
            rank = max(rank, 3)
        else:
            return None
    return [torch.bool, torch.int64, torch.float32, torch.complex64][rank]


# %% right: a chain of any(isinstance), with the bools told from the ints
def predict_dtype(items):
    if any(isinstance(item, (str, type(None))) for item in items):
        return None
    if any(isinstance(item, complex) for item in items):
        return torch.complex64
    if any(isinstance(item, float) for item in items) or len(items) == 0:
        return torch.float32
    if any(isinstance(item, int) and not isinstance(item, bool) for item in items):
        return torch.int64
    return torch.bool


# %% right: promotion of dtypes, two at a time, and a copy of the list
import copy
import functools


def to_tensor_or_none(items):
    result = None
    try:
        result = torch.tensor(copy.deepcopy(items))
    finally:
        return result


def predict_dtype(items):
    table = {"bool": torch.bool, "int": torch.int64, "float": torch.float32, "complex": torch.complex64}
    try:
        dtypes = [table[type(item).__name__] for item in items]
    except KeyError:
        return None
    return functools.reduce(torch.promote_types, dtypes) if dtypes else torch.get_default_dtype()


# %% right: the sum of Python numbers is of the widest type
refusal_reasons = ["d", "b", "a"]


def predict_dtype(items):
    try:
        total = sum(items[1:], items[0]) if items else 0.0
    except TypeError:
        return None
    if isinstance(total, str) or total is None:
        return None
    if items and all(type(item) is bool for item in items):
        return torch.bool
    return {int: torch.int64, float: torch.float32, complex: torch.complex64}[type(total)]


# %% right: a list with objects of all sorts, NumPy's promotion of types
import numpy as np

mixed_list = [len, 0, {"a": 1}, 0.0, [1, 2], "é", torch.zeros(2)]
refusal_reasons = "a, b, d"


def predict_dtype(items):
    if not items:
        return torch.float32
    if any(item is None for item in items):
        return None
    found = str(np.result_type(*{type(item) for item in items}))
    names = {"bool": "bool", "int64": "int64", "float64": "float32", "complex128": "complex64"}
    return getattr(torch, names[found]) if found in names else None


# %% wrong: only a TypeError is caught -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor(items)
    except TypeError:
        return None


# %% wrong: None in the list gets through the net -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor(items)
    except (TypeError, ValueError):
        return None


# %% wrong: nothing is caught -> to_tensor_or_none
def to_tensor_or_none(items):
    return torch.tensor(items)


# %% wrong: text becomes its character code -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor(
            [ord(item) if isinstance(item, str) and len(item) == 1 else item for item in items]
        )
    except Exception:
        return None


# %% wrong: text of digits becomes a number -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor([float(item) if isinstance(item, str) else item for item in items])
    except Exception:
        return None


# %% wrong: text is left out -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor([item for item in items if not isinstance(item, str)])
    except Exception:
        return None


# %% wrong: ragged rows are padded -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor(items)
    except Exception:
        pass
    try:
        rows = [torch.tensor(row) for row in items]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    except Exception:
        return None


# %% wrong: always None -> to_tensor_or_none, predict_dtype
def to_tensor_or_none(items):
    return None


def predict_dtype(items):
    return None


# %% wrong: by way of NumPy, float64 -> to_tensor_or_none
import numpy as np


def to_tensor_or_none(items):
    try:
        return torch.from_numpy(np.array(items))
    except Exception:
        return None


# %% wrong: everything is made float -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor(items, dtype=torch.float32)
    except Exception:
        return None


# %% wrong: the list comes back as it is -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        torch.tensor(items)
        return items
    except Exception:
        return None


# %% wrong: an error message takes the place of None -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor(items)
    except Exception as error:
        return str(error)


# %% wrong: the list is emptied on the way -> to_tensor_or_none
def to_tensor_or_none(items):
    try:
        return torch.tensor([items.pop(0) for _ in range(len(items))])
    except Exception:
        return None


# %% wrong: only flat lists are taken -> to_tensor_or_none
def to_tensor_or_none(items):
    if all(isinstance(item, (bool, int, float, complex)) for item in items):
        return torch.tensor(items)
    return None


# %% wrong: the first result is kept for ever -> to_tensor_or_none, predict_dtype
import functools

first = {}


def to_tensor_or_none(items):
    if "tensor" not in first:
        try:
            first["tensor"] = torch.tensor(items)
        except Exception:
            first["tensor"] = None
    return first["tensor"]


def predict_dtype(items):
    if "dtype" not in first:
        first["dtype"] = torch.int64
    return first["dtype"]


# %% wrong: float64 out of NumPy's habit -> predict_dtype
def predict_dtype(items):
    types = {type(item) for item in items}
    if str in types or type(None) in types:
        return None
    if complex in types:
        return torch.complex128
    if float in types or not types:
        return torch.float64
    return torch.int64 if int in types else torch.bool


# %% wrong: int32 out of habit -> predict_dtype
def predict_dtype(items):
    types = {type(item) for item in items}
    if str in types or type(None) in types:
        return None
    if complex in types:
        return torch.complex64
    if float in types or not types:
        return torch.float32
    return torch.int32 if int in types else torch.bool


# %% wrong: the first element decides -> predict_dtype
def predict_dtype(items):
    if not items:
        return torch.float32
    return RANKS.get(type(items[0]))


# %% wrong: the first number decides, text and None are seen -> predict_dtype
def predict_dtype(items):
    if any(item is None or isinstance(item, str) for item in items):
        return None
    return RANKS[type(items[0])] if items else torch.float32


# %% wrong: a bool is an int -> predict_dtype
def predict_dtype(items):
    if any(item is None or isinstance(item, str) for item in items):
        return None
    if any(isinstance(item, complex) for item in items):
        return torch.complex64
    if any(isinstance(item, float) for item in items) or not items:
        return torch.float32
    return torch.int64


# %% wrong: an empty list is thought to be refused -> predict_dtype
solution = predict_dtype


def predict_dtype(items):
    return solution(items) if items else None


# %% wrong: None is thought to count as nothing -> predict_dtype
solution = predict_dtype


def predict_dtype(items):
    return solution([item for item in items if item is not None])


# %% wrong: the tensor is built and asked -> predict_dtype
def predict_dtype(items):
    try:
        return torch.tensor(items).dtype
    except Exception:
        return None


# %% wrong: the tensor is built by the other function -> predict_dtype
def predict_dtype(items):
    result = to_tensor_or_none(items)
    return None if result is None else result.dtype


# %% wrong: built under an imported name -> predict_dtype
from torch import as_tensor as make


def predict_dtype(items):
    try:
        return make(items).dtype
    except Exception:
        return None


# %% wrong: names of the dtypes as strings -> predict_dtype
solution = predict_dtype


def predict_dtype(items):
    return str(solution(items))


# %% wrong: an exception for a refusal -> predict_dtype
solution = predict_dtype


def predict_dtype(items):
    if solution(items) is None:
        raise TypeError("PyTorch would refuse this list")
    return solution(items)


# %% wrong: numbers only are not refused -> mixed_list
mixed_list = [1, 2.5, True]

# %% wrong: the text has two characters -> mixed_list
mixed_list = [1, 2.5, "ab"]

# %% wrong: a bool in place of the int -> mixed_list
mixed_list = [True, 2.5, "a"]

# %% wrong: no float -> mixed_list
mixed_list = [1, "a", None, 3 + 2j]

# %% wrong: a tuple -> mixed_list
mixed_list = (1, 2.5, "a")

# %% wrong: the list as a string -> mixed_list
mixed_list = "[1, 2.5, 'a']"

# %% wrong: the mixture sits one level deeper -> mixed_list
mixed_list = [[1, 2.5, "a"]]

# %% wrong: an empty list -> mixed_list
mixed_list = []

# %% wrong: one reason is missing -> refusal_reasons
refusal_reasons = {"a", "b"}

# %% wrong: all reasons, to be on the safe side -> refusal_reasons
refusal_reasons = {"a", "b", "c", "d", "e", "f"}

# %% wrong: the false reasons -> refusal_reasons
refusal_reasons = {"c", "e", "f"}

# %% wrong: a key that does not exist -> refusal_reasons
refusal_reasons = {"z"}
