"""A student's answers as a check sees them: objects that live in another process.

``Student`` looks up names, ``Handle`` stands for an object that stayed there, ``Outcome`` is everything that
came of one call. Arguments are copied to the worker, plain data is copied back, and whatever goes wrong over
there (an exception, a time-out, a dead process, nonsense on the wire) becomes a ``CheckFailed`` with a message
for the student. Nothing here can raise anything else because of what a student did.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.examine.link import Link
from grader.examine.outcomes import AnswerFailed, Outcome, Unanswered, failed_by
from grader.examine.source import Source, Sources

CHUNK = 1  # items asked for at a time when a check iterates over an object of the student's


@dataclass(frozen=True, slots=True)
class Memory:
    """Where a tensor lies in the worker: addresses in bytes, `offset` and `stride` in elements."""

    storage: int
    bytes: int
    pointer: int
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    item_size: int


@dataclass(frozen=True, slots=True)
class Gradients:
    """Value and gradients of <cotangent, f(inputs)>; None where the value does not depend on it."""

    value: torch.Tensor
    connected: bool  # whether the value had a record of operations at all
    inputs: list[torch.Tensor | None]
    parameters: dict[str, torch.Tensor | None]


class Handle:
    """An object of the student's that stayed in the worker: a function, a module, a generator, ...

    Call it, take attributes and items of it, iterate over it: each step happens over there. Attributes and
    results that are plain data arrive as copies, others as further handles.
    """

    __slots__ = ("_label", "_link", "_number", "kind", "type_name")

    def __init__(self, link: Link, number: int, type_name: str, kind: str, label: str = "") -> None:
        self._link = link
        self._number = number
        self.type_name = type_name
        self.kind = kind  # "function", "module", "class", "tensor" or "object"
        self._label = label

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result of the call. An exception of the answer fails the check with a message."""
        outcome = self._call(args, kwargs)
        if outcome.error is not None:
            raise failed_by(outcome.error, self._label)
        return outcome.value

    def attempt(self, *args: Any, **kwargs: Any) -> Outcome:
        """Call, and have an exception, the prints and the arguments after the call as values.

        A stub that nobody has written yet is no outcome: it ends the check as unanswered.
        """
        outcome = self._call(args, kwargs, arguments=True)
        if outcome.error is not None and outcome.error.unwritten:
            raise failed_by(outcome.error, self._label)
        return outcome

    def keep(self, *args: Any, **kwargs: Any) -> Handle:
        """Call, and leave the result in the worker, tensors included."""
        outcome = self._call(args, kwargs, keep=True)
        if outcome.error is not None:
            raise failed_by(outcome.error, self._label)
        return outcome.value

    @property
    def link(self) -> Link:
        """The connection to the worker that the object lives in."""
        return self._link

    @property
    def label(self) -> str:
        """What messages call it: the student's own name for it."""
        return self._label

    def fetch(self) -> Any:
        """A copy of the object, if it is plain data."""
        return self._link.request("fetch", self._label, target=self)

    @property
    def calls(self) -> int:
        """How often the function behind ``Student.count`` was called."""
        return int(self._link.request("calls", self._label, target=self))

    def figure(self) -> dict[str, Any]:
        """A matplotlib figure, read as data: axes with titles, labels, lines, points, images, and a PNG."""
        return self._link.request("figure", self._label, target=self)

    def isinstance(self, path: str) -> bool:
        """Whether it is an instance of the class at that import path (``"torch.nn.Module"``)."""
        return bool(self._link.request("isinstance", self._label, target=self, path=path))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._link.request("getattr", f"{self._label}.{name}", target=self, name=name)

    def set(self, name: str, value: Any) -> None:
        """Set an attribute of the object."""
        self._link.request("setattr", f"{self._label}.{name}", target=self, name=name, value=value)

    def __getitem__(self, index: Any) -> Any:
        return self._link.request("getitem", f"{self._label}[…]", target=self, index=index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._link.request("setitem", f"{self._label}[…]", target=self, index=index, value=value)

    def __len__(self) -> int:
        length = self._link.request("len", f"len({self._label})", target=self)
        if type(length) is not int or not 0 <= length < 2**60:
            raise AnswerFailed(f"the length of `{self._label}` is not a sensible number.")
        return length

    def __iter__(self) -> Iterator[Any]:
        iterator = self._link.request("iter", self._label, target=self)
        while True:
            reply = self._link.request("next", self._label, target=iterator, count=CHUNK)
            yield from reply["items"]
            if reply["done"]:
                return

    def to_wire(self) -> dict[str, Any]:
        return {"$": "handle", "id": self._number}

    def __bool__(self) -> bool:
        return True  # the object is there; never ask it

    def __repr__(self) -> str:
        return f"<{self.kind} {self._label or self.type_name}>"

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any], **options: Any) -> Outcome:
        return self._link.call(self, args, kwargs, self._label, **options)


