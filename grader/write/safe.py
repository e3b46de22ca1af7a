"""What a student wrote, made harmless before anybody's screen shows it.

The functions here return plain text. None of them escapes HTML: that is the templates' work, and
markupsafe does it. What they take away is what escaping leaves in: terminal escapes, control characters,
characters that cannot be seen, and characters that turn the text around them the other way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

# CSI, OSC, the other string sequences, and the two-character ones; also CSI as a single C1 character.
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

# Embeddings and overrides reach past the place where they stand. The isolates, and the marks that
# Hebrew and Arabic writers need (U+200E, U+200F), do not.
_OVERRIDE = re.compile(r"[\u202a-\u202e]")

# Unicode's Default_Ignorable_Code_Point without the variation selectors of emoji, and the blank letters.
_HIDDEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800"
    r"\u3164\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINERS = "\u200c\u200d"


def strip_ansi(text: str) -> str:
    """The text without terminal escape sequences."""
    return _ANSI.sub("", text)


def storable(text: str) -> str:
    """The text as any JSON reader and any database takes it: no lone surrogate, no NUL."""
    return _SURROGATE.sub("\ufffd", text).replace("\x00", "␀")


def body(text: str) -> str:
    """Prose or printed output of several lines, as it would look on a terminal, minus its power over one.

    Direction marks and joiners stay, since Hebrew, Arabic, Persian and emoji need them; overrides are shown.
    """
    lines = strip_ansi(text).replace("\r\n", "\n").split("\n")
    # A progress bar redraws its line after each carriage return; what is left on screen is the last one.
    kept = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return _OVERRIDE.sub(_named, _tame(kept))


def code(text: str) -> str:
    """Source code: every invisible character is shown by its number, so that what is read is what runs."""
    return _HIDDEN.sub(_named, _tame(text.replace("\r\n", "\n").replace("\r", "\n")))


def line(text: str, limit: int = 200) -> str:
    """One line of at most ``limit`` characters, for names and for the cells of a table.

    Invisible characters and direction marks appear as ⟨U+202E⟩, so that two names that look alike differ.
    """
    # The cut comes first: the rest is linear, but a message may be megabytes long.
    flat = " ".join(strip_ansi(text[: limit * 20]).split())
    shown = _HIDDEN.sub(_named_unless_joining, _tame(flat))
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Cut:
    """The head of a long text, and a sentence about the rest of it (empty where nothing is missing)."""

    text: str
    note: str


def cut(
    text: str, clean: Callable[[str], str], characters: int = 8_000, lines: int = 200, width: int = 1_000
) -> Cut:
    """Clean the head of a text: so many characters, lines, characters a line. The note tells of the rest."""
    # What is cleaned is cut first: a flood of output may be a gigabyte of characters that need cleaning.
    whole = clean(text[: characters * 8])
    rows = whole[: characters + 1].split("\n")
    kept = [row if len(row) <= width else row[:width] + "…" for row in rows[:lines]]
    shown = "\n".join(kept)
    if len(shown) > characters:
        shown = shown[:characters] + "…"
    if shown == whole and len(text) <= characters * 8:
        return Cut(shown, "")
    return Cut(shown, f"Shortened: {len(text):,} characters in {text.count(chr(10)) + 1:,} lines in all.")


def _tame(text: str) -> str:
    """Control characters as their pictures (NUL as ␀), lone surrogates as the replacement character."""
    return _CONTROL.sub(_picture, _SURROGATE.sub("\ufffd", text))


def _picture(match: re.Match[str]) -> str:
    code_point = ord(match[0])
    if code_point == 0x7F:
        return "␡"
    return chr(0x2400 + code_point) if code_point < 0x20 else _named(match)


def _named(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


def _named_unless_joining(match: re.Match[str]) -> str:
    """A joiner is spelling after an Arabic letter and after an Indic virama; elsewhere it hides."""
    before = match.string[match.start() - 1] if match.start() else " "
    if match[0] in _JOINERS and (
        unicodedata.bidirectional(before) == "AL" or unicodedata.combining(before) == 9
    ):
        return match[0]
    return _named(match)
