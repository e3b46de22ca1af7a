"""# Saving memory

A tensor has two parts: a block of memory with its numbers, the *storage*, and a small header that says how
to read the block: where to begin, how many elements there are in each dimension, and how far to step from
one to the next. Many operations only write a new header for the same storage. Slices (`x[2:5]`, `x[::2]`),
`view`, `unsqueeze`, `t()` and `expand` give such **views**, and so does `reshape` wherever the memory
allows it. A view costs almost nothing, whatever its size, and whoever writes to it writes to the original
as well:

```python
x = torch.zeros(6)
block = x[2:5]        # a view
block[0] = 7.0
print(x)              # tensor([0., 0., 7., 0., 0., 0.])
```

Where this is not wanted, `x.clone()` makes an independent copy. Indexing with a mask or with a list of
indices always copies.

Arithmetic, too, allocates: `x = x + y` computes into *new* memory and lets the name `x` point there. For
large tensors it pays to write the result into memory that one already has. Either assign to the elements,
`x[:] = x + y` (a temporary tensor is made, but the result ends up in the old memory), or use a function
that works in place: `x += y`, `x.add_(y)`, `x.mul_(2)`. The names of the in-place functions end in an
underscore.

How can you tell which memory a tensor uses? Not by `id(x)`: that identifies the Python object, the header,
and two views of the same numbers are two objects. `x.data_ptr()` is the address of the tensor's first
element, and `x.untyped_storage().data_ptr()` is the address at which its storage begins.
"""
