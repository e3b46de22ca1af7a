"""A whole class: HandedIn* --batch--> Attempt* in the gradebook, with the results beside it.

run.py      the flow: who handed in what, what is graded already, the engine, the class report
local.py    one engine: a few processes on this machine, each with its own warm parent
cluster.py  the other: the same processes on the machines of a Dask cluster
marker.py   such a process: it grades one submission after the other and records each
bench.py    what it grades with
job.py      what travels between them
"""
