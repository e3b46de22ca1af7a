"""Grade -> Grade, as the student may see it: what hidden checks found is told as one sum.

What a hidden check looks for is what students are not to know, not what they got: their total must be the one
that counts. So the hidden checks of an exercise become one line in the place of the first, with their points
added up and one status for all. Whoever can subtract could compute that line; a status for each check would
tell more than that. Names, titles, messages, pictures, measured times and written details are gone.

That a check was skipped because a hidden one failed cannot be kept from who reads that it was skipped; which
one it was is not told.
"""

from __future__ import annotations

from dataclasses import replace

from grader.assignment import Assignment
from grader.nouns import ExerciseGrade, Finding, Grade
from grader.score import status_of

HIDDEN = "hidden checks"  # with a blank, so no check has this name: those are Python identifiers
SENTENCE = 12  # characters
MESSAGE = "What these checks look for is not shown. Their points are in the sum."


def concealed(grade: Grade, assignment: Assignment) -> Grade:
    """The grade without what hidden checks would give away. Points and statuses of exercises stay.

    So is what is flagged for a person: that is the instructor's to read.

    Times are gone too, of each check and each exercise with something hidden: how long a check took tells
    how far it came.
    """
    return replace(grade, exercises=tuple(concealed_exercise(one, assignment) for one in grade.exercises))


def concealed_exercise(exercise: ExerciseGrade, assignment: Assignment) -> ExerciseGrade:
    exercise = replace(exercise, findings=tuple(replace(one, flag="") for one in exercise.findings))
    hidden = [one for one in exercise.findings if assignment.hides(exercise.id, one.name)]
    if not hidden:
        return exercise
    shown: list[Finding] = []
    for finding in exercise.findings:
        if finding is hidden[0]:
            shown.append(_sum(hidden))
        elif finding not in hidden:
            shown.append(without_titles(finding, hidden))
    return replace(exercise, findings=tuple(shown), seconds=0.0, attempts=1)


def _sum(hidden: list[Finding]) -> Finding:
    return Finding(
        name=HIDDEN,
        title="passes a hidden check" if len(hidden) == 1 else f"passes {len(hidden)} hidden checks",
        status=status_of(hidden),
        points=round(sum(one.points for one in hidden), 6),
        max_points=sum(one.max_points for one in hidden),
        message=MESSAGE,
    )


def without_titles(finding: Finding, hidden: list[Finding]) -> Finding:
    """The checks that come after a hidden one quote its title where they were skipped."""
    message = finding.message
    # The longest first: one title may be the beginning of another.
    for other in sorted(hidden, key=lambda one: -len(one.title)):
        message = message.replace(f"“{other.title}”", "a hidden check")
        if len(other.title) >= SENTENCE:  # a shorter one may be words that stand there for themselves
            message = message.replace(other.title, "a hidden check")
    return replace(finding, message=message)
