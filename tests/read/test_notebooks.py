"""Notebooks: what is read, what is repaired, what is refused and how the refusal reads."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handmade import code, markdown, v4
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.nouns import BadInput, Submission
from grader.read import cells, ipynb, openings, read

Save = Callable[..., Path]


def sources(submission: Submission) -> list[tuple[str, str]]:
    return [(cell.kind, cell.source) for cell in submission.cells]


def refusal(path: Path) -> str:
    """The message with which a file is refused: one line that begins with the file."""
    with pytest.raises(BadInput) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    assert path.suffix in message
    return message


# ------------------------------------------------------------------------------------- reading


def test_a_notebook_of_format_4_5(save: Save) -> None:
    path = save(v4(code("x = 1\ny = 2"), markdown(["# Title\n", "text"]), {**code("r"), "cell_type": "raw"}))
    submission = read(path)
    assert submission.kind == "ipynb"
    assert submission.path == path
    assert submission.name == "a.ipynb"
    assert submission.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sources(submission) == [("code", "x = 1\ny = 2"), ("markdown", "# Title\ntext"), ("raw", "r")]
    assert [cell.id for cell in submission.cells] == ["id-0", "id-1", "id-2"]
    assert [cell.index for cell in submission.cells] == [0, 1, 2]
    assert [cell.exercise for cell in submission.cells] == [None, None, None]


def test_a_valid_notebook_needs_no_notes(save: Save) -> None:
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}]
    assert read(save(v4(code("print(1)", outputs=outputs, execution_count=3), markdown("a")))).notes == ()
    assert read(save(v4(code("x"), minor=4))).notes == ()  # format 4.4 has no ids to miss


def test_a_notebook_of_format_3(save: Save) -> None:
    v3 = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "old"},
        "worksheets": [
            {
                "metadata": {},
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": ["Title"], "metadata": {}},
                    {
                        "cell_type": "code",
                        "language": "python",
                        "input": ["# exercise: 1.2.1\n", "x = 1"],
                        "outputs": [],
                        "collapsed": False,
                        "metadata": {},
                    },
                ],
            },
            {"metadata": {}, "cells": [{"cell_type": "markdown", "source": "text", "metadata": {}}]},
        ],
    }
    submission = read(save(v3))
    assert sources(submission) == [
        ("markdown", "## Title"),
        ("code", "# exercise: 1.2.1\nx = 1"),
        ("markdown", "text"),
    ]
    assert submission.cells[1].exercise == "1.2.1"
    v3["worksheets"][0]["cells"][1]["language"] = "ruby"  # type: ignore[index]
    assert "'ruby'" in refusal(save(v3))


def test_ids_are_repaired_and_stay_the_same(save: Save) -> None:
    notebook = v4(
        code("a", id="one"),
        code("b", id="one"),
        code("c", id="has spaces"),
        code("d", id=7),
        code("e", id="cell-1"),  # what the second cell would have got
        code("f"),
    )
    del notebook["cells"][5]["id"]
    first, again = read(save(notebook)), read(save(notebook, "b.ipynb"))
    ids = [cell.id for cell in first.cells]
    assert ids[0] == "one"
    assert ids[4] == "cell-1"
    assert len(set(ids)) == 6
    assert ids == [cell.id for cell in again.cells]
    assert first.notes == ("4 cells had no id of their own; new ones were given",)


def test_a_byte_order_mark_and_windows_newlines_are_tolerated(save: Save) -> None:
    text = json.dumps(v4(code("x = 1\r\ny = 2")), indent=1).replace("\n", "\r\n")
    assert sources(read(save(b"\xef\xbb\xbf" + text.encode()))) == [("code", "x = 1\ny = 2")]


def test_the_ending_may_be_in_capitals(save: Save) -> None:
    assert read(save(v4(code("x")), "A.IPYNB")).kind == "ipynb"


def test_half_characters_are_replaced(save: Save) -> None:
    submission = read(save(v4(code("x = '\ud83d'"), code("y = '\U0001f600'"))))
    assert sources(submission) == [("code", "x = '?'"), ("code", "y = '\U0001f600'")]
    assert "lone surrogates" in submission.notes[0]


def test_what_breaks_the_format_without_harm_is_a_note(save: Save) -> None:
    submission = read(save(v4(code("x = 1"), {**markdown("text"), "outputs": []})))
    assert sources(submission) == [("code", "x = 1"), ("markdown", "text")]
    assert len(submission.notes) == 1
    assert "outputs" in submission.notes[0]


def test_a_cell_without_text_is_empty(save: Save) -> None:
    submission = read(save(v4({"cell_type": "code", "input": "of format 3"}, {"cell_type": "markdown"})))
    assert sources(submission) == [("code", ""), ("markdown", "")]


def test_bad_outputs_do_not_matter(save: Save) -> None:
    submission = read(save(v4(code("x", outputs="nonsense"), code("y", outputs=[{"a": 1}]))))
    assert sources(submission) == [("code", "x"), ("code", "y")]
    assert submission.notes == ()


def test_a_newer_minor_version_is_read_with_a_note(save: Save) -> None:
    submission = read(save(v4(code("x = 1"), {"cell_type": "sql", "source": "q", "metadata": {}}, minor=9)))
    assert sources(submission) == [("code", "x = 1"), ("raw", "q")]
    assert "4.9" in submission.notes[0]


def test_a_notebook_without_cells(save: Save) -> None:
    assert read(save(v4())).cells == ()


# -------------------------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    "metadata",
    [
        {"grader": {"exercise": "1.2.1"}},
        {"exercise": "1.2.1"},
        {"exercise": " 01.2.01 "},
        {"tags": ["1.2.1"]},
        {"tags": ["hide", "exercise:1.2.1"]},
        {"tags": ["exercise-1.2.1"]},
        {"tags": ["exercise_1.2.1"]},
        {"tags": ["Exercise: 1.2.1", "1.9.9"]},
        {"grader": {"exercise": "1.2.1"}, "tags": ["3.3.3"], "exercise": "2.2.2"},
    ],
)
@pytest.mark.parametrize("cell", [code, markdown])
def test_labels_in_the_metadata(save: Save, cell: Any, metadata: dict[str, Any]) -> None:
    assert read(save(v4(cell("# exercise: 4.4.4\nx", metadata)))).cells[0].exercise == "1.2.1"


@pytest.mark.parametrize(
    "metadata",
    [
        {"grader": "1.2.1"},
        {"grader": {"exercise": ["1.2.1"]}},
        {"exercise": 1.2},
        {"exercise": "1.2"},
        {"exercise": "1.2.1.4"},
        {"exercise": "1.2.1; rm"},
        {"exercise": "1.2.1234"},
        {"exercise": "١.٢.١"},
        {"tags": "1.2.1"},
        {"tags": [["1.2.1"], {"a": 1}, None]},
        {"tags": ["see 1.2.1"]},
        {"tags": None},
        {"grader": {"exercise": None, "answer": "no name", "role": ["prompt"]}},
    ],
)
def test_what_is_no_label(save: Save, metadata: dict[str, Any]) -> None:
    cell = read(save(v4(markdown("x", metadata)))).cells[0]
    assert (cell.exercise, cell.answer, cell.role) == (None, None, None)


@pytest.mark.parametrize(
    "source",
    [
        "# exercise: 1.2.1",
        "#exercise:1.2.1",
        "#   EXERCISE :  1.2.1   \nx = 1",
        "\n\n  # Exercise 1.2.1 - norms\nx = 1",
        "%%time\n# exercise: 1.2.1\nx = 1",
        "# exercise: 1.2.1.\nx = 1",
    ],
)
def test_labels_in_a_first_line_comment(save: Save, source: str) -> None:
    assert read(save(v4(code(source)))).cells[0].exercise == "1.2.1"


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n# exercise: 1.2.1",
        "# exercise: 1.2",
        "# exercise: 1.2.1.5",
        "# exercise: 1.2.1234",
        "# see exercise: 1.2.1",
        "exercise: 1.2.1",
        "# exercises 1.2.1",
        "<!-- exercise: 1.2.1 -->",  # no comment in Python
    ],
)
def test_comments_that_are_no_labels(save: Save, source: str) -> None:
    assert read(save(v4(code(source)))).cells[0].exercise is None


def test_labels_in_markdown(save: Save) -> None:
    notebook = v4(
        markdown("<!-- exercise: 1.2.1 -->\nan answer"),
        markdown("<!--Exercise 1.2.1, answer: why -->\nan answer"),
        markdown("## Exercise 1.2.1\nan answer"),
        markdown("an answer", {"grader": {"exercise": "1.2.1", "answer": "why", "role": "prompt"}}),
        markdown("<!-- a comment -->\nan answer"),
    )
    labels = [(cell.exercise, cell.answer, cell.role) for cell in read(save(notebook)).cells]
    assert labels == [
        ("1.2.1", None, None),
        ("1.2.1", "why", None),
        ("1.2.1", None, None),
        ("1.2.1", "why", "prompt"),
        (None, None, None),
    ]


# ------------------------------------------------------------------------------------ refusals


def test_what_is_not_there_or_not_a_file(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "missing.ipynb")
    (tmp_path / "d.ipynb").mkdir()
    assert "is empty" in refusal(tmp_path / "d.ipynb")
    (tmp_path / "dangling.ipynb").symlink_to(tmp_path / "nowhere")
    assert "a link to a file that does not exist" in refusal(tmp_path / "dangling.ipynb")
    (tmp_path / "loop.ipynb").symlink_to(tmp_path / "loop.ipynb")
    assert "cannot be read" in refusal(tmp_path / "loop.ipynb")
    assert "cannot be read" in refusal(tmp_path / "a\0b.ipynb")
    assert "cannot be read" in refusal(tmp_path / ("n" * 300 + ".ipynb"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_sockets_and_devices_do_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    assert "is a named pipe" in refusal(tmp_path / "pipe.ipynb")
    monkeypatch.chdir(tmp_path)  # the path of a socket may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.ipynb")
        assert "is a socket" in refusal(Path("socket.ipynb"))
    (tmp_path / "zero.ipynb").symlink_to("/dev/zero")
    assert "is a device" in refusal(tmp_path / "zero.ipynb")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_file_exchanged_for_a_pipe_does_not_block(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is a regular one when it is looked at, and a pipe when it is opened."""
    path = save(v4(code("x")))
    status = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(openings.os.path, "isdir", lambda _: False)
    monkeypatch.setattr(openings.os, "stat", lambda *_, **__: status)
    assert "is a named pipe" in refusal(path)


