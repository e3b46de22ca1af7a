"""The socket at which snapshots and workers of one submission report."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

from grader.wire import Channel, ChannelClosed, ChannelTimeout, Limits, WireError, decode

HELLO_LIMITS = Limits(size=4096, depth=4, nodes=32)


class Landing:
    """Listens in a private folder; gives out connections by the kind and the exercise they announce.

    Everything that connects here lives in the submission's own sandbox, so a false announcement can only
    harm the submission itself.
    """

    def __init__(self, runtime: Path) -> None:
        self.address = str(runtime / "landing")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self.address)
        self._socket.listen(64)
        self._arrived: dict[tuple[str, str], Channel] = {}

    def take(self, kind: str, exercise: str, seconds: float) -> Channel | None:
        """The newest connection of that kind for that exercise; None if none comes in time."""
        deadline = time.monotonic() + seconds
        while (kind, exercise) not in self._arrived:
            left = deadline - time.monotonic()
            if left <= 0 or not self._accept(left):
                return None
        return self._arrived.pop((kind, exercise))

    def drop(self, kind: str, exercise: str) -> None:
        """Forget a connection that nobody took."""
        with contextlib.suppress(KeyError):
            self._arrived.pop((kind, exercise)).close()

    def _accept(self, seconds: float) -> bool:
        self._socket.settimeout(seconds)
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return False
        channel = Channel(connection)
        try:
            hello = decode(channel.receive(time.monotonic() + 5), limits=HELLO_LIMITS)
        except (ChannelClosed, ChannelTimeout, WireError):
            hello = None
        match hello:
            case {"hello": "snapshot" | "worker" as kind, "exercise": str(exercise)}:
                self.drop(kind, exercise)
                self._arrived[kind, exercise] = channel
            case _:
                channel.close()
        return True

    def close(self) -> None:
        for channel in self._arrived.values():
            channel.close()
        self._arrived.clear()
        self._socket.close()
