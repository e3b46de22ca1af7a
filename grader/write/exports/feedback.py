"""ClassGrades and reports -> archives to hand back: one zip per student, or one that Moodle takes for all.

Moodle's (https://docs.moodle.org/en/Assignment_settings, "Feedback files"; read by mod/assign/feedback/file) has the
layout that Moodle itself writes when submissions are downloaded: a folder ``Full Name_123456_assignsubmission_file_``
per student, of which it reads the number. "Upload multiple feedback files in a zip" gives each student what is in it.

Archives with the same content are the same, byte for byte: order, times and rights are fixed. They are written as they
are made, so a class of any size fits into memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.nouns import BadInput, ClassGrades, Student
from grader.write.exports.moodle import participants
from grader.write.exports.names import own_names, safe_name
from grader.write.exports.sheet import Sheet
from grader.write.files import whole_file

REPORT = "report.html"

# (student's id, name of the document) -> its bytes, or None if there is none
Documents = Callable[[str, str], bytes | None]


def write_feedback(grades: ClassGrades, documents: Documents, folder: Path) -> int:
    """Write ``folder/ID.zip`` with report.html for each student who has one; how many there were.

    The folder is made where it is missing. Raises BadInput where nobody has a report, or it cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"{folder}: cannot be made ({why}); choose another folder with --out.") from error
    names = own_names(attempt.student.id for attempt in grades.attempts)
    count = 0
    for student in _students(grades):
        for report in _reports([(REPORT, student)], documents):
            _write_zip(folder / f"{names[student.id]}.zip", iter([report]))
            count += 1
    return _some(count)


def write_moodle_feedback(
    grades: ClassGrades, documents: Documents, path: Path, sheet: Sheet | None = None
) -> int:
    """Write the archive that Moodle takes, of all students whose number Moodle told; how many there were.

    Raises BadInput where there is none, where two have the same number, or where ``path`` cannot be written; ``path``
    is then as it was.
    """
    numbers = participants(grades, sheet)
    if not numbers:
        raise BadInput("No student has an Identifier of Moodle's: give its grading worksheet with --roster.")
    members = [
        (f"{moodle_folder(attempt.student, number)}/{REPORT}", attempt.student)
        for number, attempt in numbers.items()
    ]
    return _some(_write_zip(path, _reports(members, documents)))


def moodle_folder(student: Student, number: str) -> str:
    """``Full Name_123456_assignsubmission_file_``. Moodle cuts it at underscores, so the name must have none."""
    name = safe_name((student.name or student.id).replace("_", " "))
    return f"{name}_{number}_assignsubmission_file_"


def _students(grades: ClassGrades) -> list[Student]:
    return sorted((attempt.student for attempt in grades.attempts), key=lambda student: student.id)


def _reports(members: list[tuple[str, Student]], documents: Documents) -> Iterator[tuple[str, bytes]]:
    """The reports that there are, with their names in the archive, one at a time."""
    for name, student in members:
        report = documents(student.id, REPORT)
        if report is not None:
            yield name, report


def _write_zip(path: Path, members: Iterator[tuple[str, bytes]]) -> int:
    count = 0
    with (
        whole_file(path) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        for name, data in members:
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, data)
            count += 1
        _some(count)  # an archive of nothing is not written
    return count


def _some(count: int) -> int:
    if not count:
        raise BadInput("No student has a report to hand back: grade the class first.")
    return count
