"""Put one exercise of an executed submission through its checks."""

from __future__ import annotations

import inspect
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

from grader.compare import CheckEnded, CheckFailed, Inconclusive, Partly, Skipped
from grader.examine.calibration import limit_of
from grader.examine.clock import Clock
from grader.examine.link import Link
from grader.examine.notes import Notes
from grader.examine.outcomes import Unanswered
from grader.examine.randomness import Random
from grader.examine.remembered import Remembered
from grader.examine.remote import Student
from grader.examine.solutions import import_solution, read_reference
from grader.examine.source import Sources
from grader.execute.run import END
from grader.execute.session import Session
from grader.nouns import Check, Ending, Exercise, Finding, Status

GOES_ON = (Status.PASSED, Status.INCONCLUSIVE, Status.PARTIAL, Status.WAITING)
TROUBLE: Mapping[Ending, str] = {
    "timeout": "One of its cells took too long and was stopped.",
    "flooded": "One of its cells printed without end and was stopped.",
    "processes": "One of its cells wanted more processes or threads than are allowed.",
    "disk": "One of its cells wrote more than its work directory may hold.",
    "killed": "One of its cells ended the process that it ran in.",
    "memory": "One of its cells used more memory than is allowed and was stopped.",
    "not reached": "One of its cells was not run: the time for the notebook was over.",
    "error": "One of its cells raised an error.",
}


def examine(
    session: Session, exercise: Exercise, written: Mapping[str, str], seed: int
) -> tuple[Finding, ...]:
    """The findings of all checks of `exercise`, in their order.

    `written` holds the texts that were found in Markdown cells, by the answer's name. A fault of a check
    becomes a ``broken`` finding; nothing a student did raises anything.
    """
    trouble = _trouble(session, exercise)
    if exercise.id not in session.kept and not written:
        missing = trouble or "There is no answer to this exercise in the submission."
        return tuple(_finding(check, Status.NOT_ATTEMPTED, 0, missing) for check in exercise.checks)
    findings = _Examination(session, exercise, written, seed, exercise.id).run()
    if _missed_a_name(findings) and END in session.kept:
        # The answer leans on something that a later cell defines: judge it as it stood in the end.
        later = _Examination(session, exercise, written, seed, END).run()
        if sum(f.points for f in later) > sum(f.points for f in findings):
            findings = later
    return tuple(_explained(finding, trouble) for finding in findings)


