"""Evidence of every asset and decision, what is declared of the user's own media, and consents.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Contents of before have no evidence and are posted without; an older release's worker opens its contents so, too.
TABLES = """
alter table content add column evidence boolean not null default false;
comment on column content.evidence is 'Whether a publication needs evidence; not for contents of earlier releases.';

create table evidence (
    id         bigint generated always as identity primary key,
    content_id text   not null references content (id),
    kind       text   not null,
    sha256     text   not null,
    row        json   not null,
    prompt     text
);
create index evidence_by_content on evidence (content_id, id);
create index evidence_by_sha256 on evidence (sha256);
comment on table evidence is 'A row for each asset and decision, with the sha256 of its own JSON (`EvidenceRow`).';
comment on column evidence.prompt is 'The text by which it was ordered; `row` has its sha256.';

create table media_rights (
    id          bigint generated always as identity primary key,
    sha256      text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
    licence     text        not null,
    terms       text        not null default '',
    expires_at  timestamptz,
    consent     bigint,
    declared_by text        not null,
    declared_at timestamptz not null default now()
);
create index media_rights_by_sha256 on media_rights (sha256, id);
comment on table media_rights is 'What the user declares of a file of their own; the newest row counts.';

create table consents (
    id              bigint generated always as identity primary key,
    person          text        not null,
    covers          text        not null check (covers in ('voice', 'picture')),
    voice           text        not null default '',
    use             text        not null,
    given_at        timestamptz not null,
    expires_at      timestamptz,
    document_sha256 text        not null check (document_sha256 ~ '^[0-9a-f]{64}$'),
    added_by        text        not null,
    added_at        timestamptz not null default now()
);
create index consents_by_voice on consents (voice) where voice <> '';
comment on table consents is 'Whose voice or picture may be used for what, until when, by which document.';

create table consent_revocations (
    consent    bigint      primary key references consents (id),
    revoked_by text        not null,
    note       text        not null default '',
    revoked_at timestamptz not null default now()
);
comment on table consent_revocations is 'Which consents were ended, by whom and why.';
alter table media_rights add foreign key (consent) references consents (id);

create function rows_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'rows of this table are not changed' using errcode = 'restrict_violation';
end $$;

-- The one exception, for erasure: `set local reelwright.erasing = 'on'` lets a prompt be set to null, nothing else.
create function evidence_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if coalesce(current_setting('reelwright.erasing', true), '') = 'on' and new.prompt is null
            and (new.id, new.content_id, new.kind, new.sha256) = (old.id, old.content_id, old.kind, old.sha256)
            and new.row::text = old.row::text then
            return new;
        end if;
    end if;
    raise exception 'rows of evidence are not changed' using errcode = 'restrict_violation';
end $$;

create trigger evidence_is_kept before update or delete on evidence for each row execute function evidence_is_kept();
create trigger evidence_is_not_emptied before truncate on evidence execute function rows_are_kept();
create trigger media_rights_are_kept before update or delete on media_rights
    for each row execute function rows_are_kept();
create trigger consents_are_kept before update or delete on consents for each row execute function rows_are_kept();
create trigger consent_revocations_are_kept before update or delete on consent_revocations
    for each row execute function rows_are_kept();
"""


def upgrade() -> None:
    """Four tables and a column."""
    op.execute(TABLES)


def downgrade() -> None:
    """Without them."""
    op.execute(
        """drop table evidence, media_rights, consent_revocations, consents;
           drop function evidence_is_kept, rows_are_kept;
           alter table content drop column evidence"""
    )
