"""Cells that would run for ever, print for ever, or bring their kernel down: all else still counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from cells_run import SHORT, Of, answers, endings, executed, printed, runs, shown

from grader.execute.client import OutputLimits
from grader.execute.cold import ColdStart
from grader.execute.isolation import LAYERS
from grader.execute.launch import ProcessLimits, launch
from grader.execute.run import RunLimits
from grader.execute.warm import WarmParent

SWALLOWS = """
import time
while True:
    try:
        while True:
            time.sleep(1000)
    except KeyboardInterrupt:
        pass
"""


def test_interruptible_loops(warm: WarmParent) -> None:
    """The kernel lives on, with everything that was defined before."""
    records = runs(
        warm,
        "seen = 'before'",
        "while True: pass",
        "import time; time.sleep(10**6)",
        "import re; re.match('(a+)+$', 40 * 'a' + 'b')",
        "!sleep 1000000",
        "print(seen)",
        limits=SHORT,
    )
    assert [run.ending for run in records] == ["ok", *4 * ["timeout"], "ok"]
    assert records[1].error is not None
    assert records[1].error.name == "KeyboardInterrupt"
    assert printed(records[-1]) == "before\n"


def test_loops_that_cannot_be_interrupted(warm: WarmParent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel is killed; a fresh one runs the other cells again."""
    monkeypatch.setattr("grader.execute.run.INTERRUPT_GRACE_S", 0.5)
    records = runs(
        warm,
        "seen = 'before'",
        SWALLOWS,
        "sum(range(10**12))",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "print(seen)",
        limits=SHORT,
    )
    assert [run.ending for run in records] == ["ok", *3 * ["timeout"], "ok"]
    assert printed(records[-1]) == "before\n"


def test_cells_that_end_their_process(warm: WarmParent) -> None:
    deadly = [
        "import os; os._exit(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal; os.killpg(0, signal.SIGKILL)",
        "import ctypes; ctypes.string_at(0)",
        "nested = []\nfor _ in range(10**6): nested = [nested]\n"
        "import sys; sys.setrecursionlimit(10**9)\nrepr(nested)",
        "import os; os.abort()",
        "import threading, os\nthreading.Timer(0.2, os._exit, [0]).start()\nimport time; time.sleep(1000)",
    ]
    sources = ["count = 0", *(source for each in deadly for source in (each, "count += 1")), "print(count)"]
    records = runs(warm, *sources)
    assert [run.ending for run in records[1:-1:2]] == ["killed"] * len(deadly)
    assert {run.ending for run in records[::2]} == {"ok"}
    assert printed(records[-1]) == f"{len(deadly)}\n"


def test_what_was_kept_before_outlives_its_kernel(warm: WarmParent) -> None:
    cells = (
        Of(
            "1.1.1",
            "answer = 'first'\nimport pathlib; pathlib.Path('mine.txt').write_text('of the first kernel')",
        ),
        "import os, signal; os.killpg(0, signal.SIGKILL)",
        Of("1.1.2", "answer = 'second'"),
    )
    with executed(warm, *cells) as session:
        assert answers(session, "1.1.1").answer == "first"
        assert answers(session, "1.1.2").answer == "second"
        there = answers(session, "1.1.1").lab.pathlib.Path("mine.txt")
        assert there.read_text() == "of the first kernel"


def test_each_kernel_begins_in_an_empty_folder(warm: WarmParent) -> None:
    """A cell that makes a directory may be run again."""
    records = runs(warm, "import os; os.mkdir('out')\nopen('log', 'x')", "os._exit(1)", "print(os.listdir())")
    assert [run.ending for run in records] == ["ok", "killed", "ok"]
    assert "out" in printed(records[-1])


def test_cell_that_kills_only_the_second_kernel(tmp_path: Path) -> None:
    """Without walls: behind them no cell can tell which kernel it is on."""
    mark = tmp_path / "ran"
    deadly_again = (
        f"import os, pathlib\nmark = pathlib.Path({str(mark)!r})\nif mark.exists(): os._exit(1)\nmark.touch()"
    )
    cells = (
        Of("1.1.1", "answer = 1"),
        Of("1.1.2", deadly_again + "\nanswer = 2"),
        "import os; os._exit(0)",
        Of("1.1.3", "answer = 3"),
    )
    with (
        WarmParent(launch(limits=ProcessLimits(without=LAYERS))) as parent,
        executed(parent, *cells) as session,
    ):
        assert [answers(session, id).answer for id in ("1.1.1", "1.1.2", "1.1.3")] == [1, 2, 3]


