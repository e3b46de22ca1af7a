"""Answers in real worker processes, and checks that look at them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.examine import link as link_module
from grader.examine.link import Link
from grader.examine.remote import Student
from grader.examine.source import Sources
from grader.execute.landing import Landing
from grader.execute.warm import WarmParent
from grader.wire import Channel

START_LIMIT_S = 60.0


class Bench:
    """Starts workers, each with the names that a piece of source defines."""

    def __init__(self, warm: WarmParent, folder: Path) -> None:
        self.warm = warm
        self.folder = folder
        self.landing = Landing(folder)
        self.links: list[Link] = []
        self.known: dict[str, Student] = {}

    def link(self, source: str) -> Link:
        source = textwrap.dedent(source)
        link = Link(lambda: self.worker(source))
        self.links.append(link)
        return link

    def worker(self, source: str) -> Channel:
        self.warm.bare_worker(self.folder, self.landing.address, "answer", source)
        channel = self.landing.take("worker", "answer", START_LIMIT_S)
        assert channel is not None, "the worker did not start: does its source run?"
        return channel

    def student(self, source: str) -> Student:
        return Student(self.link(source), Sources([textwrap.dedent(source)]))

    def shared(self, source: str) -> Student:
        """One worker for all tests that ask for the same source."""
        if source not in self.known:
            self.known[source] = self.student(source)
        return self.known[source]

    def close(self) -> None:
        for link in self.links:
            link.drop()
        self.landing.close()
        self.warm.sweep()


Answer = Callable[[str], Student]


@pytest.fixture(scope="module")
def bench(warm: WarmParent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(warm, tmp_path_factory.mktemp("bench"))
    yield bench
    bench.close()


@pytest.fixture
def answer(bench: Bench) -> Answer:
    """``answer(source)`` is a student whose cells are `source`."""
    return bench.student


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time limits are meant to the letter; usually seconds are added for a machine that is busy."""
    monkeypatch.setattr(link_module, "OVERHEAD_S", 0.0)
