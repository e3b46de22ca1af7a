"""The table of docs/forgery.md, written from the tests: ``python tests/forgery/table.py``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from string import ascii_uppercase

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from lies import LIES  # noqa: E402
from verb import cell  # noqa: E402
from verbs import VERBS  # noqa: E402

DOCUMENT = ROOT / "docs" / "forgery.md"
BEGIN, END = "<!-- written by tests/forgery/table.py -->\n", "<!-- end -->\n"
MARKS = {"caught": "✓", "harmless": "=", "believed": "**w**", "pointless": "·"}
LETTERS = [*ascii_uppercase, *("A" + letter for letter in ascii_uppercase)]

Reasons = dict[str, dict[str, list[int]]]  # why -> letter of the verb -> numbers of the lies


def table() -> str:
    """The verbs, the table, and the reasons of all cells that are not caught, as Markdown."""
    letters = dict(zip(VERBS, LETTERS, strict=False))
    numbers = {name: n for n, name in enumerate(LIES, 1)}
    lines = ["| | verb | demands |", "|---|---|---|"]
    lines += [f"| {letters[verb.name]} | {verb.title} | {verb.demands} |" for verb in VERBS.values()]
    lines += ["", "| | the lie | " + " | ".join(letters.values()) + " |"]
    lines += ["|--:|---|" + ":-:|" * len(VERBS)]
    for lie in LIES.values():
        marks = [MARKS[cell(verb, lie)[0]] for verb in VERBS.values()]
        lines.append(f"| {numbers[lie.name]} | {lie.title} | " + " | ".join(marks) + " |")
    for outcome, heading in (
        ("believed", "What gets through (**w**), and why"),
        ("harmless", "What leaves the answer right (=), and why"),
        ("pointless", "Where a lie has no point (·), and why"),
    ):
        reasons: Reasons = {}
        for verb, lie in product(VERBS.values(), LIES.values()):
            found, why = cell(verb, lie)
            if found == outcome:
                by_verb = reasons.setdefault(why, {})
                by_verb.setdefault(letters[verb.name], []).append(numbers[lie.name])
        lines += ["", f"### {heading}", "", *(_line(why, by_verb) for why, by_verb in reasons.items())]
    return "\n".join(lines) + "\n"


def _line(why: str, by_verb: dict[str, list[int]]) -> str:
    """One reason, with its cells: verbs that share the same lies are named together."""
    together: dict[tuple[int, ...], list[str]] = {}
    for letter, lies in by_verb.items():
        together.setdefault(tuple(lies), []).append(letter)
    cells = "; ".join(f"{' '.join(letters)}: {_spans(lies)}" for lies, letters in together.items())
    return f"- {why} ({cells})"


def _spans(numbers: Iterable[int]) -> str:
    """ "1-4, 7"."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and n == spans[-1][-1] + 1:
            spans[-1].append(n)
        else:
            spans.append([n])
    return ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)


def write() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(before + BEGIN + "\n" + table() + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    write()
