"""The audit: who decided or changed what, in a chain of hashes.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = """
create table audit (
    sequence   bigint      primary key check (sequence > 0),
    at         timestamptz not null,
    who        text        not null,
    action     text        not null,
    subject    text        not null,
    content_id text,
    before     json,
    after      json,
    previous   text        not null check (previous ~ '^[0-9a-f]{64}$'),
    hash       text        not null check (hash ~ '^[0-9a-f]{64}$')
);
create index audit_by_subject on audit (subject, sequence);
create index audit_by_content on audit (content_id, sequence) where content_id is not null;
comment on table audit is 'Who decided or changed what. Rows are added, never changed, and chained by their hashes.';
comment on column audit.hash is 'The sha256 of the canonical JSON of all other columns.';

create table audit_head (
    one      boolean primary key default true check (one),
    sequence bigint  not null,
    hash     text    not null
);
comment on table audit_head is 'The last row of the audit: one that is cut off at its end is found by it.';

create function audit_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is not changed' using errcode = 'restrict_violation';
end $$;
create trigger audit_is_kept before update or delete on audit for each row execute function audit_is_kept();
create trigger audit_is_not_emptied before truncate on audit execute function audit_is_kept();
create trigger audit_head_is_kept before delete on audit_head for each row execute function audit_is_kept();
create trigger audit_head_is_not_emptied before truncate on audit_head execute function audit_is_kept();
"""


def upgrade() -> None:
    """Two tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table audit, audit_head; drop function audit_is_kept")
