"""Requests in both directions over one channel.

Each side may ask the other while it is itself being asked: a check calls the answer, the answer calls a
callback of the check, the callback calls the answer again. Requests nest strictly and both sides are single
threaded, so a reply always belongs to the innermost request and needs no number.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol

from grader.wire.channel import Channel, ChannelClosed
from grader.wire.codec import DEFAULT_LIMITS, Limits, Resolve, WireError, Wrap
from grader.wire.decoder import decode
from grader.wire.encoder import encode


class Handler(Protocol):
    """What a side does with a request, and how it tells an exception to the other side."""

    def handle(self, message: dict[str, Any]) -> Any: ...

    def describe(self, error: BaseException) -> dict[str, Any]: ...


class Peer:
    """One side of the conversation.

    `wrap` and `resolve` turn objects that are not data into handles and back; see ``grader.wire.codec``.
    """

    def __init__(
        self,
        channel: Channel,
        handler: Handler,
        *,
        wrap: Wrap,
        resolve: Resolve,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.channel = channel
        self._handler = handler
        self._wrap = wrap
        self._resolve = resolve
        self._limits = limits
        self._owner = _here()

    def request(
        self,
        message: dict[str, Any],
        raise_error: Callable[[dict[str, Any]], Any],
        deadline: float | None = None,
    ) -> Any:
        """The other side's reply to `message`; an error of its own goes to `raise_error`.

        Serves the other side's requests until the reply comes. Raises ``Unencodable`` for a message that is
        no data (nothing was sent then), ``WireError`` when the other side does not keep to the format,
        ``ChannelClosed`` and ``ChannelTimeout`` as they happen.
        """
        if _here() != self._owner:  # its frames would get mixed up with ours
            raise RuntimeError(
                "this object can only be used by the call that received it, not by a thread or a subprocess"
            )
        self.channel.send(encode({"ask": message}, self._wrap, self._limits), deadline)
        while True:
            kind, content = self._receive(deadline)
            if kind == "ask":
                self._answer(content, deadline)
            elif kind == "error":
                return raise_error(content)
            else:
                return content

    def serve(self) -> None:
        """Answer requests until the other side closes the connection."""
        while True:
            try:
                kind, content = self._receive(None)
            except ChannelClosed:
                return
            if kind != "ask":
                raise WireError("a reply without a request")
            self._answer(content, None)

    def _receive(self, deadline: float | None) -> tuple[str, Any]:
        message = decode(self.channel.receive(deadline), self._resolve, self._limits)
        if type(message) is not dict or len(message) != 1:
            raise WireError("not a message")
        ((kind, content),) = message.items()
        if kind not in ("ask", "reply", "error") or (kind != "reply" and type(content) is not dict):
            raise WireError("not a message")
        return kind, content

    def _answer(self, message: dict[str, Any], deadline: float | None) -> None:
        try:
            reply = encode({"reply": self._handler.handle(message)}, self._wrap, self._limits)
        except (KeyboardInterrupt, ChannelClosed):
            raise
        except BaseException as error:  # noqa: BLE001 - told to the other side, SystemExit included
            reply = encode({"error": self._handler.describe(error)}, self._wrap, self._limits)
        self.channel.send(reply, deadline)


def _here() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()