class _Examination:
    """The checks of one exercise, against one kept state."""

    def __init__(
        self, session: Session, exercise: Exercise, written: Mapping[str, str], seed: int, state: str
    ) -> None:
        self.session = session
        self.exercise = exercise
        self.written = written
        self.seed = seed
        self.state = state
        self.link = Link(lambda: session.worker(state), lambda: session.how_it_ended(state))
        sources = Sources(cell.source for cell in session.submission.cells if cell.kind == "code")
        self.student = Student(self.link, sources)
        self.solution: ModuleType = import_solution(exercise)
        self._sibling: tuple[Student, Link] | None = None

    def run(self) -> tuple[Finding, ...]:
        findings: dict[str, Finding] = {}
        try:
            for check in self.exercise.checks:
                findings[check.name] = self._judge(check, findings)
        finally:
            self.link.drop()
            self.session.release(self.state)
            if self._sibling is not None:
                self._sibling[1].drop()
        return tuple(findings.values())

    def _judge(self, check: Check, earlier: Mapping[str, Finding]) -> Finding:
        start = time.monotonic()
        if check.form == "text":
            finding = self._written(check)
        else:
            missing = [name for name in check.after if earlier[name].status not in GOES_ON]
            if missing:
                titles = " and ".join(f"“{earlier[name].title}”" for name in missing)
                finding = _finding(check, Status.SKIPPED, 0, f"Looked at only when {titles} holds.")
            else:
                finding = self._run(check)
        return replace(finding, seconds=time.monotonic() - start)

    def _run(self, check: Check) -> Finding:
        notes = Notes()
        try:
            self._call(check, self.student, self.link, notes)
        except Exception as error:  # noqa: BLE001 - every end of a check becomes a finding
            return notes.beside(self._ended(check, error))
        return notes.beside(_finding(check, Status.PASSED, check.points))

    def _call(self, check: Check, student: Student, link: Link, notes: Notes) -> None:
        rng = Random(self.seed, self.exercise.id, check.name)
        available: dict[str, Callable[[], Any]] = {
            "student": lambda: student,
            "reference": lambda: Remembered(self.solution),
            "rng": lambda: rng,
            "clock": lambda: Clock(lambda: self._reference_worker()[0], self.solution),
            "notes": lambda: notes,
            "limit": lambda: limit_of(self.exercise, check),
        }
        assert check.function is not None
        wanted = inspect.signature(check.function).parameters
        arguments = {name: available[name]() for name in wanted}
        link.begin()
        student.seed(Random(self.seed, self.exercise.id, check.name, "worker").seed())
        check.function(**arguments)

    def _ended(self, check: Check, error: Exception) -> Finding:
        match error:
            case Unanswered():
                return _finding(check, Status.NOT_ATTEMPTED, 0, error.message)
            case Partly() if error.share > 0:
                return _finding(
                    check, Status.PARTIAL, check.points * error.share, error.message, error.detail
                )
            case CheckFailed():
                return _finding(check, Status.FAILED, 0, error.message, error.detail)
            case Inconclusive():
                return _finding(check, Status.INCONCLUSIVE, check.points, error.message, error.detail)
            case Skipped():
                return _finding(check, Status.SKIPPED, 0, error.message)
            case CheckEnded():
                return _finding(check, Status.FAILED, 0, error.message, error.detail)
            case _:
                return self._whose_fault(check, error)

    def _whose_fault(self, check: Check, error: Exception) -> Finding:
        """A check stumbled over an answer: if it takes the reference solution well, the answer is to blame.

        Otherwise a value strange enough to trip a check would be worth as much as a right one.
        """
        trace = "".join(traceback.format_exception(error))[-4_000:]
        detail = {"kind": "fault", "traceback": trace}
        try:
            self._call(check, *self._reference_worker(), Notes())
        except Exception:  # noqa: BLE001
            return _finding(
                check,
                Status.BROKEN,
                0,
                "This check could not be carried out. The fault is the grader's, not yours; it costs no "
                "points, and your instructor sees it.",
                detail,
            )
        return _finding(
            check,
            Status.FAILED,
            0,
            "The result is of a kind that could not be compared: look at its type and its structure.",
            detail,
        )

    def _reference_worker(self) -> tuple[Student, Link]:
        """The reference solution in a process of its own, spoken to just like the student's."""
        if self._sibling is None:
            source = read_reference(self.exercise).solution
            link = Link(lambda: self.session.bare_worker(self.exercise.id, source))
            self._sibling = Student(link, Sources([source])), link
        return self._sibling

    def _written(self, check: Check) -> Finding:
        text = self.written.get(check.name, "")
        if not text:
            try:
                value = getattr(self.student, check.name) if self.exercise.id in self.session.kept else ""
            except CheckEnded:
                value = ""
            text = value if isinstance(value, str) else ""
        if not text.strip():
            return _finding(check, Status.NOT_ATTEMPTED, 0, "There is no written answer.")
        return _finding(
            check,
            Status.WAITING,
            0,
            "Waits for a person to mark it.",
            {"kind": "written", "text": text[:20_000]},
        )


def _missed_a_name(findings: tuple[Finding, ...]) -> bool:
    return any(
        (finding.detail or {}).get("name") in ("NameError", "UnboundLocalError") for finding in findings
    )


def _trouble(session: Session, exercise: Exercise) -> str:
    """What kept a cell of the exercise from being run to its end, worst first; "" if nothing did."""
    cells = {cell.index for cell in session.submission.cells_of(exercise.id)}
    endings = {run.ending for run in session.runs if run.index in cells}
    return next((words for ending, words in TROUBLE.items() if ending in endings), "")


def _explained(finding: Finding, trouble: str) -> Finding:
    """An answer may be missing because its cell came to grief."""
    if finding.status is Status.NOT_ATTEMPTED and trouble:
        return replace(finding, message=f"{finding.message} {trouble}")
    return finding


def _finding(
    check: Check, status: Status, points: float, message: str = "", detail: Mapping[str, Any] | None = None
) -> Finding:
    return Finding(check.name, check.title, status, points, check.points, message, detail)
