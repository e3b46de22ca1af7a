"""A jupyter_client provisioner whose kernels are forked from the warm parent instead of started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from grader.execute.warm import environment


class WarmProvisioner(LocalProvisioner):
    """Registered as ``grader-warm``; its manager carries the warm parent in ``warm``."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        manager: Any = self.parent
        runtime = Path(manager.connection_file).parent
        scratch = runtime / "scratch"
        self.process = manager.warm.spawn(
            what="kernel",
            directory=str(scratch),
            environment=environment(scratch),
            connection_file=manager.connection_file,
        )
        self.pid = self.process.pid
        self.pgid = None  # signals go through the warm parent, which knows its children
        return self.connection_info
