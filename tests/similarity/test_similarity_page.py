"""The pages of pairs: what is marked, what is linked, and that nothing of a student's does anything there."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from planted_class import handed_in, planted_class

from grader.catalogue import catalogue
from grader.nouns import BadInput
from grader.similarity.pairs import Compared, compare
from grader.write.similarity_page import render_index, render_pair, write_similarity
from grader.write.similarity_style import percent

ALL = catalogue()
IDS = ["2.2.1", "2.3.1", "2.3.4", "2.6.2", "2.7.3", "2.9.1"]
HOSTILE = (
    "</code></pre><script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=2">',
    "</style><script>window.pwned=3</script>",
    "{{ 7*7 }} {% raw %}",
    "\x1b[31mred\x1b[0m \u202edetrevni\u200b \x00 \ud800",
)
HEBREW = (
    "הגרדיאנט של פונקציית המחיר קטן כאשר הסיגמואיד רווי ולכן הלמידה איטית מאוד בתחילת האימון של הנוירון הבודד"
)
NAMES = {
    "s0": "Ada <b>Lovelace</b>",
    "s1": '"><script>window.pwned=4</script>',
    "s2": "דנה כהן",
    "s3": "x" * 5_000,
    "s4": "\u202egnp.exe",
    "s5": "../../etc/passwd",
}
UNREADABLE = {"bad": "bad.ipynb: <script>window.pwned=5</script> is empty \x1b[2J"}


@pytest.fixture(scope="module")
def compared() -> Compared:
    students, _ = planted_class(IDS)
    hostile = "# " + " ".join(HOSTILE) + "\n"
    work = {
        key: {
            id: source.replace("\n\n", f"\n\n# {HEBREW}\n", 1).replace(
                "return ", f"{hostile.join(['', ''])}return ", 1
            )
            for id, source in each.items()
        }
        for key, each in students
    }
    for key in ("s0", "s8"):
        # between two statements at the top level, so that it lies inside a passage
        work[key] = {
            id: source + f"\n{hostile}" + f"\nname = {HOSTILE[0]!r}\n" for id, source in work[key].items()
        }
    texts = {key: {("2.2.1", "gradient_derivation"): HEBREW + " " + HOSTILE[0]} for key in ("s5", "s6")}
    return compare([(key, handed_in(each, texts=texts.get(key))) for key, each in work.items()], ALL, top=9)


@pytest.fixture(scope="module")
def folder(compared: Compared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write_similarity(compared, folder, ALL, NAMES, UNREADABLE)
    return folder


class Page(HTMLParser):
    """The elements of a page with their attributes, and its ids and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


def pages(folder: Path) -> list[Path]:
    return [folder / "similarity.html", *sorted((folder / "similarity").glob("*.html"))]


def test_a_page_for_each_pair_and_an_index_that_leads_to_it(folder: Path, compared: Compared) -> None:
    assert len(pages(folder)) == 1 + len(compared.pairs) == 10
    links = [
        link
        for link in Page((folder / "similarity.html").read_text()).values("href")
        if link.endswith("html")
    ]
    assert links == [f"similarity/{number}.html" for number in range(1, 10)]
    for link in links:
        back = Page((folder / link).read_text()).values("href")
        assert "../similarity.html" in back


def test_both_halves_of_a_passage_lead_to_each_other(folder: Path, compared: Compared) -> None:
    for number, pair in enumerate(compared.pairs, start=1):
        page = Page((folder / f"similarity/{number}.html").read_text())
        ids = [value for value in page.values("id") if re.fullmatch(r"[ct]\d+[ab]", value)]
        assert len(ids) == len(set(ids)) == 2 * (len(pair.code) + len(pair.words))
        for tag, attributes in page.tags:
            if tag == "a" and (attributes.get("id") or "") in ids:
                other = {"a": "b", "b": "a"}[attributes["id"][-1]]  # type: ignore[index]
                assert attributes["href"] == f"#{attributes['id'][:-1]}{other}"  # type: ignore[index]


