"""Ratios of times: decisions on scripted measurements, and real ones where no machine can be in doubt."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from workbench import Bench

from grader.authoring import CheckFailed, Clock, Inconclusive, Student, at_least, at_most
from grader.examine import clock as clock_module
from grader.examine.clock import CONTROL_S, MOST_NOISE, ROUNDS, Ratio, Side, _element, _rank
from grader.examine.outcomes import AnswerFailed

# ------------------------------------------------------------------------- scripted measurements


def scripted(slow: float, fast: float, noise: float = 0.0, seed: int = 0) -> Ratio:
    """A ratio of two functions whose times are known, but for log-normal noise.

    The noise of each does not depend on the other's, and so not on the order of the measurements.
    """
    sources = random.Random(2 * seed), random.Random(2 * seed + 1)
    a, b = (Side(None, tuple) for _ in range(2))  # type: ignore[arg-type]

    def measure(side: Side) -> float:
        return (slow if side is a else fast) * math.exp(sources[side is a].gauss(0, noise))

    return Ratio(a, b, measure)


def verdict(verb: Any, ratio: Ratio, limit: float) -> str:
    try:
        verb(ratio, limit, "Too slow.")
    except Inconclusive:
        return "inconclusive"
    except CheckFailed:
        return "failed"
    return "passed"


def test_clear_cases() -> None:
    for noise in (0.0, 0.2):
        assert verdict(at_least, scripted(50.0, 1.0, noise), 10) == "passed"
        assert verdict(at_least, scripted(2.0, 1.0, noise), 10) == "failed"
        assert verdict(at_most, scripted(2.0, 1.0, noise), 10) == "passed"
        assert verdict(at_most, scripted(50.0, 1.0, noise), 10) == "failed"


def test_on_the_limit_nobody_fails() -> None:
    """With exact times the limit itself is still good; a little beyond it is within the margin."""
    assert verdict(at_least, scripted(10.001, 1.0), 10) == "passed"
    assert verdict(at_most, scripted(9.999, 1.0), 10) == "passed"
    assert verdict(at_least, scripted(9.8, 1.0), 10) == "inconclusive"
    assert verdict(at_most, scripted(10.2, 1.0), 10) == "inconclusive"


@pytest.mark.parametrize("noise", [0.05, 0.3, 1.0])
def test_false_fails_are_rare(noise: float) -> None:
    """The answer is just good enough, and the machine is bad: of many such, next to none may fail."""
    for verb in (at_least, at_most):
        outcomes = [verdict(verb, scripted(10.0, 1.0, noise, seed), 10) for seed in range(300)]
        assert outcomes.count("failed") <= 3


def test_bad_answers_fail_on_a_bad_machine_too() -> None:
    outcomes = [verdict(at_least, scripted(3.0, 1.0, 0.3, seed), 10) for seed in range(100)]
    assert outcomes.count("failed") >= 99


def test_noise_widens_the_margin() -> None:
    """Half of the measurements of `b` are three times as slow: a ratio of 8 is no proof against 10."""
    turns = itertools.cycle([1.0, 3.0])
    a, b = (Side(None, tuple) for _ in range(2))  # type: ignore[arg-type]
    ratio = Ratio(a, b, lambda side: 12.0 if side is a else next(turns))
    assert ratio.noise == pytest.approx(2.0)
    assert verdict(at_least, ratio, 13) == "inconclusive"


def test_an_answer_cannot_plead_noise_that_it_makes_itself() -> None:
    """It is no quicker than what it is compared with, and twenty times slower in every other turn."""
    turns = itertools.cycle([20.0, 1.0])
    a, b = Side(None, tuple), Side(None, tuple, trusted=False)  # type: ignore[arg-type]
    ratio = Ratio(a, b, lambda side: 1.0 if side is a else next(turns))
    assert ratio.noise == 0
    assert verdict(at_least, ratio, 5) == "failed"
    a.trusted = False
    assert ratio.noise == MOST_NOISE


def test_more_pairs_are_measured_only_while_it_helps() -> None:
    clear = scripted(50.0, 1.0, 0.1)
    assert verdict(at_least, clear, 10) == "passed"
    assert len(clear._logs) == ROUNDS[0]
    close_call = scripted(10.0, 1.0, 0.3)
    verdict(at_least, close_call, 10)
    assert len(close_call._logs) == ROUNDS[-1]


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "PATIENCE_S", -1.0)
    ratio = scripted(10.0, 1.0, 0.3)
    assert verdict(at_least, ratio, 10) == "inconclusive"
    assert len(ratio._logs) == ROUNDS[0]


def test_a_machine_that_is_overrun_fails_nobody() -> None:
    """Nearly all measurements of one side are slow, but one was not: the answer can be that fast."""
    turns = itertools.count()
    a, b = (Side(None, tuple) for _ in range(2))  # type: ignore[arg-type]

    def measure(side: Side) -> float:
        return 5.0 if side is a and next(turns) else 1.0

    assert verdict(at_most, Ratio(a, b, measure), 2) == "inconclusive"
    assert verdict(at_least, Ratio(b, a, measure), 0.5) == "inconclusive"


def test_nobody_fails_where_our_own_work_differs_as_much_from_itself() -> None:
    """Five times too slow is a failure, but not where equal work seems to take six times as long, too."""
    asked: list[float] = []

    def verdict_with(unrest: float, slow: float = 50.0) -> str:
        ratio = scripted(slow, 1.0, 0.1)
        ratio._control = lambda seconds: asked.append(seconds) or unrest
        return verdict(at_most, ratio, 10)

    assert verdict_with(0.1) == "failed"
    assert asked
    assert all(0 < seconds <= CONTROL_S for seconds in asked)
    assert verdict_with(5.0) == "inconclusive"
    asked.clear()
    assert verdict_with(5.0, slow=2.0) == "passed"
    assert not asked, "it takes time, and is asked only where somebody would fail"


def test_both_orders_occur() -> None:
    order: list[str] = []
    a, b = (Side(None, tuple) for _ in range(2))  # type: ignore[arg-type]

    def measure(side: Side) -> float:
        order.append("a" if side is a else "b")
        return 1.0

    for _ in range(5):
        Ratio(a, b, measure)
    pairs = {tuple(order[i : i + 2]) for i in range(0, len(order), 2)}
    assert pairs == {("a", "b"), ("b", "a")}


def test_interval_and_median() -> None:
    ratio = scripted(6.0, 2.0, 0.2)
    assert ratio.low <= ratio.median <= ratio.high
    assert 1.5 < ratio.median < 6
    assert f"{ratio:.2g}" == f"{ratio.median:.2g}"
    detail = ratio.detail(at_least=10)
    assert detail["limit"] == {"at_least": 10}
    assert len(detail["samples"]) == ROUNDS[0]


def crowded(slow: float, worked: float | None, got: float) -> Ratio:
    """An answer that takes `slow` by the clock and `worked` on a processor, ours taking 1; `got` is our share of a core."""
    a, b = Side(None, tuple, trusted=False), Side(None, tuple)  # type: ignore[arg-type]

    def measure(side: Side) -> float:
        side.processor = worked if side is a else 1.0
        side.clocked += 1.0
        side.worked += got
        return slow if side is a else 1.0

    return Ratio(a, b, measure)


@pytest.mark.parametrize(
    ("worked", "got", "outcome"),
    [
        (4.0, 1.0, "failed"),
        (0.1, 1.0, "failed"),  # a quiet machine: it slept, or let another process work
        (None, 1.0, "failed"),
        (4.0, 0.3, "failed"),  # a crowded one: but it was at work for as long
        (0.5, 0.3, "inconclusive"),  # others were
        (1.95, 0.3, "inconclusive"),
        (None, 0.3, "inconclusive"),  # nobody tells
    ],
)
def test_on_a_crowded_machine_the_processor_time_has_a_say(
    worked: float | None, got: float, outcome: str
) -> None:
    assert verdict(at_most, crowded(4.0, worked, got), 2) == outcome
    inverse = None if worked is None else 1 / worked
    assert verdict(at_least, crowded(1 / 4, inverse, got), 1 / 2) == outcome


def test_a_crowded_machine_does_not_keep_a_right_answer_from_passing() -> None:
    assert verdict(at_most, crowded(1.5, 10.0, 0.3), 2) == "passed"


@pytest.mark.parametrize(("n", "rank"), [(1, 0), (2, 0), (8, 0), (21, 4), (101, 37)])
def test_ranks_enclose_the_median_with_99_percent(n: int, rank: int) -> None:
    assert _rank(n) == rank
    if n >= 8:
        outside = 2 * sum(math.comb(n, k) for k in range(rank + 1)) / 2**n
        assert outside <= 0.01
        wider = 2 * sum(math.comb(n, k) for k in range(rank + 2)) / 2**n
        assert wider > 0.01


def test_messages() -> None:
    with pytest.raises(CheckFailed, match=r"^Lift the loop\. Measured: 2 times, at least 10 asked for\.$"):
        at_least(scripted(2.0, 1.0), 10, "Lift the loop.")
    with pytest.raises(Inconclusive, match="too noisy to tell") as caught:
        at_least(scripted(9.8, 1.0), 10, "Lift the loop.")
    assert caught.value.detail is not None
    assert caught.value.detail["kind"] == "timing"


def test_element_finds_a_number() -> None:
    t = torch.arange(6.0).reshape(2, 3)
    assert [_element(t, i) for i in (0, 5, 6, 11)] == [0, 5, 0, 5]
    assert _element([[1, 2], t], 1) == 1
    assert _element((True,), 9) is True
    assert _element(torch.tensor(1 + 2j), 4) == 1 + 2j
    for nothing in (None, [], torch.empty(0), "text", {"a": 1}, object()):
        assert _element(nothing, 3) is None


# ----------------------------------------------------------------------------- real measurements

SOURCE = """
import collections, threading, time
def burn(seconds):
    start = time.thread_time()
    while time.thread_time() - start < seconds:
        pass
    return time.thread_time() - start
