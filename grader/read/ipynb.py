"""Jupyter notebooks: JSON to pieces, through nbformat, versions 3 and 4, brought up to 4.5.

Outputs are dropped unread: they are what a program printed once, and the notebook is run anew.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Sequence
from typing import Any, cast

import nbformat

from grader.nouns import BadInput
from grader.read.cells import Kind, Piece

MAX_DEPTH = 100  # of nested JSON; a notebook needs about 10
MAX_CONTAINERS = 1_000_000  # an empty list takes 3 bytes of file and 60 of memory

_AGAIN = "open it in Jupyter, save it again and hand in that file"
_PYTHON = {"python", "python2", "python3", "ipython", "ipython2", "ipython3"}
# Kernel names of other languages, for a notebook that tells its kernel but not its language.
_FOREIGN = (
    "ir",
    "julia",
    "bash",
    "deno",
    "javascript",
    "octave",
    "scala",
    "sas",
    "stata",
    "xcpp",
    "gonb",
    "rust",
)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')  # possessive, so that it never goes back


def notebook_pieces(text: str, where: str) -> tuple[list[Piece], list[str]]:
    """The cells of a notebook in order, and notes on what in it breaks the format.

    Raises:
        BadInput: the text is no notebook, one of a version that nbformat 4.5 cannot hold, or one
            for another language than Python.
    """
    data = _json(text, where)
    major, minor = _version(data, where)
    notes: list[str] = []
    if (major, minor) > (4, 5):
        notes.append(f"the notebook has the newer format {major}.{minor}; it was read as 4.5")
    cells = [cell for sheet in _sheets(data, major, where) for cell in sheet]
    for number, cell in enumerate(cells, start=1):
        _prepare(cell, major, number, where)
    # Format 3 tells the language of every code cell.
    told = [cell.get("language") for cell in cells if major == 3 and cell.get("cell_type") == "code"]
    _must_be_python(data.get("metadata"), told, where)

    has_ids = (major, minor) >= (4, 5)
    given = [cell.get("id") if has_ids else None for cell in cells]
    notebook = _upgraded(data, where)
    pieces = [
        Piece(_kind(cell), cast(str, cell["source"]), cell["metadata"], id, has_ids)
        for cell, id in zip(notebook["cells"], given, strict=True)
    ]
    return pieces, notes + _complaints(notebook)


def _json(text: str, where: str) -> dict[str, Any]:
    """The JSON object in ``text``, of bounded size and depth."""
    if text.lstrip()[:1] == "<":
        raise BadInput(f"{where}: is a web page, not a notebook; download the raw .ipynb file")
    if _containers(text) > MAX_CONTAINERS and _containers(_STRING.sub("", text)) > MAX_CONTAINERS:
        raise BadInput(f"{where}: is too intricate to be a notebook; clear its outputs and save it again")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadInput(
            f"{where}: is not a notebook, or a damaged one ({error.msg}, {place}); {_AGAIN}"
        ) from None
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError as error:  # an integer of thousands of digits
        raise BadInput(f"{where}: is not a notebook ({str(error).split(';')[0]}); {_AGAIN}") from None
    if not isinstance(data, dict):
        raise BadInput(f"{where}: is JSON, but not a notebook; {_AGAIN}")
    _limit_depth(data, where)
    return cast(dict[str, Any], data)


def _containers(text: str) -> int:
    """How many lists and objects the text holds, strings taken for JSON too."""
    return text.count("[") + text.count("{")


def _limit_depth(data: object, where: str) -> None:
    """Raise where lists and objects are nested deeper than ``MAX_DEPTH``; recursion-free itself."""
    level: list[object] = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else cast(list[object], outer))
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep(where)


def _too_deep(where: str) -> BadInput:
    return BadInput(
        f"{where}: is nested deeper than the {MAX_DEPTH} levels that are read; "
        "clear the outputs (Edit, Clear Outputs of All Cells) and save it again"
    )


def _version(data: dict[str, Any], where: str) -> tuple[int, int]:
    """The version of the notebook's format."""
    major, minor = data.get("nbformat"), data.get("nbformat_minor", 0)
    if type(major) is not int:
        raise BadInput(f"{where}: is JSON, but not a notebook (it has no 'nbformat'); {_AGAIN}")
    if type(minor) is not int or minor < 0:
        raise BadInput(f"{where}: has no valid 'nbformat_minor'; {_AGAIN}")
    if major > 4:
        raise BadInput(
            f"{where}: has notebook format {major}, which is newer than the 4 that is read; "
            "save it as notebook format 4, or as a .py script"
        )
    if major < 3:
        raise BadInput(f"{where}: has notebook format {major}, which is too old; {_AGAIN}")
    data.setdefault("nbformat_minor", minor)
    return major, minor


