"""# Initialising tensors

A tensor is an array with any number of dimensions, and all its elements are of **one** data type, its
`dtype`.

The shortest way to one is `torch.tensor`, which copies a Python list (or a list of lists, and so on) or a
NumPy array, and infers the type from the values:

```python
torch.tensor([1, 2, 3, 4])         # whole numbers only: int64
torch.tensor([1.0, 2, 3, 4])       # a single float makes all of them float32
torch.tensor([[1, 2], [3, 4]])     # two dimensions, shape (2, 2)
```

Other constructors need no list, only a shape or a range: `torch.zeros(2, 3)`, `torch.ones(2, 3)`,
`torch.eye(3)`, `torch.arange(10)`. Some draw their elements at random: `torch.rand` (uniform between 0 and
1), `torch.randn` (standard normal), `torch.randint` (whole numbers from a range). They all take their
randomness from one generator, and `torch.manual_seed(s)` puts that generator into a known state: the same
seed, the same numbers.
"""
