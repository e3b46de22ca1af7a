"""# Four-dimensional tensor of random bits

Write `random_bits(shape)`. It returns a 4-dimensional tensor of completely random bits: every element is 0
or 1, each with probability one half, and independent of all the others.

- `shape` is a tuple of four sizes, such as `(2, 3, 4, 5)`, and the result has exactly this shape. A size
  may also be 1 or 0. If `shape` has fewer or more than four sizes, raise a `ValueError`.
- The values are exactly 0 and 1. The dtype is up to you: bool, integer or floating point.
- The randomness comes from PyTorch's own generator, the one that `torch.manual_seed(s)` puts into a known
  state. Do not seed it inside the function: after one `torch.manual_seed(3)` outside, a first and a second
  call give different bits, and the same two results come again after another `torch.manual_seed(3)`.
- Each element has a place of its own in memory: writing to one changes no other.

Look for a suitable constructor among the random ones in PyTorch's documentation.
"""

from __future__ import annotations

import torch

from grader.authoring import Random, Student, a_tensor, check, ensure, fail

kinds = ("tensor", "error")
budget_s = 1
stub = '''
import torch


def random_bits(shape: tuple[int, int, int, int]) -> torch.Tensor:
    """Return a tensor of this shape whose elements are 0 or 1, each with probability 1/2, all independent.

    Drawn from PyTorch's global generator. Raises ValueError if `shape` has not exactly four sizes.
    """
    raise NotImplementedError
'''


def as_bits(value: object, shape: tuple[int, ...]) -> torch.Tensor:
    """`value` in float64, once it is sure to be a tensor of this shape that holds zeros and ones only."""
    what = f"random_bits({shape})"
    result = a_tensor(value, shape=shape, what=what)
    ensure(not result.is_complex(), f"{what} has complex elements; bits are 0 and 1.")
    bits = result.double()
    strange = ~((bits == 0) | (bits == 1))
    if strange.any():
        fail(
            f"{what} holds {int(strange.sum())} elements that are neither 0 nor 1, such as "
            f"{bits[strange][0].item():.3g}."
        )
    return bits


@check(points=1)
def values(student: Student, rng: Random) -> None:
    """has the asked-for four dimensions, zeros and ones only, and refuses shapes of three or five sizes"""
    student.manual_seed(rng.seed())
    shapes = [(1, 1, 1, 1), (3, 0, 2, 4), tuple(rng.shuffled([6, 7, 8, 9])), (1, 2, 9, rng.integer(10, 16))]
    for shape in rng.shuffled(shapes):
        bits = as_bits(student.random_bits(shape), shape)
        if bits.numel() >= 64:  # all equal by chance: 2 in 2**180
            ensure(
                bits.any(), f"random_bits({shape}) is all zeros. The upper end of torch.randint is excluded."
            )
            ensure(not bits.all(), f"random_bits({shape}) is all ones.")
    for sizes in [(3, 4, 5), (2, 3, 2, 3, 2)]:
        error = student.random_bits.attempt(sizes).error
        ended = f"it raised {error.name}" if error else "it returned a result"
        ensure(
            error is not None and error.isa(ValueError),
            f"random_bits({sizes}) should raise a ValueError, because there are {len(sizes)} sizes; {ended}.",
        )


@check(points=1)
def balance(student: Student, rng: Random) -> None:
    """holds as many ones as zeros, up to chance, in the whole tensor and at every index of every dimension"""
    student.manual_seed(rng.seed())
    shape = tuple(rng.shuffled([10, 20, 25, 20]))
    bits = as_bits(student.random_bits(shape), shape)
    # 0.009 is 5.7 standard deviations of the mean of 10**5 bits: a false alarm of 1.2e-8
    mean = bits.mean().item()
    ensure(abs(mean - 0.5) <= 0.009, f"Of 100,000 bits {mean:.1%} are ones; half of them should be.")
    for dim, size in enumerate(shape):
        # 75 slices of at least 4,000 bits, 6 standard deviations each: a false alarm of 1.5e-7 in all
        share = bits.movedim(dim, 0).reshape(size, -1).mean(1)
        limit = 6 * 0.5 / (bits.numel() / size) ** 0.5
        worst = int((share - 0.5).abs().argmax())
        ensure(
            abs(share[worst].item() - 0.5) <= limit,
            f"In a tensor of shape {shape} the share of ones at index {worst} of dimension {dim} is "
            f"{share[worst]:.1%}. Every bit should be 1 with probability one half, wherever it is.",
        )


