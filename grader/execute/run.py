"""Run a submission's cells, one after the other, and keep the state of each exercise.

A cell that fails is recorded and the next one runs. A cell that takes too long is interrupted, and if that
does not help its kernel is killed; so is one that floods its output. After a kernel's end, whoever caused it,
a fresh kernel runs the cells again without the one that ended it, and goes on: exercises that were kept before
are kept still (their snapshots are processes of their own).
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode

from grader.execute.client import OutputLimits, SubmissionClient
from grader.execute.isolation import LAYERS, reaches
from grader.execute.landing import Landing
from grader.execute.warm import KernelSource
from grader.nouns import Cell, CellError, CellRun, Ending, NotIsolated, Submission

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
INTERRUPT_GRACE_S = 2.0
CAPTURE_LIMIT_S = 20.0
CROWD = 32  # processes beside the kept states; nobody reads data or trains with as many
PLACE_LIMIT_S = 60.0  # for files of 8 MB
END = "end"  # the name under which the state after the last cell is kept
LINE_CAP = 2_000  # characters of one line of a traceback

Progress = Callable[[int, int], None]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What one submission may use while its cells run."""

    cell_s: float = 120.0
    total_s: float = 900.0
    output: OutputLimits = OutputLimits()
    restarts: int = 12  # fresh kernels after a kill
    isolation: str = "none"  # what must hold before a cell is run: "full", "partial" or "none"


