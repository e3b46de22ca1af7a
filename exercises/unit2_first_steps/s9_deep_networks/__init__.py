"""# Deep networks

So far there was one layer between the picture and the answer: `Z = W X + b`, one linear function of the pixels
for each class, and softmax to turn the ten numbers into probabilities. Such a *flat* network asks each pixel
separately how much it speaks for each class, and adds up the votes. It cannot say: "this pixel speaks for a
shirt if that other one is dark, and against it if not."

A *deep* network puts a layer in between:

```python
from torch import nn

model = nn.Sequential(
    nn.Linear(784, 20),
    nn.ReLU(),
    nn.Linear(20, 10),
    nn.LogSoftmax(dim=1),
)
```

The first linear layer computes 20 numbers from the pixels, the *hidden* layer, which nobody tells what to
mean. `ReLU(a) = max(a, 0)` lets the positive ones pass and sets the others to 0, and the second linear layer
classifies what comes out of that.

It is natural to think that it is the number of layers that matters. This section takes the matter apart. What
can a flat network not do? What exactly does the hidden layer add? And what would be left of it without the
harmless little bend of the ReLU between the two?
"""
