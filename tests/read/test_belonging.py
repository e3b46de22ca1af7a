"""Which names a cell binds, to which exercise it belongs, and what counts as an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from handmade import make_exercise, make_submission
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.nouns import Exercise, Form
from grader.read import syntax
from grader.read.belonging import assign, bound_names, untouched

# ------------------------------------------------------------------------------------- bound_names


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("x = y = 1", "x y"),
        ("a, (b, *c) = 1, (2, 3)", "a b c"),
        ("x += 1", "x"),
        ("x: int = 1\ny: int", "x"),
        ("x.y = 1\nx[0] = 2", ""),
        ("def f(a, b=1):\n    c = 1\n    global d", "f"),
        ("async def f(): pass", "f"),
        ("class A:\n    b = 1\n    def c(self): pass", "A"),
        ("f = lambda a: (b := a)", "f"),
        ("import a.b\nimport numpy as np\nfrom math import pi as p, e\nfrom x import *", "a np p e"),
        ("for i, j in x:\n    k = 1\nelse:\n    m = 1", "i j k m"),
        ("while (n := f()): pass", "n"),
        ("with open(a) as b, c as (d, e): f = 1", "b d e f"),
        ("if a:\n    b = 1\nelif c:\n    d = 1\nelse:\n    e = 1", "b d e"),
        ("try:\n    a = 1\nexcept E as e:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1", "a b c d"),
        ("match x:\n  case [a, *b]: pass\n  case {'k': c, **d}: pass\n  case P(e) as f: pass", "a b c d e f"),
        ("[x for x in y]", ""),
        ("[(z := x) for x in y if (w := x)]", "z w"),
        ("a = 1\nb = 2\ndel a", "b"),
        ("print(a := 1)", "a"),
        ("x = await f()", "x"),
    ],
)  # fmt: skip
def test_bound_names(source: str, expected: str) -> None:
    assert bound_names(source) == frozenset(expected.split())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nx = 1", "x"),
        ("!ls -l\nx = 1", "x"),
        ("files = !ls", "files"),
        ("rest = %env HOME", "rest"),
        ("x = 1\nx?", "x"),
        ("for i in y:\n    %timeit f(i)", "i"),
        ("%time x = f(1)", "x"),
        ("%timeit x = f(1)", ""),
        ("%%time\nx = 1", "x"),
        ("\n%%capture out\n%%time\ndef f(): pass", "f"),
        ("%%timeit\nx = 1", ""),
        ("%%bash\nx=1", ""),
        ("%%writefile a.py\ndef f(): pass", ""),
        (">>> x = 1\n>>> y = 2", "x y"),
        ("    x = 1\n    y = 2", "x y"),  # IPython takes an indented cell
    ],
)
def test_bound_names_with_magics(source: str, expected: str) -> None:
    assert bound_names(source) == frozenset(expected.split())


def test_bound_names_of_a_cell_with_a_syntax_error() -> None:
    source = "def f(x:\n    inner = 1\nclass A\nx = 1\ny, z = 2, 3\nu: int = 4\nv == 5\nw[0] = 6\nif t = 1:"
    assert bound_names(source) == {"f", "A", "x", "y", "z", "u"}
    assert bound_names("async def g(: pass") == {"g"}
    assert bound_names("x² = (1\nﬁt = (2") == bound_names("ﬁt = 2") == {"fit"}


@pytest.mark.parametrize(
    "source",
    ["x = " + "-" * 100_000 + "1", "x = 1" + "+1" * 5_000, "x = '\ud800'", "x = '\0'", "x = 1" + "0" * 9_000],
)
def test_bound_names_where_the_parser_gives_up(source: str) -> None:
    assert bound_names(source) == {"x"}


def test_bound_names_of_overlong_cells() -> None:
    source = "x = 1\nif x:\n    y = 2\n#"
    assert bound_names(source) == {"x", "y"}
    assert bound_names(source + "." * syntax.MAX_SOURCE) == {"x"}


def test_many_magics_in_a_long_cell_are_translated_line_by_line() -> None:
    source = "%time x = f()\n" + "%timeit f()\n" * 100 + "y = 1\n" * 1_000
    assert bound_names(source) == {"x", "y"}


def test_a_crowd_of_magics_is_not_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The translator's time grows with the number of magics times the length of the cell."""
    monkeypatch.setattr("IPython.core.inputtransformer2.TransformerManager", lambda: pytest.fail("it was"))
    assert bound_names("%timeit x\n" * 2_000 + "y = 1") == {"y"}


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab=:,()[]{}'\"\n\t %!?@;\\#dефx\0"), max_size=40) | st.text(max_size=40))
def test_bound_names_never_raises(source: str) -> None:
    assert all(name.isidentifier() for name in bound_names(source))


# ------------------------------------------------------------------------------------------ assign


def exercises(**answers: str) -> dict[str, Exercise]:
    """Exercises by id ("e1_2_1") with the names that each asks for."""
    ids = {key[1:].replace("_", "."): names.split() for key, names in answers.items()}
    return {id: make_exercise(id, dict.fromkeys(names, "function")) for id, names in ids.items()}


