"""Whatever an answer does to its process, the check gets a message and the next one a fresh worker."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
from workbench import Answer, Bench

from grader.authoring import CheckFailed, Clock, Student, raises
from grader.examine.link import Link
from grader.examine.outcomes import AnswerFailed
from grader.examine.remote import Handle
from grader.examine.source import Sources
from grader.wire import Channel, ChannelClosed, Unencodable, encode

SOURCE = """
import ctypes, os, signal, sys, threading, time
import torch

def fine(x=1):
    return x + 1
def sleep(seconds):
    time.sleep(seconds)
    return seconds
def spin():
    while True:
        pass
def stubborn():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
def leave():
    os._exit(3)
def crash():
    ctypes.string_at(0)
def killed():
    os.kill(os.getpid(), signal.SIGKILL)
def stopped():
    os.kill(os.getpid(), signal.SIGSTOP)
def close_everything():
    os.closerange(3, 256)
    return 1
def deep():
    return deep()
def nested():
    value = 1
    for _ in range(1000):
        value = [value]
    return value
def cyclic():
    value = {}
    value["again"] = value
    return value
def wide():
    return [[]] * 2_000_000
def huge():
    return torch.zeros(1).expand(2**40)
def large():
    return torch.zeros(300 * 2**20, dtype=torch.uint8)
def digits():
    return 1 << 10_000_000
def lazily(n):
    for i in range(n):
        yield i
    os._exit(4)

class Dying:
    @property
    def value(self):
        os._exit(5)
    def __len__(self):
        os._exit(6)
    def __getitem__(self, i):
        os._exit(7)
dying = Dying()

class Angry(Exception):
    def __str__(self):
        sys.exit("no message for you")
class Meta(type):
    @property
    def __name__(cls):
        raise KeyboardInterrupt
class Nameless(Exception, metaclass=Meta):
    pass
class Bottom(BaseException):
    pass
def raise_angry():
    raise Angry
def raise_nameless():
    raise Nameless("still said")
def raise_bottom():
    raise Bottom("neither an Exception")
def raise_interrupt():
    raise KeyboardInterrupt
def raise_long():
    raise ValueError("x" * 10**7)
