"""Requests to the API that were sent with an `Idempotency-Key`, and how each was answered.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = """
create table api_requests (
    principal   text        not null,
    key         text        not null check (length(key) between 1 and 255),
    digest      text        not null check (digest ~ '^[0-9a-f]{64}$'),
    holder      text        not null default '',
    status      smallint    check (status between 200 and 299),
    headers     jsonb,
    answer      text,
    begun_at    timestamptz not null default now(),
    lease_until timestamptz not null,
    primary key (principal, key)
);
comment on table api_requests is 'Requests with an Idempotency-Key: sent again, each has the answer that it had.';
comment on column api_requests.status is 'Null while it is being done, or where whoever did it died.';
create index api_requests_by_age on api_requests (begun_at);
"""


def upgrade() -> None:
    """One table."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without it."""
    op.execute("drop table api_requests")
