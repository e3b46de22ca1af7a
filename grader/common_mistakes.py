"""Failed findings grouped by what is wrong, so that a teacher sees "14 students return the transposed matrix".

A message (``grader.compare.diagnosis``) says first how many elements differ, where and how far, and then, where
a known mistake explains them, which. The hidden inputs differ from student to student, and with them the
numbers. So the part that measures is left out where an explanation follows, and numbers, quoted values and
error messages are taken out of the rest. What the students wrote themselves never decides more than their
own group; it is text, to be escaped like all of theirs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grader.item_analysis import in_order
from grader.nouns import ClassGrades, Finding, Status

GAP = "…"  # stands for a number, or for something that a student wrote
_READ = 3_000  # characters of a message; ours are a few hundred
_LENGTH = 300  # of a diagnosis

# What was quoted: repr of a text. An apostrophe inside a word ("yours isn't") quotes nothing.
_QUOTED = re.compile(r"(?<!\w)'[^'\n]{0,400}'(?!\w)|\"[^\"\n]{0,400}\"|“[^”\n]{0,400}”")
# 12, -0.5, 1,200, 3.4e-05, 60 %, 2×3, 3x4, 1+2j, 2/3, √32, index 3; but not the 32 of float32 or of `x32`.
_ONE = r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d)\.(?!\w|\s|$))?(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(
    r"(?=[-−+√\d.ni])(?<![\w.])(?:"  # the first part only makes it fast
    rf"[-−+]?√?(?=[\d.]*\d)(?:{_ONE})(?:[x×/+\-−](?=[\d.]*\d){_ONE})*j?(?:\s?%)?"
    r"|[-−+]?(?:nan|inf)j?)(?!\w)"
)
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
# "`fit` raised ValueError: whatever a library or a student wrote (line 3)"; "… of type 'Line'"
_RAISED = re.compile(
    r"\braised (?:an? )?`?(?P<name>(?:\w{1,40}\.){0,4}[A-Z]\w{0,60})`?(?::.*|\s\(.*)?", re.DOTALL
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"“‘(`A-Z0-9…√π-])|\n+")
_RUN = re.compile(rf"{GAP}(?:(?:,\s?|\s){GAP}){{4,}}")  # a list of many numbers: its length is no diagnosis

# Sentences that only measure, after the numbers were taken out, and what is left to say where nothing follows.
_MEASURES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"differs from what is expected in (?:all )?{GAP}"), "Values differ from what is expected."),
    (
        re.compile(rf"is {GAP} and (?:differs from|is not) what is expected"),
        "The value is not the one expected.",
    ),
    (re.compile(r"^The first of them is at index"), ""),
    (re.compile(r"has shape .*; .* is expected\.?$"), "The shape is wrong."),
    (
        re.compile(r"has dtype (?P<have>\w+); (?P<want>\w+) is expected\.?$"),
        "The dtype is {have}; {want} is expected.",
    ),
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Students whose answers fail one check in one way."""

    exercise: str
    check: str
    title: str  # of the check
    diagnosis: str  # the message without what differs between students; … stands for that
    example: str  # the message of the first of them, as it was
    students: tuple[str, ...]  # ids, in the order of the class
    lost: float  # points of the check that they did not get, all together
    hidden: bool  # the check is one that students are not told about


def common_mistakes(grades: ClassGrades) -> tuple[Mistake, ...]:
    """All groups, those with most students first; a group of one is a mistake that one student made."""
    held: dict[tuple[str, str, str], list[tuple[str, Finding, str]]] = {}
    for student, exercise, finding in _failures(grades):
        diagnosis = diagnosis_of(finding.message) or "No reason was given."
        held.setdefault((exercise, finding.name, _key(diagnosis)), []).append((student, finding, diagnosis))
    found = [
        Mistake(
            exercise=exercise,
            check=check,
            title=members[0][1].title,
            # "… elements are NaN" rather than "… element is NaN", where that is what most of them read
            diagnosis=Counter(said for _, _, said in members).most_common(1)[0][0],
            example=members[0][1].message,
            students=tuple(dict.fromkeys(student for student, _, _ in members)),
            lost=sum(max(finding.max_points - finding.points, 0.0) for _, finding, _ in members),
            hidden=(exercise, check) in grades.hidden,
        )
        for (exercise, check, _), members in held.items()
    ]
    return tuple(sorted(found, key=lambda m: (-len(m.students), -m.lost, in_order(m.exercise), m.check)))


def _failures(grades: ClassGrades) -> Iterator[tuple[str, str, Finding]]:
    for attempt in grades.attempts:
        if attempt.state == "graded":
            for one in attempt.exercises:
                for finding in one.findings:
                    if finding.status in (Status.FAILED, Status.PARTIAL):
                        yield attempt.student.id, one.id, finding


def diagnosis_of(message: str) -> str:
    """The message without numbers, quoted values and measurements: one line of at most 300 characters."""
    text = _FENCE.sub(" ", message[:_READ])
    said: list[str] = []
    measured: list[str] = []
    for sentence in _sentences(text):
        bare = _RUN.sub(GAP, _NUMBER.sub(GAP, _QUOTED.sub(GAP, sentence)))
        for pattern, summary in _MEASURES:
            if found := pattern.search(bare):
                measured.append(summary.format(**found.groupdict()))
                break
        else:
            said.append(bare)
    kept = " ".join(said) or next(filter(None, measured), "")
    return kept if len(kept) <= _LENGTH else kept[: _LENGTH - 1].rstrip() + GAP


def _sentences(text: str) -> list[str]:
    """Sentences of one line each; after "raised ValueError" comes text of somebody else's, which is left out."""
    found = _RAISED.search(text)
    if found:
        text = f"{text[: found.start()]}raised {found['name']}{text[found.end() :] or '.'}"
    return [" ".join(part.split()) for part in _SENTENCE.split(text) if part.strip()]


def _key(diagnosis: str) -> str:
    """What is compared: "… element is NaN" and "… elements are NaN" are one diagnosis."""
    same = re.sub(r"\b(?:is|are|was|were|has|have|does|do)\b", "be", diagnosis.casefold())
    return re.sub(rf"({GAP} (?:\w+ )?\w{{2,}}?)s\b", r"\1", same)