def test_number_of_fresh_kernels_is_limited(warm: WarmParent) -> None:
    limits = RunLimits(restarts=2)
    assert endings(warm, *5 * ["import os; os._exit(1)"], "last = 1", limits=limits) == [
        *3 * ["killed"],
        *3 * ["not reached"],
    ]


def test_total_time(warm: WarmParent) -> None:
    """Cells after the limit are not run; what there is of the exercises is kept."""
    cells = (
        Of("1.1.1", "answer = 'in time'"),
        "import time; time.sleep(10**6)",
        Of("1.1.2", "answer = 'too late'"),
    )
    with executed(warm, *cells, limits=RunLimits(cell_s=1000, total_s=3)) as session:
        assert [run.ending for run in session.runs] == ["ok", "timeout", "not reached"]
        assert answers(session, "1.1.1").answer == "in time"
        assert session.worker("1.1.2") is None


def test_capture_that_kills_the_kernel_is_given_up(warm: WarmParent) -> None:
    """A hook at the fork ends the kernel each time it is asked to keep its state: no endless repetition."""
    cells = (
        Of("1.1.1", "answer = 1"),
        Of("1.1.2", "import os; os.register_at_fork(before=lambda: os._exit(1))"),
        "last = 1",
    )
    with executed(warm, *cells) as session:
        assert answers(session, "1.1.1").answer == 1
        assert session.worker("1.1.2") is None


# ------------------------------------------------------------------------------------------ output

SMALL = RunLimits(output=OutputLimits(text=1000, pictures=200_000, flood=500_000))


def test_output_is_cut_at_the_exact_character(warm: WarmParent) -> None:
    records = runs(
        warm,
        "print('x' * 999)",
        "print('x' * 1000)",
        "for i in range(100): print('y' * 49)",
        "import sys\nprint('o' * 900, flush=True)\nprint('e' * 900, file=sys.stderr)",
        "print('the next cell has a limit of its own')",
        limits=SMALL,
    )
    assert {run.ending for run in records} == {"ok"}
    whole, longer, many, both, after = map(printed, records)
    assert whole == "x" * 999 + "\n"
    assert longer == "x" * 1000 + "\n… output cut: this cell printed more than 1,000 characters\n"
    assert many.partition("\n… ")[0] == 20 * ("y" * 49 + "\n")
    assert both.partition("\n… ")[0] == "o" * 900 + "\n" + "e" * 99
    assert after == "the next cell has a limit of its own\n"


def test_large_rich_output_is_left_out(warm: WarmParent) -> None:
    html, error, small, picture, text = runs(
        warm,
        "from IPython.display import HTML, Image, display\nHTML('h' * 10_000)",
        "raise ValueError('v' * 10_000)",
        "display(HTML('<b>small</b>'))",
        "display(Image(b'\\x89PNG' + bytes(20_000), format='png'))",
        "display(Image(b'\\x89PNG' + bytes(250_000), format='png'), 'after')",
        limits=SMALL,
    )
    assert shown(html) == []
    assert "output cut" in printed(html)
    assert error.ending == "error"
    assert error.error is not None
    assert error.error.message.startswith("vvv")
    assert len(error.error.message) <= 4_000
    assert shown(small)[0]["text/html"] == "<b>small</b>"
    assert "image/png" in shown(picture)[0]
    assert shown(text) == [{"text/plain": "'after'"}]
    assert "picture left out" in printed(text)


def test_many_empty_outputs_are_a_flood_too(warm: WarmParent) -> None:
    [run] = runs(warm, "for i in range(500): display(i)", limits=SMALL)
    assert len(shown(run)) < 20


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('z' * 100_000)",
        "from IPython.display import display\nwhile True: display('z' * 100_000)",
        "!yes",
    ],
    ids=["print", "display", "shell"],
)
def test_endless_flood_is_stopped(warm: WarmParent, source: str) -> None:
    """By its amount, long before its time is over."""
    run, after = runs(warm, source, "print('calm')", limits=SMALL)
    assert run.ending == "flooded"
    assert "output cut" in printed(run)
    assert len(printed(run)) < 1_200
    assert printed(after) == "calm\n"


