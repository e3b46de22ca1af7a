"""Attempt* -> database -> ClassGrades: every grading of a class is kept, so that none is done twice or lost."""

from grader.gradebook.gradebook import Gradebook, Known

__all__ = ["Gradebook", "Known"]
