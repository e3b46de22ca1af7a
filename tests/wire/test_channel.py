"""Frames over a socket: whole, in order, within a deadline, whatever the other side does."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.wire import Channel, ChannelClosed, ChannelTimeout
from grader.wire.channel import MAX_FRAME
from grader.wire.codec import DEFAULT_LIMITS

Pair = tuple[Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    yield channel, theirs
    channel.close()
    theirs.close()


def soon(seconds: float = 10.0) -> float:
    return time.monotonic() + seconds


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 50))
def test_frames_arrive_whole_and_in_order(pair: Pair, frames: list[bytes], chunk: int) -> None:
    channel, theirs = pair
    stream = b"".join(len(frame).to_bytes(8, "big") + frame for frame in frames)
    for start in range(0, len(stream), chunk):
        theirs.sendall(stream[start : start + chunk])
    assert [bytes(channel.receive(soon())) for _ in frames] == frames


def test_a_large_frame(pair: Pair) -> None:
    channel, theirs = pair
    other = Channel(theirs)
    frame = bytes(range(256)) * 20_000
    sender = threading.Thread(target=other.send, args=(frame, soon()))
    sender.start()
    assert channel.receive(soon()) == frame
    sender.join()


def test_every_frame_of_the_codec_fits() -> None:
    assert DEFAULT_LIMITS.size <= MAX_FRAME


@pytest.mark.parametrize("size", [MAX_FRAME + 1, 2**40, 2**64 - 1])
def test_an_announced_length_that_is_too_large(pair: Pair, size: int) -> None:
    channel, theirs = pair
    theirs.sendall(size.to_bytes(8, "big") + b"x")
    with pytest.raises(ChannelClosed, match=f"{size:,} bytes was announced"):
        channel.receive(soon())
    with pytest.raises(ChannelClosed):  # there is no way back into the stream
        channel.receive(soon())


def test_an_announced_length_alone_reserves_no_memory(pair: Pair) -> None:
    channel, theirs = pair
    theirs.sendall(MAX_FRAME.to_bytes(8, "big") + b"x" * 1000)
    tracemalloc.start()
    with pytest.raises(ChannelTimeout):
        channel.receive(soon(0.2))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


@pytest.mark.parametrize(
    "sent", [b"", b"\0\0\0", (100).to_bytes(8, "big"), (100).to_bytes(8, "big") + b"x" * 99]
)
def test_closed_in_the_middle(pair: Pair, sent: bytes) -> None:
    channel, theirs = pair
    theirs.sendall(sent)
    theirs.close()
    with pytest.raises(ChannelClosed):
        channel.receive(soon())


def test_a_frame_that_was_sent_before_the_end_still_arrives(pair: Pair) -> None:
    channel, theirs = pair
    Channel(theirs).send(b"last words")
    theirs.close()
    assert channel.receive(soon()) == b"last words"
    with pytest.raises(ChannelClosed):
        channel.receive(soon())


def test_silence_ends_at_the_deadline(pair: Pair) -> None:
    channel, _ = pair
    start = time.monotonic()
    with pytest.raises(ChannelTimeout):
        channel.receive(soon(0.2))
    assert time.monotonic() - start >= 0.2


def test_a_slow_drip_does_not_put_the_deadline_off(pair: Pair) -> None:
    """Each byte comes in time for a limit per byte; there must be one for the whole."""
    channel, theirs = pair
    stop = threading.Event()

    def drip() -> None:
        theirs.sendall((10_000).to_bytes(8, "big"))
        while not stop.wait(0.02):
            theirs.sendall(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with pytest.raises(ChannelTimeout):
            channel.receive(soon(0.4))  # the whole would take 200 s
    finally:
        stop.set()
        dripping.join()


def test_a_deadline_in_the_past(pair: Pair) -> None:
    channel, theirs = pair
    theirs.sendall((1).to_bytes(8, "big") + b"x")
    with pytest.raises(ChannelTimeout):
        channel.receive(time.monotonic() - 1)
    with pytest.raises(ChannelTimeout):
        channel.send(b"x", time.monotonic() - 1)


def test_nobody_reads(pair: Pair) -> None:
    channel, _ = pair
    with pytest.raises(ChannelTimeout, match="does not read"):
        channel.send(b"x" * 50_000_000, soon(0.2))


def test_sending_to_somebody_who_is_gone(pair: Pair) -> None:
    channel, theirs = pair
    theirs.close()
    for _ in range(2):
        with pytest.raises(ChannelClosed):
            channel.send(b"x" * 100_000, soon())


def test_shutting_down_wakes_a_thread_that_waits(pair: Pair) -> None:
    channel, _ = pair
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(ChannelClosed):
            channel.receive()
        ended.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    channel.shut_down()
    assert ended.wait(10)
    waiting.join()
    channel.shut_down()  # twice is no error


def test_connect(tmp_path: Path) -> None:
    address = tmp_path / "socket"
    with pytest.raises(OSError):  # noqa: PT011 - FileNotFoundError or ConnectionRefusedError
        Channel.connect(address)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        channel = Channel.connect(address)
        connection, _ = listener.accept()
        with connection:
            channel.send(b"hello", soon())
            assert Channel(connection).receive(soon()) == b"hello"
        channel.close()
