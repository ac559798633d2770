"""The audit on a real PostgreSQL: what is written with which change, and what a verification finds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from control import audit as control
from control.studio import Books
from reelwright.domain.audit import Verified
from reelwright.domain.channels.config import Budget, ChannelConfig
from reelwright.domain.channels.in_force import InForce
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import PublishedPost
from reelwright.policies import Policies
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.audit import PostgresAudit, record
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.database import transaction
from reelwright.storage.pauses import PostgresGate
from reelwright.storage.posts import PostgresPostLedger
from reelwright.storage.quota.ledger import PostgresQuotaLedger
from reelwright.storage.vault import Vault
from tests.servers import Servers, emptied

from ..conftest import database_of_its_own
from .filing import FILE, SHA, draft, open_content, ready

SECRET = "ya29.a-token-that-is-nowhere-in-the-audit"


@pytest.fixture(scope="module")
async def books(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
async def pool(books: Any) -> Any:
    """An audit without rows."""
    await emptied(books)
    return books


async def add(pool: Any, number: int) -> None:
    async with transaction(pool) as connection:
        await record(connection, "test", f"thing {number}", by="ana", after={"number": number, "é": [1.5, None, True]})


async def told(pool: Any) -> list[tuple[str, str, str, Any, Any]]:
    rows = await PostgresAudit(pool).page(100)
    return [(row.who, row.action, row.subject, row.before, row.after) for row in reversed(rows)]


async def verified(pool: Any, expected: str = "") -> Verified:
    return await PostgresAudit(pool).verify(expected)


async def test_each_change_has_its_row(pool: Any) -> None:
    catalog, gate, ledger = PostgresCatalog(pool), PostgresGate(pool), PostgresPostLedger(pool)
    await open_content(catalog, "one")
    for number, decision in enumerate(("revise", "approve", "approve")):  # the last one is the second, once more
        await catalog.record_decision(
            f"one/{min(number, 1)}", content_id="one", kind="review", decision=decision, by="ana", note="n",
            artifact_sha256=SHA,
        )  # fmt: skip
    await gate.pause(Platform.X, "news", by="ben", note="a storm")
    await gate.pause(Platform.X, "news", by="ana", note="again")
    await gate.resume(Platform.X, "news", by="cem")
    assert not await gate.resume(Platform.X, "news", by="cem")
    key = await ready(ledger, "one")
    await ledger.arm(key)
    await ledger.disarm(key, None, settled_by="dan")
    await ledger.disarm(key, None, settled_by="dan")
    await ledger.save_session(key, (await ledger.get(key)).session or _session())  # type: ignore[union-attr]
    await ledger.arm(key)
    for _ in range(2):
        await ledger.confirm(key, PublishedPost(post_id="v1"), settled_by="eve")
    await ledger.prepare("other", content_id="one", draft=draft(), video=FILE, again_by="fay")
    await PostgresQuotaLedger(pool).set_limit(Platform.TIKTOK, "posts", 3, by="gus")

    rows = await told(pool)
    assert [(who, action, subject) for who, action, subject, _, _ in rows] == [
        ("ana", "decision.review", "one"),
        ("ana", "decision.review", "one"),
        ("ben", "pause", "x/news"),
        ("cem", "resume", "x/news"),
        ("dan", "post.settle", "youtube/default"),
        ("eve", "post.settle", "youtube/default"),
        ("fay", "post.again", "youtube/default"),
        ("gus", "quota.limit", "tiktok"),
    ]
    assert rows[0][3:] == (None, {"decision": "revise", "note": "n", "artifact_sha256": SHA})
    assert rows[1][3] == {"decision": "revise", "decided_by": "ana", "artifact_sha256": SHA}
    assert rows[3][3]["by"] == "ben" and rows[3][4] is None
    assert (rows[4][4]["posted"], rows[5][4]["posted"]) == (False, True)
    assert rows[6][3] == {"key": key, "post_id": "v1"}
    assert rows[7][3:] == (None, {"posts": 3})
    assert await verified(pool) == Verified(8, (await PostgresAudit(pool).page(1))[0].hash)
    about = await PostgresAudit(pool).page(10, about="content-one")
    assert {row.action for row in about} == {"decision.review", "post.settle", "post.again"}


async def test_accounts_and_channels_without_their_secrets(pool: Any) -> None:
    accounts = PostgresAccountStore(pool, Vault(SecretStr(Vault.new_key())))
    info = AccountInfo(platform=Platform.YOUTUBE, name="main", options={"seed": "0123456789ab", "note": SECRET})
    token = StoredToken(access_token=SecretStr(SECRET), refresh_token=SecretStr(SECRET + "-refresh"), flow="google")
    await accounts.put(info, token, by="ana")
    await accounts.put(info.model_copy(update={"external_id": "UC1"}))
    await accounts.put(info, token, by="ben")
    await accounts.reseal(by="ben")
    await accounts.remove(Platform.YOUTUBE, "main", by="ben")
    assert not await accounts.remove(Platform.YOUTUBE, "main", by="ben")
    channels = PostgresChannels(pool)
    for config in (
        ChannelConfig(name="sea"),
        ChannelConfig(name="sea"),
        ChannelConfig(name="sea", budget=Budget(usd_per_day=2)),
    ):
        await channels.apply([config], by="cem")
    await channels.rollback("sea", 1, by="dan")

    rows = await told(pool)
    assert [row[:3] for row in rows] == [
        ("ana", "account.add", "youtube/main"),
        ("reelwright", "account.change", "youtube/main"),
        ("ben", "account.authorize", "youtube/main"),
        ("ben", "account.reseal", "accounts"),
        ("ben", "account.remove", "youtube/main"),
        ("cem", "channel.apply", "sea"),
        ("cem", "budget.set", "sea"),
        ("dan", "channel.rollback", "sea"),
    ]
    assert rows[0][4]["token"] == {"origin": "unknown", "flow": "google", "expires_at": None}
    assert rows[6][4]["config"]["budget"] == {"usd_per_day": 2.0} and rows[6][3]["version"] == 1
    text = json.dumps([dict(row) for row in await pool.fetch("select * from audit")], default=str)
    assert "ya29" not in text and "0123456789ab" not in text and "[redacted" in text
    assert (await verified(pool)).broken is None


async def test_a_policy_that_changed_is_recorded_once(pool: Any) -> None:
    """Thirty contents begin at once under the policy, then one under another of its name."""
    channels = PostgresChannels(pool)
    contents = [f"policy-{number}" for number in range(31)]
    for content in contents:
        await open_content(PostgresCatalog(pool), content)
    policy = Policies().find("kids")
    found = InForce(channel="default", moderation="kids", policy=policy)
    await asyncio.gather(*(channels.keep(content, found) for content in contents[:30]))
    await channels.keep(contents[0], found)
    other = policy.model_copy(update={"blocked_terms": ("hunter two",)})
    await channels.keep(contents[30], found.model_copy(update={"policy": other}))
    first, second = await told(pool)
    assert first[:4] == ("reelwright", "policy.change", "policy/kids", None)
    assert second[3] == first[4] and second[4]["blocked_terms"] == ["hunter two"]
    assert (await verified(pool)).broken is None


async def test_a_change_that_fails_leaves_no_row(pool: Any) -> None:
    with pytest.raises(InvalidInput):
        await PostgresCatalog(pool).record_decision(
            "k", content_id="nothing", kind="review", decision="approve", by="ana", note="", artifact_sha256=SHA
        )
    assert await verified(pool) == Verified(0, "0" * 64)


async def test_fifty_writers_at_once_make_one_chain(pool: Any) -> None:
    await asyncio.gather(*(add(pool, number) for number in range(50)))
    found = await verified(pool)
    assert (found.rows, found.broken) == (50, None)
    assert {row[2] for row in await told(pool)} == {f"thing {number}" for number in range(50)}
    assert (await verified(pool, found.head[:12])).broken is None


@pytest.mark.parametrize(
    "statement", ["update audit set who = 'x'", "delete from audit", "truncate audit", "delete from audit_head"]
)
async def test_the_database_refuses_to_change_it(pool: Any, statement: str) -> None:
    await add(pool, 1)
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute(statement)


@pytest.mark.parametrize(
    "tampering, sequence, differs",
    [
        ("update audit set who = 'ben' where sequence = 3", 3, "was altered"),
        ("update audit set at = at + interval '1 microsecond' where sequence = 3", 3, "was altered"),
        ("update audit set after = '{}' where sequence = 5", 5, "was altered"),
        ("update audit set before = '{}' where sequence = 1", 1, "was altered"),
        ("delete from audit where sequence = 1", 2, "row 1 is missing"),
        ("delete from audit where sequence in (3, 4)", 5, "row 3 to 4 is missing"),
        ("delete from audit where sequence = 5", 5, "missing at the end"),
        ("delete from audit", 1, "rows 1 to 5 are missing"),
        ("insert into audit select 6, at, who, action, subject, null, null, null, hash, hash from audit "
         "where sequence = 5", 6, "was altered"),
        ("update audit set sequence = case sequence when 2 then -3 else -2 end where sequence in (2, 3);"
         "update audit set sequence = -sequence where sequence < 0", 2, "was altered"),
        ("update audit set previous = repeat('a', 64) where sequence = 4", 4, "was altered"),
        ("delete from audit where sequence = 5; update audit_head set sequence = 4", 4, "another hash than was noted"),
    ],
)  # fmt: skip
async def test_what_a_superuser_does_is_found(pool: Any, tampering: str, sequence: int, differs: str) -> None:
    for number in range(1, 6):
        await add(pool, number)
    times = {row.sequence: row.at for row in await PostgresAudit(pool).page(10)}
    await pool.execute("alter table audit drop constraint if exists audit_sequence_check")
    await pool.execute(f"set local session_replication_role = replica; {tampering}")
    broken = (await verified(pool)).broken
    assert broken is not None
    assert broken.sequence == sequence and differs in broken.differs
    if "missing at" not in differs and sequence in times and "case" not in tampering and "interval" not in tampering:
        assert broken.at in (times[sequence], None)


async def test_a_row_made_anew_with_a_fitting_hash_is_found_by_the_next(pool: Any) -> None:
    for number in range(1, 5):
        await add(pool, number)
    before = await verified(pool)
    rows = await PostgresAudit(pool).page(10)
    forged = next(row for row in rows if row.sequence == 2).model_copy(update={"who": "ben"}).sealed()
    replica = "set local session_replication_role = replica"
    await pool.execute(f"{replica}; update audit set who = 'ben', hash = '{forged.hash}' where sequence = 2")
    broken = (await verified(pool)).broken
    assert broken is not None and broken.sequence == 3 and "row 2 as it is now" in broken.differs
    # The whole chain made anew holds by itself, and is found by a hash that was noted before.
    last = forged
    for row in [forged, *(each for each in reversed(rows) if each.sequence > 2)]:
        last = row if row is forged else row.model_copy(update={"previous": last.hash}).sealed()
        await pool.execute(
            f"{replica}; update audit set previous = '{last.previous}', hash = '{last.hash}' "
            f"where sequence = {row.sequence}; update audit_head set hash = '{last.hash}'"
        )
    assert (await verified(pool)).broken is None
    broken = (await verified(pool, before.head)).broken
    assert broken is not None and "another one" in broken.differs
    more = last.model_copy(update={"sequence": 5, "previous": last.hash}).sealed()
    await pool.execute(
        f"""insert into audit select 5, at, who, action, subject, content_id, before, after, hash, '{more.hash}'
            from audit where sequence = 4"""
    )
    broken = (await verified(pool)).broken
    assert broken is not None and broken.sequence == 5 and "something else" in broken.differs


async def test_pages_and_refusals(pool: Any) -> None:
    books = Books(pool, SecretStr(""))
    for number in range(5):
        await add(pool, number)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = await control.audit(books, limit=2, cursor=cursor)
        seen += [row.sequence for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [5, 4, 3, 2, 1]
    assert not (await control.audit(books, "no such\0thing")).rows
    with pytest.raises(InvalidInput, match="no cursor"):
        await control.audit(books, cursor="-1; drop")
    with pytest.raises(InvalidInput, match="beginning of a hash"):
        await control.verify(books, "xyz")


def _session() -> Any:
    from .filing import session

    return session()
