"""Batches: many contents started from a table, or one thing done to many.

Revision ID: 0028
Revises: 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = """
create table batches (
    id      text        primary key,
    action  text        not null check (action in ('start', 'cancel', 'retry')),
    made_by text        not null,
    made_at timestamptz not null default now(),
    note    text        not null default ''
);
create index batches_in_order on batches (made_at desc, id);
create table batch_items (
    batch      text    not null references batches (id),
    number     integer not null check (number > 0),
    content_id text    not null,
    title      text    not null default '',
    request    jsonb,
    state      text    not null default 'waiting' check (state in ('waiting', 'done', 'failed', 'left')),
    told       text    not null default '',
    ended_at   timestamptz,
    primary key (batch, number),
    check ((state = 'waiting') = (ended_at is null))
);
create index batch_items_waiting on batch_items (batch, number) where state = 'waiting';
comment on table batches is 'What was ordered for many contents at once, and by whom.';
comment on table batch_items is 'What is done to which content, and what has become of it.';
"""


def upgrade() -> None:
    """Two tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table batch_items, batches")
