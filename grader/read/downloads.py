"""How learning-management systems name the files of a download. What follows is read off the names alone.

Moodle: ``Ada Lovelace_123456_assignsubmission_file_`` is a folder, or the beginning of a file's name; the number
is the participant's in this assignment. Canvas: ``lovelaceada_LATE_123_4567_hw1-2.ipynb`` has the number of the
student, that of the file, which grows with time, and the file's name, to which Canvas adds -1, -2 … when it is
handed in anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from grader.read.members import MAX_PATH
from grader.read.trees import Node

Scheme = Literal["plain", "moodle", "canvas"]

# Moodle writes a blank for each "_" of a name, so no name can hold another one's number.
_MOODLE = re.compile(
    r"(?P<name>[^_]+)_(?P<number>[0-9]{1,18})_assign(?P<kind>submission|feedback)_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)
_CANVAS = re.compile(
    r"(?P<name>[\w-]+?)(?:_(?P<late>LATE))?_(?P<number>[0-9]{1,18})_"
    r"(?:(?P<serial>[0-9]{1,18})_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
_VERSION = re.compile(r"(.+)-([0-9]{1,3})(\.(?:ipynb|py))", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file or folder of a download, and what its name tells."""

    node: Node
    scheme: Scheme
    number: str  # of the student, as the system counts
    name: str  # of the student
    file: str  # what the file was called; "" for a folder
    late: bool | None = None
    serial: int = 0  # of the file
    left_out: str = ""  # why it is no part of the submission


def moodle_piece(node: Node) -> Piece | None:
    match = _MOODLE.fullmatch(node.name)
    if match is None:
        return None
    left_out = ""
    if match["kind"] == "feedback":
        left_out = "feedback files are not part of a submission"
    elif match["plugin"] == "onlinetext":
        left_out = "an online text is not graded"
    elif match["plugin"] != "file":
        left_out = "it is no submitted file"
    file = "" if node.is_folder else (match["file"] or node.name)
    return Piece(node, "moodle", match["number"], match["name"], file, left_out=left_out)


def canvas_piece(node: Node) -> Piece | None:
    match = None if node.is_folder else _CANVAS.fullmatch(node.name)
    if match is None or match["name"] != match["name"].lower():
        return None
    return Piece(
        node,
        "canvas",
        match["number"],
        match["name"],
        match["file"] or match["text"],
        late=match["late"] is not None,
        serial=int(match["serial"] or 0),
        left_out="a text entry or a link is not graded" if match["text"] else "",
    )


def pieces_of(nodes: Iterable[Node]) -> list[Piece]:
    """Those of the files and folders that a system has named."""
    nodes = [node for node in nodes if len(node.name) <= MAX_PATH]
    moodle = [piece for node in nodes if (piece := moodle_piece(node))]
    named = {piece.node for piece in moodle}
    canvas = [piece for node in nodes if node not in named and (piece := canvas_piece(node))]
    return moodle + (canvas if _is_canvas(canvas) else [])


def _is_canvas(pieces: list[Piece]) -> bool:
    """``hw_1_2_ada.ipynb`` looks like Canvas too. But Canvas never gives a number to two students or two files."""
    serials = [piece.serial for piece in pieces if not piece.left_out]
    names: dict[str, str] = {}
    consistent = all(names.setdefault(piece.number, piece.name) == piece.name for piece in pieces)
    return consistent and len(set(serials)) == len(serials)


def newest_versions(pieces: Iterable[Piece]) -> tuple[dict[str, Piece], list[Piece]]:
    """The files of one student by the names that they had, and the older versions among them.

    ``hw1.ipynb``, ``hw1-1.ipynb`` and ``hw1-2.ipynb`` are one notebook that was handed in three times. Of other
    files nobody can tell whether ``train-1.csv`` is a version of ``train.csv``; they are kept as they are named.
    """
    versions: dict[str, list[tuple[int, Piece]]] = {}
    for piece in pieces:
        match = _VERSION.fullmatch(piece.file)
        stem, version = (match[1] + match[3], int(match[2])) if match else (piece.file, 0)
        versions.setdefault(stem, []).append((version, piece))
    kept: dict[str, Piece] = {}
    older: list[Piece] = []
    for stem, found in versions.items():
        found.sort(key=lambda one: (one[0], one[1].serial))
        newest = found[-1][1]
        older += [piece for _, piece in found[:-1]]
        # model-1.py is imported as model, so that is what it was called.
        is_certain = len(found) > 1 or stem.lower().endswith(".py")
        name = stem if is_certain else newest.file
        kept[name if name not in kept else newest.node.name] = newest
    return kept, older
