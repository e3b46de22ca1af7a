"""Values, kinds and places put into words for a student.

What a student's code produced is shown shortened, rounded, and with control characters escaped; what
was expected is never shown at all, because the next student would read it here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a bool"),
    (np.bool_, "a bool"),
    (int, "an int"),
    (float, "a float"),
    (complex, "a complex number"),
    (str, "a string"),
    (bytes, "a bytes object"),
    (torch.Tensor, "a tensor"),
    (np.ndarray, "a NumPy array"),
    (np.number, "a NumPy number"),
    (torch.Size, "a torch.Size"),
    (list, "a list"),
    (tuple, "a tuple"),
    (dict, "a dictionary"),
    (set, "a set"),
    (frozenset, "a frozenset"),
    (slice, "a slice"),
    (range, "a range"),
    (torch.dtype, "a torch.dtype"),
    (torch.device, "a torch.device"),
)
_DIGITS_SHOWN = 15


def is_data(value: object) -> bool:
    """Whether it is plain data, a container included, and no opaque object of the student's."""
    return value is None or isinstance(value, tuple(kind for kind, _ in _KINDS))


def is_number(value: object) -> bool:
    """Whether it is one number: of Python or NumPy, and not a bool."""
    return isinstance(value, int | float | complex | np.number) and not isinstance(
        value, bool | np.timedelta64
    )


def kind_of(value: object) -> str:
    """ "a tensor", "None", "an object of type 'Linear'"."""
    if value is None:
        return "None"
    for kind, words in _KINDS:
        if isinstance(value, kind):
            return words
    try:  # an opaque object may name itself; it is the student's, so nothing about it is certain
        name: object = getattr(value, "type_name", type(value).__name__)
    except Exception:  # noqa: BLE001
        name = type(value).__name__
    return f"an object of type {_clipped(repr(name[:80] if isinstance(name, str) else '?'), 60)}"


def shown(value: object) -> str:
    """A student's own value for a message: itself where it is short and plain, else its kind."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if is_number(value):
        return number_text(python_number(value))
    if isinstance(value, str | bytes):
        return _clipped(repr(value[:80]), 60)
    if isinstance(value, torch.dtype | torch.device):
        return str(value)
    return kind_of(value)


def python_number(value: Any) -> int | float | complex:
    """The Python number that a number of NumPy holds."""
    if isinstance(value, np.complexfloating):
        return complex(value)
    if isinstance(value, np.floating):
        return float(value)
    return int(value) if isinstance(value, np.integer) else value


def number_text(value: float | complex, digits: int = 4) -> str:
    """A number rounded to so many significant digits; an int of up to 15 digits in full."""
    if isinstance(value, complex):
        sign = "-" if math.copysign(1.0, value.imag) < 0 else "+"
        return f"{value.real:.{digits}g}{sign}{abs(value.imag):.{digits}g}j"
    if isinstance(value, int) and value.bit_length() > 1000:
        return f"an integer of about {round(value.bit_length() * math.log10(2))} digits"  # str() may refuse
    if isinstance(value, int) and abs(value) < 10**_DIGITS_SHOWN:
        return str(value)
    return f"{float(value):.{digits}g}"


def size_text(apart: float) -> str:
    """A difference, rounded to two digits: own value and exact difference would tell what is expected."""
    if isinstance(apart, int) and apart.bit_length() > 1000:
        return number_text(apart)
    text = f"{float(apart):.2g}"
    return f"{float(text):.0f}" if 100 <= apart < 1e6 else text  # 180, not 1.8e+02


def share_text(part: int, whole: int) -> str:
    """ "12 of 20 elements (60 %)": a few are never rounded to none, nor most to all."""
    if part == whole:
        return f"all {whole} elements"
    percent = round(100 * part / whole)
    rounded = f"{percent} %"
    if percent in (0, 100):
        rounded = "over 99 %" if percent else "under 1 %"
    return f"{part} of {counted(whole, 'element')} ({rounded})"


def counted(number: int, noun: str) -> str:
    """ "1 row", "3 rows"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def index_text(index: Sequence[int]) -> str:
    """ "index 3", "index (2, 0)"."""
    return f"index {index[0]}" if len(index) == 1 else f"index {tuple(index)}"


def shape_text(shape: Sequence[int]) -> str:
    return str(tuple(shape))


def dtype_text(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def sentence(text: str) -> str:
    """A capital at the start, unless the first word is a name of code: "The loss", but "x.grad"."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first in ("the", "your", "a", "an", "each", "every") else text


def joined(items: Sequence[str], last: str = "or") -> str:
    """ "a, b or c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
