"""Which exercise a cell belongs to, where the cell does not say it itself.

``assign`` completes a submission that ``read`` made; the questions that go with it (which names,
an untouched stub, the written answers) are answered here too, from their own modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from grader.notebook import starter
from grader.nouns import Cell, Exercise, Submission
from grader.read.names import Bindings, bindings, bound_names
from grader.read.stubs import touched_names, untouched
from grader.read.written import written_answers

__all__ = ["assign", "attempted", "bound_names", "untouched", "written_answers"]


def assign(submission: Submission, exercises: Mapping[str, Exercise]) -> Submission:
    """Give every unlabelled code cell to the exercise whose answers it defines.

    A name that several exercises ask for goes to the one of which the cell defines more answers;
    else to the one whose label stands above; else, among those that have no such name yet, to the one
    of the neighbouring cells; else to the first in unit order.
    Cells that define no answer (imports, helpers) stay without an exercise. A cell that redefines,
    in the midst of another exercise, what its own exercise's labelled cell has already answered is
    not taken for an answer.

    A cell that only changes an answer (``answer["b"] = 2``) goes with the exercise right above it.

    An exercise left without a cell of its own, because its answer stands in a cell of another,
    is put into that cell's ``also``.

    Args:
        exercises: all exercises that may be answered, by id.
    """
    known = [bindings(cell.source) if cell.kind == "code" else _NOTHING for cell in submission.cells]
    board = _Board(submission.cells, exercises, _answers_defined(known, exercises))
    board.give_clear_ones()
    board.give_ambiguous_ones()
    board.give_continuations([each.changed for each in known])
    also = board.orphans()
    cells = tuple(
        replace(cell, exercise=owner, also=tuple(also.get(position, ())))
        for position, (cell, owner) in enumerate(zip(submission.cells, board.owner, strict=True))
    )
    return replace(submission, cells=cells)


def attempted(submission: Submission, exercises: Mapping[str, Exercise]) -> frozenset[str]:
    """The exercises of which a submission, fresh from ``read``, holds more than the untouched stub."""
    assigned = assign(submission, exercises)
    found: set[str] = set()
    for id, exercise in exercises.items():
        code = "\n".join(cell.source for cell in assigned.cells_of(id) if cell.kind == "code")
        if written_answers(assigned, exercise) or not untouched(code, starter(exercise)):
            found.add(id)
    return frozenset(found)


_NOTHING = Bindings(frozenset(), frozenset())


def _answers_defined(known: Sequence[Bindings], exercises: Mapping[str, Exercise]) -> list[frozenset[str]]:
    """The answers that each cell defines. An import is one only of what is defined nowhere."""
    answers = {name for exercise in exercises.values() for name in exercise.answers}
    somewhere = {name for each in known for name in each.defined}
    return [(each.defined | (each.imported - somewhere)) & answers for each in known]


class _Board:
    """The cells while they are being given away. A cell is named by its position."""

    def __init__(
        self, cells: Sequence[Cell], exercises: Mapping[str, Exercise], names: Sequence[frozenset[str]]
    ) -> None:
        self.cells = cells
        self.exercises = exercises
        self.names = names  # the answers that each cell defines
        self.owner = [cell.exercise for cell in cells]
        self.order = sorted(exercises, key=_unit_order)
        self.asked: dict[str, list[str]] = {}  # name -> exercises that ask for it, in unit order
        for id in self.order:
            for name in exercises[id].answers:
                self.asked.setdefault(name, []).append(id)
        self.answered: dict[str, set[str]] = {id: set() for id in self.order}  # by all cells given so far
        self.settled: dict[str, set[str]] = {
            id: set() for id in self.order
        }  # by cells labelled from the start
        for cell, defined in zip(cells, names, strict=True):
            exercise = exercises.get(cell.exercise or "")
            if exercise and defined:
                self.answered[exercise.id] |= defined & exercise.answers.keys()
                self.settled[exercise.id] |= defined & touched_names(cell.source, exercise.stub)

    def give_clear_ones(self) -> None:
        """Cells for which only one exercise comes into question."""
        for position, candidates in self._open().items():
            if len(candidates) == 1:
                self._give(position, candidates[0])

    def give_ambiguous_ones(self) -> None:
        """The others, from the top; what was given before helps with what comes after."""
        undecided = self._open()
        after = self._next_owners()
        label: str | None = None
        before: str | None = None
        for position, cell in enumerate(self.cells):
            label = cell.exercise or label
            if candidates := undecided.get(position):
                free = {id for id in candidates if not self.answered[id] & self.names[position]}
                for chosen in ({label}, free):
                    candidates = [id for id in candidates if id in chosen] or candidates
                for rule in _neighbourly(before, after[position]):
                    candidates = [id for id in candidates if rule(id)] or candidates
                self._give(position, candidates[0])
            if self.owner[position] in self.exercises:
                before = self.owner[position]

    def give_continuations(self, changed: Sequence[frozenset[str]]) -> None:
        """Cells that change an answer which the exercise right above has: ``answer["b"] = 2``."""
        before: str | None = None
        for position, owner in enumerate(self.owner):
            if owner is None and before is not None and changed[position] & self.answered[before]:
                self._give(position, before)
            elif owner in self.exercises:
                before = owner

    def orphans(self) -> dict[int, list[str]]:
        """Exercises of which no cell defines an answer, by the cells of others that do."""
        also: dict[int, list[str]] = {}
        for id in self.order:
            own = {name for name in self.exercises[id].answers if self.asked[name] == [id]}
            if self.answered[id] or not own:
                continue
            for position, defined in enumerate(self.names):
                if defined & own:
                    also.setdefault(position, []).append(id)
        return also

    def _open(self) -> dict[int, list[str]]:
        """Cells without an exercise, with those of which they define the most answers, in unit order."""
        found: dict[int, list[str]] = {}
        label: str | None = None
        for position, cell in enumerate(self.cells):
            label = cell.exercise or label
            if self.owner[position] is not None:
                continue
            count: dict[str, int] = {}
            for name in self.names[position]:
                for id in self.asked[name]:
                    if id == label or name not in self.settled[id]:
                        count[id] = count.get(id, 0) + 1
            if count:
                most = max(count.values())
                found[position] = [id for id in self.order if count.get(id) == most]
        return found

    def _next_owners(self) -> list[str | None]:
        """For each cell the exercise of the next one below that has one."""
        owners: list[str | None] = []
        after: str | None = None
        for owner in reversed(self.owner):
            owners.append(after)
            after = owner if owner in self.exercises else after
        return owners[::-1]

    def _give(self, position: int, id: str) -> None:
        self.owner[position] = id
        self.answered[id] |= self.names[position] & self.exercises[id].answers.keys()


def _neighbourly(before: str | None, after: str | None) -> list[Callable[[str], bool]]:
    """Rules that prefer an exercise by its neighbours, the strongest first."""
    rules: list[Callable[[str], bool]] = [lambda id: id == before, lambda id: id == after]
    if before is not None and after is not None:
        low, high = _unit_order(before), _unit_order(after)
        rules.append(lambda id: low < _unit_order(id) < high)
    near = [_unit_order(each) for each in (before, after) if each is not None]
    for depth in (2, 1):  # the same section, the same unit
        places = {order[:depth] for order in near}
        rules.append(lambda id, depth=depth, places=places: _unit_order(id)[:depth] in places)
    return rules


def _unit_order(id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in id.split("."))
