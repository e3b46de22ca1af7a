"""The style sheet and the templates of the similarity pages."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

import jinja2

from grader.write.safe import line


def policy() -> str:
    """No script, no request; the one style sheet is named by its hash."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@cache
def style() -> str:
    """The report's sheet and this page's, without comments and indents. A browser hashes exactly these characters."""
    folder = files("grader.write") / "templates"
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("report.css", "similarity.css"))
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(row.strip() for row in bare.splitlines() if row.strip())


@cache
def environment() -> jinja2.Environment:
    """Templates that escape everything."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("grader.write"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["line"] = line
    made.filters["percent"] = percent
    return made


def percent(share: float) -> str:
    """``0.123`` as ``12 %``. Only what is exactly everything is 100 %, and only nothing is 0 %."""
    whole = round(100 * share)
    if share > 0 and whole == 0:
        return "< 1 %"
    return f"{min(whole, 99) if share < 0.9995 else 100} %"
