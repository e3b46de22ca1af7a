from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hostile_text import ARABIC, HEBREW
from made_up_cells import code_cell
from made_up_grade import Sample, single
from parsed_page import Node, article, parse

from grader.nouns import CellRun, Finding, Status
from grader.write.report import render, write_report


@pytest.fixture(scope="module")
def page(html: str) -> Node:
    return parse(html)


# --------------------------------------------------------------------------------- what it says


def test_the_summary_says_how_it_stands(page: Node) -> None:
    hero = page.one("div", "hero").words
    assert hero.startswith("23.5 of 48 points graded so far · 49 % 9 more wait for a person")
    keys = {li.words for li in page.one("ul", "keys").all("li")}
    assert {"23.5 earned", "18.5 not earned", "6 waiting", "5 not attempted", "3 broken"} <= keys
    assert page.one("head").one("title").text.startswith("23.5 of 48 points")


def test_each_exercise_has_a_row_and_a_bar_as_long_as_its_points(sample: Sample, page: Node) -> None:
    rows = page.all("a", "row")
    assert [row.attributes["href"] for row in rows] == [
        f"#ex-{one.id.replace('.', '-')}" for one in sample.grade.exercises
    ]
    for row, one in zip(rows, sample.grade.exercises, strict=True):
        assert f", {one.status.value}," in row.words
        pieces = [rect for rect in row.one("svg", "bar").all("rect") if "outline" not in rect.classes]
        widths = [float((rect.attributes["width"] or "").rstrip("%")) for rect in pieces]
        assert sum(widths) == pytest.approx(100 * one.max_points / 12, abs=0.01)
        earned = sum(w for w, rect in zip(widths, pieces, strict=True) if "s-passed" in rect.classes)
        assert earned == pytest.approx(100 * one.points / 12, abs=0.01)


def test_where_to_look_first(page: Node) -> None:
    looks = [li.words for li in page.one("ol", "first").all("li")]
    assert [look[:5] for look in looks] == ["1.2.1", "1.3.1", "1.1.2"]
    assert looks[0].endswith(
        "up to 8 points to win The result differs in 192 of 384 elements, by at most 0.91 "
        "where 1e-05 was allowed."
    )


def test_where_all_is_right_the_summary_says_so(sample: Sample, page: Node) -> None:
    right = parse(render(replace(sample.grade, exercises=sample.grade.exercises[3:4]), {}))
    assert right.one("div", "well").words == "Everything that could be checked is right."
    assert not right.all("ol", "first")
    assert not page.all("div", "well")


def test_each_check_has_its_status_in_words_and_its_message(sample: Sample, page: Node) -> None:
    for one in sample.grade.exercises:
        shown = article(page, one.id).all("li", "check")
        assert len(shown) == len(one.findings)
        for check, finding in zip(shown, one.findings, strict=True):
            claim = check.one("div", "claim")
            assert claim.one("p").words == finding.title.replace("`", "")
            assert claim.one("span", "mark").text == finding.status.value
            assert f"/ {finding.max_points:g} points" in claim.words
            first = finding.message.partition("\n")[0].replace("`", "")
            assert not first or check.one("div", "message").words.startswith(first)


def test_points_that_nobody_has_decided_are_not_shown_as_zero(page: Node) -> None:
    waiting = article(page, "1.1.1").one("li", "is-waiting").one("div", "claim").words
    assert waiting.endswith("waiting –not yet decided / 2 points")
    assert (
        article(page, "1.1.2")
        .one("li", "is-failed")
        .one("div", "claim")
        .words.endswith("failed 0 / 2 points")
    )


def test_back_ticks_and_fences_in_a_message_are_code(page: Node) -> None:
    message = article(page, "1.1.2").one("li", "is-failed").one("div", "message")
    assert [code.text for code in message.all("code")] == ["bits[0]", "bits[1]"]
    assert message.one("pre").text == "torch.randint(0, 2, shape)"


def test_a_written_answer_stands_beside_its_rubric(page: Node) -> None:
    waiting = article(page, "1.1.1").one("li", "is-waiting")
    assert "הרשימה מכילה מחרוזת" in waiting.one("div", "written").text
    rubric = [li.words for li in waiting.one("div", "rubric").all("li")]
    assert rubric[0] == "0.5 numbers of different kinds do convert, by promotion"


