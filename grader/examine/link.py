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
from grader.wire import Channel, ChannelClosed, ChannelTimeout, Peer, WireError

OVERHEAD_S = 5.0  # beside the call's own limit: moving data on a machine that is busy


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
        self._raised: BaseException | None = None  # by a callback of the check, on its way to the check
        self._label = ""
        self.settings = Settings()
        self.make_handle: Callable[[Link, int, str, str, str], Any] = lambda *_: None
        self.workers = 0

    # -- what the check asks for

    def request(self, what: str, label: str, **fields: Any) -> Any:
        """One request to the worker; `label` names the thing in messages."""
        def raise_error(error: dict[str, Any]) -> Any:
            raise failed_by(raised_error(error), label)

        before, self._label = self._label, label
        try:
            return self._talk({"do": what, **fields}, raise_error, label)
        finally:
            self._label = before

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
        reply = self.request(
            "call",
            label,
            target=target,
            args=args,
            kwargs=kwargs,
            keep=keep,
            arguments=arguments,
            context={"forbid": list(self.settings.forbid), "gradients": self.settings.gradients},
        )
        try:
            error = raised_error(reply["error"]) if reply["error"] is not None else None
            touched = [str(name) for name in reply["touched"]]
            outcome = Outcome(reply["value"], error, str(reply["stdout"]), tuple(reply.get("arguments", ())))
        except (TypeError, KeyError, AttributeError) as failure:
            raise self._lost(label, "its process sent back nonsense") from failure
        for name in touched:
            why = self.settings.forbid.get(name) or self.settings.forbid.get("autograd", "")
            raise CheckFailed(f"`{label}` uses `{name}`, which is not allowed here. {why}".strip())
        return outcome

    # -- the conversation

    def refresh(self) -> bool:
        """Make sure that there is a worker; False if none can be had."""
        if self._peer is None:
            channel = self._connect()
            if channel is None:
                return False
            self._peer = Peer(channel, self, wrap=self.wrap, resolve=self.resolve)
            self.workers += 1
        return True

    def drop(self) -> None:
        """Hang up; the next request gets a fresh worker."""
        if self._peer is not None:
            self._peer.channel.close()
            self._peer = None

    def _talk(self, message: dict[str, Any], raise_error: Callable[[dict[str, Any]], Any], label: str) -> Any:
        if not self.refresh():
            raise AnswerFailed("There is nothing to examine: the cells of this exercise did not run to their end.")
        assert self._peer is not None
        seconds = self.settings.seconds
        self._raised = None
        try:
            reply = self._peer.request(message, raise_error, time.monotonic() + seconds + OVERHEAD_S)
        except ChannelTimeout as error:
            raise self._lost(label, f"it took longer than {seconds:g} s and was stopped", ask=False) from error
        except ChannelClosed as error:
            raise self._lost(label, "its process ended in the middle of the call") from error
        except WireError as error:
            raise self._lost(label, "its process sent back nonsense", ask=False) from error
        except CheckFailed:
            if self._raised is not None:
                raise self._raised from None
            raise
        if self._raised is not None:
            raise self._raised
        return reply

    def _lost(self, label: str, what: str, ask: bool = True) -> CheckFailed:
        self.drop()
        more = self._how_it_ended() if ask else ""
        return AnswerFailed(f"`{label}` gave no result: {what}{' (' + more + ')' if more else ''}.")

    # -- what the worker asks of us

    def handle(self, message: dict[str, Any]) -> Any:
        try:
            return self._callbacks.handle(message)
        except CheckEnded as error:
            self._raised = error
            raise

    def describe(self, error: BaseException) -> dict[str, Any]:
        return {"name": type(error).__name__, "message": str(error)[:500]}

    # -- objects on the wire

    def wrap(self, value: Any) -> dict[str, Any]:
        if hasattr(type(value), "to_wire"):  # a handle, or a path in the lab
            return value.to_wire()
        if isinstance(value, Feed) or callable(value):
            return self._callbacks.give(value)
        raise TypeError(f"an object of type {type(value).__name__} cannot be handed to an answer")

    def resolve(self, node: dict[str, Any]) -> Any:
        match node:
            case {"$": "handle", "id": int(number), "type": str(type_name), "kind": str(kind)}:
                return self.make_handle(self, number, type_name[:100], kind[:20], self._label)
            case _:
                raise WireError("an unknown object")


def raised_error(error: Any) -> RaisedError:
    """A worker's description of an exception, as a value; nonsense becomes an error without details."""
    if type(error) is not dict:
        return RaisedError("Error", "")
    return RaisedError(
        name=str(error.get("name", "Error"))[:100],
        message=str(error.get("message", ""))[:2_000],
        types=tuple(str(name) for name in error.get("types") or ()),
        frames=tuple(str(frame)[:300] for frame in error.get("frames") or ()),
    )
