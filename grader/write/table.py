"""Grade -> the table that the terminal shows. Everything is put in as text, never as markup."""

from __future__ import annotations

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from grader.nouns import ExerciseGrade, Grade, Status
from grader.write.safe import line
from grader.write.words import ICONS, gist, number, totals

STYLES: dict[Status, str] = {
    Status.PASSED: "green",
    Status.FAILED: "red",
    Status.PARTIAL: "yellow",
    Status.SKIPPED: "dim",
    Status.WAITING: "blue",
    Status.INCONCLUSIVE: "magenta",
    Status.NOT_ATTEMPTED: "dim",
    Status.BROKEN: "bold magenta",
}

NARROW = 88  # columns; below it the message goes under the title
MESSAGE = 160  # characters of a message: two lines of a terminal of 120 columns


class GradeTable:
    """A rich renderable: one row for each exercise, then the totals. It fits the console's width."""

    def __init__(self, grade: Grade) -> None:
        self.grade = grade

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        pen = _Pen(options.encoding)
        table = _narrow(self.grade, pen) if options.max_width < NARROW else _wide(self.grade, pen)
        yield Group(pen.text(_title(self.grade), "bold"), table, *_footer(self.grade, pen))


def print_table(grade: Grade, console: Console | None = None) -> None:
    """Print the table of a grade, by default on standard output."""
    (console or Console()).print(GradeTable(grade))


def _title(grade: Grade) -> str:
    """The submission, and of an archive or a folder the file in it that was graded."""
    name, member = line(grade.submission.name), line(grade.submission.member)
    return f"{name}: {member}" if member else name


class _Pen:
    """Writes text that the console's encoding can hold."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.plain = not encoding.lower().startswith("utf")

    def text(self, text: str, style: str = "") -> Text:
        if self.plain:
            text = text.encode(self.encoding, "replace").decode(self.encoding)
        return Text(text, style)

    def status(self, status: Status) -> Text:
        return self.text(f"{ICONS[status][self.plain]} {status.value}", STYLES[status])


def _wide(grade: Grade, pen: _Pen) -> Table:
    table = Table(box=box.ASCII if pen.plain else box.SIMPLE_HEAD, pad_edge=False, expand=False)
    table.add_column("", no_wrap=True)
    # rich's own ellipsis is a character that a plain terminal lacks.
    table.add_column("Exercise", no_wrap=True, overflow="crop" if pen.plain else "ellipsis", max_width=34)
    table.add_column("Status", no_wrap=True)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("What would help most", overflow="fold")
    for exercise in grade.exercises:
        title, message = pen.text(line(exercise.title, 80)), pen.text(line(gist(exercise), MESSAGE))
        status, points = pen.status(exercise.status), _points(exercise)
        table.add_row(pen.text(exercise.id, "bold"), title, status, points, message)
    return table


def _narrow(grade: Grade, pen: _Pen) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for exercise in grade.exercises:
        said = line(gist(exercise), MESSAGE)
        title = pen.text(f"{exercise.id}  ", "bold").append_text(pen.text(line(exercise.title, 80)))
        rows = [
            title,
            pen.status(exercise.status),
            *([pen.text(said, "dim")] if said else []),
        ]
        table.add_row(Group(*rows, ""), _points(exercise))
    return table


def _points(exercise: ExerciseGrade) -> Text:
    return Text(f"{number(exercise.points)} / {number(exercise.max_points)}")


def _footer(grade: Grade, pen: _Pen) -> list[RenderableType]:
    rows: list[RenderableType] = [pen.text(totals(grade), "bold")]
    broken = [exercise.id for exercise in grade.exercises if exercise.status is Status.BROKEN]
    if broken:
        ids = ", ".join(broken)
        rows.append(
            pen.text(f"The grader itself failed in {ids}. This costs no point; please report it.", "magenta")
        )
    flagged = [exercise.id for exercise in grade.exercises if any(f.flag for f in exercise.findings)]
    if flagged:
        ids = ", ".join(flagged)
        rows.append(
            pen.text(f"A person should look at {ids}: the report says why. No point depends on it.", "blue")
        )
    rows += [pen.text(f"Note: {line(note, MESSAGE)}", "dim") for note in grade.submission.notes[:5]]
    return rows
