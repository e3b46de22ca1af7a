"""Which submissions share code: read, tokenised and compared, never run.

Submission* --pieces--> Piece* --fingerprints--> n-grams --pairs--> Pair*
"""
