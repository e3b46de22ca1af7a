"""Training the neuron with PyTorch."""
