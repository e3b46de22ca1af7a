"""Training the neuron from scratch."""
