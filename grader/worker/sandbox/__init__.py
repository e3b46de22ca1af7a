"""The walls around a submission, on Linux: each a small file of its own, each optional.

``enter`` is called in a freshly forked child that has one thread and has not seen student code. A layer that
cannot be had here is left out, and the list of those that hold is told to the grader; whether they really hold
is found by attacking them (``grade doctor``), not by asking the kernel for its features.
"""

KEPT = "kept state"  # the name of the processes that hold an exercise's state, and of their workers
