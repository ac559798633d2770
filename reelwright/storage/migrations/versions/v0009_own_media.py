"""Media of the user's own.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = """
create table own_media (
    sha256     text        primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    name       text        not null,
    kind       text        not null check (kind in ('picture', 'clip', 'sound')),
    media_type text        not null,
    bytes      bigint      not null check (bytes >= 0),
    media      json        not null,
    added_at   timestamptz not null default now()
);
create index own_media_by_time on own_media (added_at desc, sha256);
comment on table own_media is 'Files of the user''s own in the media store, by the sha256 of the bytes as they came.';
comment on column own_media.media is 'All that is known of it, as `StoredMedia`.';
"""


def upgrade() -> None:
    """One table."""
    op.execute(TABLE)


def downgrade() -> None:
    """Without it."""
    op.execute("drop table own_media")
