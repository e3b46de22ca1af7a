"""``grade doctor``: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

State = Literal["ok", "degraded", "missing"]

PACKAGES = (
    "numpy",
    "matplotlib",
    "scikit-learn",
    "nbformat",
    "nbclient",
    "jupyter-client",
    "ipykernel",
    "jupytext",
    "jinja2",
    "markdown-it-py",
    "pygments",
    "nh3",
    "click",
    "rich",
    "psutil",
)


TO_STRANGERS = "Grade strangers' programs in a container, or on an account that has nothing to lose."
LAYERS = (
    "process namespace",
    "read-only file system",
    "no network",
    "own IPC",
    "unused user id",
    "no new privileges",
    "Landlock",
    "seccomp",
    "resource limits",
    "memory and process group",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    what: str
    state: State
    found: str
    remedy: str = ""
    essential: bool = False  # without it nothing can be graded

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine_machine() -> list[Line]:
    """Look at everything; takes a few seconds, since kernels are really started."""
    looks: list[Callable[[], list[Line]]] = [
        _python,
        _torch,
        _torchvision,
        _packages,
        _exercises,
        _calibrations,
        _kernels,
        _isolation,
        _gpu,
        _data,
        _browser,
    ]
    lines: list[Line] = []
    for look in looks:
        try:
            lines += look()
        except Exception as error:  # noqa: BLE001 - a look that fails is a finding, not a crash
            lines.append(Line(look.__name__.strip("_"), "degraded", f"{type(error).__name__}: {error}"))
    return lines


def print_health(lines: list[Line]) -> None:
    """One line each: a mark, what, what was found, and the remedy below where there is one."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    marks = {
        "ok": "[green]ok[/green]",
        "degraded": "[yellow]degraded[/yellow]",
        "missing": "[red]missing[/red]",
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for line in lines:
        text = escape(line.found) + (f"\n[dim]{escape(line.remedy)}[/dim]" if line.remedy else "")
        table.add_row(marks[line.state], escape(line.what), text)
    Console().print(table)


def _python() -> list[Line]:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    good = sys.version_info >= (3, 11)
    return [
        Line(
            "Python",
            "ok" if good else "missing",
            found,
            "" if good else "Install Python 3.11 or newer.",
            True,
        )
    ]


def _torch() -> list[Line]:
    try:
        import torch
    except ImportError as error:
        return [Line("torch", "missing", str(error), "pip install 'torch>=2.6,<2.14'", True)]
    release = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
    if not (2, 6) <= release < (2, 14):
        return [Line("torch", "degraded", torch.__version__, "The checks were made with 2.6 to 2.13.")]
    return [Line("torch", "ok", torch.__version__)]


def _torchvision() -> list[Line]:
    from grader.torchvision_mend import mend

    try:
        declared = mend()
    except ImportError as error:
        return [Line("torchvision", "missing", str(error), "pip install 'torchvision>=0.21,<0.29'")]
    found = version("torchvision")
    if declared:
        found += ", built for another torch: its missing operators were declared, data sets and models work"
        return [Line("torchvision", "ok", found)]
    return [Line("torchvision", "ok", found)]


def _packages() -> list[Line]:
    absent: list[str] = []
    for package in PACKAGES:
        try:
            version(package)
        except PackageNotFoundError:
            absent.append(package)
    if absent:
        return [Line("packages", "missing", ", ".join(absent), f"pip install {' '.join(absent)}", True)]
    return [Line("packages", "ok", f"all {len(PACKAGES)} found")]


def _exercises() -> list[Line]:
    from grader.catalogue import catalogue

    exercises = catalogue()
    lines = [Line("exercises", "ok", f"{len(exercises)} found")]
    if importlib.util.find_spec("reference") is None:
        lines.append(
            Line("references", "missing", "no reference solutions", "Install the whole project.", True)
        )
    else:
        from grader.examine.solutions import read_reference

        for exercise in exercises.values():
            read_reference(exercise)
        lines.append(Line("references", "ok", f"one for each of {len(exercises)} exercises"))
    return lines


