"""How an exercise declares its checks: a decorator, and forms for answers that need no code of their own.

The name of a declaration is the name that it is assigned to, which is the name of the student's answer::

    refusal_reasons = choice(points=1, question="...", options={...}, several=True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

from grader.compare import CheckFailed, Partly, close, number
from grader.examine.figures import drawn
from grader.examine.notes import Notes
from grader.examine.outcomes import Unanswered
from grader.examine.randomness import Random
from grader.examine.remote import Handle, Student
from grader.nouns import Check, Form

Function = TypeVar("Function", bound=Callable[..., None])


def check(points: float, after: str | Iterable[str] = ()) -> Callable[[Function], Function]:
    """Make a function a check worth `points`; its docstring is the line that the student reads.

    It may take any of ``student``, ``reference``, ``rng``, ``clock`` and ``notes``, by name. It passes by returning and
    fails by raising ``CheckFailed``, which the verbs do. With `after` it is skipped unless those checks
    passed.
    """

    def mark(function: Function) -> Function:
        title = " ".join((function.__doc__ or "").split())
        if not title:
            raise TypeError(
                f"the check {function.__name__} needs a docstring: it is the line the student reads"
            )
        names = (after,) if isinstance(after, str) else tuple(after)
        function.__check__ = Check(function.__name__, title, points, names, function)  # type: ignore[attr-defined]
        return function

    return mark


@dataclass(frozen=True, slots=True)
class Declaration:
    """A check that is described, not written; the catalogue names it after its variable."""

    points: float
    title: str
    form: Form
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    several: bool = False  # of a choice
    judge: Callable[[str, Student, Any, Random, Notes], None] | None = None

    def named(self, name: str) -> Check:
        judge = self.judge
        if judge is None:
            return Check(name, self.title, self.points, (), None, (name,), self.form)

        def function(student: Student, reference: Any, rng: Random, notes: Notes) -> None:
            judge(name, student, reference, rng, notes)

        return Check(
            name, self.title, self.points, (), function, (name,), self.form, self.options, self.several
        )


def text(points: float, question: str) -> Declaration:
    """A written answer: a string, or a Markdown cell. It waits for a person, whose rubric is in the
    reference."""
    return Declaration(points, question, "text")


def choice(points: float, question: str, options: Mapping[str, str], several: bool = False) -> Declaration:
    """One key of `options`, or with `several` a set of them; the right ones are the reference's.

    Of several, each right key earns its share and each wrong one costs as much, never below 0.
    """

    def judge(name: str, student: Student, reference: Any, rng: Random, notes: Notes) -> None:
        right = _keys(getattr(reference, name), options)
        given = _keys(getattr(student, name), options)
        if not given:
            raise Unanswered(f"`{name}` is empty: there is no answer yet.")
        if not several and len(given) > 1:
            raise CheckFailed(f"`{name}` must be one key, and there are {len(given)}.")
        hits, misses = len(given & right), len(given - right)
        if given != right:
            earned = max(0, hits - misses) if several else 0
            raise Partly(
                earned,
                len(right),
                f"{hits} of the keys you chose {'is' if hits == 1 else 'are'} right, {misses} "
                f"{'is' if misses == 1 else 'are'} wrong."
                if several
                else "Another of the statements is the right one.",
            )

    return Declaration(points, question, "choice", dict(options), several, judge)


def value(
    points: float, title: str, rtol: float | None = None, atol: float | None = None, dtype: Any = "any"
) -> Declaration:
    """A variable that must equal the reference's: a number, a tensor, or lists and dictionaries of them.

    A number may be given as any kind of number, or as a tensor of one element.
    """

    def judge(name: str, student: Student, reference: Any, rng: Random, notes: Notes) -> None:
        expected, actual = getattr(reference, name), getattr(student, name)
        if isinstance(expected, int | float) and not isinstance(expected, bool):
            tolerance = (1e-6, 1e-9) if rtol is None or atol is None else (rtol, atol)
            given = number(actual, what=f"`{name}`")
            try:
                close(given, float(expected), rtol=tolerance[0], atol=tolerance[1])
            except CheckFailed:  # how far off it is would tell the number, which is the same for everybody
                raise CheckFailed(f"`{name}` is {given:g}, which is not the number asked for.") from None
        else:
            close(actual, expected, rtol=rtol, atol=atol, dtype=dtype, what=f"`{name}`")

    return Declaration(points, title, "value", judge=judge)


def formula(
    points: float,
    title: str,
    at: Callable[[Random], tuple[Any, ...]],
    rtol: float = 1e-6,
    atol: float = 1e-9,
    samples: int = 12,
    within_s: float = 2.0,
) -> Declaration:
    """A function that holds a result derived by hand: evaluated at hidden points, with autograd unavailable.

    `at` draws the arguments of one call; floats, or float64 tensors.
    """

    def judge(name: str, student: Student, reference: Any, rng: Random, notes: Notes) -> None:
        answer, truth = getattr(student, name), getattr(reference, name)
        if not isinstance(answer, Handle):
            raise CheckFailed(f"`{name}` must be a function.")
        with student.without_autograd(), student.within(within_s):
            for _ in range(samples):
                point = at(rng)
                expected = truth(*point)
                actual = answer(*point)
                if isinstance(expected, torch.Tensor) and expected.ndim:
                    close(actual, expected, rtol=rtol, atol=atol, dtype="any", what=f"the result of `{name}`")
                else:
                    actual = number(actual, what=f"the result of `{name}`")
                    what = f"the result of `{name}` at a hidden point"
                    close(actual, float(expected), rtol=rtol, atol=atol, what=what)

    return Declaration(points, title, "formula", judge=judge)


def figure(
    points: float,
    title: str,
    inspect: Callable[[Any, Random], None],
    arguments: tuple[Any, ...] | Callable[[Random], tuple[Any, ...]] = (),
) -> Declaration:
    """A function that returns a matplotlib figure (or the figure itself): `inspect` looks at what it shows.

    `inspect(figure, rng)` gets the figure as data: see ``grader.worker.figures.read_figure``. `arguments`
    are those of the function, or draw them.
    """

    def judge(name: str, student: Student, reference: Any, rng: Random, notes: Notes) -> None:
        given = arguments(rng) if callable(arguments) else arguments
        inspect(drawn(getattr(student, name), *given, notes=notes), rng)

    return Declaration(points, title, "figure", judge=judge)


def _keys(value: Any, options: Mapping[str, str]) -> frozenset[str]:
    """The chosen keys, from a key, "a, c", or any collection of keys; case does not matter."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if isinstance(value, dict):
        value = [key for key, chosen in value.items() if chosen]
    if not isinstance(value, list | tuple | set | frozenset):
        raise CheckFailed(f"Give the keys as strings: {', '.join(repr(key) for key in options)}.")
    keys = {str(item).strip().lower(): None for item in value if isinstance(item, str)}
    known = {key.lower(): key for key in options}
    if len(keys) != len(value) or not keys.keys() <= known.keys():
        raise CheckFailed(f"Use only the keys that are offered: {', '.join(repr(key) for key in options)}.")
    return frozenset(known[key] for key in keys)
