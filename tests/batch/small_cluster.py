"""A Dask cluster of separate processes on this machine, which may be killed one by one."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]


class SmallCluster:
    """A scheduler and some workers of one thread. What ends is started again, as systemd would."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder = folder
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._wanted = {"scheduler": self._scheduler} | {
            f"worker{n}": lambda n=n: self._worker(n) for n in range(workers)
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)

    def __enter__(self) -> SmallCluster:
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._watch.join()
        for process in self.processes.values():
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """SIGKILL the process of that name; another is started a second later."""
        self.processes[name].send_signal(signal.SIGKILL)

    def kill_a_worker(self, rng: random.Random) -> None:
        self.kill(rng.choice([name for name in self.processes if name.startswith("worker")]))

    def _keep_alive(self) -> None:
        while not self._closing.wait(1.0 if self.processes else 0):
            for name, start in self._wanted.items():
                if name not in self.processes or self.processes[name].poll() is not None:
                    self.processes[name] = start()

    def _scheduler(self) -> subprocess.Popen[bytes]:
        time.sleep(0.5)
        return self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port))

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        place = str(self.folder / f"worker{number}")
        return self._start(
            "dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--local-directory", place
        )

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{program}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"],
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