def owners(known: Mapping[str, Exercise], *cells: Any) -> list[str | None]:
    return [cell.exercise for cell in assign(make_submission(*cells), known).cells]


def labelled(exercise: str, source: str = "", kind: str = "code") -> dict[str, Any]:
    return {"source": source, "exercise": exercise, "kind": kind}


def test_cells_go_where_their_names_are_asked_for() -> None:
    known = exercises(e1_1_1="f g", e1_1_2="h")
    cells = ["import torch", "def f(): pass", "def helper(): pass", "h = 1", "g = 2\nprint(g)"]
    assert owners(known, *cells) == [None, "1.1.1", None, "1.1.2", "1.1.1"]


def test_only_code_cells_are_given_away() -> None:
    known = exercises(e1_1_1="f")
    text = {"source": "f = 1", "kind": "markdown"}
    assert owners(known, text, {"source": "f = 1", "kind": "raw"}) == [None, None]


def test_labels_are_kept_whatever_they_say() -> None:
    known = exercises(e1_1_1="f", e1_1_2="g")
    assert owners(known, labelled("1.1.2", "f = 1"), labelled("9.9.9", "g = 1"), "g = 2") == [
        "1.1.2",
        "9.9.9",
        "1.1.2",
    ]


def test_broken_code_and_magics_are_given_away_too() -> None:
    known = exercises(e1_1_1="f", e1_1_2="g")
    assert owners(known, "def f(x:\n    return", "%%time\ng = 1") == ["1.1.1", "1.1.2"]


def test_an_import_is_an_answer_only_of_what_is_defined_nowhere() -> None:
    known = exercises(e1_1_1="softmax", e1_1_2="relu")
    assert owners(known, "from torch import softmax, relu", "def softmax(x): pass") == ["1.1.2", "1.1.1"]
    assert owners(known, "from torch import softmax", "def softmax(x): pass") == [None, "1.1.1"]


def test_an_ambiguous_name_goes_with_the_other_names() -> None:
    known = exercises(e1_1_1="model loss", e1_2_1="model accuracy")
    assert owners(known, "model = 1\naccuracy = 2", "model = 1\nloss = 2") == ["1.2.1", "1.1.1"]


def test_an_ambiguous_name_goes_with_the_label_above() -> None:
    known = exercises(e1_1_1="train", e1_2_1="train", e1_3_1="train")
    prompts = [labelled(id, "Do it.", "markdown") for id in ("1.2.1", "1.1.1")]
    assert owners(known, prompts[0], "train = 1", "train = 2", prompts[1], "train = 3") == [
        "1.2.1", "1.2.1", "1.2.1", "1.1.1", "1.1.1",
    ]  # fmt: skip


def test_an_ambiguous_name_goes_with_its_neighbours() -> None:
    known = exercises(e1_1_1="a train", e1_2_1="b train", e3_2_1="c train", e3_4_1="train", e3_9_1="d")
    assert owners(known, "b = 1", "train = 1")[1] == "1.2.1"
    assert owners(known, "train = 1", "c = 1")[0] == "3.2.1"
    both = exercises(e3_2_1="train", e3_2_2="train d")
    assert owners(both, "train = 1", "d = 1")[0] == "3.2.2"  # not the first of the section
    between = exercises(e1_1_1="train", e2_1_1="a", e3_1_1="train", e4_1_1="b")
    assert owners(between, "a = 1", "train = 1", "b = 1")[1] == "3.1.1"
    assert owners(known, "c = 1", "print()", "train = 1", "train = 2", "d = 1") == [
        "3.2.1",
        None,
        "3.2.1",
        "3.4.1",
        "3.9.1",
    ]


def test_an_ambiguous_name_goes_near_in_the_unit() -> None:
    known = exercises(e1_1_1="train", e2_1_1="train", e2_4_1="x", e2_5_1="train", e2_5_2="y")
    assert owners(known, "y = 1", "train = 1")[1] == "2.5.1"  # the same section
    assert owners(known, "x = 1", "train = 1")[1] == "2.1.1"  # the same unit


def test_an_ambiguous_name_goes_in_unit_order() -> None:
    known = exercises(e10_1_1="train", e2_1_1="train", e2_10_1="train", e2_9_1="train")
    assert owners(known, *["train = 1"] * 5)[:4] == ["2.1.1", "2.9.1", "2.10.1", "10.1.1"]


STUB = "def f(x):\n    raise NotImplementedError\n\n\ndef g(x):\n    raise NotImplementedError\n"


def test_scratch_work_elsewhere_does_not_replace_an_answer() -> None:
    known = {
        **exercises(e1_2_1="h"),
        "1.1.1": make_exercise("1.1.1", {"f": "function", "g": "function"}, stub=STUB),
    }
    answered = STUB.replace("raise NotImplementedError", "return x")
    elsewhere = [labelled("1.2.1", "h = 1"), "f = 3"]
    assert owners(known, labelled("1.1.1", answered), *elsewhere)[-1] is None
    # Right below its own cell it is a second try, and where the stub is untouched it is the answer.
    assert owners(known, labelled("1.1.1", answered), "f = 3")[-1] == "1.1.1"
    assert owners(known, labelled("1.1.1", STUB), *elsewhere)[-1] == "1.1.1"
    half = "def f(x): return x\ndef g(x):\n    raise NotImplementedError"
    assert owners(known, labelled("1.1.1", half), elsewhere[0], "f = 3", "g = 4")[2:] == [None, "1.1.1"]


