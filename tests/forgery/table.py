"""The table of docs/forgery.md, written from the tests: ``python tests/forgery/table.py``."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from lies import LIES  # noqa: E402
from verbs import VERBS, cell  # noqa: E402

DOCUMENT = ROOT / "docs" / "forgery.md"
BEGIN, END = "<!-- written by tests/forgery/table.py -->\n", "<!-- end -->\n"
MARKS = {"caught": "✓", "harmless": "=", "believed": "**w**", "pointless": "·"}


def table() -> str:
    """The verbs, the table, and the reasons of all cells that are not caught, as Markdown."""
    numbers = {name: n for n, name in enumerate(VERBS, 1)}
    lines = ["| | verb | demands |", "|---|---|---|"]
    lines += [f"| {numbers[verb.name]} | {verb.title} | {verb.demands} |" for verb in VERBS.values()]
    lines += ["", "| the lie | " + " | ".join(str(n) for n in numbers.values()) + " |"]
    lines += ["|---|" + ":-:|" * len(VERBS)]
    for lie in LIES.values():
        marks = [MARKS[cell(verb, lie)[0]] for verb in VERBS.values()]
        lines.append(f"| {lie.title} | " + " | ".join(marks) + " |")
    for outcome, heading in (
        ("believed", "What gets through, and why"),
        ("harmless", "What leaves the answer right"),
        ("pointless", "Where a lie has no point, and why"),
    ):
        lines += ["", f"### {heading}", ""]
        reasons: dict[tuple[str, str], list[str]] = {}
        for verb in VERBS.values():
            for lie in LIES.values():
                found, why = cell(verb, lie)
                if found == outcome:
                    reasons.setdefault((verb.title, why), []).append(lie.title)
        if outcome == "pointless":
            by_reason: dict[str, dict[str, list[str]]] = {}
            for (verb, why), lies in reasons.items():
                by_reason.setdefault(why, {})[verb] = lies
            for why, verbs in by_reason.items():
                lies = sorted({lie for found in verbs.values() for lie in found})
                lines.append(f"- **{why}**: {'; '.join(lies)} — against {', '.join(verbs)}.")
        else:
            lines += [f"- {verb}: {'; '.join(lies)} — {why}." for (verb, why), lies in reasons.items()]
    return "\n".join(lines) + "\n"


def write() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(before + BEGIN + "\n" + table() + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    write()
