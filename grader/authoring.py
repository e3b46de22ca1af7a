"""Everything an exercise needs: ``from grader.authoring import check, close, ...``

See docs/authoring.md for the recipe. Declarations: ``check``, ``text``, ``choice``, ``value``, ``formula``,
``figure``. What a check may take: ``student`` (``Student``), ``reference`` (the solution module), ``rng``
(``Random``), ``clock`` (``Clock``). The rest are verbs: they return if all is well and otherwise raise
``CheckFailed`` with a message that helps.
"""

from types import ModuleType as Reference

from grader import data
from grader.compare import (
    CheckFailed,
    Inconclusive,
    Partly,
    Skipped,
    a_tensor,
    close,
    ensure,
    equal,
    fail,
    instance,
    number,
    partly,
    truth,
    unchanged,
)
from grader.examine.callbacks import Feed
from grader.examine.clock import Clock, Ratio, at_least, at_most
from grader.examine.declare import check, choice, figure, formula, text, value
from grader.examine.outcomes import Outcome, RaisedError
from grader.examine.randomness import Random
from grader.examine.remote import Gradients, Handle, Lab, Memory, Student, raises
from grader.examine.source import Source

__all__ = [
    "CheckFailed",
    "Clock",
    "Feed",
    "Gradients",
    "Handle",
    "Inconclusive",
    "Lab",
    "Memory",
    "Outcome",
    "Partly",
    "RaisedError",
    "Random",
    "Ratio",
    "Reference",
    "Skipped",
    "Source",
    "Student",
    "a_tensor",
    "at_least",
    "at_most",
    "check",
    "choice",
    "close",
    "data",
    "ensure",
    "equal",
    "fail",
    "figure",
    "formula",
    "instance",
    "number",
    "partly",
    "raises",
    "text",
    "truth",
    "unchanged",
    "value",
]