@pytest.mark.parametrize(
    "source",
    ["a['x'] = 1", "a.b.c = 1", "a[0].b += 1", "del a['x']", "for i in x:\n    a[i] = i", "a.update(x=1)"],
)
def test_a_cell_that_changes_an_answer_goes_with_the_one_above(source: str) -> None:
    known = exercises(e1_1_1="a", e1_1_2="b")
    assert owners(known, "a = {}", "import x", source, "b = 1", source) == [
        "1.1.1",
        None,
        "1.1.1",
        "1.1.2",
        None,
    ]
    assert owners(known, labelled("1.1.1", "Do it.", "markdown"), source) == ["1.1.1", None]


def test_using_an_answer_does_not_change_it() -> None:
    assert owners(exercises(e1_1_1="a"), "a = {}", "print(a['x'], a.b)\ny = a.pop()") == ["1.1.1", None]


def test_an_exercise_answered_in_the_cell_of_another() -> None:
    known = exercises(e1_1_1="a aa", e1_1_2="b", e1_1_3="c", e1_2_1="c")
    result = assign(make_submission("a = 1\naa = 2\nb = 3", "c = 1"), known)
    assert [(cell.exercise, cell.also) for cell in result.cells] == [("1.1.1", ("1.1.2",)), ("1.1.3", ())]
    assert [cell.index for cell in result.cells_of("1.1.2")] == [0]
    result = assign(make_submission(labelled("1.1.1", "b = 1")), known)
    assert [(cell.exercise, cell.also) for cell in result.cells] == [("1.1.1", ("1.1.2",))]
    result = assign(make_submission(labelled("1.1.1", "b = 1"), "b = 2"), known)
    assert [(cell.exercise, cell.also) for cell in result.cells] == [("1.1.1", ()), ("1.1.2", ())]


def test_the_rest_of_the_submission_is_untouched() -> None:
    submission = make_submission("f = 1")
    result = assign(submission, exercises(e1_1_1="f"))
    assert submission.cells[0].exercise is None
    assert (result.name, result.sha256, result.cells[0].source) == (
        submission.name,
        submission.sha256,
        "f = 1",
    )
    assert assign(submission, {}).cells == submission.cells


def test_ten_thousand_ambiguous_cells() -> None:
    """Were the time to grow with their square, this would not end."""
    known = exercises(**{f"e1_1_{number}": "train" for number in range(1, 81)})
    submission = make_submission(*["train = 1"] * 10_000)
    assert {cell.exercise for cell in assign(submission, known).cells} == set(known)


# --------------------------------------------------------------------------------------- untouched

DOCUMENTED = '''
import torch


def norms(x: torch.Tensor) -> torch.Tensor:
    """Return the norms."""
    raise NotImplementedError


grid = None  # your answer
'''


@pytest.mark.parametrize(
    "source",
    [
        DOCUMENTED,
        "",
        "# exercise: 1.2.1\n" + DOCUMENTED,
        "import torch\ndef norms(x: torch.Tensor) -> torch.Tensor: raise NotImplementedError",
        DOCUMENTED.replace("Return the norms.", "Gib die Normen zurück."),
        "import numpy\n%matplotlib inline\n" + DOCUMENTED + "print(norms)\nreasons = set()\nother = ...",
        "import torch",
        "grid = None",
    ],
)
def test_untouched(source: str) -> None:
    assert untouched(source, DOCUMENTED)


@pytest.mark.parametrize(
    "source",
    [
        DOCUMENTED.replace("raise NotImplementedError", "return x"),
        DOCUMENTED.replace("raise NotImplementedError", "x = 1\n    raise NotImplementedError"),
        DOCUMENTED.replace("grid = None", "grid = 1"),
        DOCUMENTED.replace("(x: torch.Tensor)", "(y: torch.Tensor)"),
        DOCUMENTED + "reasons = {'a'}",
        DOCUMENTED + "x.fill_(1)",
        DOCUMENTED + "def helper(): return 1",
        "def norms(x:\n    return",
        "x = 1" + "+1" * 5_000,
    ],
)
def test_touched(source: str) -> None:
    assert not untouched(source, DOCUMENTED)


def test_an_empty_stub() -> None:
    assert untouched("", "")
    assert untouched("# nothing\nimport torch", "")
    assert not untouched("x = 1", "")


def test_forms_do_not_matter_to_belonging() -> None:
    forms: dict[str, Form] = {"a": "choice", "b": "value", "c": "class"}
    known = {"1.1.1": make_exercise("1.1.1", forms)}
    assert owners(known, "a = {'x'}", "b = 1", "class c: pass") == ["1.1.1"] * 3
