"""The sockets at which snapshots and workers of one submission report: one in each kernel's folder."""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import time
from pathlib import Path

from grader.wire import Channel, ChannelClosed, ChannelTimeout, Limits, WireError, decode

HELLO_LIMITS = Limits(size=4096, depth=4, nodes=32)
HELLO_S = 1.0  # for the rest of a hello that has begun
MOST_SILENT = 64


class Landing:
    """Listens in a private folder; gives out connections by the kind and the exercise they announce.

    An address is the path of a socket and, after a blank, a word that only the processes of this submission
    are told. So a false announcement can only harm the submission that makes it.
    """

    def __init__(self) -> None:
        self.word = secrets.token_hex(16)
        self._listening: dict[str, socket.socket] = {}
        self._silent: list[Channel] = []  # connected, and have not said anything yet
        self._arrived: dict[tuple[str, str], Channel] = {}

    def listen(self, folder: Path) -> str:
        """Listen in the folder of a kernel, which is all that it can reach; returns the address."""
        path = str(folder / "landing")
        if path not in self._listening:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(path)
            Path(path).chmod(0o666)  # the kernel may run as another user; the folder is private to it
            listener.listen(64)
            self._listening[path] = listener
        return f"{path} {self.word}"

    def take(self, kind: str, exercise: str, seconds: float) -> Channel | None:
        """The newest connection of that kind for that exercise; None if none comes in time."""
        deadline = time.monotonic() + seconds
        while (kind, exercise) not in self._arrived:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._listen(left)
        return self._arrived.pop((kind, exercise))

    def drop(self, kind: str, exercise: str) -> None:
        """Forget a connection that nobody took."""
        with contextlib.suppress(KeyError):
            self._arrived.pop((kind, exercise)).close()

    def _listen(self, seconds: float) -> None:
        """Take what comes next: a new connection, or what an earlier one has to say."""
        with selectors.DefaultSelector() as selector:
            for source in (*self._listening.values(), *self._silent):
                selector.register(source, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(seconds)]
        for channel in [channel for channel in self._silent if channel in ready]:
            self._silent.remove(channel)
            self._hear(channel)
        for listener in self._listening.values():
            if listener in ready:
                with contextlib.suppress(OSError):
                    self._silent.append(Channel(listener.accept()[0]))
        while len(self._silent) > MOST_SILENT:
            self._silent.pop(0).close()

    def _hear(self, channel: Channel) -> None:
        try:
            hello = decode(channel.receive(time.monotonic() + HELLO_S), limits=HELLO_LIMITS)
        except (ChannelClosed, ChannelTimeout, WireError):
            hello = None
        match hello:
            case {"hello": "snapshot" | "worker" as kind, "word": str(word), "exercise": str(exercise)} if (
                secrets.compare_digest(word.encode("utf-8", "replace"), self.word.encode())
            ):
                self.drop(kind, exercise)
                self._arrived[kind, exercise] = channel
            case _:
                channel.close()

    def close(self) -> None:
        for channel in (*self._silent, *self._arrived.values()):
            channel.close()
        self._silent.clear()
        self._arrived.clear()
        for listener in self._listening.values():
            listener.close()
