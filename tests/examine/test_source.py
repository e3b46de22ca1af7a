"""A student's source, asked but never run."""

from __future__ import annotations

import textwrap

import pytest

from grader.examine.source import Source, Sources


def source_of(name: str, *cells: str) -> Source:
    return Sources(textwrap.dedent(cell) for cell in cells).of(name)


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        ("import torch\ndef f(x): return torch.cat([x])", "torch.cat"),
        ("import torch as t\ndef f(x): return t.cat([x])", "torch.cat"),
        ("from torch import cat\ndef f(x): return cat([x])", "torch.cat"),
        ("from torch import cat as c\ndef f(x): return c([x])", "torch.cat"),
        ("from torch import *\ndef f(x): return cat([x])", "torch.cat"),
        ("import torch.nn.functional as F\ndef f(x): return F.relu(x)", "torch.nn.functional.relu"),
        (
            "import torch.nn.functional\ndef f(x): return torch.nn.functional.relu(x)",
            "torch.nn.functional.relu",
        ),
        ("from torch import nn\ndef f(x): return nn.functional.relu(x)", "torch.nn.functional.relu"),
        ("def f(x):\n    import torch as t\n    return t.cat([x])", "torch.cat"),
        ("def f(x):\n    from torch import cat as c\n    return c([x])", "torch.cat"),
        ("import torch\nf = lambda x: torch.cat([x])", "torch.cat"),
        ("import torch\nf: object = torch.cat", "torch.cat"),
        ("import torch\ng = torch.cat\ndef f(x): return g([x])", "torch.cat"),
        (
            "import torch\ndef h(x): return torch.cat([x])\ndef g(x): return h(x)\ndef f(x): return g(x)",
            "torch.cat",
        ),
        ("import torch\nclass f:\n    def m(self, x): return torch.cat([x])", "torch.cat"),
        ("import torch\nclass G:\n    g = torch.cat\ndef f(x): return G.g([x])", "torch.cat"),
        ("import torch\ndef f(x, g=torch.cat): return g([x])", "torch.cat"),
        ("import torch\n@torch.no_grad()\ndef f(x): return x", "torch.no_grad"),
        ("import torch\nif True:\n    def f(x): return torch.cat([x])", "torch.cat"),
        ("import torch\ntry:\n    1\nexcept Exception:\n    def f(x): return torch.cat([x])", "torch.cat"),
        ("import torch\nasync def f(x): return torch.cat([x])", "torch.cat"),
        ("def f(x): return x.backward()", "torch.Tensor.backward"),
        ("def f(x): return [g.sum for g in x]", "torch.Tensor.sum"),
        ("%matplotlib inline\nimport torch\ndef f(x):\n    return torch.cat([x])\n!ls", "torch.cat"),
    ],
)
def test_uses_sees(cell: str, path: str) -> None:
    found = source_of("f", cell)
    assert found.found
    assert found.uses("torch.unheard_of", path) == path
    assert found.uses("torch.unheard_of") is None


@pytest.mark.parametrize(
    "cell",
    [
        "import torch\ndef f(x): return torch.stack([x])\ndef other(x): return torch.cat([x])",
        "import torch\ntorch.cat([torch.ones(1)])\ndef f(x): return x",
        "def f(x): return 'torch.cat'  # torch.cat",
        "def f(x): return x.cat",
        "from numpy import cat\ndef f(x): return cat(x)",
        "import torch\ndef f(x): return torch.cat([x])\ndef f(x): return x",
        "import torch\ndef helper(x): return torch.cat([x])\ndef f(helper): return helper(1)",
        "import torch\ndef helper(x): return torch.cat([x])\ndef f(x):\n    helper = 1\n    return helper",
    ],
)
def test_uses_does_not_see(cell: str) -> None:
    assert source_of("f", cell).uses("torch.cat") is None


def test_definitions_and_imports_may_lie_in_different_cells() -> None:
    cells = (
        "from torch import cat as c",
        "def helper(x):\n    return c([x])",
        "def f(x):\n    return helper(x)",
    )
    assert source_of("f", *cells).uses("torch.cat") == "torch.cat"
    assert source_of("f", *reversed(cells)).uses("torch.cat") == "torch.cat"


def test_a_cell_that_does_not_parse_hides_only_itself() -> None:
    cells = ("def f(x)\n    return x", "def g(x):\n    return x", "\0", "(" * 10_000)
    assert not source_of("f", *cells).found
    assert source_of("g", *cells).found
    assert source_of("f", *cells).uses("torch.cat") is None
    assert not source_of("f", *cells).loops


def test_nothing_is_run() -> None:
    assert source_of("f", "raise SystemExit\ndef f(): pass", "import no_such_module").found


@pytest.mark.parametrize(
    "body",
    [
        "for i in x: pass",
        "while x: x = x - 1",
        "return [i for i in x]",
        "return {i for i in x}",
        "return {i: i for i in x}",
        "return sum(i for i in x)",
        "return (lambda y: [i for i in y])(x)",
        "return loop(x)",
        "return Looping()(x)",
        "return short(x)",
    ],
)
def test_loops_are_seen(body: str) -> None:
    cell = f"""
        def loop(x):
            for i in x: pass
        class Looping:
            def __call__(self, x):
                while x: pass
        short = lambda x: [i for i in x]
        def f(x):
            {body}
    """
    assert source_of("f", cell).loops


@pytest.mark.parametrize(
    "body",
    [
        "return x + 1",
        "return x.sum()",
        "return x[idx]",
        "return y",
        "x = 1; y = 2; return x + y",
        "return fast(x)",
    ],
)
def test_loops_elsewhere_do_not_count(body: str) -> None:
    """A notebook has variables called x in other cells, and tables that were made by a comprehension."""
    cell = f"""
        idx = [i for i in range(3)]
        y = [i for i in range(3)]
        x = [[j for j in range(i)] for i in range(3)]
        fast = lambda x, y: x * y * idx
        def loop(x):
            for i in x: pass
        for i in range(3):
            loop(idx)
        def f(x):
            {body}
    """
    found = source_of("f", cell)
    assert found.found
    assert not found.loops


def test_definitions_that_use_each_other() -> None:
    cell = "def f(n):\n    return g(n)\ndef g(n):\n    return f(n) if n else h\nh = [f, g]"
    assert source_of("f", cell).names >= {"f", "g", "h", "n"}


def test_globals_that_are_declared_are_followed() -> None:
    cell = """
        import torch
        def helper(x): return torch.cat([x])
        def f(x):
            global helper
            y = helper(x)
            helper = None
            return y
    """
    assert source_of("f", cell).uses("torch.cat") == "torch.cat"


def test_a_definition_that_may_never_be_made_hides_no_other() -> None:
    cell = """
        import torch
        def f(x): return torch.cat([x])
        if False:
            def f(x): return x
    """
    assert source_of("f", cell).uses("torch.cat") == "torch.cat"
    assert source_of("f", cell, "def f(x): return x").uses("torch.cat") is None


def test_definitions_for_different_machines_are_both_looked_at() -> None:
    cell = """
        import torch
        if torch.cuda.is_available():
            def f(x): return x
        else:
            def f(x): return torch.cat([x])
        with torch.no_grad():
            def g(x): return x
    """
    assert source_of("f", cell).uses("torch.cat") == "torch.cat"
    assert source_of("g", cell).found
