"""batch.log: what happened when, a line of JSON each, for whoever wonders the next morning."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Log:
    """Appends to a file. Each line is on its way before `write` returns, so a kill loses none."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, event: str, **details: Any) -> None:
        told = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event} | details
        self._file.write(json.dumps(told).encode() + b"\n")
