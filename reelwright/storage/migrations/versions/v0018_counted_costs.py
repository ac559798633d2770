"""Costs on the day on which budgets count them.

Revision ID: 0018
Revises: 0015
"""

from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMN = """
alter table costs add column counted_at timestamptz;
update costs set counted_at = purchases.reserved_at
    from purchases where costs.key = purchases.key || '#' || purchases.id;
create index costs_by_counted_day on costs ((coalesce(counted_at, recorded_at)));
comment on column costs.counted_at is
    'When its purchase was reserved, as budgets count it; null without one, and from a worker of an older release.';
"""


def upgrade() -> None:
    """A column, filled from the purchases."""
    op.execute(COLUMN)


def downgrade() -> None:
    """Without it."""
    op.execute("drop index costs_by_counted_day; alter table costs drop column counted_at")
