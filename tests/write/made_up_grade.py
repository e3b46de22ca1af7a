"""A grade in which every status, every kind of detail and a good many attacks occur."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from hostile_text import ARABIC, ATTACKS, HEBREW, HOSTILE, LONG_LINE, RTL_OVERRIDE, ZERO_WIDTH
from made_up_cells import CELLS, RUNS, png

from grader.nouns import Cell, CellRun, Check, Exercise, ExerciseGrade, Finding, Grade, Status, Submission
from grader.write.report import render


@dataclass(frozen=True)
class Sample:
    """A grade with all that the report wants to know beside it."""

    grade: Grade
    exercises: dict[str, Exercise]
    rubrics: dict[str, dict[str, list[tuple[float, str]]]]
    written: dict[str, dict[str, str]]

    def html(self) -> str:
        return render(self.grade, self.exercises, self.rubrics, self.written)


SECTIONS = {
    "1.1": "Initialising tensors",
    "1.2": "Tensor operators",
    "1.3": "Accessing the data of a tensor",
    "1.6": "Automatic differentiation",
}


def exercise(id: str, title: str, checks: tuple[Check, ...], prompt: str, stub: str = "") -> Exercise:
    return Exercise(
        id=id,
        slug=title.lower().replace(" ", "_"),
        title=title,
        section_title=SECTIONS[id[:3]],
        unit_title="Introduction to tensors",
        prompt=prompt,
        stub=stub,
        checks=checks,
        kinds=("tensor",),
        budget_s=1,
        answers={},
        path=Path("exercises/unit1/question.py"),
    )


def checks_of(findings: tuple[Finding, ...]) -> tuple[Check, ...]:
    return tuple(Check(finding.name, finding.title, finding.max_points) for finding in findings)


UNDECIDED = (Status.WAITING, Status.BROKEN)


def graded(id: str, title: str, status: Status, findings: tuple[Finding, ...]) -> ExerciseGrade:
    open_points = sum(f.max_points - f.points for f in findings if f.status in UNDECIDED)
    return ExerciseGrade(
        id=id,
        title=title,
        status=status,
        points=sum(f.points for f in findings),
        max_points=sum(f.max_points for f in findings),
        open_points=open_points,
        seconds=sum(f.seconds for f in findings),
        findings=findings,
    )


def error_map(rows: int, cols: int) -> list[list[float | None]]:
    """A ridge of errors: large in the middle column, none on the left half."""
    return [
        [None if j < cols // 2 else abs(math.sin(i / 3 + j / 2)) for j in range(cols)] for i in range(rows)
    ]


OPTIONS = {
    "a": "all elements of a tensor share one dtype",
    "b": "torch has no dtype that can hold text",
    "c": "a list may not contain both `int` and `float`",
}

MIXED = (
    Finding(
        "mixed_list",
        "holds three different types and is refused by PyTorch",
        Status.PASSED,
        2,
        2,
        seconds=0.01,
    ),
    Finding(
        "to_tensor_or_none",
        "gives the tensor, or None where PyTorch refuses the list",
        Status.PASSED,
        3,
        3,
        detail={"kind": "stdout", "text": "trying [1, 'a']\ninvalid data type 'str'\n"},
        seconds=0.04,
    ),
    Finding(
        "refusal_reasons",
        "Why does PyTorch refuse the list?",
        Status.PARTIAL,
        0.5,
        1,
        "Two of the keys are right: `a` and `b`. One that also holds is missing.",
    ),
    Finding(
        "mixed_list_explanation",
        "Explain in three to six sentences what happened, and why.",
        Status.WAITING,
        0,
        2,
        "A person reads this answer.",
    ),
)
BITS = (
    Finding(
        "values", "has the asked-for shape and holds only zeros and ones", Status.PASSED, 1, 1, seconds=0.02
    ),
    Finding(
        "mean",
        "has a mean near one half along every dimension",
        Status.INCONCLUSIVE,
        1,
        1,
        "The machine was too busy to measure this; it costs no point.",
    ),
    Finding(
        "independence",
        "draws every bit independently of all others",
        Status.FAILED,
        0,
        2,
        "Two slices along dimension 0 are equal: `bits[0]` and `bits[1]`.\n\n"
        "One random matrix was repeated. Draw all the bits in one call:\n"
        "```python\ntorch.randint(0, 2, shape)\n```",
    ),
    Finding(
        "memory", "shares no memory between its elements", Status.SKIPPED, 0, 1, "First mend the check above."
    ),
)
NORMS = (
    Finding(
        "frobenius_norms",
        "computes the Frobenius norm of each matrix",
        Status.FAILED,
        0,
        4,
        "The result differs in 192 of 384 elements, by at most 0.91 where 1e-05 was allowed.\n"
        "First at index `(0, 8)`: `2.4142` instead of `1.7321`. It looks as if the *root* is missing.",
        {
            "kind": "tensor",
            "shape": [24, 16],
            "mismatched": 192,
            "total": 384,
            "grid": error_map(24, 16),
            "rows": 24,
            "cols": 16,
            "caption": "Where your norms differ",
        },
        0.2,
    ),
    Finding(
        "speed",
        "is at least 10 times faster than a loop",
        Status.FAILED,
        0,
        3,
        "It is only 3.2 times faster: is there a loop left in it?",
        {
            "kind": "timing",
            "ratio": {"low": 2.9, "median": 3.2, "high": 3.7},
            "limit": {"at_least": 10},
            "samples": [2.6, 2.9, 3.0, 3.1, 3.2, 3.2, 3.3, 3.5, 3.7, 4.4],
        },
        1.4,
    ),
    Finding(
        "losses",
        "lowers the loss as the reference does",
        Status.PASSED,
        3,
        3,
        detail={
            "kind": "curve",
            "series": [
                {"name": "yours", "values": [2.3 * 0.86**i + 0.05 for i in range(40)]},
                {"name": "reference", "values": [2.3 * 0.85**i + 0.04 for i in range(40)]},
            ],
            "x_label": "step",
            "y_label": "loss",
        },
    ),
    Finding(
        "figure",
        "draws the norms as a histogram with labels",
        Status.PARTIAL,
        1,
        2,
        "The y axis has no label.",
        {"kind": "image", "png_base64": png(), "caption": "The figure that `plot_norms()` drew"},
    ),
)
CRASHED = (
    Finding(
        "values",
        "selects the even rows",
        Status.FAILED,
        0,
        5,
        "Your function stopped with `IndexError: too many indices for tensor of dimension 1`.",
        {
            "kind": "traceback",
            "name": "IndexError",
            "message": "too many indices for tensor of dimension 1",
            "frames": ["cell 9, line 3, in even_rows\n    return x[::2, :]\n           ~^^^^^^^^"],
        },
    ),
)
UNTOUCHED = tuple(
    Finding(name, title, Status.NOT_ATTEMPTED, 0, points)
    for name, title, points in (
        ("frozen", "leaves the original as it was", 2.0),
        ("copies", "copies no more than it must", 3.0),
    )
)
FAULT = {"kind": "fault", "traceback": "Traceback of the grader's own"}
BROKEN = (
    Finding("values", "equals the analytic derivative", Status.PASSED, 4, 4),
    Finding(
        "graph",
        "keeps the graph",
        Status.BROKEN,
        0,
        3,
        "This check could not be carried out. It costs no point.",
        FAULT,
    ),
)
ATTACKED = (
    Finding(
        "hostile",
        f"survives {ATTACKS[0]} and `{ATTACKS[3]}`",
        Status.FAILED,
        0,
        2,
        HOSTILE + "\n" + LONG_LINE,
        {"kind": "traceback", "name": ATTACKS[0], "message": HOSTILE, "frames": [HOSTILE, LONG_LINE]},
    ),
    Finding(
        "printed",
        "prints nothing harmful",
        Status.FAILED,
        0,
        1,
        ATTACKS[4],
        {"kind": "stdout", "text": HOSTILE},
    ),
    Finding(
        "odd",
        "has a detail of a kind to come",
        Status.PASSED,
        1,
        1,
        "",
        {"kind": "hologram", "data": HOSTILE},
    ),
    Finding(
        "named",
        "names its curves",
        Status.PASSED,
        1,
        1,
        "",
        {
            "kind": "curve",
            "series": [{"name": ATTACKS[1], "values": [1, None, 3.0, math.nan, 10_000]}],
            "x_label": ATTACKS[2],
            "y_label": ATTACKS[4],
        },
    ),
    Finding("graph_explanation", "ما الذي يحدث؟", Status.WAITING, 0, 3),
    Finding("hostile_explanation", "Explain.", Status.WAITING, 0, 1),
)

PROMPT = """\
Build a Python list whose elements are of **several different types** and try to turn it into a tensor.

