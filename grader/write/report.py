"""Grade -> report.html: one file that needs no network and runs no script, whatever the student wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from grader import __version__
from grader.nouns import Exercise, Grade
from grader.write.files import write_whole
from grader.write.page import digest, environment, stylesheet
from grader.write.views import Rubrics, Written, make_page

# No script at all, no request at all; the one style sheet is named by its hash.
_POLICY = "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'"


def render(
    grade: Grade,
    exercises: Mapping[str, Exercise],
    rubrics: Mapping[str, Rubrics] | None = None,
    written: Mapping[str, Written] | None = None,
) -> str:
    """The report as the text of one HTML file of less than three megabytes.

    ``exercises`` is by id, and may lack some: their prompts are then missing. ``rubrics`` holds, by exercise
    and answer, pairs of points and what earns them; ``written`` the student's texts, by exercise and answer.
    """
    style = stylesheet("report.css")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            page=make_page(grade, exercises, rubrics or {}, written or {}),
            grade=grade,
            version=__version__,
            style=Markup(style),
            policy=_POLICY.format(digest(style)),
        )
    )


def write_report(
    grade: Grade,
    path: Path,
    exercises: Mapping[str, Exercise],
    rubrics: Mapping[str, Rubrics] | None = None,
    written: Mapping[str, Written] | None = None,
) -> None:
    """Write report.html, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, render(grade, exercises, rubrics, written))
