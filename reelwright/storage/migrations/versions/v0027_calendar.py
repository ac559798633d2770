"""The calendar of posts finds them by their times.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDICES = """
create index posts_by_end on posts (ended_at) where ended_at is not null;
create index slot_claims_by_time on slot_claims (at);
create index quota_bookings_by_slot on quota_bookings (slot_at) where state in ('waiting', 'held');
"""


def upgrade() -> None:
    """Three indices."""
    op.execute(INDICES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop index posts_by_end, slot_claims_by_time, quota_bookings_by_slot")
