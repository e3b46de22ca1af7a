"""Kernels that are started afresh: for platforms without fork, and for whoever asks for it.

Slower than the warm parent, and otherwise the same. On Linux bubblewrap puts namespaces and a read-only file
system around them where it is installed; Landlock, seccomp and resource limits need nothing. Elsewhere a
submission is a process of its own whose memory is watched, which is no boundary.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from grader.execute.launch import ProcessLimits, with_project_path
from grader.execute.strays import end_strays
from grader.execute.warm import SubmissionKernelManager, environment, kernel_manager
from grader.execute.watch import MemoryWatch
from grader.wire import encode


class ColdStart:
    """A fresh Python process for each kernel."""

    name = "cold"
    base: Path | None = None

    def __init__(self, forks: bool = True, limits: ProcessLimits | None = None) -> None:
        self.forks = forks
        self._limits = limits or ProcessLimits()
        self._workers: list[subprocess.Popen[Any]] = []
        self._folders: list[Path] = []  # of the submissions since the last sweep
        self._watch = MemoryWatch(self._limits.memory)

    def __enter__(self) -> ColdStart:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def kernel_manager(self, runtime: Path) -> SubmissionKernelManager:
        scratch = runtime / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        self._folders.append(scratch)
        manager = kernel_manager(runtime, {})
        manager.folder, manager.told = runtime, runtime / "layers.json"
        manager.spec.argv = self._command("kernel", runtime) + ["-f", "{connection_file}"]
        if self._limits.wrapper:
            # it does not pass signals on, so the kernel is asked by a message to interrupt itself
            manager.spec.interrupt_mode = "message"
        manager.launch_options = self._options(scratch)
        self._watch.add(lambda: getattr(manager.provisioner, "process", None))
        return manager

    def bare_worker(self, runtime: Path, word: str, name: str, source: str) -> Path:
        scratch = runtime / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        options = self._options(scratch)
        process = subprocess.Popen(
            self._command("bare", runtime), stdin=subprocess.PIPE, bufsize=-1, **options
        )
        assert process.stdin is not None
        self._workers.append(process)
        order = {"address": f"{runtime / 'landing'} {word}", "name": name, "source": source}
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(encode(order))
        return runtime

    def sweep(self) -> None:
        """Kill whatever the submissions so far left running."""
        self._watch.clear()
        for process in self._workers:
            process.kill()
            process.wait()
        self._workers.clear()
        end_strays(self._folders)
        self._folders.clear()

    def close(self) -> None:
        self.sweep()
        self._watch.stop()

    def _command(self, what: str, runtime: Path) -> list[str]:
        module = f"grader.worker.{what}"
        if sys.platform != "linux":
            return [sys.executable, "-P", "-m", module]
        given = [self._limits.wrapper, self._limits.to_text(), str(runtime), module]
        return [sys.executable, "-P", "-m", "grader.worker.sandbox.cold", *given]

    @staticmethod
    def _options(scratch: Path) -> dict[str, Any]:
        return {
            "cwd": str(scratch),
            "env": with_project_path(environment(scratch)),
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
