"""Gradebook -> files: what a student's folder holds, written from what the gradebook keeps."""

from __future__ import annotations

from pathlib import Path

from grader.gradebook import Gradebook
from grader.nouns import Attempt
from grader.write.files import write_whole

SHOWN = ("report.html", "grade.json", "executed.ipynb")
MARK = ".attempt"  # holds which attempt the files are of


def publish(book: Gradebook, assignment: str, attempt: Attempt, results: Path) -> None:
    """Write an attempt's files, unless they are there. Killed in between, it is made good by the next run."""
    if not attempt.folder:
        return
    folder = results / attempt.folder
    mark = folder / MARK
    wanted = f"{attempt.key} {attempt.generation}\n"
    try:
        if mark.read_text(encoding="utf-8") == wanted:
            return
    except (OSError, UnicodeDecodeError):
        pass  # not there yet
    documents = book.documents(assignment, attempt.student.id, attempt.key)
    folder.mkdir(parents=True, exist_ok=True)
    mark.unlink(missing_ok=True)
    for name in SHOWN:
        if name in documents:
            write_whole(folder / name, documents[name].decode("utf-8"))
        else:  # of an earlier attempt
            (folder / name).unlink(missing_ok=True)
    write_whole(mark, wanted)
