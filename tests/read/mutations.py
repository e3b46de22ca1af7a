"""Ways to spoil a notebook, a script or an archive, for the fuzzer: small changes to files that are right."""

from __future__ import annotations

import bz2
import copy
import gzip
import json
import lzma
from collections.abc import Callable, Iterator
from typing import Any

from handmade import code, make_exercise, markdown, v4
from hypothesis import strategies as st
from packing import tarred, zipped

from grader.notebook import make_notebook
from grader.nouns import Exercise

# Exercises that share names, that have stubs, that want text.
EXERCISES: dict[str, Exercise] = {
    exercise.id: exercise
    for exercise in (
        make_exercise("1.1.1", {"one": "function"}, stub="def one():\n    raise NotImplementedError\n"),
        make_exercise("1.1.2", {"one": "function", "two": "value"}, stub="two = None\n"),
        make_exercise("1.1.3", {"why": "text", "how": "text"}),
        make_exercise("1.2.1", {"two": "value", "Model": "class"}, stub="class Model: ..."),
        make_exercise("2.1.1", {"fi": "formula"}),
    )
}

SOURCES = [
    "", " ", "\n", "x = 1", "def one():\n    return 1", "two = 2; one = two", "class Model:\n    x = 1",
    "# exercise: 1.1.1\nfi = 1", "<!-- exercise: 1.1.3, answer: why -->\nBecause.", "## 1.1.3 Why",
    "#" * 3_000 + " exercise: 1.1.1", "<!--" + " " * 3_000 + "exercise: 1.1.1", "# exercise: 999.999.999",
    "two[0] = 1", "two.x.y[0]['a'] = 3", "one()", "del one", "from x import *", "import one, two.three as four",
    "%%time\ntwo = 2", "%%bash\nls", "%%" + "time\n%%" * 500, "%time two = 2", "%time %time two = 2", "!ls {two}",
    "two = !ls", "one??", "?one", ">>> two = 2", "In [1]: two = 2", "   ...: x", ",one a b", ";one a", "/one a",
    "%%capture out --no-stderr\ntwo = 2", "%" * 1_000, "!" * 1_000, "?" * 1_000, "%x\n" * 300, "x = %y\n" * 50,
    "def one(:", "two = (", "'''open", '"""' * 5, "x = 1\\", "\\", "@one\n# c\n@two(\n)\ndef f(): pass",
    "if 1:\n\ttwo = 1\n        one = 2", "\x0cx = 1", "\ufeffx = 1", "x\u2028= 1", "ﬁ = 1", "x² = 1", "\x1b[31mx",
    "(" * 300, "[" * 1_000 + "]" * 1_000, "-" * 3_000 + "1", "x" + ".y" * 3_000, "x" + "[0]" * 500, "1" * 5_000,
    "two = " + "0x" + "f" * 5_000, "lambda: " * 200 + "1", "f'{f\"{x!r:{w}}\"}'", "b'\\xff' '\\d'", "0777", "print x",
    "async def one():\n    await two", "await one", "match two:\n    case {**fi} | [*one]: pass", "(two := 1)",
    "for one in [two for two in x]: pass\nelse: fi = 1", "with a as (one, *two): pass", "try:\n    one = 1\nexcept* E as fi: x",
    "global one\none = 1", "nonlocal x", "return 1", "x: int", "one: int = 1", "one, (two, *fi) = x", "one = two = 3",
    "\r\ntwo = 2\r", "two = 2\x00", "two = '\ud800'", "\udcff", "\u202e\u200b", "why = 'because'", "how = '''\ntext\n'''",
    "# %%\n# %% [markdown]\n# text", "# %% tags=['1.1.1'", "# ---\n# jupyter:\n# ---", "# +\n# -", "$x$" * 500, "😀" * 500,
]  # fmt: skip


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if depth % 2 else {"a": value}
    return value


VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 3, 4, 5, 45, 10**30, -(10**400), 0.5, float("nan"), float("inf"), -0.0, "", "code",
    "markdown", "raw", "heading", "html", "sql", "1.1.1", "exercise:1.1.2", "why", "prompt", "4", "python", "R", "ir",
    "\ud800", "\0", "\u202e", "a" * 100, "a b", "../x", "<script>", [], {}, [[]], [None], [1, "a"], ["a\n", "b"], {"a": 1},
    {"a": {"b": []}}, {"": ""}, {"exercise": "1.1.1"}, {"exercise": ["1.1.1"], "answer": 3, "role": {}}, ["1.1.1", 3],
    {"name": "python"}, {"name": 3, "language": []}, {"text/plain": ["x"]}, _deep(50), _deep(99), _deep(101), _deep(400),
    ["x"] * 1_000, {f"k{n}": n for n in range(300)}, *SOURCES,
]  # fmt: skip

KEYS = [
    "nbformat", "nbformat_minor", "metadata", "cells", "worksheets", "id", "cell_type", "source", "input", "outputs",
    "output_type", "language", "level", "kernelspec", "language_info", "name", "tags", "grader", "exercise", "answer",
    "role", "attachments", "execution_count", "orig_nbformat", "prompt_number", "collapsed", "signature", "text", "data",
    "prompt_outputs", "rendered", "", "\ud800", "a b", "items", "pop", "keys", "update", "get", "copy", "__class__",
]  # fmt: skip


def _v3() -> dict[str, Any]:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Title"], "metadata": {}},
        {"cell_type": "code", "language": "python", "input": ["two = 2"], "outputs": [], "prompt_number": 1, "metadata": {}},
        {"cell_type": "markdown", "source": "Because.", "metadata": {}},
    ]  # fmt: skip
    sheets = [{"cells": cells, "metadata": {}}, {"cells": [], "metadata": {}}]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "old"}, "worksheets": sheets}


_PRINTED = [
    {"output_type": "stream", "name": "stdout", "text": ["1\n"]},
    {"output_type": "display_data", "data": {"text/plain": ["x"]}, "metadata": {}},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []},
]
_LABELLED = {"tags": ["exercise:1.1.1"], "grader": {"exercise": "1.1.3", "answer": "why", "role": "prompt"}}
_KERNEL = {"kernelspec": {"name": "python3", "display_name": "P"}, "language_info": {"name": "python"}}
NOTEBOOKS: list[dict[str, Any]] = [
    v4(code("two = 2", outputs=_PRINTED), markdown("Because.", _LABELLED), code(["def one():\n", " pass"]), metadata=_KERNEL),
    v4(code("x", _LABELLED), {**markdown("t"), "attachments": {"a.png": {"image/png": "x"}}}, minor=2),
    v4(minor=5),
    _v3(),
    json.loads(json.dumps(make_notebook(list(EXERCISES.values())))),
]  # fmt: skip


# ----------------------------------------------------------------------------------- notebooks


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value with every key in it."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _spoil(notebook: Any, number: int, act: str, value: Any, key: str) -> None:
    places = list(_places(notebook))
    if not places:
        return
    where, at = places[number % len(places)]
    old = where[at]
    match act:
        case "drop":
            del where[at]
        case "rename" if isinstance(where, dict):
            where[key] = where.pop(at)
        case "double" if isinstance(where, list):
            where.insert(at, copy.deepcopy(old))
        case "wrap":
            where[at] = [old] if number % 2 else {key: old}
        case "empty" if isinstance(old, dict | list | str):
            where[at] = type(old)()
        case "add" if isinstance(old, dict):
            old[key] = copy.deepcopy(value)
        case "shuffle" if isinstance(old, list):
            old.reverse()
        case _:
            where[at] = copy.deepcopy(value)


_acts = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.sampled_from(["set", "set", "set", "drop", "rename", "double", "wrap", "empty", "add", "shuffle"]),
        st.sampled_from(VALUES),
        st.sampled_from(KEYS),
    ),
    min_size=1,
    max_size=5,
)


