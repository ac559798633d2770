"""Texts of posts as they were reviewed, and signed links to reviews.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = """
create table platform_texts (
    content_id  text        not null references content (id),
    sha256      text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
    platform    text        not null,
    text        jsonb       not null,
    composed_at timestamptz not null default now(),
    primary key (content_id, sha256)
);
comment on table platform_texts is 'Texts of posts, composed before the review and posted verbatim. Never updated.';
create table review_links (
    id              text        primary key,
    content_id      text        not null references content (id),
    artifact_sha256 text        not null check (artifact_sha256 ~ '^[0-9a-f]{64}$'),
    scope           text        not null check (scope in ('view', 'decide')),
    made_at         timestamptz not null default now(),
    made_by         text        not null,
    expires_at      timestamptz not null,
    revoked_at      timestamptz,
    revoked_by      text        not null default ''
);
comment on table review_links is 'Signed links to reviews. A token whose row is missing or revoked opens nothing.';
create index review_links_by_content on review_links (content_id, made_at);
"""


def upgrade() -> None:
    """Two tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table review_links; drop table platform_texts")
