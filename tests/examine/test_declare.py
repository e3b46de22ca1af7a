"""Checks that are declared, not written: choices, values, formulas, figures."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from workbench import Answer, Bench

from grader.authoring import CheckFailed, Partly, Random, Student, check, choice, figure, formula, text, value
from grader.examine.declare import Declaration
from grader.examine.notes import Notes
from grader.examine.outcomes import Unanswered
from grader.nouns import Check

OPTIONS = {"a": "one", "b": "two", "c": "three", "d": "four"}
ODD: list[Any] = [
    5,
    1.5,
    True,
    object,
    b"a",
    torch.ones(2),
    float("nan"),
    ["a", 5],
    [["a"]],
    {"z": 1},
    "e",
    "a;b",
]


def judged(declaration: Declaration, given: Any, right: Any, seed: int = 0) -> float:
    """The share of the points that an answer earns."""
    made = declaration.named("answer")
    assert made.function is not None
    try:
        made.function(SimpleNamespace(answer=given), SimpleNamespace(answer=right), Random(seed), Notes())
    except Partly as error:
        return error.share
    except CheckFailed:
        return 0.0
    return 1.0


# ----------------------------------------------------------------------------------------- check


def test_check_marks_a_function() -> None:
    @check(points=2, after="values")
    def speed(student: Any) -> None:
        """is as fast
        as it should be"""

    marked: Check = speed.__check__  # type: ignore[attr-defined]
    assert (marked.name, marked.title, marked.points) == ("speed", "is as fast as it should be", 2)
    assert (marked.after, marked.function, marked.form) == (("values",), speed, "function")


def test_check_needs_a_line_for_the_student() -> None:
    with pytest.raises(TypeError, match="needs a docstring"):

        @check(points=1)
        def nameless(student: Any) -> None:
            pass


# ---------------------------------------------------------------------------------------- choice

ONE = choice(points=2, question="Which?", options=OPTIONS)
SEVERAL = choice(points=2, question="Which?", options=OPTIONS, several=True)


@pytest.mark.parametrize(
    "given", ["b", "B", " b ", ["b"], ("b",), {"b"}, frozenset("b"), {"a": False, "b": True}]
)
def test_one_key(given: Any) -> None:
    assert judged(ONE, given, "b") == 1
    assert judged(ONE, given, {"b"}) == 1
    assert judged(ONE, given, "c") == 0


def test_one_key_means_one() -> None:
    assert judged(ONE, {"a", "b"}, "b") == 0
    assert judged(ONE, "a, b, c, d", "b") == 0


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ({"a", "c"}, 1),
        ("a, c", 1),
        ("C A", 1),
        ({"a"}, 1 / 2),
        ({"a", "b"}, 0),
        ({"a", "b", "c"}, 1 / 2),
        ({"a", "b", "c", "d"}, 0),
        ({"b", "d"}, 0),
    ],
)
def test_several_keys_earn_their_share(given: Any, share: float) -> None:
    assert judged(SEVERAL, given, {"a", "c"}) == pytest.approx(share)


def test_choosing_everything_never_pays() -> None:
    for right in ({"a"}, {"a", "b"}):
        assert judged(SEVERAL, set(OPTIONS), right) == 0


@pytest.mark.parametrize("declaration", [ONE, SEVERAL], ids=["one", "several"])
def test_an_empty_choice_is_unanswered(declaration: Declaration) -> None:
    made = declaration.named("answer")
    assert made.function is not None
    for empty in (set(), [], "", (), {"a": False}):
        with pytest.raises(Unanswered, match="no answer yet"):
            made.function(SimpleNamespace(answer=empty), SimpleNamespace(answer={"a"}), Random(0), Notes())


@pytest.mark.parametrize("declaration", [ONE, SEVERAL], ids=["one", "several"])
@pytest.mark.parametrize("given", ODD, ids=[repr(item) for item in ODD])
def test_what_is_no_choice_earns_nothing(declaration: Declaration, given: Any) -> None:
    assert judged(declaration, given, {"a"}) == 0


def test_the_notebook_can_tell_one_from_several() -> None:
    assert not ONE.named("x").several
    assert SEVERAL.named("x").several
    assert SEVERAL.named("x").options == OPTIONS
    assert (SEVERAL.named("x").form, SEVERAL.named("x").answers) == ("choice", ("x",))


def test_text_waits() -> None:
    made = text(points=3, question="Why?").named("why")
    assert (made.form, made.function, made.title, made.points) == ("text", None, "Why?", 3)


# ----------------------------------------------------------------------------------------- value

NUMBER = value(points=1, title="is the number")


@pytest.mark.parametrize("given", [0.5, torch.tensor(0.5), torch.tensor([[0.5]]), torch.tensor(0.5).double()])
def test_a_number_in_any_form(given: Any) -> None:
    assert judged(NUMBER, given, 0.5) == 1


@pytest.mark.parametrize(
    "given",
    [
        0.51,
        -0.5,
        math.nan,
        math.inf,
        True,
        None,
        "0.5",
        [0.5],
        0.5 + 0j,
        torch.ones(2) / 2,
        object(),
        10**400,
    ],
)
def test_what_is_another_number_or_none(given: Any) -> None:
    assert judged(NUMBER, given, 0.5) == 0


def test_zero_and_false_are_no_numbers_by_accident() -> None:
    assert judged(NUMBER, False, 0) == 0
    assert judged(NUMBER, None, 0) == 0
    assert judged(NUMBER, 0.0, 0) == 1


def test_the_number_is_not_given_away() -> None:
    made = NUMBER.named("answer")
    assert made.function is not None
    with pytest.raises(CheckFailed) as caught:
        made.function(SimpleNamespace(answer=3.25), SimpleNamespace(answer=41.5), Random(0), Notes())
    assert "3.25" in caught.value.message
    assert "41.5" not in f"{caught.value.message} {caught.value.detail}"


def test_a_tolerance_of_ones_own() -> None:
    rough = value(points=1, title="is about that", rtol=0.1, atol=0)
    assert judged(rough, 1.05, 1) == 1
    assert judged(rough, 1.2, 1) == 0


def test_tensors_and_lists_as_values() -> None:
    tensors = value(points=1, title="is the tensor")
    right = torch.arange(3.0)
    assert judged(tensors, right.clone(), right) == 1
    assert judged(tensors, right.double(), right) == 1
    assert judged(tensors, right[:2], right) == 0
    assert judged(tensors, right + 1, right) == 0
    assert judged(value(points=1, title="is it", dtype="same"), right.double(), right) == 0
    assert judged(tensors, [1, 2], [1, 2]) == 1
    assert judged(tensors, [2, 1], [1, 2]) == 0
    assert judged(tensors, True, True) == 1
    assert judged(tensors, 1.0, True) == 0


@pytest.mark.parametrize("mark", [torch.ones(3), torch.ones(1), np.ones(3), object()])
def test_a_mark_beside_a_key_that_is_neither_yes_nor_no(mark: Any) -> None:
    """Its truth is not asked: of a tensor there may be none, and of an object it would always be true."""
    with pytest.raises(CheckFailed, match="True and False beside"):
        SEVERAL.named("answer").function(  # type: ignore[misc]
            SimpleNamespace(answer={"a": mark}), SimpleNamespace(answer={"a"}), Random(0), Notes()
        )


# ------------------------------------------------------------------------------ formula, figure

SOURCE = """
import math, time
import torch
import matplotlib.pyplot as plt

