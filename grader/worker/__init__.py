"""The code that lives with the student's, on the untrusted side of the boundary.

It holds no reference solution, hidden label, seed, threshold or verdict. It imports nothing of the project
but ``grader.wire`` (and the mend for torchvision), and nothing on the trusted side imports it: the two sides
meet at a socket.
"""
