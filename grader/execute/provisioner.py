"""A jupyter_client provisioner whose kernels are forked from the warm parent instead of started."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from grader.execute.warm import environment


class WarmProvisioner(LocalProvisioner):
    """Registered as ``grader-warm``; its manager carries the warm parent in ``warm``."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Take the kernel in stock, and tell the manager where it listens."""
        manager: Any = self.parent
        self.process = manager.warm.spawn(what="kernel", environment=environment())
        manager.folder, manager.layers = self.process.folder, self.process.layers
        self.pid = self.process.pid
        self.pgid = None  # signals go through the warm parent, which knows its children
        manager.connection_file = str(self.process.folder / "connection.json")
        manager.load_connection_file()
        self.connection_info = manager.get_connection_info()
        return {"cmd": manager.kernel_spec.argv, "env": {}}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        return self.connection_info

    async def wait(self) -> int | None:
        """Until the kernel has ended; told by the warm parent, not found by polling."""
        process, self.process = self.process, None
        if process is not None:
            return await asyncio.to_thread(process.wait, 10)
        return 0
