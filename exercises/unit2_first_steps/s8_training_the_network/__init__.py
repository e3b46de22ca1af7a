"""# Training the network

All the parts are there: a model, a cost, a gradient that is estimated from a minibatch. PyTorch has a ready-made
piece for each, and a training iteration puts them together:

```python
model = nn.Sequential(nn.Linear(784, 10), nn.LogSoftmax(dim=1))
cost_of = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


def iteration(imgs, labels):
    optimizer.zero_grad()                     # forget the gradients of the last minibatch
    log_y = model(imgs.flatten(start_dim=1))  # forward
    cost = cost_of(log_y, labels)
    cost.backward()                           # gradients of the cost
    optimizer.step()                          # parameter <- parameter - lr * gradient
    return cost.item(), (log_y.argmax(dim=1) == labels).float().mean().item()
```

The model ends with `LogSoftmax`, so it returns the logarithms of the probabilities, and `NLLLoss` picks that of the
true class, changes its sign and takes the mean: together they are the cross-entropy. Softmax and a logarithm one
after the other would be the same in theory. Why not in practice is the first question.

The cost is what gets smaller. What one wants to know is rather the *accuracy*, the share of examples for which the
most probable class is the right one, and this on examples that the model was not trained with. So after each *epoch*,
which is one pass through all minibatches of the training set, cost and accuracy are measured on a test set as well.
"""
