"""What lies in a folder or an archive of a class, by names alone: nothing is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from grader.nouns import BadInput
from grader.read.archives import SUFFIXES
from grader.read.class_archives import list_class, tidy
from grader.read.file import shown
from grader.read.members import MAX_CLASS_ENTRIES, is_ignored

_RESULTS = ("index.html", "students")  # what `grade batch` leaves in the folder of its results


@dataclass(frozen=True, slots=True)
class Node:
    """A name in a folder, on disk or in an archive."""

    name: str
    is_folder: bool
    modified: float  # seconds; to be compared within one tree
    is_results: bool = False  # a folder that this or an earlier batch writes its results to

    @property
    def is_archive(self) -> bool:
        return not self.is_folder and self.name.lower().endswith(SUFFIXES)

    @property
    def suffix(self) -> str:
        return os.path.splitext(self.name)[1].lower()


class Tree(Protocol):
    """Folders in folders. ``at`` is a path from the top, its parts joined by "/", or "" for the top."""

    path: Path
    packed: bool  # an archive

    def children(self, at: str) -> list[Node]:
        """What is in the folder, in the order of the names, without what systems leave behind."""
        ...


class DiskTree:
    """A folder on disk. Links in it are files, of whatever kind; nobody follows them."""

    packed = False

    def __init__(self, path: Path, out: Path | None = None) -> None:
        self.path = path
        self._out = None if out is None else os.path.realpath(out)

    def children(self, at: str) -> list[Node]:
        folder = self.path / at if at else self.path
        try:
            with os.scandir(folder) as listed:
                found: list[Node] = []
                for entry in listed:
                    if not is_ignored(entry.name):
                        found.append(disk_node(entry.name, Path(entry.path), self._out))
                    if len(found) > MAX_CLASS_ENTRIES:
                        raise BadInput(
                            f"{shown(folder)}: has more than the {MAX_CLASS_ENTRIES:,} entries that are "
                            "looked at; split it in two"
                        )
        except OSError as error:
            if at:  # a student's own folder; what is wrong with it is told when it is read
                return []
            why = error.strerror or str(error)
            raise BadInput(f"{shown(folder)}: cannot be read ({why}); check its permissions") from None
        return _ordered(found, os.path.realpath(folder) == self._out)


def disk_node(name: str, path: Path, out: str | None) -> Node:
    """What is at a path, under the name it is known by. Raises ``OSError`` where that cannot be told."""
    status = os.lstat(path)
    is_folder = stat.S_ISDIR(status.st_mode)
    is_results = is_folder and (
        (out is not None and os.path.realpath(path) == out)
        or all(os.path.lexists(path / result) for result in _RESULTS)
    )
    return Node(name, is_folder, status.st_mtime, is_results)


class ArchiveTree:
    """An archive, of which only the names are kept."""

    packed = True

    def __init__(self, path: Path) -> None:
        """Raises ``BadInput`` where it is no archive that can be read."""
        self.path = path
        self._folders: dict[str, dict[str, Node]] = {"": {}}
        for listed in list_class(path):
            self._add(tidy(listed.name), listed.name.endswith("/"), listed.modified)

    def children(self, at: str) -> list[Node]:
        nodes = self._folders.get(at, {}).values()
        return _ordered(
            replace(node, is_results=self._is_results(f"{at}/{node.name}".strip("/"))) for node in nodes
        )

    def _add(self, path: str, is_folder: bool, modified: float) -> None:
        parts = path.split("/") if path else []
        # A name that leads nowhere good belongs to whose folder it is in; reading that one refuses it.
        if any(is_ignored(part) for part in parts if part != ".."):
            return
        above = ""
        for depth, part in enumerate(parts, start=1):
            inner = f"{above}/{part}" if above else part
            folder = is_folder or depth < len(parts)
            known = self._folders[above].get(part)
            if known is None or (folder and not known.is_folder):
                self._folders[above][part] = Node(part, folder, modified)
            if not folder:
                return
            self._folders.setdefault(inner, {})
            above = inner

    def _is_results(self, at: str) -> bool:
        return self._folders.get(at, {}).keys() >= set(_RESULTS)


def _ordered(nodes: Iterable[Node], is_out: bool = False) -> list[Node]:
    """In the order of the names. Results may lie among the submissions themselves."""
    nodes = sorted(nodes, key=lambda node: node.name)
    if is_out or {node.name for node in nodes}.issuperset(_RESULTS):
        return [replace(node, is_results=node.is_results or node.name == "students") for node in nodes]
    return nodes


def newest(tree: Tree, at: str, node: Node) -> float:
    """When a file, or a file right in a folder, was last changed."""
    inside: Iterable[Node] = tree.children(f"{at}/{node.name}".strip("/")) if node.is_folder else ()
    return max((each.modified for each in inside if not each.is_folder), default=node.modified)
