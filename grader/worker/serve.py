"""The probe: answers the parent's requests about a student's objects.

``Desk`` holds a namespace (what the student's cells defined) and a table of objects that were named to the
parent. Each public method ``do_...`` is one request. Replies are data, or handles for what is not data; an
error raised by the student's code is part of a reply, described in words.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
from builtins import isinstance, issubclass, len  # noqa: UP029 - no patch of a student's reaches in here
from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch import no_grad as _no_grad

from grader.wire import Channel, Peer, WireError, encode
from grader.wire.codec import Base, plainly
from grader.worker.errors import describe
from grader.worker.guards import GRADIENT_MODES, Guard
from grader.worker.memory import memory_of
from grader.worker.output import CappedText
from grader.worker.seeding import seed_everything, seed_torch
from grader.worker.stubs import CallCounter, FeedStub, FunctionStub

LIBRARIES = ("functions", "image_sets")
# Looked up before any student code runs: ``torch.nn.Linear`` may be something else by now.
KINDS: dict[str, type] = {
    f"{module.__name__}.{name}": kind
    for module in (torch, torch.nn, torch.optim, torch.utils.data)
    for name, kind in vars(module).items()
    if isinstance(kind, type)
}
OUTPUT_CAP = 64 * 2**10  # characters of one call's prints that are sent back


class Desk:
    """Serves one exercise of one submission over one channel."""

    def __init__(self, channel: Channel, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._staged: list[tuple[Any, ...]] = []  # arguments of the next timed request
        self._timed: list[Any] = []  # results of the last one
        self.peer = Peer(channel, self, wrap=self.wrap, resolve=self.resolve)

    def serve(self) -> None:
        self.peer.serve()

    # -- what the peer asks of us

    def handle(self, message: dict[str, Any]) -> Any:
        if "sow" in message:
            seed_everything(message.pop("sow"))
        name = message.pop("do", None)
        method = getattr(self, f"do_{name}", None) if type(name) is str else None
        if method is None:
            raise WireError(f"unknown request {name!r}")
        return method(**message)

    describe = staticmethod(describe)

    def wrap(self, value: Any) -> dict[str, Any]:
        """Name an object that is not data. The same object gets the same number."""
        if type(value) is Keep:
            value = value.value
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)  # kept alive, so that its id stays its own
        return {"$": "handle", "id": number, "type": type(value).__name__, "kind": _kind(value)}

    def resolve(self, node: dict[str, Any]) -> Any:
        number, tag = node.get("id"), node.get("$")
        if type(number) is not int:
            raise WireError("an object without a number")
        if tag == "handle":
            if not 0 <= number < len(self._objects):
                raise WireError(f"no object {number} was given out")
            return self._objects[number]
        if tag == "callback":
            return FunctionStub(self.ask, number, str(node.get("name", "function")))
        if tag == "feed":
            return FeedStub(self.ask, number, node.get("length"), node.get("samples"))
        raise WireError(f"unknown object {tag!r}")

    def ask(self, message: dict[str, Any]) -> Any:
        """A request of ours to the parent, made by a stub while a call is under way."""
        return self.peer.request(message, _raise_here)

    def do_look(self, request: str, fields: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
        """Another request, under the conditions of a call; what it raises is told as it would be."""
        with self._conditions(context) as guard:
            value = self.handle({"do": request, **fields})
        return {"value": value, "touched": sorted(guard.touched)}

    # -- requests about names and objects

    def do_answer(self, name: str) -> Any:
        return {"found": name in self.namespace, "value": self.namespace.get(name)}

    def do_names(self) -> list[str]:
        return sorted(name for name in self.namespace if type(name) is str)

    def do_lab(self, path: str) -> Any:
        """An object by its import path; ``functions.x`` and its like are libraries that the worker ships."""
        module, *rest = path.split(".")
        target = importlib.import_module(f"grader.worker.{module}" if module in LIBRARIES else module)
        for name in rest:
            if not hasattr(target, name):
                with contextlib.suppress(ImportError):
                    importlib.import_module(f"{target.__name__}.{name}")
            target = getattr(target, name)
        return Keep(target)

    def do_put(self, values: list[Any]) -> list[Any]:
        return [Keep(value) for value in values]

    def do_fetch(self, target: Any) -> Any:
        return target

    def do_getattr(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def do_setattr(self, target: Any, name: str, value: Any) -> None:
        setattr(target, name, value)

    def do_getitem(self, target: Any, index: Any) -> Any:
        return target[index]

    def do_setitem(self, target: Any, index: Any, value: Any) -> None:
        target[index] = value

    def do_len(self, target: Any) -> int:
        return len(target)

    def do_iter(self, target: Any) -> Any:
        return Keep(iter(target))

    def do_next(self, target: Any, count: int, context: Mapping[str, Any]) -> dict[str, Any]:
        """Up to `count` further items; `done` when there are no more."""
        items: list[Any] = []
        done = False
        with self._conditions(context) as guard:
            while len(items) < count and not done:
                try:
                    items.append(next(target))
                except StopIteration:
                    done = True
        return {"items": items, "done": done, "touched": sorted(guard.touched)}

    def do_enter(self, target: Any) -> Any:
        return type(target).__enter__(target)

    def do_exit(self, target: Any) -> None:
        type(target).__exit__(target, None, None, None)

    def do_isinstance(self, target: Any, path: str) -> bool:
        kind = KINDS.get(path) or self.do_lab(path).value
        return issubclass(type(target), kind)  # not isinstance: the object may lie about its class

    def do_memory(self, targets: list[Any]) -> list[dict[str, Any]]:
        return [memory_of(target) for target in targets]

    def do_manual_seed(self, seed: int) -> None:
        seed_torch(seed)

    def do_count(self, target: Any) -> Any:
        return Keep(CallCounter(target))

    def do_calls(self, target: Any) -> int:
        if type(target) is not CallCounter:
            raise TypeError("calls are counted only for a counter")
        return target.calls

    def do_figure(self, target: Any) -> dict[str, Any]:
        from grader.worker.figures import read_figure  # matplotlib is loaded only where it is needed

        return read_figure(target)

    # -- calls

    @contextlib.contextmanager
    def _conditions(self, context: Mapping[str, Any]) -> Generator[Guard]:
        """What a check has set for its block: what is forbidden, and how gradients are recorded."""
        guard = Guard(context.get("forbid", ()), self.namespace)
        with guard, GRADIENT_MODES[context.get("gradients", "on")]():
            yield guard

    def do_call(
        self,
        target: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        context: Mapping[str, Any],
        keep: bool = False,
        arguments: bool = False,
    ) -> dict[str, Any]:
        """Call `target`; an exception of its own comes back in words under ``error``.

        `keep` names the result instead of copying it; `arguments` sends back the positional arguments as they
        are after the call.
        """
        with self._conditions(context) as guard:
            reply = _called(target, args, kwargs, keep)
        return {
            **reply,
            "arguments": tuple(args) if arguments else (),
            "touched": sorted(guard.touched),
        }

    def do_call_each(
        self, target: Any, batch: list[tuple[Any, ...]], context: Mapping[str, Any], keep: bool = False
    ) -> dict[str, Any]:
        """Call `target` with each of these positional arguments in turn, as ``do_call`` does with one.

        Each outcome is a frame of its own, made before the next call: a buffer that all of them fill, say, is seen
        as each one left it.
        """
        outcomes: list[bytes] = []
        with self._conditions(context) as guard:
            for args in batch:
                outcome = _called(target, args, {}, keep)
                outcome["arguments"] = () if keep else tuple(args)
                outcomes.append(encode(outcome, self.wrap))
        return {"outcomes": outcomes, "touched": sorted(guard.touched)}

    def do_vjp(
        self,
        target: Any,
        inputs: tuple[Any, ...],
        cotangent: Any,
        parameters: bool,
        context: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The value of `target` and the gradients of <cotangent, value> at `inputs` and at its parameters.

        A missing gradient (the value does not depend on it) is None.
        """
        leaves = [_leaf(value) for value in inputs]
        named: list[tuple[str, torch.Tensor]] = []
        if parameters and isinstance(target, torch.nn.Module):
            named = [(name, p) for name, p in target.named_parameters() if p.requires_grad]
        output = CappedText(OUTPUT_CAP)
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), torch.enable_grad():
            with self._conditions(context) as guard:
                value = target(*leaves)
            wanted = [x for x in leaves if isinstance(x, torch.Tensor) and x.requires_grad]
            if not isinstance(value, torch.Tensor):
                raise TypeError(f"a gradient needs a tensor; the result is of type {type(value).__name__}")
            found: tuple[torch.Tensor | None, ...] = (None,) * (len(wanted) + len(named))
            if value.requires_grad and found:
                found = torch.autograd.grad(
                    value, [*wanted, *(p for _, p in named)], cotangent, allow_unused=True
                )
        of_inputs = iter(found[: len(wanted)])
        return {
            "value": value.detach(),
            "connected": value.requires_grad,
            "inputs": [
                next(of_inputs) if isinstance(x, torch.Tensor) and x.requires_grad else None for x in leaves
            ],
            "parameters": {name: grad for (name, _), grad in zip(named, found[len(wanted) :], strict=True)},
            "touched": sorted(guard.touched),
        }

    # -- calls under the clock

    def do_stage(self, batches: list[tuple[Any, ...]]) -> None:
        """Take the arguments of the next timed request, which should not wait for their way here."""
        self._staged = batches

    def do_timed(self, target: Any, places: list[int]) -> list[list[Any]]:
        """Call `target` on each of the staged argument tuples; of each result, some elements.

        The parent's clock runs around this request. It asks for a whole result afterwards, and compares: one
        that is filled in by a thread after the call has returned will differ.
        """
        self._timed = [target(*arguments) for arguments in self._staged]
        return [[_element(result, place) for place in places] for result in self._timed]

    def do_timed_result(self, index: int) -> Any:
        return self._timed[index]


