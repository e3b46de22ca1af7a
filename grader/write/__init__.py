"""The last arrow: a Grade becomes a table in the terminal, grade.json and report.html.

Everything that a student wrote passes through :mod:`grader.write.safe` on its way out.
"""
