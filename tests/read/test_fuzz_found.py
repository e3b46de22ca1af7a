"""What the fuzzer found, each by a name of its own: the smallest file that showed it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from handmade import code, make_exercise, v4
from packing import NOTEBOOK, zipped

from grader.nouns import BadInput
from grader.read import read
from grader.read.belonging import assign, attempted, untouched

Save = Callable[..., Path]


def test_a_zip_member_whose_name_is_a_nul(save: Save) -> None:
    """``zipfile`` cuts the name there and then asks for the last character of nothing."""
    packed = zipped([("Q", NOTEBOOK)]).replace(b"Q", b"\0")
    with pytest.raises(BadInput, match="a name with a control character"):
        read(save(packed, "a.zip"))


def test_a_number_of_more_digits_than_python_writes(save: Save) -> None:
    """Read as hexadecimal it takes no time; ``ast.dump`` refuses to write it down in decimal."""
    source = "two = 0x" + "f" * 5_000
    exercises = {"1.1.2": make_exercise("1.1.2", {"two": "value"}, stub="two = None\n")}
    submission = read(save(v4(code(source, {"tags": ["1.1.2"]}))))
    assert assign(submission, exercises).cells[0].exercise == "1.1.2"
    assert attempted(submission, exercises) == {"1.1.2"}
    assert not untouched(source, "two = None")


@pytest.mark.parametrize("level", [10**30, 10**9, 7, 0, -1, True, "2", None, [], 2.0])
def test_a_heading_of_a_level_that_there_is_not(save: Save, level: object) -> None:
    """nbformat writes as many ``#`` as the level says."""
    heading = {"cell_type": "heading", "level": level, "source": ["Title"], "metadata": {}}
    sheets = [{"cells": [heading], "metadata": {}}]
    read_in = read(save({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": sheets}))
    assert [cell.source for cell in read_in.cells] == ["# Title"]
