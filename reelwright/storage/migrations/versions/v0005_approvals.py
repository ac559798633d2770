"""Which posts were made from approved material, and one live post per content, platform and account.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPROVED = """
create table approved_posts (
    content_id      text not null references content (id),
    digest          text not null check (digest = '*' or digest ~ '^[0-9a-f]{64}$'),
    artifact_sha256 text not null check (artifact_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at     timestamptz not null default now(),
    primary key (content_id, digest)
);
comment on table approved_posts is 'Posts (text, files, video) by digest, and the reviewed material they are made of.';
comment on column approved_posts.digest is
    '* stands for any post of a content that was approved before this table was there, until its posts are recorded.';
create index decisions_by_artifact on decisions (content_id, artifact_sha256, decided_at) where kind = 'review';
"""

# What was approved by an older release and is still to be posted must not be stopped by a record it could not make.
EARLIER = """
insert into approved_posts (content_id, digest, artifact_sha256)
select distinct on (content.id) content.id, '*', decisions.artifact_sha256
from content join decisions on decisions.content_id = content.id
where decisions.kind = 'review' and decisions.decision = 'approve' and decisions.artifact_sha256 <> ''
      and content.status in ('running', 'incomplete')
order by content.id, decisions.decided_at desc;
"""

ONE_LIVE = """
alter table posts add column again integer not null default 0 check (again >= 0);
alter table posts add column again_by text not null default '';
comment on column posts.again is 'Counts the posts of one content on one account; the first is 0.';
comment on column posts.again_by is 'Who asked for another post although there was a live one.';
update posts set again = earlier.number
from (select key, row_number() over (partition by content_id, platform, account order by prepared_at, key) - 1 as number
      from posts where state in ('armed', 'posted') or (state = 'failed' and armed_at is not null)) as earlier
where earlier.key = posts.key and earlier.number > 0;
create unique index posts_one_live on posts (content_id, platform, account, again)
    where state in ('armed', 'posted') or (state = 'failed' and armed_at is not null);
comment on index posts_one_live is 'A post that exists, or may exist, is the only one of its content and account.';
"""


def upgrade() -> None:
    """One table, two columns, two indexes."""
    for statements in (APPROVED, EARLIER, ONE_LIVE):
        op.execute(statements)


def downgrade() -> None:
    """Without them; which posts were approved is forgotten."""
    op.execute("drop index posts_one_live; alter table posts drop column again, drop column again_by")
    op.execute("drop index decisions_by_artifact; drop table approved_posts")
