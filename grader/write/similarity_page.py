"""Compared -> similarity.html and a page for each pair: no network, no script, whatever the students wrote."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from grader import __version__
from grader.nouns import BadInput, Exercise
from grader.similarity.fingerprints import Piece
from grader.similarity.pairs import CODE, TEXTS, Compared, Pair
from grader.similarity.passages import Span
from grader.write.files import write_whole
from grader.write.safe import body, code, line
from grader.write.similarity_style import environment, policy, style

FOLDER = "similarity"
_CONTEXT = 12  # lines above and below a passage; what is further away is left out
_LIMIT = 60_000  # characters of one column of one exercise


@dataclass(frozen=True, slots=True)
class Side:
    """One column: what one of the two wrote for an exercise, its passages marked."""

    name: str
    pieces: tuple[tuple[str, Markup], ...]  # label and text


@dataclass(frozen=True, slots=True)
class Stretch:
    """An exercise in which the two agree somewhere."""

    title: str
    share: float | None
    stands_out: bool
    written: bool  # a written answer, not code
    sides: tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the distribution: pairs whose share lies between two percentages."""

    low: int
    high: int
    count: int
    beyond: bool  # the threshold

    def height(self, most: int) -> float:
        """0 to 1, the logarithm of the count; ``most`` is the count of the highest bar."""
        return math.log1p(self.count) / math.log1p(most)


def write_similarity(
    compared: Compared,
    folder: Path,
    exercises: Mapping[str, Exercise],
    names: Mapping[str, str],
    unreadable: Mapping[str, str] | None = None,
) -> Path:
    """Write ``folder/similarity.html`` and ``folder/similarity/1.html``, … and return the first.

    Pages of an earlier run that have higher numbers are removed.

    Args:
        names: what to call each key of ``compared``; a missing one is called by its key.
        unreadable: who could not be compared, with the reason.

    Raises BadInput where the folder cannot be written to.
    """
    pages = folder / FOLDER
    try:
        pages.mkdir(parents=True, exist_ok=True)
        for old in pages.glob("*.html"):
            if old.stem.isdecimal() and int(old.stem) > len(compared.pairs):
                old.unlink()
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"{pages}: cannot write results here ({why}); choose a folder with --out") from error
    for number, pair in enumerate(compared.pairs, start=1):
        write_whole(pages / f"{number}.html", render_pair(compared, number, pair, exercises, names))
    index = folder / "similarity.html"
    write_whole(index, render_index(compared, exercises, names, unreadable or {}))
    return index


def render_index(
    compared: Compared,
    exercises: Mapping[str, Exercise],
    names: Mapping[str, str],
    unreadable: Mapping[str, str],
) -> str:
    """The list of pairs, groups, and the distribution, as the text of one HTML file."""
    return _render(
        "similarity.html.j2",
        compared=compared,
        name=_namer(names),
        because=_because,
        bars=_bars(compared),
        folder=FOLDER,
        unreadable=unreadable,
        compared_exercises=len(exercises),
    )


def render_pair(
    compared: Compared, number: int, pair: Pair, exercises: Mapping[str, Exercise], names: Mapping[str, str]
) -> str:
    """Two submissions side by side, of which only the exercises are shown where they agree."""
    name = _namer(names)
    return _render(
        "similarity_pair.html.j2",
        number=number,
        count=len(compared.pairs),
        pair=pair,
        one=name(pair.first),
        two=name(pair.second),
        because=_because(pair),
        stretches=_stretches(compared, pair, exercises, name),
    )


def _render(template: str, **values: Any) -> str:
    return (
        environment()
        .get_template(template)
        .render(version=__version__, style=Markup(style()), policy=policy(), **values)
    )


