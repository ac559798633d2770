"""Who may do what: people, their sessions and tokens, one-use links, and the buckets of rate limits.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = """
create table people (
    id          bigint      generated always as identity primary key,
    name        text        not null check (char_length(name) between 1 and 64),
    role        text        not null check (role in ('viewer', 'reviewer', 'operator', 'admin')),
    password    text,
    subject     text        unique,
    disabled_at timestamptz,
    made_at     timestamptz not null default now(),
    made_by     text        not null default ''
);
comment on table people is 'Who may sign in to the console, or make tokens for programs. Nobody is ever deleted: names stand in the audit.';
comment on column people.password is 'An argon2id hash; null for who signs in elsewhere, or has not set one yet.';
comment on column people.subject is 'Who they are at an identity provider: its address and its own id of them.';
create unique index people_by_name on people (lower(name));

create table sessions (
    id         text        primary key,
    secret     bytea       not null unique check (octet_length(secret) = 32),
    person     bigint      not null references people (id),
    way        text        not null,
    made_at    timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null,
    address    text        not null default '',
    agent      text        not null default ''
);
comment on table sessions is 'Open sessions of the console; one that ends is deleted.';
comment on column sessions.secret is 'The sha256 of what the cookie holds.';
create index sessions_by_person on sessions (person);
create index sessions_by_end on sessions (expires_at);

create table api_tokens (
    id         text        primary key,
    secret     bytea       not null unique check (octet_length(secret) = 32),
    person     bigint      not null references people (id),
    label      text        not null check (char_length(label) between 1 and 64),
    role       text        not null check (role in ('viewer', 'reviewer', 'operator', 'admin')),
    made_at    timestamptz not null default now(),
    made_by    text        not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    revoked_at timestamptz,
    revoked_by text        not null default ''
);
comment on table api_tokens is 'Tokens of programs, each of a person; those that were revoked or have expired stay.';
create index api_tokens_by_person on api_tokens (person, made_at);

create table door_links (
    secret     bytea       primary key check (octet_length(secret) = 32),
    kind       text        not null check (kind in ('first', 'password')),
    person     bigint      references people (id),
    made_at    timestamptz not null default now(),
    made_by    text        not null default '',
    expires_at timestamptz not null,
    check ((kind = 'first') = (person is null))
);
comment on table door_links is 'Links that make the first admin, or set a password; one that is used is deleted.';

create table oidc_logins (
    state      bytea       primary key check (octet_length(state) = 32),
    nonce      text        not null,
    verifier   text        not null,
    back_to    text        not null,
    expires_at timestamptz not null
);
comment on table oidc_logins is 'Sign-ins that are under way at an identity provider. The state is kept as its sha256.';

create unlogged table rate_limits (
    key       text             primary key,
    remaining double precision not null,
    at        timestamptz      not null default clock_timestamp()
);
comment on table rate_limits is 'Token buckets that all replicas share. A crash of the server empties the table, which is no loss.';
create index rate_limits_by_age on rate_limits (at);
"""  # noqa: E501


def upgrade() -> None:
    """Six tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute(
        "drop table rate_limits; drop table oidc_logins; drop table door_links; drop table api_tokens; "
        "drop table sessions; drop table people"
    )
