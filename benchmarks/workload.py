"""The light notebook that all of them grade: four exercises of unit 1, answered by their reference solutions.

None of them has a timing check. The notebook has the prompts as Markdown cells, as a student's has. What is
to be checked is written to a JSON file too, for processes that know nothing of our catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat

from grader.catalogue import select
from grader.examine.solutions import read_reference
from grader.notebook import make_notebook
from grader.nouns import Exercise

IDS = "1.1.2,1.3.1,1.3.2,1.5.1"


@dataclass(frozen=True, slots=True)
class Task:
    """One exercise: where its checks are, and the answer, which is also what the checks compare with."""

    id: str
    module: str
    answer: str
    checks: Mapping[str, float]  # name -> points


@dataclass(frozen=True, slots=True)
class Workload:
    """The notebook and its tasks, as objects and as files."""

    tasks: tuple[Task, ...]
    exercises: Mapping[str, Exercise]
    notebook: Path
    description: Path  # the tasks and the seed, as JSON
    seed: int

    @property
    def points(self) -> float:
        return sum(sum(task.checks.values()) for task in self.tasks)

    @property
    def checks(self) -> int:
        return sum(len(task.checks) for task in self.tasks)


def make_workload(folder: Path, seed: int) -> Workload:
    """Write notebook and description into `folder`."""
    exercises = select(IDS)
    tasks = tuple(_task(exercise) for exercise in exercises.values())
    answers = {task.id: task.answer for task in tasks}
    notebook = make_notebook(list(exercises.values()))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            id = cell.metadata["grader"]["exercise"]
            cell.source = f"# exercise: {id}\n{answers[id]}"
    path = folder / "light.ipynb"
    nbformat.write(notebook, path)
    description = folder / "tasks.json"
    description.write_text(json.dumps({"seed": seed, "tasks": [asdict(task) for task in tasks]}))
    return Workload(tasks, exercises, path, description, seed)


def _task(exercise: Exercise) -> Task:
    return Task(
        id=exercise.id,
        module=".".join(("exercises", *exercise.path.with_suffix("").parts[-3:])),
        answer=read_reference(exercise).solution,
        checks={check.name: check.points for check in exercise.checks if check.function is not None},
    )
