"""Paths -> HandedIn*: which student handed in what. Only names are looked at; nothing is opened but archives.

What may be given, and how each is told from the others, is in docs/classes.md.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.nouns import BadInput, HandedIn, Student
from grader.read.archives import OTHERS, SUFFIXES
from grader.read.downloads import Piece, newest_versions, pieces_of
from grader.read.file import shown
from grader.read.matching import Match, Register, submitted_at
from grader.read.members import is_ignored, listed, quoted
from grader.read.trees import ArchiveTree, DiskTree, Node, Tree, disk_node, newest

# Beside submissions there are lists, notes, and what earlier runs wrote. A student may be named by the roster
# all the same; a notebook, a script, an archive or a document is a student's in any case.
_ASIDE = (
    ".csv", ".tsv", ".toml", ".yml", ".yaml", ".json", ".jsonl", ".md", ".rst", ".txt", ".log", ".ini", ".cfg",
    ".html", ".htm", ".css", ".js", ".xml", ".db", ".sqlite", ".sqlite3", ".xlsx", ".ods", ".svg", ".sh", ".lock",
)  # fmt: skip
_ASIDE_STARTS = (".db-", ".sqlite-", ".sqlite3-", ".lock")  # a database that is open
_GRADED = "executed.ipynb"  # a result of `grade`, if grade.json lies beside it
MAX_STUDENTS = 100_000

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Find:
    """What one name, or several that belong together, say about who handed in what."""

    scheme: str
    key: str  # tells students of one scheme apart
    name: str  # of the student, as far as the names tell
    match: Match
    paths: tuple[Path, ...]
    members: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    late: bool | None = None
    notes: tuple[str, ...] = ()
    modified: float = 0.0
    order: int = 0

    @property
    def where(self) -> str:
        """For a note: what it is, and in what."""
        if self.members:
            return f"{listed(self.members, 2)} in {quoted(self.paths[0].name)}"
        return listed([path.name for path in self.paths], 2) if self.paths else "nothing that can be graded"


@dataclass
class _Search:
    """What the whole search goes by, and what it has found so far."""

    register: Register
    has_roster: bool
    out: Path | None
    tell: Tell
    finds: list[_Find] = field(default_factory=list[_Find])

    def add(self, find: _Find) -> None:
        if len(self.finds) >= MAX_STUDENTS:
            raise BadInput(f"there are more than {MAX_STUDENTS:,} submissions; give those of one class")
        self.finds.append(replace(find, order=len(self.finds)))


def handed_in(
    paths: Sequence[Path],
    roster: Mapping[str, Student] | None = None,
    out: Path | None = None,
    tell: Tell = lambda note: None,
) -> tuple[HandedIn, ...]:
    """Find what each student handed in, in folders, archives and downloads; by student id.

    Nobody is lost: who handed in an empty folder is there, without anything to grade, and so is who is not on
    the roster. Of several submissions of one student the newest is taken, and its notes name the others.

    Args:
        roster: the students of the class by id. Without it, students are who the names of files say.
        out: the folder of the results, which is not looked into.
        tell: is given a line on each thing that belongs to no student.

    Raises:
        BadInput: a path does not exist or cannot be read, or there are no submissions at all.
    """
    if not paths:
        raise BadInput("no submissions are given; name a folder, an archive or a download with them")
    search = _Search(Register(roster or {}), bool(roster), out, tell)
    _look(paths, search)
    if not search.finds:
        raise BadInput(
            f"{listed(map(str, paths))}: no submissions in it; give a folder or an archive with a file, an archive "
            "or a folder for each student"
        )
    return _by_student(_certain(search.finds), search)


# ------------------------------------------------------------------------------- the paths given


def _look(paths: Sequence[Path], search: _Search) -> None:
    """Tell classes from single students among the paths, and look through them."""
    real = [(path, _real(path)) for path in paths]
    given = {there: path.name or there.name for path, there in real if path.name != ".."}
    given |= {there: there.name for path, there in real if path.name == ".."}
    out = None if search.out is None or len(given) == 1 else os.path.realpath(search.out)
    nodes = [disk_node(name, path, out) for path, name in given.items()]
    if len(given) == 1:
        nodes = [replace(nodes[0], is_results=False)]  # results may lie among the submissions
    # Whatever a download named is somebody's, wherever it lies now.
    named = {id(piece.node) for piece in pieces_of(nodes)}
    own: list[tuple[Node, Path]] = []
    crowds: list[tuple[Node, Path, Tree]] = []
    for node, path in zip(nodes, given, strict=True):
        is_own = id(node) in named or not (node.is_folder or node.is_archive)
        is_own = is_own or (len(given) > 1 and _is_aside(node, search))
        tree = None if is_own else _tree(node, path, search, alone=len(given) == 1)
        if tree is None:
            own.append((node, path))
        else:
            crowds.append((node, path, tree))
    if len(given) > 1:
        sizes = [_size(node, tree, search) for node, _, tree in crowds]
        # A glob of students' folders: one with two notebooks is no class where most have one.
        singles = sum(size == 1 for size in sizes)
        is_class = [size > 1 and not (size == 2 and 2 * singles >= len(sizes)) for size in sizes]
        own += [(node, path) for (node, path, _), many in zip(crowds, is_class, strict=True) if not many]
        crowds = [crowd for crowd, many in zip(crowds, is_class, strict=True) if many]
    _gather([node for node, _ in own], lambda node: _path_of(node, own), search)
    for _, _, tree in crowds:
        at = _class_in(tree, search)
        _gather(tree.children(at), _places(tree, at), search, tree, at)


def _real(path: Path) -> Path:
    """Where a path leads: a link that a person gives is followed."""
    try:
        return Path(os.path.realpath(path, strict=True))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput(f"{shown(path)}: cannot be read ({why}); check the path") from None


def _tree(node: Node, path: Path, search: _Search, alone: bool) -> Tree | None:
    """What is in a folder or an archive. None for an archive that a student may have spoilt."""
    if node.is_folder:
        return DiskTree(path, search.out)
    try:
        return ArchiveTree(path)
    except BadInput:
        if alone:
            raise
        return None


def _size(node: Node, tree: Tree, search: _Search) -> int:
    """Of one path among several: 3 for a class, 1 for a student's own, 2 where it could be both."""
    if search.has_roster and search.register.plain(_stem(node)).student is not None:
        return 1
    at = _class_in(tree, search)
    children = tree.children(at)
    if pieces_of(children):
        return 3
    if search.has_roster and any(search.register.plain(_stem(node)).student for node in children):
        return 3
    notebooks = _notebooks(children)
    if notebooks:
        return 2 if len(notebooks) > 1 else 1
    return 3 if _units(tree, at) > 1 else 1


