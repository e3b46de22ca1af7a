"""# Stochastic gradient descent

The cost `C` is a mean over all examples of the training set, and so is its gradient:

```text
grad C = (1/N) (grad H_1 + grad H_2 + ... + grad H_N)
```

With N = 60,000 images one step of gradient descent has to go through all of them before a single parameter
moves. This is a lot of work for one small step, and most of it is wasted: the images resemble each other,
and a few of them tell the direction nearly as well as all of them do.

**Stochastic gradient descent** (SGD) takes them at their word. In each step it draws a small **minibatch** of
B examples at random, without replacement, and uses the mean over these alone:

```text
grad C is approximately (1/B) (grad H_i1 + ... + grad H_iB)

parameter <- parameter - lr * gradient
```

Here `lr` is the learning rate. The approximation is right on average, and its error shrinks like 1/√B. A
step is a little off its way, but in the time of one exact step SGD takes thousands of them.

In practice the set is shuffled and cut into minibatches, and these are worked through one after the other.
When every example has been used once, an **epoch** is over; the set is then shuffled and cut anew.
A `torch.utils.data.DataLoader` does all this:

```python
loader = DataLoader(dataset, batch_size=16, shuffle=True)
for imgs, labels in loader:      # one epoch
    ...
```
"""
