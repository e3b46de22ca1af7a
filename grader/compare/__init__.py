"""Comparing: the verbs with which a check judges what came back, and the messages that teach.

The files in the order in which a comparison goes through them: ``closeness`` walks both sides,
``promote`` brings a pair of tensors on common ground, ``tolerance`` says how far they may be apart,
``diagnosis`` looks for the mistake (``layout_mistakes``, ``value_mistakes``, ``place_mistakes``) and words
the message, ``heatmap`` draws it, ``outcome`` holds the exceptions. ``claims`` are the other verbs.
Trainings are compared in ``training``, with what ``replay`` carries out here.
"""

from grader.compare.claims import a_tensor, ensure, fail, instance, number, numbers, partly, truth
from grader.compare.closeness import close, equal, unchanged
from grader.compare.diagnosis import explain
from grader.compare.outcome import CheckEnded, CheckFailed, Inconclusive, Partly, Skipped
from grader.compare.replay import Habit, Replay, Run, by_class
from grader.compare.training import curves, same_run

__all__ = [
    "CheckEnded",
    "CheckFailed",
    "Habit",
    "Inconclusive",
    "Partly",
    "Replay",
    "Run",
    "Skipped",
    "a_tensor",
    "by_class",
    "close",
    "curves",
    "ensure",
    "equal",
    "explain",
    "fail",
    "instance",
    "number",
    "numbers",
    "partly",
    "same_run",
    "truth",
    "unchanged",
]
