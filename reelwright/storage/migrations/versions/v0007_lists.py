"""Lists by pages: the order of posts (`content_by_opening` has that of contents), and contents by their workflow.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Collation "C": a page's end is compared in the same order everywhere, whatever the database's own collation is.
INDEXES = """
create index content_by_workflow on content (workflow_id);
create index posts_in_order on posts (prepared_at desc, key collate "C" desc);
"""


def upgrade() -> None:
    """Two indexes."""
    op.execute(INDEXES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop index content_by_workflow, posts_in_order")
