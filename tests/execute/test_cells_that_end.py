"""Cells that come to an end by themselves, rightly or wrongly: what is recorded, and that the next one runs."""

from __future__ import annotations

import pytest
from cells_run import printed, runs, shown, submission

from grader.execute.session import execute
from grader.execute.warm import WarmParent
from grader.nouns import Cell, CellRun

FAILING = {
    "1 / 0": "ZeroDivisionError",
    "def f(:": "SyntaxError",
    "  x = 1\n y = 2": "IndentationError",
    "nobody_defined_this": "NameError",
    "import sys\nsys.exit()": "SystemExit",
    "import sys\nsys.exit('no answer')": "SystemExit",
    "exit()": "SystemExit",
    "quit()": "SystemExit",
    "exit": "SystemExit",
    "raise SystemExit": "SystemExit",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "raise GeneratorExit": "GeneratorExit",
    "raise BaseException('all of them')": "BaseException",
    "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])": "ExceptionGroup",
    "class Silent(Exception):\n    def __str__(self): raise RuntimeError\nraise Silent": "RuntimeError",
    "input('Your name? ')": "StdinNotImplementedError",
    "import getpass\ngetpass.getpass()": "StdinNotImplementedError",
    "breakpoint()": "StdinNotImplementedError",
    "def r(n): return r(n + 1)\nr(0)": "RecursionError",
    "try:\n    r(0)\nexcept RecursionError as error:\n    raise ValueError('deep') from error": "ValueError",
    "%run nosuch.py": "Exception",
    "%nosuchmagic": "UsageError",
    "%%bash\nexit 3": "CalledProcessError",
    "import asyncio\nawait asyncio.wait_for(asyncio.sleep(100), 0.01)": "TimeoutError",
}


@pytest.fixture(scope="module")
def failing(warm: WarmParent) -> dict[str, CellRun]:
    """All failing cells in one notebook, and a sound one after each."""
    sources = [source for failing in FAILING for source in (failing, "print('the next one runs')")]
    return dict(zip(FAILING, _pairs(runs(warm, *sources)), strict=True))


def _pairs(records: list[CellRun]) -> list[CellRun]:
    for after in records[1::2]:
        assert (after.ending, printed(after)) == ("ok", "the next one runs\n"), records[after.index - 1]
    return records[::2]


@pytest.mark.parametrize(("source", "name"), FAILING.items())
def test_error_is_recorded_with_its_cell(failing: dict[str, CellRun], source: str, name: str) -> None:
    run = failing[source]
    assert run.ending == "error"
    assert run.error is not None
    assert run.error.name == name


def test_message_and_own_line_are_kept(failing: dict[str, CellRun]) -> None:
    error = failing["1 / 0"].error
    assert error is not None
    assert error.message == "division by zero"
    assert any("1 / 0" in line for line in error.traceback)
    assert not any("\x1b" in line for line in error.traceback)


def test_long_traceback_is_cut_in_the_middle(failing: dict[str, CellRun]) -> None:
    error = failing["def r(n): return r(n + 1)\nr(0)"].error
    assert error is not None
    assert error.message == "maximum recursion depth exceeded"
    assert len("\n".join(error.traceback)) < 20_000


WORKING = {
    "%timeit": "%timeit -n 10 -r 2 sum(range(100))",
    "%%timeit": "%%timeit -n 10 -r 2\nsum(range(100))",
    "inline": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "left open": "figure, axes = plt.subplots()\naxes.plot([3, 4]);",
    "shell": "!echo from the shell",
    "bash": "%%bash\necho from bash",
    "own html": "class Table:\n    def _repr_html_(self): return '<b>a table</b>'\nTable()",
    "html": "from IPython.display import HTML, display\ndisplay(HTML('<i>shown</i>'))",
    "value": "[1, 2, 3]",
    "silenced": "[1, 2, 3];",
    "stderr": "import sys\nprint('to stderr', file=sys.stderr)",
    "warning": "import warnings\nwarnings.warn('careful')",
    "descriptor": "import os\nwritten = os.write(1, b'straight to the descriptor\\n')",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')",
    "write": "%%writefile own_module.py\nvalue = 42",
    "own module": "import own_module\nprint(own_module.value)",
    "history": "print(_ == [1, 2, 3], In[0] == '')",
    "progress": "from tqdm.auto import tqdm\nfor _ in tqdm(range(3)): pass\nprint('done')",
    "replaced": "from IPython.display import clear_output\nprint('old')\nclear_output()\nprint('new')",
    "update": "handle = display('first', display_id=True)\nhandle.update('second')",
    "unicode": "größe = '∇·u ≠ 0 🔥'\nprint(größe)",
    "help": "?print",
}


