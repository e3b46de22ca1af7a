"""What is the similarity pages' own: their policy, their style sheet, and how they write a share."""

from __future__ import annotations

import jinja2

from grader.write import page


def policy() -> str:
    """No script, no request; the one style sheet is named by its hash."""
    return (
        f"default-src 'none'; img-src data:; style-src '{page.digest(style())}'; "
        "base-uri 'none'; form-action 'none'"
    )


def style() -> str:
    """The report's sheet and this page's."""
    return page.stylesheet("report.css", "similarity.css")


def environment() -> jinja2.Environment:
    return page.environment(percent=percent)


def percent(share: float) -> str:
    """``0.123`` as ``12 %``. Only what is exactly everything is 100 %, and only nothing is 0 %."""
    whole = round(100 * share)
    if share > 0 and whole == 0:
        return "< 1 %"
    return f"{min(whole, 99) if share < 0.9995 else 100} %"
