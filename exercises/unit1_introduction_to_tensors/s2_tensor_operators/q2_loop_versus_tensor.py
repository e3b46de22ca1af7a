"""# Running time of a lifted operator against a loop

PyTorch lifts `/` and `exp` to whole tensors: one call, and all elements are done. How much faster is that
than a Python loop over the elements? Multiplying two tensors of 100,000 elements, for comparison, takes
about 0.2 milliseconds lifted and 600 milliseconds in a loop.

**The four functions.** All arguments are 1-D tensors and so are all results, as long as the arguments. The
arguments are not changed. Both versions of an operation give the same numbers, so a loop has to store what
it computes.

| function | result | how |
|---|---|---|
| `div_tensor(x, y)` | `x / y`, element by element | lifted, no loop |
| `div_loop(x, y)` | the same | a Python loop over the elements |
| `exp_tensor(x)` | e**x, element by element | lifted, no loop |
| `exp_loop(x)` | the same | a Python loop over the elements |

`x` and `y` are of equal length; `x` is floating, `y` in a division is floating or integer. The divisor may
hold zeros, and then the result is what torch gives: 1/0 is `inf`, -1/0 is `-inf` and 0/0 is `nan`.
(Python's own numbers raise a `ZeroDivisionError` instead.) Tensors of length 0 are allowed and give a
tensor of length 0. The dtype of a loop's result is up to you.

**The times.** `measure_times(n)` makes tensors of `n` elements, measures one call of each of the four
functions on them, and returns the seconds as a dictionary with the names of the functions as keys:

```text
{"div_tensor": 4.1e-06, "div_loop": 0.021, "exp_tensor": 1.5e-05, "exp_loop": 0.018}
```

`time.perf_counter()` before and after a call does it; so does the module `timeit` (in a notebook you can
also play with the magic `%timeit`). A single first call of a fast function is often slower than the next
ones, so taking the best or the mean of several is fine. For n = 10,000 `measure_times` itself should be
back within 2 seconds.

At the end, explain what you have seen.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from grader.authoring import (
    Clock,
    Handle,
    Random,
    Reference,
    Student,
    at_most,
    check,
    close,
    ensure,
    fail,
    number,
    text,
    unchanged,
)

kinds = ("timing", "tensor", "text")
budget_s = 5
stub = '''
import time

import torch


def div_tensor(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return x / y for 1-D tensors of equal length, by the lifted operator."""
    raise NotImplementedError


