"""What the HTML pages have in common: the templates, and style sheets and scripts that are named by a hash."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from grader.nouns import Status
from grader.write import bars, words
from grader.write.safe import line


def digest(text: str) -> str:
    """The source that a Content-Security-Policy names this style sheet or script by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def stylesheet(*names: str) -> str:
    """The style sheets one after the other, without comments and indents: a browser hashes these characters."""
    bare = re.sub(r"/\*.*?\*/", "", "\n".join(map(_template, names)), flags=re.DOTALL)
    return "\n".join(row.strip() for row in bare.splitlines() if row.strip())


@cache
def script(name: str) -> str:
    """The script as it stands. It must not hold what would end its element."""
    text = _template(name)
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise ValueError(f"{name} holds '</script' or '<!--'; write it in two pieces")
    return text


def _template(name: str) -> str:
    return (files("grader.write") / "templates" / name).read_text(encoding="utf-8")


@cache
def environment(**more: Callable[..., Any]) -> jinja2.Environment:
    """The templates' surroundings; everything is escaped that is not Markup. `more` are a page's own filters."""
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
    made.filters.update(filters | more)
    names: dict[str, Any] = {"Status": Status, "MEANINGS": words.MEANINGS, "OPEN": words.OPEN}
    made.globals.update(names)
    return made