def test_a_link_to_a_notebook_is_followed(save: Save, tmp_path: Path) -> None:
    (tmp_path / "link.ipynb").symlink_to(save(v4(code("x = 1"))))
    assert sources(read(tmp_path / "link.ipynb")) == [("code", "x = 1")]


def test_an_unreadable_file(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = save(v4())
    monkeypatch.setattr(openings.os, "open", denied)  # root may read everything
    assert "Permission denied" in refusal(path)


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file(save: Save, content: bytes) -> None:
    assert "is empty" in refusal(save(content))
    assert "is empty" in refusal(save(content, "a.py"))


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.ipynb"
    with path.open("wb") as big:
        big.truncate(2**30)
    monkeypatch.setattr(openings.os, "open", lambda *_, **__: pytest.fail("it was opened"))
    message = refusal(path)
    assert "1024 MB" in message
    assert "clear the outputs" in message


def test_a_file_that_grows_beyond_the_limit_while_it_is_read(
    save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(v4())
    status = os.stat(path)
    path.write_bytes(b" " * 2_000)
    monkeypatch.setattr("grader.read.LIMIT_BYTES", 1_000)
    monkeypatch.setattr(openings.os.path, "isdir", lambda _: False)
    monkeypatch.setattr(openings.os, "stat", lambda *_, **__: status)
    monkeypatch.setattr(openings.os, "fstat", lambda _: status)
    assert "more than" in refusal(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{\"a\": \"\xff\"}", "byte 0xff at offset 7"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04zip", "zip archive"),
        (b"{\"a\": \"\0\"}", "NUL character at offset 7"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"print('hello')", "line 1, column 1"),
        (b"{\"cells\": [}", "line 1, column 12"),
        (b"[]", "not a notebook"),
        (b"3", "not a notebook"),
        (b"{}", "no 'nbformat'"),
        (b"{\"nbformat\": \"4\"}", "no 'nbformat'"),
        (b"{\"nbformat\": true}", "no 'nbformat'"),
        (b"{\"nbformat\": 4, \"nbformat_minor\": \"x\"}", "nbformat_minor"),
        (b"{\"nbformat\": 4, \"nbformat_minor\": -1}", "nbformat_minor"),
        (b"{\"nbformat\": 4, \"nbformat_minor\": 5}", "list of cells"),
        (b"{\"nbformat\": 4, \"nbformat_minor\": 5, \"cells\": [3]}", "list of cells"),
        (b"{\"nbformat\": 3, \"worksheets\": {}}", "worksheets"),
        (b"{\"nbformat\": 3, \"worksheets\": [[]]}", "list of cells"),
        (b"{\"nbformat\": 5, \"nbformat_minor\": 0, \"cells\": []}", "newer than the 4"),
        (b"{\"nbformat\": 2, \"nbformat_minor\": 0, \"worksheets\": []}", "too old"),
        (b"1" * 10_000, "not a notebook"),
    ],
)  # fmt: skip
def test_what_is_not_a_notebook(save: Save, content: bytes, expected: str) -> None:
    assert expected in refusal(save(content))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({"source": "x"}, "cell 1 does not say"),
        (code(3), "text of cell 1"),  # type: ignore[arg-type]
        (code([3]), "text of cell 1"),  # type: ignore[list-item]
        ({**code("x"), "metadata": []}, "metadata of cell 1"),
    ],
)
def test_damaged_cells(save: Save, cell: dict[str, Any], expected: str) -> None:
    assert expected in refusal(save(v4(cell)))


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [ipynb.MAX_DEPTH + 1, 100_000])
def test_deep_nesting(save: Save, opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    inner = opening * depth + "1" + closing * depth
    path = save(f'{{"nbformat": 4, "nbformat_minor": 5, "metadata": {{"x": {inner}}}, "cells": []}}')
    assert f"deeper than the {ipynb.MAX_DEPTH} levels" in refusal(path)


def test_moderate_nesting_is_read(save: Save) -> None:
    inner: Any = 1
    for _ in range(ipynb.MAX_DEPTH - 10):
        inner = [inner]
    assert len(read(save(v4(code("x", {"deep": inner})))).cells) == 1


def test_swarms_of_tiny_lists(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ipynb, "MAX_CONTAINERS", 1_000)
    assert "too intricate" in refusal(save(v4(metadata={"a": [[]] * 1_000})))


def test_too_many_cells_and_too_much_code(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAX_CELLS", 2)
    assert "has 3 cells" in refusal(save(v4(code("x"), code("x"), code("x"))))
    monkeypatch.setattr(cells, "MAX_CODE", 1_000)
    assert "characters of code" in refusal(save(v4(code("x" * 1_001))))
    assert len(read(save(v4(markdown("x" * 1_001)))).cells) == 1  # pictures are pasted into Markdown


@pytest.mark.parametrize(
    ("metadata", "shown"),
    [
        ({"language_info": {"name": "julia"}}, "'julia'"),
        ({"kernelspec": {"name": "ir", "language": "R"}}, "'R'"),
        ({"kernelspec": {"name": "julia-1.9"}}, "'julia-1.9'"),
    ],
)
def test_a_notebook_for_another_language(save: Save, metadata: dict[str, Any], shown: str) -> None:
    message = refusal(save(v4(code("x"), metadata=metadata)))
    assert shown in message
    assert "choose a Python kernel" in message


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        [],
        {"kernelspec": {"name": "python3", "language": "python"}, "language_info": {"name": "python"}},
        {"kernelspec": {"name": "my-venv", "display_name": "R?"}},
        {"kernelspec": "nonsense", "language_info": 3},
        {"language_info": {"name": "ipython"}},
        {"kernelspec": {"name": "ironpython"}},
    ],
)
def test_a_notebook_for_python(save: Save, metadata: Any) -> None:
    assert len(read(save({**v4(code("x")), "metadata": metadata})).cells) == 1


