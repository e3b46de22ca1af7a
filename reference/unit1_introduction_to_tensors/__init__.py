"""Introduction to tensors."""
