"""A student's answers as a check sees them: objects that live in another process.

``Student`` looks up names, ``Handle`` stands for an object that stayed there, ``Outcome`` is everything
that came of one call. Arguments are copied to the worker, plain data is copied back, and whatever goes wrong
over there (an exception, a time-out, a dead process, nonsense on the wire) becomes a ``CheckFailed`` with a
message for the student. Nothing here can raise anything else because of what a student did.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.examine.link import Link
from grader.examine.outcomes import AnswerFailed, Outcome, Unanswered, failed_by
from grader.examine.source import Source, Sources

JOURNEY = 25  # calls that travel together
CHUNK = 1  # items asked for at a time when a check iterates over an object of the student's
MOST_ITEMS = 100_000  # of one iteration: a generator may never end


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


class WithoutLength(AnswerFailed, TypeError):
    """An object has no length. ``list(handle)`` asks for one first, and a ``TypeError`` tells it to go on."""


class Handle:
    """An object of the student's that stayed in the worker: a function, a module, a generator, ...

    Call it, take attributes and items of it, iterate over it: each step happens over there. Attributes and
    results that are plain data arrive as copies, others as further handles.
    """

    __slots__ = ("_label", "_link", "_number", "_worker", "kind", "type_name")

    def __init__(self, link: Link, number: int, type_name: str, kind: str, label: str = "") -> None:
        self._link = link
        self._number = number
        self._worker = link.workers
        self.type_name = type_name
        self.kind = kind  # "function", "module", "class", "tensor" or "object"
        self._label = label

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result of the call. An exception of the answer fails the check with a message."""
        return self._value(self._call(args, kwargs))

    def attempt(self, *args: Any, **kwargs: Any) -> Outcome:
        """Call, and have an exception, the prints and the arguments after the call as values.

        A stub that nobody has written yet is no outcome: it ends the check as unanswered.
        """
        outcome = self._call(args, kwargs, arguments=True)
        if outcome.error is not None and outcome.error.unwritten:
            raise failed_by(outcome.error, self._label)
        return outcome

    def attempt_each(self, batch: Iterable[Sequence[Any]]) -> Iterator[Outcome]:
        """``attempt`` with each of these positional arguments, in their order; a few calls travel together.

        For many quick calls: most of such a call's time is its way there and back. The time limit holds for
        the calls of one journey together.
        """
        for outcome in self._each(batch):
            if outcome.error is not None and outcome.error.unwritten:
                raise failed_by(outcome.error, self._label)
            yield outcome

    def call_each(self, batch: Iterable[Sequence[Any]]) -> Iterator[Any]:
        """The results of such calls. An exception of the answer fails the check when it is its call's turn."""
        return map(self._value, self._each(batch))

    def keep_each(self, batch: Iterable[Sequence[Any]]) -> Iterator[Handle]:
        """``keep`` with each of these positional arguments: the results stay in the worker."""
        for outcome in self._each(batch, keep=True):
            yield _handle(self._value(outcome), self._link, self._label)

    def _value(self, outcome: Outcome) -> Any:
        if outcome.error is not None:
            raise failed_by(outcome.error, self._label)
        return outcome.value

    def _each(self, batch: Iterable[Sequence[Any]], keep: bool = False) -> Iterator[Outcome]:
        todo = [tuple(args) for args in batch]
        for start in range(0, len(todo), JOURNEY):
            yield from self._link.call_each(self, todo[start : start + JOURNEY], self._label, keep=keep)

    def keep(self, *args: Any, **kwargs: Any) -> Handle:
        """Call, and leave the result in the worker, tensors included."""
        return _handle(self._value(self._call(args, kwargs, keep=True)), self._link, self._label)

    @property
    def link(self) -> Link:
        """The connection to the worker that the object lives in."""
        return self._link

    @property
    def label(self) -> str:
        """What messages call it: the student's own name for it."""
        return self._label

    def labelled(self, label: str) -> Handle:
        """The same object under a name that messages may use."""
        return Handle(self._link, self._number, self.type_name, self.kind, label)

    def fetch(self) -> Any:
        """A copy of the object, if it is plain data."""
        return self._link.request("fetch", self._label, target=self)

    @property
    def calls(self) -> int:
        """How often the function behind ``Student.count`` was called."""
        calls = self._link.request("calls", self._label, target=self)
        if type(calls) is not int:
            raise self._link.nonsense(self._label)
        return calls

    def figure(self) -> dict[str, Any]:
        """A matplotlib figure, read as data: axes with titles, labels, lines, points, images, and a PNG."""
        figure = self._link.request("figure", self._label, target=self)
        if type(figure) is not dict:
            raise self._link.nonsense(self._label)
        return figure

    def isinstance(self, path: str) -> bool:
        """Whether it is an instance of the class at that import path (``"torch.nn.Module"``)."""
        return self._link.request("isinstance", self._label, target=self, path=path) is True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._link.look("getattr", f"{self._label}.{name}", target=self, name=name)

    def set(self, name: str, value: Any) -> None:
        """Set an attribute of the object."""
        self._link.request("setattr", f"{self._label}.{name}", target=self, name=name, value=value)

    def __getitem__(self, index: Any) -> Any:
        return self._link.look("getitem", f"{self._label}[…]", target=self, index=index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._link.request("setitem", f"{self._label}[…]", target=self, index=index, value=value)

    def __len__(self) -> int:
        try:
            length = self._link.look("len", f"len({self._label})", target=self)
        except AnswerFailed as error:
            if (error.detail or {}).get("name") == "TypeError":
                raise WithoutLength(error.message, error.detail) from error
            raise
        if type(length) is not int or not 0 <= length < 2**31:
            raise AnswerFailed(f"the length of `{self._label}` is not a sensible number.")
        return length

    def __iter__(self) -> Iterator[Any]:
        link, label = self._link, self._label
        iterator = _handle(link.look("iter", label, target=self), link, label)
        left = link.patience  # for all items together, as for one call
        for _ in range(0, MOST_ITEMS, CHUNK):
            start = time.monotonic()
            reply = link.guarded("next", label, target=iterator, count=CHUNK)
            left -= time.monotonic() - start
            match reply:
                case {"items": list(items), "done": bool(done)}:
                    yield from items
                case _:
                    raise link.nonsense(label)
            if done:
                return
            if left < 0:
                raise AnswerFailed(
                    f"`{label}` took longer than {link.settings.seconds:g} s to give its items."
                )
        raise AnswerFailed(f"`{label}` gave {MOST_ITEMS:,} items and did not come to an end.")

    def __enter__(self) -> Any:
        """``with handle as value:`` enters the object over there."""
        return self._link.look("enter", self._label, target=self)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Leaves it as after a block without an exception, whatever happened in the check."""
        try:
            self._link.request("exit", self._label, target=self)
        except AnswerFailed:
            if error is None:
                raise

    def to_wire(self, link: Link) -> dict[str, Any]:
        """What names the object to the worker that holds it."""
        if link is not self._link:
            raise TypeError(f"{self!r} lives in another process than the one that it is handed to")
        if self._worker != link.workers:
            raise AnswerFailed(f"`{self._label}` is gone: its process ended in an earlier call.")
        return {"$": "handle", "id": self._number}

    def __bool__(self) -> bool:
        """Never asked: it would be true, whatever the student's object says of itself, and earn points."""
        name = f"`{self._label}`" if self._label else "The result"
        raise AnswerFailed(f"{name} is an object of type {self.type_name!r}; True or False is expected.")

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

    def to_wire(self, link: Link) -> dict[str, Any]:
        """What names the object to the worker."""
        return self.handle().to_wire(link)

    def handle(self) -> Handle:
        """The object itself."""
        return _handle(self._link.request("lab", self._path, path=self._path), self._link, self._path)


class Student:
    """The names that a student's cells defined, for one exercise.

    ``student.conv2d`` fetches the name: data as a copy, anything else as a handle. A name that is not there
    fails the check, and so does one that still is None.
    """

    def __init__(self, link: Link, sources: Sources) -> None:
        link.make_handle = Handle
        self._link = link
        self._sources = sources
        self._functions: dict[str, tuple[int, Handle]] = {}  # as long as their worker lives

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        worker, known = self._functions.get(name, (0, None))
        if known is not None and worker == self._link.worker:
            return known
        found, value = self._answer(name)
        if not found:
            raise Unanswered(f"`{name}` is not defined. Keep the name that the exercise asks for.")
        if value is None:
            raise Unanswered(f"`{name}` is still None: there is no answer yet.")
        if isinstance(value, Handle) and value.kind in ("function", "class"):
            self._functions[name] = (self._link.worker, value)
        return value

    def has(self, name: str) -> bool:
        """Whether the name is defined and not None."""
        found, value = self._answer(name)
        return found and value is not None

    def _answer(self, name: str) -> tuple[bool, Any]:
        match self._link.request("answer", name, name=name):
            case {"found": bool(found), "value": value}:
                return found, value
            case _:
                raise self._link.nonsense(name)

    def put(self, value: Any) -> Handle:
        """A copy of `value` that lives in the worker; pass the handle where the same object is meant."""
        return self.put_each([value])[0]

    def put_each(self, values: Sequence[Any]) -> list[Handle]:
        """Copies of `values` that live in the worker, in one journey."""
        what = "the argument"
        reply = self._link.request("put", what, values=list(values))
        if type(reply) is not list or len(reply) != len(values):
            raise self._link.nonsense(what)
        return [_handle(value, self._link, what) for value in reply]

    @property
    def lab(self) -> Lab:
        """Anything importable in the worker; ``lab.functions`` is the library that it ships."""
        return Lab(self._link)

    def count(self, function: Handle | Lab) -> Handle:
        """A function that calls `function` and counts; ask its ``calls``."""
        what = "the function"
        return _handle(self._link.request("count", what, target=function), self._link, what)

    def seed(self, seed: int) -> None:
        """Seed the generators of random, NumPy and torch in the worker, and in those that may follow it."""
        self._link.sow(seed)

    def manual_seed(self, seed: int) -> None:
        """What ``torch.manual_seed`` does: seed torch's own generators in the worker, and no other."""
        self._link.request("manual_seed", "torch.manual_seed", seed=seed)

    def restart(self) -> None:
        """Go on with a fresh process, as the cells left it: what earlier calls did there is undone."""
        self._link.drop()

    def memory(self, tensor: Handle) -> Memory:
        """Where a tensor of the worker lies."""
        return self._memory(tensor)[0]

    def _memory(self, *tensors: Handle) -> list[Memory]:
        what = tensors[0].label or "the result"
        reply = self._link.request("memory", what, targets=list(tensors))
        if type(reply) is not list or len(reply) != len(tensors):
            raise self._link.nonsense(what)
        found: list[Memory] = []
        for place in reply:
            match place:
                case {
                    "storage": int(),
                    "bytes": int(),
                    "pointer": int(),
                    "offset": int(),
                    "shape": tuple(),
                    "stride": tuple(),
                    "item_size": int(),
                    **rest,
                } if not rest:
                    found.append(Memory(**place))
                case _:
                    raise self._link.nonsense(what)
        return found

    def shares_memory(self, a: Handle, b: Handle) -> bool:
        """Whether two tensors in the worker have the same storage."""
        first, second = self._memory(a, b)
        return first.bytes > 0 and second.bytes > 0 and first.storage == second.storage

    def vjp(
        self, function: Handle, *inputs: Any, cotangent: torch.Tensor | None = None, parameters: bool = True
    ) -> Gradients:
        """Value of `function` at `inputs`, and the gradients of <cotangent, value>.

        Gradients are taken with respect to each floating tensor of `inputs` and, if `function` is a module
        and `parameters` is set, to its parameters. `cotangent` has the shape of the value; None only for a
        scalar. Use a random one: with ones, the gradient of a softmax is zero.
        """
        label = function.label
        reply = self._link.guarded(
            "vjp", label, target=function, inputs=inputs, cotangent=cotangent, parameters=parameters
        )
        match reply:
            case {
                "value": torch.Tensor() as value,
                "connected": bool(connected),
                "inputs": list(of_inputs),
                "parameters": dict(named),
            } if len(of_inputs) == len(inputs) and _gradients([*of_inputs, *named.values()]):
                return Gradients(value, connected, of_inputs, named)
            case _:
                raise self._link.nonsense(label)

    def source(self, name: str) -> Source:
        """The source of the student's `name` and of what it calls of their own: parsed, never run."""
        return self._sources.of(name)

    # -- how calls are made, for a block

    def within(self, seconds: float) -> contextlib.AbstractContextManager[None]:
        """Calls of the block may take that long (seconds of wall clock, callbacks included)."""
        return self._settings(seconds=seconds)

    def forbid(self, *names: str, why: str = "") -> contextlib.AbstractContextManager[None]:
        """Calls of the block fail the check if they touch one of these: ``"torch.cat"``, ``"autograd"``."""
        return self._settings(forbid=self._link.settings.forbid | dict.fromkeys(names, why))

    def without_autograd(self) -> contextlib.AbstractContextManager[None]:
        """Calls of the block can neither differentiate nor have anything differentiated for them."""
        return self.forbid("autograd", why="The derivative is to be worked out by hand.")

    def no_grad(self) -> contextlib.AbstractContextManager[None]:
        return self._settings(gradients="no_grad")

    def inference_mode(self) -> contextlib.AbstractContextManager[None]:
        return self._settings(gradients="inference")

    @contextlib.contextmanager
    def _settings(self, **changes: Any) -> Generator[None]:
        before = self._link.settings
        self._link.settings = replace(before, **changes)
        try:
            yield
        finally:
            self._link.settings = before


def raises(
    kind: type[BaseException] | tuple[type[BaseException], ...], handle: Handle, *args: Any, **kw: Any
) -> None:
    """The call must end with an exception of that kind, or of one derived from it."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    outcome = handle.attempt(*args, **kw)
    wanted = " or ".join(k.__name__ for k in kinds)
    if outcome.error is None:
        raise AnswerFailed(f"`{handle.label}` should raise {wanted} here, but it returned a result.")
    if not outcome.error.isa(*kinds):
        raise AnswerFailed(f"`{handle.label}` should raise {wanted} here, but it raised {outcome.error}.")


def _handle(reply: Any, link: Link, label: str) -> Handle:
    if type(reply) is not Handle:
        raise link.nonsense(label)
    return reply


def _gradients(values: list[Any]) -> bool:
    return all(value is None or isinstance(value, torch.Tensor) for value in values)
