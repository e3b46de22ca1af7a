"""The questions: one file each, with the prompt, the stub and the checks. An id comes from its path."""
