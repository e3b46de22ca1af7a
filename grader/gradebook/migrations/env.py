"""Alembic runs this for every command: it hands over the connection, whose transaction is already open."""

from alembic import context

from grader.gradebook.migrate import VERSION_TABLE
from grader.gradebook.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # also in SQLite, whose connections begin their transactions by themselves here
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
