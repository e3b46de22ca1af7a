"""Where a gradebook is: a file or a server, and how to speak of it without telling its password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from grader.nouns import BadInput
from grader.write.safe import line

FILE = "gradebook.db"
FORM = "postgresql://USER:PASSWORD@HOST/DATABASE"
_SCHEME = re.compile(r"([A-Za-z][\w+.-]*)://")


@dataclass(frozen=True, slots=True)
class Address:
    """A gradebook's place."""

    url: URL = field(repr=False)
    shown: str  # for messages: no password in it
    file: Path | None  # None: on a server

    def without_secrets(self, message: object) -> str:
        """What a driver said, in one line, with the password blotted out should it be in there."""
        said = str(message)
        secrets = [
            self.url.password,
            *(self.url.query[name] for name in self.url.query if "password" in name),
        ]
        for secret in secrets:
            for text in (secret,) if isinstance(secret, str) else secret or ():
                said = said.replace(text, "***") if text else said
        return line(said, 300)


def address_of(where: Path | str) -> Address:
    """A path (of the file, or of a folder for its ``gradebook.db``) or a URL.

    Raises BadInput for a URL that is malformed or of a database that is not supported.
    """
    text = str(where)
    scheme = None if isinstance(where, Path) else _SCHEME.match(text)
    if scheme is None:
        return _of_file(Path(where))
    kind = scheme[1].lower()
    if kind == "sqlite":  # sqlite:///relative.db, sqlite:////absolute.db
        path = text[scheme.end() :].removeprefix("/")
        if not path or path == ":memory:" or "?" in path:
            raise BadInput("a gradebook in SQLite is a file: give its path, e.g. graded/gradebook.db")
        return _of_file(Path(path))
    if kind not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise BadInput(
            f"{line(kind, 40)}:// is no gradebook; give the path of a file (SQLite) or {FORM} (PostgreSQL)"
        )
    try:
        url = make_url(text).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        # The reason that SQLAlchemy gives may quote the address, and with it the password.
        raise BadInput(f"the address of the gradebook cannot be read; it must look like {FORM}") from None
    if "@" in (url.host or ""):
        raise BadInput(f"write @ in the password of the gradebook's address as %40, so that it reads {FORM}")
    if not url.database:
        raise BadInput(f"the address of the gradebook names no database; it must look like {FORM}")
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return Address(url, line(shown.render_as_string(), 120), None)


def _of_file(path: Path) -> Address:
    path = path / FILE if path.is_dir() else path
    return Address(URL.create("sqlite", database=str(path.absolute())), line(str(path), 300), path)
