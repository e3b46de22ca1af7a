"""Classes that nobody taught: any number of students, every state and status, the same for the same seed.

Each student has an ability and each check a difficulty and a slope; whether a check is passed is drawn from
the two-parameter logistic model, so that totals, difficulties and discriminations look like those of an exam.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hostile_text import ATTACKS

from grader.nouns import Attempt, ClassGrades, ExerciseGrade, Finding, Status, Student
from grader.score import OPEN, status_of

FIRST = "Ada Ben Chloé Daniel Emre Fatima Grace Hao İpek Jonas Karla Liam Mei Noor Olga Pablo Quentin Rosa Søren Tariq Uma Victor Wiebke Xenia Yusuf Zoë".split()
LAST = "Adams Bauer Castillo Dubois Eriksen Fischer García Hoffmann Ibrahim Jansen Kowalska Lindqvist Müller Nguyễn O’Brien Petrov Quispe Rossi Sato Tanaka Ueda Vogel Wang Young Zhang".split()
FIRST_RTL = "נועה דניאל יעל איתן תמר אורי מאיה عمر ليلى يوسف مريم خالد سارة حسن".split()
LAST_RTL = "כהן לוי מזרחי פרץ ביטון אברהם פרידמן حداد خوري منصور النجار العلي".split()

TITLES = (
    "A list of mixed types as a tensor", "Four-dimensional tensor of random bits", "Eigenvalues and norms of a stack of random matrices",
    "Running time of a lifted operator against a loop", "Keep the positive elements, infinity elsewhere",
    "Slice of the elements with three odd indices", "Column vector added to itself in place",
    "Which pairs of tensors can be broadcast", "Calling backward a second time", "Differentiating the derivative",
    "Why the level lines are straight", "Equation of the separating line", "ReLU as the activation of the neuron",
    "The gradient of the cost of one point, simplified", "Likelihood and cross-entropy", "Changing the learning rate",
    "Starting from better parameters", "Why the gradients become so small", "Closed-form gradient instead of the chain rule",
    "Vectorised training in k dimensions", "The training loop with PyTorch", "A Dataset class of your own",
    "How many parameters has the flat classifier?", "The gradient of the cross-entropy by hand", "Compact expressions for dZ/db",
    "Minibatches of several sizes", "Training until it stops to improve", "A deeper network",
)  # fmt: skip
CHECKS = (
    ("shape", "has the shape that was asked for"),
    ("values", "gives the right values for hidden inputs"),
    ("gradient", "has the right gradient"),
    ("edges", "is right for an empty batch, too"),
    ("speed", "uses no loop over the batch, and is at least three times as fast as one"),
)
WRITTEN = ("explanation", "Explain in three to six sentences what happened, and why.")
MISTAKES = (
    "It is transposed: swapping rows and columns (`.T`) makes it right.",
    "The sign is flipped: minus your result would be right.",
    "Every element is {n} times too large, which is the size of dimension 0: is a sum taken where a mean is expected?",
    "The values are right, but dimension {d}, of size 1, is too many: `squeeze({d})` drops it.",
    "{n} elements are NaN: from a division, a logarithm or a root?",
    "",
)


@dataclass(frozen=True)
class _Check:
    name: str
    title: str
    points: float
    difficulty: float
    slope: float


@dataclass(frozen=True)
class _Question:
    id: str
    title: str
    checks: tuple[_Check, ...]


def made_up_class(
    n: int = 40, *, exercises: int = 8, seed: int = 0, hostile: bool = False, right_to_left: bool = False
) -> ClassGrades:
    """A class of ``n`` students, those who handed in nothing among them.

    From eight students on every state and status occurs. ``hostile``: names, messages and folders attack.
    """
    rng = random.Random(f"{n} {exercises} {seed}")
    questions = _questions(exercises, rng)
    attempts: list[Attempt] = []
    missing: list[Student] = []
    for index, student in enumerate(_students(n, rng, hostile, right_to_left)):
        fate = index % 8 if index < 8 else rng.randrange(100) + 8
        if fate in (2, 8, 9):
            missing.append(student)
        elif fate in (3, 10, 11):
            attempts.append(_unreadable(student, hostile))
        elif fate in (4, 12):
            attempts.append(_failed(student))
        else:
            attempts.append(_graded(student, questions, rng, late=fate in (5, *range(13, 20)), odd=fate == 6))
    points = sum(check.points for question in questions for check in question.checks)
    return ClassGrades(
        title=f"Deep learning, first steps {ATTACKS[0] if hostile else ''}".strip(),
        attempts=tuple(sorted(attempts, key=lambda one: one.student.id)),
        missing=tuple(missing),
        points=points,
        hidden=frozenset({(questions[0].id, "values")}),
        earlier={one.student.id: 1 + i % 3 for i, one in enumerate(attempts[::5])},
    )


def _questions(count: int, rng: random.Random) -> list[_Question]:
    made: list[_Question] = []
    for index in range(count):
        checks = [
            _Check(
                name,
                title,
                rng.choice((1, 2, 3)),
                rng.gauss(-0.9 - 0.9 * (name == "shape"), 0.8),
                rng.choice((0.6, 1.0, 1.6)),
            )
            for name, title in CHECKS[: rng.randint(2, len(CHECKS))]
        ]
        if index % 3 == 0:
            checks.append(_Check(*WRITTEN, 2, 0.0, 1.0))
        if index == 5:  # an item with a wrong key: whoever knows more fails it
            checks[1] = _Check(*CHECKS[1], 3, 0.0, -0.8)
        id = f"{1 + index // 10}.{1 + index % 10 // 2}.{1 + index % 2}"
        made.append(_Question(id, TITLES[index % len(TITLES)], tuple(checks)))
    return made


def _students(n: int, rng: random.Random, hostile: bool, right_to_left: bool) -> Iterator[Student]:
    for index in range(n):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        if right_to_left or index % 20 == 7:
            first, last = rng.choice(FIRST_RTL), rng.choice(LAST_RTL)
        name, id = f"{first} {last}", f"s{1000 + index}"
        if hostile:
            attack = ATTACKS[index % len(ATTACKS)]
            name, id = (attack, id) if index % 2 else (name, f"{id}{attack}")
        yield Student(id, name, f"{id}@example.org")


def _graded(
    student: Student, questions: list[_Question], rng: random.Random, *, late: bool, odd: bool
) -> Attempt:
    ability = rng.gauss(0, 1)
    stops = len(questions) if rng.random() < 0.8 else rng.randrange(len(questions) // 2, len(questions) + 1)
    exercises = tuple(
        _exercise(question, ability, rng, reached=i < stops, broken=odd and i == 1, busy=odd and i == 2)
        for i, question in enumerate(questions)
    )
    raw = sum(one.points for one in exercises)
    days = rng.choice((0.2, 1.5, 3.0)) if late else 0.0
    due = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    stuck = odd or rng.random() < 0.02
    return Attempt(
        student=student,
        key=hashlib.sha256(student.id.encode(errors="replace")).hexdigest(),
        state="graded",
        exercises=exercises,
        points=round(raw * (0.9 if days > 1 else 1.0), 2),
        raw_points=raw,
        max_points=sum(one.max_points for one in exercises),
        open_points=sum(one.open_points for one in exercises),
        submitted=due + timedelta(days=days or -rng.random() * 3),
        days_late=days,
        name="submission.ipynb",
        seed=rng.randrange(2**53),
        isolation=rng.choice(("full", "full", "full", "partial")),
        versions={"torch": "2.9.0", "grader": "0.3.0"},
        endings={"ok": 30, "timeout": 1} if stuck else {"ok": 30},
        seconds=rng.lognormvariate(2.6, 0.4) + (120 if stuck else 0),
        started=due + timedelta(days=4),
        worker=f"host{rng.randrange(3)}:1",
        folder=f"students/{student.id}",
    )


def _unreadable(student: Student, hostile: bool) -> Attempt:
    said = "solution.ipynb is not a notebook: it starts with “PK”, as a zip file does; rename it to .zip."
    return Attempt(
        student,
        "key",
        "unreadable",
        message=f"{said} {ATTACKS[3]}" if hostile else said,
        name="solution.ipynb",
        folder="../../etc" if hostile else "",
    )


def _failed(student: Student) -> Attempt:
    return Attempt(student, "key", "failed", message="The worker ended by signal 9 three times.", seconds=8.0)


def _exercise(
    question: _Question, ability: float, rng: random.Random, *, reached: bool, broken: bool, busy: bool
) -> ExerciseGrade:
    findings: list[Finding] = []
    blocked = False
    for check in question.checks:
        finding = _finding(check, ability, rng, reached, blocked)
        if broken and check.name == "values":
            finding = Finding(
                check.name, check.title, Status.BROKEN, 0, check.points, "The fault is the grader's."
            )
        if busy and check.name == "values":
            finding = Finding(
                check.name, check.title, Status.INCONCLUSIVE, check.points, check.points, "Too busy."
            )
        blocked = blocked or (check.name == "shape" and finding.status is Status.FAILED)
        findings.append(finding)
    return ExerciseGrade(
        id=question.id,
        title=question.title,
        status=status_of(findings),
        points=sum(one.points for one in findings),
        max_points=sum(one.max_points for one in findings),
        open_points=sum(one.max_points for one in findings if one.status in OPEN),
        seconds=sum(one.seconds for one in findings),
        findings=tuple(findings),
    )


def _finding(check: _Check, ability: float, rng: random.Random, reached: bool, blocked: bool) -> Finding:
    seconds = rng.lognormvariate(-4, 0.5)
    if not reached:
        return Finding(check.name, check.title, Status.NOT_ATTEMPTED, 0, check.points, "There is no answer.")
    if check.name == WRITTEN[0]:
        return Finding(
            check.name, check.title, Status.WAITING, 0, check.points, "Waits for a person to mark it."
        )
    if blocked:
        return Finding(
            check.name, check.title, Status.SKIPPED, 0, check.points, "First mend the check above."
        )
    chance = 1 / (1 + math.exp(-check.slope * 1.7 * (ability - check.difficulty)))
    if rng.random() < chance:
        return Finding(check.name, check.title, Status.PASSED, check.points, check.points, seconds=seconds)
    if rng.random() < 0.2:
        said = f"From {rng.randint(2, 9)} of {rng.randint(10, 20)} inputs on it is right."
        return Finding(
            check.name, check.title, Status.PARTIAL, check.points / 2, check.points, said, seconds=seconds
        )
    said = message(rng, check.name, turn=int(10 * abs(check.difficulty)))
    return Finding(check.name, check.title, Status.FAILED, 0, check.points, said, seconds=seconds)


def message(rng: random.Random, check: str, turn: int = 0) -> str:
    """A message of a check that failed: what is measured differs each time, the mistake is one of a few."""
    rows, columns, wrong = rng.randint(3, 9), rng.randint(3, 9), rng.randint(2, 9)
    kinds = (MISTAKES[0], MISTAKES[3], "") if check == "shape" else MISTAKES
    which = min(int(rng.expovariate(0.6)), len(kinds) - 1)
    mistake = kinds[(which + turn) % len(kinds)].format(n=wrong, d=wrong % 3)
    if check == "shape":
        return f"The result has shape ({rows}, {columns}); ({columns}, {rows}) is expected. {mistake}".strip()
    if check == "speed":
        return f"`answer` takes {rng.uniform(1.1, 2.9):.2f} times as long as it may."
    return (
        f"The result differs from what is expected in {wrong} of {rows * columns} elements "
        f"({100 * wrong // (rows * columns)} %), by up to {rng.uniform(0.1, 4):.2g}, at index ({rows - 1}, 0), where yours is "
        f"{rng.gauss(0, 2):.4g} (allowed: rtol 1e-05, atol 1e-08). {mistake}"
    ).strip()
