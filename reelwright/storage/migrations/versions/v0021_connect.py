"""Connecting accounts: what is under way, and what people have granted.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = """
create table grants (
    id           bigint      generated always as identity primary key,
    platform     text        not null,
    origin       text        not null,
    issuer       text        not null,
    client       text        not null,
    subject      text        not null,
    subject_name text        not null default '',
    scopes       text[]      not null default '{}',
    sealed_token text,
    granted_by   text        not null default '',
    granted_at   timestamptz not null default now(),
    ends         timestamptz,
    revoked_at   timestamptz,
    unique (platform, origin, issuer, client, subject)
);
comment on table grants is 'What a person has allowed our application on a platform. Accounts point to it.';
comment on column grants.sealed_token is 'The grant''s own token, encrypted, where it is another than its accounts''.';
alter table accounts add column grant_id bigint references grants (id) on delete set null;
create index accounts_by_grant on accounts (grant_id);
create table connections (
    id              text        primary key,
    state_sha256    text        not null unique,
    platform        text        not null,
    origin          text        not null,
    account         text        not null,
    way             text        not null,
    app             text        not null default '',
    redirect        text        not null default '',
    scopes          text[]      not null default '{}',
    replace         boolean     not null default false,
    session_sha256  text        not null default '',
    sealed_asked    text,
    sealed_granted  text,
    begun_by        text        not null default '',
    begun_at        timestamptz not null default now(),
    expires_at      timestamptz not null,
    used_at         timestamptz
);
comment on table connections is 'Connections of accounts that are under way, or were not long ago.';
comment on column connections.sealed_asked is 'State and PKCE verifier, encrypted; gone as soon as an answer came.';
comment on column connections.sealed_granted is 'What was granted, encrypted, until somebody has picked from it.';
create index connections_by_end on connections (expires_at);
"""


def upgrade() -> None:
    """Two tables, and which grant an account is of."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table connections; alter table accounts drop column grant_id; drop table grants")