import numpy as np
import torch

def slow(x):
    time.sleep(0.02)
    return x * 2
def quick(x):
    return x * 2
def wrong(x):
    return x * 3
def raising(x):
    raise ValueError("not today")
def listed(x):
    return [float(v) * 2 for v in x], {"n": 1}
def complex_result(x):
    return torch.complex(x, x)
def nothing(x):
    return None
def printing(x):
    print("noise" * 100)
    return x * 2

gate, pending, workers = threading.Event(), [], []
def work():
    gate.wait()
    for result, x in pending:
        result.copy_(x * 2)
def from_a_thread(x):  # one for all calls: a clock that sees slow requests makes more of them than may be threads
    result = torch.zeros_like(x)
    pending.append((result, x))
    if not workers:
        workers.append(threading.Thread(target=work, daemon=True))
        workers[-1].start()
    return result
def let_them_work():
    gate.set()
    for worker in workers:
        worker.join()
class Lazy:
    def __init__(self, x): self.x = x
    def value(self): return self.x * 2
def lazy(x):
    return Lazy(x)
class LazyTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            time.sleep(0.02)
            args[0].copy_(args[0].later)
            return func(*args, **(kwargs or {}))
def lazy_tensor(x):
    result = torch.Tensor._make_subclass(LazyTensor, torch.zeros_like(x))
    result.__dict__["later"] = x * 2
    return result
