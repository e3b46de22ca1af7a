"""``grade export``: the grades of a class, or of one submission, for spreadsheets and learning-management systems.

What it writes is made anew from the gradebook each time, whole or not at all, so a file of an earlier export is
replaced without asking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from grader.nouns import BadInput, ClassGrades, Student

if TYPE_CHECKING:
    from grader.write.exports.feedback import Documents
    from grader.write.exports.sheet import Sheet

# format -> name of the file where --out is not given; "feedback" is a folder
OF_A_CLASS = {
    "csv": "grades.csv",
    "checks": "checks.csv",
    "moodle": "moodle.csv",
    "moodle-feedback": "moodle-feedback.zip",
    "canvas": "canvas.csv",
    "junit": "junit.xml",
    "feedback": "feedback",
}
OF_ONE = {"gradescope": "results.json", "junit": "junit.xml"}
NO_GRADE = "without a grade"


@dataclass(frozen=True, slots=True)
class Options:
    """What concerns one format or two."""

    column: str = ""
    bom: bool = False
    sheet: Sheet | None = None  # the roster, as it is in its file


class Book(Protocol):
    """What an export wants of a gradebook."""

    def assignments(self) -> Mapping[str, str]:
        """Assignment -> title."""
        ...

    def grades(self, assignment: str, roster: Sequence[Student] = ()) -> ClassGrades:
        """With ``hidden`` filled in: Moodle's feedback goes to students."""
        ...

    def document(self, assignment: str, student_id: str, name: str) -> bytes | None: ...

    def close(self) -> None: ...


def open_book(where: Path | str) -> Book:
    """The gradebook of a class: a folder, a file or a URL. Raises BadInput where there is none."""
    from grader.gradebook import Gradebook

    return Gradebook.open(where, create=False)


def read_roster(path: Path) -> Sequence[Student]:
    """The students that a roster lists. Raises BadInput where it cannot be read."""
    from grader.read.roster import read_roster as read

    return tuple(read(path).values())


@click.command()
@click.argument("source", metavar="DIR|grade.json")
@click.option(
    "--to",
    "form",
    required=True,
    type=click.Choice([*OF_A_CLASS, "gradescope"]),
    help="Of a class: all but gradescope. Of one grade.json: gradescope or junit.",
)
@click.option("--assignment", metavar="NAME", help="Which one, where the gradebook has several.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="Moodle's grading worksheet, Canvas's gradebook, or another list of the class.",
)
@click.option("--column", default="", metavar="NAME", help="Canvas's column, as 'Homework 1 (12345)'.")
@click.option("--bom", is_flag=True, help="Begin csv and checks with a byte order mark, for Excel.")
@click.option(
    "--hide",
    multiple=True,
    metavar="ID:CHECK",
    help="Of one grade.json: a check that the student is not told about. May be given several times.",
)
@click.option(
    "--else-say",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="For gradescope: where grade.json is missing or damaged, export what this file says instead.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="What to write; in DIR/exports, or beside grade.json, if not given.",
)
def export(
    source: str,
    form: str,
    assignment: str | None,
    roster: Path | None,
    column: str,
    bom: bool,
    hide: tuple[str, ...],
    else_say: Path | None,
    out: Path | None,
) -> None:
    """Write the grades of a class (DIR of `grade batch`), or of one grade.json, for another program.

    csv: a row per student. checks: a row per check. moodle: the grading worksheet filled in, or a file for the
    gradebook. moodle-feedback: the reports in one archive, as Moodle takes them. canvas: for the gradebook.
    feedback: an archive per student. junit: XML. gradescope: results.json. What an earlier export wrote is replaced.
    """
    path = Path(source)
    one = form == "gradescope" or (path.suffix == ".json" and not path.is_dir())
    if one and form not in OF_ONE:
        raise BadInput(f"{form} is made of a class; of one grade.json {' or '.join(OF_ONE)} can be")
    _only_where_it_counts(form, one, column=column, bom=bom, hide=hide, else_say=else_say)
    if one:
        target = _target(out or path.with_name(OF_ONE[form]), source, else_say)
        click.echo(_export_one(path, form, _hidden(hide), else_say, target))
        return
    folder = path if path.is_dir() else Path() if "://" in source else path.parent
    target = out or folder / "exports" / OF_A_CLASS[form]
    students = read_roster(roster) if roster else ()
    book = open_book(source if "://" in source else path)
    try:
        name = assignment if assignment is not None else _only_assignment(book)
        grades = book.grades(name, students)
        target = _target(target, source, roster)
        from grader.write.exports.sheet import read_sheet

        options = Options(column, bom, read_sheet(roster) if roster else None)
        click.echo(_export_class(grades, form, target, options, lambda *who: book.document(name, *who)))
    finally:
        book.close()


