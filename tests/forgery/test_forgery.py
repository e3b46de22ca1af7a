"""Every verb of the authoring API against every lie that could fool it, in real worker processes.

Each cell of the table is a test: the lie fails the check with a message that helps, and an honest answer
passes the same check. Where a lie has no point, or gets through because the verb is only as strong as the
student's own process, the cell says why; what gets through is tested too, so that the table stays true.

    pytest tests/forgery/test_forgery.py -k "close-nan"
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

import pytest
from lies import DISGUISES, LIES, VALUES, Lie
from table import DOCUMENT, table
from verb import Verb, all_in_one, cell, source_of
from verbs import CELLS, VERBS
from workbench import Bench

import grader.authoring
from grader.authoring import CheckFailed, Clock, Inconclusive, Random, Student
from grader.examine.source import Sources

TESTED = [(verb, lie) for verb, lie in CELLS if cell(VERBS[verb], LIES[lie])[0] != "pointless"]
TRIES = 3
INTERNALS = ("Handle", "grader.", "WireError", "Desk", "do_call", "Traceback")


def run(bench: Bench, verb: Verb, student: Student) -> None:
    """Put an answer through the verb's check."""

    def sibling() -> Any:
        return bench.shared(source_of(verb))

    available: dict[str, Any] = {
        "student": student,
        "rng": Random(verb.name, 1),
        "clock": Clock(sibling, verb.solution),
    }
    wanted = inspect.signature(verb.check).parameters
    for left in reversed(range(TRIES)):
        try:
            verb.check(**{name: available[name] for name in wanted})
            return
        except Inconclusive:  # a machine that is busy with something else; it costs a student nothing
            if not left:
                raise


def student_with(bench: Bench, verb: Verb, lie: Lie) -> Student:
    """An answer that lies. One that leaves its process as it was shares it with the others of the verb."""
    if verb.restarts or lie not in (*VALUES, *DISGUISES):
        return bench.student(source_of(verb, lie))
    shared = [other for other in (*VALUES, *DISGUISES) if cell(verb, other)[0] != "pointless"]
    source = all_in_one(verb, shared)
    link = bench.shared(source).choose.link
    student = Student(link, Sources([source]))
    student.choose(lie.name)
    return student


@functools.cache
def assert_honest_passes(bench: Bench, verb: str) -> None:
    run(bench, VERBS[verb], bench.student(source_of(VERBS[verb])))


@pytest.mark.parametrize("verb", [name for name in VERBS if name != "text"])
def test_the_honest_answer_passes_and_the_wrong_one_fails(bench: Bench, verb: str) -> None:
    assert_honest_passes(bench, verb)
    call = "()" if VERBS[verb].variable else ""
    with pytest.raises(CheckFailed):
        run(bench, VERBS[verb], bench.student(source_of(VERBS[verb]) + f"answer = wrong{call}\n"))


@pytest.mark.parametrize(("verb", "lie"), TESTED, ids=[f"{verb}-{lie}" for verb, lie in TESTED])
def test_the_lie_fails_and_the_honest_answer_passes(bench: Bench, verb: str, lie: str) -> None:
    assert_honest_passes(bench, verb)
    outcome, _ = cell(VERBS[verb], LIES[lie])
    student = student_with(bench, VERBS[verb], LIES[lie])
    if outcome != "caught":
        run(bench, VERBS[verb], student)  # it gets through, as the table says
        return
    with pytest.raises(CheckFailed) as caught:
        run(bench, VERBS[verb], student)
    message = caught.value.message
    assert 15 < len(message) < 2_000
    assert message.isprintable()
    for internal in INTERNALS:
        assert internal not in message, message


def test_no_cell_is_empty() -> None:
    for verb, lie in CELLS:
        outcome, why = cell(VERBS[verb], LIES[lie])
        assert (outcome == "caught") != bool(why), (verb, lie)
        assert "\n" not in why
    for verb in VERBS.values():
        assert {*verb.believed, *verb.harmless} <= set(LIES), verb.name
    for lie in LIES.values():
        assert set(lie.only) <= set(VERBS), lie.name
        assert any(cell(verb, lie)[0] == "caught" for verb in VERBS.values()) or lie.only, lie.name


NO_VERBS = {
    "CheckFailed", "Inconclusive", "Partly", "Skipped", "Outcome", "RaisedError", "Reference", "Student",
    "Random", "check", "fail", "partly", "Lab",
}  # fmt: skip  # they raise, carry or declare, and judge nothing themselves
CARRIERS = {
    "Forward", "Network", "Notes", "Parameter", "Replay", "Run", "Watched", "by_class", "curves", "data",
    "leave_gradients",
}  # fmt: skip  # data for a verb, or a picture of it: they judge nothing themselves
STANDS_FOR = {
    "Clock": "at_most", "Ratio": "at_most", "Gradients": "vjp", "Memory": "memory", "Handle": "handle",
    "Source": "source", "Feed": "feed", "drawn": "figure", "gradients": "parameters", "recorded": "same_run",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(grader.authoring.__all__) - NO_VERBS - CARRIERS))
def test_every_verb_of_the_authoring_api_is_in_the_table(name: str) -> None:
    assert STANDS_FOR.get(name, name) in VERBS


def test_the_documented_table_is_up_to_date() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), "run python tests/forgery/table.py"
