"""Markdown, messages and HTML outputs as markup that can do nothing: no script, no style, no request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from grader.write.safe import body, code, cut

_BLOCKS = {"p", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "div"}
_INLINE = {"b", "strong", "i", "em", "u", "s", "del", "code", "kbd", "sub", "sup", "small", "span", "bdi"}
_TABLES = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"}
_HEADINGS = {"h5", "h6"}
_DROPPED_WHOLE = {
    "script",
    "style",
    "template",
    "title",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "head",
}

_SPAN = {"colspan", "rowspan"}
_TABLE_ATTRIBUTES: dict[str, set[str]] = {"td": _SPAN, "th": _SPAN}

_PROSE_ATTRIBUTES: dict[str, set[str]] = {
    **{tag: {"dir", "class"} for tag in (*_BLOCKS, *_HEADINGS, "table", "span", "code")},
    "a": {"href"},
    "ol": {"dir", "start"},
}

# An HTML output shows tables; it has no business with links, pictures, classes or styles.
_OUTPUT = nh3.Cleaner(
    tags=_BLOCKS | _INLINE | _TABLES,
    clean_content_tags=_DROPPED_WHOLE,
    attributes=_TABLE_ATTRIBUTES,
    attribute_filter=lambda tag, attribute, value: value if re.fullmatch("[0-9]{1,2}", value) else None,
    url_schemes=set(),
)
_PROSE = nh3.Cleaner(
    tags=_BLOCKS | _INLINE | _TABLES | _HEADINGS | {"a"},
    clean_content_tags=_DROPPED_WHOLE,
    attributes=_PROSE_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)

_LINES: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def source(text: str, limit: int = 20_000) -> Markup:
    """Python source, coloured, one element for each line so that the style sheet can number them."""
    shown = cut(text.expandtabs(4).strip("\n"), code, limit, 600, 500)
    coloured = _rows(highlight(shown.text, PythonLexer(stripnl=False), _LINES))
    rows = Markup("").join(
        Markup('<span class="line in{}">{}\n</span>').format(_depth(plain), Markup(row))
        for plain, row in zip(shown.text.split("\n"), coloured, strict=False)
    )
    note = Markup('<p class="note">{}</p>').format(shown.note) if shown.note else Markup("")
    return Markup('<pre class="code" dir="ltr"><code>{}</code></pre>{}').format(rows, note)


def _depth(row: str) -> int:
    """Levels of indentation, 0 to 6: where a line is wrapped, it goes on a little deeper."""
    return min((len(row) - len(row.lstrip(" "))) // 4, 6)


def plain_source(text: str) -> Markup:
    """The same without colours and numbers, for the times when there is no room for them."""
    shown = cut(text.strip("\n"), code, 3_000, 100)
    return Markup('<pre class="code plain" dir="ltr"><code>{}</code></pre><p class="note">{}</p>').format(
        shown.text, shown.note
    )


def _rows(coloured: str) -> list[str]:
    return coloured.removesuffix("\n").split("\n")


def message(text: str) -> Markup:
    """A check's message: lines and indents stay, `back-ticks` and fences become code, all else is escaped."""
    shown = cut(text.strip("\n"), body, 4_000, 60, 600)
    parts: list[Markup] = []
    # Pieces with an odd index stand between two fences; the first line there may name a language.
    for index, piece in enumerate(re.split(r"^```[^\n]*\n?", shown.text, flags=re.MULTILINE)):
        inside = piece.strip("\n")
        if inside.strip():
            parts.append(_fenced(inside) if index % 2 else _said(inside))
    note = Markup('<p class="note">{}</p>').format(shown.note) if shown.note else Markup("")
    return Markup("").join(parts) + note


def _fenced(text: str) -> Markup:
    block = Markup('<pre class="printed" tabindex="0" role="group" aria-label="Example" dir="auto">{}</pre>')
    return block.format(text)


def _said(text: str) -> Markup:
    return Markup('<p class="said" dir="auto">{}</p>').format(inline(text))


def inline(text: str) -> Markup:
    """One run of text in which `back-ticks` mark code. An unpaired back-tick is just a back-tick."""
    pieces = re.split(r"`([^`\n]+)`", text)
    marked = [
        Markup('<code dir="ltr">{}</code>').format(p) if i % 2 else escape(p) for i, p in enumerate(pieces)
    ]
    return Markup("").join(marked)


def markdown(text: str, headings: bool = False) -> Markup:
    """Markdown of an author or a student. HTML in it is shown as text; pictures become their description.

    ``headings`` may stay headings only below a heading of the fourth level; otherwise they are bold lines.
    """
    shown = cut(text, body, 20_000, 1_000, 4_000)
    note = Markup('<p class="note">{}</p>').format(shown.note) if shown.note else Markup("")
    return Markup('<div class="prose">{}</div>{}').format(
        Markup(_PROSE.clean(_MARKDOWN.render(shown.text, {"headings": headings}))), note
    )


def html_output(text: str) -> Markup:
    """An HTML output of a notebook cut down to text and tables."""
    shown = cut(text, body, 40_000, 4_000, 40_000)
    clean = Markup(_OUTPUT.clean(shown.text))
    if not re.sub("<[^>]*>", "", clean).strip():
        return Markup("")
    note = Markup('<p class="note">{}</p>').format(shown.note) if shown.note else Markup("")
    block = Markup(
        '<div class="rich" tabindex="0" role="group" aria-label="HTML output" dir="auto">{}</div>{}'
    )
    return block.format(clean, note)


# ----------------------------------------------------------------------- markdown-it's rules


def _picture(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    words = self.renderInlineAsText(tokens[at].children or [], options, env)
    return str(escape(f"[picture: {words}]" if words else "[picture]"))


def _fence(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[at]
    python = token.type == "fence" and token.info.strip().lower() in ("", "python", "py", "python3")
    rows = _rows(highlight(token.content, PythonLexer(stripnl=False), _LINES)) if python else None
    inside = "\n".join(rows) if rows is not None else str(escape(token.content))
    return f'<pre class="sample" dir="ltr"><code>{inside}</code></pre>\n'


def _directions(state: Any) -> None:
    """Each block takes the direction of its own first letter; headings go below those of the report."""
    for token in state.tokens:
        if token.nesting == 1 and token.level == 0:
            token.attrSet("dir", "auto")
        if token.type in ("heading_open", "heading_close"):
            token.tag = ("h5" if token.tag in ("h1", "h2") else "h6") if state.env.get("headings") else "p"
            if token.nesting == 1:
                token.attrSet("class", "heading")


def _make_markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    for name, rule in (("image", _picture), ("fence", _fence), ("code_block", _fence)):
        made.add_render_rule(name, rule)
    made.core.ruler.push("directions", _directions)
    return made


_MARKDOWN = _make_markdown()
