"""``python -m grader.worker.sandbox FOLDER``: put up every wall, attack each, print what held as JSON.

For ``grade doctor``, which asks what this machine can offer. FOLDER is an empty private directory.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from grader.worker.sandbox import trials, walls
from grader.worker.sandbox.cgroup import Group


def main() -> None:
    folder, limits = Path(sys.argv[1]), walls.Limits()
    group = Group.make(f"grade-doctor-{os.getpid()}", limits.memory, limits.processes)
    result, answer = os.pipe()
    warm, outside = socket.socketpair()
    child = os.fork()
    if child == 0:
        os.close(result)
        warm.close()
        if group is not None:
            group.join()
        inside = walls.enter(folder, folder / "scratch", limits, outside)
        inside.seal()
        layers = [*inside.layers, *(["memory and process group"] if group else [])]
        os.write(answer, json.dumps({"held": trials.held(layers, folder), "notes": inside.notes}).encode())
        os._exit(0)
    os.close(answer)
    outside.close()
    print(os.read(result, 65_536).decode())
    os.waitpid(child, 0)
    warm.close()  # which ends the first process behind the walls
    if group is not None:
        group.remove()


if __name__ == "__main__":
    main()
