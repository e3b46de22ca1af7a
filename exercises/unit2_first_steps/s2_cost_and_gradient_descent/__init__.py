"""# Cost function and gradient descent

How good is a neuron? It answers with a probability y where the truth is a label yt, 0 or 1. If the label is 1,
the neuron should have said a y near 1, and the nearer to 0 it was, the worse. The *binary cross-entropy* puts
a price on it:

```text
H = -[ yt·log(y) + (1 - yt)·log(1 - y) ]
```

Only one of the two terms is ever there: for yt = 1 the price is -log(y), for yt = 0 it is -log(1 - y), with
the natural logarithm. A point that is classified rightly and with confidence costs next to nothing, an
undecided y = 0.5 costs log 2 ≈ 0.69, and being confident *and wrong* costs a fortune. The cost C of the neuron
is the mean of H over all points.

Seen from the parameters, C is a landscape over the space of all (w0, w1, b), and training means walking
downhill in the fog. One cannot see the valley, but one feels the slope under one's feet: the gradient points
in the direction of steepest ascent. *Gradient descent* takes a small step against it, looks again, and so on:

```text
w0 ← w0 - alpha·∂C/∂w0        w1 ← w1 - alpha·∂C/∂w1        b ← b - alpha·∂C/∂b
```

The step size alpha is called the *learning rate*. For the slope one needs the derivatives. H depends on y, y
depends on z, and z on the parameters, so the chain rule takes the gradient of one point's cost apart:

```text
∂H/∂w0 = ∂H/∂y · ∂y/∂z · ∂z/∂w0        and likewise for w1 and b
```

Three easy factors in place of one difficult derivative: this is the idea behind automatic differentiation, and
what large networks do layer by layer. For a single neuron one can go on by hand, and something pleasant
happens.
"""
