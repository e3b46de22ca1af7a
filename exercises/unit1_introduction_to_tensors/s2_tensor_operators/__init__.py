"""# Tensor operators

An operator that you know from numbers (`+`, `*`, `/`, `**`, `<`, ...) works on whole tensors too. It is
*lifted*: applied to each element, or to each pair of elements in the same place.

```python
x = torch.tensor([1.0, 2.0, 4.0])
y = torch.tensor([2.0, 2.0, 8.0])
x / y            # tensor([0.5000, 1.0000, 0.5000])
x < y            # tensor([ True, False,  True])
x @ y            # not lifted: the inner product, 2 + 4 + 32 = tensor(38.)
```

Between two matrices `@` is the matrix product. A lifted operation is not only shorter than a loop over the
elements: it is thousands of times faster.

A *reduction* makes fewer numbers out of many: `x.sum()`, `x.min()`, `x.norm()` give one number. With the
argument `dim` (or `axis`, as NumPy calls it) they run along that dimension only, which then disappears from
the shape: if `a` has shape `(3, 4)`, `a.sum(dim=0)` has shape `(4,)`.
"""