def div_loop(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the same as div_tensor, by a loop over the elements."""
    raise NotImplementedError


def exp_tensor(x: torch.Tensor) -> torch.Tensor:
    """Return e**x for a 1-D tensor, by the lifted function."""
    raise NotImplementedError


def exp_loop(x: torch.Tensor) -> torch.Tensor:
    """Return the same as exp_tensor, by a loop over the elements."""
    raise NotImplementedError


def measure_times(n: int) -> dict[str, float]:
    """Return the seconds of one call of each of the four functions on n elements, by their names."""
    raise NotImplementedError
'''

Draw = Callable[[], tuple[Any, ...]]

NAMES = ("div_tensor", "div_loop", "exp_tensor", "exp_loop")
N = 20_000
# A lifted call after a long loop was seen to take 15 ms instead of 20 µs: its result needs fresh memory.
COLD_CALL_S = 0.02
TRIES = 5  # a busy machine may spoil a measurement; it would have to spoil them all


def dividends_and_divisors(rng: Random) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Arguments of a division, by what they are."""
    cases: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    for dtype in (torch.float32, torch.float64):
        order = rng.permutation(30)
        x, y = 5 * rng.randn(30, dtype=dtype), rng.randn(30, dtype=dtype)
        whole = torch.where(rng.rand(30) < 0.5, -1, 1) * rng.integers(1, 9, (30,))
        some = rng.randn(12, dtype=dtype), rng.uniform(0.5, 2) + rng.rand(12, dtype=dtype)
        x[:2], x[2:4], x[4:6] = 0.0, 1.0 + rng.rand(2, dtype=dtype), -1.0 - rng.rand(2, dtype=dtype)
        y[:6], whole[:6] = 0, 0  # 0/0, positive/0 and negative/0, two of each
        cases[f"tensors of {dtype}"] = some
        cases[f"an integer divisor and an x of {dtype}"] = (x[6:], whole[6:])
        cases[f"a divisor of {dtype} with zeros in it"] = (x[order], y[order])
        cases[f"an integer divisor with zeros in it and an x of {dtype}"] = (x[order], whole[order])
    cases["tensors of length 1"] = (rng.randn(1), 2 + rng.rand(1))
    cases["tensors of length 0"] = (rng.randn(0), rng.randn(0))
    return cases


def exponents(rng: Random) -> dict[str, tuple[torch.Tensor]]:
    """Arguments of the exponential, by what they are."""
    cases: dict[str, tuple[torch.Tensor]] = {}
    for dtype in (torch.float32, torch.float64):
        cases[f"a tensor of {dtype}"] = (rng.randn(12, dtype=dtype),)
        cases[f"a tensor of {dtype} with values from -80 to 80"] = (160 * rng.rand(30, dtype=dtype) - 80,)
    cases["a tensor of length 1"] = (rng.randn(1),)
    cases["a tensor of length 0"] = (rng.randn(0),)
    return cases


@check(points=3)
def values(student: Student, reference: Reference, rng: Random) -> None:
    """gives in all four functions what torch gives, with zeros in the divisor and for short tensors too"""
    for name in NAMES:
        cases = dividends_and_divisors(rng) if name.startswith("div") else exponents(rng)
        for description, arguments in rng.shuffled(list(cases.items())):
            what = f"{name} of {description}"
            outcome = getattr(student, name).attempt(*arguments)
            if outcome.error is not None:
                fail(f"{what} raised {outcome.error}.")
            expected = getattr(reference, name)(*arguments)
            close(outcome.value, expected, rtol=1e-5, atol=0.0, dtype="any", equal_nan=True, what=what)
            for letter, after, before in zip("xy", outcome.arguments, arguments, strict=False):
                unchanged(after, before, what=f"the argument {letter} of {name}")


def inputs(name: str, n: int, rng: Random) -> Draw:
    """A source of ever new arguments of n elements for a function of that name: two tensors, or one."""
    x, y = rng.randn(n), 0.5 + rng.rand(n)

    def draw() -> tuple[Any, ...]:
        shift = rng.integer(1, n - 1)  # the same numbers in other places: much cheaper than new ones
        return (x.roll(shift), y) if name.startswith("div") else (x.roll(shift),)

    return draw


def one_thread(*processes: Student) -> None:
    """No pool of threads: on a busy machine waking it can take a thousand times as long as the work."""
    for process in processes:
        process.lab.torch.set_num_threads(1)


@check(points=3)
def speed(student: Student, reference: Reference, rng: Random, clock: Clock) -> None:
    """is fast where the operation is lifted, and slow where a loop goes through the elements"""
    one_thread(student, clock.reference)
    for name in ("div", "exp"):
        lifted, loop = getattr(student, f"{name}_tensor"), getattr(student, f"{name}_loop")
        many, few = inputs(name, N, rng), inputs(name, N // 4, rng)
        at_most(
            clock.ratio(lifted, getattr(clock.reference, f"{name}_tensor"), many),
            20,
            f"{name}_tensor takes much longer than torch's own operation on {N:,} elements. Is there a loop "
            "in it?",
        )
        for arguments in (few(), few()):
            what = f"{name}_loop of {N // 4:,} elements"
            expected = getattr(reference, f"{name}_loop")(*arguments)
            close(loop(*arguments), expected, rtol=1e-5, atol=1e-6, dtype="any", what=what)
        judge_loop(name, clock, loop, student.lab.functions.in_turn(loop), lifted, many, few)


def judge_loop(
    name: str, clock: Clock, loop: Handle, in_turn: Handle, lifted: Handle, many: Draw, few: Draw
) -> None:
    """Fail if no try shows a loop that is much slower than the lifted call and that grows with the length.

    One call on all elements is compared with four calls, in one go, on a quarter of them: a busy machine
    stretches a long measurement more than a short one, so both must be of about the same length.
    """
    ratios: list[float] = []
    growths: list[float] = []
    for _ in range(TRIES):
        whole = clock.seconds(loop, many, repeats=1)
        quarters = clock.seconds(in_turn, lambda: tuple(few() for _ in range(4)), repeats=1)
        ratios.append(whole / clock.seconds(lifted, many, repeats=3))
        growths.append(whole / (quarters / 4))
        if max(ratios) >= 10 and any(2 <= growth <= 8 for growth in growths):
            return
    ratio, growth = statistics.median(ratios), statistics.median(growths)
    ensure(
        max(ratios) >= 10,
        f"{name}_loop takes only {ratio:.1f} times as long as {name}_tensor for {N:,} elements. A Python "
        "loop over the elements takes a hundred times as long or more: is there one?",
    )
    fail(
        f"{name}_loop takes {growth:.1f} times as long for {N:,} elements as for {N // 4:,}. One step for "
        "each element takes about 4 times as long."
    )


def reported(student: Student, n: int, own: dict[str, float]) -> tuple[dict[str, float], float]:
    """What measure_times(n) says, and the seconds that it took itself."""
    # 2 s are plenty on a machine of today; a slow or busy one gets more
    limit, what = max(2.0, 15 * sum(own.values())), f"measure_times({n})"
    start = time.perf_counter()
    with student.within(limit):
        times = student.measure_times(n)
    elapsed = time.perf_counter() - start
    ensure(
        elapsed <= limit, f"{what} took {elapsed:.1f} s; 2 s should be enough. Repeat the loops less often."
    )
    ensure(
        isinstance(times, dict) and all(name in times for name in NAMES),
        f"{what} should return a dictionary with the keys {', '.join(NAMES)}.",
    )
    said = {name: number(times[name], what=f"{what}['{name}']") for name in NAMES}
    for name, seconds in said.items():
        ensure(seconds > 0, f"{what} says {seconds:g} s for {name}; a time is positive.")
    return said, elapsed


def doubts(n: int, said: dict[str, float], elapsed: float, own: dict[str, float]) -> str:
    """What is wrong with the times that measure_times(n) reported; empty if nothing is."""
    total = sum(said.values())
    if total > 1.05 * elapsed:
        return (
            f"measure_times({n}) says that the four calls take {total:.3g} s together, but it was back after "
            f"{elapsed:.3g} s itself. Are the calls measured, and in seconds?"
        )
    for name, seconds in said.items():
        factor, least = (10, 0.0) if name.endswith("loop") else (50, COLD_CALL_S)
        if not own[name] / factor <= seconds <= max(own[name] * factor, least):
            return (
                f"measure_times({n}) says {seconds:.3g} s for {name}; one call with that many elements "
                f"takes {own[name]:.3g} s here. What counts is the time of one call, in seconds, on tensors "
                "of n elements."
            )
    return ""


@check(points=2)
def measure_times(student: Student, rng: Random, clock: Clock) -> None:
    """reports times of one call that agree with a stopwatch held beside it"""
    one_thread(student)
    few, many = 1_000, 10_000
    doubt = ""
    for attempt in range(TRIES):
        own = {  # measured anew in each try: a machine that was busy just then would spoil them all
            n: {
                name: clock.seconds(getattr(student, name), inputs(name, n, rng), repeats=3, judged=False)
                for name in NAMES
            }
            for n in (few, many)
        }
        said: dict[int, dict[str, float]] = {}
        doubt = ""
        for n in (few, many):
            said[n], elapsed = reported(student, n + attempt, own[n])  # another n each time: nothing is kept
            doubt = doubt or doubts(n + attempt, said[n], elapsed, own[n])
        for name in ("div_loop", "exp_loop"):
            growth = said[many][name] / said[few][name]
            if growth < 3:
                doubt = doubt or (
                    f"According to measure_times {name} takes {growth:.2g} times as long for {many:,} "
                    f"elements as for {few:,}; for a loop it is about 10 times as long. Are the tensors of "
                    "n elements?"
                )
        if not doubt:
            return
    fail(doubt)


speed_explanation = text(
    points=2,
    question=(
        "How large are the ratios that you measured, and why is the loop so much slower? Say what has to "
        "happen for each element of a loop, what a lifted call does instead, and why dividing and "
        "exponentiating take similar times in a loop."
    ),
)
