"""Requests to providers: what was asked, by whom it is asked just now, and what came of it; the providers' health.

Revision ID: 0017
Revises: 0015
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

REQUESTS = """
create table requests (
    channel     text        not null,
    sha256      text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
    capability  text        not null,
    provider    text        not null,
    state       text        not null default 'failed'
                check (state in ('claimed', 'sent', 'accepted', 'done', 'failed', 'unknown')),
    holder      text        not null default '',
    lease_until timestamptz,
    job_id      text        not null default '',
    attempts    int         not null default 0,
    unknowns    int         not null default 0,
    purchase    bigint      references purchases (id),
    content_id  text        not null references content (id),
    usd         numeric(12, 6) not null default 0 check (usd >= 0),
    meta        json,
    data        bytea,
    media_type  text        not null default '',
    asset       json,
    asked_at    timestamptz not null default now(),
    done_at     timestamptz,
    primary key (channel, sha256)
);
create index requests_by_purchase on requests (purchase);
comment on table requests is
    'What is asked of providers, by the hash of all that decides the answer: the same is bought once per channel.';
comment on column requests.state is
    'claimed: about to be asked; sent: the call is under way, or its worker died; accepted: a job with an id; done: '
    'answered; failed: not charged; unknown: nobody knows whether it was charged for.';
comment on column requests.data is 'The bytes of an answer that is paid for and not in the media store yet.';
"""

PURCHASES = """
alter table purchases drop constraint purchases_state_check, drop constraint purchases_check;
alter table purchases
    add constraint purchases_state_check check (state in ('reserved', 'paid', 'stored', 'lost', 'unknown')),
    add constraint purchases_check check ((state in ('reserved', 'unknown')) = (paid_at is null));
create index purchases_unknown on purchases (reserved_at) where state = 'unknown';
"""

GATE = """
create table provider_health (
    provider    text        not null,
    capability  text        not null,
    failures    int         not null default 0,
    since       timestamptz not null default now(),
    opened      int         not null default 0,
    shut_until  timestamptz,
    probe_until timestamptz,
    why         text        not null default '',
    primary key (provider, capability)
);
comment on table provider_health is 'Circuit breakers. opened: how often in a row it opened; 0 while it is closed.';
create table provider_calls (
    id         bigint generated always as identity primary key,
    provider   text        not null,
    capability text        not null,
    until      timestamptz not null
);
create index provider_calls_by_provider on provider_calls (provider, capability, until);
comment on table provider_calls is 'Calls under way, as leases: those of a worker that died run out.';
"""

TROUBLES = """
create table provider_troubles (
    key        text        not null,
    provider   text        not null,
    content_id text        not null references content (id),
    failures   int         not null default 0,
    since      timestamptz not null default now(),
    why        text        not null default '',
    given_up   boolean     not null default false,
    primary key (key, provider)
);
create index provider_troubles_by_content on provider_troubles (content_id);
comment on table provider_troubles is 'What went wrong at a provider for one purchase.';
create table settled_makers (
    content_id text not null references content (id),
    capability text not null,
    provider   text not null,
    primary key (content_id, capability)
);
comment on table settled_makers is 'Who makes all pieces of one kind of a content: one voice for all scenes.';
"""

BACK = """
drop table settled_makers, provider_troubles, provider_calls, provider_health, requests;
drop index purchases_unknown;
update purchases set state = 'reserved' where state = 'unknown';
alter table purchases drop constraint purchases_state_check, drop constraint purchases_check;
alter table purchases
    add constraint purchases_state_check check (state in ('reserved', 'paid', 'stored', 'lost')),
    add constraint purchases_check check ((state = 'reserved') = (paid_at is null));
"""


def upgrade() -> None:
    """Five tables, and one more state of purchases."""
    for statements in (REQUESTS, PURCHASES, GATE, TROUBLES):
        op.execute(statements)


def downgrade() -> None:
    """Without them; purchases whose outcome nobody knows are reservations again."""
    op.execute(BACK)
