"""Hand-made exercises, submissions and notebooks for the tests of reading."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.nouns import Cell, Check, Exercise, Form, Submission


def make_exercise(
    id: str,
    answers: Mapping[str, Form] | None = None,
    *,
    stub: str = "",
    checks: tuple[Check, ...] = (),
    prompt: str = "Do it.",
    title: str = "A task",
) -> Exercise:
    return Exercise(
        id=id,
        slug="task",
        title=title,
        section_title="A section",
        unit_title="A unit",
        prompt=prompt,
        stub=stub,
        checks=checks,
        kinds=("tensor",),
        budget_s=1,
        answers=answers or {},
        path=Path("task.py"),
    )


def make_submission(*cells: str | Mapping[str, Any]) -> Submission:
    """A submission of cells: a string is the source of an unlabelled code cell."""
    made = [
        Cell(
            index=index,
            id=f"c{index}",
            **{"kind": "code", **({"source": cell} if isinstance(cell, str) else cell)},
        )
        for index, cell in enumerate(cells)
    ]
    return Submission(Path("a.ipynb"), "a.ipynb", "ipynb", "0" * 64, tuple(made))


def code(source: str | list[str] = "", metadata: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": metadata or {},
        "outputs": [],
        "execution_count": None,
        **more,
    }


def markdown(source: str = "", metadata: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": metadata or {}, **more}


def v4(*cells: Any, minor: int = 5, metadata: Any = None, **more: Any) -> dict[str, Any]:
    """A notebook of format 4 as JSON; cells of 4.5 get ids unless they bring them."""
    made = [
        {"id": f"id-{index}", **cell} if minor >= 5 and isinstance(cell, dict) else cell
        for index, cell in enumerate(cells)
    ]
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata or {}, "cells": made, **more}
