"""Other graders on the same notebook: nbgrader and Otter, each in a virtual environment of its own.

Both run the answers and the tests in one kernel. Their tests here are the very checks that we run, called on
the names of that kernel (``benchmarks.in_process``), so that all do the same work. The environments hold what
pip chooses for the package; torch alone is taken from the running environment, through a ``.pth`` file.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
import venv
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.workload import Task, Workload

ROOT = Path(__file__).parents[1]
HOME = Path(__file__).parent / ".venv-others"
INSTALL_LIMIT_S = 900
RUN_LIMIT_S = 300


class Unavailable(Exception):
    """A rival that cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Rival:
    """An installed rival: its folder of commands, and the version that pip chose."""

    commands: Path
    version: str


# ------------------------------------------------------------------------------------------ installing


def install(package: str, requirement: str) -> Rival:
    """The environment of that package, made at the first call. Raises ``Unavailable``."""
    folder = HOME / package
    stamp = folder / "installed.json"
    wanted = {"requirement": requirement, "python": sys.version}
    if not stamp.is_file() or json.loads(stamp.read_text())["wanted"] != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        version = _create(folder, package, requirement)
        stamp.write_text(json.dumps({"wanted": wanted, "version": version}))
    _show_torch(folder)
    return Rival(folder / "bin", json.loads(stamp.read_text())["version"])


def _create(folder: Path, package: str, requirement: str) -> str:
    HOME.mkdir(exist_ok=True)
    (HOME / ".gitignore").write_text("*\n")
    try:
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        _run([*pip, "install", "--quiet", requirement], INSTALL_LIMIT_S)
        shown = _run([*pip, "list", "--format=json"], 60).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{requirement} could not be installed: {_last_line(error)}") from error
    versions = {found["name"].lower(): found["version"] for found in json.loads(shown)}
    return versions[package]


def _show_torch(folder: Path) -> None:
    """Let the environment see the running one's packages, after its own."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        raise Unavailable("torch is not installed in the running environment")
    for site in folder.glob("lib/python3*/site-packages"):
        (site / "running_environment.pth").write_text(f"{Path(spec.origin).parents[1]}\n")


# ------------------------------------------------------------------------------------------- nbgrader


def prepare_nbgrader(rival: Rival, work: Workload, folder: Path, students: int = 1) -> Callable[[], float]:
    """A course with one assignment and a submission of each student; the result grades them and tells the seconds."""
    course = folder / "course"
    (course / "source" / "ps").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "course"\n')
    notebook = _nbgrader_notebook(work)
    nbformat.write(notebook, course / "source" / "ps" / "light.ipynb")
    for number in range(students):
        submitted = course / "submitted" / f"student{number:04}" / "ps"
        submitted.mkdir(parents=True)
        nbformat.write(notebook, submitted / "light.ipynb")
    variables = _environment(rival, folder)
    command = str(rival.commands / "nbgrader")
    try:
        _run([command, "generate_assignment", "ps"], RUN_LIMIT_S, cwd=course, env=variables)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"nbgrader could not make the assignment: {_last_line(error)}") from error

    def once() -> float:
        fresh = folder / "once"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(course, fresh)  # as it is before the first grading; outside the clock
        seconds = _timed([command, "autograde", "ps"], fresh, variables, RUN_LIMIT_S * students)
        with sqlite3.connect(fresh / "gradebook.db") as book:
            (score,) = book.execute("select sum(auto_score) from grade").fetchone()
        _demand(score and score / students, work)
        return seconds

    return once


def _nbgrader_notebook(work: Workload) -> nbformat.NotebookNode:
    """The light notebook, with one locked test cell for each check behind the answer."""
    notebook = nbformat.read(work.notebook, as_version=4)
    cells: list[nbformat.NotebookNode] = []
    tasks = {task.id: task for task in work.tasks}
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        task = tasks[cell.metadata.pop("grader")["exercise"]]
        cell.metadata["nbgrader"] = _nbgrader(f"answer-{task.id}", solution=True)
        for check, points in task.checks.items():
            source = f"from benchmarks.in_process import examine\n{_call(work, task, check, 'globals()')}"
            test = nbformat.v4.new_code_cell(source)
            test.metadata["nbgrader"] = _nbgrader(
                f"{task.id}-{check}", grade=True, locked=True, points=points
            )
            cells.append(test)
    notebook.cells = cells
    return notebook


def _nbgrader(id: str, **options: Any) -> dict[str, Any]:
    metadata = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return metadata | {"grade_id": id.replace(".", "-")} | options


# ---------------------------------------------------------------------------------------------- Otter


def prepare_otter(rival: Rival, work: Workload, folder: Path) -> Callable[[], float]:
    """An assignment with one test file for each exercise; the result grades once and tells the seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    autograder = folder / "autograder.zip"
    with zipfile.ZipFile(autograder, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"lang": "python"}))
        for task in work.tasks:
            archive.writestr(f"tests/{_otter_name(task)}.py", _otter_test(work, task))
    submission = folder / "light.ipynb"
    nbformat.write(_otter_notebook(work), submission)
    variables = _environment(rival, folder)
    command = [str(rival.commands / "otter"), "run", "--no-logo", "-a", str(autograder), "-o"]

    def once() -> float:
        out = folder / "results"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        seconds = _timed([*command, str(out), str(submission)], cwd=folder, env=variables)
        results = json.loads((out / "results.json").read_text())
        _demand(sum(test.get("score", 0) for test in results["tests"]), work)
        return seconds

    return once