def test_a_missing_written_answer_is_said(sample: Sample) -> None:
    page = parse(render(sample.grade, sample.exercises, sample.rubrics, {}))
    assert [box.words for box in article(page, "1.6.2").all("div", "written")] == ["Nothing was written."] * 2
    assert not article(page, "1.1.1").all("div", "written"), "its message says it already"


def test_a_choice_shows_its_options(page: Node) -> None:
    options = article(page, "1.1.1").one("dl", "options")
    assert [dt.text for dt in options.all("dt")] == ["a", "b", "c"]
    assert [code.text for code in options.all("dd")[2].all("code")] == ["int", "float"]


def test_the_question_is_there_but_folded(page: Node) -> None:
    prompt = article(page, "1.1.1").one("details", "prompt")
    assert "open" not in prompt.attributes
    assert "several different types" in [strong.text for strong in prompt.all("strong")]
    assert "def to_tensor_or_none" in prompt.text


def test_the_work_is_open_where_something_is_to_mend(page: Node) -> None:
    assert "open" in article(page, "1.3.1").one("details", "work").attributes
    assert "No cell of the submission" in article(page, "1.2.2").text


def test_code_is_shown_line_by_line_as_it_was_written(sample: Sample, page: Node) -> None:
    (block,) = article(page, "1.1.1").one("div", "cell").all("pre", "code")
    assert block.text.rstrip("\n") == sample.grade.submission.cells[3].source.rstrip("\n")
    assert len(block.all("span", "line")) == 11
    assert "in2" in block.all("span", "line")[7].classes


def test_how_a_cell_ended_is_said(page: Node) -> None:
    others = {
        cell.attributes["aria-label"]: cell.words for cell in page.by_id("other-cells").all("div", "cell")
    }
    assert list(others) == ["Cell 1", "Cell 2", "Cell 11", "Cell 12", "Cell 13"]
    assert others["Cell 2"].startswith("Cell 2 ran in 4 ms")
    assert "did not finish in time and was stopped after 10 s" in others["Cell 11"]
    assert "ended its own Python process after 0.2 s" in others["Cell 12"]
    assert others["Cell 13"].startswith("Cell 13 was not run")


def test_our_own_prompt_cells_and_written_answers_are_not_shown_twice(html: str, page: Node) -> None:
    assert "The question again" not in page.text
    assert html.count("הרשימה מכילה מחרוזת") == 1


def test_an_error_is_shown_with_the_students_frames(page: Node) -> None:
    crash = article(page, "1.3.1").one("div", "cell").one("div", "crash")
    assert crash.one("p", "raised").words == "IndexError: too many indices for tensor of dimension 1"
    assert "cell 9, line 3, in even_rows" in crash.one("pre").text


def test_outputs_are_shown_in_their_richest_safe_form(page: Node) -> None:
    outputs = article(page, "1.2.1").one("div", "outputs")
    assert outputs.all("pre")[0].text == "100%|####|\na warning"
    assert (
        outputs.one("img").attributes["alt"]
        == "Picture that cell 7 displayed, <Figure size 240x120 with 1 Axes>"
    )
    notes = [note.text for note in article(page, "1.6.2").all("p", "note")]
    assert "A picture is not shown, because its data are damaged." in notes
    assert "Also of the kind image/svg+xml, which is not shown." in notes


def test_the_layers_that_held_and_the_one_that_did_not(page: Node) -> None:
    layers = [li.words for li in page.one("ul", "layers").all("li")]
    assert layers == ["user namespace", "no network", "Landlock", "memory limit: not active"]
    assert {"held", "missing"} == {klass for li in page.one("ul", "layers").all("li") for klass in li.classes}


def test_no_isolation_is_said_plainly(sample: Sample) -> None:
    page = parse(render(replace(sample.grade, environment={"torch": "2.13.0"}), {}))
    assert "No layer of isolation was recorded" in page.by_id("how").text


def test_the_seed_of_the_hidden_inputs_is_not_told(sample: Sample, html: str) -> None:
    assert str(sample.grade.seed) not in html


def test_a_defect_of_the_grader_is_said_at_the_top(sample: Sample, page: Node) -> None:
    assert "The grader itself failed in 1.6.1." in page.one("div", "alert").words
    sound = replace(sample.grade, exercises=sample.grade.exercises[:3])
    assert not parse(render(sound, {})).all("div", "alert")


