"""A student's notebook after what students do to notebooks: every answer that is still there is found."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handmade import make_exercise

from grader.notebook import PLACEHOLDER, make_notebook
from grader.nouns import Check
from grader.read import read
from grader.read.belonging import assign, attempted, written_answers

Save = Callable[..., Path]
Cells = list[dict[str, Any]]

WHY = Check("why", "Why?", 1, form="text", answers=("why",))
NAMES = {"1.1.1": "one", "1.1.2": "two", "1.2.1": "three"}
ALL = {
    id: make_exercise(
        id,
        {name: "function", **({"why": "text"} if id == "1.1.2" else {})},
        stub=f"def {name}(x):\n    raise NotImplementedError\n",
        checks=(WHY,) if id == "1.1.2" else (),
    )
    for id, name in NAMES.items()
}


def answered() -> Cells:
    notebook = json.loads(json.dumps(make_notebook(list(ALL.values()))))
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("raise NotImplementedError", "return 2 * x")
        cell["source"] = cell["source"].replace(PLACEHOLDER, "Because.")
    return notebook["cells"]


def without_metadata(cell: dict[str, Any]) -> dict[str, Any]:
    return cell | {"metadata": {}}


def code_in_one_cell(cells: Cells) -> Cells:
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    merged = code[0] | {"source": "\n\n".join(cell["source"] for cell in code)}
    return [cell for cell in cells if cell["cell_type"] != "code"] + [merged]


CHANGES: dict[str, Callable[[Cells], Cells]] = {
    "nothing": lambda cells: cells,
    "reversed": lambda cells: cells[::-1],
    "shuffled": lambda cells: random.Random(3).sample(cells, len(cells)),
    "every cell copied below itself": lambda cells: [cell for cell in cells for _ in range(2)],
    "the whole copied below itself": lambda cells: cells * 2,
    "prompts deleted": lambda cells: [c for c in cells if c["metadata"].get("grader", {}).get("role") != "prompt"],
    "prompts retitled": lambda cells: [
        c | {"source": "## My work"} if c["source"].startswith("#") and c["cell_type"] == "markdown" else c for c in cells
    ],
    "tags and metadata dropped": lambda cells: [without_metadata(cell) for cell in cells],
    "no ids": lambda cells: [{key: value for key, value in cell.items() if key != "id"} for cell in cells],
    "one id for all": lambda cells: [cell | {"id": "same"} for cell in cells],
    "ids moved on by one": lambda cells: [
        cell | {"id": other["id"]} for cell, other in zip(cells, cells[1:] + cells[:1], strict=True)
    ],
    "ids that are none": lambda cells: [cell | {"id": value} for cell, value in zip(cells, [None, 3, "", "a b", [], {}] * 9, strict=False)],
    "code in one cell": code_in_one_cell,
    "code in one cell, metadata dropped": lambda cells: code_in_one_cell([without_metadata(cell) for cell in cells]),
    "scratch cells between": lambda cells: [
        each for cell in cells for each in (cell, {"cell_type": "code", "id": f"n-{cell['id']}", "metadata": {}, "source": "x = 1; x", "outputs": [], "execution_count": None})
    ],
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_every_answer_is_found(save: Save, change: str) -> None:
    cells = CHANGES[change](answered())
    submission = read(save({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    assigned = assign(submission, ALL)
    assert len({cell.id for cell in assigned.cells}) == len(cells)
    assert attempted(submission, ALL) == ALL.keys()
    for id, name in NAMES.items():
        assert any(f"def {name}(x):" in cell.source for cell in assigned.cells_of(id))
    # Without the metadata a copy says no longer which question it answers; all there is counts.
    assert written_answers(assigned, ALL["1.1.2"])["why"].startswith("Because.")


@pytest.mark.parametrize("missing", NAMES)
def test_a_deleted_cell_costs_its_own_exercise(save: Save, missing: str) -> None:
    cells = [cell for cell in answered() if f"def {NAMES[missing]}(x)" not in cell["source"]]
    cells = [cell for cell in cells if "Because." not in cell["source"]]
    submission = read(save({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    assert attempted(submission, ALL) == ALL.keys() - {missing}


def test_a_copied_cell_that_was_changed_into_another_answer(save: Save) -> None:
    """Its label, which nobody sees in an editor, is still that of the first."""
    cells = answered()
    first = next(cell for cell in cells if "def one(x)" in cell["source"])
    cells = [cell for cell in cells if "def three(x)" not in cell["source"]]
    cells.append(first | {"source": "def three(x):\n    return 2 * x"})
    submission = read(save({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    assert attempted(submission, ALL) == ALL.keys()


def test_json_that_only_python_reads(save: Save) -> None:
    """NaN stands in the metadata of real notebooks; of two keys of one name the last counts, as in a browser."""
    text = json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"a": float("nan")}, "cells": answered()}
    )
    assert attempted(read(save(text)), ALL) == ALL.keys()
    twice = text.replace('"source": ', '"source": "def other(): pass", "source": ')
    assert attempted(read(save(twice)), ALL) == ALL.keys()
    huge = text.replace("NaN", "-" + "9" * 4_000)
    assert attempted(read(save(huge)), ALL) == ALL.keys()
