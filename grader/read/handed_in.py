"""Paths -> HandedIn*: which student handed in what. Only names are looked at; nothing is opened but archives.

What may be given, and how each is told from the others, is in docs/classes.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.nouns import BadInput, HandedIn, Student
from grader.read.downloads import Piece, newest_versions, pieces_of
from grader.read.file import shown
from grader.read.layouts import below, class_in, is_aside, looks_like, stem_of
from grader.read.matching import Match, Register, submitted_at
from grader.read.members import listed, quoted
from grader.read.trees import ArchiveTree, DiskTree, Node, Tree, disk_node, newest

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
    search = _Search(Register(roster or {}), out, tell)
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
        is_own = is_own or (len(given) > 1 and is_aside(node, search.register))
        tree = None if is_own else _tree(node, path, search, alone=len(given) == 1)
        if tree is None:
            own.append((node, path))
        else:
            crowds.append((node, path, tree))
    if len(given) > 1:
        singles, crowds = _told_apart(own, crowds, search)
        own += singles
    _gather([node for node, _ in own], lambda node: _path_of(node, own), search)
    for _, _, tree in crowds:
        at = class_in(tree, search.register)
        _gather(tree.children(at), _places(tree, at), search, tree, at)


def _told_apart(
    files: list[tuple[Node, Path]], crowds: list[tuple[Node, Path, Tree]], search: _Search
) -> tuple[list[tuple[Node, Path]], list[tuple[Node, Path, Tree]]]:
    """Of several folders and archives those of one student each, and those of a class.

    Raises:
        BadInput: there are both in one folder. A student whose own folder looks like a class, by the names of the
            files in it, would otherwise hand in for others.
    """
    looks = [looks_like(node, tree, search.register) for node, _, tree in crowds]
    # A glob of students' folders: one with two notebooks is no class where most have one.
    few = 2 * looks.count("one student") >= len(looks)
    is_class = [look == "class" or (look == "either" and not few) for look in looks]
    single = [(node, path) for (node, path, _), many in zip(crowds, is_class, strict=True) if not many]
    classes = [crowd for crowd, many in zip(crowds, is_class, strict=True) if many]
    beside = {path.parent: path for node, path in [*files, *single] if not is_aside(node, search.register)}
    for _, path, _ in classes:
        if (other := beside.get(path.parent)) is not None:
            raise BadInput(
                f"{shown(path)}: looks like a class, and {quoted(other.name)} beside it like the work of one "
                "student; give the folder that holds them, or move one of them"
            )
    return single, classes


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
        if is_aside(node, search.register) or (is_graded and node.name == _GRADED):
            what = "holds results of a batch" if node.is_results else "is no submission"
            search.tell(f"{_told(place(node))} {what}, and was left out")
            continue
        stem = stem_of(node)
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


def _path_of(node: Node, own: Sequence[tuple[Node, Path]]) -> tuple[Path, str]:
    return next(path for each, path in own if each is node), ""


def _places(tree: Tree, at: str) -> Place:
    """Where the names in one folder of a tree are."""
    if tree.packed:
        return lambda node: (tree.path, below(at, node))
    return lambda node: (tree.path / below(at, node), "")


def _told(place: tuple[Path, str]) -> str:
    path, member = place
    return f"{shown(path)}: {quoted(member)}" if member else shown(path)


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
        if search.register:
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
