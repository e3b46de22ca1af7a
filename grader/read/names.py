"""Which names a cell binds at the top level, found in its source."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from unicodedata import normalize

from grader.read.syntax import parse_cell

_DEFINITION = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+([^\W\d]\w*)", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^([^\W\d]\w*(?:[ \t]*,[ \t]*[^\W\d]\w*)*)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bindings:
    """What a cell does to names at the top level."""

    defined: frozenset[str]
    imported: frozenset[str]  # and not defined
    changed: frozenset[str] = frozenset()  # their objects perhaps: x[0] = 1, x.a = 1, x.append(1)


def bound_names(source: str) -> frozenset[str]:
    """The names that are bound at the top level once the cell has run without an error.

    Assignments of every kind, definitions, imports, loop variables; in all branches, because which
    of them runs is not known. The code is parsed, never run. A cell with a syntax error is searched
    for lines that begin with ``def NAME``, ``class NAME`` or ``NAME =``.
    """
    found = bindings(source)
    return found.defined | found.imported


def bindings(source: str) -> Bindings:
    """Like ``bound_names``, the imported names apart."""
    tree = parse_cell(source)
    found = bindings_of(tree) if tree is not None else None
    return found or _searched(source)


def bindings_of(tree: ast.AST) -> Bindings | None:
    """The bindings of parsed code; None where it is nested too deeply to be walked."""
    visitor = _Bindings()
    try:
        visitor.visit(tree)
    except RecursionError:
        return None
    imported = frozenset(visitor.imported - visitor.defined)
    return Bindings(frozenset(visitor.defined), imported, frozenset(visitor.changed))


def _searched(source: str) -> Bindings:
    found = _DEFINITION.findall(source)
    for targets in _ASSIGNMENT.findall(source):
        found += [name.strip() for name in targets.split(",")]
    # As Python does with names: "ﬁ" is "fi", and "x²" is none although \w takes it.
    names = {normalize("NFKC", name) for name in found if name.isidentifier()}
    return Bindings(frozenset(names), frozenset())


@dataclass
class _Bindings(ast.NodeVisitor):
    """Walks everything that runs in the cell's own namespace."""

    defined: set[str] = field(default_factory=set[str])
    imported: set[str] = field(default_factory=set[str])
    changed: set[str] = field(default_factory=set[str])

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.defined.add(node.name)  # what is bound inside stays inside

    visit_AsyncFunctionDef = visit_FunctionDef
    visit_ClassDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def visit_comprehension(self, node: ast.comprehension) -> None:
        # The loop variable is the comprehension's own; a walrus inside it is ours.
        self.visit(node.iter)
        for condition in node.ifs:
            self.visit(condition)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.defined.add(node.id)
        elif isinstance(node.ctx, ast.Del):
            self.defined.discard(node.id)
            self.imported.discard(node.id)

    def visit_Subscript(self, node: ast.Subscript | ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load) and (name := _root(node)):
            self.changed.add(name)
        self.generic_visit(node)

    visit_Attribute = visit_Subscript

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call whose result nobody takes is there for what it does: ``grid.fill_(1)``."""
        match node.value:
            case ast.Call(func=ast.Attribute() as method) if name := _root(method):
                self.changed.add(name)
            case _:
                pass
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:  # "x: int" alone binds nothing
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.imported.update(alias.asname or alias.name.split(".")[0] for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.imported.update(alias.asname or alias.name for alias in node.names if alias.name != "*")

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.defined.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.defined.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.defined.add(node.rest)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """``%time x = 1`` has become ``get_ipython().run_line_magic('time', 'x = 1')``."""
        match node:
            case ast.Call(
                func=ast.Attribute(attr="run_line_magic"),
                args=[ast.Constant(value="time"), ast.Constant(value=str(code))],
            ):
                inner = bindings(code)
                self.defined |= inner.defined
                self.imported |= inner.imported
            case _:
                self.generic_visit(node)


def _root(node: ast.expr) -> str | None:
    """The name in front: ``x`` of ``x.a[0].b``."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
