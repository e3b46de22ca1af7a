"""What the roster said of a student in a column, by its name in the file of the learning-management system."""

from __future__ import annotations

from grader.nouns import Student


def column(student: Student, name: str) -> str:
    """What stands there, empty if nothing does. Case does not count: ``Maximum grade`` is ``Maximum Grade``."""
    wanted = plain(name)
    return next((value.strip() for key, value in student.extra.items() if plain(key) == wanted), "")


def plain(name: str) -> str:
    """A column's name as names are compared."""
    return " ".join(name.replace("\ufeff", "").split()).casefold()
