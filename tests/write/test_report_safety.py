from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hostile_text import ATTACKS, LONG_LINE
from made_up_cells import code_cell, png
from made_up_grade import Sample, single
from parsed_page import Node, article, parse

from grader.nouns import Cell, CellRun
from grader.write.report import render

TAGS = """
    html head meta title link style body header main section article footer nav div span p b strong
    em s code pre h1 h2 h3 h4 h5 h6 ul ol li dl dt dd bdi details summary fieldset legend label
    input a figure figcaption img table thead tbody tr th td br hr blockquote svg symbol circle path
    defs pattern rect use g text
"""


@pytest.fixture(scope="module")
def page(html: str) -> Node:
    return parse(html)


# -------------------------------------------------------------------------------------- safety


def test_the_policy_allows_nothing_but_the_one_style_sheet(page: Node) -> None:
    policy = next(m for m in page.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy")
    style = page.one("style").text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.attributes["content"] == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    head = [child.tag for child in page.one("head").children if isinstance(child, Node)]
    assert head[:2] == ["meta", "meta"], "the policy comes before all that it governs"


def test_only_known_elements_and_no_way_to_run_anything(page: Node) -> None:
    allowed = set(TAGS.split())
    for node in page.all():
        assert node.tag in allowed, node.tag
        for name, value in node.attributes.items():
            assert not name.startswith("on"), (node.tag, name)
            assert name not in (
                "style",
                "srcdoc",
                "action",
                "formaction",
                "xlink:href",
                "srcset",
                "target",
            ), name
            assert "javascript" not in (value or "") or name in ("aria-label", "alt"), (node.tag, name, value)


def test_links_lead_within_the_page_and_pictures_are_in_it(page: Node) -> None:
    ids = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    for node in page.all("a") + page.all("use"):
        assert (node.attributes["href"] or "").startswith("#")
        assert (node.attributes["href"] or "")[1:] in ids
    for node in page.all("img"):
        data = (node.attributes["src"] or "").removeprefix("data:image/png;base64,")
        assert base64.b64decode(data, validate=True).startswith(b"\x89PNG")
        assert node.attributes["alt"]
    assert [link.attributes["href"] for link in page.all("link")] == ["data:,"]


def test_the_style_sheet_asks_for_nothing(page: Node) -> None:
    style = page.one("style").text
    assert "@import" not in style
    assert set(re.findall(r"url\(([^)]*)\)", style)) <= {
        f'"#p-{name}"' for name in ("failed", "partial", "waiting", "skipped", "inconclusive", "broken")
    }


def test_attacks_are_shown_as_what_they_are(page: Node) -> None:
    hostile = article(page, "1.6.2")
    check = next(li for li in hostile.all("li", "check") if "survives" in li.text)
    for attack in ATTACKS[:10]:
        assert attack in check.one("div", "message").text
    assert ATTACKS[0] in hostile.one("h3").text
    assert "{{ 7*7 }}" in hostile.text


def test_an_html_output_keeps_its_table_and_nothing_else(page: Node) -> None:
    table = article(page, "1.2.1").one("div", "rich")
    assert [td.text for td in table.all("td")] == ["1.7321", "2.4142"]
    assert {node.tag for node in table.all()} <= {"table", "thead", "tbody", "tr", "th", "td"}
    assert [node.attributes for node in table.all()] == [{}] * len(table.all())


def test_a_link_in_markdown_goes_nowhere_on_its_own(sample: Sample) -> None:
    text = (
        "[a](https://example.invalid) [b](javascript:alert(1)) ![p](https://example.invalid/p.png) <b>b</b>"
    )
    page = parse(render(single(sample, cells=(Cell(0, "a", "markdown", text, "1.1.1"),)), {}))
    cell = page.one("div", "cell")
    (link,) = cell.all("a")
    assert link.attributes == {"href": "https://example.invalid", "rel": "noopener noreferrer nofollow"}
    assert not cell.all("img")
    assert "[picture: p]" in cell.text
    assert "<b>b</b>" in cell.text


def test_a_fault_of_the_grader_keeps_its_traceback_to_itself(page: Node) -> None:
    assert "could not be carried out" in page.text
    assert "Traceback of the grader" not in page.text


def test_a_name_is_isolated_and_its_invisible_characters_are_named(page: Node) -> None:
    name = page.one("h1").one("bdi")
    assert name.text.startswith("דנה לוי ⟨U+202E⟩cod.⟨U+200B⟩<script>")


def test_no_character_that_turns_or_hides_text_survives(html: str) -> None:
    assert not set(html) & set("\u202a\u202b\u202c\u202d\u202e\x00\x1b\x07\x9b")
    html.encode("utf-8")


# ------------------------------------------------------------------------------------------ size


def test_a_rich_report_is_small(html: str) -> None:
    assert len(html.encode()) < 400_000


def test_long_texts_are_cut_with_a_note(html: str, page: Node) -> None:
    assert LONG_LINE[:1_200] not in html
    notes = [note.text for note in article(page, "1.6.2").all("p", "note")]
    assert sum(note.startswith("Shortened: 200,") for note in notes) >= 3


def test_many_pictures_and_floods_stay_below_three_megabytes(sample: Sample) -> None:
    noise = base64.b64encode(base64.b64decode(png())[:33] + b"x" * 150_000).decode()
    exercises = tuple(replace(sample.grade.exercises[0], id=f"1.1.{index}") for index in range(20))
    cells = tuple(code_cell(i, ("x='\u202e<&\"'\n" * 4_000), f"1.1.{i % 20}") for i in range(60))
    outputs = (
        {"output_type": "display_data", "data": {"image/png": noise}},
        {"output_type": "stream", "name": "stdout", "text": "\u202e<&\"'\n" * 50_000},
        {"output_type": "display_data", "data": {"text/html": "<b>" * 50_000}},
    )
    runs = tuple(CellRun(i, "ok", 0.1, outputs=outputs) for i in range(60))
    submission = replace(sample.grade.submission, cells=cells)
    html = render(replace(sample.grade, submission=submission, exercises=exercises, runs=runs), {})
    page = parse(html)
    assert len(html.encode()) < 3_000_000
    assert "is left out: the report would be too large" in page.text
    pictures = [len(article(page, f"1.1.{index}").all("img")) for index in range(20)]
    assert sum(pictures) >= 5, "what fits is shown"
    codes = [len(article(page, f"1.1.{index}").all("pre", "code")) for index in range(20)]
    assert min(codes) >= 1, "a flood in one exercise leaves room for the code of the others"


def test_a_notebook_of_a_thousand_cells_is_cut(sample: Sample) -> None:
    cells = tuple(code_cell(index, "x", "1.1.1" if index % 2 else None) for index in range(1_000))
    page = parse(render(single(sample, cells=cells), {}))
    assert len(article(page, "1.1.1").all("div", "cell")) == 100
    assert len(page.by_id("other-cells").all("div", "cell")) == 100
    assert page.text.count("400 more cells are not shown.") == 2


def test_a_few_large_pictures_are_all_shown(sample: Sample) -> None:
    noise = base64.b64encode(base64.b64decode(png())[:33] + b"x" * 300_000).decode()
    output = {"output_type": "display_data", "data": {"image/png": noise}}
    runs = tuple(CellRun(3, "ok", 0.1, outputs=(output,) * 3) for _ in range(1))
    page = parse(render(replace(sample.grade, runs=runs), {}))
    assert len(article(page, "1.1.1").all("img")) == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("!!!", "damaged"),
        (base64.b64encode(b"GIF89a" + b"x" * 60).decode(), "not a PNG"),
        (
            base64.b64encode(base64.b64decode(png())[:16] + b"\x00\x01\x00\x00" * 2 + b"x" * 40).decode(),
            "65,536 by",
        ),
        (base64.b64encode(base64.b64decode(png())[:20]).decode(), "not a PNG"),
    ],
)
def test_a_picture_that_is_none_is_named(sample: Sample, data: str, said: str) -> None:
    output = {"output_type": "display_data", "data": {"image/png": data}}
    page = parse(
        render(
            single(sample, cells=(code_cell(0, "x", "1.1.1"),), runs=(CellRun(0, "ok", outputs=(output,)),)),
            {},
        )
    )
    assert said in page.one("div", "outputs").one("p", "note").text
