"""# The model and the cost function

One neuron answers a question with yes or no. For ten classes of clothes, take ten of them, side by side, all
looking at the same image.

An image of 28 × 28 grey pixels is first **flattened**: its rows are laid one after the other, and it becomes
a vector `X` of 784 numbers. Each class `k` has its own row of weights and its own bias, and computes

```text
z_k = w_k0 x_0 + w_k1 x_1 + ... + w_k783 x_783 + b_k        or, all ten at once,        Z = W X + b
```

with a matrix `W` of shape `(10, 784)` and a vector `b` of shape `(10,)`. The larger `z_k`, the more this
class speaks for itself. **Softmax** turns the ten numbers into probabilities:

```text
y_k = exp(z_k) / (exp(z_0) + exp(z_1) + ... + exp(z_9))
```

All `y_k` are positive, and their sum is 1. This model has one layer of weights and nothing behind it, so we
call it the **flat classifier**.

How good is an answer `Y`? The truth is written as a **one-hot** vector `Yt` of ten numbers: a 1 at the true
class, 0 everywhere else. The **cross-entropy** of an example is

```text
H = -(yt_0 log y_0 + yt_1 log y_1 + ... + yt_9 log y_9)
```

Only one of the ten terms survives, so `H` is simply `-log y_k` of the true class `k`: 0 if the model is sure
and right, and the larger, the less it thought of the truth. The cost `C` of a set of examples is the mean of
their `H`.

In PyTorch examples come in minibatches, one per **row**: `X` then has the shape `(N, 784)`, and
`torch.nn.Linear(784, 10)` computes `X @ W.T + b`, of shape `(N, 10)`.
"""
