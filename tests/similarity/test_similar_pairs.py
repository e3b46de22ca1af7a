"""Copies planted in a class of independent right answers come out on top; nobody else stands out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise

import numpy as np
import pytest
from planted_class import (
    alike,
    answers,
    exercises,
    handed_in,
    planted_class,
    renamed,
    stubs,
    with_dead_code,
)

from grader.catalogue import catalogue
from grader.notebook import make_notebook, prompt_text
from grader.nouns import Cell
from grader.similarity import fingerprints
from grader.similarity.fingerprints import our_code, prints_of
from grader.similarity.pairs import Compared, Pair, compare, similar_pairs
from grader.similarity.scores import COMMON_AT_LEAST, shares
from grader.similarity.tokens import MAX_CELL

ALL = catalogue()
MANY = [id for id in ALL if len(answers(id)) >= 9]  # exercises with nine answers that are not alike

ESSAY = (
    "The cost falls along the negative gradient, and a step that is too long jumps across the valley to a place "
    "that lies higher than where it came from, so the next gradient is longer still and the training diverges."
)


@pytest.fixture(scope="module")
def compared() -> Compared:
    students, _ = planted_class(MANY)
    work = [(key, handed_in(each)) for key, each in students]
    work += [
        ("empty", handed_in({})),
        ("stub one", handed_in(stubs(MANY))),
        ("stub two", handed_in(stubs(MANY))),
    ]
    return compare(work, ALL)


def test_the_planted_copies_are_found_and_nobody_else(compared: Compared) -> None:
    _, planted = planted_class(MANY)
    assert {frozenset((pair.first, pair.second)) for pair in compared.pairs if pair.because} == planted
    assert {frozenset((pair.first, pair.second)) for pair in compared.pairs[: len(planted)]} == planted
    assert {frozenset(group) for group in compared.groups} == planted
    assert compared.standing_out == len(planted)


def test_the_copies_lie_far_from_the_others(compared: Compared) -> None:
    shares = {(pair.first, pair.second): pair.share for pair in compared.pairs}
    copies = [shares["s0", "s8"], shares["s1", "s9"], shares["s2", "s10"], shares["s3", "s11"]]
    others = [pair.share for pair in compared.pairs if not pair.because]
    assert min(copies) > 0.8
    assert max(others) < 0.12
    assert len(others) >= 40
    assert max(others) < compared.threshold < min(copies)


def test_a_copy_of_one_exercise_stands_out_by_that_exercise(compared: Compared) -> None:
    pair = next(pair for pair in compared.pairs if (pair.first, pair.second) == ("s4", "s12"))
    (id,) = pair.because
    assert id in MANY
    assert pair.exercises[id] > 0.9
    assert pair.share < compared.threshold


def test_who_left_the_stubs_untouched_or_handed_in_nothing_is_compared_with_nobody(
    compared: Compared,
) -> None:
    assert set(compared.little) == {"empty", "stub one", "stub two"}
    assert not {"empty", "stub one", "stub two"} & {
        key for pair in compared.pairs for key in (pair.first, pair.second)
    }


@pytest.mark.parametrize("seed", [2, 3])
def test_precision_and_recall_in_other_classes(seed: int) -> None:
    students, planted = planted_class(MANY, seed)
    found = compare([(key, handed_in(work)) for key, work in students], ALL)
    whole = {frozenset((pair.first, pair.second)) for pair in found.pairs if "code" in pair.because}
    assert whole == {pair for pair in planted if "s12" not in pair}
    assert planted <= {frozenset((pair.first, pair.second)) for pair in found.pairs if pair.because}
    works = dict(students)
    for at in range(4):  # as it was before it was disguised
        works[f"s{at + 8}"] = works[f"s{at}"]
    assert_the_others_are_alike(found.pairs, works, planted)


def assert_the_others_are_alike(
    pairs: Iterable[Pair], works: Mapping[str, Mapping[str, str]], planted: set[frozenset[str]]
) -> None:
    """Who stands out without having copied has a definition in common, word by word: some right answers of a
    reference file keep a helper of the solution."""
    for pair in pairs:
        if pair.because and frozenset((pair.first, pair.second)) not in planted:
            assert all(alike(works[pair.first][id], works[pair.second][id]) for id in pair.because), pair


def test_independent_right_answers_to_one_exercise_do_not_stand_out() -> None:
    wrong: list[tuple[str, str]] = []
    compared_pairs = 0
    for id in ALL:
        pool = answers(id)
        found = compare(
            [(str(at), handed_in({id: each})) for at, each in enumerate(pool)], exercises([id]), ALL
        )
        for pair in found.pairs:
            one, two = pool[int(pair.first)], pool[int(pair.second)]
            compared_pairs += not alike(one, two)
            if id in pair.because and not alike(one, two):
                wrong.append((id, f"{pair.first} {pair.second} {pair.exercises[id]:.2f}"))
    assert wrong == []
    assert compared_pairs > 100


def test_cells_in_another_order_without_labels() -> None:
    students, _ = planted_class(MANY)
    work = {key: handed_in(each) for key, each in students[:8]}
    taken = students[0][1]
    scattered = handed_in({id: renamed(taken[id]) for id in reversed(MANY)}, labelled=False)
    found = similar_pairs([*work.items(), ("copy", scattered)], ALL)
    assert (found[0].first, found[0].second) == ("s0", "copy")
    assert found[0].share > 0.9
    assert_the_others_are_alike(found, dict(students), {frozenset(("s0", "copy"))})


def test_a_copy_that_was_padded_is_measured_by_the_one_who_has_less() -> None:
    students, _ = planted_class(MANY)
    work = {key: handed_in(each) for key, each in students[:8]}
    own = students[1][1]
    part = {id: students[0][1][id] for id in MANY[:10]}
    padded = {id: own[id] for id in MANY} | {id: with_dead_code(renamed(part[id])) for id in part}
    found = similar_pairs(
        [
            *[(k, v) for k, v in work.items() if k not in ("s1", "s0")],
            ("part", handed_in(part)),
            ("padded", handed_in(padded)),
        ],
        ALL,
    )
    assert (found[0].first, found[0].second) == ("part", "padded")
    assert found[0].share > 0.7


def test_scores_do_not_depend_on_the_order_of_the_class_or_on_the_run(compared: Compared) -> None:
    students, _ = planted_class(MANY)
    again = compare([(key, handed_in(work)) for key, work in reversed(students)], ALL)
    one = {
        frozenset((pair.first, pair.second)): round(pair.share, 3) for pair in compared.pairs if pair.because
    }
    two = {frozenset((pair.first, pair.second)): round(pair.share, 3) for pair in again.pairs if pair.because}
    assert one.keys() == two.keys()
    assert all(
        abs(one[who] - two[who]) < 0.02 for who in one
    )  # two empty ones fewer: rarities change a little


# ------------------------------------------------------------------------------------- passages


def test_passages_hold_the_same_code(compared: Compared) -> None:
    pair = next(pair for pair in compared.pairs if (pair.first, pair.second) == ("s1", "s9"))
    one, two = compared.prints["s1"].code, compared.prints["s9"].code
    assert len(pair.code) > 10
    for passage in pair.code:
        first = one[passage.first.piece].source[passage.first.start : passage.first.end]
        second = two[passage.second.piece].source[passage.second.start : passage.second.end]
        assert first.count("\n") >= 1 or len(first) > 20
        assert first.count("torch.") == second.count("torch.")
        assert first.count("return") == second.count("return")
    covered = sum(passage.first.end - passage.first.start for passage in pair.code)
    assert covered > 0.5 * sum(len(piece.source) for piece in one)


def test_no_place_is_in_two_passages(compared: Compared) -> None:
    for pair in compared.pairs:
        for side in ("first", "second"):
            spans = sorted(
                (getattr(p, side).piece, getattr(p, side).start, getattr(p, side).end) for p in pair.code
            )
            for (piece, _, end), (other, start, _) in pairwise(spans):
                assert piece != other or end <= start + 60  # n-grams overlap by less than one of them


# ------------------------------------------------------------------------------- written answers


def written(text: str, key: str = "gradient_derivation") -> dict[tuple[str, str], str]:
    return {("2.2.1", key): text}


def test_written_answers_are_compared_too() -> None:
    students, _ = planted_class(MANY)
    texts = [
        ESSAY,
        "I **also** think: " + ESSAY.upper().replace(",", " ;"),
        "Only the sign of the gradient matters here, for the sigmoid is monotone, and its derivative is y times one minus y.",
        "",
    ]
    work = [
        (key, handed_in(each, texts=written(text)))
        for (key, each), text in zip(students, texts, strict=False)
    ]
    (pair,) = similar_pairs(work, ALL)
    assert (pair.first, pair.second, pair.because) == ("s0", "s1", ("texts",))
    assert pair.texts > 0.9
    assert pair.words


def test_who_quotes_the_question_has_copied_nobody() -> None:
    quote = prompt_text(ALL["2.2.1"]) + "\n\nYes."
    work = [(str(at), handed_in({}, order=[], texts={})) for at in range(2)]
    cells = [Cell(0, "a", "markdown", quote, "2.2.1", "gradient_derivation")]
    submissions = [(key, type(each)(each.path, each.name, each.kind, "", tuple(cells))) for key, each in work]
    assert similar_pairs(submissions, ALL) == []


# ----------------------------------------------------------------------------------- what is ours


def test_the_notebook_that_we_hand_out_has_nothing_of_its_own() -> None:
    notebook = make_notebook(list(ALL.values()))
    cells = tuple(
        Cell(at, f"c{at}", each.cell_type, each.source, (each.metadata.get("grader") or {}).get("exercise"))
        for at, each in enumerate(notebook.cells)
    )
    submission = handed_in({})
    empty = type(submission)(submission.path, "s", "ipynb", "", cells)
    prints, ours = prints_of(empty, ALL), our_code(ALL)
    found = np.concatenate([piece.hashes for piece in prints.code])
    assert len(found) > 300
    assert np.isin(found, ours).all()


def test_what_many_of_the_class_wrote_is_nobodys_own() -> None:
    rng = np.random.default_rng(1)
    taught = rng.integers(0, 2**60, 200).astype(np.uint64)
    own = [rng.integers(0, 2**60, 100).astype(np.uint64) for _ in range(40)]
    found = shares(
        [np.concatenate([taught, each]) for each in own], np.empty(0, np.uint64), least=10, floor=0.2
    )
    assert len(found.share) == 0
    few = [np.concatenate([taught, each]) if at < COMMON_AT_LEAST else each for at, each in enumerate(own)]
    found = shares(few, np.empty(0, np.uint64), least=10, floor=0.2)
    assert len(found.share) == COMMON_AT_LEAST * (COMMON_AT_LEAST - 1) // 2
    assert found.compared == 40 * 39 // 2


def test_shares_against_a_plain_loop() -> None:
    rng = np.random.default_rng(2)
    prints = [rng.integers(0, 300, 60).astype(np.uint64) for _ in range(20)]
    ours = np.arange(20, dtype=np.uint64)
    found = shares(prints, ours, least=5, floor=0.0)
    frequency = {value: sum(value in each for each in prints) for value in range(300)}
    most = max(0.2 * 20, COMMON_AT_LEAST)

    def weight(values: set[int]) -> float:
        return sum(
            np.log(21 / (1 + max(frequency[v], 2))) / np.log(21 / 3)
            for v in values
            if v >= 20 and frequency[v] <= most
        )

    got = {(int(a), int(b)): float(s) for a, b, s in zip(found.first, found.second, found.share, strict=True)}
    for one, two in combinations(range(20), 2):
        a, b = ({int(v) for v in prints[at]} for at in (one, two))
        expected = weight(a & b) / min(weight(a), weight(b))
        assert got.get((one, two), 0.0) == pytest.approx(expected, abs=1e-5)


# ------------------------------------------------------------------------------- odd submissions


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_class_of_nobody_of_one_and_of_two(count: int) -> None:
    students, _ = planted_class(MANY)
    found = compare([(str(at), handed_in(students[0][1])) for at in range(count)], ALL)
    assert [pair.share for pair in found.pairs] == pytest.approx([1.0] * (count // 2))


def test_a_class_of_three_who_handed_in_the_same() -> None:
    students, _ = planted_class(MANY)
    found = compare([(str(at), handed_in(students[0][1])) for at in range(3)], ALL)
    assert [pair.share for pair in found.pairs] == pytest.approx([1.0] * 3)
    assert found.groups == (("0", "1", "2"),)


def test_a_huge_submission_is_cut_short_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "MAX_SUBMISSION", 150_000)
    base = handed_in({})
    cells = tuple(
        Cell(at, f"c{at}", "code", f"x{at} = [a + {at} for a in y]\n" * 1_200) for at in range(1, 9)
    )
    sources = (Cell(0, "a", "code", "y = a + b\n" * 12_000), *cells)
    prints = prints_of(type(base)(base.path, "big", "ipynb", "", sources), exercises(["2.2.1"]))
    assert 2 <= len(prints.code) < 9
    assert max(int(piece.ends[-1]) for piece in prints.code) <= MAX_CELL
    assert len(prints.notes) == 2


def test_labels_that_name_no_exercise() -> None:
    students, _ = planted_class(MANY)
    odd = [
        Cell(at, f"c{at}", "code", source, "9.9.9" if at % 2 else None)
        for at, source in enumerate(students[0][1].values())
    ]
    base = handed_in({})
    found = similar_pairs(
        [("a", type(base)(base.path, "a", "py", "", tuple(odd))), ("b", handed_in(students[0][1]))], ALL
    )
    assert found[0].share > 0.9
