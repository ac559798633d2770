"""Small effects, pauses, and accounts with their sealed tokens.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EFFECTS = """
create table effects (
    key      text primary key,
    state    text not null default 'begun' check (state in ('begun', 'done')),
    result   text not null default '',
    begun_at timestamptz not null default now(),
    done_at  timestamptz,
    check ((state = 'done') = (done_at is not null))
);
create index effects_begun on effects (begun_at) where state = 'begun';
comment on table effects is 'A row before a small effect (a comment, a notice), its result after.';
"""

PAUSES = """
create table pauses (
    platform  text not null,
    account   text not null default '',
    since     timestamptz not null default now(),
    paused_by text not null default '',
    note      text not null default '',
    primary key (platform, account)
);
comment on table pauses is 'What posts nothing for now; an empty account is the whole platform.';
"""

ACCOUNTS = """
create table accounts (
    platform            text not null,
    name                text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    external_id         text not null default '',
    options             jsonb not null default '{}',
    needs_authorization text not null default '',
    sealed_token        text,
    token_changed_at    timestamptz,
    made_at             timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    primary key (platform, name)
);
comment on table accounts is 'Who posts where.';
comment on column accounts.sealed_token is 'The tokens as JSON, encrypted with the first of REELWRIGHT_SECRET_KEY.';
"""


def upgrade() -> None:
    """Three tables."""
    for statements in (EFFECTS, PAUSES, ACCOUNTS):
        op.execute(statements)


def downgrade() -> None:
    """Without them again; tokens are lost."""
    op.execute("drop table accounts, pauses, effects")