def _class_in(tree: Tree, search: _Search) -> str:
    """Where in a tree the class is: at the top, or in a folder that is alone in it, as packers make one."""
    at = ""
    for _ in range(5):
        nodes = [node for node in tree.children(at) if not _is_aside(node, search)]
        if len(nodes) != 1 or not nodes[0].is_folder or pieces_of(nodes):
            break
        if search.register.plain(nodes[0].name).student is not None:
            break
        at = _below(at, nodes[0])
        if pieces_of(tree.children(at)) or _units(tree, at) > 1:
            return at
    return ""


def _units(tree: Tree, at: str) -> int:
    """How many of the names in a folder may each be a student's: notebooks, archives, folders with one."""
    children = [node for node in tree.children(at) if not node.is_results]
    count = len(_notebooks(children)) + sum(node.is_archive for node in children)
    for node in children:
        if node.is_folder:
            inside = tree.children(_below(at, node))
            count += bool(_notebooks(inside)) or any(each.is_archive for each in inside)
        if count > 1:
            break
    return count


def _notebooks(nodes: Iterable[Node]) -> list[Node]:
    """The notebooks, else the scripts."""
    nodes = [node for node in nodes if not node.is_folder]
    return [n for n in nodes if n.suffix == ".ipynb"] or [n for n in nodes if n.suffix == ".py"]


