"""Numbers of bytes, as options and assignments have them."""

from __future__ import annotations

import pytest

from grader.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512M", 2**29),
        ("4G", 2**32),
        ("1.5g", 3 * 2**29),
        (" 10 KiB ", 10_240),
        ("100000", 100_000),
        ("64mb", 2**26),
        (2**20, 2**20),
    ],
)
def test_sizes(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "M", "4T", "-1G", "1e9", "4 G B", "\u0664G", "9" * 400, True, None, 1.5, b"4G"]
)
def test_what_is_none(text: object) -> None:
    with pytest.raises(ValueError, match="is not a size; write 512M or 4G"):
        parse_size(text)


def test_too_little() -> None:
    with pytest.raises(ValueError, match="'1K' is too little; give at least 2,048 bytes"):
        parse_size("1K", least=2048)
