"""Cost function and gradient descent."""
