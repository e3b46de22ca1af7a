"""The trust boundary, read off the source: who imports whom, and what nobody on the trusted side may use.

Everything outside ``grader/worker`` is trusted: it never runs what a student wrote, and never turns bytes
into anything but data.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "grader"
MODULES = sorted(PACKAGE.rglob("*.py"))
WORKER = [path for path in MODULES if path.is_relative_to(PACKAGE / "worker")]
WIRE = [path for path in MODULES if path.is_relative_to(PACKAGE / "wire")]
TRUSTED = [path for path in MODULES if path not in WORKER]
AUTHORED = sorted((ROOT / "exercises").rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.j2"))

SHARED = ("grader.wire", "grader.torchvision_mend")  # what the worker may have of the project
PROJECT = ("grader", "reference", "exercises")

# Modules that turn bytes into objects or text into code, or are known for it.
UNSAFE_MODULES = {
    "pickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve", "joblib", "jsonpickle", "pandas",
    "copyreg", "code", "codeop", "imp", "xmlrpc", "ctypes", "torch.serialization", "torch.jit", "torch.hub",
    "torch.package", "torch._utils_internal", "multiprocessing",
}  # fmt: skip
UNSAFE_NAMES = {"eval", "exec", "compile", "__import__", "breakpoint", "execfile"}
UNSAFE_CALLS = {
    "torch.load", "torch.jit.load", "torch.hub.load", "torch.package.PackageImporter", "torch.compile",
    "numpy.load", "np.load", "numpy.fromfile", "np.fromfile", "numpy.memmap", "np.memmap",
    "yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.load_all",
    "os.system", "os.popen", "os.execv", "os.execvp", "os.execl", "os.spawnl", "os.spawnv", "os.posix_spawn",
    "os.fork", "subprocess.getoutput", "subprocess.getstatusoutput", "runpy.run_path", "runpy.run_module",
    "importlib.import_module", "builtins.eval", "builtins.exec", "builtins.compile", "ast.literal_eval",
    "logging.config.listen", "tarfile.extractall", "zipfile.extractall", "shutil.unpack_archive",
    "tempfile.mktemp", "random.seed", "torch.manual_seed", "torch.set_default_dtype",
}  # fmt: skip
# Uses that are right, each with its reason.
ALLOWED = {
    ("catalogue.py", "importlib.import_module"): "imports exercises, which are our own, by their place",
    ("batch/hired.py", "os.fork"): "a process that grades, which is on this side of the boundary too",
}

IMPORTS_OF_TEXT = re.compile(r"\b(grader\.worker(?:\.\w+)*)\b")
STARTS_THE_WORKER = {"execute/cold.py", "execute/launch.py", "execute/warm.py"}  # as another process


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(path: Path) -> str:
    return (
        path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else str(path.relative_to(ROOT))
    )


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, also inside functions and under ``if TYPE_CHECKING``."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports are not used here"
            assert node.module is not None
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def called_by_name(path: Path) -> Iterator[str]:
    """Every dotted name that a file mentions, seen through its import aliases (``np.load``)."""
    tree = tree_of(path)
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield ".".join([aliases.get(inner.id, inner.id), *reversed(parts)])


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def ids(paths: list[Path]) -> list[str]:
    return [name_of(path) for path in paths]


def test_there_is_something_to_look_at() -> None:
    assert len(WORKER) >= 10
    assert len(WIRE) >= 4
    assert len(TRUSTED) >= 40
    assert TEMPLATES


@pytest.mark.parametrize("path", [*TRUSTED, *AUTHORED], ids=ids([*TRUSTED, *AUTHORED]))
def test_nothing_trusted_imports_the_worker(path: Path) -> None:
    assert [module for module in imported(path) if within(module, "grader.worker")] == []


@pytest.mark.parametrize("path", TRUSTED, ids=ids(TRUSTED))
def test_nothing_trusted_imports_the_worker_by_a_name_in_a_text(path: Path) -> None:
    """``import_module("grader.worker.serve")``; docstrings may speak of it, and launchers must name it."""
    tree = tree_of(path)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
    ]
    found = [text for text in texts if IMPORTS_OF_TEXT.search(text)]
    if name_of(path) not in STARTS_THE_WORKER:
        assert found == []


@pytest.mark.parametrize("path", WORKER, ids=ids(WORKER))
def test_the_worker_knows_the_wire_and_nothing_else_of_the_project(path: Path) -> None:
    ours = [module for module in imported(path) if within(module, *PROJECT)]
    assert [module for module in ours if not within(module, "grader.worker", *SHARED)] == []


@pytest.mark.parametrize("path", [*WIRE, PACKAGE / "torchvision_mend.py"])
def test_what_is_shared_knows_nothing_of_the_project(path: Path) -> None:
    ours = [module for module in imported(path) if within(module, *PROJECT)]
    assert [module for module in ours if not within(module, "grader.wire")] == []
    if path not in WIRE:
        assert ours == []


@pytest.mark.parametrize("path", TRUSTED, ids=ids(TRUSTED))
def test_no_reference_is_imported_by_name(path: Path) -> None:
    """Solutions are loaded by one loader, which takes the solution's cell and nothing else of the file."""
    assert [module for module in imported(path) if within(module, "reference")] == []