1. Did it work?
2. If not, explain why.

```python
torch.tensor([1, 2.5, "a"])
```

| list | result |
|------|--------|
| `[1, 2]` | `int64` |
| `[1, 2.5]` | `float32` |
"""
STUB = '''
import torch


def to_tensor_or_none(items: list) -> torch.Tensor | None:
    """Return the tensor that torch.tensor(items) gives, or None."""
    raise NotImplementedError
'''


def single(
    sample: Sample, *findings: Finding, cells: tuple[Cell, ...] = (), runs: tuple[CellRun, ...] = ()
) -> Grade:
    """A grade of one exercise."""
    exercise = ExerciseGrade("1.1.1", "One", Status.FAILED, 0, 1, 0, 0, findings)
    submission = replace(sample.grade.submission, cells=cells)
    return replace(sample.grade, exercises=(exercise,), submission=submission, runs=runs)


def make_sample() -> Sample:
    """Right, wrong, crashed, waiting, unattempted, broken, skipped, inconclusive, and hostile throughout."""
    grades = (
        graded("1.1.1", "A list of mixed types as a tensor", Status.PARTIAL, MIXED),
        graded("1.1.2", "Four-dimensional tensor of random bits", Status.PARTIAL, BITS),
        graded("1.2.1", "Eigenvalues and norms of a stack of random matrices", Status.PARTIAL, NORMS),
        graded(
            "1.2.2",
            "Running time of a lifted operator",
            Status.PASSED,
            (Finding("a", "is right", Status.PASSED, 6, 6),),
        ),
        graded("1.3.1", "Slices", Status.FAILED, CRASHED),
        graded("1.3.2", "Saving memory", Status.NOT_ATTEMPTED, UNTOUCHED),
        graded("1.6.1", "A function applied twice", Status.BROKEN, BROKEN),
        graded("1.6.2", f"Differentiating {ATTACKS[0]}", Status.FAILED, ATTACKED),
    )
    exercises = {
        one.id: exercise(one.id, one.title, checks_of(one.findings), PROMPT, STUB) for one in grades[:-1]
    }
    mixed = (
        *checks_of(MIXED[:2]),
        Check("refusal_reasons", "Why?", 1, form="choice", options=OPTIONS),
        Check("mixed_list_explanation", "Explain.", 2, form="text", answers=("mixed_list_explanation",)),
    )
    exercises["1.1.1"] = exercise("1.1.1", grades[0].title, mixed, PROMPT, STUB)
    submission = Submission(
        path=Path("/tmp/dana.ipynb"),
        name=f"דנה לוי {RTL_OVERRIDE}cod.{ZERO_WIDTH}<script>window.pwned=30</script>.ipynb",
        kind="ipynb",
        sha256="5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        cells=CELLS,
        notes=("Two cells had the same id; the second was given a new one.", HOSTILE),
    )
    environment = {
        "versions": {"python": "3.11.7", "torch": "2.13.0+cpu"},
        "device": "cpu",
        "threads": 2,
        "isolation": {"user namespace": True, "no network": True, "Landlock": True, "memory limit": False},
    }
    return Sample(
        grade=Grade(submission, environment, grades, RUNS, seed=20240607, seconds=14.2),
        exercises=exercises,
        rubrics={
            "1.1.1": {
                "mixed_list_explanation": [
                    (0.5, "numbers of different kinds do convert, by promotion"),
                    (0.5, "the text element makes it fail"),
                    (1, "one dtype for the whole tensor, and no dtype for text"),
                ]
            },
            "1.6.2": {"graph_explanation": [(3, HOSTILE)], "hostile_explanation": [(1, "nothing")]},
        },
        written={
            "1.1.1": {"mixed_list_explanation": HEBREW},
            "1.6.2": {"graph_explanation": ARABIC, "hostile_explanation": HOSTILE},
        },
    )