def _export_one(
    path: Path, form: str, hidden: frozenset[tuple[str, str]], else_say: Path | None, target: Path
) -> str:
    from grader.write.exports import gradescope, junit
    from grader.write.exports.grade_json import read_attempt

    try:
        attempt = read_attempt(path)
    except BadInput as problem:
        if else_say is None:
            raise
        click.echo(f"grade: {problem}", err=True)
        gradescope.write_results(gradescope.failure(_said(else_say)), target)
        return f"{target}: nothing was graded; it tells why"
    if form == "gradescope":
        gradescope.write_results(gradescope.results(attempt, hidden), target)
    else:
        junit.write_attempt_junit(attempt, target, hidden)
    return f"{target}: {len(attempt.exercises)} exercises"


def _export_class(
    grades: ClassGrades, form: str, target: Path, options: Options, documents: Documents
) -> str:
    """Write the file; the line that says what is in it, and what is not."""
    from grader.write.exports import canvas, csv_table, feedback, junit, moodle

    bom, sheet = options.bom, options.sheet
    count: int | None = None
    left_out: dict[str, int] = {}
    if form == "feedback":
        count = feedback.write_feedback(grades, documents, target)
    elif form == "moodle-feedback":
        count = feedback.write_moodle_feedback(grades, documents, target, sheet)
        left_out["without a report or a number of Moodle's"] = len(grades.attempts) - count
    elif form == "canvas":
        canvas.write_canvas(grades, target, options.column, sheet)
        left_out["unknown to Canvas"] = _count(grades, lambda student: not canvas.known_to_canvas(student))
        left_out[NO_GRADE] = _ungraded(grades)
    elif form == "moodle":
        moodle.write_moodle(grades, target, sheet)
        left_out["not on the worksheet"] = len(moodle.unknown_to_moodle(grades, sheet))
        left_out[NO_GRADE] = _ungraded(grades)
    else:
        write: Mapping[str, Callable[[], None]] = {
            "csv": lambda: csv_table.write_wide(grades, target, bom=bom),
            "checks": lambda: csv_table.write_checks(grades, target, bom=bom),
            "junit": lambda: junit.write_class_junit(grades, target),
        }
        write[form]()
    return _told(grades, target, count, left_out)


def _told(grades: ClassGrades, target: Path, count: int | None, left_out: Mapping[str, int]) -> str:
    students = len(grades.attempts) + len(grades.missing)
    number, what = (students, "student") if count is None else (count, "report")
    parts = [f"{target}: {number} {what}{'' if number == 1 else 's'}"]
    parts += [f"{number} {what}" for what, number in left_out.items() if number]
    waiting = sum(attempt.open_points > 0 for attempt in grades.attempts)
    if waiting:
        parts.append(f"{waiting} with points that are still to be decided")
    return "; ".join(parts)


def _count(grades: ClassGrades, wanted: Callable[[Student], bool]) -> int:
    return sum(wanted(attempt.student) for attempt in grades.attempts)


def _ungraded(grades: ClassGrades) -> int:
    return sum(attempt.state != "graded" for attempt in grades.attempts) + len(grades.missing)


def _only_assignment(book: Book) -> str:
    names = sorted(book.assignments())
    if len(names) == 1:
        return names[0]
    if not names:
        raise BadInput("the gradebook is empty: `grade batch` grades a class")
    raise BadInput(f"the gradebook has several assignments; choose one with --assignment: {', '.join(names)}")


def _only_where_it_counts(
    form: str, one: bool, *, column: str, bom: bool, hide: tuple[str, ...], else_say: Path | None
) -> None:
    """Raises BadInput for an option that would do nothing: whoever gives it believes that it does."""
    useless = {
        "--column": bool(column) and form != "canvas",
        "--bom": bom and form not in ("csv", "checks"),
        "--hide": bool(hide) and not one,
        "--else-say": else_say is not None and form != "gradescope",
    }
    for option, given in useless.items():
        if given:
            raise BadInput(f"{option} means nothing for {form} of {'one grade.json' if one else 'a class'}")


def _hidden(hide: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    pairs = [text.partition(":") for text in hide]
    for text, (exercise, _, check) in zip(hide, pairs, strict=True):
        if not exercise or not check:
            raise BadInput(f"--hide {text!r} names no check; give exercise and check, as 1.2.1:speed")
    return frozenset((exercise, check) for exercise, _, check in pairs)


def _said(path: Path) -> str:
    """What a command said before it gave up: its lines ``grade: …``. A traceback, or the like, is not for students."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 20_000, 0))
            lines = file.read(20_000).decode("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    said = [text.removeprefix("grade: ") for text in lines if text.startswith("grade: ")]
    return (
        "\n".join(said) or "Nothing was graded, and the grader did not say why. Please tell your instructor."
    )


def _target(path: Path, *inputs: Path | str | None) -> Path:
    """The path, in a folder that is there, once it is sure that it is none of the inputs."""
    for given in inputs:
        if given is not None and path.resolve() == Path(given).resolve():
            raise BadInput(f"{path} is what is read; choose another file with --out")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"{path.parent}: cannot be made ({why}); choose a folder with --out") from error
    return path
