"""# Accessing the data of a tensor

An element is read, or written, with one index for each dimension. Indices count from 0, and negative ones
count from the end: `x[0, -1]` is the last element of the first row.

A slice `start:stop:step` in the place of an index takes a whole range; `stop` itself is not included, and
each of the three may be left out:

```python
x = torch.arange(12).reshape(3, 4)
x[1:, :2]        # rows 1 and 2, columns 0 and 1
x[:, ::2]        # every second column
x[0] = -1        # the whole first row at once
```

A boolean tensor can be an index too. `x[x > 5]` holds the elements for which the condition is true, in a
row: the result is 1-D whatever shape `x` has. A boolean index with fewer dimensions than `x` chooses along
the first ones: `x[torch.tensor([True, False, True])]` is rows 0 and 2.
"""
