"""What of a channel's budget is reserved for purchases under way.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = """
alter table purchases
    add column channel  text,
    add column held_usd numeric(12, 6) not null default 0 check (held_usd >= 0);
update purchases set channel = coalesce(content.request ->> 'channel', 'default')
    from content where content.id = purchases.content_id;
create index purchases_by_channel on purchases (channel, reserved_at) where usd + held_usd > 0;
create index purchases_by_content on purchases (content_id) where usd + held_usd > 0;
comment on column purchases.channel is 'Whose budget it counts against, on the day (UTC) of reserved_at.';
comment on column purchases.held_usd is
    'The most that may still be charged for it: its worst case from the reservation to the answer, and for good where '
    'nobody knows whether it was paid.';
"""


def upgrade() -> None:
    """Two columns and two indexes."""
    op.execute(COLUMNS)


def downgrade() -> None:
    """Without them."""
    op.execute(
        """drop index purchases_by_channel, purchases_by_content;
           alter table purchases drop column channel, drop column held_usd"""
    )
