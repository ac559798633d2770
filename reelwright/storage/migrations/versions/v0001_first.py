"""The first schema: content, effects and their costs, media, videos, posts, decisions.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CONTENT = """
create table content (
    id             text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    workflow_id    text not null,
    status         text not null default 'running'
                   check (status in ('running', 'done', 'incomplete', 'rejected', 'blocked', 'failed', 'cancelled')),
    request        json not null,
    request_sha256 text not null check (request_sha256 ~ '^[0-9a-f]{64}$'),
    request_key    text unique,
    result         json,
    opened_at      timestamptz not null default now(),
    closed_at      timestamptz,
    check ((status = 'running') = (closed_at is null))
);
create index content_by_opening on content (opened_at desc);
create index content_by_status on content (status, opened_at desc);
comment on table content is 'One row per piece of content asked for; request_key makes asking twice one run.';
comment on column content.status is 'running until it is closed with a final stage.';
comment on column content.request_sha256 is 'Tells the same request asked again from another one under the same id.';
"""

RESULTS = """
create table results (
    key         text primary key,
    content_id  text not null references content (id),
    step        text not null,
    result      json not null,
    provider    text not null,
    recorded_at timestamptz not null default now()
);
create index results_by_content on results (content_id, step);
comment on table results is 'What each side effect ended with. The first writer of a key wins; nothing is done twice.';

create table costs (
    key         text primary key references results (key),
    content_id  text not null references content (id),
    step        text not null,
    provider    text not null,
    usd         numeric(12, 6) not null check (usd >= 0),
    recorded_at timestamptz not null default now()
);
create index costs_by_content on costs (content_id, step);
create index costs_by_day on costs (recorded_at);
comment on table costs is 'US dollars spent, one row per side effect.';
"""

MEDIA = """
create table assets (
    key        text primary key check (key ~ '^[0-9a-f]{2}/[0-9a-f]{64}([.][a-z0-9]{1,8})?$'),
    sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    size       bigint not null check (size >= 0),
    media_type text not null,
    stored_at  timestamptz not null default now()
);
create index assets_by_sha256 on assets (sha256);
comment on table assets is 'Files in the media store, by their place in it.';

create table result_assets (
    result_key text not null references results (key),
    asset_key  text not null references assets (key),
    primary key (result_key, asset_key)
);
create index result_assets_by_asset on result_assets (asset_key);
comment on table result_assets is 'Which side effect made or used which file.';

create table videos (
    content_id  text not null references content (id),
    format      text not null,
    asset_key   text not null references assets (key),
    width       integer not null check (width > 0),
    height      integer not null check (height > 0),
    fps         integer not null check (fps > 0),
    frames      integer not null check (frames > 0),
    duration_s  double precision not null check (duration_s > 0),
    recorded_at timestamptz not null default now(),
    primary key (content_id, format)
);
comment on table videos is 'The newest delivered video of a content in each format. Lengths in seconds.';
"""

POSTS = """
create table posts (
    key         text primary key,
    content_id  text not null references content (id),
    platform    text not null,
    account     text not null,
    state       text not null default 'prepared'
                check (state in ('prepared', 'uploading', 'armed', 'posted', 'failed')),
    draft       json not null,
    video       json not null,
    session     json,
    committed   bigint not null default 0 check (committed >= 0),
    post_id     text not null default '',
    url         text not null default '',
    error       text not null default '',
    prepared_at timestamptz not null default now(),
    armed_at    timestamptz,
    ended_at    timestamptz,
    updated_at  timestamptz not null default now(),
    unique (platform, account, key),
    check ((state = 'posted') = (post_id <> '')),
    check (state not in ('uploading') or session is not null),
    check (state <> 'armed' or armed_at is not null)
);
create unique index posts_one_row_per_post on posts (platform, account, post_id) where post_id <> '';
create index posts_by_content on posts (content_id);
create index posts_in_flight on posts (state, updated_at) where state in ('prepared', 'uploading', 'armed');
comment on table posts is 'A row before the irreversible call, its result after. Armed without a result: reconcile.';
comment on column posts.session is 'The platform''s upload session; as good as a credential, so dropped at the end.';
comment on column posts.committed is 'Bytes the platform has acknowledged.';
"""

DECISIONS = """
create table decisions (
    key             text primary key,
    content_id      text not null references content (id),
    kind            text not null,
    decision        text not null,
    decided_by      text not null,
    note            text not null default '',
    artifact_sha256 text not null default '' check (artifact_sha256 = '' or artifact_sha256 ~ '^[0-9a-f]{64}$'),
    decided_at      timestamptz not null default now()
);
create index decisions_by_content on decisions (content_id, decided_at);
comment on table decisions is 'Who decided what about exactly which artifact: moderation and human review.';
"""


def upgrade() -> None:
    """Everything."""
    for statements in (CONTENT, RESULTS, MEDIA, POSTS, DECISIONS):
        op.execute(statements)


def downgrade() -> None:
    """Nothing is left."""
    op.execute("drop table decisions, posts, videos, result_assets, assets, costs, results, content")
