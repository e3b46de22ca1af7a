"""The class report as a tree: what it tells, what it links to, and that nothing of a student's breaks out."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hostile_text import ATTACKS
from made_up_class import made_up_class
from parsed_page import Node, parse

from grader.nouns import Attempt, BadInput, ClassGrades, Status, Student
from grader.write.class_report import render_class, write_class_report
from grader.write.class_rows import days, report_link

TAGS = set(
    """html head meta title link style body header main section footer nav div span p b i h1 h2 h3 ul ol li dl
    dt dd bdi br small code pre details summary fieldset legend label input button a figure table caption thead
    tbody tr th td svg symbol circle path defs pattern rect use g text script""".split()
)


@pytest.fixture(scope="module")
def grades() -> ClassGrades:
    return made_up_class(40)


@pytest.fixture(scope="module")
def page(grades: ClassGrades) -> Node:
    return parse(render_class(grades))


@pytest.fixture(scope="module")
def hostile() -> Node:
    return parse(render_class(made_up_class(60, hostile=True)))


def row_of(page: Node, name: str) -> Node:
    rows = [
        row for row in page.by_id("table").one("tbody").all("tr") if row.one("th").all("bdi")[0].text == name
    ]
    assert len(rows) == 1, name
    return rows[0]


def only(*attempts: Attempt, missing: tuple[Student, ...] = ()) -> Node:
    return parse(render_class(ClassGrades("Some", attempts, missing, points=10)))


def attempt(name: str, **rest: object) -> Attempt:
    return replace(Attempt(Student(name.casefold(), name), "key", "graded", max_points=10), **rest)


# --------------------------------------------------------------------------------- what it tells


def test_everybody_has_one_row_in_the_order_of_names(page: Node, grades: ClassGrades) -> None:
    rows = page.by_id("table").one("tbody").all("tr")
    names = [row.one("th").all("bdi")[0].text for row in rows]
    everybody = [one.student.name for one in grades.attempts] + [one.name for one in grades.missing]
    assert names == sorted(everybody, key=str.casefold)
    assert [row.attributes["data-n"] for row in rows] == [str(i) for i in range(40)]


def test_a_row_tells_points_and_the_status_of_every_exercise(page: Node, grades: ClassGrades) -> None:
    for one in grades.attempts:
        if (
            one.state != "graded"
            or sum(other.student.name == one.student.name for other in grades.attempts) > 1
        ):
            continue
        cells = row_of(page, one.student.name).all("td")
        assert float(cells[0].text) == pytest.approx(one.points, abs=0.005)
        assert len(cells) == 4 + len(one.exercises)
        for cell, exercise in zip(cells[4:], one.exercises, strict=True):
            assert cell.classes == {f"c-{exercise.status.value.replace(' ', '-')}"}
            points, _, still_open = cell.text.partition(" +")
            assert float(points) == pytest.approx(exercise.points)
            assert float(still_open or 0) == pytest.approx(exercise.open_points)


def test_a_cell_is_told_by_colour_shape_and_word(page: Node) -> None:
    style = page.one("style").text
    for status in Status:
        name = status.value.replace(" ", "-")
        assert f"--m-{name}: url(" in style
        assert rf'content: "\200b" / "{status.value}, "' in style


def test_the_states_are_told_and_flagged(page: Node, grades: ClassGrades) -> None:
    rows = page.by_id("table").one("tbody").all("tr")
    flags = [set((row.attributes["data-f"] or "").split()) for row in rows]
    chips = {
        one.attributes["value"]: one.parent
        for one in page.by_id("controls").all("input")
        if "value" in one.attributes
    }
    for state in ("unreadable", "failed"):
        assert sum(f"r-{state}" in row.classes for row in rows) == sum(
            one.state == state for one in grades.attempts
        )
    assert sum("missing" in one for one in flags) == len(grades.missing)
    assert sum("late" in one for one in flags) == sum(one.days_late > 0 for one in grades.attempts)
    broken = sum(any(e.status is Status.BROKEN for e in one.exercises) for one in grades.attempts)
    assert broken
    assert sum("failed" in one for one in flags) == broken + sum(
        one.state == "failed" for one in grades.attempts
    )
    for flag, label in chips.items():
        assert label is not None
        assert label.one("b").text == str(sum(flag in one for one in flags))


def test_what_needs_a_person_is_told_with_names(page: Node, grades: ClassGrades) -> None:
    text = page.by_id("attention").words
    for one in grades.attempts:
        if one.state != "graded":
            assert one.student.name in text
            assert one.message in text
    for student in grades.missing:
        assert student.name in text
    assert "with cells that had to be stopped" in text


def test_what_is_flagged_for_a_person_is_told(grades: ClassGrades) -> None:
    first = next(one for one in grades.attempts if one.state == "graded")
    exercise = first.exercises[0]
    finding = replace(exercise.findings[0], flag="0.999 is above the best <b>of 20</b>.")
    exercise = replace(exercise, findings=(finding, *exercise.findings[1:]))
    flagged = replace(first, exercises=(exercise, *first.exercises[1:]))
    others = tuple(one for one in grades.attempts if one is not first)
    text = parse(render_class(replace(grades, attempts=(flagged, *others)))).by_id("attention").words
    assert "1 result that a person should look at" in text
    assert f"{exercise.id}: 0.999 is above the best <b>of 20</b>." in text
    assert "person should look at" not in parse(render_class(grades)).by_id("attention").words


def test_earlier_attempts_are_told() -> None:
    grades = ClassGrades("x", (attempt("Ada"), attempt("Ben")), earlier={"ada": 1, "ben": 3})
    page = parse(render_class(grades))
    assert "1 earlier attempt" in row_of(page, "Ada").words
    assert "3 earlier attempts" in row_of(page, "Ben").words


def test_the_picture_has_a_text_and_a_table(page: Node, grades: ClassGrades) -> None:
    picture = next(one for one in page.all("svg") if "totals" in one.classes)
    assert picture.attributes["role"] == "img"
    assert "Half of them have between" in (picture.attributes["aria-label"] or "")
    bins = page.by_id("summary").one("tbody").all("tr")
    graded = sum(one.state == "graded" for one in grades.attempts)
    assert sum(int(row.all("td")[2].text) for row in bins) == graded


def test_every_exercise_and_check_has_its_numbers(page: Node, grades: ClassGrades) -> None:
    exercises = next(one for one in grades.attempts if one.state == "graded").exercises
    shown = page.by_id("exercises").all("details")
    assert len(shown) == len(exercises)
    for one, held in zip(shown, exercises, strict=True):
        assert held.title in one.one("summary").words
        titles = [row.one("th").text for row in one.one("tbody").all("tr")]
        for title, finding in zip(titles, held.findings, strict=True):
            assert title.startswith(finding.title)
    assert page.by_id("exercises").words.count("hidden from students") == 1


def test_an_item_with_a_wrong_key_gets_a_hint() -> None:
    page = parse(render_class(made_up_class(300)))
    hints = [one.text for one in page.by_id("exercises").all("span", "hint")]
    assert any(one.startswith("Discrimination below 0") for one in hints)


def test_groups_of_mistakes_link_to_their_students(page: Node, grades: ClassGrades) -> None:
    first = page.by_id("mistakes").all("li", "mistake")[0]
    count = int(first.one("p", "count").one("b").text)
    button = first.one("button")
    assert len((button.attributes["data-rows"] or "").split()) == count
    assert "hidden" in button.attributes, "without the script it would do nothing"
    links = first.one("p", "people").all("a")
    assert links
    folders = {f"{one.folder}/report.html" for one in grades.attempts}
    assert {link.attributes["href"] for link in links} <= folders


# ------------------------------------------------------------------------------------- the links


@pytest.mark.parametrize(
    ("folder", "link"),
    [
        ("students/ada", "students/ada/report.html"),
        ("students/Ada Lovelace", "students/Ada%20Lovelace/report.html"),
        ("students/50%?#x", "students/50%25%3F%23x/report.html"),
        ("students/נועה", "students/%D7%A0%D7%95%D7%A2%D7%94/report.html"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29/report.html"),
        ('a"><b', "a%22%3E%3Cb/report.html"),
        ("students\\ada", "students%5Cada/report.html"),
        ("", ""),
        ("../../etc", ""),
        ("students/../x", ""),
        ("/etc", ""),
        ("//example.invalid/x", ""),
        ("students/./x", ""),
        ("students/", ""),
        ("\ud800", ""),
    ],
)
def test_a_link_stays_in_the_folder_of_the_batch(folder: str, link: str) -> None:
    assert report_link(folder) == link
    if link:
        assert urlsplit(link).scheme == urlsplit(link).netloc == urlsplit(link).query == ""
        assert unquote(link).removesuffix("/report.html") == folder


def test_a_name_of_bytes_that_are_no_text_keeps_its_bytes() -> None:
    assert report_link(os.fsdecode(b"students/\xff")) == "students/%FF/report.html"


def test_who_has_no_folder_has_no_link() -> None:
    page = only(attempt("Ada", folder="students/ada"), attempt("Ben"), missing=(Student("cem", "Cem"),))
    assert [len(row_of(page, name).all("a")) for name in ("Ada", "Ben", "Cem")] == [1, 0, 0]


@pytest.mark.parametrize(
    ("late", "text"),
    [(0, ""), (-1, ""), (0.01, "1 h"), (0.5, "12 h"), (1, "1 d"), (2.26, "2.3 d"), (float("nan"), "")],
)
def test_lateness(late: float, text: str) -> None:
    assert days(late) == text


# --------------------------------------------------------------------------------------- safety


def test_the_policy_allows_one_style_sheet_and_one_script(hostile: Node) -> None:
    policy = next(
        m for m in hostile.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    digests = [
        base64.b64encode(hashlib.sha256(hostile.one(tag).text.encode()).digest()).decode()
        for tag in ("style", "script")
    ]
    assert policy.attributes["content"] == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = [child.tag for child in hostile.one("head").children if isinstance(child, Node)]
    assert head[:2] == ["meta", "meta"], "the policy comes before all that it governs"


def test_only_known_elements_and_no_way_to_run_anything(hostile: Node) -> None:
    for node in hostile.all():
        assert node.tag in TAGS, node.tag
        for name, value in node.attributes.items():
            assert not name.startswith("on"), (node.tag, name)
            assert name not in ("style", "src", "srcdoc", "srcset", "action", "formaction", "target"), name
            if name == "href":
                local = (value or "").startswith(("#", "data:,", "students/"))
                assert local, (node.tag, value)


def test_attacks_are_shown_as_text(hostile: Node) -> None:
    names = " ".join(bdi.text for bdi in hostile.by_id("table").all("bdi"))
    for attack in ATTACKS[:6]:
        assert attack[:60] in names
    assert "⟨U+202E⟩" in names
    assert "\u202e" not in hostile.text
    assert "\x1b" not in hostile.text


def test_messages_of_attempts_are_escaped_too() -> None:
    said = "<img src=x onerror=window.pwned=1> \x1b[31m"
    page = only(
        attempt("Ada", state="unreadable", message=said), attempt("Ben", endings={"<b>": 2}, seconds=3)
    )
    assert page.all("img") == []
    assert "<img src=x onerror=window.pwned=1>" in row_of(page, "Ada").text
    assert "2 × <b>" in page.by_id("attention").text


def test_names_take_their_own_direction(page: Node) -> None:
    for head in page.by_id("table").one("tbody").all("th"):
        assert "".join(child for child in head.children if isinstance(child, str)).strip() == ""
        assert head.all("bdi")


# ----------------------------------------------------------------------------------- odd classes


@pytest.mark.parametrize("hostile_names", [False, True])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 9])
def test_small_classes(n: int, hostile_names: bool) -> None:
    page = parse(render_class(made_up_class(n, hostile=hostile_names)))
    assert len(page.by_id("table").one("tbody").all("tr")) == n
    headings = [int(one.tag[1]) for one in page.all() if one.tag in ("h1", "h2", "h3")]
    assert headings[0] == 1
    ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids))


def test_nobody_handed_in_anything() -> None:
    page = only(missing=(Student("ada", "Ada"),))
    assert "Nothing was graded" in page.by_id("summary").words
    assert "handed in nothing" in row_of(page, "Ada").words


def test_points_that_are_no_number_do_not_break_the_page() -> None:
    bad = float("nan")
    page = only(
        attempt("Ada", points=bad, open_points=bad, days_late=bad, seconds=bad),
        attempt("Ben", points=float("inf")),
    )
    assert row_of(page, "Ada").all("td")[0].text == "?"


def test_a_student_without_a_name_is_shown_by_the_id() -> None:
    page = only(Attempt(Student("s1"), "k", "graded"), Attempt(Student(""), "k", "graded"))
    assert row_of(page, "s1").one("th").words == "s1"
    assert row_of(page, "(no name)")


def test_an_attempt_that_lacks_an_exercise_has_an_empty_cell() -> None:
    whole = next(one for one in made_up_class(9).attempts if one.state == "graded")
    part = replace(whole, student=Student("x", "Xenia"), exercises=whole.exercises[1:])
    cells = row_of(only(replace(whole, student=Student("a", "Ada")), part), "Xenia").all("td")
    assert (cells[4].text, cells[4].attributes) == ("", {})
    assert cells[5].classes


def test_the_same_class_gives_the_same_page(grades: ClassGrades) -> None:
    assert render_class(grades) == render_class(made_up_class(40))


def test_it_is_written_whole_and_through_nobodys_link(tmp_path: Path, grades: ClassGrades) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "index.html").symlink_to(victim)
    write_class_report(grades, tmp_path / "index.html")
    assert victim.read_text() == "mine"
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == render_class(grades)
    with pytest.raises(BadInput, match="cannot write"):
        write_class_report(grades, tmp_path)
