"""Functions and iterables of a check in an answer's hands: served by the parent, counted, and timed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from workbench import Bench

from grader.authoring import CheckFailed, Feed, Handle, Student, close, fail, raises
from grader.compare import Skipped
from grader.examine.outcomes import AnswerFailed

SOURCE = """
import os, threading, time
import torch

def apply(f, *args, **kwargs):
    return f(*args, **kwargs)
def twice(f, x):
    return f(f(x))
def total(loader):
    return sum(float(x) for x in loader)
def first(loader):
    return next(iter(loader))
def epochs(loader, n):
    seen = []
    for _ in range(n):
        for x, y in loader:
            seen.append((x, y))
    return seen
def both(a, b):
    return [(x, y) for x, y in zip(a, b)]
def length(loader):
    return len(loader)
def by_index(loader, *indices):
    return [loader[i] for i in indices]
def swallow(f):
    try:
        return f()
    except Exception as error:
        return f"swallowed {type(error).__name__}: {error}"
def swallow_twice(f):
    for _ in range(2):
        try:
            f()
        except Exception:
            pass
def translate(f):
    try:
        f()
    except KeyError as error:
        raise ValueError("mine") from error
def swallow_and_loop(f):
    while True:
        try:
            f()
        except Exception:
            pass
def for_ever(f):
    while True:
        f(1)
def own(x):
    return x + 1
def refuse(x):
    raise ValueError(f"no {x}")
def leave():
    os._exit(1)

kept = []
def store(f):
    kept.append(f)
def use_stored(x):
    return kept[-1](x)
def generate(f, n):
    for i in range(n):
        yield f(i)

def on_a_thread(f):
    caught = []
    def work():
        try:
            f(1)
        except Exception as error:
            caught.append(str(error))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return caught
