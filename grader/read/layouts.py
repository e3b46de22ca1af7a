"""Which folders and archives hold a class, and which names in them are somebody's, told by the names alone."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from typing import Literal

from grader.read.archives import OTHERS, SUFFIXES
from grader.read.downloads import pieces_of
from grader.read.matching import Register
from grader.read.members import is_ignored
from grader.read.trees import Node, Tree

# Beside submissions there are lists, notes, and what earlier runs wrote. A student may be named by the roster
# all the same; a notebook, a script, an archive or a document is a student's in any case.
_ASIDE = (
    ".csv", ".tsv", ".toml", ".yml", ".yaml", ".json", ".jsonl", ".md", ".rst", ".txt", ".log", ".ini", ".cfg",
    ".html", ".htm", ".css", ".js", ".xml", ".db", ".sqlite", ".sqlite3", ".xlsx", ".ods", ".svg", ".sh", ".lock",
)  # fmt: skip
_ASIDE_STARTS = (".db-", ".sqlite-", ".sqlite3-", ".lock")  # a database that is open


Looks = Literal["one student", "class", "either"]


def looks_like(node: Node, tree: Tree, register: Register) -> Looks:
    """What one folder or archive among several paths is, as far as its name and those in it tell."""
    if register and register.plain(stem_of(node)).student is not None:
        return "one student"
    at = class_in(tree, register)
    children = tree.children(at)
    if pieces_of(children) or (register and any(register.plain(stem_of(node)).student for node in children)):
        return "class"
    if notebooks := _notebooks(children):
        return "either" if len(notebooks) > 1 else "one student"
    return "class" if _units(tree, at) > 1 else "one student"


def class_in(tree: Tree, register: Register) -> str:
    """Where in a tree the class is: at the top, or in a folder that is alone in it, as packers make one."""
    at = ""
    for _ in range(5):
        nodes = [node for node in tree.children(at) if not is_aside(node, register)]
        if len(nodes) != 1 or not nodes[0].is_folder or pieces_of(nodes):
            break
        if register.plain(nodes[0].name).student is not None:
            break
        at = below(at, nodes[0])
        if pieces_of(tree.children(at)) or _units(tree, at) > 1:
            return at
    return ""


def _units(tree: Tree, at: str) -> int:
    """How many of the names in a folder may each be a student's: notebooks, archives, folders with one."""
    children = [node for node in tree.children(at) if not node.is_results]
    count = len(_notebooks(children)) + sum(node.is_archive for node in children)
    for node in children:
        if node.is_folder:
            inside = tree.children(below(at, node))
            count += bool(_notebooks(inside)) or any(each.is_archive for each in inside)
        if count > 1:
            break
    return count


def _notebooks(nodes: Iterable[Node]) -> list[Node]:
    """The notebooks, else the scripts."""
    nodes = [node for node in nodes if not node.is_folder]
    return [n for n in nodes if n.suffix == ".ipynb"] or [n for n in nodes if n.suffix == ".py"]


def is_aside(node: Node, register: Register) -> bool:
    """Whether it is a list, a note or results, and not what a student handed in."""
    is_note = not node.is_folder and (node.suffix in _ASIDE or node.suffix.startswith(_ASIDE_STARTS))
    if not (is_note or node.is_results or is_ignored(node.name)):
        return False
    return register.plain(stem_of(node)).student is None


def stem_of(node: Node) -> str:
    """Who a file or folder is named after."""
    name = node.name
    if not node.is_folder:
        lower = name.lower()
        suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if lower.endswith(s)), None)
        suffix = suffix or (node.suffix if node.suffix in (".ipynb", ".py", *OTHERS, *_ASIDE) else "")
        name = os.path.splitext(name)[0] if not suffix else name[: -len(suffix)]
    return unicodedata.normalize("NFC", name).strip() or node.name


def below(at: str, node: Node) -> str:
    return f"{at}/{node.name}" if at else node.name
