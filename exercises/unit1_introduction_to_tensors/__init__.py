"""# Introduction to tensors

Everything that flows through a neural network is a tensor: the pictures that go in, the weights in between,
the scores that come out, and the gradients on the way back. This unit is about the tensor itself. You make
some, compute with them, read and write parts of them, learn when two of them share one piece of memory,
what happens when their shapes differ, and how PyTorch differentiates what you compute.
"""
