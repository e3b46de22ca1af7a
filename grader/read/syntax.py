"""Parsing a student's code, with IPython's additions, without ever running it."""

from __future__ import annotations

import ast
import re
import warnings

MAX_SOURCE = 100_000  # characters; the tree takes 600 times as much memory in the worst case

# A line that may need translation.
_SPECIAL_LINE = re.compile(
    r"^([ \t]*)(?:[%!?,;/]|>>>|In \[|\.\.\.:|.*\?[ \t]*$|[^#\n'\"]*=[ \t]*[%!]).*", re.MULTILINE
)
_MAX_LINES = 1_000
# The translator tokenises all that it is given anew for each such line; lines times characters.
_MAX_TRANSLATION = 100_000

_CELL_MAGIC = re.compile(r"\s*%%([A-Za-z]\w*)[^\n]*(?:\n|\Z)")
_RUNS_ITS_BODY = {"time", "capture", "prun"}  # their body is Python, run in the notebook's namespace

# What the parser raises on hostile text: RecursionError and MemoryError on deep nesting, ValueError
# on half a character or a NUL.
_PARSER_ERRORS = (ValueError, MemoryError, RecursionError)
_TRANSLATOR_ERRORS = (SyntaxError, RuntimeError, AssertionError, IndexError, *_PARSER_ERRORS)


def parse_python(source: str) -> ast.Module:
    """The tree of plain Python.

    Raises:
        SyntaxError: it is none. ``lineno`` is None where the parser gave up for another reason
            (nesting, a character that does not exist).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" and the like: the student's business
            return ast.parse(source)
    except _PARSER_ERRORS as error:
        raise SyntaxError(f"cannot be parsed: {error}") from None


def parse_cell(source: str) -> ast.Module | None:
    """The tree of a cell after magics and shell lines became calls, as IPython would see it.

    None where it has a syntax error, or is longer than ``MAX_SOURCE``. The body of ``%%time``,
    ``%%capture`` and ``%%prun`` counts as the cell; that of ``%%timeit`` or ``%%bash`` as nothing.
    """
    source = _body(source)
    if len(source) > MAX_SOURCE:
        return None
    # Line by line first: that is quick, and fails only where a magic goes on over several lines.
    for translate in (_as_it_is, _by_line, _as_a_whole):
        try:
            return parse_python(translate(source))
        except _TRANSLATOR_ERRORS:
            pass
    return None


def _body(source: str) -> str:
    """The cell without a leading cell magic; nothing where that runs the rest elsewhere, if at all."""
    while found := _CELL_MAGIC.match(source):
        source = source[found.end() :] if found[1] in _RUNS_ITS_BODY else ""
    return source


def _as_it_is(source: str) -> str:
    return source


def _by_line(source: str) -> str:
    """The cell with each line of IPython's own syntax turned into a Python call."""
    if not 0 < sum(1 for _ in _SPECIAL_LINE.finditer(source)) <= _MAX_LINES:
        raise SyntaxError("nothing to translate, or too much")
    return _SPECIAL_LINE.sub(lambda found: found[1] + _translated(found[0].strip()).rstrip(), source)


def _as_a_whole(source: str) -> str:
    """The cell as IPython itself would translate it: prompts and indented cells too."""
    special = sum(1 for _ in _SPECIAL_LINE.finditer(source))
    if not special and not source[:1].isspace():
        raise SyntaxError("nothing to translate")
    if special * len(source) > _MAX_TRANSLATION:
        raise SyntaxError("too much to translate")
    return _translated(source)


def _translated(source: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager  # costs 0.1 s to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TransformerManager().transform_cell(source)
