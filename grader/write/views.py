"""What the report's template shows, put together from the nouns: sections, exercises, checks, cells."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from markupsafe import Markup

from grader.nouns import Cell, CellRun, Check, Exercise, ExerciseGrade, Finding, Grade, Status, Submission
from grader.write import bars
from grader.write.cells import cell_label, cell_outputs, cell_source, ending_text
from grader.write.images import Room
from grader.write.pictures import picture
from grader.write.prose import inline, markdown, message, source
from grader.write.safe import line
from grader.write.words import gist, number

Rubrics = Mapping[str, Sequence[tuple[float, str]]]  # answer name -> (points, what earns them)
Written = Mapping[str, str]  # answer name -> the student's text, Markdown

FIRST_LOOKS = 3
CELLS = 100  # of one exercise; an honest notebook has a handful

_ALL_WELL = (Status.PASSED, Status.WAITING)


@dataclass(frozen=True, slots=True)
class CheckView:
    """One line of the marking scheme."""

    finding: Finding
    title: Markup
    message: Markup
    flag: Markup
    picture: Markup
    question: bool  # a choice or a written answer, whose title is the question
    options: Sequence[tuple[str, Markup]]  # of a choice
    text: Markup | None  # of a written answer; None for every other check
    rubric: Sequence[tuple[float, Markup]]


@dataclass(frozen=True, slots=True)
class CellView:
    label: str
    kind: str
    ending: str
    troubled: bool
    source: Markup
    outputs: Markup


@dataclass(frozen=True, slots=True)
class ExerciseView:
    grade: ExerciseGrade
    anchor: str
    bar: Markup
    gist: Markup
    prompt: Markup
    stub: Markup
    claims: Sequence[CheckView]
    questions: Sequence[CheckView]
    cells: Sequence[CellView]
    more_cells: int  # beyond those that are shown
    needs_work: bool

    @property
    def lost(self) -> float:
        return self.grade.max_points - self.grade.points - self.grade.open_points


@dataclass(frozen=True, slots=True)
class SectionView:
    id: str
    title: str
    exercises: Sequence[ExerciseView]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template reads besides the grade."""

    name: str
    file: str  # which file in it was graded
    unit: str
    decided: float
    percent: int | None
    total_bar: Markup
    shares: Sequence[tuple[Status, float]]
    sections: Sequence[SectionView]
    first_looks: Sequence[ExerciseView]
    broken: Sequence[ExerciseView]
    flagged: Sequence[ExerciseView]
    others: Sequence[CellView]
    more_others: int
    layers: Sequence[tuple[str, bool]]
    facts: Sequence[tuple[str, str]]
    notes: Sequence[str]

    @property
    def exercises(self) -> list[ExerciseView]:
        return [exercise for section in self.sections for exercise in section.exercises]


def make_page(
    grade: Grade,
    exercises: Mapping[str, Exercise],
    rubrics: Mapping[str, Rubrics],
    written: Mapping[str, Written],
) -> Page:
    """Cut the grade up for the template. What a student wrote is safe markup or a clean line by then."""
    room, runs = _room(grade), {run.index: run for run in grade.runs}
    full = max((exercise.max_points for exercise in grade.exercises), default=0.0)
    shown: list[tuple[Exercise | None, ExerciseView]] = []
    for index, one in enumerate(grade.exercises):
        room.share(len(grade.exercises) - index + 1)
        known = exercises.get(one.id)
        checks = _checks(one, known, rubrics.get(one.id, {}), written.get(one.id, {}), room)
        cells, more = _cells(grade.submission.cells_of(one.id), runs, room)
        shown.append((known, _exercise(one, known, checks, cells, more, full)))
    room.share(1)
    graded = {one.id for one in grade.exercises}
    others, more = _cells((c for c in grade.submission.cells if c.exercise not in graded), runs, room)
    decided = grade.max_points - grade.open_points
    views = [view for _, view in shown]
    layers, facts = _environment(grade.environment)
    return Page(
        name=line(grade.submission.name, 120),
        file=_file(grade.submission),
        unit=", ".join(dict.fromkeys(line(known.unit_title) for known, _ in shown if known is not None)),
        decided=decided,
        percent=round(100 * grade.points / decided) if decided > 0 else None,
        total_bar=bars.total_bar(grade),
        shares=bars.shares(grade),
        sections=_sections(shown),
        first_looks=sorted((v for v in views if _worth_a_look(v)), key=lambda view: -view.lost)[:FIRST_LOOKS],
        broken=[view for view in views if view.grade.status is Status.BROKEN],
        flagged=[view for view in views if any(finding.flag for finding in view.grade.findings)],
        others=others,
        more_others=more,
        layers=layers,
        facts=facts,
        notes=[line(note, 300) for note in grade.submission.notes[:20]],
    )


def _file(submission: Submission) -> str:
    """What was graded of an archive or a folder, and how much there was beside it; "" for a single file."""
    if not submission.member:
        return ""
    count = len(submission.files)
    others = f", with {count} other {'file' if count == 1 else 'files'} beside it" if count else ""
    return f"{line(submission.member, 120)} in {line(submission.name, 120)}{others}"


def _worth_a_look(view: ExerciseView) -> bool:
    return view.grade.status in (Status.FAILED, Status.PARTIAL) and number(view.lost) != "0"


