"""Real worker processes for the tests, each with the names that a piece of source defines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

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
        self.landing = Landing()
        self.links: list[Link] = []
        self.known: dict[str, Student] = {}

    def link(self, source: str) -> Link:
        source = textwrap.dedent(source)
        link = Link(lambda: self.worker(source))
        self.links.append(link)
        return link

    def worker(self, source: str) -> Channel:
        folder = self.warm.bare_worker(self.folder, self.landing.word, "answer", source)
        self.landing.listen(folder)
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
