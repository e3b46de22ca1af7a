"""A student's source as a check may ask about it: parsed, never run.

Found by names, so it catches the honest short cut. Who hides one is met by the guards in the worker and by
inputs that make it useless.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Source:
    """The definitions that a name reaches: its own, and those of the student's functions that it uses."""

    nodes: tuple[ast.AST, ...]
    imports: dict[str, str]  # local name -> what it stands for ("t" -> "torch")

    @property
    def found(self) -> bool:
        """Whether any definition was found: if not, nothing can be said."""
        return bool(self.nodes)

    @property
    def loops(self) -> bool:
        """Whether there is a loop, a comprehension or a generator expression in a function or class.

        One that made a variable which the answer uses ran once, with its cell.
        """
        code: list[ast.AST] = []
        for node in self.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                code += [inner for inner in ast.walk(node) if isinstance(inner, ast.Lambda)]
            else:
                code.append(node)
        return any(isinstance(inner, LOOPS) for node in code for inner in ast.walk(node))

    @property
    def names(self) -> frozenset[str]:
        """Every name and attribute that is mentioned."""
        found = {node.id for node in self._walk() if isinstance(node, ast.Name)}
        return frozenset(found | {node.attr for node in self._walk() if isinstance(node, ast.Attribute)})

    def uses(self, *paths: str) -> str | None:
        """The first of `paths` that is used, or None.

        ``torch.broadcast_shapes`` is seen through imports and aliases; ``torch.Tensor.backward`` means the
        method of that name on anything.
        """
        used = set(self._paths())
        mentioned = {node.id for node in self._walk() if isinstance(node, ast.Name)}
        methods = {node.attr for node in self._walk() if isinstance(node, ast.Attribute)}
        for path in paths:
            module, _, name = path.rpartition(".")
            from_star = f"{module}.*" in self.imports.values() and name in mentioned
            if path in used or from_star or (module == "torch.Tensor" and name in methods):
                return path
        return None

    def _walk(self) -> Iterator[ast.AST]:
        for node in self.nodes:
            yield from ast.walk(node)

    def _paths(self) -> Iterator[str]:
        for node in self._walk():
            if isinstance(node, ast.Name) and node.id in self.imports:
                yield self.imports[node.id]
            elif isinstance(node, ast.Attribute):
                parts: list[str] = []
                inner: ast.AST = node
                while isinstance(inner, ast.Attribute):
                    parts.append(inner.attr)
                    inner = inner.value
                if isinstance(inner, ast.Name):
                    root = self.imports.get(inner.id, inner.id)
                    yield ".".join([root, *reversed(parts)])


class Sources:
    """All code cells of a submission, as far as they parse."""

    def __init__(self, cells: Iterable[str]) -> None:
        self._definitions: dict[str, list[ast.AST]] = {}
        self._imports: dict[str, str] = {}
        self._unread = list(cells)  # until somebody asks: most checks never do

    def of(self, name: str) -> Source:
        """The definition of `name`, with what it uses of the student's own, to any depth."""
        while self._unread:
            tree = _parse(self._unread.pop(0))
            if tree is not None:
                self._read(tree)
        wanted, seen, nodes = [name], set[str](), list[ast.AST]()
        while wanted:
            current = wanted.pop()
            if current in seen or current not in self._definitions:
                continue
            seen.add(current)
            for node in self._definitions[current]:
                nodes.append(node)
                wanted += _globals(node)
        local = dict(self._imports)
        for node in nodes:
            _read_imports(node, local)
        return Source(tuple(nodes), local)

    def _read(self, tree: ast.Module) -> None:
        _read_imports(tree, self._imports)
        for node, certain in _statements(tree.body):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    self._define(name, node, certain)
                case ast.Assign(targets=targets):
                    for target in targets:
                        if isinstance(target, ast.Name):
                            self._define(target.id, node, certain)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    self._define(name, node, certain)
                case _:
                    pass

    def _define(self, name: str, node: ast.AST, certain: bool) -> None:
        """A later definition of the same name wins, unless it may never be made: ``if False: def f...``."""
        before = [] if certain else self._definitions.get(name, [])
        self._definitions[name] = [*before, node]


def _statements(body: list[ast.stmt], certain: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a cell, those under its ``if``, ``try`` and ``with`` included, each with whether it is
    sure to be run."""
    for node in body:
        yield node, certain
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            inside = certain and isinstance(node, ast.With)
            for handler in getattr(node, "handlers", ()):
                yield from _statements(handler.body, False)
            for field in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, field, []), inside)


def _globals(node: ast.AST) -> set[str]:
    """The names that a definition takes from outside: not its parameters, nor what it assigns itself."""
    inside = list(ast.walk(node))
    own = {inner.arg for inner in inside if isinstance(inner, ast.arg)}
    own |= {inner.id for inner in inside if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    own -= {name for inner in inside if isinstance(inner, ast.Global) for name in inner.names}
    return {inner.id for inner in inside if isinstance(inner, ast.Name)} - own


def _parse(source: str) -> ast.Module | None:
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _read_imports(tree: ast.AST, imports: dict[str, str]) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imports[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:  # of a star the key matters not, as long as it is one of its own
                name = f"{node.module}.*" if alias.name == "*" else alias.asname or alias.name
                imports[name] = f"{node.module}.{alias.name}"
