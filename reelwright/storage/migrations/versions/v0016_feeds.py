"""Sources of feeds, and what has become of their entries.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
create table feed_sources (
    name          text        primary key,
    source        jsonb       not null,
    url           text        not null,
    channel       text        not null,
    priority      integer     not null check (priority between 1 and 5),
    added_by      text        not null default '',
    added_at      timestamptz not null default now(),
    paused_at     timestamptz,
    paused_by     text        not null default '',
    note          text        not null default '',
    due_at        timestamptz not null default now(),
    harvested_at  timestamptz,
    outcome       text        not null default '' check (outcome in ('', 'ok', 'unchanged', 'failed')),
    error         text        not null default '',
    failures      integer     not null default 0,
    etag          text        not null default '',
    last_modified text        not null default '',
    unique (channel, url)
);
create index feed_sources_due on feed_sources (due_at) where paused_at is null;
comment on table feed_sources is 'Feeds that are harvested on a schedule, and how their last harvests went.';

create table feed_items (
    id           bigint      generated always as identity primary key,
    source       text        not null,
    channel      text        not null,
    keys         text[]      not null,
    state        text        not null check (state in ('new', 'started', 'duplicate', 'filtered', 'failed')),
    reason       text        not null default '',
    title        text        not null default '',
    url          text        not null default '',
    published    text        not null default '',
    content_id   text        unique,
    duplicate_of text        not null default '',
    request      jsonb,
    priority     integer     not null default 3,
    text_sha256  text        not null default '',
    runs         bigint[]    not null default '{}',
    tries        integer     not null default 1,
    seen_at      timestamptz not null default now(),
    started_at   timestamptz
);
create index feed_items_by_key on feed_items using gin (keys) with (fastupdate = off);
create index feed_items_by_run on feed_items using gin (runs) with (fastupdate = off) where runs <> '{}';
create index feed_items_by_text on feed_items (channel, text_sha256) where text_sha256 <> '';
create index feed_items_by_source on feed_items (source, seen_at desc);
create index feed_items_unstarted on feed_items (source) where state = 'new';
comment on table feed_items is 'Entries of feeds that were decided about: once each, in each source.';
comment on column feed_items.request is 'The request of the content, fixed before it is started; removed afterwards.';
comment on column feed_items.runs is 'Hashes of the runs of words of items that became contents.';
"""


def upgrade() -> None:
    """Two tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them; what was started is still in `told_entries`."""
    op.execute("drop table feed_items, feed_sources")
