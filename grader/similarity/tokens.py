"""Student's code as a stream of normalised tokens that know their places.

What a copier changes without thinking leaves the stream as it is: names of their own, numbers, strings,
comments, docstrings, annotations, blanks, commas and parentheses, and how a library is imported. What tells one
way to solve a problem from another stays: keywords, operators, and the names that libraries give
(``torch.einsum``, ``x.sum``).

One regular expression does it, for ``tokenize`` gives up at the first error, differently in each version of
Python, and one broken line must not hide a copied cell. Every alternative of it succeeds without going back,
so the time is linear in the text, whatever the text is.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

MAX_CELL = 100_000  # characters of a cell that are looked at; as much as the reader parses

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*+)
    | (?P<string>[rbfutRBFUT]{0,2}
        (?:\"{3}(?:[^"\\]|\\.|"(?!""))*+(?:\"{3}|\Z) | '{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3}|\Z)
         | "(?:[^"\\\n]|\\.)*+(?:"|(?=\n)|\\?\Z) | '(?:[^'\\\n]|\\.)*+(?:'|(?=\n)|\\?\Z)))
    | (?P<number>(?:\d|\.\d)(?:[\w.]|(?<=[eE])[+-])*+)
    | (?P<name>[^\W\d]\w*+)
    | (?P<joined>\\\n)
    | (?P<newline>\n)
    | (?P<blank>[^\S\n]++)
    | (?P<operator>\*\*=?|//=?|<<=?|>>=?|->|:=|\.\.\.|[-+*/%@&|^=<>!]=?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_NO_MEANING = frozenset("(),;")  # a formatter adds and removes them
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_KEYWORDS = frozenset((*keyword.kwlist, "match", "case"))
_LINE_FOR_IPYTHON = re.compile(r"^[ \t]*[%!][^\n]*", re.MULTILINE)
_IMPORTS = re.compile(r"^[ \t]*(?:import|from)\b(?:[^\n(\\]|\\\n|\([^)]*+\)?)*+", re.MULTILINE)
_OWN_ATTRIBUTE = re.compile(r"\b(?:self|cls)\.(\w+)|\bdef[ \t]+(\w+)")

_BLOCKS = frozenset(("def", "class", "@", "async"))

NAME, NUMBER, STRING = "n", "0", "s"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Normalised tokens and their places: ``source[starts[i]:ends[i]]`` became ``texts[i]``.

    ``breaks`` are the positions of tokens before which a function, a class or a statement beside them begins:
    n-grams do not reach over them, so that the order of functions does not matter.
    """

    texts: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    breaks: tuple[int, ...] = ()


@dataclass(slots=True)
class _Raw:
    """A token as it was written."""

    kind: str
    text: str
    start: int
    end: int
    depth: int  # of brackets around it
    first: bool  # of a logical line
    column: int  # of the logical line that it is in


@dataclass(slots=True)
class Names:
    """What a submission's names stand for; fill it with every cell before the first one is normalised."""

    # alias -> last part of the name; these are understood without their import, which may be in a lost cell
    imported: dict[str, str] = field(
        default_factory=lambda: {"torch": "torch", "numpy": "numpy", "np": "numpy", "math": "math"}
    )
    own_attributes: set[str] = field(default_factory=set[str])

    def learn(self, source: str) -> None:
        """Add what a cell imports and defines."""
        source = source[:MAX_CELL]
        for found in _OWN_ATTRIBUTE.finditer(source):
            self.own_attributes.add(found[1] or found[2])
        for statement in _IMPORTS.finditer(source):
            raw = [token for token in _raw(statement[0]) if token.kind != "newline"]
            for at, token in enumerate(raw):
                if token.first and token.text in ("import", "from"):
                    self._learn_import(raw[at : at + 200])

    def _learn_import(self, tokens: Sequence[_Raw]) -> None:
        """``import a.b as c, d`` and ``from a.b import (c as d, e)``."""
        line = [tokens[0].text]
        for token in tokens[1:]:
            if token.first:
                break
            line.append(token.text)
        if line[0] == "from":
            line = line[line.index("import") :] if "import" in line else []
        name = ""
        for before, text in pairwise(line):
            if before == "as" and text.isidentifier():
                self.imported.pop(name, None)
                self.imported[text] = name
            elif text.isidentifier() and text != "as" and before != ".":
                self.imported[text] = name = text
            elif text.isidentifier() and before == ".":  # import a.b binds a, import a.b as c means b
                name = text


def code_tokens(source: str, names: Names | None = None) -> Tokens:
    """The normalised stream of a cell of code, of its first ``MAX_CELL`` characters. Any text will do."""
    source = source[:MAX_CELL]
    if names is None:
        names = Names()
        names.learn(source)
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    breaks: list[int] = []
    raw = list(_without_annotations(_without_docstrings(list(_raw(source)))))
    for at, (token, text) in _normalised(raw, names):
        if token.first and token.column == 0 and (token.text in _BLOCKS or _ends_a_block(raw, at)):
            breaks.append(len(texts))
        # [1, 2, 3] and [1, 2] are both a list of numbers; "a" "b" is a string
        if texts and text == texts[-1] and text in (NUMBER, STRING):
            ends[-1] = token.end
            continue
        texts.append(text)
        starts.append(token.start)
        ends.append(token.end)
    return Tokens(tuple(texts), tuple(starts), tuple(ends), tuple(breaks))


