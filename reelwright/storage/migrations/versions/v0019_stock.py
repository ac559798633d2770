"""Found works: which a channel has shown, what their sources said of them, and answers of libraries for a day.

Revision ID: 0019
Revises: 0015
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
create table stock_works (
    asset      text        not null,
    raw_sha256 text        not null check (raw_sha256 ~ '^[0-9a-f]{64}$'),
    credit     jsonb       not null,
    raw        text        not null,
    noted_at   timestamptz not null default now(),
    primary key (asset, raw_sha256)
);
comment on table stock_works is 'What a library said of a work when it was used: its licence''s proof. Never updated.';
create table stock_shown (
    channel    text        not null,
    holder     text        not null,
    asset      text        not null,
    look       bigint,
    raw_sha256 text        not null,
    shown_at   timestamptz not null default now(),
    primary key (channel, holder),
    foreign key (asset, raw_sha256) references stock_works (asset, raw_sha256)
);
comment on table stock_shown is 'The found work that each place of a channel (a scene of a content) shows.';
comment on column stock_shown.look is 'Its perceptual hash.';
create index stock_shown_by_asset on stock_shown (channel, asset);
create table stock_searches (
    library text        not null,
    key     text        not null,
    answer  text        not null,
    read_at timestamptz not null default now(),
    primary key (library, key)
);
comment on table stock_searches is 'Answers of libraries, kept for a day as their terms want.';
create index stock_searches_by_age on stock_searches (read_at);
"""


def upgrade() -> None:
    """Three tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table stock_searches; drop table stock_shown; drop table stock_works")