@st.composite
def spoilt_notebooks(draw: st.DrawFn) -> bytes:
    """The JSON of a notebook with parts of it set, dropped, renamed, doubled, wrapped; some keys twice."""
    notebook = copy.deepcopy(draw(st.sampled_from(NOTEBOOKS)))
    for number, act, value, key in draw(_acts):
        _spoil(notebook, number, act, value, key)
    text = json.dumps(notebook, ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 9)) == 0:
        key = json.dumps(draw(st.sampled_from(KEYS)))
        text = text.replace(f"{key}: ", f"{key}: {json.dumps(draw(st.sampled_from(VALUES)))}, {key}: ")
    return text.encode("utf-8", "surrogatepass")


# --------------------------------------------------------------------------------------- bytes


@st.composite
def spoilt_bytes(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A file with pieces cut out, doubled, exchanged or overwritten."""
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, max(len(data) - 1, 0)))
        last = min(len(data), first + draw(st.sampled_from([0, 1, 2, 4, 8, 30, 100, 10**6])))
        match draw(st.sampled_from(["cut", "flip", "put", "write", "double", "numbers"])):
            case "cut":
                data = data[:first] + data[last:]
            case "flip":
                data = data[:first] + bytes(byte ^ 1 << first % 8 for byte in data[first:last]) + data[last:]
            case "put":
                data = data[:first] + draw(_pieces) + data[first:]
            case "write":
                piece = draw(_pieces)
                data = data[:first] + piece + data[first + len(piece) :]
            case "double":
                data = data[:last] + data[first:]
            case _:
                size = draw(st.sampled_from([1, 2, 4, 8]))
                value = draw(st.sampled_from([0, 1, 2 ** (8 * size) - 1, 2 ** (8 * size - 1), 100]))
                data = data[:first] + value.to_bytes(size, "little") + data[first + size :]
    return data


_pieces = st.binary(max_size=6) | st.sampled_from(
    [b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xff\xfe", b"[", b"{", b"[" * 200, b'"', b"\\", b'\\u0000', b"\\ud800",
     b"1" * 5_000, b"NaN", b"-Infinity", b"1e999", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\n# %%\n", b"'''", b"../",
     b"/", b"\x01\x00", b"\x63\x00", b"7777777777\0", b"\x80" + b"\xff" * 11]
)  # fmt: skip


# ------------------------------------------------------------------------------------- scripts

LINES = [
    "x = 1", "def one():", "    return 1", "@dec", "if x:", "else:", "    pass", "'''", '"""', "# c", "", "(", ")", "[1,",
    "# %%", "# %% [markdown]", "#%% md", "# %% [raw]", "# In[3]:", "# <codecell>", "# %%%% x", "# %% {", '# %% tags=["1.1.1"]',
    '# %% grader={"exercise": "1.1.1"}', '# %% [markdown] grader={"exercise": "1.1.3", "answer": "why"}', "# %% a=" + "[" * 200,
    "# %% coding: latin-1", '# %% active="py"', "# %% x y z = 3", "# exercise: 1.1.1", "# exercise: 9", "%time x", "!ls", "try:",
    "except E:", "class Model:", "\\", "a = 1; b = 2", "x = '''a", "\f", "    # %% in", "# ---", "# jupyter:",
    "#   jupytext:", "#     format_name: light", "#     format_name: marimo", "#       format_name: light", "# +", "# -", "\u2028",
    "y?", "# + [markdown]", "#!/usr/bin/env python", "# -*- coding: utf-16 -*-", "from __future__ import annotations", "# +++",
    "# region x", "# endregion", "\t", "\r", "\x00", "two = 2", "why = 'x'", *SOURCES[10:60:3],
]  # fmt: skip

scripts = st.lists(st.sampled_from(LINES), max_size=14).map(
    lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")
)


# ------------------------------------------------------------------------------------ archives

