"""A class's grades, as other programs want them: one format a file, each a pure function of ``ClassGrades``.

Names, messages and ids come from students. A cell of a table passes through :mod:`.spreadsheet`, a name in an archive
through :mod:`.names`; each format escapes as its readers need it.
"""