@pytest.fixture(scope="module")
def working(warm: WarmParent) -> dict[str, CellRun]:
    return dict(zip(WORKING, runs(warm, *WORKING.values()), strict=True))


def test_all_of_them_work(working: dict[str, CellRun]) -> None:
    missing = {"progress"}  # tqdm is no dependency of ours
    assert {
        name: run.error for name, run in working.items() if run.ending != "ok" and name not in missing
    } == {}


@pytest.mark.parametrize("name", ["%timeit", "%%timeit"])
def test_timing_magics_print(working: dict[str, CellRun], name: str) -> None:
    assert "per loop" in printed(working[name])


@pytest.mark.parametrize("name", ["inline", "left open"])
def test_figures_are_pictures(working: dict[str, CellRun], name: str) -> None:
    pictures = [data["image/png"] for data in shown(working[name]) if "image/png" in data]
    assert len(pictures) == 1
    assert pictures[0].startswith("iVBORw0KGgo")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shell", "from the shell"),
        ("bash", "from bash"),
        ("stderr", "to stderr"),
        ("warning", "UserWarning: careful"),
        ("descriptor", "straight to the descriptor"),
        ("await", "awaited"),
        ("own module", "42"),
        ("history", "True True"),
        ("unicode", "∇·u ≠ 0 🔥"),
    ],
)
def test_what_a_cell_prints_is_kept(working: dict[str, CellRun], name: str, text: str) -> None:
    assert text in printed(working[name])


def test_rich_outputs_are_kept(working: dict[str, CellRun]) -> None:
    assert shown(working["own html"])[0]["text/html"] == "<b>a table</b>"
    assert shown(working["html"])[0]["text/html"] == "<i>shown</i>"
    assert shown(working["value"])[0]["text/plain"] == "[1, 2, 3]"
    assert shown(working["silenced"]) == []
    assert shown(working["update"])[0]["text/plain"] == "'second'"
    assert printed(working["replaced"]) == "new\n"


def test_notebook_without_cells(warm: WarmParent) -> None:
    with execute(submission(), warm, frozenset()) as session:
        assert session.runs == ()
        assert session.kept == {}
        assert session.worker("1.1.1") is None


def test_cells_without_code_are_not_run(warm: WarmParent) -> None:
    cells = (
        Cell(0, "a", "markdown", "# A title\n```python\n1 / 0\n```"),
        Cell(1, "b", "code", ""),
        Cell(2, "c", "code", "   \n\n"),
        Cell(3, "d", "raw", "1 / 0"),
        Cell(4, "e", "code", "# only a comment"),
        Cell(5, "f", "code", "print(6 * 7)"),
    )
    with execute(submission(*cells), warm, frozenset()) as session:
        assert [(run.index, run.ending) for run in session.runs] == [(4, "ok"), (5, "ok")]
        assert session.notebook is not None
        assert [cell.cell_type for cell in session.notebook.cells] == [cell.kind for cell in cells]
        assert session.notebook.cells[5].outputs[0].text == "42\n"


def test_progress_is_told(warm: WarmParent) -> None:
    steps: list[tuple[int, int]] = []
    made = submission("a = 1", "1 / 0", "c = 3")
    with execute(made, warm, frozenset(), progress=lambda done, total: steps.append((done, total))):
        assert steps == [(1, 3), (2, 3), (3, 3)]


def test_what_is_written_to_a_descriptor_belongs_to_its_cell(warm: WarmParent) -> None:
    """It comes by way of a pipe and a thread, and must not come after the cell is said to be done."""
    cells = [f"import os\nwritten = os.write({n % 2 + 1}, b'from cell {n}\\n')" for n in range(150)]
    records = runs(warm, *cells)
    assert [printed(run) for run in records] == [f"from cell {n}\n" for n in range(150)]