def test_it_says_that_similarity_is_no_proof(folder: Path) -> None:
    for path in pages(folder):
        assert "Similarity is no proof" in path.read_text()


def test_the_policy_allows_the_one_style_sheet_and_nothing_else(folder: Path) -> None:
    for path in pages(folder):
        text = path.read_text()
        (sheet,) = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
        assert policy.replace("&#39;", "'") == (
            f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )
        tags = {tag for tag, _ in Page(text).tags}
        assert not tags & {"script", "img", "iframe", "form", "object", "embed", "base"}
        assert not [name for _, attributes in Page(text).tags for name in attributes if name.startswith("on")]
        assert "style" not in {name for _, attributes in Page(text).tags for name in attributes}


def test_what_students_wrote_is_there_as_text(folder: Path, compared: Compared) -> None:
    text = "".join(path.read_text() for path in pages(folder))
    assert "&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;" in text
    assert "Ada &lt;b&gt;Lovelace" in text
    assert "{{ 7*7 }}" in text
    assert not re.search("[\u202a-\u202e\u200b\x00\x1b\ud800]", text)
    assert "⟨U+202E⟩" in text
    assert HEBREW in text


def test_pages_are_small_even_where_cells_are_huge() -> None:
    students, _ = planted_class(IDS)
    work = {id: source + "y = 1\n" * 60_000 for id, source in students[0][1].items()}
    found = compare([("a", handed_in(work)), ("b", handed_in(work))], ALL)
    assert len(render_pair(found, 1, found.pairs[0], ALL, {})) < 2_000_000


def test_a_class_in_which_nothing_is_alike() -> None:
    found = compare([("a", handed_in({})), ("b", handed_in({}))], ALL)
    text = render_index(found, ALL, {}, {})
    assert "No two submissions share any code" in text
    assert "0</b> <span>pairs stand out" in text


def test_old_pages_of_pairs_go(tmp_path: Path, compared: Compared) -> None:
    (tmp_path / "similarity").mkdir()
    for name in ("10.html", "99.html", "notes.html", "7.html"):
        (tmp_path / "similarity" / name).write_text("old")
    write_similarity(compared, tmp_path, ALL, NAMES)
    left = {path.name for path in (tmp_path / "similarity").iterdir()}
    assert left == {f"{number}.html" for number in range(1, 10)} | {"notes.html"}


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, compared: Compared) -> None:
    (tmp_path / "similarity").write_text("a file")
    with pytest.raises(BadInput, match="choose a folder with --out"):
        write_similarity(compared, tmp_path, ALL, NAMES)


def test_percentages() -> None:
    assert [percent(each) for each in (0.0, 0.001, 0.124, 0.996, 1.0)] == [
        "0 %",
        "< 1 %",
        "12 %",
        "99 %",
        "100 %",
    ]


# -------------------------------------------------------------------------------------- a browser

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium or Chrome on the PATH")
    with api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser(browser: Any, folder: Path, width: int, scheme: str) -> None:
    axe_api = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing"
    )
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda note: said.append(note.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        for path in pages(folder)[:3]:
            asked.clear()
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
            assert page.evaluate("window.pwned") is None
            assert page.evaluate("document.scripts.length") == 0
            assert page.evaluate("document.documentElement.scrollWidth") == width
            found = axe_api.Axe().run(page).response["violations"]
            assert [
                f"{rule['id']}: {node['html'][:200]}"
                for rule in found
                if rule["impact"] in ("serious", "critical")
                for node in rule["nodes"]
            ] == []
        assert said == []


def test_columns_stand_side_by_side_or_below_each_other(browser: Any, folder: Path) -> None:
    for width, beside in ((390, False), (1280, True)):
        with browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce"
        ) as context:
            page = context.new_page()
            page.goto(pages(folder)[1].as_uri())
            left, right = (page.locator(".sides .side").nth(at).bounding_box() for at in (0, 1))
            assert (abs(left["y"] - right["y"]) < 2) is beside
            page.locator("#c2a").click()
            box = page.locator("#c2b").bounding_box()
            assert 0 <= box["y"] < 900
