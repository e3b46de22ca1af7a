"""Drawings of clothes and of digits, 28 x 28 grey, from nothing but numbers: where the embedded sets come from.

Only ``grader.data.generate`` needs it. Each picture has a random stream of its own, so one picture can be drawn
again without the others.
"""
