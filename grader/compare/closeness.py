"""close, equal and unchanged: is what came back what the reference gives?

In order: kinds, then shapes, then dtypes, then values; the first difference is the message. Values are
told apart in float64 or complex128, or exactly where they are integers, by the rule of
torch.testing.assert_close. Both sides may come from a student (two of their functions compared with each
other), so either may be anything: a difference, however odd, is CheckFailed and never another exception.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from grader.compare.diagnosis import about_dtype, about_shape, about_values, explain, picture
from grader.compare.outcome import CheckFailed
from grader.compare.promote import NUMERIC, beyond, distance, from_numpy, is_dense
from grader.compare.tolerance import EXACT, FLOAT32, FLOAT64, DtypeRule, Tolerance, by_dtype, stated
from grader.compare.wording import (
    counted,
    dtype_text,
    is_data,
    is_number,
    joined,
    kind_of,
    number_text,
    python_number,
    sentence,
    shown,
    size_text,
)

_MAX_DEPTH = 100  # of nested containers; what crosses from the worker is capped far below
_EXACT_IN_FLOAT64 = 2**53


@dataclass(frozen=True, slots=True)
class _Rules:
    """How to compare; the same for every leaf of a structure."""

    tolerance: Tolerance | None  # None: by dtype
    dtype: DtypeRule
    equal_nan: bool

    def __post_init__(self) -> None:
        if not isinstance(cast(object, self.dtype), torch.dtype) and self.dtype not in ("same", "any"):
            raise TypeError(f'dtype must be "same", "any" or a torch.dtype, not {self.dtype!r}')

    @property
    def any_dtype(self) -> bool:
        return self.dtype == "any"


def close(
    actual: object,
    expected: object,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: DtypeRule = "same",
    equal_nan: bool = False,
    what: str = "the result",
) -> None:
    """Demand that two values agree up to rounding: tensors, numbers, and containers of them.

    Args:
        actual: what came from the student.
        expected: what the reference gives: tensors, arrays, numbers, strings, None, ..., or lists, tuples
            and dictionaries of such, which must agree in length and keys.
        rtol, atol: ``|actual - expected| <= atol + rtol * |expected|`` for every element. Both or
            neither; by default torch.testing's for the dtype, so integers must be equal.
        dtype: of tensors and arrays: "same" as expected, a given one, or "any". With "any" an array or
            (for a 0-d tensor) a number may also stand for a tensor, and the reverse.
        equal_nan: whether NaN equals NaN.
        what: names the thing in the message.

    Raises:
        CheckFailed: they differ. Its detail is a picture of where, for tensors of one shape.
        ValueError, TypeError: an option makes no sense.
    """
    _compare(actual, expected, _Rules(stated(rtol, atol), dtype, equal_nan), what)


def equal(actual: object, expected: object, *, dtype: DtypeRule = "same", what: str = "the result") -> None:
    """Like ``close``, with every number exactly right. 3 and 3.0 are equal; True and 1 are not."""
    _compare(actual, expected, _Rules(EXACT, dtype, equal_nan=False), what)


def unchanged(after: object, before: object, *, what: str = "the argument") -> None:
    """Demand that an argument is after the call what it was before, exactly (NaN may stay NaN)."""
    try:
        _compare(after, before, _Rules(EXACT, "same", equal_nan=True), what)
    except CheckFailed as difference:
        remedy = "work on a copy (`clone()`)" if isinstance(before, Tensor) else "work on a copy"
        message = f"{sentence(what)} is no longer what it was before the call: {remedy}."
        raise CheckFailed(message, difference.detail) from None


# --------------------------------------------------------------------------------------- structures


def _compare(actual: Any, expected: Any, rules: _Rules, what: str, depth: int = 0) -> None:
    """Dispatch on what is expected; strings are sequences too, and bools are ints, so the order matters."""
    if depth > _MAX_DEPTH:
        raise CheckFailed(f"{sentence(what)} is nested too deeply to be compared.")
    if isinstance(expected, Tensor | np.ndarray):
        _compare_arrays(actual, expected, rules, what)
    elif isinstance(expected, bool | np.bool_):
        _compare_bools(actual, bool(expected), rules, what)
    elif is_number(expected):
        _compare_numbers(actual, python_number(expected), rules, what)
    elif isinstance(expected, list | tuple):
        _compare_sequences(actual, cast(Sequence[Any], expected), rules, what, depth)
    elif isinstance(expected, dict):
        _compare_mappings(actual, cast(dict[Any, Any], expected), rules, what, depth)
    elif isinstance(expected, set | frozenset):
        _compare_sets(actual, cast(frozenset[Any], expected), rules, what)
    elif isinstance(expected, slice):
        _demand(isinstance(actual, slice), actual, "a slice", what)
        for part in ("start", "stop", "step"):
            _compare(getattr(actual, part), getattr(expected, part), rules, f"{what}.{part}", depth + 1)
    elif isinstance(expected, str | bytes):
        _compare_texts(actual, expected, what)
    elif expected is None or isinstance(expected, range | torch.dtype | torch.device):
        kind = kind_of(expected)
        _demand(type(actual) is type(expected), actual, kind, what)
        if actual != expected:
            raise CheckFailed(f"{sentence(what)} is {shown(actual)}, which is not the {kind[2:]} expected.")
    else:
        raise CheckFailed(f"{sentence(what)} cannot be compared with {kind_of(expected)}: it is not data.")


def _demand(condition: bool, actual: object, wanted: str, what: str, remedy: str = "") -> None:
    if not condition:
        raise CheckFailed(f"{sentence(what)} is {shown(actual)}; {wanted} is expected{remedy}.")


def _compare_sequences(actual: Any, expected: Sequence[Any], rules: _Rules, what: str, depth: int) -> None:
    """Lists and tuples stand for each other. Long lists of numbers get the message that a tensor gets."""
    _demand(isinstance(actual, list | tuple), actual, kind_of(expected), what)
    if len(actual) != len(expected):
        raise CheckFailed(
            f"{sentence(what)} has {counted(len(actual), 'element')}; it should have {len(expected)}."
        )
    vectors = _vector(actual), _vector(expected)
    if vectors[0] is not None and vectors[1] is not None:
        whole = vectors[0].dtype == vectors[1].dtype == torch.int64
        tolerance = rules.tolerance or (EXACT if whole else FLOAT64)
        return _compare_values(vectors[0], vectors[1], tolerance, rules.equal_nan, what)
    for i, (ours, theirs) in enumerate(zip(actual, expected, strict=True)):
        _compare(ours, theirs, rules, f"{what}[{i}]", depth + 1)
    return None


def _vector(items: Sequence[object]) -> Tensor | None:
    """Two or more real Python numbers as a tensor, where float64 or int64 holds them without loss."""
    if len(items) < 2 or not all(
        isinstance(item, int | float) and not isinstance(item, bool) for item in items
    ):
        return None
    if any(isinstance(item, int) and abs(item) > _EXACT_IN_FLOAT64 for item in items):
        return None
    whole = all(isinstance(item, int) for item in items)
    return torch.tensor(items, dtype=torch.int64 if whole else torch.float64)


def _compare_mappings(actual: Any, expected: Mapping[Any, Any], rules: _Rules, what: str, depth: int) -> None:
    _demand(isinstance(actual, dict), actual, "a dictionary", what)
    _refuse_objects(actual, f"a key of {what}")
    _refuse_objects(expected, "a key of what is expected")
    missing = [key for key in expected if key not in actual]
    surplus = [key for key in actual if key not in expected]
    if missing or surplus:
        raise CheckFailed(f"{sentence(what)} has the wrong keys: {_amiss(missing, surplus)}.")
    for key, theirs in expected.items():
        _compare(actual[key], theirs, rules, f"{what}[{shown(key)}]", depth + 1)


def _compare_sets(actual: Any, expected: frozenset[Any], rules: _Rules, what: str) -> None:
    _demand(isinstance(actual, set | frozenset), actual, "a set", what)
    _refuse_objects(actual, f"an element of {what}")
    _refuse_objects(expected, "an element of what is expected")
    missing, surplus = expected - actual, actual - expected
    if missing or surplus:
        raise CheckFailed(f"{sentence(what)} has the wrong elements: {_amiss(missing, surplus)}.")
    if not rules.equal_nan and any(item != item for item in expected):
        raise CheckFailed(f"{sentence(what)} holds NaN, which never counts as equal.")


def _amiss(missing: Iterable[object], surplus: Iterable[object]) -> str:
    """What is missing is only counted: keys may be the very answer, as where words are counted."""
    lacking, own = len(list(missing)), sorted(shown(item) for item in surplus)
    parts = [f"{lacking} missing"] if lacking else []
    if own:
        more = f" and {len(own) - 3} more" if len(own) > 3 else ""
        parts.append(f"{', '.join(own[:3])}{more} not expected")
    return "; ".join(parts)


def _refuse_objects(items: Iterable[object], what: str) -> None:
    """Keys and elements are told apart by ``==``: none of the student's own may decide."""
    for item in items:
        if not _is_plain(item):
            raise CheckFailed(f"{sentence(what)} is {kind_of(item)}, which cannot be compared.")