@pytest.mark.parametrize("name", ["a.txt", "a.ipynb.bak", "a"])
def test_other_files(save: Save, name: str) -> None:
    path = save("x = 1", name)
    with pytest.raises(BadInput, match=r"hand in a notebook \(\.ipynb\) or a script \(\.py\)"):
        read(path)


@pytest.mark.skipif(sys.platform == "win32", reason="such names are impossible there")
def test_messages_stay_on_one_line_whatever_the_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read(tmp_path / "a\n\x1b[31m\u202eb.ipynb")
    message = str(caught.value)
    assert message.isprintable()
    assert r"a\n\x1b[31m\u202eb.ipynb" in message


# ---------------------------------------------------------------------------------------- fuzz

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(
    ["nbformat", "nbformat_minor", "metadata", "cells", "worksheets", "id", "cell_type", "source", "input",
     "outputs", "language", "level", "kernelspec", "language_info", "name", "tags", "grader", "exercise",
     "answer", "role", "attachments", "execution_count", "orig_nbformat", "prompt_number", "collapsed"]
)  # fmt: skip


odd_values = st.sampled_from([[], {}, "", None, 0, -1, 4, 10**30, "code", ["a", "b"], [["a"]], "\ud800"])


def mutated(draw: st.DrawFn, value: Any) -> Any:
    """A copy of a JSON value, some parts of it replaced, dropped or renamed: about one in thirty."""
    chance = draw(st.integers(0, 60))
    if chance < 2:
        return draw(odd_values if chance else json_values)
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, inner in value.items():
            chance = draw(st.integers(0, 60))
            if chance:  # else it is dropped
                found[draw(fields) if chance == 1 else key] = mutated(draw, inner)
        if draw(st.integers(0, 9)) == 0:
            found[draw(fields)] = draw(json_values)
        return found
    if isinstance(value, list):
        return [mutated(draw, inner) for inner in value]
    return value


