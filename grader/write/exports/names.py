"""A student's name or id -> a name in an archive or a folder, that leads nowhere else and fits every file system."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from grader.write.exports.spreadsheet import flat

MAX_BYTES = 120  # of UTF-8; a file system takes 255, and Moodle puts more behind it

# What some file system or shell takes for more than a letter; a tilde is what marks a changed name.
_SPECIAL = re.compile(r'[/\\:*?"<>|~\x7f]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def safe_name(text: str) -> str:
    """The text as the name of one file or folder. It never is empty or a path, and no dot or dash stands first.

    Different texts may come out alike; :func:`own_names` tells them apart.
    """
    name = _SPECIAL.sub("-", unicodedata.normalize("NFC", flat(text, 500)))
    name = name.encode("utf-8")[:MAX_BYTES].decode("utf-8", "ignore").strip(" .-")
    return f"student {name}".rstrip() if not name or _DEVICE.fullmatch(name) else name


def own_names(ids: Iterable[str]) -> dict[str, str]:
    """A name for each id, as safe_name has it, and no two alike, not even where case does not count.

    An id that had to be changed, or that another one resembles, gets a mark that no other id can have.
    """
    names = {id: safe_name(id) for id in ids}
    alike = Counter(name.casefold() for name in names.values())
    return {
        id: name if name == id and alike[name.casefold()] == 1 else f"{name}~{_mark(id)}"
        for id, name in names.items()
    }


def _mark(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
