"""Hand-made exercises, submissions and files for the tests of reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

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
        Cell(index=index, id=f"c{index}", **{"kind": "code", **({"source": cell} if isinstance(cell, str) else cell)})
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


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Writes text, bytes, or a notebook given as a dictionary, and returns its path."""

    def save(content: object, name: str = "a.ipynb") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8", newline="")
        return path

    return save