# ------------------------------------------------------------------------------ one folder of them

Place = Callable[[Node], tuple[Path, str]]  # the path of a node on disk; or of its archive, and where in that


def _gather(
    nodes: Sequence[Node],
    place: Place,
    search: _Search,
    tree: Tree | None = None,
    at: str = "",
) -> None:
    """The finds among these names, which lie in one folder, or were given one by one."""
    pieces = pieces_of(nodes)
    named = {id(piece.node) for piece in pieces}
    people: dict[tuple[str, str], list[Piece]] = {}
    for piece in pieces:
        people.setdefault((piece.scheme, piece.number), []).append(piece)
    for group in people.values():
        search.add(_from_download(group, place, search, tree, at))
    is_graded = any(node.name == "grade.json" for node in nodes)
    for node in nodes:
        if id(node) in named:
            continue
        if _is_aside(node, search) or (is_graded and node.name == _GRADED):
            what = "holds results of a batch" if node.is_results else "is no submission"
            search.tell(f"{_told(place(node))} {what}, and was left out")
            continue
        stem = _stem(node)
        match = search.register.plain(stem)
        search.add(_find("plain", stem, "", match, [node], place, tree, at))


def _from_download(pieces: list[Piece], place: Place, search: _Search, tree: Tree | None, at: str) -> _Find:
    """What one student has in a download of Moodle or Canvas."""
    first = pieces[0]
    match = (search.register.moodle if first.scheme == "moodle" else search.register.canvas)(
        first.number, first.name
    )
    notes = [f"left out: {quoted(piece.node.name)}, {piece.left_out}" for piece in pieces if piece.left_out]
    kept = [piece for piece in pieces if not piece.left_out]
    late = None if first.scheme == "moodle" else any(piece.late for piece in kept or pieces)
    files, older = newest_versions(piece for piece in kept if not piece.node.is_folder)
    if older:
        notes.append(
            f"left out, since there is a newer version: {listed(piece.node.name for piece in older)}"
        )
    folders = [piece.node for piece in kept if piece.node.is_folder]
    if folders:
        folders.sort(key=lambda node: newest(tree, at, node) if tree else node.modified)
        if others := [*folders[:-1], *(piece.node for piece in files.values())]:
            notes.append(
                f"left out, since {quoted(folders[-1].name)} is newer: {listed(n.name for n in others)}"
            )
        found = _find(first.scheme, first.number, first.name, match, folders[-1:], place, tree, at)
    else:
        nodes = [piece.node for piece in files.values()]
        found = _find(first.scheme, first.number, first.name, match, nodes, place, tree, at)
        found = replace(found, names=tuple(files))
    return replace(found, late=late, notes=tuple(notes))


def _find(
    scheme: str,
    key: str,
    name: str,
    match: Match,
    nodes: Sequence[Node],
    place: Place,
    tree: Tree | None,
    at: str,
) -> _Find:
    places = [place(node) for node in nodes]
    packed = any(member for _, member in places)
    return _Find(
        scheme=scheme,
        key=key,
        name=name,
        match=match,
        paths=tuple(dict.fromkeys(path for path, _ in places))
        if packed
        else tuple(path for path, _ in places),
        members=tuple(member for _, member in places) if packed else (),
        names=tuple("" if node.is_folder else node.name for node in nodes) if packed else (),
        modified=max((newest(tree, at, n) if tree else n.modified for n in nodes), default=0.0),
    )


def _is_aside(node: Node, search: _Search) -> bool:
    """Whether it is a list, a note or results, and not what a student handed in."""
    is_note = not node.is_folder and (node.suffix in _ASIDE or node.suffix.startswith(_ASIDE_STARTS))
    if not (is_note or node.is_results or is_ignored(node.name)):
        return False
    return search.register.plain(_stem(node)).student is None