@pytest.mark.parametrize("path", [*TRUSTED, *AUTHORED], ids=ids([*TRUSTED, *AUTHORED]))
def test_nothing_trusted_can_turn_bytes_into_objects_or_text_into_code(path: Path) -> None:
    modules = {module for module in imported(path) if within(module, *UNSAFE_MODULES)}
    mentioned = set(called_by_name(path))
    unsafe = modules | (mentioned & (UNSAFE_NAMES | UNSAFE_CALLS))
    assert {use for use in unsafe if (name_of(path), use) not in ALLOWED} == set()


def test_exceptions_from_the_rule_are_used() -> None:
    for file, use in ALLOWED:
        assert use in set(called_by_name(PACKAGE / file)), f"{file} no longer uses {use}: strike it off"


@pytest.mark.parametrize("path", MODULES, ids=ids(MODULES))
def test_no_shell(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                assert keyword.arg != "shell", f"{path}:{node.lineno}"
                assert keyword.arg != "allow_pickle", f"{path}:{node.lineno}"
                assert keyword.arg != "weights_only", f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", TRUSTED, ids=ids(TRUSTED))
def test_no_text_of_a_students_is_formatted_into_markup(path: Path) -> None:
    """``Markup(...)`` is given literals, or variables that hold literals; values enter by its ``format``,
    which escapes. An f-string, a sum or a ``%`` inside it would not."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup":
            for argument in node.args:
                inside = [
                    inner for inner in ast.walk(argument) if isinstance(inner, ast.JoinedStr | ast.BinOp)
                ]
                assert inside == [], f"{path}:{node.lineno}"
                assert not (
                    isinstance(argument, ast.Call)
                    and isinstance(argument.func, ast.Attribute)
                    and argument.func.attr in ("format", "join", "replace")
                ), f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", TEMPLATES, ids=ids(TEMPLATES))
def test_templates_escape_everything(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b", source)
    assert not re.search(r"autoescape\s+false", source)


def test_autoescaping_is_on_wherever_a_template_is_loaded() -> None:
    found = 0
    for path in TRUSTED:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and "Environment" in ast.unparse(node.func):
                options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert options.get("autoescape") == "True", f"{path}:{node.lineno}"
                found += 1
    assert found


def test_no_drawers_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "tools", "base", "core"}
    tests = (ROOT / "tests").rglob("*.py")
    assert [str(path) for path in [*MODULES, *AUTHORED, *tests] if path.stem in drawers] == []
    assert [str(path) for path in PACKAGE.rglob("*") if path.is_dir() and path.name in drawers] == []
