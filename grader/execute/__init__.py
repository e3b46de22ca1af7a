"""Submission -> Session: run a student's cells in processes of their own."""