def _path_of(node: Node, own: Sequence[tuple[Node, Path]]) -> tuple[Path, str]:
    return next(path for each, path in own if each is node), ""


def _places(tree: Tree, at: str) -> Place:
    """Where the names in one folder of a tree are."""
    if tree.packed:
        return lambda node: (tree.path, _below(at, node))
    return lambda node: (tree.path / _below(at, node), "")


def _below(at: str, node: Node) -> str:
    return f"{at}/{node.name}" if at else node.name


def _told(place: tuple[Path, str]) -> str:
    path, member = place
    return f"{shown(path)}: {quoted(member)}" if member else shown(path)


def _stem(node: Node) -> str:
    """Who a file or folder is named after."""
    name = node.name
    if not node.is_folder:
        lower = name.lower()
        suffix = next((s for s in sorted(SUFFIXES, key=len, reverse=True) if lower.endswith(s)), None)
        suffix = suffix or (node.suffix if node.suffix in (".ipynb", ".py", *OTHERS, *_ASIDE) else "")
        name = os.path.splitext(name)[0] if not suffix else name[: -len(suffix)]
    return unicodedata.normalize("NFC", name).strip() or node.name


# ----------------------------------------------------------------------------------- by student


def _certain(finds: list[_Find]) -> list[_Find]:
    """Without matches by name of two whom a system tells apart: they cannot both be that student."""
    claims: dict[tuple[str, str], set[str]] = {}
    for find in finds:
        if find.match.student is not None:
            claims.setdefault((find.scheme, find.match.student.id), set()).add(find.key)
    return [
        replace(find, match=Match(None, why="has the name of a student of the roster, and so has another"))
        if find.scheme != "plain"
        and find.match.by_name
        and find.match.student is not None
        and len(claims[find.scheme, find.match.student.id]) > 1
        else find
        for find in finds
    ]


def _by_student(finds: list[_Find], search: _Search) -> tuple[HandedIn, ...]:
    groups: dict[tuple[str, str], list[_Find]] = {}
    for find in finds:
        known = find.match.student
        key = ("roster", known.id) if known is not None else (find.scheme, find.key)
        groups.setdefault(key, []).append(find)
    ids = _ids(groups)
    found = [_one(group, ids[key], search) for key, group in groups.items()]
    return tuple(sorted(found, key=lambda one: one.student.id))


def _ids(groups: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """An id for each: of the roster, else what the names say; with the system's name where that is taken."""
    ids: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for key in sorted(
        groups, key=lambda key: (["roster", "plain", "canvas", "moodle"].index(key[0]), key[1])
    ):
        scheme, text = key
        id = base = shown(text) if scheme != "roster" else text
        attempt = 1
        while id in taken:
            id = f"{base} ({scheme}{f' {attempt}' if attempt > 1 else ''})"
            attempt += 1
        taken.add(id)
        ids[key] = id
    return ids


def _one(group: list[_Find], id: str, search: _Search) -> HandedIn:
    """The newest of one student's; of two from the same moment the one that was found later."""
    # Who handed in nothing in one place and something in another handed in something.
    *older, find = sorted(group, key=lambda find: (bool(find.paths), find.modified, find.order))
    notes = list(find.notes)
    if older:
        notes.append(
            f"handed in {len(group)} times; {find.where} is the newest and was taken, not "
            + ", ".join(each.where for each in reversed(older[-5:]))
            + (f" and {len(older) - 5} more" if len(older) > 5 else "")
        )
    student = find.match.student
    if student is None:
        student = Student(id, shown(find.name))
        if search.has_roster:
            notes.append(
                f"not on the roster: {quoted(find.name or find.key)} {find.match.why or 'fits nobody'}"
            )
    if not find.paths:
        notes.append("nothing that can be graded was handed in")
    return HandedIn(
        student=student,
        paths=find.paths,
        submitted=submitted_at(student),
        late=find.late,
        notes=tuple(notes),
        members=find.members,
        names=find.names,
    )
