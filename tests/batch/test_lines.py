"""Messages over a socket, a line of JSON each."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from grader.batch import lines
from grader.batch.lines import Hung, Lines


@pytest.fixture
def ends() -> Iterator[tuple[Lines, socket.socket]]:
    ours, theirs = socket.socketpair()
    with theirs:
        yield Lines(ours), theirs
    ours.close()


def test_messages_arrive_whole_however_they_were_cut(ends: tuple[Lines, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(b'{"a": 1}\n{"b": ')
    assert ours.hear() == [{"a": 1}]
    theirs.sendall(b'[2]}\n{"c": 3}\n')
    assert ours.hear() == [{"b": [2]}, {"c": 3}]


def test_any_text_goes_through(ends: tuple[Lines, socket.socket]) -> None:
    ours, theirs = ends
    other = Lines(theirs)
    message = {"text": "a\nb\0\ud800 \u202e ✓" * 1_000}
    ours.say(message)
    assert other.hear() == [message]


def test_an_end_is_told(ends: tuple[Lines, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(b'{"half": ')
    theirs.close()
    with pytest.raises(Hung, match="closed"):
        ours.hear()
    with pytest.raises(Hung):
        ours.say({"a": "b" * 100})


def test_nonsense_is_told(ends: tuple[Lines, socket.socket]) -> None:
    ours, theirs = ends
    theirs.sendall(b"hello\n")
    with pytest.raises(Hung, match="no JSON"):
        ours.hear()


def test_a_line_without_end_is_not_kept(
    ends: tuple[Lines, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = ends
    monkeypatch.setattr(lines, "LONGEST", 100)
    theirs.sendall(b"x" * 200)
    with pytest.raises(Hung, match="without end"):
        ours.hear()
