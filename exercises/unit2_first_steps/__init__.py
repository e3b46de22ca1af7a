"""# First steps

A first model, small enough to see everything that happens in it: one neuron, which separates two clouds of
points by a straight line. You read its parameters off a drawing, measure how badly it fits by a cost, derive
the gradient of this cost by hand, and train the neuron twice: with a loop of your own, and with PyTorch.

Then the same ideas grow up. Ten neurons side by side sort pictures of clothes into ten classes, minibatches
take the place of the whole training set, and a second layer with a bend between the two does what no straight
line can do.
"""
