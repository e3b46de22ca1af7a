"""How long an answer takes, by the parent's clock, against another one measured beside it.

Only ratios within one run mean anything on a shared machine. Each measurement is one request that makes `k`
calls on inputs that are already in the worker; `k` is chosen so that the work outweighs the request, and the
time of an empty request is taken off. The two sides take turns in random order (AB or BA), and the ratio's
interval comes from order statistics of the logarithms: it says nothing about the shape of the noise
(see e.g. David and Nagaraja, Order Statistics, section 7.1).

An answer that is timed wants to look fast. So its results are looked at in the very requests that are timed,
where it cannot know which; and what the answer's own process could stretch at will, the time of an empty
request and the noise of the machine, is taken from the reference's process.
"""

from __future__ import annotations

import cmath
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from grader.compare import CheckFailed, Inconclusive, close
from grader.examine.remote import Handle, Student

CONFIDENCE = 0.99
ROUNDS = (8, 21, 101)  # pairs after which the interval is looked at; more only while it decides nothing
WARM_UPS = 2
WORK_OVER_REQUEST = 20
MOST_CALLS = 64
MOST_WORK_S = (
    0.25  # of one request: on a busy machine an empty one seems to take long, and work is not to follow it
)
PATIENCE_S = 20.0  # for one ratio; after that it is inconclusive
MARGIN = 0.05
PLACES = 2  # elements of each result that are looked at while the clock runs
LOOKED_AT = 0.8  # of the timed requests of a ratio; an answer must cheat in most of them to gain anything
STAGING_SLACK = 10.0  # times as long as elsewhere that arguments may take to arrive, on a busy machine
CONTROL_PAIRS = 21  # of work of our own against itself, before an answer is said to be slow
CONTROL_SIZE = 96  # of the matrix whose eigenvalues are that work: a millisecond or two
CONTROL_S = 0.1  # of one request of it, at most
QUIET = 0.8  # of a core: where our own side of a ratio gets less, its clock tells of others' work too
MOST_NOISE = 0.5  # that an answer's own times may plead: beyond, it could make itself unmeasurable

MakeInputs = Callable[[], tuple[Any, ...]]


@dataclass
class Side:
    """One function under the clock."""

    handle: Handle
    make_inputs: MakeInputs
    trusted: bool = True  # whether it runs in a process of ours, not in the student's
    calls: int = 1
    empty: float = 0.0
    staging: float = math.inf
    times: list[float] = field(default_factory=list[float])
    processor: float | None = None  # seconds of a core that a call of the last request took
    clocked: float = 0.0  # seconds of all timed requests of which the system told that, by our clock
    worked: float = 0.0  # and what it told


