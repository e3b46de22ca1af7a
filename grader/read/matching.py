"""Whose a submission is: what names of files tell, looked up in the roster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from grader.nouns import Student

# Letters that are no base letter with an accent, as people write them who lack the key.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
_APOSTROPHES = re.compile(r"['’`ʼ]")

_LOGINS = ("sis login id", "username", "user name", "user", "login", "login id", "sis user id", "student id",
           "id number", "idnumber", "student number", "matriculation number", "sid")  # fmt: skip
_CANVAS = ("id", "canvas id", "canvas user id", "user id")
_MOODLE = ("identifier", "participant", "participant number", "moodle id")
_TIMES = ("submitted", "submitted at", "submission time", "last modified (submission)")


@dataclass(frozen=True, slots=True)
class Match:
    """A student of the roster, and whether only the name says so; or why it is nobody."""

    student: Student | None
    by_name: bool = False
    why: str = ""


class Register:
    """The roster, looked up by what the names of files may tell."""

    def __init__(self, roster: Mapping[str, Student]) -> None:
        self._roster = roster
        self._found: dict[str, dict[str, set[str]]] = {}
        for id, student in roster.items():
            self._enter("id", id, id)
            self._enter("email", student.email, id)
            self._enter("local", student.email.partition("@")[0], id)
            self._enter("local", id.partition("@")[0] if "@" in id else "", id)
            self._enter("name", _sorted_name(student.name), id)
            for joined in _joined(student.name):
                self._enter("joined", joined, id)
            # Where a system's own number is all there is, it is the id as well.
            for heading, value in student.extra.items():
                column = re.sub(r"[\s_]+", " ", heading.casefold())
                if column in _LOGINS:
                    self._enter("login", value, id)
                if column in _CANVAS:
                    self._enter("canvas", value, id)
                if column in _MOODLE:
                    self._enter("moodle", _number(value), id)
            if student.id.casefold().startswith("participant "):
                self._enter("moodle", _number(student.id), id)

    def __bool__(self) -> bool:
        """Whether there is a roster at all."""
        return bool(self._roster)

    def _enter(self, kind: str, key: str, id: str) -> None:
        if key:
            self._found.setdefault(kind, {}).setdefault(_folded(key), set()).add(id)

    def plain(self, text: str) -> Match:
        """By the name of a folder or of a file without its suffix."""
        exact = self._first(("id", "email", "login", "local"), text)
        return exact if exact.student or exact.why else self._by_name(text)

    def moodle(self, number: str, name: str) -> Match:
        exact = self._first(("moodle",), number)
        return exact if exact.student or exact.why else self._by_name(name)

    def canvas(self, number: str, name: str) -> Match:
        """By Canvas's number. A roster without such numbers may have them as ids, if the name agrees."""
        exact = self._first(("canvas",), number)
        if exact.student or exact.why:
            return exact
        by_name = self._by_name(name)
        if "canvas" not in self._found:
            by_id = self._first(("id",), number)
            if by_id.student and (not by_id.student.name or by_id.student == by_name.student):
                return by_id
        if by_name.student is None and not by_name.why:
            return self._first(("id", "login", "local"), name)
        return by_name

    def _by_name(self, name: str) -> Match:
        for kind, key in (("name", _sorted_name(name)), ("joined", "".join(_words(name)))):
            found = self._first((kind,), key)
            if found.student or found.why:
                return Match(found.student, found.student is not None, found.why)
        return Match(None)

    def _first(self, kinds: Iterable[str], key: str) -> Match:
        for kind in kinds:
            ids = self._found.get(kind, {}).get(_folded(key), set()) if key else set[str]()
            if len(ids) == 1:
                return Match(self._roster[next(iter(ids))])
            if ids:
                return Match(None, why=f"fits {len(ids)} students of the roster")
        return Match(None)


def submitted_at(student: Student) -> datetime | None:
    """When the student handed in, where a column of the roster says so in full, with the time zone."""
    for heading, value in student.extra.items():
        if re.sub(r"[\s_]+", " ", heading.casefold()) in _TIMES:
            try:
                found = datetime.fromisoformat(re.sub(r" (?=[+-]\d\d:?\d\d$)", "", value))
            except ValueError:
                continue
            if found.tzinfo is not None:
                return found
    return None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _number(text: str) -> str:
    """ "Participant 123456" is 123456."""
    match = re.fullmatch(r"(?:participant\s*)?([0-9]{1,18})", text.strip(), re.IGNORECASE)
    return match[1] if match else ""


def _words(name: str) -> list[str]:
    """The words of a name without case, accents, punctuation and what cannot be seen."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", name).casefold().translate(_LETTERS))
    kept = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    return re.findall(r"[^\W_]+", kept)


def _sorted_name(name: str) -> str:
    """The same whichever of first and last name stands first."""
    return " ".join(sorted(_words(name)))


def _joined(name: str) -> set[str]:
    """Canvas writes ``lovelaceada``. Where the last name begins is not known, so every place is tried."""
    words = _words(name)
    return {"".join(words[turn:] + words[:turn]) for turn in range(len(words))}
