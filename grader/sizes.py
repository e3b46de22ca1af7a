"""Numbers of bytes as people write them: ``512M``, ``4G``, ``100000``."""

from __future__ import annotations

import re

_SIZE = re.compile(r"\s*(\d{1,18}(?:\.\d{1,18})?)\s*([kKmMgG]?)i?[bB]?\s*", re.ASCII)


def parse_size(value: object, least: int = 1) -> int:
    """The number of bytes; K, M and G are powers of 1,024.

    Raises:
        ValueError: it is no size, or less than ``least``. The message completes the name of the setting.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{value!r} is not a size; write 512M or 4G")
    match = _SIZE.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is not a size; write 512M or 4G")
    size = int(float(match[1]) * 1024 ** " kmg".index(match[2].lower() or " "))
    if size < least:
        raise ValueError(f"{value!r} is too little; give at least {least:,} bytes")
    return size
