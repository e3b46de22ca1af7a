"""A limit on memory where the platform has none to offer: look now and then, and end the largest process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psutil

EVERY_S = 0.25


class MemoryWatch:
    """Ends processes of kernels whose trees hold more than `limit` bytes; notes it as ``out_of_memory``.

    What processes share is counted once where the platform tells (Linux), and else what each has for itself.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._roots: list[Callable[[], Any]] = []  # of a kernel: its process, once it has one
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, root: Callable[[], Any]) -> None:
        with self._lock:
            self._roots.append(root)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="memory watch", daemon=True)
            self._thread.start()

    def clear(self) -> None:
        with self._lock:
            self._roots.clear()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            with self._lock:
                roots = list(self._roots)
            for root in roots:
                process = root()
                if process is not None and process.poll() is None:
                    self._look(process)

    def _look(self, process: Any) -> None:
        sizes: dict[psutil.Process, int] = {}
        try:
            tree = psutil.Process(process.pid)
            members = [tree, *tree.children(recursive=True)]
        except psutil.Error:
            return
        for member in members:
            try:
                found = member.memory_full_info()
                sizes[member] = getattr(found, "pss", found.uss)
            except (psutil.Error, OSError):
                continue
        if sum(sizes.values()) > self.limit:
            process.out_of_memory = True
            try:
                max(sizes, key=lambda member: sizes[member]).kill()
            except psutil.Error:
                return
