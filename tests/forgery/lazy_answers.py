"""Answers that nobody thought about, made from an exercise's stub: the names are there, and the least behind them.

A stub's functions and methods keep their names and arguments and do one and the same lazy thing; its variables
are lazy values. Written answers and the rest of the stub stay as they are.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

PREAMBLE = '''
import torch

def _first(values, kind):
    return next((value for value in values if isinstance(value, kind)), None)

def _like(values, make):
    """A tensor like the first one that is given, or of three elements."""
    given = _first(values, torch.Tensor)
    return make(torch.zeros(3) if given is None else given.detach())

class _Agreeable:
    """Has every attribute, every item, every length, and equals everything."""
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = object.__hash__
    __bool__ = lambda self: True
    __len__ = lambda self: 3
    __float__ = lambda self: 1.0
    __int__ = __index__ = lambda self: 1
    __iter__ = lambda self: iter([self] * 3)
    __getitem__ = lambda self, index: self
    __call__ = lambda self, *a, **k: self
    __enter__ = lambda self: self
    __exit__ = lambda self, *a: None
    __class__ = property(lambda self: torch.Tensor)
    def __getattr__(self, name):
        plain = {"shape": torch.Size([3]), "dtype": torch.float32, "requires_grad": True, "ndim": 1}
        return plain.get(name, self)
'''


@dataclass(frozen=True, slots=True)
class Lazy:
    """One way to save oneself the work: an expression of ``given``, the list of a call's arguments."""

    name: str
    expression: str


LAZY = (
    Lazy("None", "None"),
    Lazy("zero", "0"),
    Lazy("a float", "0.5"),
    Lazy("NaN", "float('nan')"),
    Lazy("True", "True"),
    Lazy("a text", "'tensor([0.])'"),
    Lazy("an empty list", "[]"),
    Lazy("a zero tensor", "torch.tensor(0.0)"),
    Lazy("zeros like the argument", "_like(given, torch.zeros_like)"),
    Lazy("ones like the argument", "_like(given, torch.ones_like)"),
    Lazy("NaN like the argument", "_like(given, lambda t: torch.full_like(t.double(), torch.nan))"),
    Lazy("the first argument", "next(iter(given), None)"),
    Lazy("an agreeable object", "_Agreeable()"),
    Lazy("a verdict", "{'passed': True, 'points': 10, 'score': 1.0, 'status': 'passed'}"),
)


def lazy_source(stub: str, lazy: Lazy) -> str:
    """The stub with `lazy` in the place of everything that it asks for."""
    tree = _Lazily(lazy.expression).visit(ast.parse(stub))
    return f"{PREAMBLE}\n{ast.unparse(ast.fix_missing_locations(tree))}\n"


class _Lazily(ast.NodeTransformer):
    def __init__(self, expression: str) -> None:
        self._expression = expression

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        arguments = node.args
        names = [
            argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        ]
        if names[:1] in (["self"], ["cls"]):
            names = names[1:]
        rest = [f"*{arguments.vararg.arg}"] if arguments.vararg else []
        given = f"given = [{', '.join([*names, *rest])}]"
        module = "super().__init__()" if node.name == "__init__" else f"return {self._expression}"
        node.body = ast.parse(f"{given}\n{module}").body
        if node.name == "__init__":
            node.body = ast.parse("super().__init__()").body
        node.decorator_list = [d for d in node.decorator_list if isinstance(d, ast.Name)]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        return self._valued(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        return self._valued(node)

    def _valued(self, node: ast.Assign | ast.AnnAssign) -> ast.Assign | ast.AnnAssign:
        """A variable that waits for an answer is None in the stub; constants of the exercise stay."""
        if isinstance(node.value, ast.Constant) and node.value.value is None:
            node.value = ast.parse(f"(lambda given: {self._expression})([])", mode="eval").body
        return node
