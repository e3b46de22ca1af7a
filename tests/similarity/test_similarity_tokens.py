"""What stays of a student's code when names, layout and comments are taken away, and what hostile text costs."""

from __future__ import annotations

import ast
import time

import pytest
from planted_class import answers, recommented, renamed

from grader.catalogue import catalogue
from grader.similarity.fingerprints import CODE_N, hashed
from grader.similarity.tokens import MAX_CELL, Names, code_tokens, word_tokens

ONE = '''
import torch
from torch import nn as layers

def train(X, y, steps: int = 10, *, lr: float = 0.1) -> dict[str, float]:
    """Train."""
    w: torch.Tensor = torch.zeros(X.shape[1])  # start
    for _ in range(steps):
        w = w - lr * torch.einsum("ij,i->j", X, X @ w - y)
    return {"loss": float(((X @ w - y) ** 2).mean())}
'''
DISGUISED = """
from torch import einsum, zeros
def train(inputs,targets,n=1000,*,alpha=1e-3):
    # my own idea
    weights = (zeros(inputs.shape[1]))
    for step in range(n):

        weights = weights - alpha * einsum(
            'ij,i->j',   inputs,
            inputs @ weights - targets,
        )
    return { "cost" : float(((inputs @ weights - targets) ** 2).mean()), }
"""


def texts(source: str) -> list[str]:
    return list(code_tokens(source).texts)


def test_names_numbers_strings_annotations_comments_layout_and_imports_do_not_matter() -> None:
    assert texts(ONE) == texts(DISGUISED)
    assert len(texts(ONE)) > 40


def test_what_libraries_offer_and_operators_matter() -> None:
    assert ".einsum" in texts(ONE)
    for change in (
        ("torch.einsum", "torch.tensordot"),
        ("X @ w - y", "X @ w + y"),
        (".mean()", ".sum()"),
        ("range(", "list("),
    ):
        assert texts(ONE.replace(*change)) != texts(ONE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("import torch as t\nt.nn.functional.relu(x)", "from torch.nn.functional import relu as r\nr(y)"),
        ("import numpy as np\nnp.exp(a)", "from numpy import (\n    exp as e,\n    log,\n)\ne(b)"),
        (
            "class A:\n    def go(self):\n        self.x = 1\n        return self.go()",
            "class B:\n    def run(self):\n        self.y = 2\n        return self.run()",
        ),
        ("f'{x} and {y:.2f}'", "'plain'"),
        ("x = 'a' 'b'", 'x = (\'c\'\n \'d\' """e\nf""")'),
        ("x = [1, 2, 3]", "x = [4., 5e-3]"),
        ("x = 1; y = 2", "x = 1\ny = 2"),
        ("x = a + \\\n    b", "x = a + b"),
        ("def f(x: dict[str, int] = {}, *a: int, **k: int): return x", "def f(x={}, *a, **k): return x"),
        ("%matplotlib inline\n!pip install x\nx = a % b", "x = a % b"),
        ("input = 1\nprint(input)", "data = 1\nprint(data)"),
        ("x: int", "y"),
    ],
)
def test_the_same_code_in_other_words(one: str, other: str) -> None:
    assert texts(one) == texts(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = lambda a: a", "x = a"),
        ("x = y[1:2]", "x = y[1]"),
        ("x = {'a': b}", "x = {'a', b}"),
        ("if x: pass", "while x: pass"),
        ("else: x", "try: x"),
    ],
)
def test_other_code(one: str, other: str) -> None:
    assert texts(one) != texts(other)


def test_places_lead_back_to_the_source() -> None:
    tokens = code_tokens(ONE)
    shown = [ONE[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)]
    assert shown[:2] == ["def", "train"]
    assert "torch.einsum" in shown
    assert all(a < b for a, b in zip(tokens.starts, tokens.ends, strict=True))
    assert list(tokens.starts) == sorted(tokens.starts)


def test_a_broken_line_does_not_hide_the_rest() -> None:
    broken = "def (:\n'never closed\n$$ ? \x00\n" + ONE + "\n((("
    whole = texts(ONE)
    assert any(texts(broken)[at : at + len(whole)] == whole for at in range(len(texts(broken))))


def test_ngrams_do_not_reach_from_one_function_to_the_next() -> None:
    first = "def f(a):\n    return torch.exp(a) + torch.log(a) - a * a * 3\n"
    second = "def g(b):\n    return [torch.sin(b) / 2 for _ in range(b)]\n"
    one, two = (
        set(hashed(code_tokens(text), CODE_N)[0].tolist()) for text in (first + second, second + first)
    )
    assert one == two
    assert len(one) > 10


def test_disguises_of_all_right_answers() -> None:
    """Names of a class's own methods are the one thing that the renamer of these tests gets wrong."""
    for id in catalogue():
        for source in answers(id):
            assert texts(recommented(source)) == texts(source), id
            if not any(isinstance(node, ast.ClassDef) for node in ast.walk(ast.parse(source))):
                assert texts(renamed(source)) == texts(source), id


HOSTILE = [
    '"' * MAX_CELL, '\\"""' * 25_000, "(" * MAX_CELL, "[%" * 50_000, 'f"{' * 30_000, "def f(" * 16_000, "'''\\" * 25_000,
    "a:" * 50_000, "import a,\n" * 10_000, "import a," * 10_000, "\\" * MAX_CELL, "self." * 20_000, "1e+" * 30_000,
    "\ud800\u202e\x00" * 30_000, "x" * MAX_CELL, "from import as " * 6_000, "import " * 14_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:8]) for text in HOSTILE])
def test_time_grows_with_the_length_and_no_faster(text: str) -> None:
    def seconds(source: str) -> float:
        start = time.process_time()
        names = Names()
        names.learn(source)
        hashed(code_tokens(source, names), CODE_N)
        return time.process_time() - start

    seconds(text[:1000])
    quarter = min(seconds(text[: len(text) // 4]) for _ in range(2))
    assert seconds(text) < 10 * quarter + 0.5  # 16 times if it were quadratic


def test_of_a_huge_cell_only_the_beginning_is_looked_at() -> None:
    start = time.process_time()
    tokens = code_tokens("x = 1\n" * 1_400_000)
    assert max(tokens.ends) <= MAX_CELL
    assert time.process_time() - start < 20


def test_words() -> None:
    tokens = word_tokens("Die **Straße**, die STRASSE; הגרדיאנט")
    assert tokens.texts == ("die", "strasse", "die", "strasse", "הגרדיאנט")
    assert word_tokens("").texts == ()
