"""Whether a student did anything to a stub at all."""

from __future__ import annotations

import ast
import functools

from grader.read.names import bindings_of, bound_names
from grader.read.syntax import parse_cell

# A call to one of these shows something; it answers nothing.
_SHOWS = {"print", "display", "help", "get_ipython"}


def untouched(cells_source: str, stub: str) -> bool:
    """Whether the cells hold nothing beyond the stub: the question was not attempted.

    Compared are the parsed statements, so comments, docstrings and formatting do not count, nor
    do imports, magics, prints, and names that are still unanswered (``NAME = None``, ``NAME = set()``).
    Part of the stub, or nothing, is untouched too. Code with a syntax error is an attempt.

    Args:
        cells_source: the code cells of the exercise, joined by newlines.
        stub: what the student started from: ``Exercise.stub``, or the whole cell that
            ``grader.notebook.starter`` makes.
    """
    added = _added(cells_source, stub)
    return added is not None and not added


def touched_names(cells_source: str, stub: str) -> frozenset[str]:
    """The names that the cells bind otherwise than the stub does."""
    added = _added(cells_source, stub)
    found = bindings_of(ast.Module(added, [])) if added is not None else None
    return found.defined if found else bound_names(cells_source)


def _added(cells_source: str, stub: str) -> list[ast.stmt] | None:
    """The statements beyond those of the stub; None where the code cannot be parsed."""
    try:
        theirs, ours = _spellings(stub), _statements(cells_source)
    except (RecursionError, ValueError):  # nested too deeply, or 0xfff… of more digits than Python writes
        return None
    return [node for spelling, node in ours.items() if spelling not in theirs] if ours is not None else None


@functools.lru_cache(maxsize=1_000)
def _spellings(stub: str) -> frozenset[str]:
    return frozenset(_statements(stub) or ())


def _statements(source: str) -> dict[str, ast.stmt] | None:
    """The statements that matter, by their spelling; None where the code cannot be parsed."""
    tree = parse_cell(source)
    if tree is None:
        return None
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # A docstring, and any other constant that stands on its own: "..." in place of a body.
            node.body = [each for each in body if not _is_constant(each)]  # type: ignore[attr-defined]
    return {ast.dump(node): node for node in tree.body if not _is_idle(node)}


def _is_constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_idle(node: ast.stmt) -> bool:
    """Whether a top-level statement cannot be part of an answer."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(target=ast.Name(), value=value):
            return value is None or _is_unanswered(value)
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in _SHOWS
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id=name))))):
            return name == "get_ipython"
        case _:
            return False


def _is_unanswered(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=constant):
            return constant is None or constant is ...
        case ast.Call(func=ast.Name(id="set"), args=[], keywords=[]):
            return True
        case _:
            return False
