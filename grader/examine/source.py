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
        """Whether there is a loop, a comprehension or a generator expression."""
        return any(isinstance(node, LOOPS) for node in self._walk())

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
        methods = {node.attr for node in self._walk() if isinstance(node, ast.Attribute)}
        for path in paths:
            method = path.removeprefix("torch.Tensor.")
            if path in used or (method != path and method in methods):
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
        self._definitions: dict[str, ast.AST] = {}
        self._imports: dict[str, str] = {}
        for source in cells:
            tree = _parse(source)
            if tree is not None:
                self._read(tree)

    def of(self, name: str) -> Source:
        """The definition of `name`, with what it uses of the student's own, to any depth."""
        wanted, seen, nodes = [name], set[str](), list[ast.AST]()
        while wanted:
            current = wanted.pop()
            if current in seen or current not in self._definitions:
                continue
            seen.add(current)
            node = self._definitions[current]
            nodes.append(node)
            wanted += [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
        local = dict(self._imports)
        for node in nodes:
            _read_imports(node, local)
        return Source(tuple(nodes), local)

    def _read(self, tree: ast.Module) -> None:
        _read_imports(tree, self._imports)
        for node in tree.body:  # a later definition of the same name wins
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    self._definitions[name] = node
                case ast.Assign(targets=targets):
                    for target in targets:
                        if isinstance(target, ast.Name):
                            self._definitions[target.id] = node
                case ast.AnnAssign(target=ast.Name(id=name)):
                    self._definitions[name] = node
                case _:
                    pass


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
            for alias in node.names:
                imports[alias.asname or alias.name] = f"{node.module}.{alias.name}"
