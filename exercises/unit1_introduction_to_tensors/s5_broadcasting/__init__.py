"""# Operations on tensors of different sizes

Element-wise operations need partners: element by element, two tensors of *one* shape. When the shapes
differ, PyTorch first tries to stretch both to a common shape. This is called **broadcasting**, and its rule
is short:

1. Write the two shapes one below the other, aligned at the **right**.
2. Where one of them has no size left, at its front, count a 1.
3. In every position the two sizes must be equal, or one of them must be 1. A size 1 is repeated to the size
   of the other tensor. In all other cases the operation raises an error.

```text
shape of a       4 × 1 × 3
shape of b           5 × 1
common shape     4 × 5 × 3
```

So a column of shape `(4, 1)` plus a row of shape `(1, 3)`, or plus a plain 1-D tensor of shape `(3,)`,
gives a table of shape `(4, 3)` in which the element `[i, j]` is the sum of the i-th and the j-th value. A
single number goes with every shape.

`a.expand_as(c)` shows the stretched tensor, where `c` has the common shape. Nothing is copied for it: it is
a view whose repeated elements are the same memory read again and again. Make a `clone()` before you write
to it.
"""
