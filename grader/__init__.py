"""An automated grader of PyTorch assignments.

The flow, and the folder of each arrow::

    path --read--> Submission --execute--> Session --examine--> Finding* --score--> Grade --write--> report

``grader/worker`` is the only code that runs beside a student's; ``grader/wire`` is the data format
between the two sides; everything else is trusted and never runs a line of a submission.
"""

__version__ = "0.1.0"