def _sheets(data: dict[str, Any], major: int, where: str) -> list[list[dict[str, Any]]]:
    """The lists of cells: format 3 may have several, format 4 has one."""
    if major == 4:
        sheets: list[object] = [data]
    else:
        found = data.get("worksheets")
        if not isinstance(found, list):
            raise BadInput(f"{where}: is a notebook without a list of worksheets; {_AGAIN}")
        sheets = found
    cells = [sheet.get("cells") if isinstance(sheet, dict) else None for sheet in sheets]
    for each in cells:
        if not isinstance(each, list) or not all(isinstance(cell, dict) for cell in each):
            raise BadInput(f"{where}: is a notebook without a proper list of cells; {_AGAIN}")
    return cast(list[list[dict[str, Any]]], cells)


def _prepare(cell: dict[str, Any], major: int, number: int, where: str) -> None:
    """Make a cell one that nbformat can convert: its text in one string, no outputs."""
    kind = cell.get("cell_type")
    if not isinstance(kind, str):
        raise BadInput(f"{where}: cell {number} does not say whether it is code or text; {_AGAIN}")
    if not isinstance(cell.get("metadata", {}), dict):
        raise BadInput(f"{where}: the metadata of cell {number} is damaged; {_AGAIN}")
    cell.setdefault("metadata", {})
    field = "input" if major == 3 and kind == "code" else "source"
    text = cell.get(field, "")
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(cast(list[str], text))
    if not isinstance(text, str):
        raise BadInput(f"{where}: the text of cell {number} is damaged; {_AGAIN}")
    cell[field] = text
    level = cell.get("level")
    if major == 3 and kind == "heading" and not (type(level) is int and 1 <= level <= 6):
        cell["level"] = 1  # nbformat writes as many # as it says, a thousand million if need be
    if kind == "code":
        cell["outputs"] = []
        cell.setdefault("execution_count", None)
    cell.pop("attachments", None)


def _must_be_python(metadata: object, languages: Sequence[object], where: str) -> None:
    """Raise where the notebook says that it is written in another language."""
    told: dict[str, Any] = metadata if isinstance(metadata, dict) else {}
    kernel, info = told.get("kernelspec"), told.get("language_info")
    kernel = kernel if isinstance(kernel, dict) else {}
    info = info if isinstance(info, dict) else {}
    candidates = [info.get("name"), kernel.get("language"), *languages]
    named = next((each for each in candidates if isinstance(each, str) and each), None)
    if named is None:
        name = kernel.get("name")
        foreign = isinstance(name, str) and name.lower().startswith(_FOREIGN)
        named = cast(str, name) if foreign and not cast(str, name).startswith("iron") else "python"
    if named.lower() not in _PYTHON:
        shown = ascii(named[:40])
        raise BadInput(
            f"{where}: is a notebook for {shown}, not for Python; "
            "choose a Python kernel (Kernel, Change Kernel) and save it again"
        )


def _upgraded(data: dict[str, Any], where: str) -> nbformat.NotebookNode:
    """The notebook in format 4.5, its metadata an object."""
    if not isinstance(data.get("metadata"), dict):
        data["metadata"] = {}
    data["metadata"].pop("orig_nbformat", None)
    try:
        # convert() goes from 3 to 4; upgrade() goes from an older 4 to 4.5, and makes up new ids.
        return nbformat.v4.upgrade(nbformat.convert(nbformat.from_dict(data), 4))
    except (ValueError, TypeError, KeyError, AttributeError, nbformat.ValidationError):
        raise BadInput(f"{where}: is a notebook that cannot be brought up to format 4.5; {_AGAIN}") from None


def _kind(cell: nbformat.NotebookNode) -> Kind:
    kind = cell["cell_type"]
    return cast(Kind, kind) if kind in ("code", "markdown") else "raw"


def _complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """What nbformat finds wrong with the notebook. Its cells were found all the same, so only a note."""
    for index, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell-{index}"  # ids are looked at, and repaired, elsewhere
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        what = "".join(c for c in str(error.message).split("\n")[0][:120] if c.isprintable())
        return [f"the notebook breaks the rules of its format ({what}); its cells could be read"]
    return []