def _is_plain(item: object, depth: int = 0) -> bool:
    if isinstance(item, tuple | frozenset):
        parts = cast(Iterable[object], item)
        return depth < _MAX_DEPTH and all(_is_plain(part, depth + 1) for part in parts)
    return is_data(item) and not isinstance(item, Tensor)


def _compare_texts(actual: Any, expected: str | bytes, what: str) -> None:
    kind = str if isinstance(expected, str) else bytes
    _demand(isinstance(actual, kind), actual, kind_of(expected), what)
    if actual == expected:
        return
    if actual.split() == expected.split():
        hint = " It differs in white space only."
    elif actual.lower() == expected.lower():
        hint = " It differs in upper and lower case only."
    else:
        hint = ""
    raise CheckFailed(f"{sentence(what)} is {shown(actual)}, which is not the text expected.{hint}")


# ------------------------------------------------------------------------------------------ numbers


def _compare_bools(actual: Any, expected: bool, rules: _Rules, what: str) -> None:
    if rules.any_dtype and isinstance(actual, Tensor | np.ndarray):
        return _compare_arrays(actual, torch.tensor(expected), rules, what)
    _demand(isinstance(actual, bool | np.bool_), actual, "a bool", what)
    if bool(actual) != expected:
        raise CheckFailed(f"{sentence(what)} is {bool(actual)}, which is wrong.")
    return None


