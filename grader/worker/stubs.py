"""What an answer holds in its hands when a check passes it a function or an iterable of the parent's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Ask = Callable[[dict[str, Any]], Any]


class FunctionStub:
    """Calls the parent, while the call that received this stub is under way."""

    def __init__(self, ask: Ask, number: int, name: str) -> None:
        self._ask = ask
        self._number = number
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask({"do": "callback", "number": self._number, "args": args, "kwargs": kwargs})

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


class FeedStub:
    """An iterable whose items the parent serves one by one; it knows how many were taken, and when."""

    def __init__(self, ask: Ask, number: int, length: int | None, samples: int | None = None) -> None:
        self._ask = ask
        self._number = number
        self._length = length
        if samples is not None:
            self.dataset = Samples(samples)

    def __iter__(self) -> Iterator[Any]:
        turn = self._ask({"do": "feed_start", "number": self._number})
        while True:
            reply = self._ask({"do": "feed_next", "number": self._number, "turn": turn})
            if reply["done"]:
                return
            yield reply["item"]

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("this iterable has no length")
        return self._length

    def __getitem__(self, index: Any) -> Any:
        return self._ask({"do": "feed_item", "number": self._number, "index": index})


class Samples:
    """What a loader's ``dataset`` is asked for here: how many samples there are."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length


class CallCounter:
    """Counts the calls of a function that has to be real torch code in this process.

    Believed only as far as the worker is: a check uses it to explain, and to catch honest mistakes.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.calls = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self._function(*args, **kwargs)
