"""What a cell prints, on its way to the grader in pieces of a bounded size."""

from __future__ import annotations

from ipykernel.iostream import OutStream

PIECE = 2**20  # characters


class PieceStream(OutStream):
    """Stands for stdout and stderr in the kernel.

    IPython's own sends what has gathered in 0.2 s as one message. A cell that floods its output would gather
    hundreds of megabytes in that time; here it has to wait until each piece is sent.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._unsent = 0

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
