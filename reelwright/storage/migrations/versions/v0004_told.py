"""Which entries of feeds a channel has told.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TOLD_ENTRIES = """
create table told_entries (
    channel    text not null,
    key        text not null,
    content_id text not null,
    told_at    timestamptz not null default now(),
    primary key (channel, key)
);
create index told_entries_by_content on told_entries (channel, content_id);
comment on table told_entries is 'Entries of feeds that a content of the channel tells; an entry has several keys.';
comment on column told_entries.key is 'A digest of guid, link, title with text, or title with date.';
"""


def upgrade() -> None:
    """One table."""
    op.execute(TOLD_ENTRIES)


def downgrade() -> None:
    """Without it; entries are told again."""
    op.execute("drop table told_entries")
