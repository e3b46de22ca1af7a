"""What a student wrote, in what an instructor opens: the report, grade.json, the terminal. Text, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.attacks.conftest import AFTER, Command, right, save
from tests.write.hostile_text import HOSTILE
from tests.write.parsed_page import Node, parse

OUTPUTS = (
    "from IPython.display import HTML, SVG, Javascript, Markdown, display",
    f"hostile = {HOSTILE!r}\nprint(hostile)",
    "display(HTML(hostile)); display(Markdown(hostile)); display(Javascript('window.pwned = 1'))",
    "display({'image/svg+xml': '<svg onload=\"window.pwned=1\"><script>1</script></svg>'}, raw=True)",
    "display({'text/html': '<a href=\"javascript:window.pwned=1\">x</a><img src=x onerror=1>', 'text/plain': '\\x1b]0;title\\x07'}, raw=True)",
    "raise type('<b>Error</b>', (Exception,), {})(hostile)",
    "def to_3d(*args): raise ValueError(hostile)\ndef odd_slice(*args): return hostile",
)


def test_a_report_of_hostile_outputs_runs_nothing(
    full: None, usual: str, command: Command, tmp_path: Path
) -> None:
    path = save(tmp_path / "a" / "=cmd()<img src=x onerror=1>.ipynb", *OUTPUTS, right(AFTER))
    told = command(path, "--only", f"1.3.2,{AFTER}")
    assert told.code == 0, told
    assert told.points == {"1.3.2": 0.0, AFTER: 5.0}
    html = (path.parent / "report.html").read_text()
    page: Node = parse(html)
    assert page.all("script") == []
    assert "Content-Security-Policy" in html
    for node in page.all():
        assert not [name for name in node.attributes if name.startswith("on")], node
        if node.tag == "a":
            assert not str(node.attributes.get("href", "")).lower().startswith(("javascript:", "data:")), node
    assert "\x1b" not in html + told.out + (path.parent / "grade.json").read_text()
    assert not re.search("[\u202a-\u202e\x00\x07\x9b]", html)
    json.loads((path.parent / "grade.json").read_text())


def test_names_of_files_do_no_harm(full: None, usual: str, command: Command, tmp_path: Path) -> None:
    """Overlong ones, leading dashes and dots, right-to-left overrides, quotes; each is graded or refused clearly."""
    for name in (
        "a" * 240 + ".ipynb",
        "-rf.ipynb",
        "..ipynb",
        "a\u202egnp.ipynb",
        "a'\"`$(id).ipynb",
        "a b\t.ipynb",
    ):
        path = save(tmp_path / "names" / name, right(AFTER))
        told = command(Path(path), "--only", AFTER)
        assert told.code == 0, told
        assert "\u202e" not in told.out + (path.parent / "report.html").read_text()
        assert told.points == {AFTER: 5.0}
        path.unlink()