class NotebookRun:
    """One submission on its way through kernels; see ``run``."""

    def __init__(
        self,
        submission: Submission,
        source: KernelSource,
        runtime: Path,
        landing: Landing,
        limits: RunLimits,
        exercises: frozenset[str],
        progress: Progress,
        seed: int = 0,
    ) -> None:
        self.submission = submission
        self.seed = seed
        self.source = source
        self.runtime = runtime
        self.landing = landing
        self.limits = limits
        self.progress = progress
        self.notebook = _notebook(submission)
        self.runs: dict[int, CellRun] = {}
        self.modes: dict[str, str] = {}  # exercise -> how its state was kept
        self.states: dict[
            str, str
        ] = {}  # exercise -> the name of its state: those with one last cell share it
        self.barred: set[int] = set()  # cells that ended a kernel
        self.refused: Counter[str] = Counter()  # exercise -> how often its state could not be kept
        self.client: SubmissionClient | None = None
        self.address = ""  # where the states of the present kernel are served
        self.layers: dict[str, bool] = {}  # isolation layer -> whether it held around every kernel
        self.starts = itertools.count(1)
        self.deadline = time.monotonic() + limits.total_s
        self.code = [cell for cell in submission.cells if cell.kind == "code" and cell.source.strip()]
        self.last = _last_cells(self.code, exercises)

    async def run(self) -> None:
        """Run everything; afterwards ``runs``, ``modes`` and ``notebook`` tell what happened."""
        for _ in range(self.limits.restarts + 1):
            if await self._pass():
                break
            await self.stop()
        for cell in self.code:
            self.runs.setdefault(cell.index, CellRun(cell.index, "not reached"))

    async def stop(self) -> None:
        if self.client is not None:
            await self.client.stop()
            self.client = None

    async def _pass(self) -> bool:
        """Run all cells on a fresh kernel; False if the kernel ended before the last cell."""
        self.client = await self._start()
        reached: set[str] = set()
        for cell in self.code:
            if cell.index not in self.barred:
                left = self.deadline - time.monotonic()
                if left <= 0:
                    return await self._capture_rest(reached)
                reached |= {END, cell.exercise or END, *cell.also}
                run = await self._run_cell(cell, left)
                died = not self.alive
                if died and run.ending not in ("timeout", "flooded"):
                    run = replace(run, ending="memory" if self.client.out_of_memory else "killed")
                self.runs[cell.index] = run
                self.progress(len(self.runs), len(self.code))
                if died:
                    self.barred.add(cell.index)
                    return False
            if not await self._capture(self.last.get(cell.index, ())):
                return False
        return True

    async def _capture_rest(self, reached: set[str]) -> bool:
        """Out of time: keep what there is for the exercises of which some cells were run, but not the last."""
        for exercises in self.last.values():
            if not await self._capture(tuple(id for id in exercises if id in reached)):
                return False
        return True

    async def _capture(self, exercises: tuple[str, ...]) -> bool:
        assert self.client is not None
        wanted = [
            exercise
            for exercise in exercises
            # else its snapshot survived the end of an earlier kernel, or cannot be taken
            if self.modes.get(exercise) != "fork" and self.refused[exercise] <= 1
        ]
        if not wanted:
            return True
        name = wanted[0]
        mode = await self._unless_it_dies(
            self.client.capture(self.address, name, self.source.forks, name != END, CAPTURE_LIMIT_S)
        )
        if mode is None:
            self.refused.update(wanted)
            return False
        self.modes |= dict.fromkeys(wanted, mode)
        self.states |= dict.fromkeys(wanted, name)
        return True

    def forget(self, exercise: str) -> None:
        """The process that kept its state is gone, and the kernel with what it kept by reference is about to go."""
        name = self.states.get(exercise)
        for other, mode in list(self.modes.items()):
            if mode == "reference" or self.states[other] == name:
                del self.modes[other], self.states[other]

    async def serve(self, exercise: str, seconds: float) -> bool:
        """Have the kernel serve what it kept by reference; False if it cannot."""
        if self.client is None:
            return False
        asked = self.client.serve(self.address, self.states.get(exercise, exercise), seconds)
        return await self._unless_it_dies(asked) is not None

    async def _unless_it_dies(self, request: Coroutine[Any, Any, Kept]) -> Kept | None:
        """The kernel's answer to a request; None if it ends, or does not answer."""
        asking, death = asyncio.ensure_future(request), asyncio.ensure_future(self._death())
        try:
            await asyncio.wait({asking, death}, return_when=asyncio.FIRST_COMPLETED)
            return asking.result() if asking.done() and asking.exception() is None else None
        finally:
            for task in (asking, death):
                task.cancel()
            await asyncio.gather(asking, death, return_exceptions=True)

    @property
    def alive(self) -> bool:
        return self.client is not None and self.client.alive

    async def _start(self) -> SubmissionClient:
        # Each kernel has a folder of its own: a cell that makes a directory may be run again, and what
        # was kept of an earlier kernel still finds its files.
        folder = self.runtime / f"run-{next(self.starts)}"
        (folder / "scratch").mkdir(parents=True)
        manager = self.source.kernel_manager(folder)
        client = SubmissionClient(self.notebook, manager, self.limits.output)
        await client.start()
        self.address = self.landing.listen(manager.folder)
        held = manager.held()
        for layer in LAYERS:
            self.layers[layer] = self.layers.get(layer, True) and layer in held
        if not reaches(self.limits.isolation, held):
            raise NotIsolated(
                f"{self.limits.isolation} isolation is required and only this holds here: {', '.join(held)}. "
                "`grade doctor` tells why; --require-isolation none grades all the same"
            )
        await client.place(self.submission.files, PLACE_LIMIT_S)
        return client

    async def _run_cell(self, cell: Cell, left: float) -> CellRun:
        client = self.client
        assert client is not None
        killed = client.memory_kills()
        await self._unless_it_dies(client.seed(_seed_of(self.seed, cell.index), CAPTURE_LIMIT_S))
        start = time.monotonic()
        node = self.notebook.cells[cell.index]
        ending = await self._watch(client, node, cell.index, min(self.limits.cell_s, left))
        error = _error(node, client.failure)
        if ending == "ok" and error is not None:
            ending = _exhausted(error) or "error"
        if ending in ("ok", "error") and client.alive and client.memory_kills() > killed:
            ending = "memory"  # a process that the cell had started
        crowded = ending in ("timeout", "flooded") and client.crowd() - len(self.modes) > CROWD
        if (crowded or ending in ("memory", "processes")) and client.alive:
            # What else it had started would take the next cell's memory, or the kernel. That may have been chosen to
            # die for it already: then it does not answer, and it is this cell that has ended it.
            await client.calm()
            await self._unless_it_dies(client.seed(self.seed, CAPTURE_LIMIT_S))
        return CellRun(
            index=cell.index,
            ending=ending,
            seconds=time.monotonic() - start,
            error=error,
            outputs=tuple(_plain(output) for output in node.outputs),
        )

    async def _watch(self, client: SubmissionClient, node: NotebookNode, index: int, limit: float) -> Ending:
        """Execute one cell; interrupt it at its limit or when it floods, then kill its kernel."""
        client.begin_cell()
        work = asyncio.ensure_future(client.async_execute_cell(node, index, store_history=True))
        flood = asyncio.ensure_future(client.flooded.wait())
        death = asyncio.ensure_future(self._death())
        try:
            await asyncio.wait({work, flood, death}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not work.exception():
                return "ok"
            if death.done():
                return "killed"
            if work.done():  # it sent what no kernel sends, or too much; there is no talking to it any more
                await client.kill()
                return "flooded" if isinstance(work.exception(), CellTimeoutError) else "killed"
            ending: Ending = "flooded" if flood.done() else "timeout"
            await client.interrupt()
            await asyncio.wait({work, death}, timeout=INTERRUPT_GRACE_S, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await client.kill()
            return ending
        finally:
            for task in (work, flood, death):
                task.cancel()
            await asyncio.gather(work, flood, death, return_exceptions=True)

    async def _death(self) -> None:
        while self.alive:
            await asyncio.sleep(0.05)


def _seed_of(run: int, cell: int) -> int:
    """The seed of the generators before a cell: the same when it is run again, and no key to the run's own seed."""
    return int.from_bytes(hashlib.sha256(f"{run}/cell/{cell}".encode()).digest()[:4], "big")


def _last_cells(code: list[Cell], exercises: frozenset[str]) -> Mapping[int, tuple[str, ...]]:
    """Cell index -> the exercises whose state is complete after it."""
    last: dict[str, int] = {}
    for cell in code:
        for exercise in (cell.exercise, *cell.also):
            if exercise in exercises:
                last[exercise] = cell.index
    result: dict[int, tuple[str, ...]] = {}
    for exercise, index in last.items():
        result[index] = (*result.get(index, ()), exercise)
    if code:  # what every name means in the end, for answers that lean on a later cell
        index = code[-1].index
        result[index] = (*result.get(index, ()), END)
    return result


def _notebook(submission: Submission) -> NotebookNode:
    """A fresh notebook of the submission's cells: no old output, no metadata that could steer the run."""
    notebook = nbformat.v4.new_notebook()
    makers = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    for cell in submission.cells:
        node = makers[cell.kind](cell.source)
        node["id"] = cell.id
        if cell.exercise:
            node["metadata"]["tags"] = [f"exercise:{cell.exercise}"]
        notebook.cells.append(node)
    return notebook


def _error(node: NotebookNode, failure: Mapping[str, Any] | None) -> CellError | None:
    """The exception that ended a cell: as it is shown below it, or else as the kernel replied.

    An exception group, say, is not shown as an error but printed.
    """
    shown = [output for output in node.outputs if output.output_type == "error"]
    found = shown[0] if shown else failure
    if found is None:
        return None
    lines = tuple(ANSI.sub("", line[:LINE_CAP]) for line in found["traceback"][-40:])
    return CellError(found["ename"], found["evalue"][:4_000], lines)


def _exhausted(error: CellError) -> Ending | None:
    """The limit that a cell ran into, by the error that it let through; whoever makes it up fools himself."""
    if "start new thread" in error.message or error.name == "BlockingIOError":
        return "processes"
    if "No space left on device" in error.message or "File too large" in error.message:
        return "disk"
    return None


def _plain(output: Any) -> Any:
    """An nbformat output as plain dictionaries and lists."""
    match output:
        case dict():
            return {str(key): _plain(value) for key, value in output.items()}
        case list():
            return [_plain(value) for value in output]
        case _:
            return output
