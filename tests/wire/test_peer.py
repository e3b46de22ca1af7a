"""Requests nest in both directions, exceptions cross in both, and nonsense ends the conversation."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from grader.wire import (
    Channel,
    ChannelClosed,
    ChannelTimeout,
    Limits,
    Peer,
    Unencodable,
    WireError,
    decode,
    encode,
)

LIMITS = Limits(size=2**20, depth=20, nodes=5_000)


class Told(Exception):
    """An exception of the other side, as words."""


def tell(error: dict[str, Any]) -> Any:
    raise Told(error["words"])


class Side:
    """Answers each request with what `do` makes of it; has a peer to ask back."""

    peer: Peer

    def __init__(self, do: Callable[[Side, dict[str, Any]], Any]) -> None:
        self.do = do

    def connect(self, sock: socket.socket) -> Side:
        self.peer = Peer(Channel(sock), self, wrap=self.wrap, resolve=dict, limits=LIMITS)
        return self

    def handle(self, message: dict[str, Any]) -> Any:
        return self.do(self, message)

    def describe(self, error: BaseException) -> dict[str, Any]:
        return {"words": f"{type(error).__name__}: {error}"}

    def wrap(self, value: Any) -> dict[str, Any]:
        raise Unencodable("no data")

    def ask(self, seconds: float = 20, **message: Any) -> Any:
        return self.peer.request(message, tell, time.monotonic() + seconds)


Connect = Callable[..., Side]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """``connect(ours, theirs)``: our side, with theirs serving on a thread of its own."""
    ended: list[Callable[[], None]] = []

    def make(ours: Callable[..., Any], theirs: Callable[..., Any]) -> Side:
        one, other = socket.socketpair()
        failures: list[BaseException] = []

        def serve() -> None:
            try:
                Side(theirs).connect(other).peer.serve()
            except (ChannelClosed, WireError) as error:
                failures.append(error)
            other.close()

        thread = threading.Thread(target=serve)
        thread.start()
        side = Side(ours).connect(one)

        def end() -> None:
            side.peer.channel.close()
            thread.join(20)
            assert not thread.is_alive()

        ended.append(end)
        return side

    yield make
    for end in ended:
        end()


def never(side: Side, message: dict[str, Any]) -> Any:
    raise AssertionError("nobody should ask us")


def test_request_and_reply(connect: Connect) -> None:
    side = connect(never, lambda side, message: {"got": message["x"] * 2})
    assert side.ask(x=21) == {"got": 42}
    assert side.ask(x=[1]) == {"got": [1, 1]}


def test_requests_nest_in_both_directions(connect: Connect) -> None:
    """Each side counts down by asking the other, to a depth that neither could reach alone."""

    def down(side: Side, message: dict[str, Any]) -> list[int]:
        n = message["n"]
        return [n] if n == 0 else [n, *side.ask(n=n - 1)]

    side = connect(down, down)
    assert side.ask(n=25) == list(range(25, -1, -1))
    assert side.ask(n=2) == [2, 1, 0]


def test_one_request_may_cause_many(connect: Connect) -> None:
    def total(side: Side, message: dict[str, Any]) -> int:
        return sum(side.ask(item=i) for i in range(message["count"]))

    side = connect(lambda side, message: message["item"] ** 2, total)
    assert side.ask(count=100) == sum(i**2 for i in range(100))


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(3), GeneratorExit("odd"), RecursionError()])
def test_exceptions_reach_the_one_who_asked(connect: Connect, error: BaseException) -> None:
    def fail(side: Side, message: dict[str, Any]) -> None:
        raise error

    side = connect(never, fail)
    for _ in range(2):  # and the conversation goes on
        with pytest.raises(Told, match=type(error).__name__):
            side.ask()


def test_exceptions_cross_both_directions(connect: Connect) -> None:
    """Ours raises in their request, they pass it on, and it comes back to us; or they swallow it."""

    def theirs(side: Side, message: dict[str, Any]) -> Any:
        try:
            return side.ask(inner=True)
        except Told as error:
            if message["swallow"]:
                return f"swallowed {error}"
            raise KeyError(str(error)) from error

    def ours(side: Side, message: dict[str, Any]) -> None:
        raise ZeroDivisionError("ours")

    side = connect(ours, theirs)
    assert side.ask(swallow=True) == "swallowed ZeroDivisionError: ours"
    with pytest.raises(Told, match=r"KeyError: .*ZeroDivisionError: ours"):
        side.ask(swallow=False)
    assert side.ask(swallow=True) == "swallowed ZeroDivisionError: ours"


def test_a_reply_that_cannot_be_sent_becomes_an_error(connect: Connect) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    values = {"deep": cycle, "object": object(), "large": b"x" * 2**21}
    side = connect(never, lambda side, message: values[message["what"]])
    for what in values:
        with pytest.raises(Told, match="Unencodable"):
            side.ask(what=what)


def test_a_request_that_cannot_be_sent_sends_nothing(connect: Connect) -> None:
    side = connect(never, lambda side, message: "fine")
    for value in (object(), b"x" * 2**21):
        with pytest.raises(Unencodable):
            side.ask(value=value)
        assert side.ask() == "fine"


def test_a_callbacks_result_that_cannot_be_sent(connect: Connect) -> None:
    side = connect(lambda side, message: object(), lambda side, message: side.ask())
    with pytest.raises(Told, match="Unencodable"):
        side.ask()


@pytest.mark.parametrize(
    "sent",
    [
        1,
        [],
        {},
        {"reply": 1, "error": {}},
        {"ask": 5},
        {"error": "words"},
        {"unknown": {}},
        {1: 2},
    ],
)
def test_what_is_no_message(sent: Any) -> None:
    one, other = socket.socketpair()
    with other:
        side = Side(never).connect(one)
        Channel(other).send(encode(sent))
        with pytest.raises(WireError, match="not a message"):
            side.ask()
        side.peer.channel.close()


def test_bytes_that_are_no_frame() -> None:
    one, other = socket.socketpair()
    with other:
        side = Side(never).connect(one)
        Channel(other).send(b"\x80\x04pickle")
        with pytest.raises(WireError):
            side.ask()
        side.peer.channel.close()


@pytest.mark.parametrize("message", [{"reply": 1}, {"error": {"words": "no"}}])
def test_a_reply_without_a_request(message: Any) -> None:
    one, other = socket.socketpair()
    with other:
        side = Side(never).connect(one)
        Channel(other).send(encode(message))
        with pytest.raises(WireError, match="without a request"):
            side.peer.serve()
        side.peer.channel.close()


def test_a_reply_to_a_request_of_ours_while_we_answer(connect: Connect) -> None:
    """Two replies in a row: the second belongs to nobody, and is seen when the next one is awaited."""
    one, other = socket.socketpair()
    with other:
        channel = Channel(other)
        side = Side(never).connect(one)
        channel.send(encode({"reply": "mine"}))
        channel.send(encode({"reply": "forged"}))
        assert side.ask() == "mine"
        with pytest.raises(WireError, match="without a request"):
            side.peer.serve()
        side.peer.channel.close()


def test_serving_ends_when_the_other_side_hangs_up() -> None:
    one, other = socket.socketpair()
    side = Side(never).connect(one)
    other.close()
    side.peer.serve()
    side.peer.channel.close()


def test_the_deadline_covers_requests_on_the_way(connect: Connect) -> None:
    """The other side asks for ever: each of its requests is answered in time, the whole is not."""

    def for_ever(side: Side, message: dict[str, Any]) -> None:
        while True:
            side.ask()

    side = connect(lambda side, message: None, for_ever)
    with pytest.raises(ChannelTimeout):
        side.ask(seconds=0.3)


def test_the_other_side_is_gone_in_the_middle(connect: Connect) -> None:
    def hang_up(side: Side, message: dict[str, Any]) -> None:
        side.peer.channel.shut_down()

    side = connect(never, hang_up)
    with pytest.raises(ChannelClosed):
        side.ask()


def test_interrupts_are_not_answered() -> None:
    """Ctrl-C in a handler of ours is for us."""
    one, other = socket.socketpair()

    def interrupted(side: Side, message: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with other:
        side = Side(interrupted).connect(one)
        Channel(other).send(encode({"ask": {}}))
        with pytest.raises(KeyboardInterrupt):
            side.peer.serve()
        side.peer.channel.close()


def test_use_from_another_thread_is_refused(connect: Connect) -> None:
    side = connect(never, lambda side, message: "fine")
    caught: list[BaseException] = []

    def use() -> None:
        try:
            side.ask()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert "not by a thread" in str(caught[0])
    assert side.ask() == "fine"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_use_from_a_subprocess_is_refused(connect: Connect) -> None:
    """It would share the socket, and read replies that are not its own."""
    side = connect(never, lambda side, message: "fine")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            side.ask(seconds=5)
            os.write(writer, b"answered")
        except RuntimeError:
            os.write(writer, b"refused")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100) == b"refused"
    os.close(reader)
    os.close(writer)
    assert side.ask() == "fine"


def test_requests_go_out_as_plain_frames() -> None:
    one, other = socket.socketpair()
    with other:
        side = Side(never).connect(one)
        with pytest.raises(ChannelTimeout):
            side.ask(seconds=0.1, x=1)
        assert decode(Channel(other).receive()) == {"ask": {"x": 1}}
        side.peer.channel.close()
