"""The class report in a real browser: it sorts, filters, prints, and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_up_class import made_up_class
from test_browser import ARGUMENTS, CHROMIUM, WAYS, Visit, axe_api, open_report, playwright_api

from grader.nouns import ClassGrades
from grader.write.class_report import write_class_report

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on the PATH")

ROWS = "[...document.querySelectorAll('#table tbody tr:not(.gap)')]"
NAMES = ROWS + ".map(row => row.cells[0].querySelector('bdi').textContent)"
POINTS = ROWS + ".map(row => parseFloat(row.cells[1].textContent))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def grades() -> ClassGrades:
    return made_up_class(30, exercises=12)


@pytest.fixture(scope="module")
def small(grades: ClassGrades, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("class") / "index.html"
    write_class_report(grades, path)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "index.html"
    write_class_report(made_up_class(1000, exercises=12), path)
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "index.html"
    write_class_report(made_up_class(40, hostile=True), path)
    return path


@pytest.fixture(params=WAYS, ids=[f"{width} {scheme}" for width, scheme in WAYS])
def visit(request: pytest.FixtureRequest, browser: Any, small: Path) -> Iterator[Visit]:
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        yield open_report(context, small)


@pytest.fixture
def wide(browser: Any, small: Path) -> Iterator[Visit]:
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        yield open_report(context, small)


def until(page: Any, condition: str) -> None:
    """Wait for a condition in the page. Playwright's own waiting evaluates a text there, which the policy forbids."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")


def test_it_is_quiet_and_asks_for_nothing(visit: Visit, small: Path) -> None:
    visit.page.wait_for_load_state("load")
    visit.page.wait_for_timeout(200)
    assert visit.said == []
    assert visit.page.evaluate("window.refused") == []
    assert {url for url in visit.asked if not url.startswith("data:")} == {small.as_uri()}


def test_nothing_of_a_students_runs(browser: Any, hostile: Path) -> None:
    with browser.new_context() as context:
        visit = open_report(context, hostile)
        visit.page.get_by_label("Search names and ids").fill("<script>")
        until(visit.page, f"{ROWS}.length < 40")
        visit.page.locator("th[data-by=name] button").click()
        visit.page.wait_for_timeout(200)
        assert visit.page.evaluate("window.pwned") is None
        assert visit.page.evaluate("window.refused") == []
        assert visit.said == []
        assert visit.page.evaluate("document.scripts.length") == 1