class Ratio:
    """time(a) / time(b): a median with an interval, measured further as long as that helps."""

    def __init__(
        self,
        a: Side,
        b: Side,
        measure: Callable[[Side], float],
        control: Callable[[float], float] = lambda seconds: 0.0,
    ) -> None:
        self._a, self._b, self._measure, self._control = a, b, measure, control
        self._logs: list[float] = []
        self._work: list[float] = []  # the same of processor times, where the system tells them
        self._order = random.Random()
        self._until = time.monotonic() + PATIENCE_S
        self._extend(ROUNDS[0])

    @property
    def median(self) -> float:
        return math.exp(statistics.median(self._logs))

    @property
    def low(self) -> float:
        return math.exp(sorted(self._logs)[_rank(len(self._logs))])

    @property
    def high(self) -> float:
        return math.exp(sorted(self._logs)[-1 - _rank(len(self._logs))])

    def shortest(self, above: bool) -> float:
        """The ratio of the shortest times, which no busy moment can have shortened; rounded in favour of who
        should be `above` a limit, or below: the cost of a request is taken off one side only."""
        a, b = min(self._a.times), min(self._b.times)
        if above:
            return (a + self._a.empty / self._a.calls) / b
        return a / (b + self._b.empty / self._b.calls)

    @property
    def noise(self) -> float:
        """How far apart a side seems to be from itself: the A/A ratio of its odd and even turns, minus 1.

        Of the trusted side. An answer could be slow in every other turn, and no limit would hold any more:
        where there is nothing else, its own is believed up to ``MOST_NOISE``.
        """
        trusted = [_apart(side.times) for side in (self._b, self._a) if side.trusted]
        return trusted[0] if trusted else min(_apart(self._b.times), MOST_NOISE)

    def unrest(self) -> float:
        """How far apart our own work seems to be from itself on this machine, and now, minus 1.

        It takes a second or two, so it is asked for only before an answer is failed. The sides' own times say
        how they changed on the whole (``noise``); this one tells how much a median of such times is worth.
        """
        request = max(statistics.median(side.times) * side.calls for side in (self._a, self._b))
        return self._control(min(request, CONTROL_S))

    @property
    def crowded(self) -> bool:
        """Whether others took the processor away from our own side, and so from the other one too."""
        side = next((side for side in (self._b, self._a) if side.trusted), self._b)
        return side.clocked > 0 and side.worked < QUIET * side.clocked

    def worked_beyond(self, limit: float, slack: float, above: bool) -> bool:
        """Whether the time that the two sides were on a processor is beyond the limit too, with its interval."""
        if len(self._work) < len(self._logs):
            return False
        logs = sorted(self._work)
        rank = _rank(len(logs))
        if above:
            return math.exp(logs[-1 - rank]) * slack < limit
        return math.exp(logs[rank]) > limit * slack

    def refine(self) -> Iterator[None]:
        """Each step looks again, with more pairs than before; ends when there is no time or use for more."""
        yield
        for rounds in ROUNDS[1:]:
            self._extend(rounds)
            yield

    def detail(self, **limit: float) -> dict[str, Any]:
        """Data for the report."""
        return {
            "kind": "timing",
            "ratio": {"low": self.low, "median": self.median, "high": self.high},
            "limit": limit,
            "samples": [math.exp(value) for value in self._logs],
        }

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec or '.3g'}}"

    def _extend(self, rounds: int) -> None:
        while len(self._logs) < rounds and (len(self._logs) < ROUNDS[0] or time.monotonic() < self._until):
            if self._order.random() < 0.5:
                a, b = self._measure(self._a), self._measure(self._b)
            else:
                b, a = self._measure(self._b), self._measure(self._a)
            self._a.times.append(a)
            self._b.times.append(b)
            self._logs.append(math.log(a / b))
            if self._a.processor and self._b.processor:
                self._work.append(math.log(self._a.processor / self._b.processor))


def at_least(ratio: Ratio, limit: float, message: str) -> None:
    """The ratio must be `limit` or more. Fails only if its whole interval lies below, with a margin."""
    _decide(ratio, limit, message, above=True)


def at_most(ratio: Ratio, limit: float, message: str) -> None:
    """The ratio must be `limit` or less. Fails only if its whole interval lies above, with a margin."""
    _decide(ratio, limit, message, above=False)


def _decide(ratio: Ratio, limit: float, message: str, above: bool) -> None:
    name = "at_least" if above else "at_most"

    def beyond(slack: float) -> bool:
        return ratio.high * slack < limit if above else ratio.low > limit * slack

    for _ in ratio.refine():
        if ratio.low >= limit if above else ratio.high <= limit:
            return
        shortest = ratio.shortest(above)  # where a machine is overrun even an interval is no proof
        if shortest >= limit if above else shortest <= limit:
            continue
        if ratio.crowded and not ratio.worked_beyond(limit, 1 + MARGIN, above):
            continue
        if beyond(1 + max(MARGIN, ratio.noise)) and beyond(1 + ratio.unrest()):
            measured = f"Measured: {ratio:.3g} times, {name.replace('_', ' ')} {limit:g} asked for."
            raise CheckFailed(f"{message} {measured}", ratio.detail(**{name: limit}))
    raise Inconclusive(
        f"The machine was too noisy to tell: measured {ratio:.3g} times, limit {limit:g}. It costs nothing.",
        ratio.detail(**{name: limit}),
    )