def test_huge_single_message_does_not_reach_us(warm: WarmParent, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the connection, hence the kernel; the memory of the trusted side is not for a cell to fill."""
    monkeypatch.setattr("grader.execute.client.OUTPUT_GRACE_S", 1)
    monkeypatch.setattr("grader.execute.warm.MESSAGE_LIMIT", 2**20)
    before, run, after = runs(warm, "seen = 1", "display('h' * 2**21)", "print('calm', seen)")
    assert (before.ending, run.ending) == ("ok", "flooded")
    assert shown(run) == []
    assert printed(after) == "calm 1\n"


FORGED = """
import json
kernel = get_ipython().kernel
def forge(kind, content):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent(), ident=b"forged")
forge("stream", {"name": 5, "text": ["no", "text"]})
forge("stream", {"name": "stdout", "text": 7})
forge("display_data", {"data": "no dictionary", "metadata": {}})
forge("display_data", {"data": {"text/plain": {"a": [None, 1e999]}}, "metadata": 5, "transient": []})
forge("error", {"ename": 1, "evalue": None, "traceback": 12})
forge("status", {"execution_state": 3})
forge("clear_output", {})
forge("update_display_data", {"data": {}, "transient": {"display_id": []}})
forge("execute_input", {"execution_count": "many"})
forge("comm_open", {"comm_id": "x", "data": {"state": {}}})
deep = {}
for _ in range(200): deep = {"d": deep}
forge("display_data", {"data": {"application/json": deep}, "metadata": {}})
forge("display_data", {"data": {"text/plain": "\\ud800 half a character"}, "metadata": {}})
forge("no_such_message", {})
print("forged")
"""


def test_forged_messages_break_nothing(warm: WarmParent) -> None:
    import nbformat

    with executed(warm, FORGED, "print('calm')") as session:
        assert printed(session.runs[1]) == "calm\n"
        assert session.notebook is not None
        text = nbformat.writes(session.notebook)
        text.encode("utf-8")
        nbformat.validate(nbformat.reads(text, as_version=4))


def test_messages_that_no_kernel_sends_end_the_kernel(warm: WarmParent) -> None:
    """Garbage in place of a reply: the cell is given up, the others run on a fresh kernel."""
    garbage = (
        "kernel = get_ipython().kernel\n"
        "kernel.iopub_socket.send_multipart([b'garbage', b'<IDS|MSG>', b'sig', b'{', b'{', b'{', b'{'])\n"
        "import time; time.sleep(10**6)"
    )
    records = runs(warm, "seen = 1", garbage, "print(seen)", limits=SHORT)
    assert records[1].ending in ("killed", "timeout")
    assert printed(records[2]) == "1\n"


# --------------------------------------------------------------------------------- the same, cold


def test_cold_kernels_do_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    with ColdStart() as cold:
        cells = (
            "import os; print(os.getcwd() == os.environ['HOME'], os.environ.get('HOME'))",
            Of("1.1.1", "answer = 'kept'\ndef f(x): return x + 1"),
            "exit()",
            "while True: print('z' * 100_000)",
            "os.write(2, b'for nobody'); os.system('echo for nobody')",
            "import os; os._exit(1)",
            Of(
                "1.1.2",
                "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1]); plt.show()\nanswer = 2",
            ),
            "print('end')",
        )
        with executed(cold, *cells, limits=SMALL) as session:
            endings = [run.ending for run in session.runs]
            assert endings == ["ok", "ok", "error", "flooded", "ok", "killed", "ok", "ok"]
            assert printed(session.runs[0]).startswith("True")
            assert any("image/png" in data for data in shown(session.runs[6]))
            assert answers(session, "1.1.1").answer == "kept"
            assert answers(session, "1.1.1").f(1) == 2
            assert answers(session, "1.1.2").answer == 2
    assert "for nobody" not in "".join(capfd.readouterr())
