"""What the table knows of a verb, and the usual reasons why a lie has no point."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lies import PRELUDE, Lie

Outcome = Literal["caught", "believed", "harmless", "pointless"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb, or one declared check, with the check that stands for it."""

    name: str
    title: str
    demands: str
    source: str
    check: Callable[..., None]
    lacks: Mapping[str, str] = field(default_factory=dict[str, str])
    believed: Mapping[str, str] = field(default_factory=dict[str, str])
    harmless: Mapping[str, str] = field(default_factory=dict[str, str])
    variable: bool = False  # whether the answer is a value, not a function
    solution: Any = None  # what a clock compares with
    restarts: bool = False  # whether its check asks for fresh processes, so that each lie needs its own


def cell(verb: Verb, lie: Lie) -> tuple[Outcome, str]:
    """What becomes of a lie against a verb, and why it is not caught where it is not."""
    if lie.name in verb.believed:
        return "believed", verb.believed[lie.name]
    if lie.name in verb.harmless:
        return "harmless", verb.harmless[lie.name]
    if lie.only:
        return ("caught", "") if verb.name in lie.only else ("pointless", lie.why_only)
    for aspect in lie.needs:
        if aspect in verb.lacks:
            return "pointless", verb.lacks[aspect]
    return "caught", ""


def all_in_one(verb: Verb, lies: list[Lie]) -> str:
    """One source with many answers that lie; ``choose(name)`` makes one of them ``answer``."""
    call = "()" if verb.variable else ""
    parts = [f"{PRELUDE}{verb.source}"]
    for lie in lies:
        body = textwrap.indent(f"{lie.source}\nreturn forge(honest, wrong){call}", "    ")
        parts.append(f"def lie_{lie.name}():\n{body}")
    parts.append('def choose(name):\n    globals()["answer"] = globals()["lie_" + name]()')
    return "\n".join(parts) + "\n"


def source_of(verb: Verb, lie: Lie | None = None) -> str:
    """What the student hands in: an honest answer, or one that lies."""
    call = "()" if verb.variable else ""
    if lie is None:
        return f"{PRELUDE}{verb.source}\nanswer = honest{call}\n"
    ending = f"answer = forge(honest, wrong){call}\n" if "def forge(" in lie.source else ""
    return f"{PRELUDE}{verb.source}\n{lie.source}\n{ending}"


# ------------------------------------------------------------------------- why a lie has no point

FRESH = "a copy arrives in every call: no object is seen twice"
NOT_RANDOM = "the answer draws nothing"
NOT_TIMED = "no time is measured"
NO_DICTIONARY = "the result is no dictionary"
NO_PLAIN = "the result is a tensor: a plain value is refused as such"
USUAL = {
    "same object": FRESH,
    "random": NOT_RANDOM,
    "time": NOT_TIMED,
    "dictionary": NO_DICTIONARY,
    "plain": NO_PLAIN,
}
ONE_NUMBER = {
    "elements": "the result is one number",
    "dtype": "a number of any kind is taken",
}
NOT_A_TENSOR = "the result is no tensor, and one is refused as such"


def without(*aspects: str, because: str) -> dict[str, str]:
    return dict.fromkeys(aspects, because)


OF_RESULTS = ("numbers", "elements", "precision", "dtype", "tensor", "plain", "result", "dictionary")