class Clock:
    """Measures answers; see ``ratio`` and ``seconds``.

    `reference` holds the reference solution's functions in a sibling process, for the other side of a ratio.
    """

    def __init__(self, sibling: Callable[[], Student], solution: Any) -> None:
        self._sibling = sibling
        self._solution = solution

    @property
    def reference(self) -> Student:
        return self._sibling()

    def ratio(
        self, a: Handle, b: Handle, make_inputs: MakeInputs, inputs_b: MakeInputs | None = None
    ) -> Ratio:
        """How many times longer a call of `a` takes than one of `b`.

        `make_inputs` draws the arguments of one call, `inputs_b` those of `b` where they differ. A result of
        each side is compared with the solution's.
        """
        first, second = self._side(a, make_inputs), self._side(b, inputs_b or make_inputs)
        if a.link is b.link:  # one cost of a request: a busy moment must not count for one side only
            first.empty = second.empty = min(first.empty, second.empty)
        ratio = Ratio(
            first, second, lambda side: self._measure(side, random.random() < LOOKED_AT), self._unrest
        )
        for side in (first, second):
            self._verify(side)
        return ratio

    def seconds(
        self, handle: Handle, make_inputs: MakeInputs, repeats: int = 5, judged: bool = True
    ) -> float:
        """Seconds of one call: the least of `repeats` measurements.

        What it gave is compared with the solution's result. Not so with `judged` false: for a check that asks
        how long a function takes, whatever it gives, since another one asks whether it is right.
        """
        side = self._side(handle, make_inputs)
        return min(self._measure(side, look=judged) for _ in range(repeats))

    def _unrest(self, seconds: float) -> float:
        """What `seconds` of work in the reference's process seem to differ from the same work, minus 1."""
        matrix = torch.randn(CONTROL_SIZE, CONTROL_SIZE)
        work = self.reference.lab.torch.linalg.eigvalsh.handle()
        side = Side(work, lambda: (matrix,))
        one = min(self._measure(side, look=False) for _ in range(WARM_UPS + 1))
        side.calls = max(1, min(MOST_CALLS, math.ceil(seconds / one)))
        logs = sorted(
            math.log(self._measure(side, look=False) / self._measure(side, look=False))
            for _ in range(CONTROL_PAIRS)
        )
        rank = _rank(CONTROL_PAIRS)
        return math.exp(max(-logs[rank], logs[-1 - rank])) - 1

    def _side(self, handle: Handle, make_inputs: MakeInputs) -> Side:
        side = Side(handle, make_inputs)
        ours = self.reference.lab.operator.neg.handle()  # whatever it is, it is not called
        side.trusted = handle.link is ours.link
        # A thread of the answer's that holds up its process while nothing is to be done would get that time
        # taken off its work, if only its own empty requests were measured.
        side.empty = min(self._time(idle, [])[0] for idle in (handle, ours) for _ in range(5))
        first = min(self._measure(side, look=False) for _ in range(WARM_UPS))
        work = min(WORK_OVER_REQUEST * side.empty, MOST_WORK_S)
        side.calls = max(1, min(MOST_CALLS, math.ceil(work / first)))
        if not side.trusted:
            side.staging = self._staging(side, ours)
        return side

    def _staging(self, side: Side, ours: Handle) -> float:
        """Seconds that it takes to hand over as many arguments as one timed request uses, to our own process."""
        batches = [side.make_inputs() for _ in range(side.calls)]
        try:
            return min(_clocked(lambda: ours.link.request("stage", "", batches=batches)) for _ in range(3))
        except TypeError:  # some of them live in the student's process
            return math.inf

    def _measure(self, side: Side, look: bool) -> float:
        """Seconds per call of one timed request, on fresh inputs. With `look` what it saw is compared with the
        solution, for one of the calls."""
        batches = [side.make_inputs() for _ in range(side.calls)]
        before = side.handle.link.processor_s
        elapsed, places, seen = self._time(side.handle, batches, side.staging)
        after = side.handle.link.processor_s
        side.processor = None
        if before is not None and after is not None and after > before:
            side.processor = (after - before) / side.calls
            side.clocked += max(
                elapsed - side.empty, 0.0
            )  # in a request itself processes wait for each other
            side.worked += after - before
        label = side.handle.label
        truth = getattr(self._solution, label, None)
        index = random.randrange(len(batches))
        if look and truth is not None and not side.trusted and not _has_handles(batches[index]):
            expected = truth(*batches[index])
            found = seen[index]
            if type(found) is not list or None in found:  # an array of NumPy's, say: it is looked at here
                result = side.handle.link.request("timed_result", label, index=index)
                found = [_element(result, place) for place in places]
            for ours, place in zip(found, places, strict=False):
                if not _alike(ours, _element(expected, place), _size(expected, place)):
                    raise CheckFailed(f"`{label}` gave a wrong result under the clock.")
        return max(elapsed - side.empty, 1e-7) / side.calls

    def _time(
        self, handle: Handle, batches: list[tuple[Any, ...]], staging: float = math.inf
    ) -> tuple[float, list[int], list[Any]]:
        """Seconds of one request that calls `handle` on each of `batches`, places drawn for this request, and
        what each result held there when the request ended.

        The arguments are there before the clock starts. If it takes them much longer than `staging` to arrive,
        that counts too: the answer may be at work on them already.
        """
        link, label = handle.link, handle.label
        places = [random.randrange(2**31) for _ in range(PLACES)]
        arrival = _clocked(lambda: link.request("stage", label, batches=batches))
        start = time.perf_counter()
        seen = link.request("timed", label, target=handle, places=places)
        elapsed = time.perf_counter() - start
        if type(seen) is not list or len(seen) != len(batches):
            raise link.nonsense(label)
        return elapsed + max(0.0, arrival - STAGING_SLACK * staging), places, seen

    def _verify(self, side: Side) -> None:
        """One result, of a random place in a timed batch, must have been complete when the clock was stopped,
        and be what the solution gives."""
        label = side.handle.label
        batches = [side.make_inputs() for _ in range(side.calls)]
        _, places, seen = self._time(side.handle, batches)
        index = random.randrange(len(batches))
        result = side.handle.link.request("timed_result", label, index=index)
        if repr(seen[index]) != repr([_element(result, place) for place in places]):
            raise CheckFailed(f"`{label}` returned a result that still changed after the call had ended.")
        truth = getattr(self._solution, label, None)
        if truth is not None:
            what = f"a result of `{label}` under the clock"
            expected = truth(*batches[index])
            close(result, expected, rtol=1e-4, atol=1e-6, dtype="any", equal_nan=True, what=what)


