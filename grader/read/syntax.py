"""Parsing a student's code, with IPython's additions, without ever running it."""

from __future__ import annotations

import ast
import re
import warnings

MAX_SOURCE = 300_000  # characters; the tree takes 600 times as much memory in the worst case

# A line that may need translation, and the work (lines times characters) that this may cost at
# most: the translator tokenises the whole cell anew for every such line.
_SPECIAL_LINE = re.compile(
    r"^[ \t]*(?:[%!?,;/]|>>>|In \[|\.\.\.:|.*\?[ \t]*$|[^#\n'\"]*=[ \t]*[%!])", re.MULTILINE
)
_MAX_TRANSLATION = 300_000

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
    ``%%capture`` and ``%%prun`` counts as the cell.
    """
    source = _body(source)
    if len(source) > MAX_SOURCE:
        return None
    try:
        return parse_python(source)
    except SyntaxError:
        pass
    try:
        return parse_python(_translated(source))
    except _TRANSLATOR_ERRORS:
        return None


def _body(source: str) -> str:
    """The cell without leading magics that run the rest of it in place."""
    while (found := _CELL_MAGIC.match(source)) and found[1] in _RUNS_ITS_BODY:
        source = source[found.end() :]
    return source


def _translated(source: str) -> str:
    """The cell with IPython's own syntax turned into Python calls."""
    special = sum(1 for _ in _SPECIAL_LINE.finditer(source))
    if not special and not source[:1].isspace():
        return source
    if special * len(source) > _MAX_TRANSLATION:
        raise SyntaxError("too many magics to translate")
    from IPython.core.inputtransformer2 import TransformerManager  # costs 0.1 s to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TransformerManager().transform_cell(source)
