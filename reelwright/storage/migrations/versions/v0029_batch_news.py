"""Batches are told of: when one is made, and when items of it end.

Revision ID: 0029
Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TOLD = """
create function batches_told() returns trigger language plpgsql as $$
begin
    insert into news (kind, key) select distinct 'batches', id from after;
    return null;
end $$;
create trigger batches_told after insert on batches
    referencing new table as after for each statement execute function batches_told();
create function batch_items_told() returns trigger language plpgsql as $$
begin
    insert into news (kind, key) select distinct 'batches', batch from after;
    return null;
end $$;
create trigger batch_items_told after update on batch_items
    referencing new table as after for each statement execute function batch_items_told();
"""


def upgrade() -> None:
    """Two triggers; news of the topic `batches` (`reelwright.domain.news.TOPICS`)."""
    op.execute(TOLD)


def downgrade() -> None:
    """Without them."""
    op.execute(
        """drop trigger batches_told on batches; drop trigger batch_items_told on batch_items;
           drop function batches_told; drop function batch_items_told"""
    )