def _clocked(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _has_handles(arguments: Any) -> bool:
    """Whether some of the arguments live in the student's process, where the solution cannot take them."""
    if isinstance(arguments, tuple | list):
        return any(_has_handles(part) for part in arguments)
    return isinstance(arguments, Handle)


def _alike(found: Any, expected: Any, size: float) -> bool:
    """Whether one element is about right: to a thousandth of the largest beside it.

    Enough to tell work from none. How exact a result is, is for the checks that are not in a hurry.
    """
    if found is None or expected is None:
        return found is expected
    if not all(type(x) in (bool, int, float, complex) for x in (found, expected)):
        return False
    ours, theirs = complex(found), complex(expected)
    if not (cmath.isfinite(ours) and cmath.isfinite(theirs)):
        return repr(ours) == repr(theirs) or (cmath.isnan(ours) and cmath.isnan(theirs))
    return abs(ours - theirs) <= 1e-3 * max(size, abs(theirs)) + 1e-6


def _size(value: Any, place: int) -> float:
    """The largest finite number beside the one that ``_element`` finds at that place."""
    while isinstance(value, list | tuple) and value:
        value = value[place % len(value)]
    if not isinstance(value, torch.Tensor):
        return 0.0
    sizes = value.detach().to(torch.complex128).abs()
    return float(sizes[sizes.isfinite()].max()) if bool(sizes.isfinite().any()) else 0.0


def _apart(times: list[float]) -> float:
    """How far odd and even measurements of one thing are from each other: their ratio, at least 1, minus 1."""
    pairs = list(zip(times[::2], times[1::2], strict=False))
    return math.exp(abs(statistics.median(math.log(x / y) for x, y in pairs))) - 1


def _element(value: Any, place: int) -> Any:
    """One number of a tensor, or of nested lists and tuples, or None: as the worker finds it."""
    while isinstance(value, list | tuple) and value:
        value = value[place % len(value)]
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc" and value.size:
        return value.reshape(-1)[place % value.size].item()
    if isinstance(value, torch.Tensor) and value.numel():
        return value.detach().reshape(-1)[place % value.numel()].item()
    return value if type(value) in (bool, int, float, complex) else None


def _rank(n: int) -> int:
    """The largest r such that the (r+1)-th smallest and largest of n enclose the median with 99 %, or 0."""
    tail, rank = 0.0, -1
    for r in range(n // 2):
        tail += math.comb(n, r) / 2**n
        if 2 * tail > 1 - CONFIDENCE:
            break
        rank = r
    return max(rank, 0)
