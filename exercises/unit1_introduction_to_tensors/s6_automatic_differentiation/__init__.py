"""# Automatic differentiation

Training a model means changing its parameters in the direction in which a loss falls, and for this one
needs derivatives. PyTorch works them out itself. A tensor made with `requires_grad=True` is watched: every
operation that is applied to it, or to something computed from it, is recorded, together with the values
that the derivative of this operation will need. When the computation arrives at a single number,
`backward()` walks through the record from the end to the beginning and applies the chain rule:

```python
x = torch.tensor([2.0], requires_grad=True)
y = x**2
z = y + x
z.backward()
print(x.grad)         # tensor([5.]), which is 2x + 1 at x = 2
```

Four things are good to know.

- The derivative is **added** to what `x.grad` already holds. Clear it between two runs, with
  `x.grad = None` or `x.grad.zero_()`, unless the sum is what you want.
- After the walk the recorded values are given up, to save memory.
- `detach()` cuts a value out of the record: `y.detach()` has the same numbers, and lives in the same memory
  as `y`, but counts as a constant.
- The record is made while the program runs. A loop or an `if` is no obstacle: what is differentiated is the
  branch that was really taken, as many rounds as really ran.
"""