def arrays(x):
    return x.numpy() * 2
def numbers(x):
    return [np.float32(2 * v) for v in x.numpy()]
def pair(x):
    return collections.namedtuple("Pair", "y z")(x.numpy() * 2, [x * 3])
calls = [0]
def right_once(x):
    calls[0] += 1
    return x * 2 if calls[0] == 1 else x
"""
SOLUTION = SimpleNamespace(
    **dict.fromkeys(
        ["slow", "quick", "wrong", "from_a_thread", "lazy", "lazy_tensor", "right_once", "printing"],
        lambda x: x * 2,
    ),
    arrays=lambda x: x * 2,
    numbers=lambda x: (x * 2).tolist(),
    pair=lambda x: (x * 2, [x * 3]),
)


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(SOURCE)


@pytest.fixture(scope="module")
def sibling(bench: Bench) -> Student:
    return bench.student(SOURCE)


@pytest.fixture
def clock(sibling: Student) -> Clock:
    return Clock(lambda: sibling, SOLUTION)


@pytest.fixture
def inputs() -> Callable[[], tuple[torch.Tensor]]:
    source = torch.Generator().manual_seed(1)
    return lambda: (torch.rand(100, generator=source) + 1,)


def test_a_ratio_that_no_machine_can_doubt(student: Student, clock: Clock, inputs: Any) -> None:
    """A sleep of 20 ms against a multiplication of 100 numbers, in one process and in two."""
    for quick in (student.quick, clock.reference.quick):
        ratio = clock.ratio(student.slow, quick, inputs)
        at_least(ratio, 2, "It should be slow.")
        at_most(ratio, 1e7, "It should not be that slow.")
        with pytest.raises(CheckFailed, match="not 100 times"):
            at_most(ratio, 1.5 if ratio.median > 20 else ratio.median / 100, "It is not 100 times as slow.")
    ratio = clock.ratio(student.quick, student.slow, inputs)
    at_most(ratio, 0.5, "It should be quick.")


def test_the_system_tells_who_was_on_a_processor(student: Student, inputs: Any) -> None:
    """By its own account, on a machine however busy: a sleep takes next to none, a loop all that it says it took."""
    link = student.slow.link
    student.quick(torch.ones(2))
    before = link.processor_s
    if before is None:
        pytest.skip("the system does not tell")
    for _ in range(10):
        student.slow(torch.ones(2))
    slept = link.processor_s - before
    assert 0 < slept < 0.19
    took = float(student.burn(0.2))
    burnt = link.processor_s - before - slept
    assert 0.2 <= took <= burnt + 0.001


def test_the_unrest_of_the_machine(clock: Clock) -> None:
    assert 0 <= clock._unrest(0.005) < 1_000
    assert clock._unrest(0.005) != clock._unrest(0.005)


def test_seconds(student: Student, clock: Clock, inputs: Any) -> None:
    assert clock.seconds(student.slow, inputs, repeats=2) >= 0.01
    assert clock.seconds(student.listed, inputs) > 0
    assert clock.seconds(student.complex_result, inputs) > 0
    assert clock.seconds(student.nothing, inputs) > 0
    with pytest.raises(AnswerFailed, match="raised ValueError: not today"):
        clock.seconds(student.raising, inputs)


@pytest.mark.parametrize("name", ["wrong", "from_a_thread", "lazy", "right_once"])
def test_timed_results_are_verified(student: Student, clock: Clock, inputs: Any, name: str) -> None:
    with pytest.raises(CheckFailed, match=f"`{name}`"):
        clock.ratio(getattr(student, name), student.quick, inputs)


def test_work_that_waits_to_be_looked_at_is_not_there(student: Student, clock: Clock, inputs: Any) -> None:
    """A tensor that computes what is asked for holds nothing yet: only its memory counts, as when it is sent."""
    with pytest.raises(CheckFailed, match="`lazy_tensor` gave a wrong result under the clock"):
        clock.seconds(student.lazy_tensor, inputs, repeats=1)


@pytest.mark.parametrize("name", ["arrays", "numbers", "pair"])
def test_results_of_other_kinds_are_right_under_the_clock(
    student: Student, clock: Clock, inputs: Any, name: str
) -> None:
    assert clock.seconds(getattr(student, name), inputs, repeats=4) > 0
    at_most(clock.ratio(getattr(student, name), student.slow, inputs), 1e6, "It is quick enough.")


def test_arguments_that_live_over_there_are_for_nobody_else(student: Student, clock: Clock) -> None:
    x = student.put(torch.ones(3))
    assert clock.seconds(student.quick, lambda: (x,)) > 0


def test_a_result_that_changes_after_the_call(
    bench: Bench, inputs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen without a solution to compare with, too: what was there when the clock stopped is what counts."""
    student = bench.student(SOURCE)
    clock = Clock(lambda: student, None)
    link = student.from_a_thread.link
    request = link.request

    def late(what: str, label: str, **fields: Any) -> Any:
        if what == "timed_result":
            student.let_them_work()
        return request(what, label, **fields)

    monkeypatch.setattr(link, "request", late)
    with pytest.raises(CheckFailed, match="still changed after the call had ended"):
        clock.ratio(student.from_a_thread, student.quick, inputs)


def test_inputs_differ_from_call_to_call(student: Student, clock: Clock) -> None:
    drawn: list[torch.Tensor] = []

    def inputs() -> tuple[torch.Tensor]:
        drawn.append(torch.rand(3))
        return (drawn[-1],)

    clock.seconds(student.quick, inputs, repeats=3)
    assert len(drawn) >= 3
    assert len({tuple(x.tolist()) for x in drawn}) == len(drawn)


def test_different_inputs_for_both_sides(student: Student, clock: Clock) -> None:
    ratio = clock.ratio(student.slow, student.quick, lambda: (torch.ones(2),), lambda: (torch.ones(3),))
    at_least(ratio, 2, "It should be slow.")


def test_measuring_leaves_nothing_in_the_worker(student: Student, clock: Clock, inputs: Any) -> None:
    before = student.put(1)
    clock.ratio(student.slow, student.printing, inputs)
    after = student.put(1)
    assert after._number - before._number < 10  # objects named meanwhile; each would be kept alive
