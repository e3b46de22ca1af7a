"""Both sides on common ground: exact where they are integers, else in float64 or complex128.

Nothing is compared in the precision of the answer: float16 arithmetic would round the very difference
that is looked for.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

INTEGERS = frozenset(
    {torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64}
    | {torch.int8, torch.int16, torch.int32, torch.int64}
)

# The float8 family grew from one version of torch to the next.
_FLOAT8 = ("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu")
NUMERIC = (
    INTEGERS
    | {torch.float16, torch.bfloat16, torch.float32, torch.float64}
    | {torch.complex32, torch.complex64, torch.complex128}
    | {getattr(torch, name) for name in _FLOAT8 if hasattr(torch, name)}
)


def is_dense(tensor: Tensor) -> bool:
    """Whether the tensor is an ordinary one, whose elements can be read one by one."""
    return tensor.layout is torch.strided and not (tensor.is_nested or tensor.is_quantized or tensor.is_meta)


def from_numpy(array: np.ndarray) -> Tensor | None:
    """A copy as a tensor of the same shape and dtype; None where the array does not hold numbers.

    float128 and its complex kin, which torch lacks, are rounded to float64 and complex128.
    """
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind not in "biufc":
        return None
    dtype = array.dtype.newbyteorder("=")
    if kind == "f" and size > 8:
        dtype = np.dtype(np.float64)
    elif kind == "c" and size > 16:
        dtype = np.dtype(np.complex128)
    with np.errstate(over="ignore"):  # float128 beyond float64: infinity, as anywhere else
        # A copy: from_numpy warns about read-only memory and refuses negative strides.
        return torch.from_numpy(np.array(array, dtype=dtype, order="C", copy=True, subok=False))


def promoted(tensor: Tensor) -> Tensor:
    """An int64, float64 or complex128 tensor of the same values (uint64: itself), detached, on the CPU."""
    tensor = tensor.detach().cpu()
    if tensor.dtype == torch.uint64:
        return tensor
    if tensor.dtype in INTEGERS:
        return tensor.to(torch.int64)
    if tensor.dtype == torch.complex32:  # the direct conversion warns that it is experimental
        return torch.view_as_complex(torch.view_as_real(tensor.resolve_conj()).to(torch.float64).contiguous())
    return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)


def inexact(tensor: Tensor) -> Tensor:
    """The promoted tensor in float64 or complex128 whatever it held: good for formulas, not for verdicts."""
    tensor = promoted(tensor)
    return tensor if tensor.is_complex() else tensor.to(torch.float64)


def distance(actual: Tensor, expected: Tensor, *, equal_nan: bool = False) -> Tensor:
    """|actual - expected| of two tensors of one shape, as float64 of that shape.

    Equal elements are 0 apart, equal infinities included. What no tolerance can bridge is infinity
    apart: NaN from anything (but from NaN with ``equal_nan``), an infinity from anything else.
    """
    if not (actual.dtype in INTEGERS and expected.dtype in INTEGERS):
        return _apart_as_floats(inexact(actual), inexact(expected), equal_nan)
    if torch.uint64 in (actual.dtype, expected.dtype):
        return _apart_as_python(actual, expected)
    return _apart_as_integers(promoted(actual), promoted(expected))


def _apart_as_integers(actual: Tensor, expected: Tensor) -> Tensor:
    """Subtracted before they are rounded: 2**60 and 2**60 + 1 are one apart, in float64 they are not.

    The difference may need 64 bits and no sign, so it wraps to a negative number: 2**64 is added back.
    """
    wrapped = torch.where(actual >= expected, actual - expected, expected - actual)
    return wrapped.to(torch.float64) + (wrapped < 0) * 2.0**64


def _apart_as_python(actual: Tensor, expected: Tensor) -> Tensor:
    """Slow and exact. torch subtracts no uint64, which hardly anybody uses."""
    pairs = zip(actual.flatten().tolist(), expected.flatten().tolist(), strict=True)
    flat = torch.tensor([float(abs(p - q)) for p, q in pairs], dtype=torch.float64)
    return flat.reshape(expected.shape)


def _apart_as_floats(actual: Tensor, expected: Tensor, equal_nan: bool) -> Tensor:
    apart = (actual - expected).abs()
    apart = apart.where(apart.isfinite(), torch.inf)
    same = actual == expected
    if equal_nan:
        same = same | (actual.isnan() & expected.isnan())
    return apart.where(~same, 0.0)


def beyond(apart: Tensor, expected: Tensor, rtol: float, atol: float) -> Tensor:
    """Where the distance is more than is allowed, as a bool tensor.

    The rule of torch.isclose: infinity apart is beyond any tolerance, also near an infinite value.
    """
    if rtol == atol == 0:
        return apart > 0
    allowed = atol + rtol * inexact(expected).abs()
    return apart > allowed.where(allowed.isfinite(), 0.0)
