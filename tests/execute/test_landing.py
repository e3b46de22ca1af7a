"""The socket at which workers report: who gets in, and that nobody can hold it up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.execute.landing import MOST_SILENT, Landing
from grader.wire import Channel, encode


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    landing = Landing()
    yield landing
    landing.close()


class Caller:
    """Connections to a landing, closed in the end."""

    def __init__(self, landing: Landing, folder: Path) -> None:
        self.path, self.word = landing.listen(folder).rsplit(" ", 1)
        self.made: list[Channel] = []

    def connect(self) -> Channel:
        self.made.append(Channel.connect(self.path))
        return self.made[-1]

    def say(self, **hello: Any) -> Channel:
        channel = self.connect()
        channel.send(encode({"hello": "worker", "word": self.word, "exercise": "1.1.1"} | hello))
        return channel


@pytest.fixture
def caller(landing: Landing, tmp_path: Path) -> Iterator[Caller]:
    caller = Caller(landing, tmp_path)
    yield caller
    for channel in caller.made:
        channel.close()


def taken(
    landing: Landing, kind: str = "worker", exercise: str = "1.1.1", seconds: float = 30
) -> Channel | None:
    channel = landing.take(kind, exercise, seconds)
    if channel is not None:
        channel.close()
    return channel


def test_each_gets_who_announces_it(landing: Landing, caller: Caller) -> None:
    caller.say(exercise="1.1.2")
    caller.say(hello="snapshot")
    caller.say()
    for kind, exercise in (("worker", "1.1.1"), ("snapshot", "1.1.1"), ("worker", "1.1.2")):
        assert taken(landing, kind, exercise) is not None
    assert taken(landing, seconds=0.05) is None


def test_newest_one_wins(landing: Landing, caller: Caller) -> None:
    first = caller.say()
    assert landing.take("worker", "nobody", 0.1) is None
    second = caller.say()
    assert landing.take("worker", "nobody", 0.1) is None
    channel = landing.take("worker", "1.1.1", 30)
    assert channel is not None
    channel.send(b"for the newest", time.monotonic() + 30)
    assert second.receive(time.monotonic() + 30) == b"for the newest"
    with pytest.raises(EOFError):
        first.receive(time.monotonic() + 30)
    channel.close()


@pytest.mark.parametrize(
    "hello",
    [
        {"word": "guessed"},
        {"word": ""},
        {"word": None},
        {"word": "\udc80"},
        {"hello": "owner"},
        {"exercise": 7},
        {"exercise": ["1.1.1"]},
    ],
)
def test_false_announcements_are_turned_away(landing: Landing, caller: Caller, hello: dict[str, Any]) -> None:
    channel = caller.say(**hello)
    assert taken(landing, seconds=0.1) is None
    with pytest.raises(EOFError):
        channel.receive(time.monotonic() + 30)


def test_nobody_can_hold_it_up(landing: Landing, caller: Caller) -> None:
    """Those who say nothing, half a hello, nonsense or far too much; the one that matters comes last."""
    for _ in range(MOST_SILENT + 10):
        caller.connect()
        landing.take("worker", "nobody", 0.01)
    for junk in (
        b"\0",
        b"\0\0\0\0\0\0\0\x10half",
        b"nonsense" * 10,
        (2**40).to_bytes(8, "big"),
        encode({"hello": 1}),
    ):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(caller.path)
        connection.sendall(junk)
        caller.made.append(Channel(connection))
    threading.Timer(0.2, caller.say).start()
    assert taken(landing) is not None
    assert len(landing._silent) <= MOST_SILENT
