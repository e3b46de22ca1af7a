"""From tokens to fingerprints: hashes of n-grams, with the places where they stand.

Hashes are polynomial, as Karp and Rabin have them, so that all n-grams of a text are hashed in a few operations on
arrays; they are the same in every process, which Python's own ``hash`` is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from grader.notebook import our_texts, starter
from grader.nouns import Exercise, Submission
from grader.read.belonging import assign
from grader.read.written import written_answers
from grader.similarity.tokens import MAX_CELL, Names, Tokens, code_tokens, word_tokens

Hashes = NDArray[np.uint64]
Places = NDArray[np.uint32]

# Tokens of code, and words, that must agree in a row. Measured in benchmarks/similarity.py: shorter ones agree by
# chance, longer ones are torn by one inserted line.
CODE_N = 8
TEXT_N = 4

MAX_SUBMISSION = 500_000  # characters of one submission that are looked at: ten times the whole course
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no power of it is 0 modulo 2**64


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell's code, or a written answer, as fingerprints in the order of the text.

    ``hashes[i]`` (M,) is of the n-gram that begins at character ``starts[i]`` of ``source`` and ends at ``ends[i]``.
    """

    exercise: str  # the id; empty for cells that belong to none
    label: str  # "Cell 4", or the name of the written answer
    source: str = field(repr=False)
    hashes: Hashes
    starts: Places
    ends: Places


@dataclass(frozen=True, slots=True)
class Prints:
    """A submission as it is compared: its code and its written answers."""

    code: tuple[Piece, ...]
    texts: tuple[Piece, ...]
    notes: tuple[str, ...] = ()  # what was not looked at


def prints_of(
    submission: Submission,
    exercises: Mapping[str, Exercise],
    everything: Mapping[str, Exercise] | None = None,
) -> Prints:
    """Fingerprints of what a student wrote, as ``read`` gave it; prompts are left out.

    At most ``MAX_SUBMISSION`` characters are looked at, and ``MAX_CELL`` of each cell.

    Args:
        exercises: what is compared, by id. Cells that belong to no exercise are compared too, unless this
            is a selection of ``everything``.
        everything: all exercises that the submission may answer, by which cells find theirs; ``exercises``
            if not given.
    """
    everything = everything or exercises
    # Where all cells say it themselves, as in the notebook that we hand out, nothing needs to be parsed.
    if any(cell.kind == "code" and cell.exercise is None for cell in submission.cells):
        submission = assign(submission, everything)
    room, notes = MAX_SUBMISSION, list[str]()
    cells = [cell for cell in submission.cells if cell.kind == "code" and cell.source.strip()]
    names = Names()
    taken = list[tuple[str, str, str]]()
    whole = everything.keys() <= exercises.keys()
    for cell in cells:
        if min(len(cell.source), MAX_CELL) > room:
            notes.append(
                f"not compared from cell {cell.index + 1} on: more than {MAX_SUBMISSION:,} characters"
            )
            break
        if len(cell.source) > MAX_CELL:
            notes.append(f"of cell {cell.index + 1} only the first {MAX_CELL:,} characters were compared")
        room -= min(len(cell.source), MAX_CELL)
        names.learn(cell.source)
        id = cell.exercise if cell.exercise in everything else ""
        if id in exercises or (whole and not id):
            taken.append((id or "", f"Cell {cell.index + 1}", cell.source))
    code = [_piece(id, label, source, code_tokens(source, names), CODE_N) for id, label, source in taken]
    texts: list[Piece] = []
    for exercise in exercises.values():
        for name, text in written_answers(submission, exercise).items():
            if len(text) <= room:
                room -= len(text)
                texts.append(_piece(exercise.id, name, text, word_tokens(text), TEXT_N))
    return Prints(tuple(code), tuple(texts), tuple(notes))


def our_code(exercises: Mapping[str, Exercise]) -> Hashes:
    """The n-grams of code that nobody has to write: those of stubs and of the code in prompts, sorted."""
    found: list[Hashes] = []
    for exercise in exercises.values():
        # the first line of a block may name the language
        blocks = exercise.prompt.split("```")[1::2]
        for text in (starter(exercise), *(block.partition("\n")[2] for block in blocks)):
            found.append(hashed(code_tokens(text), CODE_N)[0])
    return _joined(found)


def our_words(exercises: Mapping[str, Exercise]) -> Hashes:
    """The n-grams of words in prompts and questions, sorted: who quotes the question has copied nobody."""
    texts = [text for exercise in exercises.values() for text in our_texts(exercise)]
    return _joined([hashed(word_tokens(text), TEXT_N)[0] for text in texts])


def hashed(tokens: Tokens, n: int) -> tuple[Hashes, Places, Places]:
    """Hashes of all n-grams of tokens, and where each begins and ends: three arrays (M,).

    None of them reaches over a break. What is shorter than ``n`` tokens has none, so it can agree with nothing.
    """
    ids = np.fromiter((_id(text) for text in tokens.texts), np.uint64, len(tokens.texts))
    count = len(ids) - n + 1
    if count <= 0:
        return np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32)
    hashes = np.zeros(count, np.uint64)
    for offset in range(n):
        hashes = hashes * _BASE + ids[offset : offset + count]
    block = np.zeros(len(ids), np.int64)
    block[[at for at in tokens.breaks if at < len(ids)]] = 1
    block = block.cumsum()
    within = block[:count] == block[n - 1 :]
    starts, ends = np.array(tokens.starts, np.uint32), np.array(tokens.ends, np.uint32)
    return hashes[within], starts[:count][within], ends[n - 1 :][within]


def among(values: Hashes, known: Hashes) -> NDArray[np.bool_]:
    """Which of the values are in ``known``, which is sorted."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return known[places] == values


_ids: dict[str, int] = {}


def _id(text: str) -> int:
    """A token as a number of 64 bits."""
    if text not in _ids:
        if len(_ids) > 200_000:  # somebody's words without end
            _ids.clear()
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        _ids[text] = int.from_bytes(digest, "little")
    return _ids[text]


def _piece(exercise: str, label: str, source: str, tokens: Tokens, n: int) -> Piece:
    return Piece(exercise, label, source, *hashed(tokens, n))


def _joined(found: Sequence[Hashes]) -> Hashes:
    return np.unique(np.concatenate([np.empty(0, np.uint64), *found]))
