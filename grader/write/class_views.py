"""What the class report's template shows, put together from the grades of a class."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.common_mistakes import Mistake, common_mistakes
from grader.item_analysis import Item, item_analysis
from grader.nouns import Attempt, ClassGrades, Status
from grader.totals import Totals, totals
from grader.write import class_words
from grader.write.class_plots import distribution_svg, outcome_bar, outcome_text
from grader.write.class_rows import FLAGS, Row, Who, exercise_order, make_rows, step
from grader.write.prose import inline, message
from grader.write.safe import line
from grader.write.words import of_points, seconds

GROUPS = 60  # of mistakes; the first dozen is shown unfolded
NAMES = 8  # of a group's students that are linked one by one
SLOWEST = 8
LISTED = 25  # students in one list; the table has them all


@dataclass(frozen=True, slots=True)
class ItemView:
    item: Item
    title: Markup
    bar: Markup
    outcome: str
    step: int
    mean: str
    success: str
    discrimination: str
    seconds: str
    hints: Sequence[str]
    hidden: bool
    checks: Sequence[ItemView] = ()


@dataclass(frozen=True, slots=True)
class MistakeView:
    mistake: Mistake
    title: Markup
    diagnosis: Markup
    example: Markup
    share: str
    lost: str
    first: Sequence[Who]
    rows: str  # numbers of rows, with blanks between


@dataclass(frozen=True, slots=True)
class Trouble:
    """A student, and why they are in this list."""

    who: Who
    why: str


@dataclass(frozen=True, slots=True)
class Attention:
    """What somebody has to look at, or wants to."""

    waiting: Sequence[tuple[str, str, int, float]]  # exercise, title, students, points
    waiting_points: str
    unreadable: Sequence[Trouble]
    failed: Sequence[Trouble]
    failures: int  # attempts that were not graded at all
    broken: Sequence[tuple[str, str, int]]  # exercise, check, students
    flagged: Sequence[Trouble]
    flags: int  # findings with a flag
    stopped: Sequence[Trouble]
    stops: int  # attempts with a cell that was stopped
    slowest: Sequence[Trouble]
    missing: Sequence[Who]


@dataclass(frozen=True, slots=True)
class ClassPage:
    """Everything that the template reads."""

    title: str
    students: int
    counts: Mapping[str, int]  # of FLAGS
    totals: Totals | None
    percent: str
    mean_step: int
    picture: Markup
    reliability: str
    attention: Attention
    exercises: Sequence[ItemView]
    mistakes: Sequence[MistakeView]
    more_mistakes: int
    rows: Sequence[Row]
    facts: Sequence[tuple[str, str]]


def make_class_page(grades: ClassGrades) -> ClassPage:
    """Cut the grades up for the template. What students wrote is safe markup or a clean line by then."""
    analysis, found = item_analysis(grades), totals(grades)
    order = exercise_order(one for one in grades.attempts if one.state == "graded")
    rows = make_rows(grades, order)
    who = {row.key: row.who for row in rows}
    mistakes = common_mistakes(grades)
    shared = [one for one in mistakes if len(one.students) > 1]
    graded = sum(one.state == "graded" for one in grades.attempts)
    return ClassPage(
        title=line(grades.title, 160) or "Class",
        students=len(rows),
        counts={flag: sum(flag in row.flags.split() for row in rows) for flag in FLAGS},
        totals=found,
        percent=class_words.percent(found.mean / found.full) if found and found.full > 0 else "",
        mean_step=step(found.mean / found.full) if found and found.full > 0 else 0,
        picture=distribution_svg(found) if found else Markup(""),
        reliability=class_words.reliability(analysis.reliability),
        attention=_attention(grades, who),
        exercises=[_item(one, grades, analysis.checks[one.exercise]) for one in analysis.exercises],
        mistakes=[_mistake(one, graded, who) for one in shared[:GROUPS]],
        more_mistakes=len(mistakes) - len(shared[:GROUPS]),
        rows=rows,
        facts=_facts(grades),
    )


def _item(one: Item, grades: ClassGrades, checks: Iterable[Item] = ()) -> ItemView:
    return ItemView(
        item=one,
        title=inline(line(one.title, 300)),
        bar=outcome_bar(one.statuses, one.students),
        outcome=outcome_text(one.statuses),
        step=step(one.mean_share),
        mean=class_words.percent(one.mean_share),
        success=class_words.percent(one.success),
        discrimination=class_words.signed(one.discrimination),
        seconds="–" if one.median_seconds is None else seconds(one.median_seconds),
        hints=class_words.hints(one),
        hidden=(one.exercise, one.check) in grades.hidden,
        checks=[_item(check, grades) for check in checks],
    )


def _mistake(one: Mistake, graded: int, who: Mapping[str, Who]) -> MistakeView:
    students = [who[id] for id in one.students if id in who]
    return MistakeView(
        mistake=one,
        title=inline(line(one.title, 300)),
        diagnosis=inline(line(one.diagnosis, 320)),
        example=message(one.example[:2_000]),
        share=class_words.percent(len(one.students) / graded) if graded else "–",
        lost=of_points(one.lost),
        first=sorted(students, key=lambda student: student.row)[:NAMES],
        rows=" ".join(str(row) for row in sorted(student.row for student in students)),
    )


def _attention(grades: ClassGrades, who: Mapping[str, Who]) -> Attention:
    graded = [one for one in grades.attempts if one.state == "graded"]
    waiting: dict[str, tuple[str, int, float]] = {}
    broken: Counter[tuple[str, str]] = Counter()
    for one in (exercise for attempt in graded for exercise in attempt.exercises):
        if one.open_points > 0:
            title, count, points = waiting.get(one.id, (line(one.title, 120), 0, 0.0))
            waiting[one.id] = (title, count + 1, points + one.open_points)
        if one.status is Status.BROKEN:
            broken.update((one.id, f.name) for f in one.findings if f.status is Status.BROKEN)
    flagged = [
        Trouble(who[attempt.student.id], f"{line(exercise.id, 40)}: {line(finding.flag, 300)}")
        for attempt in graded
        for exercise in attempt.exercises
        for finding in exercise.findings
        if finding.flag
    ]
    stopped = [Trouble(who[one.student.id], said) for one in graded if (said := _stops(one))]
    slowest = sorted(graded, key=lambda one: -_finite(one.seconds))[:SLOWEST]
    return Attention(
        waiting=[(id, *waiting[id]) for id in exercise_order(graded) if id in waiting],
        waiting_points=f"{round(sum(points for _, _, points in waiting.values()), 2):,g} points",
        unreadable=_listed(grades, who, "unreadable"),
        failed=_listed(grades, who, "failed"),
        failures=sum(one.state == "failed" for one in grades.attempts),
        broken=[(line(id, 40), line(check, 80), count) for (id, check), count in broken.most_common(40)],
        flagged=flagged[:LISTED],
        flags=len(flagged),
        stopped=stopped[:LISTED],
        stops=len(stopped),
        slowest=[Trouble(who[one.student.id], seconds(one.seconds)) for one in slowest if one.seconds > 0],
        missing=[who[one.id] for one in grades.missing][:LISTED],
    )


def _listed(grades: ClassGrades, who: Mapping[str, Who], state: str) -> list[Trouble]:
    held = [one for one in grades.attempts if one.state == state]
    return [Trouble(who[one.student.id], line(one.message, 300)) for one in held[:LISTED]]


_FINE = ("ok", "error", "not reached")  # an error in a cell is the student's own affair


def _stops(attempt: Attempt) -> str:
    """``2 × timeout, 1 × memory``: the cells that had to be stopped."""
    return ", ".join(
        f"{count} × {line(ending, 30)}"
        for ending, count in attempt.endings.items()
        if ending not in _FINE and count
    )


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _facts(grades: ClassGrades) -> list[tuple[str, str]]:
    """How all of it was graded: what differs between attempts is told with how many had it."""
    graded = [one for one in grades.attempts if one.state == "graded"]
    facts = [("isolation", _tally(one.isolation or "not recorded" for one in graded))]
    names = sorted({name for one in graded for name in one.versions})[:20]
    facts += [
        (line(name, 60), _tally(one.versions.get(name, "not recorded") for one in graded)) for name in names
    ]
    started = [one.started for one in grades.attempts if one.started is not None]
    if started:
        facts.append(("graded", f"{min(started):%Y-%m-%d %H:%M} to {max(started):%Y-%m-%d %H:%M %Z}".strip()))
    facts.append(("computing time", seconds(sum(_finite(one.seconds) for one in grades.attempts))))
    return [(name, said) for name, said in facts if said]


def _tally(values: Iterable[str]) -> str:
    """``full`` where all agree, else ``full (900), partial (39)``."""
    counts = Counter(line(value, 60) for value in values)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{value} ({count:,})" for value, count in counts.most_common(6))
