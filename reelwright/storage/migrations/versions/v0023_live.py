"""What pages show without asking Temporal: boards with their counts, and the news of what has changed.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NEWS = """
create table news (
    xid  xid8        not null default pg_current_xact_id(),
    id   bigint      not null generated always as identity,
    kind text        not null,
    key  text        not null,
    at   timestamptz not null default now(),
    primary key (xid, id)
);
comment on table news is 'Which row of which kind has changed. Written by triggers, in the transaction of the change.';
comment on column news.xid is
    'Rows below pg_snapshot_xmin(pg_current_snapshot()) are complete. Read in the order (xid, id): ids alone are '
    'handed out before their transactions commit, and a reader that goes by them misses some.';
create table news_pruned (
    one boolean primary key default true check (one),
    xid xid8    not null,
    id  bigint  not null
);
comment on table news_pruned is 'The last of the news that were deleted: a reader who has seen less has a gap.';
create table stream_tickets (
    sha256     text        primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    caller     jsonb       not null,
    expires_at timestamptz not null
);
comment on table stream_tickets is 'Opens one WebSocket each, once.';
"""

BOARDS = """
create table boards (
    content_id  text           primary key,
    workflow_id text           not null,
    channel     text           not null,
    title       text           not null,
    priority    smallint       not null,
    stage       text           not null,
    percent     smallint       not null check (percent between 0 and 100),
    detail      text           not null default '',
    review      text           not null default '',
    asked       timestamptz,
    cost        numeric(12, 6) not null default 0,
    filed       boolean        not null,
    started     timestamptz    not null,
    updated     timestamptz    not null default now(),
    ended       timestamptz
);
comment on table boards is 'How each content stands: by triggers on `content`, and while it runs by a watcher.';
comment on column boards.asked is 'Since when a review is wanted.';
comment on column boards.filed is 'Whether it has a row in `content`; false for one that no worker has begun.';
create table board_tallies (
    channel text   not null,
    stage   text   not null,
    n       bigint not null
);
comment on table board_tallies is
    'How many contents are in each stage: the sum of n. Rows are added and, now and then, summed up; none is updated, '
    'so that contents do not wait for each other.';
create table wanting_posts (
    key         text        primary key,
    workflow_id text        not null,
    content_id  text        not null,
    platform    text        not null,
    account     text        not null,
    channel     text        not null,
    stage       text        not null,
    since       timestamptz not null default now()
);
comment on table wanting_posts is 'Publications that wait for a person: parked, or without an authorisation.';
create table board_watch (
    one     boolean     primary key default true check (one),
    turn_at timestamptz not null,
    seen_at timestamptz,
    trouble text        not null default ''
);
comment on table board_watch is 'When the running contents were last looked at, and what is in the way of it.';
"""

# A title as `reelwright.storage.contents` has it. What cannot be read as text (a NUL in a script) is left out: a board
# must not stand in the way of the content itself.
OF_CONTENT = """
create function content_title(content_id text, request json, result json) returns text language plpgsql stable as $$
begin
    return left(btrim(regexp_replace(coalesce(
        nullif(result ->> 'title', ''),
        (select r.result ->> 'title' from results r where r.content_id = $1 and r.step = 'writing'
         order by r.recorded_at desc limit 1),
        nullif(request ->> 'title', ''), request ->> 'topic', left(request ->> 'script', 80),
        request -> 'item' ->> 'title', request ->> 'feed', ''), '\\s+', ' ', 'g')), 300);
exception when data_exception then
    return '';
end $$;

create function json_text(value json, field text) returns text language plpgsql immutable as $$
begin
    return value ->> field;
exception when data_exception then
    return null;
end $$;

create function board_of(c content) returns boards language sql stable as $$
    select c.id, c.workflow_id, coalesce(json_text(c.request, 'channel'), 'default'),
        content_title(c.id, c.request, c.result),
        coalesce(substring(json_text(c.request, 'priority') from '^[1-5]$'), '3')::smallint,
        case when c.status = 'running' then 'accepted' else c.status end,
        (case when c.status = 'running' then 0 else 100 end)::smallint,
        coalesce(left(json_text(c.result, 'reason'), 300), ''), ''::text, null::timestamptz,
        coalesce((select sum(usd) from costs where content_id = c.id), 0)::numeric(12, 6),
        true, c.opened_at, now(), c.closed_at
