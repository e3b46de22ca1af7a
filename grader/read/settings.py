"""A TOML file that a person wrote, read with care: every mistake is one line that says how to mend it."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

from grader.nouns import BadInput
from grader.read.file import own_bytes, shown
from grader.sizes import parse_size

MAX_BYTES = 2**20
_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(m|min|mins|minutes?|h|hours?|d|days?)", re.ASCII)
_UNITS = {"m": 60, "h": 3600, "d": 86400}  # seconds
_SHOWN = 60  # characters of a value in a message


def read_settings(path: Path) -> Table:
    """The top-level table of a TOML file.

    Raises:
        BadInput: there is no such file, or it is no TOML.
    """
    where = shown(path)
    data = own_bytes(path, MAX_BYTES)
    try:
        return Table(where, "", tomllib.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: is not UTF-8 text (at byte {error.start}); save it as UTF-8") from None
    except (ValueError, RecursionError) as error:  # tomllib's own is a ValueError
        why = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise BadInput(f"{where}: is not TOML ({shown(why)[:200]}); correct it there") from None


class Table:
    """One table of the file. What is taken from it has the right type, or ``BadInput`` is raised."""

    def __init__(self, where: str, name: str, values: Mapping[str, Any], zone: str | None = None) -> None:
        self.where = where
        self.name = name
        self.values = values
        self.zone = zone  # of times that have no offset

    def only(self, known: Iterable[str]) -> None:
        """Raises BadInput where there is a key that means nothing."""
        known = list(known)
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"means nothing here{meant(key, known)}")

    def wrong(self, key: str, why: str) -> BadInput:
        spelled = key if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) else f'"{clipped(key)}"'
        name = f"[{self.name}] {spelled}" if self.name else spelled
        return BadInput(f"{self.where}: {name} {why}")

    def table(self, key: str) -> Table:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"is {told(value)}; make it a table: [{key}]")
        return Table(self.where, key, cast("dict[str, Any]", value), self.zone)

    def text(self, key: str, default: str) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.wrong(key, f"is {told(value)}; write one line of text in quotes")
        return value.strip()

    def choice(self, key: str, options: Iterable[str], default: str) -> str:
        value, options = self.values.get(key, default), list(options)
        if not isinstance(value, str) or value not in options:
            listed = ", ".join(f'"{option}"' for option in options)
            raise self.wrong(key, f"is {told(value)}; write one of {listed}{meant(value, options)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in cast("list[Any]", value)):
            raise self.wrong(key, f'is {told(value)}; write a list of texts: ["…", "…"]')
        return tuple(cast("list[str]", value))

    def whole(self, key: str, default: int | None, least: int, most: int) -> int | None:
        value = self.values.get(key, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(key, f"is {told(value)}; write a whole number from {least} to {most:,}")
        return value

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self.values.get(key, default)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or not least <= value <= most
        ):
            raise self.wrong(key, f"is {told(value)}; write a number from {least:g} to {most:,.10g}")
        return float(value)

    def truth(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, f"is {told(value)}; write true or false")
        return value

    def size(self, key: str, default: int, least: int) -> int:
        try:
            return parse_size(self.values.get(key, default), least)
        except ValueError as error:
            raise self.wrong(key, f"is not possible: {clipped(str(error), 200)}") from None

    def span(self, key: str) -> timedelta:
        """``"15 min"``, ``"2 hours"``; a number alone is minutes."""
        value = self.values.get(key, "0 min")
        plain = not isinstance(value, bool) and isinstance(value, int | float)
        text = f"{value} min" if plain else value
        match = _SPAN.fullmatch(text.strip().lower()) if isinstance(text, str) else None
        if match is None:
            raise self.wrong(key, f'is {told(value)}; write "15 min", "2 hours" or "1 day"')
        return timedelta(seconds=float(match[1]) * _UNITS[match[2][0]])

    def moment(self, key: str) -> datetime | None:
        """A point in time, with a time zone of fixed offset; that of the file where it has none itself."""
        value = self.values.get(key)
        if value is None:
            return None
        example = "2026-11-20T23:59:00+02:00"
        if not isinstance(value, datetime):
            hint = f", e.g. {value}T23:59:00" if isinstance(value, date) else ", without quotes"
            raise self.wrong(key, f"is {told(value)}; write date and time, like {example}{hint}")
        if value.tzinfo is None:
            if self.zone is None:
                raise self.wrong(key, f"is {value}, and nothing says where; write {example}, or set timezone")
            value = value.replace(tzinfo=zoneinfo.ZoneInfo(self.zone))
        # Between two times of one zone Python counts by the clock on the wall, which goes wrong by an hour
        # where summer time ends in between. With a fixed offset it counts what has passed.
        try:
            offset = value.utcoffset()
            assert offset is not None
            value.astimezone(timezone.utc)  # noqa: UP017
        except OverflowError:
            raise self.wrong(key, f"is {value}, out of all bounds; write a date like {example}") from None
        return value.replace(tzinfo=timezone(offset), fold=0)

    def timezone(self, key: str) -> str | None:
        """The name of a time zone that this machine knows."""
        value = self.values.get(key)
        if value is None:
            return None
        try:
            return zoneinfo.ZoneInfo(value).key
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
            names = zoneinfo.available_timezones()
            hint = meant(value, names) or "; write one like Asia/Jerusalem"
            raise self.wrong(key, f"is {told(value)}, no time zone that is known{hint}") from None


def told(value: Any) -> str:
    """A value for a message, as TOML would have it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return f'"{clipped(value)}"' if isinstance(value, str) else clipped(str(value))


def clipped(text: str, most: int = _SHOWN) -> str:
    clear = shown(text[: most + 1])
    return clear if len(text) <= most else clear[:most] + "…"


def meant(value: object, known: Iterable[str]) -> str:
    """ "; did you mean …?", where there is something like it."""
    if not isinstance(value, str) or len(value) > 200:
        return ""
    close = difflib.get_close_matches(value, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