def _compare_numbers(actual: Any, expected: complex, rules: _Rules, what: str) -> None:
    """``expected`` is an int, a float or a complex number, of any size."""
    if isinstance(actual, Tensor | np.ndarray):
        scalar = None if _beyond_int64(expected) else torch.tensor(expected, dtype=_dtype_of(expected))
        _demand(
            rules.any_dtype and scalar is not None, actual, "a Python number", what, " (`.item()` gives it)"
        )
        return _compare_arrays(actual, cast(Tensor, scalar), rules, what)
    _demand(is_number(actual), actual, "a number", what)
    tolerance = rules.tolerance or _number_tolerance(actual, expected)
    own = python_number(actual)
    if isinstance(own, complex) and not isinstance(expected, complex):
        raise CheckFailed(f"{sentence(what)} is {shown(own)}, a complex number; a real one is expected.")
    if _numbers_agree(own, expected, tolerance, rules.equal_nan):
        return None
    if not (_beyond_int64(own) or _beyond_int64(expected)):
        ours, theirs = (torch.tensor(number, dtype=_dtype_of(number)) for number in (own, expected))
        _compare_values(ours, theirs, tolerance, rules.equal_nan, what)
    by = ""  # numbers that float64 cannot hold, or cannot tell apart
    if isinstance(own, int) and isinstance(expected, int):
        by = f" by {size_text(abs(own - expected))}"
    raise CheckFailed(f"{sentence(what)} is {number_text(own)} and differs from what is expected{by}.")


def _numbers_agree(actual: complex, expected: complex, tolerance: Tolerance, equal_nan: bool) -> bool:
    """As for tensors; integers exactly, however large."""
    if isinstance(actual, int) and isinstance(expected, int):
        allowed = Fraction(tolerance.atol) + Fraction(tolerance.rtol) * abs(expected)
        return abs(actual - expected) <= allowed
    if actual == expected:  # Python compares an int and a float exactly
        return True
    try:
        ours, theirs = complex(actual), complex(expected)
    except OverflowError:  # an int too large for a float
        return False
    if cmath.isnan(ours) or cmath.isnan(theirs):
        return equal_nan and cmath.isnan(ours) and cmath.isnan(theirs)
    if tolerance.exact or cmath.isinf(ours) or cmath.isinf(theirs):
        return False
    apart = ours - theirs  # hypot, because abs() raises where the size of a complex number overflows
    allowed = tolerance.atol + tolerance.rtol * math.hypot(theirs.real, theirs.imag)
    return math.hypot(apart.real, apart.imag) <= (allowed if math.isfinite(allowed) else 0.0)


def _number_tolerance(actual: object, expected: complex) -> Tolerance:
    """Two Python ints are equal or not; a number of NumPy may be a float32."""
    if isinstance(actual, int | np.integer) and isinstance(expected, int):
        return EXACT
    small = isinstance(actual, np.floating | np.complexfloating) and not isinstance(actual, float | complex)
    return FLOAT64.looser(FLOAT32) if small else FLOAT64


