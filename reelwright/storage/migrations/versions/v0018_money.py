"""Costs on the day on which budgets count them, and what providers say of their models' ends.

Revision ID: 0018
Revises: 0015
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COSTS = """
alter table costs add column counted_at timestamptz;
update costs set counted_at = purchases.reserved_at
    from purchases where costs.key = purchases.key || '#' || purchases.id;
create index costs_by_counted_day on costs ((coalesce(counted_at, recorded_at)));
comment on column costs.counted_at is
    'When its purchase was reserved, as budgets count it; null without one, and from a worker of an older release.';
"""
MODELS = """
create table model_lists (
    provider  text        primary key,
    asked_at  timestamptz not null default now(),
    told_at   timestamptz,
    ends      json        not null default '[]',
    problem   text        not null default ''
);
comment on table model_lists is 'The ends of models as their providers list them. Asked once a day by one worker.';
comment on column model_lists.told_at is 'When the provider last answered; null while it never did.';
"""


def upgrade() -> None:
    """A column, filled from the purchases, and a table."""
    op.execute(COSTS)
    op.execute(MODELS)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table model_lists; drop index costs_by_counted_day; alter table costs drop column counted_at")
