"""Which post appears in which posting slot of its channel; lists of one channel's contents.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = """
create table slot_claims (
    post_key   text        primary key,
    content_id text        not null references content (id),
    platform   text        not null,
    account    text        not null,
    at         timestamptz not null,
    claimed_at timestamptz not null default now(),
    unique (platform, account, at)
);
comment on table slot_claims is 'Each posting slot of an account takes one post.';
create index content_by_channel on content ((coalesce(request ->> 'channel', 'default')), opened_at desc);
"""


def upgrade() -> None:
    """A table and an index."""
    op.execute(TABLE)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table slot_claims; drop index content_by_channel")