def _dtype_of(number: complex) -> torch.dtype:
    if isinstance(number, complex):
        return torch.complex128
    return torch.int64 if isinstance(number, int) else torch.float64


def _beyond_int64(number: complex) -> bool:
    return isinstance(number, int) and not -(2**63) <= number < 2**63


# ------------------------------------------------------------------------------------------- arrays


def _compare_arrays(actual: Any, expected: Tensor | np.ndarray, rules: _Rules, what: str) -> None:
    if isinstance(expected, np.ndarray) and from_numpy(expected) is None:
        return _compare_text_arrays(actual, expected, what)
    theirs = _as_tensor(expected, what)
    ours = _as_tensor(_stand_in(actual, expected, rules, what), what)
    tolerance = rules.tolerance or by_dtype(ours.dtype, theirs.dtype, rules.dtype)
    if ours.shape != theirs.shape:
        raise CheckFailed(about_shape(what, ours, theirs, tolerance))
    wanted = theirs.dtype if rules.dtype == "same" else rules.dtype
    if isinstance(wanted, torch.dtype) and ours.dtype != wanted:
        apart = distance(ours, theirs, equal_nan=rules.equal_nan)
        right = not bool(beyond(apart, theirs, tolerance.rtol, tolerance.atol).any())
        raise CheckFailed(about_dtype(what, ours, wanted, values_right=right))
    return _compare_values(ours, theirs, tolerance, rules.equal_nan, what)


def _stand_in(actual: Any, expected: Tensor | np.ndarray, rules: _Rules, what: str) -> Tensor | np.ndarray:
    """What may stand for the tensor or array that is expected: under "any" the other, or a number for 0-d."""
    name = "torch tensor" if isinstance(expected, Tensor) else "NumPy array"
    if isinstance(actual, Tensor | np.ndarray):
        fits = rules.any_dtype or isinstance(actual, Tensor) == isinstance(expected, Tensor)
    else:
        scalar = is_number(actual) or isinstance(actual, bool | np.bool_)
        fits = scalar and rules.any_dtype and expected.ndim == 0
    if not fits:
        raise CheckFailed(f"{sentence(what)} is {shown(actual)}; return a {name}.")
    if isinstance(actual, Tensor | np.ndarray):
        return actual
    number = bool(actual) if isinstance(actual, bool | np.bool_) else python_number(actual)
    if _beyond_int64(number):
        raise CheckFailed(f"{sentence(what)} is {number_text(number)}, far too large.")
    return torch.tensor(number, dtype=torch.bool if isinstance(number, bool) else _dtype_of(number))


def _as_tensor(value: Tensor | np.ndarray, what: str) -> Tensor:
    """The value as an ordinary tensor of a numeric dtype, or CheckFailed."""
    if isinstance(value, Tensor):
        if not is_dense(value):
            raise CheckFailed(
                f"{sentence(what)} is not an ordinary (dense) tensor, so it cannot be compared."
            )
        if value.dtype not in NUMERIC:
            raise CheckFailed(
                f"{sentence(what)} has dtype {dtype_text(value.dtype)}, which cannot be compared."
            )
        return value
    tensor = from_numpy(value)
    if tensor is None:
        raise CheckFailed(f"{sentence(what)} is a NumPy array of dtype {value.dtype.name}, not of numbers.")
    return tensor


def _compare_values(
    actual: Tensor, expected: Tensor, tolerance: Tolerance, equal_nan: bool, what: str
) -> None:
    """The comparison itself, of two tensors of one shape."""
    apart = distance(actual, expected, equal_nan=equal_nan)
    wrong = beyond(apart, expected, tolerance.rtol, tolerance.atol)
    if bool(wrong.any()):
        likely = explain(actual, expected, tolerance, equal_nan=equal_nan)
        message = about_values(what, actual, wrong, apart, tolerance, likely)
        raise CheckFailed(message, picture(wrong, apart, expected))


def _compare_text_arrays(actual: Any, expected: np.ndarray, what: str) -> None:
    """Arrays of strings, bytes or dates are equal or not. Any other holds objects, which have no say here."""
    _demand(isinstance(actual, np.ndarray), actual, "a NumPy array", what)
    if actual.dtype.kind != expected.dtype.kind or expected.dtype.kind not in "USMm":
        kinds = joined([repr(actual.dtype.name), repr(expected.dtype.name)], "and")
        raise CheckFailed(f"{sentence(what)} cannot be compared: arrays of dtypes {kinds}.")
    if actual.shape != expected.shape or not bool((actual == expected).all()):
        raise CheckFailed(f"{sentence(what)} is not the array expected.")
