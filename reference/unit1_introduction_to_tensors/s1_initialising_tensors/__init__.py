"""Initialising tensors."""
