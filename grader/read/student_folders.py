"""A name for each student's folder of results that every file system takes, and no two students share."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from grader.nouns import Student

MOST = 80  # characters
_HASH = 12  # of them; 48 bits: to make an id whose folder is another student's takes longer than a course
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", re.ASCII)
_HASHED = re.compile(rf"-[0-9a-f]{{{_HASH}}}\Z", re.ASCII)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.ASCII)


def folder_name(student: Student) -> str:
    """The folder of the student's results: the id where that will do, else what is left of it and a digest.

    It depends on the id alone, so it is the same in every run, whoever else is in the class. It has lower-case
    ASCII letters, digits, "-", "_" and "."; it begins and ends with none of those three.
    """
    id = student.id
    # What ends like one of ours could be somebody else's folder.
    if _PLAIN.fullmatch(id) and len(id) <= MOST and not _RESERVED.fullmatch(id) and not _HASHED.search(id):
        return id
    digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
    plain = unicodedata.normalize("NFKD", id).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: MOST - _HASH - 1].strip("-")
    return f"{words or 'student'}-{digest}"