class Lab:
    """Anything importable in the worker, by attribute: ``student.lab.torch.nn.Linear(4, 3)``."""

    def __init__(self, link: Link, path: str = "") -> None:
        self._link = link
        self._path = path

    def __getattr__(self, name: str) -> Lab:
        if name.startswith("__"):
            raise AttributeError(name)
        return Lab(self._link, f"{self._path}.{name}" if self._path else name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.handle()(*args, **kwargs)

    def keep(self, *args: Any, **kwargs: Any) -> Handle:
        """Call, and leave the result in the worker."""
        return self.handle().keep(*args, **kwargs)

    def to_wire(self) -> dict[str, Any]:
        return self.handle().to_wire()

    def handle(self) -> Handle:
        """The object itself."""
        return self._link.request("lab", self._path, path=self._path)


class Student:
    """The names that a student's cells defined, for one exercise.

    ``student.conv2d`` fetches the name: data as a copy, anything else as a handle. A name that is not there
    fails the check, and so does one that still is None.
    """

    def __init__(self, link: Link, sources: Sources) -> None:
        link.make_handle = Handle
        self._link = link
        self._sources = sources

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        reply = self._link.request("answer", name, name=name)
        if not reply["found"]:
            raise Unanswered(f"`{name}` is not defined. Keep the name that the exercise asks for.")
        if reply["value"] is None:
            raise Unanswered(f"`{name}` is still None: there is no answer yet.")
        return reply["value"]

    def has(self, name: str) -> bool:
        """Whether the name is defined and not None."""
        reply = self._link.request("answer", name, name=name)
        return bool(reply["found"]) and reply["value"] is not None

    def put(self, value: Any) -> Handle:
        """A copy of `value` that lives in the worker; pass the handle where the same object is meant."""
        return self._link.request("put", "the argument", value=value)

    @property
    def lab(self) -> Lab:
        """Anything importable in the worker; ``lab.functions`` is the library that it ships."""
        return Lab(self._link)

    def count(self, function: Handle | Lab) -> Handle:
        """A function that calls `function` and counts; ask its ``calls``."""
        return self._link.request("count", "the function", target=function)

    def seed(self, seed: int) -> None:
        """Seed the generators of random, NumPy and torch in the worker."""
        self._link.request("seed", "seed", seed=seed)

    def memory(self, tensor: Handle) -> Memory:
        """Where a tensor of the worker lies."""
        return Memory(**self._link.request("memory", tensor._label or "the result", target=tensor))

    def shares_memory(self, a: Handle, b: Handle) -> bool:
        """Whether two tensors in the worker have the same storage."""
        first, second = self.memory(a), self.memory(b)
        return first.bytes > 0 and second.bytes > 0 and first.storage == second.storage

    def vjp(
        self, function: Handle, *inputs: Any, cotangent: torch.Tensor | None = None, parameters: bool = True
    ) -> Gradients:
        """Value of `function` at `inputs`, and the gradients of <cotangent, value>.

        Gradients are taken with respect to each floating tensor of `inputs` and, if `function` is a module
        and `parameters` is set, to its parameters. `cotangent` has the shape of the value; None only for a
        scalar. Use a random one: with ones, the gradient of a softmax is zero.
        """
        reply = self._link.request(
            "vjp",
            function._label,
            target=function,
            inputs=inputs,
            cotangent=cotangent,
            parameters=parameters,
        )
        return Gradients(**reply)

    def source(self, name: str) -> Source:
        """The source of the student's `name` and of what it calls of their own: parsed, never run."""
        return self._sources.of(name)

    # -- how calls are made, for a block

    def within(self, seconds: float) -> contextlib.AbstractContextManager[None]:
        """Calls of the block may take that long (seconds of wall clock, callbacks included)."""
        return self._settings(seconds=seconds)

    def forbid(self, *names: str, why: str = "") -> contextlib.AbstractContextManager[None]:
        """Calls of the block fail the check if they touch one of these (``"torch.tensor"``, ``"autograd"``)."""
        return self._settings(forbid=self._link.settings.forbid | dict.fromkeys(names, why))

    def without_autograd(self) -> contextlib.AbstractContextManager[None]:
        """Calls of the block can neither differentiate nor have anything differentiated for them."""
        return self.forbid("autograd", why="The derivative is to be worked out by hand.")

    def no_grad(self) -> contextlib.AbstractContextManager[None]:
        return self._settings(gradients="no_grad")

    def inference_mode(self) -> contextlib.AbstractContextManager[None]:
        return self._settings(gradients="inference")

    @contextlib.contextmanager
    def _settings(self, **changes: Any) -> Iterator[None]:
        before = self._link.settings
        self._link.settings = replace(before, **changes)
        try:
            yield
        finally:
            self._link.settings = before


def raises(kind: type[BaseException] | tuple[type[BaseException], ...], handle: Handle, *args: Any, **kw: Any) -> None:
    """The call must end with an exception of that kind, or of one derived from it."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    outcome = handle.attempt(*args, **kw)
    wanted = " or ".join(k.__name__ for k in kinds)
    if outcome.error is None:
        raise AnswerFailed(f"`{handle._label}` should raise {wanted} here, but it returned a result.")
    if not outcome.error.isa(*kinds):
        raise AnswerFailed(f"`{handle._label}` should raise {wanted} here, but it raised {outcome.error}.")
