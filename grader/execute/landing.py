"""The sockets at which snapshots and workers of one submission report: one in each kernel's folder."""

from __future__ import annotations

import contextlib
import select
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

    def __init__(self) -> None:
        self._listening: dict[str, socket.socket] = {}
        self._arrived: dict[tuple[str, str], Channel] = {}

    def listen(self, folder: Path) -> str:
        """Listen in the folder of a kernel, which is all that it can reach; returns the address."""
        address = str(folder / "landing")
        if address not in self._listening:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(address)
            Path(address).chmod(0o666)  # the kernel may run as another user; the folder is private to it
            listener.listen(64)
            self._listening[address] = listener
        return address

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
        ready, _, _ = select.select(list(self._listening.values()), [], [], seconds)
        if not ready:
            return False
        try:
            connection, _ = ready[0].accept()
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
        for listener in self._listening.values():
            listener.close()
