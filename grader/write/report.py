"""Grade -> report.html: one file that needs no network and runs no script, whatever the student wrote."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from grader import __version__
from grader.nouns import Exercise, Grade, Status
from grader.write import bars, words
from grader.write.files import write_whole
from grader.write.safe import line
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
    style = _style()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=make_page(grade, exercises, rubrics or {}, written or {}),
            grade=grade,
            version=__version__,
            style=Markup(style),
            policy=_POLICY.format(f"sha256-{_digest(style)}"),
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


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    """The style sheet without comments and indents. A browser hashes exactly these characters."""
    text = (files("grader.write") / "templates" / "report.css").read_text(encoding="utf-8")
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(row.strip() for row in bare.splitlines() if row.strip())


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("grader.write"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Any] = {
        "number": words.number,
        "of_points": words.of_points,
        "seconds": words.seconds,
        "slug": bars.slug,
        "line": line,
    }
    made.filters.update(filters)
    names: dict[str, Any] = {"Status": Status, "MEANINGS": words.MEANINGS, "OPEN": words.OPEN}
    made.globals.update(names)
    return made
