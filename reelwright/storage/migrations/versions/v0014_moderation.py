"""What classifiers answered, and what contents are recognised by.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = """
create table classifier_answers (
    classifier   text        not null,
    input_sha256 text        not null check (input_sha256 ~ '^[0-9a-f]{64}$'),
    scores       json        not null,
    answered_at  timestamptz not null default now(),
    primary key (classifier, input_sha256)
);
comment on table classifier_answers is 'Scores of texts and pictures by classifiers of others: none is asked twice.';

create table fingerprints (
    content_id text        primary key references content (id),
    channel    text        not null,
    title      text        not null,
    shingles   bigint[]    not null default '{}',
    pictures   bigint[]    not null default '{}',
    noted_at   timestamptz not null default now()
);
create index fingerprints_by_shingle on fingerprints using gin (shingles);
create index fingerprints_by_channel on fingerprints (channel, noted_at desc);
comment on table fingerprints is 'What a content is recognised by when a later one of its channel repeats it.';
comment on column fingerprints.shingles is
    'Hashes of the runs of words in its narration: all, or of a long one the smallest 2,000.';
comment on column fingerprints.pictures is 'Perceptual hashes of its scenes'' and its posts'' pictures.';
"""


def upgrade() -> None:
    """Two tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table fingerprints, classifier_answers")
