"""nbclient, with a cap on output and without a clock of its own (the time limits are in ``run``)."""

from __future__ import annotations

import asyncio
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from grader.nouns import GraderError

CUT = "\n… output cut: this cell printed more than {cap:,} characters\n"


class SubmissionClient(NotebookClient):
    """Executes the cells of one submission on one kernel."""

    def __init__(self, notebook: NotebookNode, manager: Any, output_cap: int, flood_cap: int) -> None:
        super().__init__(
            notebook,
            km=manager,
            allow_errors=True,
            timeout=None,
            startup_timeout=60,
            iopub_timeout=10,
            record_timing=False,
            store_widget_state=False,
        )
        self.owns_km = True
        self.output_cap = output_cap  # characters of a cell's output that are kept
        self.flood_cap = flood_cap  # characters after which the cell is stopped
        self.flooded = asyncio.Event()
        self._stopped = asyncio.Event()
        self._printed = 0

    async def _async_poll_kernel_alive(self) -> None:
        # nbclient looks once a second whether the kernel lives; ``run`` is told at once. Only stays until
        # the client stops, since nbclient forgets the task when its cell is given up.
        await self._stopped.wait()

    def begin_cell(self) -> None:
        self._printed = 0
        self.flooded.clear()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        size = _size(msg)
        before, self._printed = self._printed, self._printed + size
        if self._printed > self.flood_cap:
            self.flooded.set()
        if size and self._printed > self.output_cap:
            if before > self.output_cap:
                return None
            return self._cut(msg, cell, cell_index, self.output_cap - before)
        return super().process_message(msg, cell, cell_index)

    def _cut(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int, left: int) -> Any:
        """Keep the beginning of a stream at the exact character; anything else too large is replaced."""
        notice = CUT.format(cap=self.output_cap)
        content = msg["content"]
        text = content["text"][:left] if msg["msg_type"] == "stream" else ""
        msg["msg_type"] = msg["header"]["msg_type"] = "stream"
        msg["content"] = {"name": content.get("name", "stdout"), "text": text + notice}
        return super().process_message(msg, cell, cell_index)

    async def capture(self, address: str, exercise: str, seconds: float) -> str:
        """Have the kernel keep its state for `exercise`; returns "fork" or "reference"."""
        reply = await self._ask("grader_capture", {"address": address, "exercise": exercise}, seconds)
        mode = reply.get("mode")
        return mode if mode in ("fork", "reference") else "reference"

    async def serve(self, address: str, exercise: str, seconds: float) -> None:
        """Have the kernel itself serve the state that it kept by reference."""
        await self._ask("grader_serve", {"address": address, "exercise": exercise}, seconds)

    async def _ask(self, kind: str, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        client: Any = self.kc
        message = client.session.msg(f"{kind}_request", content)
        client.shell_channel.send(message)
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                raise DeadKernelError("the kernel does not answer")
            try:
                reply = await asyncio.wait_for(client.shell_channel.get_msg(timeout=left), left)
            except Exception as error:
                raise DeadKernelError("the kernel does not answer") from error
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]

    async def start(self) -> None:
        try:
            await self.async_start_new_kernel()
            await self.async_start_new_kernel_client()
        except RuntimeError as error:
            raise GraderError(f"the kernel could not be started: {error}") from error

    async def stop(self) -> None:
        """End the kernel at once: there is nothing in it to be saved."""
        self._stopped.set()
        if self.kc is not None:
            self.kc.stop_channels()
            self.kc = None
        manager: Any = self.km
        if manager is not None and manager.has_kernel:
            # not shutdown_kernel: it looks every 0.1 s whether the kernel is gone
            await manager.provisioner.kill()
            await manager.provisioner.wait()
            await manager.cleanup_resources()


def _size(msg: dict[str, Any]) -> int:
    """Characters that a message would add to the notebook."""
    content = msg["content"]
    match msg["msg_type"]:
        case "stream":
            return len(content.get("text", ""))
        case "display_data" | "execute_result" | "update_display_data":
            return sum(len(value) for value in content.get("data", {}).values() if isinstance(value, str))
        case "error":
            return sum(len(line) for line in content.get("traceback", []))
        case _:
            return 0
