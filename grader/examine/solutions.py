"""Reference files: the solution of an exercise, other right answers, wrong ones, and the rubrics.

A reference file is a script of percent cells::

    \"\"\"Why it works.\"\"\"
    # %% solution
    # %% rubric: NAME              comment lines "# 0.5  what earns it"
    # %% right: DESCRIPTION
    # %% wrong: DESCRIPTION -> CHECK, CHECK

The solution is imported in the parent as an ordinary module. Variants are never imported here: the tests run
them as submissions, the solution's cell first, the variant's after it.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

from grader.nouns import Exercise, GraderError
from grader.torchvision_mend import mend

Rubric = list[tuple[float, str]]

HEADER = re.compile(r"^# %%[ \t]*(solution|right|wrong|rubric)\b[ \t]*:?[ \t]*(.*)$", re.MULTILINE)
RUBRIC_LINE = re.compile(r"^#\s*(\d+(?:\.\d+)?)\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Variant:
    """Another answer to an exercise, right or wrong."""

    description: str
    source: str  # the solution, then what differs
    fails: frozenset[str] = frozenset()  # names of the checks that must catch it; empty: a right answer


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A reference file taken apart."""

    solution: str
    right: tuple[Variant, ...]
    wrong: tuple[Variant, ...]
    rubrics: dict[str, Rubric]


def read_reference(exercise: Exercise) -> ReferenceFile:
    """The reference file of an exercise.

    Raises ``GraderError`` if there is none, or if it is malformed.
    """
    path = reference_path(exercise)
    text = path.read_text(encoding="utf-8")
    headers = list(HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    cells = [
        (header[1], header[2].strip(), text[header.end() : end].strip("\n") + "\n")
        for header, end in zip(headers, ends, strict=True)
    ]
    solutions = [source for kind, _, source in cells if kind == "solution"]
    if len(solutions) != 1:
        raise GraderError(f"{path} needs exactly one cell `# %% solution`; it has {len(solutions)}")
    return ReferenceFile(
        solution=solutions[0],
        right=tuple(
            Variant(what, solutions[0] + "\n\n" + source) for kind, what, source in cells if kind == "right"
        ),
        wrong=tuple(
            _wrong(path, what, solutions[0] + "\n\n" + source)
            for kind, what, source in cells
            if kind == "wrong"
        ),
        rubrics={what: _rubric(path, source) for kind, what, source in cells if kind == "rubric"},
    )


def import_solution(exercise: Exercise) -> ModuleType:
    """The solution as a module of the parent's. It is our own code; no student's ever comes here."""
    name = f"grader_solution_{exercise.id.replace('.', '_')}"
    if name in sys.modules:
        return sys.modules[name]
    source = read_reference(exercise).solution
    if "torchvision" in source:
        mend()
    loader = _SolutionLoader(reference_path(exercise), source)
    spec = importlib.machinery.ModuleSpec(name, loader, origin=str(reference_path(exercise)))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class _SolutionLoader(importlib.abc.InspectLoader):
    """Imports the solution cell of a reference file, and nothing else of it."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._source = source

    def get_source(self, fullname: str) -> str:
        return self._source

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self._source, f"{self._path} (solution)")

    def is_package(self, fullname: str) -> bool:
        return False


def reference_path(exercise: Exercise) -> Path:
    """The file at the same place below ``reference`` as the exercise below ``exercises``."""
    spec = importlib.util.find_spec("reference")
    if spec is None or not spec.submodule_search_locations:
        raise GraderError("the reference solutions are not installed here")
    relative = Path(*exercise.path.parts[-3:])
    path = Path(next(iter(spec.submodule_search_locations))) / relative
    if not path.is_file():
        raise GraderError(f"exercise {exercise.id} has no reference file at {path}")
    return path


def _wrong(path: Path, what: str, source: str) -> Variant:
    description, arrow, checks = what.rpartition("->")
    names = frozenset(name.strip() for name in checks.split(",") if name.strip())
    if not arrow or not names:
        raise GraderError(f"{path}: the wrong answer {what!r} does not say `-> CHECK`")
    return Variant(description.strip(), source, names)


def _rubric(path: Path, source: str) -> Rubric:
    rubric: Rubric = []
    for line in source.splitlines():
        match = RUBRIC_LINE.match(line)
        if match:
            rubric.append((float(match[1]), match[2].strip()))
        elif line.startswith("#") and rubric:  # a continued line
            points, text = rubric[-1]
            rubric[-1] = (points, f"{text} {line.lstrip('#').strip()}".strip())
        elif line.strip():
            raise GraderError(f"{path}: a rubric holds only lines `# 0.5  what earns it`, not {line!r}")
    return rubric
