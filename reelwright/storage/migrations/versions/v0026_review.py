"""Who has a review open at the moment.

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

LEASES = """
create table review_leases (
    content_id text        not null,
    person     text        not null,
    opened_at  timestamptz not null default now(),
    until      timestamptz not null,
    primary key (content_id, person)
);
comment on table review_leases is 'Who looks at an open review. A hint for others, and no lock.';
create index review_leases_by_end on review_leases (until);
"""


def upgrade() -> None:
    """One table."""
    op.execute(LEASES)


def downgrade() -> None:
    """Without it."""
    op.execute("drop table review_leases")