def slope(x, y): return 3 * x**2 * y
def off(x, y): return 3 * x**2 * y + 1e-3
def text_answer(x, y): return "3 x^2 y"
def constant(x, y): return 0.0
def nan(x, y): return float("nan")
def as_tensor(x, y): return torch.tensor(3 * x**2 * y, dtype=torch.float64)
def raising(x, y): raise ZeroDivisionError
def stub(x, y): raise NotImplementedError
def by_autograd(x, y):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(x**3 * y, x)[0]
def by_differences(x, y):
    h = 1e-5
    return ((x + h)**3 - (x - h)**3) * y / (2 * h)
not_a_function = 7
def gradient(x): return 2 * x
def wrong_gradient(x): return 2 * x.flip(0)

def draw(n=3):
    fig, ax = plt.subplots()
    ax.plot(range(n), [i * i for i in range(n)])
    plt.close(fig)
    return fig
figure = draw(5)
axes = figure.axes[0]
def draw_nothing(n): return None
"""


@pytest.fixture(scope="module")
def student(bench: Bench) -> Student:
    return bench.student(SOURCE)


def judged_there(declaration: Declaration, student: Student, name: str, **right: Any) -> str:
    """The message with which the answer `name` fails, or ""."""
    made = declaration.named(name)
    assert made.function is not None
    try:
        made.function(student, SimpleNamespace(**{name: right["right"]} if right else {}), Random(1), Notes())
    except CheckFailed as error:
        return error.message
    return ""


SLOPE = formula(points=2, title="is the slope", at=lambda rng: (rng.uniform(-2, 2), rng.uniform(1, 2)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("slope", ""),
        ("as_tensor", ""),
        ("off", "hidden point"),
        ("text_answer", "a real number is expected"),
        ("constant", "hidden point"),
        ("nan", "finite number"),
        ("raising", "raised ZeroDivisionError"),
        ("stub", "not written yet"),
        ("by_autograd", "worked out by hand"),
        ("not_a_function", "must be a function"),
    ],
)
def test_formula(student: Student, name: str, message: str) -> None:
    said = judged_there(SLOPE, student, name, right=lambda x, y: 3 * x**2 * y)
    assert (message in said) if message else said == ""


def test_formula_of_tensors(student: Student) -> None:
    gradient = formula(points=2, title="is the gradient", at=lambda rng: (rng.randn(4, dtype=torch.float64),))
    assert judged_there(gradient, student, "gradient", right=lambda x: 2 * x) == ""
    assert judged_there(gradient, student, "wrong_gradient", right=lambda x: 2 * x) != ""


def test_formula_tolerance_tells_differences_from_derivatives(student: Student) -> None:
    strict = formula(
        points=1, title="is exact", at=lambda rng: (rng.uniform(1, 2), 1.0), rtol=1e-13, atol=1e-13
    )
    assert judged_there(strict, student, "slope", right=lambda x, y: 3 * x**2 * y) == ""
    assert judged_there(strict, student, "by_differences", right=lambda x, y: 3 * x**2 * y) != ""


def test_figure(student: Student) -> None:
    seen: list[int] = []

    def inspect(figure: Any, rng: Random) -> None:
        (line,) = figure["axes"][0]["lines"]
        seen.append(len(line["x"]))
        assert line["y"].tolist() == [i * i for i in range(len(line["x"]))]

    drawn = figure(points=1, title="draws it", inspect=inspect, arguments=lambda rng: (rng.integer(7, 7),))
    assert judged_there(drawn, student, "draw") == ""
    assert judged_there(figure(points=1, title="draws it", inspect=inspect), student, "draw") == ""
    assert judged_there(drawn, student, "figure") == ""
    assert seen == [7, 3, 5]
    for name in ("axes", "draw_nothing", "not_a_function"):
        assert "must give a matplotlib figure" in judged_there(drawn, student, name), name
    assert "raised ZeroDivisionError" in judged_there(
        figure(points=1, title="draws it", inspect=inspect, arguments=(1, 2)), student, "raising"
    )


def test_a_figure_is_inspected_with_what_it_was_to_show(student: Student) -> None:
    given: list[Any] = []
    drawn = figure(
        points=1,
        title="draws it",
        inspect=lambda data, rng, n: given.append((len(data["axes"][0]["lines"][0]["x"]), n)),
        arguments=lambda rng: (rng.integer(7, 7),),
    )
    assert judged_there(drawn, student, "draw") == ""
    assert given == [(7, 7)]


def test_a_figure_shows_what_can_be_seen(answer: Answer) -> None:
    student = answer("""
        import matplotlib.pyplot as plt
        figure, (axes, hidden) = plt.subplots(1, 2)
        hidden.set_visible(False)
        axes.plot([0, 1], [0, 1], label="shown")
        axes.plot([0, 1], [0, 2], visible=False)
        axes.plot([0, 1], [0, 3], alpha=0.0)
        axes.scatter([0, 1], [0, 1], alpha=[0.0, 0.5])
        axes.scatter([0, 1], [0, 1], alpha=[0.0, 0.0])
        axes.legend().set_visible(False)
    """)
    seen = student.figure.figure()
    (axes,) = seen["axes"]
    assert [line["label"] for line in axes["lines"]] == ["shown"]
    assert len(axes["points"]) == 1
    assert axes["legend"] == []