def test_no_serious_violation_of_the_accessibility_rules(visit: Visit) -> None:
    found = axe_api.Axe().run(visit.page).response["violations"]
    serious = [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert serious == []


def test_only_the_tables_scroll_sideways(visit: Visit) -> None:
    width = visit.page.evaluate("document.documentElement.clientWidth")
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    box = visit.page.locator("#scroller")
    assert box.evaluate("e => e.scrollWidth > e.clientWidth && e.tabIndex") == 0


def test_head_and_names_stay_in_view(visit: Visit) -> None:
    box = visit.page.locator("#scroller")
    box.evaluate("e => e.scrollTo(400, 300)")
    visit.page.wait_for_timeout(100)
    where = box.evaluate(
        """e => { const r = e.getBoundingClientRect(), h = e.querySelector('thead th').getBoundingClientRect();
        const seen = [...e.querySelectorAll('tbody tr:not(.gap)')].map(row => row.cells[0].getBoundingClientRect().left);
        return [h.top - r.top, h.left - r.left, Math.max(...seen) - r.left] }"""
    )
    assert max(where) < 2


def test_a_screen_reader_hears_the_status_of_a_cell(wide: Visit) -> None:
    names = [cell.aria_snapshot() for cell in wide.page.locator("#table tbody td.c-passed").all()[:1]]
    assert "passed" in names[0]


def test_the_table_is_sorted_by_points_and_back(wide: Visit) -> None:
    head = wide.page.locator("th[data-by='0']")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    points = [p for p in wide.page.evaluate(POINTS) if p == p]
    assert len(points) > 20
    assert points == sorted(points, reverse=True)
    last = wide.page.evaluate(f"{ROWS}.at(-1).className")
    assert last.startswith("r-"), "who has no points comes last"
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [p for p in wide.page.evaluate(POINTS) if p == p] == sorted(points)
    assert wide.page.evaluate(f"{ROWS}.at(-1).className").startswith("r-")
    assert wide.page.locator("th[aria-sort]").count() == 1


def test_the_table_is_sorted_by_name_and_by_exercise(wide: Visit) -> None:
    before = wide.page.evaluate(NAMES)
    head = wide.page.locator("th[data-by=name]")
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").click()
    wide.page.locator("th[data-by=cell]").nth(2).get_by_role("button").click()
    cells = wide.page.evaluate(
        ROWS + ".filter(row => row.cells[7]).map(row => parseFloat(row.cells[7].textContent))"
    )
    assert cells == sorted(cells, reverse=True)
    head.get_by_role("button").click()
    assert sorted(wide.page.evaluate(NAMES)) == sorted(before)
    assert head.get_attribute("aria-sort") == "ascending"


def test_the_keyboard_reaches_search_filters_and_heads(wide: Visit) -> None:
    wide.page.get_by_label("Search names and ids").focus()
    seen: list[str] = []
    for _ in range(9):
        wide.page.keyboard.press("Tab")
        seen.append(
            wide.page.evaluate(
                "document.activeElement.value || document.activeElement.id || document.activeElement.textContent"
            )
        )
    assert seen[:5] == ["waiting", "unreadable", "failed", "late", "missing"]
    assert seen[5] == "scroller"
    assert seen[6].startswith("Student")
    wide.page.keyboard.press("Enter")
    assert wide.page.locator("th[aria-sort]").count() == 1


def test_the_search_finds_names_without_their_accents_and_ids(wide: Visit, grades: ClassGrades) -> None:
    search = wide.page.get_by_label("Search names and ids")
    accented = next(
        n for n in wide.page.evaluate(NAMES) if not n.isascii() and n.split()[0].isascii() is False
    )
    search.fill("s1003")
    until(wide.page, f"{ROWS}.length === 1")
    assert wide.page.locator("#shown").inner_text() == "1 of 30 students"
    search.fill("nobody of that name")
    until(wide.page, f"{ROWS}.length === 0")
    wide.page.get_by_role("button", name="Show all").click()
    assert len(wide.page.evaluate(NAMES)) == 30
    assert wide.page.locator("#shown").inner_text() == "30 students"
    search.fill(accented)
    until(wide.page, f"{ROWS}.length >= 1 && {ROWS}.length < 30")
    assert accented in wide.page.evaluate(NAMES)


@pytest.mark.parametrize(("typed", "found"), [("jose", "José"), ("IBRAHIM", "İbrahim"), ("nguyen", "Nguyễn")])
def test_accents_are_no_hurdle(browser: Any, tmp_path: Path, typed: str, found: str) -> None:
    from grader.nouns import Attempt, Student

    attempts = tuple(
        Attempt(Student(f"s{i}", n), "k", "graded") for i, n in enumerate(("José", "İbrahim", "Nguyễn"))
    )
    write_class_report(ClassGrades("x", attempts), tmp_path / "index.html")
    with browser.new_context() as context:
        page = open_report(context, tmp_path / "index.html").page
        page.get_by_label("Search names and ids").fill(typed)
        until(page, f"{ROWS}.length === 1")
        assert page.evaluate(NAMES) == [found]


@pytest.mark.parametrize("flag", ["waiting", "unreadable", "failed", "late", "missing"])
def test_each_filter_shows_its_students(wide: Visit, flag: str) -> None:
    box = wide.page.locator(f".chips input[value={flag}]")
    count = int(box.locator("xpath=..").locator("b").inner_text())
    box.check()
    flags = wide.page.evaluate(ROWS + ".map(row => row.dataset.f.split(' '))")
    assert len(flags) == count > 0
    assert all(flag in one for one in flags)


def test_two_filters_show_either(wide: Visit) -> None:
    wide.page.locator(".chips input[value=missing]").check()
    missing = len(wide.page.evaluate(NAMES))
    wide.page.locator(".chips input[value=unreadable]").check()
    assert len(wide.page.evaluate(NAMES)) > missing


def test_a_group_of_mistakes_is_shown_in_the_table(wide: Visit) -> None:
    button = wide.page.locator(".mistake button").first
    rows = (button.get_attribute("data-rows") or "").split()
    button.click()
    shown = wide.page.evaluate(ROWS + ".map(row => row.dataset.n)")
    assert sorted(shown) == sorted(rows)
    assert wide.page.evaluate("document.activeElement.id") == "search"


def test_of_a_large_class_only_the_rows_in_view_are_in_the_document(browser: Any, large: Path) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        visit = open_report(context, large)
        page = visit.page
        assert page.locator("#table").get_attribute("aria-rowcount") == "1002"
        assert 20 < page.evaluate(f"{ROWS}.length") < 120
        tall = page.evaluate("document.getElementById('scroller').scrollHeight")
        assert tall > 30_000
        page.evaluate("document.getElementById('scroller').scrollTo(0, 1e6)")
        until(page, f"{ROWS}.at(-1).getAttribute('aria-rowindex') === '1002'")
        assert page.evaluate(f"{ROWS}.at(-1).dataset.n") == "999"
        assert page.evaluate("document.getElementById('scroller').scrollHeight") == pytest.approx(
            tall, rel=0.02
        )
        page.get_by_label("Search names and ids").fill("s1500")
        until(page, f"{ROWS}.length === 1")
        page.get_by_role("button", name="Show all").click()
        until(page, f"{ROWS}.length > 20")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(f"{ROWS}.length") == 1000, "on paper there is nothing to scroll"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(f"{ROWS}.length") < 120
        assert visit.said == []


def test_without_a_script_the_whole_table_is_there(browser: Any, small: Path) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(small.as_uri())
        assert page.locator("#table tbody tr").count() == 30
        assert page.locator("#table tbody tr").last.is_visible()
        assert page.locator("#controls").is_hidden()
        assert page.locator("button:visible").count() == 0


def test_on_paper_the_table_has_no_scroller_and_no_controls(browser: Any, small: Path) -> None:
    with browser.new_context(viewport={"width": 1040, "height": 700}, color_scheme="dark") as context:
        page = context.new_page()
        page.goto(small.as_uri())
        page.emulate_media(media="print")
        assert page.locator("#controls").is_hidden()
        assert page.locator("#scroller").evaluate("e => getComputedStyle(e).overflow") == "visible"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 32, 40)"


def test_names_from_right_to_left_read_that_way(browser: Any, tmp_path: Path) -> None:
    write_class_report(made_up_class(12, right_to_left=True), tmp_path / "index.html")
    with browser.new_context(viewport={"width": 390, "height": 800}) as context:
        page = open_report(context, tmp_path / "index.html").page
        names = ROWS + ".map(row => row.cells[0].querySelector('bdi'))"
        assert set(page.evaluate(names + ".map(e => getComputedStyle(e).direction)")) == {"rtl"}
        assert page.evaluate("document.documentElement.scrollWidth") == 390
