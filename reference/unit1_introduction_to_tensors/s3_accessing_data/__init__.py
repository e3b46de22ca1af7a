"""Accessing the data of a tensor."""
