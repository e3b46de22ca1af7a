"""What the fuzzer found, each by a name of its own: the smallest file that showed it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from packing import NOTEBOOK, zipped

from grader.nouns import BadInput
from grader.read import read

Save = Callable[..., Path]


def test_a_zip_member_whose_name_is_a_nul(save: Save) -> None:
    """``zipfile`` cuts the name there and then asks for the last character of nothing."""
    packed = zipped([("Q", NOTEBOOK)]).replace(b"Q", b"\0")
    with pytest.raises(BadInput, match="a name with a control character"):
        read(save(packed, "a.zip"))
