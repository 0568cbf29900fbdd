"""Alembic's entry: migrations run in the transaction of the connection that ``database.migrate`` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
