"""The answers: beside each question's path, its solution, other right answers and wrong ones."""