def _cells(cells: Iterable[Cell], runs: Mapping[int, CellRun], room: Room) -> tuple[list[CellView], int]:
    """The student's own among these cells, and how many more there are than anybody would read."""
    own = [cell for cell in cells if _is_the_students(cell)]
    return [_cell(cell, runs, room) for cell in own[:CELLS]], max(len(own) - CELLS, 0)


def _is_the_students(cell: Cell) -> bool:
    """Prompts are shown from the exercise, written answers beside their rubric, empty cells not at all."""
    return cell.role != "prompt" and cell.answer is None and bool(cell.source.strip())


def _room(grade: Grade) -> Room:
    """Pictures get all the room if that is enough for them, else a fair share for each exercise."""
    shown = [output.get("data") for run in grade.runs for output in run.outputs]
    datas = [data.get("image/png") for data in shown if isinstance(data, Mapping)]
    datas += [f.detail.get("png_base64") for one in grade.exercises for f in one.findings if f.detail]
    room = Room()
    room.divide_pictures = sum(len(data) for data in datas if isinstance(data, str)) > room.pictures
    return room


def _sections(shown: Iterable[tuple[Exercise | None, ExerciseView]]) -> list[SectionView]:
    """Exercises in the order of the grade, gathered under their sections."""
    gathered: dict[str, tuple[str, list[ExerciseView]]] = {}
    for known, view in shown:
        section = known.section if known else view.grade.id.rpartition(".")[0]
        title = line(known.section_title) if known else f"Section {section}" if section else "Exercises"
        gathered.setdefault(section, (title, []))[1].append(view)
    return [SectionView(section, title, views) for section, (title, views) in gathered.items()]


@functools.lru_cache(maxsize=256)  # the same for everybody of a class
def _prompt(text: str) -> Markup:
    return markdown(text, headings=True)


@functools.lru_cache(maxsize=256)
def _stub(text: str) -> Markup:
    return source(text)


def _exercise(
    one: ExerciseGrade,
    known: Exercise | None,
    checks: list[CheckView],
    cells: list[CellView],
    more: int,
    full: float,
) -> ExerciseView:
    return ExerciseView(
        grade=one,
        anchor="ex-" + re.sub("[^0-9A-Za-z]+", "-", one.id),
        bar=bars.exercise_bar(one, full),
        gist=inline(line(gist(one), 240)),
        prompt=_prompt(known.prompt) if known else Markup(""),
        stub=_stub(known.stub) if known and known.stub.strip() else Markup(""),
        claims=[check for check in checks if not check.question],
        questions=[check for check in checks if check.question],
        cells=cells,
        more_cells=more,
        needs_work=one.status not in _ALL_WELL,
    )


def _checks(
    one: ExerciseGrade, known: Exercise | None, rubrics: Rubrics, written: Written, room: Room
) -> list[CheckView]:
    declared = {check.name: check for check in known.checks} if known else {}
    return [_check(finding, declared.get(finding.name), rubrics, written, room) for finding in one.findings]


def _check(
    finding: Finding, check: Check | None, rubrics: Rubrics, written: Written, room: Room
) -> CheckView:
    form = check.form if check else "function"
    names = (finding.name, *(check.answers if check else ()))
    key = next((name for name in names if name in written or name in rubrics), None)
    text = None
    if form == "text" or key is not None:
        answer = written.get(key, "") if key else ""
        text = room.text(markdown(answer)) if answer.strip() else Markup("")
    return CheckView(
        finding=finding,
        title=inline(line(finding.title, 600)),
        message=room.text(message(finding.message)),
        flag=inline(line(finding.flag, 300)),
        picture=picture(finding.detail, room),
        question=form in ("text", "choice") or text is not None,
        options=[(line(option), inline(line(said, 600))) for option, said in check.options.items()]
        if check
        else (),
        text=text,
        rubric=[(points, inline(line(said, 600))) for points, said in rubrics.get(key, ())] if key else (),
    )


def _cell(cell: Cell, runs: Mapping[int, CellRun], room: Room) -> CellView:
    run = runs.get(cell.index)
    return CellView(
        label=cell_label(cell),
        kind=cell.kind,
        ending=ending_text(run) if cell.kind == "code" else "text",
        troubled=cell.kind == "code" and (run is None or run.ending != "ok"),
        source=cell_source(cell, room),
        outputs=cell_outputs(cell, run, room),
    )


def _environment(environment: Mapping[str, Any]) -> tuple[list[tuple[str, bool]], list[tuple[str, str]]]:
    """The isolation layers with whether they held, and the other facts as pairs of text."""
    isolation = environment.get("isolation")
    layers: list[tuple[str, bool]] = []
    if isinstance(isolation, Mapping):
        layers = [
            (line(str(name), 80), held is True) for name, held in cast("Mapping[Any, Any]", isolation).items()
        ]
    elif isinstance(isolation, list | tuple):
        layers = [(line(str(name), 80), True) for name in cast("Sequence[Any]", isolation)]
    return layers, list(_facts({key: value for key, value in environment.items() if key != "isolation"}))


def _facts(data: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, value in data.items():
        name = f"{prefix}{line(str(key), 60)}".replace("_", " ")
        if isinstance(value, Mapping):
            # A version says what it is by the package's name.
            yield from _facts(cast("Mapping[str, Any]", value), "" if name == "versions" else f"{name}: ")
        elif isinstance(value, list | tuple):
            yield name, line(", ".join(str(item) for item in cast("Sequence[Any]", value)), 200)
        elif value is not None:
            yield (
                name,
                {True: "yes", False: "no"}[value] if isinstance(value, bool) else line(str(value), 200),
            )
