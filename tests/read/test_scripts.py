"""Scripts: percent cells, jupytext's own formats, and plain code cut between its statements."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import jupytext
import pytest
from handmade import code, markdown, v4
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat import from_dict

from grader.nouns import BadInput
from grader.read import cells, read, script, statements
from grader.read.statements import split_statements

Save = Callable[..., Path]


@pytest.fixture
def cells_of(save: Save) -> Callable[[str], list[tuple[str, str]]]:
    """Kind and source of the cells of a script."""

    def cells_of(text: str) -> list[tuple[str, str]]:
        return [(cell.kind, cell.source) for cell in read(save(text, "a.py")).cells]

    return cells_of


Cells = Callable[[str], list[tuple[str, str]]]


# --------------------------------------------------------------------------------- plain scripts

PLAIN = '''\
#!/usr/bin/env python
# -*- coding: utf8 -*-
"""About this script."""
from __future__ import annotations

import torch
import numpy as np  # arrays

# What follows is
# a function.

@torch.no_grad()
# really
@another(
    1,
)
def f(x):

    y = """
text

# %% not a cell
# + nor this
def nested():
"""

# a comment in column 0
    return y

if f:
    a = 1

else:
    a = 2

# + the bias is added here
x = (1,

2)
a = 1; b = """
"""; c = 3
try:
    pass

except ValueError:
    pass

finally:
    pass
# the end
'''


def test_a_plain_script_is_cut_between_statements(cells_of: Cells) -> None:
    found = cells_of(PLAIN)
    assert {kind for kind, _ in found} == {"code"}
    pieces = [source for _, source in found]
    assert [len(ast.parse(piece).body) for piece in pieces] == [1, 1, 1, 1, 1, 1, 1, 3, 1]
    assert pieces[3] == "import numpy as np  # arrays"
    assert pieces[4].startswith("# What follows is\n# a function.\n\n@torch.no_grad()\n# really\n@another(")
    assert pieces[4].endswith("    return y")
    assert pieces[5] == "if f:\n    a = 1\n\nelse:\n    a = 2"
    assert pieces[6] == "# + the bias is added here\nx = (1,\n\n2)"
    assert pieces[8].endswith("pass\n# the end")


def test_no_meaning_is_lost(cells_of: Cells) -> None:
    joined = "\n".join(source for _, source in cells_of(PLAIN))
    assert ast.dump(ast.parse(joined)) == ast.dump(ast.parse(PLAIN))


def test_a_syntax_error_spoils_its_own_statement_only(cells_of: Cells) -> None:
    text = '''\
import torch
def good(x):
    return x
# about the bad one
def bad(:

    text = """
    open?
    """
    return 1
else:
    pass

# about y
y = (1
z = 3
@decorator(
def decorated():
    pass
for i in range(3):
    print(i)
"""unfinished
'''
    assert [source for _, source in cells_of(text)] == [
        "import torch",
        "def good(x):\n    return x",
        '# about the bad one\ndef bad(:\n\n    text = """\n    open?\n    """\n    return 1\nelse:\n    pass',
        "# about y\ny = (1",
        "z = 3",
        "@decorator(\ndef decorated():\n    pass",
        "for i in range(3):\n    print(i)",
        '"""unfinished',
    ]


def test_magics_in_a_plain_script(cells_of: Cells) -> None:
    text = """\
%matplotlib inline
import torch
!pip install x
files = !ls
%timeit torch.ones(3)
for i in range(2):
    !echo {i}
torch.ones?
# !commented out
# %timeit commented out
x = (7
% 4)
"""
    assert [source for _, source in cells_of(text)] == [
        "%matplotlib inline",
        "import torch",
        "!pip install x",
        "files = !ls",
        "%timeit torch.ones(3)",
        "for i in range(2):\n    !echo {i}",
        "torch.ones?",
        "# !commented out\n# %timeit commented out\nx = (7\n% 4)",
    ]


def test_a_label_in_a_plain_script_holds_until_the_next(save: Save) -> None:
    text = """\
import torch
# exercise: 1.2.1
# about numpy
import numpy

def f():
    # exercise: 9.9.9
    return 1
# about g
# Exercise 1.2.2: norms
def g():
    pass
h = 3
"""
    assert [cell.exercise for cell in read(save(text, "a.py")).cells] == [
        None,
        "1.2.1",
        "1.2.1",
        "1.2.2",
        "1.2.2",
    ]


def test_a_script_of_comments_only(cells_of: Cells) -> None:
    assert cells_of("# nothing yet\n\n# really\n") == [("code", "# nothing yet\n\n# really")]


def test_the_rest_stays_in_one_piece_when_the_work_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(["def broken(:", "    pass"] * 200)
    assert len(split_statements(text)) == 200
    monkeypatch.setattr(statements, "_WORK_AT_LEAST", 0)
    pieces = split_statements(text)
    assert 1 < len(pieces) < 200
    assert "\n".join(pieces) == text


@pytest.mark.parametrize(
    "text", ["-" * 100_000 + "1", "x" + ".y" * 100_000, "x = '\\d'", "(" * 300, "1" * 5_000]
)
def test_what_the_parser_cannot_take(cells_of: Cells, text: str) -> None:
    assert cells_of(f"a = 1\n{text}\n")[-1][1].endswith(text)


def test_carriage_returns_and_byte_order_marks(save: Save) -> None:
    submission = read(save(b"\xef\xbb\xbfa = 1\r\nb = '''\r\n'''\rc = 2\r\n", "a.py"))
    assert [cell.source for cell in submission.cells] == ["a = 1", "b = '''\n'''", "c = 2"]
    assert submission.kind == "py"
    assert len({cell.id for cell in submission.cells}) == 3
    assert submission.notes == ()


lines = st.sampled_from(
    ["x = 1", "def f():", "    return 1", "@dec", "if x:", "else:", "    pass", "'''", '"""', "# c", "", "(",
     ")", "[1,", "# %%", "# %% [markdown]", "%time x", "!ls", "try:", "except E:", "class A:", "\\",
     "a = 1; b = 2", "x = '''a", "\f", "    # %% in", "# exercise: 1.2.1", "# ---",
     "#     format_name: light", "# jupyter:", "# +", "# -", "\u2028", "y?"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=12).map("\n".join))
