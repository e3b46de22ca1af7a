"""Grade one submission of a class and record it: what each process of a batch does, one after the other."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from grader.batch.job import Job, Outcome, Task
from grader.batch.publish import publish
from grader.concealed import concealed
from grader.examine.solutions import read_reference
from grader.execute.warm import KernelSource
from grader.gradebook import Gradebook
from grader.gradebook.keys import content_key
from grader.grading import Graded, Step, grade
from grader.limits import run_limits
from grader.nouns import Attempt, BadInput, Submission
from grader.read.taking import read_handed_in
from grader.write.report import render
from grader.write.results import to_text

Progress = Callable[[Step], None]


class Bench:
    """Everything that one process needs to grade the submissions of a job."""

    def __init__(self, job: Job, source: KernelSource, book: Gradebook) -> None:
        self.job = job
        self.source = source
        self.book = book
        self.here = f"{socket.gethostname()}/{os.getpid()}"
        self._run_limits = run_limits(job.assignment.limits)
        exercises = job.assignment.exercises
        self._rubrics = {id: read_reference(exercise).rubrics for id, exercise in exercises.items()}

    def grade(self, task: Task, progress: Progress = lambda step: None) -> Outcome:
        """Grade what a student handed in, unless that has been done, and record it before returning.

        Raises ``GraderError`` where nothing can be graded here at all. Any other fault is the caller's to see.
        """
        try:
            submission = self._read(task)
        except BadInput as error:
            return self._unreadable(task, str(error))
        key = self._key(submission)
        known = self.book.find(self.job.name, task.handed.student.id, key)
        if known is not None and known.state == "graded" and not task.again:
            self._publish(known)
            return _outcome(known, kept=True)
        start, started = time.monotonic(), datetime.now(UTC)
        graded = grade(
            submission,
            self.job.assignment.exercises,
            self.source,
            seed=self.job.seed,
            limits=self._run_limits,
            progress=progress,
        )
        attempt = self._attempt(task, graded, key)
        attempt = replace(
            attempt,
            started=started,
            seconds=time.monotonic() - start,
            generation=known.generation + 1 if known is not None else 0,
        )
        return self._record(attempt, self._documents(graded))

    def failed(self, task: Task, message: str) -> Outcome:
        """Record that the grader itself could not do it; it will be tried again in the next run."""
        key = _digest("failed", self.job.assignment.key(), str(self.job.seed), message, secrets.token_hex(8))
        attempt = Attempt(task.handed.student, key, "failed", message=message, started=datetime.now(UTC))
        return self._record(self._scored(task, attempt), {})

    def _read(self, task: Task) -> Submission:
        if task.unreadable:
            raise BadInput(task.unreadable)
        return task.submission or read_handed_in(task.handed, self.job.assignment.exercises)

    def _unreadable(self, task: Task, message: str) -> Outcome:
        """Nothing to run: the student, and whoever reads the class report, learns why."""
        for path in task.handed.paths:
            message = message.replace(str(path), path.name)  # where it lies on our disk is nobody's business
        name = ", ".join(path.name for path in task.handed.paths)
        key = _digest("unreadable", self.job.assignment.key(), name, message)
        known = self.book.find(self.job.name, task.handed.student.id, key)
        if known is not None:
            return _outcome(known, kept=True)
        attempt = Attempt(
            task.handed.student, key, "unreadable", message=message, name=name, started=datetime.now(UTC)
        )
        return self._record(self._scored(task, attempt), {})

    def _attempt(self, task: Task, graded: Graded, key: str) -> Attempt:
        result = graded.grade
        environment: Mapping[str, Any] = result.environment
        attempt = Attempt(
            student=task.handed.student,
            key=key,
            state="graded",
            exercises=result.exercises,
            name=result.submission.name,
            sha256=result.submission.sha256,
            seed=result.seed,
            isolation=str(environment["isolation_level"]),
            versions={name: str(version) for name, version in environment["versions"].items()},
            endings=dict(Counter(run.ending for run in result.runs)),
            message="; ".join(task.handed.notes),
        )
        return self._scored(task, attempt)

    def _scored(self, task: Task, attempt: Attempt) -> Attempt:
        placed = replace(attempt, submitted=task.handed.submitted, folder=task.folder, worker=self.here)
        return self.job.assignment.scored(placed)

    def _documents(self, graded: Graded) -> dict[str, bytes]:
        """What is kept of a grading: all of it for the instructor, the report as the student may see it."""
        shown = concealed(graded.grade, self.job.assignment)
        report = render(shown, self.job.assignment.exercises, self._rubrics, graded.written)
        documents = {"grade.json": to_text(graded.grade).encode(), "report.html": report.encode()}
        if graded.notebook is not None:
            documents["executed.ipynb"] = (nbformat.writes(graded.notebook) + "\n").encode()
        return documents

    def _record(self, attempt: Attempt, documents: Mapping[str, bytes]) -> Outcome:
        attempt = self.book.record(self.job.name, attempt, documents)
        self._publish(attempt)
        return _outcome(attempt)

    def _publish(self, attempt: Attempt) -> None:
        if self.job.results:
            publish(self.book, self.job.name, attempt, Path(self.job.results))

    def _key(self, submission: Submission) -> str:
        job = self.job
        given = job.assignment
        hidden = _digest(
            *sorted("/".join(pair) for pair in given.hidden_checks)
        )  # the report's text depends on it
        settings = f"{given.key()} {hidden}"
        return content_key(submission, settings, given.exercises, given.data, job.seed, job.kernel)


def _outcome(attempt: Attempt, kept: bool = False) -> Outcome:
    return Outcome(
        student=attempt.student.id,
        name=attempt.student.name,
        state=attempt.state,
        key=attempt.key,
        points=attempt.points,
        max_points=attempt.max_points,
        open_points=attempt.open_points,
        statuses=dict(Counter(exercise.status.value for exercise in attempt.exercises)),
        message=attempt.message,
        seconds=attempt.seconds,
        kept=kept,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
