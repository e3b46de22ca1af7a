"""Whatever is handed in, ``read`` and ``assign`` give a submission or one line that says what is wrong.

10,100 spoilt files, the same ones as long as the code is the same (hypothesis borrows constants from it).
``GRADER_FUZZ=10`` takes ten times as many, new ones each time;
what it finds is mended, and gets a test with a name of its own in ``test_fuzz_found.py``.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import (
    EXERCISES,
    NOTEBOOKS,
    scripts,
    spoilt_bytes,
    spoilt_notebooks,
    strange_tars,
    strange_zips,
)
from packing import HOMEWORK, tarred, zipped

from grader.nouns import BadInput, Submission
from grader.read import read
from grader.read.belonging import assign, attempted, written_answers

MORE = int(os.environ.get("GRADER_FUZZ", "0"))
CPU_S = 10.0  # for one file of some kilobytes; milliseconds are usual
MEMORY = 400 * 2**20  # bytes by which the whole may grow

Test = TypeVar("Test", bound=Callable[..., None])


def files(number: int) -> Callable[[Test], Test]:
    """How many a test looks at: the same every time, or more and new ones if ``GRADER_FUZZ`` says so."""
    return settings(
        max_examples=number * max(MORE, 1),
        derandomize=not MORE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module", autouse=True)
def memory_stays_bounded() -> Iterator[None]:
    before = peak()
    yield
    assert peak() - before < MEMORY


@pytest.fixture(scope="module", autouse=True)
def nbformat_is_quiet() -> Iterator[None]:
    """It logs what it finds wrong, lone surrogates included, which pytest-xdist cannot send with a report."""
    logger = logging.getLogger("traitlets")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


def peak() -> int:
    """Bytes that this process had in memory at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def check(path: Path, data: bytes) -> None:
    """Read a file and give its cells away, as grading does, and look at what came of it."""
    path.write_bytes(data)
    begin = time.process_time()
    try:
        submission = read(path, exercises=EXERCISES)
    except BadInput as error:
        message = str(error)
        assert message.isprintable()
        assert path.name in message
        assert len(message) < 1_000
    else:
        look_at(submission)
    assert time.process_time() - begin < CPU_S


def look_at(submission: Submission) -> None:
    assigned = assign(submission, EXERCISES)
    assert attempted(submission, EXERCISES) <= EXERCISES.keys()
    for exercise in EXERCISES.values():
        for name, text in written_answers(assigned, exercise).items():
            assert name in exercise.answers
            text.encode()
    assert [cell.index for cell in assigned.cells] == list(range(len(assigned.cells)))
    assert len({cell.id for cell in assigned.cells}) == len(assigned.cells)
    for cell in assigned.cells:
        cell.source.encode()  # nothing that a socket or a file could not take
        assert "\r" not in cell.source
    assert all(note.isprintable() and len(note) < 1_000 for note in submission.notes)
    for path in submission.files:
        assert not path.startswith("/")
        assert not {"..", ".", ""} & set(path.split("/"))
        assert "\\" not in path
        assert len(path.encode()) <= 1_000


@files(3_600)
@given(data=spoilt_notebooks())
def test_notebooks_of_a_strange_structure(folder: Path, data: bytes) -> None:
    check(folder / "a.ipynb", data)


TEXTS = [json.dumps(notebook, indent=1).encode() for notebook in NOTEBOOKS]
EXAMPLE = (Path(__file__).parents[2] / "examples" / "submission.ipynb").read_bytes()


@files(2_000)
@given(data=spoilt_bytes([*TEXTS, EXAMPLE]) | st.binary(max_size=200))
def test_notebooks_with_strange_bytes(folder: Path, data: bytes) -> None:
    check(folder / "a.ipynb", data)


@files(1_500)
@given(data=scripts | st.binary(max_size=100))
def test_scripts(folder: Path, data: bytes) -> None:
    check(folder / "a.py", data)


@files(1_500)
@given(data=strange_zips() | strange_tars())
def test_archives_with_strange_members(folder: Path, data: bytes) -> None:
    check(folder / "a.zip", data)


ARCHIVES = [
    zipped(HOMEWORK),
    zipped(HOMEWORK, 0),
    *(tarred(HOMEWORK, mode) for mode in ("w", "w:gz", "w:bz2", "w:xz")),
]


@files(1_500)
@given(data=spoilt_bytes(ARCHIVES))
def test_archives_with_strange_bytes(folder: Path, data: bytes) -> None:
    check(folder / "a.tar.gz", data)
