"""nbclient, with a cap on output and without a clock of its own (the time limits are in ``run``)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from grader.execute.messages import failure, sizes, understood
from grader.nouns import GraderError

CUT = "\n… output cut: this cell printed more than {cap:,} characters\n"
CALMING_S = 10.0  # at most, from the order to end processes until they are gone
OUTPUT_GRACE_S = 20  # for output that is still on its way when its cell has ended
PORTION = 8 * 2**20  # bytes of files in one message
NO_PICTURE = "\n… picture left out: those of this cell need more than {cap:,} characters\n"


@dataclass(frozen=True, slots=True)
class OutputLimits:
    """Characters of one cell's output."""

    text: int = 200_000  # that are kept
    pictures: int = 5_000_000  # that are kept, base64
    flood: int = 20_000_000  # after which the cell is stopped


class SubmissionClient(NotebookClient):
    """Executes the cells of one submission on one kernel."""

    def __init__(self, notebook: NotebookNode, manager: Any, limits: OutputLimits) -> None:
        super().__init__(
            notebook,
            km=manager,
            allow_errors=True,
            timeout=None,
            startup_timeout=60,
            iopub_timeout=OUTPUT_GRACE_S,
            raise_on_iopub_timeout=True,
            record_timing=False,
            store_widget_state=False,
        )
        self.owns_km = True
        self.on_cell_error = self._note_failure
        self.limits = limits
        self.flooded = asyncio.Event()
        self.failure: Mapping[str, Any] | None = None  # the reply to a cell that raised
        self._stopped = asyncio.Event()
        self._killed = False
        self._printed = self._pictured = 0  # characters of the present cell so far

    @property
    def manager(self) -> Any:
        """The ``SubmissionKernelManager``; jupyter_client leaves most of its types open."""
        return self.km

    @property
    def alive(self) -> bool:
        """Whether there is a kernel to talk to: one that was told to end is not, however long that takes."""
        process = getattr(self.manager.provisioner, "process", None)  # none any more once it is cleared away
        return not self._killed and process is not None and process.poll() is None

    @property
    def out_of_memory(self) -> bool:
        """Whether the kernel was ended because its processes held too much memory."""
        return getattr(self.manager.provisioner.process, "out_of_memory", False) is True

    def memory_kills(self) -> int:
        """How many of the submission's processes were ended so far for want of memory."""
        count = getattr(self.manager.provisioner.process, "memory_kills", None)
        return count() if count else 0

    def crowd(self) -> int:
        """How many processes there are beside the kernel: what its cells left running, and kept states."""
        with contextlib.suppress(psutil.Error):
            return len(psutil.Process(self.manager.provisioner.process.pid).children(recursive=True))
        return 0

    async def calm(self) -> None:
        """End the processes that the cells have left running, where the kernel's walls can tell them from it."""
        end_others = getattr(self.manager.provisioner.process, "calm", None)
        if end_others is not None:
            await asyncio.to_thread(end_others, CALMING_S)

    async def interrupt(self) -> None:
        await self.manager.interrupt_kernel()

    async def kill(self) -> None:
        self._killed = True
        await self.manager.provisioner.kill()

    async def _async_poll_kernel_alive(self) -> None:
        # nbclient looks once a second whether the kernel lives; ``run`` is told at once. Only stays until
        # the client stops, since nbclient forgets the task when its cell is given up.
        await self._stopped.wait()

    def begin_cell(self) -> None:
        self._printed = self._pictured = 0
        self.failure = None
        self.flooded.clear()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        known = understood(msg)
        if known is None:
            return None
        msg = known
        text, pictures = sizes(msg)
        printed, self._printed = self._printed, self._printed + text
        pictured, self._pictured = self._pictured, self._pictured + pictures
        limits = self.limits
        if self._printed + self._pictured > limits.flood:
            self.flooded.set()
        if text and self._printed > limits.text:
            notice = CUT.format(cap=limits.text) if printed <= limits.text else ""
            return self._cut(msg, cell, cell_index, limits.text - printed, notice)
        if pictures and self._pictured > limits.pictures:
            notice = NO_PICTURE.format(cap=limits.pictures) if pictured <= limits.pictures else ""
            return self._cut(msg, cell, cell_index, 0, notice)
        return super().process_message(msg, cell, cell_index)

    def _cut(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int, left: int, notice: str) -> Any:
        """Keep the beginning of a stream at the exact character; anything else too large is replaced."""
        if not notice:
            return None
        content = msg["content"]
        text = content["text"][:left] if msg["msg_type"] == "stream" else ""
        stream = {"name": content.get("name", "stdout"), "text": text + notice}
        cut = {**msg, "msg_type": "stream", "header": {"msg_type": "stream"}, "content": stream}
        return super().process_message(cut, cell, cell_index)

    def _note_failure(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        self.failure = failure(execute_reply["content"])

    async def place(self, files: Mapping[str, bytes], seconds: float) -> None:
        """Have the kernel write files into its work directory, by their paths below it.

        Raises ``GraderError`` if it cannot: no cell has run yet, so it is not the student's doing.
        """
        for paths in in_portions(files, PORTION):
            content = {"paths": paths}
            try:
                reply = await self._ask("grader_place", content, seconds, [files[path] for path in paths])
            except DeadKernelError as error:
                raise GraderError("the kernel ended before it had written the submission's files") from error
            if reply.get("error"):
                raise GraderError(f"the submission's files could not be written: {reply['error']}")

    async def capture(self, address: str, exercise: str, fork: bool, ahead: bool, seconds: float) -> str:
        """Have the kernel keep its state for `exercise`; returns how: "fork", if it can, or "reference".

        `ahead`: with a process that serves it, forked before it is asked for.
        """
        content = {"address": address, "exercise": exercise, "fork": fork, "ahead": ahead}
        reply = await self._ask("grader_capture", content, seconds)
        mode = reply.get("mode")
        return mode if mode in ("fork", "reference") else "reference"

    async def seed(self, seed: int, seconds: float) -> None:
        """Have the kernel seed its random generators."""
        await self._ask("grader_seed", {"seed": seed}, seconds)

    async def serve(self, address: str, exercise: str, seconds: float) -> dict[str, Any]:
        """Have the kernel itself serve the state that it kept by reference."""
        return await self._ask("grader_serve", {"address": address, "exercise": exercise}, seconds)

    async def _ask(
        self, kind: str, content: dict[str, Any], seconds: float, buffers: Sequence[bytes] = ()
    ) -> dict[str, Any]:
        client: Any = self.kc
        message = client.session.msg(f"{kind}_request", content)
        message["buffers"] = list(buffers)
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
            await self.async_start_new_kernel(**self.manager.launch_options)
            await self.async_start_new_kernel_client()
        except RuntimeError as error:
            raise GraderError(f"the kernel could not be started: {error}") from error

    async def stop(self) -> None:
        """End the kernel at once: there is nothing in it to be saved."""
        self._stopped.set()
        if self.kc is not None:
            self.kc.stop_channels()
            self.kc = None
        if self.manager.has_kernel:
            # not shutdown_kernel: it looks every 0.1 s whether the kernel is gone
            await self.kill()
            await self.manager.provisioner.wait()
            await self.manager.cleanup_resources()


def in_portions(files: Mapping[str, bytes], size: int) -> Iterator[list[str]]:
    """The paths in groups whose files have ``size`` bytes together, or are one file."""
    portion: list[str] = []
    held = 0
    for path, data in files.items():
        if portion and held + len(data) > size:
            yield portion
            portion, held = [], 0
        portion.append(path)
        held += len(data)
    if portion:
        yield portion
