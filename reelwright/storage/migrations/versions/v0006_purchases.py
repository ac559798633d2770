"""What is bought from providers: noted before the call, paid for with its answer, stored with its result.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PURCHASES = """
create table purchases (
    id          bigint generated always as identity primary key,
    key         text not null,
    content_id  text not null references content (id),
    step        text not null,
    provider    text not null,
    state       text not null default 'reserved' check (state in ('reserved', 'paid', 'stored', 'lost')),
    usd         numeric(12, 6) not null default 0 check (usd >= 0),
    answer      json,
    bought_for  text not null default '',
    reserved_at timestamptz not null default now(),
    paid_at     timestamptz,
    stored_at   timestamptz,
    check ((state = 'reserved') = (paid_at is null))
);
create index purchases_by_key on purchases (key, id);
create index purchases_by_buyer on purchases (bought_for) where bought_for <> '';
comment on table purchases is
    'Calls to providers. reserved: about to be made; paid: answered; stored: its result is on record; lost: in vain.';
comment on column purchases.answer is 'A small answer that is paid for and not stored yet: it is not bought again.';
comment on column purchases.bought_for is 'The activity (workflow run and activity id) that asked.';
"""

# A cost is booked when it is paid, under the purchase's own key: there may never be a result.
COSTS = "alter table costs drop constraint costs_key_fkey"

BACK = """
insert into costs (key, content_id, step, provider, usd)
select purchases.key, purchases.content_id, purchases.step, max(purchases.provider), sum(purchases.usd)
from purchases join results on results.key = purchases.key where purchases.state <> 'reserved'
group by purchases.key, purchases.content_id, purchases.step on conflict do nothing;
delete from costs where not exists (select from results where results.key = costs.key);
alter table costs add constraint costs_key_fkey foreign key (key) references results (key);
drop table purchases;
"""


def upgrade() -> None:
    """One table; costs need no result any more."""
    op.execute(PURCHASES)
    op.execute(COSTS)


def downgrade() -> None:
    """Without it; what was paid for in vain is forgotten."""
    op.execute(BACK)
