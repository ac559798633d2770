"""Versions of channels, and what each content has from its channel.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Contents that were begun before channels were configurable keep what they began with, also after a reset.
TABLES = """
create table channel_versions (
    name       text        not null check (name <> ''),
    version    integer     not null check (version > 0),
    config     json        not null,
    applied_by text        not null,
    applied_at timestamptz not null default now(),
    restored   integer,
    primary key (name, version)
);
comment on table channel_versions is 'Configuration of channels. Rows are added and never changed.';
comment on column channel_versions.restored is 'The version whose configuration a rollback has brought back.';

create function channel_versions_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'versions of channels are not changed' using errcode = 'restrict_violation';
end $$;
create trigger channel_versions_are_kept before update or delete on channel_versions
    for each row execute function channel_versions_are_kept();

create table channels_in_force (
    content_id  text        primary key references content (id),
    channel     text        not null,
    version     integer     not null check (version >= 0),
    in_force    json        not null,
    resolved_at timestamptz not null default now()
);
create index channels_in_force_by_channel on channels_in_force (channel);
comment on table channels_in_force is 'What a content has from its channel, resolved once. Version 0: nothing.';

insert into channels_in_force (content_id, channel, version, in_force)
    select id, coalesce(request ->> 'channel', 'default'), 0,
           json_build_object('channel', coalesce(request ->> 'channel', 'default'))
    from content;
"""


def upgrade() -> None:
    """Two tables."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute("drop table channels_in_force, channel_versions; drop function channel_versions_are_kept")