@example("if x:\n    pass\n# c\nelse:\n    pass")
@example("x = 1\n\\\n\n")
def test_nothing_is_lost_and_valid_code_stays_valid(text: str) -> None:
    pieces = split_statements(text)
    kept = [line for piece in pieces for line in piece.split("\n") if line.strip()]
    assert kept == [line for line in text.split("\n") if line.strip()]
    try:
        whole = ast.parse(text)
    except SyntaxError:
        return
    assert [ast.dump(node) for piece in pieces for node in ast.parse(piece).body] == [
        ast.dump(node) for node in whole.body
    ]


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=15).map(lambda many: "\n".join(many).encode()) | st.binary(max_size=100))
def test_whatever_the_script_holds(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.py"
    path.write_bytes(data)
    refused = ""
    submission = None
    try:
        submission = read(path)
    except BadInput as error:
        refused = str(error)
    assert refused.isprintable()
    if submission is None:
        assert refused
        return
    assert [cell.index for cell in submission.cells] == list(range(len(submission.cells)))


# ------------------------------------------------------------------------------- percent scripts

PERCENT = '''\
# the head
import torch

# %% tags=["1.2.1"]
def f():

    # %% inside
    return 1
# %% [markdown] grader={"exercise": "1.2.1", "answer": "why"}
# Because.
#
# Really.

# %% title
text = """
# %% in a string
"""
# !ls commented
%timeit f()
%%time
#%% grader={"exercise": "1.2.3"}
# exercise: 4.4.4
x = 1



# %%
# exercise: 1.2.4
y = 2
# %% [markdown]
"""
<!-- exercise: 1.2.1 -->
in quotes
"""
# %% [raw]
# raw text
# In[7]:
z = 3
#%% md
# from another editor
# %%
# %%%% deeper
w = 4
'''


def test_percent_cells(save: Save) -> None:
    submission = read(save(PERCENT, "a.py"))
    assert [(cell.kind, cell.source, cell.exercise) for cell in submission.cells] == [
        ("code", "# the head\nimport torch", None),
        ("code", "def f():\n\n    # %% inside\n    return 1", "1.2.1"),
        ("markdown", "Because.\n\nReally.", "1.2.1"),
        ("code", 'text = """\n# %% in a string\n"""\n# !ls commented\n%timeit f()\n%%time', None),
        ("code", "# exercise: 4.4.4\nx = 1", "1.2.3"),
        ("code", "# exercise: 1.2.4\ny = 2", "1.2.4"),
        ("markdown", "<!-- exercise: 1.2.1 -->\nin quotes", "1.2.1"),
        ("raw", "raw text", None),
        ("code", "z = 3", None),
        ("markdown", "from another editor", None),
        ("code", "w = 4", None),
    ]
    assert submission.cells[2].answer == "why"


def test_a_syntax_error_does_not_swallow_the_next_cell(cells_of: Cells) -> None:
    text = "# %%\nx = (1\n# %%\ny = 2\n# %%\ns = '''open\n# %%\nz = 3\n"
    assert [source for _, source in cells_of(text)] == ["x = (1", "y = 2", "s = '''open", "z = 3"]


def test_markdown_ends_at_the_next_marker_whatever_it_holds(cells_of: Cells) -> None:
    text = "# %% [markdown]\n'''\nopen\n# %%\nx = 1  # '''\n"
    assert cells_of(text) == [("markdown", "'''\nopen"), ("code", "x = 1  # '''")]


def test_a_header_that_looks_like_an_encoding(save: Save) -> None:
    text = '# %% coding: latin-1 tags=["1.2.1"]\nx = 1\n'
    assert [cell.exercise for cell in read(save(text, "a.py")).cells] == ["1.2.1"]


def test_a_marker_in_column_0_inside_a_statement_cuts_nothing(cells_of: Cells) -> None:
    text = "# %%\ndef f():\n    x = 1\n# %%\n    return x\n# %%\ny = f()\n"
    # Up to the second marker the function is complete, so that is where the cell ends for Python too.
    assert cells_of(text)[0] == ("code", "def f():\n    x = 1")
    text = "# %%\nx = [\n# %% first\n1,\n# %% second\n2]\n# %%\ny = 1\n"
    assert [source for _, source in cells_of(text)] == ["x = [\n# %% first\n1,\n# %% second\n2]", "y = 1"]


@pytest.mark.parametrize(
    "header",
    ["# %% {", '# %% tags=["a"', "# %% run_control=3", "# %% tags=3", "# %% " + "a " * 900,
     "# %% " + "=" * 10_000, "# %% coding: latin-1", '# %% active="ipynb"', "# %% x=" + "[" * 900,
     "# %% [markdown", "# %% a='\\d'"],
)  # fmt: skip
def test_strange_headers_do_not_matter(cells_of: Cells, header: str) -> None:
    assert cells_of(f"{header}\nx = 1\n# %%\ny = 2\n") == [("code", "x = 1"), ("code", "y = 2")]


# ---------------------------------------------------------------------- scripts written by jupytext

NOTEBOOK = v4(
    markdown("# Title\n\nText.", {"grader": {"exercise": "1.1.1", "role": "prompt"}}),
    code("%matplotlib inline\nimport torch", {"tags": ["exercise:1.1.1"]}),
    code("if torch:\n    a = 1\n\nelse:\n    a = 2\n\n\nb = 3"),
    markdown("Because of *this*.", {"grader": {"exercise": "1.1.1", "answer": "why"}}),
    code("!ls\nx = 1"),
    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
)


@pytest.mark.parametrize("form", ["py:percent", "py:light", "py:hydrogen"])
def test_what_jupytext_wrote_is_read_back(save: Save, form: str) -> None:
    text = jupytext.writes(from_dict(NOTEBOOK), form)
    found, original = read(save(text, "a.py")), read(save(NOTEBOOK))
    assert [(cell.kind, cell.source) for cell in found.cells] == [
        (cell.kind, cell.source) for cell in original.cells
    ]
    assert [(cell.exercise, cell.answer, cell.role) for cell in found.cells] == [
        (cell.exercise, cell.answer, cell.role) for cell in original.cells
    ]


def header(form: str) -> str:
    return (
        f"# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       format_name: {form}\n# ---\n"
    )


def test_the_light_reader_is_not_believed_where_it_cuts_a_statement(cells_of: Cells) -> None:
    text = header("light") + "\nif 1:\n    a = 1\n\nelse:\n    a = 2\n\nb = 1\n"
    assert [source for _, source in cells_of(text)] == ["if 1:\n    a = 1\n\nelse:\n    a = 2", "b = 1"]


@pytest.mark.parametrize("form", ["marimo", "quarto", "pandoc", "sphinx", "nonsense", "percent"])
def test_the_header_chooses_no_other_reader(
    cells_of: Cells, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For some formats jupytext starts a program with the file, which may run it."""
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a program was started"))
    assert cells_of(f"{header(form)}\nx = 1\ny = 2\n") == [("code", "x = 1"), ("code", "y = 2")]


def test_a_second_header_is_no_header_either(cells_of: Cells) -> None:
    text = header("light") + header("marimo") + "# %% coding: latin-1\nx = 1\n"
    assert cells_of(text)[-1] == ("code", "x = 1")
    light = header("light") + header("marimo") + "\nx = 1\n"
    assert cells_of(light)[-1] == ("code", "x = 1")


def test_comments_that_look_like_a_header_stay(cells_of: Cells) -> None:
    assert cells_of("# ---\n# my homework\n# ---\nx = 1\n") == [
        ("code", "# ---\n# my homework\n# ---\nx = 1")
    ]


# -------------------------------------------------------------------------------------- refusals


def test_a_notebook_named_py(save: Save) -> None:
    with pytest.raises(BadInput, match=r"rename it to end in \.ipynb"):
        read(save(v4(code("x")), "a.py"))


def test_limits(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAX_CELLS", 3)
    with pytest.raises(BadInput, match="has 4 cells"):
        read(save("a = 1\n" * 4, "a.py"))
    monkeypatch.setattr(script, "MAX_SCRIPT", 10)
    with pytest.raises(BadInput, match="characters"):
        read(save("a = 1\n" * 2, "a.py"))


@pytest.mark.parametrize("content", [b"x = '\xe9'\n", b"x = 1\0\n"])
def test_what_is_no_text(save: Save, content: bytes) -> None:
    with pytest.raises(BadInput, match=r"save it as UTF-8|holds a NUL"):
        read(save(content, "a.py"))


def test_importing_the_reader_stays_cheap() -> None:
    """Only what is needed for the file at hand is imported."""
    import subprocess

    heavy = "{'nbformat', 'jupytext', 'IPython', 'torch'}"
    program = f"import sys, grader.read, grader.read.belonging; print({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
