"""# Synthetic data and the single-neuron classifier

Real data come with surprises. To learn how a classifier works it is better to begin with data that one has
made oneself, and that can be drawn. scikit-learn scatters points around centres of its own choice:

```python
from sklearn.datasets import make_blobs

X, Y = make_blobs(n_samples=100, n_features=2, centers=2, random_state=1)
print(X.shape, Y.shape)        # (100, 2) (100,)
print(X[0], Y[0])              # [-0.79415228  2.10495117] 0
```

Each row of `X` is a point of the plane, `x0` to the right and `x1` upwards, and `Y` holds its label: 1 means
black, 0 means white. The black points lie around (-10, -4), the white ones around (-1.7, 4.4), each cloud
with standard deviation 1 in both directions. You could draw a line between the clouds with a ruler. Can a
machine do it?

The smallest machine that can is a single *neuron*. It has three numbers inside, the weights `w0` and `w1` and
the bias `b`, and works in two steps:

```text
z = w0·x0 + w1·x1 + b          a linear function of the point
y = S(z) = 1 / (1 + exp(-z))   the sigmoid, a smooth step from 0 to 1
```

`y` is read as the *probability that the point is black*. The sigmoid rises strictly, from nearly 0 for very
negative z over S(0) = 0.5 to nearly 1 for large z. So the neuron is undecided exactly where z = 0, which is a
straight line. On one side of it the neuron says black, on the other white, and the further away a point is,
the more certain it is of that.

```python
import matplotlib.pyplot as plt

plt.scatter(X[:, 0], X[:, 1], c=Y, cmap="binary", edgecolors="black")
```

Everything now depends on the three numbers. In this section you choose them by hand, and look closely at what
they do to the picture.
"""
