"""Synthetic data and the single-neuron classifier."""
