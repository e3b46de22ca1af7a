"""ClassGrades -> index.html: the whole class on one page, which needs no network and opens from the disk.

Everything is in the HTML, the table of students too, so that the page can be read, searched and printed
where scripts are off. The one script, named by its hash, sorts and filters rows that are there already.
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from grader import __version__
from grader.nouns import ClassGrades
from grader.write.class_rows import FLAGS
from grader.write.class_views import make_class_page
from grader.write.files import write_whole
from grader.write.page import digest, environment, script, stylesheet

_POLICY = (
    "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'"
)


def render_class(grades: ClassGrades) -> str:
    """The report as the text of one HTML file; for 1,000 students and 28 exercises about 1.5 megabytes.

    It links to ``<folder>/report.html`` of each attempt that has a folder, so it belongs beside ``students/``.
    """
    style, program = stylesheet("report.css", "class.css"), script("class.js")
    return (
        environment()
        .get_template("class.html.j2")
        .render(
            page=make_class_page(grades),
            flags=FLAGS,
            version=__version__,
            style=Markup(style),
            script=Markup(program),
            policy=_POLICY.format(digest(style), digest(program)),
        )
    )


def write_class_report(grades: ClassGrades, path: Path) -> None:
    """Write index.html, whole or not at all. Raises BadInput where ``path`` cannot be written."""
    write_whole(path, render_class(grades))
