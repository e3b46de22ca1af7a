"""The parent's end of the connection to a worker.

Translates everything that can go wrong there into ``AnswerFailed``, keeps the time, serves callbacks, and
asks the session for a fresh worker when the old one is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from grader.compare import CheckEnded, CheckFailed
from grader.examine.callbacks import Callbacks, Feed
from grader.examine.outcomes import AnswerFailed, Outcome, RaisedError, Settings, failed_by
from grader.examine.processor import processor_seconds
from grader.wire import Channel, ChannelClosed, ChannelTimeout, Peer, Unencodable, WireError, decode

OVERHEAD_S = 5.0  # beside the call's own limit: moving data on a machine that is busy
STDOUT_CAP = 64 * 2**10  # characters


class Link:
    """Requests to one exercise's worker, which is (re)started when needed.

    `connect` gives a channel to a fresh worker, or None if there is nothing to talk to; `how_it_ended` says
    in words what became of the last one.
    """

    def __init__(
        self, connect: Callable[[], Channel | None], how_it_ended: Callable[[], str] = lambda: ""
    ) -> None:
        self._connect = connect
        self._how_it_ended = how_it_ended
        self._peer: Peer | None = None
        self._callbacks = Callbacks()
        self._raised: CheckEnded | None = None  # by a callback of the check, on its way to the check
        self._label = ""
        self._deadlines: list[float] = []  # of the requests under way: a callback may make further ones
        self.settings = Settings()
        self.seed: int | None = None  # of the random generators of each worker, from its first moment on
        self._to_sow: int | None = None  # what travels with the next request
        self.make_handle: Callable[[Link, int, str, str, str], Any] = lambda *_: None
        self.workers = 0  # how many there were; a handle belongs to one of them

    # -- what the check asks for

    def request(self, what: str, label: str, **fields: Any) -> Any:
        """One request to the worker; `label` names the thing in messages."""

        def raise_error(error: dict[str, Any]) -> Any:
            raised = raised_error(error)
            if raised.isa(Unencodable):
                raise AnswerFailed(f"`{label}` gave something that cannot be looked at: {raised.message}.")
            raise failed_by(raised, label)

        before, self._label = self._label, label
        try:
            return self._talk({"do": what, **fields}, raise_error, label)
        finally:
            self._label = before

    def guarded(self, what: str, label: str, **fields: Any) -> dict[str, Any]:
        """A request that runs the answer under the current settings.

        Raises ``CheckFailed`` if the answer touched what is forbidden.
        """
        context = {"forbid": list(self.settings.forbid), "gradients": self.settings.gradients}
        reply = self.request(what, label, context=context, **fields)
        match reply:
            case {"touched": list(touched)} if all(type(name) is str for name in touched):
                for name in touched:
                    why = self.settings.forbid.get(name) or self.settings.forbid.get("autograd", "")
                    raise CheckFailed(f"`{label}` uses `{name}`, which is not allowed here. {why}".strip())
                return reply
            case _:
                raise self.nonsense(label)

    def look(self, what: str, label: str, **fields: Any) -> Any:
        """A request that may run code of the answer's by the way, as a property does.

        Where something is forbidden, it is so there too: a result could put off the work until it is looked at.
        """
        if not self.settings.forbid:
            return self.request(what, label, **fields)
        match self.guarded("look", label, request=what, fields=fields):
            case {"value": value}:
                return value
            case _:
                raise self.nonsense(label)

    def call(
        self,
        target: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        label: str,
        *,
        keep: bool = False,
        arguments: bool = False,
    ) -> Outcome:
        """Call an object of the student's under the current settings."""
        reply = self.guarded(
            "call", label, target=target, args=args, kwargs=kwargs, keep=keep, arguments=arguments
        )
        return self._outcome(reply, len(args) if arguments else None, label)

    def call_each(
        self, target: Any, batch: list[tuple[Any, ...]], label: str, *, keep: bool = False
    ) -> list[Outcome]:
        """Call an object of the student's with each of these positional arguments, in one request."""
        match self.guarded("call_each", label, target=target, batch=batch, keep=keep):
            case {"outcomes": list(frames)} if len(frames) == len(batch):
                pass
            case _:
                raise self.nonsense(label)
        before, self._label = self._label, label
        try:
            outcomes = [decode(frame, self.resolve) for frame in frames]
        except (TypeError, WireError) as error:
            raise self.nonsense(label) from error
        finally:
            self._label = before
        pairs = zip(outcomes, batch, strict=True)
        return [self._outcome(outcome, None if keep else len(args), label) for outcome, args in pairs]

    def _outcome(self, reply: Any, arguments: int | None, label: str) -> Outcome:
        match reply:
            case {"value": value, "error": None | dict() as error, "stdout": str(stdout), "arguments": after}:
                pass
            case _:
                raise self.nonsense(label)
        if type(after) is not tuple or (arguments is not None and len(after) != arguments):
            raise self.nonsense(label)
        return Outcome(value, None if error is None else raised_error(error), stdout[:STDOUT_CAP], after)

    # -- the conversation

    @property
    def patience(self) -> float:
        """Seconds of wall clock after which a request is given up."""
        return self.settings.seconds + OVERHEAD_S

    def refresh(self) -> bool:
        """Make sure that there is a worker; False if none can be had."""
        if self._peer is None:
            channel = self._connect()
            if channel is None:
                return False
            self._peer = Peer(channel, self, wrap=self.wrap, resolve=self.resolve)
            self.workers += 1
            self._to_sow = self.seed
        return True

    def sow(self, seed: int) -> None:
        """Seed the generators of this worker before its next request, and those of its successors."""
        self.seed = self._to_sow = seed

    @property
    def worker(self) -> int:
        """The number of the worker at the other end, from 1; 0 while there is none."""
        return self.workers if self._peer is not None else 0

    @property
    def processor_s(self) -> float | None:
        """Seconds that the worker's process has been on a processor; None where the system does not tell."""
        return processor_seconds(self._peer.channel.other_process) if self._peer is not None else None

    def begin(self) -> None:
        """A check begins: nothing that an earlier one has set or handed over holds any more."""
        self.settings = Settings()
        self._callbacks.forget()

    def drop(self) -> None:
        """Hang up; the next request gets a fresh worker."""
        if self._peer is not None:
            self._peer.channel.close()
            self._peer = None

    def nonsense(self, label: str) -> AnswerFailed:
        """For a reply that no worker of ours sends: the answer meddled with its process."""
        return self._lost(label, "its process sent back nonsense", ask=False)

    def _talk(self, message: dict[str, Any], raise_error: Callable[[dict[str, Any]], Any], label: str) -> Any:
        if not self._deadlines:
            self._raised = None
        if not self.refresh():  # before the clock starts: the cells may have to be run again
            raise AnswerFailed(
                "There is nothing to examine: the cells of this exercise did not run to their end."
            )
        if self._to_sow is not None:
            message, self._to_sow = {"sow": self._to_sow, **message}, None
        deadline = time.monotonic() + self.patience
        self._deadlines.append(min([deadline, *self._deadlines]))
        try:
            reply = self._exchange(message, raise_error, label)
        except CheckFailed:
            if self._raised is None:
                raise
        else:
            if self._raised is None:
                return reply
        finally:
            self._deadlines.pop()
        # A callback has ended the check; what the answer made of that does not matter.
        raise self._raised

    def _exchange(
        self, message: dict[str, Any], raise_error: Callable[[dict[str, Any]], Any], label: str
    ) -> Any:
        assert self._peer is not None
        try:
            return self._peer.request(message, raise_error, self._deadlines[-1])
        except ChannelTimeout as error:
            what = f"it took longer than {self.settings.seconds:g} s and was stopped"
            raise self._lost(label, what, ask=False) from error
        except ChannelClosed as error:
            raise self._lost(label, "its process ended in the middle of the call") from error
        except Unencodable:  # an argument of the check's own; nothing was sent
            raise
        except WireError as error:
            raise self.nonsense(label) from error

    def _lost(self, label: str, what: str, ask: bool = True) -> AnswerFailed:
        self.drop()
        more = self._how_it_ended() if ask else ""
        return AnswerFailed(f"`{label}` gave no result: {what}{' (' + more + ')' if more else ''}.")

    # -- what the worker asks of us

    def handle(self, message: dict[str, Any]) -> Any:
        try:
            return self._callbacks.handle(message)
        except CheckEnded as error:
            self._raised = self._raised or error
            raise

    def describe(self, error: BaseException) -> dict[str, Any]:
        return {"name": type(error).__name__, "message": str(error)[:500]}

    # -- objects on the wire

    def wrap(self, value: Any) -> dict[str, Any]:
        if hasattr(type(value), "to_wire"):  # a handle, or a path in the lab
            return value.to_wire(self)
        if isinstance(value, Feed) or callable(value):
            return self._callbacks.give(value)
        raise TypeError(f"an object of type {type(value).__name__} cannot be handed to an answer")

    def resolve(self, node: dict[str, Any]) -> Any:
        match node:
            case {"$": "handle", "id": int(number), "type": str(type_name), "kind": str(kind)}:
                return self.make_handle(self, number, type_name[:100], kind[:20], self._label)
            case _:
                raise WireError("an unknown object")


def raised_error(error: dict[str, Any]) -> RaisedError:
    """A worker's description of an exception, as a value; what is nonsense in it is left out."""

    def text(value: Any, cap: int) -> str:
        return value[:cap] if type(value) is str else ""

    def texts(value: Any, cap: int) -> tuple[str, ...]:
        return tuple(text(item, cap) for item in value[:20]) if type(value) is list else ()

    return RaisedError(
        name=text(error.get("name"), 100) or "Error",
        message=text(error.get("message"), 2_000),
        types=texts(error.get("types"), 100),
        frames=texts(error.get("frames"), 300),
    )
