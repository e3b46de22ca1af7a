"""Findings as somebody may read them who is not told about some checks."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from grader.nouns import ExerciseGrade

Hidden = AbstractSet[tuple[str, str]]  # (exercise, check)
INSTEAD = "a hidden check"


def without_titles(exercise: ExerciseGrade, hidden: Hidden) -> ExerciseGrade:
    """The exercise, the others' messages quoting no hidden check: one that builds on it names it when it is skipped.

    Hidden findings stay, as they were; whoever shows the exercise leaves them out, or says when they may be seen.
    """
    concealed = [one for one in exercise.findings if (exercise.id, one.name) in hidden]
    titles = sorted({one.title for one in concealed}, key=len, reverse=True)  # one may begin with another
    findings = list(exercise.findings)
    for place, finding in enumerate(findings):
        if finding not in concealed:
            message = finding.message
            for title in titles:
                message = message.replace(f"“{title}”", INSTEAD)
            findings[place] = replace(finding, message=message)
    return replace(exercise, findings=tuple(findings))


def told(exercise: ExerciseGrade, hidden: Hidden) -> ExerciseGrade:
    """The exercise with nothing of hidden checks but their share of its points."""
    shown = without_titles(exercise, hidden)
    kept = tuple(finding for finding in shown.findings if (exercise.id, finding.name) not in hidden)
    return replace(shown, findings=kept)
