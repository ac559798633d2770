"""Alembic's script folder; `reelwright.storage.migrate` runs it."""