def word_tokens(text: str) -> Tokens:
    """The words of a written answer in lower case, of its first ``MAX_CELL`` characters."""
    found = list(re.finditer(r"\w+", text[:MAX_CELL]))
    return Tokens(
        tuple(word[0].casefold() for word in found),
        tuple(word.start() for word in found),
        tuple(word.end() for word in found),
    )


def _raw(source: str) -> Iterator[_Raw]:
    """All tokens but comments and blanks. Newlines inside brackets are none."""
    # IPython's lines become blanks of the same length: places stay
    source = _LINE_FOR_IPYTHON.sub(lambda found: " " * len(found[0]), source)
    depth, first, column, line_start = 0, True, 0, 0
    for found in _TOKEN.finditer(source):
        kind, text = found.lastgroup or "operator", found[0]
        if kind in ("comment", "blank", "joined"):
            continue
        if kind == "newline":
            line_start = found.end()
            if depth == 0:
                if not first:
                    yield _Raw(kind, text, found.start(), found.end(), depth, False, column)
                first = True
            continue
        if first:
            column = found.start() - line_start
            if kind == "name" and text in ("def", "class", "import", "from"):
                depth = 0
        elif depth and kind == "name" and text in ("def", "class") and found.start() == line_start:
            depth, first, column = 0, True, 0  # a bracket that nobody closed ends here
        if text in _CLOSE:
            depth = max(depth - 1, 0)
        yield _Raw(kind, text, found.start(), found.end(), depth, first, column)
        if text in _OPEN:
            depth += 1
        first = kind == "operator" and text == ";" and depth == 0


def _without_docstrings(raw: list[_Raw]) -> list[_Raw]:
    """Strings that stand alone on a line do nothing, whether they document or hide something."""
    return [
        token
        for at, token in enumerate(raw)
        if not (
            token.kind == "string" and token.first and (at + 1 == len(raw) or raw[at + 1].kind == "newline")
        )
    ]


def _without_annotations(raw: list[_Raw]) -> Iterator[_Raw]:
    """Neither ``x: int`` nor ``-> int`` says what a function does."""
    in_header = False  # of a function
    skip_depth = -1  # of what follows a colon or an arrow, while it is skipped
    before = _Raw("newline", "", 0, 0, 0, False, 0)
    for at, token in enumerate(raw):
        if token.kind == "newline":
            in_header, skip_depth = False, -1
            before = token
            continue
        if skip_depth >= 0:
            ends = (
                token.text in ("=", ",") or (token.text == ")" and token.depth == skip_depth - 1)
                if in_header and skip_depth
                else token.text == ("=" if not in_header else ":")
            )
            if not (ends and token.depth <= skip_depth):
                continue
            skip_depth = -1
        if token.text == "def" and token.kind == "name":
            in_header = True
        is_annotation = token.text == ":" and before.kind == "name"
        if in_header and token.text == ":" and token.depth == 0:
            in_header = False
        elif (
            (in_header and token.depth == 1 and is_annotation and raw[at - 2].text in ("(", ",", "*", "**"))
            or (in_header and token.depth == 0 and token.text == "->")
            or (is_annotation and before.first and token.depth == 0 and before.text not in _KEYWORDS)
        ):
            skip_depth = token.depth
            continue
        before = token
        yield token


def _normalised(raw: list[_Raw], names: Names) -> Iterator[tuple[int, tuple[_Raw, str]]]:
    """What each token becomes; those without a meaning are left out."""
    at = 0
    while at < len(raw):
        token = raw[at]
        if token.kind == "name" and token.first and token.text in ("import", "from"):
            while at < len(raw) and not (raw[at].first and raw[at] is not token):
                at += 1  # imports are alike everywhere; what matters is how they are used
            continue
        if token.kind == "name":
            end, text = _of_name(raw, at, names)
            whole = _Raw(
                "name", token.text, token.start, raw[end - 1].end, token.depth, token.first, token.column
            )
            yield at, (whole, text)
            at = end
            continue
        if token.kind == "number":
            yield at, (token, NUMBER)
        elif token.kind == "string":
            yield at, (token, STRING)
        elif token.text not in _NO_MEANING:
            yield at, (token, token.text)
        at += 1


def _of_name(raw: list[_Raw], at: int, names: Names) -> tuple[int, str]:
    """Where a name ends, and what it becomes: ``torch.nn.functional.relu`` is one, and becomes ``relu``."""
    token = raw[at]
    before = raw[at - 1].text if at else ""
    if token.text in _KEYWORDS:
        return at + 1, token.text
    if before == ".":
        return at + 1, NAME if token.text in names.own_attributes else "." + token.text
    if token.text not in names.imported:
        # Called, a builtin does something; else it may as well be a variable by that name: dir, input, max.
        called = at + 1 < len(raw) and raw[at + 1].text == "("
        return at + 1, token.text if called and token.text in _BUILTINS else NAME
    end, last = at + 1, names.imported[token.text]
    while end + 1 < len(raw) and raw[end].text == "." and raw[end + 1].kind == "name":
        last, end = raw[end + 1].text, end + 2
    return end, "." + last


def _ends_a_block(raw: list[_Raw], at: int) -> bool:
    """Whether the line before the one that begins at ``at`` was indented."""
    return at > 0 and raw[at - 1].column > 0