def _called(target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], keep: bool) -> dict[str, Any]:
    """What one call came to: a value or an error, and what it printed."""
    output = CappedText(OUTPUT_CAP)
    reply: dict[str, Any] = {"value": None, "error": None}
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            value = target(*args, **kwargs)
            reply["value"] = Keep(value) if keep else value
        except BaseException as error:  # noqa: BLE001 - sys.exit() and its like included
            reply["error"] = describe(error)
    reply["stdout"] = output.text
    return reply


class Keep:
    """Wraps a result that must be named to the parent, not copied, whatever it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def _kind(value: Any) -> str:
    """What sort of object a handle stands for, in one word."""
    if isinstance(value, torch.nn.Module):
        return "module"
    if isinstance(value, type):
        return "class"
    if isinstance(value, torch.Tensor):
        return "tensor"
    if callable(value):
        return "function"
    return "object"


def _element(value: Any, place: int) -> Any:
    """One number of a tensor or array, or of nested lists and tuples; None where there is none."""
    while type(value) is list or issubclass(type(value), tuple):  # a named one is sent as a tuple, too
        kind: Any = list if type(value) is list else tuple
        if not kind.__len__(value):
            return None
        value = kind.__getitem__(value, place % kind.__len__(value))
    if type(value) is np.ndarray or issubclass(type(value), np.generic):
        array = np.asarray(value)
        return array.item(place % array.size) if array.dtype.kind in "biufc" and array.size else None
    if not issubclass(type(value), Tensor):
        return value if type(value) in (bool, int, float, complex) else None
    # What its memory holds, as when it is sent: a subclass could compute the one element that is asked for.
    with plainly(), _no_grad():
        plain = Base.as_subclass(value, Tensor)
        if not Base.numel(plain):
            return None
        index: list[int] = []
        place %= Base.numel(plain)
        for size in reversed(Base.size(plain)):
            index.insert(0, place % size)
            place //= size
        return Base.item(Base.__getitem__(plain, tuple(index)))


def _leaf(value: Any) -> Any:
    """A fresh leaf that records gradients, for a floating tensor; anything else as it is."""
    if isinstance(value, torch.Tensor) and (value.is_floating_point() or value.is_complex()):
        return value.detach().clone().requires_grad_()
    return value


def _raise_here(error: dict[str, Any]) -> Any:
    """Raise, inside the student's call, what the parent's callback raised."""
    kind = getattr(builtins, str(error.get("name")), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = RuntimeError
    raise kind(str(error.get("message")))
