"""Finding* -> Grade: points add up, and every exercise gets one status."""

from __future__ import annotations

from collections.abc import Iterable

from grader.nouns import Exercise, ExerciseGrade, Finding, Status

OPEN = (Status.WAITING, Status.BROKEN)  # neither earned nor lost until a person decides


def score(exercise: Exercise, findings: Iterable[Finding]) -> ExerciseGrade:
    """The grade of one exercise. Points that wait for a person, or for us, are counted as open."""
    findings = tuple(findings)
    return ExerciseGrade(
        id=exercise.id,
        title=exercise.title,
        status=status_of(findings),
        points=round(sum(finding.points for finding in findings), 6),
        max_points=sum(finding.max_points for finding in findings),
        open_points=sum(finding.max_points for finding in findings if finding.status in OPEN),
        seconds=sum(finding.seconds for finding in findings),
        findings=findings,
    )


def status_of(findings: Iterable[Finding]) -> Status:
    """One word for an exercise.

    ``broken`` wins over everything, since the instructor must see it. ``waiting`` means that all else is done
    and right. A machine that was too noisy makes no difference.
    """
    findings = tuple(findings)
    statuses = {finding.status for finding in findings}
    earned = any(finding.points > 0 for finding in findings)
    if Status.BROKEN in statuses:
        return Status.BROKEN
    if statuses == {Status.SKIPPED}:  # none of it can be done on this machine
        return Status.SKIPPED
    if statuses <= {Status.NOT_ATTEMPTED, Status.SKIPPED}:
        return Status.NOT_ATTEMPTED
    if statuses <= {Status.PASSED, Status.INCONCLUSIVE}:
        return Status.PASSED
    if statuses <= {Status.PASSED, Status.INCONCLUSIVE, Status.WAITING}:
        return Status.WAITING
    return Status.PARTIAL if earned else Status.FAILED