def _calibrations() -> list[Line]:
    """Thresholds of accuracies: measured here, with other versions, or never."""
    from grader.calibrate import measured_before
    from grader.catalogue import catalogue
    from grader.examine.calibration import scored, staleness

    trouble: dict[str, str] = {}
    count = 0
    for exercise, check, known in measured_before(catalogue()):
        kind = scored(check)
        count += 1
        if known is None:
            trouble[exercise.id] = f"{exercise.id} {check.name} was never measured"
        elif kind and (reasons := staleness(known, exercise, kind)):
            trouble[exercise.id] = f"{exercise.id} {check.name} was measured when {reasons[0]}"
    if trouble:
        found = "; ".join(trouble.values())
        return [Line("thresholds", "degraded", found, f"grade calibrate {','.join(trouble)}")]
    return [Line("thresholds", "ok", f"all {count} measured with what is installed here")]


def _kernels() -> list[Line]:
    """Start a kernel each way and run a cell in it."""
    from grader.execute.warm import ColdStart, WarmParent

    lines: list[Line] = []
    if sys.platform == "linux":
        with WarmParent() as warm:
            warm.wait_until_ready()
            lines.append(
                _try_kernel("warm kernel", warm, "Kernels will be started cold: slower, otherwise the same.")
            )
    else:
        found = "processes cannot be forked safely here"
        lines.append(
            Line("warm kernel", "degraded", found, "Kernels are started cold: slower, otherwise the same.")
        )
    with ColdStart() as cold:
        remedy = "Reinstall ipykernel and nbclient." if not lines or lines[0].state != "ok" else ""
        lines.append(_try_kernel("cold kernel", cold, remedy))
    return lines


def _try_kernel(what: str, source: Any, remedy: str) -> Line:
    from grader.execute.session import execute
    from grader.nouns import Cell, Submission

    cell = Cell(0, "probe", "code", "assert 1 + 1 == 2", "probe")
    submission = Submission(Path("probe.ipynb"), "probe.ipynb", "ipynb", "", (cell,))
    start = time.monotonic()
    with execute(submission, source, frozenset({"probe"})) as session:
        good = session.runs[0].ending == "ok" and session.worker("probe") is not None
    seconds = time.monotonic() - start
    if good:
        return Line(what, "ok", f"runs a cell and serves its state, {seconds:.1f} s")
    return Line(what, "degraded", f"the cell ended with {session.runs[0].ending}", remedy)


def _isolation() -> list[Line]:
    """The walls that this machine can put around a process: each was put up and attacked from inside."""
    lines = [Line("isolation", "degraded", "processes of their own; no walls around them yet", TO_STRANGERS)]
    if sys.platform != "linux":
        return lines
    from grader.execute.launch import try_walls

    held = try_walls()
    for layer in LAYERS:
        found = "could hold on this machine" if layer in held else "cannot be had on this machine"
        lines.append(Line(f"  {layer}", "ok" if layer in held else "degraded", found))
    return lines


def _gpu() -> list[Line]:
    import torch

    if torch.cuda.is_available():
        return [Line("GPU", "ok", torch.cuda.get_device_name(0))]
    remedy = "Checks that need a GPU are skipped; they cost no points." if torch.version.cuda else ""
    found = "none" if torch.version.cuda else "none, and this torch is a CPU build; nothing here needs one"
    return [Line("GPU", "degraded" if torch.version.cuda else "ok", found, remedy)]


def _data() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        free = shutil.disk_usage(folder).free / 2**30
    if free < 1:
        return [
            Line("disk", "degraded", f"{free:.1f} GiB free in {tempfile.gettempdir()}", "Free some space.")
        ]
    return [
        Line("disk", "ok", f"{free:.0f} GiB free in {tempfile.gettempdir()}"),
        Line("data", "ok", "the installed exercises need no data sets"),
    ]


def _browser() -> list[Line]:
    found = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if found:
        return [Line("browser for the tests", "ok", found)]
    return [
        Line(
            "browser for the tests",
            "degraded",
            "no Chromium found",
            "Only the project's own tests use it; they skip what needs one. On Debian: apt-get install chromium",
        )
    ]
