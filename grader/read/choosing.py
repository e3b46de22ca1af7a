"""Of a submission of several files: which one is graded, and which others are put beside it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from grader.nouns import BadInput
from grader.read.members import listed, quoted

MAX_CANDIDATES = 20  # that are read to compare them

# What a kernel imports for itself. A file of that name beside the notebook would be taken for it by some
# process, sooner or later; Python runs sitecustomize and .pth files without being asked.
_LIBRARIES = frozenset(
    """
    IPython PIL _pytest conftest exercises executing grader ipykernel jupyter_client jupyter_core matplotlib
    matplotlib_inline mpl_toolkits numpy pip pkg_resources psutil pygments pytest reference scipy setuptools
    sitecustomize sklearn stack_data sympy torch torchgen torchvision tornado traitlets typing_extensions
    usercustomize zmq
    """.split()
)
_MODULES = (".py", ".pyc", ".pyd", ".so", ".pyw")
_RESULTS = ("executed.ipynb", "grade.json", "report.html")  # what `grade` itself leaves beside a notebook
_ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2")

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Choice:
    """The path of the file that is graded, and what is to be said about the choice."""

    path: str
    notes: tuple[str, ...] = ()


def choose(files: Mapping[str, bytes], where: str, wanted: str | None, answers: Count) -> Choice:
    """The one notebook among the files; of several the one that answers most; else a script likewise.

    Args:
        wanted: the path that a person named, with which there is no choice.
        answers: how many exercises the file of that path answers; -1 where it cannot be read.

    Raises:
        BadInput: there is none, or it cannot be told which. The message lists them.
    """
    if wanted is not None:
        return Choice(_named(files, where, wanted))
    notebooks = [path for path in files if path.lower().endswith(".ipynb")]
    scripts = [path for path in files if path.lower().endswith(".py")]
    scripts = [path for path in scripts if _may_be_answers(path)] or scripts
    candidates, kind = (notebooks, "notebooks") if notebooks else (scripts, "scripts")
    if not candidates:
        raise BadInput(f"{where}: holds no notebook (.ipynb) and no script (.py){_what_instead(files)}")
    if len(candidates) == 1:
        return Choice(candidates[0])
    how = "--notebook PATH tells which one to grade"
    if len(candidates) > MAX_CANDIDATES:
        raise BadInput(f"{where}: holds {len(candidates)} {kind}; {how}: {listed(candidates)}")
    counts = {path: answers(path) for path in candidates}
    most = max(counts.values())
    best = [path for path in candidates if counts[path] == most]
    if most <= 0:
        lack = "none with answers" if most == 0 else "none that can be read"
        raise BadInput(f"{where}: holds {len(candidates)} {kind} and {lack}; {how}: {listed(candidates)}")
    if len({files[path] for path in best}) == 1:  # copies of one another: the one further up
        best = [min(best, key=lambda path: (path.count("/"), path))]
    if len(best) > 1:
        raise BadInput(
            f"{where}: holds {len(best)} {kind} that answer equally many exercises ({most}); "
            f"{how}: {listed(best)}"
        )
    return Choice(best[0], _comparison(best[0], counts, kind))


def _comparison(chosen: str, counts: Mapping[str, int], kind: str) -> tuple[str, ...]:
    """What is told about those that were not chosen."""
    others = [path for path in counts if path != chosen]
    notes = [
        f"of {len(counts)} {kind} {quoted(chosen)} was graded, since it answers the most exercises "
        f"({counts[chosen]}), and not {listed(others)}; --notebook PATH chooses another"
    ]
    if broken := [path for path in others if counts[path] < 0]:
        notes.append(f"{listed(broken)} cannot be read")
    return tuple(notes)


def without_results(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files without those that an earlier run of ``grade`` left in the same folder."""
    graded = {
        posixpath.dirname(path)
        for path in files
        if posixpath.basename(path) == "grade.json"
        and posixpath.join(posixpath.dirname(path), "report.html") in files
    }
    return {
        path: data
        for path, data in files.items()
        if posixpath.basename(path) not in _RESULTS or posixpath.dirname(path) not in graded
    }


def beside(files: Mapping[str, bytes], chosen: str) -> tuple[dict[str, bytes], list[str]]:
    """The files that are put beside the chosen one, by their paths from there; and notes on those left out.

    The notebook runs where it lies. What lies outside its folder is put there too, by its path from the
    top of the submission, as long as that is free.
    """
    home = posixpath.dirname(chosen)
    start = f"{home}/" if home else ""
    placed: dict[str, bytes] = {}
    outside: dict[str, bytes] = {}
    for path, data in files.items():
        if path.startswith(start) and path != chosen:
            placed[path.removeprefix(start)] = data
        elif path != chosen:
            outside[path] = data
    homeless = _homeless(outside, [*placed, posixpath.basename(chosen)])
    placed |= {path: data for path, data in outside.items() if path not in homeless}
    packages = {path.split("/")[0] for path in placed if path.partition("/")[2].split(".")[0] == "__init__"}
    libraries = [path for path in placed if _is_library(path, packages)]
    for path in libraries:
        del placed[path]
    notes: list[str] = []
    if libraries:
        notes.append(f"left out, since named like a library or run by Python unasked: {listed(libraries)}")
    if homeless:
        notes.append(f"left out, since outside the notebook's folder, where it runs: {listed(homeless)}")
    return placed, notes


def _homeless(paths: Iterable[str], placed: Iterable[str]) -> list[str]:
    """Those of the paths of which the place is taken, or where a folder would have to be where a file is."""
    files = {path.casefold() for path in placed}
    folders = {folder for path in files for folder in _with_parents(path)[:-1]}
    return [
        path
        for path in paths
        if path.casefold() in folders or not files.isdisjoint(_with_parents(path.casefold()))
    ]


def _named(files: Mapping[str, bytes], where: str, wanted: str) -> str:
    path = wanted.replace("\\", "/").removeprefix("./")
    if path not in files:
        matching = [found for found in files if posixpath.basename(found) == path]
        if len(matching) != 1:
            readable = [found for found in files if found.lower().endswith((".ipynb", ".py"))]
            raise BadInput(
                f"{where}: holds no {quoted(wanted)}; --notebook takes one of {listed(readable) or 'nothing'}"
            )
        path = matching[0]
    if not path.lower().endswith((".ipynb", ".py")):
        raise BadInput(f"{where}: {quoted(wanted)} is neither a notebook (.ipynb) nor a script (.py)")
    return path


def _may_be_answers(script: str) -> bool:
    return posixpath.basename(script).split(".")[0] not in _LIBRARIES | {"__init__"}


def _is_library(path: str, packages: set[str]) -> bool:
    """Whether a file would be imported, or run, in place of a library; ``packages`` have an ``__init__``."""
    first, _, rest = path.partition("/")
    name = posixpath.basename(path)
    if name.lower().endswith(".pth") or name.split(".")[0] in ("sitecustomize", "usercustomize"):
        return True
    if not name.lower().endswith(_MODULES):
        return False
    return first in packages & _LIBRARIES if rest else first.split(".")[0] in _LIBRARIES


def _with_parents(path: str) -> list[str]:
    """The path, and the folders on the way to it."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _what_instead(files: Mapping[str, bytes]) -> str:
    """What there is instead of a notebook, as the end of a message."""
    if not files:
        return "; it is empty"
    if archives := [path for path in files if path.lower().endswith(_ARCHIVES)]:
        return f"; archives in it are not opened: unpack {listed(archives)} and hand in what is inside"
    return f", only {listed(files)}"
