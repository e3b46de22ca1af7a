"""Functions and iterables of a check, served to an answer while its call is under way.

The parent runs them and hands over the data itself, so it knows what was really asked for, and in which
order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Feed:
    """An iterable for an answer: items are served one by one, and counted.

    `items` is a sequence, or a function that gives a fresh iterator at each start (a shuffling loader).
    `length` is what ``len()`` gives, where a function makes the items; with `samples` the iterable has a
    ``dataset`` of that length, as a loader has.

    After the call: ``served`` items in all, ``starts`` times begun, ``complete`` times read to the end.
    """

    def __init__(
        self,
        items: Sequence[Any] | Callable[[], Iterator[Any]],
        length: int | None = None,
        samples: int | None = None,
    ) -> None:
        self._items = items
        self._length = length
        self.samples = samples
        self._turns: list[Iterator[Any]] = []
        self._ended: set[int] = set()  # turns that were read to the end: asking again does not count
        self.served = 0
        self.starts = 0
        self.complete = 0

    @property
    def length(self) -> int | None:
        return self._length if callable(self._items) else len(self._items)

    def start(self) -> int:
        self.starts += 1
        self._turns.append(iter(self._items() if callable(self._items) else self._items))
        return len(self._turns) - 1

    def next(self, turn: Any) -> dict[str, Any]:
        if type(turn) is not int or not 0 <= turn < len(self._turns):
            raise IndexError("this iteration was never started")
        try:
            item = next(self._turns[turn])
        except StopIteration:
            self._ended.add(turn)
            self.complete = len(self._ended)
            return {"done": True, "item": None}
        self.served += 1
        return {"done": False, "item": item}

    def item(self, index: Any) -> Any:
        if callable(self._items):
            raise TypeError("this iterable has no items by index")
        if not isinstance(index, slice):  # an ellipsis or a mask would fetch everything at the price of one
            index = operator.index(index)
        item = self._items[index]
        self.served += len(item) if isinstance(index, slice) else 1
        return item


class Callbacks:
    """The functions and feeds that were handed to a worker, by number.

    They are served as long as the check runs that handed them over. An answer may keep one for a later check,
    which did not mean to tell what this one tells; numbers are therefore never given out twice.
    """

    def __init__(self) -> None:
        self._given: list[Any] = []
        self._first = 0  # the lowest number that is still served

    def forget(self) -> None:
        """A check has ended: what it handed over is served no more."""
        self._given[self._first :] = [None] * (len(self._given) - self._first)
        self._first = len(self._given)

    def give(self, thing: Any) -> dict[str, Any]:
        """The node that stands for a function or feed on the wire."""
        numbers = range(self._first, len(self._given))
        number = next((n for n in numbers if self._given[n] is thing), len(self._given))
        if number == len(self._given):
            self._given.append(thing)
        if isinstance(thing, Feed):
            return {"$": "feed", "id": number, "length": thing.length, "samples": thing.samples}
        return {"$": "callback", "id": number, "name": str(getattr(thing, "__name__", "function"))}

    def handle(self, message: dict[str, Any]) -> Any:
        """Serve a worker's request. What a callback raises goes back into the student's call."""
        number = message.get("number")
        if type(number) is not int or not self._first <= number < len(self._given):
            raise LookupError("this function can no longer be called")
        thing = self._given[number]
        match message:
            case {"do": "callback", "args": tuple() as args, "kwargs": dict() as kwargs} if not isinstance(
                thing, Feed
            ):
                return thing(*args, **{str(key): value for key, value in kwargs.items()})
            case {"do": "feed_start"} if isinstance(thing, Feed):
                return thing.start()
            case {"do": "feed_next", "turn": turn} if isinstance(thing, Feed):
                return thing.next(turn)
            case {"do": "feed_item", "index": index} if isinstance(thing, Feed):
                return thing.item(index)
            case _:
                raise LookupError("no such request")
