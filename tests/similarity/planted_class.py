"""A class of students made from the reference solutions and the other right answers, with copies planted in it.

An independent student takes, for each exercise, one of the right answers that nobody else takes, as far as there are
enough. A right answer of a reference file only says what differs from the solution; here the definitions that it
replaces are taken out, so that what a student hands in holds every answer once.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from grader.catalogue import catalogue
from grader.examine.solutions import read_reference
from grader.notebook import PLACEHOLDER, starter
from grader.nouns import Cell, Exercise, Submission


@cache
def answers(id: str) -> tuple[str, ...]:
    """The independent answers to an exercise: the solution, and the right answers that say something else."""
    reference = read_reference(catalogue()[id])
    return tuple(
        merged(each) for each in (reference.solution, *(variant.source for variant in reference.right))
    )


def merged(source: str) -> str:
    """The source with the last definition of each name only, without the texts of written answers."""
    tree = ast.parse(source)
    last: dict[str, int] = {}
    for at, node in enumerate(tree.body):
        for name in _bound(node):
            last[name] = at
    lines = source.splitlines()
    kept: list[str] = []
    for at, node in enumerate(tree.body):
        bound = _bound(node)
        text = (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        )
        if (bound and all(last[name] != at for name in bound)) or (text and "\n" in node.value.value):  # type: ignore
            continue
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        kept.append("\n".join(lines[first - 1 : node.end_lineno]))
    return "\n\n".join(kept) + "\n"


def _bound(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=[ast.Name(id=name)]):
            return {name}
        case _:
            return set()


def independent_class(ids: Sequence[str], count: int, seed: int = 1) -> list[dict[str, str]]:
    """``count`` students, each with an answer to each exercise; no two alike while there are enough."""
    rng = random.Random(seed)
    students: list[dict[str, str]] = [{} for _ in range(count)]
    for id in ids:
        pool = list(answers(id))
        order = [each for _ in range(-(-count // len(pool))) for each in rng.sample(pool, len(pool))]
        for student, answer in zip(students, order, strict=False):
            student[id] = answer
    return students


def handed_in(
    work: Mapping[str, str],
    name: str = "s.ipynb",
    texts: Mapping[tuple[str, str], str] | None = None,
    order: Sequence[str] | None = None,
    labelled: bool = True,
) -> Submission:
    """A notebook with a cell for each answer and a cell for each written answer: (exercise, name) -> text."""
    cells: list[Cell] = []
    for id in order or list(work):
        label = f"# exercise: {id}\n" if labelled else ""
        cells.append(Cell(len(cells), f"c{len(cells)}", "code", label + work[id], id if labelled else None))
        for check in catalogue()[id].checks:
            if check.form == "text":
                text = (texts or {}).get((id, check.answers[0]), PLACEHOLDER)
                cells.append(Cell(len(cells), f"c{len(cells)}", "markdown", text, id, check.answers[0]))
    return Submission(Path(name), name, "ipynb", "", tuple(cells))


def stubs(ids: Iterable[str]) -> dict[str, str]:
    return {id: starter(catalogue()[id]) for id in ids}


def exercises(ids: Iterable[str]) -> dict[str, Exercise]:
    return {id: catalogue()[id] for id in ids}


# ------------------------------------------------------------------------------------ disguises


def renamed(source: str, seed: int = 0) -> str:
    """All that the code binds itself has another name, answers apart; comments are gone, it is formatted anew."""
    tree = ast.parse(source)
    keep = {name for node in tree.body for name in _bound(node)}
    bound = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    rng = random.Random(seed)
    fresh = {name: f"v{rng.randrange(10**6)}_{at}" for at, name in enumerate(sorted(bound - keep - {"self"}))}

    class Renamer(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            node.id = fresh.get(node.id, node.id)
            return node

        def visit_arg(self, node: ast.arg) -> ast.AST:
            node.arg = fresh.get(node.arg, node.arg)
            node.annotation = None
            return node

        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
            node.name = fresh.get(node.name, node.name)
            node.returns = None
            return self.generic_visit(node)

    return ast.unparse(ast.fix_missing_locations(Renamer().visit(tree))) + "\n"


def reordered(source: str, seed: int = 0) -> str:
    """The definitions in another order, imports first."""
    tree = ast.parse(source)
    first = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [node for node in tree.body if node not in first]
    random.Random(seed).shuffle(rest)
    return ast.unparse(ast.Module([*first, *rest], [])) + "\n"


def recommented(source: str) -> str:
    """A comment above every line, wide blanks, empty lines; nothing else changes."""
    out: list[str] = []
    for node in ast.parse(source).body:
        for row in ast.unparse(node).split("\n"):
            indent = len(row) - len(row.lstrip())
            out += [
                " " * indent + "# my own idea, see the lecture",
                row.replace(", ", " ,  ") if "'" not in row else row,
                "",
            ]
    return "\n".join(out) + "\n"


def with_dead_code(source: str) -> str:
    """A statement that does nothing at the head of every function, and a function that nobody calls after each."""
    tree = ast.parse(source)
    body: list[ast.stmt] = []
    for at, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef):
            node.body[:0] = ast.parse(
                f"unused_{at} = [{at}, len('dead')]\nif unused_{at} is None:\n    unused_{at} = {{}}"
            ).body
            body += [
                node,
                *ast.parse(
                    f"def never_{at}(q):\n    while q > {at}:\n        q = q // 2\n    return {{q: {at}}}"
                ).body,
            ]
        else:
            body.append(node)
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + "\n"


# --------------------------------------------------------------------------------- the planted class


def planted_class(
    ids: Sequence[str], seed: int = 1
) -> tuple[list[tuple[str, dict[str, str]]], set[frozenset[str]]]:
    """Eight independent students s0 to s7, five with copies (s8 to s12), and who copied from whom.

    s12 copied the longest exercise only, and has right answers of their own to the others.
    """
    independent = independent_class(ids, 9, seed)
    own = independent.pop()
    longest = max(ids, key=lambda id: len(independent[4][id]))
    copies = [
        {id: renamed(source) for id, source in independent[0].items()},
        {id: reordered(renamed(source)) for id, source in independent[1].items()},
        {id: recommented(source) for id, source in independent[2].items()},
        {id: with_dead_code(renamed(source)) for id, source in independent[3].items()},
        own | {longest: renamed(independent[4][longest])},
    ]
    students = [(f"s{at}", work) for at, work in enumerate([*independent, *copies])]
    return students, {frozenset((f"s{at}", f"s{at + 8}")) for at in range(5)}


def alike(one: str, other: str) -> bool:
    """Whether two answers hold the same definition, word by word: then they are not independent."""

    def definitions(source: str) -> set[str]:
        return {
            ast.dump(node)
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and len(ast.dump(node)) > 400
        }

    return bool(definitions(one) & definitions(other))
