"""# Training the neuron with PyTorch

You have trained the neuron with your own hands. Now let PyTorch do the work. The same model is made of two
parts that it has ready: `nn.Linear(2, 1)` holds the two weights and the bias and computes z, the sigmoid makes
a probability of it. Both take *all* points at once, one row for each, and automatic differentiation replaces
the formulas for the gradient:

```python
layer = nn.Linear(2, 1)             # layer.weight: (1, 2), layer.bias: (1,)

layer.zero_grad()                   # backward() adds to .grad, so clear it first
y = torch.sigmoid(layer(X))         # (N, 1)
cost = ...                          # one number
cost.backward()                     # the gradients are in layer.weight.grad and layer.bias.grad
with torch.no_grad():               # the step itself is not to be differentiated
    layer.weight -= alpha * layer.weight.grad
    layer.bias -= alpha * layer.bias.grad
```

These five steps (clear, forward, cost, backward, update) come back in every training loop of this course,
however large the model is. Two small things are easily overlooked. The output has shape `(N, 1)` while the
labels have shape `(N,)`, and broadcasting would make an `(N, N)` table of the two without a word. And the
layer computes in float32 unless you say otherwise.
"""
