"""``grade doctor``: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from grader.execute.warm import KernelSource

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


NAMESPACES = (
    "Allow unprivileged user namespaces, or run as root: the warm parent then drops to an unused user."
)
REMEDIES = {
    "process namespace": NAMESPACES,
    "read-only file system": NAMESPACES,
    "no network": NAMESPACES,
    "own IPC": NAMESPACES,
    "unused user id": "Only root can change to another user; as an ordinary user the other walls must do.",
    "Landlock": "Needs Linux 5.13 with Landlock enabled.",
    "seccomp": "Needs a kernel with seccomp filters, on x86-64 or 64-bit Arm.",
    "memory and process group": "No control group is writable; the resident size is watched instead.",
}


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
        _kernels,
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


def _kernels() -> list[Line]:
    """Start a kernel each way, run a cell in it, and see which walls around it held when they were attacked."""
    from grader.execute.cold import ColdStart
    from grader.execute.warm import WarmParent

    slower = "Kernels are started cold: slower, and with no walls around them."
    lines: list[Line] = []
    layers: Mapping[str, bool] = {}
    if sys.platform == "linux":
        with WarmParent() as warm:
            warm.wait_until_ready()
            line, layers = _try_kernel("warm kernel", warm, slower)
            lines.append(line)
    else:
        lines.append(Line("warm kernel", "degraded", "processes cannot be forked safely here", slower))
    with ColdStart() as cold:
        remedy = "Reinstall ipykernel and nbclient." if not lines or lines[0].state != "ok" else ""
        line, cold_layers = _try_kernel("cold kernel", cold, remedy)
    return [*lines, line, *_isolation(layers or cold_layers)]


def _try_kernel(what: str, source: KernelSource, remedy: str) -> tuple[Line, Mapping[str, bool]]:
    from grader.execute.session import execute
    from grader.nouns import Cell, Submission

    cell = Cell(0, "probe", "code", "assert 1 + 1 == 2", "probe")
    submission = Submission(Path("probe.ipynb"), "probe.ipynb", "ipynb", "", (cell,))
    start = time.monotonic()
    with execute(submission, source, frozenset({"probe"})) as session:
        good = session.runs[0].ending == "ok" and session.worker("probe") is not None
        layers = session.layers
    seconds = time.monotonic() - start
    if good:
        return Line(what, "ok", f"runs a cell and serves its state, {seconds:.1f} s"), layers
    return Line(what, "degraded", f"the cell ended with {session.runs[0].ending}", remedy), layers


def _isolation(layers: Mapping[str, bool]) -> list[Line]:
    """The walls around a submission: each was attacked from inside, and this is what held."""
    from grader.execute.isolation import level

    held = [layer for layer, holds in layers.items() if holds]
    reached = level(held)
    state: dict[str, State] = {"full": "ok", "partial": "degraded", "none": "missing"}
    remedy = (
        "" if reached == "full" else "Grade strangers' programs in a container or on an account of their own."
    )
    lines = [Line("isolation", state[reached], reached, remedy)]
    for layer, holds in layers.items():
        remedy = "" if holds else REMEDIES.get(layer, "")
        lines.append(
            Line(f"  {layer}", "ok" if holds else "degraded", "held" if holds else "does not hold", remedy)
        )
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
