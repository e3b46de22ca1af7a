"""# Eigenvalues and norms of a stack of random matrices

A tensor of shape `(100, 2, 2)` is a stack of 100 matrices of order 2×2: `x[n]` is matrix number `n`. Make
such a stack at random, and compute with all its matrices at once. Look in `torch.linalg`; most answers are
one line. No function may rely on there being exactly 100 matrices or on the numbers being positive: they
are all tried on other stacks, with any N ≥ 1, `float32` and `float64`.

**The stack.** `make_uniform(n=100)` returns a tensor of shape `(n, 2, 2)` of independent numbers, uniform
on [0, 1), from PyTorch's own generator (the one that `torch.manual_seed` sets).

**(a) Eigenvalues.** `eigenvalues_2x2(x)` takes a real stack of shape `(N, 2, 2)`, whose matrices need not
be symmetric, and returns all eigenvalues: a complex tensor of shape `(N, 2)`, row `n` holding the two
eigenvalues of `x[n]` in any order.

Apply it to your random stack. What can you say about the imaginary parts? Before you explain it, collect
the evidence:

- The eigenvalues of the matrix `[[a, b], [c, d]]` are the roots of its characteristic polynomial,
  `t² − (a + d)·t + (a·d − b·c)`. `discriminant(a, b, c, d)` returns the discriminant of this polynomial: for
  `t² + p·t + q` that is `p² − 4q` itself, not a multiple of it. It is positive if there are two different
  real eigenvalues, 0 if there is a double one, and negative if the two are not real. Take and return plain
  numbers.
- `complex_2x2` is a real 2×2 tensor, of your choice, whose eigenvalues are **not** real.
- `complex_nonneg_3x3` is a real 3×3 tensor with no negative entry that has eigenvalues which are **not**
  real.

In both examples some imaginary part should be larger than 0.001 in size.

**(b) Frobenius norm.** `frobenius_norms(x)` returns the Frobenius norm of every matrix of the stack, shape
`(N,)`. It is the square root of the sum of the squares of all entries of the matrix.

**(c) Euclidean norm.** `euclidean_norm(x)` returns one number for a tensor of any shape: the square root of
the sum of the squares of all its values, as a 0-dimensional tensor (a Python float is fine too).

**(d) Infinity norm.** If the last index of `x` is fixed, a matrix of size N×2 is left: `x[:, :, 0]` is one
and `x[:, :, 1]` is another. `infinity_norms(x)` returns the infinity norms of these two, shape `(2,)`. The
infinity norm of a matrix is its largest row sum: add up the absolute values in each row, and take the
largest of these sums.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from grader.authoring import (
    Random,
    Reference,
    Student,
    a_tensor,
    check,
    close,
    ensure,
    fail,
    formula,
    number,
    text,
)

kinds = ("tensor", "formula", "text")
budget_s = 2
stub = '''
import torch


def make_uniform(n: int = 100) -> torch.Tensor:
    """Return a tensor of shape (n, 2, 2) of independent numbers, uniform on [0, 1)."""
    raise NotImplementedError


def eigenvalues_2x2(x: torch.Tensor) -> torch.Tensor:
    """Return the eigenvalues of each matrix: (N, 2, 2) real -> (N, 2) complex."""
    raise NotImplementedError


def discriminant(a: float, b: float, c: float, d: float) -> float:
    """Return the discriminant of the characteristic polynomial of [[a, b], [c, d]]."""
    raise NotImplementedError


complex_2x2 = None  # your answer: a real 2x2 tensor whose eigenvalues are not real
complex_nonneg_3x3 = None  # your answer: a 3x3 tensor without negative entries, some eigenvalues not real


def frobenius_norms(x: torch.Tensor) -> torch.Tensor:
    """Return the Frobenius norm of each matrix: (N, 2, 2) -> (N,)."""
    raise NotImplementedError


def euclidean_norm(x: torch.Tensor) -> torch.Tensor:
    """Return the Euclidean norm of all values of x, of any shape, as a 0-dimensional tensor."""
    raise NotImplementedError


def infinity_norms(x: torch.Tensor) -> torch.Tensor:
    """Return the infinity norms of the N x 2 matrices x[:, :, 0] and x[:, :, 1]: (N, 2, 2) -> (2,)."""
    raise NotImplementedError
'''


def refuse_mistakes(
    found: torch.Tensor, expected: torch.Tensor, mistakes: Mapping[str, torch.Tensor]
) -> None:
    """Fail with the key of the first mistake that `found` equals, if that one differs from `expected`."""
    for message, mistake in mistakes.items():
        if mistake.shape == found.shape and torch.allclose(found.double(), mistake.double(), rtol=1e-4):
            ensure(torch.allclose(mistake.double(), expected.double(), rtol=1e-4), message)


@check(points=2)
def make_uniform(student: Student, rng: Random) -> None:
    """makes stacks of any height, of independent uniform numbers that follow torch.manual_seed"""
    seed = rng.seed()
    student.manual_seed(seed)
    first = a_tensor(student.make_uniform(), shape=(100, 2, 2), dtype="floating", what="make_uniform()")
    for n in (1, rng.integer(2, 9)):
        a_tensor(student.make_uniform(n), shape=(n, 2, 2), dtype="floating", what=f"make_uniform({n})")
    n = 5000
    many = student.make_uniform(n)
    many = a_tensor(many, shape=(n, 2, 2), dtype="floating", what=f"make_uniform({n})").double()
    ensure(
        bool(((many >= 0) & (many < 1)).all()),
        f"make_uniform({n}) holds numbers outside of [0, 1): they lie between {many.min():.3g} and "
        f"{many.max():.3g}.",
    )
    # Kolmogorov and Smirnov's distance; for 20,000 numbers above 0.02 with a probability of 2.3e-7 at most
    ordered, steps = many.flatten().sort().values, torch.arange(4 * n + 1, dtype=torch.float64) / (4 * n)
    distance = torch.maximum((ordered - steps[:-1]).abs().max(), (ordered - steps[1:]).abs().max()).item()
    ensure(distance <= 0.02, "The numbers are not spread evenly over the interval from 0 to 1.")
    rows = many.reshape(n, 4)
    ensure(len(rows.unique(dim=0)) > n - 5, f"make_uniform({n}) holds the same matrix again and again.")
    # correlations of the four entries, and of each with the same entry of the next matrix: standard deviation
    # 1/sqrt(5000), 10 of them, 6 deviations each: a false alarm of 2e-8
    together = torch.corrcoef(rows.T) - torch.eye(4, dtype=torch.float64)
    following = torch.corrcoef(torch.cat([rows[:-1].T, rows[1:].T])).diagonal(4)
    worst = max(together.abs().max().item(), following.abs().max().item())
    ensure(worst <= 6 / n**0.5, "The numbers depend on one another; each entry should be drawn on its own.")
    ensure(
        not torch.equal(student.make_uniform(), student.make_uniform()),
        "Two calls of make_uniform, one after the other, gave the same numbers. Is a seed set inside?",
    )
    student.manual_seed(seed)
    ensure(
        torch.equal(first, student.make_uniform()),
        "After the same torch.manual_seed make_uniform gave other numbers. Draw them with PyTorch's global "
        "generator.",
    )


def matrices(rng: Random, n: int, sign: int) -> torch.Tensor:
    """(n, 2, 2) in float64: with non-real eigenvalues for sign -1, real ones for +1, any for 0.

    The discriminant stays 0.05 away from zero, where the eigenvalues of a rounded matrix scatter.
    """
    many = rng.randn(40 * n + 200, 2, 2, dtype=torch.float64)
    a, b, c, d = many.reshape(-1, 4).unbind(1)
    value = (a + d) ** 2 - 4 * (a * d - b * c)
    return many[(value.abs() > 0.05) & (value * sign >= 0)][:n]


@check(points=4)
def eigenvalues(student: Student, rng: Random) -> None:
    """(a) finds the eigenvalues of every matrix of a stack, real or not"""
    sizes = [(1, 1), (1, -1), (2, 1), (2, -1), (rng.integer(20, 40), 0), (100, 0)]
    for n, sign in rng.shuffled(sizes):
        for dtype in (torch.float32, torch.float64):
            x = matrices(rng, n, sign).to(dtype)
            base = student.put(x.permute(1, 2, 0).contiguous())
            strided = rng.choice([True, False])
            given = base.permute.keep(2, 0, 1) if strided else x
            what = (
                f"eigenvalues_2x2 of a {'non-contiguous ' if strided else ''}stack of {n} matrices ({dtype})"
            )
            found = a_tensor(student.eigenvalues_2x2(given), shape=(n, 2), what=what)
            ensure(
                found.is_complex(),
                f"{what} has dtype {found.dtype}, a complex one is asked for: a real matrix can have "
                "eigenvalues that are not real. Some functions are for symmetric matrices only, whose "
                "eigenvalues are always real.",
            )
            compare_eigenvalues(found.to(torch.complex128), x.double(), what)


def compare_eigenvalues(found: torch.Tensor, x: torch.Tensor, what: str) -> None:
    """Fail unless each row of `found` holds the eigenvalues of that matrix of `x`, in any order."""

    def agree(right: torch.Tensor) -> torch.Tensor:
        straight, crossed = ((f - right).abs().amax(1) for f in (found, found.flip(1)))
        return torch.minimum(straight, crossed) <= 1e-4 * torch.linalg.matrix_norm(x)

    right = torch.linalg.eigvals(x)
    wrong = ~agree(right)
    if not wrong.any():
        return
    hint = ""
    if agree(torch.linalg.eigvalsh(x)).all() or agree(torch.linalg.eigvalsh(x, UPLO="U")).all():
        hint = " They are the eigenvalues of symmetric matrices: one half of each matrix was ignored."
    elif agree(torch.complex(right.real, torch.zeros_like(right.real))).all():
        hint = " The real parts are right, the imaginary parts are missing."
    elif agree(right.abs()).all():
        hint = " They are the absolute values of the eigenvalues."
    elif agree(right[:, :1].expand(-1, 2)).all() or agree(right[:, 1:].expand(-1, 2)).all():
        hint = " One eigenvalue of each pair appears twice."
    fail(f"{what}: {int(wrong.sum())} of {len(wrong)} pairs are not the eigenvalues of their matrix.{hint}")


discriminant = formula(
    points=2,
    title="(a) gives the discriminant of the characteristic polynomial",
    # a zero now and then, for triangular matrices and the like
    at=lambda rng: tuple(rng.choice([0.0, *(rng.uniform(-3, 3) for _ in range(5))]) for _ in range(4)),
    rtol=1e-5,
    atol=1e-4,  # an answer computed in float32 is fine; a wrong one is off by much more
)


def has_complex_eigenvalues(value: object, name: str, size: int, hint: str) -> torch.Tensor:
    """`value` in float64, once it is a real square tensor with an eigenvalue that is not real."""
    tensor = a_tensor(value, shape=(size, size), dtype="numeric", what=name)
    ensure(not tensor.is_complex(), f"{name} has complex entries; only the eigenvalues are to be non-real.")
    matrix = tensor.detach().double()
    ensure(bool(matrix.isfinite().all()), f"{name} has entries that are infinite or not a number.")
    size_of_imaginary = torch.linalg.eigvals(matrix).imag.abs().max().item()
    ensure(
        size_of_imaginary > 1e-3,
        f"All eigenvalues of {name} are real (the largest imaginary part is {size_of_imaginary:.2g}). {hint}",
    )
    return matrix


@check(points=1)
def complex_2x2(student: Student) -> None:
    """(a) gives a real 2×2 matrix whose eigenvalues are not real"""
    has_complex_eigenvalues(student.complex_2x2, "complex_2x2", 2, "What does a quarter turn do?")


@check(points=1)
def complex_nonneg_3x3(student: Student) -> None:
    """(a) gives a 3×3 matrix without negative entries that has non-real eigenvalues"""
    hint = "What about moving three entries round in a circle?"
    matrix = has_complex_eigenvalues(student.complex_nonneg_3x3, "complex_nonneg_3x3", 3, hint)
    ensure(
        bool((matrix >= 0).all()), "complex_nonneg_3x3 has a negative entry; all should be zero or positive."
    )


@check(points=2)
def frobenius_norms(student: Student, reference: Reference, rng: Random) -> None:
    """(b) gives the Frobenius norm of every matrix, with negative entries too"""
    for n in rng.shuffled([1, 2, 7, 100]):
        for dtype in (torch.float32, torch.float64):
            x = (3 * rng.randn(n, 2, 2, dtype=torch.float64)).to(dtype)
            expected, what = reference.frobenius_norms(x), f"frobenius_norms of a stack of {n} ({dtype})"
            found = a_tensor(student.frobenius_norms(x), shape=(n,), dtype="floating", what=what)
            mistakes = {
                "These are the sums of the squares; the square root is still to be taken.": expected**2,
                "These are the largest singular values (the 2-norm), not the Frobenius norms.": (
                    torch.linalg.matrix_norm(x, 2)
                ),
                "These are the sums of the absolute values, without squares and root.": x.abs().sum((1, 2)),
            }
            refuse_mistakes(found, expected, mistakes)
            close(found, expected, rtol=1e-5, atol=1e-6, dtype="any", what=what)


@check(points=2)
def euclidean_norm(student: Student, reference: Reference, rng: Random) -> None:
    """(c) gives the Euclidean norm of all values of tensors with one to five dimensions"""
    shapes = [(7,), (5, 3), (100, 2, 2), (2, 3, 4, 5), (2, 1, 3, 2, 4), (1,)]
    for shape in rng.shuffled(shapes):
        for dtype in (torch.float32, torch.float64):
            x = (3 * rng.randn(*shape, dtype=torch.float64)).to(dtype)
            expected, what = reference.euclidean_norm(x), f"euclidean_norm of a tensor of shape {shape}"
            value = student.euclidean_norm(x)
            if isinstance(value, torch.Tensor):
                a_tensor(value, shape=(), dtype="numeric", what=what)
            found = torch.tensor(number(value, what=what), dtype=torch.float64)
            mistakes = {
                "This is the sum of the squares; the square root is still to be taken.": expected**2,
                "This is the sum of the absolute values, without squares and root.": x.abs().sum(),
                "This is the largest absolute value, which is another norm.": x.abs().max(),
            }
            if len(shape) == 2:
                spectral = (
                    "For a 2-D tensor this is the spectral norm (ord=2 of a matrix), not the Euclidean one."
                )
                mistakes[spectral] = torch.linalg.matrix_norm(x, 2)
            refuse_mistakes(found, expected, mistakes)
            close(found, expected.double(), rtol=1e-5, atol=1e-6, what=what)


@check(points=3)
def infinity_norms(student: Student, reference: Reference, rng: Random) -> None:
    """(d) gives the infinity norms of the two matrices that the last index picks"""
    for n in rng.shuffled([1, 2, 7, 100]):
        for dtype in (torch.float32, torch.float64):
            x = (3 * rng.randn(n, 2, 2, dtype=torch.float64)).to(dtype)
            base = student.put(x.permute(2, 0, 1).contiguous())
            given = rng.choice([x, base.permute.keep(1, 2, 0)])
            expected, what = reference.infinity_norms(x), f"infinity_norms of a stack of {n} ({dtype})"
            found = a_tensor(student.infinity_norms(given), dtype="floating", what=what)
            ensure(
                n == 2 or tuple(found.shape) != (n,),
                f"{what} holds {n} numbers, one for each x[n]. Only x[:, :, 0] and x[:, :, 1] are asked for.",
            )
            a_tensor(found, shape=(2,), what=what)
            columns, middle = x.abs().sum(0).amax(0), x.abs().sum(2).amax(0)
            mistakes = {
                "These are the largest column sums (the 1-norm); the sums run along the rows.": columns,
                "These are the largest entries, a vector's infinity norm; a matrix has row sums.": (
                    x.abs().amax((0, 1))
                ),
                "These are the largest row sums without the absolute values.": x.sum(1).amax(0),
                "The absolute values are to be taken before the sums.": x.sum(1).abs().amax(0),
                "These belong to x[:, 0, :] and x[:, 1, :]; it is the last index that is fixed.": middle,
            }
            if n > 1:
                mistakes["These belong to x[0] and x[1]; it is the last index that is fixed."] = (
                    torch.linalg.matrix_norm(x[:2], float("inf"))
                )
            refuse_mistakes(found, expected, mistakes)
            close(found, expected, rtol=1e-5, atol=1e-6, dtype="any", what=what)


real_eigenvalues_explanation = text(
    points=3,
    question=(
        "What did you find about the imaginary parts of the eigenvalues of your random stack, and why is "
        "it so? Use the discriminant, in a form that shows its sign. Say also what the effect depends on: "
        "your two examples show it."
    ),
)
