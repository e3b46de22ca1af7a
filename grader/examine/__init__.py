"""Session -> Finding*: hidden inputs go through a student's answers, and what comes back is judged here."""
