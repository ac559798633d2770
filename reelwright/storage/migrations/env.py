"""Alembic's environment: writes the upgrade as SQL, which `reelwright.storage.migrate` runs through asyncpg.

One driver for everything (SQLAlchemy's async engine would want greenlet and a second connection string), one
transaction for the whole upgrade, and no connection string within reach of Alembic's output.
"""

from alembic import context

# The caller's transaction holds the whole upgrade together with the lock, so no BEGIN and COMMIT of Alembic's own.
context.configure(dialect_name="postgresql", literal_binds=True, transactional_ddl=False)
context.run_migrations()
