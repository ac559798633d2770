"""Files that a browser or a program sends in parts, and goes on with after a break.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = """
create table uploads (
    id         text primary key,
    owner      text not null,
    name       text not null,
    size       bigint not null check (size > 0),
    received   bigint not null default 0 check (received between 0 and size),
    media      jsonb,
    begun_at   timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index uploads_by_age on uploads (updated_at);
comment on table uploads is 'One file that is being sent. Its parts are deleted when it is taken in, or after a day.';
comment on column uploads.media is 'What it was taken in as.';
create table upload_parts (
    upload text   not null references uploads (id) on delete cascade,
    starts bigint not null,
    data   bytea  not null,
    primary key (upload, starts)
);
comment on table upload_parts is 'The parts of an upload, by the byte that each begins at.';
alter table upload_parts alter column data set storage external;
"""


def upgrade() -> None:
    """Two tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them; what was only half sent is lost."""
    op.execute("drop table upload_parts, uploads")
