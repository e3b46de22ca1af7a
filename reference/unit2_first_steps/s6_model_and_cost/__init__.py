"""The model and the cost function."""
