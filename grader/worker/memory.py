"""Where a tensor's elements lie, read past anything that a subclass or a patched method says."""

from __future__ import annotations

from builtins import issubclass, len
from typing import Any

import torch

# The originals, bound before any student code runs.
_TensorBase: Any = torch._C.TensorBase  # pyright: ignore[reportPrivateUsage]
_data_ptr = _TensorBase.data_ptr
_storage = torch.Tensor.untyped_storage
_offset = _TensorBase.storage_offset
_stride = _TensorBase.stride
_item_size = _TensorBase.element_size
_Tensor = torch.Tensor
_as_subclass = _TensorBase.as_subclass
_without_torch_function: Any = torch._C.DisableTorchFunction  # pyright: ignore[reportPrivateUsage]


def memory_of(value: Any) -> dict[str, Any]:
    """Addresses, in bytes, of the elements and of the whole storage, with offset, shape and strides.

    Raises ``TypeError`` for anything but a dense tensor.
    """
    if not issubclass(type(value), _Tensor):
        raise TypeError(f"only a tensor has a memory of its own; this is of type {type(value).__name__}")
    with _without_torch_function():
        if _TensorBase.layout.__get__(value) is not torch.strided or _TensorBase.is_meta.__get__(value):
            raise TypeError("only a dense tensor has a memory of its own")
        plain = _as_subclass(value, _Tensor)
        storage = _storage(plain)
        return {
            "storage": torch.UntypedStorage.data_ptr(storage),
            "bytes": len(storage),
            "pointer": _data_ptr(plain),
            "offset": _offset(plain),
            "shape": tuple(plain.shape),
            "stride": tuple(_stride(plain)),
            "item_size": _item_size(plain),
        }