NAMES = [
    "a.ipynb", "b.ipynb", "hw/a.ipynb", "HW/a.ipynb", "hw/A.IPYNB", "a.py", "b.py", "m/__init__.py", "torch.py", "x.csv", "hw/",
    "hw", "./a.ipynb", "a//b.py", "", "/", ".", "..", "../a.py", "hw/../../a.py", "/etc/passwd", "C:\\a.py", "C:/a.py", "a\\b.py",
    "\0", "a\0.py", "a\n.py", "é.py", "e\u0301.py", "a\u200b.py", "\u202eyp.py", "\udcff.py", "nul", "con.ipynb", "a.", "a ",
    ".git/config", "__MACOSX/a.ipynb", "__pycache__/a.py", ".ipython/startup.py", "x" * 300, "d/" * 30 + "a.py", "d/" * 600,
    "grade.json", "report.html", "executed.ipynb", "evil.pth", "numpy/__init__.py", "inner.zip", "אבג.ipynb", "😀.py",
]  # fmt: skip

_TEXTS = [json.dumps(notebook).encode() for notebook in NOTEBOOKS[:4]]
_CONTENTS = [
    *_TEXTS, b"", b"{", b"two = 2\n", b"def one(): pass", b"\xff", b"\0" * 3_000, zipped([("a.ipynb", _TEXTS[0])]),
]  # fmt: skip
_members = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(_CONTENTS)), min_size=1, max_size=6)


@st.composite
def strange_zips(draw: st.DrawFn) -> bytes:
    """Well-formed, with names, modes, flags and methods that may not be."""
    fields = draw(
        st.sampled_from([{}, {}, {}, {"external_attr": 0o120777 << 16}, {"external_attr": 0o644 << 16},
                         {"create_system": 3, "external_attr": 0o10644 << 16}, {"comment": b"c" * 100}])
    )  # fmt: skip
    members = [(name.encode("utf-8", "replace").decode(), data) for name, data in draw(_members)]
    packed = zipped(members, draw(st.sampled_from([0, 8, 8, 8, 12, 14])), **fields)
    if draw(st.integers(0, 9)) == 0:
        packed = packed.replace(b"PK\x01\x02", b"PK\x01\x02" + draw(st.binary(min_size=1, max_size=4)), 1)
    return packed


_TYPES = [
    b"0",
    b"0",
    b"0",
    b"0",
    b"\0",
    b"1",
    b"2",
    b"3",
    b"4",
    b"5",
    b"6",
    b"7",
    b"K",
    b"L",
    b"N",
    b"S",
    b"X",
    b"g",
    b"x",
    b"Z",
]
_PAX: list[dict[str, str]] = [
    {}, {}, {}, {"path": "../x"}, {"size": "-1"}, {"size": "9" * 30}, {"size": "1.5"}, {"GNU.sparse.size": "9999999999"},
    {"GNU.sparse.map": "0,1,2"}, {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, {"hdrcharset": "BINARY"}, {"mtime": "nan"},
    {"comment": "1" * 2_000}, {"path": "a\0b"}, {"linkpath": "/etc"},
]  # fmt: skip
_FIELDS = [
    (0, 100),
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (148, 8),
    (156, 1),
    (157, 100),
    (257, 8),
    (345, 155),
]
_PACK: list[Callable[[bytes], bytes]] = [
    bytes, bytes, lambda data: gzip.compress(data, 1), lambda data: bz2.compress(data, 1),
    lambda data: lzma.compress(data, preset=0),
]  # fmt: skip


@st.composite
def strange_tars(draw: st.DrawFn) -> bytes:
    """Well-formed or nearly so, plain or packed; a header may be rewritten, with its checksum made to fit."""
    members = [(name, data) for name, data in draw(_members) if "\0" not in name]
    pax = draw(st.sampled_from(_PAX))
    tar = bytearray(tarred(members, "w", type=draw(st.sampled_from(_TYPES)), pax_headers=pax, linkname="x"))
    for _ in range(draw(st.integers(0, 2))):
        begin = 512 * draw(st.integers(0, max(len(tar) // 512 - 1, 0)))
        offset, size = draw(st.sampled_from(_FIELDS))
        new = draw(_pieces)[:size]
        tar[begin + offset : begin + offset + len(new)] = new
        header = tar[begin : begin + 512]
        if draw(st.booleans()) and len(header) == 512:
            header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 8 * 32)
            tar[begin : begin + 512] = header
    return draw(st.sampled_from(_PACK))(bytes(tar))
