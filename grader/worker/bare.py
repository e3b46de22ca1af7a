"""A worker without a notebook: runs one piece of trusted source and serves what it defined.

Used for the reference solution where it must run in a process like the student's: as the other side of a
timing, and to tell a fault of a check from a fault of an answer. No student code ever runs in it.
"""

from __future__ import annotations

import linecache
import sys
from typing import Any

from grader.wire import decode
from grader.worker.capture import serve_here


def run(address: str, name: str, source: str) -> None:
    """Execute `source` and serve its namespace under `name` to the socket at `address`, once it is there."""
    file = f"<submission {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, file, "exec"), namespace)
    serve_here(address, name, namespace)


def main() -> None:
    """The order comes on stdin: a command line can be read by everybody."""
    import torch

    torch.set_num_threads(1)
    run(**decode(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