def _namer(names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda key: line(names.get(key) or key, 80)


def _because(pair: Pair) -> list[str]:
    """What stands out, in words."""
    words = {CODE: "the code as a whole", TEXTS: "written answers"}
    return [words.get(what, what) for what in pair.because]


def _bars(compared: Compared) -> list[Bar]:
    """The distribution in steps of two percent."""
    step = 100 // len(compared.bins)
    return [
        Bar(at * step, (at + 1) * step, count, at * step >= 100 * compared.threshold - step)
        for at, count in enumerate(compared.bins)
    ]


# ---------------------------------------------------------------------------------- side by side


def _stretches(
    compared: Compared, pair: Pair, exercises: Mapping[str, Exercise], name: Callable[[str], str]
) -> list[Stretch]:
    """The exercises, each with its passages, those that stand out first; then what is in no exercise."""
    first, second = compared.prints[pair.first], compared.prints[pair.second]
    found: list[Stretch] = []
    for written, all_passages, theirs in (
        (False, pair.code, (first.code, second.code)),
        (True, pair.words, (first.texts, second.texts)),
    ):
        numbered = list(enumerate(all_passages, start=1))
        for id in [*exercises, ""]:
            here = [each for each in numbered if theirs[0][each[1].first.piece].exercise == id]
            if not here:
                continue
            letter = "t" if written else "c"
            marks = (
                [(f"{letter}{number}", "a", "b", passage.first) for number, passage in here],
                [(f"{letter}{number}", "b", "a", passage.second) for number, passage in here],
            )
            sides = [
                Side(name(key), _marked(pieces, side_marks, written))
                for key, pieces, side_marks in zip((pair.first, pair.second), theirs, marks, strict=True)
            ]
            found.append(
                Stretch(
                    title=f"{id} {exercises[id].title}" if id else "Cells that belong to no exercise",
                    share=None if written else pair.exercises.get(id),
                    stands_out=(TEXTS if written else id) in pair.because,
                    written=written,
                    sides=(sides[0], sides[1]),
                )
            )
    return sorted(found, key=lambda stretch: not stretch.stands_out)


_Mark = tuple[str, str, str, Span]  # name of the passage, this side, the other side, where


def _marked(pieces: Sequence[Piece], marks: Sequence[_Mark], written: bool) -> tuple[tuple[str, Markup], ...]:
    """The pieces that have passages, as text in which each passage is a link to its other half."""
    room = _LIMIT
    shown: list[tuple[str, Markup]] = []
    for number in sorted({mark[3].piece for mark in marks}):
        here = sorted((mark for mark in marks if mark[3].piece == number), key=lambda mark: mark[3].start)
        text = _with_links(pieces[number].source, here, body if written else code, room)
        room = max(room - len(text), 2_000)
        shown.append((line(pieces[number].label, 60), text))
    return tuple(shown)


def _with_links(source: str, marks: Sequence[_Mark], clean: Callable[[str], str], room: int) -> Markup:
    """The source around its passages. Every part of it is cut out first, then cleaned, then escaped."""
    parts: list[Markup] = []
    at = 0
    for number, (passage, this, other, span) in enumerate(marks):
        between = source[at : span.start]
        parts.append(Markup("{}").format(clean(_gap(between, first=number == 0))))
        text = source[max(span.start, at) : span.end]  # two passages may have a few tokens in common
        note = ""
        if len(text) > room:
            text, note = text[: max(room, 200)], " … shortened"
        room -= len(text)
        parts.append(
            Markup('<a class="passage p{}" id="{}{}" href="#{}{}"><sup>{}</sup>{}{}</a>').format(
                int(passage[1:]) % 6, passage, this, passage, other, passage[1:], clean(text), note
            )
        )
        at = max(at, span.end)
    parts.append(Markup("{}").format(clean(_gap(source[at:], last=True))))
    return Markup("").join(parts)


def _gap(text: str, first: bool = False, last: bool = False) -> str:
    """What stands between two passages, without its middle where that is long."""
    rows = [row if len(row) <= 500 else row[:500] + "…" for row in text.split("\n")]
    if first and len(rows) > _CONTEXT:
        return "…\n" + "\n".join(rows[-_CONTEXT:])
    if last and len(rows) > _CONTEXT:
        return "\n".join(rows[:_CONTEXT]) + "\n…"
    if len(rows) > 2 * _CONTEXT:
        return "\n".join([*rows[:_CONTEXT], "…", *rows[-_CONTEXT:]])
    return "\n".join(rows)