def test_what_a_person_should_look_at_is_said_at_the_top_and_beside_the_check(sample: Sample) -> None:
    flagged = Finding("accuracy", "is right", Status.PASSED, 1, 1, flag="The score of <b>1</b> is too good.")
    report = parse(render(single(sample, flagged), {}))
    assert report.one("div", "look").words == "A person should look at 1.1.1. No point depends on it."
    assert report.one("p", "flag").words.endswith("The score of <b>1</b> is too good.")
    assert not parse(render(single(sample, replace(flagged, flag="")), {})).all("div", "look")


# -------------------------------------------------------------------- accessibility and direction


def test_headings_go_down_one_level_at_a_time(page: Node) -> None:
    levels = [int(node.tag[1]) for node in page.all() if re.fullmatch("h[1-6]", node.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_and_the_skip_link(page: Node) -> None:
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert page.one("a", "skip").attributes["href"] == "#main"
    for node in page.all():
        if "aria-labelledby" in node.attributes:
            assert page.by_id(node.attributes["aria-labelledby"] or "").words


def test_each_drawing_is_either_described_or_hidden(page: Node) -> None:
    for svg in page.all("svg"):
        described = svg.attributes.get("role") == "img" and svg.attributes.get("aria-label")
        assert described or svg.attributes.get("aria-hidden") == "true"


def test_text_of_the_student_finds_its_own_direction(page: Node) -> None:
    written = article(page, "1.1.1").one("div", "written")
    blocks = [node for node in written.all() if node.tag in ("p", "ul")]
    assert [node.attributes.get("dir") for node in blocks] == ["auto"] * 3
    # A direction of its own would hide the item's letters from the list, whose side the bullets follow.
    assert all("dir" not in li.attributes for li in written.all("li"))
    for node in page.all("p", "said") + page.all("p", "raised") + page.all("div", "rich"):
        assert node.attributes["dir"] == "auto"
    for node in page.all("pre", "code"):
        assert node.attributes["dir"] == "ltr"


@pytest.mark.parametrize("text", [HEBREW, ARABIC])
def test_right_to_left_text_is_not_altered(sample: Sample, text: str) -> None:
    written = {"1.1.1": {"mixed_list_explanation": text}}
    page = parse(render(sample.grade, sample.exercises, sample.rubrics, written))
    shown = article(page, "1.1.1").one("div", "written").words
    assert shown == " ".join(re.sub(r"`|^- ", "", text, flags=re.MULTILINE).split())


# ------------------------------------------------------------------------------- unusual grades


def test_a_grade_without_exercises(sample: Sample) -> None:
    page = parse(render(replace(sample.grade, exercises=(), runs=()), {}))
    assert page.one("div", "hero").words.startswith("0 of 0 points")


def test_exercises_that_the_catalogue_does_not_know(sample: Sample) -> None:
    page = parse(render(sample.grade, {}))
    assert len(page.all("article")) == len(sample.grade.exercises)
    assert [h.words for h in page.all("h2")][1:3] == ["1.1 Section 1.1", "1.2 Section 1.2"]


def test_points_beyond_all_bounds_do_not_break_the_bars(sample: Sample) -> None:
    odd = (
        Finding("a", "too many", Status.PASSED, 9, 1),
        Finding("b", "below", Status.FAILED, -3, 1),
        Finding("c", "none", Status.PASSED, 0, 0),
    )
    bar = parse(render(single(sample, *odd), {})).one("article").one("svg", "bar")
    widths = [float((rect.attributes["width"] or "").rstrip("%")) for rect in bar.all("rect")]
    assert all(0 < width <= 200 and math.isfinite(width) for width in widths)


@pytest.mark.parametrize(
    "output", [{}, {"output_type": "stream"}, {"output_type": "display_data", "data": [1]}, {"data": {}}]
)
def test_an_output_of_no_known_shape_is_left_out(sample: Sample, output: dict[str, object]) -> None:
    grade = single(sample, cells=(code_cell(0, "x", "1.1.1"),), runs=(CellRun(0, "ok", outputs=(output,)),))
    assert not parse(render(grade, {})).all("div", "outputs")


def test_writing_goes_through_no_link(tmp_path: Path, sample: Sample) -> None:
    (tmp_path / "precious").write_text("keep me")
    (tmp_path / "report.html").symlink_to(tmp_path / "precious")
    write_report(sample.grade, tmp_path / "report.html", sample.exercises)
    assert (tmp_path / "precious").read_text() == "keep me"
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == render(sample.grade, sample.exercises)


def test_a_report_is_the_same_each_time(sample: Sample, html: str) -> None:
    assert sample.html() == html