@st.composite
def mutated_notebooks(draw: st.DrawFn) -> bytes:
    tagged = {"tags": ["1.2.1"], "grader": {"exercise": "1.2.1", "answer": "why"}}
    cells = [code("x = 1", tagged), markdown("text", tagged), code(["a\n", "b"], id="id-0")]
    notebook = v4(*cells, minor=draw(st.integers(3, 6)))
    if draw(st.booleans()):
        sheet = {"cells": [{"cell_type": "code", "input": "x", "language": "python"}, markdown("a")]}
        notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}
    return json.dumps(mutated(draw, notebook)).encode()


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """The bytes of a notebook with a piece cut out, doubled or overwritten."""
    data = json.dumps(v4(code("x = 1"), markdown("t"))).encode()
    first = draw(st.integers(0, len(data)))
    last = draw(st.integers(first, len(data)))
    return data[:first] + draw(st.binary(max_size=10) | st.just(data[first:last] * 2)) + data[last:]


@settings(max_examples=300, deadline=None)
@given(mutated_notebooks() | damaged_files() | st.binary(max_size=200))
def test_whatever_the_file_holds(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.ipynb"
    path.write_bytes(data)
    refused = ""
    submission = None
    try:
        submission = read(path)
    except BadInput as error:
        refused = str(error)
    assert refused.isprintable()
    if submission is None:
        assert refused
        return
    ids = [cell.id for cell in submission.cells]
    assert len(set(ids)) == len(ids)
    for cell in submission.cells:
        cell.source.encode()  # nothing that a socket or a file could not take
    assert all(note.isprintable() for note in submission.notes)
