"""The student's notebook, made from prompts and stubs.

Every cell of an exercise says so in its metadata, in a tag and, where that does not get in the way,
in a comment, because some editors drop the metadata. ``grader.read`` reads all three.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grader.nouns import Check, Exercise

if TYPE_CHECKING:
    from nbformat import NotebookNode

# What an unanswered text cell holds. The reader takes this line for no answer.
PLACEHOLDER = "*Write your answer here, in place of this line.*"

_OURS = {"grader": {"role": "prompt"}}

_HOW_TO = (
    "Write your code into the cells below each question. Keep the names that are given there, since your "
    "answers are found by them. You may add cells. A question that you leave out costs only its own points."
)


def make_notebook(exercises: Sequence[Exercise], sections: Mapping[str, str] | None = None) -> NotebookNode:
    """The notebook that a student fills in, in format 4.5; the same exercises give the same notebook.

    It runs from top to bottom without an error although nothing is answered.

    Args:
        exercises: in the order in which they are to be asked.
        sections: introductions in Markdown by section ("1.2"), and by unit ("1"), without headings.
    """
    from nbformat.v4 import new_notebook  # 0.1 s, which "grade list" need not spend

    cells = list(_cells(exercises, sections or {}))
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    notebook = new_notebook(cells=cells, metadata=metadata)
    notebook["nbformat_minor"] = 5
    return notebook


def starter(exercise: Exercise) -> str:
    """The code that a student starts from: the stub, and a name to fill in for each choice question.

    Empty where the exercise asks for no code.
    """
    parts = [exercise.stub.strip("\n")] if exercise.stub.strip() else []
    parts += [_choice(check) for check in exercise.checks if check.form == "choice"]
    return "\n\n\n".join(parts)


def our_texts(exercise: Exercise) -> list[str]:
    """The Markdown about this exercise that is ours and that a student may have copied or kept."""
    return [
        prompt_text(exercise),
        exercise.prompt,
        *(question_text(check) for check in _written(exercise)),
        *(check.title for check in _written(exercise)),
    ]


def prompt_text(exercise: Exercise) -> str:
    """The cell that asks the question."""
    points = f"{exercise.points:g} point{'' if exercise.points == 1 else 's'}"
    return f"### {exercise.id} {exercise.title} ({points})\n\n{exercise.prompt.strip()}"


def question_text(check: Check) -> str:
    """The cell that asks for a written answer."""
    return f"**In words:** {check.title.strip()}"


def _cells(exercises: Sequence[Exercise], sections: Mapping[str, str]) -> Iterator[NotebookNode]:
    """All cells, a heading wherever a unit or a section begins."""
    from nbformat.v4 import new_markdown_cell

    unit = section = ""
    for number, exercise in enumerate(exercises):
        if exercise.unit != unit:
            unit = exercise.unit
            parts = [
                f"# {exercise.unit_title}",
                sections.get(unit, "").strip(),
                _HOW_TO if number == 0 else "",
            ]
            yield new_markdown_cell("\n\n".join(filter(None, parts)), id=f"title-{number}", metadata=_OURS)
        if exercise.section != section:
            section = exercise.section
            parts = [f"## {section} {exercise.section_title}", sections.get(section, "").strip()]
            yield new_markdown_cell("\n\n".join(filter(None, parts)), id=f"section-{number}", metadata=_OURS)
        yield from _cells_of(exercise)


def _cells_of(exercise: Exercise) -> Iterator[NotebookNode]:
    """The prompt, the code to complete, and a question and a place to answer it for each text."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    stem = "q-" + exercise.id.replace(".", "-")
    prompt = _metadata(exercise, role="prompt")
    yield new_markdown_cell(prompt_text(exercise), id=stem, metadata=prompt)
    if code := starter(exercise):
        source = f"# exercise: {exercise.id}\n{code}"
        yield new_code_cell(source, id=f"{stem}-code", metadata=_metadata(exercise))
    for number, check in enumerate(_written(exercise), start=1):
        name = _name(check)
        label = f"<!-- exercise: {exercise.id}, answer: {name} -->"
        yield new_markdown_cell(question_text(check), id=f"{stem}-question-{number}", metadata=prompt)
        yield new_markdown_cell(
            f"{label}\n{PLACEHOLDER}", id=f"{stem}-text-{number}", metadata=_metadata(exercise, answer=name)
        )


def _metadata(exercise: Exercise, **grader: str) -> dict[str, Any]:
    return {"grader": {"exercise": exercise.id, **grader}, "tags": [f"exercise:{exercise.id}"]}


def _written(exercise: Exercise) -> list[Check]:
    return [check for check in exercise.checks if check.form == "text"]


def _name(check: Check) -> str:
    """The name of the answer that a written or a choice question asks for."""
    return check.answers[0] if check.answers else check.name


def _choice(check: Check) -> str:
    """A choice question as code: the question and its options as comments, and the name to assign."""
    lines = _comment(check.title, "# ", "# ")
    width = max((len(key) for key in check.options), default=0)
    for key, text in check.options.items():
        lines += _comment(text, f"#   {key:<{width}}  ", "#" + " " * (width + 5))
    keys = list(check.options)
    if check.several:
        example = (
            "{" + ", ".join(f'"{key}"' for key in (keys[0], keys[-1])) + "}" if len(keys) > 1 else "a set"
        )
        lines.append(
            f"{_name(check)} = set()  # your answer: the keys of all that are right, such as {example}"
        )
    else:
        example = f', such as "{keys[0]}"' if keys else ""
        lines.append(f"{_name(check)} = None  # your answer: the key of the one that is right{example}")
    return "\n".join(lines)


def _comment(text: str, first: str, rest: str) -> list[str]:
    """The text as lines of comment, at most 100 characters wide; no line of it can end the comment."""
    wrapped = textwrap.wrap(" ".join(text.split()), 100, initial_indent=first, subsequent_indent=rest)
    return wrapped or [first.rstrip()]
