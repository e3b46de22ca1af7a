"""What a cell prints, on its way to the grader in pieces of a bounded size."""

from __future__ import annotations

import array
import contextlib
import os
import select
import sys
import threading
import time

from ipykernel.iostream import OutStream

PIECE = 2**20  # characters
CHUNK = 4096  # bytes, of what is written straight to a descriptor
SETTLE_S = 0.05  # for that to arrive at the end of a cell; a process in the background may never be done


class PieceStream(OutStream):
    """Stands for stdout and stderr in the kernel.

    IPython's own sends what has gathered in 0.2 s as one message. A cell that floods its output would gather
    hundreds of megabytes in that time; here it has to wait until each piece is sent.
    """

    made: list[PieceStream] = []  # noqa: RUF012 - all that there are; a cell may have put others in their place

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._arriving = threading.Lock()
        self._unsent = 0
        super().__init__(*args, **kwargs)
        self.made.append(self)

    def write(self, string: str) -> int | None:
        if type(string) is not str or self._unsent + len(string) <= PIECE:
            written = super().write(string)
            self._unsent += written or 0
            return written
        for start in range(0, len(string), PIECE):
            self.flush()
            self._unsent = len(string[start : start + PIECE])
            super().write(string[start : start + PIECE])
        return len(string)

    def _watch_pipe_fd(self) -> None:
        """As in IPython, but one can tell when all has arrived: what is read is written under a lock."""
        if self._fid is None:
            return
        try:
            while True:
                select.select([self._fid], [], [])
                with self._arriving:
                    data = os.read(self._fid, CHUNK)
                    if not (data and self._should_watch):
                        return
                    self.write(data.decode(errors="replace"))
                    os.write(self._original_stdstream_copy, data)
        except Exception:  # noqa: BLE001 - told by IPython when the stream is closed
            self._exc = sys.exc_info()

    def settle(self) -> None:
        """Wait until what was written straight to the descriptor has arrived here."""
        if self._fid is None:
            return
        deadline = time.monotonic() + SETTLE_S
        while (left := deadline - time.monotonic()) > 0:
            if self._arriving.acquire(timeout=left):
                try:
                    if _waiting(self._fid) == 0:
                        return
                finally:
                    self._arriving.release()
            time.sleep(0.001)


def settle() -> None:
    """Before the reply to a cell: its output must be told before the cell is said to be done."""
    for stream in PieceStream.made:
        with contextlib.suppress(Exception):  # closed, or worse, by a cell
            stream.settle()


def _waiting(descriptor: int) -> int:
    """Bytes in a pipe that nobody has read."""
    import fcntl
    import termios

    held = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, held)
    return held[0]
