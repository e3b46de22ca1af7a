"""The same cells and the same checks with nothing in between: one process, plain calls.

``Student`` here has the part of ``grader.examine.remote.Student`` that the checks of the workload use, on the
objects themselves: no copies, no sockets, no guard against anything that an answer might do.

``python -m benchmarks.in_process TASKS`` is the measured baseline: a process that has imported everything and
then, for each line on stdin, forks a child that runs the cells and the checks, and prints what it found.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import inspect
import json
import os
import random
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader.compare import CheckFailed
from grader.examine.outcomes import Outcome, RaisedError
from grader.examine.randomness import Random
from grader.examine.remote import Memory
from grader.examine.source import Source, Sources
from grader.worker.guards import Guard
from grader.worker.memory import memory_of

# -------------------------------------------------------------------------------- the student's objects


class Answer:
    """An object of the answer's that is no plain data: what ``Handle`` is, on the object itself."""

    def __init__(self, value: Any, label: str) -> None:
        self._value = value
        self.label = self._label = label

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _given(self._value(*map(_bare, args), **kwargs), self.label)

    def keep(self, *args: Any, **kwargs: Any) -> Answer:
        return Answer(self._value(*map(_bare, args), **kwargs), self.label)

    def attempt(self, *args: Any, **kwargs: Any) -> Outcome:
        try:
            return Outcome(self(*args, **kwargs), None, "", args)
        except Exception as error:  # noqa: BLE001 - as a value
            types = tuple(kind.__name__ for kind in type(error).__mro__)
            return Outcome(None, RaisedError(type(error).__name__, str(error), types), "", args)

    def attempt_each(self, batch: Iterable[Sequence[Any]]) -> Iterator[Outcome]:
        return (self.attempt(*args) for args in batch)

    def call_each(self, batch: Iterable[Sequence[Any]]) -> Iterator[Any]:
        return (self(*args) for args in batch)

    def keep_each(self, batch: Iterable[Sequence[Any]]) -> Iterator[Answer]:
        return (self.keep(*args) for args in batch)

    def fetch(self) -> Any:
        return self._value

    def __getattr__(self, name: str) -> Any:
        return _given(getattr(self._value, name), name)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._value[index] = value


class Lab:
    """Anything importable, by attribute."""

    def __init__(self, *path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Lab:
        return Lab(*self._path, name)

    def __call__(self, *args: Any) -> Any:
        return self.handle()(*args)

    def handle(self) -> Answer:
        module, *names = self._path
        module = "grader.worker.functions" if module == "functions" else module
        return Answer(functools.reduce(getattr, names, importlib.import_module(module)), names[-1])


class Student:
    """The names that the cells defined."""

    def __init__(self, namespace: dict[str, Any], cells: list[str]) -> None:
        self._namespace = namespace
        self._sources = Sources(cells)
        self.lab = Lab()

    def __getattr__(self, name: str) -> Any:
        return _given(self._namespace[name], name)

    def put(self, value: Any) -> Answer:
        return Answer(value.clone(), "the argument")

    def put_each(self, values: Sequence[Any]) -> list[Answer]:
        return [self.put(value) for value in values]

    def manual_seed(self, seed: int) -> None:
        torch.manual_seed(seed)

    def seed(self, seed: int) -> None:
        random.seed(seed)
        np.random.seed(seed % 2**32)
        torch.manual_seed(seed)

    def memory(self, tensor: Answer) -> Memory:
        return Memory(**memory_of(tensor.fetch()))

    def shares_memory(self, a: Answer, b: Answer) -> bool:
        first, second = self.memory(a), self.memory(b)
        return first.bytes > 0 and second.bytes > 0 and first.storage == second.storage

    def source(self, name: str) -> Source:
        return self._sources.of(name)

    @contextlib.contextmanager
    def forbid(self, *names: str, why: str = "") -> Generator[None]:
        with Guard(names, self._namespace) as guard:
            yield
        if guard.touched:
            raise CheckFailed(f"{sorted(guard.touched)} is not allowed. {why}")


def _given(value: Any, label: str) -> Any:
    return Answer(value, label) if callable(value) else value


def _bare(value: Any) -> Any:
    return value.fetch() if isinstance(value, Answer) else value


# ------------------------------------------------------------------------------------------- the checks


class Tasks:
    """The description that ``benchmarks.workload`` wrote, with checks and solutions imported."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as file:
            described = json.load(file)
        self.seed: int = described["seed"]
        self.tasks: dict[str, dict[str, Any]] = {task["id"]: task for task in described["tasks"]}
        self.cells: list[str] = [task["answer"] for task in self.tasks.values()]
        self.modules = {id: importlib.import_module(task["module"]) for id, task in self.tasks.items()}
        self.solutions = {id: self._solution(id) for id in self.tasks}

    def examine(self, id: str, name: str, student: Student) -> None:
        """Carry out one check; raises what the check raises."""
        function = self.modules[id].__dict__[name]
        available = {
            "student": student,
            "reference": self.solutions[id],
            "rng": Random(self.seed, id, name),
        }
        student.seed(Random(self.seed, id, name, "worker").seed())
        function(**{wanted: available[wanted] for wanted in inspect.signature(function).parameters})

    def _solution(self, id: str) -> ModuleType:
        module = ModuleType(f"solution_{id}")
        exec(self.tasks[id]["answer"], module.__dict__)
        return module


_load = functools.cache(Tasks)


def examine(path: str, id: str, name: str, namespace: dict[str, Any]) -> None:
    """One check on the names of `namespace`, for a test cell or a test file of another grader."""
    tasks = _load(path)
    tasks.examine(id, name, Student(namespace, [tasks.tasks[id]["answer"]]))


# ------------------------------------------------------------------------------------ the measured process


def grade_once(tasks: Tasks) -> dict[str, Any]:
    """Run all cells in one namespace, then all checks. Seconds of both, and the names of what passed."""
    start = time.perf_counter()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(tasks.cells):
        exec(compile(cell, f"<cell {number}>", "exec"), namespace)
    ran = time.perf_counter()
    student = Student(namespace, tasks.cells)
    passed: list[str] = []
    for id, task in tasks.tasks.items():
        for name in task["checks"]:
            tasks.examine(id, name, student)
            passed.append(f"{id} {name}")
    return {"cells": ran - start, "checks": time.perf_counter() - ran, "passed": passed}


def main() -> None:
    """Fork a child for each line that is read; it prints its result, or an error."""
    torch.set_num_threads(1)  # and no tensor operation before a fork: a thread pool does not survive one
    tasks = Tasks(sys.argv[1])
    gc.collect()
    gc.freeze()
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                result = grade_once(tasks)
            except BaseException as error:  # noqa: BLE001
                result = {"error": repr(error)}
            os.write(1, json.dumps(result).encode() + b"\n")
            os._exit(0)
        os.waitpid(child, 0)
        print(json.dumps({"ended": True}), flush=True)


if __name__ == "__main__":
    main()