def in_a_fork(f):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            f(1)
            os.write(writer, b"answered")
        except Exception as error:
            os.write(writer, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return os.read(reader, 1000).decode()
late = []
def after_the_call(f):
    def work():
        time.sleep(0.2)
        try:
            f(1)
            late.append("answered")
        except Exception as error:
            late.append(str(error))
    threading.Thread(target=work).start()
def is_late():
    return list(late)

class Model(torch.nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.activation = activation
        self.linear = torch.nn.Linear(2, 2)
    def forward(self, x):
        return self.activation(self.linear(x))
def train(make_model, loader):
    model = make_model(3)
    for x, y in loader:
        model(x)
    return model
def pass_things(f):
    return f(torch.nn.Linear(2, 2), [own], {"x": torch.ones(2)}, key=Model)
def send_huge(f):
    try:
        f(torch.zeros(1).expand(2**40))
    except ValueError as error:
        return str(error)
def same(f, g):
    return f is g, f.__name__
"""


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(SOURCE)


# ------------------------------------------------------------------------------------- functions


def test_a_function_runs_in_the_parent(student: Student) -> None:
    calls: list[Any] = []

    def record(*args: Any, **kwargs: Any) -> str:
        calls.append((args, kwargs))
        return "answer"

    assert student.apply(record, 1, torch.ones(2), key="value") == "answer"
    ((args, kwargs),) = calls
    assert args[0] == 1
    assert args[1].tolist() == [1, 1]
    assert kwargs == {"key": "value"}
    assert student.twice(lambda x: x * 3, 2) == 18


def test_objects_of_the_answers_arrive_as_handles(student: Student) -> None:
    seen: list[Any] = []

    def look(layer: Any, functions: Any, table: Any, key: Any) -> Any:
        seen.extend([layer, functions[0], table["x"], key])
        assert layer.isinstance("torch.nn.Linear")  # asked while the answer waits for us
        return functions[0](41)

    assert student.pass_things(look) == 42
    assert [type(thing) for thing in seen] == [Handle, Handle, torch.Tensor, Handle]
    assert seen[3].kind == "class"


def test_calls_nest_in_both_directions(student: Student) -> None:
    def down(n: int) -> int:
        return 0 if n == 0 else 1 + student.apply(down, n - 1)

    assert student.apply(down, 12) == 12


def test_a_callback_may_outlive_its_call(student: Student) -> None:
    """A model that was built around a function of ours uses it in every later call."""
    model = student.apply.keep(student.Model, lambda x: x.detach() * 0)
    assert model(torch.ones(1, 2)).tolist() == [[0, 0]]
    assert model(torch.ones(3, 2)).shape == (3, 2)
    student.store(lambda x: x * 10)
    assert student.use_stored(4) == 40
    assert list(student.generate(lambda i: i * i, 5)) == [0, 1, 4, 9, 16]


def test_the_same_function_is_the_same_object_on_one_side_of_the_wire(student: Student) -> None:
    counts = {"a": 0, "b": 0}

    def a(x: int) -> int:
        counts["a"] += 1
        return x

    def b(x: int) -> int:
        counts["b"] += 1
        return x

    student.apply(a, 1)
    student.apply(b, 1)
    student.twice(a, 1)
    assert counts == {"a": 3, "b": 1}
    assert student.same(a, b)[1] == "a"


# ------------------------------------------------------------------------------------ exceptions


def test_what_a_callback_raises_reaches_the_answer(student: Student) -> None:
    def missing() -> None:
        raise KeyError("gone")

    assert student.swallow(missing) == "swallowed KeyError: \"'gone'\""
    raises(ValueError, student.translate, missing)
    with pytest.raises(AnswerFailed, match="`apply` raised KeyError"):
        student.apply(missing)

    class Mine(Exception):
        pass

    def mine() -> None:
        raise Mine("own kind")

    assert student.swallow(mine) == "swallowed RuntimeError: own kind"


def test_what_the_answer_raises_reaches_the_callback(student: Student) -> None:
    def careful(x: int) -> str:
        try:
            return student.refuse(x)
        except AnswerFailed as error:
            return error.message

    assert "raised ValueError: no 5" in student.apply(careful, 5)


def test_a_check_that_fails_in_a_callback_has_failed(student: Student) -> None:
    """Whatever the answer makes of the exception."""

    def compare(*_: Any) -> None:
        close(torch.ones(2), torch.zeros(2))

    for name in ("swallow", "apply", "translate"):
        with pytest.raises(CheckFailed, match="differs from what is expected"):
            getattr(student, name)(compare)

    def skip() -> None:
        raise Skipped("no such thing here")

    with pytest.raises(Skipped, match="no such thing"):
        student.swallow(skip)
    assert student.own(1) == 2


def test_a_failure_is_not_forgotten_over_further_requests(student: Student) -> None:
    calls: list[int] = []

    def first_fails(*_: Any) -> int:
        calls.append(1)
        if len(calls) == 1:
            fail("the first call was wrong")
        return student.own(1)

    with pytest.raises(CheckFailed, match="the first call was wrong"):
        student.swallow(lambda: student.swallow(first_fails) and student.own(1))
    calls.clear()
    with pytest.raises(CheckFailed, match="the first call was wrong"):
        student.swallow_twice(first_fails)
    assert len(calls) == 2


@pytest.mark.usefixtures("impatient")
def test_a_failure_counts_even_if_the_answer_then_never_returns(student: Student) -> None:
    def wrong() -> None:
        fail("it should not be called at all")

    with student.within(1.0), pytest.raises(CheckFailed, match="not be called at all"):
        student.swallow_and_loop(wrong)
    assert student.own(1) == 2


def test_a_nested_request_that_brings_the_worker_down(student: Student) -> None:
    with pytest.raises(AnswerFailed, match=r"`leave` gave no result: its process ended"):
        student.apply(lambda: student.leave())
    with pytest.raises(AnswerFailed, match="`leave` gave no result: its process ended"):
        student.swallow(lambda: student.leave())
    assert student.own(1) == 2


def test_a_result_that_cannot_be_sent_is_an_error_in_the_answer(student: Student) -> None:
    assert "beyond" not in student.swallow(lambda: torch.zeros(1).expand(2**40))
    assert student.swallow(object).startswith("swallowed TypeError")
    assert "too large" in student.send_huge(print)


# ---------------------------------------------------------------------------------- time, threads


@pytest.mark.usefixtures("impatient")
def test_the_limit_covers_callbacks(student: Student) -> None:
    calls: list[int] = []
    with student.within(1.0), pytest.raises(AnswerFailed, match=r"`for_ever` .* longer than 1 s"):
        student.for_ever(calls.append)
    assert calls
    with student.within(1.0), pytest.raises(AnswerFailed, match=r"longer than 1 s"):
        student.apply(lambda: time.sleep(1.5))


@pytest.mark.usefixtures("impatient")
def test_the_limit_covers_nested_calls(student: Student) -> None:
    """Each of the inner calls has its own limit, and all of them together that of the outer one."""
    start = time.monotonic()

    def ask() -> None:
        for _ in range(1_000):
            student.apply(time.sleep, 0.05)

    with student.within(0.5), pytest.raises(AnswerFailed, match="longer than"):
        student.apply(ask)
    assert time.monotonic() - start < 25  # not 50 s


def test_use_from_a_thread_is_an_error_for_the_answer(student: Student) -> None:
    calls: list[int] = []
    (message,) = student.on_a_thread(calls.append)
    assert "not by a thread" in message
    assert calls == []
    assert "not by a thread or a subprocess" in student.in_a_fork(calls.append)
    assert calls == []
    assert student.twice(lambda x: x + 1, 1) == 3


def test_use_after_the_call_is_an_error_for_the_answer(student: Student) -> None:
    calls: list[int] = []
    student.after_the_call(calls.append)
    deadline = time.monotonic() + 20
    while not student.is_late() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "can only be used by the call that received it" in student.is_late()[0]
    assert calls == []


def test_the_parent_serves_on_one_thread_only(student: Student) -> None:
    seen: list[threading.Thread] = []
    student.apply(lambda: seen.append(threading.current_thread()))
    assert seen == [threading.current_thread()]


# ------------------------------------------------------------------------------------------ feeds


def test_a_feed_counts_what_is_taken(student: Student) -> None:
    feed = Feed([torch.tensor(float(i)) for i in range(5)])
    assert student.total(feed) == 10
    assert (feed.served, feed.starts, feed.complete) == (5, 1, 1)
    assert student.first(feed).item() == 0
    assert (feed.served, feed.starts, feed.complete) == (6, 2, 1)


def test_a_feed_may_be_read_again(student: Student) -> None:
    orders: list[list[int]] = []

    def shuffled() -> Iterator[tuple[int, int]]:
        orders.append([2, 0, 1] if orders else [0, 1, 2])
        return iter([(i, i * i) for i in orders[-1]])

    feed = Feed(shuffled)
    assert student.epochs(feed, 2) == [(0, 0), (1, 1), (2, 4), (2, 4), (0, 0), (1, 1)]
    assert (feed.served, feed.starts, feed.complete) == (6, 2, 2)


def test_two_iterations_at_a_time(student: Student) -> None:
    feed = Feed([1, 2, 3])
    assert student.both(feed, feed) == [(1, 1), (2, 2), (3, 3)]
    assert feed.starts == 2
    assert student.both(Feed([1, 2]), Feed("ab")) == [(1, "a"), (2, "b")]


def test_length_and_items_of_a_feed(student: Student) -> None:
    feed = Feed([10, 20, 30])
    assert student.length(feed) == 3
    assert student.by_index(feed, 0, -1) == [10, 30]
    assert feed.served == 2
    raises(IndexError, student.by_index, feed, 7)
    assert feed.served == 2
    assert student.by_index(feed, slice(1, 3)) == [[20, 30]]
    assert feed.served == 4
    generator = Feed(lambda: iter([1]))
    raises(TypeError, student.length, generator)
    raises(TypeError, student.by_index, generator, 0)
    assert student.total(generator) == 1


def test_an_index_fetches_one_item(student: Student) -> None:
    """An ellipsis, None or a mask would fetch everything and be counted as one item."""
    feed = Feed(torch.arange(12.0).reshape(6, 2))  # type: ignore[arg-type]
    assert [row.tolist() for row in student.by_index(feed, 1, -1)] == [[2, 3], [10, 11]]
    for index in (..., None, [0, 1, 2], torch.ones(6, dtype=torch.bool), (0, 0)):
        with pytest.raises(AnswerFailed):
            student.by_index(feed, index)
    assert feed.served == 2


def test_an_end_counts_once(student: Student) -> None:
    feed = Feed([1.0, 2.0])
    student.total(feed)
    for _ in range(3):
        assert feed.next(0) == {"done": True, "item": None}
    assert (feed.starts, feed.served, feed.complete) == (1, 2, 1)


def test_a_callback_does_not_outlive_its_check(student: Student) -> None:
    """What one check tells an answer, by a function or an iterable, is not there for the next."""
    student.store(lambda x: x * 10)
    link = student.use_stored.link
    assert student.use_stored(4) == 40
    link.begin()
    with pytest.raises(AnswerFailed, match="can no longer be called"):
        student.use_stored(4)
    assert student.apply(lambda x: x + 1, 4) == 5
    with pytest.raises(AnswerFailed, match="can no longer be called"):
        student.use_stored(4)  # the number was not given out again


def test_an_endless_feed_is_for_the_answer_to_end(student: Student) -> None:
    def ones() -> Iterator[int]:
        while True:
            yield 1

    feed = Feed(ones)
    assert student.first(feed) == 1
    assert feed.served == 1


def test_a_feed_that_raises(student: Student) -> None:
    def half() -> Iterator[int]:
        yield 1
        raise OSError("the disk is full")

    with pytest.raises(AnswerFailed, match=r"OSError: the disk is full"):
        student.total(Feed(half))


def test_a_model_maker_and_a_loader(student: Student) -> None:
    made: list[int] = []
    loader = Feed([(torch.ones(1, 2), 0)] * 4)

    def make_model(width: int) -> Any:
        made.append(width)
        return student.lab.torch.nn.Linear.keep(2, width)

    model = student.train(make_model, loader)
    assert model.isinstance("torch.nn.Linear")
    assert model(torch.ones(5, 2)).shape == (5, 3)
    assert (made, loader.served) == ([3], 4)


# ------------------------------------------------------------------------ requests that are forged


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"number": 0},
        {"do": "callback", "number": 7, "args": (), "kwargs": {}},
        {"do": "callback", "number": -1, "args": (), "kwargs": {}},
        {"do": "callback", "number": True, "args": (), "kwargs": {}},
        {"do": "callback", "number": [0], "args": (), "kwargs": {}},
        {"do": "callback", "number": 1, "args": (), "kwargs": {}},
        {"do": "callback", "number": 0, "args": [], "kwargs": {}},
        {"do": "callback", "number": 0, "args": (), "kwargs": []},
        {"do": "feed_start", "number": 0},
        {"do": "feed_next", "number": 1, "turn": 5},
        {"do": "feed_next", "number": 1, "turn": -1},
        {"do": "feed_next", "number": 1, "turn": "0"},
        {"do": "feed_item", "number": 1, "index": "key"},
        {"do": "served", "number": 1},
        {"do": "handle", "number": 0},
        {"do": "__class__", "number": 1},
    ],
)
def test_requests_that_no_stub_of_ours_makes(bench: Bench, message: dict[str, Any]) -> None:
    """A student who finds the socket can ask for nothing that was not given: an error, on their side."""
    student = bench.shared(
        """
        def send(f, message):
            try:
                return f._ask(message)
            except Exception as error:
                return error.__class__.__name__
        def keep(*things):
            global kept
            kept = things
        """
    )
    calls: list[Any] = []
    feed = Feed([1])
    link = student.keep.link
    link._callbacks._given.clear()
    function = lambda: calls.append(1)  # noqa: E731
    student.keep(function, feed)
    result = student.send(function, message)
    assert result in ("LookupError", "IndexError", "TypeError")
    assert calls == []
    assert (feed.served, feed.starts, feed.complete) == (0, 0, 0)
