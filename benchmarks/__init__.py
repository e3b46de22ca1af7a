"""Measurements of the project itself; see README.md in this folder."""
