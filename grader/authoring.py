"""Everything an exercise needs: ``from grader.authoring import check, close, ...``

See docs/authoring.md for the recipe. Declarations: ``check``, ``text``, ``choice``, ``value``, ``formula``,
``figure``. What a check may take: ``student`` (``Student``), ``reference`` (the solution module), ``rng``
(``Random``), ``clock`` (``Clock``), ``notes`` (``Notes``). The rest are verbs: they return if all is well and
otherwise raise ``CheckFailed`` with a message that helps.
"""

from types import ModuleType as Reference

from grader import data
from grader.compare import (
    CheckFailed,
    Inconclusive,
    Partly,
    Replay,
    Run,
    Skipped,
    a_tensor,
    by_class,
    close,
    curves,
    ensure,
    equal,
    fail,
    instance,
    number,
    numbers,
    partly,
    same_run,
    truth,
    unchanged,
)
from grader.examine.calibrated import calibrated
from grader.examine.callbacks import Feed
from grader.examine.clock import Clock, Ratio, at_least, at_most
from grader.examine.declare import check, choice, figure, formula, text, value
from grader.examine.figures import drawn
from grader.examine.notes import Notes
from grader.examine.outcomes import Outcome, RaisedError
from grader.examine.randomness import Random
from grader.examine.remote import Gradients, Handle, Lab, Memory, Student, raises
from grader.examine.source import Source
from grader.examine.training import (
    Forward,
    Network,
    Parameter,
    Watched,
    facts,
    forwards,
    gradients,
    leave_gradients,
    moved,
    optimises,
    parameters,
    recorded,
)

__all__ = [
    "CheckFailed",
    "Clock",
    "Feed",
    "Forward",
    "Gradients",
    "Handle",
    "Inconclusive",
    "Lab",
    "Memory",
    "Network",
    "Notes",
    "Outcome",
    "Parameter",
    "Partly",
    "RaisedError",
    "Random",
    "Ratio",
    "Reference",
    "Replay",
    "Run",
    "Skipped",
    "Source",
    "Student",
    "Watched",
    "a_tensor",
    "at_least",
    "at_most",
    "by_class",
    "calibrated",
    "check",
    "choice",
    "close",
    "curves",
    "data",
    "drawn",
    "ensure",
    "equal",
    "facts",
    "fail",
    "figure",
    "formula",
    "forwards",
    "gradients",
    "instance",
    "leave_gradients",
    "moved",
    "number",
    "numbers",
    "optimises",
    "parameters",
    "partly",
    "raises",
    "recorded",
    "same_run",
    "text",
    "truth",
    "unchanged",
    "value",
]