"""


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(SOURCE)


def alive(student: Student) -> bool:
    return student.fine(1) == 2


# ------------------------------------------------------------------------------------- dead or slow


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", ["sleep", "spin", "stubborn", "stopped"])
def test_an_answer_that_takes_too_long(student: Student, name: str) -> None:
    arguments = (60,) if name == "sleep" else ()
    function = getattr(student, name)
    start = time.monotonic()
    with student.within(0.3), pytest.raises(AnswerFailed, match=rf"`{name}` .* longer than 0.3 s") as caught:
        function(*arguments)
    assert time.monotonic() - start < 30
    assert "and was stopped" in caught.value.message
    assert alive(student)


def test_a_limit_holds_for_its_block_only(student: Student) -> None:
    with student.within(0.01):
        assert student.sleep(0.1) == 0.1  # seconds are added for a machine that is busy
    assert student.sleep(0) == 0


@pytest.mark.parametrize("name", ["leave", "crash", "killed"])
def test_an_answer_that_ends_its_process(student: Student, name: str) -> None:
    for how in ("call", "attempt", "keep"):
        function = getattr(student, name)
        with pytest.raises(AnswerFailed, match=rf"`{name}` gave no result: its process ended"):
            function() if how == "call" else getattr(function, how)()
    assert alive(student)


def test_other_requests_that_end_the_process(student: Student) -> None:
    with pytest.raises(AnswerFailed, match=r"`dying\.value` gave no result"):
        _ = student.dying.value
    with pytest.raises(AnswerFailed, match=r"`len\(dying\)` gave no result"):
        len(student.dying)
    with pytest.raises(AnswerFailed, match=r"`dying\[…\]` gave no result"):
        _ = student.dying[0]
    items = iter(student.lazily(2))
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(AnswerFailed, match="`lazily` gave no result"):
        next(items)
    with pytest.raises(AnswerFailed, match="`leave` gave no result"):
        student.vjp(student.leave)
    assert alive(student)


def test_an_answer_that_cuts_the_connection(student: Student) -> None:
    with pytest.raises(AnswerFailed, match="gave no result"):
        student.close_everything()
    assert alive(student)


def test_recursion_without_an_end(student: Student) -> None:
    with pytest.raises(AnswerFailed, match="RecursionError"):
        student.deep()
    assert alive(student)


def test_how_it_ended_is_told(bench: Bench) -> None:
    endings = iter(["the process was ended by the signal SIGKILL", ""])
    link = Link(lambda: bench.worker(SOURCE), lambda: next(endings))
    student = Student(link, Sources([SOURCE]))
    with pytest.raises(AnswerFailed, match=r"\(the process was ended by the signal SIGKILL\)\.$"):
        student.killed()
    with pytest.raises(AnswerFailed, match=r"in the middle of the call\.$"):
        student.killed()
    link.drop()


def test_handles_die_with_their_process(student: Student) -> None:
    """A number of the old worker could name another object in the new one."""
    kept, fine = student.put([1, 2]), student.fine
    with pytest.raises(AnswerFailed):
        student.leave()
    for use in (kept.fetch, lambda: len(kept), lambda: student.fine(kept), fine, lambda: list(kept)):
        with pytest.raises(AnswerFailed, match="is gone: its process ended in an earlier call"):
            use()
    assert alive(student)


def test_nothing_to_examine() -> None:
    student = Student(Link(lambda: None), Sources([]))
    with pytest.raises(AnswerFailed, match="There is nothing to examine"):
        _ = student.anything
    assert not student.source("anything").found


# ------------------------------------------------------------------- results that cannot be sent


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nested", "deeper than 64 levels"),
        ("cyclic", "deeper than 64 levels"),
        ("wide", "more than 1,000,000 parts"),
        ("huge", r"shape \(1099511627776,\) is too large"),
        ("large", "too large|more than"),
        ("digits", "more than 1,000,000 bits"),
    ],
)
def test_a_result_that_is_beyond_the_limits(student: Student, name: str, why: str) -> None:
    message = rf"`{name}` gave something that cannot be looked at: .*({why})"
    with pytest.raises(AnswerFailed, match=message):
        getattr(student, name)()
    if name != "wide":  # that takes seconds
        with pytest.raises(AnswerFailed, match=message):
            getattr(student, name).attempt()
    assert isinstance(getattr(student, name).keep(), Handle)
    assert alive(student)


def test_arguments_beyond_the_limits_are_the_checks_own_fault(student: Student) -> None:
    with pytest.raises(Unencodable):
        student.fine(torch.zeros(1).expand(2**40))
    with pytest.raises(TypeError, match="cannot be handed to an answer"):
        student.fine(object())
    assert alive(student)


def test_objects_of_another_process_are_the_checks_own_fault(student: Student, answer: Answer) -> None:
    other = answer("def fine(x):\n    return x")
    with pytest.raises(TypeError, match="lives in another process"):
        other.fine(student.fine)


# ---------------------------------------------------------------------------- strange exceptions


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raise_angry", "raised Angry: .the exception's own message cannot be shown"),
        ("raise_nameless", "raised Nameless: still said"),
        ("raise_bottom", "raised Bottom: neither an Exception"),
        ("raise_interrupt", "raised KeyboardInterrupt"),
        ("raise_long", "raised ValueError: x{2000} "),
    ],
)
def test_an_exception_that_defends_itself(student: Student, name: str, words: str) -> None:
    with pytest.raises(AnswerFailed, match=words) as caught:
        getattr(student, name)()
    assert len(caught.value.message) < 3_000
    assert alive(student)


# ---------------------------------------------------------------- a worker that answers nonsense

NONSENSE: list[Any] = [
    None,
    5,
    "text",
    [],
    {},
    {"value": 1},
    {"value": 1, "error": "no", "touched": [], "stdout": "", "arguments": ()},
    {"value": 1, "error": None, "touched": 5, "stdout": "", "arguments": ()},
    {"value": 1, "error": None, "touched": [5], "stdout": "", "arguments": ()},
    {"value": 1, "error": None, "touched": [], "stdout": 5, "arguments": ()},
    {"value": 1, "error": None, "touched": [], "stdout": "", "arguments": 5},
    {"value": 1, "error": None, "touched": [], "stdout": "", "arguments": (1, 2, 3)},
    {"value": 1, "connected": 1, "inputs": 1, "parameters": 1, "touched": []},
    {"value": 1, "connected": True, "inputs": ["x"], "parameters": {}, "touched": []},
    {"storage": 1},
    {"found": "yes"},
    {"items": 5, "done": False, "touched": []},
    {"axes": []},
    torch.zeros(3),
    10**6_000,
]

NONSENSE += [
    {"touched": [], "outcomes": [outcome]}
    for outcome in (b"", b"junk", 7, "text", {"value": 1}, encode(7), encode({"value": 1}))
]

ERRORS: list[Any] = [
    {},
    {"name": 5, "types": 7, "frames": {}, "message": ["x"]},
    {"name": "E" * 10**6, "types": [5] * 1000, "frames": [None], "message": "m" * 10**6},
    {"name": 10**6_000, "message": 10**6_000},
]


class Forger:
    """A worker that sends the same message whatever it is asked."""

    def __init__(self, message: Any) -> None:
        self.frame = message if type(message) is bytes else encode(message, dict)
        self.threads: list[threading.Thread] = []

    def connect(self) -> Channel:
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=self.serve, args=(Channel(theirs),))
        thread.start()
        self.threads.append(thread)
        return Channel(ours)

    def serve(self, channel: Channel) -> None:
        with contextlib.suppress(ChannelClosed):
            while True:
                channel.receive()
                channel.send(self.frame)
        channel.close()


def assert_only_checks_fail(message: Any) -> list[str]:
    """Every request to a worker that always sends `message` passes, or fails the check; the messages."""
    forger = Forger(message)
    link = Link(forger.connect)
    student = Student(link, Sources([]))

    def handle() -> Handle:
        link.refresh()
        return Handle(link, 0, "function", "function", "f")

    uses: list[Callable[[], Any]] = [
        lambda: student.x,
        lambda: student.has("x"),
        lambda: handle()(1),
        lambda: handle().attempt(1),
        lambda: handle().keep(),
        lambda: list(handle().attempt_each([(1,)])),
        lambda: list(handle().call_each([(1,)])),
        lambda: list(handle().keep_each([(1,)])),
        lambda: handle().fetch(),
        lambda: handle().figure(),
        lambda: handle().calls,
        lambda: handle().attribute,
        lambda: handle().isinstance("torch.Tensor"),
        lambda: handle()[0],
        lambda: len(handle()),
        lambda: next(iter(handle())),
        lambda: student.memory(handle()),
        lambda: student.shares_memory(handle(), handle()),
        lambda: student.vjp(handle(), torch.ones(1)),
        lambda: student.put(1),
        lambda: student.put_each([1]),
        lambda: student.manual_seed(1),
        lambda: student.count(handle()),
        lambda: student.seed(1),
        lambda: student.lab.torch.handle(),
        lambda: raises(ValueError, handle()),
        lambda: Clock(lambda: student, None).seconds(handle(), tuple),
    ]
    messages: list[str] = []
    for use in uses:
        try:
            use()
        except CheckFailed as error:
            messages.append(error.message)
    link.drop()
    for thread in forger.threads:
        thread.join(10)
    assert all(len(message) < 5_000 for message in messages)
    return messages


@pytest.mark.parametrize("reply", NONSENSE, ids=range(len(NONSENSE)))
def test_replies_that_no_worker_of_ours_sends(reply: Any) -> None:
    messages = assert_only_checks_fail({"reply": reply})
    assert any("its process sent back nonsense" in message for message in messages)


@pytest.mark.parametrize("error", ERRORS, ids=range(len(ERRORS)))
def test_errors_that_no_worker_of_ours_describes(error: Any) -> None:
    assert len(assert_only_checks_fail({"error": error})) > 15


@pytest.mark.parametrize(
    "handle",
    [
        {"$": "handle"},
        {"$": "handle", "id": "0", "type": "t", "kind": "k"},
        {"$": "handle", "id": 0, "type": 5, "kind": "k"},
        {"$": "callback", "id": 0},
        {"$": "unheard of"},
    ],
)
def test_handles_that_no_worker_of_ours_gives(handle: dict[str, Any]) -> None:
    tree = {"$": "dict", "items": [["reply", handle]]}
    header = json.dumps({"value": tree, "sizes": []}).encode()
    frame = b"GRW1" + len(header).to_bytes(4, "big") + header
    messages = assert_only_checks_fail(frame)
    assert all("its process sent back nonsense" in message for message in messages)


@pytest.mark.parametrize("junk", [b"", b"\0" * 100, b"GRW1\xff\xff\xff\xff", encode(["no message"])])
def test_bytes_that_are_no_reply(junk: bytes) -> None:
    messages = assert_only_checks_fail(junk)
    assert len(messages) > 15
    assert all("its process sent back nonsense" in message for message in messages)