$$;
"""

# A function in FROM is called once; `(board_of(new)).*` would call it once for each column.
# Of a running content the watcher knows more than its row does.
KEPT = """
create function content_on_board() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from boards where content_id = old.id;
        return null;
    end if;
    insert into boards select b.* from board_of(new) as b
    on conflict (content_id) do update set
        workflow_id = excluded.workflow_id, channel = excluded.channel, title = excluded.title,
        priority = excluded.priority, detail = excluded.detail, cost = excluded.cost, filed = true,
        started = excluded.started, updated = now(), ended = excluded.ended,
        stage   = case when excluded.ended is null and boards.ended is null then boards.stage else excluded.stage end,
        percent = case when excluded.ended is null and boards.ended is null then boards.percent
                       else excluded.percent end,
        review  = case when excluded.ended is null and boards.ended is null then boards.review else '' end,
        asked   = case when excluded.ended is null and boards.ended is null then boards.asked end;
    return null;
end $$;
create trigger content_on_board
    after insert or delete or update of workflow_id, status, request, result, closed_at on content
    for each row execute function content_on_board();

create function boards_told() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into news (kind, key) values ('contents', new.content_id);
        insert into board_tallies values (new.channel, new.stage, 1);
        if new.review <> '' then insert into news (kind, key) values ('reviews', new.content_id); end if;
    elsif tg_op = 'DELETE' then
        insert into news (kind, key) values ('contents', old.content_id);
        insert into board_tallies values (old.channel, old.stage, -1);
        if old.review <> '' then insert into news (kind, key) values ('reviews', old.content_id); end if;
    else
        if (new.channel, new.title, new.stage, new.percent, new.detail, new.review, new.cost, new.ended)
            is distinct from (old.channel, old.title, old.stage, old.percent, old.detail, old.review, old.cost,
                              old.ended)
        then
            insert into news (kind, key) values ('contents', new.content_id);
        end if;
        if (new.channel, new.stage) <> (old.channel, old.stage) then
            insert into board_tallies values (old.channel, old.stage, -1), (new.channel, new.stage, 1);
        end if;
        if new.review <> old.review then
            insert into news (kind, key) values ('reviews', new.content_id);
        end if;
    end if;
    return null;
end $$;
create trigger boards_told after insert or update or delete on boards
    for each row execute function boards_told();
