"""All exercises, found by their place on disk: ``unit5_.../s2_.../q1_conv2d_by_hand.py`` is 5.2.1.

There is no list to keep. Copying a neighbour's two files adds an exercise.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from grader.nouns import BadInput, Check, Exercise, Form, GraderError

PLACE = re.compile(r"unit(\d+)_\w+/s(\d+)_\w+/q(\d+)([a-z]?)_(\w+)\.py$")


@functools.cache
def catalogue() -> Mapping[str, Exercise]:
    """Every exercise by id, in the order of the course.

    Raises ``GraderError`` where an exercise file is malformed.
    """
    found: list[tuple[tuple[int, int, int, str], Path]] = []
    for path in _root().glob("unit*/s*/q*.py"):
        match = PLACE.search(path.as_posix())
        if match is None:
            raise GraderError(f"{path} is not named like unit5_title/s2_title/q1_slug.py")
        found.append(((int(match[1]), int(match[2]), int(match[3]), match[4]), path))
    return {exercise.id: exercise for exercise in (_load(path) for _, path in sorted(found))}


def select(wanted: str) -> Mapping[str, Exercise]:
    """The exercises of a list such as ``1.2,1.3.1``: units, sections and ids, in the order of the course.

    Raises ``BadInput`` for a part that names nothing.
    """
    everything = catalogue()
    chosen: set[str] = set()
    for part in [part.strip().rstrip(".") for part in wanted.split(",") if part.strip()]:
        matching = {id for id in everything if id == part or id.startswith(part + ".")}
        if not matching:
            raise BadInput(f"no exercise, section or unit {part!r}; `grade list` shows them all")
        chosen |= matching
    if not chosen:
        raise BadInput("the selection is empty; give units, sections or ids, e.g. 1.2,1.3.1")
    return {id: exercise for id, exercise in everything.items() if id in chosen}


def section_texts() -> Mapping[str, str]:
    """Unit and section ids -> introduction in Markdown, from the docstrings of their packages."""
    texts: dict[str, str] = {}
    for exercise in catalogue().values():
        folder = exercise.path.parent
        texts.setdefault(exercise.unit, _read_heading(folder.parent / "__init__.py")[1])
        texts.setdefault(exercise.section, _read_heading(folder / "__init__.py")[1])
    return texts


def _root() -> Path:
    spec = importlib.util.find_spec("exercises")
    if spec is None or not spec.submodule_search_locations:
        raise GraderError("the exercises are not installed; install the project again")
    return Path(next(iter(spec.submodule_search_locations)))


def _load(path: Path) -> Exercise:
    match = PLACE.search(path.as_posix())
    assert match is not None
    unit, section, question, part, slug = match.groups()
    module = importlib.import_module(".".join(("exercises", *path.with_suffix("").parts[-3:])))
    try:
        title, prompt = _heading(module.__doc__ or "", path)
        stub: str = module.stub
        checks = _checks(module)
        declared: dict[str, Form] = {name: check.form for check in checks for name in check.answers}
        exercise = Exercise(
            id=f"{unit}.{section}.{question}{part}",
            slug=slug,
            title=title,
            section_title=_read_heading(path.parent / "__init__.py")[0],
            unit_title=_read_heading(path.parent.parent / "__init__.py")[0],
            prompt=prompt,
            stub=stub.strip("\n") + "\n",
            checks=checks,
            kinds=tuple(module.kinds),
            budget_s=float(module.budget_s),
            answers=_answers(stub) | declared,
            path=path,
        )
    except AttributeError as error:
        raise GraderError(
            f"{path} lacks {error.name!r}; docs/authoring.md shows what an exercise holds"
        ) from error
    for check in checks:
        unknown = set(check.after) - {other.name for other in checks}
        if unknown:
            raise GraderError(
                f"{path}: the check {check.name} comes after {sorted(unknown)}, which do not exist"
            )
    return exercise


def _checks(module: ModuleType) -> tuple[Check, ...]:
    """Checks and declarations of an exercise, in the order in which they are written."""
    from grader.examine.declare import Declaration

    checks: list[Check] = []
    for name, value in vars(module).items():
        if isinstance(value, Declaration):
            checks.append(value.named(name))
        elif isinstance(getattr(value, "__check__", None), Check):
            checks.append(value.__check__)
    return tuple(checks)


def _answers(stub: str) -> dict[str, Form]:
    """The contract: names bound at the top level of a stub, imports apart."""
    answers: dict[str, Form] = {}
    for node in ast.parse(stub).body:
        match node:
            case ast.FunctionDef(name=name):
                answers[name] = "function"
            case ast.ClassDef(name=name):
                answers[name] = "class"
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                answers[name] = "value"
            case _:
                pass
    return answers


def _heading(docstring: str, path: Path) -> tuple[str, str]:
    """ "# Title", and the Markdown below it."""
    first, _, rest = docstring.strip().partition("\n")
    if not first.startswith("# "):
        raise GraderError(f'{path} must begin with a docstring whose first line is "# Title"')
    return first[2:].strip(), _dedent(rest).strip()


def _read_heading(path: Path) -> tuple[str, str]:
    return _heading(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "", path)


def _dedent(text: str) -> str:
    import inspect

    return inspect.cleandoc("\n" + text) if text.strip() else ""
