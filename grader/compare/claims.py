"""The verbs that need no expected value: ensure, fail, partly, a_tensor, number(s), truth, instance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NoReturn, TypeVar, cast, get_args

import numpy as np
import torch
from torch import Tensor

from grader.compare.outcome import CheckFailed, Partly
from grader.compare.promote import INTEGERS, NUMERIC, from_numpy, is_dense
from grader.compare.wording import (
    counted,
    dtype_text,
    is_number,
    joined,
    kind_of,
    python_number,
    sentence,
    shape_text,
    shown,
)

T = TypeVar("T")
DtypeKind = Literal["floating", "integer", "numeric"]
_KIND_NAMES = {
    "floating": "a floating dtype, such as float32,",
    "integer": "an integer dtype, such as int64,",
    "numeric": "a dtype of numbers, such as float32 or int64,",
}


def ensure(condition: object, message: str) -> None:
    """Demand that a condition holds: a bool, or a bool tensor or array of one element.

    Anything else counts as not true. A string or an object of the student's, though truthy, earns nothing.
    """
    if not _one_bool(condition):
        raise CheckFailed(message)


def fail(message: str) -> NoReturn:
    """End the check: the answer is wrong."""
    raise CheckFailed(message)


def partly(earned: float, of: float, message: str) -> None:
    """End the check with a share of its points, ``earned / of``. All of it: no exception; nothing: a fail.

    Raises ValueError unless ``of`` is positive.
    """
    if not 0 < of < math.inf:
        raise ValueError(f"of must be positive: {of=}")
    if not earned > 0:  # NaN included
        raise CheckFailed(message)
    if earned < of:
        raise Partly(earned, of, message)


def a_tensor(
    value: object,
    *,
    shape: Sequence[int | None] | None = None,
    dtype: torch.dtype | DtypeKind | None = None,
    ndim: int | None = None,
    what: str = "the result",
) -> Tensor:
    """Demand an ordinary tensor, and return it.

    Args:
        value: what came from the student.
        shape: the exact shape; None in it stands for any size.
        dtype: the exact dtype, or a kind of them; bool is none of "floating", "integer" and "numeric".
        ndim: the number of dimensions.
        what: names the thing in the message.
    """
    if dtype is not None and not isinstance(dtype, torch.dtype) and dtype not in get_args(DtypeKind):
        raise TypeError(f"dtype must be a torch.dtype or one of {get_args(DtypeKind)}, not {dtype!r}")
    name = sentence(what)
    if not isinstance(value, Tensor):
        raise CheckFailed(f"{name} is {shown(value)}; return a torch tensor.")
    if not is_dense(value):
        raise CheckFailed(f"{name} is not an ordinary (dense) tensor.")
    if ndim is not None and value.ndim != ndim:
        raise CheckFailed(
            f"{name} has {value.ndim} dimensions, shape {shape_text(value.shape)}; {ndim} are expected."
        )
    if shape is not None and not _has_shape(value, shape):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        wanted = f"({wanted},)" if len(shape) == 1 else f"({wanted})"
        raise CheckFailed(f"{name} has shape {shape_text(value.shape)}; {wanted} is expected.")
    if dtype is not None and not _has_dtype(value, dtype):
        wanted = dtype_text(dtype) if isinstance(dtype, torch.dtype) else _KIND_NAMES[dtype]
        raise CheckFailed(f"{name} has dtype {dtype_text(value.dtype)}; {wanted} is expected.")
    return value


def _has_shape(tensor: Tensor, shape: Sequence[int | None]) -> bool:
    return tensor.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(tensor.shape, shape, strict=True)
    )


def _has_dtype(tensor: Tensor, dtype: torch.dtype | DtypeKind) -> bool:
    have = tensor.dtype
    match dtype:
        case "floating":
            return have.is_floating_point
        case "integer":
            return have in INTEGERS and have != torch.bool
        case "numeric":
            return have in NUMERIC and have != torch.bool
        case _:
            return have == dtype


def number(value: object, *, finite: bool = True, what: str = "the result") -> float:
    """Demand one real number, and return it as a float.

    An int, a float, a number of NumPy, or a tensor or array of one element; no bool, None, string or
    complex number; neither NaN nor an infinity unless ``finite`` is False.
    """
    held = _only_element(value, what)
    if not is_number(held) or isinstance(held, complex | np.complexfloating):
        raise CheckFailed(f"{sentence(what)} is {shown(held)}; a real number is expected.")
    try:
        result = float(cast(float, python_number(held)))
    except OverflowError:
        raise CheckFailed(f"{sentence(what)} is {shown(held)}, far too large.") from None
    if finite and not math.isfinite(result):
        raise CheckFailed(f"{sentence(what)} is {result}; a finite number is expected.")
    return result


def _only_element(value: Any, what: str) -> object:
    """The number in a tensor or array of one element; anything else as it is."""
    if isinstance(value, np.ndarray):
        value = from_numpy(value) if value.size == 1 else value
    if not isinstance(value, Tensor) or not is_dense(value) or value.dtype not in NUMERIC:
        return value
    if value.numel() != 1:
        raise CheckFailed(
            f"{sentence(what)} is a tensor of shape {shape_text(value.shape)}; one number is expected."
        )
    return value.detach().item()


def numbers(
    value: object, count: int | None = None, *, finite: bool = True, what: str = "the result"
) -> Tensor:
    """Demand `count` real numbers in a row, or any count of them, and return them as a 1-D tensor.

    A list or a tuple of numbers of any kind (see ``number``), or a 1-D tensor or array. The tensor that is
    returned is float64, but float32 if a number in it came in a lower precision than float64: then ``close``
    with ``dtype="any"`` takes the tolerance of float32. Neither NaN nor an infinity unless ``finite`` is False.
    """
    if isinstance(value, np.ndarray) and (converted := from_numpy(value)) is not None:
        value = converted
    is_row = isinstance(value, Tensor) and is_dense(value) and value.ndim == 1
    if not is_row and not isinstance(value, list | tuple):
        held = f"a tensor of shape {shape_text(value.shape)}" if isinstance(value, Tensor) else shown(value)
        wanted = "numbers" if count is None else counted(count, "number")
        raise CheckFailed(
            f"{sentence(what)} is {held}; {wanted} in a row are expected, as in a list or a tuple."
        )
    row = cast(Sequence[object], value)
    if count is not None and len(row) != count:
        raise CheckFailed(f"{sentence(what)} holds {counted(len(row), 'number')}; it should hold {count}.")
    items = [row[i] for i in range(len(row))]
    found = [number(item, finite=finite, what=f"{what}[{i}]") for i, item in enumerate(items)]
    result = torch.tensor(found, dtype=torch.float64)
    return result.float() if any(_is_single(item) for item in items) else result


def _is_single(value: object) -> bool:
    """Whether a number came in a floating type that is coarser than float64."""
    if isinstance(value, Tensor):
        return value.is_floating_point() and value.dtype != torch.float64
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind == "f" and value.dtype.itemsize < 8
    return False


def truth(value: object, *, what: str = "the result") -> bool:
    """Demand a truth value, and return it as a bool.

    True or False, NumPy's, or a bool tensor or array of one element; no number, None or string.
    """
    held = _one_bool(value)
    if held is None:
        raise CheckFailed(f"{sentence(what)} is {shown(value)}; True or False is expected.")
    return held


def _one_bool(value: object) -> bool | None:
    """The one bool that a value is or holds; None where it is anything else."""
    if isinstance(value, Tensor):
        one = is_dense(value) and value.dtype == torch.bool and value.numel() == 1
        return bool(value.item()) if one else None
    if isinstance(value, np.ndarray):
        return bool(value.item()) if value.dtype == np.bool_ and value.size == 1 else None
    return bool(value) if isinstance(value, bool | np.bool_) else None


def instance(value: object, types: type[T] | tuple[type[T], ...], *, what: str = "the result") -> T:
    """Demand data of a type (or one of several), and return it. A bool is not an int here."""
    wanted = types if isinstance(types, tuple) else (types,)
    is_bool = isinstance(value, bool) and bool not in wanted and object not in wanted
    if not isinstance(value, wanted) or is_bool:
        names = joined([f"`{kind.__name__}`" for kind in wanted])
        raise CheckFailed(f"{sentence(what)} is {kind_of(value)}; {names} is expected.")
    return cast(T, value)
