"""The student's notebook: valid, the same every time, and read back as what it was made from."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from handmade import make_exercise, make_submission

from grader.notebook import PLACEHOLDER, make_notebook, prompt_text, question_text, starter
from grader.nouns import Check, Exercise
from grader.read import read
from grader.read.belonging import assign, untouched, written_answers

Save = Callable[..., Path]

STUB = '''
def double(x):
    """Return twice x."""
    raise NotImplementedError


grid = None  # your answer
'''
WHY = Check("why", "Why is it so?", 2, form="text", answers=("why",))
HOW = Check("how", "How is it done?", 1, form="text", answers=("how",))
REASONS = Check(
    "reasons",
    "Which of these hold?\n    Several may.",
    1,
    form="choice",
    answers=("reasons",),
    options={"a": "a short one", "bb": "a long one " * 20, "c": 'a "quoted" one\nx = 1 # \\'},
    several=True,
)
BEST = Check(
    "best", "Which is best?", 1, form="choice", answers=("best",), options={"x": "this", "y": "that"}
)
FULL = make_exercise(
    "1.2.1",
    {
        "double": "function",
        "grid": "value",
        "reasons": "choice",
        "best": "choice",
        "why": "text",
        "how": "text",
    },
    stub=STUB,
    checks=(Check("values", "doubles", 3), REASONS, BEST, WHY, HOW),
    prompt="Write `double`.\n\nThen say *why*.",
    title="Doubling",
)
TEXT_ONLY = make_exercise("1.2.2", {"why": "text"}, checks=(WHY,), prompt="Think.")
OTHER_UNIT = make_exercise("2.1.1", {"f": "function"}, stub="def f(): ...", checks=(Check("ok", "works", 1),))
ALL = {exercise.id: exercise for exercise in (FULL, TEXT_ONLY, OTHER_UNIT)}


def notebook() -> nbformat.NotebookNode:
    return make_notebook(list(ALL.values()), {"1": "About the unit.", "1.2": "About the section."})


def test_it_is_valid_and_always_the_same() -> None:
    made = notebook()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(made)
    assert (made.nbformat, made.nbformat_minor) == (4, 5)
    assert made.metadata.kernelspec.name == "python3"
    assert nbformat.writes(made) == nbformat.writes(notebook())
    assert len({cell.id for cell in made.cells}) == len(made.cells)


def test_its_cells_in_order() -> None:
    cells = notebook().cells
    heads = [(cell.cell_type, cell.source.split("\n")[0]) for cell in cells]
    assert heads == [
        ("markdown", "# A unit"),
        ("markdown", "## 1.2 A section"),
        ("markdown", "### 1.2.1 Doubling (8 points)"),
        ("code", "# exercise: 1.2.1"),
        ("markdown", "**In words:** Why is it so?"),
        ("markdown", "<!-- exercise: 1.2.1, answer: why -->"),
        ("markdown", "**In words:** How is it done?"),
        ("markdown", "<!-- exercise: 1.2.1, answer: how -->"),
        ("markdown", "### 1.2.2 A task (2 points)"),
        ("markdown", "**In words:** Why is it so?"),
        ("markdown", "<!-- exercise: 1.2.2, answer: why -->"),
        ("markdown", "# A unit"),
        ("markdown", "## 2.1 A section"),
        ("markdown", "### 2.1.1 A task (1 point)"),
        ("code", "# exercise: 2.1.1"),
    ]
    assert "About the unit." in cells[0].source
    assert cells[0].metadata == cells[1].metadata == {"grader": {"role": "prompt"}}
    assert "About the section." in cells[1].source
    assert cells[2].metadata == {
        "grader": {"exercise": "1.2.1", "role": "prompt"},
        "tags": ["exercise:1.2.1"],
    }
    assert cells[3].metadata == {"grader": {"exercise": "1.2.1"}, "tags": ["exercise:1.2.1"]}
    assert cells[5].metadata == {"grader": {"exercise": "1.2.1", "answer": "why"}, "tags": ["exercise:1.2.1"]}


def test_without_introductions() -> None:
    assert [cell.cell_type for cell in make_notebook([OTHER_UNIT], None).cells] == ["markdown"] * 3 + ["code"]


def test_it_runs_from_top_to_bottom() -> None:
    namespace: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in notebook().cells:
            if cell.cell_type == "code":
                exec(cell.source, namespace)  # our own stubs, written above
    assert namespace["grid"] is None
    assert namespace["reasons"] == set()
    assert namespace["best"] is None
    assert "x" not in namespace  # an option's text stays a comment
    with pytest.raises(NotImplementedError):
        namespace["double"](1)


def test_choices_are_put_as_comments() -> None:
    code = starter(FULL).split("\n")
    assert "# Which of these hold? Several may." in code
    assert "#   a   a short one" in code
    assert any(line.startswith("reasons = set()  # ") and '{"a", "c"}' in line for line in code)
    assert any(line.startswith("best = None  # ") and '"x"' in line for line in code)
    assert all(len(line) <= 100 for line in code if line.startswith("#"))


@pytest.mark.parametrize("form", ["ipynb", "py:percent", "py:light"])
def test_unanswered_it_is_read_as_not_attempted(save: Save, form: str) -> None:
    made = notebook()
    path = save(nbformat.writes(made)) if form == "ipynb" else save(jupytext.writes(made, form), "a.py")
    submission = assign(read(path), ALL)
    assert submission.notes == ()
    assert [cell.exercise for cell in submission.cells] == [
        None, None, *["1.2.1"] * 6, *["1.2.2"] * 3, None, None, *["2.1.1"] * 2,
    ]  # fmt: skip
    for exercise in ALL.values():
        assert not written_answers(submission, exercise)
        code = "\n".join(cell.source for cell in submission.cells_of(exercise.id) if cell.kind == "code")
        assert untouched(code, exercise.stub)
        assert untouched(code, starter(exercise))


def test_answers_are_found_again(save: Save) -> None:
    made = notebook()
    made.cells[3].source = made.cells[3].source.replace("raise NotImplementedError", "return 2 * x")
    made.cells[5].source = made.cells[5].source.replace(PLACEHOLDER, "Because.\n\nReally.")
    made.cells[10].source += "\nI kept the line above."
    submission = assign(read(save(nbformat.writes(made))), ALL)
    assert written_answers(submission, FULL) == {"why": "Because.\n\nReally."}
    assert written_answers(submission, TEXT_ONLY) == {"why": "I kept the line above."}
    assert not untouched(submission.cells[3].source, starter(FULL))


def test_answers_are_found_although_an_editor_dropped_the_metadata(save: Save) -> None:
    made = notebook()
    for cell in made.cells:
        cell.metadata = nbformat.from_dict({})
    unanswered = assign(read(save(nbformat.writes(made), "b.ipynb")), ALL)
    assert [dict(written_answers(unanswered, exercise)) for exercise in ALL.values()] == [{}, {}, {}]
    made.cells[7].source = made.cells[7].source.replace(PLACEHOLDER, "Like this.")
    submission = assign(read(save(nbformat.writes(made))), ALL)
    assert written_answers(submission, FULL) == {"how": "Like this."}
    assert [cell.index for cell in submission.cells_of("1.2.1")] == [3, 5, 7]


# ---------------------------------------------------------------------------------- written answers


def text(
    source: str, exercise: str | None = "1.2.1", answer: str | None = None, role: str | None = None
) -> dict[str, Any]:
    return {"kind": "markdown", "source": source, "exercise": exercise, "answer": answer, "role": role}


def answers(*cells: Any, exercise: Exercise = FULL) -> dict[str, str]:
    return dict(written_answers(make_submission(*cells), exercise))


def test_answers_by_label() -> None:
    assert answers(text("B", answer="how"), text("A", answer="why")) == {"why": "A", "how": "B"}


def test_answers_by_exercise_are_taken_in_order() -> None:
    assert answers(text("A"), text("B")) == {"why": "A", "how": "B"}
    assert answers(text("A")) == {"why": "A"}
    assert answers(text("A"), text("B", answer="why")) == {"why": "B", "how": "A"}
    assert answers(text("A"), text("B"), text("C")) == {"why": "A", "how": "B\n\nC"}
    assert answers(text("A"), text("B"), exercise=TEXT_ONLY) == {}
    assert answers(text("A", "1.2.2"), text("B", "1.2.2"), exercise=TEXT_ONLY) == {"why": "A\n\nB"}


def test_an_unknown_answer_is_one_by_exercise() -> None:
    assert answers(text("A", answer="nonsense")) == {"why": "A"}


def test_an_answer_in_several_cells_and_copied_cells() -> None:
    assert answers(text("A", answer="why"), text("B", answer="why"), text("A", answer="why")) == {
        "why": "A\n\nB"
    }


@pytest.mark.parametrize(
    "cell",
    [
        text("anything", role="prompt"),
        text(prompt_text(FULL)),
        text(FULL.prompt.replace("\n\n", "\n \n  ")),
        text(question_text(WHY)),
        text("Why is it so?"),
        text(PLACEHOLDER),
        text("  " + PLACEHOLDER + "\n\n"),
        text("<!-- exercise: 1.2.1, answer: why -->\n" + PLACEHOLDER, answer="why"),
        text("<!-- exercise: 1.2.1 -->"),
        text("## Exercise 1.2.1:"),
        text(" \n\t"),
        text("of another exercise", exercise="1.2.2"),
        text("of no exercise", exercise=None),
        {**text("no Markdown"), "kind": "raw"},
        "why = f()",
        {"source": "why = ' '\nhow = None\nother = 'text'", "exercise": "1.2.1"},
        {"source": "why = 'text'", "exercise": "1.2.2"},
        {"source": "def f():\n    why = 'text'", "exercise": "1.2.1"},
        {"source": "why = 'text", "exercise": "1.2.1"},
    ],
)  # fmt: skip
def test_what_is_no_answer(cell: Any) -> None:
    assert answers(cell) == {}


def test_labels_and_placeholders_are_no_part_of_an_answer() -> None:
    source = (
        f"<!-- exercise: 1.2.1, answer: why -->\n{PLACEHOLDER}\n\n# Mine\n\nBecause of # exercise: 1.2.1.\n"
    )
    assert answers(text(source)) == {"why": "# Mine\n\nBecause of # exercise: 1.2.1."}


def test_an_answer_below_the_placeholder_in_a_new_cell() -> None:
    held = text(PLACEHOLDER, answer="why")
    new = text("My answer.", exercise=None)
    assert answers(held, new, text("More.", exercise=None), text("B", answer="how")) == {
        "why": "My answer.\n\nMore.",
        "how": "B",
    }
    assert answers(text("A", answer="why"), new) == {"why": "A"}
    assert answers(held, "x = 1", new) == {}


def test_a_string_in_the_code_where_there_is_no_markdown() -> None:
    source = {"source": "why = 'first'\nhow = '''B\nb'''\nwhy = ' second '", "exercise": "1.2.1"}
    assert answers(source) == {"why": "second", "how": "B\nb"}
    assert answers(source, text("M", answer="why")) == {"why": "M", "how": "B\nb"}


def test_an_exercise_without_written_answers() -> None:
    assert answers(text("A", "2.1.1"), exercise=OTHER_UNIT) == {}
