"""The quota ledger: limits, buckets, windows, bookings with their claims, and uses.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PRIORITIES = 5
_ROOMS = [f"room{priority}" for priority in range(PRIORITIES + 1)]

BUCKETS = """
create table quota_limits (
    platform text not null,
    account  text not null default '',
    bucket   text not null,
    units    integer not null check (units > 0),
    set_at   timestamptz not null default now(),
    primary key (platform, account, bucket)
);
comment on table quota_limits is 'Limits a person has set; an empty account is for all accounts of the platform.';

create table quota_buckets (
    id                 integer primary key generated always as identity,
    platform           text not null,
    account            text not null default '',
    name               text not null,
    units              integer not null check (units > 0),
    reported_units     integer check (reported_units > 0),
    reported_resets_at timestamptz,
    reported_at        timestamptz,
    spent_until        timestamptz,
    unique (platform, account, name)
);
comment on table quota_buckets is 'One row per counter of a platform''s; its lock orders all bookings of the bucket.';
comment on column quota_buckets.account is 'Empty when all accounts share it.';
comment on column quota_buckets.units is 'The limit in force, from which the rooms of the windows are counted.';
comment on column quota_buckets.reported_units is 'The limit the platform itself has named.';
comment on column quota_buckets.spent_until is 'The platform has refused: nothing is granted before then.';
"""

WINDOWS = f"""
create table quota_windows (
    bucket    integer not null references quota_buckets (id),
    starts_at timestamptz not null,
    ends_at   timestamptz not null check (ends_at > starts_at),
    {", ".join(f"{room} integer not null" for room in _ROOMS)},
    last      boolean not null,
    open_to   smallint not null generated always as (
        case when last or room5 > 0 then 5 when room4 > 0 then 4 when room3 > 0 then 3 when room2 > 0 then 2
             when room1 > 0 then 1 when room0 > 0 then 0 else -1 end) stored,
    primary key (bucket, starts_at)
);
comment on table quota_windows is 'Windows of which something is taken; one without a row is free.';
comment on column quota_windows.room0 is 'The limit less what is granted.';
comment on column quota_windows.room3 is 'room0 less what is booked with priority 3 and more urgent; so for all five.';
comment on column quota_windows.last is 'There is no row for the window that follows: beyond it there is room.';
comment on column quota_windows.open_to is 'The last priority with room; it seldom changes, nor do the indexes.';
""" + "".join(
    f"create index quota_windows_open_to_{priority} on quota_windows (bucket, starts_at) where open_to >= {priority};\n"
    for priority in range(PRIORITIES + 1)
)

BOOKINGS = """
create table quota_bookings (
    key         text primary key,
    seq         bigint not null unique generated always as identity,
    platform    text not null,
    account     text not null,
    priority    smallint not null check (priority between 1 and 5),
    costs       json not null,
    scheduled   boolean not null,
    state       text not null check (state in ('waiting', 'held', 'spent', 'released')),
    slot_at     timestamptz not null,
    slot_bucket text not null default '',
    heard_at    timestamptz not null
);
create index quota_bookings_turns on quota_bookings (platform, account, priority, slot_at)
    where state = 'waiting' and not scheduled;
create index quota_bookings_line on quota_bookings (platform, account, priority, seq)
    where state = 'waiting' and not scheduled;
create index quota_bookings_heard on quota_bookings (heard_at) where state = 'held';
comment on table quota_bookings is 'One row per publication, in order of arrival (seq).';
comment on column quota_bookings.scheduled is 'It came for a later time, and does not stand in its account''s line.';

create table quota_claims (
    bucket    integer not null references quota_buckets (id),
    seq       bigint not null references quota_bookings (seq),
    units     integer not null check (units > 0),
    priority  smallint not null,
    starts_at timestamptz not null,
    slot_at   timestamptz not null,
    held      boolean not null,
    primary key (seq, bucket)
);
create index quota_claims_waiting on quota_claims (bucket, starts_at, priority, seq) include (units, slot_at)
    where not held;
create index quota_claims_held on quota_claims (bucket, starts_at) include (units) where held;
comment on table quota_claims is 'What waiting and held bookings take from which window of which bucket.';

create table quota_uses (
    id      bigint primary key generated always as identity,
    bucket  integer not null references quota_buckets (id),
    used_at timestamptz not null,
    units   integer not null check (units > 0)
);
create index quota_uses_by_time on quota_uses (bucket, used_at) include (units);
comment on table quota_uses is 'What was spent when of rolling buckets; free again one window''s length later.';
"""


def upgrade() -> None:
    """Six tables."""
    for statements in (BUCKETS, WINDOWS, BOOKINGS):
        op.execute(statements)


def downgrade() -> None:
    """Without them; what was spent and booked is forgotten."""
    op.execute("drop table quota_uses, quota_claims, quota_bookings, quota_windows, quota_buckets, quota_limits")
