"""A text stream that keeps the beginning of what is written and counts the rest."""

from __future__ import annotations

import io


class CappedText(io.TextIOBase):
    """Stands in for stdout during a call: keeps `cap` characters, drops the rest without a complaint."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._size < self._cap:
            self._parts.append(text[: self._cap - self._size])
        self._size += len(text)
        return len(text)

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def cut(self) -> int:
        """How many characters were dropped."""
        return max(0, self._size - self._cap)
