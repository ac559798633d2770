"""Requests are found by the day on which they were answered: old ones are deleted.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index."""
    op.execute("create index requests_by_answer on requests (done_at) where state = 'done'")


def downgrade() -> None:
    """Without it."""
    op.execute("drop index requests_by_answer")
