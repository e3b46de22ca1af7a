"""Exit codes of the command ``grade``."""

GRADED = 0  # whatever the grade
OUR_FAULT = 1  # something of the grader broke
BAD_INPUT = 2
BELOW = 3  # `grade run --fail-under`
STOPPED = 130  # by Ctrl-C
