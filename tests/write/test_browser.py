"""The report in a real browser: what it looks like to assistive technology, and what it does not do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from made_up_grade import Sample

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_api = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing"
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAYS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on the PATH")


@dataclass
class Visit:
    """A page that was opened, and everything that it did on the way."""

    page: Any
    said: list[str] = field(default_factory=list)  # console errors and warnings, and uncaught exceptions
    asked: list[str] = field(default_factory=list)  # requests, that for the report itself included


# Not for the session: playwright keeps an event loop running, in which other tests cannot start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(params=WAYS, ids=[f"{width} {scheme}" for width, scheme in WAYS])
def visit(request: pytest.FixtureRequest, browser: Any, report: Path) -> Iterator[Visit]:
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        yield open_report(context, report)


@pytest.fixture
def wide(browser: Any, report: Path) -> Iterator[Visit]:
    # Without motion a jump has arrived when the click returns.
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        yield open_report(context, report)


def open_report(context: Any, report: Path) -> Visit:
    """Open the report, write down what it does, and unfold everything in it."""
    visit = Visit(context.new_page())
    visit.page.on("console", lambda note: visit.said.append(f"{note.type}: {note.text}"))
    visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
    visit.page.on("dialog", lambda dialog: visit.said.append(f"dialog: {dialog.message}"))
    visit.page.on("request", lambda request: visit.asked.append(request.url))
    # The listener is the browser's own, so the page's policy does not forbid it.
    visit.page.add_init_script(
        "window.refused = [];"
        "addEventListener('securitypolicyviolation', event => refused.push(event.violatedDirective))"
    )
    visit.page.goto(report.as_uri())
    visit.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return visit


def test_it_is_quiet_asks_for_nothing_and_runs_nothing(visit: Visit, report: Path) -> None:
    visit.page.wait_for_load_state("load")
    visit.page.wait_for_timeout(200)
    assert visit.said == []
    assert visit.page.evaluate("window.refused") == []
    assert {url for url in visit.asked if not url.startswith("data:")} == {report.as_uri()}
    assert visit.page.evaluate("window.pwned") is None
    assert visit.page.evaluate("document.scripts.length") == 0


def test_the_listeners_of_this_file_would_notice(browser: Any, html: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    bad = "<script>window.pwned=1</script><p style='color:red'>x</p><img src='https://example.invalid/x.png'>"
    path.write_text(html.replace("</main>", bad + "</main>"), encoding="utf-8")
    with browser.new_context() as context:
        visit = open_report(context, path)
        refused = visit.page.evaluate("window.refused")
        assert {"script-src-elem", "style-src-attr", "img-src"} <= set(refused)
        assert visit.said
        assert visit.page.evaluate("window.pwned") is None


def test_no_serious_violation_of_the_accessibility_rules(visit: Visit) -> None:
    found = axe_api.Axe().run(visit.page).response["violations"]
    serious = [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert serious == []


def test_nothing_sticks_out_sideways(visit: Visit) -> None:
    width = visit.page.evaluate("document.documentElement.clientWidth")
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    visit.page.evaluate("scrollTo(1000, 0)")
    assert visit.page.evaluate("scrollX") == 0


def test_the_style_sheet_is_in_force(visit: Visit, request: pytest.FixtureRequest) -> None:
    dark = "dark" in request.node.name
    page = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert page == ("rgb(14, 17, 22)" if dark else "rgb(245, 246, 248)")
    # A segment's pattern is found by its id; the colour inside it follows the scheme.
    fill = visit.page.evaluate("getComputedStyle(document.querySelector('.bar .s-failed')).fill")
    assert fill == 'url("#p-failed")'


def test_the_keyboard_skips_to_the_result_and_through_the_exercises(wide: Visit) -> None:
    wide.page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert wide.page.evaluate(f"{focused}.textContent") == "Skip to the result"
    assert wide.page.evaluate(f"{focused}.getBoundingClientRect().top") >= 0
    wide.page.keyboard.press("Enter")
    assert wide.page.evaluate(f"{focused}.id") == "main"
    wide.page.keyboard.press("Tab")
    assert wide.page.evaluate(f"{focused}.getAttribute('href')") == "#ex-1-6-1"
    outline = wide.page.evaluate(f"getComputedStyle({focused}).outline")
    assert "solid 3px" in outline


def test_a_row_of_the_summary_leads_to_its_exercise(wide: Visit) -> None:
    wide.page.locator("a.row").nth(3).click()
    top = wide.page.evaluate("document.getElementById('ex-1-2-2').getBoundingClientRect().top")
    assert 0 <= top < 60


def test_the_filter_shows_what_needs_work(wide: Visit, sample: Sample) -> None:
    visible = "[...document.querySelectorAll('.exercise')].filter(e => e.offsetParent).map(e => e.id)"
    assert len(wide.page.evaluate(visible)) == len(sample.grade.exercises)
    wide.page.get_by_label("needs work (7)").check()
    assert "ex-1-2-2" not in wide.page.evaluate(visible)
    wide.page.get_by_label("waiting (3)").check()
    assert wide.page.evaluate(visible) == ["ex-1-1-1", "ex-1-6-1", "ex-1-6-2"]
    assert wide.page.locator("#other-cells").is_visible()


def test_hebrew_and_arabic_run_from_the_right(wide: Visit) -> None:
    sides = wide.page.evaluate(
        "[...document.querySelectorAll('.written :is(p, ul)')].map(e => getComputedStyle(e).direction)"
    )
    assert sides[:4] == ["rtl"] * 4
    assert sides[4] == "ltr"
    code = wide.page.locator("#ex-1-6-2 .written code").first
    assert code.inner_text() == "backward()"
    assert code.evaluate("e => getComputedStyle(e).direction") == "ltr"


def test_plots_and_points_read_from_the_left_in_any_page(wide: Visit) -> None:
    wide.page.evaluate("document.documentElement.dir = 'rtl'")
    for kind in (".plot text", ".points"):
        sides = wide.page.evaluate(
            f"[...document.querySelectorAll('{kind}')].map(e => getComputedStyle(e).direction)"
        )
        assert sides
        assert set(sides) == {"ltr"}


def test_a_wide_output_scrolls_in_its_own_box_and_takes_the_focus(visit: Visit) -> None:
    box = visit.page.locator("#ex-1-6-2 .outputs pre.printed").first
    assert box.evaluate("e => e.scrollWidth > e.clientWidth && e.tabIndex") == 0


def test_on_paper_it_is_light_and_the_work_is_unfolded(browser: Any, report: Path) -> None:
    with browser.new_context(viewport={"width": 760, "height": 900}, color_scheme="dark") as context:
        page = context.new_page()
        page.goto(report.as_uri())
        assert not page.get_by_text("norms = (x ** 2)").is_hidden()
        stray = page.locator("#other-cells .cell").first
        assert stray.is_hidden()
        page.emulate_media(media="print")
        assert stray.is_visible()
        assert page.locator(".aside").is_hidden()
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 32, 40)"