"""

BEFORE = """
insert into boards select b.* from content, lateral board_of(content) as b;
insert into board_tallies select channel, stage, count(*) from boards group by channel, stage;
"""

INDEXES = """
create index boards_by_start on boards (started desc, content_id collate "C" desc);
create index boards_by_stage on boards (stage, started desc, content_id collate "C" desc);
create index boards_by_channel on boards (channel, started desc, content_id collate "C" desc);
create index boards_by_end on boards (ended desc, content_id collate "C" desc) where ended is not null;
create index boards_running on boards (started desc, content_id collate "C" desc) where ended is null;
create index boards_asked on boards (asked, content_id collate "C") where review = 'wanted';
"""

PLACE = "{row}.platform || '/' || {row}.account"
POST = "{row}.content_id || '/' || {row}.platform || '/' || {row}.account"
TOLD = (
    # table, kinds, key, what of an update is told (none: all of it)
    ("decisions", ("contents",), "{row}.content_id", ""),
    (
        "posts",
        ("posts",),
        POST,
        "(old.state, old.post_id, old.url, old.error, old.again) is distinct from "
        "(new.state, new.post_id, new.url, new.error, new.again)",
    ),
    ("slot_claims", ("posts",), POST, ""),
    ("wanting_posts", ("posts",), "{row}.key", ""),
    ("pauses", ("pauses",), PLACE, ""),
    (
        "accounts",
        ("accounts",),
        "{row}.platform || '/' || {row}.name",
        "(old.external_id, old.options, old.needs_authorization, old.token_changed_at) is distinct from "
        "(new.external_id, new.options, new.needs_authorization, new.token_changed_at)",
    ),
    ("channel_versions", ("channels", "budgets"), "{row}.name", ""),
    ("quota_limits", ("quota",), PLACE, ""),
    ("audit", ("audit",), "{row}.sequence::text", ""),
    (
        "feed_sources",
        ("feeds",),
        "{row}.name",
        "(old.source::text, old.paused_at, old.harvested_at, old.outcome, old.error, old.failures) is distinct from "
        "(new.source::text, new.paused_at, new.harvested_at, new.outcome, new.error, new.failures)",
    ),
    ("review_links", ("links",), "{row}.content_id", ""),
    ("own_media", ("media",), "{row}.sha256", ""),
    ("consents", ("consents",), "{row}.id::text", ""),
    ("consent_revocations", ("consents",), "{row}.consent::text", ""),
    ("people", ("people",), "{row}.name", "(old.role, old.disabled_at) is distinct from (new.role, new.disabled_at)"),
    (
        "provider_health",
        ("providers",),
        "{row}.provider || '/' || {row}.capability",
        "(old.shut_until, old.why) is distinct from (new.shut_until, new.why)",
    ),
)
"""Kinds are topics of the stream: `reelwright.domain.news.TOPICS`."""

# A post that waits moves with all that wait beside it: one row for all of an account's that one statement moves.
QUOTA = """
create function quota_bookings_told() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into news (kind, key) select distinct 'quota', platform || '/' || account from after;
    else
        insert into news (kind, key)
        select distinct 'quota', after.platform || '/' || after.account
        from after join before using (key)
        where (after.state, after.slot_at) is distinct from (before.state, before.slot_at);
    end if;
    return null;
end $$;
create trigger quota_bookings_begun after insert on quota_bookings
    referencing new table as after for each statement execute function quota_bookings_told();
create trigger quota_bookings_moved after update on quota_bookings
    referencing old table as before new table as after for each statement execute function quota_bookings_told();
"""

PURCHASES = """
create function purchases_told() returns trigger language plpgsql as $$
begin
    insert into news (kind, key) values ('costs', new.content_id);
    return null;
end $$;
create trigger purchases_told after update of state on purchases
    for each row when ((old.state = 'unknown') <> (new.state = 'unknown')) execute function purchases_told();
"""


def _told(table: str, kinds: tuple[str, ...], key: str, changed: str) -> str:
    """The function and the triggers by which a table's changes are told."""

    def tell(row: str) -> str:
        rows = ", ".join(f"('{kind}', {key.format(row=row)})" for kind in kinds)
        return f"insert into news (kind, key) values {rows};"  # noqa: S608 - our own names

    condition = f"when ({changed})" if changed else ""
    return f"""
    create function {table}_told() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' then {tell("old")} else {tell("new")} end if;
        return null;
    end $$;
    create trigger {table}_told after insert or delete on {table} for each row execute function {table}_told();
    create trigger {table}_changed after update on {table} for each row {condition}
        execute function {table}_told();
    """


def upgrade() -> None:
    """Tables, what fills them, and what is there already."""
    op.execute(NEWS)
    op.execute(BOARDS)
    op.execute(OF_CONTENT)
    op.execute(BEFORE)
    op.execute(INDEXES)
    op.execute(KEPT)
    for told in TOLD:
        op.execute(_told(*told))
    op.execute(QUOTA)
    op.execute(PURCHASES)


def downgrade() -> None:
    """Without them; nothing is lost that pages could not ask Temporal for."""
    for table, *_ in TOLD:
        op.execute(f"drop trigger {table}_told on {table}; drop trigger {table}_changed on {table}")
        op.execute(f"drop function {table}_told")
    op.execute(
        """drop trigger purchases_told on purchases; drop function purchases_told;
           drop trigger quota_bookings_begun on quota_bookings; drop trigger quota_bookings_moved on quota_bookings;
           drop function quota_bookings_told;
           drop trigger content_on_board on content; drop function content_on_board;
           drop function board_of;
           drop table board_watch, wanting_posts, board_tallies, boards, stream_tickets, news_pruned, news;
           drop function boards_told; drop function content_title; drop function json_text"""
    )
