"""What a check forbids is refused here while the call runs.

A name such as ``torch.broadcast_shapes`` is replaced by a function that notes the attempt and raises; the
same object is replaced in the student's own namespace (``from torch import broadcast_shapes``). The attempt
counts even if the answer swallows the exception. Whoever hides a short cut better than that is met by the
parent, which looks into the source, and by hidden inputs that make the short cut useless.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

import torch

AUTOGRAD = (
    "torch.autograd.grad",
    "torch.autograd.backward",
    "torch.autograd._engine_run_backward",  # where all of these end up, however they were come by
    "torch.autograd.graph._engine_run_backward",
    "torch.autograd.Variable._execution_engine",  # and what they call there
    "torch.Tensor.backward",
    "torch.autograd.functional.jacobian",
    "torch.autograd.functional.hessian",
    "torch.autograd.functional.vjp",
    "torch.autograd.functional.jvp",
    "torch.func.grad",
    "torch.func.grad_and_value",
    "torch.func.vjp",
    "torch.func.jvp",
    "torch.func.jacrev",
    "torch.func.jacfwd",
    "torch.func.hessian",
    "torch.func.linearize",
    "torch.autograd.forward_ad.make_dual",
)

GROUPS = {"autograd": AUTOGRAD}

GRADIENT_MODES: dict[str, Callable[[], Any]] = {
    "on": contextlib.nullcontext,
    "no_grad": torch.no_grad,
    "inference": torch.inference_mode,
}


class Guard:
    """Refuses the named functions within a ``with`` block; `touched` tells which were tried."""

    def __init__(self, names: Iterable[str], namespace: dict[str, Any]) -> None:
        self._names = [full for name in names for full in GROUPS.get(name, (name,))]
        self._namespace = namespace
        self._undo: list[Callable[[], None]] = []
        self.touched: set[str] = set()

    def __enter__(self) -> Guard:
        for name in self._names:
            found = _find(name)
            if found is not None:
                self._refuse(*found, name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._undo:
            self._undo.pop()()

    def _refuse(self, owner: Any, attribute: str, name: str) -> None:
        present, original = attribute in vars(owner), getattr(owner, attribute)
        previous = vars(owner).get(attribute)  # the raw attribute: a staticmethod stays one

        def refused(*args: Any, **kwargs: Any) -> Any:
            self.touched.add(name)
            raise RuntimeError(f"{name} is not allowed in this exercise")

        vars(refused)["run_backward"] = refused  # what is asked of an engine
        try:
            setattr(owner, attribute, refused)
        except (TypeError, AttributeError):  # an attribute of a compiled type; the source check is left
            return
        if present:
            self._undo.append(lambda: setattr(owner, attribute, previous))
        else:  # inherited: torch.Tensor.sum lives in its compiled base class
            self._undo.append(lambda: delattr(owner, attribute))
        for key in [key for key, value in self._namespace.items() if value is original]:
            self._namespace[key] = refused
            self._undo.append(lambda key=key: self._namespace.__setitem__(key, original))


@functools.cache
def _find(name: str) -> tuple[Any, str] | None:
    """The object that owns the last part of a dotted name, or None where this version has no such thing."""
    *path, attribute = name.split(".")
    owner: Any = None
    for depth, part in enumerate(path):
        if depth == 0:
            try:
                owner = importlib.import_module(part)
            except ImportError:
                return None
        elif hasattr(owner, part):
            owner = getattr(owner, part)
        else:
            try:
                owner = importlib.import_module(".".join(path[: depth + 1]))
            except ImportError:
                return None
    return (owner, attribute) if hasattr(owner, attribute) else None
