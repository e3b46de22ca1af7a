"""# Training the neuron from scratch

Everything is ready: the neuron turns the coordinates of a point into the probability that it is black, the
cost tells how wrong these probabilities are, and the chain rule gives the direction in which the cost falls.
What is left is to walk. One iteration of gradient descent looks at all points, adds up their gradients, and
then makes one small step downhill:

```python
w0_grad = w1_grad = b_grad = 0.0
for (x0, x1), yt in zip(X, Y):
    z = w0 * x0 + w1 * x1 + b
    y = 1 / (1 + torch.exp(-z))
    A = -(yt - y) / (y - y**2)     # ∂H/∂y
    B = y * (1 - y)                # ∂y/∂z
    w0_grad += A * B * x0          # ∂z/∂w0 = x0
    w1_grad += A * B * x1          # ∂z/∂w1 = x1
    b_grad += A * B                # ∂z/∂b  = 1

w0 = w0 - alpha * w0_grad / len(X)
w1 = w1 - alpha * w1_grad / len(X)
b = b - alpha * b_grad / len(X)
```

All three gradients are computed with the *old* parameters, and only then do the parameters move.

Start with a bad line, w0 = 1, w1 = −1, b = 5.5, take alpha = 0.1, and do this a thousand times: the line
turns round until all black points lie on one side and all white ones on the other. And yet the picture is not
quite satisfying. The line comes to rest close to the white cloud, although there is plenty of room, and it
hardly moves any more. Did it take too small steps? Did it start in the wrong place? Did it run out of
gradient? These are the questions of this section. At its end you throw the loop over the points away, and train
the neuron in as many dimensions as you like.
"""
