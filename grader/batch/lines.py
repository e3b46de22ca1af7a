"""Messages between the process that leads a batch and those that grade: JSON, a line each, over a socket."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

LONGEST = 256 * 2**20  # bytes of a line; a submission that travels along may be large


class Hung(EOFError):
    """The other side has hung up, or speaks nonsense."""


class Lines:
    """One end of the conversation."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._rest = bytearray()

    def fileno(self) -> int:
        return self._socket.fileno()

    def say(self, message: dict[str, Any]) -> None:
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise Hung(str(error)) from error

    def hear(self) -> list[dict[str, Any]]:
        """The messages that have come, at least one: waits for it. Raises ``Hung``."""
        while b"\n" not in self._rest:
            try:
                chunk = self._socket.recv(2**20)
            except OSError as error:
                raise Hung(str(error)) from error
            self._rest += chunk
            if not chunk or len(self._rest) > LONGEST:
                raise Hung("the connection was closed" if not chunk else "a line without end")
        *lines, self._rest = self._rest.split(b"\n")
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise Hung(f"no JSON: {bytes(lines[0][:100])!r}") from error

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):  # the other side was faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
