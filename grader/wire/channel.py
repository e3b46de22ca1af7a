"""Frames over a stream socket: an 8-byte length, then the bytes. Every wait has a deadline."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from pathlib import Path

MAX_FRAME = 260 * 2**20
SMALL_FRAME = 64 * 2**10


class ChannelClosed(EOFError):
    """The other side is gone."""


class ChannelTimeout(TimeoutError):
    """The other side did not send (or take) a whole frame in time."""


class Channel:
    """One end of a connection. `deadline` is a value of ``time.monotonic()``, or None to wait for ever."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    @classmethod
    def connect(cls, path: str | Path, patience: float = 0.0) -> Channel:
        """Connect to a unix socket; it may take `patience` seconds until somebody listens there."""
        deadline = time.monotonic() + patience
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                sock.connect(str(path))
                return cls(sock)
            except (FileNotFoundError, ConnectionRefusedError, PermissionError):
                sock.close()
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.002)

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        try:
            self._set_timeout(deadline)
            head = len(frame).to_bytes(8, "big")
            if len(frame) <= SMALL_FRAME:  # together: the other side is woken once, not twice
                self._socket.sendall(head + frame)
                return
            self._socket.sendall(head)
            self._set_timeout(deadline)
            self._socket.sendall(frame)
        except TimeoutError as error:
            raise ChannelTimeout("the other side does not read") from error
        except OSError as error:
            raise ChannelClosed(str(error)) from error

    def receive(self, deadline: float | None = None) -> bytearray:
        """The next frame. Raises ``ChannelClosed`` or ``ChannelTimeout``."""
        size = int.from_bytes(self._read(8, deadline), "big")
        if size > MAX_FRAME:
            self.close()
            raise ChannelClosed(f"a frame of {size:,} bytes was announced")
        return self._read(size, deadline)

    def _read(self, size: int, deadline: float | None) -> bytearray:
        # Grown as bytes arrive: an announced length alone must not make us reserve memory.
        data = bytearray()
        try:
            while len(data) < size:
                self._set_timeout(deadline)
                chunk = self._socket.recv(min(size - len(data), 2**20))
                if not chunk:
                    raise ChannelClosed("the connection was closed")
                data += chunk
        except TimeoutError as error:
            raise ChannelTimeout("no answer in time") from error
        except OSError as error:
            raise ChannelClosed(str(error)) from error
        return data

    def _set_timeout(self, deadline: float | None) -> None:
        if deadline is None:
            self._socket.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)

    @property
    def other_process(self) -> int | None:
        """The process that connected to us, by the system's own account; None where it does not tell."""
        option = getattr(socket, "SO_PEERCRED", None)  # Linux
        if option is None:
            return None
        with contextlib.suppress(OSError):
            pid = int.from_bytes(self._socket.getsockopt(socket.SOL_SOCKET, option, 4), sys.byteorder)
            return pid or None  # 0: it is in no namespace that we can see
        return None

    def shut_down(self) -> None:
        """Tell the other side that no more will come; wakes a thread of ours that waits here."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()
