from __future__ import annotations

import unicodedata

import pytest
from hostile_text import ARABIC, HEBREW, HOSTILE, LONG_LINE
from hypothesis import given
from hypothesis import strategies as st

from grader.write.safe import body, code, cut, line, storable, strip_ansi

ANY_TEXT = st.text(st.characters(codec=None), max_size=300)
OVERRIDES = {chr(c) for c in range(0x202A, 0x202F)}


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;5;196;1mred", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;https://example.invalid\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("\x1bPquery\x1b\\answer", "answer"),
        ("\x1bcreset", "reset"),
        ("\x1b(Bset", "set"),
        ("plain [31m", "plain [31m"),
    ],
)
def test_terminal_sequences_vanish(raw: str, left: str) -> None:
    assert strip_ansi(raw) == left


def test_an_unfinished_sequence_cannot_reach_a_terminal() -> None:
    assert "\x1b" not in body("\x1b[31")
    assert "\x1b" not in line("\x1b]0;never ended")


def test_body_keeps_what_hebrew_and_arabic_need() -> None:
    for text in (HEBREW, ARABIC, "א\u200eb\u200fג", "نمی\u200cخواهم", "👩\u200d🔬"):
        assert body(text) == text


def test_body_shows_the_last_state_of_a_progress_bar() -> None:
    assert body(" 10%|#\r 50%|##\r100%|####\ndone\r\n") == "100%|####\ndone\n"


def test_body_names_controls_and_overrides() -> None:
    assert body("a\x00b\x07c\x7f\x85\ud800\u202ed") == "a␀b␇c␡⟨U+0085⟩\ufffd⟨U+202E⟩d"


def test_code_shows_every_invisible_character() -> None:
    assert code("x = '\u202ea\u200b\u2066'  # \u00ad") == "x = '⟨U+202E⟩a⟨U+200B⟩⟨U+2066⟩'  # ⟨U+00AD⟩"


def test_line_tells_look_alike_names_apart() -> None:
    assert line("dana\u200b.ipynb") == "dana⟨U+200B⟩.ipynb" != line("dana.ipynb")
    assert line("exe\u202egpj") == "exe⟨U+202E⟩gpj"
    assert line("a\u2028b\u3164") == "a b⟨U+3164⟩"


def test_line_leaves_a_joiner_where_spelling_wants_it() -> None:
    assert line("علی\u200cرضا") == "علی\u200cرضا"
    assert line("क्\u200dष") == "क्\u200dष"
    assert line("da\u200cna") == "da⟨U+200C⟩na"
    assert line("\u200cdana") == "⟨U+200C⟩dana"


def test_line_flattens_and_cuts() -> None:
    assert line("a\n\tb   c\r\nd") == "a b c d"
    assert line("x" * 500, 10) == "xxxxxxxxx…"
    assert len(line(LONG_LINE)) == 200
    assert "\n" not in line(HOSTILE)


def test_cut_says_how_much_there_was() -> None:
    assert cut("short", body).note == ""
    shown = cut("a\n" * 500, body, lines=3)
    assert shown.text == "a\na\na"
    assert "1,000 characters in 501 lines" in shown.note
    assert cut(LONG_LINE, body, width=5).text == "01234…"
    assert cut("\x1b[0m" * 30_000, body).note
    assert cut("a" * 100, body, characters=10).text == "a" * 10 + "…"


@given(ANY_TEXT)
def test_no_text_keeps_a_character_that_acts(text: str) -> None:
    for made in (body(text), code(text), line(text)):
        assert not [c for c in made if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
        assert not OVERRIDES & set(made)
        made.encode("utf-8")
    assert len(line(text, 40)) <= 40


@given(ANY_TEXT)
def test_storable_text_loses_nothing_else(text: str) -> None:
    stored = storable(text)
    stored.encode("utf-8")
    assert "\x00" not in stored
    assert len(stored) == len(text)
    assert all(
        a == b for a, b in zip(stored, text, strict=True) if b != "\x00" and not "\ud800" <= b <= "\udfff"
    )
