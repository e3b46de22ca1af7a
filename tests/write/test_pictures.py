from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_cells import png
from parsed_page import Node, parse

from grader.write.images import Room
from grader.write.pictures import picture

RATIO = {"low": 2.0, "median": 3.0, "high": 4.0}


def drawn(detail: dict[str, Any] | None) -> Node:
    return parse(str(picture(detail, Room())))


def numbers_in(path: Node) -> list[float]:
    return [float(one) for one in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", path.attributes["d"] or "")]


@pytest.mark.parametrize(
    ("width", "height", "scrolls"), [(900, 300, True), (640, 480, False), (120, 40, False)]
)
def test_a_broad_picture_scrolls_in_its_own_box(width: int, height: int, scrolls: bool) -> None:
    page = drawn({"kind": "image", "png_base64": png(width, height), "caption": "Two panels"})
    boxes = page.all("div", "broad")
    assert len(boxes) == scrolls
    for box in boxes:
        assert box.attributes["tabindex"] == "0"
        assert box.attributes["aria-label"] == "Two panels"
        assert box.one("img").attributes["width"] == str(width)


def heat(grid: list[list[float | None]], **more: Any) -> dict[str, Any]:
    total = sum(len(row) for row in grid)
    wrong = sum(value is not None for row in grid for value in row)
    shape = [len(grid), len(grid[0])]
    base = {"kind": "tensor", "shape": shape, "mismatched": wrong, "total": total, "grid": grid}
    return base | {"rows": shape[0], "cols": shape[1]} | more


def covered(path: Node, size: float) -> float:
    """The area of a path of rectangles, in squares of the map."""
    return sum(float(width) / size for width in re.findall(r"h([\d.]+)v", path.attributes["d"] or ""))


def test_an_error_map_has_a_square_for_each_element() -> None:
    grid = [[None, 0.0, 1.0], [0.5, 0.5, None]]
    svg = drawn(heat(grid)).one("svg", "plot")
    areas = {next(iter(path.classes)): covered(path, 26) for path in svg.all("path")}
    assert areas == pytest.approx({"agree": 2, "e0": 1, "e6": 1, "e3": 2})
    assert (
        svg.attributes["aria-label"]
        == "Map of the differences. 4 of 6 elements differ (66.7 %), shape (2, 3)."
    )
    assert [text.text for text in svg.all("text")] == ["0", "1", "0", "2"]


def test_an_infinite_error_is_the_largest_and_not_an_agreement() -> None:
    svg = drawn(heat([[math.inf, math.nan, 7.0, "x"]])).one("svg", "plot")  # pyright: ignore
    assert [path.classes for path in svg.all("path")] == [{"e6"}]


def test_a_map_of_blocks_says_so_and_names_the_real_size() -> None:
    page = drawn(heat([[0.1] * 32] * 32, rows=640, cols=480))
    assert [text.text for text in page.one("svg", "plot").all("text")] == ["0", "639", "0", "479"]
    assert "the largest of each block" in page.one("p", "legend").text
    assert len(str(page.one("svg", "plot").all("path"))) < 20_000


def test_a_map_is_cut_to_what_can_be_seen() -> None:
    svg = drawn(heat([[0.5] * 500] * 500)).one("svg", "plot")
    assert len(svg.one("path").attributes["d"] or "") < 5_000
    assert float(svg.attributes["width"] or 0) < 500


@pytest.mark.parametrize(
    ("limit", "name"), [({"at_least": 10}, "at least 10"), ({"at_most": 2}, "at most 2"), ({}, "")]
)
def test_an_interval_names_its_limit(limit: dict[str, float], name: str) -> None:
    page = drawn({"kind": "timing", "ratio": RATIO, "limit": limit, "samples": [2, 3, 4, 0, -1, None]})
    svg = page.one("svg", "plot")
    assert [text.text for text in svg.all("text", "strong")] == ([name] if name else [])
    assert "Measured 3, most likely between 2 and 4." in page.one("figcaption").text
    assert len(svg.all("rect", "allowed")) == bool(name)
    assert (svg.one("path", "samples").attributes["d"] or "").count("M") == 3


def test_the_axis_of_an_interval_is_logarithmic() -> None:
    ratio = {"low": 1, "median": 10, "high": 100}
    svg = drawn({"kind": "timing", "ratio": ratio}).one("svg", "plot")
    low, _, _, high = (numbers_in(svg.one("path", "interval"))[index] for index in (0, 1, 2, 5))
    median = float(svg.one("circle").attributes["cx"] or 0)
    assert median - low == pytest.approx(high - median, abs=0.2)


def test_curves_are_told_apart_without_colour_and_gaps_stay_gaps() -> None:
    series = [{"name": "yours", "values": [3, 2, None, 1]}, {"name": "<b>", "values": [1.0, math.nan, 2, 4]}]
    page = drawn({"kind": "curve", "series": series, "x_label": "step", "y_label": "loss"})
    paths = [path for path in page.one("svg", "plot").all("path") if path.classes & {"curve-0", "curve-1"}]
    assert [(path.attributes["d"] or "").count("M") for path in paths] == [2, 2]
    assert [bdi.text for bdi in page.one("p", "legend").all("bdi")] == ["yours", "<b>"]
    assert "yours ends at 1; <b> ends at 4" in (page.one("svg", "plot").attributes["aria-label"] or "")


def test_curves_share_the_places_that_they_are_given() -> None:
    series = [
        {"name": "training", "values": [4, 3, 2, 1, 0.5]},
        {"name": "test", "values": [2, 1], "at": [2, 4]},
        {"name": "descending", "values": [2, 1], "at": [4, 2]},
        {"name": "too few", "values": [2, 1], "at": [2]},
    ]
    svg = drawn({"kind": "curve", "series": series, "x_label": "update"}).one("svg", "plot")
    starts, ends = [], []
    for number in range(4):
        places = numbers_in(svg.one("path", f"curve-{number}"))
        starts.append(places[0])
        ends.append(places[-2])
    assert starts[1] > starts[0] == starts[2] == starts[3]
    assert ends[1] == ends[0] > ends[2] == ends[3]
    assert {"0", "4", "update"} <= {text.text for text in svg.all("text")}


def test_a_curve_over_many_decades_is_logarithmic() -> None:
    values = [10.0**-index for index in range(8)]
    svg = drawn({"kind": "curve", "series": [{"name": "", "values": values}], "y_label": "loss"}).one(
        "svg", "plot"
    )
    assert "loss (logarithmic)" in [text.text for text in svg.all("text")]
    heights = numbers_in(svg.one("path", "curve-0"))[1:2] + numbers_in(svg.one("path", "curve-0"))[4::2]
    steps = [after - before for before, after in pairwise(heights)]
    assert max(steps) - min(steps) < 0.3


def test_a_long_curve_is_thinned_but_keeps_its_spike() -> None:
    values = [0.0] * 50_000
    values[31_234] = 9.0
    svg = drawn({"kind": "curve", "series": [{"name": "a", "values": values}]}).one("svg", "plot")
    path = svg.one("path", "curve-0")
    assert len(path.attributes["d"] or "") < 6_000
    assert min(numbers_in(path)[1::2]) < 60


def test_a_picture_has_its_caption_as_alternative_text() -> None:
    page = drawn({"kind": "image", "png_base64": png(30, 20), "caption": "The figure of `plot()`"})
    assert (page.one("img").attributes["alt"], page.one("img").attributes["width"]) == (
        "The figure of `plot()`",
        "30",
    )
    assert page.one("figcaption").one("code").text == "plot()"


def test_what_is_not_known_is_not_drawn() -> None:
    for detail in (
        None,
        {},
        {"kind": "hologram"},
        {"kind": ["tensor"]},
        {"kind": "tensor"},
        {"kind": "timing"},
    ):
        assert picture(detail, Room()) == ""


def test_no_room_leaves_a_note() -> None:
    room = Room()
    room.word_share = 10
    assert "too long" in picture({"kind": "stdout", "text": "a" * 100}, room)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
KINDS = {
    "tensor": ("shape", "mismatched", "total", "grid", "rows", "cols", "caption"),
    "timing": ("ratio", "limit", "samples", "caption"),
    "curve": ("series", "x_label", "y_label"),
    "image": ("png_base64", "caption"),
    "traceback": ("name", "message", "frames"),
    "stdout": ("text",),
}
SERIES = st.lists(
    st.fixed_dictionaries(
        {"name": JSON, "values": st.lists(JSON | st.floats(), max_size=8)},
        optional={"at": JSON | st.lists(st.integers(-3, 9) | st.floats(), max_size=8).map(sorted)},
    ),
    max_size=3,
)
RATIOS = st.fixed_dictionaries({key: st.floats() | JSON for key in ("low", "median", "high")})
GRIDS = st.lists(st.lists(st.none() | st.floats() | JSON, max_size=6), max_size=6)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_data_of_any_shape_are_drawn_or_left_out(kind: str, data: st.DataObject) -> None:
    likely = {"series": SERIES, "ratio": RATIOS, "grid": GRIDS}
    detail = {name: data.draw(JSON | likely.get(name, JSON)) for name in KINDS[kind]}
    page = drawn({"kind": kind, **detail})
    for node in page.all():
        assert not any(
            re.search(r"\b(nan|inf)\b", node.attributes.get(name) or "") for name in ("d", "x", "y", "width")
        )
