"""Findings as somebody may read them who is not told about some checks."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from grader.concealed import without_titles as concealed_titles
from grader.nouns import ExerciseGrade

Hidden = AbstractSet[tuple[str, str]]  # (exercise, check)


def without_titles(exercise: ExerciseGrade, hidden: Hidden) -> ExerciseGrade:
    """The exercise, the others' messages quoting no hidden check: one that builds on it names it when it is skipped.

    Hidden findings stay, as they were; whoever shows the exercise leaves them out, or says when they may be seen.
    """
    concealed = [one for one in exercise.findings if (exercise.id, one.name) in hidden]
    findings = tuple(
        one if one in concealed else concealed_titles(one, concealed) for one in exercise.findings
    )
    return replace(exercise, findings=findings)


def told(exercise: ExerciseGrade, hidden: Hidden) -> ExerciseGrade:
    """The exercise with nothing of hidden checks but their share of its points."""
    shown = without_titles(exercise, hidden)
    kept = tuple(finding for finding in shown.findings if (exercise.id, finding.name) not in hidden)
    return replace(shown, findings=kept)