@check(points=2)
def independence(student: Student, rng: Random) -> None:
    """draws every bit independently of its neighbours, of other slices and of other calls"""
    student.manual_seed(rng.seed())
    shape = tuple(rng.shuffled([8, 9, 10, 11]))
    bits = as_bits(student.random_bits(shape), shape)
    for dim, size in enumerate(shape):
        slices = bits.movedim(dim, 0).reshape(size, -1)  # of 720 bits or more: equal by chance 1 in 2**720
        ensure(
            len(torch.unique(slices, dim=0)) == size,
            f"In a tensor of shape {shape} two slices along dimension {dim} hold the same bits, as if the "
            "same numbers had been used more than once.",
        )
        # neighbours agree like a fair coin; 6 standard deviations, four dimensions: a false alarm of 8e-9
        agree = (slices[1:] == slices[:-1]).double()
        ensure(
            abs(agree.mean().item() - 0.5) <= 3 / agree.numel() ** 0.5,
            f"Neighbours along dimension {dim} are equal in {agree.mean():.1%} of all cases; for "
            "independent bits it is about one half.",
        )
    calls = student.lab.functions.repeated_calls(student.random_bits, 3000, (2, 2, 2, 2))
    if isinstance(calls, torch.Tensor) and len(calls) == 3000:  # of one shape: all at once
        a_tensor(calls[0], shape=(2, 2, 2, 2), what="random_bits((2, 2, 2, 2))")
        small = as_bits(calls.reshape(3000, 2, 2, 2, 2), (3000, 2, 2, 2, 2)).reshape(3000, 16)
    else:
        small = torch.stack([as_bits(one, (2, 2, 2, 2)).reshape(16) for one in calls])
    # Binomial(16, 1/2) has variance 4; the estimate from 3,000 has standard deviation 0.1, so 0.6 is 6 of
    # them: a false alarm of 5e-9
    variance = small.sum(1).var().item()
    ensure(
        abs(variance - 4) <= 0.6,
        f"The number of ones in a tensor of 16 bits has variance {variance:.2f} over 3,000 calls; for "
        "independent bits it is 4. "
        + (
            "The calls are too much alike: does each one draw anew, and is every bit free to be 0 or 1 "
            "whatever the others are?"
            if variance < 4
            else "The bits of one tensor depend on one another."
        ),
    )
    # the same bit in two successive calls: 6 standard deviations of 47,984 coins, a false alarm of 2e-9
    agree = (small[1:] == small[:-1]).double()
    ensure(
        abs(agree.mean().item() - 0.5) <= 3 / agree.numel() ** 0.5,
        f"A bit is the same in two successive calls in {agree.mean():.1%} of all cases; it should be one "
        "half.",
    )


@check(points=1)
def generator(student: Student, rng: Random) -> None:
    """follows torch.manual_seed, differs from call to call, and keeps every bit in a place of its own"""
    shape, seed = tuple(rng.shuffled([4, 5, 6, 7])), rng.seed()
    student.manual_seed(seed)
    first, second = (as_bits(student.random_bits(shape), shape) for _ in range(2))
    ensure(
        not torch.equal(first, second),  # by chance: 1 in 2**840
        "Two calls, one after the other, gave the same bits. Is a seed set, or a result kept, inside the "
        "function?",
    )
    student.manual_seed(seed)
    again = [as_bits(student.random_bits(shape), shape) for _ in range(2)]
    ensure(
        torch.equal(first, again[0]) and torch.equal(second, again[1]),
        "After the same torch.manual_seed the bits were not the same. Draw them with PyTorch's global "
        "generator, not with NumPy's, Python's or one of your own.",
    )
    memory = student.memory(student.random_bits.keep(shape))
    places = torch.zeros(shape, dtype=torch.int64)
    for dim, stride in enumerate(memory.stride):
        ahead = [1] * dim + [-1] + [1] * (len(shape) - dim - 1)
        places += (torch.arange(shape[dim]) * stride).reshape(ahead)
    ensure(
        len(places.unique()) == places.numel(),
        "Several elements of the result lie in the same place in memory, so that writing to one changes "
        "others. An expanded tensor is only a view of fewer numbers.",
    )