def _otter_notebook(work: Workload) -> nbformat.NotebookNode:
    """The light notebook; each answer says which test file follows it."""
    notebook = nbformat.read(work.notebook, as_version=4)
    tasks = {task.id: task for task in work.tasks}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            task = tasks[cell.metadata.pop("grader")["exercise"]]
            cell.metadata["otter"] = {"tests": [_otter_name(task)]}
    return notebook


def _otter_name(task: Task) -> str:
    return "q" + task.id.replace(".", "_")


def _otter_test(work: Workload, task: Task) -> str:
    head = f"""\
    from benchmarks.in_process import examine
    from otter.test_files import test_case

    OK_FORMAT = False
    name = {_otter_name(task)!r}
    points = None
    """
    cases = [
        f"@test_case(points={points})\ndef {check}(env):\n    {_call(work, task, check, 'env')}\n"
        for check, points in task.checks.items()
    ]
    return "\n\n".join([textwrap.dedent(head), *cases])


# --------------------------------------------------------------------------------------------- common


def _call(work: Workload, task: Task, check: str, names: str) -> str:
    return f"examine({str(work.description)!r}, {task.id!r}, {check!r}, {names})"


def _environment(rival: Rival, home: Path) -> Mapping[str, str]:
    """As if activated, without the user's own Jupyter; our checks can be imported; one thread, as for all."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return kept | {
        "PATH": f"{rival.commands}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def _timed(command: list[str], cwd: Path, env: Mapping[str, str], limit: float = RUN_LIMIT_S) -> float:
    start = time.perf_counter()
    try:
        _run(command, limit, cwd=cwd, env=env)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{Path(command[0]).name} failed: {_last_line(error)}") from error
    return time.perf_counter() - start


def _run(command: list[str], limit: float, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=limit,
        check=True,
        stdin=subprocess.DEVNULL,
        **options,
    )


def _demand(score: float | None, work: Workload) -> None:
    """A run that did not pass every check measured something else."""
    if score is None or abs(score - work.points) > 1e-6:
        raise Unavailable(f"it gave {score} of {work.points:g} points, so it did not do the same work")


def _last_line(error: Exception) -> str:
    output = getattr(error, "stderr", "") or getattr(error, "stdout", "") or str(error)
    lines = [line for line in str(output).splitlines() if line.strip()]
    return lines[-1].strip()[:300] if lines else type(error).__name__
